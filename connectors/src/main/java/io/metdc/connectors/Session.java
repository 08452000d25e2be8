package io.metdc.connectors;

import io.metdc.market.Consumed;
import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import io.metdc.market.Nanos;
import io.metdc.market.Plausibility;
import io.metdc.market.RejectReason;
import io.metdc.market.Rejected;
import io.metdc.market.Row;
import io.metdc.market.Trade;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// One connection to one market of an exchange, from handshake to goodbye. It never asks which exchange it serves:
/// what differs, the [Connector] says.
///
/// ```
/// socket ──bytes──▶ Wire (reader thread) ──message──▶ Connector.read ──row──▶ plausible? ──▶ Sink
///                                                          └── answers, notices ──▶ subscribe(), next()
/// ```
///
/// Its owner, usually a virtual thread, opens it, subscribes, and waits with [#next(Duration)] for what happens to
/// the connection; trades do not pass there. The reader thread does nothing but read, so that pings are answered in
/// time. Everything public may be called by any thread.
public final class Session implements AutoCloseable {
    /// How much of an unreadable message is kept, in characters.
    public static final int MAX_SAMPLE = 500;

    /// So many unreadable messages without a readable one between them end the session: this is no hiccup.
    static final int MAX_UNREADABLE_RUN = 1_000;

    private static final int MAX_EVENTS = 64;
    private static final int MAX_KINDS = 32;
    private static final Duration GOODBYE = Duration.ofSeconds(1);

    private final Connector connector;
    private final Limits limits;
    private final Instruments instruments;
    private final Sink sink;
    private final @Nullable FrameTap tap;
    private final InstantSource clock;
    private final Pace pace;
    private final Wire wire;
    private final Frame frame = new Frame(); // the reader's
    private int unreadableRun; // the reader's

    private final Object lock = new Object();
    private final Queue<Event> events = new ArrayDeque<>(); // these under the lock
    private final Map<Long, Asked> unanswered = new HashMap<>();
    private final Map<String, Counts.Unreadable> unreadable = new HashMap<>();
    private @Nullable Failure end;
    private long lastNumber;

    private final LongAdder frames = new LongAdder();
    private final LongAdder trades = new LongAdder();
    private final LongAdder consumed = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final LongAdder ignored = new LongAdder();
    private volatile @Nullable Rejected firstRejected;
    private volatile long lastFrameAtNanos;
    private volatile long lastTradeAtNanos;

    /// A request on its way.
    private static final class Asked {
        final Request request;
        boolean acknowledged;

        @Nullable
        Failure refusal;

        Asked(Request request) {
            this.request = request;
        }

        boolean isAnswered() {
            return acknowledged || refusal != null;
        }
    }

    private Session(
            String name,
            Connector connector,
            URI websocketUrl,
            Network network,
            Instruments instruments,
            Sink sink,
            InstantSource clock,
            @Nullable FrameTap tap) {
        this.connector = connector;
        this.instruments = instruments;
        this.sink = sink;
        this.clock = clock;
        this.tap = tap;
        limits = connector.limits();
        pace = new Pace(limits.clientFrames());
        wire = new Wire(name, connector.endpoint(websocketUrl), network, new Reader());
    }

    /// Connects; nothing is subscribed yet.
    ///
    /// @param name         of the session and its thread: `binance-spot-1`
    /// @param websocketUrl as configured
    /// @param instruments  what the symbols in the messages mean
    /// @param sink         takes the rows, on the session's reader thread
    /// @param clock        ours, for the time of receipt
    /// @param tap          sees every message before it is read; null for none
    public static Session open(
            String name,
            Connector connector,
            URI websocketUrl,
            Network network,
            Instruments instruments,
            Sink sink,
            InstantSource clock,
            @Nullable FrameTap tap)
            throws FeedException, InterruptedException {
        var session = new Session(name, connector, websocketUrl, network, instruments, sink, clock, tap);
        session.wire.connect();
        return session;
    }

    /// Subscribes at the pace the exchange allows, and waits until every request is answered.
    ///
    /// @return what was accepted and what was refused
    /// @throws FeedException when the connection ends, or an answer does not come in time
    public Subscribed subscribe(List<Instrument> wanted) throws FeedException, InterruptedException {
        return ask("subscribe", wanted, connector::subscribe);
    }

    /// Ends subscriptions, like [#subscribe(List)].
    public Subscribed unsubscribe(List<Instrument> unwanted) throws FeedException, InterruptedException {
        return ask("unsubscribe", unwanted, connector::unsubscribe);
    }

    private Subscribed ask(String what, List<Instrument> wanted, Request.Writer writer)
            throws FeedException, InterruptedException {
        List<Asked> asked = new ArrayList<>();
        synchronized (lock) {
            for (Request request : Request.cut(limits, wanted, lastNumber + 1, writer)) {
                asked.add(new Asked(request));
            }
            lastNumber += asked.size();
        }
        try {
            for (Asked one : asked) {
                pace.await();
                synchronized (lock) {
                    throwIfEnded();
                    unanswered.put(one.request.number(), one);
                }
                wire.send(one.request.text());
            }
            awaitAnswers(what, asked);
        } finally {
            synchronized (lock) {
                asked.forEach(one -> unanswered.remove(one.request.number()));
            }
        }
        return result(asked);
    }

    private void awaitAnswers(String what, List<Asked> asked) throws FeedException, InterruptedException {
        long deadline = System.nanoTime() + limits.acknowledgement().toNanos();
        synchronized (lock) {
            while (asked.stream().anyMatch(one -> !one.isAnswered())) {
                throwIfEnded();
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    throw new FeedException(new Failure.Recoverable(missing(what, asked)));
                }
                TimeUnit.NANOSECONDS.timedWait(lock, left);
            }
        }
    }

    private String missing(String what, List<Asked> asked) {
        List<Asked> answered = asked.stream().filter(Asked::isAnswered).toList();
        return "%s: %d of %d %s requests acknowledged within %s, %d of %d instruments"
                .formatted(
                        wire.where(),
                        answered.size(),
                        asked.size(),
                        what,
                        limits.acknowledgement(),
                        instruments(answered),
                        instruments(asked));
    }

    private static int instruments(List<Asked> asked) {
        return asked.stream().mapToInt(one -> one.request.instruments().size()).sum();
    }

    private Subscribed result(List<Asked> asked) {
        List<Instrument> accepted = new ArrayList<>();
        List<Subscribed.Refusal> refused = new ArrayList<>();
        synchronized (lock) {
            for (Asked one : asked) {
                if (one.refusal == null) {
                    accepted.addAll(one.request.instruments());
                } else {
                    refused.add(new Subscribed.Refusal(one.request.instruments(), one.refusal));
                }
            }
        }
        return new Subscribed(accepted, refused);
    }

    /// Waits for something to happen to the connection.
    ///
    /// @return what happened, or null when nothing did in the time given
    /// @throws FeedException when the connection has ended, or nothing at all arrived for as long as the limits
    ///                       allow
    public @Nullable Event next(Duration timeout) throws FeedException, InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        long left;
        do {
            long untilSilent = wire.lastArrival() + limits.silence().toNanos() - System.nanoTime();
            if (untilSilent <= 0) {
                wire.abort(new Failure.Recoverable(wire.where() + ": nothing arrived for " + limits.silence()));
            }
            synchronized (lock) {
                Event event = events.poll();
                if (event != null) {
                    return event;
                }
                throwIfEnded();
                left = deadline - System.nanoTime();
                if (left > 0) {
                    TimeUnit.NANOSECONDS.timedWait(lock, Math.min(left, untilSilent));
                }
            }
        } while (left > 0);
        return null;
    }

    /// What was seen so far.
    public Counts counts() {
        Map<String, Counts.Unreadable> kinds;
        synchronized (lock) {
            kinds = Map.copyOf(unreadable);
        }
        return new Counts(
                frames.sum(),
                trades.sum(),
                consumed.sum(),
                rejected.sum(),
                ignored.sum(),
                kinds,
                lastFrameAtNanos,
                lastTradeAtNanos);
    }

    /// The first row that was rejected, as a sample; null when none was.
    public @Nullable Rejected firstRejected() {
        return firstRejected;
    }

    /// Says goodbye and takes the connection down, within about two seconds whatever the other side does. No row is
    /// handed on after this returned.
    @Override
    public void close() {
        wire.close(GOODBYE);
    }

    private void throwIfEnded() throws FeedException {
        if (end != null) {
            throw new FeedException(end);
        }
    }

    /// Hears the connection, on its reader thread.
    private final class Reader implements Wire.Listener {
        @Override
        public void message(byte[] bytes, int offset, int length) {
            long now = Nanos.of(clock.instant());
            frames.increment();
            lastFrameAtNanos = now;
            try {
                if (tap != null) {
                    tap.accept(bytes, offset, length, now);
                }
                take(connector.read(frame.set(bytes, offset, length, now), instruments));
            } catch (SinkFailure e) {
                wire.abort(new Failure.Recoverable(wire.where() + ": the rows are not taken", e.getCause()));
            } catch (RuntimeException | StackOverflowError e) { // a message must never end the session
                unreadable("failed: " + e.getClass().getSimpleName());
            }
        }

        @Override
        public void ping() {
            pace.count(System.nanoTime()); // the pong counts as a frame of ours
        }

        @Override
        public void ended(Failure failure) {
            synchronized (lock) {
                end = failure;
                lock.notifyAll();
            }
        }
    }

    private void take(Message message) {
        if (!(message instanceof Message.Unreadable)) {
            unreadableRun = 0;
        }
        switch (message) {
            case Message.Rows rows -> rows.rows().forEach(this::take);
            case Message.Acknowledged acknowledged -> answered(acknowledged.request(), null);
            case Message.Refused refused -> answered(refused.request(), refused.failure());
            case Message.Closing closing -> happened(new Event.Closing(closing.why()));
            case Message.Ignored _ -> ignored.increment();
            case Message.Unreadable nobody -> unreadable(nobody.why());
        }
    }

    private void take(Row row) {
        Row taken = row;
        if (row instanceof Consumed gone && !Plausibility.isPlausible(gone.executedAtNanos(), gone.receivedAtNanos())) {
            taken = new Consumed( // its number counts all the same
                    gone.instrument(), gone.sequence(), gone.receivedAtNanos(), gone.receivedAtNanos(), gone.reason());
        }
        if (row instanceof Trade trade) {
            RejectReason reason = Plausibility.check(trade, trade.receivedAtNanos());
            if (reason != null) {
                taken = Rejected.of(trade, reason, reason.id());
            }
        }
        switch (taken) {
            case Trade trade -> {
                trades.increment();
                lastTradeAtNanos = trade.receivedAtNanos();
            }
            case Consumed _ -> consumed.increment();
            case Rejected refused -> {
                rejected.increment();
                if (firstRejected == null) {
                    firstRejected = refused;
                }
            }
        }
        try {
            sink.accept(taken);
        } catch (RuntimeException e) {
            throw new SinkFailure(e);
        }
    }

    /// An answer came: an acknowledgement, or a refusal, which some exchanges send without saying of what.
    private void answered(long number, @Nullable Failure refusal) {
        synchronized (lock) {
            Asked asked = unanswered.get(number);
            if (asked == null && number == Message.Refused.NO_REQUEST && unanswered.size() == 1) {
                asked = unanswered.values().iterator().next();
            }
            if (asked != null && !asked.isAnswered()) {
                asked.acknowledged = refusal == null;
                asked.refusal = refusal;
                lock.notifyAll();
            } else if (asked == null && refusal != null) {
                happened(new Event.Refused(refusal));
            }
        }
    }

    private void happened(Event event) {
        synchronized (lock) {
            if (events.size() < MAX_EVENTS) {
                events.add(event);
                lock.notifyAll();
            }
        }
    }

    private void unreadable(String why) {
        synchronized (lock) {
            Counts.Unreadable known = unreadable.get(why);
            if (known != null) {
                unreadable.put(why, new Counts.Unreadable(known.count() + 1, known.sample()));
            } else if (unreadable.size() < MAX_KINDS) {
                unreadable.put(why, new Counts.Unreadable(1, frame.sample(MAX_SAMPLE)));
            }
        }
        if (++unreadableRun >= MAX_UNREADABLE_RUN) {
            wire.abort(new Failure.Recoverable(
                    wire.where() + ": " + unreadableRun + " messages in a row that nobody can read: " + why));
        }
    }

    /// The sink failed: that is ours, not the message's.
    private static final class SinkFailure extends RuntimeException {
        private static final long serialVersionUID = 1L;

        SinkFailure(RuntimeException cause) {
            super(cause);
        }
    }
}

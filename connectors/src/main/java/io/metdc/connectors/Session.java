package io.metdc.connectors;

import io.metdc.market.Consumed;
import io.metdc.market.DisconnectCause;
import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import io.metdc.market.Nanos;
import io.metdc.market.Origin;
import io.metdc.market.Plausibility;
import io.metdc.market.RejectReason;
import io.metdc.market.Rejected;
import io.metdc.market.Row;
import io.metdc.market.Trade;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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

    /// So many trades in another time unit than those before them, with none of the old unit between them, are no stray
    /// ones: the stream has changed.
    static final int MAX_STRAY_RUN = 100;

    /// That no trade was received since it was asked last.
    public static final long NO_LEAD = Long.MIN_VALUE;

    private static final int MAX_EVENTS = 64;
    private static final int MAX_KINDS = 32;
    private static final Duration GOODBYE = Duration.ofSeconds(1);

    private final Connector connector;
    private final Limits limits;
    private final Instruments instruments;
    private final Sink sink;
    private final @Nullable FrameTap tap;
    private final InstantSource clock;
    private final Endpoint endpoint;
    private final Pace pace;
    private final Wire wire;
    private final Requests requests;
    private final Thread heartbeat;
    private final Occurrences occurrences = Occurrences.ofConnection(); // the reader's
    private final Set<Instrument> delivered = ConcurrentHashMap.newKeySet(); // where the last trade may come again
    private volatile long askedAtNanos;
    private volatile long subscribedAt; // by System.nanoTime, 0 before
    private final Frame frame = new Frame(); // the reader's
    private int unreadableRun; // the reader's
    private int strayRun; // the reader's
    private volatile Connector reading; // the connector, or its fallback; written by the reader

    private final Object lock = new Object();
    private final Queue<Event> events = new ArrayDeque<>(); // these under the lock
    private final Map<String, Counts.Unreadable> unreadable = new HashMap<>();
    private @Nullable Failure end;
    private boolean greeted;
    private boolean woken;

    private final LongAdder frames = new LongAdder();
    private final LongAdder trades = new LongAdder();
    private final LongAdder consumed = new LongAdder();
    private final LongAdder rejected = new LongAdder();
    private final LongAdder ignored = new LongAdder();
    private volatile @Nullable Rejected firstRejected;
    private volatile long lastFrameAtNanos;
    private volatile long lastTradeAtNanos;
    private volatile long greatestLead = NO_LEAD; // grown by the reader alone

    private Session(
            String name,
            Connector connector,
            Endpoint endpoint,
            Network network,
            Instruments instruments,
            Sink sink,
            InstantSource clock,
            @Nullable FrameTap tap) {
        this.connector = connector;
        reading = connector;
        this.instruments = instruments;
        this.sink = sink;
        this.clock = clock;
        this.tap = tap;
        this.endpoint = endpoint;
        limits = connector.limits();
        pace = new Pace(limits.clientFrames());
        wire = new Wire(name, endpoint, network, Classification.of(connector, clock), new Reader());
        requests = new Requests(connector, pace, wire, clock);
        heartbeat = Thread.ofVirtual().name(name + "-heartbeat").unstarted(this::beat);
    }

    /// Connects; nothing is subscribed yet.
    ///
    /// @param name         of the session and its thread: `binance-spot-1`
    /// @param endpoint     as the connector has it
    /// @param instruments  what the symbols in the messages mean
    /// @param sink         takes the rows, on the session's reader thread
    /// @param clock        ours, for the time of receipt
    /// @param tap          sees every message before it is read; null for none
    public static Session open(
            String name,
            Connector connector,
            Endpoint endpoint,
            Network network,
            Instruments instruments,
            Sink sink,
            InstantSource clock,
            @Nullable FrameTap tap)
            throws FeedException, InterruptedException {
        var session = new Session(name, connector, endpoint, network, instruments, sink, clock, tap);
        session.wire.connect();
        try {
            session.awaitGreeting();
        } catch (FeedException | InterruptedException | RuntimeException e) {
            session.close();
            throw e;
        }
        if (endpoint.heartbeat().isPositive()) {
            session.heartbeat.start();
        }
        return session;
    }

    private void awaitGreeting() throws FeedException, InterruptedException {
        long deadline = System.nanoTime() + limits.acknowledgement().toNanos();
        synchronized (lock) {
            while (connector.greets() && !greeted) {
                throwIfEnded();
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    throw new FeedException(new Failure.Recoverable(wire.where() + ": no word that it is ready within "
                            + Nanos.words(limits.acknowledgement())));
                }
                TimeUnit.NANOSECONDS.timedWait(lock, left);
            }
        }
    }

    private void beat() {
        try {
            while (true) {
                Thread.sleep(endpoint.heartbeat());
                pace.await();
                wire.send(connector.heartbeat(clock.instant()));
            }
        } catch (InterruptedException | FeedException _) {
            // the end, of which the owner hears by itself
        }
    }

    /// Subscribes at the pace the exchange allows, and waits until every request is answered. Instruments that were
    /// refused together with another one are asked for again without it.
    ///
    /// @return what was accepted and what was refused
    /// @throws FeedException when the connection ends, or an answer does not come in time although it was asked for
    ///                       twice
    public Subscribed subscribe(List<Instrument> wanted) throws FeedException, InterruptedException {
        askedAtNanos = Nanos.of(clock.instant());
        wanted.forEach(delivered::remove);
        Subscribed answer = requests.subscribe(wanted);
        subscribedAt = System.nanoTime();
        return answer;
    }

    /// Ends subscriptions, like [#subscribe(List)].
    public Subscribed unsubscribe(List<Instrument> unwanted) throws FeedException, InterruptedException {
        return requests.unsubscribe(unwanted);
    }

    /// Subscribes an instrument anew, which brings a mute one back.
    public Subscribed refresh(Instrument instrument) throws FeedException, InterruptedException {
        requests.unsubscribe(List.of(instrument));
        return subscribe(List.of(instrument));
    }

    /// Waits for something to happen to the connection.
    ///
    /// @return what happened, or null when nothing did in the time given or before [#wake()]
    /// @throws FeedException when the connection has ended, or nothing at all arrived for as long as the limits
    ///                       allow
    public @Nullable Event next(Duration timeout) throws FeedException, InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        long left;
        do {
            long untilSilent = wire.lastArrival() + endpoint.silence().toNanos() - System.nanoTime();
            if (untilSilent <= 0) {
                wire.abort(new Failure.Recoverable(
                        wire.where() + ": nothing arrived for " + Nanos.words(endpoint.silence()),
                        DisconnectCause.SILENT));
            }
            synchronized (lock) {
                Event event = events.poll();
                if (event != null) {
                    return event;
                }
                throwIfEnded();
                if (woken) {
                    woken = false;
                    return null;
                }
                left = deadline - System.nanoTime();
                if (left > 0) {
                    TimeUnit.NANOSECONDS.timedWait(lock, Math.min(left, untilSilent));
                }
            }
        } while (left > 0);
        return null;
    }

    /// Lets who waits with [#next(Duration)], or does so next, go on at once.
    public void wake() {
        synchronized (lock) {
            woken = true;
            lock.notifyAll();
        }
    }

    /// For how long the last subscription has been acknowledged; zero before, and when it has ended.
    public Duration subscribedFor() {
        synchronized (lock) {
            return end != null || subscribedAt == 0
                    ? Duration.ZERO
                    : Duration.ofNanos(System.nanoTime() - subscribedAt);
        }
    }

    /// By how much the time of a trade was after that of its receipt at most, in nanoseconds, since this was asked
    /// last: negative while the clocks agree. [#NO_LEAD] when none was received.
    public long takeLead() {
        long lead = greatestLead;
        greatestLead = NO_LEAD;
        return lead;
    }

    /// What is subscribed.
    public List<Instrument> subscribed() {
        return requests.subscribed();
    }

    /// Whether the connection has ended.
    public boolean hasEnded() {
        synchronized (lock) {
            return end != null;
        }
    }

    /// Ends the connection for this reason, which its owner hears of like of any other.
    public void end(Failure reason) {
        wire.abort(reason);
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

    /// What the messages are read by: the connector that the session was opened with, or its fallback since the stream
    /// turned out to keep to another time unit.
    public Connector connector() {
        return reading;
    }

    /// The first row that was rejected, as a sample; null when none was.
    public @Nullable Rejected firstRejected() {
        return firstRejected;
    }

    /// Says goodbye and takes the connection down, within about two seconds whatever the other side does. No row is
    /// handed on after this returned.
    @Override
    public void close() {
        heartbeat.interrupt();
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
                take(inItsOwnTimeUnit(reading.read(frame.set(bytes, offset, length, now), instruments)));
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
            heartbeat.interrupt();
            requests.ended(failure);
            synchronized (lock) {
                end = failure;
                lock.notifyAll();
            }
        }
    }

    /// The stream leads: where it keeps to another time unit than was asked for, it is read in that one, beginning with
    /// this message.
    private Message inItsOwnTimeUnit(Message message) {
        if (!isInAnotherTimeUnit(message)) {
            return message;
        }
        Connector other = reading.fallback();
        if (other == null) {
            if (!reading.equals(connector)) {
                wire.abort(new Failure.Recoverable(
                        wire.where() + ": times in two time units on one connection", DisconnectCause.UNREADABLE));
            }
            return message;
        }
        if (trades.sum() > 0 && ++strayRun < MAX_STRAY_RUN) {
            return message;
        }
        reading = other;
        happened(new Event.OtherTimeUnit(other));
        return other.read(frame, instruments);
    }

    private static boolean isInAnotherTimeUnit(Message message) {
        if (message instanceof Message.Rows rows) {
            for (Row row : rows.rows()) {
                if (row instanceof Rejected rejected && rejected.reason() == RejectReason.TIME_UNIT) {
                    return true;
                }
            }
        }
        return false;
    }

    private void take(Message message) {
        if (!(message instanceof Message.Unreadable)) {
            unreadableRun = 0;
        }
        switch (message) {
            case Message.Rows rows -> rows.rows().forEach(this::take);
            case Message.Unnumbered unnumbered -> occurrences.take(unnumbered).forEach(this::take);
            case Message.Acknowledged acknowledged -> requests.acknowledged(acknowledged.request());
            case Message.Named named -> {
                if (connector.replaces()) {
                    requests.listed(named.instruments());
                } else {
                    requests.named(named.instruments());
                }
            }
            case Message.Refused refused -> refused(refused);
            case Message.Greeting _ -> greeted();
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
        if (taken instanceof Trade trade) {
            taken = placed(trade);
            RejectReason reason = Plausibility.check(trade, trade.receivedAtNanos());
            if (reason != null) {
                taken = Rejected.of(trade, reason, reason.id());
            }
        }
        switch (taken) {
            case Trade trade -> {
                trades.increment();
                strayRun = 0;
                lastTradeAtNanos = trade.receivedAtNanos();
                lead(trade);
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

    private void lead(Trade trade) {
        long lead = trade.executedAtNanos() - trade.receivedAtNanos();
        if (lead > greatestLead && trade.origin() == Origin.STREAM) {
            greatestLead = lead;
        }
    }

    /// Where the last trade of the past comes unmarked, it is known by its time; and where nothing else acknowledges
    /// a subscription, a trade of the past does.
    private Trade placed(Trade trade) {
        boolean again =
                connector.repeatsLast() && delivered.add(trade.instrument()) && trade.executedAtNanos() < askedAtNanos;
        if (trade.origin() == Origin.SNAPSHOT && connector.replaces()) {
            requests.named(List.of(trade.instrument()));
        }
        return again ? trade.withOrigin(Origin.SNAPSHOT) : trade;
    }

    private void refused(Message.Refused refused) {
        if (refused.blame() instanceof Blame.Connection || !isReady()) { // nothing else was asked for yet
            wire.abort(refused.failure());
        } else if (!requests.refused(refused.request(), refused.failure(), refused.blame())) {
            happened(new Event.Refused(refused.failure()));
        }
    }

    private boolean isReady() {
        synchronized (lock) {
            return greeted || !connector.greets();
        }
    }

    private void greeted() {
        synchronized (lock) {
            greeted = true;
            lock.notifyAll();
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
                    wire.where() + ": " + unreadableRun + " messages in a row that nobody can read: " + why,
                    DisconnectCause.UNREADABLE));
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

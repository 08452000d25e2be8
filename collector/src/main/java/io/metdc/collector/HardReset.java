package io.metdc.collector;

import io.metdc.completeness.Pulse;
import io.metdc.market.DisconnectCause;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.Nanos;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Replaces every connection of a market before it is old, one at a time, and those that are about to end. The
/// successor delivers before the old one is closed, so that there is no hole; what comes on both is stored once.
///
/// ```
/// old        ───────────────────────────────────────┤ retired
/// successor            connect ─ subscribe ─┤ every instrument that trades on the old one was seen here, too
///                                           └─ or a minute in which nothing speaks against it
/// ```
///
/// A successor that does not get there is given up, the old connection stays, and it is tried again. One virtual
/// thread.
final class HardReset implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(HardReset.class);

    /// What has to be done to the connections.
    interface Connections {
        /// Begins a successor of this one, for the same instruments.
        ///
        /// @return null when there is no such connection any more
        @Nullable
        SafeWorker begin(SafeWorker old) throws InterruptedException;

        /// One of the two has taken over; the other is not needed any more.
        void end(SafeWorker over, DisconnectCause cause);
    }

    /// How long is waited for what.
    ///
    /// @param every   how old a connection gets
    /// @param start   until a successor has subscribed everything
    /// @param least   of the overlap, so that what trades has the time to
    /// @param overlap until nothing speaks against it, though not every instrument was seen on it
    /// @param late    so long after the old one the successor may give an instrument
    /// @param again   after a failure
    record Times(Duration every, Duration start, Duration least, Duration overlap, Duration late, Duration again) {
        static Times usual(Duration every) {
            return new Times(
                    every,
                    Duration.ofSeconds(60),
                    shorter(every.dividedBy(100), Duration.ofSeconds(10)),
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(5),
                    shorter(every.dividedBy(4), Duration.ofMinutes(1)));
        }

        /// Overlaps begin so much earlier than the connection is too old.
        Duration margin() {
            return shorter(overlap, every.dividedBy(10));
        }

        private static Duration shorter(Duration one, Duration other) {
            return one.compareTo(other) < 0 ? one : other;
        }
    }

    private static final Duration LOOK = Duration.ofMillis(50);
    private static final Duration STOPPED = Duration.ofSeconds(10);
    private static final int MOST_REQUESTS = 1_000;

    private final Market market;
    private final Times times;
    private final Supplier<List<SafeWorker>> workers;
    private final Predicate<Instrument> near;
    private final Connections connections;
    private final InstantSource clock;
    private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>(MOST_REQUESTS);
    private final Map<SafeWorker, Long> notBefore = new HashMap<>(); // after a failure; ticks
    private long lastBegun = System.nanoTime();
    private final AtomicLong done = new AtomicLong();

    /// @param isUrgent whether the old one may be gone soon
    private record Request(SafeWorker worker, String why, boolean isUrgent) {}

    /// @param near whether nothing of an instrument is to be disturbed just now
    HardReset(
            Market market,
            Times times,
            Supplier<List<SafeWorker>> workers,
            Predicate<Instrument> near,
            Connections connections,
            InstantSource clock) {
        this.market = market;
        this.times = times;
        this.workers = workers;
        this.near = near;
        this.connections = connections;
        this.clock = clock;
    }

    /// Replaces a connection as soon as the one at hand is done with. Returns at once; any thread may call it.
    void request(SafeWorker worker, String why) {
        Request request = new Request(worker, why, true);
        if (requests.stream().noneMatch(one -> one.worker == worker)) {
            requests.offer(request); // one that finds no room is asked for again
        }
    }

    /// How many connections were replaced.
    long done() {
        return done.get();
    }

    @Override
    public void run() {
        try {
            while (true) {
                Request next = requests.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS);
                try {
                    if (next == null) {
                        next = due();
                    }
                    if (next != null) {
                        replace(next);
                    }
                } catch (RuntimeException | Error e) { // a bug of ours must not end the resets
                    log.error("{}: a connection cannot be replaced; going on", market, e);
                }
            }
        } catch (InterruptedException _) {
            // the only stop signal
        }
    }

    /// The oldest one when its turn has come. The turns are spread over the time, so that none gets too old and no
    /// two come together.
    private @Nullable Request due() {
        List<SafeWorker> all = workers.get();
        notBefore.keySet().retainAll(all);
        if (all.isEmpty()) {
            return null;
        }
        long now = System.nanoTime();
        Duration turn = times.every.minus(times.margin()).dividedBy(all.size());
        if (now - lastBegun < turn.toNanos()) {
            return null;
        }
        SafeWorker oldest = null;
        long age = 0;
        for (SafeWorker worker : all) {
            Long subscribed = worker.subscribedTicks();
            boolean waits = now - notBefore.getOrDefault(worker, now) < 0;
            if (subscribed != null
                    && !waits
                    && now - subscribed > age
                    && worker.wanted().stream().noneMatch(near)) {
                oldest = worker;
                age = now - subscribed;
            }
        }
        return oldest == null || age < turn.toNanos()
                ? null
                : new Request(oldest, "it is " + Duration.ofNanos(age).toSeconds() + " s old", false);
    }

    private void replace(Request request) throws InterruptedException {
        SafeWorker old = request.worker;
        long begun = System.nanoTime();
        SafeWorker successor = connections.begin(old);
        if (successor == null) {
            notBefore.put(old, begun + times.again.toNanos());
            return;
        }
        Outcome outcome = Outcome.failed("it was interrupted");
        try {
            outcome = overlap(old, successor, request.isUrgent ? Duration.ZERO : times.least);
            if (outcome.failure == null) {
                lastBegun = begun;
                done.incrementAndGet();
                log.info(
                        "{} was replaced after {} ms, since {}",
                        old.name(),
                        Duration.ofNanos(System.nanoTime() - begun).toMillis(),
                        request.why);
            } else {
                notBefore.put(old, System.nanoTime() + times.again.toNanos());
                log.warn("{} stays, its successor is given up: {}", old.name(), outcome.failure);
            }
        } finally {
            SafeWorker over = outcome.failure == null ? old : successor;
            connections.end(over, outcome.cause);
            awaitStopped(over); // the exchange counts it until then
        }
    }

    private static void awaitStopped(SafeWorker over) throws InterruptedException {
        long deadline = System.nanoTime() + STOPPED.toNanos();
        while (over.status().state() != WorkerStatus.State.STOPPED && System.nanoTime() - deadline < 0) {
            Thread.sleep(LOOK);
        }
    }

    /// How an overlap ended.
    ///
    /// @param failure why the successor has not taken over; null when it has
    /// @param cause   of the end of the one that is not needed any more
    private record Outcome(@Nullable String failure, DisconnectCause cause) {
        static final Outcome TAKEN_OVER = new Outcome(null, DisconnectCause.REPLACED);

        /// The old one gave nothing any more.
        static final Outcome TAKEN_OVER_FROM_THE_DEAD = new Outcome(null, DisconnectCause.STALLED);

        static Outcome failed(String why) {
            return new Outcome(why, DisconnectCause.ASKED_TO_STOP);
        }
    }

    /// Waits until the successor has taken over.
    ///
    /// @param least how long both deliver at least
    private Outcome overlap(SafeWorker old, SafeWorker successor, Duration least) throws InterruptedException {
        long deadline = System.nanoTime() + times.start.toNanos();
        while (successor.carrying() == null) {
            if (System.nanoTime() - deadline > 0) {
                return Outcome.failed("it has not subscribed after " + Nanos.words(times.start));
            }
            switch (successor.status().state()) {
                case BACKING_OFF, COOLING_DOWN, BANNED, STOPPED -> {
                    return Outcome.failed("it cannot connect: see above");
                }
                case WAITING_FOR_ROOM, CONNECTING, SUBSCRIBING, DELIVERING -> Thread.sleep(LOOK);
            }
        }
        long begin = Nanos.of(clock.instant());
        long begun = System.nanoTime();
        Map<Instrument.Key, Long> missing = new HashMap<>(); // on the successor, since when; ticks
        while (true) {
            Carrying before = old.carrying();
            Carrying after = successor.carrying();
            if (after == null) {
                return Outcome.failed("it broke off");
            }
            if (before == null) {
                return Outcome.TAKEN_OVER; // the old one is gone, and has said so
            }
            boolean isHere = false;
            boolean isThere = false;
            long now = System.nanoTime();
            for (Instrument instrument : before.since().keySet()) {
                boolean traded = before.lastNanos(instrument) > begin;
                isHere |= traded;
                isThere |= after.lastNanos(instrument) > begin;
                if (traded && !isLevel(before.pulse(instrument), after.pulse(instrument))) {
                    missing.putIfAbsent(instrument.key(), now);
                } else {
                    missing.remove(instrument.key());
                }
            }
            long gone = now - begun;
            boolean isDead = isThere && !isHere; // or its trade comes in a moment
            if (isThere && missing.isEmpty() && gone >= (isDead ? times.late : least).toNanos()) {
                return isDead ? Outcome.TAKEN_OVER_FROM_THE_DEAD : Outcome.TAKEN_OVER;
            }
            if (gone >= times.overlap.toNanos()) {
                return afterAll(missing, now);
            }
            Thread.sleep(LOOK);
        }
    }

    /// Whether the successor has what the old one has, or came after it. The two do not come at the same moment, so
    /// that the first of the overlap may have come on the successor just before it began.
    private static boolean isLevel(@Nullable Pulse before, @Nullable Pulse after) {
        return before == null || (after != null && after.executedNanos() >= before.executedNanos());
    }

    private Outcome afterAll(Map<Instrument.Key, Long> missing, long now) {
        long late = now - times.late.toNanos();
        List<String> contradicting = missing.entrySet().stream()
                .filter(one -> one.getValue() < late)
                .map(one -> one.getKey().symbol())
                .sorted()
                .toList();
        return contradicting.isEmpty()
                ? Outcome.TAKEN_OVER
                : Outcome.failed(contradicting.size() + " instruments trade on the old one and not on the new one,"
                        + " the first " + contradicting.getFirst());
    }
}

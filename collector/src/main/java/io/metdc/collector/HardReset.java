package io.metdc.collector;

import io.metdc.market.DisconnectCause;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.Nanos;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
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
                } catch (RuntimeException e) { // a bug of ours must not end the resets
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
        lastBegun = System.nanoTime();
        SafeWorker successor = connections.begin(old);
        if (successor == null) {
            return;
        }
        boolean isDone = false;
        try {
            String failure = overlap(old, successor, request.isUrgent ? Duration.ZERO : times.least);
            isDone = failure == null;
            if (isDone) {
                done.incrementAndGet();
                log.info(
                        "{} was replaced after {} ms, since {}",
                        old.name(),
                        Duration.ofNanos(System.nanoTime() - lastBegun).toMillis(),
                        request.why);
            } else {
                notBefore.put(old, System.nanoTime() + times.again.toNanos());
                log.warn("{} stays, its successor is given up: {}", old.name(), failure);
            }
        } finally {
            connections.end(
                    isDone ? old : successor, isDone ? DisconnectCause.REPLACED : DisconnectCause.ASKED_TO_STOP);
        }
    }

    /// Waits until the successor has taken over.
    ///
    /// @param least how long both deliver at least
    /// @return why it has not; null when it has
    private @Nullable String overlap(SafeWorker old, SafeWorker successor, Duration least) throws InterruptedException {
        long deadline = System.nanoTime() + times.start.toNanos();
        while (!carriesAll(successor, old)) {
            if (System.nanoTime() - deadline > 0) {
                return "it has not subscribed everything after " + Nanos.words(times.start);
            }
            switch (successor.status().state()) {
                case BACKING_OFF, COOLING_DOWN, BANNED, STOPPED -> {
                    return "it cannot connect: see above";
                }
                case WAITING_FOR_ROOM, CONNECTING, SUBSCRIBING, DELIVERING -> Thread.sleep(LOOK);
            }
        }
        long begin = Nanos.of(clock.instant());
        long soonest = System.nanoTime() + least.toNanos();
        deadline = System.nanoTime() + times.overlap.toNanos();
        Map<Instrument.Key, Long> missing = new HashMap<>(); // since when; ticks
        while (true) {
            Carrying before = old.carrying();
            Carrying after = successor.carrying();
            if (after == null) {
                return "it broke off";
            }
            if (before == null) {
                return null; // the old one is gone
            }
            boolean traded = false;
            long now = System.nanoTime();
            for (Instrument instrument : before.since().keySet()) {
                boolean isHere = before.lastNanos(instrument) > begin;
                boolean isThere = after.lastNanos(instrument) > begin;
                traded |= isThere;
                if (isHere && !isThere) {
                    missing.putIfAbsent(instrument.key(), now);
                } else {
                    missing.remove(instrument.key());
                }
            }
            if (traded && missing.isEmpty() && now - soonest >= 0) {
                return null;
            }
            if (now - deadline > 0) {
                long late = now - times.late.toNanos();
                List<String> contradicting = missing.entrySet().stream()
                        .filter(one -> one.getValue() < late)
                        .map(one -> one.getKey().symbol())
                        .sorted()
                        .toList();
                return contradicting.isEmpty()
                        ? null
                        : contradicting.size() + " instruments trade on the old one and not on the new one, the first "
                                + contradicting.getFirst();
            }
            Thread.sleep(LOOK);
        }
    }

    private static boolean carriesAll(SafeWorker successor, SafeWorker old) {
        Carrying after = successor.carrying();
        Carrying before = old.carrying();
        return after != null && (before == null || keys(after).containsAll(keys(before)));
    }

    private static Set<Instrument.Key> keys(Carrying carrying) {
        return carrying.since().keySet().stream().map(Instrument::key).collect(Collectors.toSet());
    }
}

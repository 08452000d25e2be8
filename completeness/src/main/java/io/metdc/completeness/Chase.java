package io.metdc.completeness;

import io.metdc.connectors.FeedException;
import io.metdc.connectors.Reach;
import io.metdc.connectors.RestClient;
import io.metdc.connectors.Stretch;
import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.Row;
import io.metdc.storage.journal.Entry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks, in a market whose REST has the newest trades alone, for what a hole lacks as soon as the hole is journaled:
/// until it is in the database, which may be away or behind, REST may have forgotten it. What came of it is for
/// [Refill] to judge, which goes on from there.
///
/// One virtual thread, since the other one may be waiting for the database; interruption ends it. As many holes as
/// [#MOST] are chased, and remembered, at a time: [Refill] finds the others in the ledger.
final class Chase implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(Chase.class);

    static final int MOST = 10_000;

    /// So often an answer is asked for that may still hold what will soon be out of reach.
    private static final Duration AGAIN = Duration.ofMillis(500);

    private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);
    private static final int MOST_FAILURES = 10;

    /// No short history is longer.
    private static final Duration LONGEST = Duration.ofDays(1);

    private final Market market;
    private final Reach reach;
    private final RestClient rest;
    private final Intake intake;
    private final Predicate<Instrument> urgent;
    private final InstantSource clock;

    private final BlockingQueue<Chased> opened = new LinkedBlockingQueue<>();
    private final Set<Hole.Key> chasing = ConcurrentHashMap.newKeySet();
    private final Map<Hole.Key, Attempt> done = new ConcurrentHashMap<>();

    /// A hole that is asked for. Its times are those of [System#nanoTime()]: the clock may be set meanwhile.
    private static final class Chased {
        final Hole hole;
        final Attempt attempt;
        final long opened = System.nanoTime();
        long due = opened;
        int failures;
        boolean isOver;

        Chased(Hole hole) {
            this.hole = hole;
            this.attempt = new Attempt(hole);
        }
    }

    Chase(
            Market market,
            Reach reach,
            RestClient rest,
            Intake intake,
            Predicate<Instrument> urgent,
            InstantSource clock) {
        this.market = market;
        this.reach = reach;
        this.rest = rest;
        this.intake = intake;
        this.urgent = urgent;
        this.clock = clock;
    }

    /// A hole is journaled. The journal thread calls it.
    void opened(Entry.HoleOpened entry) {
        Hole hole = Hole.of(entry);
        boolean isRecent = hole.since().isAfter(clock.instant().minus(LONGEST)); // what is old may not be kept
        if (isRecent && !hole.wasReceived() && chasing.size() < MOST && chasing.add(hole.key())) {
            opened.add(new Chased(hole));
        }
    }

    /// Whether a hole is asked for at the moment, so that nobody else need.
    boolean isAfter(Hole.Key hole) {
        return chasing.contains(hole);
    }

    /// What was done about a hole, for whoever goes on; null when nothing was.
    @Nullable
    Attempt take(Hole.Key hole) {
        return done.remove(hole);
    }

    @Override
    public void run() {
        List<Chased> pending = new ArrayList<>();
        try (Ring ring = intake.openAsked(market + "-chase")) {
            while (true) {
                await(pending);
                Map<Instrument.Key, Long> received = intake.receivedOf();
                List<Chased> due = pending.stream()
                        .filter(one -> System.nanoTime() - one.due >= 0)
                        .sorted(Comparator.comparingInt((Chased one) -> urgent.test(one.hole.instrument()) ? 0 : 1)
                                .thenComparingLong(one -> -received.getOrDefault(
                                        one.hole.instrument().key(), 0L)))
                        .toList();
                for (Chased one : due) {
                    ask(one, ring);
                    if (!opened.isEmpty()) {
                        break; // a busier one may be among them
                    }
                }
                pending.removeIf(one -> one.isOver);
            }
        } catch (InterruptedException _) {
            // the only stop signal
        }
    }

    /// Waits until one is due.
    private void await(List<Chased> pending) throws InterruptedException {
        if (pending.isEmpty()) {
            pending.add(opened.take());
        }
        long next = pending.stream()
                .mapToLong(one -> one.due - System.nanoTime())
                .min()
                .orElse(0);
        Chased another = next > 0 ? opened.poll(next, TimeUnit.NANOSECONDS) : opened.poll();
        if (another != null) {
            pending.add(another);
            opened.drainTo(pending);
        }
    }

    private void ask(Chased one, Ring ring) throws InterruptedException {
        long settled = one.opened + Refill.LAG.toNanos(); // an answer from then on has all of it
        boolean isLast = System.nanoTime() - settled >= 0;
        try {
            one.attempt.ask(wanted(one.hole), one.hole::has, reach, rest, rows -> take(rows, ring), clock);
            long again = System.nanoTime() + AGAIN.toNanos();
            one.due = one.hole.isByIds() || again - settled > 0 ? settled : again;
        } catch (FeedException e) {
            log.debug("{}: could not be asked for yet", one.hole.instrument(), e);
            isLast = ++one.failures == MOST_FAILURES;
            switch (e.failure()) {
                case Failure.Ban ban -> Thread.sleep(ban.pause()); // of the address: asking may prolong it
                case Failure.Recoverable _ -> one.due = System.nanoTime() + AFTER_FAILURE.toNanos() * one.failures;
                case Failure.Fatal _ -> isLast = true;
            }
        } catch (RuntimeException | Error e) { // a bug of ours must not end the chase
            log.error("{}: a hole cannot be asked for; going on", one.hole.instrument(), e);
            one.attempt.askedAt = null; // half an answer proves nothing
            isLast = true;
        }
        if (isLast) {
            over(one);
        }
    }

    private static void take(List<Row> rows, Ring ring) throws InterruptedException {
        ring.awaitEmpty(); // what is live comes first, and nothing is turned away
        rows.forEach(ring::accept);
    }

    private void over(Chased one) {
        one.isOver = true;
        if (one.attempt.askedAt != null && done.size() < MOST) {
            done.put(one.hole.key(), one.attempt);
        }
        chasing.remove(one.hole.key());
    }

    /// One more on each side: what has both its neighbours in an answer and is not there itself does not exist.
    private static Stretch wanted(Hole hole) {
        return hole.isByIds()
                ? new Stretch(
                        hole.instrument(),
                        Math.max(Stretch.UNKNOWN, hole.fromId() - 2),
                        hole.toId() + 2,
                        hole.from() == null ? hole.since().minus(LONGEST) : hole.from(),
                        hole.until())
                : new Stretch(hole.instrument(), Stretch.UNKNOWN, Stretch.UNKNOWN, hole.since(), Instant.MAX);
    }
}

package io.metdc.completeness;

import io.metdc.connectors.FeedException;
import io.metdc.connectors.Instruments;
import io.metdc.connectors.Reach;
import io.metdc.connectors.RestClient;
import io.metdc.connectors.Stretch;
import io.metdc.market.Consumed;
import io.metdc.market.Failure;
import io.metdc.market.HoleOutcome;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.Nanos;
import io.metdc.market.Origin;
import io.metdc.market.Rejected;
import io.metdc.market.Row;
import io.metdc.market.Trade;
import io.metdc.storage.Database;
import io.metdc.storage.journal.Entry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Closes the holes of one market: looks in the database whether one is closed already, asks the exchange by REST for
/// what is missing, and enters what became of it.
///
/// ```
/// open hole ─▶ look: anything missing? ── no ─────────────────────────────────▶ refilled
///                 ▲        │ yes
///                 │        ▼
///          rows are stored ◀─ ask ─▶ what no answer has ─┬─ its neighbours are there ─▶ never_public
///                                                        ├─ beyond the history ───────▶ beyond_reach
///                                                        └─ no answer for a day ──────▶ outage
/// ```
///
/// Rows take the way of all others: a ring, the journal, the writer. One virtual thread, one question at a time, within
/// the market's limits; interruption ends it.
public final class Refill implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(Refill.class);

    /// How often it is looked for holes.
    private static final Duration LOOK = Duration.ofMillis(500);

    /// After so long the holes are read anew, since more urgent ones may have come.
    private static final Duration TURN = Duration.ofSeconds(1);

    /// What was done just before is not in an answer yet.
    static final Duration LAG = Duration.ofSeconds(2);

    /// When it is asked again for what an answer did not have, and what it reached.
    private static final List<Duration> PAUSES = List.of(
            Duration.ofSeconds(3),
            Duration.ofSeconds(5),
            Duration.ofSeconds(10),
            Duration.ofSeconds(30),
            Duration.ofMinutes(1),
            Duration.ofMinutes(5));

    /// Where history is whole, an answer that does not reach was a bad one: so often it is asked for again.
    private static final int WHOLE_TRIES = 5;

    /// A hole so old, whose exchange gave no answer for so long, will not be filled any more.
    private static final Duration OUTAGE_AGE = Duration.ofDays(1);

    private static final Duration OUTAGE = Duration.ofHours(1);

    private static final Duration BLOCKED = Duration.ofMinutes(5);
    private static final int MOST_PAGES = 200;
    private static final Duration DATABASE_AGAIN = Duration.ofSeconds(2);

    /// What a refill needs of the collector.
    ///
    /// @param instruments those of the market that are known; a hole of another one waits
    /// @param urgent      whether a listing needs an instrument's trades now
    /// @param database    where the ledger is, when it is there
    /// @param isStored    whether what was received before an instant, our clock, is in the database
    public record Surroundings(
            Instruments instruments,
            Predicate<Instrument> urgent,
            Supplier<Optional<Database>> database,
            Predicate<Instant> isStored) {}

    private final Market market;
    private final Reach reach;
    private final RestClient rest;
    private final Intake intake;
    private final Surroundings surroundings;
    private final InstantSource clock;

    private final Map<Hole.Key, Attempt> attempts = new HashMap<>();
    private final Map<HoleOutcome, Integer> closed = new EnumMap<>(HoleOutcome.class);
    private boolean inTrouble;

    /// What was done about a hole since the start.
    private static final class Attempt {
        final Reached reached;
        int unfruitful;
        int failures;
        long lastMissing = Long.MAX_VALUE;
        Instant due = Instant.MIN;

        @Nullable
        Instant askedAt; // and answered; null before that

        @Nullable
        Instant failingSince;

        boolean isClosed;

        Attempt(Hole hole) {
            reached = new Reached(hole.isByIds(), hole.isByIds() ? hole.toId() : Nanos.of(hole.until()));
        }
    }

    /// @param rest   asks within the market's limits; stays the caller's
    /// @param intake takes the rows, and what became of each hole
    public Refill(
            Market market,
            Reach reach,
            RestClient rest,
            Intake intake,
            Surroundings surroundings,
            InstantSource clock) {
        this.market = market;
        this.reach = reach;
        this.rest = rest;
        this.intake = intake;
        this.surroundings = surroundings;
        this.clock = clock;
    }

    @Override
    public void run() {
        try (Ring asked = intake.openAsked(market + "-refill");
                Ring missed = intake.openMissed(market + "-missed")) {
            while (true) {
                Thread.sleep(LOOK);
                Optional<Database> database = surroundings.database().get();
                if (database.isEmpty()) {
                    continue;
                }
                try (Connection connection = database.get().dataSource().getConnection()) {
                    Ledger ledger = new Ledger(connection);
                    if (inTrouble) {
                        inTrouble = false;
                        log.info("holes are filled again");
                    }
                    while (turn(ledger, asked, missed)) {
                        Thread.sleep(LOOK);
                    }
                } catch (SQLException e) {
                    if (!inTrouble) {
                        inTrouble = true;
                        log.warn("holes cannot be filled while the database is away: {}", e.getMessage());
                    }
                    Thread.sleep(DATABASE_AGAIN);
                } catch (RuntimeException e) { // a bug of ours must not end the filling
                    log.error("{}: a hole cannot be filled; going on", market, e);
                    Thread.sleep(DATABASE_AGAIN);
                }
            }
        } catch (InterruptedException _) {
            // the only stop signal
        }
    }

    /// Looks after the holes that are open, the most urgent ones first.
    ///
    /// @return true: the connection can be kept, since there are holes
    private boolean turn(Ledger ledger, Ring asked, Ring missed) throws SQLException, InterruptedException {
        List<Hole> holes = ledger.open(market, surroundings.instruments());
        Set<Hole.Key> open = new HashSet<>();
        holes.forEach(hole -> open.add(hole.key()));
        attempts.keySet().retainAll(open);
        Map<Instrument.Key, Long> received = reach.isWhole() ? Map.of() : intake.receivedOf();
        Instant begun = clock.instant();
        long end = System.nanoTime() + TURN.toNanos();
        for (Hole hole : holes.stream().sorted(byUrgency(received)).toList()) {
            Attempt attempt = attempts.computeIfAbsent(hole.key(), _ -> new Attempt(hole));
            if (!attempt.isClosed && !attempt.due.isAfter(begun)) {
                attend(ledger, hole.isByIds() || hole.wasReceived() ? missed : asked, hole, attempt);
            }
            if (System.nanoTime() - end >= 0) {
                break;
            }
        }
        say();
        return !holes.isEmpty();
    }

    /// What a listing needs comes first. Where only so many of the newest trades can be had, the busiest instrument's
    /// run out first; elsewhere the oldest hole is the next to be out of reach.
    private Comparator<Hole> byUrgency(Map<Instrument.Key, Long> received) {
        Comparator<Hole> urgent =
                Comparator.comparingInt(hole -> surroundings.urgent().test(hole.instrument()) ? 0 : 1);
        return reach.isWhole()
                ? urgent.thenComparing(Hole::openedAt)
                : urgent.thenComparingLong(
                        hole -> -received.getOrDefault(hole.instrument().key(), 0L));
    }

    private void attend(Ledger ledger, Ring ring, Hole hole, Attempt attempt)
            throws SQLException, InterruptedException {
        Instant askedAt = attempt.askedAt;
        if (askedAt != null && !surroundings.isStored().test(askedAt)) {
            return; // the answer is on its way into the database
        }
        if (hole.isByIds()) {
            attendByIds(ledger, ring, hole, attempt);
        } else {
            attendByTime(ledger, ring, hole, attempt);
        }
    }

    private void attendByIds(Ledger ledger, Ring ring, Hole hole, Attempt attempt)
            throws SQLException, InterruptedException {
        Missing missing = ledger.missing(hole);
        if (missing.isNothing()) {
            close(hole, attempt, HoleOutcome.REFILLED, hole.expected());
            return;
        }
        if (attempt.askedAt != null) {
            long found = hole.expected() - missing.count();
            if (missing.runs().stream().allMatch(attempt.reached::hasNeighbours)) {
                close(hole, attempt, HoleOutcome.NEVER_PUBLIC, found);
                return;
            }
            attempt.unfruitful = missing.count() < attempt.lastMissing ? 0 : attempt.unfruitful + 1;
            if (isHopeless(hole, attempt)) {
                close(hole, attempt, HoleOutcome.BEYOND_REACH, found);
                return;
            }
        }
        attempt.lastMissing = missing.count();
        // One more on each side: what has both its neighbours in an answer and is not there itself does not exist.
        ask(
                ledger,
                ring,
                hole,
                attempt,
                new Stretch(
                        hole.instrument(),
                        Math.max(Stretch.UNKNOWN, missing.first() - 2),
                        missing.last() + 2,
                        missing.after(),
                        missing.before()));
    }

    private void attendByTime(Ledger ledger, Ring ring, Hole hole, Attempt attempt)
            throws SQLException, InterruptedException {
        Instant settled = hole.until().plus(LAG);
        if (attempt.askedAt != null && !attempt.askedAt.isBefore(settled)) {
            if (attempt.reached.reaches(Nanos.of(hole.since()))) {
                close(hole, attempt, HoleOutcome.REFILLED, ledger.refilled(hole, settled));
                return;
            }
            attempt.unfruitful++;
            if (isHopeless(hole, attempt)) {
                close(hole, attempt, HoleOutcome.BEYOND_REACH, ledger.refilled(hole, settled));
                return;
            }
        }
        ask(
                ledger,
                ring,
                hole,
                attempt,
                // To the newest: our clock may be behind the exchange's, and what is skipped would pass for nothing.
                new Stretch(hole.instrument(), Stretch.UNKNOWN, Stretch.UNKNOWN, hole.since(), Instant.MAX));
        if (attempt.askedAt != null && attempt.askedAt.isBefore(settled)) {
            attempt.due = settled; // asked at once for what may soon be out of reach, and again when all of it is there
        }
    }

    /// Whether asking again would bring nothing: what an answer that is late enough does not reach.
    private boolean isHopeless(Hole hole, Attempt attempt) {
        if (attempt.askedAt == null || attempt.askedAt.isBefore(hole.openedAt().plus(LAG))) {
            return false;
        }
        return attempt.unfruitful >= (reach.isWhole() ? WHOLE_TRIES : 1);
    }

    private void ask(Ledger ledger, Ring ring, Hole hole, Attempt attempt, Stretch wanted)
            throws SQLException, InterruptedException {
        ledger.tried(hole, clock.instant());
        Instant began = clock.instant();
        attempt.reached.ask();
        try {
            rest.trades(wanted, Origin.REFILL, MOST_PAGES, rows -> take(hole, attempt, ring, rows));
            attempt.askedAt = began;
            attempt.failures = 0;
            attempt.failingSince = null;
            attempt.due = clock.instant().plus(PAUSES.get(Math.min(attempt.unfruitful, PAUSES.size() - 1)));
        } catch (FeedException e) {
            failed(hole, attempt, e.failure());
        }
    }

    private void take(Hole hole, Attempt attempt, Ring ring, List<Row> rows) throws InterruptedException {
        attempt.reached.page(rows);
        if (isEverything(rows)) {
            attempt.reached.everything();
        }
        ring.awaitEmpty(); // what is live comes first, and nothing is turned away
        for (Row row : rows) {
            if (isWanted(hole, row)) {
                ring.accept(row);
            }
        }
    }

    /// Whether there is room for more in an answer that has the newest trades; one that had to leave out its oldest
    /// ones says nothing.
    private boolean isEverything(List<Row> rows) {
        return !reach.isWhole()
                && rows.size() < reach.perPage()
                && rows.stream().allMatch(Trade.class::isInstance);
    }

    /// The rest of an answer was received long ago.
    private static boolean isWanted(Hole hole, Row row) {
        return switch (row) {
            case Trade trade ->
                hole.isByIds()
                        ? hole.contains(trade.sequence())
                        : !trade.executedAt().isBefore(hole.since());
            case Consumed gone -> !hole.isByIds() || hole.contains(gone.sequence());
            case Rejected _ -> true;
        };
    }

    private void failed(Hole hole, Attempt attempt, Failure failure) throws InterruptedException {
        Instant now = clock.instant();
        Instant since = attempt.failingSince == null ? now : attempt.failingSince;
        attempt.failingSince = since;
        if (!now.isBefore(hole.openedAt().plus(OUTAGE_AGE)) && !now.isBefore(since.plus(OUTAGE))) {
            close(hole, attempt, HoleOutcome.OUTAGE, Math.max(0, hole.expected() - attempt.lastMissing));
            return;
        }
        Duration pause = switch (failure) {
            case Failure.Ban ban -> ban.pause();
            case Failure.Recoverable _ -> PAUSES.get(Math.min(attempt.failures, PAUSES.size() - 1));
            case Failure.Fatal _ -> BLOCKED;
        };
        if (attempt.failures++ == 0) {
            log.info("{}: what is missing cannot be asked for yet: {}", hole.instrument(), failure.what());
        }
        attempt.due = now.plus(pause);
        if (failure instanceof Failure.Ban) {
            Thread.sleep(pause); // of the address: whoever asks meanwhile may prolong it
        }
    }

    private void close(Hole hole, Attempt attempt, HoleOutcome outcome, long found) {
        attempt.isClosed = true;
        closed.merge(outcome, 1, Integer::sum);
        if (outcome == HoleOutcome.BEYOND_REACH || outcome == HoleOutcome.OUTAGE) {
            log.warn(
                    "{}: trades between {} and {} are missing for good ({})",
                    hole.instrument(),
                    hole.since(),
                    hole.until(),
                    outcome.id());
        }
        intake.close(new Entry.HoleClosed(
                hole.instrument(),
                Nanos.of(hole.openedAt()),
                hole.fromId(),
                hole.toId(),
                outcome,
                found,
                Nanos.of(clock.instant())));
    }

    private void say() {
        if (!closed.isEmpty()) {
            log.info("{}: holes closed: {}", market, closed);
            closed.clear();
        }
    }
}

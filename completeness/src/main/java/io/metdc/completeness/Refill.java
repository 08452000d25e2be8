package io.metdc.completeness;

import io.metdc.connectors.FeedException;
import io.metdc.connectors.Instruments;
import io.metdc.connectors.Reach;
import io.metdc.connectors.RestClient;
import io.metdc.connectors.Stretch;
import io.metdc.market.Failure;
import io.metdc.market.HoleOutcome;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.Nanos;
import io.metdc.market.Plausibility;
import io.metdc.market.Row;
import io.metdc.market.Trade;
import io.metdc.storage.Database;
import io.metdc.storage.journal.Entry;
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
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongPredicate;
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
/// the market's limits; interruption ends it. Where REST has the newest trades alone, a [Chase] asks first.
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

    /// An answer that should have reached and did not was a bad one: so often it is asked for again.
    private static final int MOST_TRIES = 5;

    /// A hole so old, whose exchange gave no answer for so long, will not be filled any more.
    private static final Duration OUTAGE_AGE = Duration.ofDays(1);

    private static final Duration OUTAGE = Duration.ofHours(1);

    private static final Duration UNLISTED = Duration.ofMinutes(10);
    private static final Duration BLOCKED = Duration.ofMinutes(5);
    /// So many numbers of a hole are looked at together.
    private static final long SLICE = 200_000;

    /// So often an answer is asked for that may still hold what will soon be out of reach.
    private static final Duration CHASE = Duration.ofMillis(500);

    /// How far back it is looked which instruments are the busiest, and how often.
    private static final Duration RHYTHM = Duration.ofDays(1);

    private static final Duration RECEIVED = Duration.ofMinutes(1);

    /// What was closed is said at most so often.
    private static final Duration SAY = Duration.ofSeconds(10);

    private static final Duration DATABASE_AGAIN = Duration.ofSeconds(2);

    /// What a refill needs of the collector.
    ///
    /// @param instruments those of the market that are known; a hole of another one waits
    /// @param urgent      whether a listing needs an instrument's trades now
    /// @param database    where the ledger is, when it is there
    /// @param isStored    whether what was received before an instant, our clock, is in the database
    /// @param retention   what was executed longer ago does not stay in the database, but for a listing's windows
    public record Surroundings(
            Instruments instruments,
            Predicate<Instrument> urgent,
            Supplier<Optional<Database>> database,
            Predicate<Instant> isStored,
            Duration retention) {}

    /// The ways of what is asked for.
    ///
    /// @param missed for what the database surely has not got
    private record Rings(Ring asked, Ring missed) {
        void awaitEmpty() throws InterruptedException {
            asked.awaitEmpty();
            missed.awaitEmpty();
        }

        /// What was received and then lost the repeat filter may know, but for what was executed after that.
        void accept(Hole hole, Row row) {
            boolean isBehind = row instanceof Trade trade
                    && trade.executedAt().isAfter(hole.until().plus(Plausibility.AHEAD));
            (hole.isByIds() || (hole.wasReceived() && !isBehind) ? missed : asked).accept(row);
        }
    }

    private final Market market;
    private final Reach reach;
    private final RestClient rest;
    private final Intake intake;
    private final Surroundings surroundings;
    private final InstantSource clock;
    private final Chase chase;

    private final Map<Hole.Key, Attempt> attempts = new HashMap<>();
    private final Map<HoleOutcome, Integer> closed = new EnumMap<>(HoleOutcome.class);
    private Map<Integer, Long> received = Map.of();
    private final AtomicLong turns = new AtomicLong();
    private boolean inTrouble;
    private Instant nextUnlisted = Instant.MIN;
    private long nextReceived = System.nanoTime();
    private long nextSaid = System.nanoTime();
    private @Nullable Hole lost; // for good, the first of those that are not said yet

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
        this.chase = new Chase(market, reach, rest, intake, surroundings.urgent(), clock);
    }

    /// Grows with each look for holes and each hole that is attended to: whoever sees it stand still knows that it
    /// waits for something that does not come. Any thread may ask.
    public long turns() {
        return turns.get();
    }

    @Override
    public void run() {
        if (reach.isWhole()) {
            fill();
            return;
        }
        intake.watch(market, chase::opened);
        Thread chasing = Thread.ofVirtual().name(market + "-chase").start(chase);
        try {
            fill();
        } finally {
            chasing.interrupt();
        }
    }

    private void fill() {
        try (Ring asked = intake.openAsked(market + "-refill");
                Ring missed = intake.openMissed(market + "-missed")) {
            while (true) {
                Thread.sleep(LOOK);
                turns.incrementAndGet();
                Optional<Database> database = surroundings.database().get();
                if (database.isEmpty()) {
                    continue;
                }
                try {
                    turn(new Ledger(database.get().dataSource()), new Rings(asked, missed));
                    if (inTrouble) {
                        inTrouble = false;
                        log.info("{}: holes are filled again", market);
                    }
                } catch (SQLException e) {
                    if (!inTrouble) {
                        inTrouble = true;
                        log.warn("{}: holes cannot be filled while the database is away: {}", market, e.getMessage());
                    }
                    Thread.sleep(DATABASE_AGAIN);
                } catch (RuntimeException e) { // a bug of ours must not end the filling
                    log.error("{}: holes cannot be looked at; going on", market, e);
                    Thread.sleep(DATABASE_AGAIN);
                }
            }
        } catch (InterruptedException _) {
            // the only stop signal
        }
    }

    /// Looks after the holes that are open, the most urgent ones first.
    private void turn(Ledger ledger, Rings rings) throws SQLException, InterruptedException {
        Instant begun = clock.instant();
        if (!begun.isBefore(nextUnlisted)) {
            nextUnlisted = begun.plus(UNLISTED);
            int unlisted = ledger.closeUnlisted(market, surroundings.instruments(), begun.minus(OUTAGE_AGE), begun);
            if (unlisted > 0) {
                log.warn("{}: {} holes of instruments that are not listed any more are out of reach", market, unlisted);
            }
        }
        List<Hole> holes = ledger.open(market, surroundings.instruments());
        Set<Hole.Key> open = new HashSet<>();
        holes.forEach(hole -> open.add(hole.key()));
        attempts.keySet().retainAll(open);
        if (!reach.isWhole() && !holes.isEmpty() && System.nanoTime() - nextReceived >= 0) {
            nextReceived = System.nanoTime() + RECEIVED.toNanos();
            received = ledger.received(market, begun.minus(RHYTHM));
        }
        long end = System.nanoTime() + TURN.toNanos();
        for (Hole hole : holes.stream().sorted(byUrgency()).toList()) {
            if (chase.isAfter(hole.key())) {
                continue;
            }
            Attempt attempt = attempts.get(hole.key());
            if (attempt == null) {
                attempt = begin(ledger, hole);
                attempts.put(hole.key(), attempt);
            }
            if (!attempt.isClosed && !attempt.due.isAfter(clock.instant())) {
                turns.incrementAndGet();
                attendSafely(ledger, rings, attempt);
            }
            if (System.nanoTime() - end >= 0) {
                break;
            }
        }
        say();
    }

    /// Goes on where the chase ended.
    private Attempt begin(Ledger ledger, Hole hole) throws SQLException {
        Attempt begun = chase.take(hole.key());
        if (begun == null) {
            return new Attempt(hole);
        }
        begun.hole = hole;
        ledger.tried(hole, clock.instant());
        return begun;
    }

    /// What is wrong with one hole must not keep the others from being filled.
    private void attendSafely(Ledger ledger, Rings rings, Attempt attempt) throws SQLException, InterruptedException {
        Hole hole = attempt.hole;
        try {
            attend(ledger, rings, attempt);
        } catch (SQLException | RuntimeException e) {
            String state = e instanceof SQLException sql ? String.valueOf(sql.getSQLState()) : "";
            if (e instanceof SQLException sql && (state.startsWith("08") || state.startsWith("57P"))) {
                throw sql; // of the connection
            }
            if (attempt.failures == 0) {
                log.error("{}: a hole since {} cannot be filled yet; going on", hole.instrument(), hole.since(), e);
            }
            attempt.due = clock.instant().plus(pause(attempt.failures++));
        }
    }

    /// What a listing needs comes first. Where only so many of the newest trades can be had, the busiest instrument's
    /// run out first; elsewhere the oldest hole is the next to be out of reach.
    private Comparator<Hole> byUrgency() {
        Comparator<Hole> urgent =
                Comparator.comparingInt(hole -> surroundings.urgent().test(hole.instrument()) ? 0 : 1);
        return reach.isWhole()
                ? urgent.thenComparing(Hole::openedAt)
                : urgent.thenComparingLong(hole -> -received.getOrDefault(hole.instrumentId(), 0L));
    }

    private void attend(Ledger ledger, Rings rings, Attempt attempt) throws SQLException, InterruptedException {
        Hole hole = attempt.hole;
        Instant answeredAt = attempt.answeredAt;
        if (answeredAt != null && !surroundings.isStored().test(answeredAt)) {
            return; // the answer is on its way into the database
        }
        Optional<Hole> numbered = hole.isByIds() || !intake.isByIds(market) ? Optional.empty() : ledger.numbered(hole);
        if (numbered.isPresent()) {
            attempts.put(hole.key(), new Attempt(numbered.get())); // by ids from the next turn on
        } else if (hole.isByIds()) {
            attendByIds(ledger, rings, hole, attempt);
        } else {
            attendByTime(ledger, rings, hole, attempt);
        }
    }

    private void attendByIds(Ledger ledger, Rings rings, Hole hole, Attempt attempt)
            throws SQLException, InterruptedException {
        long last = Math.min(hole.toId(), attempt.from + SLICE - 1);
        Missing missing = ledger.missing(hole, attempt.from, last);
        Missing open = missing.without(attempt.settled());
        Instant settledAt = hole.openedAt().plus(LAG);
        if (!attempt.isJudged && attempt.askedAt != null && attempt.askedAt.isBefore(settledAt)) {
            attempt.isJudged = true; // what was done just before may not have been in it
            if (!open.isNothing() && clock.instant().isBefore(settledAt)) {
                attempt.due = settledAt;
                return;
            }
        }
        if (!attempt.isJudged) {
            attempt.isJudged = true;
            long unsettled = open.count();
            attempt.unfruitful = unsettled < attempt.lastMissing ? 0 : attempt.unfruitful + 1;
            judge(attempt, open);
            attempt.given.clear();
            open = missing.without(attempt.settled());
            attempt.unfruitful =
                    open.count() < unsettled ? 0 : attempt.unfruitful; // to have it settled is a fruit, too
        }
        if (!open.isNothing()) {
            attempt.lastMissing = open.count();
            ask(ledger, rings, hole, attempt, open);
            return;
        }
        attempt.isOutOfReach |= !attempt.unreachable.isEmpty();
        attempt.lacking += missing.count();
        if (last < hole.toId()) {
            attempt.from = last + 1;
            attempt.unpublished.clear();
            attempt.unreachable.clear();
            attempt.lastMissing = Long.MAX_VALUE;
            attempt.unfruitful = 0;
            return; // the next numbers, in the next turn
        }
        // Of a hole whose numbers are known from around it nobody knows that any of them was a trade.
        boolean isWhole = attempt.lacking == 0 || hole.expected() < 0;
        HoleOutcome whole = isWhole ? HoleOutcome.REFILLED : HoleOutcome.NEVER_PUBLIC;
        attempt.lastMissing = 0;
        close(
                hole,
                attempt,
                attempt.isOutOfReach ? HoleOutcome.BEYOND_REACH : whole,
                found(ledger, hole, attempt, hole.until()));
    }

    /// How many trades of a hole are there by now.
    private static long found(Ledger ledger, Hole hole, Attempt attempt, Instant until) throws SQLException {
        return hole.expected() < 0 || !hole.isByIds()
                ? ledger.refilled(hole, until)
                : Math.max(0, hole.expected() - attempt.lacking - attempt.lastMissing);
    }

    /// Settles what the last answer tells of the numbers that are still missing now that all of it is stored.
    private void judge(Attempt attempt, Missing open) {
        boolean isLast = attempt.unfruitful >= (reach.isWhole() ? MOST_TRIES : 1);
        for (Missing.Run run : open.runs()) {
            Missing.Run nowhere = attempt.reached.within(run);
            if (attempt.isGiven(nowhere)) { // it was there, and is not stored
                if (attempt.unfruitful > 0) {
                    attempt.unreachable.add(nowhere);
                }
            } else if (!nowhere.isNothing()) {
                (attempt.reached.isRejected(nowhere) ? attempt.unreachable : attempt.unpublished).add(nowhere);
            }
            Missing.Run older = attempt.reached.below(run);
            if (attempt.isComplete && !older.isNothing() && (isLast || !reach.isWhole())) {
                attempt.unreachable.add(older);
            }
        }
        if (attempt.unfruitful >= MOST_TRIES
                && attempt.reached.within(open.runs().getFirst()).isNothing()) {
            attempt.unreachable.add(open.runs().getFirst()); // asked for by itself, again and again, for nothing
            attempt.unfruitful = 0;
        }
    }

    private void ask(Ledger ledger, Rings rings, Hole hole, Attempt attempt, Missing open)
            throws SQLException, InterruptedException {
        Missing.Run run = open.runs().getFirst();
        attempt.reached = Attempt.reached(hole);
        // One more on each side: what has both its neighbours in an answer and is not there itself does not exist.
        var wanted = new Stretch(
                hole.instrument(),
                Math.max(Stretch.UNKNOWN, run.first() - 2),
                run.last() + 2,
                run.after(),
                run.before());
        ask(ledger, rings, hole, attempt, wanted, open::has);
    }

    private void attendByTime(Ledger ledger, Rings rings, Hole hole, Attempt attempt)
            throws SQLException, InterruptedException {
        Instant settled = hole.until().plus(LAG);
        Instant askedAt = attempt.askedAt;
        if (!attempt.isJudged && askedAt != null && !askedAt.isBefore(settled)) {
            attempt.isJudged = true;
            if (isReached(ledger, hole, attempt)) {
                boolean lacksSome = attempt.reached.lacksSome()
                        || (attempt.begunAt != null
                                && attempt.answeredAt != null
                                && ledger.refusedSome(hole, attempt.begunAt, attempt.answeredAt));
                HoleOutcome outcome = lacksSome ? HoleOutcome.BEYOND_REACH : HoleOutcome.REFILLED;
                close(hole, attempt, outcome, ledger.refilled(hole, settled));
                return;
            }
            boolean isFurther = attempt.reached.lowest() < attempt.lastLowest;
            attempt.lastLowest = attempt.reached.lowest();
            attempt.unfruitful = isFurther && reach.isWhole() ? 0 : attempt.unfruitful + 1;
            if (attempt.unfruitful >= (reach.isWhole() || attempt.isEmpty ? MOST_TRIES : 1)) {
                close(hole, attempt, HoleOutcome.BEYOND_REACH, ledger.refilled(hole, settled));
                return;
            }
            attempt.due =
                    attempt.unfruitful == 0 ? attempt.due : clock.instant().plus(pause(attempt.unfruitful - 1));
            return;
        }
        Instant now = clock.instant();
        // To the newest first: our clock may be behind the exchange's, and what is skipped would pass for nothing.
        Instant end = attempt.lastLowest == Long.MAX_VALUE
                ? Instant.MAX
                : Nanos.instant(attempt.lastLowest).plus(LAG); // goes on where the last answer ended
        var wanted = new Stretch(hole.instrument(), Stretch.UNKNOWN, Stretch.UNKNOWN, hole.since(), end);
        ask(ledger, rings, hole, attempt, wanted, _ -> true);
        Instant again = clock.instant().plus(CHASE);
        if (attempt.failures == 0 && now.isBefore(settled)) {
            attempt.due = again.isBefore(settled) ? again : settled; // what is there now may soon be out of reach
        }
    }

    /// Whether the answers have everything of a hole without numbers.
    private boolean isReached(Ledger ledger, Hole hole, Attempt attempt) throws SQLException {
        if (attempt.reached.reaches(Nanos.of(hole.since()))) {
            return true;
        }
        if (reach.isWhole()) {
            return attempt.isComplete && hole.since().isAfter(clock.instant().minus(reach.time()));
        }
        if (attempt.isEmpty) { // of what never traded; else it is a bad answer
            return attempt.unfruitful > 0 && !ledger.hasTraded(hole);
        }
        return attempt.isEverything && (attempt.reached.touches(Nanos.of(hole.since())) || !ledger.hasTraded(hole));
    }

    private static Duration pause(int times) {
        return PAUSES.get(Math.min(times, PAUSES.size() - 1));
    }

    private void ask(Ledger ledger, Rings rings, Hole hole, Attempt attempt, Stretch wanted, LongPredicate isMissing)
            throws SQLException, InterruptedException {
        Instant began = clock.instant();
        Instant kept = kept(ledger, hole, began);
        if (hole.until().isBefore(kept)) {
            close(hole, attempt, HoleOutcome.BEYOND_REACH, found(ledger, hole, attempt, hole.until()));
            return;
        }
        ledger.tried(hole, began);
        try {
            attempt.ask(wanted, isMissing, reach, rest, rows -> take(hole, rings, rows, kept), clock);
            attempt.due = attempt.unfruitful == 0 ? began : clock.instant().plus(pause(attempt.unfruitful - 1));
        } catch (FeedException e) {
            failed(ledger, hole, attempt, e.failure());
        }
    }

    /// What was executed before that is not asked for: it would be dropped at once, or not be stored at all.
    private Instant kept(Ledger ledger, Hole hole, Instant now) throws SQLException {
        Instant plausible = now.minus(Plausibility.OLDEST);
        Instant retained = now.minus(surroundings.retention());
        if (!retained.isAfter(plausible)) {
            return plausible;
        }
        return hole.since().isBefore(retained) && ledger.isKept(hole) ? plausible : retained;
    }

    private static void take(Hole hole, Rings rings, List<Row> rows, Instant kept) throws InterruptedException {
        rings.awaitEmpty(); // what is live comes first, and nothing is turned away
        for (Row row : rows) {
            if (!(row instanceof Trade trade && trade.executedAt().isBefore(kept))) {
                rings.accept(hole, row);
            }
        }
    }

    private void failed(Ledger ledger, Hole hole, Attempt attempt, Failure failure)
            throws SQLException, InterruptedException {
        Instant now = clock.instant();
        Instant since = attempt.failingSince == null ? now : attempt.failingSince;
        attempt.failingSince = since;
        if (!now.isBefore(hole.openedAt().plus(OUTAGE_AGE)) && !now.isBefore(since.plus(OUTAGE))) {
            HoleOutcome outcome = switch (failure) {
                case Failure.Fatal _ -> HoleOutcome.BEYOND_REACH; // that is an answer, too
                case Failure.Ban _, Failure.Recoverable _ -> HoleOutcome.OUTAGE;
            };
            close(hole, attempt, outcome, found(ledger, hole, attempt, hole.until()));
            return;
        }
        Duration pause = switch (failure) {
            case Failure.Ban ban -> ban.pause();
            case Failure.Recoverable _ -> pause(attempt.failures);
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
            lost = lost == null ? hole : lost;
            log.debug("{}: missing for good between {} and {}", hole.instrument(), hole.since(), hole.until());
        }
        intake.close(new Entry.HoleClosed(
                hole.instrument(),
                Nanos.of(hole.openedAt()),
                hole.key().fromId(),
                hole.key().toId(),
                outcome,
                found,
                Nanos.of(clock.instant())));
    }

    private void say() {
        if (closed.isEmpty() || System.nanoTime() - nextSaid < 0) {
            return;
        }
        nextSaid = System.nanoTime() + SAY.toNanos();
        if (lost == null) {
            log.info("{}: holes closed: {}", market, closed);
        } else {
            log.warn(
                    "{}: holes closed: {}; trades are missing for good, first of {} between {} and {}",
                    market,
                    closed,
                    lost.instrument(),
                    lost.since(),
                    lost.until());
        }
        lost = null;
        closed.clear();
    }
}

package io.metdc.completeness;

import io.metdc.connectors.FeedException;
import io.metdc.connectors.Reach;
import io.metdc.connectors.RestClient;
import io.metdc.connectors.Stretch;
import io.metdc.market.Consumed;
import io.metdc.market.Nanos;
import io.metdc.market.Origin;
import io.metdc.market.Rejected;
import io.metdc.market.Row;
import io.metdc.market.Trade;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What was done about a hole since the start, and what came of it. One thread at a time.
final class Attempt {
    /// Of one question: then it is looked whether another hole is more urgent by now.
    private static final int MOST_PAGES = 10;

    /// Some exchanges give trades out of the order of their times.
    private static final Duration DISORDER = Duration.ofSeconds(10);

    Hole hole; // as far as it is known: its row in the ledger comes later than the first question
    Reached reached;
    final Set<Long> given = new HashSet<>(); // by ids: which of the missing numbers the last answer had
    final List<Missing.Run> unpublished = new ArrayList<>(); // of the slice
    final List<Missing.Run> unreachable = new ArrayList<>(); // of the slice
    long from; // by ids: below it everything is settled
    long lacking; // numbers below it that do not come
    boolean isOutOfReach; // some of them, or some of the slice
    long lastMissing = Long.MAX_VALUE;
    long lastLowest = Long.MAX_VALUE; // by time: what the answers before the last one reached
    int unfruitful;
    int failures;
    boolean isComplete; // the last answer ended since there was no more
    boolean isEmpty; // there was nothing in it
    boolean isEverything; // there was room for more in it
    boolean isJudged = true; // the last answer
    boolean isClosed;
    Instant due = Instant.MIN;

    @Nullable
    Instant begunAt; // when the first question began

    @Nullable
    Instant askedAt; // when the last question that was answered began

    @Nullable
    Instant answeredAt; // when what came of the last one, whatever it was, was handed on

    @Nullable
    Instant failingSince;

    Attempt(Hole hole) {
        this.hole = hole;
        from = hole.fromId();
        reached = reached(hole);
    }

    static Reached reached(Hole hole) {
        return new Reached(hole.isByIds(), hole.isByIds() ? hole.toId() : Nanos.of(hole.until()));
    }

    boolean isGiven(Missing.Run run) {
        return given.stream().anyMatch(run::contains);
    }

    List<Missing.Run> settled() {
        return Stream.concat(unpublished.stream(), unreachable.stream()).toList();
    }

    /// Asks, within the market's limits.
    ///
    /// @param isMissing which numbers are wanted, where there are any
    /// @param taking    takes the rows that are wanted of each page, oldest first
    /// @throws FeedException when there was no whole answer: half a one proves nothing
    void ask(
            Stretch wanted,
            LongPredicate isMissing,
            Reach reach,
            RestClient rest,
            RestClient.Pages taking,
            InstantSource clock)
            throws FeedException, InterruptedException {
        Instant began = clock.instant();
        begunAt = begunAt == null ? began : begunAt;
        reached.ask();
        isJudged = false;
        isEmpty = true;
        isEverything = false;
        try {
            isComplete = rest.trades(wanted, Origin.REFILL, MOST_PAGES, rows -> {
                page(rows, reach);
                List<Row> those =
                        rows.stream().filter(row -> isWanted(row, isMissing)).toList();
                those.forEach(this::note);
                taking.take(those);
            });
            askedAt = began;
            failures = 0;
            failingSince = null;
        } catch (FeedException e) {
            isJudged = true;
            throw e;
        } finally {
            answeredAt = clock.instant();
        }
    }

    private void page(List<Row> rows, Reach reach) {
        reached.page(rows);
        isEmpty &= rows.isEmpty();
        isEverything = !rows.isEmpty()
                && rows.size() < reach.perPage()
                && rows.stream().allMatch(Trade.class::isInstance);
    }

    private void note(Row row) {
        if (row instanceof Trade trade && hole.isByIds()) {
            given.add(trade.sequence());
        }
    }

    /// The rest of an answer was received long ago.
    private boolean isWanted(Row row, LongPredicate isMissing) {
        return switch (row) {
            case Trade trade ->
                hole.isByIds()
                        ? isMissing.test(trade.sequence())
                        : !trade.executedAt().isBefore(hole.since().minus(DISORDER));
            case Consumed gone -> !hole.isByIds() || isMissing.test(gone.sequence());
            case Rejected _ -> true;
        };
    }
}

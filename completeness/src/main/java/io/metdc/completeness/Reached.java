package io.metdc.completeness;

import io.metdc.market.Consumed;
import io.metdc.market.RejectReason;
import io.metdc.market.Rejected;
import io.metdc.market.Row;
import io.metdc.market.Trade;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Which stretch of an instrument's past the answers to one hole reached, in its numbers or, where these prove nothing,
/// in executed times (nanoseconds since the epoch). Whatever within it is in no answer does not exist.
final class Reached {
    private final boolean byIds;
    private final long last; // of the hole
    private long lowest = Long.MAX_VALUE;
    private long highest = Long.MIN_VALUE;
    private final Set<Long> rejected = new HashSet<>();
    private boolean isFirst;
    private boolean lacksSome;

    /// @param last where the hole ends
    Reached(boolean byIds, long last) {
        this.byIds = byIds;
        this.last = last;
    }

    /// Another question begins.
    void ask() {
        isFirst = true;
    }

    /// A page of the answer, which follows the one before it without a gap, in whatever direction: but for a first
    /// one that held the newest trades alone.
    void page(List<Row> rows) {
        long from = Long.MAX_VALUE;
        long to = Long.MIN_VALUE;
        for (Row row : rows) {
            long at = at(row);
            if (at >= 0) {
                from = Math.min(from, at);
                to = Math.max(to, at);
            } else if (row instanceof Rejected gone) {
                note(gone);
            }
        }
        if (from > to) {
            isFirst = false;
            return;
        }
        boolean isNewQuestion = isFirst;
        isFirst = false;
        // Two answers that share one moment alone may both lack some of it.
        boolean apart = isNewQuestion
                ? to < lowest || (byIds ? from > highest : from >= highest)
                : lowest > last + 1 && to < lowest;
        if (apart && isNewQuestion && lowest <= highest && highest >= last) {
            return; // an earlier one had the end of the hole: a later one that begins behind it says nothing more
        }
        lowest = apart ? from : Math.min(lowest, from);
        highest = apart ? to : Math.max(highest, to);
    }

    /// A row that cannot be taken exists all the same. A group that a page may have cut is no part of what it reaches.
    private void note(Rejected gone) {
        if (gone.reason() != RejectReason.CUT_GROUP && gone.reason() != RejectReason.REPEAT) {
            lacksSome = true;
            if (gone.sequence() >= 0) {
                rejected.add(gone.sequence());
            }
        }
    }

    private long at(Row row) {
        return switch (row) {
            case Trade trade -> byIds ? trade.sequence() : trade.executedAtNanos();
            case Consumed gone -> byIds ? gone.sequence() : gone.executedAtNanos();
            case Rejected _ -> -1;
        };
    }

    /// Whether the answers have everything from a time on: also what was traded in the same moment, which a page may
    /// cut.
    boolean reaches(long fromNanos) {
        return lowest < fromNanos;
    }

    /// How far back the answers go; `Long.MAX_VALUE` while there is none.
    long lowest() {
        return lowest;
    }

    /// Whether an answer has trades of this moment, or before it.
    boolean touches(long nanos) {
        return lowest <= nanos;
    }

    /// Whether a row of the answers could not be taken.
    boolean lacksSome() {
        return lacksSome;
    }

    /// Those of these numbers that surely are in no answer, since what comes before and behind them is.
    Missing.Run within(Missing.Run run) {
        return lowest > highest ? run.between(Long.MAX_VALUE, Long.MIN_VALUE) : run.between(lowest + 1, highest - 1);
    }

    /// Whether one of these numbers is in an answer and could not be taken.
    boolean isRejected(Missing.Run run) {
        return rejected.stream().anyMatch(number -> run.first() <= number && number <= run.last());
    }

    /// Those of these numbers that are older than what the answers reach.
    Missing.Run below(Missing.Run run) {
        return run.between(Long.MIN_VALUE, lowest - 1);
    }
}

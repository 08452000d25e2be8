package io.metdc.completeness;

import io.metdc.market.Consumed;
import io.metdc.market.Rejected;
import io.metdc.market.Row;
import io.metdc.market.Trade;
import java.util.List;

/// Which stretch of an instrument's past the answers to one hole reached, in its numbers or, where these prove nothing,
/// in executed times (nanoseconds since the epoch). Whatever within it is in no answer does not exist.
final class Reached {
    private final boolean byIds;
    private final long last; // of the hole
    private long lowest = Long.MAX_VALUE;
    private long highest = Long.MIN_VALUE;
    private boolean isFirst;
    private boolean isEverything;

    /// @param last where the hole ends
    Reached(boolean byIds, long last) {
        this.byIds = byIds;
        this.last = last;
    }

    /// Another question begins.
    void ask() {
        isFirst = true;
    }

    /// An instrument's whole history is in the answer.
    void everything() {
        isEverything = true;
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
            }
        }
        if (from > to) {
            isFirst = false;
            return;
        }
        boolean apart = isFirst ? from > highest || to < lowest : lowest > last + 1 && to < lowest;
        lowest = apart ? from : Math.min(lowest, from);
        highest = apart ? to : Math.max(highest, to);
        isFirst = false;
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
        return isEverything || lowest < fromNanos;
    }

    /// Whether the answers have what comes before these numbers and what comes after them.
    boolean hasNeighbours(Missing.Run run) {
        return lowest < run.first() && highest > run.last();
    }
}

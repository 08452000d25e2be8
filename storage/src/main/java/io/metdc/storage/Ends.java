package io.metdc.storage;

import io.metdc.market.Trade;
import org.jspecify.annotations.Nullable;

/// Of some trades of an instrument those that were executed first and last. Within a microsecond, the precision of the
/// table, the number decides; the database goes by the same order when it puts batches together.
final class Ends {
    @Nullable
    Trade first;

    @Nullable
    Trade last;

    void add(Trade trade) {
        if (first == null || isBefore(trade, first)) {
            first = trade;
        }
        if (last == null || isBefore(last, trade)) {
            last = trade;
        }
    }

    void add(Ends others) {
        if (others.first != null) {
            add(others.first);
        }
        if (others.last != null) {
            add(others.last);
        }
    }

    private static boolean isBefore(Trade one, Trade other) {
        long micros = Math.floorDiv(one.executedAtNanos(), 1_000L);
        long otherMicros = Math.floorDiv(other.executedAtNanos(), 1_000L);
        if (micros != otherMicros) {
            return micros < otherMicros;
        }
        if (one.sequence() != Trade.NO_SEQUENCE && other.sequence() != Trade.NO_SEQUENCE) {
            return one.sequence() < other.sequence();
        }
        String id = id(one);
        String otherId = id(other);
        return id.length() != otherId.length() ? id.length() < otherId.length() : id.compareTo(otherId) < 0;
    }

    /// The contiguous number, or the id where there is none.
    static String id(Trade trade) {
        return trade.sequence() == Trade.NO_SEQUENCE
                ? InstrumentIds.storable(trade.id().toString())
                : Long.toString(trade.sequence());
    }
}

package io.metdc.completeness;

import io.metdc.market.Consumed;
import io.metdc.market.Instrument;
import io.metdc.market.RejectReason;
import io.metdc.market.Rejected;
import io.metdc.market.Row;
import io.metdc.market.Trade;
import java.util.EnumMap;
import java.util.Map;

/// The rows of one instrument that found no room in a ring, while they are not yet counted.
final class Overflow {
    final Instrument instrument;
    final long receivedAtNanos;
    final Map<RejectReason, Long> rejected = new EnumMap<>(RejectReason.class);
    long trades;
    long consumed;
    long firstSequence = Long.MAX_VALUE;
    long lastSequence = Trade.NO_SEQUENCE;
    long firstNanos;
    long lastNanos;

    Overflow(Row first) {
        instrument = first.instrument();
        receivedAtNanos = first.receivedAtNanos();
    }

    void add(Row row) {
        switch (row) {
            case Trade trade -> {
                trades++;
                rejected.merge(RejectReason.OVERFLOW, 1L, Long::sum);
                missing(trade.sequence(), trade.executedAtNanos());
            }
            // Its number stays open, so that a refill explains it.
            case Consumed gone -> {
                consumed++;
                missing(gone.sequence(), gone.executedAtNanos());
            }
            case Rejected refused -> rejected.merge(refused.reason(), 1L, Long::sum);
        }
    }

    /// Rows that count as received.
    long received() {
        return rejected.values().stream().mapToLong(Long::longValue).sum();
    }

    private void missing(long sequence, long executedAtNanos) {
        if (sequence >= 0) {
            firstSequence = Math.min(firstSequence, sequence);
            lastSequence = Math.max(lastSequence, sequence);
        }
        firstNanos = firstNanos == 0 ? executedAtNanos : Math.min(firstNanos, executedAtNanos);
        lastNanos = Math.max(lastNanos, executedAtNanos);
    }
}

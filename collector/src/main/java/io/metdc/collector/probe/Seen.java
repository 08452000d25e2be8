package io.metdc.collector.probe;

import io.metdc.connectors.Sink;
import io.metdc.market.Consumed;
import io.metdc.market.Instrument;
import io.metdc.market.Origin;
import io.metdc.market.RejectReason;
import io.metdc.market.Rejected;
import io.metdc.market.Row;
import io.metdc.market.Trade;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The rows that came while a market was looked at. The reader's thread writes, the prober's reads.
final class Seen implements Sink {
    /// More of an instrument are counted and not kept.
    private static final int MOST_KEPT = 50_000;

    private final Map<Instrument, List<Trade>> trades = new HashMap<>();
    private final Map<Instrument, TreeSet<Long>> numbers = new HashMap<>();
    private final Map<RejectReason, Rejected> rejected = new EnumMap<>(RejectReason.class); // the first of each
    private final Map<RejectReason, Long> rejectedCounts = new EnumMap<>(RejectReason.class);
    private long count;
    private long snapshots;

    @Override
    public synchronized void accept(Row row) {
        switch (row) {
            case Trade trade -> {
                count++;
                snapshots += trade.origin() == Origin.SNAPSHOT ? 1 : 0;
                List<Trade> kept = trades.computeIfAbsent(trade.instrument(), _ -> new ArrayList<>());
                if (kept.size() < MOST_KEPT) {
                    kept.add(trade);
                    number(trade.instrument(), trade.sequence());
                }
            }
            case Consumed consumed -> number(consumed.instrument(), consumed.sequence());
            case Rejected refused -> {
                rejected.putIfAbsent(refused.reason(), refused);
                rejectedCounts.merge(refused.reason(), 1L, Long::sum);
                number(refused.instrument(), refused.sequence());
            }
        }
    }

    private void number(Instrument instrument, long sequence) {
        if (sequence >= 0) {
            numbers.computeIfAbsent(instrument, _ -> new TreeSet<>()).add(sequence);
        }
    }

    synchronized long count() {
        return count;
    }

    synchronized long snapshots() {
        return snapshots;
    }

    /// How many rows were rejected for this reason.
    synchronized long rejected(RejectReason reason) {
        return rejectedCounts.getOrDefault(reason, 0L);
    }

    synchronized long rejected() {
        return rejectedCounts.values().stream().mapToLong(Long::longValue).sum();
    }

    /// The first row that was rejected for this reason.
    synchronized @Nullable Rejected first(RejectReason reason) {
        return rejected.get(reason);
    }

    /// The first row that was rejected, whatever for.
    synchronized @Nullable Rejected first() {
        return rejected.values().stream().findFirst().orElse(null);
    }

    /// The trades of an instrument, in the order of their arrival.
    synchronized List<Trade> trades(Instrument instrument) {
        return List.copyOf(trades.getOrDefault(instrument, List.of()));
    }

    /// The instruments that traded.
    synchronized List<Instrument> instruments() {
        return List.copyOf(trades.keySet());
    }

    synchronized long numbers() {
        return numbers.values().stream().mapToLong(TreeSet::size).sum();
    }

    /// Numbers of an instrument that were left out between the first and the last.
    synchronized List<Long> missing(Instrument instrument) {
        TreeSet<Long> there = numbers.getOrDefault(instrument, new TreeSet<>());
        List<Long> missing = new ArrayList<>();
        Long before = null;
        for (Long number : there) {
            for (long left = before == null ? number : before + 1; left < number && missing.size() < 1_000; left++) {
                missing.add(left);
            }
            before = number;
        }
        return missing;
    }
}

package io.metdc.connectors;

import io.metdc.market.Instrument;
import io.metdc.market.RejectReason;
import io.metdc.market.Rejected;
import io.metdc.market.Row;
import io.metdc.market.Trade;
import io.metdc.market.TradeId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Completes the ids of trades that an exchange sends without any: rows that are alike in everything are told apart
/// by their number of occurrence, `…-0`, `…-1`. Whoever sees a whole group of them gives out the same ids, on
/// whatever connection, snapshot or page it comes.
///
/// One of these belongs to one connection. It begins anew with every snapshot, whose oldest group may be cut and is
/// left out; without a snapshot it counts from the first time later than that of the first row. Used by the
/// connection's reader thread.
public final class Occurrences {
    /// Counts are kept for so long, and for at least [#KEPT_ROWS] rows.
    private static final long KEPT_NANOS = Duration.ofSeconds(10).toNanos();

    private static final int KEPT_ROWS = 1_000;

    private final boolean everything;
    private final Map<Instrument, Counter> counters = new HashMap<>();

    /// What is known of one instrument.
    private static final class Counter {
        final Map<TradeId, Integer> counts = new HashMap<>();
        final ArrayDeque<Trade> kept = new ArrayDeque<>(); // the first of each group, as they came
        int rows;
        long snapshotSequence = Long.MIN_VALUE;
        boolean begun;
        long cutAtNanos = Long.MIN_VALUE; // rows of this time or before belong to a group that may be cut
        long newestNanos = Long.MIN_VALUE;
    }

    private Occurrences(boolean everything) {
        this.everything = everything;
    }

    /// For a connection of the collector.
    static Occurrences ofConnection() {
        return new Occurrences(false);
    }

    /// For reading frames of unknown context: every row is given out, cut group or not.
    public static Occurrences ofDecoding() {
        return new Occurrences(true);
    }

    /// A REST page, counted by itself like a snapshot.
    ///
    /// @param rows oldest first
    static List<Row> page(Instrument instrument, List<Row> rows) {
        return ofConnection().take(new Message.Unnumbered(instrument, rows, true, Long.MIN_VALUE));
    }

    /// The rows with whole ids, those that cannot be numbered rejected.
    public List<Row> take(Message.Unnumbered message) {
        Counter counter = counters.computeIfAbsent(message.instrument(), _ -> new Counter());
        boolean repeats = !message.isSnapshot() && message.sequence() <= counter.snapshotSequence && !everything;
        if (message.isSnapshot()) {
            counter = new Counter();
            counter.snapshotSequence = message.sequence();
            counters.put(message.instrument(), counter);
        }
        List<Row> taken = new ArrayList<>(message.rows().size());
        for (Row row : message.rows()) {
            taken.add(
                    row instanceof Trade trade
                            ? repeats ? rejected(trade, RejectReason.REPEAT) : numbered(counter, trade)
                            : row);
        }
        return taken;
    }

    private Row numbered(Counter counter, Trade trade) {
        if (!counter.begun) {
            counter.begun = true;
            counter.cutAtNanos = everything ? Long.MIN_VALUE : trade.executedAtNanos();
        }
        if (trade.executedAtNanos() <= counter.cutAtNanos) {
            return rejected(trade, RejectReason.CUT_GROUP);
        }
        int count = counter.counts.merge(trade.id(), 1, Integer::sum);
        if (count == 1) {
            counter.kept.add(trade);
        }
        counter.rows++;
        counter.newestNanos = Math.max(counter.newestNanos, trade.executedAtNanos());
        forget(counter);
        return new Trade(
                trade.instrument(),
                TradeId.of(trade.id() + "-" + (count - 1)),
                trade.price(),
                trade.size(),
                trade.takerSide(),
                trade.executedAtNanos(),
                trade.receivedAtNanos(),
                trade.sequence(),
                trade.origin(),
                trade.flags());
    }

    private static void forget(Counter counter) {
        Trade oldest = counter.kept.peek();
        while (oldest != null
                && counter.rows > KEPT_ROWS
                && oldest.executedAtNanos() < counter.newestNanos - KEPT_NANOS) {
            counter.kept.remove();
            counter.rows -= counter.counts.getOrDefault(oldest.id(), 0);
            counter.counts.remove(oldest.id());
            oldest = counter.kept.peek();
        }
    }

    private static Rejected rejected(Trade trade, RejectReason reason) {
        return Rejected.of(trade, reason, reason.id());
    }
}

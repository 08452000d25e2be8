package io.metdc.storage;

import io.metdc.market.Consumed;
import io.metdc.market.Instrument;
import io.metdc.market.Origin;
import io.metdc.market.Plausibility;
import io.metdc.market.RejectReason;
import io.metdc.market.Rejected;
import io.metdc.market.Trade;
import io.metdc.storage.journal.Entry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A stretch of the journal, sorted for the database. A value that can be written again. Filled by one thread,
/// then handed to another.
final class WriteBatch {
    /// The order of the key, as far as it can be had without asking the database.
    private static final Comparator<Trade> KEY = Comparator.comparingLong(Trade::executedAtNanos)
            .thenComparingLong(t -> t.id().number())
            .thenComparing(t -> t.id().text());

    private final long from;
    private final Map<Instrument, Part> parts = new HashMap<>();
    private final List<Entry.HoleOpened> opened = new ArrayList<>();
    private final List<Entry.HoleFound> found = new ArrayList<>();
    private final List<Entry.HoleClosed> closed = new ArrayList<>();
    private final List<Entry.RejectedRow> rejected = new ArrayList<>();
    private final List<Consumed> consumed = new ArrayList<>();
    private long to;
    private int trades;
    private int entries;
    private int refused;
    private long oldestReceived = Long.MAX_VALUE;

    private BatchTransaction.Outcome lastAttempt = BatchTransaction.Outcome.NOTHING;

    /// @param from the journal's position where it begins
    WriteBatch(long from) {
        this.from = from;
        this.to = from;
    }

    /// What belongs to one instrument. An instrument whose terms change in mid-batch has two.
    static final class Part {
        private final Instrument instrument;
        private final List<Trade> trades = new ArrayList<>();
        private final List<Counts> counts = new ArrayList<>(2);

        private Part(Instrument instrument) {
            this.instrument = instrument;
        }

        Instrument instrument() {
            return instrument;
        }

        List<Trade> trades() {
            return trades;
        }

        List<Counts> counts() {
            return counts;
        }

        private Counts counts(long hour) {
            for (int i = counts.size() - 1; i >= 0; i--) {
                if (counts.get(i).hour == hour) {
                    return counts.get(i);
                }
            }
            Counts fresh = new Counts(hour);
            counts.add(fresh);
            return fresh;
        }
    }

    /// What the journal itself says about the rows received in an hour, and how many of them are in this batch as
    /// trades.
    static final class Counts {
        final long hour;
        long received;
        long duplicate;
        long late;
        long consumed;
        long byRest;
        long trades;
        final Map<RejectReason, Long> rejected = new HashMap<>(4);
        /// Those of the trades that were executed first and last.
        final Ends ends = new Ends();

        private Counts(long hour) {
            this.hour = hour;
        }

        private void add(Trade trade) {
            trades++;
            ends.add(trade);
        }
    }

    void add(Entry entry) {
        entries++;
        switch (entry) {
            case Entry.Traded(Trade trade) -> add(trade);
            case Entry.Counted counted -> {
                Counts counts = part(counted.instrument()).counts(Math.floorDiv(counted.second(), 3600L));
                counts.received += counted.received();
                counts.duplicate += counted.duplicate();
                counts.late += counted.late();
                counts.consumed += counted.consumed();
                counts.byRest += counted.byRest();
                counted.rejected().forEach((reason, count) -> counts.rejected.merge(reason, count, Long::sum));
            }
            case Entry.ConsumedId(Consumed gone) -> {
                part(gone.instrument());
                if (gone.sequence() != Trade.NO_SEQUENCE) {
                    consumed.add(gone);
                }
            }
            case Entry.RejectedRow row -> {
                part(row.instrument());
                rejected.add(row);
            }
            case Entry.HoleOpened hole -> {
                part(hole.instrument());
                opened.add(hole);
            }
            case Entry.HoleFound hole -> {
                part(hole.instrument());
                found.add(hole);
            }
            case Entry.HoleClosed hole -> {
                part(hole.instrument());
                closed.add(hole);
            }
            case Entry.Collected _, Entry.Unproven _ -> {
                // for the journal's own memory
            }
        }
    }

    private void add(Trade trade) {
        Part part = part(trade.instrument());
        Counts counts = part.counts(Hours.ofNanos(trade.receivedAtNanos()));
        // Checked before it was journaled, and once more here: no row may ask for a partition in the year 1970.
        RejectReason reason = Plausibility.check(trade, trade.receivedAtNanos());
        if (reason != null) {
            refused++;
            counts.rejected.merge(reason, 1L, Long::sum);
            Rejected row = Rejected.of(trade, reason, "refused by the writer");
            rejected.add(new Entry.RejectedRow(row.instrument(), reason, row.receivedAtNanos(), row.detail()));
            return;
        }
        counts.add(trade);
        part.trades.add(trade);
        trades++;
        if (trade.origin() == Origin.STREAM && trade.receivedAtNanos() < oldestReceived) {
            oldestReceived = trade.receivedAtNanos();
        }
    }

    private Part part(Instrument instrument) {
        return parts.computeIfAbsent(instrument, Part::new);
    }

    void reached(long position) {
        to = position;
    }

    /// Sorts the trades of each instrument, where they are not in order already.
    void sort() {
        for (Part part : parts.values()) {
            List<Trade> rows = part.trades;
            for (int i = 1; i < rows.size(); i++) {
                if (KEY.compare(rows.get(i - 1), rows.get(i)) > 0) {
                    rows.sort(KEY);
                    break;
                }
            }
        }
    }

    /// What becomes of it if the COMMIT that follows is done.
    void attempted(BatchTransaction.Outcome outcome) {
        lastAttempt = outcome;
    }

    BatchTransaction.Outcome lastAttempt() {
        return lastAttempt;
    }

    long from() {
        return from;
    }

    long to() {
        return to;
    }

    boolean isEmpty() {
        return to == from;
    }

    int entries() {
        return entries;
    }

    int trades() {
        return trades;
    }

    /// Trades that are implausible: they are among the rejected rows.
    int refusedByWriter() {
        return refused;
    }

    Collection<Part> parts() {
        return parts.values();
    }

    List<Entry.HoleOpened> opened() {
        return opened;
    }

    List<Entry.HoleFound> found() {
        return found;
    }

    List<Entry.HoleClosed> closed() {
        return closed;
    }

    List<Entry.RejectedRow> rejected() {
        return rejected;
    }

    /// Numbers that were no public trades.
    List<Consumed> consumed() {
        return consumed;
    }

    /// When the oldest trade of a stream in it was received, nanoseconds since the epoch; `Long.MAX_VALUE`
    /// without one.
    long oldestReceivedNanos() {
        return oldestReceived;
    }

    /// The hours of executed time that its trades need.
    Set<Long> hours() {
        Set<Long> hours = new HashSet<>(4);
        long last = Long.MIN_VALUE;
        for (Part part : parts.values()) {
            for (Trade trade : part.trades) {
                long hour = Hours.ofNanos(trade.executedAtNanos());
                if (hour != last) {
                    hours.add(hour);
                    last = hour;
                }
            }
        }
        return hours;
    }
}

package io.metdc.connectors;

import io.metdc.market.Decimals;
import io.metdc.market.Instrument;
import io.metdc.market.Plausibility;
import io.metdc.market.RejectReason;
import io.metdc.market.Rejected;
import io.metdc.market.Row;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import io.metdc.market.TradeId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Completes the ids of trades that an exchange sends without any: rows that are alike in everything are told apart
/// by their number of occurrence, `…-0`, `…-1`. Whoever sees a whole group of them gives out the same ids, on
/// whatever connection, snapshot or page it comes.
///
/// ```
/// snapshot  │ cut? │ whole groups … │ newest group ┐           one count for both
/// stream                             └ goes on here │ whole groups …
/// ```
///
/// One of these belongs to one connection. It begins anew with every snapshot, whose oldest group may be cut and is
/// left out; without a snapshot it counts from the first time later than that of the first row. Used by the
/// connection's reader thread.
public final class Occurrences {
    private static final long MIX = 0x9e37_79b9_7f4a_7c15L; // odd, of no pattern

    /// What a trade carries until it is numbered.
    static final TradeId NONE_YET = TradeId.of("?");

    private final boolean everything;
    private final Map<Instrument, Counter> counters = new HashMap<>();

    private Occurrences(boolean everything) {
        this.everything = everything;
    }

    /// For a connection of the collector.
    public static Occurrences ofConnection() {
        return new Occurrences(false);
    }

    /// For reading frames of unknown context: every row is given out, cut group, repeat or not.
    public static Occurrences ofDecoding() {
        return new Occurrences(true);
    }

    /// The whole id: `<ns>-<b|s>-<price>-<size>-<number>`, both numbers in the one form that all ways to write them
    /// share. The instrument is not part of it.
    private static TradeId id(Trade trade, int number) {
        var id = new StringBuilder(56)
                .append(trade.executedAtNanos())
                .append(trade.takerSide() == TakerSide.BUY ? "-b-" : "-s-");
        Decimals.appendCanonical(id, trade.price());
        id.append('-');
        Decimals.appendCanonical(id, trade.size());
        return TradeId.of(id.append('-').append(number).toString());
    }

    /// A REST page, counted by itself like a snapshot.
    ///
    /// @param rows oldest first
    static List<Row> page(Instrument instrument, List<Row> rows) {
        return ofConnection().take(new Message.Unnumbered(instrument, rows, true, Message.Unnumbered.NO_SEQUENCE));
    }

    /// The rows with whole ids, those that cannot be numbered rejected.
    public List<Row> take(Message.Unnumbered message) {
        Counter counter = counters.get(message.instrument());
        if (counter == null || message.isSnapshot()) {
            counter = new Counter(message.isSnapshot() ? message.sequence() : Message.Unnumbered.NO_SEQUENCE);
            counters.put(message.instrument(), counter);
        }
        boolean isRepeat = !everything && counter.isRepeat(message);
        if (!everything && !counter.begun) {
            counter.begin(message.rows());
        }
        List<Row> taken = new ArrayList<>(message.rows().size());
        for (Row row : message.rows()) {
            if (row instanceof Trade trade) {
                taken.add(isRepeat ? rejected(trade, RejectReason.REPEAT) : numbered(counter, trade));
            } else {
                taken.add(row);
            }
        }
        return taken;
    }

    private static Row rejected(Trade trade, RejectReason reason) {
        return Rejected.of(trade, reason, reason.id());
    }

    private Row numbered(Counter counter, Trade trade) {
        if (!everything) {
            RejectReason reason = counter.reject(trade);
            if (reason != null) {
                return rejected(trade, reason);
            }
        }
        int number = counter.count(trade.executedAtNanos(), mark(trade));
        return new Trade(
                trade.instrument(),
                id(trade, number),
                trade.price(),
                trade.size(),
                trade.takerSide(),
                trade.executedAtNanos(),
                trade.receivedAtNanos(),
                trade.sequence(),
                trade.origin(),
                trade.flags());
    }

    /// Stands for a row beside its time. Two rows of one nanosecond that differ have the same once in 10¹⁹, and then
    /// ids that are unique and everywhere the same all the same: the number alone is another one.
    private static long mark(Trade trade) {
        long mark = trade.takerSide() == TakerSide.BUY ? 1 : 2;
        mark = mixed(mark, Decimals.mark(trade.price()));
        return mixed(mark, Decimals.mark(trade.size()));
    }

    private static long mixed(long mark, long more) {
        long mixed = (mark ^ more) * MIX;
        return mixed ^ (mixed >>> 29);
    }

    /// A time that no live trade can have must neither begin a count nor push others out of it.
    private static @Nullable RejectReason implausible(Trade trade) {
        return Plausibility.check(trade, trade.receivedAtNanos());
    }

    /// What is known of one instrument: how often each of the last rows came, 20 bytes each.
    private static final class Counter {
        /// Counts are kept for so long, and for the newest [#KEPT_ROWS] rows at least.
        private static final long KEPT_NANOS = Duration.ofSeconds(10).toNanos();

        private static final int KEPT_ROWS = 1_000;

        /// So many messages are recognised when they come again.
        private static final int KEPT_MESSAGES = 16;

        /// More than come in that time, so that no burst can claim much memory.
        private static final int MOST_GROUPS = 1 << 16;

        private final long snapshotSequence;
        private final long[] messages = new long[KEPT_MESSAGES];
        private int nextMessage;
        private boolean begun;
        private long cutAtNanos = Long.MIN_VALUE; // rows of this time or before belong to a group that may be cut

        // One for each kind of row, in the order of their times: those from `from` to below `to`.
        private long[] times = new long[16];
        private long[] marks = new long[16];
        private int[] counts = new int[16];
        private int from;
        private int to;
        private int rows; // all counts together

        Counter(long snapshotSequence) {
            this.snapshotSequence = snapshotSequence;
        }

        /// With the first rows that can be counted.
        void begin(List<Row> first) {
            for (Row row : first) {
                if (row instanceof Trade trade && implausible(trade) == null) {
                    cutAtNanos = begun ? Math.min(cutAtNanos, trade.executedAtNanos()) : trade.executedAtNanos();
                    begun = true;
                }
            }
        }

        /// Whether a message says again what the snapshot has said, or is one of the last few once more, sent twice.
        boolean isRepeat(Message.Unnumbered message) {
            if (message.isSnapshot() || message.sequence() == Message.Unnumbered.NO_SEQUENCE) {
                return false;
            }
            if (message.sequence() <= snapshotSequence) {
                return true;
            }
            long mark = mark(message);
            for (long before : messages) {
                if (before == mark) {
                    return true;
                }
            }
            messages[nextMessage] = mark;
            nextMessage = (nextMessage + 1) % messages.length;
            return false;
        }

        /// Stands for a message: its sequence, which rises from one to the next, and its rows.
        private static long mark(Message.Unnumbered message) {
            long mark = message.sequence();
            for (Row row : message.rows()) {
                if (row instanceof Trade trade) {
                    mark = mixed(mixed(mark, trade.executedAtNanos()), Occurrences.mark(trade));
                }
            }
            return mark;
        }

        /// Why a row cannot be numbered; null when it can.
        @Nullable
        RejectReason reject(Trade trade) {
            RejectReason reason = implausible(trade);
            return reason == null && trade.executedAtNanos() <= cutAtNanos ? RejectReason.CUT_GROUP : reason;
        }

        /// How many such rows there were before this one.
        int count(long timeNanos, long mark) {
            int at = to;
            int found = -1;
            while (at > from && times[at - 1] >= timeNanos && found < 0) {
                at--;
                if (times[at] == timeNanos && marks[at] == mark) {
                    found = at;
                }
            }
            rows++;
            if (found >= 0) {
                return counts[found]++;
            }
            insert(at, timeNanos, mark);
            forget();
            return 0;
        }

        private void insert(int place, long timeNanos, long mark) {
            int at = place;
            if (to == times.length) {
                int kept = to - from;
                int room = kept > times.length / 4 * 3 ? times.length * 2 : times.length;
                times = Arrays.copyOf(Arrays.copyOfRange(times, from, to), room);
                marks = Arrays.copyOf(Arrays.copyOfRange(marks, from, to), room);
                counts = Arrays.copyOf(Arrays.copyOfRange(counts, from, to), room);
                at -= from;
                from = 0;
                to = kept;
            }
            System.arraycopy(times, at, times, at + 1, to - at);
            System.arraycopy(marks, at, marks, at + 1, to - at);
            System.arraycopy(counts, at, counts, at + 1, to - at);
            times[at] = timeNanos;
            marks[at] = mark;
            counts[at] = 1;
            to++;
        }

        private void forget() {
            while (to - from > MOST_GROUPS
                    || (rows - counts[from] >= KEPT_ROWS && times[from] < times[to - 1] - KEPT_NANOS)) {
                rows -= counts[from];
                from++;
            }
        }
    }
}

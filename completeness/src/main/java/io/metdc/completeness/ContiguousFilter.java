package io.metdc.completeness;

import io.metdc.market.Consumed;
import io.metdc.market.Trade;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// For instruments whose trades carry contiguous numbers: the highest number seen, and the gaps below it.
/// Between `floor` and `mark` every number was seen that is in no gap; below the floor nothing is known.
/// When there are too many gaps, the lowest is forgotten and the floor rises above it.
final class ContiguousFilter implements RepeatFilter {
    /// Gaps remembered per instrument.
    static final int MOST_GAPS = 64;

    /// Holes that wait to be reported after their gap was forgotten; further ones are put together.
    private static final int MOST_OWED = 16;

    private static final long NONE = -1;
    private static final int REPORTED = 1;
    private static final int CLOSED = 2;

    /// The busiest instrument needs half a year for so many trades.
    static final long FARTHEST_JUMP = 1_000_000_000;

    /// Within an instrument, times follow the numbers but for some milliseconds.
    private static final long ANEW_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final long patienceNanos;
    private final List<Gap> gaps = new ArrayList<>(0); // lowest first
    private final List<Gap> owed = new ArrayList<>(0); // to be reported, and not to be closed by what comes
    private long mark = NONE;
    private long floor;
    private long markNanos;
    private int unreported;
    private boolean restarted;

    ContiguousFilter(Duration patience) {
        patienceNanos = patience.toNanos();
    }

    @Override
    public Verdict check(Trade trade) {
        Verdict verdict = check(trade.sequence());
        return verdict == Verdict.DUPLICATE && beginsAnew(trade) ? Verdict.UNSURE : verdict;
    }

    @Override
    public Verdict check(Consumed consumed) {
        return check(consumed.sequence());
    }

    @Override
    public boolean seen(Trade trade, long ticks) {
        if (beginsAnew(trade)) {
            beginAt(trade.sequence(), trade.executedAtNanos());
            return false;
        }
        return seen(trade.sequence(), trade.executedAtNanos(), ticks);
    }

    @Override
    public boolean seen(Consumed consumed, long ticks) {
        return seen(consumed.sequence(), consumed.executedAtNanos(), ticks);
    }

    /// Forgets what was known: numbers below are unsure from now on, and the next ones are watched.
    private void beginAt(long sequence, long executedAtNanos) {
        while (!gaps.isEmpty()) {
            forgetLowest();
        }
        mark = sequence;
        floor = sequence;
        markNanos = executedAtNanos;
        restarted = false;
    }

    private void jump(long sequence, long executedAtNanos, long ticks) {
        Gap far = new Gap(mark + 1, sequence - 1, markNanos, executedAtNanos, ticks, Gap.NUMBERING);
        beginAt(sequence, executedAtNanos);
        owe(far);
    }

    /// A repeated trade is never younger than the one with the highest number. One that is tells that the exchange
    /// counts from a lower number again, as for an instrument that was listed anew: what was known of its numbers
    /// says nothing now, and taking its trades for repeated ones would lose them.
    private boolean beginsAnew(Trade trade) {
        return trade.sequence() >= 0
                && trade.sequence() < mark
                && trade.executedAtNanos() - markNanos > ANEW_NANOS
                && gapWith(trade.sequence()) < 0;
    }

    Verdict check(long sequence) {
        if (sequence < 0) {
            return Verdict.UNSURE;
        }
        if (sequence > mark) { // also the first of all
            return Verdict.NEW;
        }
        if (sequence < floor) {
            return Verdict.UNSURE;
        }
        return gapWith(sequence) >= 0 ? Verdict.LATE : Verdict.DUPLICATE;
    }

    boolean seen(long sequence, long executedAtNanos, long ticks) {
        if (sequence > mark) {
            if (mark == NONE) {
                floor = sequence;
            } else if (sequence - mark > FARTHEST_JUMP) {
                jump(sequence, executedAtNanos, ticks);
                return false;
            } else if (sequence > mark + 1) {
                String cause = restarted ? Gap.RESTART : Gap.MISSING_IDS;
                open(new Gap(mark + 1, sequence - 1, markNanos, executedAtNanos, ticks, cause));
            }
            mark = sequence;
            markNanos = Math.max(markNanos, executedAtNanos);
            restarted = false;
            return false;
        }
        if (sequence < floor || sequence < 0) {
            return false;
        }
        int index = gapWith(sequence);
        return index >= 0 && close(index, sequence, executedAtNanos);
    }

    /// Rows of these numbers came and found no room. What of it did not come otherwise is a gap.
    void lost(long first, long last, long firstNanos, long lastNanos, long ticks) {
        if (last < 0) {
            return;
        }
        if (mark == NONE) {
            floor = Math.max(0, first);
            open(new Gap(floor, last, 0, 0, ticks, Gap.OVERFLOW));
        } else if (last - mark > FARTHEST_JUMP) {
            jump(last, lastNanos, ticks);
        } else if (last > mark) {
            open(new Gap(mark + 1, last, markNanos, 0, ticks, Gap.OVERFLOW));
        }
        for (Gap gap : gaps) {
            if (!gap.reported && gap.overlaps(first, last)) {
                gap.cause = Gap.OVERFLOW;
            }
        }
        if (last > mark) {
            mark = last;
            markNanos = Math.max(markNanos, lastNanos);
        }
    }

    /// A gap to be reported now; then to be marked with [#reported(Gap)].
    @Nullable
    Gap due(long ticks) {
        if (!owed.isEmpty()) {
            return owed.getFirst();
        }
        if (unreported > 0) {
            for (Gap gap : gaps) {
                if (!gap.reported && ticks - gap.openedTicks >= patienceNanos) {
                    return gap;
                }
            }
        }
        return null;
    }

    /// As [#due(long)], when nothing more will come.
    @Nullable
    Gap dueAtLast(long ticks) {
        return due(ticks + patienceNanos);
    }

    void reported(Gap gap) {
        if (!owed.remove(gap) && !gap.reported) { // a gap is equal to itself alone
            gap.reported = true;
            unreported--;
        }
    }

    /// A hole that an earlier run reported.
    void reported(String cause, long from, long to, long fromNanos, long toNanos, long ticks) {
        if (to > mark && cause.equals(Gap.OVERFLOW)) {
            lost(from, to, fromNanos, toNanos, ticks);
        }
        for (Gap gap : gaps) {
            if (gap.isWithin(from, to)) {
                reported(gap);
            }
        }
        owed.removeIf(gap -> gap.isWithin(from, to));
    }

    /// Whether anything is or will be [#due(long)].
    boolean hasUnreported() {
        return unreported > 0 || !owed.isEmpty();
    }

    /// Holes that were reported and are still known to be open.
    int holes() {
        int holes = 0;
        for (Gap gap : gaps) {
            holes += gap.reported && !gap.closed ? 1 : 0;
        }
        return holes;
    }

    /// It is known what became of a hole. What is missing of it would still be new.
    void closed(long from, long to) {
        for (Gap gap : gaps) {
            gap.closed |= gap.reported && gap.isWithin(from, to);
        }
    }

    private void open(Gap gap) {
        gaps.add(gap);
        unreported++;
        forget();
    }

    /// @return whether the gap was reported
    private boolean close(int index, long sequence, long executedAtNanos) {
        Gap gap = gaps.get(index);
        if (gap.from == gap.to) {
            gaps.remove(index);
            unreported -= gap.reported ? 0 : 1;
        } else if (sequence == gap.from) {
            gap.from++;
            gap.missing--;
            gap.beforeNanos = executedAtNanos;
        } else if (sequence == gap.to) {
            gap.to--;
            gap.missing--;
            gap.afterNanos = executedAtNanos;
        } else {
            Gap upper = new Gap(sequence + 1, gap.to, executedAtNanos, gap.afterNanos, gap.openedTicks, gap.cause);
            upper.reported = gap.reported;
            upper.closed = gap.closed;
            unreported += gap.reported ? 0 : 1;
            gap.to = sequence - 1;
            gap.missing = gap.to - gap.from + 1;
            gap.afterNanos = executedAtNanos;
            gaps.add(index + 1, upper);
            forget();
        }
        return gap.reported;
    }

    private void forget() {
        while (gaps.size() > MOST_GAPS) {
            forgetLowest();
        }
    }

    private void forgetLowest() {
        Gap lowest = gaps.removeFirst();
        floor = lowest.to + 1;
        if (!lowest.reported) {
            unreported--;
            owe(lowest);
        }
    }

    private void owe(Gap gap) {
        Gap last = owed.isEmpty() ? null : owed.getLast();
        boolean follows = last != null && last.to < gap.from && last.isExact() && gap.isExact();
        if (last != null && (follows || owed.size() == MOST_OWED)) {
            last.join(gap);
        } else {
            owed.add(gap);
        }
    }

    private int gapWith(long sequence) {
        int low = 0;
        int high = gaps.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Gap gap = gaps.get(middle);
            if (gap.contains(sequence)) {
                return middle;
            }
            if (sequence < gap.from) {
                high = middle - 1;
            } else {
                low = middle + 1;
            }
        }
        return -1;
    }

    @Override
    public void save(DataOutputStream out) throws IOException {
        out.writeLong(mark);
        out.writeLong(floor);
        out.writeLong(markNanos);
        out.writeBoolean(restarted);
        out.writeByte(owed.size());
        for (Gap gap : owed) {
            save(out, gap);
        }
        out.writeByte(gaps.size());
        for (Gap gap : gaps) {
            save(out, gap);
        }
    }

    private static void save(DataOutputStream out, Gap gap) throws IOException {
        out.writeLong(gap.from);
        out.writeLong(gap.to);
        out.writeLong(gap.missing);
        out.writeLong(gap.beforeNanos);
        out.writeLong(gap.afterNanos);
        out.writeUTF(gap.cause);
        out.writeByte((gap.reported ? REPORTED : 0) | (gap.closed ? CLOSED : 0));
    }

    /// What was open at the restart is due at once: nothing that was on its way then still comes.
    @Override
    public void restore(DataInputStream in) throws IOException {
        mark = in.readLong();
        floor = in.readLong();
        markNanos = in.readLong();
        restarted = in.readBoolean();
        for (int left = in.readByte(); left > 0; left--) {
            owed.add(gap(in));
        }
        for (int left = in.readByte(); left > 0; left--) {
            Gap gap = gap(in);
            gaps.add(gap);
            unreported += gap.reported ? 0 : 1;
        }
    }

    private Gap gap(DataInputStream in) throws IOException {
        long from = in.readLong();
        long to = in.readLong();
        long missing = in.readLong();
        long ticks = System.nanoTime() - patienceNanos;
        Gap gap = new Gap(from, to, in.readLong(), in.readLong(), ticks, in.readUTF());
        gap.missing = missing;
        int state = in.readByte();
        gap.reported = (state & REPORTED) != 0;
        gap.closed = (state & CLOSED) != 0;
        return gap;
    }

    /// What comes next comes after an interruption of ours.
    void restarted() {
        restarted = mark != NONE;
    }
}

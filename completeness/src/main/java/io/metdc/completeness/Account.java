package io.metdc.completeness;

import io.metdc.market.Instrument;
import io.metdc.market.Origin;
import io.metdc.market.RejectReason;
import io.metdc.market.Trade;
import io.metdc.storage.journal.Entry;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What came of one instrument: its repeat filter, and the counts of the one second that is not in the
/// journal yet. They cover exactly what was journaled of it since its last [Entry.Counted].
final class Account {
    final Delivery delivery = new Delivery();
    RepeatFilter filter;
    Instrument instrument;
    /// Whether it is among those whose counts are to be journaled, or whose gaps are watched.
    boolean counting;

    boolean watched;
    long lastReceivedAtNanos;

    @Nullable
    Pulse pulse; // on all connections; null before the first trade

    @Nullable
    LatencyCounts receipt; // of its market, once it is known

    private long second;
    private long received;
    private long duplicate;
    private long late;
    private long consumed;
    private long byRest;
    private final Map<RejectReason, Long> rejected = new EnumMap<>(RejectReason.class);

    Account(Instrument instrument, RepeatFilter filter) {
        this.instrument = instrument;
        this.filter = filter;
    }

    boolean hasCounts() {
        return received > 0 || consumed > 0;
    }

    long second() {
        return second;
    }

    /// What is counted next was received in this second; to be called when nothing is counted.
    void begin(long newSecond) {
        second = newSecond;
    }

    /// Whether it comes on a stream after one with a higher number; to be asked before the filter sees it.
    boolean isLate(Trade trade) {
        return trade.origin() == Origin.STREAM && filter.check(trade) == Verdict.LATE;
    }

    void journaled(boolean isLate) {
        received++;
        late += isLate ? 1 : 0;
    }

    /// Those of the received rows that REST brought.
    void byRest(long rows) {
        byRest += rows;
    }

    void duplicate() {
        received++;
        duplicate++;
    }

    void consumed(long count) {
        consumed += count;
    }

    void rejected(RejectReason reason, long count) {
        received += count;
        rejected.merge(reason, count, Long::sum);
    }

    Entry.Counted counted() {
        return new Entry.Counted(
                instrument,
                second,
                received,
                duplicate,
                late,
                consumed,
                byRest,
                rejected.isEmpty() ? Map.of() : Map.copyOf(rejected));
    }

    /// The counts are in the journal.
    void clearCounts() {
        received = 0;
        duplicate = 0;
        late = 0;
        consumed = 0;
        byRest = 0;
        rejected.clear();
    }

    void save(DataOutputStream out) throws IOException {
        out.writeLong(lastReceivedAtNanos);
        out.writeLong(second);
        out.writeLong(received);
        out.writeLong(duplicate);
        out.writeLong(late);
        out.writeLong(consumed);
        out.writeLong(byRest);
        out.writeByte(rejected.size());
        for (var count : rejected.entrySet()) {
            out.writeUTF(count.getKey().name());
            out.writeLong(count.getValue());
        }
        delivery.save(out);
        filter.save(out);
    }

    /// @param isOld as the first version saved it
    void restore(DataInputStream in, boolean isOld) throws IOException {
        lastReceivedAtNanos = in.readLong();
        second = in.readLong();
        received = in.readLong();
        duplicate = in.readLong();
        late = in.readLong();
        consumed = in.readLong();
        byRest = isOld ? 0 : in.readLong();
        for (int left = in.readByte(); left > 0; left--) {
            rejected.put(RejectReason.valueOf(in.readUTF()), in.readLong());
        }
        if (isOld) {
            delivery.collected(true, lastReceivedAtNanos);
        } else {
            delivery.restore(in);
        }
        filter.restore(in);
    }
}

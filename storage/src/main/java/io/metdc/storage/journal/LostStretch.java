package io.metdc.storage.journal;

import io.metdc.market.Consumed;
import io.metdc.market.Instrument;
import io.metdc.market.Trade;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a stretch of the journal that cannot be read may have held: found from what lies around it, in its
/// segment, the one before and the one behind.
///
/// Of an instrument whose numbers go on without a break nothing is missing. Where numbers are missing,
/// those are the hole; where there are none, the time between its last trade before the stretch and its
/// first one behind is. An instrument that had no trade in the segment before is not thought of.
final class LostStretch implements Records.Visitor {
    /// The cause of such a hole.
    static final String CAUSE = "damage";

    private final long from;
    private final long to;
    private final Records.Reader records = new Records.Reader();
    private final Map<Instrument.Key, Seen> before = new HashMap<>();
    private final Map<Instrument.Key, Seen> behind = new HashMap<>();
    private boolean isBehind; // what is read now
    private long lastNanos; // executed or received, of all that was read

    /// The last number and time before the stretch, or the first behind it.
    private record Seen(Instrument instrument, long sequence, long executedAtNanos) {}

    private LostStretch(long from, long to) {
        this.from = from;
        this.to = to;
    }

    /// The holes that a stretch leaves. Reads up to three segments.
    ///
    /// @param from     the position of its first byte
    /// @param to       the position of what follows
    /// @param nowNanos our clock
    static List<Entry.HoleOpened> holes(Segments segments, long from, long to, long nowNanos) throws IOException {
        LostStretch stretch = new LostStretch(from, to);
        Segments.Segment damaged = segments.at(from);
        if (damaged == null) {
            return List.of();
        }
        Segments.Segment earlier = segments.before(damaged);
        if (earlier != null) {
            stretch.read(segments, earlier);
        }
        stretch.read(segments, damaged);
        Segments.Segment later = segments.after(damaged);
        if (later != null) {
            stretch.read(segments, later);
        }
        return stretch.holes(nowNanos);
    }

    private void read(Segments segments, Segments.Segment segment) throws IOException {
        records.newSegment();
        long end = Math.min(segment.length, segments.written() - segment.first);
        try (BlockReader blocks =
                new BlockReader(FileChannel.open(segment.path, StandardOpenOption.READ), segment.first, (_, _) -> {})) {
            while (blocks.next(end)) {
                isBehind = blocks.from() >= to;
                if (isBehind || blocks.from() < from) {
                    records.read(blocks.records(), this);
                }
            }
        }
    }

    private List<Entry.HoleOpened> holes(long nowNanos) {
        List<Entry.HoleOpened> holes = new ArrayList<>();
        before.forEach((key, last) -> {
            Seen next = behind.get(key);
            Entry.HoleOpened hole = hole(last, next, nowNanos);
            if (hole != null) {
                holes.add(hole);
            }
        });
        return holes;
    }

    private Entry.@Nullable HoleOpened hole(Seen last, @Nullable Seen next, long nowNanos) {
        if (next == null) {
            return hole(last, -1, Math.max(lastNanos, last.executedAtNanos), nowNanos);
        }
        if (last.sequence < 0 || next.sequence < 0) {
            return hole(last, -1, next.executedAtNanos, nowNanos);
        }
        return next.sequence == last.sequence + 1 ? null : hole(last, next.sequence, next.executedAtNanos, nowNanos);
    }

    /// @param next the number behind the hole; -1 where that proves nothing
    private static Entry.HoleOpened hole(Seen last, long next, long toNanos, long nowNanos) {
        return new Entry.HoleOpened(
                last.instrument,
                CAUSE,
                next < 0 ? -1 : last.sequence + 1,
                next < 0 ? -1 : next - 1,
                last.executedAtNanos,
                toNanos,
                next < 0 ? -1 : next - last.sequence - 1,
                nowNanos);
    }

    private void seen(Seen now) {
        if (!isBehind) {
            before.merge(now.instrument.key(), now, (old, fresh) -> fresh.sequence >= old.sequence ? fresh : old);
            return;
        }
        Seen last = before.get(now.instrument.key());
        if (last != null && (now.sequence < 0 || now.sequence > last.sequence)) {
            behind.merge(now.instrument.key(), now, (old, fresh) -> fresh.sequence < old.sequence ? fresh : old);
        }
    }

    @Override
    public void entry(Entry entry) {
        switch (entry) {
            case Entry.Traded(Trade trade) -> {
                lastNanos = Math.max(lastNanos, trade.receivedAtNanos());
                seen(new Seen(trade.instrument(), trade.sequence(), trade.executedAtNanos()));
            }
            case Entry.ConsumedId(Consumed consumed) ->
                seen(new Seen(consumed.instrument(), consumed.sequence(), consumed.executedAtNanos()));
            case Entry.Counted _,
                    Entry.RejectedRow _,
                    Entry.HoleOpened _,
                    Entry.HoleFound _,
                    Entry.HoleClosed _,
                    Entry.Collected _,
                    Entry.Unproven _ -> {
                // says nothing of a trade
            }
        }
    }

    @Override
    public void state(ByteBuffer piece) {}

    @Override
    public void stateEnd(long length) {}

    @Override
    public void closed() {}
}

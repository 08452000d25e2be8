package io.metdc.completeness;

import io.metdc.market.Consumed;
import io.metdc.market.Trade;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/// For instruments whose ids prove nothing: the last ids seen, and where ids rise in time, the highest.
final class RecentFilter implements RepeatFilter {
    private final boolean idsRise;
    private final RecentIds ids;
    private long mark = -1;

    RecentFilter(boolean idsRise, int recentIds) {
        this.idsRise = idsRise;
        this.ids = new RecentIds(recentIds);
    }

    @Override
    public Verdict check(Trade trade) {
        if (idsRise && RecentIds.number(trade.id()) > mark) {
            return Verdict.NEW;
        }
        if (ids.contains(trade.id())) {
            return Verdict.DUPLICATE;
        }
        return ids.isForgetful() ? Verdict.UNSURE : Verdict.NEW;
    }

    /// It has no id of its own here.
    @Override
    public Verdict check(Consumed consumed) {
        return Verdict.UNSURE;
    }

    @Override
    public boolean seen(Trade trade, long ticks) {
        ids.add(trade.id());
        mark = Math.max(mark, RecentIds.number(trade.id()));
        return false;
    }

    @Override
    public boolean seen(Consumed consumed, long ticks) {
        return false;
    }

    @Override
    public void save(DataOutputStream out) throws IOException {
        out.writeLong(mark);
        ids.save(out);
    }

    @Override
    public void restore(DataInputStream in) throws IOException {
        mark = in.readLong();
        ids.restore(in);
    }
}

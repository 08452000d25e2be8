package io.metdc.symbols;

import io.metdc.market.Instrument;
import java.util.ArrayList;
import java.util.List;

/// Cuts a market's instruments into the shares of its connections.
public final class Shards {
    private Shards() {}

    /// As few shards as the limit allows, as equal as can be, in the order given.
    ///
    /// @param perConnection how many instruments one connection carries, at least 1
    public static List<List<Instrument>> cut(List<Instrument> instruments, int perConnection) {
        if (perConnection < 1) {
            throw new IllegalArgumentException("a connection carries at least one instrument, not " + perConnection);
        }
        int count = Math.ceilDiv(instruments.size(), perConnection);
        List<List<Instrument>> shards = new ArrayList<>(count);
        int from = 0;
        for (int shard = 0; shard < count; shard++) {
            int to = from + Math.ceilDiv(instruments.size() - from, count - shard);
            shards.add(List.copyOf(instruments.subList(from, to)));
            from = to;
        }
        return shards;
    }
}

package io.metdc.simulator;

import io.metdc.market.Nanos;

/// What one connection was sent of one instrument's stream. Any thread.
final class Delivery {
    private final long fromNanos;
    // guarded by this
    private long toNanos;
    private long rows;
    private long interruptions;
    private long missed;
    private long last = -1;

    Delivery(long nowNanos) {
        fromNanos = nowNanos;
    }

    /// A row of this print was written.
    synchronized void wrote(Feed feed, long index, long nowNanos) {
        if (last >= 0 && index > last + 1) {
            long left = 0;
            for (long between = last + 1; between < index; between++) {
                Chunk chunk = feed.chunk(between);
                left += chunk == null || chunk.kind(Feed.at(between)).isPublic() ? 1 : 0;
            }
            if (left > 0) {
                interruptions++;
                missed += left;
            }
        }
        last = Math.max(last, index);
        rows++;
        toNanos = nowNanos;
    }

    synchronized Sent.Stream stream(String symbol) {
        return new Sent.Stream(symbol, Nanos.instant(fromNanos), Nanos.instant(toNanos), rows, interruptions, missed);
    }
}

package io.metdc.completeness;

import io.metdc.market.Trade;
import java.util.concurrent.atomic.AtomicLong;

/// What one instrument gave lately, on one connection or on all of them: when its last trade came, and how long it
/// pauses between two. Written by the journal thread alone, which pays no lock for it; any thread may read.
public final class Pulse {
    /// What a trade leaves of the longest pause before it: half of it is gone after 70 trades.
    private static final double FADING = 0.99;

    private final AtomicLong trades = new AtomicLong();
    private final AtomicLong receivedNanos = new AtomicLong();
    private final AtomicLong executedNanos = new AtomicLong();
    private final AtomicLong pauseNanos = new AtomicLong();

    /// A trade came, whether it was new or not.
    void traded(Trade trade) {
        long last = receivedNanos.getPlain();
        long received = trade.receivedAtNanos();
        if (last > 0 && received > last) {
            pauseNanos.lazySet(Math.max(received - last, (long) (pauseNanos.getPlain() * FADING)));
        }
        if (received > last) {
            receivedNanos.lazySet(received);
        }
        if (trade.executedAtNanos() > executedNanos.getPlain()) {
            executedNanos.lazySet(trade.executedAtNanos());
        }
        trades.lazySet(trades.getPlain() + 1);
    }

    /// How many trades came.
    public long trades() {
        return trades.get();
    }

    /// When the last one came, our clock, in nanoseconds since the epoch; 0 before the first.
    public long receivedNanos() {
        return receivedNanos.get();
    }

    /// When the newest one was executed, the exchange's clock; 0 before the first.
    public long executedNanos() {
        return executedNanos.get();
    }

    /// The longest of the recent pauses between two trades, which fades; 0 before the second.
    public long pauseNanos() {
        return pauseNanos.get();
    }
}

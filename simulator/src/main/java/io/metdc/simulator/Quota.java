package io.metdc.simulator;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/// What each client may use of something in each stretch of time, and for how long it gets nothing when it used more.
/// Any thread may call it.
final class Quota {
    private static final int MAX_CLIENTS = 1_000;

    private final int most;
    private final long perNanos;
    private final long penaltyNanos;
    private final boolean isProlonged;
    /// Guarded by itself.
    private final Map<String, Usage> usage = new HashMap<>();

    private static final class Usage {
        private long window = Long.MIN_VALUE;
        private int used;
        private long barredUntilNanos = Long.MIN_VALUE;
    }

    /// Whoever uses more has to wait for the next stretch.
    Quota(int most, Duration per) {
        this(most, per, Duration.ZERO, false);
    }

    /// @param penalty     how long whoever used more gets nothing
    /// @param isProlonged whether it begins anew with each attempt
    Quota(int most, Duration per, Duration penalty, boolean isProlonged) {
        this.most = most;
        perNanos = per.toNanos();
        penaltyNanos = penalty.toNanos();
        this.isProlonged = isProlonged;
    }

    int most() {
        return most;
    }

    /// Uses some of it.
    ///
    /// @return what is left; negative: the client gets nothing
    int take(String client, int weight, long nowNanos) {
        synchronized (usage) {
            if (usage.size() > MAX_CLIENTS) {
                usage.clear();
            }
            Usage used = usage.computeIfAbsent(client, _ -> new Usage());
            long window = Math.floorDiv(nowNanos, perNanos);
            if (used.window != window) {
                used.window = window;
                used.used = 0;
            }
            used.used += weight;
            boolean isBarred = nowNanos < used.barredUntilNanos;
            if (isBarred ? isProlonged : used.used > most) {
                used.barredUntilNanos = nowNanos + penaltyNanos;
            }
            return isBarred ? -1 : most - used.used;
        }
    }

    /// Uses one of it.
    ///
    /// @return whether the client gets something
    boolean admits(String client, long nowNanos) {
        return take(client, 1, nowNanos) >= 0;
    }

    /// How long it is until the next stretch begins.
    long nanosLeft(long nowNanos) {
        return perNanos - Math.floorMod(nowNanos, perNanos);
    }
}

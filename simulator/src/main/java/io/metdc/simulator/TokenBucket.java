package io.metdc.simulator;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/// What each client may use of something: some at once, and one more in each stretch of time. Any thread may call it.
final class TokenBucket {
    private static final int MAX_CLIENTS = 1_000;

    private final int capacity;
    private final long refillNanos;
    /// When the bucket of each client will be full. Guarded by itself.
    private final Map<String, Long> fullAt = new HashMap<>();

    /// @param capacity how many at once
    /// @param refill   how long it takes until there is one more
    TokenBucket(int capacity, Duration refill) {
        this.capacity = capacity;
        refillNanos = refill.toNanos();
    }

    /// Uses one, if there is one.
    boolean admits(String client, long nowNanos) {
        synchronized (fullAt) {
            if (fullAt.size() > MAX_CLIENTS) {
                fullAt.clear();
            }
            long full = Math.max(fullAt.getOrDefault(client, nowNanos), nowNanos) + refillNanos;
            boolean admitted = full - nowNanos <= capacity * refillNanos;
            if (admitted) {
                fullAt.put(client, full);
            }
            return admitted;
        }
    }
}

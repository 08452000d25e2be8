package io.metdc.completeness;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/// How often something took how long, in a few classes. One thread adds, without a lock; any thread may ask.
public final class LatencyCounts {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private static final long[] UP_TO_MILLIS = {
        1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000
    };

    private final AtomicLongArray counts = new AtomicLongArray(UP_TO_MILLIS.length + 1);
    private final AtomicLong totalNanos = new AtomicLong();

    /// The upper ends of the classes, each belonging to its class; the last class has none. Milliseconds.
    public static List<Long> upToMillis() {
        return Arrays.stream(UP_TO_MILLIS).boxed().toList();
    }

    /// One more. For the one thread that adds.
    ///
    /// @param nanos less than nothing, where two clocks are compared, counts as nothing
    public void add(long nanos) {
        long took = Math.max(0, nanos);
        int i = 0;
        while (i < UP_TO_MILLIS.length && took > UP_TO_MILLIS[i] * NANOS_PER_MILLI) {
            i++;
        }
        counts.setRelease(i, counts.getPlain(i) + 1);
        totalNanos.setRelease(totalNanos.getPlain() + took);
    }

    /// Of each class, one more than there are upper ends.
    public List<Long> counts() {
        List<Long> now = new ArrayList<>();
        for (int i = 0; i < counts.length(); i++) {
            now.add(counts.getAcquire(i));
        }
        return now;
    }

    public double totalSeconds() {
        return totalNanos.getAcquire() / 1e9;
    }
}

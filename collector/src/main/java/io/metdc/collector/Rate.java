package io.metdc.collector;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/// How fast a count grows, over the last seconds. Any thread.
final class Rate {
    private static final long SPAN_NANOS = Duration.ofSeconds(10).toNanos();

    private final Deque<Sample> samples = new ArrayDeque<>(); // oldest first; under this

    private record Sample(long nanos, long count) {}

    /// To be told about every second.
    ///
    /// @param nanos of the monotonic clock
    synchronized void at(long nanos, long count) {
        samples.addLast(new Sample(nanos, count));
        while (nanos - samples.getFirst().nanos() > SPAN_NANOS) {
            samples.removeFirst();
        }
    }

    /// 0 before anything can be said.
    synchronized double perSecond() {
        if (samples.size() < 2) {
            return 0;
        }
        Sample first = samples.getFirst();
        Sample last = samples.getLast();
        return (last.count() - first.count()) * 1e9 / Math.max(1, last.nanos() - first.nanos());
    }
}

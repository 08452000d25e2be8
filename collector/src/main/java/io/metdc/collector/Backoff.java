package io.metdc.collector;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How long to stay away after a failure: doubling from a first pause up to a longest one, so that neither a short
/// trouble is waited out for long nor a long one hammered. Used by one thread.
final class Backoff {
    /// Workers that failed together must not come back together.
    private static final double JITTER = 0.2;

    private final Duration first;
    private final Duration longest;
    private final RandomGenerator random;
    private int failures;

    Backoff(Duration first, Duration longest, RandomGenerator random) {
        if (first.isNegative() || first.isZero() || longest.compareTo(first) < 0) {
            throw new IllegalArgumentException("no back-off goes from " + first + " to " + longest);
        }
        this.first = first;
        this.longest = longest;
        this.random = random;
    }

    /// The pause after one more failure: 1, 2, 4, 8 … times the first, less up to a fifth, never over the longest.
    Duration next() {
        int doublings = Math.min(failures++, 30);
        long millis = Math.min(first.toMillis() << doublings, longest.toMillis());
        if (millis <= 0) { // shifted out
            millis = longest.toMillis();
        }
        return Duration.ofMillis(Math.round(millis * (1 - JITTER * random.nextDouble())));
    }

    /// The link is proven: the next failure starts from the first pause again.
    void reset() {
        failures = 0;
    }
}

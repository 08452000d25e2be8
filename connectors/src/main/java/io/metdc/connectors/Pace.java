package io.metdc.connectors;

import io.metdc.connectors.Limits.Rate;
import java.time.Duration;

/// Holds to a rate: no more than so many in any window of its length. Safe for use by several threads.
final class Pace {
    private final long per;
    private final long[] last; // when the last `count` went, in System.nanoTime(); the next one replaces the oldest
    private int next;
    private long went;

    Pace(Rate rate) {
        per = rate.per().toNanos();
        last = new long[rate.count()];
    }

    /// Waits until one more may go, and takes its place.
    void await() throws InterruptedException {
        for (long wait = take(System.nanoTime()); wait > 0; wait = take(System.nanoTime())) {
            Thread.sleep(Duration.ofNanos(wait));
        }
    }

    /// Counts one that could not wait, such as a pong; what comes next waits the longer.
    synchronized void count(long now) {
        last[next] = now;
        next = (next + 1) % last.length;
        went++;
    }

    /// Takes a place.
    ///
    /// @return 0 when it was there, otherwise how long to wait before asking again, in nanoseconds
    synchronized long take(long now) {
        long wait = went < last.length ? 0 : last[next] + per - now;
        if (wait <= 0) {
            count(now);
            return 0;
        }
        return wait;
    }
}

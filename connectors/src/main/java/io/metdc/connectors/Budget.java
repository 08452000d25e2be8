package io.metdc.connectors;

import io.metdc.connectors.Limits.Rate;
import java.time.Duration;
import java.util.ArrayDeque;

/// Holds to a weight: requests that together weigh no more than so much in any window of its length. Safe for use by
/// several threads.
final class Budget {
    private final int most;
    private final long per;
    private final ArrayDeque<Spent> spent = new ArrayDeque<>(); // oldest first
    private int sum;

    private record Spent(long at, int weight) {}

    Budget(Rate rate) {
        most = rate.count();
        per = rate.per().toNanos();
    }

    /// Waits until so much may be spent, and spends it. What weighs more than the whole waits until nothing else
    /// counts.
    void await(int weight) throws InterruptedException {
        for (long wait = spend(weight, System.nanoTime()); wait > 0; wait = spend(weight, System.nanoTime())) {
            Thread.sleep(Duration.ofNanos(wait));
        }
    }

    /// Spends, if there is enough.
    ///
    /// @return 0 when there was, otherwise how long to wait before asking again, in nanoseconds
    synchronized long spend(int weight, long now) {
        Spent oldest = spent.peek();
        while (oldest != null && oldest.at + per <= now) {
            spent.remove();
            sum -= oldest.weight;
            oldest = spent.peek();
        }
        if (oldest != null && sum + weight > most) {
            return oldest.at + per - now;
        }
        spent.add(new Spent(now, weight));
        sum += weight;
        return 0;
    }
}

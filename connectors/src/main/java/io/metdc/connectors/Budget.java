package io.metdc.connectors;

import io.metdc.connectors.Limits.Rate;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Holds to a weight: what is spent in any window of its length weighs no more than so much. With a file it remembers
/// over restarts, also after a kill: the exchange does. Safe for use by several threads, which take turns in the order
/// in which they came.
public final class Budget implements Closeable {
    private static final Logger log = LoggerFactory.getLogger(Budget.class);

    private final ReentrantLock turn = new ReentrantLock(true);
    private final int most;
    private final long per;
    private final ArrayDeque<Spent> spent = new ArrayDeque<>(); // oldest first
    private int sum;
    private @Nullable Spending file; // null: forgets
    private InstantSource clock = InstantSource.system();

    private record Spent(long at, int weight) {}

    /// A budget that nobody has spent of yet, and that forgets.
    public Budget(Rate rate) {
        most = rate.count();
        per = rate.per().toNanos();
    }

    /// A budget that goes on where the last process left it. That its file cannot be used is said in the log and stops
    /// nothing.
    ///
    /// @param path for this budget alone
    public static Budget remembering(Rate rate, Path path, InstantSource clock) {
        Budget budget = new Budget(rate);
        try {
            Spending file = Spending.open(path, rate.count());
            budget.recall(file, clock);
        } catch (IOException e) {
            log.warn("how much of a limit is used up cannot be remembered: {}", e.toString());
        }
        return budget;
    }

    private synchronized void recall(Spending opened, InstantSource source) {
        clock = source;
        file = opened;
        long now = System.nanoTime();
        long millis = source.millis();
        for (Spending.Entry entry : opened.entries()) {
            long age = Math.max(0, millis - entry.atMillis()); // a clock that was set back makes nothing younger
            if (age < TimeUnit.NANOSECONDS.toMillis(per)) {
                spent.add(new Spent(now - TimeUnit.MILLISECONDS.toNanos(age), entry.weight()));
                sum += entry.weight();
            }
        }
    }

    /// Waits until so much may be spent, and spends it. What weighs more than the whole waits until nothing else
    /// counts.
    public void await(int weight) throws InterruptedException {
        turn.lockInterruptibly();
        try {
            for (long wait = spend(weight, System.nanoTime()); wait > 0; wait = spend(weight, System.nanoTime())) {
                Thread.sleep(Duration.ofNanos(wait));
            }
        } finally {
            turn.unlock();
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
        remember(weight);
        spent.add(new Spent(now, weight));
        sum += weight;
        return 0;
    }

    private void remember(int weight) {
        if (file == null) {
            return;
        }
        try {
            file.add(new Spending.Entry(clock.millis(), weight));
        } catch (IOException e) {
            log.warn("how much of a limit is used up is not remembered any more: {}", e.toString());
            close();
        }
    }

    /// From here on it forgets.
    @Override
    public synchronized void close() {
        if (file != null) {
            file.close();
            file = null;
        }
    }
}

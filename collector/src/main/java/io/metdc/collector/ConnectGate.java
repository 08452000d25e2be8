package io.metdc.collector;

import io.metdc.connectors.Limits;
import java.util.ArrayDeque;

/// Keeps the connection attempts of one exchange within what it allows for one address: all workers of its markets pass
/// here. Thread-safe.
final class ConnectGate {
    private final Limits.Rate rate;
    private final ArrayDeque<Long> attempts = new ArrayDeque<>(); // nanoTime, oldest first

    ConnectGate(Limits.Rate rate) {
        this.rate = rate;
    }

    /// Waits for its turn and takes it.
    void pass() throws InterruptedException {
        while (true) {
            long waitNanos;
            synchronized (this) {
                long now = System.nanoTime();
                while (!attempts.isEmpty()
                        && now - attempts.getFirst() >= rate.per().toNanos()) {
                    attempts.removeFirst();
                }
                if (attempts.size() < rate.count()) {
                    attempts.addLast(now);
                    return;
                }
                waitNanos = rate.per().toNanos() - (now - attempts.getFirst());
            }
            Thread.sleep(waitNanos / 1_000_000 + 1);
        }
    }
}

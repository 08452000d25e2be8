package io.metdc.simulator;

import io.metdc.market.Market;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/// Lets an address connect so often, and hold so many connections. Any thread may call it; markets that an
/// exchange counts together share one.
final class Door {
    private static final String RETRY_AFTER = "Retry-After";

    private final Quota connects;
    private final int connections;
    private final int tolerated;
    private final Breaches breaches;
    /// By address. Guarded by itself.
    private final Map<String, Integer> open = new HashMap<>();

    /// What becomes of an attempt.
    sealed interface Answer {}

    /// Who is not let in.
    ///
    /// @param limit what stood against it
    record Turned(Limit limit, Refusal refusal) implements Answer {}

    /// Who is let in, until it is closed.
    final class Pass implements Answer, AutoCloseable {
        private final String address;
        private final AtomicBoolean hasLeft = new AtomicBoolean();

        private Pass(String address) {
            this.address = address;
        }

        /// The connection has ended, or never came to be. Does nothing the second time.
        @Override
        public void close() {
            if (hasLeft.compareAndSet(false, true)) {
                synchronized (open) {
                    open.computeIfPresent(address, (_, count) -> count == 1 ? null : count - 1);
                }
            }
        }
    }

    /// @param connections how many an address may hold by the documents; 0: as many as it likes
    /// @param tolerated   how many it may hold in fact
    Door(Quota connects, int connections, int tolerated, Breaches breaches) {
        this.connects = connects;
        this.connections = connections;
        this.tolerated = tolerated;
        this.breaches = breaches;
    }

    /// Counts an attempt, and a connection if it is let in.
    Answer enter(Market market, String address, long nowNanos) {
        Quota.Taken taken = connects.take(market, address, 1, nowNanos);
        if (taken.isRefused()) {
            String again = Long.toString(taken.againSeconds());
            return new Turned(
                    Limit.CONNECTS,
                    taken.isBanned()
                            ? new Refusal(418, "I'm a teapot", Map.of(RETRY_AFTER, again))
                            : new Refusal(429, "Too Many Requests", Map.of(RETRY_AFTER, again)));
        }
        synchronized (open) {
            int more = open.getOrDefault(address, 0) + 1;
            if (connections > 0 && more > connections) {
                boolean isTolerated = more <= tolerated;
                breaches.enter(
                        market, Limit.CONNECTIONS, more, connections, isTolerated ? "nothing" : "HTTP 429", nowNanos);
                if (!isTolerated) {
                    return new Turned(Limit.CONNECTIONS, new Refusal(429, "Too Many Requests"));
                }
            }
            open.put(address, more);
            return new Pass(address);
        }
    }
}

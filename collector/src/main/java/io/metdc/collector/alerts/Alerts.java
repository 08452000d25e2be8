package io.metdc.collector.alerts;

import io.metdc.connectors.FeedException;
import io.metdc.connectors.Network;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// Hands alerts to everybody who is to be told. Never waits: whoever raises an alert goes on at once.
public final class Alerts {
    private final List<Webhook> webhooks;

    /// @param addresses each takes alerts as JSON by POST; they are secrets
    /// @throws FeedException when the network settings cannot be used
    public Alerts(List<URI> addresses, Network network) throws FeedException {
        webhooks = new ArrayList<>();
        for (URI address : addresses) {
            webhooks.add(new Webhook(address, network.httpClient()));
        }
    }

    /// Tells everybody, each once, as soon as may be.
    public void raise(Alert alert) {
        raise(alert, () -> {});
    }

    /// The same.
    ///
    /// @param settled called when everybody took it or it was given up; never when metdc ended before that
    public void raise(Alert alert, Runnable settled) {
        if (webhooks.isEmpty()) {
            settled.run();
        }
        AtomicInteger left = new AtomicInteger(webhooks.size());
        webhooks.forEach(webhook -> webhook.offer(alert, () -> {
            if (left.decrementAndGet() == 0) {
                settled.run();
            }
        }));
    }

    /// Gives what is waiting a moment, then ends.
    public void close(Duration within) {
        long deadline = System.nanoTime() + within.toNanos();
        webhooks.forEach(webhook -> webhook.close(deadline));
    }
}

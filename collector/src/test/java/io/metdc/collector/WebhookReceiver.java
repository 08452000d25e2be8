package io.metdc.collector;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Takes alerts as a user's own service does. What is no JSON fails the test that asks for the alerts.
final class WebhookReceiver implements AutoCloseable {
    /// @param at when it was there
    record Alert(Instant at, JsonNode body) {
        String text(String field) {
            return body.path(field).asText();
        }
    }

    private final HttpServer server;
    private final List<Alert> alerts = new CopyOnWriteArrayList<>();
    private final List<String> unreadable = new CopyOnWriteArrayList<>();

    WebhookReceiver() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        server.createContext("/", exchange -> {
            Instant at = Instant.now();
            try (exchange) {
                byte[] body = exchange.getRequestBody().readAllBytes();
                try {
                    alerts.add(new Alert(at, new ObjectMapper().readTree(body)));
                } catch (IOException e) {
                    unreadable.add(e.toString());
                }
                exchange.sendResponseHeaders(204, -1);
            }
        });
        server.start();
    }

    /// The setting that sends alerts here.
    String setting() {
        return "alerts.webhook_url=http://127.0.0.1:" + server.getAddress().getPort() + "/";
    }

    /// Alerts of this kind in the order in which they came.
    ///
    /// @param event as its JSON has it: `listing`, `stage`, `blind`
    List<Alert> of(String event) {
        if (!unreadable.isEmpty()) {
            throw new AssertionError("alerts that are no JSON: " + unreadable);
        }
        return alerts.stream()
                .filter(alert -> alert.text("event").equals(event))
                .toList();
    }

    /// The same of one coin.
    List<Alert> of(String event, String coin) {
        return of(event).stream()
                .filter(alert -> alert.text("coin").equals(coin))
                .toList();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}

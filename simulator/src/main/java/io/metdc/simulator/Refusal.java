package io.metdc.simulator;

import java.io.Serial;
import java.util.Map;

/// A handshake that the exchange turns down.
final class Refusal extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    private final int status;
    private final transient Map<String, String> headers; // a refusal never leaves its process

    Refusal(int status, String reason) {
        this(status, reason, Map.of());
    }

    Refusal(int status, String reason, Map<String, String> headers) {
        super(reason);
        this.status = status;
        this.headers = Map.copyOf(headers);
    }

    Map<String, String> headers() {
        return headers;
    }

    /// Of HTTP.
    int status() {
        return status;
    }
}

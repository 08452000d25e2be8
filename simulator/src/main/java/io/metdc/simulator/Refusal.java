package io.metdc.simulator;

import java.io.Serial;

/// A handshake that the exchange turns down.
final class Refusal extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    private final int status;

    Refusal(int status, String reason) {
        super(reason);
        this.status = status;
    }

    /// Of HTTP.
    int status() {
        return status;
    }
}

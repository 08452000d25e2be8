package io.metdc.connectors;

/// A REST answer that is not what the exchange documents: HTML, an error with status 200, another time unit.
public final class UnreadableAnswer extends Exception {
    private static final long serialVersionUID = 1L;

    public UnreadableAnswer(String message) {
        super(message);
    }

    public UnreadableAnswer(String message, Throwable cause) {
        super(message, cause);
    }
}

package io.metdc.simulator;

import java.util.Locale;

/// What an exchange limits.
public enum Limit {
    /// Attempts to connect from one address, in a stretch of time.
    CONNECTS,
    /// Connections of one address at a time.
    CONNECTIONS,
    /// Requests with an `Origin` from one address, handshakes included.
    ORIGIN,
    /// What one connection subscribes: streams, topics, symbols, or characters of topics.
    SUBSCRIPTIONS,
    /// What one subscribe frame names.
    INSTRUMENTS_PER_FRAME,
    /// The length of a client frame in bytes.
    FRAME_BYTES,
    /// Client frames on one connection, in a stretch of time.
    CLIENT_FRAMES,
    /// Subscribe and unsubscribe requests on one connection, in a stretch of time.
    REQUESTS,
    /// REST requests or their weight from one address, in a stretch of time.
    REST;

    private final String id = name().toLowerCase(Locale.ROOT);

    /// The name in reports: `client_frames`.
    public String id() {
        return id;
    }

    @Override
    public String toString() {
        return id;
    }
}

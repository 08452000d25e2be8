package io.metdc.connectors;

/// Sees every message of a connection as it came, before it is read: to keep raw frames as evidence.
@FunctionalInterface
public interface FrameTap {
    /// Called on the session's reader thread; must be quick and must not keep or change the bytes.
    void accept(byte[] bytes, int offset, int length, long receivedAtNanos);
}

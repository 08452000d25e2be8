package io.metdc.simulator;

import java.util.concurrent.CountDownLatch;

/// What a connection's writer has to do next.
sealed interface Outgoing {
    /// Send what the client subscribed of it.
    record Prints(Batch batch) implements Outgoing {}

    /// Answer what the client said.
    record Received(String text) implements Outgoing {}

    /// Send this frame, so many times.
    @SuppressWarnings("ArrayRecordComponent") // it is written out and never compared
    record Frame(int opcode, byte[] payload, int times) implements Outgoing {}

    /// Send frames that are no trades, so many bytes in all.
    record Flood(long bytes) implements Outgoing {}

    /// An instrument goes on at another place.
    record Renamed(int from, int to) implements Outgoing {}

    /// Warn that the connection will be closed.
    record Notice() implements Outgoing {}

    /// Send a close frame, and nothing more.
    record Close(int code, String reason) implements Outgoing {}

    /// Say that everything before it has been written.
    record Barrier(CountDownLatch reached) implements Outgoing {}

    /// Stop: the connection is closed.
    record End() implements Outgoing {}
}

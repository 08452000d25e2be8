package io.metdc.connectors;

import java.util.Map;

/// What a session has seen so far. Rows are counted as they left the session: an implausible trade is among the
/// rejected.
///
/// @param frames           messages, whatever became of them
/// @param ignored          messages of no interest
/// @param unreadable       messages that nobody could read, by kind
/// @param lastFrameAtNanos when the last message came, nanoseconds since the epoch, 0 if none did
/// @param lastTradeAtNanos when the last trade came, nanoseconds since the epoch, 0 if none did
public record Counts(
        long frames,
        long trades,
        long consumed,
        long rejected,
        long ignored,
        Map<String, Unreadable> unreadable,
        long lastFrameAtNanos,
        long lastTradeAtNanos) {

    /// Messages that nobody could read.
    ///
    /// @param sample the beginning of the first one, at most [Session#MAX_SAMPLE] characters
    public record Unreadable(long count, String sample) {}
}

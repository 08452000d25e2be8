package io.metdc.market;

/// One row of a trade message, read: every row ends as exactly one of these, so that received rows can be accounted
/// for.
public sealed interface Row permits Trade, Consumed, Rejected {
    /// The instrument it belongs to; [Instrument#unknown(Market)] when its symbol is not collected.
    Instrument instrument();

    /// When the frame or answer that held it was complete: our clock, nanoseconds since the epoch.
    long receivedAtNanos();
}

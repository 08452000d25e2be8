package io.metdc.market;

/// A number of an instrument's sequence that the exchange used for something that is no public trade, such as an entry
/// of its insurance fund. It is counted and closes its number, so that no hole is reported; it is not stored as a
/// trade.
///
/// @param sequence        the contiguous number, or [Trade#NO_SEQUENCE] where the exchange has none
/// @param executedAtNanos the exchange's clock, nanoseconds since the epoch
/// @param reason          the exchange's own word for it: `INSURANCE_FUND`
public record Consumed(Instrument instrument, long sequence, long executedAtNanos, long receivedAtNanos, String reason)
        implements Row {}

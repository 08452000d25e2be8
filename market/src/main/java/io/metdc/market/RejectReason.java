package io.metdc.market;

import java.util.Locale;

/// Why a trade row was not stored.
public enum RejectReason {
    /// A field is missing, null, not of its type, or not positive where it must be.
    MALFORMED,
    /// The symbol is not collected on this market.
    UNKNOWN_INSTRUMENT,
    /// The exchange's time is outside of what a live trade can have.
    IMPLAUSIBLE_TIME,
    /// More digits or a larger exponent than a price or size can have.
    IMPLAUSIBLE_NUMBER,
    /// The time came in another unit than the one its market uses: stored, the trade could appear twice.
    TIME_UNIT,
    /// There was no room for it: a refill is owed.
    OVERFLOW,
    /// The database refused this row for what it contains.
    DATABASE,
    /// A message that says again what a snapshot or a message on the same connection has said.
    REPEAT,
    /// One of a group of trades without ids that may be cut at the edge of what was sent, so that it cannot be
    /// numbered: it comes whole by another way.
    CUT_GROUP;

    private final String id = name().toLowerCase(Locale.ROOT);

    /// The name used in SQL and output: `implausible_time`.
    public String id() {
        return id;
    }

    @Override
    public String toString() {
        return id;
    }
}

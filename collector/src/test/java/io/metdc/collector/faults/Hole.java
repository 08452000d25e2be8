package io.metdc.collector.faults;

import org.jspecify.annotations.Nullable;

/// A line of the ledger, and what the tape says of it.
final class Hole {
    /// The first and last missing number; -1 where there are none.
    final long fromId;

    final long toId;
    /// Executed times, nanoseconds since the epoch; the ends of time where they are not known.
    final long fromNanos;

    final long toNanos;
    /// When it was closed, by the program's clock; the end of time while it is open.
    final long closedNanos;

    final String cause;
    /// Null while it is open.
    final @Nullable String outcome;

    /// Public trades within that are not stored.
    long missing;

    Hole(
            long fromId,
            long toId,
            long fromNanos,
            long toNanos,
            long closedNanos,
            String cause,
            @Nullable String outcome) {
        this.fromId = fromId;
        this.toId = toId;
        this.fromNanos = fromNanos;
        this.toNanos = toNanos;
        this.closedNanos = closedNanos;
        this.cause = cause;
        this.outcome = outcome;
    }

    boolean isById() {
        return fromId >= 0;
    }

    /// Whether the outcome says that nothing is missing.
    boolean isClaimedWhole() {
        return outcome != null && (outcome.equals("refilled") || outcome.equals("never_public"));
    }
}

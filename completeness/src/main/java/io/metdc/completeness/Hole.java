package io.metdc.completeness;

import io.metdc.market.Instrument;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A row of the ledger that is open.
///
/// @param fromId   the first missing number; -1 without numbers
/// @param toId     the last one; -1 without numbers
/// @param from     executed time of the last trade before it; null if unknown
/// @param to       executed time of the first trade after it, or from when on it was carried again; null if unknown
/// @param expected how many trades are missing; -1 if unknown
/// @param openedAt our clock, whole microseconds
/// @param tries    how often its exchange was asked
record Hole(
        Instrument instrument,
        int instrumentId,
        String cause,
        long fromId,
        long toId,
        @Nullable Instant from,
        @Nullable Instant to,
        long expected,
        Instant openedAt,
        int tries) {

    private static final String DAMAGE = "damage";
    private static final String JOURNAL_LOST = "journal_lost";

    /// What tells it from all others.
    record Key(int instrumentId, Instant openedAt, long fromId) {}

    Key key() {
        return new Key(instrumentId, openedAt, fromId);
    }

    /// Whether it is exactly known which numbers are missing.
    boolean isByIds() {
        return fromId >= 0 && expected >= 0;
    }

    /// Whether it was received and then lost: the repeat filter may know what is missing.
    boolean wasReceived() {
        return cause.equals(DAMAGE) || cause.equals(JOURNAL_LOST);
    }

    /// Where it begins in time, as far as that is known.
    Instant since() {
        return from == null ? openedAt : from;
    }

    /// Where it ends in time, as far as that is known.
    Instant until() {
        return to == null ? openedAt : to;
    }
}

package io.metdc.completeness;

import io.metdc.market.Instrument;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A row of the ledger that is open.
///
/// @param key      what tells its row from all others
/// @param isByIds  whether no number below the first or above the last is missing of it
/// @param fromId   the first missing number; -1 without numbers
/// @param toId     the last one; -1 without numbers
/// @param from     executed time of the last trade before it; null if unknown
/// @param to       executed time of the first trade after it, or from when on it was carried again; null if unknown
/// @param expected how many trades are missing; -1 if unknown
/// @param tries    how often its exchange was asked
record Hole(
        Key key,
        Instrument instrument,
        String cause,
        boolean isByIds,
        long fromId,
        long toId,
        @Nullable Instant from,
        @Nullable Instant to,
        long expected,
        int tries) {

    private static final String DAMAGE = "damage";
    private static final String JOURNAL_LOST = "journal_lost";

    /// @param openedAt our clock, whole microseconds
    /// @param fromId   as in the ledger; -1 without numbers
    /// @param toId     as in the ledger; -1 without numbers
    record Key(int instrumentId, Instant openedAt, long fromId, long toId) {}

    int instrumentId() {
        return key.instrumentId;
    }

    Instant openedAt() {
        return key.openedAt;
    }

    /// The same, where two stored trades tell its numbers.
    ///
    /// @param before the number of the trade before it, executed at `after`
    /// @param behind the number of the trade behind it, executed at `until`
    Hole between(long before, Instant after, long behind, Instant until) {
        return new Hole(key, instrument, cause, true, before + 1, behind - 1, after, until, -1, tries);
    }

    /// Whether it was received and then lost: the repeat filter may know what is missing.
    boolean wasReceived() {
        return cause.equals(DAMAGE) || cause.equals(JOURNAL_LOST);
    }

    /// Where it begins in time, as far as that is known.
    Instant since() {
        return from == null ? openedAt() : from;
    }

    /// Where it ends in time, as far as that is known.
    Instant until() {
        return to == null ? openedAt() : to;
    }
}

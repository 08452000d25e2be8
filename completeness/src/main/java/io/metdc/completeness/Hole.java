package io.metdc.completeness;

import io.metdc.market.Instrument;
import io.metdc.market.Nanos;
import io.metdc.storage.journal.Entry;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A row of the ledger that is open, or will be.
///
/// @param key          what tells its row from all others
/// @param instrumentId in the database; -1 before it is in the ledger
/// @param isByIds  whether no number below the first or above the last is missing of it
/// @param fromId   the first missing number; -1 without numbers
/// @param toId     the last one; -1 without numbers
/// @param from     executed time of the last trade before it; null if unknown
/// @param to       executed time of the first trade after it, or from when on it was carried again; null if unknown
/// @param expected how many trades are missing; -1 if unknown
/// @param tries    how often its exchange was asked
record Hole(
        Key key,
        int instrumentId,
        Instrument instrument,
        String cause,
        boolean isByIds,
        long fromId,
        long toId,
        @Nullable Instant from,
        @Nullable Instant to,
        long expected,
        int tries) {

    private static final int NO_ID = -1;
    private static final String DAMAGE = "damage";
    private static final String JOURNAL_LOST = "journal_lost";

    /// @param openedAt our clock, whole microseconds
    /// @param fromId   as in the ledger; -1 without numbers
    /// @param toId     as in the ledger; -1 without numbers
    record Key(Instrument.Key instrument, Instant openedAt, long fromId, long toId) {}

    /// As it will stand in the ledger.
    static Hole of(Entry.HoleOpened entry) {
        return new Hole(
                new Key(entry.instrument().key(), micros(entry.openedAtNanos()), entry.fromId(), entry.toId()),
                NO_ID,
                entry.instrument(),
                entry.cause(),
                entry.fromId() >= 0 && entry.expected() >= 0,
                entry.fromId(),
                entry.toId(),
                entry.fromNanos() == 0 ? null : micros(entry.fromNanos()),
                entry.toNanos() == 0 ? null : micros(entry.toNanos()),
                entry.expected(),
                0);
    }

    private static Instant micros(long nanos) {
        return Nanos.instant(nanos - Math.floorMod(nanos, Nanos.PER_MICRO));
    }

    Instant openedAt() {
        return key.openedAt;
    }

    /// The same, where two stored trades tell its numbers.
    ///
    /// @param before the number of the trade before it, executed at `after`
    /// @param behind the number of the trade behind it, executed at `until`
    Hole between(long before, Instant after, long behind, Instant until) {
        return new Hole(key, instrumentId, instrument, cause, true, before + 1, behind - 1, after, until, -1, tries);
    }

    /// Whether a number is among the missing ones; true where there are no numbers.
    boolean has(long number) {
        return !isByIds || (fromId <= number && number <= toId);
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

package io.metdc.connectors;

import io.metdc.market.Instrument;
import java.time.Instant;

/// A stretch of the past of one instrument: what lies between two trades that are known, neither of them included.
/// A connector asks for it as closely as its exchange can be asked, so that more may come than was wanted.
///
/// @param afterNumber  the contiguous number, or the id where there is none, of the trade before it; [#UNKNOWN]
///                     when none is known
/// @param beforeNumber the same of the trade behind it
/// @param after        not before this, the exchange's clock
/// @param before       not after this
public record Stretch(Instrument instrument, long afterNumber, long beforeNumber, Instant after, Instant before) {
    /// Stands for a number that nobody knows.
    public static final long UNKNOWN = -1;

    /// The trades just done, as many as one answer holds.
    public static Stretch newest(Instrument instrument) {
        return new Stretch(instrument, UNKNOWN, UNKNOWN, Instant.MIN, Instant.MAX);
    }

    /// Whether only what one answer holds is wanted.
    boolean isNewest() {
        return after.equals(Instant.MIN) && afterNumber == UNKNOWN;
    }

    /// Whether a page that reaches back to this trade leaves nothing of the stretch before it.
    boolean isReached(long number, Instant executedAt) {
        return executedAt.isBefore(after) || (afterNumber != UNKNOWN && number != UNKNOWN && number <= afterNumber);
    }
}

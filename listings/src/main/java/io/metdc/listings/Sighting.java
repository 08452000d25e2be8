package io.metdc.listings;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/// When a source first told of a listing, by our clock: it became visible there in (`notYetAt`, `seenAt`]. Times are
/// cut to microseconds, so that files and tables say the same.
///
/// @param notYetAt when the source's last answer that did not contain it was asked for; null when there was none
/// @param seenAt   when the first answer or push that contained it was received
public record Sighting(Source source, @Nullable Instant notYetAt, Instant seenAt) {
    public Sighting {
        notYetAt = notYetAt == null ? null : notYetAt.truncatedTo(ChronoUnit.MICROS);
        seenAt = seenAt.truncatedTo(ChronoUnit.MICROS);
        if (notYetAt != null && notYetAt.isAfter(seenAt)) {
            throw new IllegalArgumentException("not yet there at " + notYetAt + ", but seen at " + seenAt);
        }
    }
}

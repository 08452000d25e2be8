package io.metdc.listings;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// When a source first told of a listing, by our clock: it became visible there in (`notYetAt`, `seenAt`].
///
/// @param notYetAt when the source's last answer that did not contain it was asked for; null when there was none
/// @param seenAt   when the first answer or push that contained it was received
public record Sighting(Source source, @Nullable Instant notYetAt, Instant seenAt) {
    public Sighting {
        if (notYetAt != null && notYetAt.isAfter(seenAt)) {
            throw new IllegalArgumentException("not yet there at " + notYetAt + ", but seen at " + seenAt);
        }
    }
}

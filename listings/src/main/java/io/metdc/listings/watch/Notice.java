package io.metdc.listings.watch;

import java.net.URI;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A notice as a source gives it.
///
/// @param uuid          "" where the source gives none
/// @param id            the number it had before there were uuids; "" where the source gives none
/// @param title         as published, blanks and all; one that is too long to be read is cut
/// @param category      as published: `거래`; "" where the source gives none
/// @param firstListedAt when it was first published, whole seconds
/// @param listedAt      when it was last published: an amendment moves it
/// @param url           its public page; null where it cannot be said
public record Notice(
        String uuid,
        String id,
        String title,
        String category,
        Instant firstListedAt,
        Instant listedAt,
        @Nullable URI url) {

    public Notice {
        if (uuid.isEmpty() && id.isEmpty()) {
            throw new IllegalArgumentException("a notice without uuid and id");
        }
    }

    /// What it is known by: its uuid, else its id.
    public String key() {
        return uuid.isEmpty() ? id : uuid;
    }
}

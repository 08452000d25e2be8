package io.metdc.listings.watch;

import io.metdc.listings.Sighting;
import io.metdc.listings.Source;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// A notice that was seen, as the state remembers it. The watch's, under its lock.
final class KnownNotice {
    final String uuid; // "" until a source gives one
    final String id; // "" until a source gives one
    final Instant firstListedAt;
    final List<Sighting> sightings = new ArrayList<>();
    String title;
    Instant listedAt;

    KnownNotice(String uuid, String id, String title, Instant firstListedAt, Instant listedAt) {
        this.uuid = uuid;
        this.id = id;
        this.title = title;
        this.firstListedAt = firstListedAt;
        this.listedAt = listedAt;
    }

    /// The same with the name that another source has for it.
    KnownNotice named(String otherUuid, String otherId) {
        KnownNotice named = new KnownNotice(
                uuid.isEmpty() ? otherUuid : uuid, id.isEmpty() ? otherId : id, title, firstListedAt, listedAt);
        named.sightings.addAll(sightings);
        return named;
    }

    boolean wasSeenBy(Source source) {
        return sightings.stream().anyMatch(sighting -> sighting.source() == source);
    }
}

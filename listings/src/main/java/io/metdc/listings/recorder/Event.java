package io.metdc.listings.recorder;

import io.metdc.listings.Contract;
import io.metdc.listings.Listing;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A listing and what is known of it beyond its announcement, as of now.
///
/// @param kind          what its notice is about: `listing`, `postponed`, `cancelled`
/// @param opensAt       when trading opens; null while nobody knows
/// @param marketSeenAt  our clock, when its KRW market first stood in the market list; null while it does not
/// @param contracts     where the coin lives; none where nobody says
/// @param clockAhead    how far the clock of the exchange that announces is ahead of ours, to about half a
///                      second; null where it was not measured
/// @param windows       what is recorded of it
/// @param version       metdc's own
/// @param configuration stands for the configuration in use: another one has another
public record Event(
        Listing listing,
        String kind,
        @Nullable Instant opensAt,
        @Nullable Instant marketSeenAt,
        List<Contract> contracts,
        @Nullable Duration clockAhead,
        Windows windows,
        String version,
        String configuration) {

    public Event {
        contracts = List.copyOf(contracts);
    }

    /// How far the clock of a market is ahead of ours, milliseconds; null where that was not measured.
    @Nullable
    Long clockOffsetMillis(Venue venue) {
        return venue.isHome() && clockAhead != null ? clockAhead.toMillis() : null;
    }

    /// t0: the announcement.
    public Instant announcedAt() {
        return listing.announcedAt();
    }

    /// How long after the announcement it fired.
    public Duration delay() {
        return Duration.between(listing.announcedAt(), listing.firedAt());
    }

    @Nullable
    Window window(Stage stage) {
        return windows.of(stage, announcedAt(), opensAt);
    }

    /// What the archive of a stage holds.
    List<Window> archived(Stage stage) {
        return windows.archived(stage, announcedAt(), opensAt);
    }

    Window core() {
        return windows.core().around(announcedAt());
    }
}

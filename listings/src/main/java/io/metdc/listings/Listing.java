package io.metdc.listings;

import java.net.URI;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One coin of one announcement, as it fired. A notice with three coins is three of these.
///
/// @param notice      the key of the notice: its uuid, or its id where it has none; `market:KRW-CRV` where the market
///                    list told of it first, `hand:…` for a person's
/// @param coin        as Upbit spells it: `CRV`, `0G`, `W`
/// @param markets     the quote assets that the notice names for it, in its order: `KRW`, `USDT`; never empty. Those
///                    of its title until its body is known to say otherwise
/// @param title       of the notice as published; "" without one
/// @param category    of the notice as published; "" without one
/// @param url         the notice's public page
/// @param announcedAt the event, t0: `first_listed_at` of the notice, whole seconds, so that the true instant lies
///                    within a second of it; without a notice the second in which it was seen, or what a person said
/// @param firedAt     our clock, when it was decided; cut to microseconds, so that files and tables say the same
/// @param late        found too late to have fired in time, or after a cold start
/// @param sightings   by whom it was seen, in the order of their times; at least one
public record Listing(
        String notice,
        String coin,
        List<String> markets,
        String title,
        String category,
        @Nullable URI url,
        Instant announcedAt,
        Instant firedAt,
        boolean late,
        List<Sighting> sightings) {

    /// What a coin can be called: it becomes part of paths, and of a WebSocket request.
    private static final Pattern COIN = Pattern.compile("[A-Z0-9]{1,12}");

    private static final DateTimeFormatter FOLDER_TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd_HHmmss").withZone(ZoneOffset.UTC);

    public Listing {
        if (!isCoin(coin)) {
            throw new IllegalArgumentException("a coin is 1 to 12 of A-Z and 0-9");
        }
        if (markets.isEmpty() || sightings.isEmpty()) {
            throw new IllegalArgumentException(coin + " without a market or a sighting");
        }
        firedAt = firedAt.truncatedTo(ChronoUnit.MICROS);
        markets = List.copyOf(markets);
        sightings = List.copyOf(sightings);
    }

    /// Whether this can be the name of a coin.
    public static boolean isCoin(String text) {
        return COIN.matcher(text).matches();
    }

    /// By which people and folders name it, t0 in UTC: `CRV_20260821_022240`.
    public String id() {
        return coin + "_" + FOLDER_TIME.format(announcedAt);
    }

    /// Whether won is among its markets.
    public boolean isKrw() {
        return markets.contains("KRW");
    }

    /// When anybody could have known first: the earliest time at which a source of ours had it.
    public Instant seenAt() {
        return sightings.getFirst().seenAt();
    }

    /// The same, with the notice that came after the market list had told of it.
    public Listing told(String laterTitle, String laterCategory, @Nullable URI laterUrl) {
        return new Listing(
                notice, coin, markets, laterTitle, laterCategory, laterUrl, announcedAt, firedAt, late, sightings);
    }

    /// The same, on these markets and no others.
    public Listing on(List<String> otherMarkets) {
        return new Listing(notice, coin, otherMarkets, title, category, url, announcedAt, firedAt, late, sightings);
    }

    /// The same, seen by others too.
    public Listing with(List<Sighting> all) {
        return new Listing(notice, coin, markets, title, category, url, announcedAt, firedAt, late, all);
    }
}

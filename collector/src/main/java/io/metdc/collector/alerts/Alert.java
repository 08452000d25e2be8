package io.metdc.collector.alerts;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.metdc.listings.Listing;
import io.metdc.listings.Source;
import io.metdc.listings.recorder.Archive;
import io.metdc.listings.recorder.Coverage;
import io.metdc.listings.recorder.Stage;
import io.metdc.listings.recorder.Venue;
import io.metdc.listings.watch.Notice;
import io.metdc.market.Instrument;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Pattern;

/// Something that people are told. Its JSON has `event`, `id`, `title` and `text` and what belongs to the kind; times
/// are ISO 8601 in UTC with milliseconds.
///
/// @param id   the same however often it has to be sent
/// @param body as it is posted
public record Alert(String id, Kind kind, ObjectNode body) {
    private static final Pattern NO_ID = Pattern.compile("[^A-Za-z0-9._-]+");

    private static final DateTimeFormatter MILLIS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    /// What it is about.
    public enum Kind {
        /// A coin's listing fired.
        LISTING,
        /// A stage of its archive is there.
        STAGE,
        /// The body of a notice names other markets than its title, for which the listing fired.
        CORRECTED,
        /// A title that a person must read.
        UNCLEAR_TITLE,
        /// A part of what a source of announcements said that nobody can read.
        UNREADABLE,
        /// What was known of announcements cannot be used: it is watched anew.
        FORGOTTEN,
        /// Announcements are not seen any more.
        BLIND,
        /// They are seen again.
        SIGHTED
    }

    /// A listing has fired.
    ///
    /// @param venues every market, with what is known of the coin there at this moment
    public static Alert listing(Listing listing, List<Venue> venues) {
        Duration delay = Duration.between(listing.announcedAt(), listing.seenAt());
        Alert alert = of(
                "listing-" + listing.id(),
                Kind.LISTING,
                listing.coin() + " is listed on Upbit: " + String.join(", ", listing.markets()),
                "announced " + text(listing.announcedAt()) + " (± 1 s), seen after " + delay.toMillis() + " ms by "
                        + listing.sightings().getFirst().source() + (listing.late() ? ", late" : ""));
        ObjectNode body = alert.body.put("listing", listing.id()).put("coin", listing.coin());
        ArrayNode markets = body.putArray("markets");
        listing.markets().forEach(markets::add);
        body.put("notice_title", listing.title())
                .put("url", listing.url() == null ? null : listing.url().toString())
                .put("announced_at", text(listing.announcedAt()))
                .put("seen_at", text(listing.seenAt()))
                .put("fired_at", text(listing.firedAt()))
                .put("delay_ms", delay.toMillis())
                .put("late", listing.late())
                .put("source", listing.sightings().getFirst().source().id());
        ArrayNode known = body.putArray("known");
        for (Venue venue : venues) {
            Instrument instrument = venue.instrument();
            ObjectNode row = known.addObject()
                    .put("exchange", venue.market().exchange().id())
                    .put("market", venue.market().type().id())
                    .put("symbol", instrument == null ? null : instrument.symbol());
            if (instrument == null) {
                row.put("why", venue.match().name().toLowerCase(Locale.ROOT));
            }
        }
        return alert;
    }

    /// A stage of a listing's archive is there.
    public static Alert stage(Listing listing, Stage stage, Archive.Published published) {
        long trades = published.coverage().venues().stream()
                .mapToLong(Coverage.OfVenue::trades)
                .sum();
        boolean complete = published.coverage().complete();
        Alert alert = of(
                "stage-" + listing.id() + "-" + stage + "-" + UUID.randomUUID(),
                Kind.STAGE,
                listing.coin() + ": stage " + stage + " is recorded",
                trades + " trades, " + (complete ? "core complete" : "the core has a hole"));
        alert.body
                .put("listing", listing.id())
                .put("coin", listing.coin())
                .put("stage", stage.id())
                .put("complete", complete)
                .put("open_holes", published.coverage().openHoles())
                .put("trades", trades)
                .put("archive", published.folder().toString());
        return alert;
    }

    /// The body of a notice names other markets than its title did.
    ///
    /// @param was as it fired
    public static Alert corrected(Listing was, Listing is) {
        String markets = String.join(", ", is.markets());
        Alert alert = of(
                "corrected-" + is.id() + "-" + markets,
                Kind.CORRECTED,
                "Listing corrected: " + is.coin() + " is listed on " + markets + (is.isKrw() ? "" : ", not for won"),
                "the title of the notice said " + String.join(", ", was.markets()) + ", its body says " + markets);
        alert.body
                .put("listing", is.id())
                .put("coin", is.coin())
                .put("is_krw_listing", is.isKrw())
                .put("notice_title", is.title())
                .put("url", is.url() == null ? null : is.url().toString());
        ArrayNode now = alert.body.putArray("markets");
        is.markets().forEach(now::add);
        ArrayNode before = alert.body.putArray("markets_by_title");
        was.markets().forEach(before::add);
        return alert;
    }

    /// A title fits no rule.
    public static Alert unclear(Notice notice) {
        Alert alert = of(
                "unclear-" + notice.key(),
                Kind.UNCLEAR_TITLE,
                "A notice of Upbit has to be read by a person",
                "'" + notice.title() + "'; if it is a listing: metdc listing record SYMBOL --at "
                        + notice.firstListedAt());
        alert.body
                .put("notice", notice.key())
                .put("notice_title", notice.title())
                .put("url", notice.url() == null ? null : notice.url().toString())
                .put("announced_at", text(notice.firstListedAt()));
        return alert;
    }

    /// A part of a good answer was left out: it can be a listing.
    ///
    /// @param what which part, and why it cannot be read; an excerpt
    public static Alert unreadable(Source source, String host, String what) {
        Alert alert = of(
                "unreadable-" + source.id() + "-" + Integer.toHexString(what.hashCode()),
                Kind.UNREADABLE,
                "Something that Upbit announces has to be read by a person",
                host + ": " + what + "; if it is a listing: metdc listing record SYMBOL --at TIME");
        alert.body.put("source", source.id()).put("host", host);
        return alert;
    }

    /// What was known of announcements cannot be used.
    ///
    /// @param aside what it is called now
    public static Alert forgotten(String aside, String text) {
        return of("forgotten-" + aside, Kind.FORGOTTEN, "Announcements of Upbit are watched anew", text);
    }

    /// No source of notices gives good answers.
    public static Alert blind(Instant since) {
        Alert alert = of(
                "blind-" + since.toEpochMilli(),
                Kind.BLIND,
                "Announcements of Upbit are not seen",
                "no source of notices has given a good answer since " + text(since));
        alert.body.put("since", text(since));
        return alert;
    }

    /// One gives good answers again.
    public static Alert sighted(Instant since, Instant until) {
        Alert alert = of(
                "sighted-" + since.toEpochMilli(),
                Kind.SIGHTED,
                "Announcements of Upbit are seen again",
                "after " + Duration.between(since, until).toSeconds() + " s");
        alert.body.put("since", text(since)).put("until", text(until));
        return alert;
    }

    private static Alert of(String key, Kind kind, String title, String text) {
        String id = NO_ID.matcher(key).replaceAll("_"); // it becomes a header, and a notice's key comes from outside
        ObjectNode body = JsonNodeFactory.instance
                .objectNode()
                .put("event", kind.name().toLowerCase(Locale.ROOT))
                .put("id", id)
                .put("title", title)
                .put("text", text);
        return new Alert(id, kind, body);
    }

    private static String text(Instant instant) {
        return MILLIS.format(instant);
    }
}

package io.metdc.listings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Listings in files: `{"id","notice","coin","markets":["KRW"],"title","category","url","announced_at","fired_at",`
/// `"late","seen":[{"source","not_yet_at","seen_at"}]}`, times in ISO 8601, UTC.
public final class ListingJson {
    private ListingJson() {}

    /// A listing as JSON.
    public static ObjectNode of(Listing listing) {
        ObjectNode row = JsonNodeFactory.instance
                .objectNode()
                .put("id", listing.id())
                .put("notice", listing.notice())
                .put("coin", listing.coin());
        ArrayNode markets = row.putArray("markets");
        listing.markets().forEach(markets::add);
        row.put("title", listing.title())
                .put("category", listing.category())
                .put("url", listing.url() == null ? null : listing.url().toString())
                .put("announced_at", listing.announcedAt().toString())
                .put("fired_at", listing.firedAt().toString())
                .put("late", listing.late());
        row.set("seen", sightings(listing.sightings()));
        return row;
    }

    /// The inverse of [#of(Listing)].
    ///
    /// @throws IllegalArgumentException           when it is no listing
    /// @throws java.time.DateTimeException when a time in it is none
    public static Listing read(JsonNode row) {
        List<String> markets = new ArrayList<>();
        row.path("markets").forEach(market -> markets.add(market.asText()));
        return new Listing(
                row.path("notice").asText(),
                row.path("coin").asText(),
                markets,
                row.path("title").asText(),
                row.path("category").asText(),
                row.path("url").isTextual() ? URI.create(row.path("url").asText()) : null,
                instant(row, "announced_at"),
                instant(row, "fired_at"),
                row.path("late").asBoolean(),
                sightings(row.path("seen")));
    }

    /// Sightings as JSON.
    public static ArrayNode sightings(List<Sighting> sightings) {
        ArrayNode seen = JsonNodeFactory.instance.arrayNode();
        for (Sighting sighting : sightings) {
            seen.addObject()
                    .put("source", sighting.source().id())
                    .put("not_yet_at", text(sighting.notYetAt()))
                    .put("seen_at", text(sighting.seenAt()));
        }
        return seen;
    }

    /// The inverse of [#sightings(List)].
    public static List<Sighting> sightings(JsonNode rows) {
        List<Sighting> sightings = new ArrayList<>();
        for (JsonNode seen : rows) {
            sightings.add(new Sighting(
                    Source.of(seen.path("source").asText()),
                    seen.path("not_yet_at").isTextual() ? instant(seen, "not_yet_at") : null,
                    instant(seen, "seen_at")));
        }
        return sightings;
    }

    /// Where a coin lives, as JSON: `[{"network":"Ethereum","address":"0x…"}]`, what is not known null.
    public static ArrayNode contracts(List<Contract> contracts) {
        ArrayNode rows = JsonNodeFactory.instance.arrayNode();
        for (Contract contract : contracts) {
            rows.addObject()
                    .put("network", contract.network().isEmpty() ? null : contract.network())
                    .put("address", contract.address().isEmpty() ? null : contract.address());
        }
        return rows;
    }

    /// The inverse of [#contracts(List)].
    public static List<Contract> contracts(JsonNode rows, String coin) {
        List<Contract> contracts = new ArrayList<>();
        for (JsonNode row : rows) {
            contracts.add(new Contract(
                    coin, row.path("network").asText(""), row.path("address").asText("")));
        }
        return contracts;
    }

    private static @Nullable String text(@Nullable Instant instant) {
        return instant == null ? null : instant.toString();
    }

    private static Instant instant(JsonNode row, String field) {
        return Instant.parse(row.path(field).asText());
    }
}

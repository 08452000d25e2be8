package io.metdc.listings.recorder;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.metdc.listings.recorder.Coverage.Gap;
import io.metdc.listings.recorder.Coverage.OfVenue;
import io.metdc.listings.recorder.Venue.Match;
import io.metdc.market.Instrument;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Coverage as `coverage.json` has it: times in ISO 8601, UTC; prices and sizes as texts; what cannot be said is null.
final class CoverageJson {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private CoverageJson() {}

    static ObjectNode of(Event event, Coverage coverage) {
        ObjectNode json = JSON.objectNode()
                .put("id", event.listing().id())
                .put("coin", event.listing().coin())
                .put("stage", coverage.stage().id())
                .put("complete", coverage.complete())
                .put("open_holes", coverage.openHoles())
                .put("late", event.listing().late())
                .put("announced_at", event.announcedAt().toString())
                .put("fired_after_ms", event.delay().toMillis());
        json.set("core", window(event.core()));
        json.set("windows", windows(coverage.windows()));
        json.set("version", version(event));
        ArrayNode venues = json.putArray("venues");
        Window hull = Window.hull(coverage.windows());
        coverage.venues().forEach(venue -> venues.add(venue(venue, hull, event.clockOffsetMillis(venue.venue()))));
        return json;
    }

    private static ObjectNode venue(OfVenue of, Window hull, @Nullable Long clockOffsetMillis) {
        Venue venue = of.venue();
        Instrument instrument = venue.instrument();
        ObjectNode json = JSON.objectNode()
                .put("exchange", venue.market().exchange().id())
                .put("market", venue.market().type().id())
                .put("symbol", instrument == null ? null : instrument.symbol())
                .put("base", instrument == null ? null : instrument.base())
                .put("quote", instrument == null ? null : instrument.quote())
                .put("contract_size", instrument == null ? null : text(instrument.contractSize()))
                .put("multiplier", instrument == null ? null : text(venue.multiplier()))
                .put("enabled", venue.match() != Match.SWITCHED_OFF)
                .put("status", of.status().id())
                .put("detail", of.detail())
                .put("coin_price", text(of.price()))
                .put("price_ratio", text(of.priceRatio()))
                .put("trades", of.trades())
                .put("first_at", text(of.firstAt()))
                .put("last_at", text(of.lastAt()))
                .put("receive_delay_p50_us", of.delay50())
                .put("receive_delay_p99_us", of.delay99())
                .put("sequence_breaks", of.sequenceBreaks())
                .put("rejected", of.rejected())
                .put("clock_offset_ms", clockOffsetMillis)
                .put(
                        "clock_offset_reason",
                        clockOffsetMillis == null ? "not measured" : "by its answers' dates, ± 500 ms")
                .put("complete", of.complete());
        json.set("window", window(hull));
        json.set("connected", windows(of.connected()));
        json.set("gaps", gaps(of.gaps()));
        return json;
    }

    /// `[{"from","to","cause","filled"}]`
    static ArrayNode gaps(List<Gap> gaps) {
        ArrayNode json = JSON.arrayNode();
        for (Gap gap : gaps) {
            json.addObject()
                    .put("from", gap.from().toString())
                    .put("to", gap.to().toString())
                    .put("cause", gap.cause())
                    .put("filled", gap.filled());
        }
        return json;
    }

    static ObjectNode version(Event event) {
        return JSON.objectNode().put("metdc", event.version()).put("configuration", event.configuration());
    }

    static ArrayNode windows(List<Window> windows) {
        ArrayNode json = JSON.arrayNode();
        windows.forEach(window -> json.add(window(window)));
        return json;
    }

    static @Nullable ObjectNode window(@Nullable Window window) {
        return window == null
                ? null
                : JSON.objectNode()
                        .put("from", window.from().toString())
                        .put("to", window.to().toString());
    }

    private static @Nullable String text(@Nullable BigDecimal number) {
        return number == null ? null : number.toPlainString();
    }

    static @Nullable String text(@Nullable Instant instant) {
        return instant == null ? null : instant.toString();
    }
}

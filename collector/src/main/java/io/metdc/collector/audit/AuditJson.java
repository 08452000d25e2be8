package io.metdc.collector.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// An audit as one JSON object: numbers in full, times in UTC, every finding.
public final class AuditJson {
    private AuditJson() {}

    /// Writes it, and leaves `out` open.
    public static void write(AuditResult result, OutputStream out) throws IOException {
        try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
            json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            json.writeStartObject();
            json.writeStringField("from", result.request().from().toString());
            json.writeStringField("to", result.request().to().toString());
            json.writeBooleanField("explained", result.isExplained());
            json.writeStringField(
                    "collecting", result.collecting().state().name().toLowerCase(java.util.Locale.ROOT));
            Instant seen = result.collecting().lastSeen();
            json.writeStringField("last_seen", seen == null ? null : seen.toString());
            json.writeBooleanField("deep", result.request().deep());
            NumberBreaks.Extent numbers = result.numbers();
            if (numbers != null) {
                json.writeObjectFieldStart("numbers");
                json.writeStringField("from", numbers.from().toString());
                json.writeStringField("to", numbers.to().toString());
                json.writeNumberField("looked_at", numbers.numbers());
                json.writeNumberField("dropped_hours", numbers.dropped());
                json.writeEndObject();
            }
            json.writeArrayFieldStart("markets");
            for (MarketAudit market : result.markets()) {
                json.writeStartObject();
                json.writeStringField("exchange", market.exchange());
                json.writeStringField("market", market.market());
                json.writeStringField("evidence", market.evidence());
                numbers(json, result, market);
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeObjectFieldStart("totals");
            numbers(json, result, result.total());
            json.writeEndObject();
            instruments(json, result);
            json.writeEndObject();
            json.writeRaw('\n');
        }
    }

    private static void numbers(JsonGenerator json, AuditResult result, MarketAudit market) throws IOException {
        json.writeNumberField("instruments", market.instruments());
        json.writeNumberField("received", market.received());
        json.writeNumberField("stored", market.stored());
        json.writeNumberField("duplicate", market.duplicate());
        json.writeNumberField("rejected", market.rejected());
        json.writeNumberField("consumed", market.consumed());
        json.writeNumberField("unaccounted", market.unaccounted());
        json.writeNumberField("holes", market.holes());
        json.writeNumberField("open_holes", market.openHoles());
        json.writeNumberField("being_refilled", result.beingRefilled(market));
        json.writeNumberField("refilled", market.refilled());
        json.writeNumberField("never_public", market.neverPublic());
        json.writeNumberField("beyond_reach", market.beyondReach());
        json.writeNumberField("outage", market.outage());
        json.writeNumberField("missing", market.missing());
        json.writeNumberField("connected_seconds", market.connectedSeconds());
        json.writeNumberField("expected_seconds", market.expectedSeconds());
        json.writeNumberField("unexplained", result.unexplained(market));
    }

    /// Those with anything that is not fine.
    private static void instruments(JsonGenerator json, AuditResult result) throws IOException {
        Map<List<String>, List<Finding>> byInstrument = new LinkedHashMap<>();
        for (Finding finding : result.findings()) {
            byInstrument
                    .computeIfAbsent(
                            List.of(finding.exchange(), finding.market(), finding.symbol()), _ -> new ArrayList<>())
                    .add(finding);
        }
        json.writeArrayFieldStart("instruments");
        for (var instrument : byInstrument.entrySet()) {
            json.writeStartObject();
            json.writeStringField("exchange", instrument.getKey().get(0));
            json.writeStringField("market", instrument.getKey().get(1));
            json.writeStringField("symbol", instrument.getKey().get(2));
            json.writeBooleanField("explained", instrument.getValue().stream().noneMatch(Finding::isUnexplained));
            json.writeArrayFieldStart("findings");
            for (Finding finding : instrument.getValue()) {
                json.writeStartObject();
                json.writeStringField("kind", finding.kind().id());
                json.writeStringField("day", finding.day().toString());
                json.writeNumberField("count", finding.count());
                json.writeNumberField("trades", finding.trades());
                json.writeBooleanField("at_least", finding.isLeast());
                json.writeStringField("from", finding.from().toString());
                json.writeStringField("to", finding.to().toString());
                json.writeStringField("detail", finding.detail());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}

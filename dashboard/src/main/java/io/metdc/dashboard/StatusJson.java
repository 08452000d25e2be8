package io.metdc.dashboard;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The answers as JSON: one object on one line, snake_case, times in UTC, numbers in full. What is not known is null.
final class StatusJson {
    private static final JsonFactory FACTORY = new JsonFactory();

    private StatusJson() {}

    @FunctionalInterface
    private interface Body {
        void write(JsonGenerator json) throws IOException;
    }

    private static String object(Body body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = FACTORY.createGenerator(out)) {
            json.writeStartObject();
            body.write(json);
            json.writeEndObject();
            json.writeRaw('\n');
        } catch (IOException e) { // into memory
            throw new UncheckedIOException(e);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    /// @param pid of this process, by which whoever started it knows that it is the one that answers
    static String health(Pulse pulse, long pid) {
        return object(json -> {
            json.writeStringField("status", pulse.isMoving() ? "ok" : "stuck");
            json.writeNumberField("pid", pid);
            json.writeNumberField("progress", pulse.progress());
            json.writeStringField("phase", pulse.phase().id());
            json.writeBooleanField("listing_window", pulse.listingWindow());
            time(json, "started_at", pulse.startedAt());
            remarks(json, "stuck", pulse.stuck());
        });
    }

    static String ready(Situation situation) {
        return object(json -> {
            json.writeBooleanField("ready", situation.isReady());
            json.writeStringField("phase", situation.phase().id());
            json.writeNumberField("health", rounded(situation.health()));
            remarks(json, "missing", situation.missing());
        });
    }

    static String logLevel(String level) {
        return object(json -> json.writeStringField("level", level));
    }

    static String error(String what) {
        return object(json -> json.writeStringField("error", what));
    }

    static String status(Situation situation, Pulse pulse, long pid) {
        return object(json -> {
            json.writeStringField("version", situation.version());
            json.writeNumberField("pid", pid);
            json.writeStringField("phase", situation.phase().id());
            time(json, "started_at", situation.startedAt());
            time(json, "at", situation.at());
            json.writeBooleanField("ready", situation.isReady());
            json.writeNumberField("health", rounded(situation.health()));
            json.writeBooleanField("listing_window", pulse.listingWindow());
            json.writeNumberField("progress", pulse.progress());
            remarks(json, "missing", situation.missing());
            remarks(json, "remarks", situation.remarks());
            json.writeArrayFieldStart("stages");
            for (Situation.Stage stage : situation.stages()) {
                json.writeStartObject();
                json.writeStringField("name", stage.name());
                json.writeBooleanField("has_work", stage.hasWork());
                json.writeNumberField("counter", stage.counter());
                json.writeNumberField("still_ms", stage.still().toMillis());
                json.writeBooleanField("stuck", stage.isStuck());
                json.writeEndObject();
            }
            json.writeEndArray();
            if (situation.collected() != null) {
                collected(json, situation.collected());
            }
        });
    }

    private static void collected(JsonGenerator json, Situation.Collected collected) throws IOException {
        Situation.Trades trades = collected.trades();
        json.writeObjectFieldStart("trades");
        json.writeNumberField("received", trades.received());
        json.writeNumberField("per_second", rounded(trades.perSecond()));
        json.writeNumberField("stored", trades.stored());
        json.writeNumberField("duplicate", trades.duplicate());
        json.writeNumberField("rejected", trades.rejected());
        json.writeNumberField("unknown", trades.unknown());
        json.writeNumberField("consumed", trades.consumed());
        json.writeNumberField("late", trades.late());
        json.writeEndObject();
        Situation.Journal journal = collected.journal();
        json.writeObjectFieldStart("journal");
        json.writeNumberField("lag_bytes", journal.lagBytes());
        if (journal.behind() == null) {
            json.writeNullField("behind_ms");
        } else {
            json.writeNumberField("behind_ms", journal.behind().toMillis());
        }
        json.writeNumberField("waiting", journal.waiting());
        json.writeNumberField("percent", journal.percent());
        json.writeNumberField("disk_percent", journal.diskPercent());
        json.writeBooleanField("reading", journal.isReading());
        json.writeStringField("refusal", journal.refusal());
        json.writeEndObject();
        Situation.DatabaseState database = collected.database();
        json.writeObjectFieldStart("database");
        json.writeStringField("state", database.state());
        json.writeNumberField("batches", database.batches());
        json.writeNumberField("last_commit_ms", database.lastCommit().toMillis());
        time(json, "last_at", database.lastAt());
        json.writeNumberField("commit_p50_ms", collected.commits().percentileMillis(50));
        json.writeNumberField("commit_p99_ms", collected.commits().percentileMillis(99));
        json.writeStringField("trouble", database.trouble());
        json.writeEndObject();
        json.writeNumberField("open_holes", collected.holes());
        json.writeArrayFieldStart("markets");
        for (Situation.MarketState market : collected.markets()) {
            market(json, market, receipt(collected.receipt(), market));
        }
        json.writeEndArray();
        json.writeArrayFieldStart("listings");
        for (Situation.Recording listing : collected.listings()) {
            json.writeStartObject();
            json.writeStringField("id", listing.id());
            time(json, "announced_at", listing.announcedAt());
            json.writeStringField("window", listing.window());
            json.writeStringField("published", listing.published());
            json.writeStringField("trouble", listing.trouble());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static @Nullable Latency receipt(List<Latency> all, Situation.MarketState market) {
        List<String> name = List.of(market.exchange(), market.market());
        return all.stream().filter(one -> one.ofWhat().equals(name)).findFirst().orElse(null);
    }

    private static void market(JsonGenerator json, Situation.MarketState market, @Nullable Latency receipt)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("exchange", market.exchange());
        json.writeStringField("market", market.market());
        json.writeNumberField("health", rounded(market.health()));
        json.writeNumberField("instruments", market.instruments());
        json.writeNumberField("acknowledged", market.acknowledged());
        json.writeNumberField("delivering", market.delivering());
        json.writeNumberField("quiet", market.quiet());
        json.writeNumberField("silent", market.silent());
        json.writeNumberField("resets", market.resets());
        if (market.clockAhead() == null) {
            json.writeNullField("clock_ahead_ms");
        } else {
            json.writeNumberField("clock_ahead_ms", market.clockAhead().toMillis());
        }
        json.writeNumberField("received", market.received());
        json.writeNumberField("per_second", rounded(market.perSecond()));
        json.writeNumberField("receipt_p50_ms", receipt == null ? -1 : receipt.percentileMillis(50));
        json.writeNumberField("receipt_p99_ms", receipt == null ? -1 : receipt.percentileMillis(99));
        json.writeStringField("trouble", market.trouble());
        json.writeArrayFieldStart("workers");
        for (Situation.Worker worker : market.workers()) {
            json.writeStartObject();
            json.writeStringField("name", worker.name());
            json.writeStringField("state", worker.state());
            time(json, "since", worker.since());
            json.writeBooleanField("delivering", worker.isDelivering());
            json.writeNumberField("instruments", worker.instruments());
            json.writeNumberField("refused", worker.refused());
            json.writeNumberField("frames", worker.frames());
            json.writeNumberField("rows", worker.rows());
            json.writeNumberField("unreadable", worker.unreadable());
            json.writeNumberField("connects", worker.connects());
            json.writeStringField("failure", worker.failure());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void remarks(JsonGenerator json, String name, List<Remark> remarks) throws IOException {
        json.writeArrayFieldStart(name);
        for (Remark remark : remarks) {
            json.writeStartObject();
            json.writeStringField("name", remark.name());
            json.writeStringField("why", remark.why());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void time(JsonGenerator json, String name, @Nullable Instant at) throws IOException {
        json.writeStringField(name, at == null ? null : at.toString());
    }

    /// To hundredths, and downwards: 0.999 is not all.
    private static double rounded(double number) {
        return Math.floor(number * 100) / 100;
    }
}

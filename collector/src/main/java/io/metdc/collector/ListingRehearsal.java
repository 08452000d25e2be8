package io.metdc.collector;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.metdc.collector.cli.CoverageTable;
import io.metdc.collector.config.Configuration;
import io.metdc.listings.recorder.Recorder;
import io.metdc.listings.recorder.Stage;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Nanos;
import io.metdc.simulator.Announcement;
import io.metdc.simulator.Sent;
import io.metdc.simulator.Simulator;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The part of a rehearsal that a listing plays: simulated Upbit announces a coin in mid-run, prices rise, its KRW
/// market opens, and what comes of it is compared with what was sent. Receives the alert that metdc sends.
final class ListingRehearsal implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /// The core window reaches so far where there is time.
    private static final Duration USUAL = Duration.ofSeconds(20);

    /// What is needed beside the core window: the first trades of all markets, and what comes behind it.
    private static final Duration BESIDE = Duration.ofSeconds(12);

    private static final Duration LEAST = Duration.ofSeconds(3);
    private static final Duration MARGIN = Duration.ofSeconds(2);
    private static final Duration OPENING = Duration.ofSeconds(5);
    private static final Duration LOOK = Duration.ofMillis(10);

    private final String coin;
    private final Duration reach;
    private final HttpServer webhook;
    private final Map<Stage, Instant> publishedAt = new EnumMap<>(Stage.class); // under its own lock
    private volatile @Nullable Announcement announcement;
    private volatile @Nullable Instant openedAt;
    private volatile @Nullable Instant alertAt;
    private volatile boolean alertedTwice;

    /// @param duration of the whole run: windows are cut down to what fits
    ListingRehearsal(String coin, Duration duration) throws IOException {
        this.coin = coin;
        Duration half = duration.minus(BESIDE).dividedBy(2);
        reach = half.compareTo(USUAL) > 0 ? USUAL : half.compareTo(LEAST) < 0 ? LEAST : half;
        webhook = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        webhook.createContext("/", exchange -> {
            Instant now = Instant.now();
            try (exchange) {
                alert(exchange.getRequestBody().readAllBytes(), now);
                exchange.sendResponseHeaders(204, -1);
            }
        });
        webhook.start();
    }

    private synchronized void alert(byte[] body, Instant now) throws IOException {
        try {
            if (JSON.readTree(body).path("event").asText().equals("listing")) {
                alertedTwice |= alertAt != null;
                alertAt = now;
            }
        } catch (JacksonException e) {
            throw new IOException("an alert that is no JSON", e);
        }
    }

    /// What the collector needs to be told for it.
    List<Configuration.Option> settings() {
        List<Configuration.Option> settings = new ArrayList<>();
        set(
                settings,
                "alerts.webhook_url",
                "http://127.0.0.1:" + webhook.getAddress().getPort() + "/");
        set(settings, "collection.before", reach);
        set(settings, "collection.after", reach);
        set(settings, "collection.near_before", reach);
        set(settings, "collection.near_after", reach.plusSeconds(1));
        set(settings, "collection.wide_before", reach);
        set(settings, "collection.wide_after", reach.plusSeconds(2));
        set(settings, "collection.open_before", Duration.ofSeconds(1));
        set(settings, "collection.open_after", reach.minus(OPENING).isPositive() ? reach.minus(OPENING) : LEAST);
        set(settings, "collection.keep_after", reach.plusSeconds(3));
        set(settings, "upbit.markets_interval", Duration.ofSeconds(1));
        return settings;
    }

    private static void set(List<Configuration.Option> settings, String key, Duration duration) {
        set(settings, key, duration.toMillis() + "ms");
    }

    private static void set(List<Configuration.Option> settings, String key, String value) {
        settings.add(new Configuration.Option("rehearse", key + "=" + value));
    }

    /// Plays its part, from when every market sends; returns when its windows are over.
    void play(Simulator simulator) throws InterruptedException {
        Thread.sleep(reach.plus(MARGIN));
        Announcement announced = simulator.announce(coin);
        announcement = announced;
        sleepUntil(announced.t0().plus(OPENING.compareTo(reach) < 0 ? OPENING : reach.dividedBy(2)));
        openedAt = simulator.openKrw(coin);
        sleepUntil(announced.t0().plus(reach).plus(MARGIN).plusSeconds(2));
    }

    private static void sleepUntil(Instant instant) throws InterruptedException {
        Duration left = Duration.between(Instant.now(), instant);
        if (left.isPositive()) {
            Thread.sleep(left);
        }
    }

    /// Waits until its recording is over, noting when each stage was published.
    ///
    /// @return false when it is not within this time
    boolean await(Collector collector, Duration within) throws InterruptedException {
        long deadline = System.nanoTime() + within.toNanos();
        while (System.nanoTime() < deadline) {
            if (note(collector)) {
                return true;
            }
            Thread.sleep(LOOK);
        }
        return false;
    }

    /// Looks how far it is; to be called every few milliseconds.
    ///
    /// @return whether it is over
    boolean note(Collector collector) {
        for (Recorder.Status recording : collector.recordings()) {
            Stage published = recording.published();
            if (recording.listing().coin().equals(coin) && published != null) {
                synchronized (publishedAt) {
                    publishedAt.putIfAbsent(published, Instant.now());
                }
                return recording.isOver();
            }
        }
        return false;
    }

    /// What came of it.
    ///
    /// @param metadata    of the archive; null when there is none
    /// @param rawTrades   in its twelve raw files
    /// @param failures    what is not as it should be, in words
    /// @param alertMillis from the sighting until the alert arrived; -1 when it did not
    /// @param coreMillis  from the end of the core window until it was published; -1 when it was not
    record Result(
            @Nullable JsonNode metadata,
            @Nullable JsonNode coverage,
            int rawFiles,
            long rawTrades,
            long alertMillis,
            long coreMillis,
            List<String> failures) {
        void print(PrintStream out) {
            if (metadata != null && coverage != null) {
                CoverageTable.print(metadata, coverage, out);
                out.println();
                out.printf(
                        Locale.ROOT,
                        "%d raw files with %,d trades are compared with what was sent%n",
                        rawFiles,
                        rawTrades);
                out.printf("webhook received %d ms after the notice was seen%n", alertMillis);
                out.printf(Locale.ROOT, "core stage published %.1f s after its window closed%n", coreMillis / 1000.0);
            }
            failures.forEach(failure -> out.println("FAILED: " + failure));
        }

        void write(JsonGenerator json) throws IOException {
            json.writeObjectFieldStart("listing");
            json.writeStringField(
                    "id", metadata == null ? "" : metadata.path("id").asText());
            json.writeStringField(
                    "stage", metadata == null ? "" : metadata.path("stage").asText());
            json.writeBooleanField(
                    "complete", metadata != null && metadata.path("complete").asBoolean());
            json.writeNumberField("raw_files", rawFiles);
            json.writeNumberField("raw_trades", rawTrades);
            json.writeNumberField("webhook_ms", alertMillis);
            json.writeNumberField("core_published_ms", coreMillis);
            json.writeBooleanField("ok", failures.isEmpty());
            json.writeEndObject();
        }
    }

    /// Compares the archive with what was sent.
    ///
    /// @param archives where the archives are
    Result result(Simulator simulator, Path archives) throws IOException {
        List<String> failures = new ArrayList<>();
        Announcement announced = announcement;
        if (announced == null) {
            return new Result(null, null, 0, 0, -1, -1, List.of("the coin was not announced"));
        }
        Path archive = archiveOf(archives);
        if (archive == null) {
            return new Result(null, null, 0, 0, -1, -1, List.of(coin + " was announced, and there is no archive"));
        }
        JsonNode metadata = JSON.readTree(Files.readAllBytes(archive.resolve("metadata.json")));
        JsonNode coverage = JSON.readTree(Files.readAllBytes(archive.resolve("coverage.json")));
        if (!Instant.parse(metadata.path("announced_at").asText()).equals(announced.t0())) {
            failures.add("the announcement was at " + announced.t0() + ", the archive says "
                    + metadata.path("announced_at").asText());
        }
        if (!metadata.path("stage").asText().equals(Stage.FINAL.id())) {
            failures.add("the archive ends with stage " + metadata.path("stage").asText());
        }
        if (!metadata.path("complete").asBoolean()) {
            failures.add("the core window has a hole");
        }
        Instant opened = openedAt;
        if (opened != null && !metadata.path("first_krw_at").isTextual()) {
            failures.add("the KRW market opened at " + opened + ", and no trade for won is recorded");
        }
        int files = 0;
        long trades = 0;
        for (Exchange exchange : Exchange.values()) {
            for (MarketType type : MarketType.values()) {
                Market market = new Market(exchange, type);
                if (exchange != Exchange.UPBIT) {
                    files++;
                    trades += compare(simulator, market, archive, announced, failures);
                }
            }
        }
        return new Result(
                metadata,
                coverage,
                files,
                trades,
                alertMillis(metadata, failures),
                coreMillis(announced, failures),
                failures);
    }

    private @Nullable Path archiveOf(Path archives) throws IOException {
        if (!Files.isDirectory(archives)) {
            return null;
        }
        try (Stream<Path> found = Files.list(archives)) {
            return found.filter(path -> String.valueOf(path.getFileName()).matches(coin + "_\\d{8}_\\d{6}"))
                    .findFirst()
                    .orElse(null);
        }
    }

    private long alertMillis(JsonNode metadata, List<String> failures) {
        Instant at = alertAt;
        if (at == null) {
            failures.add("the webhook was not called");
            return -1;
        }
        if (alertedTwice) {
            failures.add("the webhook was called twice");
        }
        long millis = Duration.between(
                        Instant.parse(metadata.path("detected_at").asText()), at)
                .toMillis();
        if (millis > 1_000) {
            failures.add("the webhook was called " + millis + " ms after the notice was seen");
        }
        return millis;
    }

    private long coreMillis(Announcement announced, List<String> failures) {
        Instant at;
        synchronized (publishedAt) {
            at = publishedAt.get(Stage.CORE);
        }
        if (at == null) {
            failures.add("the core stage was not seen to be published");
            return -1;
        }
        long millis = Duration.between(announced.t0().plus(reach), at).toMillis();
        if (millis > 5_000) {
            failures.add("the core stage was published " + millis + " ms after its window closed");
        }
        return millis;
    }

    // ---- the raw files and the tape

    private long compare(
            Simulator simulator, Market market, Path archive, Announcement announced, List<String> failures)
            throws IOException {
        Path file = archive.resolve("raw")
                .resolve(market.exchange().id())
                .resolve(market.type().id() + ".json");
        Map<String, JsonNode> recorded = new HashMap<>();
        long rows = 0;
        for (JsonNode row : JSON.readTree(Files.readAllBytes(file))) {
            rows++;
            recorded.put(
                    row.path("symbol").asText() + " " + row.path("trade_id").asText(), row);
        }
        if (rows > recorded.size()) {
            failures.add(market + ": " + (rows - recorded.size()) + " trades are doubled in the archive");
        }
        long before = 0;
        long after = 0;
        long missing = 0;
        long changed = 0;
        for (Announcement.Planted planted : announced.planted()) {
            if (!planted.market().equals(market)) {
                continue;
            }
            BigDecimal contractSize = simulator.contractSize(market, planted.symbol());
            List<Sent.Trade> sent;
            try (Stream<Sent.Trade> tape = simulator.trades(market, planted.symbol())) {
                sent = tape.filter(trade -> isInCore(trade, announced)).toList();
            }
            for (Sent.Trade trade : sent) {
                boolean isBefore = Nanos.instant(trade.executedAtNanos()).isBefore(announced.t0());
                before += isBefore ? 1 : 0;
                after += isBefore ? 0 : 1;
                JsonNode row = recorded.remove(planted.symbol() + " " + trade.id());
                if (row == null) {
                    missing++;
                } else if (!isSame(trade, row, contractSize)) {
                    changed++;
                }
            }
        }
        if (before == 0 || after == 0) {
            failures.add(market + ": nothing was sent on one side of the announcement, so that nothing is shown");
        }
        if (missing + changed + recorded.size() > 0) {
            failures.add(String.format(
                    Locale.ROOT,
                    "%s: %,d trades of the core window are missing in the archive, %,d were never sent, %,d differ",
                    market,
                    missing,
                    recorded.size(),
                    changed));
        }
        return rows;
    }

    private boolean isInCore(Sent.Trade trade, Announcement announced) {
        Instant at = Nanos.instant(trade.executedAtNanos());
        return !at.isBefore(announced.t0().minus(reach))
                && at.isBefore(announced.t0().plus(reach));
    }

    private static boolean isSame(Sent.Trade sent, JsonNode row, BigDecimal contractSize) {
        return Objects.equals(sent.takerSide().id(), row.path("side").asText())
                && sent.price().compareTo(new BigDecimal(row.path("price").asText())) == 0
                && sent.size()
                                .multiply(contractSize)
                                .compareTo(new BigDecimal(row.path("quantity").asText()))
                        == 0
                && sent.executedAtNanos() / 1_000_000 == row.path("timestamp").asLong();
    }

    @Override
    public void close() {
        webhook.stop(0);
    }
}

package io.metdc.listings.recorder;

import static io.metdc.listings.recorder.Invented.ON_BINANCE;
import static io.metdc.listings.recorder.Invented.ON_GATE;
import static io.metdc.listings.recorder.Invented.ON_OKX;
import static io.metdc.listings.recorder.Invented.T0;
import static io.metdc.listings.recorder.Invented.trade;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.luben.zstd.ZstdInputStream;
import io.metdc.listings.recorder.Archive.Published;
import io.metdc.market.Instrument;
import io.metdc.market.Trade;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Instant NOW = T0.plusSeconds(25);

    @TempDir
    private Path data;

    private Archive archive;

    @BeforeEach
    void a_fresh_tape() throws Exception {
        TestDatabase.empty();
        archive = new Archive(data, InstantSource.fixed(NOW));
    }

    private Published publish(Stage stage, Instrument... instruments) throws Exception {
        return publish(Invented.event(), stage, Invented.venues(instruments));
    }

    private Published publish(Event event, Stage stage, List<Venue> venues) throws Exception {
        return archive.publish(TestDatabase.DATABASE.readOnly(), event, stage, venues);
    }

    private static JsonNode json(Path file) throws IOException {
        return JSON.readTree(file.toFile());
    }

    private static List<String> csv(Path folder) throws IOException {
        try (InputStream in = new ZstdInputStream(Files.newInputStream(folder.resolve("trades.csv.zst")))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    private static JsonNode venue(JsonNode coverage, Instrument instrument) {
        for (JsonNode venue : coverage.path("venues")) {
            if (venue.path("symbol").asText().equals(instrument.symbol())
                    && venue.path("exchange")
                            .asText()
                            .equals(instrument.market().exchange().id())) {
                return venue;
            }
        }
        throw new AssertionError(instrument + " is not in the coverage");
    }

    private static void everybodyConnected(Instrument... instruments) throws SQLException {
        for (Instrument instrument : instruments) {
            TestDatabase.connected(T0.minus(Duration.ofHours(2)), null, NOW, instrument);
        }
    }

    /// A second of trades on each side of the announcement and of the window's edges.
    private static List<Trade> around(Instrument instrument, String price) {
        List<Trade> trades = new ArrayList<>();
        long id = 1;
        for (int second : new int[] {-21, -20, -1, 0, 1, 19, 20, 90, 3_000}) {
            for (int i = 0; i < 3; i++) {
                trades.add(trade(instrument, id++, Duration.ofSeconds(second).plusMillis(10L * i), price, "2.50"));
            }
        }
        return trades;
    }

    @Test
    void the_core_window_is_in_twelve_raw_files_and_one_for_won_with_trades_of_both_sides_of_the_announcement()
            throws Exception {
        everybodyConnected(ON_BINANCE, ON_OKX);
        TestDatabase.store(around(ON_BINANCE, "1.20"));
        TestDatabase.store(around(ON_OKX, "1.21"));

        Path folder = publish(Stage.CORE, ON_BINANCE, ON_OKX).folder();

        assertThat(folder.getFileName()).hasToString("SKYN_20260821_022240");
        try (Stream<Path> files = Files.walk(folder.resolve("raw"))) {
            assertThat(files.filter(Files::isRegularFile)
                            .map(file -> folder.relativize(file).toString()))
                    .hasSize(13)
                    .contains("raw/phemex/futures.json", "raw/upbit/spot.json");
        }
        assertThat(json(folder.resolve("raw/bybit/spot.json"))).isEmpty();
        JsonNode raw = json(folder.resolve("raw/binance/spot.json"));
        assertThat(raw).hasSize(15);
        assertThat(raw.get(0).path("timestamp").asLong())
                .isEqualTo(T0.minusSeconds(20).toEpochMilli());
        assertThat(raw.get(14).path("timestamp").asLong())
                .isEqualTo(T0.plusSeconds(19).plusMillis(20).toEpochMilli());
        assertThat(raw)
                .anySatisfy(row -> assertThat(row.path("timestamp").asLong()).isLessThan(T0.toEpochMilli()))
                .anySatisfy(row -> assertThat(row.path("timestamp").asLong()).isGreaterThan(T0.toEpochMilli()));
        assertThat(json(folder.resolve("raw/okx/futures.json")).get(0))
                .isEqualTo(JSON.readTree("{\"exchange\":\"okx\",\"market_type\":\"futures\","
                        + "\"symbol\":\"SKYN-USDT-SWAP\",\"trade_id\":\"4\",\"price\":\"1.21\",\"quantity\":\"25.00\","
                        + "\"side\":\"buy\",\"timestamp\":"
                        + T0.minusSeconds(20).toEpochMilli() + ",\"collected_at\":"
                        + T0.minusSeconds(20).plusMillis(25).toEpochMilli() + ",\"trigger_time\":" + T0.toEpochMilli()
                        + ",\"is_buyer_maker\":false,\"quote_qty\":\"30.2500\"}"));
        JsonNode coverage = json(folder.resolve("coverage.json"));
        assertThat(coverage.path("complete").asBoolean()).isTrue();
        assertThat(venue(coverage, ON_BINANCE).path("trades").asInt()).isEqualTo(15);
        assertThat(venue(coverage, ON_BINANCE).path("status").asText()).isEqualTo("recorded");
        assertThat(venue(coverage, ON_BINANCE).path("receive_delay_p99_us").asLong())
                .isEqualTo(25_000);
    }

    @Test
    void metadata_says_what_the_ancestor_said_and_has_a_right_checksum_for_each_file() throws Exception {
        everybodyConnected(ON_BINANCE);
        TestDatabase.store(around(ON_BINANCE, "1.20"));

        Path folder = publish(Stage.CORE, ON_BINANCE).folder();

        JsonNode metadata = json(folder.resolve("metadata.json"));
        assertThat(metadata.path("symbol").asText()).isEqualTo("SKYN");
        assertThat(metadata.path("markets")).hasToString("[\"KRW\",\"USDT\"]");
        assertThat(metadata.path("trigger_time").asText()).isEqualTo("2026-08-21T02:22:40Z");
        assertThat(metadata.path("announced_at").asText()).isEqualTo("2026-08-21T02:22:40Z");
        assertThat(metadata.path("detected_at").asText()).isEqualTo("2026-08-21T02:22:41.500Z");
        assertThat(metadata.path("is_krw_listing").asBoolean()).isTrue();
        assertThat(metadata.path("stored_at").asText()).isEqualTo(NOW.toString());
        assertThat(metadata.path("stage").asText()).isEqualTo("core");
        assertThat(metadata.path("seen").get(0).path("t_seen").asText()).isEqualTo("2026-08-21T02:22:41.500Z");
        assertThat(metadata.path("files")).hasSize(15);
        for (JsonNode file : metadata.path("files")) {
            byte[] content = Files.readAllBytes(folder.resolve(file.path("name").asText()));
            assertThat(file.path("bytes").asLong()).isEqualTo(content.length);
            assertThat(file.path("sha256").asText())
                    .isEqualTo(HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(content)));
        }
    }

    @Test
    void each_stage_holds_what_the_one_before_it_held_and_the_same_as_sql() throws Exception {
        everybodyConnected(ON_BINANCE, ON_GATE);
        TestDatabase.store(around(ON_BINANCE, "1.20"));
        TestDatabase.store(around(ON_GATE, "1.20"));

        List<String> core = csv(publish(Stage.CORE, ON_BINANCE, ON_GATE).folder());
        List<String> near = csv(publish(Stage.NEAR, ON_BINANCE, ON_GATE).folder());
        List<String> wide = csv(publish(Stage.WIDE, ON_BINANCE, ON_GATE).folder());

        assertThat(core).hasSize(1 + 30);
        assertThat(near).hasSize(1 + 48).containsAll(core);
        assertThat(wide).hasSize(1 + 54).containsAll(near);
        assertThat(wide.getFirst())
                .isEqualTo("exchange,market,symbol,base,executed_at,executed_ns,received_at,trade_id,price,quantity,"
                        + "contracts,taker_side,origin,flags");
        assertThat(wide.subList(1, wide.size()))
                .isEqualTo(TestDatabase.rows("SELECT concat_ws(',', exchange, market, symbol, base,"
                        + " to_char(executed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), executed_ns,"
                        + " to_char(received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), trade_id,"
                        + " price, quantity, coalesce(contracts::text, ''), taker_side, origin,"
                        + " array_to_string(flags, '|')) FROM trade ORDER BY exchange, market, symbol, executed_at"));
        assertThat(data).isDirectoryContaining(entry -> entry.endsWith("SKYN_20260821_022240"));
        try (Stream<Path> entries = Files.list(data)) {
            assertThat(entries).hasSize(1);
        }
    }
}

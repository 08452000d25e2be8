package io.metdc.listings.recorder;

import static io.metdc.listings.recorder.Invented.ON_BINANCE;
import static io.metdc.listings.recorder.Invented.ON_BYBIT;
import static io.metdc.listings.recorder.Invented.ON_GATE;
import static io.metdc.listings.recorder.Invented.ON_OKX;
import static io.metdc.listings.recorder.Invented.T0;
import static io.metdc.listings.recorder.Invented.THOUSAND;
import static io.metdc.listings.recorder.Invented.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.luben.zstd.ZstdInputStream;
import io.metdc.listings.Listing;
import io.metdc.listings.Sighting;
import io.metdc.listings.Source;
import io.metdc.listings.recorder.Archive.Published;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.Origin;
import io.metdc.market.Trade;
import io.metdc.market.TradeId;
import io.metdc.symbols.Aliases;
import java.io.ByteArrayOutputStream;
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
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
            TestDatabase.connected(T0.minus(Duration.ofHours(2)), null, T0.plus(Duration.ofHours(2)), instrument);
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
    void a_snapshot_of_the_past_is_in_the_archive_and_is_nobodys_first_trade() throws Exception {
        Instrument krw = Venues.krw("SKYN");
        Trade past = trade(krw, 1, Duration.ofSeconds(-2), "900", "1");
        TestDatabase.store(List.of(
                new Trade(
                        krw,
                        past.id(),
                        past.price(),
                        past.size(),
                        past.takerSide(),
                        past.executedAtNanos(),
                        past.receivedAtNanos(),
                        Trade.NO_SEQUENCE,
                        Origin.SNAPSHOT,
                        Set.of()),
                trade(krw, 2, Duration.ofSeconds(3), "910", "1")));

        Published published = publish(Stage.CORE);

        assertThat(published.coverage().firstWon()).isEqualTo(T0.plusSeconds(3));
        assertThat(json(published.folder().resolve("raw/upbit/spot.json"))).hasSize(2);
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
    void how_far_the_clock_of_the_announcements_is_from_ours_is_said_of_that_market_and_of_no_other() throws Exception {
        everybodyConnected(ON_BINANCE);
        TestDatabase.store(around(ON_BINANCE, "1.20"));
        List<Venue> venues = Invented.venues(ON_BINANCE);
        Published published = publish(Invented.event(), Stage.CORE, venues);
        tables().write(Invented.event(), venues, published);

        assertThat(json(published.folder().resolve("coverage.json")).path("venues"))
                .filteredOn(venue -> !venue.path("clock_offset_ms").isNull())
                .singleElement()
                .satisfies(venue -> {
                    assertThat(venue.path("exchange").asText()).isEqualTo("upbit");
                    assertThat(venue.path("clock_offset_ms").asLong()).isEqualTo(-137);
                    assertThat(venue.path("clock_offset_reason").asText()).contains("± 500 ms");
                });
        assertThat(TestDatabase.rows(
                        "SELECT exchange, clock_offset_ms FROM coverage WHERE clock_offset_ms IS NOT NULL"))
                .containsExactly("upbit|-137");
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

    @Test
    void a_break_in_the_window_is_proved_harmless_by_numbers_and_named_where_there_are_none() throws Exception {
        for (Instrument instrument : List.of(ON_BINANCE, ON_BYBIT)) {
            TestDatabase.connected(T0.minusSeconds(7_200), T0.minusSeconds(3), NOW, instrument);
            TestDatabase.connected(T0.plusSeconds(4), null, NOW, instrument);
            TestDatabase.store(around(instrument, "1.20"));
        }

        Published whole = publish(Stage.CORE, ON_BINANCE, ON_BYBIT);

        JsonNode coverage = json(whole.folder().resolve("coverage.json"));
        assertThat(venue(coverage, ON_BINANCE).path("status").asText()).isEqualTo("recorded");
        assertThat(venue(coverage, ON_BINANCE)
                        .path("gaps")
                        .get(0)
                        .path("filled")
                        .asBoolean())
                .isTrue();
        assertThat(venue(coverage, ON_BINANCE).path("sequence_breaks").asInt(-1))
                .isZero();
        assertThat(venue(coverage, ON_BYBIT).path("status").asText()).isEqualTo("disconnected");
        assertThat(venue(coverage, ON_BYBIT).path("gaps").get(0))
                .hasToString("{\"from\":\"2026-08-21T02:22:37Z\",\"to\":\"2026-08-21T02:22:44Z\","
                        + "\"cause\":\"closed_by_exchange\",\"filled\":false}");
        assertThat(venue(coverage, ON_BYBIT).path("sequence_breaks").isNull()).isTrue();
        assertThat(coverage.path("complete").asBoolean()).isFalse();

        TestDatabase.execute(
                "DELETE FROM trades WHERE sequence = 10 AND instrument_id = " + TestDatabase.id(ON_BINANCE));
        assertThat(venue(json(publish(Stage.CORE, ON_BINANCE).folder().resolve("coverage.json")), ON_BINANCE)
                        .path("status")
                        .asText())
                .isEqualTo("disconnected");
    }

    @Test
    void a_connection_that_died_with_its_process_is_not_taken_for_alive() throws Exception {
        TestDatabase.connected(T0.minusSeconds(7_200), null, T0.plusSeconds(5), ON_BYBIT);
        TestDatabase.store(around(ON_BYBIT, "1.20"));

        JsonNode bybit = venue(json(publish(Stage.CORE, ON_BYBIT).folder().resolve("coverage.json")), ON_BYBIT);

        assertThat(bybit.path("gaps").get(0).path("from").asText()).isEqualTo("2026-08-21T02:22:45Z");
        assertThat(bybit.path("gaps").get(0).path("cause").asText()).isEqualTo("not_seen_any_more");
    }

    @Test
    void holes_of_the_ledger_and_rejected_rows_are_in_the_coverage() throws Exception {
        everybodyConnected(ON_BINANCE);
        TestDatabase.store(around(ON_BINANCE, "1.20"));
        TestDatabase.execute("INSERT INTO holes (instrument_id, cause, from_id, to_id, from_time, to_time, expected,"
                + " opened_at) VALUES (1, 'missing_ids', 100, 101, '2026-08-21T02:22:41Z', '2026-08-21T02:22:42Z', 2,"
                + " '2026-08-21T02:22:43Z'), (1, 'overflow', NULL, NULL, NULL, NULL, NULL, '2026-08-21T02:22:43Z'),"
                + " (1, 'missing_ids', 1, 1, '2026-08-21T01:00:00Z', '2026-08-21T01:00:00Z', 1, now())");
        TestDatabase.execute("INSERT INTO rejected_trades VALUES ('2026-08-21T02:22:41Z', 1, 'malformed', ''),"
                + " ('2026-08-21T02:22:41Z', 1, 'repeat', ''), ('2026-08-21T03:22:41Z', 1, 'malformed', '')");

        Published published = publish(Stage.CORE, ON_BINANCE);

        JsonNode metadata = json(published.folder().resolve("metadata.json"));
        assertThat(metadata.path("open_holes").asInt()).isEqualTo(2);
        assertThat(metadata.path("complete").asBoolean()).isFalse();
        JsonNode binance = venue(json(published.folder().resolve("coverage.json")), ON_BINANCE);
        assertThat(binance.path("gaps")).hasSize(2);
        assertThat(binance.path("rejected").asInt()).isEqualTo(1);
        assertThat(binance.path("sequence_breaks").asInt()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            malformed        | 2026-08-21T02:22:41Z | false
            database         | 2026-08-21T02:22:41Z | false
            time_unit        | 2026-08-21T02:23:02Z | false
            malformed        | 2026-08-21T02:23:04Z | true
            malformed        | 2026-08-21T02:22:19Z | true
            repeat           | 2026-08-21T02:22:41Z | true
            cut_group        | 2026-08-21T02:22:41Z | true
            overflow         | 2026-08-21T02:22:41Z | true
            implausible_time | 2026-08-21T02:22:41Z | true
            """)
    void a_row_of_the_core_that_was_not_stored_and_comes_by_no_other_way_makes_it_incomplete(
            String reason, String receivedAt, boolean complete) throws Exception {
        everybodyConnected(ON_BINANCE);
        TestDatabase.store(around(ON_BINANCE, "1.20"));
        TestDatabase.execute("INSERT INTO rejected_trades VALUES ('" + receivedAt + "', 1, '" + reason + "', '')");

        Published published = publish(Stage.NEAR, ON_BINANCE);

        JsonNode binance = venue(json(published.folder().resolve("coverage.json")), ON_BINANCE);
        assertThat(json(published.folder().resolve("metadata.json"))
                        .path("complete")
                        .asBoolean())
                .isEqualTo(complete);
        assertThat(binance.path("detail").asText())
                .isEqualTo(
                        complete ? "" : "1 row received in the core window could not be stored: see rejected_trades");
    }

    @Test
    void the_holes_of_a_window_are_found_without_reading_all_others() throws Exception {
        TestDatabase.execute("INSERT INTO instruments (first_seen_at, last_seen_at, exchange, market, symbol, base,"
                + " quote, settle) SELECT now(), now(), 'binance', 'spot', 'S' || n, 'S' || n, 'USDT', 'USDT'"
                + " FROM generate_series(1, 100) n");
        TestDatabase.execute(
                "INSERT INTO holes (instrument_id, from_time, to_time, opened_at, closed_at, cause, outcome)"
                        + " SELECT 1 + n % 100, at, at + interval '1 second', at, at, 'missing_ids', 'refilled' FROM (SELECT n,"
                        + " timestamptz '" + T0
                        + "' - n * interval '1 second' AS at FROM generate_series(1, 40000) n) s");
        TestDatabase.execute("ANALYZE holes");
        String query = Facts.HOLES
                .replaceFirst("[?]", "41")
                .replaceFirst("[?]", "'" + T0.plusSeconds(20) + "'")
                .replaceFirst("[?]", "'" + T0.minusSeconds(600) + "'");

        String plan = String.join("\n", TestDatabase.rows("EXPLAIN (ANALYZE, BUFFERS OFF) " + query));

        assertThat(TestDatabase.rows(query)).hasSize(6);
        assertThat(plan).contains("Index Cond").contains("rows=6.00").doesNotContain("Rows Removed", "Seq Scan");
    }

    @Test
    void another_coin_of_the_same_name_is_marked_and_its_trades_are_not_lost() throws Exception {
        everybodyConnected(ON_BINANCE, ON_GATE, ON_OKX, THOUSAND);
        TestDatabase.store(around(ON_BINANCE, "1.20"));
        TestDatabase.store(around(ON_OKX, "1.21"));
        TestDatabase.store(around(THOUSAND, "1203"));
        TestDatabase.store(around(ON_GATE, "0.004"));

        Path folder = publish(Stage.CORE, ON_BINANCE, ON_GATE, ON_OKX, THOUSAND).folder();

        JsonNode coverage = json(folder.resolve("coverage.json"));
        assertThat(venue(coverage, ON_GATE).path("status").asText()).isEqualTo("collision");
        assertThat(venue(coverage, ON_GATE).path("trades").asInt()).isEqualTo(15);
        assertThat(venue(coverage, THOUSAND).path("status").asText()).isEqualTo("recorded");
        assertThat(venue(coverage, THOUSAND).path("coin_price").asText()).isEqualTo("1.203");
        assertThat(json(folder.resolve("raw/gate/spot.json"))).hasSize(15);
        assertThat(csv(folder)).hasSize(1 + 60);
    }

    @Test
    void a_market_with_the_coin_under_two_symbols_has_both_in_one_file_in_the_order_of_time() throws Exception {
        Instrument single = Instrument.of(Invented.BINANCE_FUTURES, "SKYNUSDT", "SKYN", "USDT");
        everybodyConnected(single, THOUSAND);
        TestDatabase.store(List.of(
                trade(single, 1, Duration.ofSeconds(1), "1.20", "1"),
                trade(THOUSAND, 1, Duration.ofSeconds(2), "1200", "1"),
                trade(single, 2, Duration.ofSeconds(3), "1.20", "1")));

        JsonNode raw = json(publish(Stage.CORE, single, THOUSAND).folder().resolve("raw/binance/futures.json"));

        assertThat(raw)
                .extracting(row -> row.path("symbol").asText())
                .containsExactly("SKYNUSDT", "1000SKYNUSDT", "SKYNUSDT");
    }

    @Test
    void numbers_are_as_the_exchange_wrote_them_and_ids_in_their_order() throws Exception {
        everybodyConnected(ON_BINANCE, ON_BYBIT);
        Instant at = T0.plusNanos(123_456_789);
        TestDatabase.store(List.of(
                trade(ON_BINANCE, TradeId.of(10), 10, at, "0.00000001230", "1000000000000000000000.50"),
                trade(ON_BINANCE, TradeId.of(9), 9, at, "1.0", "1"),
                trade(ON_BYBIT, TradeId.of("0b1e-uuid"), Trade.NO_SEQUENCE, at, "1.0", "1")));

        Path folder = publish(Stage.CORE, ON_BINANCE, ON_BYBIT).folder();

        assertThat(csv(folder).subList(1, 4))
                .containsExactly(
                        "binance,spot,SKYNUSDT,SKYN,2026-08-21T02:22:40.123456Z,789,2026-08-21T02:22:40.148456Z,9,1.0,1,,"
                                + "sell,stream,",
                        "binance,spot,SKYNUSDT,SKYN,2026-08-21T02:22:40.123456Z,789,2026-08-21T02:22:40.148456Z,10,"
                                + "0.00000001230,1000000000000000000000.50,,buy,stream,",
                        "bybit,spot,SKYNUSDT,SKYN,2026-08-21T02:22:40.123456Z,789,2026-08-21T02:22:40.148456Z,0b1e-uuid,"
                                + "1.0,1,,sell,stream,");
        assertThat(json(folder.resolve("raw/binance/spot.json"))
                        .get(1)
                        .path("price")
                        .asText())
                .isEqualTo("0.00000001230");
    }

    @Test
    void trades_whose_hour_was_dropped_are_still_in_the_archive() throws Exception {
        everybodyConnected(ON_BINANCE);
        TestDatabase.store("kept_trades", List.of(trade(ON_BINANCE, 1, Duration.ofSeconds(-2), "1.20", "1")));
        TestDatabase.store(List.of(trade(ON_BINANCE, 2, Duration.ofSeconds(2), "1.20", "1")));

        assertThat(csv(publish(Stage.CORE, ON_BINANCE).folder())).hasSize(1 + 2);
    }

    @Test
    void a_hostile_title_does_no_harm() throws Exception {
        for (String title : List.of(
                "../../x(EVIL) KRW 마켓 디지털 자산 추가",
                "<script>alert(1)</script>",
                "=cmd()|'/C calc'!A0",
                "quote\" and\nline\u0000zero",
                "half a \ud83d character")) {
            Event event = Invented.event(Invented.listing(title));

            Path folder =
                    publish(event, Stage.CORE, Invented.venues(ON_BINANCE)).folder();
            tables().write(event, Invented.venues(ON_BINANCE), null);

            assertThat(folder).isEqualTo(data.toAbsolutePath().resolve("SKYN_20260821_022240"));
            assertThat(json(folder.resolve("metadata.json")).path("title").asText())
                    .isEqualTo(title.replace('\ud83d', '?'));
            assertThat(TestDatabase.rows("SELECT title FROM listings"))
                    .containsExactly(title.replace('\ud83d', '?').replace('\0', '\uFFFD'));
            try (Stream<Path> entries = Files.list(data)) {
                assertThat(entries).hasSize(1);
            }
        }
    }

    @Test
    void a_hostile_symbol_is_one_field_of_csv_and_no_formula() throws Exception {
        Instrument hostile = Instrument.of(Invented.GATE_SPOT, "=cmd()|\"'/C calc',\n!A0", "SKYN", "USDT");
        TestDatabase.store(List.of(
                trade(hostile, TradeId.of("+1+1"), 1, T0, "1.20", "1"),
                trade(hostile, TradeId.of("a,\"b\""), 2, T0.plusMillis(1), "1.20", "1")));

        String text = String.join("\n", csv(publish(Stage.CORE, hostile).folder()));

        assertThat(text)
                .contains("gate,spot,\"'=cmd()|\"\"'/C calc',\n!A0\",SKYN,")
                .contains(",'+1+1,1.20,")
                .contains(",\"a,\"\"b\"\"\",1.20,");
        assertThat(json(data.resolve("SKYN_20260821_022240/raw/gate/spot.json"))
                        .get(0)
                        .path("symbol")
                        .asText())
                .isEqualTo(hostile.symbol());
    }

    @Test
    void a_database_that_does_not_answer_leaves_the_last_archive() throws Exception {
        everybodyConnected(ON_BINANCE);
        TestDatabase.store(around(ON_BINANCE, "1.20"));
        Path folder = publish(Stage.CORE, ON_BINANCE).folder();
        byte[] before = Files.readAllBytes(folder.resolve("metadata.json"));

        TestDatabase.execute("ALTER TABLE kept_trades RENAME TO gone");
        try {
            assertThatThrownBy(() -> publish(Stage.NEAR, ON_BINANCE)).isInstanceOf(SQLException.class);
        } finally {
            TestDatabase.execute("ALTER TABLE gone RENAME TO kept_trades");
        }

        assertThat(Files.readAllBytes(folder.resolve("metadata.json"))).isEqualTo(before);
        assertThat(json(publish(Stage.NEAR, ON_BINANCE).folder().resolve("metadata.json"))
                        .path("stage")
                        .asText())
                .isEqualTo("near");
    }

    @Test
    void an_archive_that_cannot_be_written_to_its_end_leaves_nothing_on_the_disk() throws Exception {
        TestDatabase.store(around(ON_BINANCE, "1.20"));

        TestDatabase.execute("ALTER TABLE instrument_terms RENAME TO gone"); // asked for with the trades, not before
        try {
            assertThatThrownBy(() -> publish(Stage.CORE, ON_BINANCE)).isInstanceOf(SQLException.class);
        } finally {
            TestDatabase.execute("ALTER TABLE gone RENAME TO instrument_terms");
        }

        assertThat(data).isEmptyDirectory();
    }

    // ---- tables and export

    private static ListingTables tables() {
        return new ListingTables(TestDatabase.DATABASE, InstantSource.fixed(NOW));
    }

    @Test
    void a_listing_that_fired_is_in_the_tables_and_its_trades_are_kept_before_anything_is_archived() throws Exception {
        TestDatabase.register(ON_BINANCE);

        tables().write(Invented.event(), Invented.venues(ON_BINANCE), null);
        tables().write(Invented.event(), Venues.of(Invented.event().listing(), Map.of(), Aliases.NONE), null);

        assertThat(TestDatabase.rows(
                        "SELECT id, coin, markets, is_krw_listing, seen_at - announced_at, stage FROM listings"))
                .containsExactly("SKYN_20260821_022240|SKYN|{KRW,USDT}|t|00:00:01.5|null");
        assertThat(TestDatabase.rows("SELECT source, seen_at - not_yet_at FROM listing_sightings ORDER BY 1"))
                .containsExactly("market_list|00:00:10", "notice_list|00:00:01.9");
        assertThat(TestDatabase.rows("SELECT exchange, market, symbol, status FROM listing_markets"
                        + " WHERE symbol IS NOT NULL ORDER BY 1"))
                .containsExactly("binance|spot|SKYNUSDT|recorded", "upbit|spot|KRW-SKYN|recorded");
        assertThat(TestDatabase.rows("SELECT count(*) FROM listing_markets")).containsExactly("13");
        assertThat(TestDatabase.rows("SELECT symbol, to_time - from_time FROM kept_spans JOIN instruments"
                        + " ON instruments.id = instrument_id ORDER BY 1"))
                .containsExactly("KRW-SKYN|2 days", "SKYNUSDT|2 days");
    }

    @Test
    void each_stage_renews_the_tables_and_what_was_kept_stays_kept() throws Exception {
        everybodyConnected(ON_BINANCE, ON_BYBIT);
        TestDatabase.store(around(ON_BINANCE, "1.20"));
        TestDatabase.store(around(ON_BYBIT, "1.20"));
        List<Venue> venues = Invented.venues(ON_BINANCE, ON_BYBIT);
        tables().write(Invented.event(), venues, null);
        tables().write(Invented.event(), venues, publish(Invented.event(), Stage.CORE, venues));

        Published near = publish(Invented.event(), Stage.NEAR, venues);
        List<Venue> fewer = Invented.venues(ON_BINANCE);
        tables().write(Invented.event(), fewer, near);
        tables().write(Invented.event(), fewer, null);

        assertThat(TestDatabase.rows("SELECT stage, complete, open_holes, archive FROM listings"))
                .containsExactly("near|t|0|SKYN_20260821_022240");
        assertThat(TestDatabase.rows("SELECT exchange, symbol, status, connected, trades, sequence_breaks, complete,"
                        + " receive_delay_p50_us, window_to - window_from FROM coverage WHERE exchange = 'binance'"
                        + " AND symbol IS NOT NULL"))
                .containsExactly("binance|SKYNUSDT|recorded|{[\"2026-08-21 02:21:40+00\",\"2026-08-21 02:24:40+00\")}"
                        + "|24|0|t|25000|00:03:00");
        assertThat(TestDatabase.rows("SELECT count(*) FROM coverage")).containsExactly("13");
        assertThat(TestDatabase.rows("SELECT count(*) FROM kept_spans")).containsExactly("3");
    }

    @Test
    void two_that_write_one_listing_at_a_time_wait_for_each_other_and_what_stands_is_all_of_one() throws Exception {
        TestDatabase.store(around(ON_BINANCE, "1.20"));
        List<Venue> venues = Invented.venues(ON_BINANCE);
        Published published = publish(Invented.event(), Stage.CORE, venues);
        Listing listing = Invented.event().listing();
        Event one = Invented.event(listing);
        Event other = Invented.event(
                listing.on(List.of("BTC")).with(List.of(new Sighting(Source.NOTICE_SOCKET, null, T0.plusMillis(300)))));
        try (ExecutorService writers = Executors.newFixedThreadPool(4)) {
            List<Future<?>> written = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                Event event = i % 2 == 0 ? one : other;
                Published what = i % 3 == 0 ? null : published;
                written.add(writers.submit(() -> {
                    tables().write(event, venues, what);
                    return null;
                }));
            }
            for (Future<?> done : written) {
                done.get();
            }
        }

        assertThat(TestDatabase.rows("SELECT markets, is_krw_listing, (SELECT string_agg(source, ',' ORDER BY source)"
                        + " FROM listing_sightings), (SELECT count(*) FROM listing_markets), (SELECT count(*) FROM coverage)"
                        + " FROM listings"))
                .singleElement()
                .isIn("{KRW,USDT}|t|market_list,notice_list|13|13", "{BTC}|f|notice_socket|13|13");
    }

    @Test
    void a_coin_that_left_the_list_of_an_exchange_or_whose_list_is_not_known_stays_in_the_archive() throws Exception {
        everybodyConnected(ON_BINANCE, ON_BYBIT, ON_GATE);
        TestDatabase.store(around(ON_BINANCE, "1.20"));
        TestDatabase.store(around(ON_BYBIT, "1.20"));
        TestDatabase.store(around(ON_GATE, "1.20"));
        List<Venue> venues = Invented.venues(ON_BINANCE, ON_BYBIT, ON_GATE);
        tables().write(Invented.event(), venues, publish(Invented.event(), Stage.CORE, venues));
        Map<Market, Offer> offers = Invented.offers(ON_BINANCE);
        offers.put(ON_BYBIT.market(), new Offer.Unknown("no list yet"));

        List<Venue> fewer = Venues.of(Invented.event().listing(), offers, Aliases.NONE);
        Published near = publish(Invented.event(), Stage.NEAR, fewer);

        assertThat(csv(near.folder())).hasSize(1 + 72);
        assertThat(near.coverage().venues()).hasSize(13);
        assertThat(near.coverage().complete()).isTrue();
        assertThat(json(near.folder().resolve("raw/gate/spot.json"))).hasSize(15);
    }

    @Test
    void a_listing_found_in_the_tables_exports_the_same_as_its_archive() throws Exception {
        everybodyConnected(ON_BINANCE, THOUSAND);
        TestDatabase.store(around(ON_BINANCE, "1.20"));
        TestDatabase.store(around(THOUSAND, "1203"));
        List<Venue> venues = Invented.venues(ON_BINANCE, THOUSAND);
        Published core = publish(Invented.event(), Stage.CORE, venues);
        tables().write(Invented.event(), venues, core);

        ListingTables.Stored found = tables().find("skyn_20260821_022240").orElseThrow();
        List<Window> windows = Windows.DEFAULT.archived(Stage.CORE, found.announcedAt(), found.opensAt());
        ByteArrayOutputStream csv = new ByteArrayOutputStream();
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        long rows = Export.write(TestDatabase.DATABASE.readOnly(), found.venues(), windows, Export.Format.CSV, csv);
        Export.write(TestDatabase.DATABASE.readOnly(), found.venues(), windows, Export.Format.JSON, json);

        assertThat(found.stage()).isEqualTo(Stage.CORE);
        assertThat(found.venues()).hasSize(3);
        assertThat(rows).isEqualTo(30);
        assertThat(csv.toString(StandardCharsets.UTF_8).lines().toList()).isEqualTo(csv(core.folder()));
        assertThat(JSON.readTree(json.toByteArray())).hasSize(30);
        assertThat(JSON.readTree(json.toByteArray()).get(0).path("flags").isArray())
                .isTrue();
        assertThat(tables().find("nothing")).isEmpty();
    }

    @Test
    @Tag("long")
    void a_million_trades_are_archived_in_little_memory() throws Exception {
        everybodyConnected(ON_BINANCE);
        TestDatabase.day(T0);
        TestDatabase.execute("INSERT INTO trades SELECT t, t + interval '25 ms', n, n, " + TestDatabase.id(ON_BINANCE)
                + ", 0, 1, 0, 0, 1.20 + n % 100 * 0.01, 1.5, '' FROM (SELECT n, timestamptz '" + T0
                + "' - interval '20 s' + n * interval '39 us' AS t FROM generate_series(0, 999999) n) x");
        System.gc();
        long before = used();
        long[] most = new long[1];

        long rows = Export.write(
                TestDatabase.DATABASE.readOnly(),
                Invented.venues(ON_BINANCE),
                Invented.event().archived(Stage.CORE),
                Export.Format.CSV,
                new java.io.OutputStream() {
                    private long written;

                    @Override
                    public void write(int one) {
                        written++;
                    }

                    @Override
                    public void write(byte[] bytes, int offset, int length) {
                        if (written / 20_000_000 != (written + length) / 20_000_000) {
                            System.gc();
                            most[0] = Math.max(most[0], used() - before);
                        }
                        written += length;
                    }
                });
        Path folder = publish(Stage.CORE, ON_BINANCE).folder();

        assertThat(rows).isEqualTo(1_000_000);
        assertThat(most[0]).isPositive().isLessThan(32_000_000);
        JsonNode files = json(folder.resolve("metadata.json")).path("files");
        assertThat(files)
                .filteredOn(file -> file.path("name").asText().equals("raw/binance/spot.json")
                        || file.path("name").asText().equals("trades.csv.zst"))
                .extracting(file -> file.path("rows").asLong())
                .containsExactly(1_000_000L, 1_000_000L);
    }

    private static long used() {
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}

package io.metdc.collector;

import static io.metdc.collector.Listed.AFTER;
import static io.metdc.collector.Listed.BEFORE;
import static io.metdc.collector.Listed.KRW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.metdc.listings.recorder.Recorder;
import io.metdc.listings.recorder.Stage;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.simulator.Announcement;
import io.metdc.simulator.SimulatedNotice;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import io.metdc.storage.Database;
import io.metdc.storage.StorageSettings;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// From a notice to the archives: one run of the collector with two notices, and what came of it.
///
/// The first announces three coins. The KRW market of one of them opens in the midst of the core window. The second
/// announces one more, and is amended while its windows are open. Then two coins are recorded by hand, one of them is
/// collected anyway; and when the collector has ended, the first coin once more.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ListingsTest {
    private static final List<String> COINS = List.of("SKYN", "0GX", "Q");

    /// Of which the tables still say what fired: the first is recorded by hand at the end.
    private static final List<String> AS_FIRED = COINS.subList(1, COINS.size());

    private static final String AMENDED = "MOVD";
    private static final String AMENDMENT = " (거래지원 개시 시점 변경 안내)";
    private static final List<Market> MARKETS = Stream.of(Exchange.BINANCE, Exchange.OKX, Exchange.KUCOIN)
            .flatMap(exchange -> Stream.of(MarketType.values()).map(type -> new Market(exchange, type)))
            .toList();

    @TempDir
    private static Path folder;

    private Simulator simulator;
    private WebhookReceiver webhook;
    private Rehearsed metdc;
    private Database database;
    private List<Recorder.Status> recordings;
    private Listed.Output byHand;
    private Listed.Output again;
    private Listed.Output afterwards;
    private Archived fired;
    private Announcement announced;
    private Announcement amended;
    private Instant krwOpened;
    private Instant movedTo;

    @BeforeAll
    void from_two_notices_to_the_archives() throws Exception {
        List<Market> markets = new ArrayList<>(MARKETS);
        markets.add(KRW);
        List<String> listed = new ArrayList<>(COINS);
        listed.add(AMENDED);
        simulator = Simulator.start(SimulatorOptions.builder()
                .markets(markets.toArray(Market[]::new))
                .rate(1_000)
                .instruments(6)
                .listing(listed.toArray(String[]::new))
                .restWeight(100_000)
                .build());
        webhook = new WebhookReceiver();
        metdc = new Rehearsed(simulator, folder, Listed.settings(webhook, Listed.socket(simulator)));
        Listed.awaitTape(metdc, COINS.getFirst(), MARKETS.size());

        Instant opensAt = Instant.now().truncatedTo(ChronoUnit.MINUTES).plus(1, ChronoUnit.HOURS);
        movedTo = opensAt.plus(Duration.ofMinutes(90));
        announced =
                simulator.announce(SimulatedNotice.listing(COINS.toArray(String[]::new)), COINS.toArray(String[]::new));
        amended = simulator.announce(SimulatedNotice.listing(AMENDED).opening(opensAt), AMENDED);
        Listed.awaitTime(announced.t0().plus(Duration.ofMillis(800)));
        krwOpened = simulator.openKrw(COINS.getFirst());
        await().until(() -> webhook.of("listing", AMENDED).size() == 1);
        simulator.amend(amended.notice(), amended.title() + AMENDMENT, movedTo);
        await().atMost(Duration.ofSeconds(40))
                .until(() -> metdc.collector.recordings().stream()
                        .allMatch(recording -> recording.listing().coin().equals(AMENDED)
                                ? recording.published() == Stage.WIDE
                                : recording.isOver()));
        await().until(() -> webhook.of("stage").size() >= 4 * COINS.size() + 3);
        recordings = metdc.collector.recordings();

        byHand = command("record", "eth", "--at", announced.t0().toString());
        again = command("record", "ETH", "--at", Long.toString(announced.t0().toEpochMilli()));
        command("record", "BTC", "--at", announced.t0().toString());
        await().until(() -> metdc.collector.recordings().stream()
                .allMatch(recording ->
                        recording.isOver() || recording.listing().coin().equals(AMENDED)));
        Instant over = Instant.now();
        await("the rate of won is recorded whoever lets go of it")
                .until(() -> metdc.number("SELECT count(*) FROM trade WHERE symbol = 'KRW-BTC' AND executed_at > '"
                                + over.plusMillis(500) + "'")
                        > 0);
        metdc.close();
        metdc = null;

        Archived live = archive(COINS.getFirst());
        fired = new Archived(Files.createDirectory(folder.resolve("fired")).resolve(live.id()));
        Files.move(live.folder(), fired.folder());
        Files.delete(folder.resolve("data/recordings").resolve(live.id() + ".json"));
        afterwards = command(
                "record",
                COINS.getFirst(),
                "--at",
                announced.t0().atOffset(ZoneOffset.ofHours(9)).toString(),
                "--markets",
                "krw,BTC,USDT");
        database = Database.visit(StorageSettings.embedded(folder.resolve("data")));
    }

    private Listed.Output command(String... arguments) {
        List<String> all = new ArrayList<>(List.of("listing"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--config", folder.resolve("metdc.yaml").toString()));
        Stream.of(settings()).forEach(setting -> all.addAll(List.of("--set", setting)));
        return Listed.command(folder, all.toArray(String[]::new));
    }

    private String[] settings() {
        return Listed.settings(webhook, "data_directory=" + folder.resolve("data"));
    }

    @AfterAll
    void end() {
        Stream.of(metdc, database, webhook, simulator).forEach(one -> {
            try {
                if (one != null) {
                    one.close();
                }
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    /// As it fired, where it did.
    private Archived archive(String coin) {
        return coin.equals(COINS.getFirst()) && fired != null ? fired : Archived.of(folder.resolve("data"), coin);
    }

    private Map<String, String> row(String sql) throws Exception {
        List<Map<String, String>> rows = rows(sql);
        assertThat(rows).as(sql).hasSize(1);
        return rows.getFirst();
    }

    private List<Map<String, String>> rows(String sql) throws Exception {
        return Listed.rows(database, sql);
    }

    // ---- trades

    @Test
    void chr_and_somi_every_market_has_what_it_sent_on_both_sides_of_the_announcement_and_nothing_else() {
        for (String coin : COINS) {
            Archived archive = archive(coin);
            for (Market market : MARKETS) {
                assertThat(archive.raw(market))
                        .as("%s on %s", coin, market)
                        .containsExactlyInAnyOrderElementsOf(archive.sent(
                                simulator,
                                market,
                                announced.t0().minus(BEFORE),
                                announced.t0().plus(AFTER)));
                long t0 = announced.t0().toEpochMilli();
                assertThat(archive.rawTimes(market))
                        .as("%s on %s", coin, market)
                        .isSorted()
                        .anyMatch(at -> at < t0)
                        .anyMatch(at -> at >= t0);
            }
        }
    }

    @Test
    void the_0g_case_all_that_was_sent_before_the_notice_was_seen_is_there() {
        for (String coin : COINS) {
            Archived archive = archive(coin);
            for (Market market : MARKETS) {
                Instant from = announced.t0().minus(BEFORE);
                Instant seen = archive.time("detected_at");
                List<String> before = archive.sent(simulator, market, from, seen);
                assertThat(before).as("%s on %s", coin, market).hasSizeGreaterThan(5);
                assertThat(archive.raw(market)).as("%s on %s", coin, market).containsAll(before);
            }
        }
    }

    @Test
    void markets_that_are_switched_off_have_a_file_too_and_say_so() {
        Archived archive = archive("SKYN");
        assertThat(archive.coverage().path("venues")).hasSize(13);
        for (Exchange exchange : List.of(Exchange.BYBIT, Exchange.GATE, Exchange.PHEMEX)) {
            for (MarketType type : MarketType.values()) {
                Market market = new Market(exchange, type);
                assertThat(archive.raw(market)).isEmpty();
                assertThat(archive.venue(market).path("status").asText()).isEqualTo("disconnected");
                assertThat(archive.venue(market).path("enabled").asBoolean(true))
                        .isFalse();
            }
        }
    }

    @Test
    void the_archive_is_complete_and_each_market_that_is_collected_is_recorded() {
        for (String coin : COINS) {
            Archived archive = archive(coin);
            for (Market market : MARKETS) {
                assertThat(archive.venue(market).path("status").asText())
                        .as("%s on %s: %s", coin, market, archive.venue(market))
                        .isEqualTo("recorded");
                assertThat(archive.venue(market).path("gaps")).isEmpty();
            }
            assertThat(archive.metadata().path("complete").asBoolean()).isTrue();
            assertThat(archive.metadata().path("open_holes").asLong()).isZero();
            assertThat(archive.metadata().path("stage").asText()).isEqualTo("final");
        }
    }

    @Test
    void the_csv_of_the_archive_is_what_sql_has() throws Exception {
        for (String coin : COINS) {
            List<Map<String, String>> csv = archive(coin).csv();
            List<Map<String, String>> sql = rows(Listed.trades(archive(coin)));

            assertThat(csv).hasSizeGreaterThan(100);
            assertThat(Listed.comparable(csv)).containsExactlyInAnyOrderElementsOf(Listed.comparable(sql));
        }
    }

    // ---- what was announced

    @Test
    void each_coin_of_the_notice_has_an_archive_of_its_own_and_is_told_once() {
        for (String coin : COINS) {
            Archived archive = archive(coin);
            assertThat(archive.time("announced_at")).isEqualTo(announced.t0());
            assertThat(archive.metadata().path("title").asText()).isEqualTo(announced.title());
            assertThat(archive.metadata().path("notice").asText()).isEqualTo(announced.notice());
            assertThat(archive.metadata().path("late").asBoolean()).isFalse();
            assertThat(webhook.of("listing", coin)).singleElement().satisfies(alert -> {
                assertThat(alert.text("listing")).isEqualTo(archive.id());
                assertThat(Duration.between(archive.time("detected_at"), alert.at()))
                        .isBetween(Duration.ZERO, Duration.ofSeconds(1));
            });
        }
        assertThat(webhook.of("listing")).hasSize(COINS.size() + 1);
        assertThat(recordings).hasSize(COINS.size() + 1);
    }

    @Test
    void when_it_was_seen_is_the_same_to_the_millisecond_in_file_table_and_alert() throws Exception {
        Instant pushed = announced.t0().plusMillis(200); // as long as the simulator needs, and for its list
        Instant listed = announced.t0().plusMillis(700);
        for (String coin : AS_FIRED) {
            Archived archive = archive(coin);
            JsonNode push = archive.metadata().path("seen").get(0);
            JsonNode page = archive.metadata().path("seen").get(1);
            Instant at = Instant.parse(push.path("t_seen").asText());
            Instant onPage = Instant.parse(page.path("t_seen").asText());
            Instant notYet = Instant.parse(page.path("t_not_yet").asText());

            assertThat(push.path("source").asText()).isEqualTo("notice_socket");
            assertThat(page.path("source").asText()).isEqualTo("notice_list");
            assertThat(at).isBetween(pushed, pushed.plusMillis(400));
            assertThat(push.path("t_not_yet").isNull()).isTrue();
            assertThat(onPage).isBetween(listed, listed.plus(Listed.POLL.multipliedBy(4)));
            assertThat(notYet).isBetween(listed.minus(Listed.POLL.multipliedBy(4)), listed);
            assertThat(archive.time("detected_at")).isEqualTo(at);
            assertThat(row("SELECT seen_at, not_yet_at, fired_at, announced_at FROM listings WHERE id = '"
                            + archive.id() + "'"))
                    .isEqualTo(Map.of(
                            "seen_at", Listed.sql(at),
                            "not_yet_at", "",
                            "fired_at", Listed.sql(archive.time("fired_at")),
                            "announced_at", Listed.sql(announced.t0())));
            assertThat(rows("SELECT source, seen_at, not_yet_at FROM listing_sightings WHERE source <> 'market_list'"
                            + " AND listing_id = '" + archive.id() + "' ORDER BY seen_at"))
                    .containsExactly(
                            Map.of("source", "notice_socket", "seen_at", Listed.sql(at), "not_yet_at", ""),
                            Map.of(
                                    "source",
                                    "notice_list",
                                    "seen_at",
                                    Listed.sql(onPage),
                                    "not_yet_at",
                                    Listed.sql(notYet)));
            assertThat(Instant.parse(webhook.of("listing", coin).getFirst().text("seen_at")))
                    .isEqualTo(at.truncatedTo(ChronoUnit.MILLIS));
        }
    }

    @Test
    void each_stage_is_told_once_and_in_its_order() {
        for (String coin : COINS) {
            List<WebhookReceiver.Alert> stages = webhook.of("stage", coin);
            assertThat(stages)
                    .extracting(stage -> stage.text("stage"))
                    .containsExactlyElementsOf(
                            coin.equals(COINS.getFirst())
                                    ? List.of("core", "near", "wide", "open", "final")
                                    : List.of("core", "near", "wide", "final"));
        }
    }

    @Test
    void the_tables_say_what_the_files_say() throws Exception {
        for (String coin : AS_FIRED) {
            Archived archive = archive(coin);
            JsonNode metadata = archive.metadata();
            Map<String, String> row = row("SELECT * FROM listings WHERE id = '" + archive.id() + "'");
            for (String field : List.of("notice", "title", "kind", "stage")) {
                assertThat(row.get(field))
                        .as(field)
                        .isEqualTo(metadata.path(field).asText());
            }
            assertThat(row.get("archive")).isEqualTo(archive.id());
            assertThat(row.get("markets")).isEqualTo("{KRW,BTC,USDT}");
            assertThat(row.get("complete")).isEqualTo(metadata.path("complete").asBoolean() ? "t" : "f");
            Map<String, String> statuses = rows("SELECT exchange || ' ' || market AS name, status FROM coverage"
                            + " WHERE listing_id = '" + archive.id() + "'")
                    .stream()
                    .collect(Collectors.toMap(one -> one.get("name"), one -> one.get("status")));
            assertThat(statuses).hasSize(13);
            for (JsonNode venue : archive.coverage().path("venues")) {
                assertThat(statuses)
                        .containsEntry(
                                venue.path("exchange").asText() + " "
                                        + venue.path("market").asText(),
                                venue.path("status").asText());
            }
            for (Market market : MARKETS) {
                assertThat(row("SELECT symbol, trades FROM coverage WHERE listing_id = '" + archive.id()
                                + "' AND exchange = '" + market.exchange() + "' AND market = '" + market.type() + "'"))
                        .isEqualTo(Map.of(
                                "symbol", archive.venue(market).path("symbol").asText(),
                                "trades", archive.venue(market).path("trades").asText()));
            }
        }
    }

    // ---- its market for won

    @Test
    void a_krw_market_that_opens_in_mid_window_is_recorded_from_its_first_trade_on_and_fires_nothing() {
        Archived archive = archive("SKYN");
        List<String> sent = archive.sent(
                simulator, KRW, announced.t0().minus(BEFORE), announced.t0().plus(AFTER));

        assertThat(sent).isNotEmpty();
        assertThat(archive.raw(KRW)).containsExactlyInAnyOrderElementsOf(sent);
        assertThat(archive.time("first_krw_at")).isBetween(krwOpened, krwOpened.plusSeconds(8));
        assertThat(archive.time("market_seen_at")).isBetween(krwOpened, krwOpened.plusSeconds(8));
        assertThat(archive.metadata().path("seen").findValuesAsText("source"))
                .containsExactlyInAnyOrder("notice_socket", "notice_list", "market_list");
        assertThat(webhook.of("listing", "SKYN")).hasSize(1);
    }

    @Test
    void a_coin_whose_krw_market_did_not_open_is_said_to_have_none_and_misses_nothing() {
        Archived archive = archive("Q");
        assertThat(archive.raw(KRW)).isEmpty();
        assertThat(archive.metadata().path("first_krw_at").isNull()).isTrue();
        assertThat(archive.metadata().path("complete").asBoolean()).isTrue();
    }

    // ---- the amendment

    @Test
    void an_amendment_moves_the_opening_in_file_and_table_and_fires_nothing() throws Exception {
        Archived archive = archive(AMENDED);
        assertThat(archive.metadata().path("kind").asText()).isEqualTo("postponed");
        assertThat(archive.time("opens_at")).isEqualTo(movedTo);
        assertThat(archive.metadata().path("title").asText()).isEqualTo(amended.title());
        assertThat(row("SELECT kind, opens_at FROM listings WHERE id = '" + archive.id() + "'"))
                .isEqualTo(Map.of("kind", "postponed", "opens_at", Listed.sql(movedTo)));
        assertThat(webhook.of("listing", AMENDED)).hasSize(1);
    }

    // ---- by hand

    @Test
    void a_person_records_the_past_of_any_coin_while_metdc_runs_and_nobody_is_alerted() {
        assertThat(byHand.exitCode()).as(byHand.toString()).isZero();
        assertThat(byHand.err()).contains("the running service is asked to record ETH_");
        assertThat(byHand.out()).contains("ETH on KRW", "by hand", "binance-spot", "core complete");
        assertThat(again.exitCode()).isZero();
        assertThat(again.err()).contains("recorded already");
        Archived archive = archive("ETH");
        int recorded = 0;
        for (Market market : MARKETS) {
            if (archive.venue(market).path("status").asText().equals("not_listed")) {
                continue; // six instruments do not hold every coin
            }
            recorded++;
            assertThat(archive.raw(market))
                    .as("%s", market)
                    .isNotEmpty()
                    .containsExactlyInAnyOrderElementsOf(archive.sent(
                            simulator,
                            market,
                            announced.t0().minus(BEFORE),
                            announced.t0().plus(AFTER)));
        }
        assertThat(recorded).isGreaterThan(3);
        assertThat(webhook.of("listing", "ETH")).isEmpty();
    }

    @Test
    void recorded_by_hand_when_nothing_runs_it_is_the_same_as_it_fired() throws Exception {
        assertThat(afterwards.exitCode()).as(afterwards.toString()).isZero();
        Archived archive = Archived.of(folder.resolve("data"), COINS.getFirst());
        assertThat(archive.id()).isEqualTo(fired.id());
        try (Stream<Path> files = Files.walk(fired.folder().resolve("raw"))) {
            List<Path> raw = files.filter(Files::isRegularFile).toList();
            assertThat(raw).hasSize(13);
            for (Path file : raw) {
                assertThat(archive.folder().resolve(fired.folder().relativize(file)))
                        .hasSameBinaryContentAs(file);
            }
        }
        assertThat(archive.csv()).isEqualTo(fired.csv());
        for (String field : List.of("symbol", "markets", "announced_at", "is_krw_listing", "complete", "stage")) {
            assertThat(archive.metadata().path(field))
                    .as(field)
                    .isEqualTo(fired.metadata().path(field));
        }
        for (Market market : MARKETS) {
            for (String field : List.of("status", "symbol", "trades", "first_at", "last_at", "gaps", "complete")) {
                assertThat(archive.venue(market).path(field))
                        .as("%s of %s", field, market)
                        .isEqualTo(fired.venue(market).path(field));
            }
        }
        assertThat(archive.metadata().path("seen").findValuesAsText("source")).containsExactly("hand");
    }

    @Test
    void what_is_no_listing_to_record_is_refused_before_anything_is_written() throws Exception {
        for (List<String> wrong : List.of(
                List.of("record", "../../x", "--at", "2026-11-20T10:00:00Z"),
                List.of("record", "한국", "--at", "2026-11-20T10:00:00Z"),
                List.of("record", "SKYN", "--at", "yesterday"),
                List.of("record", "SKYN", "--at", "2026-11-20T10:00:00"),
                List.of("record", "SKYN", "--at", "17637264000"),
                List.of("record", "SKYN", "--at", "2099-01-01T00:00:00Z"),
                List.of("record", "SKYN", "--at", "2026-11-20T10:00:00Z", "--markets", ""),
                List.of("record", "SKYN", "--at", "2026-11-20T10:00:00Z", "--markets", "KRW,../x"),
                List.of("record", "SKYN"),
                List.of("record"))) {
            Listed.Output output = command(wrong.toArray(String[]::new));
            assertThat(output.exitCode()).as("%s: %s", wrong, output).isEqualTo(2);
            assertThat(output.err()).as("%s", wrong).isNotBlank().doesNotContain("\tat ");
        }
    }

    // ---- listing list, show, export

    @Test
    void all_listings_are_listed_with_the_newest_first() throws Exception {
        Listed.Output table = command("list");
        assertThat(table.exitCode()).isZero();
        assertThat(table.out().lines().skip(1))
                .hasSize(COINS.size() + 3)
                .allMatch(line -> line.matches("[A-Z0-9]+_\\d{8}_\\d{6} .*"))
                .anyMatch(line -> line.startsWith("0GX_") && line.contains("final") && line.contains("complete"))
                .anyMatch(line -> line.startsWith("MOVD_") && line.contains("wide"));
        JsonNode json = new ObjectMapper().readTree(command("list", "--json").out());
        assertThat(json.findValuesAsText("id"))
                .containsExactlyElementsOf(table.out()
                        .lines()
                        .skip(1)
                        .map(line -> line.replaceFirst(" .*", ""))
                        .toList());
        for (JsonNode one : json) {
            assertThat(one)
                    .isEqualTo(Archived.of(
                                    folder.resolve("data"), one.path("symbol").asText())
                            .metadata());
        }
    }

    @Test
    void one_listing_is_shown_with_every_market_for_a_person_and_for_a_program() throws Exception {
        Archived archive = archive("0GX");
        Listed.Output table = command("show", archive.id());
        assertThat(table.exitCode()).isZero();
        assertThat(table.out())
                .contains("0GX on KRW, BTC, USDT", "seen", "by notice socket", "by notice list", "core complete")
                .contains(archive.folder().toString());
        for (JsonNode venue : archive.coverage().path("venues")) {
            assertThat(table.out())
                    .contains(venue.path("exchange").asText() + "-"
                            + venue.path("market").asText());
        }
        assertThat(table.out().lines()).allMatch(line -> line.length() <= 120);
        JsonNode json = new ObjectMapper()
                .readTree(command("show", archive.id(), "--json").out());
        assertThat(json.path("metadata")).isEqualTo(archive.metadata());
        assertThat(json.path("coverage")).isEqualTo(archive.coverage());
    }

    @Test
    void an_export_is_what_sql_has_as_csv_and_as_json() throws Exception {
        Archived archive = archive("0GX");
        List<Map<String, String>> sql = Listed.comparable(rows(Listed.trades(archive)));
        Listed.Output csv = command("export", archive.id());
        assertThat(csv.exitCode()).isZero();
        assertThat(Listed.comparable(
                        Archived.csv(new ByteArrayInputStream(csv.out().getBytes(StandardCharsets.UTF_8)))))
                .containsExactlyInAnyOrderElementsOf(sql);

        Path file = folder.resolve("export.json");
        Listed.Output json = command("export", archive.id(), "--format", "json", "--output", file.toString());
        assertThat(json.exitCode()).isZero();
        assertThat(json.out()).isEmpty();
        List<Map<String, String>> rows = new ArrayList<>();
        for (JsonNode row : new ObjectMapper().readTree(file.toFile())) {
            assertThat(row.path("executed_ns").isIntegralNumber()).isTrue();
            assertThat(row.path("price").isTextual()).isTrue();
            assertThat(row.path("contracts").isNull() || row.path("contracts").isTextual())
                    .isTrue();
            assertThat(row.path("flags").isArray()).isTrue();
            Map<String, String> values = new LinkedHashMap<>();
            row.properties().forEach(field -> values.put(field.getKey(), text(field.getValue())));
            rows.add(values);
        }
        assertThat(Listed.comparable(rows)).containsExactlyInAnyOrderElementsOf(sql);
    }

    private static String text(JsonNode value) {
        if (value.isArray()) {
            return value.valueStream().map(JsonNode::asText).collect(Collectors.joining("|"));
        }
        return value.isNull() ? "" : value.asText();
    }

    @Test
    void what_is_no_listing_is_refused_and_those_that_there_are_are_named() {
        for (String command : List.of("show", "export")) {
            for (String id : List.of("NONE_20260821_022240", "../../etc", "", "SKYN\n_1")) {
                Listed.Output output = command(command, id);
                assertThat(output.exitCode())
                        .as("%s %s: %s", command, id, output)
                        .isEqualTo(2);
                assertThat(output.err())
                        .contains("there is no listing", archive("Q").id());
                assertThat(output.out()).isEmpty();
            }
        }
        assertThat(command("export", archive("Q").id(), "--format", "xml").exitCode())
                .isEqualTo(2);
    }

    // ---- files

    @Test
    void nothing_is_left_half_done_on_the_disk() throws Exception {
        try (Stream<Path> files = Files.list(folder.resolve("data/listings"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .hasSize(COINS.size() + 3)
                    .allMatch(name -> name.matches("[A-Z0-9]{1,12}_\\d{8}_\\d{6}"));
        }
    }
}

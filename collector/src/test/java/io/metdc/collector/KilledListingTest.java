package io.metdc.collector;

import static io.metdc.collector.Listed.AFTER;
import static io.metdc.collector.Listed.BEFORE;
import static io.metdc.collector.Listed.KRW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.metdc.collector.config.Configuration;
import io.metdc.connectors.Connectors;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Nanos;
import io.metdc.simulator.Announcement;
import io.metdc.simulator.Fault;
import io.metdc.simulator.Sent;
import io.metdc.simulator.SimulatedNotice;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import io.metdc.storage.Database;
import io.metdc.storage.DatabaseException;
import io.metdc.storage.StorageSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// metdc as a process of its own, killed in the windows of listings and started again:
///
/// ```
/// run 1 ── t0 of LATE ── kill ── run 2 ── NOTE is announced, seen, told ── kill ── run 3 ── DOWN and hostile titles,
/// two markets away ── stop ── 16 minutes later ── the notice of LATE is seen
/// ```
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KilledListingTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration LATE = Duration.ofMinutes(16);

    /// What was sent less than this before a kill may be lost: it may not have been written out.
    private static final Duration GRACE = Duration.ofMillis(100);

    private static final Market BY_IDS = SimulatorOptions.BINANCE_FUTURES;
    private static final Market BY_CONNECTION = new Market(Exchange.KUCOIN, MarketType.SPOT);
    private static final Market NEVER_AWAY = SimulatorOptions.BINANCE_SPOT;
    private static final List<Market> MARKETS = List.of(NEVER_AWAY, BY_IDS, BY_CONNECTION);

    /// By the coin that each announces.
    private static final Map<String, String> HOSTILE = Map.of(
            "EVIL", "../../x(EVIL) KRW 마켓 디지털 자산 추가",
            "XSS", "<script>alert('x')</script>(XSS) KRW 마켓 디지털 자산 추가",
            "QUOT", "\"따옴표'; DROP TABLE listings; --(QUOT) KRW 마켓 디지털 자산 추가",
            "LINE", "줄\r\n2026-11-21T00:00:00.000Z ERROR [main] forged\u2028\u202E\u0000(LINE) KRW 마켓 디지털 자산 추가",
            "CALC", "=cmd|' /C calc'!A0(CALC) KRW 마켓 디지털 자산 추가");

    @TempDir
    private static Path folder;

    private Path data() {
        return folder.resolve("data");
    }

    private final List<Instant> kills = new ArrayList<>();
    private final List<Instant> dead = new ArrayList<>(); // what was written until then may have reached nobody
    private Simulator simulator;
    private WebhookReceiver webhook;
    private Collector later;
    private Instant late;
    private Instant lateShown;
    private Announcement note;
    private Announcement down;
    private Instant cutAt;
    private Instant backAt;

    @BeforeAll
    void two_kills_and_a_late_notice() throws Exception {
        List<Market> markets = new ArrayList<>(MARKETS);
        markets.add(KRW);
        simulator = Simulator.start(SimulatorOptions.builder()
                .markets(markets.toArray(Market[]::new))
                .rate(1_000)
                .instruments(12)
                .listing(Stream.concat(
                                Stream.of("LATE", "NOTE", "DOWN"),
                                HOSTILE.keySet().stream().sorted())
                        .toArray(String[]::new))
                .restWeight(100_000)
                .build());
        webhook = new WebhookReceiver();
        ReadyCluster.in(data());
        Files.writeString(folder.resolve("metdc.yaml"), simulator.configuration());

        try (Metdc metdc = start()) {
            awaitTape(metdc, Instant.now());
            late = Instant.now().truncatedTo(ChronoUnit.SECONDS);
            Listed.awaitTime(late.plusMillis(1_500));
            kill(metdc);
        }
        try (Metdc metdc = start()) {
            awaitTape(metdc, kills.getFirst());
            Listed.awaitTime(late.plus(AFTER).plusSeconds(2));
            note = simulator.announce("NOTE");
            await().atMost(LONG).until(() -> isTold("NOTE"));
            assertThat(Instant.now()).isBefore(note.t0().plus(AFTER));
            kill(metdc);
        }
        try (Metdc metdc = start()) {
            awaitTape(metdc, kills.getLast());
            for (Market market : List.of(BY_IDS, BY_CONNECTION)) {
                simulator.inject(Fault.STOP_ACCEPTING, market);
                simulator.inject(Fault.CUT, market);
            }
            cutAt = Instant.now();
            HOSTILE.values().forEach(title -> simulator.publish(SimulatedNotice.trade(title)));
            down = simulator.announce("DOWN");
            Listed.awaitTime(down.t0().plusSeconds(1));
            backAt = Instant.now();
            simulator.clear(Fault.STOP_ACCEPTING);
            await().atMost(LONG)
                    .until(() -> webhook.of("stage").stream()
                                    .filter(stage -> stage.text("stage").equals("final"))
                                    .count()
                            == 2 + HOSTILE.size());
            assertThat(metdc.terminate(Duration.ofSeconds(10))).as(metdc::said).isZero();
        }
        Configuration configuration = Configuration.load(
                new Configuration.Sources(
                        folder.resolve("metdc.yaml"),
                        Stream.of(settings())
                                .map(setting -> new Configuration.Option("test", setting))
                                .toList(),
                        Map.of(),
                        folder,
                        folder),
                Connectors.all());
        later = Collector.start(
                configuration.settings(), null, "test", () -> Instant.now().plus(LATE));
        lateShown = Instant.now().plus(LATE);
        simulator.publish(SimulatedNotice.listing("LATE"), late);
        await().atMost(LONG)
                .until(() -> later.recordings().stream()
                        .anyMatch(recording -> recording.listing().coin().equals("LATE") && recording.isOver()));
        await().until(() -> !webhook.of("listing", "LATE").isEmpty());
    }

    private String[] settings() {
        return Listed.settings(webhook, "data_directory=" + data(), "logging.directory=" + folder.resolve("logs"));
    }

    private Metdc start() throws IOException {
        List<String> arguments = new ArrayList<>(
                List.of("run", "--config", folder.resolve("metdc.yaml").toString()));
        for (String setting : settings()) {
            arguments.add("--set");
            arguments.add(setting);
        }
        return Metdc.start(folder.resolve("metdc.out"), arguments.toArray(String[]::new));
    }

    private void kill(Metdc metdc) throws InterruptedException {
        kills.add(Instant.now());
        metdc.kill();
        dead.add(Instant.now());
    }

    /// Waits until every market was recorded for longer than the windows reach back.
    private void awaitTape(Metdc metdc, Instant since) {
        await().atMost(LONG).pollInterval(Duration.ofMillis(300)).until(() -> {
            assertThat(metdc.isAlive()).as(metdc::said).isTrue();
            try (Database database = Database.visit(StorageSettings.embedded(data()))) {
                return Listed.rows(
                                        database,
                                        "SELECT FROM connection WHERE symbol LIKE '%LATE%' AND delivering_at > '"
                                                + since
                                                + "' AND seen_at - delivering_at > interval '"
                                                + BEFORE.plusSeconds(2).toSeconds() + " seconds'")
                                .size()
                        == MARKETS.size();
            } catch (DatabaseException | SQLException e) {
                return false; // not yet
            }
        });
    }

    /// Whether people were told of it, and metdc knows that they were.
    private boolean isTold(String coin) throws IOException {
        if (webhook.of("listing", coin).isEmpty()) {
            return false;
        }
        String id = webhook.of("listing", coin).getFirst().text("listing");
        return Files.readString(data().resolve("recordings").resolve(id + ".json"))
                .contains("\"told\" : true");
    }

    @AfterAll
    void end() throws Exception {
        if (later != null) {
            later.stop(Duration.ofSeconds(10));
        }
        webhook.close();
        simulator.close();
    }

    private Archived archive(String coin) {
        return Archived.of(data(), coin);
    }

    private List<Map<String, String>> rows(String sql) throws Exception {
        return Listed.rows(later.storage().orElseThrow(), sql);
    }

    private boolean isRightBeforeAKill(Sent.Trade trade) {
        Instant written = Nanos.instant(trade.writtenAtNanos());
        for (int i = 0; i < kills.size(); i++) {
            if (written.isAfter(kills.get(i).minus(GRACE))
                    && written.isBefore(dead.get(i).plus(GRACE))) {
                return true;
            }
        }
        return false;
    }

    /// The archive has everything that was traded around its announcement, also while metdc was dead or cut off,
    /// as far as REST reaches; where it says that it is not complete, at least what was sent, but for what a kill
    /// took along.
    private void assertTape(String coin, Instant t0) {
        Archived archive = archive(coin);
        Instant from = t0.minus(BEFORE);
        Instant to = t0.plus(AFTER);
        for (Market market : MARKETS) {
            List<String> recorded = archive.raw(market);
            assertThat(recorded)
                    .as("%s on %s", coin, market)
                    .doesNotHaveDuplicates()
                    .containsAll(archive.sent(simulator, market, from, to, trade -> !isRightBeforeAKill(trade)))
                    .isSubsetOf(archive.traded(simulator, market, from, to));
            if (archive.venue(market).path("complete").asBoolean()) {
                assertThat(recorded)
                        .as("%s on %s", coin, market)
                        .hasSameSizeAs(archive.traded(simulator, market, from, to));
            }
            assertThat(archive.rawTimes(market))
                    .as("%s on %s", coin, market)
                    .isSorted()
                    .anyMatch(at -> at < t0.toEpochMilli())
                    .anyMatch(at -> at >= t0.toEpochMilli());
        }
    }

    // ---- sixteen minutes late

    @Test
    void toshi_a_notice_sixteen_minutes_late_finds_its_window_recorded_although_metdc_was_killed_in_it() {
        assertTape("LATE", late);
        JsonNode metadata = archive("LATE").metadata();
        assertThat(metadata.path("late").asBoolean()).isTrue();
        assertThat(metadata.path("stage").asText()).isEqualTo("final");
        assertThat(archive("LATE").time("announced_at")).isEqualTo(late);
        assertThat(webhook.of("listing", "LATE")).singleElement().satisfies(alert -> {
            assertThat(alert.body().path("late").asBoolean()).isTrue();
            assertThat(alert.text("listing")).isEqualTo(archive("LATE").id());
        });
    }

    @Test
    void when_a_late_notice_was_seen_is_told_to_the_millisecond() throws Exception {
        Archived archive = archive("LATE");
        Instant seen = archive.time("detected_at");

        assertThat(seen).isBetween(lateShown, lateShown.plus(Listed.POLL.multipliedBy(6)));
        assertThat(archive.metadata().path("seen").get(0).path("t_seen").asText())
                .isEqualTo(seen.toString());
        assertThat(rows("SELECT seen_at, late FROM listings WHERE id = '" + archive.id() + "'"))
                .containsExactly(Map.of("seen_at", Listed.sql(seen), "late", "t"));
        assertThat(webhook.of("listing", "LATE")
                        .getFirst()
                        .body()
                        .path("delay_ms")
                        .asLong())
                .isEqualTo(Duration.between(late, seen).toMillis());
    }

    // ---- killed

    @Test
    void a_listing_that_fired_before_a_kill_is_archived_after_it_and_fires_no_second_time() throws Exception {
        assertTape("NOTE", note.t0());
        Archived archive = archive("NOTE");
        assertThat(webhook.of("listing", "NOTE")).singleElement().satisfies(alert -> {
            assertThat(alert.at()).isBefore(kills.getLast());
            assertThat(Instant.parse(alert.text("seen_at")))
                    .isEqualTo(archive.time("detected_at").truncatedTo(ChronoUnit.MILLIS));
        });
        assertThat(archive.metadata().path("late").asBoolean()).isFalse();
        assertThat(archive.time("announced_at")).isEqualTo(note.t0());
        assertThat(webhook.of("stage", "NOTE"))
                .extracting(stage -> stage.text("stage"))
                .containsExactly("core", "near", "wide", "final");
        assertThat(rows("SELECT id FROM listings WHERE coin = 'NOTE'")).hasSize(1);
    }

    @Test
    void what_a_kill_took_is_named_as_a_gap_which_is_filled_where_rest_reaches_and_nobody_calls_the_rest_complete()
            throws Exception {
        int kill = 0;
        for (String coin : List.of("LATE", "NOTE")) {
            Instant killed = kills.get(kill++);
            Archived archive = archive(coin);
            boolean complete = true;
            for (Market market : MARKETS) {
                boolean isWhole = archive.venue(market).path("complete").asBoolean();
                complete &= isWhole;
                assertThat(archive.venue(market).path("gaps"))
                        .as("%s on %s", coin, market)
                        .anySatisfy(gap -> {
                            assertThat(gap.path("cause").asText()).isEqualTo("crash");
                            assertThat(gap.path("filled").asBoolean() || !(isWhole || market.equals(NEVER_AWAY)))
                                    .isTrue();
                            assertThat(Instant.parse(gap.path("from").asText()))
                                    .isBetween(killed.minusSeconds(3), killed.plus(GRACE));
                            assertThat(Instant.parse(gap.path("to").asText())).isAfter(killed);
                        });
            }
            assertThat(rows("SELECT complete FROM listings WHERE id = '" + archive.id() + "'"))
                    .containsExactly(Map.of(
                            "complete", archive.metadata().path("complete").asBoolean() ? "t" : "f"));
            assertThat(archive.metadata().path("complete").asBoolean() || !complete)
                    .isTrue();
        }
    }

    // ---- an exchange is down

    @Test
    void an_exchange_that_is_down_in_the_window_is_named_with_the_stretch_and_the_cause_and_the_others_are_recorded() {
        assertTape("DOWN", down.t0());
        Archived archive = archive("DOWN");
        assertThat(archive.venue(NEVER_AWAY).path("status").asText())
                .as("%s", archive.venue(NEVER_AWAY))
                .isEqualTo("recorded");
        assertThat(archive.venue(NEVER_AWAY).path("gaps"))
                .allMatch(gap -> gap.path("filled").asBoolean());
        assertThat(archive.venue(NEVER_AWAY).path("complete").asBoolean()).isTrue();
        for (Market market : List.of(BY_IDS, BY_CONNECTION)) {
            JsonNode venue = archive.venue(market);
            boolean isWhole = venue.path("complete").asBoolean();
            assertThat(venue.path("status").asText()).as("%s", venue).isEqualTo(isWhole ? "recorded" : "disconnected");
            assertThat(venue.path("detail").asText().contains("not connected from"))
                    .isNotEqualTo(isWhole);
            assertThat(venue.path("trades").asLong()).isPositive();
            assertThat(venue.path("gaps")).anySatisfy(gap -> {
                assertThat(gap.path("cause").asText()).isEqualTo("reset");
                assertThat(gap.path("filled").asBoolean()).isEqualTo(isWhole);
                assertThat(Instant.parse(gap.path("from").asText()))
                        .isBetween(cutAt.minusSeconds(1), cutAt.plusSeconds(1));
                assertThat(Instant.parse(gap.path("to").asText())).isBetween(backAt, backAt.plusSeconds(8));
            });
        }
    }

    // ---- hostile titles

    @Test
    void hostile_titles_are_archived_under_their_coin_and_nothing_is_written_elsewhere() throws Exception {
        for (Map.Entry<String, String> hostile : HOSTILE.entrySet()) {
            Archived archive = archive(hostile.getKey());
            assertThat(archive.metadata().path("title").asText()).isEqualTo(hostile.getValue());
            assertThat(archive.metadata().path("symbol").asText()).isEqualTo(hostile.getKey());
            assertThat(archive.csv())
                    .isNotEmpty()
                    .allSatisfy(row -> assertThat(row)
                            .containsEntry("base", hostile.getKey())
                            .hasSize(14));
            assertThat(webhook.of("listing", hostile.getKey()))
                    .singleElement()
                    .satisfies(alert -> assertThat(alert.text("notice_title")).isEqualTo(hostile.getValue()));
            assertThat(rows("SELECT title FROM listings WHERE coin = '" + hostile.getKey() + "'"))
                    .containsExactly(Map.of("title", hostile.getValue().replace('\0', '\uFFFD')));
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("data", "logs", "metdc.out", "metdc.yaml", "symbols");
        }
        try (Stream<Path> archives = Files.list(data().resolve("listings"))) {
            assertThat(archives.map(file -> file.getFileName().toString()))
                    .hasSize(HOSTILE.size() + 3)
                    .allMatch(name -> name.matches("[A-Z0-9]{1,12}_\\d{8}_\\d{6}"));
        }
    }

    @Test
    void a_hostile_title_forges_no_line_of_the_log() throws Exception {
        List<String> lines = Files.readAllLines(folder.resolve("logs").resolve("metdc.log"));
        assertThat(lines)
                .isNotEmpty()
                .noneMatch(line -> line.startsWith("2026-11-21T00:00:00.000Z"))
                .anyMatch(line -> line.contains("forged"))
                .allMatch(
                        line -> line.matches(
                                "\\d{4}-\\d\\d-\\d\\dT\\S+ [A-Z]+ +\\[.*|\\tat .*|\\t\\.\\.\\. .*|Caused by: .*|[a-z]+(\\.\\w+)+.*"));
        String all = String.join("\n", lines);
        assertThat(all).doesNotContain("\u2028", "\u202E", "\u0000");
    }
}

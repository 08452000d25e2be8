package io.metdc.collector.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.simulator.Fault;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import io.metdc.symbols.SymbolsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The commands against simulated exchanges, with real requests.
class SymbolsCommandTest {
    private static final Market SPOT = new Market(Exchange.BINANCE, MarketType.SPOT);
    private static final Market FUTURES = new Market(Exchange.BINANCE, MarketType.FUTURES);
    private static final Market GATE = new Market(Exchange.GATE, MarketType.SPOT);
    private static final Market PHEMEX = new Market(Exchange.PHEMEX, MarketType.SPOT);
    private static final Market KRW = new Market(Exchange.UPBIT, MarketType.SPOT);
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path home;

    private Simulator simulator;
    private Invocation invocation;

    @BeforeEach
    void start() throws IOException {
        simulator = Simulator.start(SimulatorOptions.builder()
                .markets(SPOT, FUTURES, GATE, PHEMEX, KRW)
                .rate(1)
                .build());
        Files.writeString(home.resolve("sim.yaml"), simulator.configuration());
        invocation = new Invocation(home).columns(80);
    }

    @AfterEach
    void stop() {
        simulator.close();
    }

    private int symbols(String... arguments) {
        List<String> all = new ArrayList<>(List.of("symbols"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--config", home.resolve("sim.yaml").toString()));
        return invocation.run(all.toArray(String[]::new));
    }

    private JsonNode json(String... arguments) throws IOException {
        symbols(Stream.concat(Stream.of(arguments), Stream.of("--json")).toArray(String[]::new));
        return JSON.readTree(invocation.out());
    }

    private Path file() {
        return home.resolve("symbols/symbols.yaml");
    }

    private static JsonNode market(JsonNode result, Market market) {
        for (JsonNode one : result.path("markets")) {
            if (one.path("exchange").asText().equals(market.exchange().id())
                    && one.path("market").asText().equals(market.type().id())) {
                return one;
            }
        }
        throw new AssertionError(market + " is not in " + result);
    }

    private static List<String> texts(JsonNode array) {
        return array.valueStream().map(JsonNode::asText).toList();
    }

    @Test
    void an_update_asks_every_market_and_writes_what_is_collected() throws Exception {
        assertThat(symbols("update")).as(invocation.err()).isEqualTo(ExitCode.OK);

        assertThat(invocation.out()).isEqualToIgnoringNewLines("""
                        market           offered  collected   listed  unlisted   added  dropped  list
                        binance-spot          47         40       39         1                   new
                        binance-futures       48         40       39         1                   new
                        gate-spot             46         40       39         1                   new
                        phemex-spot           43         40       39         1                   new
                        upbit-spot           200          2                                      new
                        all                  384        162

                        Upbit trades 40 coins for KRW

                        A name that may mean something else; symbols.aliases and symbols.exclude settle
                            it:
                          SATS: taken for a multiple, and the coin itself is traded nowhere
                            (binance-spot 1000SATSUSDT, binance-futures 1000SATSUSDT, gate-spot
                            1000SATS_USDT, phemex-spot s1000SATSUSDT)

                        written to %s
                        """.formatted(file()));
        assertThat(invocation.err()).isEqualToIgnoringNewLines("asking 5 markets …\n");
        SymbolsFile written = SymbolsFile.read(file());
        assertThat(Objects.requireNonNull(written.market(GATE)).instruments())
                .hasSize(40)
                .extracting(SymbolsFile.Entry::symbol)
                .contains("1INCH_USDT");
        assertThat(Objects.requireNonNull(written.krw()).coins()).hasSize(40);
        assertThat(home.resolve("data/limits/binance-spot-rest")).isNotEmptyFile();
        assertThat(symbols("update")).isEqualTo(ExitCode.OK);
        assertThat(invocation.out())
                .contains("binance-spot          47         40       39         1       0        0  new");
    }

    @Test
    void what_came_and_what_went_since_the_last_update_is_named() throws Exception {
        assertThat(symbols("update")).isEqualTo(ExitCode.OK);
        String listed = simulator.list(GATE, "SKYN");
        simulator.delist(SPOT, "PEPEUSDT");

        JsonNode result = json("update");

        assertThat(texts(market(result, GATE).path("added"))).containsExactly(listed);
        assertThat(market(result, GATE).path("dropped")).isEmpty();
        assertThat(texts(market(result, SPOT).path("dropped"))).containsExactly("PEPEUSDT");
        assertThat(market(result, SPOT).path("collected").asInt()).isEqualTo(39);
        assertThat(result.path("ok").asBoolean()).isTrue();
        simulator.list(GATE, "ZZZQ");
        symbols("update");
        assertThat(invocation.lines()).contains("added   gate-spot: ZZZQ_USDT");
    }

    @Test
    void an_exchange_that_fails_keeps_its_last_list_and_says_so() throws Exception {
        assertThat(symbols("update")).isEqualTo(ExitCode.OK);
        List<SymbolsFile.Entry> before =
                Objects.requireNonNull(SymbolsFile.read(file()).market(GATE)).instruments();
        simulator.inject(Fault.LIST_HTML, GATE);

        assertThat(symbols("update")).isEqualTo(ExitCode.FAILED);

        assertThat(invocation.lines())
                .contains("gate-spot             46         40       39         1       0        0  1 min old")
                .anyMatch(line -> line.startsWith("gate-spot at http://127.0.0.1:"));
        SymbolsFile after = SymbolsFile.read(file());
        assertThat(Objects.requireNonNull(after.market(GATE)).instruments()).isEqualTo(before);
        assertThat(after.market(GATE).trouble()).contains("HTML");
        assertThat(Objects.requireNonNull(after.market(SPOT)).trouble()).isNull();
        JsonNode result = json("update");
        assertThat(market(result, GATE).path("trouble").asText()).contains("HTML");
        assertThat(market(result, SPOT).path("trouble").isNull()).isTrue();
        assertThat(result.path("ok").asBoolean()).isFalse();
    }

    @Test
    void without_upbits_list_everything_is_collected_and_nothing_is_marked() throws Exception {
        simulator.inject(Fault.MARKET_LIST_SHORT, KRW);

        assertThat(symbols("update", "--set", "symbols.upbit_krw=listed")).isEqualTo(ExitCode.FAILED);

        assertThat(invocation.lines())
                .contains("binance-spot          47         40                                      new")
                .contains("Upbit's KRW list is not known: everything is collected, and no coin is marked");
        JsonNode list = json("list", "--upbit", "unknown");
        assertThat(list.path("instruments")).hasSize(160);
    }

    @Test
    void a_file_that_cannot_be_read_is_said_and_set_aside() throws Exception {
        Files.createDirectories(file().getParent());
        Files.writeString(file(), "version: '9.0'\n");

        assertThat(symbols("update")).isEqualTo(ExitCode.OK);

        assertThat(invocation.err()).contains("metdc: " + file() + ":1: version 9.0");
        try (Stream<Path> files = Files.list(file().getParent())) {
            assertThat(files.filter(one -> one.toString().endsWith(".aside")))
                    .singleElement()
                    .satisfies(aside -> assertThat(aside).hasContent("version: '9.0'"));
        }
        assertThat(SymbolsFile.read(file()).exchanges()).containsOnlyKeys("binance", "gate", "phemex");
    }

    @Test
    void where_the_configuration_cannot_be_written_beside_the_list_is_in_the_data() throws Exception {
        Files.writeString(home.resolve("symbols"), "a file in the place of the folder");

        assertThat(symbols("update")).isEqualTo(ExitCode.OK);

        assertThat(invocation.err()).contains("symbols.file: " + file() + " cannot be written");
        assertThat(invocation.out()).endsWith("written to " + home.resolve("data/symbols.yaml") + "\n");
        assertThat(SymbolsFile.read(home.resolve("data/symbols.yaml")).market(GATE))
                .isNotNull();
    }

    @Test
    void a_list_that_cannot_be_written_is_a_failure() throws Exception {
        Files.writeString(home.resolve("symbols"), "a file in the place of the folder");
        Files.createDirectories(home.resolve("data/symbols.yaml/occupied"));

        assertThat(symbols("update")).isEqualTo(ExitCode.FAILED);

        assertThat(invocation.err()).contains("metdc: " + home.resolve("data/symbols.yaml") + " cannot be written");
    }

    @Test
    void the_watch_set_is_known_without_asking_anybody() throws Exception {
        assertThat(symbols("list")).isEqualTo(ExitCode.FAILED);
        assertThat(invocation.err()).contains("metdc symbols update");
        assertThat(symbols("update")).isEqualTo(ExitCode.OK);
        simulator.close();

        assertThat(symbols("list", "--base", "pepe")).isEqualTo(ExitCode.OK);

        assertThat(invocation.out()).isEqualToIgnoringNewLines("""
                market           symbol        coin  factor  upbit   why
                ───────────────  ────────────  ────  ──────  ──────  ─────────────────
                binance-spot     PEPEUSDT      PEPE       1  listed  upbit_krw is both
                binance-futures  1000PEPEUSDT  PEPE    1000  listed  upbit_krw is both
                gate-spot        PEPE_USDT     PEPE       1  listed  upbit_krw is both
                phemex-spot      sPEPEUSDT     PEPE       1  listed  upbit_krw is both
                4 rows
                """);
        assertThat(invocation.err()).startsWith("by the lists of 20").endsWith("metdc symbols update asks anew\n");
        assertThat(json("list").path("instruments")).hasSize(162);
        assertThat(json("list", "--exchange", "binance").path("instruments")).hasSize(80);
        assertThat(json("list", "--market", "futures").path("instruments")).hasSize(40);
        assertThat(json("list", "--upbit", "unlisted", "--market", "futures").path("instruments"))
                .singleElement()
                .satisfies(one -> assertThat(one.path("upbit_krw").asText()).isEqualTo("unlisted"));
        assertThat(json("list", "--base", "1000PEPE").path("instruments")).hasSize(1);
        assertThat(json("list", "--base", "EPE").path("instruments")).isEmpty();
    }

    @Test
    void what_is_left_out_has_the_rule_that_leaves_it_out() throws Exception {
        assertThat(symbols("update")).isEqualTo(ExitCode.OK);

        assertThat(symbols(
                        "list",
                        "--left-out",
                        "--market",
                        "spot",
                        "--exchange",
                        "binance",
                        "--set",
                        "symbols.exclude=PEPE,binance/spot:BTCUSDT",
                        "--set",
                        "symbols.denied=ETH"))
                .isEqualTo(ExitCode.OK);

        assertThat(invocation.lines())
                .contains(
                        "binance-spot  BTCUSDT    excluded by binance/spot:BTCUSDT",
                        "binance-spot  ETHUSDT    denied",
                        "binance-spot  PEPEUSDT   excluded by PEPE",
                        "binance-spot  TSLABUSDT  tokenised stock",
                        "binance-spot  EURUSDT    fiat base");
        JsonNode pepe = json("list", "--left-out", "--base", "PEPE", "--set", "symbols.exclude=PEPE");
        assertThat(pepe.path("left_out"))
                .extracting(one -> one.path("symbol").asText())
                .contains("PEPEUSDT", "1000PEPEUSDT", "PEPE_USDT", "sPEPEUSDT");
        assertThat(symbols("list", "--left-out", "--upbit", "listed")).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void a_coin_with_a_young_notice_is_collected_whatever_upbits_list_says() throws Exception {
        simulator.list(GATE, "SKYN");
        simulator.list(SPOT, "SKYN");
        assertThat(symbols("update")).isEqualTo(ExitCode.OK);
        String[] onlyListed = {"list", "--base", "SKYN", "--set", "symbols.upbit_krw=listed"};
        assertThat(json(onlyListed).path("instruments")).isEmpty();

        archive("SKYN", Instant.now().minus(23, ChronoUnit.HOURS), "final");
        assertThat(json(onlyListed).path("instruments"))
                .extracting(one -> one.path("why").asText())
                .containsExactly("held for a listing", "held for a listing");

        archive("SKYN", Instant.now().minus(25, ChronoUnit.HOURS), "final");
        assertThat(json(onlyListed).path("instruments")).isEmpty();

        archive("SKYN", Instant.now().minus(25, ChronoUnit.HOURS), "wide");
        assertThat(json(onlyListed).path("instruments")).hasSize(2);
    }

    private void archive(String coin, Instant announced, String stage) throws IOException {
        Path folder = home.resolve("data/listings/" + coin + "_20261120_120000");
        Files.createDirectories(folder);
        Files.writeString(
                folder.resolve("metadata.json"),
                "{\"symbol\":\"%s\",\"announced_at\":\"%s\",\"stage\":\"%s\"}".formatted(coin, announced, stage));
    }

    @Test
    void the_plan_tells_what_a_start_takes_of_every_limit() throws Exception {
        assertThat(symbols("update")).isEqualTo(ExitCode.OK);

        assertThat(symbols("plan")).isEqualTo(ExitCode.OK);

        assertThat(invocation.out()).isEqualToIgnoringNewLines("""
                market          instruments  connections   frames      longest subscribed after
                binance-spot             40        1 + 1        1        709 B            0.4 s
                binance-futures          40        1 + 1        1        725 B            1.4 s
                gate-spot                40        1 + 1        1        542 B            0.4 s
                phemex-spot              40        1 + 1       40         67 B            3.4 s
                upbit-spot                2        1 + 1        1         91 B            0.4 s
                all                     162        5 + 5       44        725 B            3.4 s

                market           address  market  connection   frame      bytes     rest    left
                binance-spot         4/-    2/64     40/1024  40/100   709/3499  20/5400    96 %
                binance-futures      4/-    2/64     40/1024  40/100   725/3499   1/2160    96 %
                gate-spot          2/300    2/64     40/1000  40/100  542/32000    1/180    96 %
                phemex-spot          2/5    2/64      40/101     1/1    67/4096  17/2250    60 %
                upbit-spot           2/-    2/64       2/200   2/200   91/16000      1/8    87 %

                address     connections of one address, with those in reserve
                market      connections of this market, with the one in reserve
                connection  instruments on a connection
                frame       instruments in a frame
                bytes       bytes in a frame
                rest        REST weight of a list of instruments
                left        of the nearest limit; frames are filled on purpose
                """);
        assertThat(invocation.lines()).allMatch(line -> line.length() <= 80);
        JsonNode plan = json("plan", "--round-trip", "10ms");
        assertThat(market(plan, PHEMEX).path("full_after_ms").asInt()).isEqualTo(3_040);
        assertThat(plan.path("ok").asBoolean()).isTrue();
    }

    @Test
    void a_plan_that_would_breach_a_limit_is_refused_with_the_setting_to_change() throws Exception {
        assertThat(symbols("update")).isEqualTo(ExitCode.OK);

        assertThat(symbols("plan", "--set", "exchanges.phemex.spot.max_symbols_per_connection=8"))
                .isEqualTo(ExitCode.USAGE);

        assertThat(invocation.lines()).anyMatch(line -> line.startsWith("phemex-spot") && line.endsWith("BREACH"));
        assertThat(invocation.err())
                .contains("metdc: phemex-spot: 6 connections of one address, with those in reserve, and 5 are allowed:"
                        + " raise exchanges.phemex.spot.max_symbols_per_connection");
        JsonNode plan = json("plan", "--set", "exchanges.phemex.spot.max_symbols_per_connection=8");
        assertThat(plan.path("breaches")).hasSize(1);
        assertThat(plan.path("ok").asBoolean()).isFalse();
    }

    @Test
    void a_plan_counts_both_connections_of_a_shard_and_names_that_setting_where_they_are_too_many() throws Exception {
        assertThat(symbols("update")).isEqualTo(ExitCode.OK);
        JsonNode once = market(json("plan"), PHEMEX);

        JsonNode twice = market(json("plan", "--set", "exchanges.phemex.spot.connections_per_shard=2"), PHEMEX);
        assertThat(twice.path("instruments")).isEqualTo(once.path("instruments"));
        assertThat(twice.path("connections").asInt())
                .isEqualTo(2 * once.path("connections").asInt());
        assertThat(twice.path("frames").asInt())
                .isEqualTo(2 * once.path("frames").asInt());

        assertThat(symbols(
                        "plan",
                        "--set",
                        "exchanges.phemex.spot.max_symbols_per_connection=15",
                        "--set",
                        "exchanges.phemex.spot.connections_per_shard=2"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(invocation.err())
                .contains("5 are allowed: lower exchanges.phemex.spot.connections_per_shard, raise");
    }

    @Test
    void a_plan_without_the_list_of_a_market_is_said_to_be_none_of_the_whole() {
        simulator.inject(Fault.LIST_ERROR, GATE);
        assertThat(symbols("update")).isEqualTo(ExitCode.FAILED);

        assertThat(symbols("plan")).isEqualTo(ExitCode.FAILED);

        assertThat(invocation.err()).contains("gate-spot has no list yet: metdc symbols update asks for it");
        assertThat(invocation.lines()).noneMatch(line -> line.startsWith("gate-spot"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "list --exchange mtgox | --exchange: 'mtgox' is no exchange",
                "list --market margin | --market: 'margin' is neither spot nor futures",
                "list --exchange okx | no market of this kind is switched on",
                "list --upbit maybe | --upbit",
                "plan --round-trip soon | 'soon' is not a length of time",
            })
    void a_wrong_use_is_said_in_a_line(String arguments, String words) {
        assertThat(symbols(arguments.split(" "))).isEqualTo(ExitCode.USAGE);
        assertThat(invocation.err()).startsWith("metdc: ").contains(words);
    }
}

package io.metdc.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(30)
class CatalogueTest {
    private static final Market OKX_SWAP = new Market(Exchange.OKX, MarketType.FUTURES);
    private static final Market KUCOIN_FUTURES = new Market(Exchange.KUCOIN, MarketType.FUTURES);
    private static final Market GATE_FUTURES = new Market(Exchange.GATE, MarketType.FUTURES);
    private static final Market KUCOIN_SPOT = new Market(Exchange.KUCOIN, MarketType.SPOT);
    private static final Market KRW = new Market(Exchange.UPBIT, MarketType.SPOT);

    static Stream<Dialect> markets() {
        return Dialect.all();
    }

    private static Simulator start(Market... markets) throws Exception {
        return Simulator.start(SimulatorOptions.builder()
                .markets(markets)
                .rate(1_500)
                .instruments(8)
                .past(Duration.ofSeconds(2))
                .build());
    }

    private static String symbol(Simulator simulator, Dialect dialect, int rank) {
        return simulator.report(dialect.market()).instruments().get(rank).symbol();
    }

    @ParameterizedTest
    @MethodSource("markets")
    void a_coin_listed_while_a_client_is_connected_is_on_the_list_and_trades_for_who_asks(Dialect dialect)
            throws Exception {
        try (Simulator simulator = start(dialect.market());
                Client client = dialect.open(simulator)) {
            String other = symbol(simulator, dialect, 0);
            dialect.subscribe(client, other);
            dialect.awaitMore(client, other, 5);
            List<String> before = dialect.trading(simulator);

            String listed = simulator.list(dialect.market(), "SKYN");

            assertThat(listed).contains("SKYN");
            assertThat(dialect.trading(simulator)).containsAll(before).contains(listed);
            assertThat(dialect.list(simulator)).hasSize(before.size() + others(simulator, dialect));
            dialect.subscribeMore(client, other, listed);
            dialect.awaitMore(client, listed, 5);
            dialect.awaitMore(client, other, 5);
            simulator.stopTrading();
            assertThat(simulator.report(dialect.market()).instrument(listed).rows())
                    .isPositive();
            assertThat(simulator.trades(dialect.market(), listed)).isNotEmpty();
        }
    }

    /// Rows that do not trade, and the one that was listed.
    private static int others(Simulator simulator, Dialect dialect) throws Exception {
        return 1
                + (int) dialect.list(simulator).stream()
                        .filter(row -> !dialect.trades(row))
                        .count();
    }

    @ParameterizedTest
    @MethodSource("markets")
    void a_delisted_instrument_leaves_by_its_state_and_the_others_go_on(Dialect dialect) throws Exception {
        try (Simulator simulator = start(dialect.market());
                Client client = dialect.open(simulator)) {
            String stays = symbol(simulator, dialect, 0);
            String leaves = symbol(simulator, dialect, 1);
            dialect.subscribe(client, stays, leaves);
            dialect.awaitMore(client, stays, 5);
            dialect.awaitMore(client, leaves, 5);

            simulator.delist(dialect.market(), leaves);

            assertThat(dialect.trading(simulator)).contains(stays).doesNotContain(leaves);
            boolean namesOnlyWhatTrades = dialect.is(Exchange.UPBIT) || dialect.is(Exchange.BYBIT);
            assertThat(dialect.row(simulator, leaves).isEmpty()).isEqualTo(namesOnlyWhatTrades);
            dialect.awaitMore(client, stays, 5); // what was under way has come
            long there = dialect.heard(client, leaves);
            dialect.awaitMore(client, stays, 20);
            assertThat(dialect.heard(client, leaves)).isEqualTo(there);
            assertThat(simulator.report(dialect.market()).instrument(leaves).rows())
                    .isPositive();
            assertThatThrownBy(() -> simulator.delist(dialect.market(), leaves))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(leaves);
        }
    }

    @ParameterizedTest
    @MethodSource("markets")
    void a_delisted_instrument_that_is_listed_again_goes_on_under_its_numbers(Dialect dialect) throws Exception {
        try (Simulator simulator = start(dialect.market());
                Client client = dialect.open(simulator)) {
            String listed = simulator.list(dialect.market(), "SKYN");
            dialect.subscribe(client, listed);
            dialect.awaitMore(client, listed, 3);
            simulator.delist(dialect.market(), listed);
            assertThat(dialect.trading(simulator)).doesNotContain(listed);

            assertThat(simulator.list(dialect.market(), "SKYN")).isEqualTo(listed);

            assertThat(dialect.trading(simulator)).containsOnlyOnce(listed);
            dialect.subscribe(client, listed);
            dialect.awaitMore(client, listed, 3);
            simulator.stopTrading();
            assertThat(simulator.trades(dialect.market(), listed).map(Sent.Trade::id))
                    .doesNotHaveDuplicates();
            assertThatThrownBy(() -> simulator.list(dialect.market(), "SKYN"))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("markets")
    void a_renamed_instrument_goes_on_at_its_price_under_the_new_name(Dialect dialect) throws Exception {
        try (Simulator simulator = start(dialect.market());
                Client client = dialect.open(simulator)) {
            String old = simulator.list(dialect.market(), "SKYN");
            dialect.subscribe(client, old);
            dialect.awaitMore(client, old, 10);

            String now = simulator.rename(dialect.market(), old, "MOON");

            if (dialect.market().equals(KUCOIN_SPOT)) {
                assertThat(now).isEqualTo(old);
                assertThat(dialect.row(simulator, old)).hasValueSatisfying(row -> {
                    assertThat(row.path("name").asText()).isEqualTo("MOON-USDT");
                    assertThat(row.path("baseCurrency").asText()).isEqualTo("SKYN");
                });
                dialect.awaitMore(client, old, 10);
                return;
            }
            assertThat(now).isEqualTo(old.replace("SKYN", "MOON"));
            assertThat(dialect.trading(simulator)).contains(now).doesNotContain(old);
            if (!dialect.is(Exchange.OKX)) { // who had the old one gets the new one
                dialect.subscribe(client, now);
            }
            dialect.awaitMore(client, now, 10);
            simulator.stopTrading();
            BigDecimal last = simulator
                    .trades(dialect.market(), old)
                    .reduce((_, trade) -> trade)
                    .orElseThrow()
                    .price();
            BigDecimal first = simulator
                    .trades(dialect.market(), now)
                    .findFirst()
                    .orElseThrow()
                    .price();
            assertThat(first).isBetween(last.multiply(new BigDecimal("0.99")), last.multiply(new BigDecimal("1.01")));
        }
    }

    // ---- lists that are wrong

    @ParameterizedTest
    @MethodSource("markets")
    void a_list_can_be_empty_or_short_while_trades_can_be_asked_for(Dialect dialect) throws Exception {
        try (Simulator simulator = start(dialect.market())) {
            int whole = dialect.list(simulator).size();
            simulator.inject(Fault.LIST_SHORT);
            assertThat(dialect.list(simulator)).hasSizeBetween(2, whole / 3 + 1);
            simulator.inject(Fault.LIST_EMPTY);
            assertThat(dialect.trading(simulator).stream().filter(symbol -> !symbol.equals("BTCUSD")))
                    .isEmpty();
            assertThat(dialect.askForList(simulator).statusCode()).isEqualTo(200);
            simulator.clear(Fault.LIST_SHORT);
            simulator.clear(Fault.LIST_EMPTY);
            assertThat(dialect.list(simulator)).hasSize(whole);
        }
    }

    @ParameterizedTest
    @MethodSource("markets")
    void a_list_can_be_a_web_page_or_an_error_in_the_exchanges_words(Dialect dialect) throws Exception {
        try (Simulator simulator = start(dialect.market());
                Client client = dialect.open(simulator)) {
            simulator.inject(Fault.LIST_HTML);
            assertThat(dialect.askForList(simulator).statusCode()).isEqualTo(200);
            assertThat(dialect.askForList(simulator).body()).startsWith("<html>");
            simulator.clear(Fault.LIST_HTML);
            assertThat(dialect.isError(Client.json(dialect.askForList(simulator).body())))
                    .isFalse();
            simulator.inject(Fault.LIST_ERROR);
            assertThat(dialect.isError(Client.json(dialect.askForList(simulator).body())))
                    .isTrue();
            String symbol = symbol(simulator, dialect, 0);
            dialect.subscribe(client, symbol);
            dialect.awaitMore(client, symbol, 3); // streams go on
        }
    }

    @Test
    void a_contract_that_holds_another_quantity_says_so_on_the_list_alone() throws Exception {
        Map<Market, String> fields =
                Map.of(OKX_SWAP, "ctVal", KUCOIN_FUTURES, "multiplier", GATE_FUTURES, "quanto_multiplier");
        try (Simulator simulator = start(OKX_SWAP, KUCOIN_FUTURES, GATE_FUTURES)) {
            for (Map.Entry<Market, String> each : fields.entrySet()) {
                Dialect dialect = new Dialect(each.getKey());
                String symbol = symbol(simulator, dialect, 1);
                JsonNode before = dialect.row(simulator, symbol).orElseThrow();
                simulator.changeTerms(dialect.market(), symbol, new BigDecimal("2.5"));

                JsonNode row = dialect.row(simulator, symbol).orElseThrow();
                assertThat(new BigDecimal(row.path(each.getValue()).asText())).isEqualByComparingTo("2.5");
                assertThat(new BigDecimal(before.path(each.getValue()).asText()))
                        .isNotEqualByComparingTo("2.5");
                assertThat(dialect.trades(row)).isTrue();
                String renamed = simulator.rename(dialect.market(), symbol, "MOON");
                assertThat(new BigDecimal(dialect.row(simulator, renamed)
                                .orElseThrow()
                                .path(each.getValue())
                                .asText()))
                        .isEqualByComparingTo("2.5");
            }
        }
        try (Simulator simulator = start(SimulatorOptions.BINANCE_FUTURES)) {
            assertThatThrownBy(() -> simulator.changeTerms(SimulatorOptions.BINANCE_FUTURES, "BTCUSDT", BigDecimal.TEN))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("contracts");
        }
    }

    @Test
    void a_cheap_coin_is_listed_a_thousand_at_a_time_where_such_are() throws Exception {
        try (Simulator simulator = start(SimulatorOptions.BINANCE_SPOT, SimulatorOptions.BINANCE_FUTURES)) {
            assertThat(simulator.list(SimulatorOptions.BINANCE_SPOT, "BONK")).isEqualTo("BONKUSDT");
            assertThat(simulator.list(SimulatorOptions.BINANCE_FUTURES, "BONK")).isEqualTo("1000BONKUSDT");
            assertThat(simulator.rename(SimulatorOptions.BINANCE_FUTURES, "1000BONKUSDT", "BARK"))
                    .isEqualTo("1000BARKUSDT");
        }
    }

    @Test
    void the_first_trade_of_a_new_market_has_the_number_0() throws Exception {
        try (Simulator simulator = start(SimulatorOptions.BINANCE_SPOT)) {
            String listed = simulator.list(SimulatorOptions.BINANCE_SPOT, "SKYN");
            Dialect dialect = new Dialect(SimulatorOptions.BINANCE_SPOT);
            JsonNode first = await().until(
                            () -> Client.json(Client.get(
                                            simulator.address(dialect.market()).rest(),
                                            "/api/v3/historicalTrades?limit=1&fromId=0&symbol=" + listed)
                                    .body()),
                            rows -> !rows.isEmpty())
                    .get(0);
            assertThat(first.path("id").asLong()).isZero();
        }
    }

    @Test
    void upbit_opens_a_market_for_won_without_a_notice() throws Exception {
        try (Simulator simulator = start(KRW)) {
            assertThat(simulator.list(KRW, "SKYN")).isEqualTo("KRW-SKYN");
            assertThat(new Dialect(KRW).trading(simulator)).contains("KRW-SKYN");
        }
    }

    @Test
    void hundreds_of_changes_at_once_are_done_at_once() throws Exception {
        Market[] markets = SimulatorOptions.ALL_MARKETS.stream()
                .filter(market -> !market.equals(KRW))
                .toArray(Market[]::new);
        try (Simulator simulator = Simulator.start(SimulatorOptions.builder()
                .markets(markets)
                .instruments(500)
                .rate(500)
                .history(1_000)
                .build())) {
            long start = System.nanoTime();
            Changed changed = simulator.change(200, 100, 20);
            Changed again = simulator.change(400, 200, 40);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
            assertThat(changed.listed()).hasSize(200).doesNotContainAnyElementsOf(again.listed());
            assertThat(changed.delisted()).hasSize(100).doesNotContainAnyElementsOf(again.delisted());
            assertThat(changed.renamed()).hasSize(20);
            for (Market market : markets) {
                List<String> trading = new Dialect(market).trading(simulator);
                for (Changed each : List.of(changed, again)) {
                    assertThat(trading)
                            .containsAll(of(market, each.listed()))
                            .doesNotContainAnyElementsOf(of(market, each.delisted()));
                }
                assertThat(trading)
                        .containsAll(again.renamed().stream()
                                .filter(renamed -> renamed.market().equals(market))
                                .map(Changed.Renamed::symbol)
                                .toList());
            }
        }
    }

    private static List<String> of(Market market, List<Changed.Traded> traded) {
        return traded.stream()
                .filter(each -> each.market().equals(market))
                .map(Changed.Traded::symbol)
                .toList();
    }

    @Test
    void a_market_can_have_more_instruments_than_the_others() throws Exception {
        try (Simulator simulator = Simulator.start(SimulatorOptions.builder()
                .markets(SimulatorOptions.BINANCE_SPOT, SimulatorOptions.BINANCE_FUTURES)
                .instruments(7)
                .instruments(SimulatorOptions.BINANCE_SPOT, 300)
                .rate(10)
                .build())) {
            assertThat(new Dialect(SimulatorOptions.BINANCE_SPOT).trading(simulator))
                    .hasSizeGreaterThanOrEqualTo(300);
            assertThat(simulator.report(SimulatorOptions.BINANCE_FUTURES).instruments())
                    .hasSize(7);
            assertThatThrownBy(() -> simulator.change(0, 12, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("too few");
        }
    }

    @Test
    void what_is_no_name_of_a_coin_is_not_listed() throws Exception {
        try (Simulator simulator = start(SimulatorOptions.BINANCE_SPOT)) {
            for (String name : List.of("", "sky n", "USDT", "TOOLONGANAMEFORACOIN")) {
                assertThatThrownBy(() -> simulator.list(SimulatorOptions.BINANCE_SPOT, name))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }
    }
}

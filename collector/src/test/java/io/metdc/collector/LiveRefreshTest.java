package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Nanos;
import io.metdc.simulator.Sent;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import io.metdc.symbols.SymbolsFile;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// What is listed, delisted, renamed and changed at the exchanges while metdc runs: one run, and what came of it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LiveRefreshTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Market CONTRACTS = new Market(Exchange.OKX, MarketType.FUTURES);
    private static final List<Market> MARKETS = Stream.of(
                    Exchange.BINANCE, Exchange.OKX, Exchange.GATE, Exchange.PHEMEX)
            .flatMap(exchange -> Stream.of(MarketType.values()).map(type -> new Market(exchange, type)))
            .toList();
    private static final Market SMALL = new Market(Exchange.PHEMEX, MarketType.SPOT); // its connections carry 50
    private static final int ADDED = 25; // on each market
    private static final int DROPPED = 13;
    private static final int RENAMED = 3;
    private static final int LOOKED_AT = 5; // whose trades are compared one by one

    @TempDir
    private static Path folder;

    private Simulator simulator;
    private Rehearsed metdc;
    private final Map<Market, List<String>> added = new HashMap<>();
    private final Map<Market, List<String>> dropped = new HashMap<>();
    private final Map<Market, List<String>> renamed = new HashMap<>(); // as they are called now
    private final Map<Market, List<String>> staying = new HashMap<>();
    private final Map<String, Integer> connectsBefore = new HashMap<>();
    private Instant changedAt;
    private String bigger;

    @BeforeAll
    void a_day_of_changes() throws Exception {
        simulator = Simulator.start(SimulatorOptions.builder()
                .markets(MARKETS.toArray(Market[]::new))
                .rate(1_500)
                .instruments(40)
                .restWeight(1_000_000)
                .build());
        metdc = new Rehearsed(
                simulator, folder, "symbols.refresh=10s", "exchanges.phemex.spot.max_symbols_per_connection=50");
        awaitDelivering();
        await().atMost(LONG)
                .until(() ->
                        metdc.number("SELECT count(*) FROM instruments WHERE is_collected") == 40L * MARKETS.size());
        metdc.collector
                .status()
                .markets()
                .forEach(market ->
                        market.workers().forEach(worker -> connectsBefore.put(worker.name(), worker.connects())));

        changedAt = Instant.now();
        for (Market market : MARKETS) {
            List<String> all = symbols("exchange = '" + market.exchange() + "' AND market = '" + market.type() + "'");
            dropped.put(market, all.subList(10, 10 + DROPPED));
            List<String> untouched = new ArrayList<>(all);
            untouched.removeAll(dropped.get(market));
            staying.put(market, untouched);
            for (int i = 0; i < ADDED; i++) {
                added.computeIfAbsent(market, _ -> new ArrayList<>()).add(simulator.list(market, "NEW" + i));
            }
            dropped.get(market).forEach(symbol -> simulator.delist(market, symbol));
            rename(market, untouched);
        }
        bigger = staying.get(CONTRACTS).getFirst();
        simulator.changeTerms(CONTRACTS, bigger, new BigDecimal("7"));
        for (Market market : MARKETS) {
            List<String> fresh = new ArrayList<>(added.get(market));
            fresh.addAll(renamed.get(market));
            await(market + " has " + fresh).atMost(LONG).until(() -> traded(market, fresh) == fresh.size());
        }
        await().atMost(LONG)
                .until(() -> metdc.number("SELECT count(*) FROM instrument_changes WHERE change = 'terms'") == 1
                        && metdc.number("SELECT count(*) FROM trade WHERE symbol = '" + bigger
                                        + "' AND market = 'futures' AND exchange = 'okx' AND quantity = contracts * 7")
                                > 0);
        awaitLookBack();
    }

    /// Those that are quoted as others are: a name does not change how a price is written.
    private void rename(Market market, List<String> from) {
        List<String> now = renamed.computeIfAbsent(market, _ -> new ArrayList<>());
        for (String symbol : List.copyOf(from)) {
            if (now.size() < RENAMED) {
                try {
                    now.add(simulator.rename(market, symbol, "REN" + now.size()));
                    from.remove(symbol);
                } catch (IllegalArgumentException e) {
                    assertThat(e).hasMessageContaining("cannot be called");
                }
            }
        }
    }

    private void awaitDelivering() {
        await().atMost(LONG).until(() -> {
            for (Market market : MARKETS) {
                if (metdc.number("SELECT count(DISTINCT symbol) FROM trade WHERE exchange = '" + market.exchange()
                                + "' AND market = '" + market.type() + "'")
                        < 40) {
                    return false;
                }
            }
            return true;
        });
    }

    /// Every trade of the new ones since they were listed is there.
    private void awaitLookBack() {
        await().atMost(LONG).until(() -> metdc.collector.status().intake().waiting() == 0);
    }

    private List<String> symbols(String where) throws Exception {
        List<String> symbols = new ArrayList<>();
        for (Map<String, String> row : Listed.rows(
                metdc.collector.database(),
                "SELECT symbol FROM instruments WHERE is_collected AND " + where + " ORDER BY symbol")) {
            symbols.add(row.get("symbol"));
        }
        return symbols;
    }

    private long traded(Market market, List<String> symbols) throws Exception {
        return metdc.number("SELECT count(DISTINCT symbol) FROM trade WHERE exchange = '" + market.exchange()
                + "' AND market = '" + market.type() + "' AND executed_at > '" + changedAt.minusSeconds(1)
                + "' AND symbol IN ('" + String.join("','", symbols) + "')");
    }

    @AfterAll
    void end() {
        if (metdc != null) {
            metdc.close();
        }
        simulator.close();
    }

    @Test
    void every_new_instrument_is_stored_from_its_first_trade_on() throws Exception {
        for (Market market : MARKETS) {
            for (String symbol : added.get(market).subList(0, LOOKED_AT)) {
                await(market + " " + symbol).atMost(LONG).until(() -> {
                    List<String> sent = ids(market, symbol);
                    return !sent.isEmpty() && stored(market, symbol).containsAll(sent);
                });
            }
        }
    }

    private List<String> ids(Market market, String symbol) {
        Instant until = Instant.now().minusSeconds(3);
        List<Sent.Trade> sent;
        try (Stream<Sent.Trade> tape = simulator.trades(market, symbol)) {
            sent = tape.filter(trade -> Nanos.instant(trade.executedAtNanos()).isAfter(changedAt)
                            && Nanos.instant(trade.executedAtNanos()).isBefore(until))
                    .toList();
        }
        long first = market.exchange() == Exchange.PHEMEX && !sent.isEmpty()
                ? sent.getFirst().executedAtNanos() // the group that may be cut is not taken
                : 0;
        return sent.stream()
                .filter(trade -> trade.executedAtNanos() > first)
                .map(trade -> trade.id().toString())
                .toList();
    }

    private List<String> stored(Market market, String symbol) throws Exception {
        return Listed.rows(
                        metdc.collector.database(),
                        "SELECT trade_id FROM trade WHERE exchange = '" + market.exchange() + "' AND market = '"
                                + market.type() + "' AND symbol = '" + symbol + "'")
                .stream()
                .map(row -> row.get("trade_id"))
                .toList();
    }

    @Test
    void nobody_else_is_disturbed() {
        metdc.collector
                .status()
                .markets()
                .forEach(market -> market.workers().forEach(worker -> {
                    assertThat(worker.connects())
                            .as(worker.name())
                            .isEqualTo(connectsBefore.getOrDefault(worker.name(), 1));
                }));
        for (Market market : MARKETS) {
            assertThat(simulator.interruptions(market))
                    .as("%s, by the exchange's own record", market)
                    .noneMatch(one -> staying.get(market).contains(one.symbol()));
            assertThat(simulator.report(market).connections().stream()
                            .flatMap(connection -> connection.requests().stream())
                            .filter(request -> request.at().isAfter(changedAt))
                            .flatMap(request -> request.symbols().stream()))
                    .as("asked of %s since", market)
                    .isNotEmpty()
                    .doesNotContainAnyElementsOf(staying.get(market));
        }
        assertThat(simulator.breaches()).isEmpty();
    }

    @Test
    void new_connections_are_opened_only_where_the_others_are_full() {
        metdc.collector
                .status()
                .markets()
                .forEach(market -> assertThat(market.workers())
                        .as("%s", market.market())
                        .hasSize(market.market().equals(SMALL) ? 2 : 1));
    }

    @Test
    void each_change_is_a_row() throws Exception {
        for (Market market : MARKETS) {
            String of = " FROM instrument_change WHERE exchange = '" + market.exchange() + "' AND market = '"
                    + market.type() + "' AND change = ";
            assertThat(metdc.number("SELECT count(*)" + of + "'added' AND symbol IN ('"
                            + String.join("','", added.get(market)) + "')"))
                    .as("added to %s", market)
                    .isEqualTo(ADDED);
            assertThat(metdc.number("SELECT count(*)" + of + "'dropped' AND symbol IN ('"
                            + String.join("','", dropped.get(market)) + "')"))
                    .as("dropped from %s", market)
                    .isEqualTo(DROPPED);
        }
        assertThat(metdc.number("SELECT count(*) FROM instruments WHERE is_collected"))
                .isEqualTo((long) MARKETS.size() * (40 + ADDED - DROPPED));
    }

    @Test
    void changes_are_counted_on_the_status_and_written_to_symbols_yaml() throws Exception {
        assertThat(metdc.collector.status().inWords())
                .contains(
                        "/" + MARKETS.size() * (40 + ADDED - DROPPED) + " instruments delivering or quiet (",
                        " added",
                        " dropped",
                        "1 terms");
        await().atMost(LONG).untilAsserted(() -> {
            SymbolsFile file = SymbolsFile.read(folder.resolve("symbols/symbols.yaml"));
            for (Market market : MARKETS) {
                assertThat(file.market(market).instruments())
                        .extracting(SymbolsFile.Entry::symbol)
                        .containsAll(added.get(market))
                        .containsAll(renamed.get(market))
                        .doesNotContainAnyElementsOf(dropped.get(market));
            }
        });
    }

    @Test
    void trades_of_other_terms_are_counted_by_those_that_held_when_they_were_done() throws Exception {
        List<Map<String, String>> terms = Listed.rows(
                metdc.collector.database(),
                "SELECT contract_size FROM instrument_terms t JOIN instruments i ON i.id = t.instrument_id WHERE symbol = '"
                        + bigger + "' AND market = 'futures' AND exchange = 'okx' ORDER BY valid_from");
        assertThat(terms)
                .hasSize(2)
                .last()
                .satisfies(row -> assertThat(row.get("contract_size")).isEqualTo("7"));
    }
}

package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.simulator.Sent;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two connections for each instrument: either may break, and nothing is missing and nothing doubled.
class RedundantConnectionsTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    /// What is under way on a connection when it is cut is lost with it: the other one has to be there by then.
    private static final Duration OVERLAP = Duration.ofSeconds(1);

    private static final Market OKX = new Market(Exchange.OKX, MarketType.SPOT);
    private static final List<Market> MARKETS = SimulatorOptions.ALL_MARKETS;

    @TempDir
    private Path folder;

    private static String key(Market market) {
        return market.exchange() == Exchange.UPBIT
                ? "upbit."
                : "exchanges." + market.exchange() + "." + market.type() + ".";
    }

    private static String[] settings(List<Market> markets, String... more) {
        List<String> settings = new ArrayList<>(List.of(more));
        markets.forEach(market -> settings.add(key(market) + "connections_per_shard=2"));
        return settings.toArray(String[]::new);
    }

    private static List<WorkerStatus> workers(Rehearsed metdc, Market market) {
        return metdc.collector.status().markets().stream()
                .filter(one -> one.market().equals(market))
                .flatMap(one -> one.workers().stream())
                .toList();
    }

    static List<Sent.OfConnection> open(Simulator simulator, Market market) {
        return simulator.report(market).connections().stream()
                .filter(connection -> connection.closed() == null)
                .toList();
    }

    /// Whether both connections of each shard have carried everything for a while.
    private static boolean isWhole(Simulator simulator, Rehearsed metdc, Market market) {
        int open = open(simulator, market).size(); // first: a worker may not yet know that it was cut
        Instant since = Instant.now().minus(OVERLAP);
        List<WorkerStatus> workers = workers(metdc, market);
        return open == workers.size()
                && workers.stream()
                        .allMatch(worker -> worker.state() == WorkerStatus.State.DELIVERING
                                && worker.since().isBefore(since));
    }

    @Test
    void with_cuts_on_either_of_two_connections_every_trade_of_every_market_is_there_once() throws Exception {
        cut(Duration.ofSeconds(15));
    }

    @Test
    @Tag("long")
    void with_cuts_for_two_minutes_every_trade_of_every_market_is_there_once() throws Exception {
        cut(Duration.ofMinutes(2));
    }

    private void cut(Duration length) throws Exception {
        Random random = new Random(20261121);
        SimulatorOptions options = SimulatorOptions.builder()
                .markets(MARKETS.toArray(Market[]::new))
                .rate(1_500)
                .instruments(3)
                .past(Duration.ofSeconds(5))
                .build();
        try (Simulator simulator = Simulator.start(options);
                Rehearsed metdc = new Rehearsed(simulator, folder, settings(MARKETS, "recovery.backoff_first=100ms"))) {
            for (Market market : MARKETS) {
                await(market + " is there twice").atMost(LONG).until(() -> isWhole(simulator, metdc, market));
                assertThat(workers(metdc, market))
                        .extracting(WorkerStatus::name)
                        .containsExactly(market + "-1", market + "-1b");
            }
            long instruments = metdc.number("SELECT count(*) FROM instruments WHERE is_collected");
            assertThat(metdc.collector.status().inWords())
                    .contains(" · " + 2 * MARKETS.size() + "/" + 2 * MARKETS.size() + " workers · ")
                    .contains("/" + instruments + " instruments delivering or quiet");

            Map<Market, Integer> cuts = new HashMap<>();
            long end = System.nanoTime() + length.toNanos();
            while (System.nanoTime() - end < 0) {
                for (Market market : MARKETS) {
                    if (isWhole(simulator, metdc, market)) {
                        List<Sent.OfConnection> either = open(simulator, market);
                        Sent.OfConnection chosen = either.get(random.nextInt(either.size()));
                        cuts.merge(market, simulator.cut(market, chosen.number()) ? 1 : 0, Integer::sum);
                    }
                }
            }
            assertThat(cuts)
                    .hasSameSizeAs(MARKETS)
                    .allSatisfy((_, count) -> assertThat(count).isGreaterThan(1));
            for (Market market : MARKETS) {
                await(market + " is there twice again").atMost(LONG).until(() -> isWhole(simulator, metdc, market));
            }
            simulator.stopTrading();
            for (Market market : MARKETS) {
                await().atMost(LONG).untilAsserted(() -> compare(simulator, metdc, market));
            }

            assertTheSumsMeet(metdc);
            assertThat(metdc.number("SELECT count(*) FROM holes WHERE coalesce(found, 0) < coalesce(expected, 1)"))
                    .as("holes that did not turn out to be none")
                    .isZero();
            assertThat(metdc.number("SELECT count(*) FROM trade WHERE exchange = 'phemex' AND trade_id LIKE '%-1'"))
                    .as("trades that are alike in everything but their number")
                    .isPositive();
            assertThatTheLivesOverlap(metdc, cuts);
        }
    }

    @Test
    void what_joins_and_leaves_does_so_on_both_connections_and_disturbs_no_other() throws Exception {
        List<Market> markets = List.of(
                SimulatorOptions.BINANCE_FUTURES,
                new Market(Exchange.BYBIT, MarketType.FUTURES),
                OKX,
                new Market(Exchange.KUCOIN, MarketType.SPOT),
                new Market(Exchange.PHEMEX, MarketType.FUTURES));
        SimulatorOptions options = SimulatorOptions.builder()
                .markets(markets.toArray(Market[]::new))
                .rate(800)
                .instruments(6)
                .build();
        try (Simulator simulator = Simulator.start(options)) {
            String alone = symbols(simulator, OKX).getLast();
            String[] settings = settings(
                    markets,
                    "symbols.refresh=10s",
                    "symbols.exclude=" + OKX.exchange() + "/" + OKX.type() + ":" + alone,
                    "exchanges.okx.spot.max_symbols_per_connection=5",
                    "recovery.backoff_first=100ms");
            try (Rehearsed metdc = new Rehearsed(simulator, folder, settings)) {
                for (Market market : markets) {
                    await(market + " is there twice").atMost(LONG).until(() -> isWhole(simulator, metdc, market));
                }

                // one for which the shard has no room gets another one, which ends with it
                Instrument wanted = Instrument.of(OKX, alone, alone.replace("-USDT", ""), "USDT");
                metdc.collector.collect("a recording", wanted);
                await().atMost(LONG).until(() -> subscribers(simulator, OKX, alone) == 2);
                assertThat(workers(metdc, OKX))
                        .extracting(WorkerStatus::name)
                        .containsExactly("okx-spot-1", "okx-spot-1b", "okx-spot-2", "okx-spot-2b");
                metdc.collector.release("a recording", wanted);
                await().atMost(LONG)
                        .until(() -> open(simulator, OKX).size() == 2
                                && workers(metdc, OKX).size() == 2);

                Map<Market, String> joined = new HashMap<>();
                Map<Market, String> left = new HashMap<>();
                for (Market market : markets) {
                    left.put(market, symbols(simulator, market).get(2));
                    simulator.delist(market, left.get(market));
                    joined.put(market, simulator.list(market, "FRESH"));
                }
                for (Market market : markets) {
                    await(market + " has what joined twice")
                            .atMost(LONG)
                            .until(() -> subscribers(simulator, market, joined.get(market)) == 2);
                    if (market.exchange() != Exchange.PHEMEX) { // where only all can be unsubscribed at once
                        await(market + " has left what is gone")
                                .atMost(LONG)
                                .until(() -> subscribers(simulator, market, left.get(market)) == 0);
                    }
                    assertThat(workers(metdc, market))
                            .as("%s", market)
                            .hasSize(2)
                            .allMatch(worker -> worker.connects() == 1 && worker.instruments() == collected(market));
                }

                // what joined is safe from a break of either
                for (Market market : markets) {
                    await().atMost(LONG)
                            .until(() -> rows(simulator, market, joined.get(market)) > 20
                                    && isWhole(simulator, metdc, market));
                    simulator.cut(market, open(simulator, market).getFirst().number());
                }
                for (Market market : markets) {
                    await(market + " is there twice again")
                            .atMost(LONG)
                            .until(() -> isWhole(simulator, metdc, market)
                                    && subscribers(simulator, market, joined.get(market)) == 2);
                }
                simulator.stopTrading();
                for (Market market : markets) {
                    String symbol = joined.get(market);
                    await().atMost(LONG)
                            .untilAsserted(() -> assertThat(stored(metdc, market, symbol))
                                    .as("%s %s", market, symbol)
                                    .doesNotHaveDuplicates()
                                    .containsAll(sent(simulator, market, symbol)));
                }
            }
        }
    }

    /// On OKX one is excluded.
    private static int collected(Market market) {
        return market.equals(OKX) ? 5 : 6;
    }

    private static List<String> symbols(Simulator simulator, Market market) {
        return simulator.report(market).instruments().stream()
                .map(Sent.OfInstrument::symbol)
                .toList();
    }

    private static long rows(Simulator simulator, Market market, String symbol) {
        return simulator.report(market).instrument(symbol).rows();
    }

    /// How many open connections have subscribed a symbol and not unsubscribed it since.
    private static long subscribers(Simulator simulator, Market market, String symbol) {
        return open(simulator, market).stream()
                .filter(connection -> connection.requests().stream()
                        .filter(request -> request.symbols().contains(symbol))
                        .reduce((_, later) -> later)
                        .filter(last -> last.verb() == Sent.Verb.SUBSCRIBE
                                && last.refused().isEmpty())
                        .isPresent())
                .count();
    }

    /// The table and the tape, trade by trade; and every trade that was sent at all, whatever was rejected.
    static void compare(Simulator simulator, Rehearsed metdc, Market market) throws Exception {
        assertThat(TapeComparison.of(simulator, market, metdc.collector.database()))
                .isEmpty();
        for (Sent.OfInstrument instrument : simulator.report(market).instruments()) {
            List<String> sent = sent(simulator, market, instrument.symbol());
            assertThat(new HashSet<>(sent)).hasSameSizeAs(sent);
            assertThat(stored(metdc, market, instrument.symbol()))
                    .as("%s %s", market, instrument.symbol())
                    .containsExactlyInAnyOrderElementsOf(sent);
        }
    }

    /// But for the first group of Phemex, which may be cut and is not taken.
    private static List<String> sent(Simulator simulator, Market market, String symbol) {
        List<Sent.Trade> tape;
        try (Stream<Sent.Trade> sent = simulator.trades(market, symbol)) {
            tape = sent.toList();
        }
        long cut = market.exchange() == Exchange.PHEMEX && !tape.isEmpty()
                ? tape.getFirst().executedAtNanos()
                : 0;
        return tape.stream()
                .filter(trade -> trade.executedAtNanos() > cut)
                .map(trade -> trade.id().toString())
                .toList();
    }

    private static List<String> stored(Rehearsed metdc, Market market, String symbol) throws Exception {
        return Listed.rows(
                        metdc.collector.database(),
                        "SELECT trade_id FROM trade WHERE exchange = '" + market.exchange() + "' AND market = '"
                                + market.type() + "' AND symbol = '" + symbol + "'")
                .stream()
                .map(row -> row.get("trade_id"))
                .toList();
    }

    /// Each market received many trades twice, and what became of each row is known.
    private static void assertTheSumsMeet(Rehearsed metdc) throws Exception {
        await().atMost(LONG)
                .until(() -> metdc.number("SELECT sum(received) FROM market_count")
                                == metdc.collector.status().intake().received()
                        && metdc.number("SELECT sum(abs(unaccounted)) FROM market_count") == 0);
        for (Market market : MARKETS) {
            String of = " FROM market_count WHERE exchange = '" + market.exchange() + "' AND market = '" + market.type()
                    + "'";
            assertThat(metdc.number("SELECT received - stored - duplicate - rejected" + of))
                    .as("%s", market)
                    .isZero();
            assertThat(metdc.number("SELECT 5 * duplicate - stored" + of))
                    .as("%s", market)
                    .isPositive();
            if (market.exchange() != Exchange.PHEMEX) { // where each snapshot begins with a group that may be cut
                assertThat(metdc.number("SELECT rejected" + of))
                        .as("%s", market)
                        .isZero();
            }
        }
    }

    /// The ledger knows that one of two was up whenever the other was not.
    private static void assertThatTheLivesOverlap(Rehearsed metdc, Map<Market, Integer> cuts) throws Exception {
        for (Market market : MARKETS) {
            String of = " FROM connections c WHERE exchange = '" + market.exchange() + "' AND market = '"
                    + market.type() + "'";
            await().atMost(LONG)
                    .until(() -> metdc.number("SELECT count(*)" + of + " AND ended_at IS NOT NULL")
                            >= cuts.getOrDefault(market, 0));
            assertThat(metdc.number("SELECT count(DISTINCT name)" + of)).isEqualTo(2);
            assertThat(metdc.number("SELECT count(*)" + of + " AND ended_at IS NOT NULL AND NOT EXISTS (SELECT FROM"
                            + " connections other WHERE other.exchange = c.exchange AND other.market = c.market"
                            + " AND other.name <> c.name AND other.delivering_at <= c.ended_at"
                            + " AND other.instrument_ids @> c.instrument_ids"
                            + " AND coalesce(other.ended_at, 'infinity') > (SELECT coalesce(min(next.delivering_at), 'infinity')"
                            + " FROM connections next WHERE next.name = c.name AND next.connected_at >= c.ended_at))"))
                    .as("times at which nobody carried %s", market)
                    .isZero();
        }
    }
}

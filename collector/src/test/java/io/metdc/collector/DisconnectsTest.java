package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.simulator.Fault;
import io.metdc.simulator.Sent;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import io.metdc.storage.EmbeddedPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Where numbers prove nothing, each break of a connection is in the ledger, and REST brings what it reaches.
class DisconnectsTest {
    private static final List<Market> BY_CONNECTION = Stream.of(Exchange.BYBIT, Exchange.KUCOIN, Exchange.PHEMEX)
            .flatMap(exchange -> Stream.of(MarketType.values()).map(type -> new Market(exchange, type)))
            .toList();
    private static final Market SHORT = new Market(Exchange.BYBIT, MarketType.SPOT); // REST has the newest 60 alone
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int INSTRUMENTS = 6;

    @TempDir
    private Path folder;

    private static Simulator simulator(int rate, Market... markets) throws Exception {
        return Simulator.start(SimulatorOptions.builder()
                .markets(markets)
                .rate(rate)
                .instruments(INSTRUMENTS)
                .restWeight(1_000_000)
                .build());
    }

    @Test
    void what_was_traded_while_no_connection_was_there_is_filled_and_each_break_is_in_the_ledger() throws Exception {
        try (Simulator simulator = simulator(80, BY_CONNECTION.toArray(Market[]::new));
                Rehearsed metdc = new Rehearsed(simulator, folder, "recovery.backoff_first=1s")) {
            long each = (long) BY_CONNECTION.size() * INSTRUMENTS;
            // Whose whole history is one group of Phemex's has none that is known to be whole.
            await().atMost(LONG)
                    .until(() -> metdc.number("SELECT count(*) FROM (SELECT FROM trades GROUP BY instrument_id"
                                    + " HAVING count(DISTINCT executed_at) >= 3) known")
                            == each);
            int cuts = 1;
            for (int i = 1; i <= cuts; i++) {
                simulator.inject(Fault.CUT);
                long holes = each * i;
                await().atMost(LONG)
                        .until(() -> metdc.number("SELECT count(*) FROM holes WHERE cause = 'disconnect'") == holes);
                long unsent = interrupted(simulator, BY_CONNECTION);
                assertThat(unsent).isPositive();
                awaitDelivering(metdc, each);
            }
            simulator.stopTrading();
            await().atMost(LONG).until(() -> metdc.number("SELECT count(*) FROM holes WHERE outcome IS NULL") == 0);

            assertThat(Listed.rows(
                            metdc.collector.database(),
                            "SELECT cause, outcome, count(*) AS holes FROM hole GROUP BY 1, 2"))
                    .containsExactly(
                            Map.of("cause", "disconnect", "outcome", "refilled", "holes", Long.toString(each * cuts)));
            for (Market market : BY_CONNECTION) {
                for (Sent.OfInstrument instrument : simulator.report(market).instruments()) {
                    await().atMost(LONG)
                            .untilAsserted(
                                    () -> { // the last one may be on its way
                                        List<String> ids = stored(metdc, market, instrument.symbol());
                                        assertThat(ids)
                                                .as("%s %s", market, instrument.symbol())
                                                .isEqualTo(traded(simulator, market, instrument.symbol(), ids));
                                    });
                }
            }
            assertThat(metdc.number("SELECT sum(found)::bigint FROM holes"))
                    .isGreaterThanOrEqualTo(interrupted(simulator, BY_CONNECTION));
            await().until(() -> metdc.number("SELECT sum(abs(unaccounted))::bigint FROM trade_count") == 0);
        }
    }

    @Test
    void a_break_while_the_database_is_away_is_filled_before_a_short_history_forgets_it() throws Exception {
        EmbeddedPostgres server = EmbeddedPostgres.in(folder.resolve("data"));
        try (Simulator simulator = simulator(50, SHORT);
                Rehearsed metdc = new Rehearsed(simulator, folder, "recovery.backoff_first=200ms")) {
            awaitDelivering(metdc, INSTRUMENTS);
            server.stop(Duration.ofSeconds(20));
            simulator.inject(Fault.CUT);
            await().atMost(LONG).until(() -> !simulator.interruptions(SHORT).isEmpty());
            Map<String, Long> then = traded(simulator);
            String busiest = SHORT + " "
                    + simulator.report(SHORT).instruments().getFirst().symbol();
            await().atMost(LONG).until(() -> traded(simulator).get(busiest) - then.get(busiest) > 150);
            server.start();
            await().atMost(LONG)
                    .until(() -> metdc.number("SELECT count(*) FROM holes WHERE outcome = 'refilled'") == INSTRUMENTS);
            simulator.stopTrading();
            assertThat(interrupted(simulator, List.of(SHORT))).isPositive();
            for (Sent.OfInstrument instrument : simulator.report(SHORT).instruments()) {
                List<String> traded =
                        traded(simulator, SHORT, instrument.symbol(), stored(metdc, SHORT, instrument.symbol()));
                await().atMost(LONG)
                        .untilAsserted(() -> assertThat(stored(metdc, SHORT, instrument.symbol()))
                                .as(instrument.symbol())
                                .isEqualTo(traded));
            }
        }
    }

    @Test
    void what_rest_does_not_reach_any_more_is_said_and_what_it_reaches_is_there() throws Exception {
        try (Simulator simulator = simulator(600, SHORT);
                Rehearsed metdc =
                        new Rehearsed(simulator, folder, "recovery.backoff_first=3s", "recovery.backoff_max=3s")) {
            awaitDelivering(metdc, INSTRUMENTS);
            simulator.inject(Fault.CUT);
            await().atMost(LONG)
                    .until(() -> metdc.number("SELECT count(*) FROM holes WHERE outcome IS NOT NULL") == INSTRUMENTS);
            simulator.stopTrading();

            String busiest = simulator.report(SHORT).instruments().getFirst().symbol();
            assertThat(Listed.rows(
                            metdc.collector.database(),
                            "SELECT cause, outcome, expected FROM hole WHERE symbol = '" + busiest + "'"))
                    .singleElement()
                    .satisfies(hole -> {
                        assertThat(hole).containsEntry("cause", "disconnect").containsEntry("outcome", "beyond_reach");
                        assertThat(hole).containsEntry("expected", "");
                    });
            // What is missing is of instruments whose hole says so; one whose answer began in the very moment of its
            // last trade may lack nothing.
            for (Map.Entry<String, Long> traded : traded(simulator).entrySet()) {
                boolean said = metdc.number("SELECT count(*) FROM hole WHERE outcome = 'beyond_reach'"
                                + " AND exchange || '-' || market || ' ' || symbol = '" + traded.getKey() + "'")
                        == 1;
                await().atMost(LONG) // the last one may be on its way
                        .untilAsserted(() -> assertThat(
                                        said || Objects.equals(stored(metdc).get(traded.getKey()), traded.getValue()))
                                .as(traded.getKey())
                                .isTrue());
            }
        }
    }

    @Test
    void a_clock_that_is_behind_hides_nothing_of_a_past_that_is_longer_than_an_answer() throws Exception {
        Market market = Listed.KRW;
        Duration behind = Duration.ofSeconds(20);
        try (Simulator simulator = simulator(1_000, market);
                Rehearsed metdc = new Rehearsed(
                        simulator,
                        folder,
                        () -> Instant.now().minus(behind),
                        "recovery.backoff_first=4s",
                        "recovery.backoff_max=4s")) {
            await().atMost(LONG).until(() -> metdc.number("SELECT count(DISTINCT instrument_id) FROM trades") == 2);
            simulator.inject(Fault.CUT);
            await().atMost(LONG)
                    .until(() -> metdc.number("SELECT count(*) FROM holes WHERE outcome = 'refilled'") == 2);
            simulator.stopTrading();
            String busiest = simulator.report(market).instruments().getFirst().symbol();
            List<String> traded = traded(simulator, market, busiest, stored(metdc, market, busiest));
            await().atMost(LONG)
                    .untilAsserted(
                            () -> assertThat(stored(metdc, market, busiest)).isEqualTo(traded));
            assertThat(interrupted(simulator, List.of(market))).isGreaterThan(500);
        }
    }

    /// Each instrument has a trade that came by stream after all its holes.
    private static void awaitDelivering(Rehearsed metdc, long instruments) {
        await().atMost(LONG)
                .until(() -> metdc.number("SELECT count(*) FROM (SELECT instrument_id, max(received_at) AS last"
                                + " FROM trades WHERE origin = 0 GROUP BY 1) t WHERE NOT EXISTS (SELECT FROM holes h"
                                + " WHERE h.instrument_id = t.instrument_id AND h.to_time >= t.last)")
                        == instruments);
    }

    private static long interrupted(Simulator simulator, List<Market> markets) {
        return markets.stream()
                .flatMap(market -> simulator.interruptions(market).stream())
                .mapToLong(Sent.Interruption::trades)
                .sum();
    }

    /// All trades from the first one on that was sent, by instrument.
    private static Map<String, Long> traded(Simulator simulator) {
        Map<String, Long> traded = new TreeMap<>();
        for (Market market : simulator.markets()) {
            for (Sent.OfInstrument instrument : simulator.report(market).instruments()) {
                traded.put(market + " " + instrument.symbol(), instrument.distinct());
            }
            for (Sent.Interruption one : simulator.interruptions(market)) {
                traded.merge(market + " " + one.symbol(), one.trades(), Long::sum);
            }
        }
        return traded;
    }

    /// The ids of its trades, in their order.
    private static List<String> stored(Rehearsed metdc, Market market, String symbol) throws Exception {
        return Listed.rows(
                        metdc.collector.database(),
                        "SELECT trade_id" + ofInstrument(market, symbol) + " ORDER BY trade_id COLLATE \"C\"")
                .stream()
                .map(row -> row.get("trade_id"))
                .toList();
    }

    /// The same of the tape, sent or not, from the first stored one on: Phemex's oldest ones are not known to be
    /// whole.
    private static List<String> traded(Simulator simulator, Market market, String symbol, List<String> stored) {
        Set<String> known = Set.copyOf(stored);
        try (Stream<Sent.Print> tape = simulator.tape(market, symbol)) {
            return tape.map(Sent.Print::trade)
                    .filter(Objects::nonNull)
                    .map(trade -> trade.id().toString())
                    .dropWhile(id -> !known.contains(id))
                    .sorted()
                    .toList();
        }
    }

    private static String ofInstrument(Market market, String symbol) {
        return " FROM trade WHERE exchange = '" + market.exchange() + "' AND market = '" + market.type()
                + "' AND symbol = '" + symbol + "'";
    }

    private static Map<String, Long> stored(Rehearsed metdc) throws Exception {
        Map<String, Long> stored = new TreeMap<>();
        for (Map<String, String> row : Listed.rows(
                metdc.collector.database(),
                "SELECT exchange || '-' || market || ' ' || symbol AS name, count(*) AS trades FROM trade GROUP BY 1")) {
            stored.put(row.get("name"), Long.valueOf(row.get("trades")));
        }
        return stored;
    }
}

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
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What did not come by stream: the ledger names exactly that, and REST brings what it has of it.
class HolesTest {
    private static final List<Market> BY_IDS = Stream.of(Exchange.BINANCE, Exchange.OKX, Exchange.GATE)
            .flatMap(exchange -> Stream.of(MarketType.values()).map(type -> new Market(exchange, type)))
            .toList();
    private static final Duration FILLED = Duration.ofSeconds(60);
    private static final int INSTRUMENTS = 30;
    private static final int ROUNDS = 6;

    @TempDir
    private Path folder;

    @Test
    void a_thousand_holes_are_named_and_filled_and_numbers_that_stand_for_nothing_raise_no_alarm() throws Exception {
        try (Simulator simulator = Simulator.start(SimulatorOptions.builder()
                        .markets(BY_IDS.toArray(Market[]::new))
                        .rate(3_000)
                        .instruments(INSTRUMENTS)
                        .restWeight(1_000_000)
                        .build());
                Rehearsed metdc = new Rehearsed(simulator, folder)) {
            await().atMost(FILLED)
                    .until(() -> metdc.number("SELECT count(DISTINCT (exchange, market, symbol)) FROM trade")
                            == (long) INSTRUMENTS * BY_IDS.size());
            for (int i = 0; i < ROUNDS; i++) {
                simulator.inject(Fault.HOLE);
                long planted = (long) (i + 1) * INSTRUMENTS * BY_IDS.size();
                await().atMost(FILLED).until(() -> interruptions(simulator) >= planted);
            }
            simulator.inject(Fault.UNUSED_NUMBER);
            long nothing = (long) INSTRUMENTS * BY_IDS.size();
            await().atMost(FILLED)
                    .untilAsserted(() -> assertThat(
                                    Listed.rows(
                                            metdc.collector.database(),
                                            "SELECT coalesce(outcome, 'open') AS outcome, count(*) AS holes FROM holes GROUP BY 1"))
                            .contains(Map.of("outcome", "never_public", "holes", Long.toString(nothing))));
            simulator.stopTrading();
            long trades = simulator.report().stream().mapToLong(Sent::distinct).sum()
                    + planted(simulator).values().stream().mapToLong(n -> n).sum();
            await().atMost(FILLED)
                    .until(() -> metdc.number("SELECT count(*) FROM holes WHERE outcome IS NULL") == 0
                            && metdc.number("SELECT count(*) FROM trades") == trades);

            // A number that the exchange used for something else, and said so, cuts a hole in two.
            assertThat(metdc.number("SELECT count(*) FROM holes WHERE outcome = 'refilled'"))
                    .isBetween(interruptions(simulator), interruptions(simulator) + 50)
                    .isGreaterThanOrEqualTo(1_000);
            assertThat(named(metdc)).isEqualTo(planted(simulator));
            assertThat(
                            metdc.number(
                                    "SELECT count(*) FROM trades t JOIN holes h ON h.instrument_id = t.instrument_id"
                                            + " AND t.sequence BETWEEN h.from_id AND h.to_id WHERE t.origin = 2 AND h.outcome = 'refilled'"))
                    .isEqualTo(metdc.number("SELECT count(*) FROM trades WHERE origin = 2"))
                    .isEqualTo(metdc.number("SELECT sum(expected)::bigint FROM holes WHERE outcome = 'refilled'"));
            assertThat(metdc.number("SELECT count(*) FROM holes WHERE outcome = 'never_public' AND expected = 1"
                            + " AND found = 0"))
                    .isEqualTo(nothing);
            assertThat(metdc.number("SELECT count(*) FROM holes WHERE outcome NOT IN ('refilled', 'never_public')"))
                    .isZero();
            await().until(() -> metdc.number("SELECT sum(abs(unaccounted))::bigint FROM trade_count") == 0);
            assertThat(metdc.number("SELECT count(*) - count(DISTINCT (instrument_id, sequence)) FROM trades"))
                    .isZero();
            assertThat(metdc.collector.status().intake().holes()).isZero();
        }
    }

    private static long interruptions(Simulator simulator) {
        return BY_IDS.stream()
                .mapToLong(market -> simulator.interruptions(market).size())
                .sum();
    }

    /// Trades that were kept from every socket, by instrument.
    private static Map<String, Long> planted(Simulator simulator) {
        Map<String, Long> planted = new TreeMap<>();
        for (Market market : BY_IDS) {
            for (Sent.Interruption one : simulator.interruptions(market)) {
                planted.merge(market + " " + one.symbol(), one.trades(), Long::sum);
            }
        }
        return planted;
    }

    /// Trades that the ledger says were missing and are there by now, by instrument.
    private static Map<String, Long> named(Rehearsed metdc) throws Exception {
        Map<String, Long> named = new TreeMap<>();
        for (Map<String, String> row : Listed.rows(
                metdc.collector.database(),
                "SELECT exchange || '-' || market || ' ' || symbol AS name, sum(found)::bigint AS found FROM hole"
                        + " WHERE outcome = 'refilled' AND found = expected GROUP BY 1")) {
            named.put(row.get("name"), Long.valueOf(row.get("found")));
        }
        return named;
    }
}

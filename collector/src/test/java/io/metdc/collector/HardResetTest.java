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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Connections are replaced while they deliver, and nothing is missing and nothing doubled.
@Timeout(240)
class HardResetTest {
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final List<Market> MARKETS = SimulatorOptions.ALL_MARKETS;
    private static final Market BINANCE = new Market(Exchange.BINANCE, MarketType.SPOT);
    private static final Market OKX = new Market(Exchange.OKX, MarketType.SPOT);

    @TempDir
    private Path folder;

    private static long resets(Rehearsed metdc) {
        return metdc.collector.status().markets().stream()
                .mapToLong(Status.OfMarket::resets)
                .sum();
    }

    @Test
    void forty_eight_hard_resets_over_all_markets_lose_and_double_nothing_and_breach_no_limit() throws Exception {
        SimulatorOptions options = SimulatorOptions.builder()
                .markets(MARKETS.toArray(Market[]::new))
                .rate(5_000)
                .instruments(3)
                .past(Duration.ofSeconds(5))
                .build();
        try (Simulator simulator = Simulator.start(options);
                Rehearsed metdc = new Rehearsed(simulator, folder, "recovery.hard_reset=6s")) {
            await().atMost(LONG).until(() -> resets(metdc) >= 48);
            for (Market market : MARKETS) {
                await(market + " is replaced")
                        .atMost(LONG)
                        .until(() -> simulator.report(market).connections().stream()
                                        .filter(connection -> connection.closed() != null)
                                        .count()
                                >= 2);
                assertThat(RedundantConnectionsTest.open(simulator, market).size())
                        .as("%s", market)
                        .isBetween(1, 2);
            }
            simulator.stopTrading();
            for (Market market : MARKETS) {
                await().atMost(LONG).untilAsserted(() -> RedundantConnectionsTest.compare(simulator, metdc, market));
            }
            assertThat(metdc.number("SELECT count(*) FROM holes")).isZero();
            assertThat(metdc.number("SELECT count(*) FROM connections WHERE cause NOT IN ('replaced', 'resubscribed')"))
                    .isZero();
            await().atMost(LONG)
                    .until(() -> metdc.number("SELECT count(*) FROM connections WHERE cause = 'replaced'") >= 48);
            assertThat(simulator.breaches()).isEmpty();
            assertThat(mostAtOnce(simulator)).isLessThanOrEqualTo(2);
        }
    }

    /// How many connections of one market there were at most at the same time.
    private static int mostAtOnce(Simulator simulator) {
        int most = 0;
        for (Sent market : simulator.report()) {
            for (Sent.OfConnection one : market.connections()) {
                int together = (int) market.connections().stream()
                        .filter(other -> !other.opened().isAfter(one.opened())
                                && (other.closed() == null || other.closed().isAfter(one.opened())))
                        .count();
                most = Math.max(most, together);
            }
        }
        return most;
    }

    @Test
    void a_successor_that_gives_nothing_is_given_up_and_the_old_connection_stays() throws Exception {
        SimulatorOptions options = SimulatorOptions.builder()
                .markets(BINANCE)
                .rate(200)
                .instruments(3)
                .build();
        try (Simulator simulator = Simulator.start(options);
                Rehearsed metdc = new Rehearsed(simulator, folder, "recovery.hard_reset=3s")) {
            await().atMost(LONG).until(() -> resets(metdc) >= 1);
            simulator.inject(Fault.STOP_ACCEPTING, BINANCE);
            await().atMost(LONG)
                    .until(() -> metdc.number("SELECT count(*) FROM worker_states WHERE state = 'backing_off'") > 0);
            long before = resets(metdc);
            long stored = metdc.writer().stored();
            metdc.awaitStored(stored + 200);
            assertThat(resets(metdc)).isEqualTo(before);
            assertThat(metdc.collector.status().health().value()).isEqualTo(1.0);

            simulator.clear(Fault.STOP_ACCEPTING, BINANCE);
            await().atMost(LONG).until(() -> resets(metdc) > before);
            simulator.stopTrading();
            await().atMost(LONG).untilAsserted(() -> RedundantConnectionsTest.compare(simulator, metdc, BINANCE));
            assertThat(metdc.number("SELECT count(*) FROM holes")).isZero();
        }
    }

    @Test
    void an_announced_end_of_a_connection_costs_nothing() throws Exception {
        SimulatorOptions options = SimulatorOptions.builder()
                .markets(BINANCE, OKX)
                .rate(400)
                .instruments(3)
                .build();
        try (Simulator simulator = Simulator.start(options);
                Rehearsed metdc = new Rehearsed(simulator, folder)) {
            metdc.awaitSentByEach(100);
            for (Market market : List.of(BINANCE, OKX)) {
                simulator.inject(Fault.SHUTDOWN_NOTICE, market);
            }
            await().atMost(LONG).until(() -> resets(metdc) == 2);
            simulator.stopTrading();
            for (Market market : List.of(BINANCE, OKX)) {
                await().atMost(LONG).untilAsserted(() -> RedundantConnectionsTest.compare(simulator, metdc, market));
            }
            assertThat(metdc.number("SELECT count(*) FROM holes")).isZero();
            assertThat(metdc.number("SELECT count(*) FROM worker_states WHERE state = 'backing_off'"))
                    .isZero();
        }
    }
}

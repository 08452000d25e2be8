package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.simulator.Fault;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Answers that are no lists of instruments, from every exchange and from Upbit, while metdc runs.
class BadListsTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final List<Market> MARKETS = SimulatorOptions.ALL_MARKETS;
    private static final Map<Exchange, Fault> FAULTS = Map.of(
            Exchange.BINANCE, Fault.LIST_EMPTY,
            Exchange.BYBIT, Fault.LIST_HTML,
            Exchange.OKX, Fault.LIST_ERROR,
            Exchange.KUCOIN, Fault.LIST_EMPTY,
            Exchange.GATE, Fault.LIST_ERROR,
            Exchange.PHEMEX, Fault.LIST_HTML,
            Exchange.UPBIT, Fault.LIST_HTML);

    @TempDir
    private Path folder;

    @Test
    void they_change_nothing_but_the_status_line_and_a_counter() throws Exception {
        try (Simulator simulator = Simulator.start(SimulatorOptions.builder()
                        .markets(MARKETS.toArray(Market[]::new))
                        .rate(500)
                        .instruments(12)
                        .build());
                Rehearsed metdc = new Rehearsed(simulator, folder, "symbols.refresh=10s", "symbols.upbit_krw=listed")) {
            metdc.awaitSentByEach(20);
            Map<Market, Integer> before = collected(metdc);
            assertThat(before.values()).allMatch(count -> count > 0);
            FAULTS.forEach((exchange, fault) -> MARKETS.stream()
                    .filter(market -> market.exchange() == exchange)
                    .forEach(market -> simulator.inject(fault, market)));
            Instant faulty = Instant.now();

            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(metdc.collector.status().markets())
                            .hasSize(MARKETS.size())
                            .allSatisfy(market -> {
                                assertThat(market.symbols().refused())
                                        .as("%s", market.market())
                                        .isPositive();
                                assertThat(market.symbols().takenAt()).isBefore(faulty);
                            }));
            assertThat(collected(metdc)).isEqualTo(before);
            assertThat(metdc.number("SELECT count(*) FROM instrument_changes")).isZero();
            for (Market market : MARKETS) {
                assertThat(metdc.collector.status().inWords()).contains(market + ": its list of ");
            }
            assertThat(simulator.report())
                    .allSatisfy(
                            sent -> assertThat(sent.connections()).hasSize(1).allMatch(one -> one.closed() == null));

            FAULTS.forEach((_, fault) -> simulator.clear(fault));
            await().atMost(LONG).until(() -> !metdc.collector.status().inWords().contains(": its list of "));
            assertThat(collected(metdc)).isEqualTo(before);
            assertThat(simulator.breaches()).isEmpty();
        }
    }

    private static Map<Market, Integer> collected(Rehearsed metdc) {
        Map<Market, Integer> collected = new TreeMap<>();
        metdc.collector
                .status()
                .markets()
                .forEach(market ->
                        collected.put(market.market(), market.symbols().collected()));
        return collected;
    }
}

package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.simulator.Fault;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// One exchange of six bans this address: nobody knocks there before the time is over, and the others
/// never notice.
@Timeout(240)
class BanTest {
    private static final Market SPOT = new Market(Exchange.BINANCE, MarketType.SPOT);
    private static final Market FUTURES = new Market(Exchange.BINANCE, MarketType.FUTURES);
    private static final List<Market> BANNING = List.of(SPOT, FUTURES);
    private static final List<Market> OTHERS = Stream.of(
                    Exchange.BYBIT, Exchange.OKX, Exchange.KUCOIN, Exchange.GATE, Exchange.PHEMEX)
            .map(exchange -> new Market(exchange, MarketType.SPOT))
            .toList();

    /// What was on its way when the ban was told is there after this.
    private static final Duration ON_ITS_WAY = Duration.ofMillis(700);

    @TempDir
    private Path folder;

    private Path bans() {
        return folder.resolve("data").resolve("limits").resolve("binance-bans");
    }

    private static Map<Market, Long> knocks(Simulator simulator) {
        return BANNING.stream().collect(Collectors.toMap(Function.identity(), simulator::knocks));
    }

    private static List<WorkerStatus> workers(Rehearsed metdc, List<Market> markets) {
        return metdc.collector.status().markets().stream()
                .filter(market -> markets.contains(market.market()))
                .flatMap(market -> market.workers().stream())
                .toList();
    }

    private static boolean isDelivering(Rehearsed metdc, List<Market> markets) {
        List<WorkerStatus> workers = workers(metdc, markets);
        return workers.size() >= markets.size()
                && workers.stream().allMatch(worker -> worker.state() == WorkerStatus.State.DELIVERING);
    }

    /// That nobody knocks for so long, from when the number of knocks has come to rest.
    private static void nobodyKnocks(Simulator simulator, Duration span) {
        await().during(ON_ITS_WAY).atMost(Duration.ofSeconds(20)).until(new Resting(simulator)::isSame);
        Map<Market, Long> before = knocks(simulator);
        await().during(span)
                .atMost(span.plusSeconds(10))
                .until(() -> knocks(simulator).equals(before));
    }

    /// Whether there was no knock since it was asked last.
    private static final class Resting {
        private final Simulator simulator;
        private Map<Market, Long> last;

        Resting(Simulator simulator) {
            this.simulator = simulator;
            last = knocks(simulator);
        }

        boolean isSame() {
            Map<Market, Long> now = knocks(simulator);
            boolean same = now.equals(last);
            last = now;
            return same;
        }
    }

    @Test
    void nobody_knocks_at_an_exchange_that_banned_us_before_the_time_is_over_not_after_a_restart_either()
            throws Exception {
        List<Market> markets = new ArrayList<>(BANNING);
        markets.addAll(OTHERS);
        SimulatorOptions options = SimulatorOptions.builder()
                .markets(markets.toArray(Market[]::new))
                .rate(1_400)
                .instruments(4)
                .build();
        try (Simulator simulator = Simulator.start(options)) {
            try (Rehearsed metdc = new Rehearsed(simulator, folder)) {
                await().atMost(Duration.ofSeconds(60)).until(() -> isDelivering(metdc, markets));
                simulator.inject(Fault.HANDSHAKE_418, SPOT);
                simulator.inject(Fault.CUT, SPOT);
                await().atMost(Duration.ofSeconds(20)).until(() -> Files.exists(bans()));
                simulator.inject(Fault.CUT, FUTURES); // whose workers would like to connect now
                nobodyKnocks(simulator, Fault.RETRY_AFTER.minusSeconds(3));
                simulator.clear(Fault.HANDSHAKE_418, SPOT);
                Map<Market, Long> during = knocks(simulator);

                await().atMost(Duration.ofSeconds(40)).until(() -> isDelivering(metdc, markets));
                assertThat(simulator.knocks(SPOT)).isGreaterThan(during.get(SPOT));
                assertThat(simulator.knocks(FUTURES)).isGreaterThan(during.get(FUTURES));
                assertThat(workers(metdc, OTHERS)).allSatisfy(worker -> {
                    assertThat(worker.connects()).isEqualTo(1);
                    assertThat(worker.failure()).isNull();
                });
            }
            BANNING.forEach(market -> simulator.inject(Fault.REST_418, market)); // of two minutes
            try (Rehearsed metdc = new Rehearsed(simulator, folder)) {
                await().atMost(Duration.ofSeconds(60)).until(() -> isDelivering(metdc, OTHERS));
                nobodyKnocks(simulator, Duration.ofSeconds(2));
            }
            BANNING.forEach(market -> simulator.clear(Fault.REST_418, market));
            Map<Market, Long> before = knocks(simulator);
            try (Rehearsed metdc = new Rehearsed(simulator, folder)) {
                await().atMost(Duration.ofSeconds(60)).until(() -> isDelivering(metdc, OTHERS));
                await().during(Duration.ofSeconds(2))
                        .atMost(Duration.ofSeconds(10))
                        .until(() -> knocks(simulator).equals(before));
                assertThat(Files.readString(bans())).contains("everything", "418");
            }
        }
    }
}

package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.simulator.Fault;
import io.metdc.simulator.Sent;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Streams that give nothing while their instruments trade are found, and nothing else is touched.
@Timeout(240)
class SilenceTest {
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final Market BYBIT = new Market(Exchange.BYBIT, MarketType.SPOT);
    private static final Market OKX = new Market(Exchange.OKX, MarketType.SPOT);
    private static final Market BINANCE = new Market(Exchange.BINANCE, MarketType.FUTURES);

    @TempDir
    private Path folder;

    private static Health health(Rehearsed metdc) {
        return metdc.collector.status().health();
    }

    private static Health health(Rehearsed metdc, Market of) {
        return metdc.collector.status().markets().stream()
                .filter(market -> market.market().equals(of))
                .findFirst()
                .orElseThrow()
                .health();
    }

    private static List<Sent.Request> requests(Simulator simulator, Market market) {
        return simulator.report(market).connections().stream()
                .flatMap(connection -> connection.requests().stream())
                .sorted(Comparator.comparing(Sent.Request::at))
                .toList();
    }

    /// The simulator's instruments trade by rank: the first often, the last hardly ever.
    @Test
    void one_mute_instrument_of_many_is_subscribed_anew_alone_within_thirty_seconds_and_quiet_ones_are_left_alone()
            throws Exception {
        SimulatorOptions options = SimulatorOptions.builder()
                .markets(BYBIT, OKX)
                .rate(200)
                .instruments(BYBIT, 1_000)
                .instruments(OKX, 400)
                .build();
        try (Simulator simulator = Simulator.start(options);
                Rehearsed metdc = new Rehearsed(simulator, folder)) {
            metdc.awaitSentByEach(1_000);
            await().atMost(LONG).until(() -> health(metdc).acknowledged() == 1_400);
            int before = requests(simulator, BYBIT).size();
            Instant mutedAt = Instant.now();
            simulator.inject(Fault.MUTE_SYMBOL, BYBIT);

            await().atMost(LONG).until(() -> requests(simulator, BYBIT).size() >= before + 2);
            List<Sent.Request> anew = requests(simulator, BYBIT)
                    .subList(before, requests(simulator, BYBIT).size());
            assertThat(anew.getLast().at()).isBefore(mutedAt.plusSeconds(30));
            assertThat(anew).extracting(Sent.Request::verb).containsExactly(Sent.Verb.UNSUBSCRIBE, Sent.Verb.SUBSCRIBE);
            String muted = anew.getLast().symbols().getFirst();
            assertThat(anew).allSatisfy(request -> assertThat(request.symbols()).containsExactly(muted));
            await().atMost(LONG)
                    .until(() -> metdc.number("SELECT count(*) FROM hole WHERE symbol = '" + muted
                                    + "' AND cause = 'silence' AND outcome IS NOT NULL")
                            > 0);

            await().atMost(LONG).until(() -> health(metdc).value() >= 0.95);
            assertThat(health(metdc).quiet()).isPositive();
            assertThat(requests(simulator, OKX).stream().map(Sent.Request::verb))
                    .doesNotContain(Sent.Verb.UNSUBSCRIBE);
            assertThat(metdc.collector.status().markets())
                    .flatExtracting(Status.OfMarket::workers)
                    .allSatisfy(worker -> assertThat(worker.connects()).isEqualTo(1));
        }
    }

    /// The ancestor's "70/70 workers healthy": sockets that are open, answer, and give nothing, some of them from the
    /// beginning, beside others that live.
    @Test
    void connections_that_are_open_and_give_nothing_read_as_sick_within_a_minute_and_are_replaced() throws Exception {
        SimulatorOptions options = SimulatorOptions.builder()
                .markets(BYBIT, BINANCE, OKX)
                .rate(600)
                .instruments(6)
                .build();
        try (Simulator simulator = Simulator.start(options)) {
            simulator.inject(Fault.MUTE, OKX);
            try (Rehearsed metdc =
                    new Rehearsed(simulator, folder, "recovery.backoff_max=1s", "recovery.cooldown=2s")) {
                await().atMost(LONG)
                        .until(() -> health(metdc, BYBIT).value() == 1.0
                                && health(metdc, BINANCE).value() == 1.0);
                simulator.inject(Fault.MUTE, BYBIT);
                Instant muteAt = Instant.now();
                await().atMost(LONG).until(() -> health(metdc, BYBIT).value() < 0.5);
                assertThat(Instant.now()).isBefore(muteAt.plusSeconds(60));
                await().atMost(LONG).until(() -> health(metdc, OKX).silent() > 0);
                assertThat(health(metdc, OKX).value()).isZero();
                assertThat(health(metdc, BINANCE).value()).isEqualTo(1.0);
                assertThat(metdc.collector.status().inWords()).contains("okx-spot ", " is silent");

                simulator.clear(Fault.MUTE, BYBIT);
                simulator.clear(Fault.MUTE, OKX);
                await().atMost(LONG).until(() -> health(metdc).value() == 1.0);
            }
        }
    }

    @Test
    void nothing_to_collect_is_no_health() {
        assertThat(Health.of(List.of()).value()).isZero();
        assertThat(Health.NOTHING.value()).isZero();
        Health.Count one = new Health.Count();
        one.add(Instrument.of(BYBIT, "BTCUSDT", "BTC", "USDT"), Health.Truth.DELIVERING);
        assertThat(Health.of(List.of(one.health())).value()).isEqualTo(1.0);
        assertThat(Health.of(List.of(one.health(), Health.NOTHING)).value()).isEqualTo(0.5);
    }
}

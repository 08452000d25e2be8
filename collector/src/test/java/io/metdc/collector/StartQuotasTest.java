package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.metdc.connectors.Connector;
import io.metdc.connectors.Connectors;
import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.simulator.Sent;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import io.metdc.symbols.Plan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How a start, and many of them, keep to what simulated exchanges really allow.
class StartQuotasTest {
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final List<Market> MARKETS = SimulatorOptions.ALL_MARKETS;

    @TempDir
    private Path folder;

    private static SimulatorOptions.Builder small() {
        return SimulatorOptions.builder()
                .markets(MARKETS.toArray(Market[]::new))
                .rate(300);
    }

    private static int subscribed(Simulator simulator, Market market) {
        return (int) simulator.report(market).connections().stream()
                .filter(connection -> connection.closed() == null)
                .flatMap(connection -> connection.requests().stream())
                .flatMap(request -> request.symbols().stream())
                .distinct()
                .count();
    }

    // ---- restarts

    @Test
    void three_kills_in_a_row_break_no_quota() throws Exception {
        restarts(3);
    }

    @Test
    @Tag("long")
    void ten_kills_within_five_minutes_break_no_quota() throws Exception {
        restarts(10);
    }

    private void restarts(int times) throws Exception {
        try (Simulator simulator = Simulator.start(small().instruments(40).build())) {
            Files.writeString(folder.resolve("metdc.yaml"), simulator.configuration());
            ReadyCluster.in(folder.resolve("data"));
            Instant began = Instant.now();
            for (int start = 0; start < times; start++) {
                Metdc metdc = Metdc.start(
                        folder.resolve("metdc.out"),
                        "run",
                        "--config",
                        folder.resolve("metdc.yaml").toString(),
                        "--set",
                        "data_directory=" + folder.resolve("data"));
                await().atMost(LONG).until(() -> {
                    assertThat(metdc.isAlive()).as(metdc::said).isTrue();
                    return MARKETS.stream()
                            .filter(market -> market.exchange() != Exchange.UPBIT)
                            .allMatch(market -> subscribed(simulator, market) >= 40);
                });
                metdc.kill();
            }
            assertThat(Duration.between(began, Instant.now())).isLessThan(Duration.ofMinutes(5));
            assertThat(simulator.breaches()).isEmpty();
        }
    }

    // ---- the plan

    @Test
    void the_time_to_full_subscription_is_what_the_plan_says() throws Exception {
        start(90, 30);
    }

    @Test
    @Tag("long")
    void thousands_of_instruments_on_some_seventy_connections_are_subscribed_in_the_time_that_was_planned()
            throws Exception {
        start(582, 90);
    }

    /// @param instruments   on each market but Phemex's, which allows five connections
    /// @param perConnection of each market
    private void start(int instruments, int perConnection) throws Exception {
        List<Market> many = MARKETS.stream()
                .filter(market -> market.exchange() != Exchange.PHEMEX && market.exchange() != Exchange.UPBIT)
                .toList();
        List<Market> few = MARKETS.stream()
                .filter(market -> market.exchange() == Exchange.PHEMEX)
                .toList();
        int onPhemex = Math.min(instruments, 90);
        try (Simulator simulator = Simulator.start(SimulatorOptions.builder()
                        .markets(many.toArray(Market[]::new))
                        .rate(500)
                        .instruments(instruments)
                        .build());
                Simulator phemex = Simulator.start(SimulatorOptions.builder()
                        .markets(few.toArray(Market[]::new))
                        .rate(50)
                        .instruments(onPhemex)
                        .build())) {
            List<String> settings = new ArrayList<>(List.of("upbit.enabled=false"));
            List<Plan.Wanted> wanted = new ArrayList<>();
            for (Market market : Stream.concat(many.stream(), few.stream()).toList()) {
                boolean isPhemex = few.contains(market);
                int most = isPhemex ? 90 : perConnection;
                String key = "exchanges." + market.exchange() + "." + market.type() + ".";
                settings.add(key + "max_symbols_per_connection=" + most);
                if (isPhemex) {
                    settings.add("exchanges." + market.exchange() + ".enabled=true");
                    settings.add(key + "enabled=true");
                    settings.add(key + "websocket_url=" + phemex.address(market).websocket());
                    settings.add(key + "rest_url=" + phemex.address(market).rest());
                }
                wanted.add(wanted(market, isPhemex ? onPhemex : instruments, most));
            }
            Plan plan = Plan.of(wanted, Duration.ofMillis(20), Pool.MAX_WORKERS);
            assertThat(plan.breaches()).isEmpty();

            try (Rehearsed _ = new Rehearsed(simulator, folder, settings.toArray(String[]::new))) {
                await().atMost(LONG)
                        .until(() -> many.stream().allMatch(market -> subscribed(simulator, market) >= instruments)
                                && few.stream().allMatch(market -> subscribed(phemex, market) >= onPhemex));
            }
            for (Plan.OfMarket planned : plan.markets()) {
                Sent sent = (few.contains(planned.market()) ? phemex : simulator).report(planned.market());
                assertThat(sent.connections()).as("%s", planned.market()).hasSize(planned.connections());
                assertThat(sent.connections().stream()
                                .mapToInt(one -> one.requests().size())
                                .sum())
                        .as("frames to %s", planned.market())
                        .isEqualTo(planned.frames());
            }
            assertThat(simulator.breaches()).isEmpty();
            assertThat(phemex.breaches()).isEmpty();
            Duration measured = Stream.of(simulator, phemex)
                    .map(StartQuotasTest::untilFull)
                    .max(Duration::compareTo)
                    .orElseThrow();
            System.out.printf(
                    "%d instruments on %d connections: planned %s, measured %s%n",
                    plan.markets().stream().mapToInt(Plan.OfMarket::instruments).sum(),
                    plan.markets().stream().mapToInt(Plan.OfMarket::connections).sum(),
                    plan.fullAfter(),
                    measured);
            assertThat(measured)
                    .isBetween(
                            plan.fullAfter().multipliedBy(4).dividedBy(5),
                            plan.fullAfter().multipliedBy(6).dividedBy(5));
        }
    }

    private static Plan.Wanted wanted(Market market, int instruments, int perConnection) {
        Connector connector = Connectors.of(market).orElseThrow();
        return new Plan.Wanted(
                connector,
                IntStream.range(0, instruments)
                        .mapToObj(i -> Instrument.of(market, "COIN" + i + "USDT", "COIN" + i, "USDT"))
                        .toList(),
                perConnection,
                1,
                _ -> 1);
    }

    /// From the first connection to the last request, by the exchanges' own record.
    private static Duration untilFull(Simulator simulator) {
        List<Sent.OfConnection> connections = simulator.report().stream()
                .flatMap(sent -> sent.connections().stream())
                .toList();
        Instant first = connections.stream()
                .map(Sent.OfConnection::opened)
                .min(Instant::compareTo)
                .orElseThrow();
        Instant last = connections.stream()
                .flatMap(connection -> connection.requests().stream())
                .map(Sent.Request::at)
                .max(Instant::compareTo)
                .orElseThrow();
        return Duration.between(first, last);
    }
}

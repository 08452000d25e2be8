package io.metdc.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.metdc.market.Exchange;
import io.metdc.market.Market;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The simulator's own record of what its clients asked for and what they got.
@Timeout(30)
class LifeTest {
    static Stream<Dialect> markets() {
        return Dialect.all();
    }

    private static Simulator start(Market market) throws Exception {
        return Simulator.start(SimulatorOptions.builder()
                .markets(market)
                .rate(1_500)
                .instruments(8)
                .build());
    }

    private static List<String> symbols(Simulator simulator, Market market) {
        return simulator.report(market).instruments().stream()
                .map(Sent.OfInstrument::symbol)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("markets")
    void every_frame_that_subscribes_is_remembered_with_what_it_named(Dialect dialect) throws Exception {
        Market market = dialect.market();
        try (Simulator simulator = start(market);
                Client client = dialect.open(simulator)) {
            List<String> symbols = symbols(simulator, market);
            String one = symbols.get(0);
            String two = symbols.get(1);
            dialect.subscribe(client, one);
            dialect.awaitMore(client, one, 2);
            dialect.subscribeMore(client, one, two);
            dialect.awaitMore(client, two, 2);
            Sent sent = simulator.report(market);

            Sent.OfConnection connection = sent.connections().getFirst();
            boolean replaces = dialect.is(Exchange.UPBIT);
            assertThat(connection.requests())
                    .extracting(Sent.Request::verb)
                    .containsOnly(replaces ? Sent.Verb.REPLACE : Sent.Verb.SUBSCRIBE);
            assertThat(connection.requests())
                    .extracting(Sent.Request::symbols)
                    .containsExactly(List.of(one), replaces ? List.of(one, two) : List.of(two));
            assertThat(connection.requests()).allSatisfy(request -> {
                assertThat(request.refused()).isEmpty();
                assertThat(request.at()).isAfterOrEqualTo(connection.opened());
            });
            assertThat(sent.requests(one)).hasSize(replaces ? 2 : 1);
            assertThat(sent.requests(two)).hasSize(1);
        }
    }

    @ParameterizedTest
    @MethodSource("markets")
    void a_symbol_that_is_refused_is_remembered_as_such(Dialect dialect) throws Exception {
        Market market = dialect.market();
        try (Simulator simulator = start(market);
                Client client = dialect.open(simulator)) {
            String nobodys = symbols(simulator, market)
                    .getFirst()
                    .replace("BTC", "NOSUCH")
                    .replace("XBT", "NOSUCH")
                    .replace("KRW-USDT", "KRW-NOSUCH");
            dialect.subscribe(client, nobodys);
            await().until(() -> !simulator.report(market).requests(nobodys).isEmpty());
            boolean tells = switch (market.exchange()) {
                case BYBIT, OKX, GATE, PHEMEX -> true;
                case BINANCE, KUCOIN, UPBIT -> false;
            };
            assertThat(simulator.report(market).requests(nobodys))
                    .singleElement()
                    .satisfies(
                            request -> assertThat(request.refused()).isEqualTo(tells ? List.of(nobodys) : List.of()));
        }
    }

    @ParameterizedTest
    @MethodSource("markets")
    void a_neighbour_that_comes_and_goes_interrupts_no_stream(Dialect dialect) throws Exception {
        Market market = dialect.market();
        try (Simulator simulator = start(market);
                Client client = dialect.open(simulator)) {
            String stays = symbols(simulator, market).getFirst();
            dialect.subscribe(client, stays);
            dialect.awaitMore(client, stays, 5);
            String listed = simulator.list(market, "SKYN");
            dialect.subscribeMore(client, stays, listed);
            dialect.awaitMore(client, listed, 3);
            simulator.delist(market, listed);
            dialect.awaitMore(client, stays, 20);
            simulator.stopTrading();

            assertThat(simulator.interruptions(market)).isEmpty();
            assertThat(simulator.report(market).connections().getFirst().streams())
                    .extracting(Sent.Stream::symbol)
                    .containsExactlyInAnyOrder(stays, listed);
            assertThat(simulator.report(market).connections().getFirst().streams())
                    .allSatisfy(stream -> {
                        assertThat(stream.interruptions()).isZero();
                        assertThat(stream.missed()).isZero();
                        assertThat(stream.rows()).isPositive();
                    });
        }
    }

    @ParameterizedTest
    @MethodSource("markets")
    void a_stream_that_is_left_and_taken_up_again_was_interrupted(Dialect dialect) throws Exception {
        Market market = dialect.market();
        try (Simulator simulator = start(market);
                Client client = dialect.open(simulator)) {
            List<String> symbols = symbols(simulator, market);
            String left = symbols.get(0);
            String other = symbols.get(1);
            dialect.subscribe(client, left, other);
            dialect.awaitMore(client, left, 5);
            if (dialect.is(Exchange.UPBIT)) {
                dialect.subscribe(client, other);
            } else if (dialect.is(Exchange.PHEMEX)) {
                dialect.unsubscribe(client);
                dialect.subscribe(client, other);
            } else {
                dialect.unsubscribe(client, left);
            }
            await().until(() -> simulator.report(market).requests(left).size() > 1
                    || simulator.report(market).requests(other).size() > 1);
            long produced = simulator.report(market).instrument(left).produced();
            await().until(() -> simulator.report(market).instrument(left).produced() > produced + 20);
            dialect.subscribeMore(client, other, left);
            dialect.awaitMore(client, left, 5);
            simulator.stopTrading();

            if (dialect.is(Exchange.PHEMEX)) { // the past that comes on subscribing closes it
                assertThat(simulator.interruptions(market)).isEmpty();
            } else {
                assertThat(simulator.interruptions(market)).anySatisfy(interruption -> {
                    assertThat(interruption.symbol()).isEqualTo(left);
                    assertThat(interruption.trades()).isPositive();
                    assertThat(interruption.to()).isAfterOrEqualTo(interruption.from());
                });
            }
            assertThat(simulator.report(market).connections().getFirst().streams())
                    .filteredOn(stream -> stream.symbol().equals(left))
                    .singleElement()
                    .satisfies(stream -> {
                        assertThat(stream.interruptions()).isEqualTo(1);
                        assertThat(stream.missed()).isPositive();
                    });
        }
    }

    @Test
    void two_connections_that_overlap_interrupt_nothing_though_one_ends() throws Exception {
        Dialect dialect = new Dialect(SimulatorOptions.BINANCE_SPOT);
        try (Simulator simulator = start(dialect.market());
                Client first = dialect.open(simulator)) {
            dialect.subscribe(first, "BTCUSDT");
            dialect.awaitMore(first, "BTCUSDT", 5);
            try (Client second = dialect.open(simulator)) {
                dialect.subscribe(second, "BTCUSDT");
                dialect.awaitMore(second, "BTCUSDT", 5);
                first.closeBlocking();
                dialect.awaitMore(second, "BTCUSDT", 20);
                simulator.stopTrading();
                assertThat(simulator.interruptions(dialect.market())).isEmpty();
                assertThat(simulator.report(dialect.market()).connections())
                        .extracting(connection -> connection.closed() == null)
                        .containsExactly(false, true);
            }
        }
    }

    @Test
    void a_gap_between_two_connections_is_an_interruption() throws Exception {
        Dialect dialect = new Dialect(SimulatorOptions.BINANCE_FUTURES);
        try (Simulator simulator = start(dialect.market())) {
            for (int i = 0; i < 2; i++) {
                try (Client client = dialect.open(simulator)) {
                    dialect.subscribe(client, "BTCUSDT");
                    dialect.awaitMore(client, "BTCUSDT", 10);
                    client.closeBlocking();
                    long produced = simulator
                            .report(dialect.market())
                            .instrument("BTCUSDT")
                            .produced();
                    await().until(() -> simulator
                                    .report(dialect.market())
                                    .instrument("BTCUSDT")
                                    .produced()
                            > produced + 20);
                }
            }
            assertThat(simulator.interruptions(dialect.market()))
                    .singleElement()
                    .satisfies(interruption -> assertThat(interruption.trades()).isGreaterThan(5));
            assertThat(simulator.report(dialect.market()).connections())
                    .flatExtracting(Sent.OfConnection::streams)
                    .extracting(Sent.Stream::interruptions)
                    .containsExactly(0L, 0L);
        }
    }

    @Test
    void what_an_address_names_is_subscribed_by_it() throws Exception {
        try (Simulator simulator = start(SimulatorOptions.BINANCE_SPOT);
                Client client = Client.open(java.net.URI.create(
                        simulator.address(SimulatorOptions.BINANCE_SPOT).websocket()
                                + "/stream?streams=btcusdt@trade/ethusdt@trade"))) {
            assertThat(client.isOpen()).isTrue();
            assertThat(simulator
                            .report(SimulatorOptions.BINANCE_SPOT)
                            .connections()
                            .getFirst()
                            .requests())
                    .extracting(Sent.Request::symbols)
                    .containsExactly(List.of("BTCUSDT", "ETHUSDT"));
        }
    }
}

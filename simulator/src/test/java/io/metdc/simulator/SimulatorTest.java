package io.metdc.simulator;

import static io.metdc.simulator.SimulatorOptions.BINANCE_FUTURES;
import static io.metdc.simulator.SimulatorOptions.BINANCE_SPOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Nanos;
import io.metdc.market.TakerSide;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.CertPathBuilderException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class SimulatorTest {
    private static SimulatorOptions.Builder quick() {
        return SimulatorOptions.builder().rate(2_000).instruments(10);
    }

    static URI websocket(Simulator simulator, Market market) {
        URI printed = simulator.address(market).websocket();
        return market.equals(BINANCE_SPOT) ? URI.create(printed + "/stream?timeUnit=MICROSECOND") : printed;
    }

    static String[] allTradeStreams(Simulator simulator, Market market) {
        return simulator.report(market).instruments().stream()
                .map(instrument -> instrument.symbol().toLowerCase(Locale.ROOT) + "@trade")
                .toArray(String[]::new);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void the_report_is_exactly_what_a_client_received(boolean tls) throws Exception {
        try (Simulator simulator = Simulator.start(quick().tls(tls).build())) {
            Map<Market, Client> clients = new HashMap<>();
            for (Market market : simulator.markets()) {
                Address address = simulator.address(market);
                Client client = Client.open(websocket(simulator, market), address.caFile());
                client.subscribe(allTradeStreams(simulator, market));
                clients.put(market, client);
            }
            clients.values().forEach(client -> await().until(() -> client.frames.size() > 1_000));
            assertThat(simulator.stopTrading()).isTrue();

            for (Market market : simulator.markets()) {
                Client client = clients.get(market);
                Sent report = simulator.report(market);
                await().until(() -> client.trades().size() >= report.rows() + report.consumed());
                List<JsonNode> received = client.trades();
                assertThat(report.rows() + report.consumed()).isEqualTo(received.size());
                assertThat(report.distinct()).isEqualTo(report.rows());
                assertThat(report.connections()).singleElement().satisfies(connection -> {
                    assertThat(connection.rows()).isEqualTo(report.rows());
                    assertThat(connection.consumed()).isEqualTo(report.consumed());
                });
                for (Sent.OfInstrument instrument : report.instruments()) {
                    assertSame(
                            market,
                            simulator.trades(market, instrument.symbol()).toList(),
                            received.stream()
                                    .filter(row -> row.get("s").asText().equals(instrument.symbol()))
                                    .toList());
                }
                client.close();
            }
        }
    }

    private static void assertSame(Market market, List<Sent.Trade> sent, List<JsonNode> received) {
        List<String> expected = sent.stream()
                .map(trade -> trade.id() + " " + trade.price().toPlainString() + " "
                        + trade.size().toPlainString() + " " + trade.takerSide() + " " + trade.executedAtNanos() + " "
                        + trade.rpi())
                .toList();
        long unit = market.equals(BINANCE_SPOT) ? 1_000 : 1_000_000;
        List<String> seen = received.stream()
                .filter(row -> !row.has("X")
                        || List.of("MARKET", "RPI").contains(row.get("X").asText()))
                .map(row -> row.get("t").asText() + " " + row.get("p").asText() + " "
                        + row.get("q").asText() + " " + (row.get("m").asBoolean() ? TakerSide.SELL : TakerSide.BUY)
                        + " "
                        + row.get("T").asLong() * unit + " "
                        + row.path("X").asText().equals("RPI"))
                .toList();
        assertThat(seen).isEqualTo(expected);
    }

    @Test
    void a_trade_is_stamped_once_it_is_written() throws Exception {
        long before = Nanos.of(Instant.now());
        try (Simulator simulator = Simulator.start(quick().build())) {
            Client client = Client.open(websocket(simulator, BINANCE_SPOT));
            client.subscribe("btcusdt@trade");
            await().until(() -> client.trades().size() > 50);
            simulator.stopTrading();
            assertThat(simulator.trades(BINANCE_SPOT, "BTCUSDT")).isNotEmpty().allSatisfy(trade -> {
                assertThat(trade.writtenAtNanos()).isBetween(before, Nanos.of(Instant.now()));
                assertThat(trade.writtenAtNanos()).isGreaterThanOrEqualTo(trade.executedAtNanos());
            });
            assertThat(simulator.trades(BINANCE_SPOT, "ETHUSDT")).isEmpty();
            Sent.OfInstrument bitcoin = simulator.report(BINANCE_SPOT).instrument("BTCUSDT");
            List<Sent.Trade> trades = simulator.trades(BINANCE_SPOT, "BTCUSDT").toList();
            assertThat(bitcoin.first()).isEqualTo(trades.getFirst().id());
            assertThat(bitcoin.last()).isEqualTo(trades.getLast().id());
            client.close();
        }
    }

    @Test
    void a_trade_written_to_two_sockets_is_two_rows_and_one_distinct() throws Exception {
        try (Simulator simulator = Simulator.start(quick().build())) {
            Client one = Client.open(websocket(simulator, BINANCE_SPOT));
            Client two = Client.open(websocket(simulator, BINANCE_SPOT));
            one.subscribe("btcusdt@trade");
            two.subscribe("btcusdt@trade");
            await().until(() -> one.trades().size() > 100 && two.trades().size() > 100);
            simulator.stopTrading();
            Sent report = simulator.report(BINANCE_SPOT);
            await().until(() -> one.trades().size() + two.trades().size() == report.rows());
            assertThat(report.distinct())
                    .isEqualTo(Math.max(one.trades().size(), two.trades().size()));
            assertThat(report.connections().stream().map(Sent.OfConnection::rows))
                    .containsExactly(
                            (long) one.trades().size(), (long) two.trades().size());
            one.close();
            two.close();
        }
    }

    @Test
    void frames_due_together_share_a_write_and_remain_frames_of_one_trade() throws Exception {
        try (Simulator simulator = Simulator.start(
                quick().rate(50_000).framesPerWrite(20).tls(true).build())) {
            Client client = Client.open(
                    websocket(simulator, BINANCE_FUTURES),
                    simulator.address(BINANCE_FUTURES).caFile());
            client.subscribe(allTradeStreams(simulator, BINANCE_FUTURES));
            await().until(() -> client.frames.size() > 5_000);
            assertThat(simulator.stopTrading()).isTrue();
            Sent report = simulator.report(BINANCE_FUTURES);
            await().until(() -> client.trades().size() == report.rows() + report.consumed());
            client.close();
        }
    }

    @Test
    void a_client_that_does_not_read_is_reset_and_nobody_else_waits() throws Exception {
        try (Simulator simulator =
                        Simulator.start(quick().rate(100_000).backlog(30_000).build());
                Socket deaf = new Socket()) {
            URI address = simulator.address(BINANCE_SPOT).websocket();
            deaf.setReceiveBufferSize(4096);
            deaf.connect(new InetSocketAddress(address.getHost(), address.getPort()));
            deaf.getOutputStream()
                    .write(String.join(
                                    "\r\n",
                                    "GET /ws/btcusdt@trade/ethusdt@trade HTTP/1.1",
                                    "Host: x",
                                    "Upgrade: websocket",
                                    "Connection: Upgrade",
                                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                                    "Sec-WebSocket-Version: 13",
                                    "",
                                    "")
                            .getBytes(StandardCharsets.US_ASCII));
            Client client = Client.open(websocket(simulator, BINANCE_SPOT));
            client.subscribe("btcusdt@trade");
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> simulator.report(BINANCE_SPOT).connections().stream()
                            .anyMatch(connection -> connection.cause().equals("does not read")));
            int before = client.frames.size();
            await().until(() -> client.frames.size() > before + 100);
            client.close();
        }
    }

    @Test
    void a_connection_is_closed_at_its_age_and_spot_says_so_before() throws Exception {
        try (Simulator simulator =
                Simulator.start(quick().closeAfter(Duration.ofMillis(600)).build())) {
            Client spot = Client.open(websocket(simulator, BINANCE_SPOT));
            Client raw = Client.open(URI.create(simulator.address(BINANCE_SPOT).websocket() + "/ws"));
            Client futures = Client.open(websocket(simulator, BINANCE_FUTURES));
            await().until(() -> spot.closed && raw.closed && futures.closed);
            assertThat(spot.closeCode).isEqualTo(1001);
            assertThat(futures.closeCode).isEqualTo(1001);
            assertThat(spot.frames)
                    .singleElement()
                    .satisfies(
                            frame -> assertThat(frame)
                                    .matches(
                                            "\\{\"stream\":\"!serverShutdown\",\"data\":\\{\"e\":\"serverShutdown\",\"E\":\\d{16}}}"));
            assertThat(raw.frames)
                    .singleElement()
                    .satisfies(frame -> assertThat(frame).matches("\\{\"e\":\"serverShutdown\",\"E\":\\d{13}}"));
            assertThat(futures.frames).isEmpty();
        }
    }

    @Test
    void pings_come_regularly_and_who_does_not_answer_is_closed() throws Exception {
        try (Simulator simulator = Simulator.start(quick().pingEvery(Duration.ofMillis(250))
                .pongWithin(Duration.ofMillis(1_000))
                .build())) {
            Client good = Client.open(websocket(simulator, BINANCE_FUTURES));
            Client bad = Client.open(websocket(simulator, BINANCE_FUTURES));
            bad.answersPings = false;
            await().until(() -> bad.closed);
            assertThat(bad.closeCode).isEqualTo(1008);
            await().until(() -> good.pings.get() > 6);
            assertThat(good.isOpen()).isTrue();
            good.close();
        }
    }

    @Test
    void an_address_may_open_so_many_connections_in_five_minutes() throws Exception {
        try (Simulator simulator = Simulator.start(quick().connects(3).build())) {
            for (int i = 0; i < 3; i++) {
                Client client = Client.open(websocket(simulator, BINANCE_SPOT));
                assertThat(client.isOpen()).isTrue();
                client.closeBlocking();
            }
            Client refused = Client.open(websocket(simulator, BINANCE_SPOT));
            assertThat(refused.isOpen()).isFalse();
            assertThat(refused.closeReason).contains("429");
        }
    }

    @Test
    void rest_has_what_happened_before_anybody_subscribed() throws Exception {
        try (Simulator simulator =
                Simulator.start(quick().past(Duration.ofSeconds(5)).build())) {
            assertThat(Client.json(Client.get(
                                    simulator.address(BINANCE_SPOT).rest(), "/api/v3/trades?symbol=BTCUSDT&limit=1000")
                            .body()))
                    .hasSize(1000);
            assertThat(simulator.report(BINANCE_SPOT).rows()).isZero();
        }
    }

    @Test
    void two_runs_with_one_seed_send_the_same_trades() throws Exception {
        assertThat(hundredTrades(21)).isEqualTo(hundredTrades(21)).isNotEqualTo(hundredTrades(22));
    }

    private static List<String> hundredTrades(long seed) throws Exception {
        try (Simulator simulator = Simulator.start(quick().seed(seed).build())) {
            URI rest = simulator.address(BINANCE_SPOT).rest();
            String path = "/api/v3/historicalTrades?symbol=BTCUSDT&fromId=0&limit=100";
            List<String> trades = new ArrayList<>();
            for (JsonNode row :
                    await().until(() -> Client.json(Client.get(rest, path).body()), rows -> rows.size() == 100)) {
                trades.add(
                        row.get("id") + " " + row.get("price") + " " + row.get("qty") + " " + row.get("isBuyerMaker"));
            }
            return trades;
        }
    }

    @Test
    void without_the_ca_file_tls_is_not_trusted_and_with_it_the_name_is_verified(@TempDir Path folder)
            throws Exception {
        Path caFile = folder.resolve("ca.pem");
        try (Simulator simulator =
                        Simulator.start(quick().tls(true).caFile(caFile).build());
                HttpClient trusting = HttpClient.newBuilder()
                        .sslContext(Client.trusting(caFile))
                        .build()) {
            URI rest = simulator.address(BINANCE_SPOT).rest();
            assertThat(simulator.address(BINANCE_SPOT).websocket()).hasScheme("wss");
            assertThatThrownBy(() -> Client.get(rest, "/api/v3/ping"))
                    .hasRootCauseInstanceOf(CertPathBuilderException.class);
            assertThat(Client.get(trusting, rest, "/api/v3/ping").statusCode()).isEqualTo(200);
            URI byName = URI.create("https://localhost:" + rest.getPort());
            assertThat(Client.get(trusting, byName, "/api/v3/ping").statusCode())
                    .isEqualTo(200);
            Client distrustful = Client.open(websocket(simulator, BINANCE_SPOT));
            assertThat(distrustful.isOpen()).isFalse();
        }
        assertThat(caFile).exists();
    }

    @Test
    void the_configuration_points_a_collector_at_it(@TempDir Path folder) throws Exception {
        Path caFile = folder.resolve("ca.pem");
        try (Simulator simulator = Simulator.start(
                quick().tls(true).caFile(caFile).markets(BINANCE_FUTURES).build())) {
            Address address = simulator.address(BINANCE_FUTURES);
            assertThat(simulator.configuration()).isEqualTo("""
                            exchanges:
                              binance:
                                enabled: true
                                spot:
                                  enabled: false
                                futures:
                                  enabled: true
                                  websocket_url: "wss://127.0.0.1:%d/public/stream"
                                  rest_url: "https://127.0.0.1:%d"
                                  ca_file: "%s"
                              bybit:
                                enabled: false
                              okx:
                                enabled: false
                              kucoin:
                                enabled: false
                              gate:
                                enabled: false
                              phemex:
                                enabled: false
                            upbit:
                              enabled: false
                            """.formatted(
                            address.websocket().getPort(), address.rest().getPort(), caFile));
            assertThatThrownBy(() -> simulator.address(BINANCE_SPOT)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void given_ports_are_used_in_order_and_a_taken_one_is_an_error() throws Exception {
        int first;
        try (Simulator probe = Simulator.start(quick().build())) {
            first = probe.address(BINANCE_SPOT).websocket().getPort();
        }
        SimulatorOptions options =
                quick().markets(BINANCE_SPOT).firstPort(first).build();
        try (Simulator simulator = Simulator.start(options)) {
            assertThat(simulator.address(BINANCE_SPOT).websocket().getPort()).isEqualTo(first);
            assertThat(simulator.address(BINANCE_SPOT).rest().getPort()).isEqualTo(first + 1);
            assertThatThrownBy(() -> Simulator.start(options))
                    .isInstanceOf(BindException.class)
                    .hasMessageContaining(Integer.toString(first));
        }
    }

    @Test
    void nothing_is_left_running_after_close() throws Exception {
        Simulator simulator = Simulator.start(quick().tls(true).build());
        Path caFile = simulator.address(BINANCE_SPOT).caFile().orElseThrow();
        Client client = Client.open(
                websocket(simulator, BINANCE_SPOT),
                simulator.address(BINANCE_SPOT).caFile());
        client.subscribe("btcusdt@trade");
        simulator.close();
        await().until(() -> client.closed);
        assertThat(caFile).doesNotExist();
        await().until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("simulator-")));
    }

    @Test
    void the_tape_tells_what_was_sent_to_nobody_and_which_numbers_no_trade_has() throws Exception {
        Market byIds = new Market(Exchange.GATE, MarketType.SPOT);
        Market withoutNumbers = new Market(Exchange.BYBIT, MarketType.SPOT);
        SimulatorOptions options = quick().markets(BINANCE_FUTURES, byIds, withoutNumbers)
                .past(Duration.ofSeconds(30))
                .build();
        try (Simulator simulator = Simulator.start(options)) {
            List<Sent.Print> futures = tape(simulator, BINANCE_FUTURES);
            assertThat(futures).hasSizeGreaterThan(500);
            for (int i = 1; i < futures.size(); i++) {
                assertThat(futures.get(i).sequence())
                        .isEqualTo(futures.get(i - 1).sequence() + 1);
                assertThat(futures.get(i).atNanos())
                        .isGreaterThanOrEqualTo(futures.get(i - 1).atNanos());
            }
            assertThat(futures)
                    .anyMatch(print -> print.trade() == null)
                    .filteredOn(print -> print.trade() != null)
                    .allSatisfy(print -> {
                        assertThat(print.trade().id().number()).isEqualTo(print.sequence());
                        assertThat(print.trade().writtenAtNanos()).isZero();
                    });
            assertThat(tape(simulator, byIds))
                    .isNotEmpty()
                    .allSatisfy(print -> assertThat(print.sequence())
                            .isLessThan(print.trade().id().number()));
            assertThat(tape(simulator, withoutNumbers))
                    .isNotEmpty()
                    .allSatisfy(print -> assertThat(print.sequence()).isNegative());
            String busiest =
                    simulator.report(BINANCE_FUTURES).instruments().getFirst().symbol();
            assertThat(simulator.trades(BINANCE_FUTURES, busiest)).isEmpty();
        }
    }

    private static List<Sent.Print> tape(Simulator simulator, Market market) {
        return simulator
                .tape(market, simulator.report(market).instruments().getFirst().symbol())
                .toList();
    }

    @Test
    void the_defaults_are_these() {
        SimulatorOptions options = SimulatorOptions.defaults();
        assertThat(options.markets()).containsExactly(BINANCE_SPOT, BINANCE_FUTURES);
        assertThat(options.rate()).isEqualTo(1_000);
        assertThat(options.seed()).isEqualTo(1);
        assertThat(options.instruments()).isEqualTo(40);
        assertThat(options.tls()).isFalse();
        assertThat(options.caFile()).isNull();
        assertThat(options.firstPort()).isZero();
        assertThat(options.framesPerWrite()).isEqualTo(1);
        assertThat(options.closeAfter()).isEqualTo(Duration.ofHours(24));
        assertThat(options.past()).isEqualTo(Duration.ofSeconds(1));
        assertThat(options.history()).isEqualTo(2_000_000);
        assertThat(options.backlog()).isEqualTo(1_000_000);
        assertThat(options.connects()).isZero();
        assertThat(options.connections()).isZero();
        assertThat(options.restWeight()).isZero();
        assertThat(options.pingEvery()).isNull();
        assertThat(options.pongWithin()).isNull();
        assertThatThrownBy(() -> SimulatorOptions.builder().rate(0).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("rate cannot be 0");
        assertThatThrownBy(() -> Simulator.start(SimulatorOptions.builder()
                        .markets(new Market(Exchange.UPBIT, MarketType.FUTURES))
                        .build()))
                .hasMessage("upbit-futures is not simulated");
    }
}

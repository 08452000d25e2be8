package io.metdc.simulator;

import static io.metdc.simulator.SimulatorOptions.BINANCE_FUTURES;
import static io.metdc.simulator.SimulatorOptions.BINANCE_SPOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.metdc.market.Market;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.java_websocket.enums.Opcode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class BinanceStreamTest {
    private static Simulator simulator;
    private final List<Client> clients = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        simulator = Simulator.start(
                SimulatorOptions.builder().rate(1_000).instruments(10).build());
    }

    @AfterAll
    static void stop() {
        simulator.close();
    }

    @AfterEach
    void close() {
        clients.forEach(Client::close);
    }

    private Client open(Market market, String resource) throws Exception {
        URI printed = simulator.address(market).websocket();
        Client client = Client.open(URI.create("ws://" + printed.getAuthority() + resource));
        clients.add(client);
        return client;
    }

    private Client opened(Market market, String resource) throws Exception {
        Client client = open(market, resource);
        assertThat(client.isOpen()).as(resource).isTrue();
        return client;
    }

    private static void awaitTrades(Client client) {
        await().until(() -> client.trades().size() > 3);
    }

    /// A second client proves that trades flow, so that the silence of the first says something.
    private void assertSilent(Market market, Client silent) throws Exception {
        Client witness = market.equals(BINANCE_SPOT)
                ? opened(market, "/ws/btcusdt@trade/btcusdt@aggTrade")
                : opened(market, "/public/ws/btcusdt@trade");
        awaitTrades(witness);
        assertThat(silent.isOpen()).isTrue();
        assertThat(silent.frames).noneMatch(frame -> frame.contains("rade\""));
    }

    @ParameterizedTest
    @CsvSource({
        "spot, /ws/btcusdt@trade, false",
        "spot, /ws/btcusdt@trade/ethusdt@trade, false",
        "spot, /stream?streams=btcusdt@trade/ethusdt@trade, true",
        "futures, /public/ws/btcusdt@trade, false",
        "futures, /public/stream?streams=btcusdt@trade, true",
        "futures, /ws/btcusdt@trade, false",
    })
    void streams_named_in_the_address_are_subscribed(String market, String resource, boolean combined)
            throws Exception {
        Client client = opened(market.equals("spot") ? BINANCE_SPOT : BINANCE_FUTURES, resource);
        awaitTrades(client);
        assertThat(client.frames).allSatisfy(frame -> {
            JsonNode json = Client.json(frame);
            assertThat(json.has("stream")).isEqualTo(combined);
            assertThat(json.has("e")).isNotEqualTo(combined);
        });
    }

    @ParameterizedTest
    @CsvSource({
        "spot, /", "spot, /stream/nonsense", "spot, /public/ws", "spot, /nonsense",
        "futures, /", "futures, /public", "futures, /public/nonsense", "futures, /nonsense/ws"
    })
    void an_unknown_path_fails_the_handshake_with_404(String market, String resource) throws Exception {
        Client client = open(market.equals("spot") ? BINANCE_SPOT : BINANCE_FUTURES, resource);
        await().until(() -> client.closed);
        assertThat(client.closeReason).contains("404");
    }

    @Test
    void bare_paths_wait_for_a_subscription_and_its_acknowledgement_repeats_the_id() throws Exception {
        Client client = opened(BINANCE_SPOT, "/ws");
        JsonNode answer = client.ask("{\"method\":\"SUBSCRIBE\",\"params\":[\"btcusdt@trade\"],\"id\":312}");
        assertThat(answer).isEqualTo(Client.json("{\"result\":null,\"id\":312}"));
        awaitTrades(client);
        assertThat(client.trades()).allMatch(trade -> trade.get("s").asText().equals("BTCUSDT"));
    }

    @Test
    void unsubscribed_streams_fall_silent() throws Exception {
        Client client = opened(BINANCE_FUTURES, "/public/stream");
        client.subscribe("btcusdt@trade", "ethusdt@trade");
        await().until(() -> client.frames.stream().anyMatch(frame -> frame.contains("ETHUSDT")));
        client.ask("{\"method\":\"UNSUBSCRIBE\",\"params\":[\"ethusdt@trade\"],\"id\":2}");
        int before = client.frames.size();
        await().until(() -> client.frames.size() > before + 50);
        assertThat(client.since(before)).allMatch(frame -> frame.contains("BTCUSDT"));
        assertThat(client.ask("{\"method\":\"LIST_SUBSCRIPTIONS\",\"id\":3}"))
                .isEqualTo(Client.json("{\"result\":[\"btcusdt@trade\"],\"id\":3}"));
    }

    @Test
    void the_combined_form_can_be_switched_on_and_off() throws Exception {
        Client client = opened(BINANCE_SPOT, "/ws/btcusdt@trade");
        awaitTrades(client);
        client.ask("{\"method\":\"SET_PROPERTY\",\"params\":[\"combined\",true],\"id\":5}");
        int before = client.frames.size();
        await().until(() -> client.frames.size() > before + 3);
        assertThat(client.since(before))
                .allMatch(frame -> frame.startsWith("{\"stream\":\"btcusdt@trade\",\"data\":{"));
        assertThat(client.ask("{\"method\":\"GET_PROPERTY\",\"params\":[\"combined\"],\"id\":2}"))
                .isEqualTo(Client.json("{\"result\":true,\"id\":2}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"BTCUSDT@trade", "btcusdt@TRADE", "nosuchusdt@trade", "btcusdt", "btcusdt@kline_1m"})
    void unknown_names_are_acknowledged_and_stay_silent(String name) throws Exception {
        Client client = opened(BINANCE_SPOT, "/ws");
        client.subscribe(name);
        assertSilent(BINANCE_SPOT, client);
    }

    @ParameterizedTest
    @CsvSource({"/market/ws, btcusdt@trade", "/private/ws, btcusdt@trade", "/public/ws, btcusdt@aggTrade"})
    void a_stream_on_the_wrong_route_is_acknowledged_and_stays_silent(String resource, String name) throws Exception {
        Client client = opened(BINANCE_FUTURES, resource);
        client.subscribe(name);
        assertSilent(BINANCE_FUTURES, client);
    }

    @Test
    void aggregated_trades_of_futures_come_on_the_market_route() throws Exception {
        Client client = opened(BINANCE_FUTURES, "/market/stream");
        client.subscribe("btcusdt@aggTrade");
        await().until(() -> client.frames.size() > 20);
        long last = -1;
        for (String frame : client.frames) {
            JsonNode data = Client.json(frame).path("data");
            if (data.path("e").asText().equals("aggTrade")) {
                assertThat(last == -1 || data.get("a").asLong() == last + 1).isTrue();
                last = data.get("a").asLong();
            }
        }
        assertThat(last).isPositive();
    }

    @Test
    void spot_times_are_microseconds_where_the_address_asks_for_them() throws Exception {
        Client millis = opened(BINANCE_SPOT, "/ws/btcusdt@trade");
        Client micros = opened(BINANCE_SPOT, "/ws/btcusdt@trade?timeUnit=MICROSECOND");
        awaitTrades(millis);
        awaitTrades(micros);
        assertThat(millis.trades()).allSatisfy(trade -> {
            assertThat(trade.get("T").asText()).hasSize(13);
            assertThat(trade.get("E").asText()).hasSize(13);
        });
        assertThat(micros.trades()).allSatisfy(trade -> {
            assertThat(trade.get("T").asText()).hasSize(16);
            assertThat(trade.get("E").asText()).hasSize(16);
        });
    }

    @Test
    void two_connections_get_the_same_trade_with_an_event_time_of_their_own() throws Exception {
        Client one = opened(BINANCE_SPOT, "/ws/btcusdt@trade?timeUnit=MICROSECOND");
        Client two = opened(BINANCE_SPOT, "/ws/btcusdt@trade?timeUnit=MICROSECOND");
        awaitTrades(two);
        JsonNode second = two.trades().getFirst(); // whatever came to the later one comes to the earlier one
        JsonNode first = await().until(
                        () -> one.trades().stream()
                                .filter(trade -> trade.get("t").equals(second.get("t")))
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
        assertThat(second.get("T")).isEqualTo(first.get("T"));
        assertThat(second.get("p")).isEqualTo(first.get("p"));
        assertThat(second.get("E").asLong())
                .isGreaterThanOrEqualTo(second.get("T").asLong());
    }

    @Test
    void ids_are_contiguous_and_those_of_futures_only_together_with_the_consumed_ones() throws Exception {
        Client client = opened(BINANCE_FUTURES, "/public/ws/btcusdt@trade");
        await().until(() -> client.trades().stream()
                .anyMatch(trade -> trade.get("X").asText().equals("NA")));
        List<JsonNode> trades = client.trades();
        long first = trades.getFirst().get("t").asLong();
        assertThat(trades.stream().map(trade -> trade.get("t").asLong()).toList())
                .isEqualTo(IntStream.range(0, trades.size())
                        .mapToObj(i -> first + i)
                        .toList());
        assertThat(trades.stream().filter(trade -> trade.get("X").asText().equals("NA")))
                .allSatisfy(trade -> {
                    assertThat(trade.get("p").asText()).isEqualTo("0");
                    assertThat(trade.get("q").asText()).isEqualTo("0");
                });
        assertThat(trades).allMatch(trade -> trade.get("st").asInt() == 1);
    }

    @Test
    void a_symbol_that_is_not_ascii_is_subscribed_and_sent_as_it_is() throws Exception {
        Client client = opened(BINANCE_SPOT, "/stream");
        client.subscribe("币安人生usdt@trade");
        awaitTrades(client);
        assertThat(client.trades()).allMatch(trade -> trade.get("s").asText().equals("币安人生USDT"));
    }

    @Test
    void a_new_market_begins_with_the_id_0() throws Exception {
        try (Simulator young = Simulator.start(SimulatorOptions.builder()
                .rate(500)
                .instruments(6)
                .past(Duration.ZERO)
                .build())) {
            URI rest = young.address(BINANCE_SPOT).rest();
            String symbol = young.report(BINANCE_SPOT).instruments().getLast().symbol();
            JsonNode rows = await().until(
                            () -> Client.json(Client.get(rest, "/api/v3/historicalTrades?fromId=0&symbol=" + symbol)
                                    .body()),
                            answer -> answer.size() > 0);
            assertThat(rows.get(0).get("id").asLong()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "spot    | nonsense                                                  | 3 | no id",
                "spot    | {\"method\":                                              | 3 | no id",
                "spot    | {\"id\":7}                                                | 2 | 7",
                "spot    | {\"method\":\"NO_SUCH\",\"id\":8}                         | 2 | 8",
                "spot    | {\"method\":\"SUBSCRIBE\",\"params\":[1],\"id\":\"abc\"}  | 2 | abc",
                "spot    | {\"method\":\"SUBSCRIBE\",\"id\":9}                       | 2 | 9",
                "spot    | {\"method\":\"SET_PROPERTY\",\"params\":[\"x\",true],\"id\":5}      | 0 | 5",
                "spot    | {\"method\":\"SET_PROPERTY\",\"params\":[\"combined\",1],\"id\":6}  | 1 | 6",
                "spot    | {\"method\":\"SET_PROPERTY\",\"params\":[],\"id\":6}                | 2 | 6",
                "futures | {\"method\":\"LIST_SUBSCRIPTIONS\",\"id\":\"abc\"}        | 2 | no id",
                "futures | {\"method\":\"LIST_SUBSCRIPTIONS\",\"id\":-1}             | 2 | no id",
            })
    void wrong_requests_are_answered_in_the_measured_form(String market, String request, int code, String id)
            throws Exception {
        Client client = market.equals("spot") ? opened(BINANCE_SPOT, "/ws") : opened(BINANCE_FUTURES, "/public/ws");
        JsonNode answer = client.ask(request);
        assertThat(answer.path("error").path("code").asInt()).isEqualTo(code);
        assertThat(answer.path("error").path("msg").asText()).isNotEmpty();
        assertThat(answer.path("id").asText("no id")).isEqualTo(id);
        assertThat(answer.has("id")).isEqualTo(!id.equals("no id"));
        assertThat(client.isOpen()).isTrue();
    }

    @Test
    void a_connection_carries_1024_streams_and_no_more() throws Exception {
        Client client = opened(BINANCE_SPOT, "/ws");
        for (int part = 0; part < 4; part++) {
            client.subscribe(names(part * 256, 256));
        }
        assertThat(client.ask("{\"method\":\"SUBSCRIBE\",\"params\":[\"btcusdt@trade\"],\"id\":1}")
                        .path("error")
                        .path("code")
                        .asInt())
                .isEqualTo(4);
    }

    private static String[] names(int from, int count) {
        return IntStream.range(from, from + count)
                .mapToObj(i -> "x" + i + "@trade")
                .toArray(String[]::new);
    }

    @Test
    void a_frame_of_more_than_4096_bytes_is_lost_without_a_word() throws Exception {
        Client client = opened(BINANCE_SPOT, "/ws");
        String names = IntStream.range(0, 300)
                .mapToObj(i -> "\"symbol" + i + "usdt@trade\"")
                .collect(Collectors.joining(","));
        client.send("{\"method\":\"SUBSCRIBE\",\"params\":[\"btcusdt@trade\"," + names + "],\"id\":1}");
        assertThat(client.ask("{\"method\":\"LIST_SUBSCRIPTIONS\",\"id\":2}"))
                .isEqualTo(Client.json("{\"result\":[],\"id\":2}"));
        assertThat(client.frames).hasSize(1);
    }

    @Test
    void fragments_of_a_request_are_put_together() throws Exception {
        Client client = opened(BINANCE_SPOT, "/ws");
        client.sendFragmentedFrame(Opcode.TEXT, utf8("{\"method\":\"LIST_SUBSCRIPTIONS\","), false);
        client.sendFragmentedFrame(Opcode.TEXT, utf8("\"id\":77}"), true);
        await().until(() -> client.frames.contains("{\"result\":[],\"id\":77}"));
    }

    private static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource({"spot, 5", "futures, 10"})
    void more_client_frames_within_a_second_than_allowed_close_the_connection_with_1008(String market, int allowed)
            throws Exception {
        Client client = market.equals("spot") ? opened(BINANCE_SPOT, "/ws") : opened(BINANCE_FUTURES, "/public/ws");
        for (int i = 0; i < allowed; i++) {
            client.send("{\"method\":\"LIST_SUBSCRIPTIONS\",\"id\":" + i + "}");
        }
        await().until(() -> client.frames.size() == allowed);
        assertThat(client.isOpen()).isTrue();
        client.sendPing(); // pings count too
        await().until(() -> client.closed);
        assertThat(client.closeCode).isEqualTo(1008);
        assertThat(client.closeReason).isEqualTo("Too many requests");
    }

    @Test
    void a_ping_is_answered_and_an_orderly_close_too() throws Exception {
        Client client = opened(BINANCE_SPOT, "/ws");
        client.closeBlocking();
        assertThat(client.closeCode).isEqualTo(1000);
        assertThat(simulator.report(BINANCE_SPOT).connections())
                .anyMatch(connection ->
                        connection.closed() != null && connection.cause().equals("closed by the client"));
    }
}

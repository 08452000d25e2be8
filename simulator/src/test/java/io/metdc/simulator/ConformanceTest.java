package io.metdc.simulator;

import static io.metdc.simulator.Recorded.shape;
import static io.metdc.simulator.Recorded.shapes;
import static io.metdc.simulator.Recorded.typed;
import static io.metdc.simulator.SimulatorOptions.BINANCE_FUTURES;
import static io.metdc.simulator.SimulatorOptions.BINANCE_SPOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.metdc.market.Market;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// Holds what the simulator says against what the exchange said when it was recorded: the same keys with the same
/// JSON types, and for what the exchange writes by hand (trades) in the same order. Recordings of 2026 count: older
/// ones lack fields that came since.
@Timeout(60)
@EnabledIfSystemProperty(
        named = "metdc.frames",
        matches = ".+",
        disabledReason = "-Dmetdc.frames names no recorded frames")
class ConformanceTest {
    private static final long SINCE_MILLIS = 1_784_000_000_000L; // mid-2026, when futures got `st`
    private static final Recorded RECORDED = new Recorded("binance");
    private static Simulator simulator;

    @BeforeAll
    static void start() throws Exception {
        simulator = Simulator.start(
                SimulatorOptions.builder().rate(4_000).instruments(12).build());
    }

    @AfterAll
    static void stop() {
        simulator.close();
    }

    private static Set<String> recent(String file, String event, boolean combined) throws IOException {
        return shapes(RECORDED.lines(file)
                .filter(frame -> frame.has("data") == combined)
                .filter(frame -> {
                    JsonNode data = combined ? frame.get("data") : frame;
                    return data.path("e").asText().equals(event)
                            && data.path("E").asLong() > SINCE_MILLIS;
                }));
    }

    private static Client open(URI printed, String resource) throws Exception {
        Client client = Client.open(URI.create("ws://" + printed.getAuthority() + resource));
        await().until(() -> client.frames.size() > 300);
        return client;
    }

    private static Set<String> simulated(Client client, Predicate<JsonNode> wanted) {
        return shapes(client.frames.stream().map(Client::json).filter(wanted));
    }

    @Test
    void spot_trades_have_the_recorded_shape() throws Exception {
        URI printed = simulator.address(BINANCE_SPOT).websocket();
        for (String event : List.of("trade", "aggTrade")) {
            Client raw = open(printed, "/ws/btcusdt@" + event);
            Client combined = open(printed, "/stream?timeUnit=MICROSECOND&streams=btcusdt@" + event);
            Set<String> recorded = recent("spot-trades.jsonl", event, true);
            assertThat(recorded).hasSize(1);
            assertThat(simulated(combined, frame -> frame.has("data"))).isEqualTo(recorded);
            String inner = recorded.iterator().next().replaceFirst("^\\{stream:STRING,data:(.*)}$", "$1");
            assertThat(simulated(raw, frame -> frame.has("e"))).containsExactly(inner);
            raw.close();
            combined.close();
        }
    }

    @Test
    void futures_trades_have_the_recorded_shape_consumed_ones_too() throws Exception {
        URI printed = simulator.address(BINANCE_FUTURES).websocket();
        Client trades = open(printed, "/public/stream?streams=btcusdt@trade/ethusdt@trade");
        Client raw = open(printed, "/public/ws/btcusdt@trade");
        Client aggregates = open(printed, "/market/stream?streams=btcusdt@aggTrade");
        await().until(() -> trades.frames.stream().anyMatch(frame -> frame.contains("\"NA\"")));
        assertThat(simulated(trades, frame -> true)).isEqualTo(recent("futures-trades.jsonl", "trade", true));
        assertThat(simulated(raw, frame -> true)).isEqualTo(recent("futures-trades.jsonl", "trade", false));
        assertThat(simulated(aggregates, frame -> true)).isEqualTo(recent("futures-trades.jsonl", "aggTrade", true));
        trades.close();
        raw.close();
        aggregates.close();
    }

    @Test
    void answers_errors_and_notices_have_a_recorded_shape() throws Exception {
        Set<String> recorded = RECORDED.shapesIn("spot-control.jsonl");
        SimulatorOptions.Builder options = SimulatorOptions.builder().rate(1).instruments(1);
        try (Simulator closing =
                Simulator.start(options.closeAfter(Duration.ofSeconds(3)).build())) {
            List<Client> clients = new ArrayList<>();
            for (String path : List.of("/ws", "/stream")) {
                Client client =
                        Client.open(URI.create(closing.address(BINANCE_SPOT).websocket() + path));
                client.ask("{\"method\":\"SUBSCRIBE\",\"params\":[\"x@trade\"],\"id\":1}");
                client.ask("{\"method\":\"LIST_SUBSCRIPTIONS\",\"id\":2}");
                client.ask("{\"method\":\"GET_PROPERTY\",\"params\":[\"combined\"],\"id\":3}");
                client.ask("nonsense");
                client.ask("{\"id\":4}");
                clients.add(client);
            }
            for (Client client : clients) {
                await().until(() -> client.closed);
                assertThat(client.frames).hasSize(6).last().asString().contains("serverShutdown");
                assertThat(recorded).containsAll(simulated(client, frame -> true));
            }
        }
    }

    private static JsonNode rest(Market market, String path) throws Exception {
        return Client.json(Client.get(simulator.address(market).rest(), path).body());
    }

    @Test
    void rest_trades_have_the_recorded_shape() throws Exception {
        assertThat(shape(rest(BINANCE_SPOT, "/api/v3/historicalTrades?symbol=BTCUSDT")))
                .isEqualTo(shape(rest(BINANCE_SPOT, "/api/v3/trades?symbol=BTCUSDT")))
                .isEqualTo(shape(RECORDED.json("spot-rest-trades.json")));
        assertThat(shape(rest(BINANCE_FUTURES, "/fapi/v1/trades?symbol=BTCUSDT")))
                .isEqualTo(shape(RECORDED.json("futures-rest-trades.json")));
    }

    @Test
    void rows_of_the_lists_have_the_recorded_keys_and_types() throws Exception {
        assertRows(
                rest(BINANCE_SPOT, "/api/v3/exchangeInfo"),
                RECORDED.json("spot-instruments.json"),
                "TSLABUSDT",
                "BTCUSDT");
        assertRows(
                rest(BINANCE_FUTURES, "/fapi/v1/exchangeInfo"),
                RECORDED.json("futures-instruments.json"),
                "BTCUSDT",
                "BTCUSDT");
    }

    /// The recordings' filters are trimmed, so of these the simulator must have those that it has in a recorded
    /// shape.
    private static void assertRows(JsonNode simulated, JsonNode recorded, String recordedSymbol, String symbol) {
        assertThat(typed(simulated)).isEqualTo(typed(recorded));
        JsonNode row = row(simulated, symbol);
        JsonNode recordedRow = row(recorded, recordedSymbol);
        assertThat(typed(row)).isEqualTo(typed(recordedRow));
        Set<Set<String>> recordedFilters = new LinkedHashSet<>();
        recorded.get("symbols")
                .forEach(each -> each.get("filters").forEach(filter -> recordedFilters.add(typed(filter))));
        row.get("filters").forEach(filter -> assertThat(recordedFilters).contains(typed(filter)));
    }

    private static JsonNode row(JsonNode list, String symbol) {
        for (JsonNode row : list.get("symbols")) {
            if (row.get("symbol").asText().equals(symbol)) {
                return row;
            }
        }
        throw new IllegalStateException("no " + symbol);
    }

    @Test
    void errors_of_rest_have_the_recorded_codes_and_shapes() throws Exception {
        for (JsonNode error : RECORDED.json("rest-errors.json")) {
            HttpAnswer answer = switch (error.get("status").asInt()) {
                case 429 -> BinanceRest.refusal(Fault.REST_429, 0);
                case 418 -> BinanceRest.refusal(Fault.REST_418, 0);
                case 451 -> BinanceRest.refusal(Fault.REST_451, 0);
                case 401 -> live(BINANCE_FUTURES, "/fapi/v1/historicalTrades?symbol=BTCUSDT");
                default -> live(BINANCE_SPOT, "/api/v3/trades?symbol=NOSUCH");
            };
            if (error.get("endpoint").asText().equals("aggTrades")) {
                continue; // not simulated by REST
            }
            assertThat(answer.status()).isEqualTo(error.get("status").asInt());
            assertThat(Client.json(answer.body()).get("code"))
                    .isEqualTo(error.get("body").get("code"));
            assertThat(shape(Client.json(answer.body()))).isEqualTo(shape(error.get("body")));
            error.get("headers")
                    .fieldNames()
                    .forEachRemaining(name -> assertThat(answer.headers()).containsKey(name));
        }
    }

    private static HttpAnswer live(Market market, String path) throws Exception {
        var answer = Client.get(simulator.address(market).rest(), path);
        return HttpAnswer.json(answer.statusCode(), answer.body());
    }
}

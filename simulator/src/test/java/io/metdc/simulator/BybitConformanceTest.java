package io.metdc.simulator;

import static io.metdc.simulator.Recorded.shape;
import static io.metdc.simulator.Recorded.shapes;
import static io.metdc.simulator.Recorded.typed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Holds what simulated Bybit says against what was recorded: the same keys, types and, of what it writes by hand,
/// orders.
@Timeout(30)
@EnabledIfSystemProperty(named = "metdc.frames", matches = ".+")
class BybitConformanceTest {
    private static final Market SPOT = new Market(Exchange.BYBIT, MarketType.SPOT);
    private static final Market FUTURES = new Market(Exchange.BYBIT, MarketType.FUTURES);
    private static final Recorded RECORDED = new Recorded("bybit");

    @RegisterExtension
    static final Simulated SIMULATED = new Simulated(
            SimulatorOptions.builder().markets(SPOT, FUTURES).rate(1_000).instruments(6));

    @Test
    void trades_have_the_recorded_shape_and_spelling() throws Exception {
        for (Market market : List.of(SPOT, FUTURES)) {
            Client client = SIMULATED.open(market);
            client.say("{'req_id':'1','op':'subscribe','args':['publicTrade.BTCUSDT']}");
            await().until(() -> client.frames.size() > 50);
            List<JsonNode> recent = RECORDED.lines(market.type().id() + "-trades.jsonl")
                    .filter(frame -> frame.at("/data/0").has("seq")
                            && frame.at("/data/0").has("RPI"))
                    .toList();

            assertThat(shapes(client.said().filter(frame -> frame.has("topic"))))
                    .isEqualTo(shapes(recent.stream()));
            assertThat(isPaddedSomewhere(client.said()))
                    .isEqualTo(isPaddedSomewhere(recent.stream()))
                    .isEqualTo(market.equals(FUTURES));
            client.close();
        }
    }

    private static boolean isPaddedSomewhere(Stream<JsonNode> frames) {
        return frames.flatMap(frame -> frame.path("data").valueStream())
                .flatMap(row -> Stream.of(row.path("p").asText(), row.path("v").asText()))
                .anyMatch(Recorded::isPadded);
    }

    @Test
    void answers_errors_and_other_frames_have_a_recorded_shape() throws Exception {
        for (Market market : List.of(SPOT, FUTURES)) {
            Set<String> recorded = RECORDED.shapesIn("spot-control.jsonl", "futures-control.jsonl");
            Client client = SIMULATED.open(market);
            for (String request : List.of(
                    "{'op':'subscribe','args':['publicTrade.BTCUSDT']}",
                    "{'req_id':'1','op':'subscribe','args':['publicTrade.BTCUSDT']}",
                    "{'req_id':'2','op':'subscribe','args':['publicTrade.NOSUCHUSDT']}",
                    "{'req_id':'3','op':'unsubscribe','args':['publicTrade.BTCUSDT']}",
                    "{'op':'listen'}",
                    "nonsense",
                    "{'op':'ping'}")) {
                assertThat(recorded).contains(shape(client.ask(request, frame -> frame.has("success"))));
            }
            client.close();
        }
        Bybit bybit = new Bybit(FUTURES.type(), SimulatorOptions.defaults(), Simulated.quotas());
        Session session = bybit.open(
                new Handshake("/v5/public/linear", Map.of(), Map.of(), ""),
                new Tape(bybit.listings(), 1, false, 1, 0, 1));
        assertThat(RECORDED.shapesIn("futures-control.jsonl"))
                .contains(shape(Client.json(session.otherFrame(1_795_012_346_000_000_000L))));
    }

    @Test
    void rest_trades_and_lists_have_the_recorded_shape() throws Exception {
        assertThat(shape(SIMULATED.json(SPOT, "/v5/market/recent-trade?category=spot&symbol=BTCUSDT")))
                .isEqualTo(shape(RECORDED.json("spot-rest-trades.json")));
        assertThat(shape(SIMULATED.json(FUTURES, "/v5/market/recent-trade?category=linear&symbol=BTCUSDT")))
                .isEqualTo(shape(RECORDED.json("futures-rest-trades.json")));
        assertList(SIMULATED.json(SPOT, "/v5/market/instruments-info?category=spot"), "spot-instruments.json");
        assertList(SIMULATED.json(FUTURES, "/v5/market/instruments-info?category=linear"), "futures-instruments.json");
        JsonNode early = SIMULATED.json(FUTURES, "/v5/market/instruments-info?category=linear&status=PreLaunch");
        assertThat(early.at("/result/list")).hasSize(1);
        assertThat(typed(early.at("/result/list/0/preListingInfo")))
                .isEqualTo(typed(RECORDED.json("futures-instruments.json")
                        .at("/result/list")
                        .valueStream()
                        .map(row -> row.path("preListingInfo"))
                        .filter(JsonNode::isObject)
                        .findFirst()
                        .orElseThrow()));
    }

    private static void assertList(JsonNode simulated, String file) throws Exception {
        JsonNode recorded = RECORDED.json(file);

        assertThat(typed(simulated)).isEqualTo(typed(recorded));
        assertThat(typed(simulated.get("result"))).isEqualTo(typed(recorded.get("result")));
        assertThat(shape(simulated.at("/result/list/0"))).isEqualTo(shape(recorded.at("/result/list/0")));
    }

    @Test
    void errors_of_rest_have_the_recorded_codes_and_shapes() throws Exception {
        for (JsonNode error : RECORDED.json("rest-errors.json")) {
            HttpAnswer answer = switch (error.path("body").path("retCode").asInt()) {
                case 10006 ->
                    new Bybit(SPOT.type(), SimulatorOptions.defaults(), Simulated.quotas()).refusal(Fault.REST_429, 0);
                case 10001 ->
                    HttpAnswer.json(
                            200,
                            SIMULATED
                                    .get(SPOT, "/v5/market/recent-trade?category=spot&symbol=NOSUCH")
                                    .body());
                default -> null; // 403 is the rules' test, 10016 is not simulated
            };
            if (answer != null) {
                JsonNode body = Client.json(answer.body());
                assertThat(answer.status()).isEqualTo(error.path("status").asInt());
                assertThat(shape(body)).isEqualTo(shape(error.get("body")));
                assertThat(body.get("retCode")).isEqualTo(error.at("/body/retCode"));
                assertThat(body.get("retMsg")).isEqualTo(error.at("/body/retMsg"));
                error.get("headers")
                        .fieldNames()
                        .forEachRemaining(name -> assertThat(answer.headers()).containsKey(name));
            }
        }
    }
}

package io.metdc.simulator;

import static io.metdc.simulator.Recorded.shape;
import static io.metdc.simulator.Recorded.shapes;
import static io.metdc.simulator.Recorded.typed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Holds what simulated Gate says against what was recorded: the same keys, types and, of what it writes by hand,
/// orders.
@Timeout(30)
@EnabledIfSystemProperty(named = "metdc.frames", matches = ".+")
class GateConformanceTest {
    private static final Market SPOT = new Market(Exchange.GATE, MarketType.SPOT);
    private static final Market FUTURES = new Market(Exchange.GATE, MarketType.FUTURES);
    private static final Recorded RECORDED = new Recorded("gate");

    @RegisterExtension
    static final Simulated SIMULATED = new Simulated(
            SimulatorOptions.builder().markets(SPOT, FUTURES).rate(1_000).instruments(6));

    @Test
    void spot_trades_have_the_recorded_shape_and_spelling() throws Exception {
        Client client = SIMULATED.open(SPOT);
        GateTest.subscribe(client, "spot", "BTC_USDT");
        await().until(() -> client.frames.size() > 50);

        assertThat(shapes(client.said().filter(GateTest::isUpdate)))
                .hasSize(1)
                .isSubsetOf(RECORDED.shapesIn("spot-trades.jsonl"));
        assertThat(client.said().filter(GateTest::isUpdate)).allSatisfy(frame -> {
            assertThat(Recorded.isPadded(frame.at("/result/amount").asText())).isFalse();
            assertThat(Recorded.isPadded(frame.at("/result/price").asText())).isFalse();
            assertThat(frame.at("/result/create_time_ms").asText()).matches("\\d{13}\\.\\d{3}000");
        });
        client.close();
    }

    @Test
    void futures_trades_have_the_recorded_shape_with_the_header_and_without_consumed_ones_too() throws Exception {
        Set<String> recorded = RECORDED.shapesIn("futures-trades.jsonl");
        Set<Set<String>> internal = Set.of(Set.of(
                "id:NUMBER",
                "size:STRING",
                "create_time:NUMBER",
                "create_time_ms:NUMBER",
                "price:STRING",
                "contract:STRING",
                "is_internal:BOOLEAN"));
        for (Map<String, String> headers : List.of(Map.of("X-Gate-Size-Decimal", "1"), Map.<String, String>of())) {
            Client client = Client.open(SIMULATED.simulator().address(FUTURES).websocket(), headers);
            GateTest.subscribe(client, "futures", "BTC_USDT");
            await().until(() -> GateTest.rows(client).anyMatch(row -> row.has("is_internal")));

            assertThat(shapes(client.said()
                            .filter(GateTest::isUpdate)
                            .filter(frame ->
                                    frame.get("result").valueStream().noneMatch(row -> row.has("is_internal")))))
                    .hasSize(1)
                    .isSubsetOf(recorded);
            if (!headers.isEmpty()) {
                assertThat(GateTest.rows(client)
                                .filter(row -> row.has("is_internal"))
                                .map(Recorded::typed))
                        .hasSameElementsAs(internal);
                assertThat(RECORDED.lines("futures-trades.jsonl").map(frame -> typed(frame.at("/result/0"))))
                        .containsAll(internal);
            }
            client.close();
        }
    }

    @Test
    void answers_errors_and_other_frames_have_a_recorded_shape() throws Exception {
        for (String kind : List.of("spot", "futures")) {
            Market market = kind.equals("spot") ? SPOT : FUTURES;
            Set<String> recorded = RECORDED.shapesIn("spot-control.jsonl", "futures-control.jsonl");
            Client client = SIMULATED.open(market);
            assertThat(recorded)
                    .contains(
                            shapeWithoutId(GateTest.subscribe(client, kind, "BTC_USDT")),
                            shapeWithoutId(GateTest.subscribe(client, kind, "NOSUCH_USDT")),
                            shape(GateTest.ask(client, "nonsense")),
                            shape(GateTest.ask(
                                    client, "{'time':" + GateTest.seconds() + ",'channel':'" + kind + ".ping'}")));
            client.close();
            Gate gate = new Gate(market.type(), SimulatorOptions.defaults(), Simulated.quotas());
            Session session = gate.open(
                    new Handshake(gate.websocketUrl("").getPath(), Map.of(), Map.of(), ""),
                    new Tape(gate.listings(), 1, false, 1, 0, 1));
            assertThat(recorded)
                    .contains(shape(Client.json(session.shutdownNotice(0))), shape(Client.json(session.otherFrame(0))));
        }
    }

    /// Answers to requests with a number were recorded of other channels only.
    private static String shapeWithoutId(JsonNode answer) {
        assertThat(answer.get("id").isIntegralNumber()).isTrue();
        return shape(((ObjectNode) answer).without("id"));
    }

    @Test
    void rest_trades_and_lists_have_the_recorded_shape() throws Exception {
        assertThat(shape(SIMULATED.json(SPOT, "/spot/trades?currency_pair=BTC_USDT")))
                .isEqualTo(shape(RECORDED.json("spot-rest-trades.json")));
        assertThat(shape(SIMULATED.json(FUTURES, "/futures/usdt/trades?contract=BTC_USDT")))
                .isEqualTo(shape(RECORDED.json("futures-rest-trades.json")));
        assertThat(shape(SIMULATED.json(SPOT, "/spot/currency_pairs").get(0)))
                .isEqualTo(shape(RECORDED.json("spot-instruments.json").get(0)));
        assertThat(shape(SIMULATED.json(FUTURES, "/futures/usdt/contracts").get(0)))
                .isEqualTo(shape(RECORDED.json("futures-instruments.json").get(0)));
    }
}

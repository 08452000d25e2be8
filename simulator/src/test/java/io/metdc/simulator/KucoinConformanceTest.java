package io.metdc.simulator;

import static io.metdc.simulator.KucoinClient.FUTURES;
import static io.metdc.simulator.KucoinClient.SPOT;
import static io.metdc.simulator.Recorded.shape;
import static io.metdc.simulator.Recorded.shapes;
import static io.metdc.simulator.Recorded.typed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.metdc.market.Market;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// Holds what simulated KuCoin says against what was recorded: the same keys, types and, of trades, orders.
@Timeout(30)
@EnabledIfSystemProperty(named = "metdc.frames", matches = ".+")
class KucoinConformanceTest {
    private static final Recorded RECORDED = new Recorded("kucoin");
    private static Simulator simulator;

    @BeforeAll
    static void start() throws Exception {
        simulator = Simulator.start(SimulatorOptions.builder()
                .markets(SPOT, FUTURES)
                .rate(1_000)
                .instruments(6)
                .build());
    }

    @AfterAll
    static void stop() {
        simulator.close();
    }

    private static JsonNode rest(Market market, String path) throws Exception {
        return Client.json(Client.get(simulator.address(market).rest(), path).body());
    }

    @Test
    void trades_have_recorded_shapes_in_two_orders_of_keys() throws Exception {
        try (KucoinClient spot = KucoinClient.open(simulator, SPOT);
                KucoinClient futures = KucoinClient.open(simulator, FUTURES)) {
            spot.subscribe("/market/match:BTC-USDT");
            futures.subscribe("/contractMarket/execution:XBTUSDTM");
            await().until(() -> spot.trades().size() > 20 && futures.trades().size() > 20);

            assertThat(messages(spot)).hasSize(2).isSubsetOf(RECORDED.shapesIn("spot-trades.jsonl"));
            assertThat(messages(futures)).hasSize(2).isSubsetOf(RECORDED.shapesIn("futures-trades.jsonl"));
        }
    }

    private static Set<String> messages(KucoinClient client) {
        return shapes(client.socket().frames.stream()
                .map(Client::json)
                .filter(frame -> frame.path("type").asText().equals("message")));
    }

    @Test
    void answers_errors_and_other_frames_have_a_recorded_shape() throws Exception {
        Set<String> recorded = RECORDED.shapesIn("spot-control.jsonl", "futures-control.jsonl");
        try (KucoinClient client = KucoinClient.open(simulator, SPOT)) {
            Stream<JsonNode> said = Stream.of(
                    Client.json(client.socket().frames.getFirst()),
                    client.subscribe("/market/match:NOSUCH-USDT"),
                    client.subscribe("/market/nothing:BTC-USDT"),
                    client.ask("nonsense"),
                    client.ask("{'id':'1','type':'ping'}"));

            assertThat(recorded).containsAll(shapes(said));
        }
        for (Market market : simulator.markets()) {
            Kucoin kucoin = new Kucoin(market.type(), SimulatorOptions.defaults(), Simulated.quotas());
            Session session = new KucoinSession(
                    new KucoinSession.Frames(kucoin), new Tape(kucoin.listings(), 1, false, 1, 0, 1), "c-1", null);
            assertThat(recorded).contains(shape(Client.json(session.otherFrame(1_795_012_346_000_000_000L))));
        }
    }

    @Test
    void tokens_and_rest_trades_have_the_recorded_shape() throws Exception {
        for (Market market : simulator.markets()) {
            String file = market.equals(SPOT) ? "bullet-public.json" : "bullet-public-futures.json";
            assertThat(shape(Client.json(KucoinClient.post(simulator, market, "/api/v1/bullet-public")
                            .body())))
                    .isEqualTo(shape(RECORDED.json(file)));
        }
        assertThat(shape(rest(SPOT, "/api/v1/market/histories?symbol=BTC-USDT")))
                .isEqualTo(shape(RECORDED.json("spot-rest-trades.json")));
        assertThat(shape(rest(FUTURES, "/api/v1/trade/history?symbol=XBTUSDTM")))
                .isEqualTo(shape(RECORDED.json("futures-rest-trades.json")));
    }

    /// The recorded contract is older than two of the fields.
    @Test
    void rows_of_the_lists_have_the_recorded_keys_and_types() throws Exception {
        JsonNode pair = rest(SPOT, "/api/v2/symbols").at("/data/0");
        JsonNode contract = rest(FUTURES, "/api/v1/contracts/active").at("/data/0");
        Set<String> known = new LinkedHashSet<>(
                typed(RECORDED.json("futures-instruments.json").at("/data/0")));
        known.addAll(Set.of("marketStage:STRING", "assetClass:STRING"));

        assertThat(typed(pair))
                .isEqualTo(typed(RECORDED.json("spot-instruments.json").at("/data/0")));
        assertThat(typed(contract)).isEqualTo(known);
    }
}

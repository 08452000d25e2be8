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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Holds what simulated Phemex says against what was recorded: the same keys, types and, of what it writes by hand,
/// orders.
@Timeout(30)
@EnabledIfSystemProperty(named = "metdc.frames", matches = ".+")
class PhemexConformanceTest {
    private static final Market SPOT = new Market(Exchange.PHEMEX, MarketType.SPOT);
    private static final Market FUTURES = new Market(Exchange.PHEMEX, MarketType.FUTURES);
    private static final Recorded RECORDED = new Recorded("phemex");

    @RegisterExtension
    static final Simulated SIMULATED = new Simulated(
            SimulatorOptions.builder().markets(SPOT, FUTURES).rate(1_000).instruments(6));

    @Test
    void trades_and_snapshots_have_a_recorded_shape_and_spelling() throws Exception {
        for (Market market : List.of(SPOT, FUTURES)) {
            Client client = SIMULATED.open(market);
            PhemexTest.subscribe(client, market, PhemexTest.BTC.get(market));
            await().until(() -> client.frames.size() > 50);

            assertThat(shapes(client.said().filter(frame -> frame.has("type"))))
                    .hasSize(1)
                    .isSubsetOf(RECORDED.shapesIn(market.type().id() + "-trades.jsonl"));
            client.close();
        }
    }

    @Test
    void answers_errors_and_other_frames_have_a_recorded_shape() throws Exception {
        Set<String> recorded = RECORDED.shapesIn("spot-control.jsonl", "futures-control.jsonl");
        Client client = SIMULATED.open(FUTURES);
        Stream<JsonNode> said = Stream.of(
                PhemexTest.subscribe(client, FUTURES, "BTCUSDT"),
                PhemexTest.subscribe(client, FUTURES, "NOSUCHUSDT"),
                PhemexTest.ask(client, "nonsense"),
                PhemexTest.ask(client, "{'id':0,'method':'server.ping','params':[]}"));
        assertThat(recorded).containsAll(shapes(said));
        client.close();
        Phemex phemex = new Phemex(SPOT.type(), SimulatorOptions.defaults(), Simulated.quotas());
        Session session =
                phemex.open(new Handshake("/", Map.of(), Map.of(), ""), new Tape(phemex.listings(), 1, false, 1, 0, 1));
        JsonNode other = Client.json(session.otherFrame(0));
        assertThat(RECORDED.lines("spot-control.jsonl").map(Recorded::typed)).contains(typed(other));
    }

    @Test
    void rest_trades_errors_and_lists_have_the_recorded_shape() throws Exception {
        assertThat(shape(SIMULATED.json(SPOT, "/md/trade?symbol=sBTCUSDT")))
                .isEqualTo(shape(RECORDED.json("spot-rest-trades.json")));
        assertThat(shape(SIMULATED.json(FUTURES, "/md/v2/trade?symbol=BTCUSDT")))
                .isEqualTo(shape(RECORDED.json("futures-rest-trades.json")));
        assertThat(SIMULATED.json(SPOT, "/md/trade?symbol=BTCUSDT")).isEqualTo(RECORDED.json("rest-error.json"));
        JsonNode recorded = RECORDED.json("spot-instruments.json");
        for (Market market : List.of(SPOT, FUTURES)) {
            JsonNode products = SIMULATED.json(market, "/public/products");
            assertThat(typed(products)).isEqualTo(typed(recorded));
            assertThat(typed(products.get("data"))).isEqualTo(typed(recorded.get("data")));
            Set<String> known = new LinkedHashSet<>();
            for (String list : List.of("currencies", "products", "perpProductsV2")) {
                recorded.at("/data/" + list).forEach(row -> known.add(typed(row).toString()));
                assertThat(products.at("/data/" + list))
                        .allSatisfy(row -> assertThat(known).contains(typed(row).toString()));
            }
        }
    }
}

package io.metdc.simulator;

import static io.metdc.simulator.Recorded.shape;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Holds what simulated Okx says against what was recorded: the same keys, types and, of what it writes by hand,
/// orders.
@Timeout(30)
@EnabledIfSystemProperty(named = "metdc.frames", matches = ".+")
class OkxConformanceTest {
    private static final Market SPOT = new Market(Exchange.OKX, MarketType.SPOT);
    private static final Market FUTURES = new Market(Exchange.OKX, MarketType.FUTURES);
    private static final Recorded RECORDED = new Recorded("okx");

    @RegisterExtension
    static final Simulated SIMULATED = new Simulated(SimulatorOptions.builder()
            .connects(1_000)
            .markets(SPOT, FUTURES)
            .rate(1_000)
            .instruments(6));

    /// Of the channel of single matches only a recording of before `source` is known.
    @Test
    void trades_have_the_recorded_keys_types_and_spelling() throws Exception {
        for (Market market : List.of(SPOT, FUTURES)) {
            Client client = SIMULATED.open(market, "/ws/v5/business");
            client.say(
                    "{'op':'subscribe','args':[{'channel':'trades-all','instId':'" + OkxTest.BTC.get(market) + "'}]}");
            await().until(() -> client.frames.size() > 50);
            JsonNode recorded = RECORDED.lines(market.type().id() + "-trades.jsonl")
                    .filter(frame -> frame.at("/arg/channel").asText().equals("trades-all"))
                    .findFirst()
                    .orElseThrow();
            Set<String> row = new LinkedHashSet<>(typed(recorded.at("/data/0")));
            row.add("source:STRING");

            assertThat(client.said().filter(frame -> frame.has("data"))).allSatisfy(frame -> {
                assertThat(typed(frame)).isEqualTo(typed(recorded));
                assertThat(typed(frame.get("arg"))).isEqualTo(typed(recorded.get("arg")));
                assertThat(frame.get("data")).hasSize(1);
                assertThat(typed(frame.at("/data/0"))).isEqualTo(row);
                assertThat(frame.at("/data/0/px").asText()).matches(OkxConformanceTest::isPlain);
                assertThat(frame.at("/data/0/sz").asText()).matches(OkxConformanceTest::isPlain);
            });
            assertThat(RECORDED.lines(market.type().id() + "-trades.jsonl"))
                    .allSatisfy(
                            frame -> assertThat(frame.at("/data/0/px").asText()).matches(OkxConformanceTest::isPlain));
            client.close();
        }
    }

    private static boolean isPlain(String decimal) {
        return !Recorded.isPadded(decimal);
    }

    @Test
    void answers_errors_and_other_frames_have_a_recorded_shape() throws Exception {
        Set<String> recorded = RECORDED.shapesIn("spot-control.jsonl", "futures-control.jsonl");
        recorded.add("{id:STRING,event:STRING,arg:{channel:STRING,instId:STRING},connId:STRING}");
        Client client = SIMULATED.open(SPOT, "/ws/v5/business");
        for (String request : List.of(
                "{'op':'subscribe','args':[{'channel':'trades-all','instId':'BTC-USDT'}]}",
                "{'id':'1','op':'subscribe','args':[{'channel':'trades-all','instId':'BTC-USDT'}]}",
                "{'id':'2','op':'subscribe','args':[{'channel':'trades-all','instId':'NOSUCH-USDT'}]}",
                "{'op':'unsubscribe','args':[{'channel':'trades-all','instId':'BTC-USDT'}]}",
                "nonsense")) {
            assertThat(recorded).contains(shape(client.ask(request, frame -> frame.has("event"))));
        }
        client.close();
        Okx okx = new Okx(FUTURES.type(), SimulatorOptions.defaults(), Simulated.quotas());
        Session session = okx.open(
                new Handshake("/ws/v5/business", Map.of(), Map.of(), ""), new Tape(okx.listings(), 1, false, 1, 0, 1));
        assertThat(recorded)
                .contains(shape(Client.json(session.shutdownNotice(0))), shape(Client.json(session.otherFrame(0))));
    }

    @Test
    void rest_trades_and_lists_have_the_recorded_shape() throws Exception {
        for (String path : List.of("trades", "history-trades")) {
            assertThat(shape(SIMULATED.json(SPOT, "/api/v5/market/" + path + "?instId=BTC-USDT")))
                    .isEqualTo(shape(RECORDED.json("spot-rest-history-trades.json")));
            assertThat(typed(SIMULATED
                            .json(FUTURES, "/api/v5/market/" + path + "?instId=BTC-USDT-SWAP")
                            .at("/data/0")))
                    .isEqualTo(typed(RECORDED.json("futures-rest-trades.json").at("/data/0")));
        }
        JsonNode pairs = SIMULATED.json(SPOT, "/api/v5/public/instruments?instType=SPOT");
        JsonNode swaps = SIMULATED.json(FUTURES, "/api/v5/public/instruments?instType=SWAP");
        assertThat(typed(pairs)).isEqualTo(typed(RECORDED.json("spot-instruments.json")));
        assertThat(shape(pairs.at("/data/0")))
                .isEqualTo(shape(RECORDED.json("spot-instruments.json").at("/data/0")));
        assertThat(shape(swaps.at("/data/0")))
                .isEqualTo(shape(RECORDED.json("futures-instruments.json").at("/data/0")));
    }
}

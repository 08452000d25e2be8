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
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Holds what simulated Upbit says against what was recorded: the same keys, types and, of what it writes by hand,
/// orders.
@Timeout(30)
@EnabledIfSystemProperty(named = "metdc.frames", matches = ".+")
class UpbitConformanceTest {
    private static final Market KRW = new Market(Exchange.UPBIT, MarketType.SPOT);
    private static final Recorded RECORDED = new Recorded("upbit");

    @RegisterExtension
    static final Simulated SIMULATED = new Simulated(
            SimulatorOptions.builder().connects(1_000).markets(KRW).rate(1_000).instruments(6));

    private static JsonNode recorded(String start) throws Exception {
        return RECORDED.lines("ws-trade-samples.jsonl")
                .filter(line -> line.path("kind").asText().equals("constructed"))
                .filter(line -> line.path("note").asText().startsWith(start))
                .map(line -> Client.json(line.path("frame").asText()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void trades_have_the_recorded_shape_in_every_format() throws Exception {
        Map<String, JsonNode> formats = Map.of(
                "DEFAULT", recorded("DEFAULT"),
                "SIMPLE", recorded("SIMPLE:"),
                "SIMPLE_LIST", recorded("SIMPLE_LIST"));
        for (Map.Entry<String, JsonNode> format : formats.entrySet()) {
            Client client = UpbitTest.open(SIMULATED.simulator());
            client.say("[{'ticket':'t'},{'type':'trade','codes':['KRW-BTC','KRW-USDT']},{'format':'" + format.getKey()
                    + "'}]");
            await().until(() -> client.frames.size() > 30);

            assertThat(shapes(client.said())).containsExactly(shape(format.getValue()));
            client.close();
        }
    }

    @Test
    void answers_and_errors_have_the_recorded_shape() throws Exception {
        Client client = UpbitTest.open(SIMULATED.simulator());
        assertThat(shape(client.ask("PING", frame -> true))).isEqualTo(shape(recorded("reply to the text")));
        for (String wrong : List.of("[{'ticket':'t'},{'type':'trade','codes':[]}]", "[{'ticket':'t'}]", "nonsense")) {
            assertThat(shape(client.ask(wrong, frame -> true))).isEqualTo(shape(recorded("error reply")));
        }
        client.close();
    }

    @Test
    void rows_of_the_list_have_the_recorded_shape() throws Exception {
        assertThat(shape(SIMULATED.json(KRW, "/v1/market/all?is_details=true")))
                .isEqualTo(shape(RECORDED.json("market-all.json")));
    }

    @Test
    void pages_of_notices_have_the_recorded_shape() throws Exception {
        String path = Notices.PATH + "?os=web&page=1&per_page=20&category=all";

        assertThat(shape(SIMULATED.json(KRW, path))).isEqualTo(shape(RECORDED.json("announcements.json")));
    }

    /// Nothing is recorded of DEFAULT with a body and of SIMPLE without one.
    @Test
    void pushed_notices_have_the_recorded_shape() throws Exception {
        Map<String, String> recorded = RECORDED.lines("ws-announcement-samples.jsonl")
                .collect(Collectors.toMap(
                        line -> line.path("note").asText().contains("SIMPLE") ? "SIMPLE" : "DEFAULT",
                        line -> shape(Client.json(line.path("frame").asText())),
                        (one, other) -> {
                            assertThat(other).isEqualTo(one);
                            return one;
                        }));
        assertThat(recorded).containsOnlyKeys("DEFAULT", "SIMPLE");
        for (String format : recorded.keySet()) {
            Client client = UpbitNoticeSessionTest.open(SIMULATED.simulator());
            client.say("[{'ticket':'t'},{'type':'announcement','categories':['trade'],'include_body':"
                    + format.equals("SIMPLE") + "},{'format':'" + format + "'}]");
            client.hear("PING", frame -> frame.contains("UP")); // behind it, the request is known
            String key = SIMULATED
                    .simulator()
                    .publish(SimulatedNotice.listing("SABT"))
                    .key();
            SIMULATED.simulator().amend(key, "새빛(SABT) 신규 거래지원 안내 (KRW 마켓) (명칭 변경 안내)");
            await().until(() -> client.frames.size() > 2);

            assertThat(shapes(client.said().skip(1))).containsExactly(recorded.get(format));
            client.close();
        }
    }

    /// No answer was recorded: the names are those of the documents.
    @Test
    void rows_of_rest_trades_have_the_documented_keys_and_types() throws Exception {
        assertThat(typed(SIMULATED.json(KRW, "/v1/trades/ticks?market=KRW-BTC").get(0)))
                .isEqualTo(Set.of(
                        "market:STRING",
                        "trade_date_utc:STRING",
                        "trade_time_utc:STRING",
                        "timestamp:NUMBER",
                        "trade_price:NUMBER",
                        "trade_volume:NUMBER",
                        "prev_closing_price:NUMBER",
                        "change_price:NUMBER",
                        "ask_bid:STRING",
                        "sequential_id:NUMBER"));
    }
}

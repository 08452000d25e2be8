package io.metdc.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class OkxTest {
    private static final Market SPOT = new Market(Exchange.OKX, MarketType.SPOT);
    private static final Market SWAP = new Market(Exchange.OKX, MarketType.FUTURES);
    static final Map<Market, String> BTC = Map.of(SPOT, "BTC-USDT", SWAP, "BTC-USDT-SWAP");
    private static final String BUSINESS = "/ws/v5/business";

    @RegisterExtension
    static final Simulated SIMULATED = new Simulated(SimulatorOptions.builder()
            .connects(1_000)
            .markets(SPOT, SWAP)
            .rate(4_000)
            .instruments(12)
            .past(Duration.ofSeconds(2)));

    private static String request(String operation, String... symbols) {
        return Stream.of(symbols)
                .map(symbol -> "{'channel':'trades-all','instId':'" + symbol + "'}")
                .collect(Collectors.joining(",", "{'id':'b1','op':'" + operation + "','args':[", "]}"));
    }

    private static JsonNode ask(Client client, String request) {
        return client.ask(request, frame -> frame.has("event"));
    }

    private static List<JsonNode> trades(Client client) {
        return client.said()
                .filter(frame -> frame.has("data"))
                .map(frame -> frame.at("/data/0"))
                .toList();
    }

    private static List<Long> ids(Iterable<JsonNode> rows) {
        List<Long> ids = new ArrayList<>();
        rows.forEach(row -> ids.add(Long.parseLong(row.get("tradeId").textValue())));
        return ids;
    }

    // ---- requests

    @Test
    void single_matches_are_on_the_business_socket_alone() throws Exception {
        Client client = SIMULATED.open(SPOT);
        JsonNode refused = ask(client, request("subscribe", "BTC-USDT"));

        assertThat(refused.path("code").textValue()).isEqualTo("60018");
        assertThat(refused.path("id").textValue()).isEqualTo("b1");
        assertThat(SIMULATED.open(SPOT, "/ws/v5/private").isOpen()).isFalse();
        client.close();
    }

    @Test
    void every_argument_is_answered_by_itself_and_a_bad_one_refuses_no_other() throws Exception {
        Client client = SIMULATED.open(SPOT, BUSINESS);
        client.say(request("subscribe", "BTC-USDT", "NOSUCH-USDT", "ETH-USDT"));
        await().until(() -> client.said().filter(frame -> frame.has("event")).count() == 3);
        List<JsonNode> answers =
                client.said().filter(frame -> frame.has("event")).toList();

        assertThat(answers)
                .extracting(answer -> answer.get("event").textValue())
                .containsExactly("subscribe", "error", "subscribe");
        assertThat(answers)
                .allSatisfy(answer -> assertThat(answer.get("id").textValue()).isEqualTo("b1"));
        assertThat(answers.get(0).at("/arg/instId").textValue()).isEqualTo("BTC-USDT");
        assertThat(answers.get(1).has("arg")).isFalse();
        assertThat(answers.get(1).path("msg").textValue()).contains("instId:NOSUCH-USDT doesn't exist");
        client.close();
    }

    @Test
    void the_last_trade_comes_first_and_a_second_subscription_doubles_nothing() throws Exception {
        Client first = SIMULATED.open(SWAP, BUSINESS);
        ask(first, request("subscribe", "BTC-USDT-SWAP"));
        await().until(() -> trades(first).size() > 20);
        Client second = SIMULATED.open(SWAP, BUSINESS);
        ask(second, request("subscribe", "BTC-USDT-SWAP"));
        assertThat(ask(second, request("subscribe", "BTC-USDT-SWAP"))
                        .path("event")
                        .textValue())
                .isEqualTo("subscribe");
        await().until(() -> trades(second).size() > 20);
        List<Long> ids = ids(trades(second));

        assertThat(ids)
                .isEqualTo(LongStream.range(ids.getFirst(), ids.getFirst() + ids.size())
                        .boxed()
                        .toList());
        await().until(() -> ids(trades(first)).contains(ids.getFirst()));
        assertThat(ids(trades(first))).doesNotHaveDuplicates();
        first.close();
        second.close();
    }

    @Test
    void what_is_unsubscribed_is_silent() throws Exception {
        Client client = SIMULATED.open(SPOT, BUSINESS);
        ask(client, request("subscribe", "BTC-USDT", "ETH-USDT"));
        ask(client, request("unsubscribe", "BTC-USDT"));
        await().until(() ->
                client.said().anyMatch(frame -> frame.path("event").asText().equals("unsubscribe")));
        int before = trades(client).size();
        await().until(() -> trades(client).size() > before + 20);

        assertThat(trades(client).stream().skip(before))
                .extracting(trade -> trade.path("instId").asText())
                .containsOnly("ETH-USDT");
        client.close();
    }

    @Test
    void the_text_ping_is_answered_by_the_text_pong() throws Exception {
        Client client = SIMULATED.open(SPOT, BUSINESS);

        assertThat(client.hear("ping", frame -> true)).isEqualTo("pong");
        client.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "nonsense | 60012",
                "{'op':'subscribe','argss':[]} | 60012",
                "{'op':'listen','args':[{}]} | 60019",
                "{'op':'subscribe','args':[{'channel':'trades-all','instType':'ANY'}]} | 60018",
                "{'op':'subscribe','args':[{'channel':'nothing','instId':'BTC-USDT'}]} | 60018",
            })
    void wrong_requests_have_the_codes_of_the_exchange(String request, String code) throws Exception {
        Client client = SIMULATED.open(SPOT, BUSINESS);
        JsonNode answer = ask(client, request);

        assertThat(answer.path("event").textValue()).isEqualTo("error");
        assertThat(answer.path("code").textValue()).isEqualTo(code);
        client.close();
    }

    @Test
    void a_connection_takes_480_requests_an_hour() throws Exception {
        Okx okx = new Okx(SPOT.type(), SimulatorOptions.defaults(), Simulated.quotas());
        Session session =
                okx.open(new Handshake(BUSINESS, Map.of(), Map.of(), ""), new Tape(okx.listings(), 1, false, 1, 0, 1));
        String request = request("subscribe", "BTC-USDT").replace('\'', '"');

        for (int i = 0; i < 480; i++) {
            assertThat(session.answer(request).toString()).doesNotContain("60014");
        }
        assertThat(session.answer(request).toString()).contains("60014");
    }

    @Test
    void a_frame_above_64_kilobytes_closes_the_connection() throws Exception {
        Client client = SIMULATED.open(SPOT, BUSINESS);
        client.send(" ".repeat((64 << 10) + 1));
        await().until(() -> client.closed);

        assertThat(client.closeCode).isEqualTo(1009);
    }

    @Test
    void a_silent_client_is_cut_unless_something_is_pushed_to_it() throws Exception {
        assertThat(new Okx(SPOT.type(), SimulatorOptions.defaults(), Simulated.quotas())
                        .rules()
                        .silence())
                .isEqualTo(Protocol.Silence.ofBoth(Duration.ofSeconds(30), 4004));
        try (Simulator impatient = Simulator.start(SimulatorOptions.builder()
                .markets(SPOT)
                .rate(400)
                .instruments(1)
                .clientSilence(Duration.ofSeconds(2))
                .build())) {
            URI business =
                    URI.create("ws://" + impatient.address(SPOT).websocket().getAuthority() + BUSINESS);
            Client busy = Client.open(business);
            ask(busy, request("subscribe", "BTC-USDT"));
            Client quiet = Client.open(business);
            await().until(() -> quiet.closed);
            int before = busy.frames.size();
            await().until(() -> busy.frames.size() > before + 50);

            assertThat(quiet.closeCode).isEqualTo(4004);
            assertThat(busy.closed).isFalse();
            busy.close();
        }
    }

    // ---- by REST

    @Test
    void a_trade_is_the_same_on_the_stream_and_by_rest() throws Exception {
        for (Market market : List.of(SPOT, SWAP)) {
            Client client = SIMULATED.open(market, BUSINESS);
            ask(client, request("subscribe", BTC.get(market)));
            await().until(() -> trades(client).size() > 100);
            Map<String, JsonNode> rows = Simulated.by(
                    row -> row.get("tradeId").textValue(),
                    SIMULATED
                            .json(market, "/api/v5/market/trades?limit=500&instId=" + BTC.get(market))
                            .get("data"));
            assertThat(trades(client).stream()
                            .filter(trade ->
                                    rows.containsKey(trade.get("tradeId").textValue())))
                    .hasSizeGreaterThan(50)
                    .allSatisfy(trade -> {
                        JsonNode row = rows.get(trade.get("tradeId").textValue());
                        for (String key : List.of("px", "sz", "side", "ts", "source", "instId")) {
                            assertThat(row.get(key)).as(key).isEqualTo(trade.get(key));
                        }
                    });
            client.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"trades,,100", "trades,500,500", "trades,900,500", "history-trades,,100", "history-trades,500,100"})
    void rest_has_the_newest_500_or_a_page_of_100_newest_first(String endpoint, String limit, int rows)
            throws Exception {
        List<Long> ids = ids(SIMULATED
                .json(
                        SPOT,
                        "/api/v5/market/" + endpoint + "?instId=BTC-USDT" + (limit == null ? "" : "&limit=" + limit))
                .get("data"));

        assertThat(ids.reversed()).hasSize(rows).isSorted();
        assertThat(ids.getFirst() - ids.getLast()).isEqualTo(rows - 1);
    }

    @Test
    void after_goes_back_in_time_without_a_gap_and_before_gives_the_newest_that_are_newer() throws Exception {
        String path = "/api/v5/market/history-trades?instId=BTC-USDT";
        JsonNode newest = SIMULATED.json(SPOT, path).get("data");
        long oldest = ids(newest).getLast();
        JsonNode older =
                SIMULATED.json(SPOT, path + "&type=1&limit=100&after=" + oldest).get("data");
        JsonNode newer =
                SIMULATED.json(SPOT, path + "&before=" + (oldest - 300)).get("data");
        String time = newest.get(99).path("ts").textValue();
        JsonNode before = SIMULATED.json(SPOT, path + "&type=2&after=" + time).get("data");

        assertThat(ids(older)).hasSize(100).first().isEqualTo(oldest - 1);
        assertThat(ids(newer)).hasSize(100);
        assertThat(ids(newer).getLast()).isGreaterThan(oldest - 200);
        assertThat(before.get(0).path("ts").textValue()).isLessThan(time);
        assertThat(ids(before).getFirst()).isBetween(oldest - 300, oldest - 1);
    }

    @ParameterizedTest
    @CsvSource({
        "/api/v5/market/trades?instId=NOSUCH-USDT,                200, 51001",
        "/api/v5/market/history-trades?instId=BTC-USDT&type=3,    400, 51000",
        "/api/v5/public/instruments,                              400, 51000",
        "/api/v5/nothing,                                         404, 404",
    })
    void errors_have_a_code_as_text_and_sometimes_status_200(String path, int status, String code) throws Exception {
        HttpResponse<String> answer = SIMULATED.get(SPOT, path);

        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(Client.json(answer.body()).path("code").textValue()).isEqualTo(code);
        assertThat(Client.json(answer.body()).path("data").isArray()).isTrue();
    }

    @Test
    void each_endpoint_has_a_limit_of_its_own_in_two_seconds() throws Exception {
        SettableClock clock = new SettableClock(Instant.parse("2026-11-20T10:00:00Z"));
        try (Simulator strict = Simulated.strict(SPOT, 0, clock)) {
            URI rest = strict.address(SPOT).rest();
            for (int i = 0; i < 21; i++) {
                assertThat(Client.get(rest, "/api/v5/market/history-trades?instId=BTC-USDT")
                                .statusCode())
                        .isEqualTo(i < 20 ? 200 : 429);
            }
            assertThat(Client.get(rest, "/api/v5/market/trades?instId=BTC-USDT").statusCode())
                    .isEqualTo(200);
            clock.advance(Duration.ofSeconds(2));
            assertThat(Client.get(rest, "/api/v5/market/history-trades?instId=BTC-USDT")
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void the_lists_have_what_trades_and_what_is_to_be_left_out() throws Exception {
        for (Market market : List.of(SPOT, SWAP)) {
            boolean isSpot = market.equals(SPOT);
            JsonNode list = SIMULATED.json(market, "/api/v5/public/instruments?instType=" + (isSpot ? "SPOT" : "SWAP"));
            assertThat(list.get("data")
                            .valueStream()
                            .filter(row -> row.path("state").asText().equals("live"))
                            .filter(row -> row.path("instCategory").asText().equals("1"))
                            .filter(row -> row.path("ruleType").asText().equals("normal"))
                            .filter(row -> row.path(isSpot ? "quoteCcy" : "settleCcy")
                                    .asText()
                                    .equals("USDT"))
                            .filter(row -> row.path("ctType").asText().equals(isSpot ? "" : "linear"))
                            .map(row -> row.path("instId").asText())
                            .filter(symbol -> !symbol.equals("EUR-USDT")))
                    .containsExactlyInAnyOrderElementsOf(SIMULATED.traded(market));
            assertThat(list.get("data")
                            .valueStream()
                            .map(row -> row.path("state").asText()))
                    .containsAll(Set.of("live", "preopen"));
        }
    }
}

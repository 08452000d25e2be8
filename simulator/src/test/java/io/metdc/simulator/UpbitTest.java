package io.metdc.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class UpbitTest {
    private static final Market KRW = new Market(Exchange.UPBIT, MarketType.SPOT);

    @RegisterExtension
    static final Simulated SIMULATED = new Simulated(SimulatorOptions.builder()
            .markets(KRW)
            .rate(2_000)
            .instruments(8)
            .past(Duration.ofSeconds(2))
            .connects(1_000)
            .restWeight(1_000));

    /// A client that reads the binary frames in which everything comes. Only so many may connect in a second.
    static Client open(Simulator simulator) {
        return await().until(
                        () -> {
                            Client client = Client.open(simulator.address(KRW).websocket());
                            client.readsBinary = true;
                            return client;
                        },
                        Client::isOpen);
    }

    private static String request(String... codes) {
        return requestWith("", codes);
    }

    private static String requestWith(String options, String... codes) {
        String named = Stream.of(codes).map(code -> "'" + code + "'").collect(Collectors.joining(","));
        return "[{'ticket':'t-1'},{'type':'trade','codes':[" + named + "]" + options + "},{'format':'DEFAULT'}]";
    }

    /// What was said until now. More comes at any moment, so what is compared comes from one such list.
    private static List<JsonNode> trades(Client client) {
        return client.said().filter(frame -> frame.has("sequential_id")).toList();
    }

    private static List<String> codes(List<JsonNode> trades) {
        return trades.stream().map(trade -> trade.path("code").asText()).toList();
    }

    private static List<JsonNode> snapshots(List<JsonNode> trades) {
        return trades.stream()
                .filter(trade -> trade.path("stream_type").asText().equals("SNAPSHOT"))
                .toList();
    }

    private static void live(Client client, int most) {
        int before = trades(client).size();
        await().until(() -> trades(client).size() > before + most);
    }

    // ---- requests

    @Test
    void the_newest_trade_of_every_code_comes_first_and_nothing_else_answers() throws Exception {
        Client client = open(SIMULATED.simulator());
        client.say(request("KRW-BTC", "KRW-USDT", "KRW-NOSUCH"));
        live(client, 20);

        List<JsonNode> trades = client.said().toList();
        assertThat(trades)
                .allSatisfy(frame -> assertThat(frame.has("sequential_id")).isTrue());
        assertThat(codes(snapshots(trades))).containsExactlyInAnyOrder("KRW-BTC", "KRW-USDT");
        assertThat(trades.subList(0, 2)).isEqualTo(snapshots(trades));
        for (String code : List.of("KRW-BTC", "KRW-USDT")) {
            assertThat(trades.stream()
                            .filter(trade -> trade.path("code").asText().equals(code))
                            .map(trade -> trade.path("sequential_id").asLong()))
                    .doesNotHaveDuplicates()
                    .isSorted();
        }
        client.close();
    }

    @Test
    void messages_are_binary() throws Exception {
        Client client = open(SIMULATED.simulator());
        client.readsBinary = false;
        client.say(request("KRW-BTC"));
        await().until(() -> client.binary.size() > 5);

        assertThat(client.frames).isEmpty();
        client.close();
    }

    @Test
    void a_request_replaces_the_one_before() throws Exception {
        Client client = open(SIMULATED.simulator());
        client.say(request("KRW-BTC", "KRW-USDT"));
        live(client, 20);
        client.say(request("KRW-USDT", "KRW-ETH"));
        await().until(() -> codes(snapshots(trades(client))).contains("KRW-ETH"));
        int before = trades(client).size();
        live(client, 30);

        assertThat(codes(trades(client)).subList(before, before + 30)).doesNotContain("KRW-BTC");
        client.close();
    }

    @Test
    void only_the_past_or_only_the_present_can_be_asked_for() throws Exception {
        Client past = open(SIMULATED.simulator());
        past.say(requestWith(",'is_only_snapshot':true", "KRW-BTC", "KRW-USDT"));
        Client present = open(SIMULATED.simulator());
        present.say(requestWith(",'is_only_realtime':true", "KRW-BTC", "KRW-USDT"));
        live(present, 50);

        assertThat(trades(past)).hasSize(2).isEqualTo(snapshots(trades(past)));
        assertThat(snapshots(trades(present))).isEmpty();
        past.close();
        present.close();
    }

    @Test
    void asking_what_is_subscribed_changes_the_format_of_the_stream() throws Exception {
        Client client = open(SIMULATED.simulator());
        client.say(request("KRW-BTC", "KRW-NOSUCH"));
        live(client, 5);
        JsonNode answer = client.ask(
                "[{'ticket':'t-2'},{'method':'LIST_SUBSCRIPTIONS'},{'format':'SIMPLE'}]", frame -> frame.has("method"));
        assertThat(answer)
                .hasToString("{\"method\":\"LIST_SUBSCRIPTIONS\",\"result\":[{\"type\":\"trade\",\"codes\":"
                        + "[\"KRW-BTC\",\"KRW-NOSUCH\"]}],\"ticket\":\"t-2\"}");
        int before = client.frames.size();
        await().until(() -> client.frames.size() > before + 10);

        assertThat(client.since(before)).allSatisfy(frame -> assertThat(frame).startsWith("{\"ty\":\"trade\",\"cd\":"));
        client.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "nonsense | WRONG_FORMAT",
                "{'ticket':'t'} | WRONG_FORMAT",
                "[{'type':'trade','codes':['KRW-BTC']}] | NO_TICKET",
                "[{'ticket':'t'},{'format':'DEFAULT'}] | NO_TYPE",
                "[{'ticket':'t'},{'type':'trade'}] | NO_CODES",
                "[{'ticket':'t'},{'type':'trades','codes':['KRW-BTC']}] | INVALID_PARAM",
                "[{'ticket':'t'},{'type':'trade','codes':['KRW-BTC']},{'format':'SHORT'}] | INVALID_PARAM",
            })
    void wrong_requests_have_the_names_of_the_exchange(String request, String name) throws Exception {
        Client client = open(SIMULATED.simulator());

        assertThat(client.ask(request, frame -> true).at("/error/name").asText())
                .isEqualTo(name);
        client.close();
    }

    @Test
    void the_text_ping_is_answered_by_a_status() throws Exception {
        Client client = open(SIMULATED.simulator());

        assertThat(client.hear("PING", frame -> true)).isEqualTo("{\"status\":\"UP\"}");
        assertThat(new Upbit(SimulatorOptions.defaults(), Simulated.quotas())
                        .rules()
                        .silence())
                .isEqualTo(Protocol.Silence.ofClient(Duration.ofMinutes(2), 0));
        client.close();
    }

    @Test
    void one_address_connects_five_times_a_second_and_with_an_origin_once_in_ten() throws Exception {
        SettableClock clock = new SettableClock(Instant.parse("2026-11-20T10:00:00Z"));
        try (Simulator strict = Simulated.strict(KRW, 0, clock)) {
            URI address = strict.address(KRW).websocket();
            for (int i = 0; i < 6; i++) {
                assertThat(Client.open(address).isOpen()).isEqualTo(i < 5);
            }
            clock.advance(Duration.ofSeconds(1));
            Map<String, String> origin = Map.of("Origin", "https://upbit.com");
            assertThat(Client.open(address, origin).isOpen()).isTrue();
            clock.advance(Duration.ofSeconds(2));
            assertThat(Client.open(address).isOpen()).isTrue();
            assertThat(Client.open(address, origin).isOpen()).isFalse();
        }
    }

    // ---- trades

    @Test
    void a_trade_is_the_same_on_the_stream_and_by_rest_in_the_spelling_of_java() throws Exception {
        Client client = open(SIMULATED.simulator());
        client.say(request("KRW-BTC"));
        await().until(() -> trades(client).size() > 100);
        String body =
                SIMULATED.get(KRW, "/v1/trades/ticks?market=KRW-BTC&count=500").body();
        Map<String, JsonNode> rows =
                Simulated.by(row -> row.path("sequential_id").asText(), Client.json(body));

        assertThat(trades(client).stream()
                        .filter(trade ->
                                rows.containsKey(trade.path("sequential_id").asText())))
                .hasSizeGreaterThan(50)
                .allSatisfy(trade -> {
                    JsonNode row = rows.get(trade.path("sequential_id").asText());
                    for (String key : List.of("trade_price", "trade_volume", "ask_bid")) {
                        assertThat(row.get(key)).as(key).isEqualTo(trade.get(key));
                    }
                    assertThat(row.get("timestamp")).isEqualTo(trade.get("trade_timestamp"));
                    assertThat(row.get("trade_date_utc")).isEqualTo(trade.get("trade_date"));
                    assertThat(row.get("trade_time_utc")).isEqualTo(trade.get("trade_time"));
                    assertThat(row.get("trade_time_utc").textValue()).hasSize(8);
                    assertThat(row.get("sequential_id").longValue()).isGreaterThan(1L << 53);
                });
        assertThat(body)
                .containsPattern("\"trade_volume\":[1-9]\\.\\d+E-\\d,")
                .containsPattern("trade_price\":\\d+\\.0,");
        client.close();
    }

    @ParameterizedTest
    @CsvSource({
        "0.00008428,8.428E-5",
        "0.001,0.001",
        "0.0009,9.0E-4",
        "1020,1020.0",
        "152.30411,152.30411",
        "10.50,10.5"
    })
    void numbers_are_written_as_java_does(String number, String written) {
        assertThat(Upbit.number(new BigDecimal(number))).isEqualTo(written);
        assertThat(new BigDecimal(written)).isEqualByComparingTo(number);
    }

    // ---- by REST

    @Test
    void the_cursor_reaches_back_without_a_gap_through_ids_that_leave_numbers_out() throws Exception {
        try (Simulator strict = Simulated.strict(KRW, 0, new SettableClock(Instant.parse("2026-11-20T10:00:00Z")))) {
            URI rest = strict.address(KRW).rest();
            String path = "/v1/trades/ticks?market=KRW-USDT&count=";
            List<Long> whole = ids(Client.json(Client.get(rest, path + 300).body()));
            List<Long> paged = new ArrayList<>();
            String cursor = "";
            for (int page = 0; page < 3; page++) {
                paged.addAll(
                        ids(Client.json(Client.get(rest, path + 100 + cursor).body())));
                cursor = "&cursor=" + paged.getLast();
            }

            assertThat(paged).isEqualTo(whole);
            assertThat(whole.reversed()).hasSize(300).isSorted().doesNotHaveDuplicates();
            assertThat(whole.getFirst() - whole.getLast()).isGreaterThan(300);
            JsonNode earlier =
                    Client.json(Client.get(rest, path + 10 + "&to=09:59:50").body());
            assertThat(earlier)
                    .hasSize(10)
                    .allSatisfy(row ->
                            assertThat(row.path("trade_time_utc").asText()).isLessThanOrEqualTo("09:59:50"));
        }
    }

    private static List<Long> ids(JsonNode rows) {
        return rows.valueStream().map(row -> row.path("sequential_id").asLong()).toList();
    }

    @Test
    void a_day_is_a_day_of_utc() throws Exception {
        SettableClock clock = new SettableClock(Instant.parse("2026-11-20T00:00:05Z"));
        try (Simulator strict = Simulated.strict(KRW, 0, clock)) {
            URI rest = strict.address(KRW).rest();
            JsonNode today = Client.json(Client.get(rest, "/v1/trades/ticks?market=KRW-USDT&count=500")
                    .body());
            JsonNode yesterday = Client.json(Client.get(rest, "/v1/trades/ticks?market=KRW-USDT&count=500&days_ago=1")
                    .body());

            assertThat(today)
                    .isNotEmpty()
                    .allSatisfy(row ->
                            assertThat(row.path("trade_date_utc").asText()).isEqualTo("2026-11-20"));
            assertThat(yesterday)
                    .isNotEmpty()
                    .allSatisfy(row ->
                            assertThat(row.path("trade_date_utc").asText()).isEqualTo("2026-11-19"));
            assertThat(ids(today).getLast()).isGreaterThan(ids(yesterday).getFirst());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/trades/ticks?market=KRW-NOSUCH,             404",
        "/v1/trades/ticks?market=KRW-BTC&count=501,      400",
        "/v1/trades/ticks?market=KRW-BTC&days_ago=8,     400",
        "/v1/trades/ticks?market=KRW-BTC&to=25h,         400",
        "/v1/trades/ticks?market=KRW-BTC&cursor=x,       400",
        "/v1/nothing,                                    404",
    })
    void a_wrong_request_is_an_error(String path, int status) throws Exception {
        HttpResponse<String> answer = await().until(() -> SIMULATED.get(KRW, path), got -> got.statusCode() != 429);

        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(Client.json(answer.body()).at("/error/message").asText()).isNotEmpty();
    }

    @Test
    void each_group_has_ten_requests_a_second_and_with_an_origin_one_in_ten_seconds() throws Exception {
        SettableClock clock = new SettableClock(Instant.parse("2026-11-20T10:00:00Z"));
        try (Simulator strict = Simulated.strict(KRW, 0, clock)) {
            URI rest = strict.address(KRW).rest();
            HttpResponse<String> first = Client.get(rest, "/v1/trades/ticks?market=KRW-BTC");
            assertThat(first.headers().firstValue("Remaining-Req")).contains("group=trade; min=1800; sec=9");
            for (int i = 1; i < 11; i++) {
                assertThat(Client.get(rest, "/v1/trades/ticks?market=KRW-BTC").statusCode())
                        .isEqualTo(i < 10 ? 200 : 429);
            }
            assertThat(Client.get(rest, "/v1/market/all").statusCode()).isEqualTo(200);
            clock.advance(Duration.ofSeconds(1));
            String[] origin = {"Origin", "https://upbit.com"};
            assertThat(Client.get(rest, "/v1/market/all", origin).statusCode()).isEqualTo(200);
            assertThat(Client.get(rest, "/v1/market/all", origin).statusCode()).isEqualTo(429);
            clock.advance(Duration.ofSeconds(10));
            assertThat(Client.get(rest, "/v1/market/all", origin).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void the_list_has_other_quotes_too_and_details_when_they_are_asked_for() throws Exception {
        List<String> markets = SIMULATED
                .json(KRW, "/v1/market/all")
                .valueStream()
                .map(row -> row.path("market").asText())
                .toList();

        assertThat(markets.stream().filter(market -> market.startsWith("KRW-")))
                .containsExactlyElementsOf(SIMULATED.traded(KRW));
        assertThat(markets)
                .contains("USDT-BTC", "BTC-ETH")
                .hasSizeGreaterThan(100)
                .doesNotHaveDuplicates();
        assertThat(SIMULATED.json(KRW, "/v1/market/all").get(0).has("market_event"))
                .isFalse();
    }
}

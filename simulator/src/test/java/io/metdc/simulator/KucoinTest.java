package io.metdc.simulator;

import static io.metdc.simulator.KucoinClient.FUTURES;
import static io.metdc.simulator.KucoinClient.SPOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.metdc.market.Market;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class KucoinTest {
    private static Simulator simulator;

    @BeforeAll
    static void start() throws Exception {
        simulator = Simulator.start(SimulatorOptions.builder()
                .markets(SPOT, FUTURES)
                .rate(4_000)
                .instruments(12)
                .past(Duration.ofSeconds(2))
                .build());
    }

    @AfterAll
    static void stop() {
        simulator.close();
    }

    private static JsonNode data(Market market, String path) throws Exception {
        HttpResponse<String> answer = Client.get(simulator.address(market).rest(), path);
        assertThat(Client.json(answer.body()).path("code").textValue())
                .as(answer.body())
                .isEqualTo("200000");
        return Client.json(answer.body()).get("data");
    }

    // ---- tokens

    @Test
    void a_token_opens_one_connection_and_no_second_one() throws Exception {
        JsonNode ticket = KucoinClient.ticket(simulator, SPOT);
        assertThat(ticket.at("/instanceServers/0/pingInterval").asInt()).isEqualTo(18_000);
        try (KucoinClient first = KucoinClient.open(KucoinClient.address(ticket));
                KucoinClient second = KucoinClient.open(KucoinClient.address(ticket));
                KucoinClient other = KucoinClient.open(KucoinClient.address(KucoinClient.ticket(simulator, SPOT)))) {
            assertThat(first.socket().frames.getFirst()).isEqualTo("{\"id\":\"c-1\",\"type\":\"welcome\"}");
            assertThat(second.socket().frames.getFirst())
                    .isEqualTo("{\"type\":\"error\",\"code\":401,\"data\":\"token is invalid\"}");
            assertThat(second.subscribe("/market/match:BTC-USDT").path("code").asInt())
                    .isEqualTo(401);
            assertThat(other.socket().frames.getFirst()).contains("welcome");
        }
    }

    @Test
    void a_token_of_one_market_opens_nothing_on_the_other() throws Exception {
        String token = KucoinClient.ticket(simulator, SPOT).path("token").asText();
        URI futures = simulator.address(FUTURES).websocket();

        assertThat(futures.toString()).endsWith("/");
        try (KucoinClient client = KucoinClient.open(URI.create(futures + "?connectId=x&token=" + token))) {
            assertThat(client.socket().frames.getFirst()).contains("401");
        }
    }

    @Test
    void a_token_is_good_for_a_day_and_connects_for_thirty_a_minute() throws Exception {
        SettableClock clock = new SettableClock(Instant.parse("2026-11-20T10:00:00Z"));
        try (Simulator strict = Simulated.strict(SPOT, 0, clock)) {
            URI old = KucoinClient.address(KucoinClient.ticket(strict, SPOT));
            clock.advance(Duration.ofHours(24).plusSeconds(1));
            try (KucoinClient client = KucoinClient.open(old)) {
                assertThat(client.socket().frames.getFirst()).contains("401", "token is expired");
            }
            clock.advance(Duration.ofSeconds(61));
            for (int i = 0; i < 31; i++) {
                try (KucoinClient client = KucoinClient.open(strict, SPOT)) {
                    assertThat(client.socket().frames.getFirst()).contains(i < 30 ? "welcome" : "509");
                }
            }
            clock.advance(Duration.ofSeconds(61));
            try (KucoinClient client = KucoinClient.open(strict, SPOT)) {
                assertThat(client.socket().frames.getFirst()).contains("welcome");
            }
        }
    }

    @Test
    void the_address_is_told_by_the_token_and_not_configured() {
        assertThat(simulator.configuration()).contains("kucoin:", "rest_url").doesNotContain("websocket_url");
    }

    @Test
    void another_path_is_refused() throws Exception {
        URI address = KucoinClient.address(KucoinClient.ticket(simulator, SPOT));
        Client client = Client.open(URI.create(address.toString().replace("/?", "/endpoint?")));

        assertThat(client.isOpen()).isFalse();
    }

    // ---- requests

    @Test
    void a_topic_of_many_symbols_is_acknowledged_once_by_its_number_as_text() throws Exception {
        try (KucoinClient client = KucoinClient.open(simulator, SPOT)) {
            assertThat(client.subscribe("/market/match:BTC-USDT,ETH-USDT,GALAX-USDT,NOSUCH-USDT"))
                    .hasToString("{\"id\":\"7\",\"type\":\"ack\"}");
            await().until(() -> symbols(client).size() == 3);
            assertThat(symbols(client)).containsExactlyInAnyOrder("BTC-USDT", "ETH-USDT", "GALAX-USDT");
            assertThat(client.socket().frames)
                    .filteredOn(frame -> frame.contains("match"))
                    .allSatisfy(frame -> assertThat(
                                    Client.json(frame).path("topic").asText())
                            .isEqualTo("/market/match:"
                                    + Client.json(frame).at("/data/symbol").asText()));
        }
    }

    @Test
    void what_is_unsubscribed_is_silent() throws Exception {
        try (KucoinClient client = KucoinClient.open(simulator, FUTURES)) {
            client.subscribe("/contractMarket/execution:XBTUSDTM,ETHUSDTM");
            await().until(() -> symbols(client).size() == 2);
            client.ask("{'id':'8','type':'unsubscribe','topic':'/contractMarket/execution:XBTUSDTM','response':true}");
            int before = client.trades().size();
            await().until(() -> client.trades().size() > before + 20);

            assertThat(client.trades().subList(before, before + 20))
                    .extracting(trade -> trade.path("symbol").asText())
                    .containsOnly("ETHUSDTM");
        }
    }

    @Test
    void the_newest_matches_come_again_on_subscribing_and_nothing_else_does() throws Exception {
        try (KucoinClient first = KucoinClient.open(simulator, SPOT)) {
            first.subscribe("/market/match:BTC-USDT");
            await().until(() -> first.trades().size() > 50);
            try (KucoinClient second = KucoinClient.open(simulator, SPOT)) {
                second.subscribe("/market/match:BTC-USDT");
                await().until(() -> second.trades().size() > 50);
                List<String> ids = ids(second);

                assertThat(ids).doesNotHaveDuplicates().isSorted();
                assertThat(ids(first)).containsSubsequence(ids.subList(0, 2));
            }
            assertThat(ids(first)).doesNotHaveDuplicates();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'id':'1','type':'subscribe','topic':'/market/nothing:BTC-USDT'} | 404 | 1",
                "{'id':'1','type':'subscribe','topic':'/contractMarket/execution:XBTUSDTM'} | 404 | 1",
                "{'id':'1','type':'subscribe','topic':'/market/match:'} | 404 | 1",
                "{'id':'1','type':'subscribe'} | 406 | 1",
                "{'id':2,'type':'subscribe','topic':'/market/match:A','privateChannel':true} | 403 | 2",
                "{'id':'1','type':'listen'} | 415 | 1",
                "{'type':'listen'} | 415 | ``",
                "nonsense | 400 | ``",
            })
    void wrong_requests_have_the_codes_of_the_exchange(String request, int code, String id) throws Exception {
        try (KucoinClient client = KucoinClient.open(simulator, SPOT)) {
            JsonNode answer = client.ask(request);

            assertThat(answer.path("type").asText()).isEqualTo("error");
            assertThat(answer.get("code").intValue()).isEqualTo(code);
            assertThat(answer.path("id").asText()).isEqualTo(id);
            assertThat(answer.get("data").isTextual()).isTrue();
        }
    }

    @Test
    void a_frame_takes_a_hundred_symbols_and_a_spot_connection_four_hundred_topics() throws Exception {
        try (KucoinClient spot = KucoinClient.open(simulator, SPOT);
                KucoinClient futures = KucoinClient.open(simulator, FUTURES)) {
            assertThat(spot.subscribe("/market/match:" + names(0, 101))
                            .path("data")
                            .asText())
                    .isEqualTo("exceed max subscription count limitation of 100 per time");
            for (int i = 0; i < 4; i++) {
                assertThat(spot.subscribe("/market/match:" + names(100 * i, 100 * i + 100))
                                .path("type")
                                .asText())
                        .isEqualTo("ack");
            }
            assertThat(spot.subscribe("/market/match:" + names(400, 401)))
                    .hasToString("{\"id\":\"7\",\"type\":\"error\",\"code\":509,\"data\":"
                            + "\"exceed max subscription count limitation of 400 per session\"}");
            assertThat(spot.subscribe("/market/match:" + names(0, 1))
                            .path("type")
                            .asText())
                    .isEqualTo("ack");
            for (int i = 0; i < 5; i++) {
                assertThat(futures.subscribe("/contractMarket/execution:" + names(100 * i, 100 * i + 100))
                                .path("type")
                                .asText())
                        .isEqualTo("ack");
            }
        }
    }

    private static String names(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "N" + i + "-USDT").collect(Collectors.joining(","));
    }

    @Test
    void a_ping_is_answered_with_its_number_and_microseconds() throws Exception {
        try (KucoinClient client = KucoinClient.open(simulator, SPOT)) {
            JsonNode pong = client.ask("{'id':'1795012346000','type':'ping'}");

            assertThat(pong.path("type").asText()).isEqualTo("pong");
            assertThat(pong.path("id").asText()).isEqualTo("1795012346000");
            assertThat(pong.path("timestamp").asText()).hasSize(16);
        }
    }

    @Test
    void a_client_is_cut_for_silence_and_for_a_hundred_and_one_frames() throws Exception {
        Protocol.Rules rules = new Kucoin(SPOT.type(), SimulatorOptions.defaults(), Simulated.quotas()).rules();
        assertThat(rules.silence()).isEqualTo(Protocol.Silence.ofClient(Duration.ofSeconds(60), 1000));
        assertThat(rules.pingEvery()).isNull();
        try (KucoinClient client = KucoinClient.open(simulator, SPOT)) {
            for (int i = 0; i < 101; i++) {
                client.socket().send("{\"id\":\"" + i + "\",\"type\":\"ping\"}");
            }
            await().until(() -> client.socket().closed);
            assertThat(client.socket().closeCode).isEqualTo(1008);
        }
    }

    // ---- by REST

    @Test
    void a_spot_trade_is_the_same_on_the_stream_and_by_rest() throws Exception {
        Map<String, JsonNode> rows = new HashMap<>();
        int compared = 0;
        try (KucoinClient client = KucoinClient.open(simulator, SPOT)) {
            client.subscribe("/market/match:BTC-USDT,NANO-USDT,GIGA-USDT");
            await().until(() -> client.trades().size() > 300);
            for (String symbol : List.of("BTC-USDT", "NANO-USDT", "GIGA-USDT")) {
                for (JsonNode row : data(SPOT, "/api/v1/market/histories?symbol=" + symbol)) {
                    rows.put(symbol + row.get("sequence").textValue(), row);
                }
            }
            for (JsonNode trade : client.trades()) {
                JsonNode row = rows.get(
                        trade.path("symbol").asText() + trade.get("tradeId").textValue());
                if (row != null) {
                    compared++;
                    assertThat(List.of(row.get("price"), row.get("size"), row.get("side")))
                            .isEqualTo(List.of(trade.get("price"), trade.get("size"), trade.get("side")));
                    assertThat(row.get("time").isIntegralNumber()).isTrue();
                    assertThat(row.get("time").asText())
                            .isEqualTo(trade.get("time").textValue());
                    assertThat(trade.get("tradeId")).isEqualTo(trade.get("sequence"));
                    assertThat(trade.get("time").textValue()).hasSize(19).endsWith("000000");
                }
            }
        }
        assertThat(compared).isGreaterThan(100);
    }

    @Test
    void a_futures_trade_is_the_same_on_the_stream_and_by_rest() throws Exception {
        try (KucoinClient client = KucoinClient.open(simulator, FUTURES)) {
            client.subscribe("/contractMarket/execution:XBTUSDTM");
            await().until(() -> client.trades().size() > 150);
            Map<String, JsonNode> trades = new HashMap<>();
            client.trades().forEach(trade -> trades.put(trade.get("tradeId").textValue(), trade));
            int compared = 0;
            for (JsonNode row : data(FUTURES, "/api/v1/trade/history?symbol=XBTUSDTM")) {
                JsonNode trade = trades.get(row.get("tradeId").textValue());
                if (trade != null) {
                    compared++;
                    for (String key : List.of("sequence", "ts", "size", "price", "side")) {
                        assertThat(row.get(key)).as(key).isEqualTo(trade.get(key));
                    }
                }
            }
            assertThat(compared).isGreaterThan(20);
        }
    }

    @Test
    void numbers_rise_and_leave_others_out_and_rest_has_a_hundred_in_the_order_of_its_market() throws Exception {
        List<Long> spot = new ArrayList<>();
        List<Long> futures = new ArrayList<>();
        data(SPOT, "/api/v1/market/histories?symbol=BTC-USDT")
                .forEach(row -> spot.add(Long.parseLong(row.get("sequence").textValue())));
        data(FUTURES, "/api/v1/trade/history?symbol=XBTUSDTM")
                .forEach(row -> futures.add(row.get("sequence").longValue()));

        assertThat(spot).hasSize(100).isSorted().doesNotHaveDuplicates();
        assertThat(futures.reversed()).hasSize(100).isSorted().doesNotHaveDuplicates();
        assertThat(spot.getFirst()).isGreaterThan(1L << 53);
        assertThat(spot.getLast() - spot.getFirst()).isGreaterThan(300);
    }

    @ParameterizedTest
    @CsvSource({
        "spot,    /api/v1/market/histories?symbol=NOSUCH-USDT, 200, 200003",
        "futures, /api/v1/trade/history?symbol=NOSUCHUSDTM,    200, 404000",
        "spot,    /api/v1/nothing,                             404, 404000",
        "futures, /api/v2/symbols,                             404, 404000",
        "spot,    /api/v1/bullet-public,                       405, 405000",
    })
    void errors_have_a_code_as_text_and_often_status_200(String market, String path, int status, String code)
            throws Exception {
        HttpResponse<String> answer = Client.get(
                simulator.address(market.equals("spot") ? SPOT : FUTURES).rest(), path);

        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(Client.json(answer.body()).path("code").textValue()).isEqualTo(code);
    }

    @Test
    void weight_comes_from_a_pool_that_fills_every_thirty_seconds() throws Exception {
        SettableClock clock = new SettableClock(Instant.parse("2026-11-20T10:00:07Z"));
        try (Simulator strict = Simulated.strict(SPOT, 13, clock)) {
            URI rest = strict.address(SPOT).rest();
            HttpResponse<String> token = KucoinClient.post(strict, SPOT, "/api/v1/bullet-public");
            assertThat(token.headers().firstValue("gw-ratelimit-limit")).contains("13");
            assertThat(token.headers().firstValue("gw-ratelimit-remaining")).contains("3");
            String path = "/api/v1/market/histories?symbol=BTC-USDT";
            assertThat(Client.get(rest, path).statusCode()).isEqualTo(200);
            HttpResponse<String> refused = Client.get(rest, path);
            assertThat(refused.statusCode()).isEqualTo(429);
            assertThat(refused.headers().firstValue("gw-ratelimit-reset")).contains("23000");
            assertThat(Client.json(refused.body()).path("code").textValue()).isEqualTo("429000");

            clock.advance(Duration.ofSeconds(23));
            assertThat(Client.get(rest, path).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void the_spot_list_has_what_trades_and_what_is_to_be_left_out() throws Exception {
        Map<String, JsonNode> rows = bySymbol(data(SPOT, "/api/v2/symbols"));
        Set<String> byHand = Set.of("QTUM3S-USDT", "BTCUP-USDT", "BTCDOWN-USDT", "TSLAX-USDT", "EUR-USDT");

        assertThat(rows.values().stream()
                        .filter(row -> row.path("quoteCurrency").asText().equals("USDT")
                                && row.path("enableTrading").asBoolean()
                                && !Set.of("ETF", "Stocks")
                                        .contains(row.path("market").asText())
                                && !byHand.contains(row.path("symbol").asText()))
                        .map(row -> row.path("symbol").asText()))
                .containsExactlyInAnyOrderElementsOf(traded(SPOT));
        assertThat(rows.keySet()).containsAll(byHand).contains("ETH-BTC", "BTC3L-USDT", "NFLXX-USDT", "GROVE-USDT");
        assertThat(rows.get("GALAX-USDT").path("name").asText()).isEqualTo("GALA-USDT");
        assertThat(rows.get("GALAX-USDT").path("baseCurrency").asText()).isEqualTo("GALAX");
    }

    @Test
    void the_futures_list_has_what_trades_and_what_is_to_be_left_out() throws Exception {
        Map<String, JsonNode> rows = bySymbol(data(FUTURES, "/api/v1/contracts/active"));

        assertThat(rows.values().stream()
                        .filter(row -> row.path("type").asText().equals("FFWCSX")
                                && row.path("quoteCurrency").asText().equals("USDT")
                                && row.path("settleCurrency").asText().equals("USDT")
                                && !row.path("isInverse").asBoolean()
                                && row.path("status").asText().equals("Open")
                                && row.path("marketStage").asText().equals("NORMAL")
                                && row.path("assetClass").asText().equals("CRYPTO"))
                        .map(row -> row.path("symbol").asText()))
                .containsExactlyInAnyOrderElementsOf(traded(FUTURES));
        assertThat(rows).hasSize(traded(FUTURES).size() + 7);
        assertThat(rows.get("GALAUSDTM").path("expireDate").isIntegralNumber()).isTrue();
        assertThat(rows.get("XBTUSDTM").path("multiplier").decimalValue())
                .isEqualByComparingTo(new BigDecimal("0.001"));
        assertThat(Client.get(simulator.address(FUTURES).rest(), "/api/v1/contracts/active")
                        .body())
                .contains("\"multiplier\":1.0E-4", "\"multiplier\":10.0", "\"multiplier\":0.001");
    }

    private static List<String> traded(Market market) {
        return simulator.report(market).instruments().stream()
                .map(Sent.OfInstrument::symbol)
                .toList();
    }

    private static Map<String, JsonNode> bySymbol(JsonNode list) {
        Map<String, JsonNode> rows = new HashMap<>();
        list.forEach(row -> rows.put(row.path("symbol").asText(), row));
        return rows;
    }

    private static Set<String> symbols(KucoinClient client) {
        return client.trades().stream()
                .map(trade -> trade.path("symbol").asText())
                .collect(Collectors.toSet());
    }

    private static List<String> ids(KucoinClient client) {
        return client.trades().stream()
                .map(trade -> trade.path("tradeId").asText())
                .toList();
    }
}

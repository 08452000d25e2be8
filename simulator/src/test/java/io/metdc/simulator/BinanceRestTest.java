package io.metdc.simulator;

import static io.metdc.simulator.SimulatorOptions.BINANCE_FUTURES;
import static io.metdc.simulator.SimulatorOptions.BINANCE_SPOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.metdc.market.Market;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class BinanceRestTest {
    private static Simulator simulator;
    private static HttpClient http;

    @BeforeAll
    static void start() throws Exception {
        simulator = Simulator.start(SimulatorOptions.builder()
                .rate(4_000)
                .instruments(10)
                .past(Duration.ofSeconds(2))
                .build());
        http = HttpClient.newHttpClient();
    }

    @AfterAll
    static void stop() {
        simulator.close();
        http.close();
    }

    private static HttpResponse<String> get(Market market, String path, String... headers) throws Exception {
        return Client.get(http, simulator.address(market).rest(), path, headers);
    }

    private static JsonNode json(Market market, String path, String... headers) throws Exception {
        HttpResponse<String> answer = get(market, path, headers);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return Client.json(answer.body());
    }

    @Test
    void a_spot_trade_is_the_same_on_the_stream_and_by_rest() throws Exception {
        assertSame(
                BINANCE_SPOT,
                "/stream?timeUnit=MICROSECOND&streams=btcusdt@trade/nanousdt@trade/gigausdt@trade",
                "/api/v3/trades?limit=1000&symbol=");
    }

    @Test
    void a_futures_trade_is_the_same_on_the_stream_and_by_rest() throws Exception {
        assertSame(
                BINANCE_FUTURES,
                "/public/stream?streams=btcusdt@trade/nanousdt@trade/gigausdt@trade",
                "/fapi/v1/trades?limit=1000&symbol=");
    }

    private static void assertSame(Market market, String resource, String path) throws Exception {
        URI printed = simulator.address(market).websocket();
        Client client = Client.open(URI.create("ws://" + printed.getAuthority() + resource));
        await().until(() -> client.trades().size() > 500);
        client.close();
        Map<String, JsonNode> rows = new HashMap<>();
        for (String symbol : List.of("BTCUSDT", "NANOUSDT", "GIGAUSDT")) {
            for (JsonNode row : json(market, path + symbol, "X-MBX-TIME-UNIT", "MICROSECOND")) {
                rows.put(symbol + row.get("id"), row);
            }
        }
        int compared = 0;
        for (JsonNode trade : client.trades()) {
            JsonNode row = rows.get(trade.get("s").asText() + trade.get("t"));
            boolean isPublic = !trade.has("X")
                    || List.of("MARKET", "RPI").contains(trade.get("X").asText());
            if (!isPublic) {
                assertThat(row).isNull();
            } else if (row != null) {
                compared++;
                assertThat(row.get("price")).isEqualTo(trade.get("p"));
                assertThat(row.get("qty")).isEqualTo(trade.get("q"));
                assertThat(row.get("time")).isEqualTo(trade.get("T"));
                assertThat(row.get("isBuyerMaker")).isEqualTo(trade.get("m"));
                assertThat(row.path("isRPITrade").asBoolean())
                        .isEqualTo(trade.path("X").asText().equals("RPI"));
            }
        }
        assertThat(compared).isGreaterThan(300);
    }

    @Test
    void spot_history_is_read_by_id_a_thousand_at_a_time_without_a_hole() throws Exception {
        long from = json(BINANCE_SPOT, "/api/v3/historicalTrades?symbol=BTCUSDT&fromId=0&limit=1")
                .get(0)
                .get("id")
                .asLong();
        List<Long> ids = new ArrayList<>();
        for (int page = 0; page < 2; page++) {
            long next = ids.isEmpty() ? from : ids.getLast() + 1;
            JsonNode rows = json(BINANCE_SPOT, "/api/v3/historicalTrades?symbol=BTCUSDT&limit=400&fromId=" + next);
            rows.forEach(row -> ids.add(row.get("id").asLong()));
        }
        assertThat(ids).isEqualTo(LongStream.range(from, from + 800).boxed().toList());
        assertThat(json(BINANCE_SPOT, "/api/v3/historicalTrades?symbol=BTCUSDT&fromId=99999999999999"))
                .isEmpty();
    }

    @Test
    void futures_give_the_newest_market_trades_and_leave_consumed_ids_out() throws Exception {
        JsonNode rows = json(BINANCE_FUTURES, "/fapi/v1/trades?symbol=BTCUSDT&limit=1000");
        assertThat(rows).hasSize(1000);
        long spread = rows.get(999).get("id").asLong() - rows.get(0).get("id").asLong();
        assertThat(spread).isGreaterThan(999);
        for (int i = 1; i < rows.size(); i++) {
            assertThat(rows.get(i).get("id").asLong())
                    .isGreaterThan(rows.get(i - 1).get("id").asLong());
            assertThat(rows.get(i).get("price").asText()).isNotEqualTo("0");
        }
        assertThat(json(BINANCE_FUTURES, "/fapi/v1/trades?symbol=BTCUSDT")).hasSize(500);
    }

    @Test
    void the_time_unit_header_switches_spot_to_microseconds_and_futures_know_none() throws Exception {
        String spot = "/api/v3/trades?symbol=BTCUSDT&limit=1";
        assertThat(json(BINANCE_SPOT, spot).get(0).get("time").asText()).hasSize(13);
        assertThat(json(BINANCE_SPOT, spot, "X-MBX-TIME-UNIT", "MICROSECOND")
                        .get(0)
                        .get("time")
                        .asText())
                .hasSize(16);
        assertThat(json(BINANCE_FUTURES, "/fapi/v1/trades?symbol=BTCUSDT&limit=1", "X-MBX-TIME-UNIT", "MICROSECOND")
                        .get(0)
                        .get("time")
                        .asText())
                .hasSize(13);
    }

    @Test
    void the_clock_is_asked_by_time_and_that_of_the_futures_list_is_old() throws Exception {
        long now = Instant.now().toEpochMilli();
        assertThat(json(BINANCE_SPOT, "/api/v3/time").get("serverTime").asLong())
                .isBetween(now - 1_000, now + 10_000);
        assertThat(json(BINANCE_FUTURES, "/fapi/v1/time").get("serverTime").asLong())
                .isBetween(now - 1_000, now + 10_000);
        assertThat(json(BINANCE_FUTURES, "/fapi/v1/exchangeInfo")
                        .get("serverTime")
                        .asLong())
                .isLessThan(now - 3_000_000);
        assertThat(json(BINANCE_SPOT, "/api/v3/ping")).isEmpty();
        assertThat(json(BINANCE_FUTURES, "/fapi/v1/ping")).isEmpty();
    }

    @Test
    void the_spot_list_has_what_trades_and_what_is_to_be_left_out() throws Exception {
        Map<String, JsonNode> rows = bySymbol(json(BINANCE_SPOT, "/api/v3/exchangeInfo"));
        List<String> kept = rows.values().stream()
                .filter(row -> row.get("status").asText().equals("TRADING")
                        && row.get("isSpotTradingAllowed").asBoolean()
                        && row.get("quoteAsset").asText().equals("USDT")
                        && !row.get("permissionSets").toString().contains("TRD_GRP_261")
                        && !row.get("baseAsset").asText().equals("EUR"))
                .map(row -> row.get("symbol").asText())
                .toList();
        assertThat(kept)
                .containsExactlyInAnyOrderElementsOf(symbols(BINANCE_SPOT))
                .contains("币安人生USDT");
        assertThat(rows.keySet())
                .contains("ETHBTC", "BTCUPUSDT", "VENUSDT", "TSLABUSDT", "ZZZTUSDT", "EURUSDT", "LUNAUSDT");
    }

    @Test
    void the_futures_list_has_what_trades_and_what_is_to_be_left_out() throws Exception {
        Map<String, JsonNode> rows = bySymbol(json(BINANCE_FUTURES, "/fapi/v1/exchangeInfo?symbol=BTCUSDT"));
        List<String> kept = rows.values().stream()
                .filter(row -> row.get("contractType").asText().equals("PERPETUAL")
                        && row.get("status").asText().equals("TRADING")
                        && row.get("quoteAsset").asText().equals("USDT")
                        && row.get("marginAsset").asText().equals("USDT")
                        && row.get("underlyingType").asText().equals("COIN"))
                .map(row -> row.get("symbol").asText())
                .toList();
        assertThat(kept).containsExactlyInAnyOrderElementsOf(symbols(BINANCE_FUTURES));
        assertThat(rows).hasSize(kept.size() + 8);
    }

    private static List<String> symbols(Market market) {
        return simulator.report(market).instruments().stream()
                .map(Sent.OfInstrument::symbol)
                .toList();
    }

    private static Map<String, JsonNode> bySymbol(JsonNode list) {
        Map<String, JsonNode> rows = new HashMap<>();
        list.get("symbols").forEach(row -> rows.put(row.get("symbol").asText(), row));
        return rows;
    }

    @Test
    void the_spot_list_can_be_asked_for_in_part() throws Exception {
        assertThat(bySymbol(json(BINANCE_SPOT, "/api/v3/exchangeInfo?symbol=BTCUSDT")))
                .containsOnlyKeys("BTCUSDT");
        assertThat(bySymbol(json(BINANCE_SPOT, "/api/v3/exchangeInfo?symbols=%5B%22BTCUSDT%22,%22ETHBTC%22%5D")))
                .containsOnlyKeys("BTCUSDT", "ETHBTC");
        assertThat(bySymbol(json(BINANCE_SPOT, "/api/v3/exchangeInfo?symbolStatus=BREAK")))
                .containsOnlyKeys("VENUSDT");
        assertThat(json(BINANCE_SPOT, "/api/v3/exchangeInfo?showPermissionSets=false")
                        .toString())
                .doesNotContain("permissionSets");
    }

    @ParameterizedTest
    @CsvSource({
        "spot, /api/v3/trades?symbol=NOSUCH, 400, -1121",
        "spot, /api/v3/trades, 400, -1102",
        "spot, /api/v3/trades?symbol=BTCUSDT&limit=1001, 400, -1130",
        "spot, /api/v3/trades?symbol=BTCUSDT&limit=x, 400, -1100",
        "spot, /api/v3/historicalTrades?symbol=BTCUSDT&fromId=-1, 400, -1100",
        "spot, /api/v3/exchangeInfo?symbol=NOSUCH, 400, -1121",
        "futures, /fapi/v1/trades?symbol=NOSUCH, 400, -1121",
        "futures, /fapi/v1/trades?symbol=BTCUSDT&limit=0, 400, -1130",
        "futures, /fapi/v1/historicalTrades?symbol=BTCUSDT, 401, -2014",
    })
    void wrong_requests_have_the_codes_of_the_exchange(String market, String path, int status, int code)
            throws Exception {
        HttpResponse<String> answer = get(market.equals("spot") ? BINANCE_SPOT : BINANCE_FUTURES, path);
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(Client.json(answer.body()).get("code").asInt()).isEqualTo(code);
    }

    @Test
    void an_unknown_path_is_a_web_page_with_404() throws Exception {
        HttpResponse<String> answer = get(BINANCE_SPOT, "/api/v1/trades?symbol=BTCUSDT");
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/html");
        assertThat(get(BINANCE_FUTURES, "/fapi/v1/nothing").statusCode()).isEqualTo(404);
    }

    @Test
    void a_row_that_does_not_trade_has_no_trades() throws Exception {
        assertThat(json(BINANCE_SPOT, "/api/v3/trades?symbol=ETHBTC")).isEmpty();
    }

    @Test
    void weight_is_counted_refused_with_429_and_punished_with_418() throws Exception {
        SettableClock clock = new SettableClock(Instant.parse("2026-11-20T10:00:07Z"));
        try (Simulator strict = Simulator.start(SimulatorOptions.builder()
                .rate(10)
                .instruments(1)
                .restWeight(60)
                .clock(clock)
                .build())) {
            URI rest = strict.address(BINANCE_SPOT).rest();
            String path = "/api/v3/trades?symbol=BTCUSDT";
            assertThat(used(Client.get(http, rest, path))).isEqualTo("25");
            assertThat(used(Client.get(http, rest, path))).isEqualTo("50");
            HttpResponse<String> refused = Client.get(http, rest, path);
            assertThat(refused.statusCode()).isEqualTo(429);
            assertThat(refused.headers().firstValue("Retry-After")).contains("53");
            assertThat(Client.json(refused.body()).get("code").asInt()).isEqualTo(-1003);

            clock.advance(Duration.ofSeconds(53));
            assertThat(used(Client.get(http, rest, path))).isEqualTo("25");
            HttpResponse<String> answer = refused;
            for (int i = 0; i < 12; i++) { // who does not listen is banned
                answer = Client.get(http, rest, path);
            }
            assertThat(answer.statusCode()).isEqualTo(418);
            assertThat(answer.headers().firstValue("Retry-After")).contains("120");
            assertThat(Client.json(answer.body()).get("msg").asText())
                    .contains("banned until " + clock.instant().plusSeconds(120).toEpochMilli());

            clock.advance(Duration.ofSeconds(119));
            assertThat(Client.get(http, rest, path).statusCode()).isEqualTo(418); // and begins the ban anew
            clock.advance(Duration.ofSeconds(119));
            assertThat(Client.get(http, rest, path).statusCode()).isEqualTo(418);
            clock.advance(Duration.ofSeconds(121));
            assertThat(Client.get(http, rest, path).statusCode()).isEqualTo(200);
        }
    }

    private static String used(HttpResponse<String> answer) {
        return answer.headers().firstValue("X-MBX-USED-WEIGHT-1M").orElseThrow();
    }
}

package io.metdc.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.math.BigDecimal;
import java.math.RoundingMode;
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
class GateTest {
    private static final Market SPOT = new Market(Exchange.GATE, MarketType.SPOT);
    private static final Market FUTURES = new Market(Exchange.GATE, MarketType.FUTURES);
    private static final Map<String, String> DECIMALS = Map.of("X-Gate-Size-Decimal", "1");

    @RegisterExtension
    static final Simulated SIMULATED = new Simulated(SimulatorOptions.builder()
            .markets(SPOT, FUTURES)
            .rate(4_000)
            .instruments(12)
            .past(Duration.ofSeconds(2)));

    static long seconds() {
        return Instant.now().getEpochSecond();
    }

    static boolean isUpdate(JsonNode frame) {
        return frame.path("event").asText().equals("update");
    }

    static JsonNode ask(Client client, String request) {
        return client.ask(request, frame -> !isUpdate(frame));
    }

    static JsonNode subscribe(Client client, String kind, String... symbols) {
        return ask(client, request(kind, "subscribe", seconds(), symbols));
    }

    private static String request(String kind, String event, long seconds, String... symbols) {
        String payload = Stream.of(symbols).map(symbol -> "'" + symbol + "'").collect(Collectors.joining(","));
        return "{'time':" + seconds + ",'id':7,'channel':'" + kind + ".trades','event':'" + event + "','payload':["
                + payload + "]}";
    }

    /// Trades of spot and futures, consumed ids too.
    static Stream<JsonNode> rows(Client client) {
        return client.said()
                .filter(GateTest::isUpdate)
                .map(frame -> frame.get("result"))
                .flatMap(result -> result.isArray() ? result.valueStream() : Stream.of(result));
    }

    private static Client futures(Map<String, String> headers) throws Exception {
        Client client = Client.open(SIMULATED.simulator().address(FUTURES).websocket(), headers);
        subscribe(client, "futures", "BTC_USDT");
        await().until(() -> rows(client).count() > 100);
        return client;
    }

    // ---- requests

    @Test
    void one_unknown_name_refuses_the_whole_request_and_stands_at_the_end_of_the_message() throws Exception {
        for (String kind : List.of("spot", "futures")) {
            Client client = SIMULATED.open(kind.equals("spot") ? SPOT : FUTURES);
            JsonNode refused = subscribe(client, kind, "BTC_USDT", "NOSUCH_USDT");
            assertThat(refused.path("id").asInt()).isEqualTo(7);
            assertThat(refused.at("/result/status").asText()).isEqualTo("fail");
            assertThat(refused.at("/error/code").asInt()).isEqualTo(2);
            assertThat(refused.at("/error/message").asText())
                    .isEqualTo(
                            kind.equals("spot")
                                    ? "unknown currency pair: NOSUCH_USDT"
                                    : "unknown currency pair NOSUCH_USDT");
            JsonNode taken = subscribe(client, kind, "ETH_USDT");
            assertThat(taken.at("/result/status").asText()).isEqualTo("success");
            assertThat(taken.path("payload")).hasSize(1);
            await().until(() -> rows(client).count() > 20);
            assertThat(rows(client))
                    .extracting(row -> row.path(kind.equals("spot") ? "currency_pair" : "contract")
                            .asText())
                    .containsOnly("ETH_USDT");
            client.close();
        }
    }

    @Test
    void a_later_request_adds_to_the_set_and_what_is_unsubscribed_is_silent() throws Exception {
        Client client = SIMULATED.open(SPOT);
        subscribe(client, "spot", "BTC_USDT");
        subscribe(client, "spot", "ETH_USDT");
        await().until(() ->
                rows(client).map(row -> row.path("currency_pair")).distinct().count() == 2);
        ask(client, request("spot", "unsubscribe", seconds(), "BTC_USDT"));
        long before = rows(client).count();
        await().until(() -> rows(client).count() > before + 20);

        assertThat(rows(client).skip(before))
                .extracting(row -> row.path("currency_pair").asText())
                .containsOnly("ETH_USDT");
        client.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "nonsense",
                "{'channel':'spot.trades','event':'subscribe','payload':['BTC_USDT']}",
                "{'time':'NOW','channel':'spot.trades','event':'subscribe','payload':['BTC_USDT']}",
                "{'time':NOW000,'channel':'spot.trades','event':'subscribe','payload':['BTC_USDT']}",
                "{'time':NOW,'channel':'spot.trades','event':'subscribe','payload':'BTC_USDT'}",
                "{'time':NOW,'channel':'futures.trades','event':'subscribe','payload':['BTC_USDT']}",
                "{'time':NOW,'channel':'spot.ping','event':'subscribe'",
            })
    void what_is_malformed_is_answered_without_channel_event_and_result(String request) throws Exception {
        Client client = SIMULATED.open(SPOT);
        JsonNode answer = ask(client, request.replace("NOW", Long.toString(seconds())));

        assertThat(answer.at("/error/code").asInt()).isEqualTo(1);
        assertThat(answer.path("channel").asText()).isEmpty();
        assertThat(answer.path("event").asText()).isEmpty();
        assertThat(answer.get("result").isNull()).isTrue();
        client.close();
    }

    @Test
    void a_ping_is_answered_on_the_channel_of_pongs() throws Exception {
        Client client = SIMULATED.open(FUTURES);
        JsonNode pong = ask(client, "{'time':" + seconds() + ",'channel':'futures.ping'}");

        assertThat(pong.path("channel").asText()).isEqualTo("futures.pong");
        assertThat(pong.path("event").asText()).isEmpty();
        assertThat(pong.path("time_ms").asLong() / 1_000)
                .isEqualTo(pong.path("time").asLong());
        client.close();
    }

    @Test
    void a_client_is_cut_for_silence_and_sooner_when_nothing_is_subscribed() {
        assertThat(new Gate(SPOT.type(), SimulatorOptions.defaults(), Simulated.quotas())
                        .rules()
                        .silence())
                .isEqualTo(new Protocol.Silence(Duration.ofSeconds(60), Duration.ofSeconds(30), false, 0));
    }

    @Test
    void the_path_of_spot_ends_with_a_slash() throws Exception {
        assertThat(SIMULATED.open(SPOT, "/ws/v4").isOpen()).isFalse();
        assertThat(SIMULATED.open(FUTURES, "/v4/ws").isOpen()).isFalse();
    }

    // ---- trades

    @Test
    void futures_sizes_are_cut_to_whole_numbers_unless_the_handshake_asks_for_decimals() throws Exception {
        Client cut = futures(Map.of());
        Client exact = futures(DECIMALS);
        await().until(() -> rows(cut).count() > 600);
        Map<String, JsonNode> known =
                Simulated.by(row -> row.path("id").asText(), rows(exact).toList());
        List<JsonNode> both = rows(cut)
                .filter(row -> known.containsKey(row.path("id").asText()))
                .toList();

        assertThat(both).hasSizeGreaterThan(100).allSatisfy(row -> {
            BigDecimal size = new BigDecimal(
                    known.get(row.path("id").asText()).get("size").textValue());
            assertThat(row.get("size").isIntegralNumber()).isTrue();
            assertThat(row.get("size").longValue())
                    .isEqualTo(size.setScale(0, RoundingMode.DOWN).longValueExact());
        });
        assertThat(known.values())
                .anyMatch(row -> row.get("size").textValue().contains("."))
                .anyMatch(row -> row.get("size").textValue().startsWith("-"));
        cut.close();
        exact.close();
    }

    @Test
    void futures_ids_leave_no_number_out_and_rest_leaves_out_the_consumed_ones() throws Exception {
        Client client = futures(DECIMALS);
        await().until(() -> rows(client).anyMatch(row -> row.path("is_internal").asBoolean()));
        List<Long> ids = rows(client).map(row -> row.path("id").asLong()).toList();
        List<Long> consumed = rows(client)
                .filter(row -> row.path("is_internal").asBoolean())
                .map(row -> row.path("id").asLong())
                .toList();
        Map<String, JsonNode> rest = Simulated.by(
                row -> row.path("id").asText(),
                SIMULATED.json(
                        FUTURES, "/futures/usdt/trades?contract=BTC_USDT&limit=1000", "X-Gate-Size-Decimal", "1"));

        assertThat(ids)
                .isEqualTo(LongStream.range(ids.getFirst(), ids.getFirst() + ids.size())
                        .boxed()
                        .toList());
        assertThat(rest.keySet())
                .doesNotContainAnyElementsOf(
                        consumed.stream().map(String::valueOf).toList());
        assertThat(rows(client).filter(row -> rest.containsKey(row.path("id").asText())))
                .hasSizeGreaterThan(50)
                .allSatisfy(row -> {
                    JsonNode same = rest.get(row.path("id").asText());
                    assertThat(same.get("size")).isEqualTo(row.get("size"));
                    assertThat(same.get("price")).isEqualTo(row.get("price"));
                    assertThat(new BigDecimal(same.get("create_time_ms").asText()).movePointRight(3))
                            .isEqualByComparingTo(row.get("create_time_ms").decimalValue());
                });
        client.close();
    }

    @Test
    void a_spot_trade_is_the_same_on_the_stream_and_by_rest_to_the_microsecond() throws Exception {
        Client client = SIMULATED.open(SPOT);
        subscribe(client, "spot", "BTC_USDT");
        await().until(() -> rows(client).count() > 100);
        Map<String, JsonNode> rest = Simulated.by(
                row -> row.get("id").textValue(),
                SIMULATED.json(SPOT, "/spot/trades?currency_pair=BTC_USDT&limit=1000"));

        assertThat(rows(client).filter(row -> rest.containsKey(row.path("id").asText())))
                .hasSizeGreaterThan(50)
                .allSatisfy(row -> {
                    JsonNode same = rest.get(row.path("id").asText());
                    for (String key : List.of("create_time_ms", "amount", "price", "side", "currency_pair")) {
                        assertThat(same.get(key)).as(key).isEqualTo(row.get(key));
                    }
                    assertThat(same.get("sequence_id").textValue())
                            .isEqualTo(row.get("id_market").asText())
                            .isNotEqualTo(row.get("id").asText());
                    assertThat(row.get("range").textValue())
                            .isEqualTo(row.get("id_market").asText() + "-"
                                    + row.get("id_market").asText());
                });
        client.close();
    }

    @Test
    void spot_trades_have_a_contiguous_number_of_their_market() throws Exception {
        List<Long> numbers = new ArrayList<>();
        SIMULATED
                .json(SPOT, "/spot/trades?currency_pair=BTC_USDT&limit=1000")
                .forEach(
                        row -> numbers.add(Long.parseLong(row.get("sequence_id").textValue())));

        assertThat(numbers.reversed())
                .hasSizeGreaterThan(300)
                .isEqualTo(LongStream.rangeClosed(numbers.getLast(), numbers.getFirst())
                        .boxed()
                        .toList());
    }

    // ---- by REST

    @Test
    void pages_and_offsets_reach_back_without_a_gap_between_whole_seconds() throws Exception {
        long to = seconds();
        String range = "&limit=40&from=" + (to - 3) + "&to=" + to;
        Instant reached = Instant.ofEpochSecond(to);
        await().until(() -> Instant.now().isAfter(reached.plusMillis(100)));
        for (Market market : List.of(SPOT, FUTURES)) {
            String path = market.equals(SPOT)
                    ? "/spot/trades?currency_pair=BTC_USDT"
                    : "/futures/usdt/trades?contract=BTC_USDT";
            List<Long> first = ids(SIMULATED.json(market, path + range));
            List<Long> second =
                    ids(SIMULATED.json(market, path + range + (market.equals(SPOT) ? "&page=2" : "&offset=40")));
            List<Long> both = new ArrayList<>(first);
            both.addAll(second);

            assertThat(first).hasSize(40);
            assertThat(both.reversed()).isSorted().doesNotHaveDuplicates();
            assertThat(both)
                    .isEqualTo(ids(SIMULATED.json(market, path + range.replace("=40", "=1000")))
                            .subList(0, both.size()));
        }
    }

    private static List<Long> ids(JsonNode rows) {
        return rows.valueStream().map(row -> row.get("id").asLong()).toList();
    }

    @ParameterizedTest
    @CsvSource({
        "spot,    /spot/trades?currency_pair=NOSUCH_USDT,                       400, INVALID_CURRENCY_PAIR",
        "futures, /futures/usdt/trades?contract=NOSUCH_USDT,                    400, CONTRACT_NOT_FOUND",
        "spot,    /spot/trades?currency_pair=BTC_USDT&limit=1000&page=102,      400, INVALID_PARAM_VALUE",
        "futures, /spot/currency_pairs,                                         404, NOT_FOUND",
    })
    void errors_have_a_label(String market, String path, int status, String label) throws Exception {
        HttpResponse<String> answer = SIMULATED.get(market.equals("spot") ? SPOT : FUTURES, path);

        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(Client.json(answer.body()).path("label").textValue()).isEqualTo(label);
    }

    @Test
    void each_endpoint_has_a_limit_of_its_own_in_ten_seconds_and_tells_what_is_left() throws Exception {
        SettableClock clock = new SettableClock(Instant.parse("2026-11-20T10:00:03Z"));
        try (Simulator strict = Simulated.strict(SPOT, 2, clock)) {
            URI rest = strict.address(SPOT).rest();
            String path = "/spot/trades?currency_pair=BTC_USDT";
            assertThat(Client.get(rest, path).headers().firstValue("X-Gate-RateLimit-Requests-Remain"))
                    .contains("1");
            assertThat(Client.get(rest, path).statusCode()).isEqualTo(200);
            HttpResponse<String> refused = Client.get(rest, path);
            assertThat(refused.statusCode()).isEqualTo(429);
            assertThat(Client.json(refused.body()).path("label").textValue()).isEqualTo("TOO_MANY_REQUESTS");
            assertThat(refused.headers().firstValue("X-Gate-RateLimit-Reset-Timestamp"))
                    .contains(Long.toString(clock.instant().getEpochSecond() + 7));
            assertThat(Client.get(rest, "/spot/currency_pairs").statusCode()).isEqualTo(200);
            clock.advance(Duration.ofSeconds(7));
            assertThat(Client.get(rest, path).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void the_list_of_contracts_is_whole_unless_pages_are_asked_for() throws Exception {
        JsonNode whole = SIMULATED.json(FUTURES, "/futures/usdt/contracts");
        JsonNode page = SIMULATED.json(FUTURES, "/futures/usdt/contracts?limit=5&offset=3");

        assertThat(whole).hasSize(SIMULATED.traded(FUTURES).size() + 5);
        assertThat(page).hasSize(5).first().isEqualTo(whole.get(3));
    }

    @Test
    void the_lists_have_what_trades_and_what_is_to_be_left_out() throws Exception {
        Set<String> leveraged = Set.of("BTC3L_USDT");
        assertThat(SIMULATED
                        .json(SPOT, "/spot/currency_pairs")
                        .valueStream()
                        .filter(row -> row.path("quote").asText().equals("USDT"))
                        .filter(row -> row.path("trade_status").asText().equals("tradable"))
                        .filter(row -> row.path("type").asText().equals("normal"))
                        .filter(row -> !row.path("base_name").asText().matches(".*(xStock|Ondo Tokenized)"))
                        .map(row -> row.path("id").asText())
                        .filter(symbol -> !leveraged.contains(symbol)))
                .containsExactlyInAnyOrderElementsOf(SIMULATED.traded(SPOT));
        assertThat(SIMULATED
                        .json(FUTURES, "/futures/usdt/contracts")
                        .valueStream()
                        .filter(row -> row.path("status").asText().equals("trading"))
                        .filter(row -> !row.path("in_delisting").asBoolean())
                        .filter(row -> !row.path("is_pre_market").asBoolean())
                        .filter(row -> row.path("contract_type").asText().isEmpty())
                        .map(row -> row.path("name").asText()))
                .containsExactlyInAnyOrderElementsOf(SIMULATED.traded(FUTURES));
    }
}

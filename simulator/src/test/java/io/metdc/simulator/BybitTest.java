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
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class BybitTest {
    private static final Market SPOT = new Market(Exchange.BYBIT, MarketType.SPOT);
    private static final Market LINEAR = new Market(Exchange.BYBIT, MarketType.FUTURES);

    @RegisterExtension
    static final Simulated SIMULATED = new Simulated(SimulatorOptions.builder()
            .markets(SPOT, LINEAR)
            .rate(4_000)
            .instruments(12)
            .past(Duration.ofSeconds(2)));

    private static JsonNode ask(Client client, String request) {
        return client.ask(request, frame -> frame.has("success"));
    }

    private static JsonNode subscribe(Client client, String... symbols) {
        return ask(
                client,
                Stream.of(symbols)
                        .map(symbol -> "'publicTrade." + symbol + "'")
                        .collect(Collectors.joining(",", "{'req_id':'7','op':'subscribe','args':[", "]}")));
    }

    private static List<JsonNode> trades(Client client) {
        return client.said()
                .filter(frame -> frame.has("topic"))
                .flatMap(frame -> frame.get("data").valueStream())
                .toList();
    }

    private static String category(Market market) {
        return market.equals(SPOT) ? "?category=spot" : "?category=linear";
    }

    // ---- requests

    @Test
    void spot_says_the_number_of_a_request_only_when_it_has_one_and_linear_always() throws Exception {
        Client spot = SIMULATED.open(SPOT);
        Client linear = SIMULATED.open(LINEAR);

        assertThat(subscribe(spot, "BTCUSDT").path("ret_msg").asText()).isEqualTo("subscribe");
        assertThat(subscribe(linear, "BTCUSDT").path("ret_msg").asText()).isEmpty();
        assertThat(ask(spot, "{'op':'ping'}").has("req_id")).isFalse();
        assertThat(ask(spot, "{'req_id':'p','op':'ping'}").path("req_id").asText())
                .isEqualTo("p");
        JsonNode pong = ask(linear, "{'op':'ping'}");
        assertThat(pong.path("op").textValue()).isEqualTo("ping");
        assertThat(pong.path("ret_msg").textValue()).isEqualTo("pong");
        assertThat(pong.path("req_id").textValue()).isEmpty();
        spot.close();
        linear.close();
    }

    @Test
    void one_bad_topic_refuses_the_whole_request_and_leaves_the_connection_silent() throws Exception {
        for (Market market : List.of(SPOT, LINEAR)) {
            Client client = SIMULATED.open(market);
            JsonNode unknown = subscribe(client, "BTCUSDT", "NOSUCHUSDT");
            assertThat(unknown.path("success").asBoolean()).isFalse();
            assertThat(unknown.path("ret_msg").asText())
                    .isEqualTo(
                            market.equals(SPOT)
                                    ? "Invalid symbol :[publicTrade.NOSUCHUSDT]"
                                    : "error:handler not found,topic:publicTrade.NOSUCHUSDT");
            assertThat(unknown.path("req_id").asText()).isEqualTo("7");
            subscribe(client, "ETHUSDT");
            assertThat(subscribe(client, "BTCUSDT", "ETHUSDT").path("ret_msg").asText())
                    .contains("already subscribed");
            await().until(() -> trades(client).size() > 20);

            assertThat(trades(client))
                    .extracting(trade -> trade.path("s").asText())
                    .containsOnly("ETHUSDT");
            client.close();
        }
    }

    @Test
    void spot_takes_ten_topics_at_once_and_linear_more() throws Exception {
        for (Market market : List.of(SPOT, LINEAR)) {
            Client client = SIMULATED.open(market);
            JsonNode answer = subscribe(client, SIMULATED.traded(market).toArray(String[]::new));
            assertThat(answer.path("success").asBoolean()).isEqualTo(market.equals(LINEAR));
            assertThat(answer.path("ret_msg").asText()).isEqualTo(market.equals(SPOT) ? "args size >10" : "");
            client.close();
        }
    }

    @Test
    void the_topics_of_a_connection_have_at_most_21000_characters() throws Exception {
        try (Simulator many = Simulator.start(SimulatorOptions.builder()
                .markets(LINEAR)
                .rate(1)
                .instruments(1_100)
                .build())) {
            Client client = Client.open(many.address(LINEAR).websocket());
            String[] names = many.report(LINEAR).instruments().stream()
                    .map(Sent.OfInstrument::symbol)
                    .toArray(String[]::new);
            int characters = 0;
            int fitting = 0;
            while (characters + "publicTrade.".length() + names[fitting].length() <= 21_000) {
                characters += "publicTrade.".length() + names[fitting++].length();
            }
            assertThat(subscribe(client, List.of(names).subList(0, fitting).toArray(String[]::new))
                            .path("success")
                            .asBoolean())
                    .isTrue();
            assertThat(subscribe(client, names[fitting]).path("success").asBoolean())
                    .isFalse();
            client.close();
        }
    }

    @Test
    void what_is_unsubscribed_is_silent() throws Exception {
        Client client = SIMULATED.open(LINEAR);
        subscribe(client, "BTCUSDT", "ETHUSDT");
        await().until(() -> trades(client).stream()
                        .map(trade -> trade.path("s").asText())
                        .distinct()
                        .count()
                == 2);
        ask(client, "{'op':'unsubscribe','args':['publicTrade.BTCUSDT']}");
        int before = trades(client).size();
        await().until(() -> trades(client).size() > before + 20);

        assertThat(trades(client).stream().skip(before))
                .extracting(trade -> trade.path("s").asText())
                .containsOnly("ETHUSDT");
        client.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"{'op':'listen'} | error:invalid op", "nonsense | Failed to decode incoming data"})
    void what_is_no_request_is_answered_and_the_connection_stays(String request, String said) throws Exception {
        Client client = SIMULATED.open(SPOT);

        assertThat(ask(client, request).path("ret_msg").asText()).isEqualTo(said);
        assertThat(subscribe(client, "BTCUSDT").path("success").asBoolean()).isTrue();
        client.close();
    }

    @Test
    void a_connection_is_cut_when_for_ten_minutes_neither_side_says_anything() {
        assertThat(new Bybit(SPOT.type(), SimulatorOptions.defaults(), Simulated.quotas())
                        .rules()
                        .silence())
                .isEqualTo(Protocol.Silence.ofBoth(Duration.ofMinutes(10), 0));
    }

    @Test
    void another_path_is_refused() throws Exception {
        assertThat(SIMULATED.open(SPOT, "/v5/public/linear").isOpen()).isFalse();
    }

    // ---- trades

    @Test
    void all_fills_of_an_order_come_in_one_frame_with_one_sequence_number() throws Exception {
        Client client = SIMULATED.open(LINEAR);
        subscribe(client, "BTCUSDT");
        await().until(() -> client.said().anyMatch(frame -> frame.path("data").size() > 4));

        assertThat(client.said().filter(frame -> frame.has("topic"))).allSatisfy(frame -> {
            assertThat(frame.path("type").asText()).isEqualTo("snapshot");
            assertThat(frame.get("data").valueStream().map(row -> row.get("T")).distinct())
                    .hasSize(1);
            assertThat(frame.get("data")
                            .valueStream()
                            .map(row -> row.get("seq").longValue())
                            .distinct())
                    .singleElement()
                    .satisfies(sequence -> assertThat(sequence).isGreaterThan(1L << 31));
        });
        client.close();
    }

    @Test
    void spot_ids_rise_and_leave_numbers_out_and_linear_ids_are_random() throws Exception {
        List<Long> spot = new ArrayList<>();
        SIMULATED
                .json(SPOT, "/v5/market/recent-trade?category=spot&symbol=BTCUSDT")
                .at("/result/list")
                .forEach(row -> spot.add(Long.parseLong(row.get("execId").textValue())));
        JsonNode linear = SIMULATED.json(LINEAR, "/v5/market/recent-trade?category=linear&symbol=BTCUSDT");

        assertThat(spot.reversed()).isSorted().doesNotHaveDuplicates();
        assertThat(spot.getFirst() - spot.getLast()).isGreaterThan(spot.size());
        assertThat(spot.getFirst().toString()).hasSize(19);
        assertThat(linear.at("/result/list"))
                .extracting(row -> UUID.fromString(row.get("execId").textValue()))
                .doesNotHaveDuplicates();
    }

    @Test
    void a_trade_is_the_same_on_the_stream_and_by_rest() throws Exception {
        for (Market market : List.of(SPOT, LINEAR)) {
            Client client = SIMULATED.open(market);
            subscribe(client, "BTCUSDT");
            await().until(() -> trades(client).size() > 80);
            Map<String, JsonNode> rows = Simulated.by(
                    row -> row.get("execId").textValue(),
                    SIMULATED
                            .json(market, "/v5/market/recent-trade" + category(market) + "&symbol=BTCUSDT&limit=1000")
                            .at("/result/list"));
            List<JsonNode> both = trades(client).stream()
                    .filter(trade -> rows.containsKey(trade.get("i").textValue()))
                    .toList();

            assertThat(both).hasSizeGreaterThan(10).allSatisfy(trade -> {
                JsonNode row = rows.get(trade.get("i").textValue());
                assertThat(List.of(row.get("price"), row.get("size"), row.get("side")))
                        .isEqualTo(List.of(trade.get("p"), trade.get("v"), trade.get("S")));
                assertThat(row.get("time").textValue()).isEqualTo(trade.get("T").asText());
                assertThat(row.get("seq").textValue())
                        .isEqualTo(trade.get("seq").asText());
            });
            client.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"spot,,60", "spot,7,7", "spot,500,60", "linear,,500", "linear,1000,1000", "linear,5000,1000"})
    void rest_has_the_newest_60_or_1000_newest_first(String category, String limit, int rows) throws Exception {
        Market market = category.equals("spot") ? SPOT : LINEAR;
        JsonNode list = SIMULATED
                .json(
                        market,
                        "/v5/market/recent-trade?category=" + category + "&symbol=BTCUSDT"
                                + (limit == null ? "" : "&limit=" + limit))
                .at("/result/list");
        List<Long> times = new ArrayList<>();
        list.forEach(row -> times.add(Long.parseLong(row.get("time").textValue())));

        assertThat(times.reversed()).hasSize(rows).isSorted();
    }

    // ---- lists and errors

    @Test
    void the_list_of_linear_comes_in_pages_that_miss_nothing_however_the_cursor_is_encoded() throws Exception {
        String path = "/v5/market/instruments-info?category=linear";
        List<String> whole = names(SIMULATED.json(LINEAR, path));
        for (boolean isEncodedAgain : List.of(false, true)) {
            List<String> read = new ArrayList<>();
            String cursor = "";
            do {
                JsonNode page = SIMULATED.json(LINEAR, path + "&limit=5&cursor=" + cursor);
                read.addAll(names(page));
                cursor = page.at("/result/nextPageCursor").textValue();
                assertThat(cursor).matches("|first%3D.+%26last%3D.+");
                cursor = isEncodedAgain ? cursor.replace("%", "%25") : cursor;
            } while (!cursor.isEmpty());
            assertThat(read).isEqualTo(whole);
        }
        assertThat(whole).hasSizeGreaterThan(12).doesNotContain("NEWUSDT");
        assertThat(names(SIMULATED.json(LINEAR, path + "&status=PreLaunch"))).containsExactly("NEWUSDT");
        assertThat(names(SIMULATED.json(LINEAR, path + "&symbol=BTCUSDT"))).containsExactly("BTCUSDT");
    }

    @Test
    void spot_answers_its_whole_list_whatever_the_limit() throws Exception {
        JsonNode list = SIMULATED.json(SPOT, "/v5/market/instruments-info?category=spot&limit=1");

        assertThat(names(list)).hasSize(SIMULATED.traded(SPOT).size() + 4);
        assertThat(list.get("result").has("nextPageCursor")).isFalse();
    }

    private static List<String> names(JsonNode answer) {
        return answer.at("/result/list")
                .valueStream()
                .map(row -> row.get("symbol").textValue())
                .toList();
    }

    @Test
    void the_lists_have_what_trades_and_what_is_to_be_left_out() throws Exception {
        Set<String> crypto = Set.of("", "innovation", "adventure");
        for (Market market : List.of(SPOT, LINEAR)) {
            JsonNode list = SIMULATED.json(market, "/v5/market/instruments-info" + category(market));
            assertThat(list.at("/result/list")
                            .valueStream()
                            .filter(row -> row.path("status").asText().equals("Trading"))
                            .filter(row -> row.path("quoteCoin").asText().equals("USDT"))
                            .filter(row ->
                                    crypto.contains(row.path("symbolType").asText()))
                            .filter(row -> market.equals(SPOT)
                                    || row.path("contractType").asText().equals("LinearPerpetual"))
                            .map(row -> row.path("symbol").asText())
                            .filter(symbol -> !Set.of("BTC3LUSDT", "EURUSDT").contains(symbol)))
                    .containsExactlyInAnyOrderElementsOf(SIMULATED.traded(market));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/v5/market/recent-trade?category=spot&symbol=NOSUCH",
        "/v5/market/recent-trade?symbol=BTCUSDT",
        "/v5/market/instruments-info?category=linear",
    })
    void a_wrong_request_is_an_error_with_status_200(String path) throws Exception {
        HttpResponse<String> answer = SIMULATED.get(SPOT, path);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(Client.json(answer.body()).path("retCode").intValue()).isEqualTo(10001);
    }

    @Test
    void who_asks_too_often_is_banned_until_it_was_silent_for_ten_minutes() throws Exception {
        SettableClock clock = new SettableClock(Instant.parse("2026-11-20T10:00:00Z"));
        try (Simulator strict = Simulated.strict(SPOT, 3, clock)) {
            URI rest = strict.address(SPOT).rest();
            String path = "/v5/market/instruments-info?category=spot";
            for (int status : new int[] {200, 200, 200, 403}) {
                assertThat(Client.get(rest, path).statusCode()).isEqualTo(status);
            }
            for (int minutes : new int[] {9, 9}) {
                clock.advance(Duration.ofMinutes(minutes));
                HttpResponse<String> banned = Client.get(rest, path);
                assertThat(banned.statusCode()).isEqualTo(403);
                assertThat(banned.body()).isEqualTo("403, access too frequent");
            }
            clock.advance(Duration.ofMinutes(10));
            assertThat(Client.get(rest, path).statusCode()).isEqualTo(200);
        }
    }
}

package io.metdc.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.TakerSide;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class PhemexTest {
    private static final Market SPOT = new Market(Exchange.PHEMEX, MarketType.SPOT);
    private static final Market PERPETUAL = new Market(Exchange.PHEMEX, MarketType.FUTURES);
    static final Map<Market, String> BTC = Map.of(SPOT, "sBTCUSDT", PERPETUAL, "BTCUSDT");
    private static final int SNAPSHOT = 1_000;

    @RegisterExtension
    static final Simulated SIMULATED = new Simulated(SimulatorOptions.builder()
            .markets(SPOT, PERPETUAL)
            .rate(4_000)
            .instruments(12)
            .past(Duration.ofSeconds(2)));

    static JsonNode ask(Client client, String request) {
        return client.ask(request, frame -> frame.has("error"));
    }

    static JsonNode subscribe(Client client, Market market, String... symbols) {
        return ask(client, request(market, symbols));
    }

    private static String request(Market market, String... symbols) {
        return "{'id':7,'method':'" + (market.equals(SPOT) ? "trade" : "trade_p") + ".subscribe','params':['"
                + String.join("','", symbols) + "']}";
    }

    private static JsonNode rows(JsonNode frame) {
        return frame.has("trades") ? frame.get("trades") : frame.path("trades_p");
    }

    private static List<JsonNode> frames(Client client) {
        return client.said().filter(frame -> frame.has("type")).toList();
    }

    // ---- requests

    @Test
    void a_frame_subscribes_one_symbol_and_a_second_one_is_ignored() throws Exception {
        Client client = SIMULATED.open(SPOT);
        assertThat(subscribe(client, SPOT, "sBTCUSDT", "sETHUSDT"))
                .hasToString("{\"error\":null,\"id\":7,\"result\":{\"status\":\"success\"}}");
        await().until(() -> frames(client).size() > 50);

        assertThat(frames(client))
                .extracting(frame -> frame.path("symbol").asText())
                .containsOnly("sBTCUSDT");
        client.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'id':1,'method':'trade.subscribe','params':['sNOSUCHUSDT']} | 1",
                "{'id':1,'method':'trade.subscribe','params':['SBTCUSDT']} | 1",
                "{'id':1,'method':'trade_p.subscribe','params':['sBTCUSDT']} | 1",
                "{'id':1,'method':'trades.subscribe','params':['sBTCUSDT']} | 1",
                "{'id':'1','method':'trade.subscribe','params':['sBTCUSDT']} | null",
                "{'method':'server.ping','params':[]} | null",
                "nonsense | null",
            })
    void a_wrong_request_is_an_invalid_argument_and_the_connection_stays(String request, String id) throws Exception {
        Client client = SIMULATED.open(SPOT);

        assertThat(ask(client, request))
                .hasToString("{\"error\":{\"code\":6001,\"message\":\"invalid argument\"},\"id\":" + id
                        + ",\"result\":null}");
        assertThat(ask(client, "{'id':0,'method':'server.ping','params':[]}"))
                .hasToString("{\"error\":null,\"id\":0,\"result\":\"pong\"}");
        client.close();
    }

    @Test
    void a_connection_takes_101_subscriptions() throws Exception {
        Phemex phemex = new Phemex(
                SPOT.type(), SimulatorOptions.builder().instruments(102).build(), Simulated.quotas());
        Session session =
                phemex.open(new Handshake("/", Map.of(), Map.of(), ""), new Tape(phemex.listings(), 1, false, 1, 0, 1));
        List<String> answers = new ArrayList<>();
        for (Listing listing : phemex.listings()) {
            answers.add(session.answer(request(SPOT, listing.symbol()).replace('\'', '"'))
                    .toString());
        }

        assertThat(answers.subList(0, 101))
                .allSatisfy(answer -> assertThat(answer).contains("success"));
        assertThat(answers.getLast()).contains("6015", "subscription limit exceeded");
    }

    @Test
    void unsubscribing_ends_every_subscription() throws Exception {
        Client client = SIMULATED.open(PERPETUAL);
        subscribe(client, PERPETUAL, "BTCUSDT");
        subscribe(client, PERPETUAL, "ETHUSDT");
        ask(client, "{'id':3,'method':'trade_p.unsubscribe','params':[]}");
        int before = frames(client).size();
        subscribe(client, PERPETUAL, "XRPUSDT");
        await().until(() -> frames(client).size() > before + 20);

        assertThat(frames(client).subList(before, before + 20))
                .extracting(frame -> frame.path("symbol").asText())
                .containsOnly("XRPUSDT");
        client.close();
    }

    @Test
    void a_client_is_cut_after_31_seconds_whatever_it_is_sent() {
        assertThat(new Phemex(SPOT.type(), SimulatorOptions.defaults(), Simulated.quotas())
                        .rules()
                        .silence())
                .isEqualTo(Protocol.Silence.ofClient(Duration.ofSeconds(31), 0));
    }

    @Test
    void there_is_no_path() throws Exception {
        assertThat(SIMULATED.open(SPOT, "/ws").isOpen()).isFalse();
    }

    // ---- trades

    @Test
    void a_subscription_begins_with_a_thousand_rows_and_goes_on_behind_them() throws Exception {
        for (Market market : List.of(SPOT, PERPETUAL)) {
            Client client = SIMULATED.open(market);
            await().until(() -> rows(SIMULATED
                                    .json(market, trades(market) + BTC.get(market))
                                    .get("result"))
                            .size()
                    == SNAPSHOT);
            subscribe(client, market, BTC.get(market));
            await().until(() -> frames(client).size() > 20);
            List<JsonNode> frames = frames(client);
            JsonNode snapshot = frames.getFirst();
            List<JsonNode> incremental = frames.subList(1, frames.size());

            assertThat(snapshot.path("type").asText()).isEqualTo("snapshot");
            assertThat(times(List.of(snapshot)).reversed()).hasSize(SNAPSHOT).isSorted();
            assertThat(incremental)
                    .extracting(frame -> frame.path("type").asText())
                    .containsOnly("incremental");
            assertThat(incremental)
                    .extracting(frame -> frame.path("sequence").asLong())
                    .isSorted()
                    .allSatisfy(sequence -> assertThat(sequence)
                            .isGreaterThan(snapshot.path("sequence").asLong()));
            assertThat(times(incremental))
                    .isSorted()
                    .first()
                    .satisfies(time -> assertThat(time)
                            .isGreaterThanOrEqualTo(times(List.of(snapshot)).getFirst()));
            client.close();
        }
    }

    private static String trades(Market market) {
        return (market.equals(SPOT) ? "/md/trade" : "/md/v2/trade") + "?symbol=";
    }

    private static List<Long> times(List<JsonNode> frames) {
        return frames.stream()
                .flatMap(frame -> rows(frame).valueStream())
                .map(row -> row.get(0).longValue())
                .toList();
    }

    @Test
    void rows_of_the_stream_are_rows_of_rest() throws Exception {
        for (Market market : List.of(SPOT, PERPETUAL)) {
            Client client = SIMULATED.open(market);
            subscribe(client, market, BTC.get(market));
            await().until(() -> frames(client).size() > 20);
            List<JsonNode> sent = frames(client).stream()
                    .skip(1)
                    .flatMap(frame -> rows(frame).valueStream())
                    .limit(20)
                    .toList();
            JsonNode rest = SIMULATED.json(market, trades(market) + BTC.get(market));

            assertThat(rest.at("/result/type").asText()).isEqualTo("snapshot");
            assertThat(rows(rest.get("result"))).containsAll(sent);
            client.close();
        }
    }

    @Test
    void spot_numbers_are_scaled_as_the_list_says_and_those_of_perpetuals_are_plain() throws Exception {
        JsonNode products = SIMULATED.json(SPOT, "/public/products").get("data");
        Map<String, JsonNode> scales = Simulated.by(row -> row.path("symbol").asText(), products.get("products"));
        Map<String, JsonNode> coins = Simulated.by(row -> row.path("currency").asText(), products.get("currencies"));
        for (Market market : List.of(SPOT, PERPETUAL)) {
            boolean isSpot = market.equals(SPOT);
            Client client = SIMULATED.open(market);
            for (String symbol : SIMULATED.traded(market).subList(0, 6)) {
                subscribe(client, market, symbol);
            }
            await().until(() -> frames(client).size() > 100);
            for (String symbol : SIMULATED.traded(market).subList(0, 6)) {
                int priceScale = isSpot ? scales.get(symbol).path("priceScale").asInt() : 0;
                int sizeScale = isSpot
                        ? coins.get(scales.get(symbol).path("baseCurrency").asText())
                                .path("valueScale")
                                .asInt()
                        : 0;
                List<String> received = frames(client).stream()
                        .filter(frame -> frame.path("symbol").asText().equals(symbol))
                        .flatMap(frame -> rows(frame).valueStream())
                        .map(row -> row.get(0).asText() + row.get(1).asText()
                                + plain(new BigDecimal(row.get(2).asText()).movePointLeft(priceScale)) + " "
                                + plain(new BigDecimal(row.get(3).asText()).movePointLeft(sizeScale)))
                        .toList();
                assertThat(SIMULATED
                                .simulator()
                                .trades(market, symbol)
                                .map(trade -> trade.executedAtNanos()
                                        + (trade.takerSide() == TakerSide.BUY ? "Buy" : "Sell")
                                        + plain(trade.price()) + " " + plain(trade.size())))
                        .containsAll(received);
            }
            client.close();
        }
    }

    private static String plain(BigDecimal number) {
        return number.stripTrailingZeros().toPlainString();
    }

    // ---- by REST

    @ParameterizedTest
    @CsvSource({
        "/md/trade?symbol=BTCUSDT,     500",
        "/md/v2/trade?symbol=sBTCUSDT, 500",
        "/public/nothing,              403",
    })
    void a_wrong_symbol_is_a_server_error_and_a_wrong_path_forbidden(String path, int status) throws Exception {
        assertThat(SIMULATED.get(SPOT, path).statusCode()).isEqualTo(status);
    }

    @Test
    void who_asks_too_often_gets_nothing_for_five_minutes() throws Exception {
        SettableClock clock = new SettableClock(Instant.parse("2026-11-20T10:04:00Z"));
        try (Simulator strict = Simulated.strict(SPOT, 2, clock)) {
            URI rest = strict.address(SPOT).rest();
            assertThat(Client.get(rest, "/public/products").statusCode()).isEqualTo(200);
            assertThat(Client.get(rest, "/public/products").statusCode()).isEqualTo(200);
            HttpResponse<String> refused = Client.get(rest, "/public/products");
            assertThat(refused.statusCode()).isEqualTo(429);
            assertThat(refused.headers().firstValue("x-ratelimit-retry-after")).isPresent();
            clock.advance(Duration.ofMinutes(4));
            assertThat(Client.get(rest, "/public/products").statusCode()).isEqualTo(429);
            clock.advance(Duration.ofMinutes(1));
            assertThat(Client.get(rest, "/public/products").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void the_lists_have_what_trades_and_what_is_to_be_left_out() throws Exception {
        assertThat(SIMULATED
                        .json(SPOT, "/public/products")
                        .at("/data/products")
                        .valueStream()
                        .filter(row -> row.path("type").asText().equals("Spot"))
                        .filter(row -> row.path("quoteCurrency").asText().equals("USDT"))
                        .filter(row -> row.path("status").asText().equals("Listed"))
                        .map(row -> row.path("symbol").asText()))
                .containsExactlyInAnyOrderElementsOf(SIMULATED.traded(SPOT));
        JsonNode perpetuals = SIMULATED.json(PERPETUAL, "/public/products").at("/data/perpProductsV2");
        assertThat(perpetuals
                        .valueStream()
                        .filter(row -> row.path("perpProductSubType").asText().equals("Normal"))
                        .filter(row -> row.path("settleCurrency").asText().equals("USDT"))
                        .filter(row -> row.path("status").asText().equals("Listed"))
                        .map(row -> row.path("symbol").asText()))
                .containsExactlyInAnyOrderElementsOf(SIMULATED.traded(PERPETUAL));
        assertThat(perpetuals
                        .valueStream()
                        .map(row -> row.path("symbol").asText()
                                + row.path("baseCurrency").asText()))
                .contains("u1000NANOUSDT1000 NANO");
    }
}

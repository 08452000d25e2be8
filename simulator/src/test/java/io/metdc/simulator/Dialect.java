package io.metdc.simulator;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// How a client speaks with one simulated market: as little as a test of all markets needs.
record Dialect(Market market) {
    static Stream<Dialect> all() {
        return Simulator.MARKETS.stream().map(Dialect::new);
    }

    boolean isSpot() {
        return market.type() == MarketType.SPOT;
    }

    /// A connected client.
    Client open(Simulator simulator) throws Exception {
        URI printed = simulator.address(market).websocket();
        return switch (market.exchange()) {
            case BINANCE -> Client.open(isSpot() ? URI.create(printed + "/stream") : printed);
            case OKX -> Client.open(URI.create("ws://" + printed.getAuthority() + "/ws/v5/business"));
            case KUCOIN -> KucoinClient.open(simulator, market).socket();
            case UPBIT -> {
                Client client = Client.open(printed);
                client.readsBinary = true;
                yield client;
            }
            case BYBIT, GATE, PHEMEX -> Client.open(printed);
        };
    }

    /// Asks for these, without waiting for an answer.
    void subscribe(Client client, String... symbols) {
        requests(true, symbols).forEach(client::say);
    }

    /// Asks for one more beside what was asked for before.
    void subscribeMore(Client client, String before, String more) {
        if (is(Exchange.UPBIT)) { // a request replaces the one before
            subscribe(client, before, more);
        } else {
            subscribe(client, more);
        }
    }

    /// Asks for these no more; where there are no such requests, for nothing.
    void unsubscribe(Client client, String... symbols) {
        requests(false, symbols).forEach(client::say);
    }

    /// Frames whose quotation marks are single.
    List<String> requests(boolean more, String... symbols) {
        String verb = more ? "subscribe" : "unsubscribe";
        return switch (market.exchange()) {
            case BINANCE ->
                List.of("{'method':'" + verb.toUpperCase(Locale.ROOT) + "','params':["
                        + joined("'", "@trade'", true, symbols) + "],'id':7}");
            case BYBIT ->
                List.of("{'req_id':'7','op':'" + verb + "','args':[" + joined("'publicTrade.", "'", false, symbols)
                        + "]}");
            case OKX ->
                List.of("{'id':'b1','op':'" + verb + "','args':["
                        + joined("{'channel':'trades-all','instId':'", "'}", false, symbols) + "]}");
            case KUCOIN ->
                List.of("{'id':7,'type':'" + verb + "','topic':'"
                        + (isSpot() ? "/market/match:" : "/contractMarket/execution:") + String.join(",", symbols)
                        + "','privateChannel':false,'response':true}");
            case GATE ->
                List.of("{'time':" + Instant.now().getEpochSecond() + ",'channel':'" + (isSpot() ? "spot" : "futures")
                        + ".trades','event':'" + verb + "','payload':[" + joined("'", "'", false, symbols) + "]}");
            case PHEMEX ->
                more
                        ? Stream.of(symbols)
                                .map(symbol ->
                                        "{'id':7,'method':'" + family() + ".subscribe','params':['" + symbol + "']}")
                                .toList()
                        : List.of("{'id':8,'method':'" + family() + ".unsubscribe','params':[]}");
            case UPBIT ->
                more
                        ? List.of(
                                "[{'ticket':'t'},{'type':'trade','codes':[" + joined("'", "'", false, symbols) + "]}]")
                        : List.of();
        };
    }

    private String family() {
        return isSpot() ? "trade" : "trade_p";
    }

    private static String joined(String before, String behind, boolean lower, String... symbols) {
        return Stream.of(symbols)
                .map(symbol -> before + (lower ? symbol.toLowerCase(Locale.ROOT) : symbol) + behind)
                .collect(Collectors.joining(","));
    }

    /// How many frames with trades of an instrument came; Phemex' past is not counted.
    long heard(Client client, String symbol) {
        String marker = switch (market.exchange()) {
            case BINANCE -> "\"e\":\"trade\"";
            case BYBIT -> "\"topic\"";
            case OKX, KUCOIN -> "\"tradeId\"";
            case GATE -> "\"update\"";
            case PHEMEX -> "\"incremental\"";
            case UPBIT -> "\"sequential_id\"";
        };
        String named = "\"" + symbol + "\"";
        return client.frames.stream()
                .filter(frame -> frame.contains(marker) && frame.contains(named))
                .count();
    }

    /// Waits for more trades of an instrument.
    void awaitMore(Client client, String symbol, int more) {
        long before = heard(client, symbol);
        await().until(() -> heard(client, symbol) >= before + more);
    }

    // ---- the list

    String listPath() {
        return switch (market.exchange()) {
            case BINANCE -> isSpot() ? "/api/v3/exchangeInfo" : "/fapi/v1/exchangeInfo";
            case BYBIT -> "/v5/market/instruments-info?limit=1000&category=" + (isSpot() ? "spot" : "linear");
            case OKX -> "/api/v5/public/instruments?instType=" + (isSpot() ? "SPOT" : "SWAP");
            case KUCOIN -> isSpot() ? "/api/v2/symbols" : "/api/v1/contracts/active";
            case GATE -> isSpot() ? "/spot/currency_pairs" : "/futures/usdt/contracts";
            case PHEMEX -> "/public/products";
            case UPBIT -> "/v1/market/all";
        };
    }

    HttpResponse<String> askForList(Simulator simulator) throws Exception {
        return Client.get(simulator.address(market).rest(), listPath());
    }

    /// The rows of the list as it is now.
    List<JsonNode> list(Simulator simulator) throws Exception {
        return rows(Client.json(askForList(simulator).body()));
    }

    List<JsonNode> rows(JsonNode answer) {
        JsonNode rows = switch (market.exchange()) {
            case BINANCE -> answer.path("symbols");
            case BYBIT -> answer.at("/result/list");
            case OKX, KUCOIN -> answer.path("data");
            case GATE, UPBIT -> answer;
            case PHEMEX -> answer.at(isSpot() ? "/data/products" : "/data/perpProductsV2");
        };
        return rows.valueStream().toList();
    }

    String symbolOf(JsonNode row) {
        return row.path(
                        switch (market.exchange()) {
                            case BINANCE, BYBIT, KUCOIN, PHEMEX -> "symbol";
                            case OKX -> "instId";
                            case GATE -> isSpot() ? "id" : "name";
                            case UPBIT -> "market";
                        })
                .asText();
    }

    /// Whether a row says that its instrument trades, by the field that the exchange's document names.
    boolean trades(JsonNode row) {
        return switch (market.exchange()) {
            case BINANCE -> row.path("status").asText().equals("TRADING");
            case BYBIT -> row.path("status").asText().equals("Trading");
            case OKX -> row.path("state").asText().equals("live");
            case KUCOIN ->
                isSpot()
                        ? row.path("enableTrading").asBoolean()
                        : row.path("status").asText().equals("Open");
            case GATE ->
                isSpot()
                        ? row.path("trade_status").asText().equals("tradable")
                        : row.path("status").asText().equals("trading")
                                && !row.path("in_delisting").asBoolean();
            case PHEMEX -> row.path("status").asText().equals("Listed");
            case UPBIT -> true;
        };
    }

    /// The symbols of the rows that trade.
    List<String> trading(Simulator simulator) throws Exception {
        return list(simulator).stream().filter(this::trades).map(this::symbolOf).toList();
    }

    /// Whether an answer for the list is one of the exchange's errors, in the form that its document gives.
    boolean isError(JsonNode answer) {
        return switch (market.exchange()) {
            case BINANCE -> answer.path("code").asInt() < 0;
            case BYBIT -> answer.path("retCode").asInt() != 0;
            case OKX -> !answer.path("code").asText().equals("0");
            case KUCOIN -> !answer.path("code").asText().equals("200000");
            case GATE -> answer.has("label");
            case PHEMEX -> answer.path("code").asInt() != 0;
            case UPBIT -> answer.at("/error/name").isTextual();
        };
    }

    Optional<JsonNode> row(Simulator simulator, String symbol) throws Exception {
        return list(simulator).stream()
                .filter(row -> symbolOf(row).equals(symbol))
                .findFirst();
    }

    boolean is(Exchange exchange) {
        return market.exchange() == exchange;
    }

    @Override
    public String toString() {
        return market.toString();
    }
}

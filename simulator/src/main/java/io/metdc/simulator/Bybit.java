package io.metdc.simulator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Nanos;
import io.metdc.market.TradeId;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Bybit v5 spot and linear perpetuals: what trades, rules and REST. The stream is [BybitSession].
///
/// Source: bybit-exchange/docs (2026-07-24) and measurements published until 2026-10. Ids are no numbering: on spot
/// they rise and leave numbers out, on linear they are UUIDs.
final class Bybit implements Protocol {
    private static final Rules RULES =
            Rules.listening(1 << 20, Silence.ofBoth(Duration.ofMinutes(10), 0), Rate.aSecond(200));

    private static final long SPOT_IDS = 2_290_000_000_000_000_000L;
    private static final int STEP = 37; // ids in between are others'
    private static final int REQUESTS = 600;
    private static final Duration PER = Duration.ofSeconds(5);
    /// Until ten minutes without a request have passed.
    private static final Quota.Penalty BAN =
            new Quota.Penalty("HTTP 403", 0, Duration.ofMinutes(10), true, false, "HTTP 403");
    private static final int CONNECTS = 500;
    private static final Duration CONNECTS_PER = Duration.ofMinutes(5);
    /// Counted by category.
    private static final int CONNECTIONS = 1_000;
    private static final int SPOT_ROWS = 60;
    private static final int LINEAR_ROWS = 1_000;
    private static final int PAGE = 500;
    private static final int MOST_ON_A_PAGE = 1_000;
    static final int SPOT_TOPICS_AT_ONCE = 10;
    static final int MOST_CHARACTERS = 21_000;

    private static final String SPOT_ROW = """
            {"symbolId":1,"symbol":"","baseCoin":"","quoteCoin":"USDT","innovation":"0","status":"Trading",\
            "marginTrading":"none","stTag":"0","lotSizeFilter":{"basePrecision":"0.000001",\
            "quotePrecision":"0.00000001","minOrderQty":"0.000001","maxOrderQty":"100","minOrderAmt":"5",\
            "maxOrderAmt":"4000000","maxLimitOrderQty":"100","maxMarketOrderQty":"50",\
            "postOnlyMaxLimitOrderSize":"50000"},"priceFilter":{"tickSize":"0.01"},\
            "riskParameters":{"priceLimitRatioX":"0.01","priceLimitRatioY":"0.02"},"symbolType":""}""";

    private static final String LINEAR_ROW = """
            {"symbol":"","symbolId":1,"contractType":"LinearPerpetual","status":"Trading","baseCoin":"",\
            "quoteCoin":"USDT","launchTime":"1600000000000","deliveryTime":"0","deliveryFeeRate":"","priceScale":"2",\
            "leverageFilter":{"minLeverage":"1","maxLeverage":"50.00","leverageStep":"0.01"},\
            "priceFilter":{"minPrice":"0.01","maxPrice":"2000000.00","tickSize":"0.01"},\
            "lotSizeFilter":{"maxOrderQty":"10000.000","minOrderQty":"0.001","qtyStep":"0.001",\
            "postOnlyMaxOrderQty":"10000.000","maxMktOrderQty":"2000.000","minNotionalValue":"5"},\
            "unifiedMarginTrade":true,"fundingInterval":480,"settleCoin":"USDT","copyTrading":"none",\
            "upperFundingRate":"0.005","lowerFundingRate":"-0.005","isPreListing":false,"preListingInfo":null,\
            "riskParameters":{"priceLimitRatioX":"0.02","priceLimitRatioY":"0.04"},"symbolType":""}""";

    private static final String AUCTION = """
            {"curAuctionPhase":"CallAuction","phases":[{"phase":"CallAuction","startTime":"1795000000000",\
            "endTime":"1805000000000"}],"auctionFeeInfo":{"auctionFeeRate":"0","takerFeeRate":"0.001",\
            "makerFeeRate":"0.0004"}}""";

    private final Market market;
    private final long seed;
    private final Catalogue catalogue = new Catalogue();
    private final BybitSession.Frames frames;
    private final Quota requests;
    private final Door door;

    Bybit(MarketType type, SimulatorOptions options, Quotas quotas) {
        market = new Market(Exchange.BYBIT, type);
        seed = SplitMix.seed(options.seed(), market.toString());
        for (Coin coin : Coin.traded(options)) {
            Listing listing = listing(coin, catalogue.size());
            catalogue.add(listing, row(listing, LISTED));
        }
        others();
        frames = new BybitSession.Frames(this);
        requests = quotas.rest("all hosts", REQUESTS, PER, BAN);
        door = quotas.door(
                market.toString(),
                quotas.connects("domain", CONNECTS, CONNECTS_PER, Quota.Penalty.refusal("HTTP 429")),
                CONNECTIONS);
    }

    boolean isSpot() {
        return market.type() == MarketType.SPOT;
    }

    @Override
    public Listing listing(Coin coin, int rank) {
        BigDecimal price = new BigDecimal(coin.price());
        String base = coin.name();
        if (!isSpot() && price.compareTo(Listings.CHEAP) < 0 && !base.startsWith("1000")) {
            base = base.equals("SHIB") ? "SHIB1000" : "1000" + base;
            price = price.movePointRight(3);
        }
        return Listings.of(base + "USDT", base, coin, price, BigDecimal.ONE, 6, SPOT_IDS + rank);
    }

    @Override
    public ObjectNode row(Listing listing, Instant listedAt) {
        Integer place = catalogue.place(listing.symbol());
        ObjectNode row = row(listing.symbol(), listing.base(), "USDT")
                .put("symbolId", 1 + (place == null ? catalogue.size() : place));
        BigDecimal tick = listing.prices().decimal(1);
        row.withObject("priceFilter").put("tickSize", tick.toPlainString());
        row.withObject("lotSizeFilter")
                .put(isSpot() ? "basePrecision" : "qtyStep", listing.sizes().text(1));
        return isSpot()
                ? row
                : row.put("priceScale", Integer.toString(tick.scale()))
                        .put("launchTime", Long.toString(listedAt.toEpochMilli()));
    }

    /// Spot lists only what trades, linear the others to who asks for their state.
    @Override
    public @Nullable ObjectNode delisted(ObjectNode row, Instant at) {
        return isSpot() ? null : row.put("status", "Closed").put("deliveryTime", Long.toString(at.toEpochMilli()));
    }

    private ObjectNode row(String symbol, String base, String quote) {
        ObjectNode row = Protocol.row(isSpot() ? SPOT_ROW : LINEAR_ROW)
                .put("symbol", symbol)
                .put("baseCoin", base)
                .put("quoteCoin", quote);
        return isSpot() ? row : row.put("settleCoin", quote);
    }

    private void other(ObjectNode row) {
        catalogue.put(name(row), row);
    }

    /// What a collector must leave out.
    private void others() {
        if (isSpot()) {
            other(row("BTCUSDC", "BTC", "USDC"));
            other(row("AAPLXUSDT", "AAPLX", "USDT").put("symbolType", "xstocks"));
            other(row("BTC3LUSDT", "BTC3L", "USDT"));
            other(row("EURUSDT", "EUR", "USDT"));
            return;
        }
        other(row("BTCPERP", "BTC", "USDC"));
        other(row("BTCUSDT-25DEC26", "BTC", "USDT").put("contractType", "LinearFutures"));
        other(row("TSLAUSDT", "TSLA", "USDT").put("symbolType", "stock"));
        other(row("XAUUSDT", "XAU", "USDT").put("symbolType", "commodity"));
        other(row("NEWUSDT", "NEW", "USDT")
                .put("status", "PreLaunch")
                .put("isPreListing", true)
                .<ObjectNode>set("preListingInfo", Protocol.row(AUCTION)));
        other(row("CSOPUSDT", "CSOP", "USDT").put("symbolType", "ETF"));
    }

    @Override
    public Market market() {
        return market;
    }

    @Override
    public Catalogue catalogue() {
        return catalogue;
    }

    @Override
    public boolean consumes() {
        return false;
    }

    @Override
    public URI websocketUrl(String origin) {
        return URI.create(origin + "/v5/public/" + category());
    }

    private String category() {
        return isSpot() ? "spot" : "linear";
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    @Override
    public Door door() {
        return door;
    }

    @Override
    public Session open(Handshake handshake, Tape tape) throws Refusal {
        if (!handshake.path().equals("/v5/public/" + category())) {
            throw new Refusal(404, "Not Found");
        }
        return new BybitSession(frames);
    }

    // ---- REST

    @Override
    public HttpAnswer answer(HttpRequest request, Tape tape, Set<Fault> faults) {
        if (requests.take(market, request.address(), 1, request.nowNanos()).isRefused()) {
            return new HttpAnswer(403, Map.of("Content-Type", "text/plain"), "403, access too frequent");
        }
        if (!request.parameters().getOrDefault("category", "").equals(category())) {
            return error(request.nowNanos(), 10001, "Illegal category");
        }
        return switch (request.path()) {
            case "/v5/market/instruments-info" -> instruments(request, faults);
            case "/v5/market/recent-trade" -> trades(request, tape, faults);
            default -> HttpAnswer.html(404, "Not Found");
        };
    }

    /// Spot answers everything at once, linear in pages. What does not trade yet is told only to who asks for it.
    private HttpAnswer instruments(HttpRequest request, Set<Fault> faults) {
        String status = request.parameters().getOrDefault("status", "Trading");
        String symbol = request.parameters().get("symbol");
        List<ObjectNode> found = Protocol.listed(catalogue.rows(), faults).stream()
                .filter(row -> row.get("status").textValue().equals(status))
                .filter(row -> symbol == null || row.get("symbol").textValue().equals(symbol))
                .toList();
        ObjectNode result = JSON.createObjectNode().put("category", category());
        if (isSpot()) {
            result.putArray("list").addAll(found);
            return success(request.nowNanos(), result);
        }
        int from = 0;
        String cursor = HttpRequest.decoded(request.parameters().getOrDefault("cursor", "")); // encoded once or twice
        if (!cursor.isEmpty()) {
            while (from < found.size() && !cursor.endsWith("&last=" + name(found.get(from)))) {
                from++;
            }
            if (from == found.size()) {
                return error(request.nowNanos(), 10001, "Illegal cursor");
            }
            from++;
        }
        int to = Math.min(found.size(), from + Math.clamp(number(request, "limit", PAGE), 1, MOST_ON_A_PAGE));
        result.putArray("list").addAll(found.subList(from, to));
        String next = to == found.size() ? "" : "first=" + name(found.get(from)) + "&last=" + name(found.get(to - 1));
        result.put("nextPageCursor", URLEncoder.encode(next, StandardCharsets.UTF_8));
        return success(request.nowNanos(), result);
    }

    private static String name(ObjectNode row) {
        return row.get("symbol").textValue();
    }

    /// The newest, newest first.
    private HttpAnswer trades(HttpRequest request, Tape tape, Set<Fault> faults) {
        Integer listing = catalogue.known(request.parameters().getOrDefault("symbol", ""));
        if (listing == null) {
            return error(request.nowNanos(), 10001, "Not supported symbols");
        }
        int most = isSpot() ? SPOT_ROWS : LINEAR_ROWS;
        int limit = Math.clamp(number(request, "limit", isSpot() ? SPOT_ROWS : 500), 1, most);
        Feed feed = tape.feeds().get(listing);
        List<ObjectNode> found = new ArrayList<>();
        for (long index = feed.count() - 1; index >= feed.oldest() && found.size() < limit; index--) {
            Chunk chunk = feed.chunk(index);
            if (chunk != null) {
                found.add(trade(feed.listing, index, chunk, Feed.at(index)));
            }
        }
        ObjectNode result = JSON.createObjectNode().put("category", category());
        ArrayNode list = result.putArray("list");
        Protocol.reduced(found, faults).forEach(list::add);
        return success(request.nowNanos(), result);
    }

    private ObjectNode trade(Listing listing, long index, Chunk chunk, int at) {
        return JSON.createObjectNode()
                .put("execId", id(listing, index).toString())
                .put("symbol", listing.symbol())
                .put("price", text(listing.prices(), chunk.price(at)))
                .put("size", text(listing.sizes(), chunk.size(at)))
                .put("side", chunk.isSell(at) ? "Sell" : "Buy")
                .put("time", Long.toString(chunk.timeNanos(at) / Nanos.PER_MILLI))
                .put("isBlockTrade", false)
                .put("isRPITrade", false)
                .put("seq", Long.toString(chunk.timeNanos(at) / Nanos.PER_MILLI));
    }

    /// Linear alone writes all decimals of the grid.
    private String text(Grid grid, long steps) {
        return isSpot() ? grid.plain(steps) : grid.text(steps);
    }

    private static int number(HttpRequest request, String name, int otherwise) {
        String text = request.parameters().get(name);
        return text == null || !text.matches("\\d{1,6}") ? otherwise : Integer.parseInt(text);
    }

    private static HttpAnswer success(long nowNanos, ObjectNode result) {
        ObjectNode answer = JSON.createObjectNode().put("retCode", 0).put("retMsg", "OK");
        answer.set("result", result);
        answer.putObject("retExtInfo");
        return HttpAnswer.json(
                200, answer.put("time", nowNanos / Nanos.PER_MILLI).toString());
    }

    /// Errors come with status 200.
    private static HttpAnswer error(long nowNanos, int code, String message) {
        ObjectNode answer = JSON.createObjectNode().put("retCode", code).put("retMsg", message);
        answer.putObject("result");
        answer.putObject("retExtInfo");
        return HttpAnswer.json(
                200, answer.put("time", nowNanos / Nanos.PER_MILLI).toString());
    }

    @Override
    public boolean isList(HttpRequest request) {
        return request.path().equals("/v5/market/instruments-info");
    }

    @Override
    public HttpAnswer failure(long nowNanos) {
        return error(nowNanos, 10016, "Server error");
    }

    @Override
    public HttpAnswer refusal(Fault fault, long nowNanos) {
        return switch (fault) {
            case REST_429, REST_418 ->
                error(nowNanos, 10006, "Too many visits!")
                        .with("X-Bapi-Limit", "120")
                        .with("X-Bapi-Limit-Status", "0")
                        .with("X-Bapi-Limit-Reset-Timestamp", Long.toString(nowNanos / Nanos.PER_MILLI + 1_000));
            case REST_403, REST_451 -> HttpAnswer.html(403, "403 Forbidden");
            default -> HttpAnswer.html(503, "Service Temporarily Unavailable");
        };
    }

    @Override
    public String exampleFrame() {
        return "{\"topic\":\"publicTrade.BTCUSDT\",\"type\":\"snapshot\",\"ts\":1790370834849,\"data\":[{\"T\":1790370834848,"
                + "\"s\":\"BTCUSDT\",\"S\":\"Sell\",\"v\":\"0.001\",\"p\":\"83680.00\",\"i\":\"x\",\"BT\":false}]}";
    }

    @Override
    public TradeId id(Listing listing, long index) {
        return TradeId.of(
                isSpot()
                        ? Long.toString(listing.firstId() + index * STEP)
                        : uuid(seed, listing.symbol(), index).toString());
    }

    private static UUID uuid(long seed, String symbol, long index) {
        long high = SplitMix.seed(seed + index, symbol);
        long low = SplitMix.seed(high, symbol);
        return new UUID((high & 0xFFFFFFFFFFFF0FFFL) | 0x5000L, (low & 0x3FFFFFFFFFFFFFFFL) | 0x8000000000000000L);
    }

    @Override
    public BigDecimal written(BigDecimal number) {
        return isSpot() ? Grid.plain(number) : number;
    }

    @Override
    public long executedAtNanos(long tapeNanos) {
        return tapeNanos - Math.floorMod(tapeNanos, Nanos.PER_MILLI);
    }

    /// The text of a request's refusal, "" when it passes.
    ///
    /// @param topics     what is asked for
    /// @param characters of all topics, those that are there already and those that are asked for
    String refusal(List<String> topics, Set<String> known, int characters) {
        if (isSpot() && topics.size() > SPOT_TOPICS_AT_ONCE) {
            return "args size >10";
        }
        for (String topic : topics) {
            String symbol = topic.startsWith("publicTrade.") ? topic.substring("publicTrade.".length()) : "";
            if (catalogue.known(symbol) == null) {
                return isSpot() ? "Invalid symbol :[" + topic + "]" : "error:handler not found,topic:" + topic;
            }
            if (known.contains(topic)) {
                return "error:already subscribed,topic:" + topic;
            }
        }
        return characters > MOST_CHARACTERS ? "args too long" : "";
    }

    /// What a message says of a request.
    String answer(boolean success, String said, String operation, @Nullable String id) {
        ObjectNode answer = JSON.createObjectNode().put("success", success).put("ret_msg", said);
        answer.put("conn_id", "6c1a7b0e-3a1e-4c0a-9d3e-1f5f4f2f7a10");
        if (id != null || !isSpot()) {
            answer.put("req_id", id == null ? "" : id);
        }
        return answer.put("op", operation).toString();
    }
}

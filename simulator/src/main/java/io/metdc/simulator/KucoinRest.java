package io.metdc.simulator;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.metdc.market.Nanos;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// KuCoin's REST: tokens, instruments, the newest hundred trades, and the pool of weight that requests are taken from.
///
/// Answers are `{"code":"200000","data":…}`; most errors come with status 200, too. Spot gives trades oldest first and
/// without ids, whose place the sequence takes; futures newest first, with ids. Numbers are written as the service's
/// Java does: `1.0E-4`, `10.0`.
final class KucoinRest {
    private static final int POOL = 2000;
    private static final Duration POOL_LASTS = Duration.ofSeconds(30);
    private static final int ROWS = 100;
    static final String PAIRS = "/api/v2/symbols";
    static final String CONTRACTS = "/api/v1/contracts/active";
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String SPOT_ROW = """
            {"symbol":"","name":"","baseCurrency":"","quoteCurrency":"USDT","feeCurrency":"USDT","market":"USDS",\
            "baseMinSize":"0.00001","quoteMinSize":"0.1","baseMaxSize":"10000000000","quoteMaxSize":"99999999",\
            "baseIncrement":"0.00000001","quoteIncrement":"0.000001","priceIncrement":"0.1","priceLimitRate":"0.1",\
            "minFunds":"0.1","isMarginEnabled":true,"enableTrading":true,"feeCategory":1,"makerFeeCoefficient":"1.00",\
            "takerFeeCoefficient":"1.00","st":false,"callauctionIsEnabled":false,"callauctionPriceFloor":null,\
            "callauctionPriceCeiling":null,"callauctionFirstStageStartTime":null,\
            "callauctionSecondStageStartTime":null,"callauctionThirdStageStartTime":null,"tradingStartTime":null}""";

    private static final String FUTURES_ROW = """
            {"symbol":"","rootSymbol":"USDT","type":"FFWCSX","firstOpenDate":1685555200000,"expireDate":null,\
            "settleDate":null,"baseCurrency":"","quoteCurrency":"USDT","settleCurrency":"USDT","maxOrderQty":1000000,\
            "maxPrice":1000000.0,"lotSize":1,"tickSize":0.1,"indexPriceTickSize":0.01,"multiplier":1.0,\
            "initialMargin":0.008,"maintainMargin":0.004,"maxRiskLimit":100000,"minRiskLimit":100000,"riskStep":50000,\
            "makerFeeRate":2.0E-4,"takerFeeRate":6.0E-4,"takerFixFee":0.0,"makerFixFee":0.0,"settlementFee":null,\
            "isDeleverage":true,"isQuanto":true,"isInverse":false,"markMethod":"FairPrice","fairMethod":"FundingRate",\
            "fundingBaseSymbol":".INT8H","fundingQuoteSymbol":".USDTINT8H","fundingRateSymbol":".FPI8H",\
            "indexSymbol":".KUSDT","settlementSymbol":"","status":"Open","fundingFeeRate":5.1E-5,\
            "predictedFundingFeeRate":null,"fundingRateGranularity":28800000,"fundingRateCap":0.003,\
            "fundingRateFloor":-0.003,"period":1,"openInterest":"5940782","turnoverOf24h":6.35E8,\
            "volumeOf24h":5735.963,"markPrice":1.37,"indexPrice":1.22,"lastTradePrice":1,"nextFundingRateTime":28149691,\
            "nextFundingRateDateTime":1795224000000,"maxLeverage":125,"sourceExchanges":["okex","binance"],\
            "premiumsSymbol1M":".PI","premiumsSymbol8H":".PI8H","fundingBaseSymbol1M":".INT",\
            "fundingQuoteSymbol1M":".USDTINT","lowPrice":1.5,"highPrice":1.8,"priceChgPct":-0.0085,"priceChg":-9.9,\
            "k":490.0,"m":300.0,"f":1.3,"mmrLimit":0.3,"mmrLevConstant":125.0,"supportCross":true,"buyLimit":1.5,\
            "sellLimit":1.8,"adjustK":null,"adjustM":null,"adjustMmrLevConstant":null,"adjustActiveTime":null,\
            "crossRiskLimit":5.0E8,"marketStage":"NORMAL","assetClass":"CRYPTO"}""";

    private final Kucoin market;
    private final Quota pool;

    KucoinRest(Kucoin market, Quotas quotas) {
        this.market = market;
        pool = quotas.rest(market.market().toString(), POOL, POOL_LASTS, Quota.Penalty.refusal("HTTP 429"));
    }

    // ---- requests

    HttpAnswer answer(HttpRequest request, Tape tape, Set<Fault> faults) {
        boolean isToken = request.path().equals("/api/v1/bullet-public");
        String histories = market.isSpot() ? "/api/v1/market/histories" : "/api/v1/trade/history";
        String list = market.isSpot() ? PAIRS : CONTRACTS;
        int weight = isToken
                ? 10
                : request.path().equals(list)
                        ? (market.isSpot() ? 4 : 3)
                        : request.path().equals(histories) ? (market.isSpot() ? 3 : 5) : 0;
        if (weight == 0) {
            return error(404, "404000", "Url Not Found");
        }
        if (!request.method().equals(isToken ? "POST" : "GET")) {
            return HttpAnswer.json(405, "{\"msg\":\"Method Not Allowed\",\"code\":\"405000\"}");
        }
        int left = pool.take(market.market(), request.address(), weight, request.nowNanos())
                .left();
        HttpAnswer answer = left < 0
                ? error(429, "429000", "Too Many Requests")
                : isToken
                        ? token(request)
                        : request.path().equals(list) ? instruments(faults) : trades(request, tape, faults);
        long reset = pool.nanosLeft(request.nowNanos()) / Nanos.PER_MILLI;
        return answer.with("gw-ratelimit-limit", Integer.toString(pool.most()))
                .with("gw-ratelimit-remaining", Integer.toString(Math.max(0, left)))
                .with("gw-ratelimit-reset", Long.toString(reset));
    }

    /// The overload's 429 has none of the headers; the CDN's own ban is no JSON.
    static HttpAnswer refusal(Fault fault) {
        return switch (fault) {
            case REST_429 -> error(429, "429000", "Too Many Requests").with("gw-ratelimit-reset", "2000");
            case REST_418 -> HttpAnswer.html(429, "error code: 1015");
            case REST_451 -> error(451, "400302", "Our services are unavailable in your country.");
            case REST_403 -> HttpAnswer.html(403, "Forbidden");
            default -> HttpAnswer.html(503, "Service Temporarily Unavailable");
        };
    }

    /// Most errors come with status 200.
    static HttpAnswer failure() {
        return error(200, "500000", "Internal Server Error");
    }

    private static HttpAnswer error(int status, String code, String message) {
        return HttpAnswer.json(
                status,
                JSON.createObjectNode().put("code", code).put("msg", message).toString());
    }

    private static HttpAnswer data(String data) {
        return HttpAnswer.json(200, "{\"code\":\"200000\",\"data\":" + data + "}");
    }

    private HttpAnswer token(HttpRequest request) {
        ObjectNode data = JSON.createObjectNode().put("token", market.token());
        data.putArray("instanceServers")
                .addObject()
                .put("endpoint", request.sockets().toString())
                .put("encrypt", true)
                .put("protocol", "websocket")
                .put("pingInterval", 18_000)
                .put("pingTimeout", 10_000);
        return data(data.toString());
    }

    private HttpAnswer instruments(Set<Fault> faults) {
        ArrayNode rows = JSON.createArrayNode();
        rows.addAll(Protocol.listed(market.catalogue().rows(), faults));
        return data(rows.toString());
    }

    // ---- trades

    private HttpAnswer trades(HttpRequest request, Tape tape, Set<Fault> faults) {
        String symbol = request.parameters().getOrDefault("symbol", "");
        if (!market.catalogue().lists(symbol)) {
            return market.isSpot()
                    ? error(200, "200003", "Invalid symbol.")
                    : error(200, "404000", "The contract does not exist.");
        }
        List<String> rows = new ArrayList<>(); // newest first
        Integer listing = market.catalogue().known(symbol);
        if (listing != null) {
            Feed feed = tape.feeds().get(listing);
            for (long index = feed.count() - 1; index >= feed.oldest() && rows.size() < ROWS; index--) {
                Chunk chunk = feed.chunk(index);
                if (chunk != null) { // forgotten in between
                    rows.add(row(feed.listing, index, chunk, Feed.at(index)));
                }
            }
        }
        List<String> ordered = market.isSpot() ? rows.reversed() : rows;
        return data("[" + String.join(",", Protocol.reduced(ordered, faults)) + "]");
    }

    private String row(Listing listing, long index, Chunk chunk, int at) {
        long number = Kucoin.number(listing, index);
        String price = listing.prices().text(chunk.price(at));
        String size = listing.sizes().text(chunk.size(at));
        String side = chunk.isSell(at) ? "sell" : "buy";
        long time = Kucoin.millis(chunk.timeNanos(at));
        return market.isSpot()
                ? "{\"sequence\":\"" + number + "\",\"price\":\"" + price + "\",\"size\":\"" + size + "\",\"side\":\""
                        + side + "\",\"time\":" + time + "}"
                : "{\"sequence\":" + number + ",\"contractId\":1,\"tradeId\":\"" + number
                        + "\",\"makerOrderId\":\"584590651955064832\",\"takerOrderId\":\""
                        + (listing.firstId() / 100 + index) + "\",\"ts\":" + time + ",\"size\":" + size
                        + ",\"price\":\"" + price + "\",\"side\":\"" + side + "\"}";
    }

    // ---- instruments

    static ObjectNode spot(Listing listing, Instant listedAt) {
        ObjectNode row = pair(listing.base(), "USDT", "USDS")
                .put("name", listing.coin().name() + "-USDT")
                .put("baseIncrement", listing.sizes().text(1))
                .put("priceIncrement", listing.prices().text(1));
        return listedAt.equals(Protocol.LISTED) ? row : row.put("tradingStartTime", listedAt.toEpochMilli());
    }

    private static ObjectNode pair(String base, String quote, String section) {
        return Protocol.row(SPOT_ROW)
                .put("symbol", base + "-" + quote)
                .put("name", base + "-" + quote)
                .put("baseCurrency", base)
                .put("quoteCurrency", quote)
                .put("feeCurrency", quote)
                .put("market", section);
    }

    static List<ObjectNode> others(boolean isSpot) {
        return isSpot ? otherPairs() : otherContracts();
    }

    /// What is to be left out: other quotes, leveraged tokens by field and by name, stocks by field and by list, what
    /// does not trade yet, a currency.
    private static List<ObjectNode> otherPairs() {
        List<ObjectNode> others = new ArrayList<>();
        others.add(pair("ETH", "BTC", "BTC"));
        others.add(pair("USDT", "USDC", "USDS"));
        for (String leveraged : List.of("BTC3L", "BTC3S")) {
            others.add(pair(leveraged, "USDT", "ETF"));
        }
        for (String leveraged : List.of("QTUM3S", "BTCUP", "BTCDOWN")) {
            others.add(pair(leveraged, "USDT", "ALTS"));
        }
        others.add(pair("NFLXX", "USDT", "Stocks"));
        others.add(pair("TSLAX", "USDT", "USDS"));
        others.add(pair("EUR", "USDT", "USDS"));
        others.add(pair("GROVE", "USDT", "USDS")
                .put("enableTrading", false)
                .put("callauctionIsEnabled", true)
                .put("callauctionPriceFloor", "0.00006")
                .put("callauctionPriceCeiling", "0.19")
                .put("callauctionFirstStageStartTime", 1_803_432_800_000L)
                .put("tradingStartTime", 1_803_435_500_000L));
        return others;
    }

    static ObjectNode futures(Listing listing, Instant listedAt) {
        BigDecimal tick = listing.prices().decimal(1);
        return contract(listing.symbol(), listing.base())
                .put("firstOpenDate", listedAt.toEpochMilli())
                .put("tickSize", tick.doubleValue())
                .put("multiplier", listing.contractSize().doubleValue());
    }

    /// A contract whose end is planned, and that trades until then.
    static ObjectNode toBeDelisted(ObjectNode row) {
        return row.put("expireDate", 1_803_528_000_000L).put("settleDate", 1_803_528_000_000L);
    }

    private static ObjectNode contract(String symbol, String base) {
        return Protocol.row(FUTURES_ROW).put("symbol", symbol).put("baseCurrency", base);
    }

    /// What is to be left out: other settlement, inverse and dated contracts, what is halted or not listed yet, and
    /// what is no coin.
    private static List<ObjectNode> otherContracts() {
        List<ObjectNode> others = new ArrayList<>();
        others.add(contract("XBTUSDCM", "XBT")
                .put("rootSymbol", "USDC")
                .put("quoteCurrency", "USDC")
                .put("settleCurrency", "USDC")
                .put("multiplier", 1.0E-4));
        ObjectNode inverse = contract("XBTUSDM", "XBT")
                .put("rootSymbol", "XBT")
                .put("quoteCurrency", "USD")
                .put("settleCurrency", "XBT")
                .put("isInverse", true)
                .put("isQuanto", false)
                .put("multiplier", -1.0);
        others.add(inverse);
        others.add(inverse.deepCopy()
                .put("symbol", "XBTMH27")
                .put("type", "FFICSX")
                .put("expireDate", 1_806_048_000_000L)
                .put("settleDate", 1_806_048_000_000L));
        others.add(contract("LUNAUSDTM", "LUNA").put("status", "Paused"));
        others.add(contract("OPENAIUSDTM", "OPENAI").put("marketStage", "PRE_MARKET"));
        others.add(contract("TSLAUSDTM", "TSLA").put("assetClass", "STOCK").put("marketType", "NASDAQ"));
        others.add(contract("XAUUSDTM", "XAU").put("assetClass", "METAL"));
        return others;
    }
}

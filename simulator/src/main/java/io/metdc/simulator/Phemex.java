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
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Phemex spot and USDT perpetuals: what trades, rules and REST. The stream is [PhemexSession].
///
/// Source: Phemex documents (2026-01), captures of 2021 to 2026. Trades have no ids; spot writes scaled integers,
/// perpetuals decimals; each subscription is answered by up to a thousand trades of the past, newest first.
final class Phemex implements Protocol {
    /// Rows of a snapshot, of REST and of the stream alike.
    static final int SNAPSHOT = 1_000;

    private static final Rules RULES =
            Rules.listening(1 << 16, Silence.ofClient(Duration.ofSeconds(31), 0), Rate.aSecond(20));
    private static final int SCALE = 8;
    private static final int SIZE_DECIMALS = 4;
    private static final int REQUESTS = 5_000;
    private static final int CONNECTS = 200;
    private static final int CONNECTIONS = 5;
    /// So many were let in.
    private static final int CONNECTIONS_MEASURED = 6;
    private static final Duration PER = Duration.ofMinutes(5);

    private static final String CURRENCY = """
            {"currency":"","name":"","code":1,"valueScale":8,"minValueEv":1,"maxValueEv":5000000000000000000,\
            "needAddrTag":0,"status":"Listed","displayCurrency":"","inAssetsDisplay":1,"perpetual":0,"stableCoin":0,\
            "assetsPrecision":8}""";

    private static final String PAIR = """
            {"symbol":"","code":1,"type":"Spot","displaySymbol":"","quoteCurrency":"USDT","priceScale":8,\
            "ratioScale":8,"pricePrecision":2,"baseCurrency":"","baseTickSize":"","baseTickSizeEv":1,\
            "quoteTickSize":"","quoteTickSizeEv":1,"baseQtyPrecision":4,"quoteQtyPrecision":2,\
            "minOrderValue":"5 USDT","minOrderValueEv":500000000,"maxBaseOrderSize":"1,000 ","maxBaseOrderSizeEv":\
            100000000000,"maxOrderValue":"300,000 USDT","maxOrderValueEv":30000000000000,"defaultTakerFee":"0.001",\
            "defaultTakerFeeEr":100000,"defaultMakerFee":"0.001","defaultMakerFeeEr":100000,"description":"",\
            "status":"Listed","tipOrderQty":10,"listTime":1600000000000,"buyPriceUpperLimitPct":110,\
            "sellPriceLowerLimitPct":90,"leverage":5}""";

    private static final String PERPETUAL = """
            {"perpProductSubType":"Normal","symbol":"","code":1,"type":"PerpetualV2","displaySymbol":"",\
            "indexSymbol":"","markSymbol":"","fundingRateSymbol":"","fundingRate8hSymbol":"",\
            "contractUnderlyingAssets":"","settleCurrency":"USDT","quoteCurrency":"USDT","tickSize":"0.1",\
            "priceScale":0,"ratioScale":0,"pricePrecision":1,"baseCurrency":"","description":"","status":"Listed",\
            "tipOrderQty":0,"listTime":1600000000000,"majorSymbol":false,"defaultLeverage":"-10",\
            "fundingInterval":28800,"maxLeverage":50,"leverageMargin":1001,"maxOI":-1.0,"maxOrderQtyRq":"100000",\
            "maxPriceRp":"400000","minOrderValueRv":"1","minPriceRp":"0.1","qtyPrecision":4,"qtyStepSize":"0.0001",\
            "tipOrderQtyRq":"10000","maxOpenPosLeverage":50.0}""";

    private static final String COIN_MARGINED = """
            {"symbol":"BTCUSD","code":1,"type":"Perpetual","displaySymbol":"BTC / USD","indexSymbol":".BTC",\
            "markSymbol":".MBTC","fundingRateSymbol":".BTCFR","fundingRate8hSymbol":".BTCFR8H",\
            "contractUnderlyingAssets":"USD","settleCurrency":"BTC","quoteCurrency":"USD","contractSize":1.0,\
            "lotSize":1,"tickSize":0.1,"priceScale":4,"ratioScale":8,"pricePrecision":1,"minPriceEp":100000,\
            "maxPriceEp":9000000000,"maxOrderQty":10000000,"description":"","status":"Listed","tipOrderQty":1000000,\
            "listTime":1600000000000,"majorSymbol":true,"defaultLeverage":"-10","fundingInterval":28800,\
            "maxLeverage":100,"leverageMargin":1001,"maxOI":-1.0}""";

    private final Market market;
    private final InstantSource clock;
    private final Catalogue catalogue = new Catalogue();
    private final PhemexSession.Frames frames;
    private final Quota requests;
    private final Door door;
    private volatile @Nullable Tape tape; // for the ids, which depend on what else happened at the same time

    Phemex(MarketType type, SimulatorOptions options, Quotas quotas) {
        market = new Market(Exchange.PHEMEX, type);
        clock = options.clock();
        for (Coin coin : Coin.traded(options)) {
            Listing listing = listing(coin, catalogue.size());
            catalogue.add(listing, row(listing, LISTED));
        }
        others();
        frames = new PhemexSession.Frames(this);
        requests = quotas.rest("all", REQUESTS, PER, new Quota.Penalty("HTTP 429", 0, PER, false, false, "HTTP 429"));
        door = quotas.door(
                "all",
                quotas.connects("all", CONNECTS, PER, Quota.Penalty.refusal("HTTP 429")),
                CONNECTIONS,
                CONNECTIONS_MEASURED);
    }

    boolean isSpot() {
        return market.type() == MarketType.SPOT;
    }

    long nowNanos() {
        return Nanos.of(clock.instant());
    }

    @Override
    public Listing listing(Coin coin, int rank) {
        BigDecimal price = new BigDecimal(coin.price());
        if (!isSpot() && price.compareTo(Listings.CHEAP) < 0 && !coin.name().startsWith("1000")) {
            return Listings.of(
                    "u1000" + coin.name() + "USDT",
                    "1000 " + coin.name(),
                    coin,
                    price.movePointRight(3),
                    BigDecimal.ONE,
                    SIZE_DECIMALS,
                    0);
        }
        String symbol = (isSpot() ? "s" : "") + coin.name() + "USDT";
        Listing plain = Listings.of(symbol, coin.name(), coin, price, BigDecimal.ONE, SIZE_DECIMALS, 0);
        if (!isSpot()) {
            return plain;
        }
        Grid prices = Grid.of(
                plain.prices().decimal(1).toPlainString(),
                Math.max(SCALE, plain.prices().scale()));
        Grid sizes = Grid.of(plain.sizes().decimal(1).toPlainString(), SCALE);
        return new Listing(
                symbol,
                plain.base(),
                coin,
                prices,
                sizes,
                BigDecimal.ONE,
                plain.opening(),
                plain.typicalSize(),
                plain.wide(),
                0);
    }

    @Override
    public ObjectNode row(Listing listing, Instant listedAt) {
        return (isSpot() ? pair(listing) : perpetual(listing)).put("listTime", listedAt.toEpochMilli());
    }

    @Override
    public ObjectNode delisted(ObjectNode row, Instant at) {
        return row.put("status", "Delisted");
    }

    /// What a collector must leave out.
    private void others() {
        if (isSpot()) {
            Listing first = catalogue.listing(0);
            other(pair(first).put("symbol", "sOLDUSDT").put("status", "Delisted"));
            other(pair(first)
                    .put("symbol", "sBTCTRY")
                    .put("quoteCurrency", "TRY")
                    .put("priceScale", 4));
            return;
        }
        other(perpetual("TSLAUSDT", "TSLA").put("perpProductSubType", "TradFi"));
        other(perpetual("OPENAIUSDT", "OPENAI").put("perpProductSubType", "PreMarket"));
        other(perpetual("LSKUSDT", "LSK").put("status", "Delisted"));
        other(perpetual("BTCUSDC", "BTC").put("quoteCurrency", "USDC").put("settleCurrency", "USDC"));
    }

    private void other(ObjectNode row) {
        catalogue.put(row.get("symbol").textValue(), row);
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
        return URI.create(origin);
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
    public Session open(Handshake handshake, Tape known) throws Refusal {
        tape = known;
        if (!handshake.path().equals("/") && !handshake.path().isEmpty()) {
            throw new Refusal(404, "Not Found");
        }
        return new PhemexSession(frames, known);
    }

    // ---- REST

    @Override
    public HttpAnswer answer(HttpRequest request, Tape known, Set<Fault> faults) {
        tape = known;
        if (requests.take(market, request.address(), 1, request.nowNanos()).isRefused()) {
            return refusal(Fault.REST_429, request.nowNanos());
        }
        return switch (request.path()) {
            case "/public/products" -> products(faults);
            case "/md/trade" -> isSpot() ? trades(request, known, faults) : invalid();
            case "/md/v2/trade" -> isSpot() ? invalid() : trades(request, known, faults);
            default -> HttpAnswer.html(403, "Forbidden");
        };
    }

    /// A wrong symbol is answered with status 500.
    private static HttpAnswer invalid() {
        return HttpAnswer.json(
                500, "{\"error\":{\"code\":6001,\"message\":\"invalid argument\"},\"id\":null,\"result\":null}");
    }

    /// One answer for spot, coin-margined contracts and perpetuals.
    private HttpAnswer products(Set<Fault> faults) {
        ObjectNode answer = JSON.createObjectNode().put("code", 0).put("msg", "");
        ObjectNode data = answer.putObject("data");
        ArrayNode currencies = data.putArray("currencies");
        ArrayNode products = data.putArray("products");
        ArrayNode perpetuals = data.putArray("perpProductsV2");
        data.putNull("perpProductsPilot");
        for (String empty : List.of("riskLimits", "leverages", "riskLimitsV2", "leveragesV2", "leverageMargins")) {
            data.putArray(empty);
        }
        data.put("ratioScale", SCALE).put("md5Checksum", "9e107d9d372bb6826bd81d3542a419d6");
        currency(currencies, "USDT");
        catalogue.listings().stream()
                .map(listing -> coin(listing.base()))
                .distinct()
                .forEach(coin -> currency(currencies, coin));
        (isSpot() ? products : perpetuals).addAll(Protocol.listed(catalogue.rows(), faults));
        products.add(Protocol.row(COIN_MARGINED));
        return HttpAnswer.json(200, answer.toString());
    }

    /// The coin of a base that may count a thousand of it.
    private static String coin(String base) {
        return base.substring(base.indexOf(' ') + 1);
    }

    private static void currency(ArrayNode currencies, String name) {
        currencies.add(Protocol.row(CURRENCY)
                .put("currency", name)
                .put("name", name)
                .put("code", currencies.size() + 1)
                .put("displayCurrency", name));
    }

    private static ObjectNode pair(Listing listing) {
        BigDecimal tick = listing.sizes().decimal(1).stripTrailingZeros();
        BigDecimal quoteTick = listing.prices().decimal(1).stripTrailingZeros();
        return Protocol.row(PAIR)
                .put("symbol", listing.symbol())
                .put("displaySymbol", listing.base() + " / USDT")
                .put("priceScale", listing.prices().scale())
                .put("baseCurrency", listing.base())
                .put("baseTickSize", tick.toPlainString() + " " + listing.base())
                .put("baseTickSizeEv", tick.movePointRight(SCALE).longValueExact())
                .put("quoteTickSize", quoteTick.toPlainString() + " USDT")
                .put(
                        "quoteTickSizeEv",
                        quoteTick.movePointRight(listing.prices().scale()).longValueExact())
                .put("maxBaseOrderSize", "1,000 " + listing.base());
    }

    private static ObjectNode perpetual(Listing listing) {
        return perpetual(listing.symbol(), listing.base())
                .put("tickSize", listing.prices().plain(1))
                .put("pricePrecision", listing.prices().scale())
                .put("qtyStepSize", listing.sizes().plain(1));
    }

    private static ObjectNode perpetual(String symbol, String base) {
        return Protocol.row(PERPETUAL)
                .put("symbol", symbol)
                .put("displaySymbol", base.replace(" ", "") + " / USDT")
                .put("indexSymbol", "." + symbol)
                .put("markSymbol", ".M" + symbol)
                .put("fundingRateSymbol", "." + symbol + "FR")
                .put("fundingRate8hSymbol", "." + symbol + "FR8H")
                .put("contractUnderlyingAssets", base)
                .put("baseCurrency", base);
    }

    private HttpAnswer trades(HttpRequest request, Tape known, Set<Fault> faults) {
        Integer listing = catalogue.known(request.parameters().getOrDefault("symbol", ""));
        if (listing == null) {
            return invalid();
        }
        Feed feed = known.feeds().get(listing);
        long count = feed.count();
        List<String> rows = Protocol.reduced(frames.rows(feed, count, new ArrayList<>()), faults);
        String snapshot = frames.snapshot(listing, feed, count, rows);
        return HttpAnswer.json(200, "{\"error\":null,\"id\":0,\"result\":{" + snapshot + "}");
    }

    @Override
    public boolean isList(HttpRequest request) {
        return request.path().equals("/public/products");
    }

    @Override
    public HttpAnswer failure(long nowNanos) {
        return HttpAnswer.json(200, "{\"code\":11001,\"msg\":\"internal error\",\"data\":null}");
    }

    @Override
    public HttpAnswer refusal(Fault fault, long nowNanos) {
        return switch (fault) {
            case REST_429, REST_418 ->
                HttpAnswer.json(429, "{\"code\":429,\"msg\":\"too many requests\"}")
                        .with("x-ratelimit-retry-after", "2");
            case REST_451, REST_403 -> HttpAnswer.html(403, "Forbidden");
            default -> HttpAnswer.html(503, "Service Temporarily Unavailable");
        };
    }

    @Override
    public String exampleFrame() {
        return "{\"sequence\":1,\"symbol\":\"sBTCUSDT\",\"trades\":[[1625342244127840967,\"Buy\",769100000,168200000]],"
                + "\"type\":\"incremental\"}";
    }

    /// `<time>-<b|s>-<price>-<quantity>-<n>`: n counts the rows before it that are alike in everything.
    @Override
    public TradeId id(Listing listing, long index) {
        Tape known = tape;
        Integer place = catalogue.place(listing.symbol());
        Feed feed = known == null || place == null ? null : known.feeds().get(place);
        Chunk chunk = feed == null ? null : feed.chunk(index);
        if (feed == null || chunk == null) {
            return TradeId.of("forgotten-" + index);
        }
        int at = Feed.at(index);
        int occurrence = 0;
        for (long before = index - 1; ; before--) {
            Chunk there = before < 0 ? null : feed.chunk(before);
            int where = Feed.at(Math.max(0, before));
            if (there == null || there.timeNanos(where) != chunk.timeNanos(at)) {
                break;
            }
            boolean isAlike = there.isSell(where) == chunk.isSell(at)
                    && there.price(where) == chunk.price(at)
                    && there.size(where) == chunk.size(at);
            occurrence += isAlike ? 1 : 0;
        }
        return TradeId.of(chunk.timeNanos(at) + "-" + (chunk.isSell(at) ? "s" : "b") + "-"
                + plain(listing.prices().decimal(chunk.price(at))) + "-"
                + plain(listing.sizes().decimal(chunk.size(at))) + "-" + occurrence);
    }

    private static String plain(BigDecimal number) {
        return number.stripTrailingZeros().toPlainString();
    }

    @Override
    public BigDecimal written(BigDecimal number) {
        return isSpot() ? number : Grid.plain(number);
    }

    @Override
    public long executedAtNanos(long tapeNanos) {
        return tapeNanos;
    }
}

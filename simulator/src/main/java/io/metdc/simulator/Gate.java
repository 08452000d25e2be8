package io.metdc.simulator;

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
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Gate.io v4 spot and USDT perpetuals: what trades, rules and REST. The stream is [GateSession].
///
/// Source: Gate documents (copies of 2025-11 to 2026-08), captures until 2026-10. Spot has a numbering of its own for
/// each market beside the id; on futures insurance fund and deleveraging use ids, too.
final class Gate implements Protocol {
    private static final Silence SILENCE = new Silence(Duration.ofSeconds(60), Duration.ofSeconds(30), false, 0);
    private static final Rules RULES = Rules.listening(1 << 18, SILENCE, Rate.aSecond(50));
    private static final String DECIMAL_SIZES = "x-gate-size-decimal";

    private static final long IDS = 846_000_000L;
    private static final int MARKET_NUMBERS_BEHIND = 1_000; // of the numbers of a spot market behind its ids
    private static final int MOST_ROWS = 1_000;
    private static final int DEEPEST = 100_000;
    private static final int REQUESTS = 200;
    private static final int CONNECTIONS = 300;
    private static final Duration PER = Duration.ofSeconds(10);
    private static final BigDecimal CONTRACT_WORTH = new BigDecimal(10);

    private static final String PAIR = """
            {"id":"","base":"","base_name":"","quote":"","quote_name":"","trade_quotes":[],"fee":"0.2",\
            "min_base_amount":"0.000001","min_quote_amount":"3","max_base_amount":"1000000",\
            "max_quote_amount":"4000000","amount_precision":6,"precision":2,"trade_status":"tradable","sell_start":0,\
            "buy_start":0,"type":"normal","trade_url":"https://www.gate.com/trade/","st_tag":false,"up_rate":"0.1",\
            "down_rate":"0.1","slippage":"0.05","market_order_max_stock":"1000000",\
            "market_order_max_money":"4000000"}""";

    private static final String CONTRACT = """
            {"funding_rate_indicative":"0.0001","mark_price_round":"0.01","funding_offset":0,"in_delisting":false,\
            "risk_limit_base":"100000","interest_rate":"0.0003","index_price":"1","order_price_round":"0.1",\
            "order_size_min":0,"enable_decimal":true,"ref_rebate_rate":"0.2","name":"","ref_discount_rate":"0",\
            "order_price_deviate":"0.1","maintenance_rate":"0.005","mark_type":"index","funding_interval":28800,\
            "type":"direct","risk_limit_step":"500000000","enable_bonus":true,"enable_credit":true,\
            "leverage_min":"1","funding_rate":"0.0001","last_price":"1","mark_price":"1","order_size_max":1000000,\
            "funding_next_apply":1795017600,"short_users":12,"config_change_time":1790000000,\
            "create_time":1600000000,"trade_size":1000,"position_size":1000,"long_users":17,"quanto_multiplier":"1",\
            "funding_impact_value":"10000","leverage_max":"50","cross_leverage_default":"10",\
            "risk_limit_max":"500000000","maker_fee_rate":"-0.0001","taker_fee_rate":"0.00075","orders_limit":100,\
            "trade_id":1,"orderbook_id":1,"funding_cap_ratio":"0.75","voucher_leverage":"2","is_pre_market":false,\
            "status":"trading","launch_time":1600000000,"enable_circuit_breaker":false,"funding_rate_limit":"0.005",\
            "market_order_slip_ratio":"0.02","market_order_size_max":"1000000","contract_type":""}""";

    private final Market market;
    private final InstantSource clock;
    private final long seed;
    private final Catalogue catalogue = new Catalogue();
    private final GateSession.Frames frames;
    private final Quota requests;
    private final Door door;

    Gate(MarketType type, SimulatorOptions options, Quotas quotas) {
        market = new Market(Exchange.GATE, type);
        clock = options.clock();
        seed = options.seed();
        for (Coin coin : Coin.traded(options)) {
            Listing listing = listing(coin, catalogue.size());
            catalogue.add(listing, row(listing, LISTED));
        }
        others();
        frames = new GateSession.Frames(this);
        Quota.Penalty refused = Quota.Penalty.refusal("HTTP 429");
        requests = quotas.rest(market.toString(), REQUESTS, PER, refused);
        // how often one may connect is not documented: as often as one can
        door = quotas.door(
                "all", quotas.connects("all", Integer.MAX_VALUE, Duration.ofSeconds(1), refused), CONNECTIONS);
    }

    boolean isSpot() {
        return market.type() == MarketType.SPOT;
    }

    @Override
    public Listing listing(Coin coin, int rank) {
        String symbol = coin.name() + "_USDT";
        BigDecimal price = new BigDecimal(coin.price());
        BigDecimal contractSize = isSpot() ? BigDecimal.ONE : contractSize(price);
        long firstId = IDS / (rank + 1) + Math.floorMod(SplitMix.seed(seed, symbol), 1_000_000L);
        return Listings.of(symbol, coin.name(), coin, price, contractSize, isSpot() ? 6 : 1, firstId);
    }

    @Override
    public ObjectNode row(Listing listing, Instant listedAt) {
        long seconds = listedAt.getEpochSecond();
        if (isSpot()) {
            long since = listedAt.equals(LISTED) ? 0 : seconds; // old ones say nothing
            return pair(listing.base(), "USDT")
                    .put("precision", listing.prices().scale())
                    .put("amount_precision", listing.sizes().scale())
                    .put("buy_start", since)
                    .put("sell_start", since);
        }
        return contract(listing.symbol(), listing.contractSize())
                .put("order_price_round", listing.prices().plain(1))
                .put("create_time", seconds)
                .put("launch_time", seconds);
    }

    @Override
    public ObjectNode delisted(ObjectNode row, Instant at) {
        return isSpot()
                ? row.put("trade_status", "untradable").put("delisting_time", at.getEpochSecond())
                : row.put("status", "delisting")
                        .put("in_delisting", true)
                        .put("position_size", 0)
                        .put("delisting_time", at.getEpochSecond());
    }

    @Override
    public ObjectNode resized(ObjectNode row, BigDecimal contractSize, Instant at) {
        return isSpot()
                ? Protocol.super.resized(row, contractSize, at)
                : row.put("quanto_multiplier", contractSize.toPlainString())
                        .put("config_change_time", at.getEpochSecond());
    }

    /// A power of ten that makes a contract worth some dollars.
    private static BigDecimal contractSize(BigDecimal price) {
        int magnitude = price.precision() - price.scale() - 1;
        return CONTRACT_WORTH.scaleByPowerOfTen(-magnitude - 1).stripTrailingZeros();
    }

    private static ObjectNode pair(String base, String quote) {
        return Protocol.row(PAIR)
                .put("id", base + "_" + quote)
                .put("base", base)
                .put("base_name", base)
                .put("quote", quote)
                .put("quote_name", quote)
                .put("trade_url", "https://www.gate.com/trade/" + base + "_" + quote);
    }

    private static ObjectNode contract(String symbol, BigDecimal contractSize) {
        return Protocol.row(CONTRACT).put("name", symbol).put("quanto_multiplier", contractSize.toPlainString());
    }

    private void other(ObjectNode row) {
        catalogue.put(row.get(isSpot() ? "id" : "name").textValue(), row);
    }

    /// What a collector must leave out.
    private void others() {
        if (isSpot()) {
            other(pair("ETH", "BTC"));
            other(pair("BTC3L", "USDT"));
            other(pair("AAPLX", "USDT").put("base_name", "Apple xStock"));
            other(pair("TSLAON", "USDT").put("base_name", "Tesla Ondo Tokenized"));
            other(pair("SOON", "USDT").put("trade_status", "sellable"));
            other(pair("PRE", "USDT").put("type", "premarket"));
            return;
        }
        BigDecimal one = BigDecimal.ONE;
        other(contract("AAPL_USDT", one).put("contract_type", "stocks"));
        other(contract("XAU_USDT", one).put("contract_type", "metals"));
        other(contract("GONE_USDT", one).put("in_delisting", true));
        other(contract("SOON_USDT", one).put("status", "prelaunch"));
        other(contract("PRE_USDT", one).put("is_pre_market", true));
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
        return !isSpot();
    }

    @Override
    public URI websocketUrl(String origin) {
        return URI.create(origin + path());
    }

    private String path() {
        return isSpot() ? "/ws/v4/" : "/v4/ws/usdt";
    }

    @Override
    public String restPath() {
        return "/api/v4";
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
        if (!handshake.path().equals(path())) {
            throw new Refusal(404, "Not Found");
        }
        return new GateSession(frames, hasDecimals(handshake.headers()));
    }

    private static boolean hasDecimals(Map<String, String> headers) {
        return "1".equals(headers.get(DECIMAL_SIZES));
    }

    long nowNanos() {
        return Nanos.of(clock.instant());
    }

    // ---- REST

    @Override
    public HttpAnswer answer(HttpRequest request, Tape tape, Set<Fault> faults) {
        int left = requests.take(market, request.address() + request.path(), 1, request.nowNanos())
                .left();
        HttpAnswer answer = left < 0 ? refusal(Fault.REST_429, request.nowNanos()) : allowed(request, tape, faults);
        long reset = (request.nowNanos() + requests.nanosLeft(request.nowNanos())) / Nanos.PER_SECOND;
        return answer.with("X-Gate-RateLimit-Limit", Integer.toString(requests.most()))
                .with("X-Gate-RateLimit-Requests-Remain", Integer.toString(Math.max(0, left)))
                .with("X-Gate-RateLimit-Reset-Timestamp", Long.toString(reset));
    }

    private HttpAnswer allowed(HttpRequest request, Tape tape, Set<Fault> faults) {
        if (!request.path().startsWith(restPath())) {
            return notFound();
        }
        return switch (request.path().substring(restPath().length())) {
            case "/spot/currency_pairs" -> isSpot() ? list(Protocol.listed(catalogue.rows(), faults)) : notFound();
            case "/futures/usdt/contracts" -> isSpot() ? notFound() : contracts(request, faults);
            case "/spot/trades" -> isSpot() ? trades(request, "currency_pair", tape, faults) : notFound();
            case "/futures/usdt/trades" -> isSpot() ? notFound() : trades(request, "contract", tape, faults);
            default -> notFound();
        };
    }

    private static HttpAnswer notFound() {
        return error(404, "NOT_FOUND", "Not Found");
    }

    private HttpAnswer contracts(HttpRequest request, Set<Fault> faults) {
        List<ObjectNode> reduced = Protocol.listed(catalogue.rows(), faults);
        if (!request.parameters().containsKey("limit")) {
            return list(reduced);
        }
        int from = Math.min(reduced.size(), (int) number(request, "offset", 0));
        return list(reduced.subList(from, Math.min(reduced.size(), from + (int) number(request, "limit", 100))));
    }

    /// Newest first, between two whole seconds, page by page.
    private HttpAnswer trades(HttpRequest request, String name, Tape tape, Set<Fault> faults) {
        Integer listing = catalogue.known(request.parameters().getOrDefault(name, ""));
        if (listing == null) {
            return isSpot()
                    ? error(400, "INVALID_CURRENCY_PAIR", "Invalid currency pair")
                    : error(400, "CONTRACT_NOT_FOUND", "contract not found");
        }
        long limit = Math.clamp(number(request, "limit", 100), 1, MOST_ROWS);
        long skipped = isSpot() ? (number(request, "page", 1) - 1) * limit : number(request, "offset", 0);
        if (skipped > DEEPEST) {
            return error(400, "INVALID_PARAM_VALUE", "too deep");
        }
        long from = number(request, "from", 0) * Nanos.PER_SECOND;
        long to = number(request, "to", Long.MAX_VALUE / Nanos.PER_SECOND) * Nanos.PER_SECOND;
        boolean decimals = hasDecimals(request.headers());
        Feed feed = tape.feeds().get(listing);
        List<String> found = new ArrayList<>();
        for (long index = feed.count() - 1; index >= feed.oldest() && found.size() < limit; index--) {
            Chunk chunk = feed.chunk(index);
            int at = Feed.at(index);
            if (chunk != null
                    && chunk.kind(at).isPublic()
                    && chunk.timeNanos(at) >= from
                    && chunk.timeNanos(at) <= to
                    && --skipped < 0) {
                found.add(
                        isSpot()
                                ? spot(feed.listing, index, chunk, at)
                                : futures(feed.listing, index, chunk, at, decimals));
            }
        }
        return list(Protocol.reduced(found, faults));
    }

    private static String spot(Listing listing, long index, Chunk chunk, int at) {
        return JSON.createObjectNode()
                .put("id", Long.toString(listing.firstId() + index))
                .put("create_time", Long.toString(chunk.timeNanos(at) / Nanos.PER_SECOND))
                .put("create_time_ms", micros(chunk.timeNanos(at)))
                .put("currency_pair", listing.symbol())
                .put("side", chunk.isSell(at) ? "sell" : "buy")
                .put("amount", listing.sizes().plain(chunk.size(at)))
                .put("price", listing.prices().plain(chunk.price(at)))
                .put("sequence_id", Long.toString(marketNumber(listing, index)))
                .toString();
    }

    private static String futures(Listing listing, long index, Chunk chunk, int at, boolean decimals) {
        BigDecimal seconds = BigDecimal.valueOf(chunk.timeNanos(at) / Nanos.PER_MILLI, 3);
        return "{\"id\":" + (listing.firstId() + index) + ",\"contract\":\"" + listing.symbol()
                + "\",\"create_time\":" + seconds + ",\"create_time_ms\":" + seconds + ",\"size\":"
                + size(listing, chunk.isSell(at), chunk.size(at), decimals)
                + ",\"price\":\"" + listing.prices().plain(chunk.price(at)) + "\"}";
    }

    /// A signed size: a text, or a whole number, cut.
    static String size(Listing listing, boolean isSell, long steps, boolean decimals) {
        BigDecimal size = listing.sizes().decimal(steps);
        BigDecimal signed = isSell ? size.negate() : size;
        return decimals ? "\"" + signed.stripTrailingZeros().toPlainString() + "\"" : Long.toString(signed.longValue());
    }

    /// Milliseconds with six decimals, of which three mean something.
    static String micros(long nanos) {
        return BigDecimal.valueOf(nanos / 1_000, 3).setScale(6).toPlainString();
    }

    static long marketNumber(Listing listing, long index) {
        return listing.firstId() - MARKET_NUMBERS_BEHIND + index;
    }

    private static long number(HttpRequest request, String name, long otherwise) {
        String text = request.parameters().get(name);
        return text == null || !text.matches("\\d{1,10}") ? otherwise : Long.parseLong(text);
    }

    private static HttpAnswer list(List<?> rows) {
        return HttpAnswer.json(200, rows.stream().map(Object::toString).collect(Collectors.joining(",", "[", "]")));
    }

    private static HttpAnswer error(int status, String label, String message) {
        return HttpAnswer.json(
                status,
                JSON.createObjectNode()
                        .put("label", label)
                        .put("message", message)
                        .toString());
    }

    @Override
    public boolean isList(HttpRequest request) {
        return request.path().endsWith(isSpot() ? "/spot/currency_pairs" : "/futures/usdt/contracts");
    }

    @Override
    public HttpAnswer failure(long nowNanos) {
        return error(500, "SERVER_ERROR", "Internal server error");
    }

    @Override
    public HttpAnswer refusal(Fault fault, long nowNanos) {
        return switch (fault) {
            case REST_429, REST_418 -> error(429, "TOO_MANY_REQUESTS", "Request Rate limit Exceeded");
            case REST_451 -> error(451, "RESTRICTED", "not available in your region");
            case REST_403 -> HttpAnswer.html(403, "Forbidden");
            default -> HttpAnswer.html(503, "Service Temporarily Unavailable");
        };
    }

    @Override
    public String exampleFrame() {
        return "{\"time\":1788336082,\"channel\":\"" + (isSpot() ? "spot" : "futures")
                + ".trades\",\"event\":\"update\",\"result\":{\"id\":217831625,\"create_time_ms\":\"1788336082402.0\"}}";
    }

    @Override
    public TradeId id(Listing listing, long index) {
        return TradeId.of(listing.firstId() + index);
    }

    @Override
    public long sequence(Listing listing, long index) {
        return isSpot() ? marketNumber(listing, index) : listing.firstId() + index;
    }

    @Override
    public BigDecimal written(BigDecimal number) {
        return Grid.plain(number);
    }

    @Override
    public long executedAtNanos(long tapeNanos) {
        return tapeNanos - Math.floorMod(tapeNanos, isSpot() ? Nanos.PER_MICRO : Nanos.PER_MILLI);
    }
}

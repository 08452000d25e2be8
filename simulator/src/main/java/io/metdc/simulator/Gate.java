package io.metdc.simulator;

import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Gate.io v4 spot and USDT perpetuals: what trades, rules and REST. The stream is [GateSession].
///
/// Source: Gate documents (copies of 2025-11 to 2026-08), captures until 2026-10. Spot has a numbering of its own for
/// each market beside the id; on futures insurance fund and deleveraging use ids, too.
final class Gate implements Protocol {
    private static final Rules RULES = Rules.listening(50, Duration.ofSeconds(1), 1 << 18, Duration.ofSeconds(60), 0);
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final long IDS = 846_000_000L;
    private static final int MARKET_NUMBERS_BEHIND = 1_000; // of the numbers of a spot market behind its ids
    private static final int MOST_ROWS = 1_000;
    private static final int DEEPEST = 100_000;
    private static final int REQUESTS = 200;
    private static final long PER_NANOS = 10 * Nanos.PER_SECOND;
    private static final BigDecimal CONTRACT_WORTH = new BigDecimal(10);

    private final Market market;
    private final List<Listing> listings;
    private final Map<String, Integer> bySymbol = new ConcurrentHashMap<>();
    private final List<ObjectNode> rows = new ArrayList<>();
    private final GateSession.Frames frames;
    private final int allowed;
    /// Guarded by itself.
    private final Map<String, long[]> usage = new HashMap<>();

    Gate(MarketType type, SimulatorOptions options) {
        market = new Market(Exchange.GATE, type);
        List<Listing> made = new ArrayList<>();
        for (int rank = 0; rank < options.instruments(); rank++) {
            Coin coin = Coin.ranked(rank);
            String symbol = coin.name() + "_USDT";
            BigDecimal price = new BigDecimal(coin.price());
            BigDecimal contractSize = isSpot() ? BigDecimal.ONE : contractSize(price);
            long firstId = IDS / (rank + 1) + Math.floorMod(SplitMix.seed(options.seed(), symbol), 1_000_000L);
            made.add(Listings.of(symbol, coin.name(), price, contractSize, isSpot() ? 6 : 1, firstId));
            rows.add(isSpot() ? pair(coin.name(), "USDT") : contract(symbol, contractSize));
        }
        listings = List.copyOf(made);
        listings.forEach(listing -> bySymbol.put(listing.symbol(), bySymbol.size()));
        others();
        frames = new GateSession.Frames(this, listings, bySymbol);
        allowed = options.restWeight() == 0 ? REQUESTS : options.restWeight();
    }

    boolean isSpot() {
        return market.type() == MarketType.SPOT;
    }

    /// A power of ten that makes a contract worth some dollars.
    private static BigDecimal contractSize(BigDecimal price) {
        int magnitude = price.precision() - price.scale() - 1;
        return CONTRACT_WORTH.scaleByPowerOfTen(-magnitude - 1).stripTrailingZeros();
    }

    private static ObjectNode pair(String base, String quote) {
        return JSON.createObjectNode()
                .put("id", base + "_" + quote)
                .put("base", base)
                .put("base_name", base)
                .put("quote", quote)
                .put("quote_name", quote)
                .put("trade_status", "tradable")
                .put("type", "normal")
                .put("precision", 2)
                .put("amount_precision", 6)
                .put("buy_start", 0)
                .put("sell_start", 0);
    }

    private static ObjectNode contract(String symbol, BigDecimal contractSize) {
        return JSON.createObjectNode()
                .put("name", symbol)
                .put("type", "direct")
                .put("quanto_multiplier", contractSize.toPlainString())
                .put("status", "trading")
                .put("in_delisting", false)
                .put("contract_type", "")
                .put("is_pre_market", false)
                .put("enable_decimal", true)
                .put("order_size_min", 0);
    }

    /// What a collector must leave out.
    private void others() {
        if (isSpot()) {
            rows.add(pair("ETH", "BTC"));
            rows.add(pair("BTC3L", "USDT"));
            rows.add(pair("AAPLX", "USDT").put("base_name", "Apple xStock"));
            rows.add(pair("TSLAON", "USDT").put("base_name", "Tesla Ondo Tokenized"));
            rows.add(pair("SOON", "USDT").put("trade_status", "sellable"));
            rows.add(pair("PRE", "USDT").put("type", "premarket"));
            return;
        }
        BigDecimal one = BigDecimal.ONE;
        rows.add(contract("AAPL_USDT", one).put("contract_type", "stocks"));
        rows.add(contract("XAU_USDT", one).put("contract_type", "metals"));
        rows.add(contract("GONE_USDT", one).put("in_delisting", true));
        rows.add(contract("SOON_USDT", one).put("status", "prelaunch"));
        rows.add(contract("PRE_USDT", one).put("is_pre_market", true));
    }

    @Override
    public Market market() {
        return market;
    }

    @Override
    public List<Listing> listings() {
        return listings;
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
    public Rules rules() {
        return RULES;
    }

    @Override
    public Session open(Handshake handshake, Tape tape) throws Refusal {
        if (!handshake.path().equals(path())) {
            throw new Refusal(404, "Not Found");
        }
        return new GateSession(frames);
    }

    // ---- REST

    @Override
    public void withdraw(String symbol) {
        bySymbol.remove(symbol);
    }

    @Override
    public HttpAnswer answer(HttpRequest request, Tape tape, Set<Fault> faults) {
        if (isTooMuch(request)) {
            return error(429, "TOO_MANY_REQUESTS", "Request Rate limit Exceeded");
        }
        return switch (request.path()) {
            case "/spot/currency_pairs" -> isSpot() ? list(Protocol.reduced(rows, faults)) : notFound();
            case "/futures/usdt/contracts" -> isSpot() ? notFound() : contracts(request, faults);
            case "/spot/trades" -> isSpot() ? trades(request, "currency_pair", tape, faults) : notFound();
            case "/futures/usdt/trades" -> isSpot() ? notFound() : trades(request, "contract", tape, faults);
            default -> notFound();
        };
    }

    private static HttpAnswer notFound() {
        return error(404, "NOT_FOUND", "Not Found");
    }

    private boolean isTooMuch(HttpRequest request) {
        synchronized (usage) {
            long[] used = usage.computeIfAbsent(request.address() + request.path(), _ -> new long[2]);
            long window = Math.floorDiv(request.nowNanos(), PER_NANOS);
            if (used[0] != window) {
                used[0] = window;
                used[1] = 0;
            }
            return ++used[1] > allowed;
        }
    }

    private HttpAnswer contracts(HttpRequest request, Set<Fault> faults) {
        List<ObjectNode> reduced = Protocol.reduced(rows, faults);
        if (!request.parameters().containsKey("limit")) {
            return list(reduced);
        }
        int from = Math.min(reduced.size(), (int) number(request, "offset", 0));
        return list(reduced.subList(from, Math.min(reduced.size(), from + (int) number(request, "limit", 100))));
    }

    /// Newest first, between two whole seconds, page by page.
    private HttpAnswer trades(HttpRequest request, String name, Tape tape, Set<Fault> faults) {
        Integer listing = bySymbol.get(request.parameters().getOrDefault(name, ""));
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
        boolean decimals = "1".equals(request.headers().get("x-gate-size-decimal"));
        Feed feed = tape.feeds().get(listing);
        List<ObjectNode> found = new ArrayList<>();
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

    private ObjectNode spot(Listing listing, long index, Chunk chunk, int at) {
        return JSON.createObjectNode()
                .put("id", Long.toString(listing.firstId() + index))
                .put("create_time", Long.toString(chunk.timeNanos(at) / Nanos.PER_SECOND))
                .put("create_time_ms", micros(chunk.timeNanos(at)))
                .put("currency_pair", listing.symbol())
                .put("side", chunk.isSell(at) ? "sell" : "buy")
                .put("amount", listing.sizes().decimal(chunk.size(at)).toPlainString())
                .put("price", listing.prices().decimal(chunk.price(at)).toPlainString())
                .put("sequence_id", Long.toString(marketNumber(listing, index)));
    }

    private static ObjectNode futures(Listing listing, long index, Chunk chunk, int at, boolean decimals) {
        BigDecimal size = listing.sizes().decimal(chunk.size(at));
        BigDecimal signed = chunk.isSell(at) ? size.negate() : size;
        BigDecimal seconds = BigDecimal.valueOf(chunk.timeNanos(at) / Nanos.PER_MILLI, 3);
        ObjectNode row = JSON.createObjectNode()
                .put("id", listing.firstId() + index)
                .put("contract", listing.symbol())
                .put("create_time", seconds)
                .put("create_time_ms", seconds)
                .put("price", listing.prices().decimal(chunk.price(at)).toPlainString());
        return decimals ? row.put("size", signed.toPlainString()) : row.put("size", signed.longValue());
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

    private static HttpAnswer list(List<ObjectNode> rows) {
        ArrayNode list = JSON.createArrayNode();
        rows.forEach(list::add);
        return HttpAnswer.json(200, list.toString());
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
    public long executedAtNanos(long tapeNanos) {
        return tapeNanos - Math.floorMod(tapeNanos, isSpot() ? Nanos.PER_MICRO : Nanos.PER_MILLI);
    }
}

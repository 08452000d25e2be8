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

/// OKX v5 spot and USDT swaps: what trades, rules and REST. The stream is [OkxSession].
///
/// Source: OKX API v5 documents and change log (2026-10), captures of 2022 to 2026. Ids leave no number out; swaps
/// count contracts of the most various sizes.
final class Okx implements Protocol {
    private static final Rules RULES =
            Rules.listening(100, Duration.ofSeconds(1), 64 << 10, Duration.ofSeconds(30), 4004);
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final long IDS = 2_953_000_000L;
    private static final int NEWEST = 500;
    private static final int PAGE = 100;
    private static final int REQUESTS = 100;
    private static final int OLDER_REQUESTS = 20;
    private static final long PER_NANOS = 2 * Nanos.PER_SECOND;
    private static final BigDecimal CONTRACT_WORTH = new BigDecimal(10);

    private final Market market;
    private final List<Listing> listings;
    private final Map<String, Integer> bySymbol = new ConcurrentHashMap<>();
    private final List<ObjectNode> rows = new ArrayList<>();
    private final OkxSession.Frames frames;
    private final int allowed;
    /// Guarded by itself.
    private final Map<String, long[]> usage = new HashMap<>();

    Okx(MarketType type, SimulatorOptions options) {
        market = new Market(Exchange.OKX, type);
        List<Listing> made = new ArrayList<>();
        for (int rank = 0; rank < options.instruments(); rank++) {
            Coin coin = Coin.ranked(rank);
            BigDecimal price = new BigDecimal(coin.price());
            BigDecimal contractSize = isSpot() ? BigDecimal.ONE : contractSize(price);
            String symbol = coin.name() + "-USDT" + (isSpot() ? "" : "-SWAP");
            long firstId = IDS / (rank + 1) + Math.floorMod(SplitMix.seed(options.seed(), symbol), 1_000_000L);
            made.add(Listings.of(symbol, coin.name(), price, contractSize, isSpot() ? 6 : 2, firstId));
            rows.add(isSpot() ? pair(coin.name(), "USDT") : swap(coin.name(), contractSize));
        }
        listings = List.copyOf(made);
        listings.forEach(listing -> bySymbol.put(listing.symbol(), bySymbol.size()));
        others();
        frames = new OkxSession.Frames(listings, bySymbol);
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

    private static ObjectNode row(String type, String symbol) {
        return JSON.createObjectNode()
                .put("alias", "")
                .put("instType", type)
                .put("instId", symbol)
                .put("instCategory", "1")
                .put("ruleType", "normal")
                .put("state", "live")
                .put("listTime", "1611916828000");
    }

    private static ObjectNode pair(String base, String quote) {
        return row("SPOT", base + "-" + quote)
                .put("baseCcy", base)
                .put("quoteCcy", quote)
                .put("ctVal", "")
                .put("ctMult", "")
                .put("ctValCcy", "")
                .put("ctType", "")
                .put("settleCcy", "");
    }

    private static ObjectNode swap(String base, BigDecimal contractSize) {
        return row("SWAP", base + "-USDT-SWAP")
                .put("baseCcy", "")
                .put("quoteCcy", "")
                .put("ctVal", contractSize.toPlainString())
                .put("ctMult", "1")
                .put("ctValCcy", base)
                .put("ctType", "linear")
                .put("settleCcy", "USDT");
    }

    /// What a collector must leave out.
    private void others() {
        if (isSpot()) {
            rows.add(pair("ETH", "BTC"));
            rows.add(pair("USDT", "USD"));
            rows.add(pair("XAAPL", "USDT").put("instCategory", "3"));
            rows.add(pair("SOON", "USDT").put("state", "preopen"));
            rows.add(pair("EUR", "USDT"));
            return;
        }
        BigDecimal one = BigDecimal.ONE;
        rows.add(swap("AAPL", one).put("instCategory", "3"));
        rows.add(swap("XAU", one).put("instCategory", "4"));
        rows.add(swap("MUU", one).put("ruleType", "rebase_contract"));
        rows.add(swap("OPENAI", one).put("ruleType", "pre_market"));
        rows.add(swap("SOON", one)
                .put("state", "preopen")
                .put("ctVal", "")
                .put("ctMult", "")
                .put("ctValCcy", ""));
        rows.add(swap("STOP", one).put("state", "post_only"));
        rows.add(swap("BTC", one)
                .put("instId", "BTC-USD-SWAP")
                .put("ctType", "inverse")
                .put("settleCcy", "BTC"));
        rows.add(swap("BTC", one).put("instId", "BTC-USDC-SWAP").put("settleCcy", "USDC"));
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
        return false;
    }

    @Override
    public URI websocketUrl(String origin) {
        return URI.create(origin + "/ws/v5/public");
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    @Override
    public Session open(Handshake handshake, Tape tape) throws Refusal {
        return switch (handshake.path()) {
            case "/ws/v5/business" -> new OkxSession(frames, tape, true);
            case "/ws/v5/public" -> new OkxSession(frames, tape, false);
            default -> throw new Refusal(404, "Not Found");
        };
    }

    // ---- REST

    @Override
    public void withdraw(String symbol) {
        bySymbol.remove(symbol);
    }

    @Override
    public HttpAnswer answer(HttpRequest request, Tape tape, Set<Fault> faults) {
        boolean isOften = request.path().equals("/api/v5/market/trades");
        if (isTooMuch(request, isOften ? allowed : Math.min(allowed, OLDER_REQUESTS))) {
            return error(429, "50011", "Too Many Requests");
        }
        return switch (request.path()) {
            case "/api/v5/public/instruments" -> instruments(request, faults);
            case "/api/v5/market/trades" -> trades(request, tape, NEWEST, faults);
            case "/api/v5/market/history-trades" -> trades(request, tape, PAGE, faults);
            default -> error(404, "404", "Not Found");
        };
    }

    private boolean isTooMuch(HttpRequest request, int most) {
        synchronized (usage) {
            long[] used = usage.computeIfAbsent(request.address() + request.path(), _ -> new long[2]);
            long window = Math.floorDiv(request.nowNanos(), PER_NANOS);
            if (used[0] != window) {
                used[0] = window;
                used[1] = 0;
            }
            return ++used[1] > most;
        }
    }

    private HttpAnswer instruments(HttpRequest request, Set<Fault> faults) {
        String type = request.parameters().getOrDefault("instType", "");
        if (!type.equals(isSpot() ? "SPOT" : "SWAP")) {
            return error(400, "51000", "Parameter instType error");
        }
        return success(Protocol.reduced(rows, faults));
    }

    /// Newest first; with `after` those that are older than this id, with `before` the newest that are newer.
    private HttpAnswer trades(HttpRequest request, Tape tape, int most, Set<Fault> faults) {
        Integer listing = bySymbol.get(request.parameters().getOrDefault("instId", ""));
        if (listing == null) {
            return error(200, "51001", "Instrument ID does not exist");
        }
        long limit = Math.min(most, number(request, "limit", PAGE));
        Feed feed = tape.feeds().get(listing);
        long first = feed.listing.firstId();
        long to = most == PAGE ? number(request, "after", Long.MAX_VALUE) : Long.MAX_VALUE;
        long from = most == PAGE ? number(request, "before", -1) : -1;
        List<ObjectNode> found = new ArrayList<>();
        long newest = Math.min(feed.count() - 1, to == Long.MAX_VALUE ? feed.count() - 1 : to - first - 1);
        for (long index = newest; index >= feed.oldest() && found.size() < limit; index--) {
            Chunk chunk = feed.chunk(index);
            if (chunk != null && first + index > from) {
                found.add(trade(feed.listing, index, chunk, Feed.at(index)));
            }
        }
        return success(Protocol.reduced(found, faults));
    }

    private static ObjectNode trade(Listing listing, long index, Chunk chunk, int at) {
        return JSON.createObjectNode()
                .put("instId", listing.symbol())
                .put("side", chunk.isSell(at) ? "sell" : "buy")
                .put("sz", listing.sizes().decimal(chunk.size(at)).toPlainString())
                .put("px", listing.prices().decimal(chunk.price(at)).toPlainString())
                .put("source", "0")
                .put("tradeId", Long.toString(listing.firstId() + index))
                .put("ts", Long.toString(chunk.timeNanos(at) / Nanos.PER_MILLI));
    }

    private static long number(HttpRequest request, String name, long otherwise) {
        String text = request.parameters().get(name);
        return text == null || !text.matches("\\d{1,18}") ? otherwise : Long.parseLong(text);
    }

    private static HttpAnswer success(List<ObjectNode> data) {
        ObjectNode answer = JSON.createObjectNode().put("code", "0").put("msg", "");
        ArrayNode list = answer.putArray("data");
        data.forEach(list::add);
        return HttpAnswer.json(200, answer.toString());
    }

    private static HttpAnswer error(int status, String code, String message) {
        ObjectNode answer = JSON.createObjectNode().put("code", code).put("msg", message);
        answer.putArray("data");
        return HttpAnswer.json(status, answer.toString());
    }

    @Override
    public HttpAnswer refusal(Fault fault, long nowNanos) {
        return switch (fault) {
            case REST_429, REST_418 -> error(429, "50011", "Too Many Requests");
            case REST_451 -> error(451, "50101", "not available in your region");
            case REST_403 -> HttpAnswer.html(403, "Forbidden");
            default -> HttpAnswer.html(503, "Service Temporarily Unavailable");
        };
    }

    @Override
    public String exampleFrame() {
        return "{\"arg\":{\"channel\":\"trades-all\",\"instId\":\"BTC-USDT\"},\"data\":[{\"instId\":\"BTC-USDT\","
                + "\"tradeId\":\"1\",\"px\":\"84097.9\",\"sz\":\"0.11\",\"side\":\"buy\",\"ts\":\"1790439596552\"}]}";
    }

    @Override
    public TradeId id(Listing listing, long index) {
        return TradeId.of(listing.firstId() + index);
    }

    @Override
    public long executedAtNanos(long tapeNanos) {
        return tapeNanos - Math.floorMod(tapeNanos, Nanos.PER_MILLI);
    }
}

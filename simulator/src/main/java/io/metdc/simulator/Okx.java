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
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// OKX v5 spot and USDT swaps: what trades, rules and REST. The stream is [OkxSession].
///
/// Source: OKX API v5 documents and change log (2026-10), captures of 2022 to 2026. Ids leave no number out; swaps
/// count contracts of the most various sizes.
final class Okx implements Protocol {
    private static final Rules RULES =
            Rules.listening(64 << 10, Silence.ofBoth(Duration.ofSeconds(30), 4004), Rate.aSecond(100));

    private static final long IDS = 2_953_000_000L;
    private static final int NEWEST = 500;
    private static final int PAGE = 100;
    private static final int REQUESTS = 100;
    private static final int OLDER_REQUESTS = 20;
    private static final Duration PER = Duration.ofSeconds(2);
    private static final int CONNECTS = 3;
    private static final Quota.Penalty REFUSED = Quota.Penalty.refusal("HTTP 429");
    private static final BigDecimal CONTRACT_WORTH = new BigDecimal(10);

    private static final String ROW = """
            {"alias":"","auctionEndTime":"","baseCcy":"","category":"1","contTdSwTime":"","ctMult":"","ctType":"",\
            "ctVal":"","ctValCcy":"","expTime":"","floatPxLmtPct":"0.01","freq":"","futureSettlement":false,\
            "groupId":"1","initPxLmtPct":"","instCategory":"1","instFamily":"","instId":"","instIdCode":1,\
            "instType":"","lever":"5","listTime":"1600000000000","longPosRemainingQuota":"","lotSz":"0.000001",\
            "maxIcebergSz":"9999999999.0000000000000000","maxLmtAmt":"10000000","maxLmtSz":"9999999999",\
            "maxMktAmt":"500000","maxMktSz":"500000","maxPlatOICoinLmt":"","maxPlatOILmt":"","maxPxLmtPct":"0.02",\
            "maxStopSz":"500000","maxTriggerSz":"9999999999.0000000000000000",\
            "maxTwapSz":"9999999999.0000000000000000","method":"","minSz":"0.0001","openType":"call_auction",\
            "optType":"","posLmtAmt":"","posLmtPct":"","preMktSwTime":"","quoteCcy":"","rpiMinLevel":"2",\
            "rpiMinPxBand":"10","ruleType":"normal","seriesId":"","settleCcy":"","shortPosRemainingQuota":"",\
            "state":"live","stk":"","tickSz":"0.01","tradeQuoteCcyList":[],"uly":"","upcChg":[]}""";

    private final Market market;
    private final long seed;
    private final Catalogue catalogue = new Catalogue();
    private final OkxSession.Frames frames;
    private final Quota requests;
    private final Quota requestsForOlder;
    private final Quota requestsForLists;
    private final Door door;

    Okx(MarketType type, SimulatorOptions options, Quotas quotas) {
        market = new Market(Exchange.OKX, type);
        seed = options.seed();
        for (Coin coin : Coin.traded(options)) {
            Listing listing = listing(coin, catalogue.size());
            catalogue.add(listing, row(listing, LISTED));
        }
        others();
        frames = new OkxSession.Frames(catalogue);
        requests = quotas.rest("newest", REQUESTS, PER, REFUSED);
        requestsForOlder = quotas.rest("older", OLDER_REQUESTS, PER, REFUSED);
        requestsForLists = quotas.rest(market.toString(), OLDER_REQUESTS, PER, REFUSED);
        door = quotas.door("all", quotas.connects("all", CONNECTS, Duration.ofSeconds(1), REFUSED), 0);
    }

    boolean isSpot() {
        return market.type() == MarketType.SPOT;
    }

    @Override
    public Listing listing(Coin coin, int rank) {
        BigDecimal price = new BigDecimal(coin.price());
        BigDecimal contractSize = isSpot() ? BigDecimal.ONE : contractSize(price);
        String symbol = coin.name() + "-USDT" + (isSpot() ? "" : "-SWAP");
        long firstId = IDS / (rank + 1) + Math.floorMod(SplitMix.seed(seed, symbol), 1_000_000L);
        return Listings.of(symbol, coin.name(), coin, price, contractSize, isSpot() ? 6 : 2, firstId);
    }

    @Override
    public ObjectNode row(Listing listing, Instant listedAt) {
        Integer place = catalogue.place(listing.symbol());
        return (isSpot() ? pair(listing.base(), "USDT") : swap(listing.base(), listing.contractSize()))
                .put("instIdCode", 1 + (place == null ? catalogue.size() : place))
                .put("listTime", Long.toString(listedAt.toEpochMilli()))
                .put("lotSz", listing.sizes().plain(1))
                .put("minSz", listing.sizes().plain(1))
                .put("tickSz", listing.prices().plain(1));
    }

    @Override
    public ObjectNode delisted(ObjectNode row, Instant at) {
        return row.put("state", "suspend").put("expTime", Long.toString(at.toEpochMilli()));
    }

    @Override
    public ObjectNode resized(ObjectNode row, BigDecimal contractSize, Instant at) {
        return isSpot()
                ? Protocol.super.resized(row, contractSize, at)
                : row.put("ctVal", contractSize.toPlainString());
    }

    /// A power of ten that makes a contract worth some dollars.
    private static BigDecimal contractSize(BigDecimal price) {
        int magnitude = price.precision() - price.scale() - 1;
        return CONTRACT_WORTH.scaleByPowerOfTen(-magnitude - 1).stripTrailingZeros();
    }

    private static ObjectNode pair(String base, String quote) {
        ObjectNode row = Protocol.row(ROW)
                .put("instType", "SPOT")
                .put("instId", base + "-" + quote)
                .put("baseCcy", base)
                .put("quoteCcy", quote);
        row.withArray("tradeQuoteCcyList").add(quote);
        return row;
    }

    private static ObjectNode swap(String base, BigDecimal contractSize) {
        return Protocol.row(ROW)
                .put("instType", "SWAP")
                .put("instId", base + "-USDT-SWAP")
                .put("instFamily", base + "-USDT")
                .put("uly", base + "-USDT")
                .put("ctVal", contractSize.toPlainString())
                .put("ctMult", "1")
                .put("ctValCcy", base)
                .put("ctType", "linear")
                .put("settleCcy", "USDT");
    }

    private void other(ObjectNode row) {
        catalogue.put(row.get("instId").textValue(), row);
    }

    /// What a collector must leave out.
    private void others() {
        if (isSpot()) {
            other(pair("ETH", "BTC"));
            other(pair("USDT", "USD"));
            other(pair("XAAPL", "USDT").put("instCategory", "3"));
            other(pair("SOON", "USDT").put("state", "preopen"));
            other(pair("EUR", "USDT"));
            return;
        }
        BigDecimal one = BigDecimal.ONE;
        other(swap("AAPL", one).put("instCategory", "3"));
        other(swap("XAU", one).put("instCategory", "4"));
        other(swap("MUU", one).put("ruleType", "rebase_contract"));
        other(swap("OPENAI", one).put("ruleType", "pre_market"));
        other(swap("SOON", one)
                .put("state", "preopen")
                .put("ctVal", "")
                .put("ctMult", "")
                .put("ctValCcy", ""));
        other(swap("STOP", one).put("state", "post_only"));
        other(swap("BTC", one)
                .put("instId", "BTC-USD-SWAP")
                .put("ctType", "inverse")
                .put("settleCcy", "BTC"));
        other(swap("BTC", one).put("instId", "BTC-USDC-SWAP").put("settleCcy", "USDC"));
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
        return URI.create(origin + "/ws/v5/public");
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
        return switch (handshake.path()) {
            case "/ws/v5/business" -> new OkxSession(frames, tape, true);
            case "/ws/v5/public" -> new OkxSession(frames, tape, false);
            default -> throw new Refusal(404, "Not Found");
        };
    }

    // ---- REST

    @Override
    public HttpAnswer answer(HttpRequest request, Tape tape, Set<Fault> faults) {
        Quota quota = switch (request.path()) {
            case "/api/v5/market/trades" -> requests;
            case "/api/v5/public/instruments" -> requestsForLists;
            default -> requestsForOlder;
        };
        if (quota.take(market, request.address(), 1, request.nowNanos()).isRefused()) {
            return error(429, "50011", "Too Many Requests");
        }
        return switch (request.path()) {
            case "/api/v5/public/instruments" -> instruments(request, faults);
            case "/api/v5/market/trades" -> trades(request, tape, faults);
            case "/api/v5/market/history-trades" -> olderTrades(request, tape, faults);
            default -> error(404, "404", "Not Found");
        };
    }

    private HttpAnswer instruments(HttpRequest request, Set<Fault> faults) {
        String type = request.parameters().getOrDefault("instType", "");
        if (!type.equals(isSpot() ? "SPOT" : "SWAP")) {
            return error(400, "51000", "Parameter instType error");
        }
        return success(Protocol.listed(catalogue.rows(), faults));
    }

    /// The newest, newest first.
    private HttpAnswer trades(HttpRequest request, Tape tape, Set<Fault> faults) {
        return trades(request, tape, NEWEST, Long.MAX_VALUE, Long.MAX_VALUE, -1, faults);
    }

    /// Newest first. Of type 1, the default, with `after` those that are older than this id, with `before` the newest
    /// that are newer; of type 2 with `after` those that are older than this time in milliseconds.
    private HttpAnswer olderTrades(HttpRequest request, Tape tape, Set<Fault> faults) {
        long after = number(request, "after", Long.MAX_VALUE);
        return switch (request.parameters().getOrDefault("type", "1")) {
            case "1" -> trades(request, tape, PAGE, after, Long.MAX_VALUE, number(request, "before", -1), faults);
            case "2" -> trades(request, tape, PAGE, Long.MAX_VALUE, after, -1, faults);
            default -> error(400, "51000", "Parameter type error");
        };
    }

    /// @param toId     the ids are below this one
    /// @param toMillis the times are before this one
    /// @param fromId   the ids are above this one
    private HttpAnswer trades(
            HttpRequest request, Tape tape, int most, long toId, long toMillis, long fromId, Set<Fault> faults) {
        Integer listing = catalogue.known(request.parameters().getOrDefault("instId", ""));
        if (listing == null) {
            return error(200, "51001", "Instrument ID does not exist");
        }
        long limit = Math.min(most, number(request, "limit", PAGE));
        Feed feed = tape.feeds().get(listing);
        long first = feed.listing.firstId();
        List<ObjectNode> found = new ArrayList<>();
        long newest = Math.min(feed.count(), toId - first) - 1;
        for (long index = newest; index >= feed.oldest() && found.size() < limit; index--) {
            Chunk chunk = feed.chunk(index);
            if (chunk != null
                    && chunk.kind(Feed.at(index)).isPublic()
                    && first + index > fromId
                    && chunk.timeNanos(Feed.at(index)) / Nanos.PER_MILLI < toMillis) {
                found.add(trade(feed.listing, index, chunk, Feed.at(index)));
            }
        }
        return success(Protocol.reduced(found, faults));
    }

    private static ObjectNode trade(Listing listing, long index, Chunk chunk, int at) {
        return JSON.createObjectNode()
                .put("instId", listing.symbol())
                .put("side", chunk.isSell(at) ? "sell" : "buy")
                .put("sz", listing.sizes().plain(chunk.size(at)))
                .put("px", listing.prices().plain(chunk.price(at)))
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
    public boolean isList(HttpRequest request) {
        return request.path().equals("/api/v5/public/instruments");
    }

    @Override
    public HttpAnswer failure(long nowNanos) {
        return error(200, "50001", "Service temporarily unavailable. Please try again later.");
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
    public long sequence(Listing listing, long index) {
        return listing.firstId() + index;
    }

    @Override
    public BigDecimal written(BigDecimal number) {
        return Grid.plain(number);
    }

    @Override
    public long executedAtNanos(long tapeNanos) {
        return tapeNanos - Math.floorMod(tapeNanos, Nanos.PER_MILLI);
    }
}

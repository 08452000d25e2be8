package io.metdc.simulator;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Nanos;
import io.metdc.market.TradeId;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Upbit's KRW market: the two rates KRW-USDT and KRW-BTC first, then the coins. The stream is [UpbitSession]; its
/// notices are [Notices].
///
/// Source: docs.upbit.com (2026-11). One request replaces the subscription of its connection, messages are binary,
/// a client that is silent for 120 s is cut, an `Origin` header allows one request in 10 s.
final class Upbit implements Protocol {
    private static final Market MARKET = new Market(Exchange.UPBIT, MarketType.SPOT);
    private static final Rules RULES = Rules.listening(
                    1 << 16,
                    Silence.ofClient(Duration.ofMinutes(2), 0),
                    Rate.aSecond(5),
                    new Rate(100, Duration.ofMinutes(1)))
            .inBinary();

    /// Won in a dollar.
    private static final BigDecimal RATE = new BigDecimal("1450");

    private static final BigDecimal TYPICAL_WON = new BigDecimal(400_000);
    private static final int SIZE_DECIMALS = 8;
    private static final int REQUESTS_A_SECOND = 10;
    private static final int CONNECTS_A_SECOND = 5;
    private static final Quota.Penalty PENALTY = Quota.Penalty.ban(Duration.ofMinutes(1));
    private static final int MOST_ROWS = 500;
    private static final int DAYS = 7;
    /// Markets against bitcoin, which do not trade here: without them the list would be too short to be believed.
    private static final int BTC_MARKETS = 160;
    /// The rows of a list of markets that lost nearly all.
    private static final int SHORT = 3;
    private static final long ID_FACTOR = 10_000; // ids are ms·10^4 + n, as in 2026
    private static final int ID_STEP = 3; // no number follows on another
    private static final String NO_EVENT = """
            {"warning":false,"caution":{"PRICE_FLUCTUATIONS":false,"TRADING_VOLUME_SOARING":false,\
            "DEPOSIT_AMOUNT_SOARING":false,"GLOBAL_PRICE_DIFFERENCES":false,\
            "CONCENTRATION_OF_SMALL_ACCOUNTS":false}}""";
    private static final BigDecimal SMALL = new BigDecimal("0.001");

    private final Catalogue catalogue = new Catalogue();
    private final Set<String> later;
    private final Notices notices;
    private final UpbitSession.Frames frames;
    private final InstantSource clock;
    private final Quota requests;
    private final Quota withOrigin;
    private final Door door;

    Upbit(SimulatorOptions options, Quotas quotas) {
        clock = options.clock();
        later = Set.copyOf(options.listing());
        List<Coin> coins = new ArrayList<>();
        coins.add(new Coin("USDT", "1"));
        coins.add(new Coin("BTC", Coin.ranked(0).price()));
        for (Coin coin : Coin.traded(options)) {
            if (hasMarkets(coin) && (later.contains(coin.name()) || coins.size() < options.instruments())) {
                coins.add(coin);
            }
        }
        for (Coin coin : coins) {
            Listing listing = listing(coin, catalogue.size());
            if (later.contains(coin.name())) {
                catalogue.add(listing);
            } else {
                catalogue.add(listing, row(listing, LISTED));
            }
        }
        for (ObjectNode row : others()) {
            catalogue.put(row.get("market").textValue(), row);
        }
        notices = new Notices(options);
        frames = new UpbitSession.Frames(catalogue);
        requests = quotas.rest("groups", REQUESTS_A_SECOND, Duration.ofSeconds(1), PENALTY);
        withOrigin = quotas.withOrigin(1, Duration.ofSeconds(10), PENALTY);
        door = quotas.door("all", quotas.connects("all", CONNECTS_A_SECOND, Duration.ofSeconds(1), PENALTY), 0);
    }

    /// Names that are not ASCII have none, and bitcoin's own is there before.
    private static boolean hasMarkets(Coin coin) {
        return !coin.name().equals("BTC") && !coin.name().equals(Coin.UNICODE);
    }

    @Override
    public Listing listing(Coin coin, int rank) {
        BigDecimal price = new BigDecimal(coin.price()).multiply(RATE);
        int magnitude = price.precision() - price.scale() - 1;
        int decimals = Math.clamp(4L - magnitude, 0, 12);
        Grid prices = Grid.of(BigDecimal.ONE.movePointLeft(decimals).toPlainString(), decimals);
        Grid sizes = Grid.of(BigDecimal.ONE.movePointLeft(SIZE_DECIMALS).toPlainString(), SIZE_DECIMALS);
        int opening = price.divide(prices.decimal(1), 0, RoundingMode.HALF_UP).intValueExact();
        long typical = TYPICAL_WON
                .divide(price, 20, RoundingMode.HALF_UP)
                .divide(sizes.decimal(1), 0, RoundingMode.HALF_UP)
                .longValue();
        long first = Nanos.of(clock.instant()) / Nanos.PER_MILLI * ID_FACTOR;
        String symbol = "KRW-" + coin.name();
        return new Listing(
                symbol,
                coin.name(),
                coin,
                prices,
                sizes,
                BigDecimal.ONE,
                Math.max(2, opening),
                Math.max(1, typical),
                true,
                first);
    }

    @Override
    public ObjectNode row(Listing listing, Instant listedAt) {
        return row(listing.symbol(), listing.coin().name());
    }

    private static ObjectNode row(String market, String coin) {
        return JSON.createObjectNode()
                .put("market", market)
                .put("korean_name", Coin.korean(coin))
                .put("english_name", coin);
    }

    /// The list names only what trades.
    @Override
    public @Nullable ObjectNode delisted(ObjectNode row, Instant at) {
        return null;
    }

    /// Markets that are not for won.
    private List<ObjectNode> others() {
        List<ObjectNode> others = new ArrayList<>();
        others.add(row("USDT-BTC", "BTC"));
        for (int rank = 1; rank <= BTC_MARKETS; rank++) {
            Coin coin = Coin.ranked(rank);
            if (hasMarkets(coin) && !later.contains(coin.name())) {
                others.add(row("BTC-" + coin.name(), coin.name()));
            }
        }
        return others;
    }

    @Override
    public Market market() {
        return MARKET;
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
        return URI.create(origin + "/websocket/v1");
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
        boolean isPrivate = handshake.path().equals("/websocket/v1/private");
        if (!isPrivate && !handshake.path().equals("/websocket/v1")) {
            throw new Refusal(404, "Not Found");
        }
        if (handshake.headers().containsKey("origin")) {
            Quota.Taken taken = withOrigin.take(MARKET, handshake.address(), 1, Nanos.of(clock.instant()));
            if (taken.isRefused()) {
                throw taken.isBanned() ? new Refusal(418, "I'm a teapot") : new Refusal(429, "Too Many Requests");
            }
        }
        if (!isPrivate) {
            return new UpbitSession(frames, tape);
        }
        if (!UpbitNoticeSession.isSigned(handshake.headers().getOrDefault("authorization", ""))) {
            throw new Refusal(401, "Unauthorized");
        }
        return notices.listen();
    }

    @Override
    public Set<String> later() {
        return later;
    }

    Notices notices() {
        return notices;
    }

    @Override
    public void check(long nowNanos) {
        notices.check(nowNanos);
    }

    @Override
    public boolean isElsewhere(HttpRequest request) {
        return request.path().startsWith(Notices.PATH);
    }

    @Override
    public HttpAnswer answer(HttpRequest request, Tape tape, Set<Fault> faults) {
        if (isElsewhere(request)) {
            return notices.answer(request, faults);
        }
        String group = request.path().equals("/v1/market/all") ? "market" : "trade";
        boolean hasOrigin = request.headers().containsKey("origin");
        Quota.Taken taken = hasOrigin
                ? withOrigin.take(MARKET, request.address(), 1, request.nowNanos())
                : requests.take(MARKET, request.address() + group, 1, request.nowNanos());
        HttpAnswer answer = taken.isRefused()
                ? refused(taken, request.nowNanos())
                : switch (request.path()) {
                    case "/v1/market/all" -> markets(request, faults);
                    case "/v1/trades/ticks" -> ticks(request, tape, faults);
                    default -> error(404, "not_found", "no such path");
                };
        return answer.with("Remaining-Req", "group=" + group + "; min=1800; sec=" + Math.max(0, taken.left()));
    }

    private HttpAnswer markets(HttpRequest request, Set<Fault> faults) {
        boolean details = "true".equals(request.parameters().get("is_details"));
        List<ObjectNode> shown = Protocol.listed(catalogue.rows(), faults);
        if (faults.contains(Fault.MARKET_LIST_SHORT)) {
            shown = shown.subList(0, Math.min(SHORT, shown.size()));
        }
        ArrayNode answer = JSON.createArrayNode();
        for (ObjectNode row : shown) {
            answer.add(details ? row.deepCopy().<ObjectNode>set("market_event", Protocol.row(NO_EVENT)) : row);
        }
        return HttpAnswer.json(200, answer.toString());
    }

    /// The trades of one UTC day, newest first, before a cursor or a time of day.
    private HttpAnswer ticks(HttpRequest request, Tape tape, Set<Fault> faults) {
        Map<String, String> parameters = request.parameters();
        Integer listing = catalogue.known(parameters.getOrDefault("market", ""));
        if (listing == null) {
            return error(404, "not_found", "Code not found");
        }
        int count;
        int daysAgo;
        long before;
        LocalTime until;
        try {
            count = Integer.parseInt(parameters.getOrDefault("count", "1"));
            daysAgo = Integer.parseInt(parameters.getOrDefault("days_ago", "0"));
            before = Long.parseLong(parameters.getOrDefault("cursor", Long.toString(Long.MAX_VALUE)));
            until = LocalTime.parse(parameters.getOrDefault("to", "23:59:59"));
        } catch (NumberFormatException | DateTimeParseException e) {
            return error(400, "invalid_parameter", "count, days_ago, cursor or to is malformed");
        }
        if (count < 1 || count > MOST_ROWS || daysAgo < 0 || daysAgo > DAYS) {
            return error(400, "invalid_parameter", "count or days_ago out of range");
        }
        LocalDate day = LocalDate.ofInstant(Nanos.instant(request.nowNanos()), ZoneOffset.UTC)
                .minusDays(daysAgo);
        long from = Nanos.of(day.atStartOfDay(ZoneOffset.UTC).toInstant());
        long to = Nanos.of(day.atTime(until).plusSeconds(1).toInstant(ZoneOffset.UTC));
        Feed feed = tape.feeds().get(listing);
        List<String> rows = new ArrayList<>();
        for (long index = feed.count() - 1; index >= feed.oldest() && rows.size() < count; index--) {
            Chunk chunk = feed.chunk(index);
            int at = Feed.at(index);
            if (chunk != null
                    && number(feed.listing, index) < before
                    && chunk.timeNanos(at) >= from
                    && chunk.timeNanos(at) < to) {
                rows.add(tick(feed.listing, index, chunk, at));
            }
        }
        return HttpAnswer.json(200, "[" + String.join(",", Protocol.reduced(rows, faults)) + "]");
    }

    private static String tick(Listing listing, long index, Chunk chunk, int at) {
        Instant time = Nanos.instant(chunk.timeNanos(at));
        return "{\"market\":\"" + listing.symbol() + "\",\"trade_date_utc\":\""
                + LocalDate.ofInstant(time, ZoneOffset.UTC) + "\",\"trade_time_utc\":\""
                + LocalTime.ofInstant(time.truncatedTo(ChronoUnit.SECONDS), ZoneOffset.UTC)
                        .format(DateTimeFormatter.ISO_LOCAL_TIME)
                + "\",\"timestamp\":" + time.toEpochMilli() + ",\"trade_price\":"
                + number(listing.prices().decimal(chunk.price(at))) + ",\"trade_volume\":"
                + number(listing.sizes().decimal(chunk.size(at)))
                + ",\"prev_closing_price\":1.0,\"change_price\":0.0,\"ask_bid\":\""
                + (chunk.isSell(at) ? "ASK" : "BID") + "\",\"sequential_id\":" + number(listing, index) + "}";
    }

    /// As its Java writes a number: always with a point, small ones with an exponent.
    static String number(BigDecimal value) {
        BigDecimal plain = value.stripTrailingZeros();
        if (plain.compareTo(SMALL) < 0 && plain.signum() > 0) {
            String digits = plain.unscaledValue().toString();
            String behind = digits.length() == 1 ? "0" : digits.substring(1);
            return digits.charAt(0) + "." + behind + "E" + (digits.length() - 1 - plain.scale());
        }
        return plain.setScale(Math.max(1, plain.scale())).toPlainString();
    }

    static long number(Listing listing, long index) {
        return listing.firstId() + index * ID_STEP;
    }

    private HttpAnswer refused(Quota.Taken taken, long nowNanos) {
        return taken.isBanned() ? blocked(taken.againSeconds()) : refusal(Fault.REST_429, nowNanos);
    }

    private static HttpAnswer blocked(long seconds) {
        return error(418, "too_many_requests", "You have been temporarily blocked for " + seconds + " seconds.");
    }

    @Override
    public boolean isList(HttpRequest request) {
        return request.path().equals("/v1/market/all");
    }

    @Override
    public HttpAnswer failure(long nowNanos) {
        return error(500, "internal_server_error", "Internal server error.");
    }

    @Override
    public HttpAnswer refusal(Fault fault, long nowNanos) {
        return switch (fault) {
            case REST_429 -> error(429, "too_many_requests", "Too many API requests.");
            case REST_418 -> blocked(PENALTY.ban().toSeconds());
            case REST_451 -> error(451, "unavailable", "not available in your country");
            case REST_403 -> HttpAnswer.html(403, "Forbidden");
            default -> HttpAnswer.html(503, "Service Temporarily Unavailable");
        };
    }

    private static HttpAnswer error(int status, String name, String message) {
        return HttpAnswer.json(status, "{\"error\":{\"name\":\"" + name + "\",\"message\":\"" + message + "\"}}");
    }

    @Override
    public String exampleFrame() {
        return "{\"type\":\"trade\",\"code\":\"KRW-BTC\",\"trade_price\":120000000,\"trade_volume\":0.001,"
                + "\"ask_bid\":\"BID\",\"trade_timestamp\":1790370834848,\"sequential_id\":17903708348480000}";
    }

    @Override
    public TradeId id(Listing listing, long index) {
        return TradeId.of(number(listing, index));
    }

    @Override
    public BigDecimal written(BigDecimal number) {
        return new BigDecimal(number(number));
    }

    @Override
    public long executedAtNanos(long tapeNanos) {
        return tapeNanos - Math.floorMod(tapeNanos, Nanos.PER_MILLI);
    }
}

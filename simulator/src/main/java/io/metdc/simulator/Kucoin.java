package io.metdc.simulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Nanos;
import io.metdc.market.TradeId;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// KuCoin spot and USDT perpetuals, the service that wants a token: what trades, tokens, addresses and rules. The
/// stream is [KucoinSession], REST is [KucoinRest].
///
/// Source: KuCoin documents (2025/26), captures until 2026-10 and measurements of 2026-09, which count where they
/// differ: unknown symbols are acknowledged, a client is cut after 60 s of silence, whatever it is sent.
final class Kucoin implements Protocol {
    private static final Rules RULES = Rules.listening(
            1 << 16, Silence.ofClient(Duration.ofSeconds(60), 1000), new Rate(100, Duration.ofSeconds(10)));
    private static final long TOKEN_NANOS = Duration.ofHours(24).toNanos();
    private static final int TOKENS_KEPT = 10_000;
    private static final int CONNECTS = 30;
    private static final int CONNECTIONS = 800;

    private static final long SPOT_IDS = 24_700_000_000_000_000L; // above what a double holds
    private static final long FUTURES_IDS = 1_990_000_000_000L;
    private static final int ID_STEP = 7;

    private static final BigDecimal TYPICAL_QUOTE = new BigDecimal(300);
    private static final long MAX_TYPICAL = 10_000_000_000L;
    private static final long HUGE_TYPICAL = 1_500_000_000_000_000_000L;
    private static final int MAX_DECIMALS = 12;
    private static final Map<String, BigDecimal> KNOWN_LOTS =
            Map.of("PEPE", new BigDecimal("520000"), "SHIB", new BigDecimal("100000"));
    /// With so many instruments, the last one was renamed on spot, and will be delisted on futures.
    private static final int ENOUGH_FOR_A_SPECIAL_ONE = 5;

    private static final Coin RENAMED = new Coin("GALA", "0.015120");
    private static final String FORMER_NAME = "GALAX";

    private final Market market;
    private final InstantSource clock;
    private final long seed;
    private final Catalogue catalogue = new Catalogue();
    private final KucoinSession.Frames frames;
    private final KucoinRest rest;
    private final Door door;
    /// Not used yet, and when they were given out. Guarded by itself, like those below.
    private final Map<String, Long> tokens = new LinkedHashMap<>();

    private long tokensMade; // guarded by the tokens

    Kucoin(MarketType type, SimulatorOptions options, Quotas quotas) {
        market = new Market(Exchange.KUCOIN, type);
        clock = options.clock();
        seed = options.seed();
        List<Coin> coins = Coin.traded(options);
        for (int rank = 0; rank < options.instruments(); rank++) {
            boolean isSpecial = rank == options.instruments() - 1 && rank >= ENOUGH_FOR_A_SPECIAL_ONE;
            Listing listing = listing(isSpecial ? RENAMED : coins.get(rank), rank);
            ObjectNode row = row(listing, LISTED);
            catalogue.add(listing, isSpecial && !isSpot() ? KucoinRest.toBeDelisted(row) : row);
        }
        KucoinRest.others(isSpot())
                .forEach(row -> catalogue.put(row.get("symbol").textValue(), row));
        frames = new KucoinSession.Frames(this);
        rest = new KucoinRest(this, quotas);
        door = quotas.door(
                "all",
                quotas.connects("all", CONNECTS, Duration.ofMinutes(1), Quota.Penalty.refusal("error 509")),
                CONNECTIONS);
    }

    boolean isSpot() {
        return market.type() == MarketType.SPOT;
    }

    @Override
    public Listing listing(Coin coin, int rank) {
        return isSpot() ? spot(coin) : futures(coin);
    }

    @Override
    public ObjectNode row(Listing listing, Instant listedAt) {
        return isSpot() ? KucoinRest.spot(listing, listedAt) : KucoinRest.futures(listing, listedAt);
    }

    @Override
    public ObjectNode delisted(ObjectNode row, Instant at) {
        return isSpot()
                ? row.put("enableTrading", false)
                : row.put("status", "BeingSettled")
                        .put("expireDate", at.toEpochMilli())
                        .put("settleDate", at.toEpochMilli());
    }

    @Override
    public ObjectNode resized(ObjectNode row, BigDecimal contractSize, Instant at) {
        return isSpot()
                ? Protocol.super.resized(row, contractSize, at)
                : row.put("multiplier", contractSize.doubleValue());
    }

    /// A pair keeps its symbol and its currency; only what it is shown as changes.
    @Override
    public Optional<ObjectNode> renamed(ObjectNode row, String coin) {
        return isSpot() ? Optional.of(row.put("name", coin + "-USDT")) : Optional.empty();
    }

    private Listing spot(Coin coin) {
        String base = coin.equals(RENAMED) ? FORMER_NAME : coin.name();
        int decimals = Math.clamp(magnitude(coin) + 2, 0, 8);
        return listing(base + "-USDT", base, coin, BigDecimal.ONE, grid(decimals));
    }

    private Listing futures(Coin coin) {
        String base = coin.name().equals("BTC") ? "XBT" : coin.name();
        String symbol = base + "USDTM";
        return listing(symbol, base, coin, lot(coin), grid(0));
    }

    private Listing listing(String symbol, String base, Coin coin, BigDecimal lot, Grid sizes) {
        BigDecimal price = new BigDecimal(coin.price());
        Grid prices = grid(Math.clamp(5 - magnitude(coin), 1, MAX_DECIMALS));
        int opening = price.divide(prices.decimal(1), 0, RoundingMode.HALF_UP).intValueExact();
        long firstId = (isSpot() ? SPOT_IDS : FUTURES_IDS)
                + Math.floorMod(SplitMix.seed(seed, symbol), 100_000_000L) * ID_STEP;
        if (coin.name().equals(Coin.HUGE_SIZE)) { // from 1.05e19 to 2.1e19 in units of the last decimal
            Grid huge = new Grid(7, sizes.scale());
            return new Listing(symbol, base, coin, prices, huge, lot, opening, HUGE_TYPICAL, false, firstId);
        }
        long typical = TYPICAL_QUOTE
                .divide(price.multiply(lot), 20, RoundingMode.HALF_UP)
                .divide(sizes.decimal(1), 0, RoundingMode.HALF_UP)
                .longValue();
        typical = Math.clamp(typical, 1, MAX_TYPICAL);
        return new Listing(symbol, base, coin, prices, sizes, lot, opening, typical, true, firstId);
    }

    /// Base units in a lot: some hundred dollars.
    private static BigDecimal lot(Coin coin) {
        BigDecimal known = KNOWN_LOTS.get(coin.name());
        return known != null ? known : BigDecimal.ONE.scaleByPowerOfTen(Math.clamp(1 - magnitude(coin), -4, 5));
    }

    private static int magnitude(Coin coin) {
        BigDecimal price = new BigDecimal(coin.price());
        return price.precision() - price.scale() - 1;
    }

    private static Grid grid(int decimals) {
        return Grid.of(BigDecimal.ONE.movePointLeft(decimals).toPlainString(), decimals);
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
    public boolean isAddressKnown() {
        return false;
    }

    @Override
    public URI websocketUrl(String origin) {
        return URI.create(origin + "/");
    }

    @Override
    public Rules rules() {
        return RULES;
    }

    @Override
    public Door door() {
        return door;
    }

    /// A token for one connection.
    String token() {
        synchronized (tokens) {
            if (tokens.size() == TOKENS_KEPT) {
                tokens.remove(tokens.keySet().iterator().next());
            }
            byte[] random = Long.toHexString(SplitMix.mix(seed + ++tokensMade)).getBytes(StandardCharsets.US_ASCII);
            String token = "2neA" + Base64.getUrlEncoder().encodeToString(random) + "." + tokensMade + "-_==";
            tokens.put(token, nowNanos());
            return token;
        }
    }

    /// Whoever has no good token is let in, and told so.
    @Override
    public Session open(Handshake handshake, Tape tape) throws Refusal {
        if (!handshake.path().equals("/")) {
            throw new Refusal(400, "Bad Request");
        }
        Long given;
        synchronized (tokens) {
            given = tokens.remove(handshake.parameters().getOrDefault("token", ""));
        }
        String wrong = given == null
                ? KucoinSession.error(null, 401, "token is invalid")
                : nowNanos() - given > TOKEN_NANOS ? KucoinSession.error(null, 401, "token is expired") : null;
        return session(handshake, tape, wrong);
    }

    private Session session(Handshake handshake, Tape tape, @Nullable String wrong) {
        String id = handshake.parameters().getOrDefault("connectId", "");
        return new KucoinSession(frames, tape, id, wrong);
    }

    @Override
    public Session turnAway(Handshake handshake, Tape tape, Limit limit) {
        return session(handshake, tape, KucoinSession.error(null, 509, "exceed max session count"));
    }

    long nowNanos() {
        return Nanos.of(clock.instant());
    }

    @Override
    public void expireTokens() {
        synchronized (tokens) {
            tokens.replaceAll((token, given) -> Long.MIN_VALUE / 2);
        }
    }

    @Override
    public HttpAnswer answer(HttpRequest request, Tape tape, Set<Fault> faults) {
        return rest.answer(request, tape, faults);
    }

    @Override
    public boolean isList(HttpRequest request) {
        return request.path().equals(isSpot() ? KucoinRest.PAIRS : KucoinRest.CONTRACTS);
    }

    @Override
    public HttpAnswer failure(long nowNanos) {
        return KucoinRest.failure();
    }

    @Override
    public HttpAnswer refusal(Fault fault, long nowNanos) {
        return KucoinRest.refusal(fault);
    }

    @Override
    public String exampleFrame() {
        return "{\"topic\":\"/market/match:BTC-USDT\",\"type\":\"message\",\"subject\":\"trade.l3match\",\"data\":"
                + "{\"price\":\"83680.0\",\"sequence\":\"24700000000000001\",\"side\":\"buy\",\"size\":\"0.001\","
                + "\"symbol\":\"BTC-USDT\",\"time\":\"1790370834848000000\",\"tradeId\":\"24700000000000001\"}}";
    }

    /// Numbers between those of trades are the order book's.
    static long number(Listing listing, long index) {
        return listing.firstId() + index * ID_STEP + (SplitMix.mix(index) & 3);
    }

    @Override
    public TradeId id(Listing listing, long index) {
        return TradeId.of(number(listing, index));
    }

    @Override
    public long executedAtNanos(long tapeNanos) {
        return millis(tapeNanos);
    }

    /// Times are written in nanoseconds, in steps of a millisecond.
    static long millis(long nanos) {
        return nanos - Math.floorMod(nanos, Nanos.PER_MILLI);
    }
}

package io.metdc.simulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.TradeId;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Binance spot and USD-M futures: what trades, addresses and rules. The stream is [BinanceSession], REST is
/// [BinanceRest].
///
/// Source: binance/binance-spot-api-docs web-socket-streams.md and rest-api.md (2026-07-21), Binance USD-M
/// documents (routed paths since 2026-03), and measurements published until 2026-10. Where documents and wire
/// differ (form of errors, lost long frames, `@trade` of futures on `/public`), it does what was measured.
final class Binance implements Protocol {
    private static final Rules SPOT_RULES = Rules.pinging(
            Rate.aSecond(5), 4096, Duration.ofSeconds(20), Duration.ofSeconds(60 + 20)); // pong within 60 s of a ping
    private static final Rules FUTURES_RULES =
            Rules.pinging(Rate.aSecond(10), 4096, Duration.ofMinutes(3), Duration.ofMinutes(10 + 3));

    static final Quota.Penalty PENALTY = Quota.Penalty.ban(Duration.ofMinutes(2));
    private static final int CONNECTS = 300;
    private static final Duration CONNECTS_PER = Duration.ofMinutes(5);

    private static final int SPOT_DECIMALS = 8;
    private static final BigDecimal TYPICAL_QUOTE = new BigDecimal(300);
    private static final long MAX_TYPICAL = 10_000_000_000L;
    private static final long HUGE_TYPICAL = 1_500_000_000_000_000_000L;
    /// A coin this cheap trades on futures a thousand at a time.
    private static final BigDecimal CHEAP = new BigDecimal("0.0001");

    private static final long SPOT_IDS = 6_700_000_000L;
    private static final long FUTURES_IDS = 8_100_000_000L;
    /// With so many instruments, the last one is a new market, as are those listed later: the first trade
    /// of such has the id 0.
    private static final int ENOUGH_FOR_A_NEW_ONE = 5;

    private final Market market;
    private final long seed;
    private final int instruments;
    private final Catalogue catalogue = new Catalogue();
    private final BinanceSession.Frames frames;
    private final BinanceRest rest;
    private final Door door;

    Binance(MarketType type, SimulatorOptions options, Quotas quotas) {
        market = new Market(Exchange.BINANCE, type);
        seed = options.seed();
        instruments = options.instruments();
        for (Coin coin : Coin.traded(options)) {
            Listing listing = listing(coin, catalogue.size());
            catalogue.add(listing, row(listing, LISTED));
        }
        for (ObjectNode row : isSpot() ? BinanceInstruments.spotOthers() : BinanceInstruments.futuresOthers()) {
            catalogue.put(row.get("symbol").textValue(), row);
        }
        frames = new BinanceSession.Frames(catalogue, isSpot());
        rest = new BinanceRest(this, options, quotas);
        String name = market.toString(); // a host of its own; of futures no figure is documented
        door = quotas.door(name, quotas.connects(name, CONNECTS, CONNECTS_PER, PENALTY), 0);
    }

    boolean isSpot() {
        return market.type() == MarketType.SPOT;
    }

    @Override
    public Listing listing(Coin coin, int rank) {
        boolean isNew = rank >= ENOUGH_FOR_A_NEW_ONE && rank >= instruments - 1;
        long firstId = isNew ? 0 : firstId(coin, rank);
        return isSpot() ? spot(coin, firstId) : futures(coin, firstId);
    }

    private long firstId(Coin coin, int rank) {
        long base = (isSpot() ? SPOT_IDS : FUTURES_IDS) / (rank + 1);
        return base + Math.floorMod(SplitMix.seed(seed, coin.name() + "/" + market), 10_000_000L);
    }

    @Override
    public ObjectNode row(Listing listing, Instant listedAt) {
        return isSpot() ? BinanceInstruments.spot(listing) : BinanceInstruments.futures(listing, listedAt);
    }

    @Override
    public ObjectNode delisted(ObjectNode row, Instant at) {
        return isSpot()
                ? row.put("status", "BREAK")
                : row.put("status", "SETTLING").put("deliveryDate", at.toEpochMilli());
    }

    private static Listing spot(Coin coin, long firstId) {
        BigDecimal price = new BigDecimal(coin.price());
        int magnitude = magnitude(price);
        int tickDecimals = Math.max(0, 6 - magnitude);
        int stepDecimals = Math.max(0, magnitude + 1);
        if (coin.name().equals(Coin.TINY_PRICE) || coin.name().equals(Coin.HUGE_SIZE)) {
            tickDecimals = 12;
        } else if (magnitude < 4) {
            tickDecimals = Math.min(SPOT_DECIMALS + 2, 5 - magnitude);
        }
        Grid prices = grid(tickDecimals, Math.max(SPOT_DECIMALS, tickDecimals));
        return listing(
                coin.name() + "USDT", coin.name(), coin, price, prices, grid(stepDecimals, SPOT_DECIMALS), firstId);
    }

    private static Listing futures(Coin coin, long firstId) {
        BigDecimal price = new BigDecimal(coin.price());
        String base = coin.name();
        boolean special = base.equals(Coin.TINY_PRICE) || base.equals(Coin.HUGE_SIZE);
        if (price.compareTo(CHEAP) < 0 && !special && !base.startsWith("1000")) {
            base = "1000" + base;
            price = price.movePointRight(3);
        }
        int magnitude = magnitude(price);
        int tickDecimals = special ? 12 : Math.max(1, 5 - magnitude);
        int stepDecimals = Math.max(0, magnitude - 1);
        // one decimal more than the tick needs, as the live service writes 83680.00 on a tick of 0.10
        Grid prices = grid(tickDecimals, special ? 12 : tickDecimals + 1);
        return listing(base + "USDT", base, coin, price, prices, grid(stepDecimals, stepDecimals), firstId);
    }

    private static Listing listing(
            String symbol, String base, Coin coin, BigDecimal price, Grid prices, Grid sizes, long firstId) {
        BigDecimal one = BigDecimal.ONE;
        int opening = price.divide(prices.decimal(1), 0, RoundingMode.HALF_UP).intValueExact();
        if (base.equals(Coin.HUGE_SIZE)) { // from 1.05e19 to 2.1e19 in units of the last decimal
            Grid huge = new Grid(7, sizes.scale());
            return new Listing(symbol, base, coin, prices, huge, one, opening, HUGE_TYPICAL, false, firstId);
        }
        long typical = TYPICAL_QUOTE
                .divide(price, 20, RoundingMode.HALF_UP)
                .divide(sizes.decimal(1), 0, RoundingMode.HALF_UP)
                .longValue();
        typical = Math.clamp(typical, 1, MAX_TYPICAL);
        return new Listing(symbol, base, coin, prices, sizes, one, opening, typical, true, firstId);
    }

    private static int magnitude(BigDecimal price) {
        return price.precision() - price.scale() - 1;
    }

    private static Grid grid(int stepDecimals, int scale) {
        return Grid.of(BigDecimal.ONE.movePointLeft(stepDecimals).toPlainString(), scale);
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
        return URI.create(isSpot() ? origin : origin + "/public/stream");
    }

    @Override
    public Rules rules() {
        return isSpot() ? SPOT_RULES : FUTURES_RULES;
    }

    @Override
    public Door door() {
        return door;
    }

    /// Spot `/ws`, `/ws/<name>/<name>`, `/stream`, `/stream?streams=<name>/<name>`; futures the same below
    /// `/public`, `/market` and `/private`, and without a route what was there before the routes: it delivers what
    /// `/public` does.
    @Override
    public Session open(Handshake handshake, Tape tape) throws Refusal {
        List<String> parts = new ArrayList<>(Arrays.asList(handshake.path().split("/", -1)));
        parts.removeFirst();
        String route = isSpot() || parts.isEmpty() ? "" : parts.getFirst();
        boolean routed = Set.of("public", "market", "private").contains(route);
        if (routed) {
            parts.removeFirst();
        }
        Set<String> names = new LinkedHashSet<>();
        if (parts.size() > 1 && parts.getLast().isEmpty()) {
            parts.removeLast();
        }
        boolean combined = parts.equals(List.of("stream"));
        if (combined) {
            String streams = handshake.parameters().getOrDefault("streams", "");
            names.addAll(streams.isEmpty() ? List.of() : Arrays.asList(streams.split("/", -1)));
        } else if (!parts.isEmpty() && parts.getFirst().equals("ws")) {
            names.addAll(parts.subList(1, parts.size()));
        } else {
            throw new Refusal(404, "Not Found");
        }
        boolean micros =
                isSpot() && handshake.parameters().getOrDefault("timeUnit", "").equalsIgnoreCase("MICROSECOND");
        BinanceSession.Route kind = switch (route) {
            case "market" -> BinanceSession.Route.MARKET;
            case "private" -> BinanceSession.Route.PRIVATE;
            default -> isSpot() ? BinanceSession.Route.ALL : BinanceSession.Route.PUBLIC;
        };
        return new BinanceSession(frames, kind, combined, micros, names);
    }

    @Override
    public HttpAnswer answer(HttpRequest request, Tape tape, Set<Fault> faults) {
        return rest.answer(request, tape, faults);
    }

    @Override
    public boolean isList(HttpRequest request) {
        return request.path().endsWith("/exchangeInfo");
    }

    @Override
    public HttpAnswer failure(long nowNanos) {
        return HttpAnswer.json(
                500, "{\"code\":-1001,\"msg\":\"Internal error; unable to process your request. Please try again.\"}");
    }

    @Override
    public HttpAnswer refusal(Fault fault, long nowNanos) {
        return BinanceRest.refusal(fault, nowNanos);
    }

    @Override
    public String exampleFrame() {
        return "{\"stream\":\"btcusdt@trade\",\"data\":{\"e\":\"trade\",\"E\":1790370834849,\"s\":\"BTCUSDT\",\"t\":1,"
                + "\"p\":\"83680.00\",\"q\":\"0.001\",\"T\":1790370834848,\"m\":true}}";
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
    public long executedAtNanos(long tapeNanos) {
        long unit = isSpot() ? 1_000 : 1_000_000;
        return tapeNanos - Math.floorMod(tapeNanos, unit);
    }

    /// What `X` says in a futures trade.
    static final Map<PrintKind, String> PRINT_NAMES = Map.of(
            PrintKind.MARKET, "MARKET",
            PrintKind.RPI, "RPI",
            PrintKind.NA, "NA",
            PrintKind.INSURANCE_FUND, "INSURANCE_FUND",
            PrintKind.ADL, "ADL");
}

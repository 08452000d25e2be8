package io.metdc.connectors;

import com.fasterxml.jackson.databind.JsonNode;
import io.metdc.connectors.InstrumentPage.Listing;
import io.metdc.connectors.Limits.Rate;
import io.metdc.connectors.Reaction.Plain;
import io.metdc.market.Decimals;
import io.metdc.market.Exchange;
import io.metdc.market.Failure.Extent;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Origin;
import io.metdc.market.Plausibility;
import io.metdc.market.RejectReason;
import io.metdc.market.Rejected;
import io.metdc.market.Row;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Phemex spot and USDT perpetual ("hedged", `PerpetualV2`) trades. Source: documents as of 2026-01, captures and
/// measurements as of 2026-09.
///
/// spot `{"sequence":23912236867,"symbol":"sOLUSDT","trades":[[1772323222771984119,"Sell",1228700,41250000000]],`
/// `"type":"incremental"}`: integers, to be divided by 10^priceScale of the symbol and 10^valueScale of its base;
/// perpetual `{…,"symbol":"BTCUSDT","trades_p":[[1786993352243530151,"Sell","64320.1","0.006"]],"type":"snapshot"}`:
/// decimals. A row is time, epoch ns · taker side · price, quote per base · quantity, base (1000 coins where it is
/// named `1000 SHIB`). Rows come newest first. Letter case counts: `sOLUSDT` is OL on spot, `SOLUSDT` the perpetual
/// of SOL. Coin-margined contracts, on the same socket with the key of spot, are not collected.
///
/// Each subscription is answered by a snapshot, up to 1000 trades of the past, `"type":"snapshot"`. Trades have no
/// ids: theirs is `<ns>-<b|s>-<price>-<quantity>-<n>`, whose last part [Occurrences] counts. `sequence` is shared by
/// symbols and jumps: it proves nothing, but rises.
final class Phemex implements Connector {
    private static final Shape ROW = new Shape();
    private static final Field TIME = ROW.field("time");
    private static final Field SIDE = ROW.field("side");
    private static final Field PRICE = ROW.field("price");
    private static final Field SIZE = ROW.field("quantity");

    private static final Shape PROBLEM = new Shape();
    private static final Field CODE = PROBLEM.field("code");
    private static final Field TEXT = PROBLEM.field("message");

    private static final Shape FRAME = new Shape(); // trades, or an answer, which by REST holds trades in its result
    private static final Field SYMBOL = FRAME.field("symbol");
    private static final Field TYPE = FRAME.field("type");
    private static final Field SEQUENCE = FRAME.field("sequence");
    private static final Field SPOT_TRADES = FRAME.nested("trades", ROW);
    private static final Field PERPETUAL_TRADES = FRAME.nested("trades_p", ROW);
    private static final Field REQUEST = FRAME.field("id");
    private static final Field RESULT = FRAME.nested("result", FRAME);
    private static final Field ERROR = FRAME.nested("error", PROBLEM);

    private static final List<String> SIDES = List.of("Buy", "Sell");

    /// Documents as of 2026-01 and measurements as of 2026-09. Who asks too much is left without an
    /// answer for the next five minutes, whatever the market.
    private static final Codes CODES = Codes.of()
            .status("403", Plain.ENDED, "unknown path")
            .status("429", Reaction.ban(Extent.REQUESTS, Duration.ofMinutes(5)), "more than 5000 requests in 5 minutes")
            .handshake("429", Reaction.ban(Extent.SAME, Duration.ofMinutes(5)), "more than 200 connects in 5 minutes")
            .answer("6001", Plain.LEFT_OUT, "a bad symbol, with status 500")
            .frame("6001", Plain.LEFT_OUT, "an unknown symbol, or one of the other family")
            .frame("6015", Plain.ELSEWHERE, "too many subscriptions on this connection")
            .build();

    private static final int SNAPSHOT = 1000;
    private static final long NANOS_FROM = 100_000_000_000_000_000L; // as ns the year 1973, as µs 5138
    private static final int MOST_SCALE = 18;
    private static final int UNKNOWN = -1;

    private final Market market;
    private final boolean isSpot;
    private final Field trades;

    Phemex(MarketType type) {
        market = new Market(Exchange.PHEMEX, type);
        isSpot = type == MarketType.SPOT;
        trades = isSpot ? SPOT_TRADES : PERPETUAL_TRADES;
    }

    @Override
    public Market market() {
        return market;
    }

    /// Documents as of 2026-01: 20 subscriptions and 20 requests/s a connection, 5 connections a client, 200 connects
    /// in 5 min; REST 5000 requests in 5 min, less than half of them for each market. Measured 2026-09-23: 101
    /// subscriptions, the next one is refused with 6015; 6 connections; a second symbol in a frame is ignored
    /// without a word.
    @Override
    public Limits limits() {
        var frames = new Rate(10, Duration.ofSeconds(1));
        var connects = new Rate(1, Duration.ofSeconds(2));
        var rest = new Rate(2250, Duration.ofMinutes(5));
        return new Limits(5, 90, 101, 1, 4096, frames, connects, Duration.ofSeconds(10), Duration.ofDays(365), rest);
    }

    @Override
    public Evidence evidence() {
        return new Evidence.ByUnbrokenConnection(false, SNAPSHOT);
    }

    @Override
    public URI defaultWebsocketUrl() {
        return URI.create("wss://ws.phemex.com");
    }

    @Override
    public URI defaultRestUrl() {
        return URI.create("https://api.phemex.com");
    }

    /// A connection on which the client says nothing is cut after 31 s, even while it delivers; the server never
    /// pings.
    @Override
    public Endpoint endpoint(@Nullable URI configured, String connection, byte[] ticket) {
        URI address = configured == null ? defaultWebsocketUrl() : configured;
        return new Endpoint(address, Map.of(), Duration.ofSeconds(5), Duration.ofSeconds(30));
    }

    @Override
    public String heartbeat(Instant now) {
        return "{\"id\":0,\"method\":\"server.ping\",\"params\":[]}";
    }

    @Override
    public String subscribe(long request, List<Instrument> instruments, Instant now) {
        String symbol = Request.quoted(instruments.getFirst().symbol());
        String method = isSpot ? "trade.subscribe" : "trade_p.subscribe";
        return "{\"id\":" + request + ",\"method\":\"" + method + "\",\"params\":[" + symbol + "]}";
    }

    /// Only all can be unsubscribed at once. Subscribing again brings a new snapshot.
    @Override
    public String unsubscribe(long request, List<Instrument> instruments, Instant now) {
        return "";
    }

    @Override
    public boolean needsInstruments() {
        return isSpot;
    }

    /// `type` is not looked at first: order books and candles have it, too.
    @Override
    public Message read(Frame frame, Instruments instruments) {
        Message.Unreadable unreadable = frame.parse(FRAME);
        if (unreadable != null || frame.isArray()) {
            return unreadable != null ? unreadable : Message.Ignored.INSTANCE;
        }
        return frame.has(trades) ? trades(frame, instruments) : answer(frame);
    }

    /// `{"error":null,"id":1,"result":{"status":"success"}}` · `{"error":null,"id":0,"result":"pong"}` ·
    /// `{"error":{"code":6001,"message":"invalid argument"},"id":106,"result":null}`. Each asks for one symbol.
    private Message answer(Frame frame) {
        long request = Math.max(frame.integer(REQUEST), Message.Refused.NO_REQUEST);
        boolean succeeded = request > 0 && frame.has(RESULT) && !frame.isNull(RESULT);
        if (frame.enter(ERROR)) {
            String what = market + " refused a request: code " + frame.text(CODE) + ", " + frame.text(TEXT);
            return Codes.refused(request, what, CODES.inFrame(frame.text(CODE), Plain.LEFT_OUT), "");
        }
        return succeeded ? new Message.Acknowledged(request) : Message.Ignored.INSTANCE;
    }

    private Message trades(Frame frame, Instruments instruments) {
        Instrument instrument = frame.instrument(SYMBOL, instruments);
        if (instrument == null) {
            Rejected unknown = frame.withoutInstrument(market, SYMBOL);
            return new Message.Rows(frame.rows(trades, () -> unknown));
        }
        boolean isSnapshot = frame.is(TYPE, "snapshot");
        long sequence = frame.integer(SEQUENCE);
        Origin origin = isSnapshot ? Origin.SNAPSHOT : Origin.STREAM;
        return new Message.Unnumbered(instrument, rows(frame, instrument, origin), isSnapshot, sequence);
    }

    private List<Row> rows(Frame frame, Instrument instrument, Origin origin) {
        return frame.rows(trades, () -> row(frame, instrument, origin)).reversed();
    }

    private static Row row(Frame frame, Instrument instrument, Origin origin) {
        long time = frame.integer(TIME);
        TakerSide side = frame.takerSide(SIDE, SIDES);
        BigDecimal price = frame.positive(PRICE);
        BigDecimal size = frame.positive(SIZE);
        if (time < 0 || side == null || price == null || size == null) {
            String what = time < 0 ? "time" : side == null ? "side" : price == null ? "price" : "quantity";
            return frame.rejected(instrument, RejectReason.MALFORMED, Trade.NO_SEQUENCE, "no " + what);
        }
        if (time < NANOS_FROM) {
            return frame.rejected(instrument, RejectReason.TIME_UNIT, Trade.NO_SEQUENCE, "another time unit");
        }
        if (!Plausibility.isPlausible(price) || !Plausibility.isPlausible(size)) { // in the id it could be endless
            return frame.rejected(instrument, RejectReason.IMPLAUSIBLE_NUMBER, Trade.NO_SEQUENCE, "no such number");
        }
        price = price.scaleByPowerOfTen(-instrument.scales().price());
        size = size.scaleByPowerOfTen(-instrument.scales().size());
        long received = frame.receivedAtNanos();
        return new Trade(
                instrument,
                Occurrences.NONE_YET,
                price,
                size,
                side,
                time,
                received,
                Trade.NO_SEQUENCE,
                origin,
                Set.of());
    }

    /// One answer of 2.5 MB for all markets. `/public/` gives 300 in the time that others give 5000.
    @Override
    public RestRequest instruments() {
        return new RestRequest("/public/products", 17);
    }

    @Override
    public InstrumentPage readInstruments(byte[] answer) throws UnreadableAnswer {
        String path = isSpot ? "data/products" : "data/perpProductsV2";
        Map<String, Integer> valueScales = new HashMap<>();
        List<JsonNode> products = new ArrayList<>(); // the currencies may come behind them
        Consumer<JsonNode> currency = row -> {
            if (scale(row.path("valueScale")) != UNKNOWN) {
                valueScales.put(row.path("currency").asText(), scale(row.path("valueScale")));
            }
        };
        Answer.lists(answer, Map.of("data/currencies", currency, path, products::add));
        if (products.isEmpty()) {
            throw new UnreadableAnswer("no " + path + " in the answer: " + Answer.excerpt(answer));
        }
        return new InstrumentPage(
                products.stream().map(row -> listing(row, valueScales)).toList(), null);
    }

    private Listing listing(JsonNode row, Map<String, Integer> valueScales) {
        var selection = new Selection(row);
        String symbol = selection.text("symbol");
        String base = selection.text("baseCurrency");
        int priceTick = scaleOfTick(row, "quoteTickSize");
        int sizeTick = scaleOfTick(row, "baseTickSize");
        int price = isSpot ? scale(row.path("priceScale")) : 0;
        int size = isSpot ? valueScales.getOrDefault(base, sizeTick) : 0;
        selection
                .is("type", isSpot ? "Spot" : "PerpetualV2")
                .is("status", "Listed")
                .is("quoteCurrency", "USDT");
        selection.dropIf(base.isEmpty(), "no baseCurrency");
        if (isSpot) {
            selection
                    .dropIf(Selection.FIAT.contains(base), "fiat base")
                    .dropIf(price == UNKNOWN || size == UNKNOWN, "no scales")
                    .dropIf(priceTick != UNKNOWN && priceTick != price, "priceScale is not that of quoteTickSize")
                    .dropIf(sizeTick != UNKNOWN && sizeTick != size, "valueScale is not that of baseTickSize");
        } else {
            String kind = row.path("perpProductSubType").asText("Normal");
            selection.is("settleCurrency", "USDT").dropIf(!kind.equals("Normal"), "perpProductSubType " + kind);
        }
        BigDecimal multiplier = Selection.multiplier(base);
        return selection.listing(symbol, () -> {
            var scales = new Instrument.Scales(price, size);
            return new Instrument(market, symbol, base, "USDT", "USDT", BigDecimal.ONE, multiplier, scales);
        });
    }

    private static int scale(JsonNode value) {
        return value.isInt() && value.intValue() >= 0 && value.intValue() <= MOST_SCALE ? value.intValue() : UNKNOWN;
    }

    /// `"baseTickSize":"0.000001 BTC","baseTickSizeEv":100` is a scale of 8, since 0.000001 × 10⁸ = 100.
    private static int scaleOfTick(JsonNode row, String name) {
        BigDecimal tick =
                Decimals.parse(row.path(name).asText().split(" ", 2)[0].replace(",", ""));
        BigDecimal scaled = row.path(name + "Ev").decimalValue();
        if (tick != null && scaled.signum() > 0 && Plausibility.isPlausible(tick) && Plausibility.isPlausible(scaled)) {
            for (int scale = 0; scale <= MOST_SCALE; scale++) {
                if (tick.scaleByPowerOfTen(scale).compareTo(scaled) == 0) {
                    return scale;
                }
            }
        }
        return UNKNOWN;
    }

    @Override
    public Reach reach() {
        return new Reach(SNAPSHOT, SNAPSHOT, Reach.FOR_EVER);
    }

    @Override
    public RestRequest trades(Stretch wanted) {
        String symbol = URLEncoder.encode(wanted.instrument().symbol(), StandardCharsets.UTF_8);
        return new RestRequest((isSpot ? "/md/trade?symbol=" : "/md/v2/trade?symbol=") + symbol, 1);
    }

    /// `{"error":null,"id":0,"result":{"sequence":…,"symbol":"sBTCUSDT","trades":[…],"type":"snapshot"}}`: a snapshot
    /// like those of the stream. There are no pages.
    @Override
    public TradePage readTrades(byte[] answer, Stretch wanted, RestRequest asked, Origin origin, long receivedAtNanos)
            throws UnreadableAnswer {
        Instrument instrument = wanted.instrument();
        Frame frame = Answer.frame(answer, FRAME, receivedAtNanos);
        if (!frame.enter(RESULT) || !frame.has(trades) || !frame.is(SYMBOL, instrument.symbol())) {
            throw new UnreadableAnswer("no trades of " + instrument + " but: " + Answer.excerpt(answer));
        }
        List<Row> rows = rows(frame, instrument, origin);
        Answer.requireTimeUnit(rows);
        return new TradePage(Occurrences.page(instrument, rows), null);
    }

    /// A symbol that is not known comes as HTTP 500: `{"error":{"code":6001,"message":"invalid argument"},…}`.
    @Override
    public String errorCode(byte[] answer) {
        Frame frame = Frame.of(answer, 0);
        boolean isError = frame.parse(FRAME) == null && !frame.isArray() && frame.enter(ERROR);
        String code = isError ? frame.text(CODE) : null;
        return code == null ? "" : code;
    }

    @Override
    public Codes codes() {
        return CODES;
    }

    @Override
    public String retryAfterHeader() {
        return "x-ratelimit-retry-after";
    }
}

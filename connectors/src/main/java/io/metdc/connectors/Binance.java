package io.metdc.connectors;

import com.fasterxml.jackson.databind.JsonNode;
import io.metdc.connectors.InstrumentPage.Listing;
import io.metdc.connectors.Limits.Rate;
import io.metdc.connectors.Reaction.Plain;
import io.metdc.market.Consumed;
import io.metdc.market.Exchange;
import io.metdc.market.Failure.Extent;
import io.metdc.market.Flag;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Nanos;
import io.metdc.market.Origin;
import io.metdc.market.RejectReason;
import io.metdc.market.Row;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import io.metdc.market.TradeId;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Binance spot and USD-M perpetual trades: every single fill (`@trade`). Nothing is sent again on subscribing.
/// Source: docs of binance-spot-api-docs and USD-M futures as of 2026-11, and measurements where it says so.
///
/// `{"stream":"btcusdt@trade","data":{"e":"trade","E":1790370834849,"T":1790370834848,"s":"BTCUSDT","t":8121136411,`
/// `"p":"83680.00","q":"0.001","X":"MARKET","m":true,"st":1}}`, or the inner object alone: `s` symbol · `t` id,
/// contiguous within the symbol · `p` quote per base · `q` base · `T` when it was matched, epoch ms or µs · `m` the
/// buyer was the maker, so the taker sold · `X` and `st` on futures only: kind of print, 1 for USD-M.
///
/// Futures use an id, too, for prints that are no public trade: NA, INSURANCE_FUND, ADL. `aggTrade` has an id space
/// of its own, `a`; such frames are read for `decode`, and by the [#substitute()] of futures, whose trades
/// are called `a5933014`. Each takes the numbers `f` to `l` of the single trades it is made of, so that no
/// number is missing, and whatever comes of the other stream or by REST is recognised.
final class Binance implements Connector {
    private static final Shape FIELDS = new Shape();
    private static final Field EVENT = FIELDS.field("e");
    private static final Field SYMBOL = FIELDS.field("s");
    private static final Field KIND = FIELDS.field("X");
    private static final Field FAMILY = FIELDS.field("st");
    private static final Field CODE = FIELDS.field("code"); // of the stream and of REST
    private static final Field TEXT = FIELDS.field("msg");
    private static final Columns TRADE = columns(FIELDS, "t", "p", "q", "T", "m");
    private static final Columns AGGREGATE =
            new Columns(FIELDS.field("a"), TRADE.price, TRADE.size, TRADE.time, TRADE.buyerIsMaker, false);

    private static final Field FIRST = FIELDS.field("f");
    private static final Field LAST = FIELDS.field("l");

    private static final Shape FRAME = new Shape(FIELDS); // a raw event, a wrapped one, or an answer
    private static final Field DATA = FRAME.nested("data", FIELDS);
    private static final Field REQUEST = FRAME.field("id");
    private static final Field RESULT = FRAME.field("result");
    private static final Field ERROR = FRAME.nested("error", FIELDS);

    private static final Shape HISTORY = new Shape();
    private static final Columns PAST = columns(HISTORY, "id", "price", "qty", "time", "isBuyerMaker");
    private static final Field IS_RPI = HISTORY.field("isRPITrade");

    private static final String RPI = "RPI";

    /// Kinds of print that matter. All but the first take a trade's number for what is no public trade: nothing at
    /// price 0, the insurance fund's, automatic deleveraging. What nobody knows yet is taken for a trade.
    private static final List<String> KINDS = List.of(RPI, "NA", "INSURANCE_FUND", "ADL");

    private static final int COIN_MARGINED = 2;
    private static final int MOST_FILLS = 10_000; // of an aggregate: more than any order has in 100 ms
    private static final int PAGE = 1000;
    private static final long MICROS_FROM = 100_000_000_000_000L; // as ms the year 5138, as µs 1973
    private static final long MILLIS_FROM = MICROS_FROM / 1000;

    /// Tokenised stocks on spot: the mark is not documented, so a list stands beside it.
    private static final Set<String> STOCKS = Selection.list("binance-stocks");
    private static final String STOCK_PERMISSION = "TRD_GRP_261";

    private static final Pattern BANNED_UNTIL = Pattern.compile("banned until (\\d{13})\\b");

    /// Docs as of 2026-11. A ban lasts two minutes at first, and up to three days; on 1008 wait at
    /// least 30 s.
    private static final Codes CODES = Codes.of()
            .close(1001, Plain.AGAIN, "infrastructure work")
            .close(1008, Reaction.ban(Extent.CONNECTION, Duration.ofSeconds(30)), "too many client frames a second")
            .http("403", Reaction.ban(Extent.EXCHANGE), "firewall")
            .http("403" + Codes.HTML, Plain.BLOCKED, "a country that is not served")
            .http("418", Reaction.banAtLeast(Extent.EXCHANGE, Duration.ofMinutes(2)), "banned: 429 was ignored")
            .http("429", Reaction.ban(), "too fast")
            .http("451", Plain.BLOCKED, "a country that is not served")
            .handshake("404", Plain.ENDED, "a wrong path")
            .status("401", Plain.ENDED, "an API key is needed")
            .answer("-1121", Plain.LEFT_OUT, "invalid symbol")
            .answer("-1130", Plain.ENDED, "a wrong parameter")
            .answer("-2014", Plain.ENDED, "an API key is needed")
            .answer("-4166", Plain.ENDED, "the recent 2 days only")
            .frame("0", Plain.DROPPED, "unknown property")
            .frame("1", Plain.DROPPED, "value must be true or false")
            .frame("2", Plain.DROPPED, "invalid request")
            .frame("3", Plain.HALVES, "invalid JSON, also of a frame over 4096 bytes")
            .frame("4", Plain.ELSEWHERE, "too many subscriptions")
            .frame("serverShutdown", Plain.REPLACED, "this connection will soon be closed")
            .build();

    private final Market market;
    private final boolean isSpot;
    private final boolean isMicros;
    private final boolean lenient;
    private final boolean aggregated;
    private final @Nullable Binance fallback;
    private final @Nullable Binance substitute;

    /// The connector of one market.
    ///
    /// @param isMicros whether times are in microseconds, on the stream and by REST
    /// @param lenient  read both time units, told apart by their size, and aggregated trades
    Binance(MarketType type, boolean isMicros, boolean lenient) {
        this(type, isMicros, lenient, false);
    }

    private Binance(MarketType type, boolean isMicros, boolean lenient, boolean aggregated) {
        market = new Market(Exchange.BINANCE, type);
        isSpot = type == MarketType.SPOT;
        this.isMicros = isMicros;
        this.lenient = lenient;
        this.aggregated = aggregated;
        fallback = isMicros && !lenient ? new Binance(type, false, false) : null;
        substitute = isSpot || lenient || aggregated ? null : new Binance(type, isMicros, false, true);
    }

    @Override
    public Connector withTimeUnit(ChronoUnit unit) {
        if (unit != ChronoUnit.MILLIS && (unit != ChronoUnit.MICROS || !isSpot)) {
            throw new IllegalArgumentException(market + " has no time unit " + unit);
        }
        return new Binance(market.type(), unit == ChronoUnit.MICROS, lenient);
    }

    @Override
    public @Nullable Connector fallback() {
        return fallback;
    }

    /// `@trade` of futures is not documented and could vanish; `@aggTrade` is, on a route of its own.
    @Override
    public @Nullable Connector substitute() {
        return substitute;
    }

    @Override
    public Market market() {
        return market;
    }

    /// Docs as of 2026-11: 1024 streams; 5 client frames/s on spot, 10 on futures, pongs included; 300 connects in
    /// 5 min, which one a second keeps to, without the burst after a blip that ends in a ban; 24 h; server pings
    /// every 20 s on spot, every 3 min on futures; REST weight per minute 6000 on spot, 2400 on futures.
    /// Measured: a frame over 4096 bytes is lost.
    @Override
    public Limits limits() {
        return new Limits(
                Limits.NO_LIMIT,
                200,
                1024,
                100,
                3499,
                new Rate(2, Duration.ofSeconds(1)),
                new Rate(1, Duration.ofSeconds(1)),
                Duration.ofSeconds(10),
                Duration.ofHours(24),
                new Rate(isSpot ? 5400 : 2160, Duration.ofMinutes(1)));
    }

    @Override
    public Evidence evidence() {
        return new Evidence.ByIds(Duration.ofSeconds(1));
    }

    @Override
    public URI defaultWebsocketUrl() {
        return URI.create(isSpot ? "wss://stream.binance.com:9443" : "wss://fstream.binance.com/public/stream");
    }

    @Override
    public URI defaultRestUrl() {
        return URI.create(isSpot ? "https://api.binance.com" : "https://fapi.binance.com");
    }

    /// On futures trades come on the route `/public` only; on another one they are acknowledged and never come.
    @Override
    public Endpoint endpoint(@Nullable URI configured, String connection, byte[] ticket) {
        URI known = route(configured == null ? defaultWebsocketUrl() : configured);
        URI address = isSpot
                ? Endpoint.address(known, "/stream", isMicros ? "timeUnit=MICROSECOND" : "")
                : Endpoint.address(known, "/public/stream", "");
        if (aggregated) {
            address = URI.create(address.toString().replaceFirst("/public/(stream|ws)(?=$|\\?)", "/market/$1"));
        }
        return new Endpoint(address, isSpot ? Duration.ofSeconds(75) : Duration.ofMinutes(7));
    }

    /// The address without slashes at the end of its path, which make it another one. A route alone is no stream yet.
    private static URI route(URI configured) {
        String path =
                configured.getRawPath() == null ? "" : configured.getRawPath().replaceAll("/+$", "");
        String query = configured.getRawQuery() == null ? "" : "?" + configured.getRawQuery();
        String there = path.equals("/public") ? "/public/stream" : path;
        return URI.create(configured.getScheme() + "://" + configured.getRawAuthority() + there + query);
    }

    @Override
    public String subscribe(long request, List<Instrument> instruments, Instant now) {
        return request("SUBSCRIBE", request, instruments);
    }

    @Override
    public String unsubscribe(long request, List<Instrument> instruments, Instant now) {
        return request("UNSUBSCRIBE", request, instruments);
    }

    private String request(String method, long request, List<Instrument> instruments) {
        String stream = aggregated ? "@aggTrade" : "@trade";
        String names = instruments.stream()
                .map(instrument -> Request.quoted(Request.lowerCase(instrument.symbol()) + stream))
                .collect(Collectors.joining(","));
        return "{\"method\":\"" + method + "\",\"params\":[" + names + "],\"id\":" + request + "}";
    }

    @Override
    public Message read(Frame frame, Instruments instruments) {
        Message.Unreadable unreadable = frame.parse(FRAME);
        if (unreadable != null) {
            return unreadable;
        }
        if (frame.isArray()) { // all-market streams
            return Message.Ignored.INSTANCE;
        }
        boolean wrapped = !frame.has(EVENT) && frame.isObject(DATA) && frame.enter(DATA);
        if (aggregated) {
            if (frame.is(EVENT, "aggTrade")) {
                return aggregate(frame, instruments);
            }
        } else if (frame.is(EVENT, "trade")) {
            return trade(frame, TRADE, instruments);
        }
        if (frame.is(EVENT, "aggTrade") && lenient) {
            return trade(frame, AGGREGATE, instruments);
        }
        if (frame.is(EVENT, "serverShutdown")) {
            return new Message.Closing("serverShutdown");
        }
        return wrapped || frame.has(EVENT) ? Message.Ignored.INSTANCE : answer(frame);
    }

    /// `{"result":null,"id":1}` · `{"error":{"code":2,"msg":"…"},"id":1}` · `{"code":2,"msg":"…","id":1}`. Being
    /// acknowledged proves only that a request was understood: unknown symbols are, too.
    private Message answer(Frame frame) {
        long request = Math.max(frame.integer(REQUEST), Message.Refused.NO_REQUEST);
        boolean acknowledged = frame.isNull(RESULT) && request >= 0;
        if (frame.enter(ERROR) || (frame.has(CODE) && frame.has(TEXT))) {
            String what = market + " refused a request: code " + frame.text(CODE) + ", " + frame.text(TEXT);
            return Codes.refused(request, what, CODES.inFrame(frame.text(CODE), Plain.DROPPED), "");
        }
        return acknowledged ? new Message.Acknowledged(request) : Message.Ignored.INSTANCE;
    }

    private Message trade(Frame frame, Columns columns, Instruments instruments) {
        if (frame.integer(FAMILY) == COIN_MARGINED) { // another market, which can come from the same host
            return Message.Ignored.INSTANCE;
        }
        Instrument instrument = frame.instrument(SYMBOL, instruments);
        if (instrument == null) {
            return new Message.Rows(List.of(frame.withoutInstrument(market, SYMBOL)));
        }
        return new Message.Rows(List.of(row(frame, columns, instrument, Origin.STREAM, frame.oneOf(KIND, KINDS))));
    }

    /// One trade that stands for several, and takes the number of the last of them; the others are used up.
    private Message aggregate(Frame frame, Instruments instruments) {
        Message read = trade(frame, AGGREGATE, instruments);
        if (!(read instanceof Message.Rows(List<Row> rows)) || !(rows.getFirst() instanceof Trade trade)) {
            return read;
        }
        long first = frame.integer(FIRST);
        long last = frame.integer(LAST);
        if (first < 0 || last < first || last - first >= MOST_FILLS) {
            return new Message.Rows(List.of(frame.rejected(
                    trade.instrument(), RejectReason.MALFORMED, Trade.NO_SEQUENCE, "no numbers of its trades")));
        }
        long received = frame.receivedAtNanos();
        List<Row> all = new ArrayList<>();
        for (long number = first; number < last; number++) {
            all.add(new Consumed(trade.instrument(), number, trade.executedAtNanos(), received, "aggTrade"));
        }
        all.add(new Trade(
                trade.instrument(),
                TradeId.of("a" + trade.id()),
                trade.price(),
                trade.size(),
                trade.takerSide(),
                trade.executedAtNanos(),
                received,
                last,
                Origin.STREAM,
                trade.flags()));
        return new Message.Rows(all);
    }

    private Row row(Frame frame, Columns columns, Instrument instrument, Origin origin, @Nullable String kind) {
        long id = frame.integer(columns.id);
        long time = frame.integer(columns.time);
        BigDecimal price = frame.positive(columns.price);
        BigDecimal size = frame.positive(columns.size);
        long sequence = id < 0 || !columns.contiguous ? Trade.NO_SEQUENCE : id;
        if (id < 0 || time == Frame.NO_NUMBER) {
            return frame.rejected(instrument, RejectReason.MALFORMED, sequence, id < 0 ? "no id" : "no time");
        }
        if (isOtherUnit(time)) {
            return frame.rejected(instrument, RejectReason.TIME_UNIT, sequence, "another time unit");
        }
        if (kind != null && !kind.equals(RPI)) {
            return new Consumed(instrument, sequence, nanos(time), frame.receivedAtNanos(), kind);
        }
        if (price == null || size == null || !frame.isTruthValue(columns.buyerIsMaker)) {
            String what = price == null ? "no positive price" : size == null ? "no positive size" : "no side";
            return frame.rejected(instrument, RejectReason.MALFORMED, sequence, what);
        }
        TakerSide takerSide = frame.isTrue(columns.buyerIsMaker) ? TakerSide.SELL : TakerSide.BUY;
        long received = frame.receivedAtNanos();
        Set<Flag> flags = Flag.set(false, kind != null);
        return new Trade(
                instrument, TradeId.of(id), price, size, takerSide, nanos(time), received, sequence, origin, flags);
    }

    /// Whether a time that makes sense in the other unit came; one that makes sense in none is implausible, later.
    private boolean isOtherUnit(long time) {
        return !lenient && time >= MILLIS_FROM && isMicros != (time >= MICROS_FROM);
    }

    private long nanos(long time) {
        boolean micros = lenient ? time >= MICROS_FROM : isMicros;
        return micros ? Nanos.ofMicros(time) : Nanos.ofMillis(time);
    }

    @Override
    public RestRequest instruments() {
        return isSpot ? new RestRequest("/api/v3/exchangeInfo", 20) : new RestRequest("/fapi/v1/exchangeInfo", 1);
    }

    @Override
    public InstrumentPage readInstruments(byte[] answer) throws UnreadableAnswer {
        return new InstrumentPage(Answer.rows(answer, "symbols", this::listing), null);
    }

    private Listing listing(JsonNode row) {
        var selection = new Selection(row);
        String symbol = selection.text("symbol");
        String base = selection.text("baseAsset");
        selection.is("status", "TRADING").is("quoteAsset", "USDT").dropIf(base.isEmpty(), "no baseAsset");
        if (isSpot) {
            selection
                    .isTrue("isSpotTradingAllowed")
                    .dropIf(selection.lists("permissionSets", STOCK_PERMISSION), "tokenised stock")
                    .dropIf(STOCKS.contains(base), "tokenised stock by list")
                    .dropIf(Selection.FIAT.contains(base), "fiat base");
        } else {
            selection.is("contractType", "PERPETUAL").is("marginAsset", "USDT").is("underlyingType", "COIN");
        }
        return selection.listing(
                symbol,
                () -> new Instrument(market, symbol, base, "USDT", "USDT", BigDecimal.ONE, Selection.multiplier(base)));
    }

    /// Spot reaches back to the first trade, by id. Futures give the newest 1000 only, whatever id is asked for.
    @Override
    public Reach reach() {
        return new Reach(isSpot ? Reach.ALL : PAGE, PAGE, Reach.FOR_EVER);
    }

    @Override
    public RestRequest trades(Stretch wanted) {
        return trades(wanted, wanted.afterNumber() == Stretch.UNKNOWN ? Stretch.UNKNOWN : wanted.afterNumber() + 1);
    }

    private RestRequest trades(Stretch wanted, long from) {
        String symbol = RestRequest.encoded(wanted.instrument().symbol());
        String query = "?symbol=" + symbol + "&limit=" + PAGE;
        if (!isSpot) {
            return new RestRequest("/fapi/v1/trades" + query, 5);
        }
        Map<String, String> headers = isMicros ? Map.of("X-MBX-TIME-UNIT", "MICROSECOND") : Map.of();
        return from == Stretch.UNKNOWN
                ? new RestRequest("/api/v3/trades" + query, headers, 25)
                : new RestRequest("/api/v3/historicalTrades" + query + "&fromId=" + from, headers, 25);
    }

    @Override
    public TradePage readTrades(byte[] answer, Stretch wanted, RestRequest asked, Origin origin, long receivedAtNanos)
            throws UnreadableAnswer {
        Instrument instrument = wanted.instrument();
        Frame frame = Frame.of(answer, receivedAtNanos);
        List<Row> rows = Answer.trades(
                answer, frame, HISTORY, () -> row(frame, PAST, instrument, origin, frame.isTrue(IS_RPI) ? RPI : null));
        long last = rows.isEmpty() ? Stretch.UNKNOWN : Answer.number(rows.getLast());
        boolean more = isSpot && rows.size() >= PAGE && last >= 0 && last + 1 < wanted.beforeNumber();
        return new TradePage(rows, more ? trades(wanted, last + 1) : null);
    }

    @Override
    public Codes codes() {
        return CODES;
    }

    /// `{"code":-1121,"msg":"Invalid symbol."}`
    @Override
    public String errorCode(byte[] answer) {
        return Answer.code(answer, FRAME, CODE);
    }

    /// `{"code":-1003,"msg":"Way too much request weight used; IP banned until 1785050129644. …"}`
    @Override
    public OptionalLong banEndMillis(byte[] errorAnswer) {
        Matcher matcher = BANNED_UNTIL.matcher(Answer.excerpt(errorAnswer));
        return matcher.find() ? OptionalLong.of(Long.parseLong(matcher.group(1))) : OptionalLong.empty();
    }

    /// Reported after 30 to 90 minutes, while pings go on.
    @Override
    public Stall stall() {
        return new Stall("BTCUSDT", Duration.ofSeconds(60));
    }

    @Override
    public List<Assumption> assumptions() {
        return List.of(
                isSpot
                        ? new Assumption("spot sends microseconds when asked to", Assumption.Proof.TIME)
                        : new Assumption("@trade of futures comes on the route /public", Assumption.Proof.DELIVERED),
                new Assumption("TRD_GRP_261 marks all tokenised stocks and nothing else", Assumption.Proof.BY_HAND),
                new Assumption("futures use ids for NA, INSURANCE_FUND and ADL prints", Assumption.Proof.CONTIGUOUS));
    }

    /// Where the parts of a trade stand.
    ///
    /// @param contiguous whether its ids leave no number out
    private record Columns(Field id, Field price, Field size, Field time, Field buyerIsMaker, boolean contiguous) {}

    private static Columns columns(Shape shape, String... names) {
        List<Field> fields = Stream.of(names).map(shape::field).toList();
        return new Columns(fields.get(0), fields.get(1), fields.get(2), fields.get(3), fields.get(4), true);
    }
}

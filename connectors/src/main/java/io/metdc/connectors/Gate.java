package io.metdc.connectors;

import com.fasterxml.jackson.databind.JsonNode;
import io.metdc.connectors.InstrumentPage.Listing;
import io.metdc.connectors.Limits.Rate;
import io.metdc.connectors.Reaction.Plain;
import io.metdc.market.Consumed;
import io.metdc.market.Exchange;
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
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Gate.io spot and USDT perpetual trades, one row a match. Nothing is sent again on subscribing. Source: Gate
/// documents, copies of 2025-11 to 2026-08, and captures where it says so.
///
/// Spot `{"channel":"spot.trades","event":"update","result":{"id":217831625,"id_market":217831625,"create_time":…,`
/// `"create_time_ms":"1788336082402.208000","side":"sell","currency_pair":"BTC_USDT","amount":"0.000021",`
/// `"price":"77474"}}`: one object · `create_time_ms` ms with up to six decimals as text · `side` the taker's ·
/// `amount`
/// base · `id_market` contiguous within the market, perhaps absent.
///
/// Futures `{"channel":"futures.trades","event":"update","result":[{"id":846107576,"size":"-2","create_time":…,`
/// `"create_time_ms":1791009974838,"price":"84588.1","contract":"BTC_USDT"}]}`: an array · `size` contracts, negative
/// when the taker sold · `id` contiguous within the contract · `is_internal` no public trade, which uses an id.
final class Gate implements Connector {
    private static final List<String> SIDES = List.of("buy", "sell");

    private static final Shape ROW = new Shape(); // of both markets, by stream and by REST
    private static final Field ID = ROW.field("id");
    private static final Field SYMBOL = ROW.field("currency_pair", "contract");
    private static final Field PRICE = ROW.field("price");
    private static final Field SIZE = ROW.field("amount", "size");
    private static final Field MILLIS = ROW.field("create_time_ms");
    private static final Field SECONDS = ROW.field("create_time");
    private static final Field NUMBER = ROW.field("id_market", "sequence_id");
    private static final Field SIDE = ROW.field("side");
    private static final Field INTERNAL = ROW.field("is_internal");

    private static final Shape PROBLEM = new Shape();
    private static final Field CODE = PROBLEM.field("code");
    private static final Field SAID = PROBLEM.field("message");

    private static final Pattern REFUSED = Pattern.compile("unknown currency pair:? *(\\S+)\\s*$");
    private static final Pattern CONTRACT = Pattern.compile("[^_]+_USDT");
    private static final Pattern PAGED = Pattern.compile("&(?:page|offset)=(\\d+)");

    /// Tokenised stocks on spot whose full name does not say so.
    private static final Set<String> STOCKS = Selection.list("gate-stocks");

    /// Times beyond this, the year 2255, are in another unit.
    private static final long MILLIS_TO = 9_000_000_000_000L;

    private static final BigDecimal NANOS_TO = new BigDecimal("9E18");
    private static final long OTHER_UNIT = Long.MAX_VALUE;

    private static final int PAGE = 1000;
    private static final int CONTRACTS_PAGE = 100;
    private static final int DEEPEST = 100_000;

    private static final Shape ANSWER = new Shape();
    private static final Field LABEL = ANSWER.field("label");

    /// Docs as of 2026-08. No list of close codes is published: all are treated alike.
    private static final Codes CODES = Codes.of()
            .handshake("404", Plain.ENDED, "an address without the slash at its end")
            .http("429", Reaction.ban(), "200 requests in 10 s to an endpoint, or 300 connections")
            .answer("INVALID_CURRENCY_PAIR", Plain.LEFT_OUT, "the pair does not exist")
            .answer("TOO_MANY_REQUESTS", Reaction.ban(), "until X-Gate-RateLimit-Reset-Timestamp")
            .frame("1", Plain.DROPPED, "invalid request body")
            .frame("2", Plain.LEFT_OUT, "invalid argument: an unknown symbol")
            .frame("3", Plain.SAME_AGAIN, "server error")
            .frame("4", Plain.DROPPED, "authentication")
            .frame("upgrade", Plain.REPLACED, "this connection will soon be closed for an upgrade")
            .build();

    private final Market market;
    private final boolean isSpot;
    private final boolean lenient;
    private final Shape frame;
    private final Field result;
    private final Field channel;
    private final Field event;
    private final Field request;
    private final Field error;
    private final String trades;
    private final Map<String, String> decimalSizes;

    /// @param lenient take the time in seconds where old recordings have no other
    Gate(MarketType type, boolean lenient) {
        market = new Market(Exchange.GATE, type);
        isSpot = type == MarketType.SPOT;
        this.lenient = lenient;
        frame = new Shape();
        channel = frame.field("channel");
        event = frame.field("event");
        request = frame.field("id");
        result = frame.nested("result", ROW);
        error = frame.nested("error", PROBLEM);
        trades = isSpot ? "spot.trades" : "futures.trades";
        decimalSizes = isSpot ? Map.of() : Map.of("X-Gate-Size-Decimal", "1");
    }

    @Override
    public Market market() {
        return market;
    }

    /// Docs as of 2026-08: 300 connections from one address; REST 200 requests in 10 s for each endpoint. Not
    /// documented, chosen: 100 symbols a request, as one unknown name refuses it whole; 10 frames a second.
    @Override
    public Limits limits() {
        var frames = new Rate(10, Duration.ofSeconds(1));
        var connects = new Rate(1, Duration.ofSeconds(1));
        var rest = new Rate(180, Duration.ofSeconds(10));
        var lifetime = Duration.ofDays(365); // none documented but upgrades, which are announced
        return new Limits(300, 200, 1000, 100, 32_000, frames, connects, Duration.ofSeconds(10), lifetime, rest);
    }

    /// Rows may change places by more than on other exchanges.
    @Override
    public Evidence evidence() {
        return new Evidence.ByIds(Duration.ofSeconds(2));
    }

    @Override
    public URI defaultWebsocketUrl() {
        return URI.create(isSpot ? "wss://api.gateio.ws/ws/v4/" : "wss://fx-ws.gateio.ws/v4/ws/usdt");
    }

    @Override
    public URI defaultRestUrl() {
        return URI.create("https://api.gateio.ws/api/v4");
    }

    /// Without the header sizes are whole numbers, cut.
    @Override
    public Endpoint endpoint(@Nullable URI configured, String connection, byte[] ticket) {
        URI address = Endpoint.address(
                configured == null ? defaultWebsocketUrl() : configured, isSpot ? "/ws/v4/" : "/v4/ws/usdt", "");
        if (isSpot && address.getRawPath().endsWith("/ws/v4")) { // answered 404
            address = URI.create(address.toString().replaceFirst("/ws/v4(?=$|\\?)", "/ws/v4/"));
        }
        return new Endpoint(address, decimalSizes, Duration.ofSeconds(10), Duration.ofSeconds(30));
    }

    @Override
    public String heartbeat(Instant now) {
        return "{\"time\":" + now.getEpochSecond() + ",\"channel\":\"" + (isSpot ? "spot" : "futures") + ".ping\"}";
    }

    @Override
    public String subscribe(long number, List<Instrument> instruments, Instant now) {
        return request("subscribe", number, instruments, now);
    }

    @Override
    public String unsubscribe(long number, List<Instrument> instruments, Instant now) {
        return request("unsubscribe", number, instruments, now);
    }

    private String request(String what, long number, List<Instrument> instruments, Instant now) {
        String symbols = instruments.stream()
                .map(instrument -> Request.quoted(instrument.symbol()))
                .collect(Collectors.joining(","));
        return "{\"time\":" + now.getEpochSecond() + ",\"id\":" + number + ",\"channel\":\"" + trades
                + "\",\"event\":\"" + what + "\",\"payload\":[" + symbols + "]}";
    }

    @Override
    public boolean needsInstruments() {
        return !isSpot;
    }

    @Override
    public Message read(Frame read, Instruments instruments) {
        Message.Unreadable unreadable = read.parse(frame);
        if (unreadable != null) {
            return unreadable;
        }
        if (read.isArray()) {
            return Message.Ignored.INSTANCE;
        }
        if (read.is(channel, trades) && read.is(event, "update")) {
            return new Message.Rows(read.rows(result, () -> row(read, instruments)));
        }
        long number = Math.max(read.integer(request), Message.Refused.NO_REQUEST);
        if (read.isObject(error)) {
            return refusal(read, number);
        }
        if (read.is(channel, isSpot ? "spot.system" : "futures.system")) {
            return new Message.Closing("upgrade");
        }
        boolean answers = read.is(channel, trades) && (read.is(event, "subscribe") || read.is(event, "unsubscribe"));
        return answers && number >= 0 ? new Message.Acknowledged(number) : Message.Ignored.INSTANCE;
    }

    /// `{"error":{"code":2,"message":"unknown currency pair: NOPE_USDT"},"result":{"status":"fail"}}`: of the whole
    /// request. Codes: 1 malformed, 2 invalid argument, 3 server error, 4 authentication.
    private Message refusal(Frame read, long number) {
        read.enter(error);
        String said = String.valueOf(read.text(SAID));
        String what = market + " refused a request: code " + read.text(CODE) + ", " + said;
        Matcher symbol = REFUSED.matcher(said);
        Reaction reaction = CODES.inFrame(read.text(CODE), Plain.DROPPED);
        return Codes.refused(number, what, reaction, symbol.find() ? symbol.group(1) : "");
    }

    private Row row(Frame read, Instruments instruments) {
        Instrument instrument = read.instrument(SYMBOL, instruments);
        if (instrument == null) {
            return read.withoutInstrument(market, SYMBOL);
        }
        boolean inSeconds = lenient && (!read.has(MILLIS) || read.isNull(MILLIS));
        long time = inSeconds ? nanos(read, SECONDS, 9) : nanos(read, MILLIS, 6);
        return row(read, instrument, Origin.STREAM, time);
    }

    /// A time with whatever digits behind its point, exactly; finer ones than nanoseconds are cut.
    private static long nanos(Frame read, Field field, int digits) {
        long whole = read.integer(field);
        if (whole >= 0 && digits == 6) {
            return whole < MILLIS_TO ? Nanos.ofMillis(whole) : OTHER_UNIT;
        }
        BigDecimal written = read.decimal(field);
        if (written == null || written.signum() < 0) {
            return Frame.NO_NUMBER;
        }
        BigDecimal nanos = written.movePointRight(digits);
        return nanos.compareTo(NANOS_TO) < 0 ? nanos.longValue() : OTHER_UNIT;
    }

    private Row row(Frame read, Instrument instrument, Origin origin, long time) {
        long id = read.integer(ID);
        long sequence = Math.max(isSpot ? read.integer(NUMBER) : id, Trade.NO_SEQUENCE);
        if (id < 0 || time == Frame.NO_NUMBER) {
            return read.rejected(instrument, RejectReason.MALFORMED, sequence, id < 0 ? "no id" : "no time");
        }
        if (time == OTHER_UNIT) {
            return read.rejected(instrument, RejectReason.TIME_UNIT, sequence, "another time unit");
        }
        if (read.isTrue(INTERNAL)) {
            return new Consumed(instrument, sequence, time, read.receivedAtNanos(), "is_internal");
        }
        BigDecimal price = read.positive(PRICE);
        BigDecimal size = isSpot ? read.positive(SIZE) : read.decimal(SIZE);
        TakerSide side = isSpot ? read.takerSide(SIDE, SIDES) : side(size);
        if (price == null || size == null || side == null) {
            return read.rejected(instrument, RejectReason.MALFORMED, sequence, "no whole trade");
        }
        long received = read.receivedAtNanos();
        return new Trade(
                instrument, TradeId.of(id), price, size.abs(), side, time, received, sequence, origin, Set.of());
    }

    private static @Nullable TakerSide side(@Nullable BigDecimal signed) {
        return signed == null || signed.signum() == 0 ? null : signed.signum() > 0 ? TakerSide.BUY : TakerSide.SELL;
    }

    @Override
    public RestRequest instruments() {
        return new RestRequest(isSpot ? "/spot/currency_pairs" : "/futures/usdt/contracts", 1);
    }

    @Override
    public InstrumentPage readInstruments(byte[] answer) throws UnreadableAnswer {
        return readInstruments(answer, instruments());
    }

    /// A bare array. Contracts come all at once; if exactly a hundred come, that was a page after all.
    @Override
    public InstrumentPage readInstruments(byte[] answer, RestRequest asked) throws UnreadableAnswer {
        int offset = number(asked.path());
        List<Listing> listings = offset == 0 || answer.length > 2 ? Answer.rows(answer, this::listing) : List.of();
        if (isSpot || listings.size() != CONTRACTS_PAGE) {
            return new InstrumentPage(listings, null);
        }
        String next = "/futures/usdt/contracts?limit=" + CONTRACTS_PAGE + "&offset=" + (offset + CONTRACTS_PAGE);
        return new InstrumentPage(listings, new RestRequest(next, 1));
    }

    private static int number(String path) {
        Matcher paged = PAGED.matcher(path);
        return paged.find() ? Integer.parseInt(paged.group(1)) : 0;
    }

    private Listing listing(JsonNode row) {
        var selection = new Selection(row);
        return isSpot ? pair(selection) : contract(selection, row);
    }

    private Listing pair(Selection selection) {
        String symbol = selection.text("id");
        String base = selection.text("base");
        String name = selection.text("base_name").toLowerCase(Locale.ROOT);
        selection
                .is("quote", "USDT")
                .is("trade_status", "tradable")
                .isOrAbsent("type", "normal")
                .dropIf(base.isEmpty(), "no base")
                .dropIf(Selection.isLeveraged(base), "leveraged token")
                .dropIf(name.contains("xstock") || name.contains("ondo tokenized"), "tokenised stock")
                .dropIf(STOCKS.contains(base), "tokenised stock by list")
                .dropIf(Selection.FIAT.contains(base), "fiat base");
        return selection.listing(symbol, () -> instrument(symbol, base, BigDecimal.ONE));
    }

    private Listing contract(Selection selection, JsonNode row) {
        String symbol = selection.text("name");
        BigDecimal contractSize = selection.decimal("quanto_multiplier");
        selection
                .is("type", "direct")
                .dropIf(!CONTRACT.matcher(symbol).matches(), "not a perpetual's name")
                .isOrAbsent("status", "trading", "circuit_breaker")
                .dropIf(row.path("in_delisting").asBoolean(), "in delisting")
                .isOrAbsent("contract_type", "")
                .dropIf(row.path("is_pre_market").asBoolean(), "pre-market")
                .dropIf(contractSize.signum() <= 0, "no positive multiplier");
        return selection.listing(
                symbol, () -> instrument(symbol, symbol.substring(0, symbol.lastIndexOf('_')), contractSize));
    }

    private Instrument instrument(String symbol, String base, BigDecimal contractSize) {
        return new Instrument(market, symbol, base, "USDT", "USDT", contractSize, Selection.multiplier(base));
    }

    /// Every trade of 30 days, by whole seconds, in pages of 1000; on spot 100,000 rows deep for one span.
    @Override
    public Reach reach() {
        return new Reach(Reach.ALL, PAGE, Duration.ofDays(30));
    }

    @Override
    public RestRequest trades(Stretch wanted) {
        return trades(wanted, 0);
    }

    private RestRequest trades(Stretch wanted, int pages) {
        String symbol = RestRequest.encoded(wanted.instrument().symbol());
        String path = isSpot ? "/spot/trades?currency_pair=" + symbol : "/futures/usdt/trades?contract=" + symbol;
        String from = "";
        if (!wanted.isNewest() && wanted.after().isAfter(Instant.EPOCH)) {
            from = "&from=" + (wanted.after().getEpochSecond() - 1);
        }
        String to = wanted.before().isBefore(Instant.MAX)
                ? "&to=" + (wanted.before().getEpochSecond() + 1)
                : "";
        String page = pages == 0 ? "" : isSpot ? "&page=" + (pages + 1) : "&offset=" + pages * PAGE;
        return new RestRequest("GET", path + "&limit=" + PAGE + from + to + page, decimalSizes, 1);
    }

    /// Newest first. On spot all values are texts, and the time as on the stream; futures have seconds with decimals.
    @Override
    public TradePage readTrades(byte[] answer, Stretch wanted, RestRequest asked, Origin origin, long receivedAtNanos)
            throws UnreadableAnswer {
        Frame read = Frame.of(answer, receivedAtNanos);
        List<Row> rows = Answer.trades(answer, read, ROW, () -> {
            long time = nanos(read, MILLIS, isSpot ? 6 : 9);
            return row(read, wanted.instrument(), origin, time);
        });
        int page = isSpot ? Math.max(0, number(asked.path()) - 1) : number(asked.path()) / PAGE;
        boolean more = rows.size() >= PAGE
                && !(rows.getLast() instanceof Trade last && wanted.isReached(last.sequence(), last.executedAt()))
                && !wanted.isNewest()
                && (page + 1) * PAGE < DEEPEST;
        return new TradePage(rows.reversed(), more ? trades(wanted, page + 1) : null);
    }

    @Override
    public String limitEndHeader() {
        return "X-Gate-RateLimit-Reset-Timestamp";
    }

    /// `{"label":"INVALID_CURRENCY_PAIR","message":"…"}`
    @Override
    public String errorCode(byte[] answer) {
        return Answer.code(answer, ANSWER, LABEL);
    }

    @Override
    public Codes codes() {
        return CODES;
    }

    @Override
    public List<Assumption> assumptions() {
        return List.of(
                new Assumption("the header X-Gate-Size-Decimal gives sizes as texts", Assumption.Proof.READABLE),
                new Assumption(
                        "id_market leaves no number out on spot, id none on futures", Assumption.Proof.CONTIGUOUS),
                new Assumption("REST gives the same times as the stream", Assumption.Proof.SAME_BY_REST),
                new Assumption(
                        "an idle connection is cut after 30 s, one without pings after 60 s",
                        Assumption.Proof.BY_HAND));
    }
}

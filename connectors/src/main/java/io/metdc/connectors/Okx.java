package io.metdc.connectors;

import com.fasterxml.jackson.databind.JsonNode;
import io.metdc.connectors.InstrumentPage.Listing;
import io.metdc.connectors.Limits.Rate;
import io.metdc.connectors.Reaction.Plain;
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
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// OKX spot and USDT swap trades: channel `trades-all` of the business socket, one row a match. After each subscribe
/// the last trade that happened may come first, unmarked. Source: OKX API v5 documents and change log as of 2026-10,
/// and captures where it says so.
///
/// `{"arg":{"channel":"trades-all","instId":"FITFI-USDT-SWAP"},"data":[{"instId":"FITFI-USDT-SWAP",`
/// `"tradeId":"38380467","px":"0.007173","sz":"44","side":"buy","ts":"1701388800105","source":"0"}]}`: `instId` symbol
/// ·
/// `tradeId` contiguous within the symbol · `px` quote per base · `sz` base on spot, contracts on swaps · `side` the
/// taker's · `ts` when it was matched, epoch ms · `source` 1 for retail price improvement.
///
/// The channel `trades` merges matches under the id of the last one; it is read for `decode` only, so that the two
/// never mix.
final class Okx implements Connector {
    private static final String CHANNEL_OF_TRADES = "trades-all";
    private static final String MERGED = "trades";
    private static final List<String> SIDES = List.of("buy", "sell");

    private static final Shape ROW = new Shape();
    private static final Field SYMBOL = ROW.field("instId");
    private static final Field ID = ROW.field("tradeId");
    private static final Field PRICE = ROW.field("px");
    private static final Field SIZE = ROW.field("sz");
    private static final Field SIDE = ROW.field("side");
    private static final Field TIME = ROW.field("ts");
    private static final Field SOURCE = ROW.field("source");

    private static final Shape ARGUMENT = new Shape();
    private static final Field CHANNEL = ARGUMENT.field("channel");
    private static final Field SUBSCRIBED = ARGUMENT.field("instId");

    private static final Shape FRAME = new Shape(); // a push, an answer, or an answer by REST
    private static final Field ARG = FRAME.nested("arg", ARGUMENT);
    private static final Field DATA = FRAME.nested("data", ROW);
    private static final Field EVENT = FRAME.field("event");
    private static final Field REQUEST = FRAME.field("id");
    private static final Field CODE = FRAME.field("code");
    private static final Field SAID = FRAME.field("msg");

    private static final Pattern REFUSED = Pattern.compile("instId:\\s*([^\\s,]+?)\\.? doesn't exist");
    private static final Pattern LONG_ID = Pattern.compile("[0-9]{19,40}");
    private static final int NOBODYS = 0; // the number of no request

    private static final long MICROS_FROM = 100_000_000_000_000L; // as ms the year 5138, as µs 1973
    private static final int NEWEST = 500;
    private static final int PAGE = 100;

    /// Docs as of 2026-10. Limits of REST are of an endpoint and an address, and both markets share
    /// the endpoints.
    private static final Codes CODES = Codes.of()
            .close(1009, Plain.AGAIN, "a request larger than the frame limit, which none of ours is")
            .close(4001, Plain.ENDED, "login failed: not ours")
            .close(4002, Plain.BUG, "invalid request")
            .close(4003, Plain.ENDED, "more than 100 subscriptions per API key: not ours")
            .close(4004, Plain.AGAIN, "nothing received for 30 s: the ping did not go out")
            .close(4005, Plain.AGAIN, "server buffer full: we read too slowly")
            .close(4006, Plain.AGAIN, "abnormal")
            .close(4007, Plain.ENDED, "key changed: not ours")
            .close(4008, Plain.ELSEWHERE, "too many channels in all")
            .close(4009, Plain.ELSEWHERE, "too many channels on this connection")
            .http("429", Reaction.ban(Extent.REQUESTS), "too many requests, or connects")
            .answer("50001", Plain.AGAIN, "service unavailable")
            .answer("50011", Reaction.ban(Extent.REQUESTS), "too many requests, sometimes with 200")
            .answer("50013", Plain.AGAIN, "system busy")
            .answer("50026", Plain.AGAIN, "system busy")
            .answer("51000", Plain.ENDED, "bad parameter")
            .answer("51001", Plain.LEFT_OUT, "instrument does not exist")
            .frame("60004", Plain.DROPPED, "login: not ours")
            .frame("60005", Plain.DROPPED, "login: not ours")
            .frame("60006", Plain.DROPPED, "login: not ours")
            .frame("60007", Plain.DROPPED, "login: not ours")
            .frame("60008", Plain.ENDED, "this endpoint does not support that")
            .frame("60009", Plain.DROPPED, "login: not ours")
            .frame("60011", Plain.ENDED, "login needed: the market is no longer open to all")
            .frame("60012", Plain.DROPPED, "invalid request")
            .frame("60013", Plain.LEFT_OUT, "invalid arguments")
            .frame("60014", Plain.SAME_AGAIN, "requests too frequent")
            .frame("60018", Plain.LEFT_OUT, "wrong URL, channel or instrument")
            .frame("60019", Plain.DROPPED, "invalid operation")
            .frame("60024", Plain.DROPPED, "login: not ours")
            .frame("60027", Plain.DROPPED, "parameter missing")
            .frame("60028", Plain.ENDED, "this endpoint does not support that")
            .frame("60031", Plain.DROPPED, "login: not ours")
            .frame("60032", Plain.DROPPED, "login: not ours")
            .frame("63999", Plain.DROPPED, "login: not ours")
            .frame("64000", Plain.DROPPED, "uly no longer accepted")
            .frame("64001", Plain.ENDED, "the channel has moved to business")
            .frame("64002", Plain.ENDED, "the channel is not on business")
            .frame("64003", Plain.ENDED, "fee tier too low")
            .frame("64007", Plain.SAME_AGAIN, "internal")
            .frame("64008", Plain.REPLACED, "this connection will be closed within 60 s for an upgrade")
            .frame("channel-conn-count-error", Plain.DROPPED, "too many connections of a channel")
            .build();

    private final Market market;
    private final boolean isSpot;
    private final boolean lenient;

    /// @param lenient read the merged channel, too
    Okx(MarketType type, boolean lenient) {
        market = new Market(Exchange.OKX, type);
        isSpot = type == MarketType.SPOT;
        this.lenient = lenient;
    }

    @Override
    public Market market() {
        return market;
    }

    /// Docs as of 2026-10: 3 connects a second from one address, both markets together, which one in half a second
    /// keeps to however long each is on its way; 480 subscribe requests an hour on a connection, of up to 64 KB;
    /// REST 100 in 2 s for recent trades of both markets, of which each takes less than half, 20 in 2 s for older
    /// ones and lists. No figure for channels on a connection is published: 200 by choice, 500 at most.
    @Override
    public Limits limits() {
        return new Limits(
                Limits.NO_LIMIT,
                200,
                500,
                100,
                60_000,
                new Rate(3, Duration.ofSeconds(1)),
                new Rate(1, Duration.ofMillis(500)),
                Duration.ofSeconds(10),
                Duration.ofDays(365), // none documented: 60 s before an upgrade there is a notice
                new Rate(45, Duration.ofSeconds(2)));
    }

    @Override
    public Evidence evidence() {
        return new Evidence.ByIds(Duration.ofSeconds(1));
    }

    @Override
    public URI defaultWebsocketUrl() {
        return URI.create("wss://ws.okx.com/ws/v5/public");
    }

    @Override
    public List<String> addressKeys() {
        return List.of("business_url", "websocket_url");
    }

    @Override
    public URI defaultRestUrl() {
        return URI.create("https://openapi.okx.com");
    }

    /// Trades come on the business socket, which has the public one's host.
    @Override
    public Endpoint endpoint(@Nullable URI configured, String connection, byte[] ticket) {
        URI address = Endpoint.address(configured == null ? defaultWebsocketUrl() : configured, "/ws/v5/business", "");
        String business = address.toString().replaceFirst("/public/?(?=$|\\?)", "/business");
        return new Endpoint(URI.create(business), Map.of(), Duration.ofSeconds(20), Duration.ofSeconds(30));
    }

    @Override
    public String heartbeat(Instant now) {
        return "ping";
    }

    @Override
    public String subscribe(long request, List<Instrument> instruments, Instant now) {
        return request("subscribe", request, instruments);
    }

    @Override
    public String unsubscribe(long request, List<Instrument> instruments, Instant now) {
        return request("unsubscribe", request, instruments);
    }

    private static String request(String operation, long request, List<Instrument> instruments) {
        String arguments = instruments.stream()
                .map(instrument -> "{\"channel\":\"" + CHANNEL_OF_TRADES + "\",\"instId\":"
                        + Request.quoted(instrument.symbol()) + "}")
                .collect(Collectors.joining(","));
        return "{\"id\":\"" + request + "\",\"op\":\"" + operation + "\",\"args\":[" + arguments + "]}";
    }

    @Override
    public boolean repeatsLast() {
        return true;
    }

    @Override
    public boolean needsInstruments() {
        return !isSpot;
    }

    @Override
    public Message read(Frame frame, Instruments instruments) {
        if (frame.isText("pong") || frame.isText("ping")) {
            return Message.Ignored.INSTANCE;
        }
        Message.Unreadable unreadable = frame.parse(FRAME);
        if (unreadable != null) {
            return unreadable;
        }
        if (frame.isArray()) {
            return Message.Ignored.INSTANCE;
        }
        if (frame.has(EVENT)) {
            return event(frame, instruments);
        }
        boolean isOurs = frame.enter(ARG) && (frame.is(CHANNEL, CHANNEL_OF_TRADES) || isMerged(frame));
        boolean merged = isOurs && isMerged(frame);
        frame.top();
        return isOurs
                ? new Message.Rows(frame.rows(DATA, () -> row(frame, merged, instruments)))
                : Message.Ignored.INSTANCE;
    }

    private boolean isMerged(Frame frame) {
        return lenient && frame.is(CHANNEL, MERGED);
    }

    /// `{"id":"7","event":"subscribe","arg":{"channel":"trades-all","instId":"BTC-USDT"},"connId":"…"}`, one for each
    /// argument of a request · `{"event":"error","code":"60018","msg":"…","id":"7"}` · `{"event":"notice",…}`
    private Message event(Frame frame, Instruments instruments) {
        if (frame.is(EVENT, "error")) {
            return refusal(frame);
        }
        if (frame.is(EVENT, "notice")) {
            return new Message.Closing("notice " + frame.text(CODE));
        }
        if (frame.is(EVENT, "channel-conn-count-error")) {
            return Codes.refused(NOBODYS, market + ": too many connections of a channel", Plain.DROPPED, "");
        }
        if ((frame.is(EVENT, "subscribe") || frame.is(EVENT, "unsubscribe"))
                && frame.enter(ARG)
                && frame.is(CHANNEL, CHANNEL_OF_TRADES)) {
            Instrument instrument = frame.instrument(SUBSCRIBED, instruments);
            return instrument == null ? Message.Ignored.INSTANCE : new Message.Named(List.of(instrument));
        }
        return Message.Ignored.INSTANCE;
    }

    /// The codes of requests about public channels. The symbol stands in the text alone.
    private Message refusal(Frame frame) {
        String said = String.valueOf(frame.text(SAID));
        String what = market + " refused a request: code " + frame.text(CODE) + ", " + said;
        long request = Math.max(frame.integer(REQUEST), Message.Refused.NO_REQUEST);
        Matcher symbol = REFUSED.matcher(said);
        Reaction reaction = CODES.inFrame(frame.text(CODE), Plain.DROPPED);
        return Codes.refused(request, what, reaction, symbol.find() ? symbol.group(1) : "");
    }

    /// Errors may come with 200: `{"code":"50011","msg":"Too Many Requests","data":[]}`
    @Override
    public String errorCode(byte[] answer) {
        return Answer.code(answer, FRAME, CODE);
    }

    @Override
    public Codes codes() {
        return CODES;
    }

    @Override
    public List<Assumption> assumptions() {
        return List.of(
                new Assumption("trades-all needs no login", Assumption.Proof.ACKNOWLEDGED),
                new Assumption("trades-all leaves no id out", Assumption.Proof.CONTIGUOUS),
                new Assumption("REST gives single matches under the ids of trades-all", Assumption.Proof.SAME_BY_REST),
                new Assumption("the last trade comes first after a subscription", Assumption.Proof.SNAPSHOT),
                new Assumption("the address has no port 8443", Assumption.Proof.BY_HAND));
    }

    private Row row(Frame frame, boolean merged, Instruments instruments) {
        Instrument instrument = frame.instrument(SYMBOL, instruments);
        return instrument == null
                ? frame.withoutInstrument(market, SYMBOL)
                : row(frame, merged, instrument, Origin.STREAM);
    }

    private static Row row(Frame frame, boolean merged, Instrument instrument, Origin origin) {
        long number = frame.integer(ID);
        TradeId id = number >= 0 ? TradeId.of(number) : longId(frame.text(ID));
        long time = frame.integer(TIME);
        long sequence = number < 0 || merged ? Trade.NO_SEQUENCE : number;
        BigDecimal price = frame.positive(PRICE);
        BigDecimal size = frame.positive(SIZE);
        TakerSide side = frame.takerSide(SIDE, SIDES);
        if (id == null || time == Frame.NO_NUMBER || price == null || size == null || side == null) {
            return frame.rejected(instrument, RejectReason.MALFORMED, sequence, "no whole trade");
        }
        if (time >= MICROS_FROM) {
            return frame.rejected(instrument, RejectReason.TIME_UNIT, sequence, "another time unit");
        }
        return new Trade(
                instrument,
                id,
                price,
                size,
                side,
                Nanos.ofMillis(time),
                frame.receivedAtNanos(),
                sequence,
                origin,
                Flag.set(false, frame.integer(SOURCE) == 1));
    }

    /// An id of more digits than a `long` has; null when it is none.
    private static @Nullable TradeId longId(@Nullable String written) {
        return written != null && LONG_ID.matcher(written).matches() ? TradeId.of(written) : null;
    }

    @Override
    public RestRequest instruments() {
        return new RestRequest("/api/v5/public/instruments?instType=" + (isSpot ? "SPOT" : "SWAP"), 5);
    }

    /// `{"code":"0","msg":"","data":[{"instType":"SWAP","instId":"BTC-USDT-SWAP","ctVal":"0.01",…}]}`; a row that is
    /// not yet open may have empty values.
    @Override
    public InstrumentPage readInstruments(byte[] answer) throws UnreadableAnswer {
        requireSuccess(Answer.frame(answer, FRAME, 0), answer);
        return new InstrumentPage(Answer.rows(answer, "data", this::listing), null);
    }

    private static void requireSuccess(Frame frame, byte[] answer) throws UnreadableAnswer {
        if (frame.integer(CODE) != 0) {
            throw new UnreadableAnswer("an error: " + Answer.excerpt(answer));
        }
    }

    private Listing listing(JsonNode row) {
        var selection = new Selection(row);
        String symbol = selection.text("instId");
        String base = selection.text(isSpot ? "baseCcy" : "ctValCcy");
        selection.is("state", "live").isOrAbsent("instCategory", "1", "").isOrAbsent("ruleType", "normal", "");
        if (isSpot) {
            selection.is("instType", "SPOT").is("quoteCcy", "USDT").dropIf(Selection.FIAT.contains(base), "fiat base");
        } else {
            selection.is("instType", "SWAP").is("ctType", "linear").is("settleCcy", "USDT");
        }
        BigDecimal contractSize =
                isSpot ? BigDecimal.ONE : selection.decimal("ctVal").multiply(selection.decimal("ctMult"));
        selection
                .dropIf(contractSize.signum() <= 0, "no positive contract size")
                .dropIf(base.isEmpty(), "no base");
        return selection.listing(
                symbol,
                () -> new Instrument(market, symbol, base, "USDT", "USDT", contractSize, Selection.multiplier(base)));
    }

    /// The newest 500, then three months back by id.
    @Override
    public Reach reach() {
        return new Reach(Reach.ALL, PAGE, Duration.ofDays(90));
    }

    @Override
    public RestRequest trades(Stretch wanted) {
        return new RestRequest(
                "/api/v5/market/trades?instId="
                        + RestRequest.encoded(wanted.instrument().symbol()) + "&limit=" + NEWEST,
                1);
    }

    /// Rows as on the stream, newest first. `after` means older than this id.
    @Override
    public TradePage readTrades(byte[] answer, Stretch wanted, RestRequest asked, Origin origin, long receivedAtNanos)
            throws UnreadableAnswer {
        Frame frame = Answer.frame(answer, FRAME, receivedAtNanos);
        requireSuccess(frame, answer);
        if (!frame.has(DATA)) {
            throw new UnreadableAnswer("no list of trades but: " + Answer.excerpt(answer));
        }
        List<Row> rows = frame.rows(DATA, () -> row(frame, false, wanted.instrument(), origin));
        Answer.requireTimeUnit(rows);
        long oldest = rows.isEmpty() ? Stretch.UNKNOWN : Answer.number(rows.getLast());
        boolean more = oldest > 0 && !wanted.isNewest() && !isReached(wanted, rows.getLast(), oldest);
        return new TradePage(rows.reversed(), more ? older(wanted, oldest) : null);
    }

    private static boolean isReached(Stretch wanted, Row oldest, long number) {
        return number <= wanted.afterNumber() + 1
                || (oldest instanceof Trade trade && wanted.isReached(Stretch.UNKNOWN, trade.executedAt()));
    }

    private static RestRequest older(Stretch wanted, long oldest) {
        long before = wanted.beforeNumber() == Stretch.UNKNOWN ? oldest : Math.min(oldest, wanted.beforeNumber());
        String symbol = RestRequest.encoded(wanted.instrument().symbol());
        String query = "?instId=" + symbol + "&type=1&after=" + before + "&limit=" + PAGE;
        return new RestRequest("/api/v5/market/history-trades" + query, 5);
    }
}

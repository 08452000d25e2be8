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

/// Bybit spot and linear perpetual trades, every match. Nothing is sent again on subscribing: `type` is always
/// "snapshot" and means nothing. Source: bybit-exchange/docs as of 2026-07-24, and measurements where it says so.
///
/// `{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1774021164273,"data":[{"T":1774021164272,"s":"BTCUSDT",`
/// `"S":"Sell","v":"0.001","p":"69916.80","i":"8c931d9a-b703-5c34-9aeb-860867cf1f66","BT":false,"RPI":false}]}`:
/// `T` when it was matched, epoch ms · `s` symbol · `S` the taker's side · `v` base · `p` quote per base · `i` id, a
/// number of 19 digits that rises on spot, a UUID on linear · `BT` block trade · `RPI` retail price improvement.
///
/// No number is contiguous: an unbroken connection is all the proof there is.
final class Bybit implements Connector {
    private static final String TOPIC_OF_TRADES = "publicTrade.";
    private static final List<String> SIDES = List.of("Buy", "Sell");

    private static final Shape ROW = new Shape();
    private static final Columns TRADE = columns(ROW, "i s p v S T BT RPI");
    private static final Shape FRAME = new Shape();
    private static final Field TOPIC = FRAME.field("topic");
    private static final Field DATA = FRAME.nested("data", ROW);
    private static final Field OPERATION = FRAME.field("op");
    private static final Field SUCCESS = FRAME.field("success");
    private static final Field SAID = FRAME.field("ret_msg");
    private static final Field REQUEST = FRAME.field("req_id");

    private static final Shape PAST_ROW = new Shape();
    private static final Columns PAST = columns(PAST_ROW, "execId symbol price size side time isBlockTrade isRPITrade");
    private static final Shape RESULT = new Shape();
    private static final Field ROWS = RESULT.nested("list", PAST_ROW);
    private static final Shape ENVELOPE = new Shape();
    private static final Field CODE = ENVELOPE.field("retCode");
    private static final Field PAST_RESULT = ENVELOPE.nested("result", RESULT);

    /// Both spellings of a refusal name the topic at the end of the text.
    private static final Pattern REFUSED_TOPIC = Pattern.compile("publicTrade\\.([^\\],\\s]+)");

    /// Of spot only the words are known, not how they are spelled or whether they name the topic.
    private static final Pattern ALREADY = Pattern.compile("(?i)already subscribed");

    private static final String[] CRYPTO = {"", "innovation", "adventure"};
    private static final int PAGE = 1000;

    /// Docs as of 2026-07. A refused request of the stream has no code: the topic stands in its text.
    private static final Codes CODES = Codes.of()
            .http(
                    "403",
                    Reaction.ban(Extent.EXCHANGE, Duration.ofMinutes(10)),
                    "access too frequent: 10 minutes of complete silence")
            .http("403" + Codes.HTML, Plain.BLOCKED, "a country that is not served")
            .http("429", Reaction.ban(Extent.REQUESTS), "the system has too much to do")
            .answer("10001", Plain.LEFT_OUT, "a bad request: the symbol is gone or wrong")
            .answer("10006", Reaction.ban(Extent.REQUESTS), "too many visits to an endpoint, until its reset time")
            .answer("10016", Plain.AGAIN, "server trouble")
            .answer(
                    "10018",
                    Reaction.ban(Extent.EXCHANGE, Duration.ofMinutes(10)),
                    "access too frequent, the code of before")
            .answer("10429", Reaction.ban(Extent.REQUESTS), "the system has too much to do")
            .frame("success: false", Plain.LEFT_OUT, "unknown topic, too many topics, bad operation or no JSON")
            .frame("already subscribed", Plain.SUBSCRIBED, "a duplicate topic, which refuses the whole request")
            .build();

    private final Market market;
    private final boolean isSpot;

    Bybit(MarketType type) {
        market = new Market(Exchange.BYBIT, type);
        isSpot = type == MarketType.SPOT;
    }

    @Override
    public Market market() {
        return market;
    }

    /// Docs as of 2026-07: 10 topics a request on spot; 21,000 characters of topics on a connection, some 20 each;
    /// 1000 connections on each market, 500 connects in 5 min; REST 600 requests in 5 s for all Bybit hosts
    /// together, of which each market takes less than half. Choices: 500 topics a connection and never above 850,
    /// 50 a request on linear, 10 frames a second.
    @Override
    public Limits limits() {
        return new Limits(
                1000,
                500,
                850,
                isSpot ? 10 : 50,
                20_000,
                new Rate(10, Duration.ofSeconds(1)),
                new Rate(1, Duration.ofSeconds(1)),
                Duration.ofSeconds(10),
                Duration.ofDays(365), // none documented
                new Rate(270, Duration.ofSeconds(5)));
    }

    @Override
    public Evidence evidence() {
        return new Evidence.ByUnbrokenConnection(isSpot);
    }

    @Override
    public URI defaultWebsocketUrl() {
        return URI.create("wss://stream.bybit.com/v5/public/" + category());
    }

    @Override
    public URI defaultRestUrl() {
        return URI.create("https://api.bybit.com");
    }

    private String category() {
        return isSpot ? "spot" : "linear";
    }

    @Override
    public Endpoint endpoint(@Nullable URI configured, String connection, byte[] ticket) {
        URI address = configured == null ? defaultWebsocketUrl() : configured;
        return new Endpoint(
                Endpoint.address(address, "/v5/public/" + category(), ""),
                Map.of(),
                Duration.ofSeconds(20),
                Duration.ofSeconds(30));
    }

    @Override
    public String heartbeat(Instant now) {
        return "{\"req_id\":\"0\",\"op\":\"ping\"}";
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
        String topics = instruments.stream()
                .map(instrument -> Request.quoted(TOPIC_OF_TRADES + instrument.symbol()))
                .collect(Collectors.joining(","));
        return "{\"req_id\":\"" + request + "\",\"op\":\"" + operation + "\",\"args\":[" + topics + "]}";
    }

    @Override
    public Message read(Frame frame, Instruments instruments) {
        Message.Unreadable unreadable = frame.parse(FRAME);
        if (unreadable != null) {
            return unreadable;
        }
        if (frame.isArray()) {
            return Message.Ignored.INSTANCE;
        }
        if (frame.has(OPERATION) || frame.has(SUCCESS)) {
            return answer(frame);
        }
        if (!frame.startsWith(TOPIC, TOPIC_OF_TRADES)) { // liquidations have rows like trades
            return Message.Ignored.INSTANCE;
        }
        return new Message.Rows(frame.rows(DATA, () -> row(frame, instruments)));
    }

    /// `{"success":true,"ret_msg":"","conn_id":"…","req_id":"7","op":"subscribe"}`; the answer to a ping calls itself
    /// ping or pong. A refusal is of the whole request, for the sake of one topic, which its text names.
    private Message answer(Frame frame) {
        if (!frame.is(OPERATION, "subscribe") && !frame.is(OPERATION, "unsubscribe") && frame.isTrue(SUCCESS)) {
            return Message.Ignored.INSTANCE;
        }
        long request = Math.max(frame.integer(REQUEST), Message.Refused.NO_REQUEST);
        if (frame.isTrue(SUCCESS)) {
            return new Message.Acknowledged(request);
        }
        String said = frame.text(SAID);
        if (said == null || !frame.has(SUCCESS)) { // the forms of private connections
            return Message.Ignored.INSTANCE;
        }
        Matcher topic = REFUSED_TOPIC.matcher(said);
        String symbol = topic.find() ? topic.group(1) : "";
        String kind = ALREADY.matcher(said).find() ? "already subscribed" : "success: false";
        return Codes.refused(
                request, market + " refused a request: " + said, CODES.inFrame(kind, Plain.LEFT_OUT), symbol);
    }

    private Row row(Frame frame, Instruments instruments) {
        Instrument instrument = frame.instrument(TRADE.symbol, instruments);
        return instrument == null
                ? frame.withoutInstrument(market, TRADE.symbol)
                : row(frame, TRADE, instrument, Origin.STREAM);
    }

    private static Row row(Frame frame, Columns columns, Instrument instrument, Origin origin) {
        String id = frame.text(columns.id);
        long time = frame.integer(columns.time);
        BigDecimal price = frame.positive(columns.price);
        BigDecimal size = frame.positive(columns.size);
        TakerSide side = frame.takerSide(columns.side, SIDES);
        if (id == null || id.isEmpty() || time == Frame.NO_NUMBER || price == null || size == null || side == null) {
            return frame.rejected(instrument, RejectReason.MALFORMED, Trade.NO_SEQUENCE, "no whole trade");
        }
        return new Trade(
                instrument,
                TradeId.of(id),
                price,
                size,
                side,
                Nanos.ofMillis(time),
                frame.receivedAtNanos(),
                Trade.NO_SEQUENCE,
                origin,
                Flag.set(frame.isTrue(columns.block), frame.isTrue(columns.rpi)));
    }

    /// Spot answers everything at once; linear in pages of at most 1000.
    @Override
    public RestRequest instruments() {
        return instruments("");
    }

    private RestRequest instruments(String cursor) {
        String page = isSpot ? "" : "&limit=" + PAGE;
        return new RestRequest("/v5/market/instruments-info?category=" + category() + page + cursor, 1);
    }

    /// `{"retCode":0,"retMsg":"OK","result":{"category":"linear","list":[…],"nextPageCursor":"…"}}`; the cursor comes
    /// percent-encoded, and may come with the last page.
    @Override
    public InstrumentPage readInstruments(byte[] answer) throws UnreadableAnswer {
        requireSuccess(answer);
        List<Listing> listings = Answer.rows(answer, "result/list", this::listing);
        String cursor = Answer.text(answer, "result/nextPageCursor");
        return new InstrumentPage(listings, cursor.isEmpty() ? null : instruments("&cursor=" + cursor));
    }

    private static void requireSuccess(byte[] answer) throws UnreadableAnswer {
        if (Answer.frame(answer, ENVELOPE, 0).integer(CODE) != 0) {
            throw new UnreadableAnswer("an error: " + Answer.excerpt(answer));
        }
    }

    private Listing listing(JsonNode row) {
        var selection = new Selection(row);
        String symbol = selection.text("symbol");
        String base = selection.text("baseCoin");
        selection.is("status", "Trading").is("quoteCoin", "USDT").isOrAbsent("symbolType", CRYPTO);
        selection.dropIf(base.isEmpty(), "no baseCoin");
        if (isSpot) {
            selection
                    .dropIf(Selection.isLeveraged(base), "leveraged token")
                    .dropIf(Selection.FIAT.contains(base), "fiat base");
        } else {
            selection
                    .is("contractType", "LinearPerpetual")
                    .is("settleCoin", "USDT")
                    .dropIf(row.path("isPreListing").asBoolean(), "pre-market");
        }
        return selection.listing(
                symbol,
                () -> new Instrument(market, symbol, base, "USDT", "USDT", BigDecimal.ONE, Selection.multiplier(base)));
    }

    /// The newest 60 on spot, 1000 on linear; nothing can be asked by id or time.
    @Override
    public Reach reach() {
        int rows = isSpot ? 60 : PAGE;
        return new Reach(rows, rows, Reach.FOR_EVER);
    }

    @Override
    public RestRequest trades(Stretch wanted) {
        String symbol = RestRequest.encoded(wanted.instrument().symbol());
        String path = "/v5/market/recent-trade?category=" + category() + "&symbol=" + symbol;
        return new RestRequest(path + "&limit=" + (isSpot ? 60 : PAGE), 1);
    }

    /// `{"retCode":0,"result":{"list":[{"execId":"…","symbol":"BTCUSDT","price":"…","size":"…","side":"Buy",`
    /// `"time":"1761472400000","isBlockTrade":false,"isRPITrade":false}]}}`, newest first.
    @Override
    public TradePage readTrades(byte[] answer, Stretch wanted, RestRequest asked, Origin origin, long receivedAtNanos)
            throws UnreadableAnswer {
        Frame frame = Answer.frame(answer, ENVELOPE, receivedAtNanos);
        if (frame.integer(CODE) != 0 || !frame.enter(PAST_RESULT) || !frame.has(ROWS)) {
            throw new UnreadableAnswer("no list of trades but: " + Answer.excerpt(answer));
        }
        List<Row> rows = frame.rows(ROWS, () -> row(frame, PAST, wanted.instrument(), origin));
        return new TradePage(rows.reversed(), null);
    }

    /// Errors come with 200: `{"retCode":10006,"retMsg":"Too many visits!","result":{}}`
    @Override
    public String errorCode(byte[] answer) {
        return Answer.code(answer, ENVELOPE, CODE);
    }

    @Override
    public Codes codes() {
        return CODES;
    }

    @Override
    public Stall stall() {
        return new Stall("BTCUSDT", Duration.ofSeconds(60));
    }

    @Override
    public String limitEndHeader() {
        return "X-Bapi-Limit-Reset-Timestamp";
    }

    @Override
    public List<Assumption> assumptions() {
        return List.of(
                new Assumption("the cursor of the list is sent as it came, percent-encoded", Assumption.Proof.LISTED),
                new Assumption("the topic stands in the text of a refusal", Assumption.Proof.BY_HAND),
                new Assumption("symbolType tells stocks, metals and currencies from coins", Assumption.Proof.BY_HAND));
    }

    /// Where the parts of a trade stand.
    private record Columns(
            Field id, Field symbol, Field price, Field size, Field side, Field time, Field block, Field rpi) {}

    private static Columns columns(Shape shape, String names) {
        List<Field> f = shape.fields(names);
        return new Columns(f.get(0), f.get(1), f.get(2), f.get(3), f.get(4), f.get(5), f.get(6), f.get(7));
    }
}

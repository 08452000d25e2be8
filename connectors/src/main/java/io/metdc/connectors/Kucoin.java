package io.metdc.connectors;

import com.fasterxml.jackson.databind.JsonNode;
import io.metdc.connectors.Assumption.Proof;
import io.metdc.connectors.InstrumentPage.Listing;
import io.metdc.connectors.Limits.Rate;
import io.metdc.connectors.Reaction.Plain;
import io.metdc.market.Exchange;
import io.metdc.market.Failure.Extent;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
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
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// KuCoin spot and USDT perpetual trades, by the service that wants a token ("classic"): every fill. A few may
/// come again on subscribing. Source: documents as of 2025-11, captures and measurements as of 2026-10.
///
/// spot `{"topic":"/market/match:SOL-USDT","type":"message","subject":"trade.l3match","data":{"symbol":`
/// `"SOL-USDT","side":"buy","price":"187.43","size":"3.2","tradeId":"24193081206521856",`
/// `"time":"1793000000123000000",…}}`; futures `{"topic":"/contractMarket/execution:SOLUSDTM","type":"message",`
/// `"subject":"match","data":{"symbol":"SOLUSDTM","side":"sell","price":"187.4","size":2,`
/// `"tradeId":"1942648200120","ts":1793000000123000000,…}}`: `side` of the taker · `price` quote per base · `size`
/// base, on futures lots of `multiplier` base units · `time`, `ts` when it was matched, epoch ns in steps of a
/// millisecond, as text or number.
///
/// `tradeId` equals `sequence`, a number above 2^53 that rises and is shared with the order book: its gaps mean
/// nothing. The engine of before 2022 wrote ids of 24 hex digits. An unknown symbol is acknowledged, and silent.
final class Kucoin implements Connector {
    private static final Shape TRADE = new Shape();
    private static final Field SYMBOL = TRADE.field("symbol");
    private static final Field SIDE = TRADE.field("side");
    private static final Field PRICE = TRADE.field("price");
    private static final Field SIZE = TRADE.field("size");
    private static final Field ID = TRADE.field("tradeId");
    private static final Field SPOT_TIME = TRADE.field("time");
    private static final Field FUTURES_TIME = TRADE.field("ts");

    private static final Shape FRAME = new Shape();
    private static final Field SUBJECT = FRAME.field("subject");
    private static final Field TOPIC = FRAME.field("topic");
    private static final Field TYPE = FRAME.field("type");
    private static final Field REQUEST = FRAME.field("id");
    private static final Field ERROR_CODE = FRAME.field("code");
    private static final Field DATA = FRAME.nested("data", TRADE); // of an error a text

    private static final Shape PAST = new Shape(TRADE);
    private static final Field SEQUENCE = PAST.field("sequence");

    private static final Shape ANSWER = new Shape(); // by REST
    private static final Field CODE = ANSWER.field("code");
    private static final Field PAST_TRADES = ANSWER.nested("data", PAST);

    private static final List<String> SIDES = List.of("buy", "sell");
    private static final Message.Unreadable NO_TRADE = new Message.Unreadable("no trade where one is due");

    private static final Pattern SERVER = Pattern.compile("wss?://[\\w.-]+(:\\d+)?(/[\\w./-]*)?");
    private static final int SUCCESS = 200_000;
    private static final int PAGE = 100;
    private static final int LONGEST_MILLIS = 3_600_000;
    private static final long MILLIS_FROM = 1_000_000_000_000L; // 2001, and up to ten times as much 2286
    private static final long MICROS_FROM = MILLIS_FROM * 1000;

    /// Tokenised stocks on spot, beside the field `market`.
    private static final Set<String> STOCKS = Selection.list("kucoin-stocks");

    /// Documents as of 2025 and measurements as of 2026-09.
    private static final Codes CODES = Codes.of()
            .close(1000, Plain.AGAIN, "Bye: 60 s without a client frame, or moved to another server")
            .close(1001, Plain.AGAIN, "moved to another server")
            .handshake("400", Plain.ENDED, "an address without the slash at its end")
            .handshake("401", Plain.NEW_TICKET, "a token that was used before, or is no longer good")
            .http("403" + Codes.HTML, Plain.BLOCKED, "not served from here, as Cloudflare says")
            .http("429", Reaction.ban(), "more than the weight of 30 s")
            .answer("1015", Reaction.ban(Extent.EXCHANGE), "blocked by Cloudflare for asking too much")
            .answer("200003", Plain.LEFT_OUT, "invalid symbol")
            .answer("404000", Plain.LEFT_OUT, "the contract does not exist")
            .answer("405000", Plain.ENDED, "method not allowed")
            .answer(
                    "429000",
                    Reaction.banIfTold(Extent.SAME),
                    "too many requests; without gw-ratelimit-reset an overload")
            .frame("400", Plain.LEFT_OUT, "the topic is invalid, no JSON, or ping time-out")
            .frame("401", Plain.NEW_TICKET, "the token is invalid or expired")
            .frame("403", Plain.DROPPED, "login required: a private topic")
            .frame("404", Plain.LEFT_OUT, "the topic does not exist")
            .frame("406", Plain.DROPPED, "a topic is required")
            .frame("415", Plain.DROPPED, "the type is invalid")
            .frame("500", Plain.SAME_AGAIN, "internal error")
            .frame("509", Plain.LIMIT, "too many at a time, per session, a second, or sessions; busy")
            .build();

    private final Market market;
    private final boolean isSpot;
    private final String subject;
    private final String topic;
    private final Field time;

    Kucoin(MarketType type) {
        market = new Market(Exchange.KUCOIN, type);
        isSpot = type == MarketType.SPOT;
        subject = isSpot ? "trade.l3match" : "match";
        topic = isSpot ? "/market/match:" : "/contractMarket/execution:";
        time = isSpot ? SPOT_TIME : FUTURES_TIME;
    }

    @Override
    public Market market() {
        return market;
    }

    /// Documents as of 2025: 400 topics a connection on spot (300 before), 100 symbols a frame, 100 client
    /// frames in 10 s, pings included, 800 connections, 30 connects a minute, REST weight 2000 in 30 s for each
    /// market. None tells how long a frame may be. A token is good for 24 h.
    @Override
    public Limits limits() {
        var frames = new Rate(1, Duration.ofMillis(150));
        var connects = new Rate(1, Duration.ofMillis(2500));
        var rest = new Rate(1800, Duration.ofSeconds(30));
        return new Limits(
                800, 300, 400, 90, 8192, frames, connects, Duration.ofSeconds(10), Duration.ofHours(24), rest);
    }

    @Override
    public Evidence evidence() {
        return new Evidence.ByUnbrokenConnection(true);
    }

    /// Spot and futures each give tokens for their own servers. One that was used before is answered with 401.
    @Override
    public RestRequest ticket() {
        return new RestRequest("POST", "/api/v1/bullet-public", Map.of(), 10);
    }

    /// `{"code":"200000","data":{"token":"…","instanceServers":[{"endpoint":"wss://ws-api-spot.kucoin.com/",`
    /// `"protocol":"websocket","pingInterval":18000,"pingTimeout":10000,…}]}}`, times in ms. Without the slash
    /// at its end an address is answered with 400. A client that does not ping is cut after 60 s, even while it
    /// gets trades.
    @Override
    public Endpoint endpoint(@Nullable URI configured, String connection, byte[] ticket) throws UnreadableAnswer {
        JsonNode data = answer(ticket, 0).tree().path("data");
        String token = RestRequest.encoded(data.path("token").asText()).replace("%3D", "=");
        for (JsonNode server : data.path("instanceServers")) {
            String address = server.path("endpoint").asText();
            boolean fits = server.path("protocol").asText("websocket").equals("websocket")
                    && SERVER.matcher(address).matches();
            if (fits && !token.isEmpty()) {
                Duration ping = millis(server, "pingInterval", 18_000);
                Duration silence = ping.plus(millis(server, "pingTimeout", 10_000));
                URI there = configured == null ? URI.create(address) : configured;
                String query = "token=" + token + "&connectId=" + connection;
                return new Endpoint(Endpoint.address(there, "/", query), Map.of(), ping, silence);
            }
        }
        throw new UnreadableAnswer("no token for a server but: " + Answer.excerpt(ticket));
    }

    private static Duration millis(JsonNode server, String name, long usually) {
        long said = server.path(name).asLong(usually);
        return Duration.ofMillis(said > 0 && said <= LONGEST_MILLIS ? said : usually);
    }

    @Override
    public @Nullable URI defaultWebsocketUrl() {
        return null;
    }

    @Override
    public URI defaultRestUrl() {
        return URI.create(isSpot ? "https://api.kucoin.com" : "https://api-futures.kucoin.com");
    }

    @Override
    public boolean greets() {
        return true;
    }

    @Override
    public String heartbeat(Instant now) {
        return "{\"id\":\"" + now.toEpochMilli() + "\",\"type\":\"ping\"}";
    }

    @Override
    public String subscribe(long request, List<Instrument> instruments, Instant now) {
        return request("subscribe", request, instruments);
    }

    @Override
    public String unsubscribe(long request, List<Instrument> instruments, Instant now) {
        return request("unsubscribe", request, instruments);
    }

    private String request(String type, long request, List<Instrument> instruments) {
        String symbols = instruments.stream().map(Instrument::symbol).collect(Collectors.joining(","));
        return "{\"id\":\"" + request + "\",\"type\":\"" + type + "\",\"topic\":" + Request.quoted(topic + symbols)
                + ",\"privateChannel\":false,\"response\":true}";
    }

    @Override
    public boolean needsInstruments() {
        return !isSpot;
    }

    /// Subjects are shared by topics, and some notices have no type.
    @Override
    public Message read(Frame frame, Instruments instruments) {
        Message.Unreadable unreadable = frame.parse(FRAME);
        if (unreadable != null || frame.isArray()) {
            return unreadable != null ? unreadable : Frame.NOT_AN_OBJECT;
        }
        if (frame.is(SUBJECT, subject) && frame.startsWith(TOPIC, topic)) {
            return trade(frame, instruments);
        }
        return switch (frame.text(TYPE)) {
            case "ack" -> new Message.Acknowledged(frame.integer(REQUEST));
            case "error" -> refused(frame);
            case "welcome" -> Message.Greeting.INSTANCE;
            case null, default -> Message.Ignored.INSTANCE;
        };
    }

    /// `{"id":"7","type":"error","code":404,"data":"topic … is not found"}`; some have no id. Nothing says
    /// which symbol of a request was wrong. 509 is any limit, and only its text says which.
    private Message refused(Frame frame) {
        String said = String.valueOf(frame.text(DATA));
        Reaction reaction = CODES.inFrame(frame.text(ERROR_CODE), Plain.DROPPED);
        if (reaction == Plain.LIMIT) {
            reaction = said.contains("per session")
                    ? Plain.ELSEWHERE
                    : said.contains("per time") ? Plain.HALVES : Plain.SAME_AGAIN;
        }
        String what = market + " sent an error: code " + frame.text(ERROR_CODE) + ", " + said;
        return Codes.refused(Math.max(frame.integer(REQUEST), Message.Refused.NO_REQUEST), what, reaction, "");
    }

    private Message trade(Frame frame, Instruments instruments) {
        if (!frame.isObject(DATA) || !frame.enter(DATA)) {
            return NO_TRADE;
        }
        Instrument instrument = frame.instrument(SYMBOL, instruments);
        Row row = instrument == null
                ? frame.withoutInstrument(market, SYMBOL)
                : row(frame, ID, instrument, Origin.STREAM);
        return new Message.Rows(List.of(row));
    }

    private Row row(Frame frame, Field idField, Instrument instrument, Origin origin) {
        TradeId id = frame.id(idField);
        long executedAt = frame.integer(time);
        TakerSide side = frame.takerSide(SIDE, SIDES);
        BigDecimal price = frame.positive(PRICE);
        BigDecimal size = frame.positive(SIZE);
        if (id == null || executedAt == Frame.NO_NUMBER || side == null || price == null || size == null) {
            return frame.rejected(instrument, RejectReason.MALFORMED, Trade.NO_SEQUENCE, "no whole trade");
        }
        if (isBetween(executedAt, MILLIS_FROM) || isBetween(executedAt, MICROS_FROM)) {
            return frame.rejected(instrument, RejectReason.TIME_UNIT, Trade.NO_SEQUENCE, "another time unit");
        }
        long received = frame.receivedAtNanos();
        return new Trade(instrument, id, price, size, side, executedAt, received, Trade.NO_SEQUENCE, origin, Set.of());
    }

    private static boolean isBetween(long time, long from) {
        return time >= from && time < 10 * from;
    }

    @Override
    public RestRequest instruments() {
        return isSpot ? new RestRequest("/api/v2/symbols", 4) : new RestRequest("/api/v1/contracts/active", 3);
    }

    @Override
    public InstrumentPage readInstruments(byte[] answer) throws UnreadableAnswer {
        answer(answer, 0);
        Set<String> bases = Set.copyOf(
                Answer.rows(answer, "data", row -> row.path("baseCurrency").asText()));
        List<Listing> listings = Answer.rows(answer, "data", row -> isSpot ? spot(row, bases) : futures(row, bases));
        return new InstrumentPage(listings, null);
    }

    /// After a rename `symbol` and `baseCurrency` stay as they were, and `name` says what the coin is called
    /// now: GALA-USDT of GALAX-USDT.
    private Listing spot(JsonNode row, Set<String> bases) {
        var selection = new Selection(row);
        String symbol = selection.text("symbol");
        String original = selection.text("baseCurrency");
        String name = selection.text("name").replaceFirst("-USDT$", "");
        String base = name.isEmpty() || name.contains("-") ? original : name;
        selection
                .is("quoteCurrency", "USDT")
                .isTrue("enableTrading")
                .dropIf(
                        Set.of("ETF", "Stocks").contains(selection.text("market")),
                        "market " + selection.text("market"))
                .dropIf(original.isEmpty(), "no baseCurrency")
                .dropIf(Selection.isLeveraged(original) || isUpOrDown(original, bases), "leveraged token")
                .dropIf(STOCKS.contains(original), "tokenised stock by list")
                .dropIf(Selection.FIAT.contains(original), "fiat base");
        return selection.listing(symbol, () -> instrument(symbol, base, BigDecimal.ONE, bases));
    }

    /// `BTCUP` and `BTCDOWN` beside `BTC`; `JUP` and `SYRUP` are names.
    private static boolean isUpOrDown(String base, Set<String> bases) {
        String coin = base.replaceFirst("(UP|DOWN)$", "");
        return !coin.equals(base) && bases.containsAll(List.of(coin, coin + "UP", coin + "DOWN"));
    }

    private Listing futures(JsonNode row, Set<String> bases) {
        var selection = new Selection(row);
        String symbol = selection.text("symbol");
        String base = selection.text("baseCurrency");
        BigDecimal lot = selection
                .is("type", "FFWCSX")
                .is("quoteCurrency", "USDT")
                .is("settleCurrency", "USDT")
                .isFalse("isInverse")
                .is("status", "Open")
                .isOrAbsent("marketStage", "NORMAL")
                .isOrAbsent("assetClass", "CRYPTO")
                .dropIf(base.isEmpty(), "no baseCurrency")
                .positive("multiplier");
        return selection.listing(symbol, () -> instrument(symbol, base.equals("XBT") ? "BTC" : base, lot, bases));
    }

    private Instrument instrument(String symbol, String base, BigDecimal contractSize, Set<String> bases) {
        BigDecimal multiplier = Selection.multiplier(base, bases);
        return new Instrument(market, symbol, base, "USDT", "USDT", contractSize, multiplier);
    }

    @Override
    public Reach reach() {
        return new Reach(PAGE, PAGE, Reach.FOR_EVER);
    }

    @Override
    public RestRequest trades(Stretch wanted) {
        String symbol = RestRequest.encoded(wanted.instrument().symbol());
        return isSpot
                ? new RestRequest("/api/v1/market/histories?symbol=" + symbol, 3)
                : new RestRequest("/api/v1/trade/history?symbol=" + symbol, 5);
    }

    /// `{"code":"200000","data":[{"sequence":"24193081206521856","price":"187.43","size":"3.2","side":"buy",`
    /// `"time":1793000000123000000},…]}`: spot oldest first, its `sequence` is the id; futures newest first,
    /// with `tradeId` and `ts`. There are no pages.
    @Override
    public TradePage readTrades(byte[] answer, Stretch wanted, RestRequest asked, Origin origin, long receivedAtNanos)
            throws UnreadableAnswer {
        Frame frame = answer(answer, receivedAtNanos);
        if (!frame.isArray(PAST_TRADES)) {
            throw new UnreadableAnswer("no list of trades but: " + Answer.excerpt(answer));
        }
        Field id = isSpot ? SEQUENCE : ID;
        List<Row> rows = frame.rows(PAST_TRADES, () -> row(frame, id, wanted.instrument(), origin));
        Answer.requireTimeUnit(rows);
        return new TradePage(isSpot ? rows : rows.reversed(), null);
    }

    /// `{"code":"429000","msg":"…"}`
    @Override
    public String errorCode(byte[] answer) {
        return Answer.code(answer, ANSWER, CODE);
    }

    @Override
    public Codes codes() {
        return CODES;
    }

    @Override
    public String retryAfterHeader() {
        return "gw-ratelimit-reset";
    }

    @Override
    public Duration retryAfterUnit() {
        return Duration.ofMillis(1);
    }

    @Override
    public List<Assumption> assumptions() {
        return List.of(
                new Assumption("the service that wants a token is still there", Proof.ACKNOWLEDGED),
                new Assumption("tradeId equals sequence, which is all that REST has on spot", Proof.SAME_BY_REST),
                new Assumption("an unknown symbol is acknowledged and silent", Proof.BY_HAND),
                new Assumption("market, assetClass and marketStage tell stocks from coins", Proof.BY_HAND));
    }

    /// Errors come with HTTP 200, too: `{"code":"400100","msg":"…"}`.
    private static Frame answer(byte[] answer, long receivedAtNanos) throws UnreadableAnswer {
        Frame frame = Answer.frame(answer, ANSWER, receivedAtNanos);
        if (frame.integer(CODE) != SUCCESS) {
            throw new UnreadableAnswer("code " + frame.text(CODE) + " in the answer: " + Answer.excerpt(answer));
        }
        return frame;
    }
}

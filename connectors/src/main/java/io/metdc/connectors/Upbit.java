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
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Upbit's KRW spot trades: the rates KRW-USDT and KRW-BTC always, a coin's own market while a listing of it is
/// young. Source: docs.upbit.com as of 2026-11, and captures where it says so.
///
/// `{"type":"trade","code":"KRW-CRV","trade_price":1020,"trade_volume":8.428e-05,"ask_bid":"BID",`
/// `"trade_timestamp":1787728554990,"sequential_id":17877285549900000,"stream_type":"REALTIME"}`, or with the short
/// names of the format SIMPLE (`ty cd tp tv ab ttms sid st`), alone or in an array: `code` quote before base ·
/// `trade_price` KRW per base · `trade_volume` base · `ask_bid` ASK: the taker sold · `trade_timestamp` epoch ms ·
/// `sequential_id` unique in its market, no order, beyond 2^53. Frames are binary and hold UTF-8.
///
/// A request replaces the subscription of its connection and is not acknowledged. The newest past trade of every
/// code follows it, marked SNAPSHOT: stored if it is new, and the proof of the subscription; the list of
/// subscriptions is the other.
final class Upbit implements Connector {
    private static final Market MARKET = new Market(Exchange.UPBIT, MarketType.SPOT);
    private static final Set<String> RATES = Set.of("KRW-USDT", "KRW-BTC");
    private static final String QUOTE = "KRW";

    private static final Shape FRAME = new Shape();
    private static final Columns LONG =
            columns(FRAME, "type code trade_price trade_volume ask_bid trade_timestamp sequential_id stream_type");
    private static final Columns SHORT = columns(FRAME, "ty cd tp tv ab ttms sid st");
    private static final Field METHOD = FRAME.field("method");
    private static final Shape WHAT = new Shape();
    private static final Field NAME = WHAT.field("name");
    private static final Field TEXT = WHAT.field("message");
    private static final Field ERROR = FRAME.nested("error", WHAT);

    private static final Shape HISTORY = new Shape();
    private static final Columns PAST =
            columns(HISTORY, "type market trade_price trade_volume ask_bid timestamp sequential_id stream_type");

    private static final List<String> SIDES = List.of("BID", "ASK");
    private static final long MICROS_FROM = 100_000_000_000_000L; // as ms the year 5138, as µs 1973

    /// Docs as of 2026-11: 429 means too many in this second, so the next one will do; only 418 is a
    /// ban, of a group of requests or of connects, whose length stands in its body and grows.
    private static final Codes CODES = Codes.of()
            .http("418", Reaction.ban(), "banned after 429 over and over: its body says how long")
            .http("429", Reaction.ban(Extent.SAME, Duration.ofSeconds(1)), "too many in this second")
            .status("404", Plain.LEFT_OUT, "a market that was delisted")
            .frame("INVALID_AUTH", Plain.DROPPED, "keys")
            .frame("INVALID_PARAM", Plain.DROPPED, "a wrong value")
            .frame("NO_CODES", Plain.DROPPED, "no codes")
            .frame("NO_TICKET", Plain.DROPPED, "no ticket")
            .frame("NO_TYPE", Plain.DROPPED, "no type")
            .frame("WRONG_FORMAT", Plain.DROPPED, "a wrong format")
            .build();

    private static final int PAGE = 500;
    private static final int DAYS = 7;
    private static final Duration DISORDER = Duration.ofSeconds(5);
    private static final Pattern DAYS_AGO = Pattern.compile("days_ago=(\\d)");
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneOffset.UTC);

    @Override
    public Market market() {
        return MARKET;
    }

    /// Docs as of 2026-11: 5 connects a second from one address; 5 messages a second and 100 a minute on a
    /// connection, and five in 3.2 seconds keep to both; 10 REST requests a second in each group. No figure is
    /// published for codes: a handful is all that is needed.
    @Override
    public Limits limits() {
        return new Limits(
                Limits.NO_LIMIT,
                200,
                200,
                200,
                16_000,
                new Rate(5, Duration.ofMillis(3_200)),
                new Rate(1, Duration.ofMillis(400)),
                Duration.ofSeconds(10),
                Duration.ofDays(365), // none announced
                new Rate(8, Duration.ofSeconds(1)));
    }

    @Override
    public Evidence evidence() {
        return new Evidence.ByUnbrokenConnection(false);
    }

    @Override
    public URI defaultWebsocketUrl() {
        return URI.create("wss://api.upbit.com/websocket/v1");
    }

    @Override
    public URI defaultRestUrl() {
        return URI.create("https://api.upbit.com");
    }

    @Override
    public Codes codes() {
        return CODES;
    }

    @Override
    public Optional<Duration> banLength(byte[] errorAnswer) {
        return RetryAfter.inText(errorAnswer);
    }

    /// Idle connections are cut after 120 s; `{"status":"UP"}` comes every 10 s unasked or as the
    /// answer to PING.
    @Override
    public Endpoint endpoint(@Nullable URI configured, String connection, byte[] ticket) {
        URI address = configured == null ? defaultWebsocketUrl() : configured;
        return new Endpoint(
                Endpoint.address(address, "/websocket/v1", ""),
                Map.of(),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60));
    }

    @Override
    public String heartbeat(Instant now) {
        return "PING";
    }

    @Override
    public String subscribe(long request, List<Instrument> instruments, Instant now) {
        String codes = instruments.stream()
                .map(instrument -> Request.quoted(instrument.symbol()))
                .collect(Collectors.joining(","));
        return "[{\"ticket\":\"metdc-" + request + "\"},{\"type\":\"trade\",\"codes\":[" + codes
                + "]},{\"format\":\"DEFAULT\"}]";
    }

    /// What is not named in the next subscription is no longer subscribed.
    @Override
    public String unsubscribe(long request, List<Instrument> instruments, Instant now) {
        return "";
    }

    @Override
    public boolean replaces() {
        return true;
    }

    /// The format named here becomes that of the stream, too.
    @Override
    public String subscriptions(long request) {
        return "[{\"ticket\":\"metdc-" + request + "\"},{\"method\":\"LIST_SUBSCRIPTIONS\"},{\"format\":\"DEFAULT\"}]";
    }

    @Override
    public boolean isAlwaysCollected(Instrument instrument) {
        return RATES.contains(instrument.symbol());
    }

    @Override
    public Message read(Frame frame, Instruments instruments) {
        Message.Unreadable unreadable = frame.parse(FRAME);
        if (unreadable != null) {
            return unreadable;
        }
        if (frame.isArray()) {
            List<Row> rows = frame.top() ? frame.rows(() -> row(frame, instruments)) : List.of();
            return new Message.Rows(rows);
        }
        if (frame.is(LONG.type, "trade") || frame.is(SHORT.type, "trade")) {
            return new Message.Rows(List.of(row(frame, instruments)));
        }
        if (frame.enter(ERROR)) {
            String what = market() + " refused a request: " + frame.text(NAME) + ", " + frame.text(TEXT);
            return Codes.refused(Message.Refused.NO_REQUEST, what, CODES.inFrame(frame.text(NAME), Plain.DROPPED), "");
        }
        return frame.is(METHOD, "LIST_SUBSCRIPTIONS") ? named(frame.tree(), instruments) : Message.Ignored.INSTANCE;
    }

    /// `{"method":"LIST_SUBSCRIPTIONS","result":[{"type":"trade","codes":["KRW-BTC"]}],"ticket":"…"}`
    private static Message named(JsonNode list, Instruments instruments) {
        List<Instrument> named = new ArrayList<>();
        for (JsonNode subscription : list.path("result")) {
            for (JsonNode code : subscription.path("codes")) {
                char[] symbol = code.asText().toCharArray();
                Instrument instrument = instruments.find(symbol, 0, symbol.length);
                if (instrument != null && subscription.path("type").asText().equals("trade")) {
                    named.add(instrument);
                }
            }
        }
        return new Message.Named(named);
    }

    private static Row row(Frame frame, Instruments instruments) {
        Columns columns = frame.has(LONG.code) ? LONG : SHORT;
        Instrument instrument = frame.instrument(columns.code, instruments);
        if (instrument == null) {
            return frame.withoutInstrument(MARKET, columns.code);
        }
        if (!frame.is(columns.type, "trade")) {
            return frame.rejected(instrument, RejectReason.MALFORMED, Trade.NO_SEQUENCE, "no trade");
        }
        Origin origin = frame.is(columns.stream, "SNAPSHOT") ? Origin.SNAPSHOT : Origin.STREAM;
        return row(frame, columns, instrument, origin);
    }

    private static Row row(Frame frame, Columns columns, Instrument instrument, Origin origin) {
        long id = frame.integer(columns.id);
        long time = frame.integer(columns.time);
        BigDecimal price = frame.positive(columns.price);
        BigDecimal size = frame.positive(columns.size);
        TakerSide side = frame.takerSide(columns.side, SIDES);
        if (id < 0 || time == Frame.NO_NUMBER || price == null || size == null || side == null) {
            return frame.rejected(instrument, RejectReason.MALFORMED, Trade.NO_SEQUENCE, "no whole trade");
        }
        if (time >= MICROS_FROM) {
            return frame.rejected(instrument, RejectReason.TIME_UNIT, Trade.NO_SEQUENCE, "another time unit");
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
                Flag.set(false, false));
    }

    @Override
    public RestRequest instruments() {
        return new RestRequest("/v1/market/all?is_details=true", 1);
    }

    /// `[{"market":"KRW-BTC","korean_name":"비트코인","english_name":"Bitcoin",…}]`
    @Override
    public InstrumentPage readInstruments(byte[] answer) throws UnreadableAnswer {
        return new InstrumentPage(Answer.rows(answer, this::listing), null);
    }

    private Listing listing(JsonNode row) {
        var selection = new Selection(row);
        String symbol = selection.text("market");
        String base = symbol.substring(symbol.indexOf('-') + 1);
        selection
                .dropIf(!symbol.startsWith(QUOTE + "-"), "quote is not " + QUOTE)
                .dropIf(base.isEmpty(), "no base");
        return selection.listing(symbol, () -> Instrument.of(MARKET, symbol, base, QUOTE));
    }

    /// Every trade of seven days, in pages of 500 that a cursor takes back through one UTC day at a time.
    @Override
    public Reach reach() {
        return new Reach(Reach.ALL, PAGE, Duration.ofDays(DAYS));
    }

    @Override
    public RestRequest trades(Stretch wanted) {
        return ticks(wanted, 0, "");
    }

    private static RestRequest ticks(Stretch wanted, long daysAgo, String more) {
        String market = RestRequest.encoded(wanted.instrument().symbol());
        String day = daysAgo == 0 ? "" : "&days_ago=" + daysAgo;
        return new RestRequest("/v1/trades/ticks?market=" + market + "&count=" + PAGE + day + more, 1);
    }

    /// `[{"market":"KRW-CRV","timestamp":1787728554990,"trade_price":1020.0,"trade_volume":0.5,"ask_bid":"BID",`
    /// `"sequential_id":17877285549900000,…}]`, newest first; here `timestamp` is the trade's own time.
    @Override
    public TradePage readTrades(byte[] answer, Stretch wanted, RestRequest asked, Origin origin, long receivedAtNanos)
            throws UnreadableAnswer {
        Frame frame = Frame.of(answer, receivedAtNanos);
        List<Row> rows = Answer.trades(answer, frame, HISTORY, () -> row(frame, PAST, wanted.instrument(), origin));
        return new TradePage(rows.reversed(), wanted.isNewest() ? null : next(rows, wanted, asked, receivedAtNanos));
    }

    private static @Nullable RestRequest next(
            List<Row> newestFirst, Stretch wanted, RestRequest asked, long receivedAtNanos) {
        Matcher matcher = DAYS_AGO.matcher(asked.path());
        long day = matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
        Trade oldest = newestFirst.reversed().stream()
                .filter(Trade.class::isInstance)
                .map(Trade.class::cast)
                .findFirst()
                .orElse(null);
        LocalDate today = LocalDate.ofInstant(Nanos.instant(receivedAtNanos), ZoneOffset.UTC);
        if (oldest == null || newestFirst.size() < PAGE) { // the day is done
            boolean older = wanted.after().minus(DISORDER).isBefore(startOf(today.minusDays(day)));
            return older && day < DAYS ? ticks(wanted, day + 1, "") : null;
        }
        if (oldest.executedAt().isBefore(wanted.after().minus(DISORDER))) {
            return null;
        }
        Instant before = wanted.before();
        if (day == 0 && !asked.path().contains("&to=") && before.isBefore(oldest.executedAt())) { // straight there
            long daysAgo = ChronoUnit.DAYS.between(LocalDate.ofInstant(before, ZoneOffset.UTC), today);
            return daysAgo > DAYS ? null : ticks(wanted, daysAgo, "&to=" + CLOCK.format(before));
        }
        return ticks(wanted, day, "&cursor=" + oldest.id());
    }

    private static Instant startOf(LocalDate day) {
        return day.atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    @Override
    public List<Assumption> assumptions() {
        return List.of(
                new Assumption("the newest trade of each code comes first, marked SNAPSHOT", Assumption.Proof.SNAPSHOT),
                new Assumption("frames are binary UTF-8", Assumption.Proof.READABLE),
                new Assumption("sequential_id is the same on stream and REST", Assumption.Proof.SAME_BY_REST),
                new Assumption("a code that does not exist stays silent", Assumption.Proof.BY_HAND));
    }

    /// Where the parts of a trade stand.
    private record Columns(
            Field type, Field code, Field price, Field size, Field side, Field time, Field id, Field stream) {}

    private static Columns columns(Shape shape, String names) {
        List<Field> f = shape.fields(names);
        return new Columns(f.get(0), f.get(1), f.get(2), f.get(3), f.get(4), f.get(5), f.get(6), f.get(7));
    }
}

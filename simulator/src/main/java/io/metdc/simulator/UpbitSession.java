package io.metdc.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.metdc.market.Nanos;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One client of Upbit's trades.
///
/// A request is an array: ticket, types, format. It replaces what was subscribed; nothing acknowledges it but the
/// newest past trade of every code. Unknown codes stay silent. The format of any request, even of one that only asks
/// what is subscribed, becomes that of the stream.
final class UpbitSession implements Session {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern TYPES = Pattern.compile("trade|ticker|orderbook|candle\\..+");

    private final Frames frames;
    private final Tape tape;
    private final Set<String> codes = new LinkedHashSet<>();
    private Wording wording = Wording.DEFAULT;
    private volatile boolean subscribed;
    /// By listing: the first print that is delivered; none while it is not subscribed.
    private long[] from = {};

    UpbitSession(Frames frames, Tape tape) {
        this.frames = frames;
        this.tape = tape;
    }

    @Override
    public boolean isSubscribed() {
        return subscribed;
    }

    @Override
    public List<Reply> answer(String text) {
        if (text.equals("PING")) {
            return Reply.text("{\"status\":\"UP\"}");
        }
        UpbitRequest request;
        try {
            request = UpbitRequest.of(text);
            for (JsonNode type : request.isQuery() ? List.<JsonNode>of() : request.types()) {
                if (!TYPES.matcher(type.path("type").asText()).matches()) {
                    throw new UpbitRequest.Wrong("INVALID_PARAM", "지원하지 않는 type입니다.");
                }
                if (type.path("codes").isEmpty()) {
                    throw new UpbitRequest.Wrong("NO_CODES", "코드가 존재하지 않습니다.");
                }
            }
        } catch (UpbitRequest.Wrong e) {
            return e.replies();
        }
        wording = Wording.of(request);
        if (request.isQuery()) {
            return Reply.text(subscriptions(request.ticket()));
        }
        return subscribe(request.types().stream()
                .filter(type -> type.path("type").asText().equals("trade"))
                .toList());
    }

    private List<Reply> subscribe(List<JsonNode> types) {
        codes.clear();
        Set<String> past = new HashSet<>();
        Set<String> live = new HashSet<>();
        for (JsonNode type : types) {
            for (JsonNode code : type.path("codes")) {
                codes.add(code.asText());
                if (!type.path("is_only_realtime").asBoolean()
                        && !type.path("isOnlyRealtime").asBoolean()) {
                    past.add(code.asText());
                }
                if (!type.path("is_only_snapshot").asBoolean()
                        && !type.path("isOnlySnapshot").asBoolean()) {
                    live.add(code.asText());
                }
            }
        }
        subscribed = true; // before the prints are counted: what comes later is offered
        from = frames.catalogue.room(from, Long.MAX_VALUE);
        List<Reply> snapshots = new ArrayList<>();
        snapshots.add(new Reply.Asked(Sent.Verb.REPLACE, List.copyOf(codes), List.of()));
        for (int listing = 0; listing < from.length; listing++) {
            String code = frames.catalogue.listing(listing).symbol();
            boolean isKnown = frames.catalogue.known(code) != null;
            Feed feed = tape.feeds().get(listing);
            long next = Math.min(from[listing], feed.count());
            from[listing] = isKnown && live.contains(code) ? next : Long.MAX_VALUE;
            Chunk chunk = next == 0 || !isKnown || !past.contains(code) ? null : feed.chunk(next - 1);
            if (chunk != null) {
                FrameBuffer out = new FrameBuffer();
                int at = Feed.at(next - 1);
                trade(out, listing, chunk, at, chunk.timeNanos(at), chunk.timeNanos(at), Wording.SNAPSHOT);
                String text = new String(out.bytes(), 0, out.length(), StandardCharsets.UTF_8);
                snapshots.add(new Reply.Past(text, listing, List.of(next - 1)));
            }
        }
        return snapshots;
    }

    private String subscriptions(String ticket) {
        ObjectNode answer = JSON.createObjectNode().put("method", "LIST_SUBSCRIPTIONS");
        ArrayNode result = answer.putArray("result");
        if (!codes.isEmpty()) {
            ArrayNode named = result.addObject().put("type", "trade").putArray("codes");
            codes.forEach(named::add);
        }
        return answer.put("ticket", ticket).toString();
    }

    @Override
    public int append(
            FrameBuffer out, int listing, Chunk chunk, int at, long executedAtNanos, long nowNanos, boolean more) {
        if (listing >= from.length || chunk.first + at < from[listing]) {
            return NOTHING;
        }
        out.begin();
        trade(out, listing, chunk, at, executedAtNanos, nowNanos, Wording.REALTIME);
        out.end(FrameBuffer.BINARY);
        return TRADE;
    }

    private void trade(
            FrameBuffer out, int listing, Chunk chunk, int at, long executedAtNanos, long nowNanos, byte[] kind) {
        Listing of = frames.catalogue.listing(listing);
        Instant executed = Nanos.instant(executedAtNanos);
        out.put(wording.begin).put(utf8(of.symbol())).put(wording.said).number(nowNanos / Nanos.PER_MILLI);
        out.put(wording.date)
                .put(utf8(LocalDate.ofInstant(executed, ZoneOffset.UTC).toString()));
        LocalTime time = LocalTime.ofInstant(executed.truncatedTo(ChronoUnit.SECONDS), ZoneOffset.UTC);
        out.put(wording.time).put(utf8(time.format(DateTimeFormatter.ISO_LOCAL_TIME)));
        out.put(wording.executed).number(executedAtNanos / Nanos.PER_MILLI);
        out.put(wording.price).put(utf8(Upbit.number(of.prices().decimal(chunk.price(at)))));
        out.put(wording.volume).put(utf8(Upbit.number(of.sizes().decimal(chunk.size(at)))));
        out.put(wording.side).put(chunk.isSell(at) ? Wording.ASK : Wording.BID);
        out.put(wording.id).number(Upbit.number(of, chunk.first + at));
        out.put(wording.book).put(kind).put(wording.end);
    }

    @Override
    public @Nullable String shutdownNotice(long nowNanos) {
        return null;
    }

    @Override
    public String otherFrame(long nowNanos) {
        return "{\"status\":\"UP\"}";
    }

    /// What all clients share.
    record Frames(Catalogue catalogue) {}

    /// What never changes of a trade's text in one format, as bytes.
    private static final class Wording {
        private static final Wording DEFAULT = new Wording(false, false);
        private static final Map<String, Wording> FORMATS = Map.of(
                "DEFAULT", DEFAULT,
                "SIMPLE", new Wording(true, false),
                "JSON_LIST", new Wording(false, true),
                "SIMPLE_LIST", new Wording(true, true));

        static Wording of(UpbitRequest request) {
            return Objects.requireNonNull(FORMATS.get(request.format()));
        }

        private static final byte[] SNAPSHOT = utf8("\"SNAPSHOT\"");
        private static final byte[] REALTIME = utf8("\"REALTIME\"");
        private static final byte[] ASK = utf8("\"ASK\"");
        private static final byte[] BID = utf8("\"BID\"");

        private final boolean isSimple;
        private final byte[] begin;
        private final byte[] said;
        private final byte[] date;
        private final byte[] time;
        private final byte[] executed;
        private final byte[] price;
        private final byte[] volume;
        private final byte[] side;
        private final byte[] id;
        private final byte[] book;
        private final byte[] end;

        private Wording(boolean isSimple, boolean isList) {
            this.isSimple = isSimple;
            begin = utf8((isList ? "[{" : "{") + key("type", "ty") + "\"trade\"," + key("code", "cd") + "\"");
            said = utf8("\"," + key("timestamp", "tms"));
            date = utf8("," + key("trade_date", "td") + "\"");
            time = utf8("\"," + key("trade_time", "ttm") + "\"");
            executed = utf8("\"," + key("trade_timestamp", "ttms"));
            price = utf8("," + key("trade_price", "tp"));
            volume = utf8("," + key("trade_volume", "tv"));
            side = utf8("," + key("ask_bid", "ab"));
            id = utf8("," + key("prev_closing_price", "pcp") + "1.0," + key("change", "c") + "\"EVEN\","
                    + key("change_price", "cp") + "0.0," + key("sequential_id", "sid"));
            book = utf8("," + key("best_ask_price", "bap") + "1.0," + key("best_ask_size", "bas") + "1.0,"
                    + key("best_bid_price", "bbp") + "1.0," + key("best_bid_size", "bbs") + "1.0,"
                    + key("stream_type", "st"));
            end = utf8(isList ? "}]" : "}");
        }

        private String key(String whole, String simple) {
            return "\"" + (isSimple ? simple : whole) + "\":";
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

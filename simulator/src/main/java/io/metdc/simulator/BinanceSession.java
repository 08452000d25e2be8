package io.metdc.simulator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One client of Binance's streams.
///
/// Any name is acknowledged. Names in the wrong letter case, of unknown symbols, or on the wrong route deliver
/// nothing.
///
/// ```
/// spot     {"e":"trade","E":1791578295735,"s":"BTCUSDT","t":7,"p":"82411.88000000","q":"0.00010000",
///           "T":1791578295734,"m":false,"M":true}
/// futures  {"e":"trade","E":1790370834849,"T":1790370834848,"s":"BTCUSDT","t":8,"p":"83680.00","q":"0.001",
///           "X":"MARKET","m":true,"st":1}
/// ```
final class BinanceSession implements Session {
    private static final int MAX_STREAMS = 1024;
    private static final int MAX_TEXT_ID = 36;
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private static final int TRADE_STREAM = 1;
    private static final int AGGREGATE_STREAM = 2;

    /// Which streams deliver.
    enum Route {
        /// Spot has no routes.
        ALL(TRADE_STREAM | AGGREGATE_STREAM),
        PUBLIC(TRADE_STREAM),
        MARKET(AGGREGATE_STREAM),
        PRIVATE(0);

        private final int delivered;

        Route(int delivered) {
            this.delivered = delivered;
        }
    }

    private final Frames frames;
    private final Route route;
    private final boolean micros;
    private boolean combined;
    private final Set<String> names = new LinkedHashSet<>();
    private final List<String> atFirst;
    private volatile boolean subscribed;
    private boolean singleTradesMuted; // the writer's
    /// By listing: which of its streams are delivered.
    private byte[] streams = {};

    BinanceSession(Frames frames, Route route, boolean combined, boolean micros, Collection<String> names)
            throws Refusal {
        this.frames = frames;
        this.route = route;
        this.combined = combined;
        this.micros = micros;
        if (names.size() > MAX_STREAMS) {
            throw new Refusal(400, "Bad Request");
        }
        this.names.addAll(names);
        atFirst = symbols(names);
        deliver(names, true);
    }

    private void deliver(Collection<String> asked, boolean more) {
        for (String name : asked) {
            int at = name.indexOf('@');
            Integer listing = at < 0 ? null : frames.place(name.substring(0, at), more);
            int stream = switch (at < 0 ? "" : name.substring(at + 1)) {
                case "trade" -> TRADE_STREAM;
                case "aggTrade" -> AGGREGATE_STREAM;
                default -> 0;
            };
            if (listing != null) {
                streams = frames.catalogue.room(streams);
                int delivered = stream & route.delivered;
                streams[listing] = (byte) (more ? streams[listing] | delivered : streams[listing] & ~stream);
            }
        }
        boolean any = false;
        for (byte wanted : streams) {
            any |= wanted != 0;
        }
        subscribed = any;
    }

    /// The symbols of streams, whatever there is of them.
    private static List<String> symbols(Collection<String> names) {
        return names.stream()
                .map(name -> name.substring(0, Math.max(0, name.indexOf('@'))).toUpperCase(Locale.ROOT))
                .filter(symbol -> !symbol.isEmpty())
                .distinct()
                .toList();
    }

    @Override
    public List<String> askedByAddress() {
        return atFirst;
    }

    @Override
    public boolean isSubscribed() {
        return subscribed;
    }

    // ---- requests

    @Override
    public List<Reply> answer(String text) {
        JsonNode request;
        try {
            request = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            int column = e.getLocation() == null ? 1 : e.getLocation().getColumnNr();
            return Reply.text(error(3, "Invalid JSON: expected value at line 1 column " + column, null));
        }
        JsonNode id = request.get("id");
        if (!isAllowed(id)) {
            return Reply.text(error(2, "Invalid request: request ID must be an unsigned integer", null));
        }
        JsonNode method = request.get("method");
        if (method == null) {
            return Reply.text(
                    error(2, "Invalid request: missing field `method` at line 1 column " + text.length(), id));
        }
        return switch (method.asText()) {
            case "SUBSCRIBE", "UNSUBSCRIBE" ->
                subscribe(method.asText().equals("SUBSCRIBE"), request.path("params"), id);
            default -> Reply.text(answer(method.asText(), request.path("params"), id));
        };
    }

    /// Spot takes 64-bit integers, short texts and null; futures nothing but unsigned integers.
    private boolean isAllowed(@Nullable JsonNode id) {
        if (id != null && id.isIntegralNumber() && id.canConvertToLong()) {
            return frames.spot || id.longValue() >= 0;
        }
        return frames.spot
                && (id == null
                        || id.isNull()
                        || (id.isTextual() && id.textValue().length() <= MAX_TEXT_ID));
    }

    private String answer(String method, JsonNode params, @Nullable JsonNode id) {
        return switch (method) {
            case "LIST_SUBSCRIPTIONS" -> result(JSON.valueToTree(names), id);
            case "SET_PROPERTY", "GET_PROPERTY" -> property(method.equals("SET_PROPERTY"), params, id);
            default -> error(2, "Invalid request: unknown variant `" + method + "`", id);
        };
    }

    private List<Reply> subscribe(boolean more, JsonNode params, @Nullable JsonNode id) {
        if (!params.isArray()) {
            return Reply.text(error(2, "Invalid request: missing field `params`", id));
        }
        Set<String> asked = new LinkedHashSet<>();
        for (JsonNode name : params) {
            if (!name.isTextual()) {
                return Reply.text(error(2, "Invalid request: invalid type: expected a string", id));
            }
            asked.add(name.textValue());
        }
        if (!more) {
            names.removeAll(asked);
        } else {
            Set<String> all = new LinkedHashSet<>(names);
            all.addAll(asked);
            if (all.size() > MAX_STREAMS) {
                return List.of(
                        new Reply.Asked(Sent.Verb.SUBSCRIBE, symbols(asked), symbols(asked)),
                        new Reply.Breached(Limit.SUBSCRIPTIONS, all.size(), MAX_STREAMS, "error 4"),
                        new Reply.Text(error(4, "Too many subscriptions", id)));
            }
            names.addAll(asked);
        }
        deliver(asked, more);
        Sent.Verb verb = more ? Sent.Verb.SUBSCRIBE : Sent.Verb.UNSUBSCRIBE;
        return List.of(new Reply.Asked(verb, symbols(asked), List.of()), new Reply.Text(result(JSON.nullNode(), id)));
    }

    private String property(boolean set, JsonNode params, @Nullable JsonNode id) {
        if (!params.path(0).isTextual()) {
            return error(2, "Invalid request: property name must be a string", id);
        }
        if (!params.path(0).textValue().equals("combined")) {
            return error(0, "Unknown property", id);
        }
        if (!set) {
            return result(JSON.getNodeFactory().booleanNode(combined), id);
        }
        if (!params.path(1).isBoolean()) {
            return error(1, "Invalid value type: expected Boolean", id);
        }
        combined = params.path(1).booleanValue();
        return result(JSON.nullNode(), id);
    }

    private static String result(JsonNode result, @Nullable JsonNode id) {
        ObjectNode answer = JSON.createObjectNode();
        answer.set("result", result);
        answer.set("id", id == null ? JSON.nullNode() : id);
        return answer.toString();
    }

    private static String error(int code, String message, @Nullable JsonNode id) {
        ObjectNode answer = JSON.createObjectNode();
        answer.putObject("error").put("code", code).put("msg", message);
        if (id != null) {
            answer.set("id", id);
        }
        return answer.toString();
    }

    // ---- trades

    @Override
    public int append(
            FrameBuffer out, int listing, Chunk chunk, int at, long executedAtNanos, long nowNanos, boolean more) {
        int wanted = listing < streams.length ? streams[listing] : 0;
        wanted &= singleTradesMuted ? ~TRADE_STREAM : ~0;
        if (wanted == 0) {
            return NOTHING;
        }
        long unit = micros ? 1_000 : 1_000_000;
        int written = NOTHING;
        PrintKind kind = chunk.kind(at);
        if ((wanted & TRADE_STREAM) != 0) {
            trade(out, frames.of.of(listing), kind, chunk, at, executedAtNanos / unit, nowNanos / unit);
            written |= kind.isPublic() ? TRADE : CONSUMED;
        }
        if ((wanted & AGGREGATE_STREAM) != 0 && kind.isPublic()) {
            aggregate(out, frames.of.of(listing), kind, chunk, at, executedAtNanos / unit, nowNanos / unit);
            written |= AGGREGATE;
        }
        return written;
    }

    @Override
    public void muteSingleTrades(boolean muted) {
        singleTradesMuted = muted;
    }

    private void trade(FrameBuffer out, Frame frame, PrintKind kind, Chunk chunk, int at, long executed, long now) {
        Listing listing = frame.listing;
        out.begin();
        out.put(combined ? frame.tradeStream : Frame.NONE).put(Frame.TRADE).number(now);
        if (!frames.spot) {
            out.put(Frame.EXECUTED).number(executed);
        }
        out.put(frame.symbol).put(Frame.ID).number(listing.firstId() + chunk.first + at);
        if (kind == PrintKind.NA) {
            out.put(Frame.NOT_APPLICABLE);
        } else {
            out.put(Frame.PRICE).decimal(listing.prices(), chunk.price(at));
            out.put(Frame.QUANTITY).decimal(listing.sizes(), chunk.size(at)).put(Frame.QUOTE);
        }
        if (frames.spot) {
            out.put(Frame.EXECUTED)
                    .number(executed)
                    .put(chunk.isSell(at) ? Frame.SELL : Frame.BUY)
                    .put(Frame.SPOT_END);
        } else {
            out.put(frames.kinds.getOrDefault(kind, Frame.NONE))
                    .put(chunk.isSell(at) ? Frame.SELL : Frame.BUY)
                    .put(Frame.FUTURES_END);
        }
        out.put(combined ? Frame.CLOSE : Frame.NONE).end();
    }

    /// Each fill is an aggregate of its own: the live service merges those of one order at one price.
    private void aggregate(FrameBuffer out, Frame frame, PrintKind kind, Chunk chunk, int at, long executed, long now) {
        Listing listing = frame.listing;
        long id = listing.firstId() + chunk.first + at;
        out.begin();
        out.put(combined ? frame.aggregateStream : Frame.NONE)
                .put(Frame.AGGREGATE)
                .number(now);
        if (frames.spot) {
            out.put(frame.symbol).put(Frame.AGGREGATE_ID).number(aggregateId(chunk, at));
        } else {
            out.put(Frame.AGGREGATE_ID).number(aggregateId(chunk, at)).put(frame.symbol);
        }
        out.put(Frame.PRICE).decimal(listing.prices(), chunk.price(at));
        out.put(Frame.QUANTITY).decimal(listing.sizes(), chunk.size(at)).put(Frame.QUOTE);
        if (!frames.spot) {
            out.put(Frame.NORMAL_QUANTITY).decimal(listing.sizes(), kind == PrintKind.RPI ? 0 : chunk.size(at));
            out.put(Frame.QUOTE);
        }
        out.put(Frame.FIRST)
                .number(id)
                .put(Frame.LAST)
                .number(id)
                .put(Frame.EXECUTED)
                .number(executed);
        out.put(chunk.isSell(at) ? Frame.SELL : Frame.BUY).put(frames.spot ? Frame.SPOT_END : Frame.FUTURES_END);
        out.put(combined ? Frame.CLOSE : Frame.NONE).end();
    }

    private static long aggregateId(Chunk chunk, int at) {
        return chunk.publicUpTo(at);
    }

    /// The early notice exists on spot alone.
    @Override
    public @Nullable String shutdownNotice(long nowNanos) {
        if (!frames.spot) {
            return null;
        }
        String notice = "{\"e\":\"serverShutdown\",\"E\":" + nowNanos / (micros ? 1_000 : 1_000_000) + "}";
        return combined ? "{\"stream\":\"!serverShutdown\",\"data\":" + notice + "}" : notice;
    }

    @Override
    public String otherFrame(long nowNanos) {
        return "{\"e\":\"24hrMiniTicker\",\"E\":" + nowNanos / (micros ? 1_000 : 1_000_000)
                + ",\"s\":\"BTCUSDT\",\"c\":\"84028.01000000\",\"o\":\"84004.82000000\",\"h\":\"84336.96000000\","
                + "\"l\":\"83363.63000000\",\"v\":\"8974.97894000\",\"q\":\"753516400.00\"}";
    }

    /// What all clients of a market share: the parts of frames that never change, as bytes.
    static final class Frames {
        private final Catalogue catalogue;
        private final boolean spot;
        private final ByPlace<Frame> of;
        private final Map<PrintKind, byte[]> kinds = new EnumMap<>(PrintKind.class);

        Frames(Catalogue catalogue, boolean spot) {
            this.catalogue = catalogue;
            this.spot = spot;
            of = new ByPlace<>(catalogue, Frame::new);
            Binance.PRINT_NAMES.forEach((kind, name) -> kinds.put(kind, utf8(",\"X\":\"" + name + "\"")));
        }

        /// The place of what a stream calls so, or null: its name is in lower case, the symbol in upper
        /// case.
        ///
        /// @param isAsked whether it is asked for; whoever had a stream may end it whatever became of the
        ///                instrument
        private @Nullable Integer place(String name, boolean isAsked) {
            String symbol = name.toUpperCase(Locale.ROOT);
            if (!name.equals(name.toLowerCase(Locale.ROOT))) {
                return null;
            }
            return isAsked ? catalogue.known(symbol) : catalogue.place(symbol);
        }
    }

    private static final class Frame {
        private static final byte[] NONE = {};
        private static final byte[] TRADE = utf8("{\"e\":\"trade\",\"E\":");
        private static final byte[] AGGREGATE = utf8("{\"e\":\"aggTrade\",\"E\":");
        private static final byte[] EXECUTED = utf8(",\"T\":");
        private static final byte[] ID = utf8(",\"t\":");
        private static final byte[] AGGREGATE_ID = utf8(",\"a\":");
        private static final byte[] PRICE = utf8(",\"p\":\"");
        private static final byte[] QUANTITY = utf8("\",\"q\":\"");
        private static final byte[] QUOTE = utf8("\"");
        private static final byte[] NORMAL_QUANTITY = utf8(",\"nq\":\"");
        private static final byte[] NOT_APPLICABLE = utf8(",\"p\":\"0\",\"q\":\"0\"");
        private static final byte[] FIRST = utf8(",\"f\":");
        private static final byte[] LAST = utf8(",\"l\":");
        private static final byte[] SELL = utf8(",\"m\":true");
        private static final byte[] BUY = utf8(",\"m\":false");
        private static final byte[] SPOT_END = utf8(",\"M\":true}");
        private static final byte[] FUTURES_END = utf8(",\"st\":1}");
        private static final byte[] CLOSE = utf8("}");

        private final Listing listing;
        private final byte[] tradeStream;
        private final byte[] aggregateStream;
        private final byte[] symbol;

        private Frame(Listing listing) {
            this.listing = listing;
            String lower = listing.symbol().toLowerCase(Locale.ROOT);
            tradeStream = utf8("{\"stream\":\"" + lower + "@trade\",\"data\":");
            aggregateStream = utf8("{\"stream\":\"" + lower + "@aggTrade\",\"data\":");
            symbol = utf8(",\"s\":\"" + listing.symbol() + "\"");
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

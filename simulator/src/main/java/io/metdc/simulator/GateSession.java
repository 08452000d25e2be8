package io.metdc.simulator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.metdc.market.Nanos;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// One client of Gate's trades. One unknown name refuses a whole request. Spot trades are an object each, futures
/// an array with all fills of one order, their sizes texts where the handshake asked for decimals, else cut.
final class GateSession implements Session {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long CLOCK_DIFFERENCE_SECONDS = 60;
    private static final String CONNECTION = "5e74253e9c793974";
    private static final String TRACE = "1bde5aaa0acf2f48edfd4392e1fa0e36";

    private final Frames frames;
    private final boolean decimals;
    /// By place: not 0 while it is delivered.
    private byte[] wanted = {};
    private volatile boolean subscribed;
    private boolean inFrame;
    private boolean swapped;

    GateSession(Frames frames, boolean decimals) {
        this.frames = frames;
        this.decimals = decimals;
    }

    @Override
    public boolean isSubscribed() {
        return subscribed;
    }

    @Override
    public List<Reply> answer(String text) {
        JsonNode request;
        try {
            request = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            return malformed();
        }
        String channel = request.path("channel").asText();
        String kind = frames.isSpot ? "spot" : "futures";
        long now = frames.market.nowNanos();
        if (!request.path("time").isIntegralNumber()
                || Math.abs(request.path("time").asLong() - now / Nanos.PER_SECOND) > CLOCK_DIFFERENCE_SECONDS) {
            return malformed();
        }
        if (channel.equals(kind + ".ping")) {
            ObjectNode answer = frames.answer();
            answer.put("conn_id", CONNECTION).put("channel", kind + ".pong").put("event", "");
            answer.putNull("result");
            return Reply.text((frames.isSpot ? answer.put("requestId", TRACE) : answer).toString());
        }
        String event = request.path("event").asText();
        boolean known = event.equals("subscribe") || event.equals("unsubscribe");
        if (!channel.equals(kind + ".trades")
                || !known
                || !request.path("payload").isArray()) {
            return malformed();
        }
        boolean more = event.equals("subscribe");
        List<String> symbols =
                request.path("payload").valueStream().map(JsonNode::asText).toList();
        boolean isTaken =
                symbols.stream().allMatch(symbol -> frames.market.catalogue().known(symbol) != null);
        return List.of(
                new Reply.Asked(
                        more ? Sent.Verb.SUBSCRIBE : Sent.Verb.UNSUBSCRIBE, symbols, isTaken ? List.of() : symbols),
                new Reply.Text(subscribe(request, more)));
    }

    private List<Reply> malformed() {
        ObjectNode answer = frames.answer().put("channel", "").put("event", "");
        answer.remove("time_ms");
        answer.putObject("error").put("code", 1).put("message", "request payload does not follow json schema");
        return Reply.text(answer.putNull("result").toString());
    }

    private String subscribe(JsonNode request, boolean more) {
        ObjectNode answer = frames.answer();
        if (request.has("id")) {
            answer.set("id", request.get("id"));
        }
        answer.put("conn_id", CONNECTION).put("trace_id", TRACE);
        answer.set("channel", request.get("channel"));
        answer.set("event", request.get("event"));
        answer.set("payload", request.get("payload"));
        List<Integer> asked = new ArrayList<>();
        for (JsonNode symbol : request.path("payload")) {
            Integer listing = frames.market.catalogue().known(symbol.asText());
            if (listing == null) {
                String colon = frames.isSpot ? ": " : " ";
                answer.putObject("error")
                        .put("code", 2)
                        .put("message", "unknown currency pair" + colon + symbol.asText());
                answer.putObject("result").put("status", "fail");
                return answer.put("requestId", TRACE).toString();
            }
            asked.add(listing);
        }
        wanted = frames.market.catalogue().room(wanted);
        asked.forEach(listing -> wanted[listing] = (byte) (more ? 1 : 0));
        boolean any = false;
        for (byte one : wanted) {
            any |= one != 0;
        }
        subscribed = any;
        answer.putObject("result").put("status", "success");
        return answer.toString();
    }

    @Override
    public int append(
            FrameBuffer out, int listing, Chunk chunk, int at, long executedAtNanos, long nowNanos, boolean more) {
        if (listing >= wanted.length || wanted[listing] == 0) {
            return NOTHING;
        }
        Frame frame = frames.of.of(listing);
        if (frames.isSpot) {
            spot(out, frame, chunk, at, executedAtNanos, nowNanos);
            return TRADE;
        }
        row(out, frame, chunk, at, executedAtNanos, nowNanos);
        inFrame = more && !swapped;
        if (swapped) {
            out.put(Frame.CLOSE).end();
        } else if (!more) {
            out.put(Frame.END).end();
        }
        return chunk.kind(at).isPublic() ? TRADE : CONSUMED;
    }

    /// Insurance fund and deleveraging are rows that say so.
    private void row(FrameBuffer out, Frame frame, Chunk chunk, int at, long executedAtNanos, long nowNanos) {
        if (inFrame) {
            out.put(Frame.NEXT);
        } else {
            begin(out, nowNanos);
            out.put(swapped ? Frame.NONE : Frame.ROWS);
        }
        out.put(Frame.ID).number(frame.listing.firstId() + chunk.first + at).put(Frame.SIZE);
        long size = Math.max(1, chunk.size(at));
        if (decimals) { // as most clients ask for it, without objects
            out.put(chunk.isSell(at) ? Frame.QUOTED_MINUS : Frame.QUOTE)
                    .plain(frame.listing.sizes(), size)
                    .put(Frame.QUOTE);
        } else {
            out.put(utf8(Gate.size(frame.listing, chunk.isSell(at), size, false)));
        }
        out.put(Frame.SECONDS).number(executedAtNanos / Nanos.PER_SECOND);
        out.put(Frame.MILLIS).number(executedAtNanos / Nanos.PER_MILLI).put(Frame.PRICE);
        out.plain(frame.listing.prices(), Math.max(1, chunk.price(at))).put(frame.contract);
        out.put(chunk.kind(at).isPublic() ? Frame.CLOSE : Frame.INTERNAL);
    }

    private void begin(FrameBuffer out, long nowNanos) {
        out.begin();
        out.put(Frame.TIME).number(nowNanos / Nanos.PER_SECOND).put(Frame.TIME_MILLIS);
        out.number(nowNanos / Nanos.PER_MILLI).put(frames.channel);
    }

    private void spot(FrameBuffer out, Frame frame, Chunk chunk, int at, long executedAtNanos, long nowNanos) {
        begin(out, nowNanos);
        out.put(swapped ? Frame.ROWS : Frame.NONE);
        long number = Gate.marketNumber(frame.listing, chunk.first + at);
        out.put(Frame.ID)
                .number(frame.listing.firstId() + chunk.first + at)
                .put(Frame.MARKET_NUMBER)
                .number(number);
        out.put(Frame.SECONDS_SPOT).number(executedAtNanos / Nanos.PER_SECOND).put(Frame.MILLIS_SPOT);
        out.put(utf8(Gate.micros(executedAtNanos))).put(chunk.isSell(at) ? Frame.SELL : Frame.BUY);
        out.put(frame.pair)
                .put(Frame.AMOUNT)
                .plain(frame.listing.sizes(), chunk.size(at))
                .put(Frame.PRICE_SPOT);
        out.plain(frame.listing.prices(), chunk.price(at))
                .put(Frame.RANGE)
                .number(number)
                .put(Frame.TO)
                .number(number);
        out.put(frame.coins).put(swapped ? Frame.END : Frame.CLOSE).end();
    }

    @Override
    public void swap(boolean otherShape) {
        swapped = otherShape;
    }

    @Override
    public String shutdownNotice(long nowNanos) {
        ObjectNode notice = frames.answer()
                .put("channel", frames.isSpot ? "spot.system" : "futures.system")
                .put("event", "update");
        notice.putObject("result")
                .put("type", "upgrade")
                .put("msg", "The connection will soon be closed for a service upgrade. Please reconnect.");
        return notice.toString();
    }

    @Override
    public String otherFrame(long nowNanos) {
        ObjectNode frame = frames.answer()
                .put("channel", frames.isSpot ? "spot.book_ticker" : "futures.book_ticker")
                .put("event", "update");
        frame.putObject("result")
                .put("t", nowNanos / Nanos.PER_MILLI)
                .put("u", 1)
                .put("s", "BTC_USDT")
                .put("b", "83990.1")
                .put("B", "17")
                .put("a", "83990.2")
                .put("A", "3");
        return frame.toString();
    }

    /// What all clients of a market share: the parts of frames that never change, as bytes.
    static final class Frames {
        private final Gate market;
        private final boolean isSpot;
        private final ByPlace<Frame> of;
        private final byte[] channel;

        Frames(Gate market) {
            this.market = market;
            isSpot = market.isSpot();
            of = new ByPlace<>(market.catalogue(), Frame::new);
            channel = utf8(
                    ",\"channel\":\"" + (isSpot ? "spot" : "futures") + ".trades\",\"event\":\"update\",\"result\":");
        }

        /// The beginning of what is said now.
        private ObjectNode answer() {
            long now = market.nowNanos();
            return JSON.createObjectNode().put("time", now / Nanos.PER_SECOND).put("time_ms", now / Nanos.PER_MILLI);
        }
    }

    private static final class Frame {
        private static final byte[] TIME = utf8("{\"time\":");
        private static final byte[] TIME_MILLIS = utf8(",\"time_ms\":");
        private static final byte[] ROWS = utf8("[");
        private static final byte[] NEXT = utf8(",");
        private static final byte[] END = utf8("]}");
        private static final byte[] ID = utf8("{\"id\":");
        private static final byte[] SIZE = utf8(",\"size\":");
        private static final byte[] QUOTE = utf8("\"");
        private static final byte[] QUOTED_MINUS = utf8("\"-");
        private static final byte[] NONE = {};
        private static final byte[] SECONDS = utf8(",\"create_time\":");
        private static final byte[] MILLIS = utf8(",\"create_time_ms\":");
        private static final byte[] PRICE = utf8(",\"price\":\"");
        private static final byte[] CLOSE = utf8("}");
        private static final byte[] INTERNAL = utf8(",\"is_internal\":true}");
        private static final byte[] MARKET_NUMBER = utf8(",\"id_market\":");
        private static final byte[] SECONDS_SPOT = utf8(",\"create_time\":");
        private static final byte[] MILLIS_SPOT = utf8(",\"create_time_ms\":\"");
        private static final byte[] SELL = utf8("\",\"side\":\"sell\"");
        private static final byte[] BUY = utf8("\",\"side\":\"buy\"");
        private static final byte[] AMOUNT = utf8(",\"amount\":\"");
        private static final byte[] PRICE_SPOT = utf8("\",\"price\":\"");
        private static final byte[] RANGE = utf8("\",\"range\":\"");
        private static final byte[] TO = utf8("-");

        private final Listing listing;
        private final byte[] contract;
        private final byte[] pair;
        private final byte[] coins;

        private Frame(Listing listing) {
            this.listing = listing;
            contract = utf8("\",\"contract\":\"" + listing.symbol() + "\"");
            pair = utf8(",\"currency_pair\":\"" + listing.symbol() + "\"");
            coins = utf8("\",\"stock\":\"" + listing.base() + "\",\"money\":\"USDT\",\"trade_mode\":0}");
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

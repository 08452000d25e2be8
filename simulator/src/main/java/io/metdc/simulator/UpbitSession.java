package io.metdc.simulator;

import com.fasterxml.jackson.core.JsonProcessingException;
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
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One client of Upbit's trades, in the format DEFAULT.
///
/// A request is an array: ticket, types, format. It replaces what was subscribed; nothing acknowledges it but the
/// newest past trade of every code. Unknown codes stay silent.
final class UpbitSession implements Session {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Frames frames;
    private final Map<String, Integer> bySymbol;
    private final Tape tape;
    private final Set<String> codes = new LinkedHashSet<>();
    private volatile boolean subscribed;
    /// By listing: the first print that is delivered; none while it is not subscribed.
    private final long[] from;

    UpbitSession(Frames frames, Map<String, Integer> bySymbol, Tape tape) {
        this.frames = frames;
        this.bySymbol = bySymbol;
        this.tape = tape;
        from = new long[frames.of.length];
        Arrays.fill(from, Long.MAX_VALUE);
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
        JsonNode request;
        try {
            request = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            return error("WRONG_FORMAT", "Format이 맞지 않습니다.");
        }
        if (!request.isArray()) {
            return error("WRONG_FORMAT", "Format이 맞지 않습니다.");
        }
        String ticket = "";
        JsonNode type = null;
        boolean list = false;
        for (JsonNode part : request) {
            ticket = part.path("ticket").asText(ticket);
            type = part.has("type") ? part : type;
            list |= part.path("method").asText().equals("LIST_SUBSCRIPTIONS");
        }
        if (ticket.isEmpty()) {
            return error("NO_TICKET", "티켓이 존재하지 않습니다.");
        }
        if (list) {
            return Reply.text(subscriptions(ticket));
        }
        if (type == null) {
            return error("NO_TYPE", "타입이 존재하지 않습니다.");
        }
        if (type.path("codes").isEmpty()) {
            return error("NO_CODES", "코드가 존재하지 않습니다.");
        }
        return subscribe(type);
    }

    private List<Reply> subscribe(JsonNode type) {
        Set<String> asked = new LinkedHashSet<>();
        type.path("codes").forEach(code -> asked.add(code.asText()));
        codes.clear();
        codes.addAll(asked);
        subscribed = true; // before the prints are counted: what comes later is offered
        List<Reply> snapshots = new ArrayList<>();
        for (int listing = 0; listing < from.length; listing++) {
            String code = frames.of[listing].listing.symbol();
            if (!asked.contains(code) || !bySymbol.containsKey(code)) {
                from[listing] = Long.MAX_VALUE;
                continue;
            }
            Feed feed = tape.feeds().get(listing);
            from[listing] = Math.min(from[listing], feed.count());
            long last = from[listing] - 1;
            Chunk chunk = last < 0 ? null : feed.chunk(last);
            if (chunk != null && !type.path("is_only_realtime").asBoolean()) {
                FrameBuffer out = new FrameBuffer();
                int at = Feed.at(last);
                trade(out, listing, chunk, at, chunk.timeNanos(at), chunk.timeNanos(at), Frame.SNAPSHOT);
                String text = new String(out.bytes(), 0, out.length(), StandardCharsets.UTF_8);
                snapshots.add(new Reply.Past(text, listing, List.of(last)));
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

    private static List<Reply> error(String name, String message) {
        return Reply.text("{\"error\":{\"name\":\"" + name + "\",\"message\":\"" + message + "\"}}");
    }

    @Override
    public int append(
            FrameBuffer out, int listing, Chunk chunk, int at, long executedAtNanos, long nowNanos, boolean more) {
        if (chunk.first + at < from[listing]) {
            return NOTHING;
        }
        out.begin();
        trade(out, listing, chunk, at, executedAtNanos, nowNanos, Frame.REALTIME);
        out.end(FrameBuffer.BINARY);
        return TRADE;
    }

    private void trade(
            FrameBuffer out, int listing, Chunk chunk, int at, long executedAtNanos, long nowNanos, byte[] end) {
        Frame frame = frames.of[listing];
        Instant executed = Nanos.instant(executedAtNanos);
        out.put(frame.begin).number(nowNanos / Nanos.PER_MILLI).put(Frame.DATE);
        out.put(utf8(LocalDate.ofInstant(executed, ZoneOffset.UTC).toString())).put(Frame.TIME);
        LocalTime time = LocalTime.ofInstant(executed.truncatedTo(ChronoUnit.SECONDS), ZoneOffset.UTC);
        out.put(utf8(time.toString())).put(Frame.EXECUTED).number(executedAtNanos / Nanos.PER_MILLI);
        out.put(Frame.PRICE).decimal(frame.listing.prices(), chunk.price(at));
        out.put(Frame.VOLUME).decimal(frame.listing.sizes(), chunk.size(at));
        out.put(chunk.isSell(at) ? Frame.ASK : Frame.BID);
        out.put(Frame.ID).number(frame.listing.firstId() + chunk.first + at);
        out.put(Frame.BOOK).put(end);
    }

    @Override
    public @Nullable String shutdownNotice(long nowNanos) {
        return null;
    }

    @Override
    public String otherFrame(long nowNanos) {
        return "{\"status\":\"UP\"}";
    }

    /// What all clients share: the parts of frames that never change, as bytes.
    static final class Frames {
        private final Frame[] of;

        Frames(List<Listing> listings) {
            of = listings.stream().map(Frame::new).toArray(Frame[]::new);
        }
    }

    private static final class Frame {
        private static final byte[] DATE = utf8(",\"trade_date\":\"");
        private static final byte[] TIME = utf8("\",\"trade_time\":\"");
        private static final byte[] EXECUTED = utf8("\",\"trade_timestamp\":");
        private static final byte[] PRICE = utf8(",\"trade_price\":");
        private static final byte[] VOLUME = utf8(",\"trade_volume\":");
        private static final byte[] ASK = utf8(",\"ask_bid\":\"ASK\"");
        private static final byte[] BID = utf8(",\"ask_bid\":\"BID\"");
        private static final byte[] ID =
                utf8(",\"prev_closing_price\":1.0,\"change\":\"EVEN\",\"change_price\":0.0,\"sequential_id\":");
        private static final byte[] BOOK = utf8(",\"best_ask_price\":1.0,\"best_ask_size\":1.0,"
                + "\"best_bid_price\":1.0,\"best_bid_size\":1.0,\"stream_type\":");
        private static final byte[] SNAPSHOT = utf8("\"SNAPSHOT\"}");
        private static final byte[] REALTIME = utf8("\"REALTIME\"}");

        private final Listing listing;
        private final byte[] begin;

        private Frame(Listing listing) {
            this.listing = listing;
            begin = utf8("{\"type\":\"trade\",\"code\":\"" + listing.symbol() + "\",\"timestamp\":");
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

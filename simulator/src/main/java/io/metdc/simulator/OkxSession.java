package io.metdc.simulator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.metdc.market.Nanos;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One client of OKX's trades: `trades-all` on the business socket alone, one row a match, one acknowledgement an
/// argument, and the last trade there was behind each.
final class OkxSession implements Session {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CONNECTION = "a4d3ae55";
    private static final int REQUESTS_AN_HOUR = 480;
    /// No figure is published, only the code with which too many are closed; a careful client stays below
    /// this.
    private static final int MOST_CHANNELS = 500;

    private static final int TOO_MANY_CHANNELS = 4009;
    private static final long HOUR_NANOS = 3_600_000_000_000L;

    private final Frames frames;
    private final Tape tape;
    private final boolean isBusiness;
    private long hourNanoTime = System.nanoTime();
    private int requests;
    private volatile boolean subscribed;
    /// By listing: the first print that is delivered; none while it is not subscribed.
    private long[] from = {};

    OkxSession(Frames frames, Tape tape, boolean isBusiness) {
        this.frames = frames;
        this.tape = tape;
        this.isBusiness = isBusiness;
    }

    @Override
    public boolean isSubscribed() {
        return subscribed;
    }

    @Override
    public List<Reply> answer(String text) {
        if (text.equals("ping")) {
            return Reply.text("pong");
        }
        JsonNode request;
        try {
            request = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            return Reply.text(error("60012", "Invalid request: " + text, null));
        }
        String id = request.has("id") ? request.get("id").asText() : null;
        String operation = request.path("op").asText();
        if (!operation.equals("subscribe") && !operation.equals("unsubscribe")) {
            return Reply.text(error("60019", "Invalid op: " + operation, id));
        }
        if (!request.path("args").isArray() || request.path("args").isEmpty()) {
            return Reply.text(error("60012", "Invalid request: " + text, id));
        }
        if (System.nanoTime() - hourNanoTime >= HOUR_NANOS) {
            hourNanoTime = System.nanoTime();
            requests = 0;
        }
        if (++requests > REQUESTS_AN_HOUR) {
            return List.of(
                    new Reply.Breached(Limit.REQUESTS, requests, REQUESTS_AN_HOUR, "error 60014"),
                    new Reply.Text(error("60014", "Requests too frequent", id)));
        }
        List<String> symbols = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        List<Reply> replies = new ArrayList<>();
        for (JsonNode argument : request.path("args")) {
            String symbol = argument.path("instId").asText();
            symbols.add(symbol);
            if (!argument(operation, argument, id, replies)) {
                refused.add(symbol);
            }
        }
        Sent.Verb verb = operation.equals("subscribe") ? Sent.Verb.SUBSCRIBE : Sent.Verb.UNSUBSCRIBE;
        replies.addFirst(new Reply.Asked(verb, symbols, refused));
        long channels =
                Arrays.stream(from).filter(first -> first != Long.MAX_VALUE).count();
        if (channels > MOST_CHANNELS) {
            replies.add(new Reply.Breached(
                    Limit.SUBSCRIPTIONS, channels, MOST_CHANNELS, "closed with " + TOO_MANY_CHANNELS));
            replies.add(new Reply.Close(TOO_MANY_CHANNELS, "too many channels"));
        }
        return replies;
    }

    /// @return whether it is taken
    private boolean argument(String operation, JsonNode argument, @Nullable String id, List<Reply> replies) {
        String channel = argument.path("channel").asText();
        String symbol = argument.path("instId").asText();
        Integer listing = frames.catalogue.known(symbol);
        if (listing == null || !channel.equals("trades-all") || !isBusiness) {
            replies.add(new Reply.Text(error(
                    "60018",
                    "Subscribe failed, wrong URL or channel:" + channel + ",instId:" + symbol
                            + " doesn't exist. Please use the correct URL,"
                            + " channel and parameters referring to API document.",
                    id)));
            return false;
        }
        replies.add(new Reply.Text(acknowledged(operation, argument, id)));
        from = frames.catalogue.room(from, Long.MAX_VALUE);
        if (operation.equals("unsubscribe")) {
            from[listing] = Long.MAX_VALUE;
            subscribed = Arrays.stream(from).anyMatch(first -> first != Long.MAX_VALUE);
        } else if (from[listing] == Long.MAX_VALUE) {
            subscribed = true; // before the prints are counted: what comes later is offered
            Feed feed = tape.feeds().get(listing);
            from[listing] = feed.count();
            last(feed, listing, replies);
        }
        return true;
    }

    private void last(Feed feed, int listing, List<Reply> replies) {
        long index = from[listing] - 1;
        Chunk chunk = index < 0 ? null : feed.chunk(index);
        if (chunk != null && chunk.kind(Feed.at(index)).isPublic()) {
            FrameBuffer out = new FrameBuffer();
            trade(out, frames.of.of(listing), chunk, Feed.at(index), chunk.timeNanos(Feed.at(index)));
            String text = new String(out.bytes(), 0, out.length(), StandardCharsets.UTF_8);
            replies.add(new Reply.Past(text, listing, List.of(index)));
        }
    }

    private static String acknowledged(String operation, JsonNode argument, @Nullable String id) {
        ObjectNode answer = JSON.createObjectNode();
        if (id != null) {
            answer.put("id", id);
        }
        answer.put("event", operation);
        answer.putObject("arg")
                .put("channel", argument.path("channel").asText())
                .put("instId", argument.path("instId").asText());
        return answer.put("connId", CONNECTION).toString();
    }

    private static String error(String code, String message, @Nullable String id) {
        ObjectNode answer = JSON.createObjectNode()
                .put("event", "error")
                .put("msg", message)
                .put("code", code);
        answer.put("connId", CONNECTION);
        return (id == null ? answer : answer.put("id", id)).toString();
    }

    @Override
    public int append(
            FrameBuffer out, int listing, Chunk chunk, int at, long executedAtNanos, long nowNanos, boolean more) {
        if (listing >= from.length || chunk.first + at < from[listing]) {
            return NOTHING;
        }
        out.begin();
        trade(out, frames.of.of(listing), chunk, at, executedAtNanos);
        out.end();
        return TRADE;
    }

    private static void trade(FrameBuffer out, Frame frame, Chunk chunk, int at, long executedAtNanos) {
        out.put(frame.begin).number(frame.listing.firstId() + chunk.first + at).put(Frame.PRICE);
        out.plain(frame.listing.prices(), chunk.price(at)).put(Frame.SIZE);
        out.plain(frame.listing.sizes(), chunk.size(at));
        out.put(chunk.isSell(at) ? Frame.SELL : Frame.BUY)
                .number(executedAtNanos / Nanos.PER_MILLI)
                .put(Frame.END);
    }

    /// Who had the old name gets the new one without asking.
    @Override
    public void renamed(int old, int now) {
        if (old < from.length && from[old] != Long.MAX_VALUE) {
            from = frames.catalogue.room(from, Long.MAX_VALUE);
            from[now] = Math.min(from[now], 0);
        }
    }

    @Override
    public String shutdownNotice(long nowNanos) {
        return "{\"event\":\"notice\",\"code\":\"64008\",\"msg\":\"The connection will soon be closed for a service"
                + " upgrade. Please reconnect.\",\"connId\":\"" + CONNECTION + "\"}";
    }

    @Override
    public String otherFrame(long nowNanos) {
        return "{\"arg\":{\"channel\":\"mark-price\",\"instId\":\"BTC-USDT-SWAP\"},\"data\":[{\"instId\":"
                + "\"BTC-USDT-SWAP\",\"instType\":\"SWAP\",\"markPx\":\"83003.8\",\"ts\":\""
                + nowNanos / Nanos.PER_MILLI + "\"}]}";
    }

    /// What all clients of a market share: the parts of frames that never change, as bytes.
    static final class Frames {
        private final Catalogue catalogue;
        private final ByPlace<Frame> of;

        Frames(Catalogue catalogue) {
            this.catalogue = catalogue;
            of = new ByPlace<>(catalogue, Frame::new);
        }
    }

    private static final class Frame {
        private static final byte[] PRICE = utf8("\",\"px\":\"");
        private static final byte[] SIZE = utf8("\",\"sz\":\"");
        private static final byte[] SELL = utf8("\",\"side\":\"sell\",\"ts\":\"");
        private static final byte[] BUY = utf8("\",\"side\":\"buy\",\"ts\":\"");
        private static final byte[] END = utf8("\",\"source\":\"0\"}]}");

        private final Listing listing;
        private final byte[] begin;

        private Frame(Listing listing) {
            this.listing = listing;
            begin = utf8("{\"arg\":{\"channel\":\"trades-all\",\"instId\":\"" + listing.symbol()
                    + "\"},\"data\":[{\"instId\":\"" + listing.symbol() + "\",\"tradeId\":\"");
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

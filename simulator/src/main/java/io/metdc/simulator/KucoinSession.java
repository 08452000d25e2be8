package io.metdc.simulator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.metdc.market.Nanos;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One client of KuCoin's trades: one frame for each, in either of two orders of keys.
///
/// ```
/// {"topic":"/market/match:BTC-USDT","type":"message","subject":"trade.l3match","data":{…,"tradeId":"7","type":"match"}}
/// {"topic":"/contractMarket/execution:XBTUSDTM","type":"message","subject":"match","sn":7,"data":{…,"ts":179…}}
/// ```
///
/// A topic may name up to 100 symbols, known or not; its acknowledgement repeats the number of the request as text.
/// The newest matches of before a subscription come again behind it.
final class KucoinSession implements Session {
    private static final int SYMBOLS_AT_ONCE = 100;
    private static final int SPOT_TOPICS = 400;
    private static final int REPEATED = 2;
    private static final Pattern VALUE = Pattern.compile("\\$([A-Z]+)");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Frames frames;
    private final Tape tape;
    private final String connectId;
    private final @Nullable String wrong;
    private final Set<String> symbols = new HashSet<>();
    private volatile boolean subscribed;
    /// By listing: the first print that is delivered; none while it is not subscribed.
    private long[] from = {};

    /// @param wrong the error that is all this client will ever hear; null for none
    KucoinSession(Frames frames, Tape tape, String connectId, @Nullable String wrong) {
        this.frames = frames;
        this.tape = tape;
        this.connectId = connectId;
        this.wrong = wrong;
    }

    @Override
    public boolean isSubscribed() {
        return subscribed;
    }

    @Override
    public List<String> greeting() {
        return List.of(
                wrong != null
                        ? wrong
                        : JSON.createObjectNode()
                                .put("id", connectId)
                                .put("type", "welcome")
                                .toString());
    }

    // ---- requests

    @Override
    public List<Reply> answer(String text) {
        if (wrong != null) {
            return Reply.text(wrong);
        }
        JsonNode request;
        try {
            request = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            return Reply.text(error(null, 400, "the message is no JSON"));
        }
        String id = request.hasNonNull("id") ? request.get("id").asText() : null;
        return switch (request.path("type").asText()) {
            case "ping" ->
                Reply.text(answer(id, "pong")
                        .put("timestamp", frames.market.nowNanos() / Nanos.PER_MICRO)
                        .toString());
            case "subscribe" -> subscribe(request, id, true);
            case "unsubscribe" -> subscribe(request, id, false);
            default -> Reply.text(error(id, 415, "command type is invalid"));
        };
    }

    private List<Reply> subscribe(JsonNode request, @Nullable String id, boolean more) {
        String topic = request.path("topic").asText();
        if (topic.isEmpty()) {
            return Reply.text(error(id, 406, "topic is required"));
        }
        if (request.path("privateChannel").asBoolean()) {
            return Reply.text(error(id, 403, "login is required"));
        }
        if (!topic.startsWith(frames.topic) || topic.length() == frames.topic.length()) {
            return Reply.text(error(id, 404, "topic " + topic + " is not found"));
        }
        Set<String> asked = new LinkedHashSet<>(
                Arrays.asList(topic.substring(frames.topic.length()).split(",", -1)));
        if (asked.size() > SYMBOLS_AT_ONCE) {
            return List.of(
                    asked(more, asked, true),
                    new Reply.Breached(Limit.INSTRUMENTS_PER_FRAME, asked.size(), SYMBOLS_AT_ONCE, "error 509"),
                    new Reply.Text(error(id, 509, "exceed max subscription count limitation of 100 per time")));
        }
        Set<String> all = new HashSet<>(symbols);
        all.addAll(asked);
        if (more && frames.isSpot && all.size() > SPOT_TOPICS) {
            return List.of(
                    asked(true, asked, true),
                    new Reply.Breached(Limit.SUBSCRIPTIONS, all.size(), SPOT_TOPICS, "error 509"),
                    new Reply.Text(error(id, 509, "exceed max subscription count limitation of 400 per session")));
        }
        List<Reply> replies = new ArrayList<>();
        replies.add(asked(more, asked, false));
        if (request.path("response").asBoolean()) {
            replies.add(new Reply.Text(answer(id, "ack").toString()));
        }
        if (more) {
            symbols.addAll(asked);
            subscribed = true; // before the prints are counted: what comes later is offered
            asked.forEach(symbol -> begin(symbol, replies));
        } else {
            symbols.removeAll(asked);
            asked.forEach(this::end);
        }
        return replies;
    }

    private static Reply asked(boolean more, Set<String> asked, boolean isRefused) {
        List<String> symbols = List.copyOf(asked);
        return new Reply.Asked(
                more ? Sent.Verb.SUBSCRIBE : Sent.Verb.UNSUBSCRIBE, symbols, isRefused ? symbols : List.of());
    }

    private void end(String symbol) {
        Integer listing = frames.catalogue.place(symbol);
        if (listing != null && listing < from.length) {
            from[listing] = Long.MAX_VALUE;
        }
    }

    /// Begins to deliver an instrument, with the matches just before.
    private void begin(String symbol, List<Reply> replies) {
        Integer listing = frames.catalogue.known(symbol);
        from = frames.catalogue.room(from, Long.MAX_VALUE);
        if (listing == null || from[listing] != Long.MAX_VALUE) {
            return;
        }
        Feed feed = tape.feeds().get(listing);
        from[listing] = feed.count();
        for (long index = Math.max(feed.oldest(), from[listing] - REPEATED); index < from[listing]; index++) {
            Chunk chunk = feed.chunk(index);
            if (chunk != null) {
                FrameBuffer out = new FrameBuffer();
                int at = Feed.at(index);
                trade(out, frames.of.of(listing), chunk, at, chunk.timeNanos(at));
                String text = new String(out.bytes(), 0, out.length(), StandardCharsets.UTF_8);
                replies.add(new Reply.Past(text, listing, List.of(index)));
            }
        }
    }

    private static ObjectNode answer(@Nullable String id, String type) {
        ObjectNode answer = JSON.createObjectNode();
        if (id != null) {
            answer.put("id", id);
        }
        return answer.put("type", type);
    }

    static String error(@Nullable String id, int code, String data) {
        return answer(id, "error").put("code", code).put("data", data).toString();
    }

    // ---- trades

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

    private void trade(FrameBuffer out, Frame frame, Chunk chunk, int at, long executedAtNanos) {
        Listing listing = frame.listing;
        long index = chunk.first + at;
        Form form = frame.forms[(index & 3) == 3 ? 1 : 0];
        out.put(form.texts[0]);
        for (int i = 0; i < form.values.length; i++) {
            switch (form.values[i]) {
                case NUMBER -> out.number(Kucoin.number(listing, index));
                case ORDER -> out.number(listing.firstId() / 100 + index);
                case SIDE -> out.put(chunk.isSell(at) ? Frame.SELL : Frame.BUY);
                case PRICE -> out.decimal(listing.prices(), chunk.price(at));
                case SIZE -> out.decimal(listing.sizes(), chunk.size(at));
                case TIME -> out.number(Kucoin.millis(executedAtNanos));
            }
            out.put(form.texts[i + 1]);
        }
    }

    @Override
    public @Nullable String shutdownNotice(long nowNanos) {
        return null;
    }

    @Override
    public String otherFrame(long nowNanos) {
        return frames.isSpot
                ? "{\"data\":{\"sequence\":\"24700000000000001\",\"bestAsk\":\"83680.1\",\"size\":\"0.01\",\"bestBidSize\":"
                        + "\"3.7\",\"price\":\"83680\",\"time\":" + nowNanos / Nanos.PER_MILLI
                        + ",\"bestAskSize\":\"14.04\",\"bestBid\":\"83680\"},\"subject\":\"trade.ticker\",\"topic\":"
                        + "\"/market/ticker:BTC-USDT\",\"type\":\"message\"}"
                : "{\"topic\":\"/contract/instrument:XBTUSDTM\",\"type\":\"message\",\"subject\":\"mark.index.price\","
                        + "\"data\":{\"markPrice\":83680.79,\"indexPrice\":83680.81,\"granularity\":1000,\"timestamp\":"
                        + nowNanos / Nanos.PER_MILLI + "}}";
    }

    /// What stands between the fixed parts of a frame.
    private enum Value {
        NUMBER,
        ORDER,
        SIDE,
        PRICE,
        SIZE,
        TIME
    }

    /// A frame with `$NAME` in place of its values: what stands between them never changes.
    private static final class Form {
        private final byte[][] texts; // one more than values
        private final Value[] values;

        private Form(String text) {
            texts = VALUE.splitAsStream(text).map(KucoinSession::utf8).toArray(byte[][]::new);
            values = VALUE.matcher(text)
                    .results()
                    .map(found -> Value.valueOf(found.group(1)))
                    .toArray(Value[]::new);
        }
    }

    /// What all clients of a market share.
    static final class Frames {
        private final Kucoin market;
        private final boolean isSpot;
        private final String topic;
        private final Catalogue catalogue;
        private final ByPlace<Frame> of;

        Frames(Kucoin market) {
            this.market = market;
            isSpot = market.isSpot();
            topic = isSpot ? "/market/match:" : "/contractMarket/execution:";
            catalogue = market.catalogue();
            of = new ByPlace<>(catalogue, listing -> new Frame(listing, isSpot ? Frame.SPOT : Frame.FUTURES));
        }
    }

    private static final class Frame {
        private static final byte[] BUY = utf8("buy");
        private static final byte[] SELL = utf8("sell");

        private static final List<String> SPOT = List.of(
                "{\"topic\":\"/market/match:$SYMBOL\",\"type\":\"message\",\"subject\":\"trade.l3match\",\"data\":{"
                        + "\"makerOrderId\":\"7a97d481ab7e1c0007dc369b\",\"price\":\"$PRICE\",\"sequence\":\"$NUMBER\","
                        + "\"side\":\"$SIDE\",\"size\":\"$SIZE\",\"symbol\":\"$SYMBOL\",\"takerOrderId\":\"$ORDER\","
                        + "\"time\":\"$TIME\",\"tradeId\":\"$NUMBER\",\"type\":\"match\"}}",
                "{\"data\":{\"symbol\":\"$SYMBOL\",\"sequence\":\"$NUMBER\",\"side\":\"$SIDE\",\"size\":\"$SIZE\","
                        + "\"price\":\"$PRICE\",\"takerOrderId\":\"$ORDER\",\"time\":\"$TIME\",\"type\":\"match\","
                        + "\"makerOrderId\":\"7a97d481ab7e1c0007dc369b\",\"tradeId\":\"$NUMBER\"},"
                        + "\"subject\":\"trade.l3match\",\"topic\":\"/market/match:$SYMBOL\",\"type\":\"message\"}");

        private static final List<String> FUTURES = List.of(
                "{\"topic\":\"/contractMarket/execution:$SYMBOL\",\"type\":\"message\",\"subject\":\"match\","
                        + "\"sn\":$NUMBER,\"data\":{\"symbol\":\"$SYMBOL\",\"sequence\":$NUMBER,\"side\":\"$SIDE\","
                        + "\"size\":$SIZE,\"price\":\"$PRICE\",\"takerOrderId\":\"$ORDER\","
                        + "\"makerOrderId\":\"584590651955064832\",\"tradeId\":\"$NUMBER\",\"ts\":$TIME}}",
                "{\"topic\":\"/contractMarket/execution:$SYMBOL\",\"type\":\"message\",\"subject\":\"match\","
                        + "\"sn\":$NUMBER,\"data\":{\"symbol\":\"$SYMBOL\",\"sequence\":$NUMBER,"
                        + "\"makerUserId\":\"74c104280b64e30001557202\",\"side\":\"$SIDE\",\"size\":$SIZE,"
                        + "\"price\":\"$PRICE\",\"takerOrderId\":\"$ORDER\",\"takerUserId\":\"7508585da44dc2000175cb24\","
                        + "\"makerOrderId\":\"584590651955064832\",\"tradeId\":\"$NUMBER\",\"ts\":$TIME}}");

        private final Listing listing;
        private final Form[] forms;

        private Frame(Listing listing, List<String> texts) {
            this.listing = listing;
            forms = texts.stream()
                    .map(text -> new Form(text.replace("$SYMBOL", listing.symbol())))
                    .toArray(Form[]::new);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

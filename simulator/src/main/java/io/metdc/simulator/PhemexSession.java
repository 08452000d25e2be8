package io.metdc.simulator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One client of Phemex' trades: one symbol a request, a snapshot behind each acknowledgement.
final class PhemexSession implements Session {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST_SUBSCRIPTIONS = 101; // measured; 20 are documented

    private final Frames frames;
    private final Tape tape;
    private volatile boolean subscribed;
    /// By listing: the first print that is delivered; none while it is not subscribed.
    private long[] from = {};
    /// By listing: the print after the newest one delivered.
    private long[] next = {};

    PhemexSession(Frames frames, Tape tape) {
        this.frames = frames;
        this.tape = tape;
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
            return Reply.text(failure(6001, "invalid argument", null));
        }
        JsonNode id = request.get("id");
        if (id == null || !id.isIntegralNumber()) {
            return Reply.text(failure(6001, "invalid argument", null));
        }
        String method = request.path("method").asText();
        if (method.equals("server.ping")) {
            return Reply.text(JSON.createObjectNode()
                    .putNull("error")
                    .put("id", id.asLong())
                    .put("result", "pong")
                    .toString());
        }
        String family = frames.market.isSpot() ? "trade" : "trade_p";
        if (method.equals(family + ".unsubscribe")) {
            List<String> symbols = new ArrayList<>();
            for (int place = 0; place < from.length; place++) {
                if (from[place] != Long.MAX_VALUE) {
                    symbols.add(frames.catalogue.listing(place).symbol());
                }
            }
            Arrays.fill(from, Long.MAX_VALUE);
            subscribed = false;
            return List.of(new Reply.Asked(Sent.Verb.UNSUBSCRIBE, symbols, List.of()), new Reply.Text(success(id)));
        }
        if (!method.equals(family + ".subscribe")) {
            return Reply.text(failure(6001, "invalid argument", id));
        }
        String symbol = request.path("params").path(0).asText(); // a second one is ignored
        Integer listing = frames.catalogue.known(symbol);
        if (listing == null) {
            return List.of(refused(symbol), new Reply.Text(failure(6001, "invalid argument", id)));
        }
        from = frames.catalogue.room(from, Long.MAX_VALUE);
        next = frames.catalogue.room(next, 0);
        long there =
                Arrays.stream(from).filter(first -> first != Long.MAX_VALUE).count();
        if (from[listing] == Long.MAX_VALUE && there >= MOST_SUBSCRIPTIONS) {
            return List.of(
                    refused(symbol),
                    new Reply.Breached(Limit.SUBSCRIPTIONS, there + 1, MOST_SUBSCRIPTIONS, "error 6015"),
                    new Reply.Text(failure(6015, "subscription limit exceeded", id)));
        }
        return subscribe(listing, id);
    }

    private List<Reply> subscribe(int listing, JsonNode id) {
        subscribed = true; // before the prints are counted: what comes later is offered
        Feed feed = tape.feeds().get(listing);
        if (from[listing] == Long.MAX_VALUE) {
            from[listing] = feed.count();
            next[listing] = from[listing];
        }
        long count = next[listing]; // where a second snapshot on this connection goes on
        List<Long> indices = new ArrayList<>();
        String head = new String(frames.head(frames.market.nowNanos()), StandardCharsets.UTF_8);
        String snapshot = head + frames.snapshot(listing, feed, count, frames.rows(feed, count, indices));
        return List.of(
                new Reply.Asked(Sent.Verb.SUBSCRIBE, List.of(feed.listing.symbol()), List.of()),
                new Reply.Text(success(id)),
                new Reply.Past(snapshot, listing, indices));
    }

    private static Reply refused(String symbol) {
        return new Reply.Asked(Sent.Verb.SUBSCRIBE, List.of(symbol), List.of(symbol));
    }

    private static String success(JsonNode id) {
        ObjectNode answer = JSON.createObjectNode().putNull("error").put("id", id.asLong());
        answer.putObject("result").put("status", "success");
        return answer.toString();
    }

    private static String failure(int code, String message, @Nullable JsonNode id) {
        ObjectNode answer = JSON.createObjectNode();
        answer.putObject("error").put("code", code).put("message", message);
        answer.set("id", id == null ? JSON.nullNode() : id);
        return answer.putNull("result").toString();
    }

    @Override
    public int append(
            FrameBuffer out, int listing, Chunk chunk, int at, long executedAtNanos, long nowNanos, boolean more) {
        if (listing >= from.length || chunk.first + at < from[listing]) {
            return NOTHING;
        }
        next[listing] = Math.max(next[listing], chunk.first + at + 1);
        Frame frame = frames.of.of(listing);
        out.begin();
        out.put(frames.head(nowNanos))
                .put(Frame.SEQUENCE)
                .number(frames.sequence(listing, chunk.first + at + 1))
                .put(frame.symbol);
        out.put(utf8(frames.row(frame.listing, chunk, at, executedAtNanos)))
                .put(Frame.INCREMENTAL)
                .end();
        return TRADE;
    }

    @Override
    public @Nullable String shutdownNotice(long nowNanos) {
        return null;
    }

    @Override
    public String otherFrame(long nowNanos) {
        return "{\"book\":{\"asks\":[[87705000,1000000]],\"bids\":[]},\"depth\":30,\"sequence\":77668172,"
                + "\"symbol\":\"sBTCUSDT\",\"timestamp\":" + nowNanos + ",\"type\":\"snapshot\"}";
    }

    /// What all clients of a market share.
    static final class Frames {
        private final Phemex market;
        private final Catalogue catalogue;
        private final ByPlace<Frame> of;

        Frames(Phemex market) {
            this.market = market;
            catalogue = market.catalogue();
            of = new ByPlace<>(catalogue, listing -> new Frame(listing, market.isSpot()));
        }

        /// Rises with the prints of a listing; shared by groups of symbols.
        private long sequence(int listing, long prints) {
            return 23_912_000_000L + listing % 4 + 4 * prints;
        }

        /// The beginning of what the stream says, `{` and two times on perpetuals.
        private byte[] head(long nowNanos) {
            return market.isSpot() ? Frame.SPOT_HEAD : utf8("{\"dts\":" + nowNanos + ",\"mts\":" + nowNanos + ",");
        }

        /// The newest rows before this print, newest first.
        ///
        /// @param indices gets their indices
        List<String> rows(Feed feed, long count, List<Long> indices) {
            List<String> rows = new ArrayList<>();
            for (long index = count - 1; index >= feed.oldest() && rows.size() < Phemex.SNAPSHOT; index--) {
                Chunk chunk = feed.chunk(index);
                if (chunk != null) {
                    rows.add(row(feed.listing, chunk, Feed.at(index), chunk.timeNanos(Feed.at(index))));
                    indices.add(index);
                }
            }
            return rows;
        }

        /// What was before this print, without the beginning.
        String snapshot(int listing, Feed feed, long count, List<String> rows) {
            return "\"sequence\":" + sequence(listing, count) + ",\"symbol\":\"" + feed.listing.symbol() + "\",\""
                    + (market.isSpot() ? "trades" : "trades_p") + "\":[" + String.join(",", rows)
                    + "],\"type\":\"snapshot\"}";
        }

        private String row(Listing listing, Chunk chunk, int at, long timeNanos) {
            String numbers = market.isSpot()
                    ? listing.prices().decimal(chunk.price(at)).unscaledValue() + ","
                            + listing.sizes().decimal(chunk.size(at)).unscaledValue()
                    : "\"" + listing.prices().plain(chunk.price(at)) + "\",\""
                            + listing.sizes().plain(chunk.size(at)) + "\"";
            return "[" + timeNanos + (chunk.isSell(at) ? ",\"Sell\"," : ",\"Buy\",") + numbers + "]";
        }
    }

    private static final class Frame {
        private static final byte[] SPOT_HEAD = utf8("{");
        private static final byte[] SEQUENCE = utf8("\"sequence\":");
        private static final byte[] INCREMENTAL = utf8("],\"type\":\"incremental\"}");

        private final Listing listing;
        private final byte[] symbol;

        private Frame(Listing listing, boolean isSpot) {
            this.listing = listing;
            symbol = utf8(",\"symbol\":\"" + listing.symbol() + "\",\"" + (isSpot ? "trades" : "trades_p") + "\":[");
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

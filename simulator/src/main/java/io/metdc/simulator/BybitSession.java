package io.metdc.simulator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.metdc.market.Nanos;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One client of Bybit's trades. A subscribe request is taken whole or not at all; all fills of one order go into one
/// frame.
final class BybitSession implements Session {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TOPIC = "publicTrade.";

    private final Frames frames;
    private final Set<String> topics = new HashSet<>();
    /// By place: not 0 while it is delivered.
    private byte[] wanted = {};
    private volatile boolean subscribed;
    private boolean inFrame;

    BybitSession(Frames frames) {
        this.frames = frames;
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
            return Reply.text(frames.market.answer(false, "Failed to decode incoming data", "", null));
        }
        JsonNode id = request.get("req_id");
        String number = id == null ? null : id.asText();
        String operation = request.path("op").asText();
        return switch (operation) {
            case "ping" -> Reply.text(frames.market.answer(true, "pong", "ping", number));
            case "subscribe" -> subscribe(asked(request), number);
            case "unsubscribe" -> {
                List<String> asked = asked(request);
                asked.forEach(topics::remove);
                deliver(asked, false);
                yield List.of(
                        new Reply.Asked(Sent.Verb.UNSUBSCRIBE, symbols(asked), List.of()),
                        new Reply.Text(frames.market.answer(true, said("unsubscribe"), operation, number)));
            }
            default -> Reply.text(frames.market.answer(false, "error:invalid op", "", number));
        };
    }

    private static List<String> symbols(List<String> topics) {
        return topics.stream()
                .filter(topic -> topic.startsWith(TOPIC))
                .map(topic -> topic.substring(TOPIC.length()))
                .toList();
    }

    private String said(String operation) {
        return frames.market.isSpot() ? operation : "";
    }

    private static List<String> asked(JsonNode request) {
        List<String> asked = new ArrayList<>();
        request.path("args").forEach(topic -> asked.add(topic.asText()));
        return asked;
    }

    private List<Reply> subscribe(List<String> asked, @Nullable String number) {
        List<String> symbols = symbols(asked);
        int characters = Stream.concat(topics.stream(), asked.stream())
                .distinct()
                .mapToInt(String::length)
                .sum();
        String refused = frames.market.refusal(asked, topics, characters);
        List<Reply> replies = new ArrayList<>();
        replies.add(new Reply.Asked(Sent.Verb.SUBSCRIBE, symbols, refused.isEmpty() ? List.of() : symbols));
        if (frames.market.isSpot() && asked.size() > Bybit.SPOT_TOPICS_AT_ONCE) {
            replies.add(new Reply.Breached(
                    Limit.INSTRUMENTS_PER_FRAME, asked.size(), Bybit.SPOT_TOPICS_AT_ONCE, "refused"));
        }
        if (characters > Bybit.MOST_CHARACTERS) {
            replies.add(new Reply.Breached(Limit.SUBSCRIPTIONS, characters, Bybit.MOST_CHARACTERS, "refused"));
        }
        if (refused.isEmpty()) {
            topics.addAll(asked);
            deliver(asked, true);
        }
        boolean isTaken = refused.isEmpty();
        replies.add(new Reply.Text(
                frames.market.answer(isTaken, isTaken ? said("subscribe") : refused, "subscribe", number)));
        return replies;
    }

    private void deliver(List<String> asked, boolean more) {
        for (String topic : asked) {
            Integer place = topic.startsWith(TOPIC) ? frames.catalogue.place(topic.substring(TOPIC.length())) : null;
            if (place != null) {
                wanted = frames.catalogue.room(wanted);
                wanted[place] = (byte) (more ? 1 : 0);
            }
        }
        subscribed = !topics.isEmpty();
    }

    @Override
    public int append(
            FrameBuffer out, int listing, Chunk chunk, int at, long executedAtNanos, long nowNanos, boolean more) {
        if (listing >= wanted.length || wanted[listing] == 0) {
            return NOTHING;
        }
        Frame frame = frames.of.of(listing);
        if (inFrame) {
            out.put(Frame.NEXT);
        } else {
            out.begin();
            out.put(frame.begin).number(nowNanos / Nanos.PER_MILLI).put(frames.data);
        }
        row(out, frame, chunk, at, executedAtNanos / Nanos.PER_MILLI);
        inFrame = more;
        if (!more) {
            out.put(Frame.END).end();
        }
        return TRADE;
    }

    private void row(FrameBuffer out, Frame frame, Chunk chunk, int at, long time) {
        byte[] id = utf8(frames.market.id(frame.listing, chunk.first + at).toString());
        if (frames.market.isSpot()) {
            out.put(Frame.ID_FIRST).put(id).put(Frame.TIME_LATER).number(time).put(Frame.PRICE);
            out.plain(frame.listing.prices(), chunk.price(at)).put(Frame.SIZE);
            out.plain(frame.listing.sizes(), chunk.size(at));
            out.put(Frame.QUOTE).put(chunk.isSell(at) ? Frame.SELL : Frame.BUY);
            out.put(Frame.SEQUENCE)
                    .number(time)
                    .put(frame.symbol)
                    .put(Frame.FLAGS)
                    .put(Frame.CLOSE);
            return;
        }
        out.put(Frame.TIME_FIRST).number(time).put(frame.symbol);
        out.put(chunk.isSell(at) ? Frame.SELL : Frame.BUY).put(Frame.SIZE_OPEN);
        out.decimal(frame.listing.sizes(), chunk.size(at)).put(Frame.PRICE_NEXT);
        out.decimal(frame.listing.prices(), chunk.price(at))
                .put(Frame.TICK)
                .put(id)
                .put(Frame.QUOTE);
        out.put(Frame.FLAGS).put(Frame.SEQUENCE).number(time).put(Frame.CLOSE);
    }

    @Override
    public @Nullable String shutdownNotice(long nowNanos) {
        return null;
    }

    @Override
    public String otherFrame(long nowNanos) {
        return "{\"topic\":\"allLiquidation.BTCUSDT\",\"type\":\"snapshot\",\"ts\":" + nowNanos / Nanos.PER_MILLI
                + ",\"data\":[{\"T\":" + nowNanos / Nanos.PER_MILLI
                + ",\"s\":\"BTCUSDT\",\"S\":\"Sell\",\"v\":\"20000\",\"p\":\"0.04499\"}]}";
    }

    /// What all clients of a market share: the parts of frames that never change, as bytes.
    static final class Frames {
        private final Bybit market;
        private final Catalogue catalogue;
        private final ByPlace<Frame> of;
        private final byte[] data;

        Frames(Bybit market) {
            this.market = market;
            catalogue = market.catalogue();
            data = utf8((market.isSpot() ? ",\"type\":\"snapshot\"" : "") + ",\"data\":[");
            of = new ByPlace<>(catalogue, listing -> new Frame(listing, market.isSpot()));
        }
    }

    private static final class Frame {
        private static final byte[] NEXT = utf8(",");
        private static final byte[] END = utf8("]}");
        private static final byte[] ID_FIRST = utf8("{\"i\":\"");
        private static final byte[] TIME_LATER = utf8("\",\"T\":");
        private static final byte[] TIME_FIRST = utf8("{\"T\":");
        private static final byte[] PRICE = utf8(",\"p\":\"");
        private static final byte[] SIZE = utf8("\",\"v\":\"");
        private static final byte[] SIZE_OPEN = utf8(",\"v\":\"");
        private static final byte[] PRICE_NEXT = utf8("\",\"p\":\"");
        private static final byte[] TICK = utf8("\",\"L\":\"PlusTick\",\"i\":\"");
        private static final byte[] QUOTE = utf8("\"");
        private static final byte[] SEQUENCE = utf8(",\"seq\":");
        private static final byte[] FLAGS = utf8(",\"BT\":false,\"RPI\":false");
        private static final byte[] CLOSE = utf8("}");
        private static final byte[] SELL = utf8(",\"S\":\"Sell\"");
        private static final byte[] BUY = utf8(",\"S\":\"Buy\"");

        private final Listing listing;
        private final byte[] begin;
        private final byte[] symbol;

        private Frame(Listing listing, boolean isSpot) {
            this.listing = listing;
            String topic = "{\"topic\":\"" + TOPIC + listing.symbol() + "\"";
            begin = utf8(topic + (isSpot ? "" : ",\"type\":\"snapshot\"") + ",\"ts\":");
            symbol = utf8(",\"s\":\"" + listing.symbol() + "\"");
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

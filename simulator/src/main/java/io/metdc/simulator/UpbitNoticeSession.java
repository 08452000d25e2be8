package io.metdc.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// The one client of Upbit's private WebSocket, who is told of notices: from its request on, nothing of before.
final class UpbitNoticeSession implements Session {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> TYPES = Set.of("announcement", "myOrder", "myAsset");
    private static final Map<String, String> ALGORITHMS =
            Map.of("HS256", "HmacSHA256", "HS384", "HmacSHA384", "HS512", "HmacSHA512");

    private volatile @Nullable Consumer<String> out;
    private volatile boolean ended;
    private volatile Subscription subscription = new Subscription(Set.of(), false, false, false);

    /// @param isSimple short names
    /// @param isList   each message is an array
    private record Subscription(
            Set<SimulatedNotice.Category> categories, boolean withBody, boolean isSimple, boolean isList) {
        String key(String whole, String simple) {
            return isSimple ? simple : whole;
        }
    }

    /// Whether a handshake carries a token that the simulated keys signed: `Authorization: Bearer <JWT>`.
    static boolean isSigned(String authorization) {
        String[] parts = authorization.startsWith("Bearer ")
                ? authorization.substring("Bearer ".length()).strip().split("\\.", -1)
                : new String[0];
        if (parts.length != 3) {
            return false;
        }
        try {
            Base64.Decoder decoder = Base64.getUrlDecoder();
            String algorithm = ALGORITHMS.get(
                    JSON.readTree(decoder.decode(parts[0])).path("alg").asText());
            JsonNode payload = JSON.readTree(decoder.decode(parts[1]));
            if (algorithm == null) {
                return false;
            }
            Mac mac = Mac.getInstance(algorithm);
            mac.init(new SecretKeySpec(Simulator.SECRET_KEY.getBytes(StandardCharsets.UTF_8), algorithm));
            byte[] signature = mac.doFinal((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
            return MessageDigest.isEqual(signature, decoder.decode(parts[2]))
                    && payload.path("access_key").asText().equals(Simulator.ACCESS_KEY)
                    && !payload.path("nonce").asText().isEmpty();
        } catch (IOException | IllegalArgumentException e) {
            return false; // no token
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has these", e);
        }
    }

    @Override
    public void connected(Consumer<String> sender) {
        out = sender;
    }

    @Override
    public void ended() {
        ended = true;
    }

    boolean hasEnded() {
        return ended;
    }

    @Override
    public boolean isSubscribed() {
        return false; // to no prints
    }

    @Override
    public List<Reply> answer(String text) {
        if (text.equals("PING")) {
            return Reply.text("{\"status\":\"UP\"}");
        }
        try {
            UpbitRequest request = UpbitRequest.of(text);
            Subscription before = subscription;
            if (request.isQuery()) {
                subscription =
                        new Subscription(before.categories(), before.withBody(), request.isSimple(), request.isList());
                return Reply.text(subscriptions(request.ticket(), before));
            }
            subscription = subscription(request);
            return List.of();
        } catch (UpbitRequest.Wrong e) {
            return e.replies();
        }
    }

    private static Subscription subscription(UpbitRequest request) throws UpbitRequest.Wrong {
        Set<SimulatedNotice.Category> categories = EnumSet.noneOf(SimulatedNotice.Category.class);
        boolean withBody = false;
        for (JsonNode type : request.types()) {
            if (!TYPES.contains(type.path("type").asText())) {
                throw new UpbitRequest.Wrong("INVALID_PARAM", "지원하지 않는 type입니다.");
            }
            if (type.path("type").asText().equals("announcement")) {
                for (JsonNode name : type.path("categories")) {
                    categories.add(category(name.asText()));
                }
                if (type.path("categories").isEmpty()) {
                    categories.addAll(List.of(SimulatedNotice.Category.values()));
                }
                withBody |= type.path("include_body").asBoolean();
            }
        }
        return new Subscription(categories, withBody, request.isSimple(), request.isList());
    }

    private static SimulatedNotice.Category category(String name) throws UpbitRequest.Wrong {
        for (SimulatedNotice.Category category : SimulatedNotice.Category.values()) {
            if (category.pushed().equals(name)) {
                return category;
            }
        }
        throw new UpbitRequest.Wrong("INVALID_PARAM", "지원하지 않는 category입니다.");
    }

    private static String subscriptions(String ticket, Subscription subscription) {
        ObjectNode answer = JSON.createObjectNode().put("method", "LIST_SUBSCRIPTIONS");
        ArrayNode result = answer.putArray("result");
        if (!subscription.categories().isEmpty()) {
            ArrayNode named = result.addObject().put("type", "announcement").putArray("categories");
            subscription.categories().forEach(category -> named.add(category.pushed()));
        }
        return answer.put("ticket", ticket).toString();
    }

    /// Tells the client of a notice, if it wants to hear of such. The timer's thread.
    void push(Notices.Push push, long nowMillis) {
        Subscription asked = subscription;
        Consumer<String> client = out;
        if (client == null || !asked.categories().contains(push.notice().category())) {
            return;
        }
        ObjectNode frame = JSON.createObjectNode()
                .put(asked.key("type", "ty"), "announcement")
                .put(asked.key("event_type", "et"), push.isNew() ? "CREATED" : "UPDATED")
                .put(asked.key("uuid", "uid"), push.notice().uuid())
                .put(asked.key("title", "tt"), push.state().title())
                .put(asked.key("category", "cat"), push.notice().category().label())
                .put(
                        "url",
                        "https://www.upbit.com/service_center/notice?id="
                                + push.notice().uuid() + "&view=share")
                .put(
                        asked.key("first_listed_at", "flat"),
                        Notices.time(push.notice().firstListedAt()))
                .put(asked.key("listed_at", "lat"), Notices.time(push.state().listedAt()))
                .put(asked.key("timestamp", "tms"), nowMillis)
                .put(asked.key("stream_type", "st"), "REALTIME");
        if (asked.withBody()) {
            frame.put(asked.key("body", "bd"), push.notice().body(push.state()).markdown());
        }
        client.accept(asked.isList() ? "[" + frame + "]" : frame.toString());
    }

    @Override
    public int append(
            FrameBuffer to, int listing, Chunk chunk, int at, long executedAtNanos, long nowNanos, boolean more) {
        return NOTHING;
    }

    @Override
    public @Nullable String shutdownNotice(long nowNanos) {
        return null;
    }

    @Override
    public String otherFrame(long nowNanos) {
        return "{\"status\":\"UP\"}";
    }
}

package io.metdc.simulator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.metdc.market.Nanos;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// Binance's REST: the list of instruments, trades, and the weight that every request costs.
///
/// A trade is the same here as on the stream: id, price, size, side, time. Futures give the newest 1000 market
/// trades and leave out consumed ids; spot goes back to the beginning of what the tape remembers. Requests beyond
/// the weight of a minute get 429; who goes on all the same is banned (418) for two minutes, then four, …, and
/// every request during a ban begins it anew.
final class BinanceRest {
    private static final int DEFAULT_LIMIT = 500;
    private static final int MAX_LIMIT = 1000;
    private static final int SPOT_WEIGHT = 6000;
    private static final int FUTURES_WEIGHT = 2400;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Binance market;
    private final long startNanos;
    private final Quota weights;

    BinanceRest(Binance market, SimulatorOptions options, Quotas quotas) {
        this.market = market;
        int own = market.isSpot() ? SPOT_WEIGHT : FUTURES_WEIGHT;
        weights = quotas.rest(market.market().toString(), own, Duration.ofMinutes(1), Binance.PENALTY);
        startNanos = Nanos.of(options.clock().instant());
    }

    HttpAnswer answer(HttpRequest request, Tape tape, Set<Fault> faults) {
        if (!request.method().equals("GET")) {
            return HttpAnswer.html(405, "Not Allowed");
        }
        String prefix = market.isSpot() ? "/api/v3/" : "/fapi/v1/";
        if (!request.path().startsWith(prefix)) {
            return HttpAnswer.html(404, "Not Found");
        }
        String endpoint = request.path().substring(prefix.length());
        int weight = switch (endpoint) {
            case "ping", "time" -> 1;
            case "exchangeInfo" -> market.isSpot() ? 20 : 1;
            case "trades" -> market.isSpot() ? 25 : 5;
            case "historicalTrades" -> market.isSpot() ? 25 : 200;
            default -> 0;
        };
        if (weight == 0) {
            return HttpAnswer.html(404, "Not Found");
        }
        Quota.Taken taken = weights.take(market.market(), request.address(), weight, request.nowNanos());
        HttpAnswer answer = taken.isRefused()
                ? refused(taken, request.nowNanos())
                : switch (endpoint) {
                    case "ping" -> HttpAnswer.json(200, "{}");
                    case "time" -> HttpAnswer.json(200, "{\"serverTime\":" + time(request, request.nowNanos()) + "}");
                    case "exchangeInfo" -> exchangeInfo(request, faults);
                    case "trades" -> trades(request, tape, faults);
                    default -> historicalTrades(request, tape, faults);
                };
        return answer.with("X-MBX-USED-WEIGHT", Integer.toString(taken.used()))
                .with("X-MBX-USED-WEIGHT-1M", Integer.toString(taken.used()));
    }

    // ---- limits

    private static HttpAnswer refused(Quota.Taken taken, long nowNanos) {
        return taken.isBanned() ? banned(nowNanos + taken.againNanos(), nowNanos) : tooMany(taken.againSeconds());
    }

    private static HttpAnswer tooMany(long retryAfterSeconds) {
        return error(429, -1003, "Too many requests; please use the websocket for live updates.")
                .with("Retry-After", Long.toString(retryAfterSeconds));
    }

    private static HttpAnswer banned(long untilNanos, long nowNanos) {
        return error(
                        418,
                        -1003,
                        "Way too much request weight used; IP banned until " + untilNanos / Nanos.PER_MILLI
                                + ". Please use WebSocket Streams for live updates to avoid bans.")
                .with("Retry-After", Long.toString((untilNanos - nowNanos) / Nanos.PER_SECOND));
    }

    static HttpAnswer refusal(Fault fault, long nowNanos) {
        return switch (fault) {
            case REST_429 -> tooMany(2);
            case REST_418 -> banned(nowNanos + Binance.PENALTY.ban().toNanos(), nowNanos);
            case REST_451 ->
                error(
                        451,
                        0,
                        "Service unavailable from a restricted location according to 'b. Eligibility' in the terms of"
                                + " use. Please contact customer service if you believe you received this message in"
                                + " error.");
            case REST_403 -> HttpAnswer.html(403, "Forbidden");
            case REST_503 -> HttpAnswer.html(503, "Service Temporarily Unavailable");
            default -> throw new IllegalArgumentException(fault + " refuses no request");
        };
    }

    private static HttpAnswer error(int status, int code, String message) {
        return HttpAnswer.json(
                status,
                JSON.createObjectNode().put("code", code).put("msg", message).toString());
    }

    // ---- instruments

    private HttpAnswer exchangeInfo(HttpRequest request, Set<Fault> faults) {
        List<ObjectNode> rows = market.catalogue().rows();
        if (market.isSpot()) { // futures ignore all parameters
            List<String> asked = new ArrayList<>();
            String symbol = request.parameters().get("symbol");
            if (symbol != null) {
                asked.add(symbol);
            }
            try {
                JsonNode symbols = JSON.readTree(request.parameters().getOrDefault("symbols", "[]"));
                symbols.forEach(each -> asked.add(each.asText()));
            } catch (JsonProcessingException e) {
                return error(400, -1100, "Illegal characters found in parameter 'symbols'.");
            }
            if (!asked.stream().allMatch(market.catalogue()::lists)) {
                return error(400, -1121, "Invalid symbol.");
            }
            String status = request.parameters().get("symbolStatus");
            rows.removeIf(row ->
                    (!asked.isEmpty() && !asked.contains(row.get("symbol").textValue()))
                            || (status != null && !row.get("status").textValue().equals(status)));
            if ("false".equals(request.parameters().get("showPermissionSets"))) {
                rows.replaceAll(row -> row.deepCopy().without("permissionSets"));
            }
        }
        // the futures answer comes from a cache that can be hours old
        long serverTime = market.isSpot()
                ? time(request, request.nowNanos())
                : (startNanos - 3600 * Nanos.PER_SECOND) / Nanos.PER_MILLI;
        ObjectNode answer = market.isSpot()
                ? BinanceInstruments.spotHead(serverTime, weights.most())
                : BinanceInstruments.futuresHead(serverTime, weights.most());
        ArrayNode symbols = answer.putArray("symbols");
        symbols.addAll(Protocol.listed(rows, faults));
        return HttpAnswer.json(200, answer.toString());
    }

    // ---- trades

    /// The newest: no paging.
    private HttpAnswer trades(HttpRequest request, Tape tape, Set<Fault> faults) {
        HttpAnswer wrong = wrong(request);
        if (wrong != null) {
            return wrong;
        }
        Integer listing = market.catalogue().known(request.parameters().getOrDefault("symbol", ""));
        return listing == null ? rows(List.of()) : newest(request, tape.feeds().get(listing), faults);
    }

    private HttpAnswer newest(HttpRequest request, Feed feed, Set<Fault> faults) {
        List<Long> found = new ArrayList<>();
        long last = feed.count() - 1;
        int limit = limit(request);
        for (long index = last; index >= feed.oldest() && found.size() < limit; index--) {
            Chunk chunk = feed.chunk(index);
            if (chunk != null && chunk.kind(Feed.at(index)).isPublic()) {
                found.add(index);
            }
        }
        Collections.reverse(found);
        return rows(request, feed, found, faults);
    }

    private HttpAnswer historicalTrades(HttpRequest request, Tape tape, Set<Fault> faults) {
        if (!market.isSpot()) {
            return error(401, -2014, "API-key format invalid.");
        }
        HttpAnswer wrong = wrong(request);
        if (wrong != null) {
            return wrong;
        }
        Integer listing = market.catalogue().known(request.parameters().getOrDefault("symbol", ""));
        if (listing == null) {
            return rows(List.of());
        }
        Feed feed = tape.feeds().get(listing);
        String fromId = request.parameters().get("fromId");
        if (fromId == null) {
            return newest(request, feed, faults);
        }
        if (!fromId.matches("\\d{1,18}")) {
            return illegal("fromId");
        }
        long from = Math.max(feed.oldest(), Long.parseLong(fromId) - feed.listing.firstId());
        List<Long> found = LongStream.range(from, feed.count())
                .filter(index -> isPublic(feed, index))
                .limit(limit(request))
                .boxed()
                .toList();
        return rows(request, feed, found, faults);
    }

    private static boolean isPublic(Feed feed, long index) {
        Chunk chunk = feed.chunk(index);
        return chunk != null && chunk.kind(Feed.at(index)).isPublic();
    }

    private @Nullable HttpAnswer wrong(HttpRequest request) {
        String symbol = request.parameters().getOrDefault("symbol", "");
        if (symbol.isEmpty()) {
            return error(400, -1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.");
        }
        if (!market.catalogue().lists(symbol)) {
            return error(400, -1121, "Invalid symbol.");
        }
        String limit = request.parameters().get("limit");
        if (limit != null && !limit.matches("\\d{1,9}")) {
            return illegal("limit");
        }
        if (limit(request) < 1 || limit(request) > MAX_LIMIT) {
            return error(400, -1130, "Data sent for parameter 'limit' is not valid.");
        }
        return null;
    }

    private static HttpAnswer illegal(String parameter) {
        return error(
                400,
                -1100,
                "Illegal characters found in parameter '" + parameter + "'; legal range is '^[0-9]{1,20}$'.");
    }

    private static int limit(HttpRequest request) {
        String limit = request.parameters().get("limit");
        return limit == null ? DEFAULT_LIMIT : Integer.parseInt(limit);
    }

    private HttpAnswer rows(HttpRequest request, Feed feed, List<Long> indices, Set<Fault> faults) {
        List<String> rows = new ArrayList<>();
        for (long index : indices) {
            Chunk chunk = feed.chunk(index);
            if (chunk != null) { // forgotten in between
                rows.add(row(request, feed.listing, chunk, Feed.at(index)));
            }
        }
        return rows(Protocol.reduced(rows, faults));
    }

    private static HttpAnswer rows(List<String> rows) {
        return HttpAnswer.json(200, "[" + String.join(",", rows) + "]");
    }

    private String row(HttpRequest request, Listing listing, Chunk chunk, int at) {
        BigDecimal price = listing.prices().decimal(chunk.price(at));
        BigDecimal size = listing.sizes().decimal(chunk.size(at));
        int quoteDecimals = market.isSpot() ? 8 : 2;
        return "{\"id\":" + (listing.firstId() + chunk.first + at)
                + ",\"price\":\"" + price.toPlainString()
                + "\",\"qty\":\"" + size.toPlainString()
                + "\",\"quoteQty\":\""
                + price.multiply(size)
                        .setScale(quoteDecimals, RoundingMode.DOWN)
                        .toPlainString()
                + "\",\"time\":" + time(request, chunk.timeNanos(at))
                + ",\"isBuyerMaker\":" + chunk.isSell(at)
                + (market.isSpot()
                        ? ",\"isBestMatch\":true}"
                        : ",\"isRPITrade\":" + (chunk.kind(at) == PrintKind.RPI) + "}");
    }

    /// Spot gives microseconds to whom they are wanted by.
    private long time(HttpRequest request, long nanos) {
        boolean micros = market.isSpot()
                && "MICROSECOND".equalsIgnoreCase(request.headers().get("x-mbx-time-unit"));
        return nanos / (micros ? Nanos.PER_MICRO : Nanos.PER_MILLI);
    }
}

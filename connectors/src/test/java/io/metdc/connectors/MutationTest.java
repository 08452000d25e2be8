package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.metdc.market.Exchange;
import io.metdc.market.Flag;
import io.metdc.market.MarketType;
import io.metdc.market.Nanos;
import io.metdc.market.Origin;
import io.metdc.market.Row;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Valid frames, damaged at random: reading them never throws, and every trade that comes out is also what another
/// reader, Jackson's tree, finds in the same bytes.
class MutationTest {
    /// Of all exchanges together.
    private static final int ROUNDS = 100_000;

    /// What is known of an exchange's frames.
    ///
    /// @param files     frames of its own, among the test's resources
    /// @param splinters what is thrown in beside the general ones
    /// @param oracle    whether a frame's tree has this trade, where trades are, and nowhere else
    private record Wire(List<String> files, List<String> splinters, BiPredicate<JsonNode, Trade> oracle) {}

    private static final Map<Exchange, Wire> WIRES = Map.of(
            Exchange.BINANCE,
            new Wire(
                    List.of("binance/spot", "binance/futures", "binance/control"),
                    List.of(
                            "1793000000123",
                            "\"t\":5,",
                            "\"p\":\"7\",",
                            "\"e\":\"trade\",",
                            "\"m\":1,",
                            "\"data\":{\"p\":\"3\"},",
                            "\"s\":\"SOLUSDT\","),
                    (root, trade) -> isBinance(root, trade) || isBinance(root.path("data"), trade)),
            Exchange.BYBIT,
            new Wire(
                    List.of("bybit/frames"),
                    List.of(
                            "1795012346299",
                            "\"topic\":\"publicTrade.X\",",
                            "\"p\":\"7\",",
                            "\"i\":\"9\",",
                            "\"data\":[],"),
                    MutationTest::isBybit),
            Exchange.OKX,
            new Wire(
                    List.of("okx/frames"),
                    List.of(
                            "1795012346299",
                            "\"channel\":\"trades\",",
                            "\"px\":\"7\",",
                            "\"tradeId\":\"9\",",
                            "\"data\":[],"),
                    MutationTest::isOkx),
            Exchange.GATE,
            new Wire(
                    List.of("gate/spot", "gate/futures", "gate/control"),
                    List.of(
                            "1795012346838",
                            "\"channel\":\"spot.trades\",",
                            "\"event\":\"update\",",
                            "\"size\":\"-7\",",
                            "\"id\":9,",
                            "\"is_internal\":true,",
                            "\"result\":[],"),
                    MutationTest::isGate),
            Exchange.KUCOIN,
            new Wire(
                    List.of("kucoin/spot", "kucoin/futures", "kucoin/control"),
                    List.of(
                            "1795012346123000009",
                            "\"topic\":\"/market/match:X-USDT\",",
                            "\"subject\":\"match\",",
                            "\"type\":\"ack\",",
                            "\"tradeId\":\"9\",",
                            "\"ts\":\"1795012346123000008\",",
                            "\"data\":{\"price\":\"7\"},"),
                    MutationTest::isKucoin),
            Exchange.PHEMEX,
            new Wire(
                    List.of("phemex/spot", "phemex/futures", "phemex/control"),
                    List.of(
                            "1795012346100000001",
                            "[1795012346100000001,\"Buy\",\"1\",\"1\"],",
                            "\"trades\":[],",
                            "\"trades_p\":[[1795012346100000001,\"Sell\",\"2\",\"3\"]],",
                            "\"type\":\"snapshot\",",
                            "\"symbol\":\"SOLUSDT\",",
                            "\"Buy\""),
                    MutationTest::isPhemex),
            Exchange.UPBIT,
            new Wire(
                    List.of("upbit/frames"),
                    List.of("1795012346140", "\"ty\":\"trade\",", "\"sid\":5,", "\"tp\":7,", "\"cd\":\"KRW-SOL\","),
                    MutationTest::isUpbit));

    private static final JsonMapper TREE = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNumberLength(Integer.MAX_VALUE)
                            .maxStringLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final List<String> SPLINTERS = List.of(
            "null",
            "true",
            "false",
            "0",
            "-1",
            "-",
            "1E999999999",
            "1e-400",
            "\"",
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            "\\",
            "\\u0000",
            "\"\"",
            "{}",
            "[]",
            "99999999999999999999",
            "0.0",
            "\uFEFF",
            "９",
            "NaN");

    @Test
    void a_damaged_frame_never_throws_and_never_yields_a_trade_that_is_not_in_it() {
        Set<Connector> connectors = new LinkedHashSet<>(Connectors.all());
        Connectors.all()
                .forEach(one ->
                        connectors.add(Connectors.forDecoding(one.market()).orElseThrow()));
        int rounds = ROUNDS / connectors.size() + 1;
        int unreadable = 0;
        for (Connector connector : connectors) {
            unreadable += damaged(connector, rounds);
        }
        assertThat(unreadable).isBetween(ROUNDS / 20, ROUNDS);
    }

    /// @return how many frames nobody could read
    private static int damaged(Connector connector, int rounds) {
        Wire wire = WIRES.get(connector.market().exchange());
        assertThat(wire).as("what damage to do to %s", connector.market()).isNotNull();
        List<byte[]> originals = new ArrayList<>();
        for (String file : wire.files) {
            List<byte[]> frames = Resources.lines(file + ".jsonl").stream()
                    .map(MutationTest::utf8)
                    .toList();
            boolean isOfMarket = file.endsWith(connector.market().type().id());
            IntStream.range(0, isOfMarket ? 3 : 1).forEach(_ -> originals.addAll(frames));
        }
        List<String> splinters = new ArrayList<>(SPLINTERS);
        splinters.addAll(wire.splinters);
        Instruments instruments = SymbolTable.any(connector.market());
        var random = new Random(20261120);
        var frame = new Frame();
        int trades = 0;
        int unreadable = 0;
        for (int round = 0; round < rounds; round++) {
            byte[] damaged = damaged(random, originals, splinters);
            Message message;
            try {
                message = connector.read(frame.set(damaged, 0, damaged.length, 1), instruments);
            } catch (RuntimeException e) {
                fail("round " + round + ": " + new String(damaged, StandardCharsets.UTF_8), e);
                return 0;
            }
            assertThat(message)
                    .as("round %d: read like the first message of a connection", round)
                    .isEqualTo(connector.read(Frame.of(damaged, 1), instruments));
            unreadable += message instanceof Message.Unreadable ? 1 : 0;
            for (Row row : rows(message)) {
                if (row instanceof Trade trade) {
                    trades++;
                    assertThat(isIn(damaged, wire.oracle, trade))
                            .as("round %d: %s out of %s", round, trade, new String(damaged, StandardCharsets.UTF_8))
                            .isTrue();
                }
            }
        }
        assertThat(trades)
                .as("trades of %s", connector.market())
                .isGreaterThan(rounds / 40); // enough to mean something
        return unreadable;
    }

    private static List<Row> rows(Message message) {
        return switch (message) {
            case Message.Rows rows -> rows.rows();
            case Message.Unnumbered rows -> Occurrences.ofDecoding().take(rows);
            default -> List.of();
        };
    }

    private static byte[] damaged(Random random, List<byte[]> originals, List<String> splinters) {
        byte[] bytes = originals.get(random.nextInt(originals.size())).clone();
        for (int hits = random.nextInt(3) == 0 ? 3 : 1; hits > 0 && bytes.length > 2; hits--) {
            int at = random.nextInt(bytes.length);
            int to = Math.min(bytes.length, at + 1 + random.nextInt(12));
            switch (random.nextInt(10)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes = Arrays.copyOf(bytes, at);
                case 3 -> bytes = joined(bytes, 0, at, new byte[0], bytes, to);
                case 4 -> bytes = joined(bytes, 0, at, Arrays.copyOfRange(bytes, at, to), bytes, at);
                case 5 -> {
                    byte[] other = originals.get(random.nextInt(originals.size()));
                    bytes = joined(bytes, 0, at, new byte[0], other, random.nextInt(other.length));
                }
                case 6, 7 -> {
                    int digit = indexOfDigit(bytes, at);
                    bytes[digit] = (byte) "0123456789.-".charAt(random.nextInt(12));
                }
                default -> {
                    String splinter = splinters.get(random.nextInt(splinters.size()));
                    int comma = indexAfter(bytes, random.nextBoolean() ? ',' : ':', at);
                    bytes = joined(
                            bytes,
                            0,
                            comma,
                            splinter.getBytes(StandardCharsets.UTF_8),
                            bytes,
                            random.nextBoolean() ? comma : indexAfter(bytes, ',', comma));
                }
            }
        }
        return bytes;
    }

    private static int indexOfDigit(byte[] bytes, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] >= '0' && bytes[i] <= '9') {
                return i;
            }
        }
        return from;
    }

    private static int indexAfter(byte[] bytes, char c, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] == c) {
                return i + 1;
            }
        }
        return from;
    }

    private static byte[] joined(byte[] head, int from, int to, byte[] middle, byte[] tail, int tailFrom) {
        var out = new ByteArrayOutputStream();
        out.write(head, from, to - from);
        out.writeBytes(middle);
        out.write(tail, tailFrom, tail.length - tailFrom);
        return out.toByteArray();
    }

    private static boolean isIn(byte[] bytes, BiPredicate<JsonNode, Trade> oracle, Trade trade) {
        JsonNode root;
        try {
            // the tree cannot hold an exponent beyond 32 bits, in whatever key; no trade can have one
            String text = new String(bytes, StandardCharsets.UTF_8).replaceAll("(?<=\\d)[eE][+-]?\\d{9,}", "");
            root = TREE.readTree(text.equals(new String(bytes, StandardCharsets.UTF_8)) ? bytes : utf8(text));
        } catch (IOException e) {
            return false;
        }
        return oracle.test(root, trade);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static boolean isBinance(JsonNode node, Trade trade) {
        String kind = node.path("e").asText("");
        String id = kind.equals("trade") ? "t" : kind.equals("aggTrade") ? "a" : "none";
        JsonNode maker = node.path("m");
        return node.isObject()
                && node.path("st").asLong(1) != 2
                && trade.instrument().symbol().equals(node.path("s").textValue())
                && isNumber(node.path(id), new BigDecimal(trade.id().toString()))
                && isNumber(node.path("p"), trade.price())
                && isNumber(node.path("q"), trade.size())
                && maker.isBoolean()
                && (trade.takerSide() == TakerSide.SELL) == maker.booleanValue()
                && (isTime(node.path("T"), trade, Nanos.PER_MILLI) || isTime(node.path("T"), trade, Nanos.PER_MICRO))
                && !List.of("NA", "ADL", "INSURANCE_FUND")
                        .contains(node.path("X").asText(""));
    }

    private static boolean isOkx(JsonNode root, Trade trade) {
        for (JsonNode row : oneOrMany(root.path("data"))) {
            if (trade.instrument().symbol().equals(row.path("instId").textValue())
                    && isNumber(row.path("tradeId"), new BigDecimal(trade.id().toString()))
                    && isNumber(row.path("px"), trade.price())
                    && isNumber(row.path("sz"), trade.size())
                    && trade.takerSide().id().equals(row.path("side").textValue())
                    && isTime(row.path("ts"), trade, Nanos.PER_MILLI)) {
                String channel = oneOrMany(root.path("arg"))
                        .iterator()
                        .next()
                        .path("channel")
                        .asText();
                return channel.equals("trades-all") || channel.equals("trades");
            }
        }
        return false;
    }

    private static boolean isGate(JsonNode root, Trade trade) {
        boolean isSpot = trade.instrument().market().type() == MarketType.SPOT;
        for (JsonNode row : oneOrMany(root.path("result"))) {
            boolean sold = trade.takerSide() == TakerSide.SELL;
            boolean isSized = isSpot
                    ? isNumber(row.path("amount"), trade.size())
                            && trade.takerSide().id().equals(row.path("side").textValue())
                    : isNumber(row.path("size"), sold ? trade.size().negate() : trade.size());
            if (isSized
                    && trade.instrument()
                            .symbol()
                            .equals(row.path(isSpot ? "currency_pair" : "contract")
                                    .textValue())
                    && isNumber(row.path("id"), new BigDecimal(trade.id().toString()))
                    && isNumber(row.path("price"), trade.price())
                    && !isTrue(row, "is_internal")
                    && (isCut(row.path("create_time_ms"), 6, trade) || isCut(row.path("create_time"), 9, trade))) {
                return root.path("channel").asText().equals(isSpot ? "spot.trades" : "futures.trades")
                        && root.path("event").asText().equals("update");
            }
        }
        return false;
    }

    /// Whether this is the trade's time with the point so many digits further left, finer digits cut.
    private static boolean isCut(JsonNode node, int digits, Trade trade) {
        try {
            BigDecimal there = node.isTextual() ? new BigDecimal(node.textValue()) : node.decimalValue();
            return there.movePointRight(digits).toBigInteger().longValue() == trade.executedAtNanos();
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static Iterable<JsonNode> oneOrMany(JsonNode value) {
        return value.isArray() && !value.isEmpty() ? value : List.of(value);
    }

    private static boolean isBybit(JsonNode root, Trade trade) {
        for (JsonNode row : oneOrMany(root.path("data"))) {
            if (trade.instrument().symbol().equals(row.path("s").textValue())
                    && trade.id().toString().equals(row.path("i").asText())
                    && isNumber(row.path("p"), trade.price())
                    && isNumber(row.path("v"), trade.size())
                    && (trade.takerSide() == TakerSide.BUY ? "Buy" : "Sell")
                            .equals(row.path("S").textValue())
                    && isTime(row.path("T"), trade, Nanos.PER_MILLI)
                    && trade.flags().equals(Flag.set(isTrue(row, "BT"), isTrue(row, "RPI")))) {
                return root.path("topic").asText().startsWith("publicTrade.");
            }
        }
        return false;
    }

    private static boolean isTrue(JsonNode row, String key) {
        return row.path(key).isBoolean() && row.path(key).booleanValue();
    }

    private static boolean isKucoin(JsonNode root, Trade trade) {
        boolean isSpot = trade.instrument().market().type() == MarketType.SPOT;
        JsonNode data = root.path("data");
        return root.path("topic").asText().startsWith(isSpot ? "/market/match:" : "/contractMarket/execution:")
                && (isSpot ? "trade.l3match" : "match")
                        .equals(root.path("subject").textValue())
                && data.isObject()
                && trade.instrument().symbol().equals(data.path("symbol").textValue())
                && trade.id().toString().equals(data.path("tradeId").asText())
                && isNumber(data.path("price"), trade.price())
                && isNumber(data.path("size"), trade.size())
                && trade.takerSide().id().equals(data.path("side").textValue())
                && isNumber(data.path(isSpot ? "time" : "ts"), BigDecimal.valueOf(trade.executedAtNanos()));
    }

    /// Rows are arrays; letters and numbers of an id are those of its row.
    private static boolean isPhemex(JsonNode root, Trade trade) {
        boolean isSpot = trade.instrument().market().type() == MarketType.SPOT;
        String side = trade.takerSide() == TakerSide.BUY ? "Buy" : "Sell";
        String id = trade.executedAtNanos() + (side.equals("Buy") ? "-b-" : "-s-") + canonical(trade.price()) + "-"
                + canonical(trade.size()) + "-";
        boolean isThere = false;
        for (JsonNode row : root.path(isSpot ? "trades" : "trades_p")) {
            isThere |= row.isArray()
                    && isNumber(row.path(0), BigDecimal.valueOf(trade.executedAtNanos()))
                    && side.equals(row.path(1).textValue())
                    && isNumber(row.path(2), trade.price())
                    && isNumber(row.path(3), trade.size());
        }
        return isThere
                && trade.instrument().symbol().equals(root.path("symbol").textValue())
                && (trade.origin() == Origin.SNAPSHOT)
                        == "snapshot".equals(root.path("type").textValue())
                && trade.id().toString().matches(Pattern.quote(id) + "\\d+");
    }

    private static String canonical(BigDecimal number) {
        return number.stripTrailingZeros().toPlainString();
    }

    /// Alone or in an array, with long names or short ones.
    private static boolean isUpbit(JsonNode root, Trade trade) {
        if (root.isArray()) {
            for (JsonNode one : root) {
                if (one.isObject() && isUpbit(one, trade)) {
                    return true;
                }
            }
            return false;
        }
        List<String> names = root.has("code")
                ? List.of("type", "code", "trade_price", "trade_volume", "ask_bid", "trade_timestamp", "sequential_id")
                : List.of("ty", "cd", "tp", "tv", "ab", "ttms", "sid");
        return "trade".equals(root.path(names.get(0)).textValue())
                && trade.instrument().symbol().equals(root.path(names.get(1)).textValue())
                && isNumber(root.path(names.get(2)), trade.price())
                && isNumber(root.path(names.get(3)), trade.size())
                && (trade.takerSide() == TakerSide.SELL ? "ASK" : "BID")
                        .equals(root.path(names.get(4)).textValue())
                && isTime(root.path(names.get(5)), trade, Nanos.PER_MILLI)
                && isNumber(root.path(names.get(6)), new BigDecimal(trade.id().toString()));
    }

    private static boolean isTime(JsonNode node, Trade trade, long unit) {
        long time = trade.executedAtNanos();
        return time == Long.MAX_VALUE
                || time == Long.MIN_VALUE
                || isNumber(node, BigDecimal.valueOf(time).divide(BigDecimal.valueOf(unit)));
    }

    private static boolean isNumber(JsonNode node, BigDecimal number) {
        try {
            BigDecimal there = node.isTextual() ? new BigDecimal(node.textValue()) : node.decimalValue();
            return (node.isTextual() || node.isNumber()) && there.compareTo(number) == 0;
        } catch (NumberFormatException e) {
            return false;
        }
    }
}

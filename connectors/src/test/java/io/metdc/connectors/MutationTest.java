package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Nanos;
import io.metdc.market.Row;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Valid frames, damaged at random: reading them never throws, and every trade that comes out is also what another
/// reader, Jackson's tree, finds in the same bytes.
class MutationTest {
    private static final int ROUNDS = 100_000;
    private static final Market SPOT = new Market(Exchange.BINANCE, MarketType.SPOT);
    private static final Market FUTURES = new Market(Exchange.BINANCE, MarketType.FUTURES);

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
            "1793000000123",
            "\"t\":5,",
            "\"p\":\"7\",",
            "\"e\":\"trade\",",
            "\"m\":1,",
            "\"data\":{\"p\":\"3\"},",
            "\"s\":\"SOLUSDT\",",
            "\uFEFF",
            "９",
            "NaN");

    @Test
    void a_damaged_frame_never_throws_and_never_yields_a_trade_that_is_not_in_it() {
        List<byte[]> originals = new ArrayList<>();
        for (String file : List.of("spot", "futures", "spot", "futures", "control")) {
            Resources.lines("binance/" + file + ".jsonl")
                    .forEach(line -> originals.add(line.getBytes(StandardCharsets.UTF_8)));
        }
        List<Connector> connectors = new ArrayList<>(Connectors.all());
        connectors.add(Connectors.forDecoding(SPOT).orElseThrow());
        connectors.add(Connectors.forDecoding(FUTURES).orElseThrow());
        var random = new Random(20261120);
        var frame = new Frame();
        int trades = 0;
        int unreadable = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] damaged = damaged(random, originals);
            Connector connector = connectors.get(round % connectors.size());
            Message message;
            try {
                message = connector.read(frame.set(damaged, 0, damaged.length, 1), SymbolTable.any(connector.market()));
            } catch (RuntimeException e) {
                fail("round " + round + ": " + new String(damaged, StandardCharsets.UTF_8), e);
                return;
            }
            assertThat(message)
                    .as("round %d: read like the first message of a connection", round)
                    .isEqualTo(connector.read(Frame.of(damaged, 1), SymbolTable.any(connector.market())));
            unreadable += message instanceof Message.Unreadable ? 1 : 0;
            for (Row row : message instanceof Message.Rows rows ? rows.rows() : List.<Row>of()) {
                if (row instanceof Trade trade) {
                    trades++;
                    assertThat(isIn(damaged, trade))
                            .as("round %d: %s out of %s", round, trade, new String(damaged, StandardCharsets.UTF_8))
                            .isTrue();
                }
            }
        }
        assertThat(trades).isBetween(ROUNDS / 20, ROUNDS); // the damage leaves enough of both to mean something
        assertThat(unreadable).isBetween(ROUNDS / 20, ROUNDS);
    }

    private static byte[] damaged(Random random, List<byte[]> originals) {
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
                    String splinter = SPLINTERS.get(random.nextInt(SPLINTERS.size()));
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

    /// Whether the tree has this trade: at its root or under `data`, and nowhere else.
    private static boolean isIn(byte[] bytes, Trade trade) {
        JsonNode root;
        try {
            // the tree cannot hold an exponent beyond 32 bits, in whatever key; no trade can have one
            String text = new String(bytes, StandardCharsets.UTF_8).replaceAll("(?<=\\d)[eE][+-]?\\d{9,}", "");
            root = TREE.readTree(text.equals(new String(bytes, StandardCharsets.UTF_8)) ? bytes : utf8(text));
        } catch (IOException e) {
            return false;
        }
        return isTrade(root, trade) || isTrade(root.path("data"), trade);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static boolean isTrade(JsonNode node, Trade trade) {
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

package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.RejectReason;
import io.metdc.market.Row;
import io.metdc.market.TradeId;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameTest {
    private static final Shape ROW = new Shape();
    private static final Field SYMBOL = ROW.field("s");
    private static final Field PRICE = ROW.field("p");
    private static final Field TIME = ROW.field("T");
    private static final Field SMALL_TIME = ROW.field("t");
    private static final Field MAKER = ROW.field("m");
    private static final List<Field> FIELDS = List.of(SYMBOL, PRICE, TIME, SMALL_TIME, MAKER);

    private static final Shape TOP = new Shape(ROW);
    private static final Field TOPIC = TOP.field("topic");
    private static final Field DATA = TOP.nested("data", ROW);

    // ---- any JSON that means the same is read the same

    @Test
    void any_order_whitespace_escape_and_unknown_key_reads_the_same() {
        var random = new Random(7);
        var frame = new Frame(); // one for all, as a connection has it
        for (int round = 0; round < 20_000; round++) {
            Map<String, String> row = randomRow(random);
            Map<String, String> last = new LinkedHashMap<>(row);
            String data = object(random, row, last);
            Map<String, String> top = new LinkedHashMap<>();
            top.put("topic", "\"trades\"");
            top.put("data", data);
            String json = object(random, top, new LinkedHashMap<>());

            byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
            assertThat(frame.set(bytes, 0, bytes.length, 1).parse(TOP)).as(json).isNull();
            assertThat(frame.is(TOPIC, "trades")).as(json).isTrue();
            assertThat(frame.enter(DATA)).as(json).isTrue();
            assertThat(frame.next()).as(json).isFalse();
            for (Field field : FIELDS) {
                String value = last.get(field.name());
                assertThat(frame.has(field)).as(json).isEqualTo(value != null);
                if (value != null && value.startsWith("\"")) {
                    assertThat(frame.text(field)).as(json).isEqualTo(value.substring(1, value.length() - 1));
                } else if (value != null && Character.isDigit(value.charAt(0))) {
                    assertThat(frame.decimal(field)).as(json).isEqualTo(new BigDecimal(value));
                } else {
                    assertThat(frame.isTrue(field)).as(json).isEqualTo("true".equals(value));
                    assertThat(frame.isNull(field)).as(json).isEqualTo("null".equals(value));
                }
            }
        }
    }

    private static Map<String, String> randomRow(Random random) {
        List<String> values = List.of(
                "\"SOLUSDT\"", "\"柴犬\"", "\"0.5\"", "1793000000123", "0.00000001", "true", "false", "null", "\"\"");
        Map<String, String> row = new LinkedHashMap<>();
        List<Field> shuffled = new ArrayList<>(FIELDS);
        Collections.shuffle(shuffled, random);
        for (Field field : shuffled.subList(0, random.nextInt(FIELDS.size() + 1))) {
            row.put(field.name(), values.get(random.nextInt(values.size())));
        }
        return row;
    }

    /// Writes an object with these members, among unknown ones, sometimes one of them twice.
    ///
    /// @param last gets what counts in the end
    private static String object(Random random, Map<String, String> members, Map<String, String> last) {
        List<String> written = new ArrayList<>();
        for (Map.Entry<String, String> member : members.entrySet()) {
            if (random.nextInt(10) == 0 && !member.getValue().startsWith("{")) {
                written.add(member(random, member.getKey(), "\"earlier\""));
            }
            written.add(member(random, member.getKey(), member.getValue()));
            last.put(member.getKey(), member.getValue());
            if (random.nextInt(3) == 0) {
                written.add(member(random, "x" + random.nextInt(5), unknown(random, 3)));
            }
        }
        return "{" + space(random) + String.join(space(random) + "," + space(random), written) + space(random) + "}";
    }

    private static String member(Random random, String key, String value) {
        String shown = value.startsWith("\"") && !value.contains("\\") && random.nextInt(4) == 0
                ? "\"" + escaped(random, value.substring(1, value.length() - 1)) + "\""
                : value;
        return "\"" + (random.nextInt(4) == 0 ? escaped(random, key) : key) + "\"" + space(random) + ":" + space(random)
                + shown;
    }

    private static String unknown(Random random, int depth) {
        return switch (depth == 0 ? random.nextInt(3) : random.nextInt(5)) {
            case 0 -> "12.5e-3";
            case 1 -> "\"p\\\"}\"";
            case 2 -> "null";
            case 3 -> "{\"p\":" + unknown(random, depth - 1) + ",\"data\":{\"s\":\"WRONG\"},\"topic\":\"no\"}";
            default -> "[" + unknown(random, depth - 1) + ",[],{}]";
        };
    }

    private static String escaped(Random random, String text) {
        var out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            out.append(random.nextBoolean() ? String.format("\\u%04x", (int) c) : String.valueOf(c));
        }
        return out.toString();
    }

    private static String space(Random random) {
        return random.nextInt(4) == 0 ? " \t\r\n".substring(0, random.nextInt(5)) : "";
    }

    // ---- values

    @Test
    void a_frame_is_used_again_without_a_trace_of_the_last_message() {
        var frame = new Frame();
        byte[] first = "{\"data\":{\"s\":\"SOLUSDT\",\"m\":true}}".getBytes(StandardCharsets.UTF_8);
        byte[] second = "  {\"data\":{\"p\":1}}  ".getBytes(StandardCharsets.UTF_8);
        frame.set(first, 0, first.length, 1).parse(TOP);
        frame.enter(DATA);
        frame.set(second, 2, second.length - 2, 2).parse(TOP);

        assertThat(frame.enter(DATA)).isTrue();
        assertThat(frame.has(SYMBOL)).isFalse();
        assertThat(frame.isTrue(MAKER)).isFalse();
        assertThat(frame.integer(PRICE)).isEqualTo(1);
        assertThat(frame.receivedAtNanos()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "9223372036854775807, 9223372036854775807",
        "-5, -5",
    })
    void whole_numbers_are_read_as_numbers_and_as_text(String written, long number) {
        assertThat(read("{\"T\":" + written + "}").integer(TIME)).isEqualTo(number);
        assertThat(read("{\"T\":\"" + written + "\"}").integer(TIME)).isEqualTo(number);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "9223372036854775808",
                "99999999999999999999",
                "1.0",
                "1e3",
                "\"\"",
                "\"-\"",
                "\"1 \"",
                "\"+1\"",
                "true",
                "null",
                "[1]",
                "{}",
                "\"１２\""
            })
    void what_is_no_whole_number_of_64_bits_is_none(String written) {
        assertThat(read("{\"T\":" + written + "}").integer(TIME)).isEqualTo(Frame.NO_NUMBER);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "7",
                "007",
                "999999999999999999",
                "1000000000000000000",
                "24793081206521856",
                "7a97d4812e113d292303a18b",
                "6f1c2a52-9d0e-4c1b-8f34-0d8a6f1e2b3c",
                "a123",
                "1a2b"
            })
    void an_id_is_kept_as_it_was_written(String written) {
        assertThat(read("{\"T\":\"" + written + "\"}").id(TIME)).isEqualTo(TradeId.of(written));
        if (written.matches("0|[1-9]\\d*")) {
            assertThat(read("{\"T\":" + written + "}").id(TIME)).isEqualTo(TradeId.of(written));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"\"\"", "-5", "1.0", "1e3", "null", "true", "[1]", "\"a b\"", "\"\\u0000\"", "\"１\"", "\"a'\""})
    void what_could_be_no_id_is_none(String written) {
        assertThat(read("{\"T\":" + written + "}").id(TIME)).isNull();
        assertThat(read("{\"T\":\"" + "a".repeat(65) + "\"}").id(TIME)).isNull();
    }

    @Test
    void decimals_keep_every_digit() {
        String digits = "12345678901234567890123456789.000000000000000000010";

        assertThat(read("{\"p\":\"" + digits + "\"}").decimal(PRICE)).isEqualTo(new BigDecimal(digits));
        assertThat(read("{\"p\":" + digits + "}").decimal(PRICE)).isEqualTo(new BigDecimal(digits));
    }

    @Test
    void a_key_in_another_letter_case_is_another_key() {
        Frame frame = read("{\"t\":1,\"T\":2,\"S\":\"x\"}");

        assertThat(frame.integer(SMALL_TIME)).isEqualTo(1);
        assertThat(frame.integer(TIME)).isEqualTo(2);
        assertThat(frame.has(SYMBOL)).isFalse();
    }

    @Test
    void a_text_is_one_of_those_expected_or_none() {
        assertThat(read("{\"s\":\"ADL\"}").oneOf(SYMBOL, List.of("NA", "ADL"))).isEqualTo("ADL");
        assertThat(read("{\"s\":\"ADLX\"}").oneOf(SYMBOL, List.of("NA", "ADL"))).isNull();
        assertThat(read("{\"s\":7}").oneOf(SYMBOL, List.of("7"))).isNull();
    }

    @Test
    void a_value_that_is_too_long_costs_only_itself() {
        Frame frame = read("{\"s\":\"" + "x".repeat(1 << 20) + "\",\"p\":" + "7".repeat(100_000) + ",\"T\":5}");

        assertThat(frame.text(SYMBOL)).isNull();
        assertThat(frame.decimal(PRICE)).isNull();
        assertThat(frame.integer(TIME)).isEqualTo(5);
    }

    // ---- rows

    @Test
    void rows_are_read_in_their_order_wherever_the_array_stands() {
        Frame frame = read("{\"data\":[{\"T\":1},{\"T\":2},{\"T\":3}],\"topic\":\"behind\"}");
        List<Long> times = new ArrayList<>();
        assertThat(frame.is(TOPIC, "behind")).isTrue();
        for (boolean more = frame.enter(DATA); more; more = frame.next()) {
            times.add(frame.integer(TIME));
        }

        assertThat(times).containsExactly(1L, 2L, 3L);
    }

    @Test
    void rows_that_are_no_objects_are_rows_all_the_same() {
        Market market = new Market(Exchange.BINANCE, MarketType.SPOT);
        Instrument instrument = Instrument.of(market, "SOLUSDT", "SOL", "USDT");
        Frame frame = read("{\"data\":[{\"s\":\"a\"},null,\"x\",7,[],{\"s\":\"b\"}]}");

        List<Row> rows = frame.rows(DATA, () -> frame.rejected(instrument, RejectReason.MALFORMED, -1, "test"));

        assertThat(rows).hasSize(6);
        assertThat(rows.toString()).contains("test: s=\"a\"", "test: s=\"b\"", "nothing of it could be read");
    }

    @Test
    void a_row_can_be_an_array_whose_places_are_the_fields() {
        Frame frame = read("{\"data\":[[\"SOLUSDT\",\"0.5\",1,2,true,{\"more\":[]}],[\"X\"]]}");

        assertThat(frame.enter(DATA)).isTrue();
        assertThat(frame.text(SYMBOL)).isEqualTo("SOLUSDT");
        assertThat(frame.decimal(PRICE)).isEqualTo("0.5");
        assertThat(frame.isTrue(MAKER)).isTrue();
        assertThat(frame.next()).isTrue();
        assertThat(frame.text(SYMBOL)).isEqualTo("X");
        assertThat(frame.has(PRICE)).isFalse();
    }

    @Test
    void an_empty_array_has_no_rows() {
        assertThat(read("{\"data\":[]}").enter(DATA)).isFalse();
        assertThat(read("{\"data\":null}").enter(DATA)).isFalse();
        assertThat(read("{\"data\":5}").enter(DATA)).isFalse();
        assertThat(read("{}").enter(DATA)).isFalse();
    }

    @Test
    void a_message_that_is_an_array_is_walked_from_its_first_row() {
        Frame frame = Frame.of("[{\"T\":1},{\"T\":2}]", 0);

        assertThat(frame.parse(ROW)).isNull();
        assertThat(frame.isArray()).isTrue();
        assertThat(frame.integer(TIME)).isEqualTo(1);
        assertThat(frame.next()).isTrue();
        assertThat(frame.integer(TIME)).isEqualTo(2);
    }

    @Test
    void of_two_arrays_under_one_key_the_last_counts() {
        Frame frame = read("{\"data\":[{\"T\":1},{\"T\":2}],\"data\":[{\"T\":3}]}");

        assertThat(frame.enter(DATA)).isTrue();
        assertThat(frame.integer(TIME)).isEqualTo(3);
        assertThat(frame.next()).isFalse();
    }

    // ---- what nobody can read

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``                              | empty",
                "   `   `                        | empty",
                "{\"data\":{\"s\":\"SOLUSDT\",\"p | truncated",
                "{\"data\":[{\"s\":1             | truncated",
                "{                               | truncated",
                "pong                            | not JSON",
                "<html>busy</html>               | not JSON",
                "{\"T\":01}                      | not JSON",
                "{\"T\":NaN}                     | not JSON",
                "{\"T\":1,}                      | not JSON",
                "{T:1}                           | not JSON",
                "{\"T\":1} {\"T\":2}             | not JSON",
                "{\"T\":1}]                      | not JSON",
                "17                              | not an object",
                "\"text\"                        | not an object",
                "null                            | not an object",
            })
    void what_cannot_be_read_is_named_by_one_of_few_words(String text, String word) {
        assertThat(Frame.of(text, 0).parse(TOP)).isEqualTo(new Message.Unreadable(word));
    }

    @Test
    void binary_rubbish_is_not_json() {
        var random = new Random(11);
        for (int i = 0; i < 10_000; i++) {
            byte[] rubbish = new byte[1 + random.nextInt(200)];
            random.nextBytes(rubbish);
            assertThatCode(() -> Frame.of(rubbish, 0).parse(TOP)).doesNotThrowAnyException();
        }
        assertThat(Frame.of(new byte[] {1, 2, 3}, 0).parse(TOP)).isEqualTo(Frame.NOT_JSON);
        assertThat(Frame.of(new byte[] {'{', '"', 's', '"', ':', '"', (byte) 0xc3, '"', '}'}, 0)
                        .parse(TOP))
                .isEqualTo(Frame.NOT_JSON);
    }

    @Test
    void nesting_too_deep_is_beyond_the_limits() {
        String deep = "{\"x\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";

        assertThat(Frame.of(deep, 0).parse(TOP)).isEqualTo(Frame.BEYOND_LIMITS);
    }

    @Test
    void more_rows_than_any_exchange_sends_are_beyond_the_limits() {
        String rows = "{\"data\":[" + "{},".repeat(Frame.MAX_ROWS) + "{}]}";

        assertThat(Frame.of(rows, 0).parse(TOP)).isEqualTo(Frame.BEYOND_LIMITS);
    }

    @Test
    void a_message_of_a_megabyte_is_read() {
        Frame frame = read("{\"x\":\"" + "y".repeat(1 << 20) + "\",\"T\":5}");

        assertThat(frame.integer(TIME)).isEqualTo(5);
    }

    @Test
    void samples_are_bounded_and_show_any_bytes() {
        byte[] rubbish = new byte[5_000];
        Arrays.fill(rubbish, (byte) 0xff);

        assertThat(Frame.of(rubbish, 0).sample(500)).hasSize(500);
        assertThat(Frame.of("short", 0).sample(500)).isEqualTo("short");
    }

    @Test
    void a_text_that_is_no_json_can_be_recognised() {
        assertThat(Frame.of("pong", 0).isText("pong")).isTrue();
        assertThat(Frame.of("ping", 0).isText("pong")).isFalse();
        assertThat(Frame.of("pong ", 0).isText("pong")).isFalse();
    }

    private static Frame read(String json) {
        Frame frame = Frame.of(json, 0);
        assertThat(frame.parse(TOP)).isNull();
        return frame;
    }
}

package io.metdc.connectors;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.metdc.market.Consumed;
import io.metdc.market.RejectReason;
import io.metdc.market.Rejected;
import io.metdc.market.Row;
import io.metdc.market.Trade;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/// A REST answer that lists things, read row by row: a list of ten megabytes never stands in memory as a tree.
final class Answer {
    private static final ObjectReader JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS) // no double anywhere
            .build()
            .reader();

    private Answer() {}

    /// Reads each row of an array.
    ///
    /// @param path the keys that lead to it, from the outermost object: `symbols`, `data/products`
    /// @throws UnreadableAnswer when the answer is no complete JSON, has no such array or nothing in it
    static <T> List<T> rows(byte[] answer, String path, Function<JsonNode, T> reader) throws UnreadableAnswer {
        List<T> rows = new ArrayList<>();
        if (!lists(answer, Map.of(path, row -> rows.add(reader.apply(row)))).contains(path)) {
            throw new UnreadableAnswer("no list of " + path + " in the answer: " + excerpt(answer));
        }
        if (rows.isEmpty()) {
            throw new UnreadableAnswer("the list of " + path + " is empty");
        }
        return rows;
    }

    /// Reads the rows of several arrays in one pass, in the order of the answer.
    ///
    /// @param readers by the path of their array, as [#rows] has it
    /// @return the paths that are there
    /// @throws UnreadableAnswer when the answer is no complete JSON
    static Set<String> lists(byte[] answer, Map<String, Consumer<JsonNode>> readers) throws UnreadableAnswer {
        Set<String> found = new HashSet<>();
        try (JsonParser parser = JSON.createParser(answer)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new UnreadableAnswer("no JSON object but: " + excerpt(answer));
            }
            lists(parser, "", readers, found);
            if (parser.nextToken() != null) {
                throw new UnreadableAnswer("something behind the JSON of the answer");
            }
        } catch (IOException | NumberFormatException e) { // an exponent beyond 32 bits
            throw new UnreadableAnswer("no complete JSON: " + excerpt(answer), e);
        }
        return found;
    }

    private static void lists(
            JsonParser parser, String prefix, Map<String, Consumer<JsonNode>> readers, Set<String> found)
            throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String path = prefix + parser.currentName();
            JsonToken value = parser.nextToken();
            Consumer<JsonNode> reader = readers.get(path);
            if (value == JsonToken.START_ARRAY && reader != null) {
                found.add(path);
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    reader.accept(parser.readValueAsTree());
                }
            } else if (value == JsonToken.START_OBJECT
                    && readers.keySet().stream().anyMatch(wanted -> wanted.startsWith(path + "/"))) {
                lists(parser, path + "/", readers, found);
            } else {
                parser.skipChildren();
            }
        }
    }

    /// The answer, read in one pass; its current row is the answer itself.
    ///
    /// @throws UnreadableAnswer when it is no JSON
    static Frame frame(byte[] answer, Shape shape, long receivedAtNanos) throws UnreadableAnswer {
        Frame frame = Frame.of(answer, receivedAtNanos);
        Message.Unreadable unreadable = frame.parse(shape);
        if (unreadable != null) {
            throw new UnreadableAnswer(unreadable.why() + ": " + excerpt(answer));
        }
        return frame;
    }

    /// A code in an answer that is an object; "" where there is none.
    static String code(byte[] answer, Shape shape, Field field) {
        Frame frame = Frame.of(answer, 0);
        String code = frame.parse(shape) == null && !frame.isArray() ? frame.text(field) : null;
        return code == null ? "" : code;
    }

    /// Reads each row of an answer that is an array.
    ///
    /// @throws UnreadableAnswer when the answer is no complete JSON, no array or empty
    static <T> List<T> rows(byte[] answer, Function<JsonNode, T> reader) throws UnreadableAnswer {
        List<T> rows = new ArrayList<>();
        try (JsonParser parser = JSON.createParser(answer)) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                throw new UnreadableAnswer("no list but: " + excerpt(answer));
            }
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                rows.add(reader.apply(parser.readValueAsTree()));
            }
            if (parser.nextToken() != null) {
                throw new UnreadableAnswer("something behind the JSON of the answer");
            }
        } catch (IOException | NumberFormatException e) { // an exponent beyond 32 bits
            throw new UnreadableAnswer("no complete JSON, after " + rows.size() + " rows: " + excerpt(answer), e);
        }
        if (rows.isEmpty()) {
            throw new UnreadableAnswer("the list is empty");
        }
        return rows;
    }

    /// The text at the end of a path as [#rows] has it; "" when there is none.
    static String text(byte[] answer, String path) throws UnreadableAnswer {
        List<String> keys = List.of(path.split("/", -1));
        try (JsonParser parser = JSON.createParser(answer)) {
            int depth = 0;
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                boolean wanted = parser.currentName().equals(keys.get(depth));
                JsonToken value = parser.nextToken();
                if (wanted && depth == keys.size() - 1) {
                    return value == JsonToken.VALUE_STRING ? parser.getText() : "";
                }
                if (wanted && value == JsonToken.START_OBJECT) {
                    depth++;
                } else {
                    parser.skipChildren();
                }
            }
            return "";
        } catch (IOException e) {
            throw new UnreadableAnswer("no complete JSON: " + excerpt(answer), e);
        }
    }

    /// The whole text as a tree.
    static JsonNode tree(byte[] bytes, int offset, int length) throws IOException {
        return JSON.readTree(bytes, offset, length);
    }

    /// Reads an answer that is an array of trades.
    ///
    /// @param reader reads the frame's current row
    /// @throws UnreadableAnswer when it is none, or the times of its rows are in another unit than the stream's:
    ///                          stored, its trades could appear twice
    static List<Row> trades(byte[] answer, Frame frame, Shape shape, Supplier<Row> reader) throws UnreadableAnswer {
        Message.Unreadable unreadable = frame.parse(shape);
        if (unreadable != null || !frame.isArray()) {
            String why = unreadable == null ? "no list" : unreadable.why();
            throw new UnreadableAnswer(why + " of trades but: " + excerpt(answer));
        }
        List<Row> rows = frame.top() ? frame.rows(reader) : List.of();
        requireTimeUnit(rows);
        return rows;
    }

    /// @throws UnreadableAnswer when the times of these rows are in another unit than the stream's
    static void requireTimeUnit(List<Row> rows) throws UnreadableAnswer {
        for (Row row : rows) {
            if (row instanceof Rejected rejected && rejected.reason() == RejectReason.TIME_UNIT) {
                throw new UnreadableAnswer("time unit: " + rejected.detail());
            }
        }
    }

    /// The contiguous number of a row that was read, or [Trade#NO_SEQUENCE].
    static long number(Row row) {
        return switch (row) {
            case Trade trade -> trade.sequence();
            case Consumed consumed -> consumed.sequence();
            case Rejected rejected -> rejected.sequence();
        };
    }

    /// The beginning of an answer on one line, for messages.
    static String excerpt(byte[] answer) {
        String text = new String(answer, 0, Math.min(answer.length, 800), StandardCharsets.UTF_8)
                .replaceAll("\\s+", " ")
                .strip();
        return text.length() <= 200 ? text : text.substring(0, 200) + "…";
    }
}

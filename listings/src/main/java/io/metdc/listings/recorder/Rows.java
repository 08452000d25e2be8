package io.metdc.listings.recorder;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import io.metdc.market.Flag;
import java.io.IOException;
import java.io.Writer;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// How a trade is written: as a line of CSV, as an object of our JSON, and as the one of the raw files.
final class Rows {
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private static final String HEADER = String.join(
            ",",
            List.of(
                    "exchange",
                    "market",
                    "symbol",
                    "base",
                    "executed_at",
                    "executed_ns",
                    "received_at",
                    "trade_id",
                    "price",
                    "quantity",
                    "contracts",
                    "taker_side",
                    "origin",
                    "flags"));

    private static final String END = "\r\n";

    /// By these a spreadsheet takes a field for a formula.
    private static final String FORMULA = "=+-@\t\r";

    private Rows() {}

    /// The columns of the view `trade`, as RFC 4180 has it.
    static void csvHeader(Writer out) throws IOException {
        out.write(HEADER + END);
    }

    static void csv(Writer out, Tape.Row row) throws IOException {
        out.write(row.exchange());
        out.write(',');
        out.write(row.market());
        out.write(',');
        out.write(field(row.symbol()));
        out.write(',');
        out.write(field(row.base()));
        out.write(',');
        MICROS.formatTo(row.executedAt(), out);
        out.write(',');
        out.write(Integer.toString(row.executedNanos()));
        out.write(',');
        MICROS.formatTo(row.receivedAt(), out);
        out.write(',');
        out.write(field(row.id()));
        out.write(',');
        out.write(row.price().toPlainString());
        out.write(',');
        out.write(row.quantity().toPlainString());
        out.write(',');
        BigDecimal contracts = row.contracts();
        if (contracts != null) {
            out.write(contracts.toPlainString());
        }
        out.write(',');
        out.write(side(row));
        out.write(',');
        out.write(row.origin());
        out.write(',');
        out.write(flags(row).stream().collect(Collectors.joining("|")));
        out.write(END);
    }

    /// A text from outside: never a formula, never more than one field.
    static String field(String text) {
        String safe = !text.isEmpty() && FORMULA.indexOf(text.charAt(0)) >= 0 ? "'" + text : text;
        boolean quotes = safe.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r')
                || !safe.equals(safe.strip());
        return quotes ? '"' + safe.replace("\"", "\"\"") + '"' : safe;
    }

    /// The same columns; prices and sizes are texts, so that no reader rounds them.
    static void json(JsonGenerator json, Tape.Row row) throws IOException {
        json.writeStartObject();
        json.writeStringField("exchange", row.exchange());
        json.writeStringField("market", row.market());
        json.writeStringField("symbol", row.symbol());
        json.writeStringField("base", row.base());
        json.writeStringField("executed_at", MICROS.format(row.executedAt()));
        json.writeNumberField("executed_ns", row.executedNanos());
        json.writeStringField("received_at", MICROS.format(row.receivedAt()));
        json.writeStringField("trade_id", row.id());
        json.writeStringField("price", row.price().toPlainString());
        json.writeStringField("quantity", row.quantity().toPlainString());
        text(json, "contracts", row.contracts());
        json.writeStringField("taker_side", side(row));
        json.writeStringField("origin", row.origin());
        json.writeArrayFieldStart("flags");
        for (String flag : flags(row)) {
            json.writeString(flag);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    /// As the raw files of this tool's ancestor have it; times are milliseconds since the epoch.
    ///
    /// @param trigger what relative times are measured from
    static void raw(JsonGenerator json, Tape.Row row, Instant trigger) throws IOException {
        json.writeStartObject();
        json.writeStringField("exchange", row.exchange());
        json.writeStringField("market_type", row.market());
        json.writeStringField("symbol", row.symbol());
        json.writeStringField("trade_id", row.id());
        json.writeStringField("price", row.price().toPlainString());
        json.writeStringField("quantity", row.quantity().toPlainString());
        json.writeStringField("side", side(row));
        json.writeNumberField("timestamp", row.executedAt().toEpochMilli());
        json.writeNumberField("collected_at", row.receivedAt().toEpochMilli());
        json.writeNumberField("trigger_time", trigger.toEpochMilli());
        json.writeBooleanField("is_buyer_maker", !row.buy());
        json.writeStringField("quote_qty", row.price().multiply(row.quantity()).toPlainString());
        json.writeEndObject();
    }

    private static void text(JsonGenerator json, String name, @Nullable BigDecimal number) throws IOException {
        if (number == null) {
            json.writeNullField(name);
        } else {
            json.writeStringField(name, number.toPlainString());
        }
    }

    private static String side(Tape.Row row) {
        return row.buy() ? "buy" : "sell";
    }

    private static List<String> flags(Tape.Row row) {
        return row.flags() == 0
                ? List.of()
                : Flag.ofBits(row.flags()).stream().sorted().map(Flag::id).toList();
    }

    /// An array with an object a line.
    static final class ObjectALine extends MinimalPrettyPrinter {
        private static final long serialVersionUID = 1L;

        @Override
        public void beforeArrayValues(JsonGenerator json) throws IOException {
            if (json.getOutputContext().getParent().inRoot()) {
                json.writeRaw('\n');
            }
        }

        @Override
        public void writeArrayValueSeparator(JsonGenerator json) throws IOException {
            json.writeRaw(json.getOutputContext().getParent().inRoot() ? ",\n" : ",");
        }

        @Override
        public void writeEndArray(JsonGenerator json, int values) throws IOException {
            json.writeRaw(values > 0 && json.getOutputContext().getParent().inRoot() ? "\n]" : "]");
        }
    }
}

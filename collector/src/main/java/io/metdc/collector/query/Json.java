package io.metdc.collector.query;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import java.io.IOException;
import java.io.Writer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An answer as a JSON array with an object a line. Numbers keep all their digits.
public final class Json implements Answer {
    private final JsonGenerator json;
    private List<Column> columns = List.of();

    public Json(Writer out) throws IOException {
        json = new JsonFactory().createGenerator(out);
        json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        json.setPrettyPrinter(new ObjectALine());
    }

    @Override
    public void begin(List<Column> columns) throws IOException {
        this.columns = List.copyOf(columns);
        json.writeStartArray();
    }

    @Override
    public void row(List<@Nullable String> values) throws IOException {
        json.writeStartObject();
        for (int i = 0; i < values.size(); i++) {
            json.writeFieldName(columns.get(i).name());
            String value = values.get(i);
            if (value == null) {
                json.writeNull();
                continue;
            }
            switch (columns.get(i).kind()) {
                case NUMBER -> number(value);
                case BOOLEAN -> json.writeBoolean(value.equals("true"));
                case JSON -> json.writeRawValue(value);
                case TIME, TEXT -> json.writeString(value);
            }
        }
        json.writeEndObject();
    }

    /// PostgreSQL has numbers that JSON has not: NaN, Infinity.
    private void number(String value) throws IOException {
        if (Character.isLetter(value.charAt(value.length() - 1))) {
            json.writeString(value);
        } else {
            json.writeNumber(value);
        }
    }

    @Override
    public void end() throws IOException {
        json.writeEndArray();
        json.writeRaw('\n');
        json.flush();
    }

    private static final class ObjectALine extends MinimalPrettyPrinter {
        private static final long serialVersionUID = 1L;

        @Override
        public void beforeArrayValues(JsonGenerator json) throws IOException {
            json.writeRaw('\n');
        }

        @Override
        public void writeArrayValueSeparator(JsonGenerator json) throws IOException {
            json.writeRaw(",\n");
        }

        @Override
        public void writeEndArray(JsonGenerator json, int values) throws IOException {
            json.writeRaw(values == 0 ? "]" : "\n]");
        }
    }
}

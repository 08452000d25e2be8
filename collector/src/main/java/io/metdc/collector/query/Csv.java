package io.metdc.collector.query;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An answer as RFC 4180 has it: CRLF at the end of a line, quotes only where they are needed. No value is
/// an empty field, an empty text is `""`.
public final class Csv implements Answer {
    private final Appendable out;

    public Csv(Appendable out) {
        this.out = out;
    }

    @Override
    public void begin(List<Column> columns) throws IOException {
        List<@Nullable String> names = new ArrayList<>();
        columns.forEach(column -> names.add(column.name()));
        row(names);
    }

    @Override
    public void row(List<@Nullable String> values) throws IOException {
        for (int i = 0; i < values.size(); i++) {
            if (i > 0) {
                out.append(',');
            }
            String value = values.get(i);
            if (value != null) {
                out.append(field(value));
            }
        }
        out.append("\r\n");
    }

    @Override
    public void end() {}

    private static String field(String value) {
        boolean quotes = value.isEmpty()
                || value.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r')
                || Character.isWhitespace(value.charAt(0))
                || Character.isWhitespace(value.charAt(value.length() - 1));
        return quotes ? '"' + value.replace("\"", "\"\"") + '"' : value;
    }
}

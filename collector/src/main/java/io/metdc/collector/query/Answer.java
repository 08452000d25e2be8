package io.metdc.collector.query;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Takes an answer row by row and writes it. Values come as exact text: a number in all its digits.
public interface Answer {
    void begin(List<Column> columns) throws IOException;

    /// Takes one row.
    ///
    /// @param values as many as there are columns; null where the database has none
    void row(List<@Nullable String> values) throws IOException;

    void end() throws IOException;
}

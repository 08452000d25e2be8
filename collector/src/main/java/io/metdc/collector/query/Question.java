package io.metdc.collector.query;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.metdc.collector.query.Column.Kind;
import java.io.IOException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/// One statement, asked in a transaction that cannot write. Rows come in portions and go straight to the
/// answer. Used once; [#cancel()] may come from any thread.
public final class Question {
    /// At a time in memory.
    private static final int ROWS = 1_000;

    private static final DateTimeFormatter TIME = new DateTimeFormatterBuilder()
            .appendPattern("yyyy-MM-dd'T'HH:mm:ss")
            .appendFraction(ChronoField.NANO_OF_SECOND, 0, 6, true)
            .appendLiteral('Z')
            .toFormatter(Locale.ROOT);

    private final String sql;
    private final List<@Nullable String> parameters;
    private final Duration limit;

    private @Nullable Statement running;
    private boolean cancelled;

    /// @param sql        with a `?` for each parameter
    /// @param parameters as text; the database takes each for what its place wants
    /// @param limit      the server gives up after this; zero for never
    private Question(String sql, List<@Nullable String> parameters, Duration limit) {
        this.sql = sql;
        this.parameters = parameters;
        this.limit = limit;
    }

    /// Free SQL, which is not looked into any further: a single statement.
    public static Question free(String sql, Duration limit) {
        return new Question(sql.replace("?", "??"), List.of(), limit);
    }

    /// A named query.
    ///
    /// @param values of the parameters that have another value than their default
    public static Question named(NamedQuery query, Map<String, String> values, Duration limit) {
        SqlText text = SqlText.parse(query.sql(), query.parameters().keySet());
        List<@Nullable String> parameters = new ArrayList<>();
        for (String name : text.parameters()) {
            NamedQuery.Parameter parameter = query.parameters().get(name);
            parameters.add(values.getOrDefault(name, parameter == null ? "" : parameter.fallback()));
        }
        return new Question(text.jdbc(), parameters, limit);
    }

    /// Asks, and hands the rows on.
    ///
    /// @throws SQLException when the database refuses or fails; SQLSTATE 57014 after [#cancel()] and when
    ///         it took too long
    public void ask(DataSource database, Answer answer) throws SQLException, IOException {
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            connection.setReadOnly(true);
            try {
                guard(connection);
                ask(connection, answer);
            } finally {
                connection.rollback();
            }
        }
    }

    /// Ends the question from outside.
    public void cancel() {
        Statement statement;
        synchronized (this) {
            cancelled = true;
            statement = running;
        }
        if (statement != null) {
            try {
                statement.cancel();
            } catch (SQLException e) {
                // It has just ended.
            }
        }
    }

    /// Whether it was ended from outside.
    public synchronized boolean isCancelled() {
        return cancelled;
    }

    /// A query, so that from here on the transaction cannot be made one that writes.
    private void guard(Connection connection) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT set_config('statement_timeout', ?, true)")) {
            statement.setString(1, Long.toString(limit.toMillis()));
            statement.execute();
        }
    }

    private void ask(Connection connection, Answer answer) throws SQLException, IOException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setFetchSize(ROWS);
            for (int i = 0; i < parameters.size(); i++) {
                statement.setObject(i + 1, parameters.get(i), Types.OTHER); // the server decides what type it has
            }
            if (!begin(statement)) {
                throw new SQLException("cancelled", "57014");
            }
            try {
                if (statement.execute()) {
                    try (ResultSet rows = statement.getResultSet()) {
                        hand(rows, answer);
                    }
                } else {
                    answer.begin(List.of());
                    answer.end();
                }
            } finally {
                synchronized (this) {
                    running = null;
                }
            }
        }
    }

    private synchronized boolean begin(Statement statement) {
        running = statement;
        return !cancelled;
    }

    private static void hand(ResultSet rows, Answer answer) throws SQLException, IOException {
        List<Column> columns = columns(rows.getMetaData());
        answer.begin(columns);
        while (rows.next()) {
            List<@Nullable String> values = new ArrayList<>(columns.size());
            for (int i = 0; i < columns.size(); i++) {
                values.add(value(rows, i + 1, columns.get(i).kind()));
            }
            answer.row(values);
        }
        answer.end();
    }

    private static List<Column> columns(ResultSetMetaData meta) throws SQLException {
        List<Column> columns = new ArrayList<>();
        for (int i = 1; i <= meta.getColumnCount(); i++) {
            columns.add(new Column(meta.getColumnLabel(i), kind(meta.getColumnTypeName(i))));
        }
        return columns;
    }

    private static Kind kind(String type) {
        return switch (type) {
            case "int2", "int4", "int8", "oid", "numeric", "float4", "float8", "serial", "bigserial", "smallserial" ->
                Kind.NUMBER;
            case "bool" -> Kind.BOOLEAN;
            case "timestamptz" -> Kind.TIME;
            case "json", "jsonb", "_text", "_int4", "_int8", "_varchar" -> Kind.JSON;
            default -> Kind.TEXT;
        };
    }

    private static @Nullable String value(ResultSet rows, int column, Kind kind) throws SQLException {
        return switch (kind) {
            case NUMBER, TEXT -> rows.getString(column);
            case BOOLEAN -> {
                boolean value = rows.getBoolean(column);
                yield rows.wasNull() ? null : String.valueOf(value);
            }
            case TIME -> time(rows, column);
            case JSON ->
                rows.getMetaData().getColumnTypeName(column).startsWith("_")
                        ? array(rows.getArray(column))
                        : rows.getString(column);
        };
    }

    private static @Nullable String time(ResultSet rows, int column) throws SQLException {
        OffsetDateTime time = rows.getObject(column, OffsetDateTime.class);
        if (time == null) {
            return null;
        }
        boolean infinite = time.equals(OffsetDateTime.MAX) || time.equals(OffsetDateTime.MIN);
        return infinite ? rows.getString(column) : TIME.format(time.withOffsetSameInstant(ZoneOffset.UTC));
    }

    private static @Nullable String array(@Nullable Array array) throws SQLException {
        if (array == null) {
            return null;
        }
        StringBuilder json = new StringBuilder("[");
        for (Object element : (Object[]) array.getArray()) {
            json.append(json.length() > 1 ? "," : "");
            if (element == null || element instanceof Number) {
                json.append(element);
            } else {
                json.append('"');
                JsonStringEncoder.getInstance().quoteAsString(element.toString(), json);
                json.append('"');
            }
        }
        return json.append(']').toString();
    }
}

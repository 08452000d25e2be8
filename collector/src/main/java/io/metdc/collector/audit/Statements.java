package io.metdc.collector.audit;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/// Statements one after the other, of which the running one can be given up from another thread; none runs after that.
final class Statements {
    private static final int ROWS = 1_000;
    private static final String CANCELLED = "57014";

    private @Nullable Statement running;
    private boolean cancelled;

    /// Sets a statement's parameters.
    interface Parameters {
        void set(PreparedStatement statement) throws SQLException;
    }

    /// Takes the answer.
    interface Rows {
        void take(ResultSet row) throws SQLException;
    }

    void ask(Connection connection, String sql, Parameters parameters, Rows rows) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setFetchSize(ROWS);
            parameters.set(statement);
            begin(statement);
            try (ResultSet row = statement.executeQuery()) {
                rows.take(row);
            } finally {
                end();
            }
        }
    }

    private synchronized void begin(Statement statement) throws SQLException {
        if (cancelled) {
            throw new SQLException("cancelled", CANCELLED);
        }
        running = statement;
    }

    private synchronized void end() {
        running = null;
    }

    void cancel() {
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

    synchronized boolean isCancelled() {
        return cancelled;
    }

    static OffsetDateTime parameter(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }

    static Instant instant(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}

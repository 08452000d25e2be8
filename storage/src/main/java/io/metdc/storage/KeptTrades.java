package io.metdc.storage;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/// The trades of listings' windows, which stay when their hour is dropped: they go from `trades` to `kept_trades`, and
/// the view `trade` has each of them once at any moment.
final class KeptTrades {
    private KeptTrades() {}

    /// A stretch of an hour that stays.
    record Span(int instrument, OffsetDateTime from, OffsetDateTime to) {}

    /// What stays of an hour.
    static List<Span> spans(Connection connection, long hour) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT instrument_id, greatest(from_time, ?), least(to_time, ?) FROM kept_spans"
                        + " WHERE from_time < ? AND to_time > ? ORDER BY instrument_id, from_time")) {
            select.setObject(1, start(hour));
            select.setObject(2, start(hour + 1));
            select.setObject(3, start(hour + 1));
            select.setObject(4, start(hour));
            List<Span> spans = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    spans.add(new Span(
                            row.getInt(1),
                            row.getObject(2, OffsetDateTime.class),
                            row.getObject(3, OffsetDateTime.class)));
                }
            }
            return spans;
        }
    }

    /// Keeps the writer from looking whether a trade is kept until the transaction has ended, and the other way round.
    /// To be asked for before anything else is locked.
    static void lockForMoving(Statement statement) throws SQLException {
        statement.execute("LOCK TABLE kept_trades IN SHARE ROW EXCLUSIVE MODE");
    }

    /// The writer's side of [#lockForMoving(Statement)].
    static void lockForWriting(Statement statement) throws SQLException {
        statement.execute("LOCK TABLE kept_trades IN ROW EXCLUSIVE MODE");
    }

    /// Moves what stays out of a table, within the connection's transaction.
    static void move(Connection connection, String table, List<Span> spans) throws SQLException {
        run(
                connection,
                "WITH kept AS (DELETE FROM " + table
                        + " WHERE instrument_id = ? AND executed_at >= ? AND executed_at < ? RETURNING "
                        + TradeEncoder.COLUMNS + ") INSERT INTO kept_trades (" + TradeEncoder.COLUMNS + ") SELECT "
                        + TradeEncoder.COLUMNS + " FROM kept ON CONFLICT DO NOTHING",
                spans);
    }

    /// Copies what stays, within the connection's transaction, from a table that is about to go in the same one.
    static void copy(Connection connection, String table, List<Span> spans) throws SQLException {
        run(
                connection,
                "INSERT INTO kept_trades (" + TradeEncoder.COLUMNS + ") SELECT " + TradeEncoder.COLUMNS + " FROM "
                        + table + " WHERE instrument_id = ? AND executed_at >= ? AND executed_at < ?"
                        + " ON CONFLICT DO NOTHING",
                spans);
    }

    private static void run(Connection connection, String sql, List<Span> spans) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (Span span : spans) {
                statement.setInt(1, span.instrument());
                statement.setObject(2, span.from());
                statement.setObject(3, span.to());
                statement.executeUpdate();
            }
        }
    }

    /// Whether any trade executed in these hours is kept.
    static boolean any(Connection connection, long from, long to) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT EXISTS (SELECT FROM kept_trades WHERE executed_at >= ? AND executed_at < ?)")) {
            select.setObject(1, start(from));
            select.setObject(2, start(to + 1));
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    private static OffsetDateTime start(long hour) {
        return Hours.start(hour).atOffset(ZoneOffset.UTC);
    }
}

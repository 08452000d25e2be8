package io.metdc.storage;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Hours as partitions of plain PostgreSQL, named `trades_2026112014`.
///
/// A partition is made beside the table and then attached: that takes a lock which conflicts with no reader and
/// no writer. It is detached CONCURRENTLY before it is dropped, so that a query that has read it for hours delays
/// the drop and nothing else.
final class Partitions implements TradeTable {
    private static final String PREFIX = "trades_";
    /// A drop gives up before those who make an hour do, whom it keeps waiting meanwhile.
    private static final String SHORT_LOCK_TIMEOUT = "SET lock_timeout = '500ms'";

    private static final String LOCK_TIMEOUT = "SET lock_timeout = '5s'";
    private static final Set<String> IN_USE = Set.of("55P03", "57014", "40P01");

    private final Set<Long> known = new HashSet<>();

    private enum State {
        ATTACHED,
        DETACHING,
        DETACHED
    }

    @Override
    public synchronized void ensure(Connection connection, Set<Long> hours) throws SQLException {
        for (long hour : hours) {
            if (!known.contains(hour)) {
                make(connection, hour);
                known.add(hour);
            }
        }
    }

    @Override
    public void prepare(Connection connection) {}

    @Override
    public synchronized void forget() {
        known.clear();
    }

    private static void make(Connection connection, long hour) throws SQLException {
        String name = PREFIX + Hours.name(hour);
        Optional<State> state = state(connection, name);
        if (state.isPresent() && state.get() == State.ATTACHED) {
            return;
        }
        String from = "'" + Hours.start(hour) + "'";
        String to = "'" + Hours.start(hour + 1) + "'";
        try (Statement statement = connection.createStatement()) {
            statement.execute(LOCK_TIMEOUT);
            if (state.isPresent() && state.get() == State.DETACHING) { // a late trade of an hour that was about to go
                statement.execute("ALTER TABLE trades DETACH PARTITION " + name + " FINALIZE");
            }
            connection.setAutoCommit(false);
            try {
                if (state.isEmpty()) {
                    // With the check, attaching need not look at the rows.
                    statement.execute("CREATE TABLE " + name
                            + " (LIKE trades INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES INCLUDING COMMENTS,"
                            + " CONSTRAINT this_hour CHECK (executed_at >= " + from + " AND executed_at < " + to
                            + "))");
                    statement.execute("COMMENT ON TABLE " + name + " IS 'The part of trades that begins at "
                            + Hours.start(hour) + "'");
                }
                statement.execute("ALTER TABLE trades ATTACH PARTITION " + name + " FOR VALUES FROM (" + from + ") TO ("
                        + to + ")");
                statement.execute("ALTER TABLE " + name + " DROP CONSTRAINT IF EXISTS this_hour");
                connection.commit();
            } catch (SQLException e) {
                rollback(connection, e);
                throw e;
            } finally {
                restore(connection);
            }
        }
    }

    @Override
    public List<Stored> stored(Connection connection) throws SQLException {
        List<Stored> hours = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' AND relnamespace ="
                                + " (SELECT relnamespace FROM pg_class WHERE oid = 'trades'::regclass)"
                                + " AND relname ~ '^trades_[0-9]{10}$' ORDER BY relname")) {
            while (row.next()) {
                long hour = Hours.named(row.getString(1).substring(PREFIX.length()));
                if (hour >= 0) {
                    hours.add(new Stored(hour, row.getLong(2)));
                }
            }
        }
        return hours;
    }

    @Override
    public boolean drop(Connection connection, long hour) throws SQLException {
        synchronized (this) {
            known.remove(hour);
        }
        String name = PREFIX + Hours.name(hour);
        try (Statement statement = connection.createStatement()) {
            statement.execute(SHORT_LOCK_TIMEOUT);
            try {
                for (String other : detaching(statement)) { // PostgreSQL detaches one at a time
                    statement.execute("ALTER TABLE trades DETACH PARTITION " + other + " FINALIZE");
                }
                Optional<State> state = state(connection, name);
                if (state.isEmpty()) {
                    return true;
                }
                if (state.get() == State.ATTACHED) {
                    // Moved, not copied, since detaching waits for readers, and others see the rest meanwhile.
                    moveKept(connection, statement, name, hour);
                    statement.execute("ALTER TABLE trades DETACH PARTITION " + name + " CONCURRENTLY");
                }
                dropDetached(connection, statement, name, hour);
                return true;
            } catch (SQLException e) {
                if (e.getSQLState() != null && IN_USE.contains(e.getSQLState())) {
                    return false;
                }
                throw e;
            }
        }
    }

    private static void moveKept(Connection connection, Statement statement, String name, long hour)
            throws SQLException {
        List<KeptTrades.Span> spans = KeptTrades.spans(connection, hour);
        if (spans.isEmpty()) {
            return;
        }
        connection.setAutoCommit(false);
        try {
            KeptTrades.lockForMoving(statement);
            KeptTrades.move(connection, name, spans);
            connection.commit();
        } catch (SQLException e) {
            rollback(connection, e);
            throw e;
        } finally {
            restore(connection);
        }
    }

    /// Nobody writes to it any more, but somebody may have between the move and the detaching.
    private static void dropDetached(Connection connection, Statement statement, String name, long hour)
            throws SQLException {
        connection.setAutoCommit(false);
        try {
            List<KeptTrades.Span> spans = KeptTrades.spans(connection, hour);
            if (!spans.isEmpty()) {
                KeptTrades.lockForMoving(statement);
                KeptTrades.copy(connection, name, spans);
            }
            statement.execute("DROP TABLE " + name);
            connection.commit();
        } catch (SQLException e) {
            rollback(connection, e);
            throw e;
        } finally {
            restore(connection);
        }
    }

    @Override
    public int compress(Connection connection, long before) {
        return 0;
    }

    @Override
    public boolean compresses() {
        return false;
    }

    private static List<String> detaching(Statement statement) throws SQLException {
        List<String> names = new ArrayList<>();
        try (ResultSet row = statement.executeQuery(
                "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'trades'::regclass AND inhdetachpending")) {
            while (row.next()) {
                names.add(row.getString(1));
            }
        }
        return names;
    }

    /// @return empty when there is no such table
    private static Optional<State> state(Connection connection, String name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT i.inhdetachpending FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid"
                        + " WHERE c.oid = to_regclass(?)")) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                boolean detaching = row.getBoolean(1);
                return Optional.of(row.wasNull() ? State.DETACHED : detaching ? State.DETACHING : State.ATTACHED);
            }
        }
    }

    private static void rollback(Connection connection, SQLException why) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            why.addSuppressed(e);
        }
    }

    private static void restore(Connection connection) throws SQLException {
        if (!connection.isClosed()) {
            connection.setAutoCommit(true);
        }
    }
}

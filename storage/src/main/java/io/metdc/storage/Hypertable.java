package io.metdc.storage;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Hours as chunks of TimescaleDB, which makes them itself when a row needs them.
///
/// Source: docs.timescale.com/api, compress_chunk, drop_chunks, informational views; read for 2.28.
final class Hypertable implements TradeTable {
    private static final String LOCK_TIMEOUT = "SET lock_timeout = '500ms'";
    private static final Set<String> IN_USE = Set.of("55P03", "57014", "40P01");
    /// Bits of a chunk's status: its rows are out of order, or some of them are not compressed.
    private static final int TO_DO_AGAIN = 2 | 8;

    /// Compressing keeps writers of the hour waiting: one that is still written is left alone.
    private static final Duration QUIET = Duration.ofMinutes(15);

    private final boolean compresses;
    private final Map<Long, Long> written = new ConcurrentHashMap<>();
    private volatile @Nullable Compression running;

    private record Compression(long hour, Statement statement) {}

    /// @param compresses the server runs under Timescale's own licence
    Hypertable(boolean compresses) {
        this.compresses = compresses;
    }

    /// Says how chunks are compressed; without that nothing is.
    static void prepareCompression(Statement statement) throws SQLException {
        try (ResultSet row =
                statement.executeQuery("SELECT compression_enabled FROM timescaledb_information.hypertables"
                        + " WHERE hypertable_name = 'trades' AND hypertable_schema = current_schema()")) {
            if (row.next() && row.getBoolean(1)) {
                return;
            }
        }
        statement.execute(
                "ALTER TABLE trades SET (timescaledb.compress, timescaledb.compress_segmentby = 'instrument_id',"
                        + " timescaledb.compress_orderby = 'executed_at, id_number, id_text')");
    }

    /// There is nothing to make. A compression of one of these hours gives way to who wants to write.
    @Override
    public void ensure(Connection connection, Set<Long> hours) throws SQLException {
        if (!compresses) {
            return;
        }
        long now = System.nanoTime();
        for (long hour : hours) {
            written.put(hour, now);
        }
        Compression current = running;
        if (current != null && hours.contains(current.hour)) {
            current.statement.cancel();
        }
    }

    /// Rows that are there already may lie in compressed batches, of which the server unpacks a hundred
    /// thousand rows for one statement at most unless it is told otherwise; some versions unpack them to
    /// find what is doubled.
    @Override
    public void prepare(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT set_config(name, '0', false) FROM pg_settings"
                    + " WHERE name = 'timescaledb.max_tuples_decompressed_per_dml_transaction'");
        }
    }

    @Override
    public void forget() {
        written.clear();
    }

    @Override
    public List<Stored> stored(Connection connection) throws SQLException {
        List<Stored> hours = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT floor(extract(epoch FROM c.range_start) / 3600)::bigint, sum(s.total_bytes)::bigint"
                                + " FROM timescaledb_information.chunks c JOIN chunks_detailed_size('trades') s"
                                + " USING (chunk_schema, chunk_name) WHERE c.hypertable_name = 'trades'"
                                + " AND c.hypertable_schema = current_schema() GROUP BY 1 ORDER BY 1")) {
            while (row.next()) {
                hours.add(new Stored(row.getLong(1), row.getLong(2)));
            }
        }
        return hours;
    }

    @Override
    public boolean drop(Connection connection, long hour) throws SQLException {
        try (Statement first = connection.createStatement()) {
            first.execute(LOCK_TIMEOUT);
        }
        connection.setAutoCommit(false);
        try {
            keep(connection, hour);
            try (PreparedStatement statement =
                    connection.prepareStatement("SELECT drop_chunks('trades', newer_than => ?, older_than => ?)")) {
                statement.setObject(1, time(hour));
                statement.setObject(2, time(hour + 1));
                statement.execute();
            }
            connection.commit();
            return true;
        } catch (SQLException e) {
            rollback(connection, e);
            if (e.getSQLState() != null && IN_USE.contains(e.getSQLState())) {
                return false;
            }
            throw e;
        } finally {
            restore(connection);
        }
    }

    /// Copies what stays. Whoever reads or writes the hour waits until it is gone.
    private static void keep(Connection connection, long hour) throws SQLException {
        List<KeptTrades.Span> spans = KeptTrades.spans(connection, hour);
        if (spans.isEmpty()) {
            return;
        }
        try (Statement statement = connection.createStatement()) {
            KeptTrades.lockForMoving(statement);
            for (String chunk : chunks(connection, hour)) {
                statement.execute("LOCK TABLE " + chunk + " IN ACCESS EXCLUSIVE MODE");
            }
        }
        KeptTrades.copy(connection, "trades", spans);
    }

    private static List<String> chunks(Connection connection, long hour) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT format('%I.%I', chunk_schema, chunk_name) FROM timescaledb_information.chunks"
                        + " WHERE hypertable_name = 'trades' AND hypertable_schema = current_schema()"
                        + " AND range_start >= ? AND range_end <= ?")) {
            select.setObject(1, time(hour));
            select.setObject(2, time(hour + 1));
            List<String> chunks = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    chunks.add(row.getString(1));
                }
            }
            return chunks;
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

    @Override
    public int compress(Connection connection, long before) throws SQLException {
        if (!compresses) {
            return 0;
        }
        long now = System.nanoTime();
        written.values().removeIf(at -> now - at > QUIET.toNanos());
        Map<String, Long> chunks = new LinkedHashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT format('%I.%I', chunk_schema, chunk_name), floor(extract(epoch FROM range_start) / 3600)::bigint"
                        + " FROM timescaledb_information.chunks WHERE hypertable_name = 'trades'"
                        + " AND hypertable_schema = current_schema() AND range_end <= ?"
                        + " AND (NOT is_compressed OR _timescaledb_functions.chunk_status("
                        + "format('%I.%I', chunk_schema, chunk_name)::regclass) & " + TO_DO_AGAIN
                        + " <> 0) ORDER BY range_start")) {
            statement.setObject(1, time(before));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    chunks.put(row.getString(1), row.getLong(2));
                }
            }
        }
        int compressed = 0;
        for (Map.Entry<String, Long> chunk : chunks.entrySet()) {
            if (!written.containsKey(chunk.getValue()) && compress(connection, chunk.getKey(), chunk.getValue())) {
                compressed++;
            }
        }
        return compressed;
    }

    private boolean compress(Connection connection, String chunk, long hour) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(LOCK_TIMEOUT);
            running = new Compression(hour, statement);
            if (written.containsKey(hour)) { // just now
                return false;
            }
            statement.execute("SELECT compress_chunk('" + chunk.replace("'", "''") + "', if_not_compressed => true)");
            return true;
        } catch (SQLException e) {
            if (e.getSQLState() == null || !IN_USE.contains(e.getSQLState())) {
                throw e;
            }
            return false;
        } finally {
            running = null;
        }
    }

    @Override
    public boolean compresses() {
        return compresses;
    }

    private static OffsetDateTime time(long hour) {
        return Hours.start(hour).atOffset(ZoneOffset.UTC);
    }
}

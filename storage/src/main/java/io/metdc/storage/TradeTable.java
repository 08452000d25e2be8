package io.metdc.storage;

import io.metdc.storage.ServerKind.TableKind;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/// The table of trades, cut into hours of executed time. Used by the writer and by maintenance, each with a
/// connection of its own; thread-safe.
sealed interface TradeTable permits Partitions, Hypertable {

    static TradeTable of(ServerKind server, TableKind kind) {
        return switch (kind) {
            case PARTITIONS -> new Partitions();
            case HYPERTABLE -> new Hypertable(server == ServerKind.TIMESCALEDB);
        };
    }

    /// Makes room for these hours, which are about to be written, where there is none. Never waits long for a
    /// lock, and takes none that a reader feels.
    ///
    /// @param connection in auto-commit
    void ensure(Connection connection, Set<Long> hours) throws SQLException;

    /// Readies a connection for writing.
    ///
    /// @param connection in auto-commit
    void prepare(Connection connection) throws SQLException;

    /// What was ensured may be gone, and what was written is forgotten.
    void forget();

    /// The hours that hold trades, oldest first.
    List<Stored> stored(Connection connection) throws SQLException;

    /// Drops an hour, unless somebody is reading it. What of it stays for a listing is in `kept_trades` before it goes.
    ///
    /// @param connection in auto-commit
    /// @return false when it is in use: try again later
    /// @throws SQLException when what stays could not be brought away, for one: then the hour stays
    boolean drop(Connection connection, long hour) throws SQLException;

    /// Compresses what can be compressed and ended before this hour.
    ///
    /// @param connection in auto-commit
    /// @return how many hours were compressed
    int compress(Connection connection, long before) throws SQLException;

    /// Whether past hours are compressed.
    boolean compresses();

    /// An hour on disk, with its indexes.
    record Stored(long hour, long bytes) {}
}

package io.metdc.storage;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a server can do with a table of trades.
public enum ServerKind {
    /// No TimescaleDB: hours are partitions, nothing is compressed.
    PLAIN,
    /// TimescaleDB under the Apache licence: hours are chunks, nothing is compressed.
    TIMESCALEDB_APACHE,
    /// TimescaleDB under its own licence: hours are chunks, compressed when they are past.
    TIMESCALEDB;

    private static final Logger log = LoggerFactory.getLogger(ServerKind.class);

    /// How the table is cut into hours: chosen when it is made, and kept.
    public enum TableKind {
        PARTITIONS,
        HYPERTABLE;

        String id() {
            return this == PARTITIONS ? "partitions" : "hypertable";
        }
    }

    TableKind tables() {
        return this == PLAIN ? TableKind.PARTITIONS : TableKind.HYPERTABLE;
    }

    /// Looks, and creates the extension where that is possible.
    static ServerKind detect(DataSource source) throws SQLException {
        boolean available = false;
        boolean installed = false;
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT installed_version IS NOT NULL FROM pg_available_extensions WHERE name = 'timescaledb'")) {
            if (row.next()) {
                available = true;
                installed = row.getBoolean(1);
            }
        }
        if (available && !installed) {
            // In a connection of its own: a server that did not preload the library ends the connection.
            try (Connection connection = source.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE EXTENSION IF NOT EXISTS timescaledb");
                installed = true;
            } catch (SQLException e) {
                log.info(
                        "TimescaleDB is on the server but cannot be used in this database ({}): with shared_preload_libraries ="
                                + " 'timescaledb', have an administrator run CREATE EXTENSION timescaledb before the first start",
                        Trouble.oneLine(e));
            }
        }
        return installed ? licence(source) : PLAIN;
    }

    private static ServerKind licence(DataSource source) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT current_setting('timescaledb.license', true)")) {
            row.next();
            return "timescale".equals(row.getString(1)) ? TIMESCALEDB : TIMESCALEDB_APACHE;
        }
    }
}

package io.metdc.storage;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.slf4j.LoggerFactory;

/// The server behind the database: one of ours, or one that is there. Gives connections and asks for its address
/// each time, since our own may move to another port when it is started anew. Thread-safe.
final class Server {
    private static final org.slf4j.Logger log = LoggerFactory.getLogger(Server.class);
    private static final int CONNECT_SECONDS = 5;

    private final @Nullable EmbeddedPostgres own;
    private final @Nullable DatabaseAddress external;

    private Server(@Nullable EmbeddedPostgres own, @Nullable DatabaseAddress external) {
        this.own = own;
        this.external = external;
    }

    static Server of(StorageSettings settings) throws DatabaseException {
        return settings.url() == null
                ? new Server(EmbeddedPostgres.in(settings.dataDirectory()), null)
                : new Server(null, DatabaseAddress.parse(settings.url(), settings.user(), settings.password()));
    }

    /// Starts a server of ours where there is to be one.
    ///
    /// @return whether this call started it
    boolean start() throws DatabaseException, InterruptedException {
        return own != null && own.start() == EmbeddedPostgres.Started.STARTED;
    }

    /// Starts our own server again where it ended by itself. One that was stopped on purpose stays so.
    void revive() throws InterruptedException {
        if (own != null && own.crashed()) {
            log.warn("the embedded PostgreSQL is gone: starting it again");
            try {
                own.start();
            } catch (DatabaseException e) {
                log.warn("{}", e.getMessage());
            }
        }
    }

    void stop(Duration within) {
        if (own == null || own.stays()) {
            return;
        }
        try {
            own.stop(within);
        } catch (DatabaseException e) {
            log.warn("{}", e.getMessage());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// Whether anybody else is connected to our database; true when that cannot be said.
    boolean isUsed() {
        try (Connection connection = source("metdc", Duration.ofSeconds(10)).getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM pg_stat_activity"
                        + " WHERE datname = current_database() AND usename IS NOT NULL AND pid <> pg_backend_pid()")) {
            row.next();
            return row.getLong(1) > 0;
        } catch (SQLException e) {
            log.warn("the embedded PostgreSQL is left running: {}", Trouble.oneLine(e));
            return true;
        }
    }

    boolean isEmbedded() {
        return own != null;
    }

    Optional<EmbeddedPostgres> embedded() {
        return Optional.ofNullable(own);
    }

    DatabaseAddress owner() throws DatabaseException {
        if (external != null) {
            return external;
        }
        return java.util.Objects.requireNonNull(own).owner();
    }

    String place() {
        return external != null ? external.place() : "of our own";
    }

    /// @param statementTimeout the server ends statements that take longer; the socket is given up a little later
    DataSource source(String application, Duration statementTimeout) {
        return new Source(this::owner, application, statementTimeout, false);
    }

    DataSource readerSource() {
        Address address = own == null ? this::owner : own::reader;
        return new Source(address, "metdc-read", Duration.ZERO, true);
    }

    @FunctionalInterface
    private interface Address {
        DatabaseAddress now() throws DatabaseException;
    }

    /// @param statementTimeout zero: none
    private record Source(Address address, String application, Duration statementTimeout, boolean readOnly)
            implements DataSource {

        @Override
        public Connection getConnection() throws SQLException {
            DatabaseAddress now;
            try {
                now = address.now();
            } catch (DatabaseException e) {
                throw new SQLException(e.getMessage(), "08001", e);
            }
            Properties properties = new Properties();
            PGProperty.USER.set(properties, now.user());
            if (now.password() != null) {
                PGProperty.PASSWORD.set(properties, now.password());
            }
            PGProperty.APPLICATION_NAME.set(properties, application);
            PGProperty.CONNECT_TIMEOUT.set(properties, CONNECT_SECONDS);
            PGProperty.LOGIN_TIMEOUT.set(properties, 2 * CONNECT_SECONDS);
            PGProperty.TCP_KEEP_ALIVE.set(properties, true);
            StringBuilder options = new StringBuilder("-c TimeZone=UTC");
            if (readOnly) {
                options.append(" -c default_transaction_read_only=on");
            }
            if (statementTimeout.isPositive()) {
                options.append(" -c statement_timeout=").append(statementTimeout.toMillis());
                options.append(" -c idle_in_transaction_session_timeout=").append(statementTimeout.toMillis());
                PGProperty.SOCKET_TIMEOUT.set(properties, (int) statementTimeout.toSeconds() + 10);
            }
            PGProperty.OPTIONS.set(properties, options.toString());
            Connection connection = new Driver().connect(now.jdbcUrl(), properties);
            if (connection == null) {
                throw new SQLException("not a PostgreSQL URL: " + now.jdbcUrl(), "08001");
            }
            return connection;
        }

        @Override
        public Connection getConnection(String user, String password) throws SQLException {
            throw new SQLFeatureNotSupportedException();
        }

        @Override
        public @Nullable PrintWriter getLogWriter() {
            return null;
        }

        @Override
        public void setLogWriter(PrintWriter out) {}

        @Override
        public void setLoginTimeout(int seconds) {}

        @Override
        public int getLoginTimeout() {
            return CONNECT_SECONDS;
        }

        @Override
        public Logger getParentLogger() throws SQLFeatureNotSupportedException {
            throw new SQLFeatureNotSupportedException();
        }

        @Override
        public <T> T unwrap(Class<T> type) throws SQLException {
            throw new SQLFeatureNotSupportedException();
        }

        @Override
        public boolean isWrapperFor(Class<?> type) {
            return false;
        }
    }
}

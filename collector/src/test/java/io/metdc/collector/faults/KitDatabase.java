package io.metdc.collector.faults;

import io.metdc.collector.ReadyCluster;
import io.metdc.storage.DatabaseAddress;
import io.metdc.storage.DatabaseException;
import io.metdc.storage.EmbeddedPostgres;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The database that the program writes to, and that can go away under it.
abstract sealed class KitDatabase implements AutoCloseable {
    private static final Duration STOP = Duration.ofSeconds(20);

    /// A PostgreSQL of the kit's own, in a folder.
    static KitDatabase own(Path folder) throws IOException, DatabaseException, InterruptedException {
        EmbeddedPostgres server = ReadyCluster.in(folder);
        server.start();
        return new Own(server);
    }

    /// A new database on somebody's server.
    ///
    /// @param url with a user that may create databases, and the password
    static KitDatabase on(String url, Path folder) throws IOException, DatabaseException, SQLException {
        return new Named(DatabaseAddress.parse(url, null, null), folder);
    }

    /// What tells the program of it.
    abstract List<String> settings() throws DatabaseException, IOException;

    /// From now on it cannot be had.
    abstract void leave() throws DatabaseException, InterruptedException;

    /// and from now on again.
    abstract void comeBack() throws DatabaseException, InterruptedException;

    /// A connection that is there while the program's are not.
    abstract Connection connect() throws SQLException, DatabaseException;

    @Override
    public abstract void close() throws SQLException, DatabaseException, IOException;

    /// Whether it cuts trades into chunks that can be compressed.
    boolean canCompress() throws SQLException, DatabaseException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            return isTrue(statement, "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb')");
        }
    }

    /// Compresses every chunk, also the one that is written at the moment.
    ///
    /// @return how many; 0 where there are no chunks, or one was in use
    int compress() throws SQLException, DatabaseException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            if (!isTrue(statement, "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb')")
                    || !isTrue(
                            statement,
                            "SELECT EXISTS (SELECT FROM timescaledb_information.hypertables WHERE hypertable_name ="
                                    + " 'trades' AND compression_enabled)")) {
                return 0;
            }
            statement.execute("SET lock_timeout = '2s'");
            try (ResultSet row = statement.executeQuery(
                    "SELECT count(compress_chunk(chunk, if_not_compressed => true)) FROM show_chunks('trades') chunk")) {
                row.next();
                return row.getInt(1);
            }
        }
    }

    private static boolean isTrue(Statement statement, String question) throws SQLException {
        try (ResultSet answer = statement.executeQuery(question)) {
            return answer.next() && answer.getBoolean(1);
        }
    }

    private static Connection connectTo(DatabaseAddress address) throws SQLException {
        return DriverManager.getConnection(address.jdbcUrl(), address.user(), address.password());
    }

    private static final class Own extends KitDatabase {
        private final EmbeddedPostgres server;

        Own(EmbeddedPostgres server) {
            this.server = server;
        }

        @Override
        List<String> settings() throws DatabaseException {
            return List.of(
                    "storage.url=" + server.owner().jdbcUrl(),
                    "storage.user=" + server.owner().user(),
                    "storage.password_file="
                            + server.passwordFile(server.owner().user()));
        }

        @Override
        void leave() throws DatabaseException, InterruptedException {
            server.stop(STOP);
        }

        @Override
        void comeBack() throws DatabaseException, InterruptedException {
            server.start();
        }

        @Override
        Connection connect() throws SQLException, DatabaseException {
            return connectTo(server.owner());
        }

        @Override
        public void close() throws DatabaseException {
            try {
                server.stop(STOP);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static final class Named extends KitDatabase {
        private final DatabaseAddress server;
        private final DatabaseAddress database;
        private final Wire wire;
        private final Path password;

        Named(DatabaseAddress server, Path folder) throws IOException, DatabaseException, SQLException {
            this.server = server;
            String name = "metdc_faults_" + ProcessHandle.current().pid();
            URI place = URI.create("postgresql://" + server.place());
            if (!List.of("localhost", "127.0.0.1").contains(place.getHost())) {
                throw new IllegalArgumentException("the database has to be on this machine, not on " + place.getHost());
            }
            try (Connection connection = connectTo(server);
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE DATABASE " + name);
            }
            String url = server.jdbcUrl().replaceFirst("(//[^/]*/)[^?]*", "$1" + name);
            database = DatabaseAddress.parse(url, server.user(), server.password());
            wire = new Wire(place.getPort());
            password = Files.writeString(folder.resolve("database-password"), password(server.password()));
        }

        private static String password(@Nullable String password) {
            return password == null ? "none" : password;
        }

        @Override
        List<String> settings() {
            String over = database.jdbcUrl().replaceFirst("//[^/]*/", "//127.0.0.1:" + wire.port() + "/");
            return List.of(
                    "storage.url=" + over, "storage.user=" + database.user(), "storage.password_file=" + password);
        }

        @Override
        void leave() {
            wire.refuse(true);
        }

        @Override
        void comeBack() {
            wire.refuse(false);
        }

        @Override
        Connection connect() throws SQLException {
            return connectTo(database);
        }

        @Override
        public void close() throws SQLException, IOException {
            wire.close();
            try (Connection connection = connectTo(server);
                    Statement statement = connection.createStatement()) {
                statement.execute("DROP DATABASE IF EXISTS " + database.database() + " WITH (FORCE)");
            }
        }
    }
}

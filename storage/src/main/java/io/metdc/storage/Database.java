package io.metdc.storage;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import io.metdc.storage.ServerKind.TableKind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The database, opened: reached, of a version that we know, with our tables in it. Thread-safe.
public final class Database implements AutoCloseable {
    static final String READER = EmbeddedPostgres.READER;

    private static final Logger log = LoggerFactory.getLogger(Database.class);
    private static final int OLDEST_SERVER = 14;
    private static final int POOL = 6;
    private static final Duration SHORT = Duration.ofSeconds(30);
    /// Making the tables of a new database, or a later migration of many rows.
    private static final Duration MIGRATION = Duration.ofMinutes(30);

    private static final Duration STOP = Duration.ofSeconds(30);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    private static final String ROLE_EXISTS = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = '" + READER + "')";

    /// What becomes of a server of ours when the database is closed.
    private enum Ending {
        STOP_SERVER,
        STOP_SERVER_IF_UNUSED,
        LEAVE_SERVER
    }

    private final Server server;
    private final Ending ending;
    private final HikariDataSource owner;
    private final HikariDataSource readers;
    private final ServerKind kind;
    private final TableKind tables;
    private final TradeTable table;

    private Database(
            Server server,
            Ending ending,
            HikariDataSource owner,
            HikariDataSource readers,
            ServerKind kind,
            TableKind tables) {
        this.server = server;
        this.ending = ending;
        this.owner = owner;
        this.readers = readers;
        this.kind = kind;
        this.tables = tables;
        this.table = TradeTable.of(kind, tables);
    }

    /// For the collector: starts or adopts the embedded server where no URL is set, checks the server, migrates
    /// the schema. [#close()] stops the embedded server, unless it was started to stay.
    ///
    /// @param version metdc's own, remembered by the tables that it makes
    /// @throws DatabaseException in one line, what is wrong and the way out; [Failure.Recoverable] when the same
    ///                           call may work later
    public static Database open(StorageSettings settings, String version)
            throws DatabaseException, InterruptedException {
        Server server = Server.of(settings);
        server.start();
        return opened(server, Ending.STOP_SERVER, version);
    }

    /// For a command beside the collector, whether that runs or not: the same, but the tables must be there.
    /// [#close()] stops the embedded server only when this call started it and nobody else uses it by then.
    public static Database visit(StorageSettings settings) throws DatabaseException, InterruptedException {
        Server server = Server.of(settings);
        if (server.embedded().isPresent() && !server.embedded().get().exists()) {
            throw noTables(server);
        }
        return opened(server, server.start() ? Ending.STOP_SERVER_IF_UNUSED : Ending.LEAVE_SERVER, null);
    }

    /// As [#open(StorageSettings, String)], trying again for as long as that may help. Says once that it waits.
    public static Database openPatiently(StorageSettings settings, String version)
            throws DatabaseException, InterruptedException {
        Duration pause = FIRST_PAUSE;
        boolean waiting = false;
        while (true) {
            try {
                Database database = open(settings, version);
                if (waiting) {
                    log.info("the database answers");
                }
                return database;
            } catch (DatabaseException e) {
                if (!(e.failure() instanceof Failure.Recoverable)) {
                    throw e;
                }
                if (!waiting) {
                    waiting = true;
                    log.warn("{}; trying again", e.getMessage());
                }
            }
            Thread.sleep(pause);
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
        }
    }

    private static Database opened(Server server, Ending ending, @Nullable String version) throws DatabaseException {
        HikariDataSource owner = null;
        HikariDataSource readers = null;
        boolean opened = false;
        try {
            checkServer(server);
            DataSource source = server.source("metdc-schema", SHORT);
            TableKind tables;
            ServerKind kind;
            boolean reader;
            if (version != null) {
                kind = ServerKind.detect(source);
                reader = makeReader(server);
                tables = migrate(server, kind, version);
            } else {
                tables = recordedTables(source).orElseThrow(() -> noTables(server));
                kind = tables == TableKind.PARTITIONS ? ServerKind.PLAIN : ServerKind.detect(source);
                reader = !server.isEmbedded() && canRead(source);
            }
            owner = pool("metdc", server.source("metdc", SHORT), null);
            readers = pool("metdc-read", server.readerSource(), reader ? "SET ROLE " + READER : null);
            opened = true;
            return new Database(server, ending, owner, readers, kind, tables);
        } catch (SQLException | FlywayException e) {
            throw Trouble.explained(server.owner(), e);
        } finally {
            if (!opened) {
                close(readers);
                close(owner);
                end(server, ending);
            }
        }
    }

    private static DatabaseException noTables(Server server) {
        return DatabaseException.fatal(
                "there are no tables of metdc in the database " + server.place() + " yet: metdc run makes them");
    }

    /// Connections of the owner of the tables, for short work.
    public DataSource dataSource() {
        return owner;
    }

    /// Connections that can only read: as `metdc_reader` where that role exists, and with read-only transactions
    /// by default everywhere. Where the role is missing this guards against mistakes, not against intent.
    public DataSource readOnly() {
        return readers;
    }

    public ServerKind serverKind() {
        return kind;
    }

    /// How the table of trades is cut, as chosen when it was made.
    public TableKind tableKind() {
        return tables;
    }

    /// Where it is, and as whom we log in.
    public DatabaseAddress address() throws DatabaseException {
        return server.owner();
    }

    /// The server that metdc runs itself, if it does.
    public Optional<EmbeddedPostgres> embedded() {
        return server.embedded();
    }

    /// Enters the instruments of an exchange's list and their terms: what is new, what has changed, and that they
    /// were seen. A trade of an instrument that was not entered is entered by the writer.
    ///
    /// @param at when the list was taken: changed terms hold from then on
    public void register(Collection<Instrument> instruments, Instant at) throws SQLException {
        Map<Instrument, Instant> since = new HashMap<>();
        for (Instrument instrument : instruments) {
            since.put(instrument, at);
        }
        try (Connection connection = owner.getConnection()) {
            connection.setAutoCommit(false);
            InstrumentIds.enter(connection, since);
            connection.commit();
        }
    }

    /// The hours of executed time that the table of trades has room for now, oldest first: each by its beginning. Those
    /// that were dropped are not among them, and such in which nothing was ever executed need not be.
    public List<Instant> storedHours() throws SQLException {
        try (Connection connection = owner.getConnection()) {
            return table.stored(connection).stream()
                    .map(stored -> Hours.start(stored.hour()))
                    .toList();
        }
    }

    /// A value that metdc remembers in this database.
    Optional<String> remembered(String key) throws SQLException {
        try (Connection connection = owner.getConnection();
                PreparedStatement statement = connection.prepareStatement("SELECT value FROM metadata WHERE key = ?")) {
            statement.setString(1, key);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
            }
        }
    }

    void remember(String key, String value) throws SQLException {
        try (Connection connection = owner.getConnection()) {
            remember(connection, key, value);
        }
    }

    TradeTable table() {
        return table;
    }

    Server server() {
        return server;
    }

    /// Closes the pools, and stops the embedded server where that is ours to do.
    @Override
    public void close() {
        close(readers);
        close(owner);
        end(server, ending);
    }

    private static void end(Server server, Ending ending) {
        if (ending == Ending.STOP_SERVER || (ending == Ending.STOP_SERVER_IF_UNUSED && !server.isUsed())) {
            server.stop(STOP);
        }
    }

    private static void close(@Nullable HikariDataSource pool) {
        if (pool != null) {
            pool.close();
        }
    }

    /// What was found on the server and what that means, in one line.
    public String found() {
        return switch (kind) {
            case PLAIN ->
                "database " + server.place()
                        + ": plain PostgreSQL; hours are partitions, nothing is compressed (about 170 bytes a"
                        + " trade; TimescaleDB under its own licence needs about 20)";
            case TIMESCALEDB_APACHE ->
                "database " + server.place() + ": TimescaleDB under the Apache licence; "
                        + (tables == TableKind.PARTITIONS
                                ? "its tables were made without it: hours are partitions"
                                : "hours are chunks")
                        + ", nothing is compressed (about 170 bytes a trade; under its own licence about 20)";
            case TIMESCALEDB ->
                tables == TableKind.PARTITIONS
                        ? "database " + server.place()
                                + ": TimescaleDB, but its tables were made without it: hours are partitions,"
                                + " nothing is compressed; a new database would be"
                        : "database " + server.place()
                                + ": TimescaleDB under its own licence; hours are chunks, compressed when they"
                                + " are past";
        };
    }

    // ---- opening

    private static void checkServer(Server server) throws SQLException, DatabaseException {
        try (Connection connection = server.source("metdc-schema", SHORT).getConnection()) {
            int major = connection.getMetaData().getDatabaseMajorVersion();
            if (major < OLDEST_SERVER) {
                throw DatabaseException.fatal("the database at " + server.place() + " is PostgreSQL " + major
                        + ", and metdc needs " + OLDEST_SERVER + " or newer: upgrade it, or change storage.url");
            }
        }
    }

    /// @return whether the role is there and readers may take it on
    private static boolean makeReader(Server server) throws SQLException, DatabaseException {
        if (server.isEmbedded()) {
            try (Connection connection = server.source("metdc-schema", SHORT).getConnection();
                    Statement statement = connection.createStatement()) {
                letRead(statement);
            }
            return false; // it has a login of its own
        }
        String user = server.owner().user();
        try (Connection connection = server.source("metdc-schema", SHORT).getConnection();
                Statement statement = connection.createStatement()) {
            if (!isTrue(statement, ROLE_EXISTS)) {
                try {
                    statement.execute("CREATE ROLE " + READER + " NOLOGIN");
                } catch (SQLException e) {
                    if (!"42710".equals(e.getSQLState()) && !"23505".equals(e.getSQLState())) { // somebody was faster
                        log.info(
                                "the role {} could not be created ({}): queries run as {} in read-only transactions; an"
                                        + " administrator can: CREATE ROLE {} NOLOGIN; GRANT {} TO {}",
                                READER,
                                Trouble.oneLine(e),
                                user,
                                READER,
                                READER,
                                user);
                        return false;
                    }
                }
            }
            letRead(statement);
        }
        if (!canRead(server.source("metdc-schema", SHORT))) {
            log.info(
                    "{} cannot take on the role {}: queries run in read-only transactions; an administrator can: GRANT {} TO {}",
                    user,
                    READER,
                    READER,
                    user);
            return false;
        }
        return true;
    }

    private static boolean canRead(DataSource source) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            try {
                statement.execute("SET ROLE " + READER);
                return true;
            } catch (SQLException e) {
                if (Trouble.of(e) == Trouble.PASSES) {
                    throw e;
                }
                return false;
            }
        }
    }

    /// What this owner makes from now on can be read by the role.
    private static void letRead(Statement statement) throws SQLException {
        statement.execute("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO " + READER);
        if (isTrue(statement, "SELECT to_regclass('trade') IS NOT NULL")
                && !isTrue(statement, "SELECT has_table_privilege('" + READER + "', 'trade', 'SELECT')")) {
            statement.execute("GRANT SELECT ON ALL TABLES IN SCHEMA "
                    + text(statement, "SELECT quote_ident(current_schema())") + " TO " + READER);
        }
    }

    private static TableKind migrate(Server server, ServerKind kind, String version)
            throws SQLException, DatabaseException {
        DataSource source = server.source("metdc-schema", MIGRATION);
        TableKind tables = recordedTables(source).orElse(kind.tables());
        if (tables == TableKind.HYPERTABLE && kind == ServerKind.PLAIN) {
            throw DatabaseException.fatal("the tables of the database " + server.place()
                    + " were made with TimescaleDB, which is not there now:"
                    + " set shared_preload_libraries = 'timescaledb' on the server");
        }
        checkPermission(source);
        var configuration = Flyway.configure(Database.class.getClassLoader())
                .dataSource(source)
                .baselineOnMigrate(true) // a database that holds other things, such as extensions, is fine
                .baselineVersion("0")
                .placeholders(Map.of(
                        "partitioning", tables == TableKind.PARTITIONS ? "PARTITION BY RANGE (executed_at)" : ""));
        if (tables == TableKind.PARTITIONS) {
            configuration.locations("classpath:db/schema");
        } else {
            configuration.locations("classpath:db/schema", "classpath:db/timescaledb");
        }
        Flyway flyway = configuration.load();
        for (MigrationInfo migration : flyway.info().applied()) {
            if (migration.getState().isApplied() && !migration.getState().isResolved()) {
                throw DatabaseException.fatal(
                        "the schema of the database " + server.place() + " is of version " + migration.getVersion()
                                + ", made by a newer metdc than this one: nothing was touched. Use that metdc, or another database");
            }
        }
        try {
            flyway.migrate();
        } catch (FlywayValidateException e) {
            throw DatabaseException.fatal(
                    "the schema of the database " + server.place() + " was made by another metdc and differs from"
                            + " what this one makes under the same version: nothing was touched. Use that metdc, or another database"
                            + " (storage.url, or data_directory for one of our own)",
                    e);
        }
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            // Not only when tables were made: whoever made them may have been killed before this.
            if (isTrue(statement, "SELECT NOT EXISTS (SELECT FROM metadata WHERE key = 'table_kind')")) {
                remember(connection, "table_kind", tables.id());
                remember(connection, "created_by", version);
            }
        }
        if (tables == TableKind.HYPERTABLE && kind == ServerKind.TIMESCALEDB) {
            try (Connection connection = source.getConnection();
                    Statement statement = connection.createStatement()) {
                Hypertable.prepareCompression(statement);
            }
        }
        return tables;
    }

    /// Flyway would try for ten seconds to make its table where it may not.
    private static void checkPermission(DataSource source) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            if (!isTrue(statement, "SELECT coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)")) {
                throw new SQLException("no permission to create tables in its schema", "42501");
            }
        }
    }

    private static Optional<TableKind> recordedTables(DataSource source) throws SQLException {
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            if (!isTrue(statement, "SELECT to_regclass('metadata') IS NOT NULL")) {
                return Optional.empty();
            }
            try (ResultSet row = statement.executeQuery("SELECT value FROM metadata WHERE key = 'table_kind'")) {
                if (row.next()) {
                    return Optional.of(
                            row.getString(1).equals("hypertable") ? TableKind.HYPERTABLE : TableKind.PARTITIONS);
                }
            }
            // Made, and killed before that was recorded: the table itself tells.
            return Optional.of(
                    isTrue(statement, "SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass('trades')")
                            ? TableKind.PARTITIONS
                            : TableKind.HYPERTABLE);
        }
    }

    private static void remember(Connection connection, String key, String value) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO metadata (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value")) {
            statement.setString(1, key);
            statement.setString(2, value);
            statement.executeUpdate();
        }
    }

    private static boolean isTrue(Statement statement, String query) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getBoolean(1);
        }
    }

    private static String text(Statement statement, String query) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    private static HikariDataSource pool(String name, DataSource source, @Nullable String first) {
        HikariConfig config = new HikariConfig();
        config.setPoolName(name);
        config.setDataSource(source);
        config.setMaximumPoolSize(POOL);
        config.setMinimumIdle(0);
        config.setIdleTimeout(60_000);
        config.setConnectionTimeout(10_000);
        config.setInitializationFailTimeout(-1); // the server was just seen to work
        if (first != null) {
            config.setConnectionInitSql(first);
        }
        return new HikariDataSource(config);
    }
}

package io.metdc.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.metdc.market.Failure;
import io.metdc.storage.ServerKind.TableKind;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.ds.PGSimpleDataSource;

@ParameterizedClass
@EnumSource(TestServer.class)
class DatabaseTest {
    @Parameter
    TestServer server;

    @TempDir
    Path folder;

    private TestServer.Fresh fresh;

    @BeforeEach
    void open() throws Exception {
        server.require();
        fresh = server.fresh(folder);
    }

    @AfterEach
    void close() throws Exception {
        if (fresh != null) {
            fresh.close();
        }
    }

    @Test
    void what_the_server_is_decides_how_trades_are_cut_and_is_said() throws Exception {
        try (Database database = Database.open(fresh.settings(), "1.2.3");
                Connection connection = fresh.connect()) {
            // The setting is known once the extension is.
            String licence = Sql.rows(
                            connection, "SELECT coalesce(current_setting('timescaledb.license', true), 'none')")
                    .getFirst();
            switch (licence) {
                case "none" -> {
                    assertThat(database.serverKind()).isEqualTo(ServerKind.PLAIN);
                    assertThat(database.found()).contains("plain PostgreSQL", "nothing is compressed");
                }
                case "apache" -> {
                    assertThat(database.serverKind()).isEqualTo(ServerKind.TIMESCALEDB_APACHE);
                    assertThat(database.found()).contains("Apache", "nothing is compressed");
                }
                default -> {
                    assertThat(database.serverKind()).isEqualTo(ServerKind.TIMESCALEDB);
                    assertThat(database.found()).contains("its own licence", "compressed");
                }
            }
            TableKind expected = licence.equals("none") ? TableKind.PARTITIONS : TableKind.HYPERTABLE;
            assertThat(database.tableKind()).isEqualTo(expected);
            assertThat(Sql.rows(connection, "SELECT key, value FROM metadata ORDER BY key"))
                    .containsExactly("created_by|1.2.3", "table_kind|" + expected.id());
        }
    }

    @Test
    void every_table_column_and_view_has_a_comment() throws Exception {
        try (Database _ = Database.open(fresh.settings(), "test");
                Connection connection = fresh.connect()) {
            assertThat(Sql.rows(connection, """
                            SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
                            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
                              AND a.attnum >= 0 AND NOT a.attisdropped
                              AND col_description(c.oid, a.attnum) IS NULL
                            UNION ALL
                            SELECT c.relname, NULL FROM pg_class c
                            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
                              AND obj_description(c.oid, 'pg_class') IS NULL
                            """)).isEmpty();
            assertThat(Sql.rows(
                            connection,
                            "SELECT column_name FROM information_schema.columns WHERE table_name = 'trade'"
                                    + " ORDER BY ordinal_position"))
                    .isEqualTo(List.of(
                            "exchange",
                            "market",
                            "symbol",
                            "base",
                            "executed_at",
                            "executed_ns",
                            "received_at",
                            "trade_id",
                            "price",
                            "quantity",
                            "contracts",
                            "taker_side",
                            "origin",
                            "flags"));
            assertThat(Sql.rows(
                            connection,
                            "SELECT column_name FROM information_schema.columns WHERE table_name = 'hole'"
                                    + " ORDER BY ordinal_position"))
                    .isEqualTo(List.of(
                            "exchange",
                            "market",
                            "symbol",
                            "cause",
                            "from_id",
                            "to_id",
                            "from_time",
                            "to_time",
                            "expected",
                            "found",
                            "outcome",
                            "opened_at",
                            "closed_at"));
        }
    }

    @Test
    void a_database_of_the_first_version_is_brought_forward_with_its_trades_and_its_readers() throws Exception {
        String trade = "SELECT * FROM trade ORDER BY executed_at";
        List<String> before;
        try (Connection connection = fresh.connect();
                Statement statement = connection.createStatement()) {
            makeFirstVersion();
            statement.execute("INSERT INTO instruments (first_seen_at, last_seen_at, exchange, market, symbol, base,"
                    + " quote, settle) VALUES (now(), now(), 'binance', 'spot', 'BTCUSDT', 'BTC', 'USDT', 'USDT')");
            if (Sql.rows(connection, "SELECT relkind FROM pg_class WHERE relname = 'trades'")
                    .equals(List.of("p"))) {
                statement.execute("CREATE TABLE trades_2026112110 PARTITION OF trades FOR VALUES"
                        + " FROM ('2026-11-21T10:00:00Z') TO ('2026-11-21T11:00:00Z')");
            }
            statement.execute("INSERT INTO trades SELECT timestamptz '2026-11-21T10:30:00Z' + n * interval '1 second',"
                    + " now(), n, n, 1, 0, 1, 0, 0, 42219.90, 0.5, '' FROM generate_series(1, 50) n");
            before = Sql.rows(connection, trade);
            assertThat(before).hasSize(50);
        }
        try (Database database = Database.open(fresh.settings(), "2");
                Connection connection = database.readOnly().getConnection()) {
            assertThat(Sql.rows(connection, trade)).isEqualTo(before);
            assertThat(Sql.rows(connection, "SELECT count(*) FROM kept_trades")).containsExactly("0");
            assertThat(Sql.rows(connection, "SELECT version FROM flyway_schema_history ORDER BY installed_rank"))
                    .last()
                    .isEqualTo("9");
        }
    }

    /// The tables as the first metdc made them.
    private void makeFirstVersion() throws Exception {
        DatabaseAddress address = fresh.address();
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(address.jdbcUrl());
        source.setUser(address.user());
        source.setPassword(address.password());
        boolean partitions = ServerKind.detect(source).tables() == TableKind.PARTITIONS;
        Flyway.configure()
                .dataSource(source)
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .placeholders(Map.of("partitioning", partitions ? "PARTITION BY RANGE (executed_at)" : ""))
                .locations(
                        partitions
                                ? new String[] {"classpath:db/schema"}
                                : new String[] {"classpath:db/schema", "classpath:db/timescaledb"})
                .target(partitions ? "1" : "2")
                .load()
                .migrate();
    }

    @Test
    void a_listing_is_deleted_with_all_that_hangs_on_it() throws Exception {
        try (Database _ = Database.open(fresh.settings(), "test");
                Connection connection = fresh.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO instruments (first_seen_at, last_seen_at, exchange, market, symbol, base,"
                    + " quote, settle) VALUES (now(), now(), 'binance', 'spot', 'CRVUSDT', 'CRV', 'USDT', 'USDT')");
            statement.execute("INSERT INTO listings (id, notice, coin, title, category, markets, is_krw_listing,"
                    + " announced_at, fired_at, seen_at, late, kind, updated_at, metdc_version) VALUES"
                    + " ('CRV_20260821_022240', '7', 'CRV', '', '', '{KRW}', true, now(), now(), now(), false, 'listing',"
                    + " now(), '1')");
            statement.execute(
                    "INSERT INTO listing_sightings VALUES ('CRV_20260821_022240', 'notice_list', NULL, now())");
            statement.execute("INSERT INTO listing_markets (listing_id, exchange, market, status)"
                    + " VALUES ('CRV_20260821_022240', 'okx', 'spot', 'not_listed')");
            statement.execute(
                    "INSERT INTO coverage (listing_id, exchange, market, symbol, status, connected, complete,"
                            + " window_from, window_to) VALUES ('CRV_20260821_022240', 'binance', 'spot', 'CRVUSDT', 'no_trades',"
                            + " tstzmultirange(tstzrange(now(), now() + interval '1 hour')), true, now(), now() + interval '1 hour')");
            statement.execute(
                    "INSERT INTO kept_spans SELECT 'CRV_20260821_022240', id, now(), now() + interval '1 hour'"
                            + " FROM instruments");
            for (String twice : List.of(
                    "INSERT INTO listing_markets (listing_id, exchange, market, status)"
                            + " VALUES ('CRV_20260821_022240', 'okx', 'spot', 'recorded')",
                    "INSERT INTO kept_spans SELECT * FROM kept_spans")) {
                assertThat(catchThrowableOfType(SQLException.class, () -> statement.execute(twice))
                                .getSQLState())
                        .isEqualTo("23505");
            }
            statement.execute("DELETE FROM listings");
            for (String table : List.of("listing_sightings", "listing_markets", "coverage", "kept_spans")) {
                assertThat(Sql.rows(connection, "SELECT count(*) FROM " + table))
                        .as(table)
                        .containsExactly("0");
            }
        }
    }

    @Test
    void a_second_start_changes_nothing() throws Exception {
        try (Database _ = Database.open(fresh.settings(), "1")) {
            assertThat(fresh.name()).isNotEmpty();
        }
        try (Database database = Database.open(fresh.settings(), "2");
                Connection connection = fresh.connect()) {
            assertThat(Sql.rows(connection, "SELECT value FROM metadata WHERE key = 'created_by'"))
                    .containsExactly("1");
            assertThat(database.remembered("created_by")).contains("1");
            assertThat(database.remembered("nothing")).isEmpty();
        }
    }

    @Test
    void tables_whose_kind_was_not_recorded_before_a_kill_are_recognised() throws Exception {
        TableKind kind;
        try (Database database = Database.open(fresh.settings(), "1");
                Connection connection = fresh.connect()) {
            kind = database.tableKind();
            try (var statement = connection.createStatement()) {
                statement.execute("DELETE FROM metadata");
            }
        }
        try (Database database = Database.visit(fresh.settings())) {
            assertThat(database.tableKind()).isEqualTo(kind);
        }
        try (Database database = Database.open(fresh.settings(), "2")) {
            assertThat(database.tableKind()).isEqualTo(kind);
            assertThat(database.remembered("table_kind")).isPresent();
        }
    }

    @Test
    void a_reader_reads_and_does_not_write() throws Exception {
        try (Database database = Database.open(fresh.settings(), "test");
                Connection connection = database.readOnly().getConnection()) {
            assertThat(Sql.rows(connection, "SELECT count(*) FROM trade")).containsExactly("0");
            assertThat(Sql.rows(connection, "SELECT count(*) FROM market_count"))
                    .containsExactly("0");
            for (String write : List.of(
                    "DELETE FROM trades",
                    "INSERT INTO metadata VALUES ('a', 'b')",
                    "DROP TABLE holes",
                    "CREATE TABLE t (a int)")) {
                SQLException refused = catchThrowableOfType(SQLException.class, () -> Sql.rows(connection, write));
                assertThat(refused.getSQLState()).as(write).isIn("25006", "42501");
            }
        }
    }

    @Test
    void the_role_for_readers_can_read_everything() throws Exception {
        try (Database _ = Database.open(fresh.settings(), "test");
                Connection connection = TestServer.connect(fresh.superuser());
                Statement statement = connection.createStatement()) {
            statement.execute("SET ROLE metdc_reader");
            for (String table : List.of(
                    "trade",
                    "hole",
                    "trade_count",
                    "market_count",
                    "trades",
                    "instruments",
                    "instrument_terms",
                    "rejected_trades",
                    "rejected_counts",
                    "trade_counts",
                    "holes",
                    "journal_positions",
                    "metadata",
                    "listings",
                    "listing_sightings",
                    "listing_markets",
                    "coverage",
                    "connections",
                    "connection",
                    "kept_spans",
                    "kept_trades",
                    "evidence",
                    "consumed_ids",
                    "completeness",
                    "completeness_by_market")) {
                assertThat(Sql.rows(connection, "SELECT count(*) >= 0 FROM " + table))
                        .containsExactly("t");
            }
            assertThat(catchThrowableOfType(SQLException.class, () -> statement.execute("DELETE FROM holes"))
                            .getSQLState())
                    .isEqualTo("42501");
        }
    }

    @Test
    void a_wrong_password_is_said_with_the_way_out() throws Exception {
        StorageSettings settings = StorageSettings.external(
                fresh.address().jdbcUrl(),
                fresh.address().user(),
                UUID.randomUUID().toString(),
                folder);
        org.junit.jupiter.api.Assumptions.assumeFalse(connects(settings), "this server trusts everybody");
        DatabaseException refused = refused(settings);
        assertThat(refused.failure()).isInstanceOf(Failure.Fatal.class);
        assertThat(refused).hasMessageContainingAll("refused the password of user", "METDC_STORAGE_PASSWORD");
        assertOneLine(refused);
    }

    @Test
    void a_missing_database_is_said_with_the_way_out() throws Exception {
        String url = fresh.address().jdbcUrl().replace(fresh.name(), "metdc_nowhere");
        DatabaseException refused = refused(StorageSettings.external(
                url, fresh.address().user(), fresh.address().password(), folder));
        assertThat(refused.failure()).isInstanceOf(Failure.Fatal.class);
        assertThat(refused).hasMessageContainingAll("no database \"metdc_nowhere\"", "CREATE DATABASE metdc_nowhere");
        assertOneLine(refused);
    }

    @Test
    void a_user_without_permission_is_told_what_to_grant() throws Exception {
        String user = "metdc_test_guest_" + ProcessHandle.current().pid();
        try (Connection connection = TestServer.connect(fresh.superuser());
                Statement statement = connection.createStatement()) {
            statement.execute("DROP ROLE IF EXISTS " + user);
            statement.execute("CREATE ROLE " + user + " LOGIN PASSWORD 'guest'");
            try {
                DatabaseException refused =
                        refused(StorageSettings.external(fresh.address().jdbcUrl(), user, "guest", folder));
                assertThat(refused.failure()).isInstanceOf(Failure.Fatal.class);
                assertThat(refused)
                        .hasMessageContainingAll("user " + user + " has no permission", "GRANT ALL ON SCHEMA");
                assertOneLine(refused);
            } finally {
                statement.execute("DROP OWNED BY " + user);
                statement.execute("DROP ROLE " + user);
            }
        }
    }

    @Test
    void a_schema_of_the_same_number_that_is_another_is_refused_with_a_way_out() throws Exception {
        try (Database _ = Database.open(fresh.settings(), "test");
                Connection connection = fresh.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("UPDATE flyway_schema_history SET checksum = checksum + 1 WHERE version = '1'");
        }
        DatabaseException refused = refused(fresh.settings());
        assertThat(refused.failure()).isInstanceOf(Failure.Fatal.class);
        assertThat(refused).hasMessageContainingAll("was made by another metdc", "another database");
        assertOneLine(refused);
    }

    @Test
    void a_newer_schema_is_refused_and_not_touched() throws Exception {
        try (Database _ = Database.open(fresh.settings(), "test");
                Connection connection = fresh.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "INSERT INTO flyway_schema_history (installed_rank, version, description, type, script, checksum,"
                            + " installed_by, execution_time, success) VALUES (99, '99', 'later', 'SQL', 'V99__later.sql', 1, 'metdc', 1, true)");
        }
        DatabaseException refused = refused(fresh.settings());
        assertThat(refused.failure()).isInstanceOf(Failure.Fatal.class);
        assertThat(refused).hasMessageContainingAll("is of version 99", "newer metdc");
        assertOneLine(refused);
    }

    @Test
    void nobody_at_the_address_may_pass() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        DatabaseException refused = refused(fresh.settingsThrough(port));
        assertThat(refused.failure()).isInstanceOf(Failure.Recoverable.class);
        assertThat(refused).hasMessageContainingAll("cannot be reached", "start it, or change storage.url");
        assertOneLine(refused);
    }

    @Test
    void a_server_that_comes_up_later_is_waited_for() throws Exception {
        try (Proxy proxy = new Proxy(fresh.port());
                Log log = new Log(Database.class)) {
            proxy.refuse(true);
            Thread opens = Thread.ofVirtual().start(() -> {
                try (Database database = Database.openPatiently(fresh.settingsThrough(proxy.port()), "test")) {
                    assertThat(database.found()).isNotEmpty();
                } catch (DatabaseException e) {
                    throw new IllegalStateException(e);
                } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                }
            });
            org.awaitility.Awaitility.await()
                    .until(() -> log.lines(ch.qos.logback.classic.Level.WARN).size() == 1);
            proxy.refuse(false);
            opens.join();
            assertThat(log.lines(ch.qos.logback.classic.Level.WARN)).hasSize(1);
            assertThat(log.lines(ch.qos.logback.classic.Level.INFO)).contains("the database answers");
        }
    }

    @Test
    void a_visit_wants_tables_and_finds_them() throws Exception {
        DatabaseException refused =
                catchThrowableOfType(DatabaseException.class, () -> Database.visit(fresh.settings()));
        assertThat(refused).hasMessageContaining("there are no tables of metdc");
        try (Database _ = Database.open(fresh.settings(), "test");
                Database visit = Database.visit(fresh.settings());
                Connection connection = visit.readOnly().getConnection()) {
            assertThat(Sql.rows(connection, "SELECT count(*) FROM trade")).containsExactly("0");
        }
    }

    private DatabaseException refused(StorageSettings settings) {
        return catchThrowableOfType(
                DatabaseException.class, () -> Database.open(settings, "test").close());
    }

    private static void assertOneLine(DatabaseException refused) {
        assertThat(refused.getMessage()).doesNotContain("\n").hasSizeLessThan(400);
    }

    private static boolean connects(StorageSettings settings) throws DatabaseException {
        try (Connection connection =
                TestServer.connect(DatabaseAddress.parse(settings.url(), settings.user(), settings.password()))) {
            return connection.isValid(1);
        } catch (SQLException e) {
            return false;
        }
    }
}

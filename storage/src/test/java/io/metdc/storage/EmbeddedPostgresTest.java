package io.metdc.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPostgresTest {
    private static final Duration STOP = Duration.ofSeconds(20);

    @TempDir
    Path data;

    @AfterEach
    void stop() throws Exception {
        EmbeddedPostgres.in(data).stop(STOP);
    }

    @Test
    void it_is_durable_and_wants_a_password_and_listens_on_loopback_only() throws Exception {
        EmbeddedPostgres server = EmbeddedPostgres.in(data);
        assertThat(server.exists()).isFalse();
        assertThat(server.start()).isEqualTo(EmbeddedPostgres.Started.STARTED);
        try (Connection connection = TestServer.connect(server.superuser())) {
            assertThat(
                            Sql.rows(
                                    connection,
                                    "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit',"
                                            + " 'listen_addresses', 'unix_socket_directories', 'password_encryption', 'jit') ORDER BY name"))
                    .containsExactly(
                            "fsync|on",
                            "jit|off",
                            "listen_addresses|127.0.0.1",
                            "password_encryption|scram-sha-256",
                            "synchronous_commit|on",
                            "unix_socket_directories|");
            assertThat(Sql.rows(connection, "SELECT DISTINCT auth_method FROM pg_hba_file_rules"))
                    .containsExactly("scram-sha-256");
            assertThat(
                            Sql.rows(
                                    connection,
                                    "SELECT rolname, rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname LIKE 'metdc%' ORDER BY 1"))
                    .containsExactly("metdc|f|f|f", "metdc_reader|f|f|f");
        }
        assertThat(permissions(server.folder())).isEqualTo("rwx------");
        for (String role : List.of("postgres", "metdc", "metdc_reader")) {
            assertThat(permissions(server.passwordFile(role))).isEqualTo("rw-------");
        }
        try (Connection connection = TestServer.connect(server.reader())) {
            assertThat(Sql.rows(connection, "SHOW default_transaction_read_only"))
                    .containsExactly("on");
        }
        DatabaseAddress wrong = DatabaseAddress.parse(server.owner().jdbcUrl(), "metdc", "wrong");
        assertThat(catchThrowableOfType(
                                SQLException.class,
                                () -> TestServer.connect(wrong).close())
                        .getSQLState())
                .isEqualTo("28P01");
    }

    @Test
    void a_server_whose_starter_was_killed_is_adopted_with_what_it_holds() throws Exception {
        TestServer.copyEmbedded(data);
        EmbeddedPostgres.in(data).start();
        DatabaseAddress before = EmbeddedPostgres.in(data).owner();
        EmbeddedPostgres next = EmbeddedPostgres.in(data); // another process has nothing but the folder
        assertThat(next.isRunning()).isTrue();
        assertThat(next.start()).isEqualTo(EmbeddedPostgres.Started.ADOPTED);
        assertThat(next.owner()).isEqualTo(before);
        assertThat(next.stop(STOP)).isTrue();
        assertThat(next.isRunning()).isFalse();
        assertThat(next.stop(STOP)).isFalse();
        assertThat(next.start()).isEqualTo(EmbeddedPostgres.Started.STARTED);
        assertThat(next.owner()).isEqualTo(before);
    }

    @Test
    void a_pid_file_that_names_another_program_is_put_away() throws Exception {
        TestServer.copyEmbedded(data);
        EmbeddedPostgres server = EmbeddedPostgres.in(data);
        server.start();
        server.stop(STOP);
        Files.writeString(
                server.folder().resolve("data").resolve("postmaster.pid"),
                ProcessHandle.current().pid() + "\n" + server.folder().resolve("data") + "\n1700000000\n" + 12345
                        + "\n\n127.0.0.1\n\nready\n");
        assertThat(server.isRunning()).isFalse();
        assertThat(server.crashed()).isTrue();
        assertThat(server.start()).isEqualTo(EmbeddedPostgres.Started.STARTED);
    }

    @Test
    void a_server_that_was_killed_is_started_again_and_one_that_was_stopped_is_left_alone() throws Exception {
        TestServer.copyEmbedded(data);
        try (Database database = Database.open(StorageSettings.embedded(data), "test")) {
            EmbeddedPostgres server = database.embedded().orElseThrow();
            long pid = Long.parseLong(
                    Files.readAllLines(server.folder().resolve("data").resolve("postmaster.pid"))
                            .getFirst());
            ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
            assertThat(process.destroyForcibly()).isTrue();
            await().atMost(STOP).until(server::crashed);
            // Its children see its end within moments, and PostgreSQL refuses to start beside them.
            await().atMost(STOP).ignoreExceptions().until(() -> {
                database.server().revive();
                return server.isRunning();
            });
            try (Connection connection = database.dataSource().getConnection()) {
                assertThat(Sql.rows(connection, "SELECT count(*) FROM trade")).containsExactly("0");
            }
            server.stop(STOP);
            database.server().revive();
            assertThat(server.isRunning()).isFalse();
        }
    }

    @Test
    void a_start_that_is_given_up_at_any_moment_leaves_no_server() throws Exception {
        TestServer.copyEmbedded(data);
        EmbeddedPostgres server = EmbeddedPostgres.in(data);
        Random random = new Random(20261121);
        int givenUp = 0;
        for (int i = 0; i < 8; i++) {
            var ended = new CompletableFuture<@Nullable Throwable>();
            Thread starter = Thread.ofVirtual().start(() -> {
                try {
                    server.start();
                    ended.complete(null);
                } catch (Throwable e) {
                    ended.complete(e);
                }
            });
            starter.join(Duration.ofMillis(1 + random.nextInt(150)));
            starter.interrupt();
            Throwable failure = ended.get(30, TimeUnit.SECONDS);
            if (failure == null) {
                server.stop(STOP); // it was up already
            } else {
                givenUp++;
                assertThat(failure).isInstanceOf(InterruptedException.class);
                assertThat(server.isRunning()).isFalse();
            }
            String cluster = server.folder().toString();
            assertThat(ProcessHandle.allProcesses()
                            .map(process -> process.info().commandLine().orElse(""))
                            .filter(command -> command.contains(cluster)))
                    .isEmpty();
        }
        assertThat(givenUp).isPositive();
        assertThat(server.start()).isEqualTo(EmbeddedPostgres.Started.STARTED);
    }

    @Test
    void a_port_that_somebody_has_taken_is_left_to_him() throws Exception {
        TestServer.copyEmbedded(data);
        EmbeddedPostgres server = EmbeddedPostgres.in(data);
        server.start();
        DatabaseAddress before = server.owner();
        server.stop(STOP);
        int port = Integer.parseInt(Files.readString(server.folder().resolve("port")));
        try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
                Log log = new Log(EmbeddedPostgres.class)) {
            assertThat(taken.getLocalPort()).isEqualTo(port);
            server.start();
            assertThat(server.owner()).isNotEqualTo(before);
            assertThat(log.lines(Level.WARN)).hasSize(1).first().asString().contains("port " + port, "is taken");
        }
    }

    @Test
    void a_cluster_of_another_major_version_is_never_touched() throws Exception {
        TestServer.copyEmbedded(data);
        EmbeddedPostgres server = EmbeddedPostgres.in(data);
        Path version = server.folder().resolve("data").resolve("PG_VERSION");
        Files.writeString(version, "14\n");
        DatabaseException refused = catchThrowableOfType(DatabaseException.class, server::start);
        assertThat(refused).hasMessageContainingAll("belongs to PostgreSQL 14", "brings 18", "nothing was touched");
        assertThat(version).hasContent("14");
        assertThat(server.isRunning()).isFalse();
    }

    @Test
    void a_lost_password_is_said_with_the_way_out() throws Exception {
        TestServer.copyEmbedded(data);
        EmbeddedPostgres server = EmbeddedPostgres.in(data);
        server.start();
        Path file = server.passwordFile("postgres");
        String password = Files.readString(file);
        Files.delete(file);
        assertThat(catchThrowableOfType(DatabaseException.class, server::start))
                .hasMessageContainingAll("password of postgres", "put the file back");
        Files.writeString(file, password);
    }

    @Test
    void root_without_namespaces_and_without_nobody_is_pointed_to_a_server_of_its_own() throws Exception {
        ServerAccount.Machine bare = machine(true, "unshare", "setpriv", "runuser");
        DatabaseException refused = catchThrowableOfType(
                DatabaseException.class, () -> EmbeddedPostgres.in(data, bare).start());
        assertThat(refused).hasMessageContainingAll("does not run as root", "storage.url");
        assertThat(refused.getMessage()).doesNotContain("\n");
    }

    @Test
    void root_without_namespaces_in_a_folder_that_nobody_can_reach_is_told_so() throws Exception {
        Assumptions.assumeTrue(ServerAccount.Machine.REAL.root(), "not root");
        Path closed = Files.createDirectory(
                data.resolve("closed"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        DatabaseException refused = catchThrowableOfType(
                DatabaseException.class,
                () -> EmbeddedPostgres.in(closed, machine(true, "unshare")).start());
        assertThat(refused).hasMessageContainingAll("nobody cannot reach", "chmod", "storage.url");
    }

    @Test
    void root_without_namespaces_runs_it_as_nobody() throws Exception {
        TestServer.copyEmbedded(data);
        Assumptions.assumeTrue(ServerAccount.Machine.REAL.root(), "not root");
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx--x--x"));
        EmbeddedPostgres server = EmbeddedPostgres.in(data, machine(true, "unshare"));
        assertThat(server.start()).isEqualTo(EmbeddedPostgres.Started.STARTED);
        assertThat(Files.getAttribute(server.folder(), "unix:uid")).isEqualTo(65534);
        try (Connection connection = TestServer.connect(server.owner())) {
            assertThat(Sql.rows(connection, "SELECT current_user")).containsExactly("metdc");
        }
        assertThat(server.stop(STOP)).isTrue();
        // The same folder on a machine with namespaces.
        assertThat(EmbeddedPostgres.in(data).start()).isEqualTo(EmbeddedPostgres.Started.STARTED);
    }

    @Test
    void the_collector_stops_what_it_opened_and_leaves_what_was_started_to_stay() throws Exception {
        TestServer.copyEmbedded(data);
        EmbeddedPostgres server = EmbeddedPostgres.in(data);
        Database.open(StorageSettings.embedded(data), "test").close();
        assertThat(server.isRunning()).isFalse();

        try (Database visit = Database.visit(StorageSettings.embedded(data));
                Connection connection = visit.readOnly().getConnection()) {
            assertThat(Sql.rows(connection, "SELECT current_user")).containsExactly("metdc_reader");
            assertThat(Sql.rows(connection, "SELECT count(*) FROM market_count"))
                    .containsExactly("0");
        }
        assertThat(server.isRunning()).isFalse();

        try (Database _ = Database.open(StorageSettings.embedded(data), "test")) {
            Database.visit(StorageSettings.embedded(data)).close();
            assertThat(server.isRunning()).isTrue();
        }
        server.startToStay();
        Database.open(StorageSettings.embedded(data), "test").close();
        assertThat(server.isRunning()).isTrue();
        assertThat(server.stop(STOP)).isTrue();
        assertThat(server.stays()).isFalse();
    }

    @Test
    void the_database_is_restarted_in_mid_stream_and_nothing_is_missing() throws Exception {
        TestServer.copyEmbedded(data);
        MemoryTail tail = new MemoryTail();
        WriterPace pace = new WriterPace(
                100, 1_000, Duration.ofMillis(5), Duration.ofMillis(20), Duration.ofMillis(200), STOP, STOP);
        try (Database database = Database.open(StorageSettings.embedded(data), "test");
                Writer writer = new Writer(database, tail, Trades.CLOCK, pace, _ -> {});
                Log log = new Log(Writer.class)) {
            writer.start();
            tail.append(Trades.journal(1, 30_000, Trades.BTC));
            await().atMost(STOP)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> writer.status().stored() > 5_000);
            database.embedded().orElseThrow().stop(STOP);
            tail.append(Trades.journal(100_001, 30_000, Trades.ETH));
            await().atMost(STOP).until(() -> writer.status().state() == WriterStatus.State.WAITING);
            await().during(Duration.ofMillis(300))
                    .atMost(STOP)
                    .until(() -> log.lines(Level.WARN).size() == 1);
            database.embedded().orElseThrow().start();
            await().atMost(STOP).until(() -> writer.status().lag() == 0);
            assertThat(writer.stop(STOP)).isTrue();
            assertThat(log.lines(Level.WARN)).hasSize(1);
            assertThat(log.lines(Level.INFO)).hasSize(1);
            try (Connection connection = database.dataSource().getConnection()) {
                assertThat(Sql.rows(connection, "SELECT received, stored, duplicate, unaccounted FROM market_count"))
                        .containsExactly("60000|60000|0|0");
            }
        }
    }

    private static ServerAccount.Machine machine(boolean root, String... lacking) {
        return new ServerAccount.Machine() {
            @Override
            public boolean root() {
                return root;
            }

            @Override
            public boolean works(List<String> command) {
                return !List.of(lacking).contains(command.getFirst()) && ServerAccount.Machine.REAL.works(command);
            }
        };
    }

    private static String permissions(Path file) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}

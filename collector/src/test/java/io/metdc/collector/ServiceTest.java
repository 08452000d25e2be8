package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.metdc.simulator.Sent;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import io.metdc.storage.Database;
import io.metdc.storage.EmbeddedPostgres;
import io.metdc.storage.StorageSettings;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// metdc as a user runs it: a process with arguments, signals and an exit code.
class ServiceTest {
    private static final Duration LONG = Duration.ofSeconds(90);

    @TempDir
    private Path folder;

    @Test
    void sigterm_stores_what_was_received_and_ends_with_exit_code_0_and_a_second_run_is_refused() throws Exception {
        Path config = folder.resolve("metdc.yaml");
        Path data = folder.resolve("data");
        ReadyCluster.in(data);
        try (Simulator simulator = Simulator.start(
                SimulatorOptions.builder().rate(1_000).instruments(8).build())) {
            Files.writeString(
                    config,
                    simulator.configuration() + "data_directory: " + data + "\nlogging: {directory: "
                            + folder.resolve("logs") + "}\nrecovery: {health_interval: 1s}\n");
            try (Metdc metdc = Metdc.start(folder.resolve("first.out"), "run", "--config", config.toString())) {
                await().atMost(LONG)
                        .until(() -> !metdc.isAlive() || metdc.said().contains(" 2/2 workers"));
                assertThat(metdc.isAlive()).as(metdc::said).isTrue();

                try (Metdc second = Metdc.start(folder.resolve("second.out"), "run", "--config", config.toString())) {
                    assertThat(second.awaitExit(LONG)).isEqualTo(1);
                    assertThat(second.said()).contains("in use by another metdc, pid ", data.toString());
                }
                simulator.stopTrading();
                assertThat(metdc.terminate(Duration.ofSeconds(10)))
                        .as(metdc::said)
                        .isZero();
                assertThat(metdc.said())
                        .contains("everything received is stored")
                        .contains("stored after receipt: p50");
            }
            assertThat(folder.resolve("logs").resolve("metdc.log")).content().contains("[binance-spot-1]");
            try (Database database = Database.visit(StorageSettings.embedded(data))) {
                assertThat(number(database, "SELECT count(*) FROM trades"))
                        .isEqualTo(simulator.report().stream()
                                .mapToLong(Sent::distinct)
                                .sum());
                assertThat(number(database, "SELECT sum(abs(unaccounted)) FROM market_count"))
                        .isZero();
            }
        }
        assertThat(EmbeddedPostgres.in(data).isRunning()).isFalse();
    }

    @Test
    void a_database_that_answers_nothing_holds_up_no_stop_and_what_it_lacks_is_stored_at_the_next_start()
            throws Exception {
        Path config = folder.resolve("metdc.yaml");
        Path data = folder.resolve("data");
        EmbeddedPostgres server = ReadyCluster.in(folder.resolve("elsewhere"));
        server.start();
        try (Simulator simulator = Simulator.start(
                SimulatorOptions.builder().rate(1_000).instruments(8).build())) {
            URI direct = URI.create(server.owner().jdbcUrl().substring("jdbc:".length()));
            String database = server.owner().database();
            String common = simulator.configuration() + "data_directory: " + data + "\nlogging: {directory: "
                    + folder.resolve("logs") + "}\nrecovery: {health_interval: 1s}\nstorage:\n  user: "
                    + server.owner().user() + "\n  password_file: "
                    + server.passwordFile(server.owner().user()) + "\n  url: postgresql://127.0.0.1:";
            try (BlackHole wire = new BlackHole(direct.getPort())) {
                Files.writeString(config, common + wire.port() + "/" + database + "\n");
                try (Metdc metdc = Metdc.start(folder.resolve("first.out"), "run", "--config", config.toString())) {
                    await().atMost(LONG)
                            .until(() -> !metdc.isAlive() || metdc.said().contains(" 2/2 workers"));
                    assertThat(metdc.isAlive()).as(metdc::said).isTrue();
                    wire.swallow();
                    long before = simulator.report().stream()
                            .mapToLong(Sent::distinct)
                            .sum();
                    await().atMost(LONG)
                            .until(() -> simulator.report().stream()
                                            .mapToLong(Sent::distinct)
                                            .sum()
                                    > before + 1_000);
                    simulator.stopTrading();
                    assertThat(metdc.terminate(Duration.ofSeconds(10)))
                            .as(metdc::said)
                            .isZero();
                    assertThat(metdc.said())
                            .contains("what is not stored yet stays in the journal and is stored at the next start");
                }
            }
            Files.writeString(config, common + direct.getPort() + "/" + database + "\n");
            try (Metdc metdc = Metdc.start(folder.resolve("second.out"), "run", "--config", config.toString())) {
                await().atMost(LONG)
                        .until(() -> !metdc.isAlive() || metdc.said().contains("collecting:"));
                assertThat(metdc.terminate(Duration.ofSeconds(10)))
                        .as(metdc::said)
                        .isZero();
                assertThat(metdc.said()).contains("everything received is stored");
            }
            long sent = simulator.report().stream().mapToLong(Sent::distinct).sum();
            try (Connection connection = DriverManager.getConnection(
                            server.owner().jdbcUrl(),
                            server.owner().user(),
                            server.owner().password());
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT count(*) FROM trades")) {
                row.next();
                assertThat(row.getLong(1)).isEqualTo(sent);
            }
        } finally {
            server.stop(Duration.ofSeconds(20));
        }
    }

    @Test
    void sigterm_in_the_midst_of_trading_leaves_a_recording_with_every_trade_that_is_stored() throws Exception {
        Path config = folder.resolve("metdc.yaml");
        Path data = folder.resolve("data");
        ReadyCluster.in(data);
        Path frames = folder.resolve("frames");
        try (Simulator simulator = Simulator.start(SimulatorOptions.builder()
                .markets(SimulatorOptions.BINANCE_SPOT)
                .rate(2_000)
                .instruments(8)
                .build())) {
            Files.writeString(
                    config,
                    simulator.configuration() + "data_directory: " + data + "\nlogging: {directory: "
                            + folder.resolve("logs") + "}\nrecovery: {health_interval: 1s}\n");
            try (Metdc metdc = Metdc.start(
                    folder.resolve("out"),
                    "run",
                    "--config",
                    config.toString(),
                    "--record-frames",
                    frames.toString())) {
                await().atMost(LONG)
                        .until(() -> !metdc.isAlive() || metdc.said().contains(" 1/1 workers"));
                assertThat(metdc.isAlive()).as(metdc::said).isTrue();
                assertThat(metdc.terminate(Duration.ofSeconds(10)))
                        .as(metdc::said)
                        .isZero();
                assertThat(metdc.said())
                        .contains("raw frames are recorded in " + frames, "frames recorded in 1 files")
                        .contains("everything received is stored");
            }
        }
        List<Recorded.Decoded> recorded = Recorded.decode(frames, SimulatorOptions.BINANCE_SPOT, null);
        try (Database database = Database.visit(StorageSettings.embedded(data))) {
            assertThat(recorded)
                    .isNotEmpty()
                    .hasSize((int) number(database, "SELECT count(*) FROM trades"))
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void a_wrong_key_ends_with_exit_code_2_and_names_line_and_nearest_key() throws Exception {
        Path config = Files.writeString(folder.resolve("metdc.yaml"), "storage:\n  retension: 7d\n");

        try (Metdc metdc = Metdc.start(folder.resolve("out"), "run", "--config", config.toString())) {
            assertThat(metdc.awaitExit(LONG)).isEqualTo(2);
            assertThat(metdc.said()).contains("metdc.yaml:2", "storage.retension", "storage.retention");
        }
    }

    @Test
    void rehearse_shows_that_the_sums_meet_and_leaves_nothing_behind() throws Exception {
        Path out = folder.resolve("out");
        Path home = Files.createDirectories(folder.resolve("home/data")).getParent();

        try (Metdc metdc = Metdc.start(
                out,
                "-Dmetdc.home=" + home,
                "rehearse",
                "--duration",
                "3s",
                "--rate",
                "2000",
                "--seed",
                "7",
                "--json")) {
            assertThat(metdc.awaitExit(LONG)).as(metdc::said).isZero();
        }
        String json = Files.readAllLines(out).stream()
                .filter(line -> line.startsWith("{"))
                .findFirst()
                .orElseThrow();
        JsonNode result = new ObjectMapper().readTree(json);
        assertThat(result.path("ok").asBoolean()).isTrue();
        assertThat(result.path("first_trade_ms").asLong()).isPositive();
        assertThat(result.path("markets")).hasSize(SimulatorOptions.ALL_MARKETS.size());
        for (JsonNode market : result.path("markets")) {
            assertThat(market.path("sent").asLong())
                    .isPositive()
                    .isEqualTo(market.path("stored").asLong()
                            + market.path("duplicate").asLong()
                            + market.path("rejected").asLong());
            assertThat(market.path("holes").asLong()).isZero();
        }
        try (Stream<Path> left = Files.list(home.resolve("data"))) {
            assertThat(left).isEmpty();
        }
    }

    private static long number(Database database, String sql) throws SQLException {
        try (Connection connection = database.readOnly().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}

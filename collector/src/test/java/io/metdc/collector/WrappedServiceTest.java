package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import io.metdc.storage.Database;
import io.metdc.storage.StorageSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `scripts/restart-wrapper.sh` around the real program.
@Tag("long")
class WrappedServiceTest {
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final Pattern SERVED = Pattern.compile("status and metrics at http://127\\.0\\.0\\.1:(\\d+)");

    @TempDir
    private Path home;

    private Process wrapper;

    @AfterEach
    void end() throws Exception {
        if (wrapper != null) {
            List<ProcessHandle> all = wrapper.descendants().toList();
            wrapper.destroyForcibly().waitFor();
            all.forEach(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    void a_killed_program_has_trades_again_within_seconds_a_stopped_one_is_replaced_and_sigterm_ends_it_in_order()
            throws Exception {
        Path data = home.resolve("data");
        ReadyCluster.in(data);
        try (Simulator simulator = Simulator.start(
                SimulatorOptions.builder().rate(500).instruments(8).build())) {
            start(simulator, data);
            awaitDelivering(1);

            Instant killed = Instant.now();
            program().destroyForcibly();
            awaitDelivering(2);

            ProcessHandle stopped = program();
            assertThat(new ProcessBuilder("kill", "-STOP", Long.toString(stopped.pid()))
                            .start()
                            .waitFor())
                    .isZero();
            awaitDelivering(3);
            assertThat(stopped.isAlive()).isFalse();
            assertThat(said()).contains("makes no progress for 5 s", "does not end within 2 s: killing it");

            simulator.stopTrading();
            wrapper.destroy();
            assertThat(wrapper.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(wrapper.exitValue()).as(this::said).isZero();
            assertThat(said()).contains("everything received is stored").endsWith("exit code 0\n");
            assertThat(Duration.between(killed, firstTradeAfter(data, killed))).isLessThan(Duration.ofSeconds(5));
        }
    }

    private void start(Simulator simulator, Path data) throws IOException {
        Path scripts = Files.createDirectories(home.resolve("scripts"));
        Files.copy(
                Path.of(System.getProperty("metdc.home", "..")).resolve("scripts/restart-wrapper.sh"),
                scripts.resolve("restart-wrapper.sh"));
        Path launcher = Files.writeString(
                scripts.resolve("metdc"),
                "#!/usr/bin/env bash\nexec " + Path.of(System.getProperty("java.home"), "bin", "java")
                        + " -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx384m -cp '"
                        + System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                        + "' io.metdc.collector.Main \"$@\"\n");
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path config = Files.writeString(
                home.resolve("metdc.yaml"),
                simulator.configuration() + "data_directory: " + data + "\nlogging: {directory: " + home.resolve("logs")
                        + "}\nrecovery: {health_interval: 1s}\nhttp: {port: 0}\n");
        ProcessBuilder builder = new ProcessBuilder(
                "bash",
                scripts.resolve("restart-wrapper.sh").toString(),
                "--hang",
                "5",
                "--grace",
                "2",
                "--config",
                config.toString());
        builder.environment().put("TMPDIR", home.toString());
        wrapper = builder.redirectErrorStream(true)
                .redirectOutput(home.resolve("said").toFile())
                .start();
    }

    private ProcessHandle program() {
        try (Stream<ProcessHandle> all = wrapper.descendants()) {
            return all.filter(process -> process.info().command().orElse("").endsWith("/java"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /// Until the program that was started as the nth one delivers.
    private void awaitDelivering(int nth) {
        await().atMost(LONG).until(() -> {
            assertThat(wrapper.isAlive()).as(this::said).isTrue();
            String said = said();
            return SERVED.matcher(said).results().count() == nth
                    && said.lastIndexOf("2/2 workers") > said.lastIndexOf("status and metrics at");
        });
    }

    private String said() {
        try {
            return Files.readString(home.resolve("said"));
        } catch (IOException e) {
            return "";
        }
    }

    private static Instant firstTradeAfter(Path data, Instant time) throws Exception {
        try (Database database = Database.visit(StorageSettings.embedded(data));
                Connection connection = database.readOnly().getConnection();
                PreparedStatement query =
                        connection.prepareStatement("SELECT min(received_at) FROM trades WHERE received_at > ?")) {
            query.setTimestamp(1, Timestamp.from(time.plusMillis(200))); // what was on its way
            return first(query);
        }
    }

    private static Instant first(PreparedStatement query) throws SQLException {
        try (ResultSet row = query.executeQuery()) {
            row.next();
            return row.getTimestamp(1).toInstant();
        }
    }
}

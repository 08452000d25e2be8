package io.metdc.collector;

import static org.awaitility.Awaitility.await;

import io.metdc.collector.config.Configuration;
import io.metdc.collector.frames.FrameRecording;
import io.metdc.connectors.Connectors;
import io.metdc.simulator.Sent;
import io.metdc.simulator.Simulator;
import io.metdc.storage.WriterStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A collector in this process, on a simulator and an embedded database in a folder of the test.
final class Rehearsed implements AutoCloseable {
    final Collector collector;
    private final Simulator simulator;

    /// @param settings further ones, `key=value`
    Rehearsed(Simulator simulator, Path folder, String... settings) throws Exception {
        this(simulator, folder, null, InstantSource.system(), settings);
    }

    /// @param recording keeps the frames; null for none
    Rehearsed(Simulator simulator, Path folder, FrameRecording recording, String... settings) throws Exception {
        this(simulator, folder, recording, InstantSource.system(), settings);
    }

    /// @param clock of the collector; the simulator has the system's
    Rehearsed(Simulator simulator, Path folder, InstantSource clock, String... settings) throws Exception {
        this(simulator, folder, null, clock, settings);
    }

    private Rehearsed(
            Simulator simulator, Path folder, FrameRecording recording, InstantSource clock, String... settings)
            throws Exception {
        this.simulator = simulator;
        Path file = folder.resolve("metdc.yaml");
        Files.writeString(file, simulator.configuration());
        List<Configuration.Option> options = new ArrayList<>();
        Path data = folder.resolve("data");
        if (!Files.exists(data.resolve("postgresql"))) { // else it is the folder of an earlier one
            ReadyCluster.in(data);
        }
        options.add(new Configuration.Option("test", "data_directory=" + data));
        for (String setting : settings) {
            options.add(new Configuration.Option("test", setting));
        }
        Configuration configuration = Configuration.load(
                new Configuration.Sources(file, options, Map.of(), folder, folder), Connectors.all());
        collector = Collector.start(configuration.settings(), recording, "test", clock);
    }

    /// Waits until every market has sent so much: what is stored by then may be one market's alone.
    void awaitSentByEach(long trades) {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> simulator.report().stream().allMatch(market -> market.rows() >= trades));
    }

    void awaitStored(long trades) {
        await().atMost(Duration.ofSeconds(60)).until(() -> writer().stored() >= trades);
    }

    WriterStatus writer() {
        WriterStatus status = collector.status().writer();
        if (status == null) {
            throw new AssertionError("no database");
        }
        return status;
    }

    /// Ends trading, and waits until everything sent is accounted for in SQL.
    RehearsalResult settle() throws Exception {
        simulator.stopTrading();
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            long sent = simulator.report().stream().mapToLong(Sent::rows).sum(); // a snapshot may still be asked for
            RehearsalResult now = result();
            return now.accounted() == sent && collector.status().intake().waiting() == 0;
        });
        return result();
    }

    RehearsalResult result() throws SQLException {
        return RehearsalResult.read(collector.database(), simulator.report(), Map.of());
    }

    long number(String sql) throws SQLException {
        try (Connection connection = collector.database().readOnly().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    void execute(String sql) throws SQLException {
        try (Connection connection = collector.database().dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() {
        try {
            collector.stop(Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}

package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.collector.cli.CommandLineInterface;
import io.metdc.collector.cli.Surroundings;
import io.metdc.collector.cli.Terminal;
import io.metdc.connectors.Connector;
import io.metdc.connectors.Connectors;
import io.metdc.connectors.Evidence;
import io.metdc.market.Market;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import io.metdc.storage.Database;
import io.metdc.storage.StorageSettings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The audit of what the collector really recorded.
@Timeout(180)
class AuditRehearsalTest {
    @TempDir
    private Path folder;

    @Test
    void a_collected_day_is_complete_while_metdc_runs_and_after_it_and_a_lost_trade_is_found() throws Exception {
        try (Simulator simulator = Simulator.start(SimulatorOptions.builder()
                .markets(SimulatorOptions.ALL_MARKETS.toArray(Market[]::new))
                .rate(2_000)
                .build())) {
            try (Rehearsed metdc = new Rehearsed(simulator, folder)) {
                metdc.awaitSentByEach(300);
                for (Connector connector : Connectors.all()) {
                    String kind = switch (connector.evidence()) {
                        case Evidence.ByIds _ -> "ids";
                        case Evidence.ByUnbrokenConnection _ -> "connection";
                    };
                    assertThat(metdc.number("SELECT count(*) FROM evidence WHERE exchange = '"
                                    + connector.market().exchange().id() + "' AND market = '"
                                    + connector.market().type().id() + "' AND kind = '" + kind + "'"))
                            .as("evidence of " + connector.market() + " in SQL")
                            .isEqualTo(1);
                }
                assertThat(metdc.number("SELECT count(*) FROM evidence"))
                        .isEqualTo(Connectors.all().size());
                assertClean(audit());
                metdc.settle();
            }
            assertClean(audit("--deep"));
        }
        try (Database database = Database.visit(StorageSettings.embedded(folder.resolve("data")));
                Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate("DELETE FROM trades t USING (SELECT instrument_id, sequence FROM trades"
                            + " WHERE instrument_id = (SELECT instrument_id FROM trades JOIN instruments i ON i.id = instrument_id"
                            + " WHERE exchange = 'okx' GROUP BY 1 ORDER BY count(*) DESC LIMIT 1)"
                            + " ORDER BY sequence OFFSET 3 LIMIT 1) one WHERE t.instrument_id = one.instrument_id"
                            + " AND t.sequence = one.sequence"))
                    .isEqualTo(1);
        }
        Audited lost = audit("--deep");
        assertThat(lost.exitCode).isEqualTo(3);
        assertThat(lost.out).contains("1 unexplained", "1 number neither stored nor consumed nor in the ledger");
    }

    private record Audited(int exitCode, String out, String err) {}

    private static void assertClean(Audited audited) {
        assertThat(audited.out).as(audited.err).contains("\nNothing is unexplained.");
        assertThat(audited.exitCode).isZero();
        assertThat(audited.out.lines().filter(line -> line.endsWith("  complete")))
                .hasSize(Connectors.all().size() + 1);
    }

    private Audited audit(String... options) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Terminal terminal = Terminal.of(new ByteArrayInputStream(new byte[0]), out, err);
        String[] arguments = {"audit", "--set", "data_directory=" + folder.resolve("data")};
        String[] all = Arrays.copyOf(arguments, arguments.length + options.length);
        System.arraycopy(options, 0, all, arguments.length, options.length);
        int exitCode =
                new CommandLineInterface(new Surroundings(terminal, Map.of(), folder, folder), null).execute(all);
        return new Audited(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}

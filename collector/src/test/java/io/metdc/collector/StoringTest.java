package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.metdc.completeness.Intake;
import io.metdc.completeness.IntakeSettings;
import io.metdc.completeness.Ring;
import io.metdc.connectors.Connectors;
import io.metdc.market.Instrument;
import io.metdc.market.Nanos;
import io.metdc.market.Origin;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import io.metdc.market.TradeId;
import io.metdc.simulator.SimulatorOptions;
import io.metdc.storage.DatabaseAddress;
import io.metdc.storage.EmbeddedPostgres;
import io.metdc.storage.StorageSettings;
import io.metdc.storage.journal.JournalSettings;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class StoringTest {
    private static final Instrument SOL = Instrument.of(SimulatorOptions.BINANCE_SPOT, "SOLUSDT", "SOL", "USDT");

    @TempDir
    private Path folder;

    @Test
    void a_fault_that_only_a_person_can_mend_is_tried_again_once_trades_are_collected_and_nothing_is_lost()
            throws Exception {
        EmbeddedPostgres server = EmbeddedPostgres.in(folder.resolve("elsewhere"));
        server.start();
        DatabaseAddress owner = server.owner();
        try (Intake intake = Intake.open(
                        folder.resolve("journal"),
                        JournalSettings.defaults(),
                        IntakeSettings.defaults(),
                        market -> Connectors.of(market).orElseThrow().evidence(),
                        InstantSource.system());
                Ring ring = intake.open("ring")) {
            execute(server, "ALTER ROLE " + owner.user() + " PASSWORD 'another'");
            Storing storing = new Storing(
                    new StorageSettings(
                            owner.url(),
                            owner.user(),
                            owner.password(),
                            Duration.ofDays(7),
                            OptionalLong.empty(),
                            folder.resolve("data")),
                    "test",
                    intake.tail(),
                    InstantSource.system(),
                    Duration.ofMillis(200));
            storing.goOnWithout();
            ring.accept(trade());
            await().atMost(Duration.ofSeconds(30)).until(() -> storing.trouble() != null);
            assertThat(storing.trouble()).contains("refused the password");
            assertThat(storing.opened()).isNotDone();

            execute(server, "ALTER ROLE " + owner.user() + " PASSWORD '" + owner.password() + "'");

            await().atMost(Duration.ofSeconds(40)).until(() -> {
                var status = storing.status();
                return status != null && status.stored() == 1;
            });
            assertThat(storing.trouble()).isNull();
            intake.stop();
            assertThat(storing.stop(System.nanoTime() + Duration.ofSeconds(20).toNanos()))
                    .isTrue();
        } finally {
            server.stop(Duration.ofSeconds(20));
        }
    }

    private static void execute(EmbeddedPostgres server, String sql) throws Exception {
        DatabaseAddress superuser = server.superuser();
        try (Connection connection = connect(superuser);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static Connection connect(DatabaseAddress address) throws SQLException {
        return DriverManager.getConnection(address.jdbcUrl(), address.user(), address.password());
    }

    private static Trade trade() {
        long now = Nanos.of(InstantSource.system().instant());
        return new Trade(
                SOL,
                TradeId.of(1),
                new BigDecimal("187.43"),
                new BigDecimal("3"),
                TakerSide.BUY,
                now,
                now,
                1,
                Origin.STREAM,
                Set.of());
    }
}

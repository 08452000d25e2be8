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
import io.metdc.storage.Catalogue;
import io.metdc.storage.Connections;
import io.metdc.storage.Database;
import io.metdc.storage.DatabaseAddress;
import io.metdc.storage.EmbeddedPostgres;
import io.metdc.storage.StorageSettings;
import io.metdc.storage.journal.JournalSettings;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class StoringTest {
    private static final Duration POLL = Duration.ofMillis(5);
    private static final Instrument SOL = Instrument.of(SimulatorOptions.BINANCE_SPOT, "SOLUSDT", "SOL", "USDT");

    @TempDir
    private Path folder;

    @Test
    void a_fault_that_only_a_person_can_mend_is_tried_again_once_trades_are_collected_and_nothing_is_lost()
            throws Exception {
        EmbeddedPostgres server = ReadyCluster.in(folder.resolve("elsewhere"));
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
                    intake,
                    new Connections(InstantSource.system()),
                    new Catalogue(),
                    InstantSource.system(),
                    Duration.ofMillis(200));
            storing.goOnWithout();
            ring.accept(trade(1));
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

    @Test
    void what_was_received_before_an_instant_is_called_stored_when_it_is_committed_and_not_sooner() throws Exception {
        try (Intake intake = Intake.open(
                        folder.resolve("journal"),
                        JournalSettings.defaults(),
                        IntakeSettings.defaults(),
                        market -> Connectors.of(market).orElseThrow().evidence(),
                        InstantSource.system());
                Ring ring = intake.open("ring")) {
            ReadyCluster.in(folder.resolve("data"));
            Storing storing = new Storing(
                    StorageSettings.embedded(folder.resolve("data")),
                    "test",
                    intake,
                    new Connections(InstantSource.system()),
                    new Catalogue(),
                    InstantSource.system(),
                    Duration.ofMillis(200));
            Instant first = receive(ring, 1);
            assertThat(storing.isStored(first)).isFalse(); // there is no database yet
            Database database = storing.opened().get();
            try (Connection other = database.dataSource().getConnection();
                    Statement statement = other.createStatement()) {
                await().atMost(Duration.ofSeconds(20)).pollInterval(POLL).until(() -> storing.isStored(first));
                for (int id = 2; id <= 40; id++) {
                    Instant after = receive(ring, id);
                    assertThat(storing.isStored(after)).isFalse(); // in the ring
                    await().pollDelay(Duration.ZERO).pollInterval(POLL).until(() -> storing.isStored(after));
                    assertThat(stored(statement)).isEqualTo(id);
                }
                other.setAutoCommit(false);
                statement.execute("LOCK TABLE trade_counts IN ACCESS EXCLUSIVE MODE"); // near the end of a transaction
                Instant after = receive(ring, 41);
                await().atMost(Duration.ofSeconds(20)).until(() -> isWaitedFor(database));
                await().until(() -> Instant.now().isAfter(after.plusMillis(500)));
                assertThat(intake.receivedUntil(Long.MAX_VALUE)).isAfter(after); // in the journal
                assertThat(storing.isStored(after)).isFalse();
                other.rollback();
                await().pollInterval(POLL).until(() -> storing.isStored(after));
                assertThat(stored(statement)).isEqualTo(41);
                other.rollback();
            }
            intake.stop();
            assertThat(storing.stop(System.nanoTime() + Duration.ofSeconds(20).toNanos()))
                    .isTrue();
        }
    }

    /// @return an instant after its receipt
    private static Instant receive(Ring ring, int id) {
        Trade trade = trade(id);
        ring.accept(trade);
        return Nanos.instant(trade.receivedAtNanos() + 1);
    }

    private static long stored(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT count(*) FROM trades")) {
            row.next();
            return row.getLong(1);
        }
    }

    private static boolean isWaitedFor(Database database) throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM pg_locks WHERE NOT granted")) {
            row.next();
            return row.getLong(1) > 0;
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

    private static Trade trade(int id) {
        long now = Nanos.of(InstantSource.system().instant());
        return new Trade(
                SOL,
                TradeId.of(id),
                new BigDecimal("187.43"),
                new BigDecimal("3"),
                TakerSide.BUY,
                now,
                now,
                id,
                Origin.STREAM,
                Set.of());
    }
}

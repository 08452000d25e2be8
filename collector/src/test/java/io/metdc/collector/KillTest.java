package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.simulator.Sent;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import io.metdc.storage.Database;
import io.metdc.storage.DatabaseAddress;
import io.metdc.storage.EmbeddedPostgres;
import io.metdc.storage.StorageSettings;
import io.metdc.storage.journal.Acknowledged;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The collector is killed at random instants, as a process of its own, and started again.
class KillTest {
    @TempDir
    private Path folder;

    @Test
    void twenty_kills_lose_nothing_acknowledged_and_double_nothing() throws Exception {
        kills(20, 20261120);
    }

    @Test
    @Tag("long")
    void a_hundred_kills_lose_nothing_acknowledged_and_double_nothing() throws Exception {
        kills(100, 20261121);
    }

    private void kills(int count, long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        Path data = folder.resolve("data");
        Path config = folder.resolve("metdc.yaml");
        EmbeddedPostgres server = ReadyCluster.in(data);
        try (Simulator simulator = Simulator.start(SimulatorOptions.builder()
                .rate(3_000)
                .instruments(15)
                .connects(10_000)
                .seed(seed)
                .build())) {
            Files.writeString(
                    config,
                    simulator.configuration() + "data_directory: " + data + "\nlogging: {directory: "
                            + folder.resolve("logs") + "}\n");
            server.start();
            long acknowledged = 0;
            long position = 0;
            for (int i = 0; i < count; i++) {
                boolean early = i % 4 == 0; // before the database is open as a rule, the others in the midst of writing
                int saidBefore = said().length();
                try (Metdc metdc = start(config)) {
                    if (!early) {
                        long before = position;
                        await().pollInterval(Duration.ofMillis(20))
                                .atMost(Duration.ofSeconds(60))
                                .until(() -> !metdc.isAlive()
                                        || (said().indexOf("collecting:", saidBefore) > 0 && position(data) > before));
                    }
                    long enough =
                            (early ? acknowledged : acknowledged(data)) + 1 + random.nextInt(early ? 4_000 : 2_000);
                    await().pollInterval(Duration.ofMillis(3))
                            .atMost(Duration.ofSeconds(60))
                            .until(() -> !metdc.isAlive() || acknowledged(data) >= enough);
                    assertThat(metdc.isAlive()).as(metdc::said).isTrue();
                    metdc.kill();
                }
                acknowledged = acknowledged(data);
                if (!early) {
                    position = position(data);
                }
            }
            long more = acknowledged + 3_000;
            boolean allStored = false;
            for (int i = 0; i < 5 && !allStored; i++) { // a slow machine may leave something to the next start
                int saidBefore = said().length();
                try (Metdc metdc = start(config)) {
                    await().atMost(Duration.ofSeconds(90))
                            .until(() -> !metdc.isAlive()
                                    || (said().indexOf("collecting:", saidBefore) > 0
                                            && acknowledged(data) >= more
                                            && openHoles(data) == 0));
                    simulator.stopTrading();
                    assertThat(metdc.terminate(Duration.ofSeconds(10)))
                            .as(metdc::said)
                            .isZero();
                }
                allStored = said().indexOf("everything received is stored", saidBefore) > 0;
            }
            assertThat(allStored).as(this::said).isTrue();
            server.start();
            try (Database database = Database.visit(StorageSettings.embedded(data));
                    Connection connection = database.readOnly().getConnection()) {
                long stored = number(connection, "SELECT count(*) FROM trades");
                assertThat(number(connection, "SELECT sum(stored) FROM trade_counts"))
                        .isEqualTo(stored);
                assertThat(stored + number(connection, "SELECT sum(duplicate) FROM trade_counts"))
                        .as("every acknowledged trade is accounted for")
                        .isGreaterThanOrEqualTo(acknowledged(data));
                assertThat(number(connection, "SELECT sum(abs(unaccounted)) FROM trade_count"))
                        .as("received = stored + duplicate + rejected for every instrument and hour")
                        .isZero();
                for (Market market : simulator.markets()) {
                    compare(simulator, market, connection);
                }
            }
        } finally {
            server.stop(Duration.ofSeconds(20));
        }
    }

    /// Everything that was sent from the first stored trade on is there once, also what a kill took along and what was
    /// sent while nobody was there: REST has brought it, and the ledger says so.
    private static void compare(Simulator simulator, Market market, Connection connection) throws SQLException {
        Map<String, List<Hole>> holes = holes(connection, market);
        for (Sent.OfInstrument instrument : simulator.report(market).instruments()) {
            Set<Long> stored = stored(connection, market, instrument.symbol(), "");
            long first = stored.stream().mapToLong(id -> id).min().orElse(0);
            List<Long> lost = new ArrayList<>();
            simulator.tape(market, instrument.symbol()).forEach(print -> {
                long number = print.sequence();
                if (print.trade() != null
                        && number >= first
                        && !stored.contains(number)
                        && holes.getOrDefault(instrument.symbol(), List.of()).stream()
                                .noneMatch(hole -> hole.contains(number) && hole.isOutOfReach())) {
                    lost.add(number);
                }
            });
            if (market.type().equals(MarketType.SPOT)) {
                assertThat(holes.getOrDefault(instrument.symbol(), List.of())).noneMatch(Hole::isOutOfReach);
            }
            assertThat(lost).as("lost of %s %s", market, instrument.symbol()).isEmpty();
            assertThat(stored(connection, market, instrument.symbol(), " AND origin = 'refill'"))
                    .as("asked for of %s %s, each in a hole of the ledger", market, instrument.symbol())
                    .allMatch(id -> holes.getOrDefault(instrument.symbol(), List.of()).stream()
                            .anyMatch(hole -> hole.contains(id)));
        }
    }

    private record Hole(long from, long to, String outcome) {
        boolean contains(long id) {
            return from <= id && id <= to;
        }

        /// Of futures, REST has the newest thousand alone.
        boolean isOutOfReach() {
            return "beyond_reach".equals(outcome);
        }
    }

    private static Map<String, List<Hole>> holes(Connection connection, Market market) throws SQLException {
        Map<String, List<Hole>> holes = new HashMap<>();
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT symbol, from_id, to_id, outcome FROM hole WHERE exchange = ? AND market = ?")) {
            query.setString(1, market.exchange().id());
            query.setString(2, market.type().id());
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    holes.computeIfAbsent(row.getString(1), _ -> new ArrayList<>())
                            .add(new Hole(row.getLong(2), row.getLong(3), row.getString(4)));
                }
            }
        }
        return holes;
    }

    /// A doubled id would be a second row: the set would be smaller than the count.
    private static Set<Long> stored(Connection connection, Market market, String symbol, String which)
            throws SQLException {
        Set<Long> ids = new HashSet<>();
        int rows = 0;
        try (PreparedStatement query = connection.prepareStatement(
                "SELECT trade_id::bigint FROM trade WHERE exchange = ? AND market = ? AND symbol = ?" + which)) {
            query.setString(1, market.exchange().id());
            query.setString(2, market.type().id());
            query.setString(3, symbol);
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    ids.add(row.getLong(1));
                    rows++;
                }
            }
        }
        assertThat(ids).as("ids of %s %s, each once", market, symbol).hasSize(rows);
        return ids;
    }

    private Metdc start(Path config) throws IOException {
        return Metdc.start(folder.resolve("metdc.out"), "run", "--config", config.toString());
    }

    private String said() {
        try {
            Path out = folder.resolve("metdc.out");
            return Files.exists(out) ? Files.readString(out) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long acknowledged(Path data) {
        try {
            return Acknowledged.read(data.resolve("journal")).trades();
        } catch (IOException e) {
            return 0; // before the first one
        }
    }

    /// Holes of which nobody knows yet what became of them.
    private static long openHoles(Path data) throws Exception {
        DatabaseAddress reader = EmbeddedPostgres.in(data).reader();
        try (Connection connection = DriverManager.getConnection(reader.jdbcUrl(), reader.user(), reader.password())) {
            return number(connection, "SELECT count(*) FROM holes WHERE outcome IS NULL");
        }
    }

    /// How far the journal is stored.
    private static long position(Path data) throws Exception {
        DatabaseAddress reader = EmbeddedPostgres.in(data).reader();
        try (Connection connection = DriverManager.getConnection(reader.jdbcUrl(), reader.user(), reader.password())) {
            return number(connection, "SELECT coalesce(max(position), 0) FROM journal_positions");
        }
    }

    private static long number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}

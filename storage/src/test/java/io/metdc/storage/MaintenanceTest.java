package io.metdc.storage;

import static io.metdc.storage.Trades.BTC;
import static io.metdc.storage.Trades.NANOS;
import static io.metdc.storage.Trades.NOW;
import static io.metdc.storage.Trades.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.metdc.market.Instrument;
import io.metdc.market.TradeId;
import io.metdc.storage.journal.Entry;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestServer.class)
class MaintenanceTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @Parameter
    TestServer server;

    @TempDir
    Path folder;

    private TestServer.Fresh fresh;
    private Database database;
    private final MemoryTail tail = new MemoryTail();
    private Instant now = NOW;
    private final InstantSource clock = () -> now;

    @BeforeEach
    void open() throws Exception {
        server.require();
        fresh = server.fresh(folder);
        database = Database.open(fresh.settings(), "test");
    }

    @AfterEach
    void close() throws Exception {
        if (database != null) {
            database.close();
            fresh.close();
        }
    }

    @Test
    void the_hours_ahead_are_made_before_they_are_needed() throws Exception {
        try (Maintenance maintenance = maintenance(fresh.settings())) {
            maintenance.start();
            assertThat(maintenance.space()).isPresent();
        }
        if (database.tableKind() == ServerKind.TableKind.PARTITIONS) {
            assertThat(hours()).containsExactly("2026-11-21T10:00:00Z", "2026-11-21T11:00:00Z", "2026-11-21T12:00:00Z");
            try (Connection connection = fresh.connect()) {
                assertThat(Sql.rows(connection, "SELECT count(*) FROM pg_partition_tree('trades') WHERE isleaf"))
                        .containsExactly("3");
                assertThat(Sql.rows(connection, "SELECT conname FROM pg_constraint WHERE conname = 'this_hour'"))
                        .isEmpty();
            }
        } else {
            assertThat(hours()).isEmpty(); // the server makes them
        }
    }

    @Test
    void hours_beyond_the_retention_go() throws Exception {
        write(hourly(12));
        assertThat(hours()).hasSize(12);
        work(fresh.settings().withRetention(Duration.ofHours(5)));
        assertThat(hours())
                .containsOnlyOnceElementsOf(List.of("2026-11-21T05:00:00Z", "2026-11-21T10:00:00Z"))
                .doesNotContain("2026-11-21T00:00:00Z", "2026-11-21T04:00:00Z");
        assertThat(rows("SELECT min(executed_at) AT TIME ZONE 'UTC', count(*) FROM trades"))
                .containsExactly("2026-11-21 05:30:00|6");
    }

    @Test
    void a_late_trade_of_a_dropped_hour_has_its_place_again() throws Exception {
        write(hourly(4));
        work(fresh.settings().withRetention(Duration.ofHours(2)));
        assertThat(rows("SELECT count(*) FROM trades")).containsExactly("3");
        write(List.of(entry(TradeId.of(99), 3)));
        assertThat(rows("SELECT count(*) FROM trades")).containsExactly("4");
    }

    @Test
    void a_database_that_is_too_large_loses_its_oldest_hours_and_never_its_newest() throws Exception {
        write(hourly(6));
        StorageSettings settings = new StorageSettings(
                fresh.settings().url(), null, null, Duration.ofDays(7), java.util.OptionalLong.of(1L << 28), folder);
        work(settings);
        assertThat(rows("SELECT count(*) FROM trades")).containsExactly("6");
        try (Connection connection = fresh.connect();
                var statement = connection.createStatement()) {
            statement.execute("CREATE UNLOGGED TABLE ballast (t text)");
            statement.execute("ALTER TABLE ballast ALTER t SET STORAGE EXTERNAL");
            statement.execute("INSERT INTO ballast SELECT repeat('x', 1000000) FROM generate_series(1, 270)");
        }
        try (Log log = new Log(Maintenance.class)) {
            work(settings);
            assertThat(log.lines(Level.WARN)).anyMatch(line -> line.contains("newest hours alone"));
        }
        assertThat(rows("SELECT min(executed_at) AT TIME ZONE 'UTC', count(*) FROM trades"))
                .containsExactly("2026-11-21 09:30:00|2");
    }

    @Test
    void a_long_query_stops_neither_the_writer_nor_the_making_of_hours_and_delays_only_the_drop() throws Exception {
        write(hourly(4));
        StorageSettings settings = fresh.settings().withRetention(Duration.ofHours(2));
        try (Writer writer = new Writer(database, tail, clock);
                Connection analyst = fresh.connect()) {
            writer.start();
            analyst.setAutoCommit(false);
            analyst.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            assertThat(Sql.rows(analyst, "SELECT count(*) FROM trade")).containsExactly("4");

            work(settings); // wants to drop what the analyst reads
            tail.append(Trades.journal(1_000, 500, BTC));
            tail.append(entry(TradeId.of(5_000), -1), entry(TradeId.of(5_001), 6)); // hours that are not there yet
            await().atMost(LONG).until(() -> writer.status().lag() == 0);
            now = NOW.plus(Duration.ofHours(3));
            work(settings);
            assertThat(Sql.rows(analyst, "SELECT count(*) FROM trade")).containsExactly("4");
            try (Connection other = fresh.connect()) { // a new reader is not held up either
                assertThat(Sql.rows(other, "SELECT count(*) > 500 FROM trade")).containsExactly("t");
            }
            analyst.rollback();
            work(settings);
            assertThat(writer.stop(LONG)).isTrue();
        }
        assertThat(hours())
                .doesNotContain("2026-11-21T07:00:00Z", "2026-11-21T10:00:00Z")
                .contains("2026-11-21T11:00:00Z");
    }

    @Test
    void how_long_the_disk_lasts_is_said_once() throws Exception {
        double bytes = database.table().compresses() ? 25 : 170;
        try (Log log = new Log(Maintenance.class);
                Maintenance maintenance = maintenance(fresh.settings().withMaxDisk(1L << 40))) {
            maintenance.start();
            Space space = maintenance.space().orElseThrow();
            assertThat(space.observed()).isFalse();
            assertThat(space.hours()).isEqualTo((long) ((1L << 40) / (bytes * 5_000 * 3_600)));
            assertThat(log.lines(Level.INFO))
                    .singleElement()
                    .asString()
                    .contains(
                            String.format(Locale.ROOT, "about %,d hours of trades fit", space.hours()),
                            "5,000 trades/s (assumed)");
            assertThat(log.lines(Level.WARN)).isEmpty();
        }
    }

    @Test
    void less_than_a_day_is_a_warning_and_not_said_a_second_time() throws Exception {
        try (Log log = new Log(Maintenance.class);
                Maintenance maintenance = maintenance(fresh.settings().withMaxDisk(1L << 30))) {
            maintenance.start();
            long hours = maintenance.space().orElseThrow().hours();
            assertThat(hours).isLessThan(24);
            assertThat(log.lines(Level.WARN))
                    .singleElement()
                    .asString()
                    .contains("less than a day fits", "about " + hours + " hours");
            assertThat(log.lines(Level.INFO)).isEmpty();
        }
    }

    @Test
    void counts_go_after_ninety_days_and_old_rows_are_looked_for_once_an_hour() throws Exception {
        write(hourly(1));
        String old =
                "INSERT INTO trade_counts (instrument_id, hour, received) SELECT min(id), hour, 1 FROM instruments,"
                        + " (VALUES (timestamptz '2026-08-23T09:00:00Z'), ('2026-08-23T10:00:00Z'),"
                        + " ('2026-08-23T11:00:00Z')) v (hour) GROUP BY hour ON CONFLICT DO NOTHING";
        String left = "SELECT count(*) FROM trade_counts WHERE received = 1 AND hour < '2026-09-01'";
        Maintenance maintenance = maintenance(fresh.settings());
        try (Connection connection = fresh.connect();
                var statement = connection.createStatement()) {
            statement.execute(old);
            maintenance.work(connection);
            assertThat(Sql.rows(connection, left)).containsExactly("1");
            statement.execute(old);
            now = NOW.plus(Duration.ofMinutes(59));
            maintenance.work(connection);
            assertThat(Sql.rows(connection, left)).containsExactly("3");
            now = NOW.plus(Duration.ofMinutes(61));
            maintenance.work(connection);
            assertThat(Sql.rows(connection, left)).containsExactly("0");
        }
    }

    @Test
    void old_counts_are_found_without_reading_all_others() throws Exception {
        write(hourly(1));
        try (Connection connection = fresh.connect();
                var statement = connection.createStatement()) {
            for (String table : List.of(
                    "trade_counts (instrument_id, hour)", "rejected_counts (instrument_id, hour, rejected, reason)")) {
                statement.execute("INSERT INTO " + table + " SELECT i, timestamptz '2026-09-01' + h * interval '1 hour'"
                        + (table.startsWith("rejected") ? ", 1, 'malformed'" : "")
                        + " FROM generate_series(1, 100) h, generate_series(1000, 1499) i ORDER BY h");
                String name = table.substring(0, table.indexOf(' '));
                statement.execute("ANALYZE " + name);
                assertThat(String.join(
                                "\n",
                                Sql.rows(
                                        connection,
                                        "EXPLAIN DELETE FROM " + name + " WHERE hour < '2026-09-01T05:00:00Z'")))
                        .contains(name + "_hour_idx")
                        .doesNotContain("Seq Scan");
            }
        }
    }

    @Test
    void a_compressed_hour_still_refuses_duplicates_and_takes_late_trades() throws Exception {
        org.junit.jupiter.api.Assumptions.assumeTrue(database.table().compresses(), "this server does not compress");
        List<Entry> old = new ArrayList<>();
        for (int id = 1; id <= 20_000; id++) {
            old.add(new Entry.Traded(trade(
                    BTC, TradeId.of(id), NANOS - Duration.ofHours(5).toNanos() + id * 1_000_000L, "42219.90", "0.5")));
        }
        write(old);
        String compressed = "SELECT count(*) FROM timescaledb_information.chunks WHERE is_compressed";
        work(fresh.settings());
        assertThat(rows(compressed)).containsExactly("0"); // it was written just now
        database.table().forget();
        work(fresh.settings());
        assertThat(rows(compressed)).containsExactly("1");

        MemoryTail again = new MemoryTail();
        again.append(old);
        again.append(entry(TradeId.of(50_000), 5));
        try (Writer writer = new Writer(database, again, clock)) {
            writer.start();
            assertThat(writer.stop(LONG)).isTrue();
            assertThat(writer.status().duplicate()).isEqualTo(20_000);
            assertThat(writer.status().stored()).isEqualTo(1);
        }
        assertThat(rows("SELECT count(*), count(DISTINCT id_number) FROM trades"))
                .containsExactly("20001|20001");
        database.table().forget();
        work(fresh.settings());
        assertThat(rows("SELECT count(*) FROM trades")).containsExactly("20001");
    }

    @Test
    void two_who_need_the_same_hour_both_get_it() throws Exception {
        TradeTable first = TradeTable.of(database.serverKind(), database.tableKind());
        TradeTable second = TradeTable.of(database.serverKind(), database.tableKind());
        try (Connection one = fresh.connect();
                Connection two = fresh.connect()) {
            first.ensure(one, Set.of(500_000L));
            second.ensure(two, Set.of(500_000L));
            second.forget();
            second.ensure(two, Set.of(500_000L, 500_001L));
        }
        if (database.tableKind() == ServerKind.TableKind.PARTITIONS) {
            assertThat(hours()).hasSize(2);
            assertThat(rows("SELECT obj_description(to_regclass('trades_2027011508'), 'pg_class')"))
                    .containsExactly("The part of trades that begins at 2027-01-15T08:00:00Z");
        }
    }

    private Maintenance maintenance(StorageSettings settings) {
        return new Maintenance(database, settings, clock);
    }

    private void work(StorageSettings settings) throws Exception {
        try (Connection connection = fresh.connect()) {
            maintenance(settings).work(connection);
        }
    }

    /// A trade in each of the last hours, the newest now.
    private static List<Entry> hourly(int count) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(entry(TradeId.of(i), i));
        }
        return entries;
    }

    private static Entry entry(TradeId id, int hoursAgo) {
        Instrument instrument = BTC;
        return new Entry.Traded(
                trade(instrument, id, NANOS - Duration.ofHours(hoursAgo).toNanos(), "42219.90", "1"));
    }

    private void write(List<Entry> entries) throws Exception {
        tail.append(entries);
        try (Writer writer = new Writer(database, tail, clock)) {
            writer.start();
            assertThat(writer.stop(LONG)).isTrue();
        }
    }

    private List<String> hours() throws Exception {
        try (Connection connection = fresh.connect()) {
            return database.table().stored(connection).stream()
                    .map(stored -> Hours.start(stored.hour()).toString())
                    .toList();
        }
    }

    private List<String> rows(String query) throws Exception {
        try (Connection connection = fresh.connect()) {
            return Sql.rows(connection, query);
        }
    }
}

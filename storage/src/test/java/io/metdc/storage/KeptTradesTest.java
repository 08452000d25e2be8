package io.metdc.storage;

import static io.metdc.storage.Trades.BTC;
import static io.metdc.storage.Trades.ETH;
import static io.metdc.storage.Trades.NOW;
import static io.metdc.storage.Trades.trade;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.metdc.market.Consumed;
import io.metdc.market.Instrument;
import io.metdc.market.Nanos;
import io.metdc.market.RejectReason;
import io.metdc.market.TradeId;
import io.metdc.storage.ServerKind.TableKind;
import io.metdc.storage.journal.Entry;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// The window of a listing outlives the hours around it.
@ParameterizedClass
@EnumSource(TestServer.class)
class KeptTradesTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORTEST = Duration.ofHours(2);
    private static final String LISTING = "BTC_20261121_053000";

    /// Seven hours before now, five minutes after that hour began.
    private static final Instant WINDOW = Instant.parse("2026-11-21T03:05:00Z");

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
    void what_a_listing_needs_outlives_its_hour_and_nothing_else_does() throws Exception {
        write(everyMinute(BTC, 60, WINDOW.minusSeconds(300)), everyMinute(ETH, 60, WINDOW.minusSeconds(300)));
        List<String> before = window();
        assertThat(before).hasSize(30);
        keep(WINDOW, WINDOW.plus(Duration.ofMinutes(30)));
        keep(WINDOW.plus(Duration.ofMinutes(20)), WINDOW.plus(Duration.ofMinutes(25))); // once more, by another reach

        work(SHORTEST);

        assertThat(hours()).isEmpty();
        assertThat(window()).isEqualTo(before);
        assertThat(rows("SELECT symbol, count(*) FROM trade GROUP BY symbol")).containsExactly("BTCUSDT|30");
        work(SHORTEST);
        assertThat(window()).isEqualTo(before);
    }

    @Test
    void a_window_over_the_change_of_an_hour_is_kept_on_both_sides() throws Exception {
        write(everyMinute(BTC, 180, WINDOW.minusSeconds(3_900))); // from 02:00 to 05:00
        keep(Instant.parse("2026-11-21T02:50:00Z"), Instant.parse("2026-11-21T03:10:00Z"));
        keep(Instant.parse("2026-11-21T04:59:00Z"), Instant.parse("2027-01-01T00:00:00Z"));

        work(SHORTEST);

        assertThat(rows("SELECT min(executed_at) AT TIME ZONE 'UTC', max(executed_at) AT TIME ZONE 'UTC', count(*)"
                        + " FROM trade WHERE executed_at < '2026-11-21T04:00:00Z'"))
                .containsExactly("2026-11-21 02:50:00|2026-11-21 03:09:00|20");
        assertThat(rows("SELECT count(*) FROM trade")).containsExactly("21");
    }

    @Test
    void a_compressed_hour_gives_what_is_to_be_kept() throws Exception {
        Assumptions.assumeTrue(database.table().compresses(), "this server does not compress");
        List<Entry> trades = new ArrayList<>();
        for (int id = 1; id <= 20_000; id++) {
            long at = Nanos.of(WINDOW) + id * 10_000_000L;
            trades.add(new Entry.Traded(trade(BTC, TradeId.of(id), at, "42219.90", "0.5")));
            trades.add(new Entry.Traded(trade(ETH, TradeId.of(id), at, "3219.90", "0.5")));
        }
        write(trades);
        List<String> before = window();
        database.table().forget();
        work(Duration.ofDays(7));
        assertThat(rows("SELECT count(*) FROM timescaledb_information.chunks WHERE is_compressed"))
                .containsExactly("1");
        keep(WINDOW, WINDOW.plusSeconds(100));

        work(SHORTEST);

        assertThat(hours()).isEmpty();
        assertThat(rows("SELECT count(*), count(DISTINCT id_number) FROM kept_trades"))
                .containsExactly("9999|9999");
        assertThat(window()).isEqualTo(before.subList(0, 9_999));
    }

    @Test
    void an_hour_whose_window_cannot_be_kept_stays_and_the_others_go() throws Exception {
        write(everyMinute(BTC, 60, WINDOW), everyMinute(BTC, 60, WINDOW.plus(Duration.ofHours(2))));
        keep(WINDOW, WINDOW.plus(Duration.ofMinutes(30)));
        execute("ALTER TABLE kept_trades ADD CONSTRAINT full_disk CHECK (executed_at < '2026-01-01')");
        List<String> before = window();
        assertThat(before).hasSize(30);

        try (Log log = new Log(Maintenance.class)) {
            Maintenance maintenance = maintenance(fresh.settings().withRetention(SHORTEST));
            work(maintenance);
            work(maintenance);
            assertThat(log.lines(Level.WARN))
                    .singleElement()
                    .asString()
                    .contains("the trades of the hour from 2026-11-21T03:00:00Z stay");
        }
        assertThat(hours()).containsExactly("2026-11-21T03:00:00Z");
        assertThat(rows("SELECT count(*) FROM kept_trades")).containsExactly("0");

        execute("ALTER TABLE kept_trades DROP CONSTRAINT full_disk");
        work(SHORTEST);
        assertThat(hours()).isEmpty();
        assertThat(window()).isEqualTo(before);
    }

    @Test
    void a_database_that_is_too_large_loses_hours_and_no_window() throws Exception {
        write(everyMinute(BTC, 60, WINDOW));
        keep(WINDOW, WINDOW.plus(Duration.ofMinutes(30)));
        execute("CREATE UNLOGGED TABLE ballast (t text)");
        execute("ALTER TABLE ballast ALTER t SET STORAGE EXTERNAL");
        execute("INSERT INTO ballast SELECT repeat('x', 1000000) FROM generate_series(1, 270)");

        work(maintenance(new StorageSettings(
                fresh.settings().url(), null, null, Duration.ofDays(7), OptionalLong.of(1L << 28), folder)));

        assertThat(hours()).isEmpty();
        assertThat(window()).hasSize(30);
    }

    @Test
    void every_reader_sees_each_kept_trade_once_while_an_hour_waits_to_be_dropped() throws Exception {
        write(everyMinute(BTC, 60, WINDOW.minusSeconds(300)));
        keep(WINDOW, WINDOW.plus(Duration.ofMinutes(30)));
        List<String> before = window();
        try (Connection analyst = fresh.connect()) {
            analyst.setAutoCommit(false);
            analyst.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            assertThat(Sql.rows(analyst, "SELECT count(*) FROM trade")).containsExactly("60");

            work(SHORTEST); // the analyst is in its way

            assertThat(Sql.rows(analyst, "SELECT count(*) FROM trade")).containsExactly("60");
            assertThat(window()).isEqualTo(before);
            analyst.rollback();
        }
        write(List.of(entry(BTC, 1_000, WINDOW.plusMillis(1_234)))); // and a late one, when it was half gone
        assertThat(window()).hasSize(31);
        work(SHORTEST);
        assertThat(hours()).isEmpty();
        assertThat(window()).hasSize(31);
    }

    @Test
    void a_kept_trade_that_comes_again_is_a_duplicate_and_a_new_one_is_kept_too() throws Exception {
        List<Entry> old = everyMinute(BTC, 30, WINDOW);
        write(old);
        keep(WINDOW, WINDOW.plus(Duration.ofMinutes(30)));
        work(SHORTEST);
        MemoryTail again = new MemoryTail();
        again.append(old);
        again.append(entry(BTC, 1_000, WINDOW.plusMillis(1_234)), entry(BTC, 1_001, now));
        again.append(Trades.received(BTC, 32));

        try (Writer writer = new Writer(database, again, clock)) {
            writer.start();
            assertThat(writer.stop(LONG)).isTrue();
            assertThat(writer.status().duplicate()).isEqualTo(30);
            assertThat(writer.status().stored()).isEqualTo(2);
        }

        assertThat(window()).hasSize(31);
        work(SHORTEST);
        assertThat(window()).hasSize(31);
        assertThat(rows("SELECT count(*), count(DISTINCT id_number) FROM kept_trades"))
                .containsExactly("31|31");
        assertThat(rows("SELECT sum(stored), sum(duplicate) FROM trade_counts")).containsExactly("32|30");
    }

    @Test
    void a_stretch_of_time_is_read_from_its_own_hour_alone() throws Exception {
        List<Entry> trades = new ArrayList<>();
        for (int id = 0; id < 8 * 3_600; id++) {
            trades.add(entry(BTC, id, Instant.parse("2026-11-21T00:00:00Z").plusSeconds(id)));
        }
        write(trades);
        keep(WINDOW.minus(Duration.ofHours(2)), WINDOW.minus(Duration.ofMinutes(90)));
        String part;
        try (Connection connection = fresh.connect();
                Statement statement = connection.createStatement()) {
            database.table().drop(connection, Hours.of(WINDOW) - 2);
            statement.execute("ANALYZE");
            part = database.tableKind() == TableKind.PARTITIONS
                    ? "trades_2026112103"
                    : Sql.rows(
                                    connection,
                                    "SELECT chunk_name FROM timescaledb_information.chunks"
                                            + " WHERE range_start = '2026-11-21T03:00:00Z'")
                            .getFirst();
        }
        String other = database.tableKind() == TableKind.PARTITIONS ? "trades_\\d+" : "_hyper_\\d+_\\d+_chunk";
        for (String query : List.of(
                "SELECT * FROM trade WHERE executed_at >= '2026-11-21T03:10:00Z' AND executed_at < '2026-11-21T03:20:00Z'",
                "SELECT * FROM trade WHERE exchange = 'binance' AND symbol = 'BTCUSDT'"
                        + " AND executed_at BETWEEN '2026-11-21T03:10:00Z' AND '2026-11-21T03:20:00Z' ORDER BY executed_at",
                "SELECT market, max(price) FROM trade WHERE executed_at >= '2026-11-21T03:10:00Z'"
                        + " AND executed_at < '2026-11-21T03:11:00Z' GROUP BY market")) {
            List<String> scans = rows("EXPLAIN " + query).stream()
                    .filter(line -> line.contains(" on "))
                    .toList();
            assertThat(scans).as(query).anyMatch(line -> line.contains(" on " + part));
            assertThat(scans)
                    .as(query)
                    .allMatch(line -> !line.matches(".* on " + other + "\\b.*") || line.contains(" on " + part));
            assertThat(scans).as(query).noneMatch(line -> line.contains("Seq Scan on kept_trades"));
        }
        assertThat(rows("SELECT count(*) FROM trade WHERE executed_at >= '2026-11-21T01:00:00Z'"
                        + " AND executed_at < '2026-11-21T03:00:05Z'"))
                .containsExactly(String.valueOf(30 * 60 + 3_600 + 5));
    }

    @Test
    void consumed_numbers_of_a_window_stay_with_it() throws Exception {
        long sequence = 0;
        for (Instant at : List.of(WINDOW.minusSeconds(1), WINDOW, WINDOW.plusSeconds(1_800), NOW)) {
            tail.append(new Entry.ConsumedId(new Consumed(BTC, sequence++, Nanos.of(at), Nanos.of(at), "ADL")));
        }
        write(everyMinute(BTC, 1, NOW));
        keep(WINDOW, WINDOW.plus(Duration.ofMinutes(30)));
        work(SHORTEST);
        assertThat(rows("SELECT sequence FROM consumed_ids ORDER BY 1")).containsExactly("1", "3");
    }

    @Test
    void rejected_rows_of_a_window_stay_with_it() throws Exception {
        for (Instant at : List.of(WINDOW.minusSeconds(1), WINDOW, WINDOW.plusSeconds(1_800))) {
            tail.append(new Entry.RejectedRow(BTC, RejectReason.OVERFLOW, Nanos.of(at), "at " + at));
        }
        write(everyMinute(BTC, 1, NOW));
        keep(WINDOW, WINDOW.plus(Duration.ofMinutes(30)));
        work(SHORTEST);
        assertThat(rows("SELECT detail FROM rejected_trades")).containsExactly("at " + WINDOW);
    }

    /// Trades a minute apart, ids from 0 on.
    private static List<Entry> everyMinute(Instrument instrument, int count, Instant first) {
        List<Entry> entries = new ArrayList<>();
        for (int id = 0; id < count; id++) {
            entries.add(entry(instrument, id, first.plusSeconds(id * 60L)));
        }
        return entries;
    }

    private static Entry entry(Instrument instrument, long id, Instant at) {
        return new Entry.Traded(trade(instrument, TradeId.of(id), Nanos.of(at), "42219.90", "1"));
    }

    @SafeVarargs
    private void write(List<Entry>... entries) throws Exception {
        for (List<Entry> some : entries) {
            tail.append(some);
        }
        try (Writer writer = new Writer(database, tail, clock)) {
            writer.start();
            assertThat(writer.stop(LONG)).isTrue();
        }
    }

    private void keep(Instant from, Instant to) throws Exception {
        execute("INSERT INTO listings (id, notice, coin, title, category, markets, is_krw_listing, announced_at,"
                + " fired_at, seen_at, late, kind, updated_at, metdc_version) VALUES ('" + LISTING
                + "', '7', 'BTC', '', '', '{KRW}', true, now(), now(), now(), false, 'listing', now(), '1')"
                + " ON CONFLICT DO NOTHING");
        execute("INSERT INTO kept_spans SELECT '" + LISTING + "', id, '" + from + "', '" + to
                + "' FROM instruments WHERE symbol = 'BTCUSDT'");
    }

    /// What the view shows of the window.
    private List<String> window() throws Exception {
        return rows("SELECT executed_at, trade_id, price, quantity, taker_side, origin FROM trade"
                + " WHERE symbol = 'BTCUSDT' AND executed_at >= '" + WINDOW
                + "' AND executed_at < '" + WINDOW.plus(Duration.ofMinutes(30)) + "' ORDER BY executed_at, trade_id");
    }

    private Maintenance maintenance(StorageSettings settings) {
        return new Maintenance(database, settings, clock);
    }

    private void work(Duration retention) throws Exception {
        work(maintenance(fresh.settings().withRetention(retention)));
    }

    private void work(Maintenance maintenance) throws Exception {
        try (Connection connection = fresh.connect()) {
            maintenance.work(connection);
            // What is made ahead is empty.
            for (long hour = Hours.of(now); hour <= Hours.of(now) + 2; hour++) {
                if (Sql.rows(connection, "SELECT count(*) FROM trades WHERE executed_at >= '" + Hours.start(hour) + "'")
                        .equals(List.of("0"))) {
                    database.table().drop(connection, hour);
                }
            }
        }
    }

    private List<String> hours() throws Exception {
        try (Connection connection = fresh.connect()) {
            return database.table().stored(connection).stream()
                    .map(stored -> Hours.start(stored.hour()).toString())
                    .toList();
        }
    }

    private void execute(String sql) throws Exception {
        try (Connection connection = fresh.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private List<String> rows(String query) throws Exception {
        try (Connection connection = fresh.connect()) {
            return Sql.rows(connection, query);
        }
    }
}

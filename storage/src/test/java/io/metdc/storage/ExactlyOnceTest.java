package io.metdc.storage;

import static io.metdc.storage.Trades.NANOS;
import static io.metdc.storage.Trades.SPOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.metdc.market.Instrument;
import io.metdc.market.Origin;
import io.metdc.market.RejectReason;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import io.metdc.market.TradeId;
import io.metdc.storage.journal.Entry;
import io.metdc.storage.journal.Journal;
import io.metdc.storage.journal.JournalSettings;
import io.metdc.storage.journal.JournalState;
import io.metdc.storage.journal.JournalTail;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// Journal and database fall out of step: one of them is lost, or is put back from a copy, or a refill
/// brings what is there already. Each trade is in SQL once all the same, and the counters meet.
@ParameterizedClass
@EnumSource(TestServer.class)
class ExactlyOnceTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Instrument BTC = Trades.BTC;

    /// Segments of 64 KiB, so that a few thousand trades make several.
    private static final JournalSettings SMALL = new JournalSettings(
            64 * 1024, Duration.ofMinutes(10), Duration.ZERO, Duration.ofSeconds(1), 1L << 30, Duration.ofHours(1));

    @Parameter
    TestServer server;

    @TempDir
    Path folder;

    private TestServer.Fresh fresh;
    private Database database;
    private Instant now = Trades.NOW;
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
    void a_refill_of_more_than_a_hundred_thousand_trades_that_are_all_there_ends_and_doubles_none() throws Exception {
        List<Instrument> instruments = IntStream.range(0, 400)
                .mapToObj(i -> Instrument.of(SPOT, "C" + i + "USDT", "C" + i, "USDT"))
                .toList();
        int each = 300;
        int all = instruments.size() * each;
        MemoryTail first = new MemoryTail();
        first.append(sweep(instruments, each, Origin.STREAM));
        write(first);
        assertThat(number("SELECT count(*) FROM trades")).isEqualTo(all);
        if (database.table().compresses()) {
            database.table().forget(); // else the hour would be left alone as one that is written
            try (Connection connection = fresh.connect()) {
                assertThat(database.table().compress(connection, Hours.of(now) + 1))
                        .isEqualTo(1);
            }
        }

        MemoryTail refill = new MemoryTail();
        refill.append(sweep(instruments, each, Origin.REFILL));
        WriterStatus status = write(refill);

        assertThat(status.duplicate()).isEqualTo(all);
        assertThat(status.stored()).isZero();
        assertThat(number("SELECT count(*) FROM trades")).isEqualTo(all);
        assertThat(rows("SELECT sum(received), sum(stored), sum(duplicate), sum(abs(unaccounted)) FROM trade_count"))
                .containsExactly(2 * all + "|" + all + "|" + all + "|0");
    }

    @Test
    void what_timescaledb_unpacks_for_one_statement_of_the_writer_has_no_limit() throws Exception {
        Assumptions.assumeTrue(database.table().compresses(), "this server does not compress");
        try (Connection connection = fresh.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("ALTER TABLE rejected_trades ADD COLUMN most text"
                    + " DEFAULT current_setting('timescaledb.max_tuples_decompressed_per_dml_transaction')");
        }
        MemoryTail tail = new MemoryTail();
        tail.append(new Entry.RejectedRow(BTC, RejectReason.MALFORMED, NANOS, "no price"));

        write(tail);

        assertThat(rows("SELECT most FROM rejected_trades")).containsExactly("0");
    }

    /// A trade of each instrument in turn.
    private static List<Entry> sweep(List<Instrument> instruments, int each, Origin origin) {
        List<Entry> entries = new ArrayList<>();
        for (int id = 1; id <= each; id++) {
            for (Instrument instrument : instruments) {
                entries.add(new Entry.Traded(trade(instrument, id, origin)));
            }
        }
        instruments.forEach(instrument -> entries.add(Trades.received(instrument, each)));
        return entries;
    }

    private static Trade trade(Instrument instrument, int id, Origin origin) {
        return new Trade(
                instrument,
                TradeId.of(id),
                new BigDecimal("42219.90"),
                new BigDecimal("0.00120"),
                id % 2 == 0 ? TakerSide.BUY : TakerSide.SELL,
                NANOS + id * 1_000_000L,
                NANOS + id * 1_000_000L + 5_000_000,
                id,
                origin,
                Set.of());
    }

    @Test
    void a_journal_folder_that_was_lost_doubles_nothing_that_comes_again() throws Exception {
        run("journal", 1, 3_000);
        delete(folder.resolve("journal"));
        now = now.plusSeconds(60);

        run("journal", 2_001, 4_000); // a thousand of them again
        run("journal", 4_001, 4_000); // nothing more: it is known by now

        exactly(4_000, 1_000);
        assertThat(number("SELECT count(*) FROM journal_positions")).isEqualTo(2);
        // What the lost one may have held and nobody had stored.
        assertThat(
                        rows(
                                "SELECT symbol, cause, from_time AT TIME ZONE 'UTC', to_time AT TIME ZONE 'UTC', outcome FROM hole"))
                .containsExactly("BTCUSDT|journal_lost|2026-11-21 10:30:03|2026-11-21 10:31:00|null");
    }

    @Test
    void a_journal_that_was_put_back_from_an_older_copy_loses_and_doubles_nothing() throws Exception {
        run("journal", 1, 3_000);
        copy(folder.resolve("journal"), folder.resolve("copy"));
        now = now.plusSeconds(60);
        run("journal", 3_001, 9_000);
        delete(folder.resolve("journal"));
        Files.move(folder.resolve("copy"), folder.resolve("journal"));
        now = now.plusSeconds(60);

        run("journal", 8_001, 20_000); // more than was in the journal that is gone

        exactly(20_000, 1_000);
        assertThat(number("SELECT count(*) FROM journal_positions")).isOne();
    }

    @Test
    void a_database_that_was_put_back_from_a_backup_is_caught_up_by_the_segments_that_are_kept() throws Exception {
        Assumptions.assumeTrue(server == TestServer.EMBEDDED, "a copy of the database needs that nobody else uses it");
        run("journal", 1, 3_000);
        backUp();
        run("journal", 3_001, 9_000);
        exactly(9_000, 0);

        restore();
        assertThat(number("SELECT count(*) FROM trades")).isEqualTo(3_000);
        run("journal", 9_001, 12_000);

        exactly(12_000, 0);
    }

    @Test
    void a_database_that_was_put_back_between_two_connections_is_caught_up() throws Exception {
        Assumptions.assumeTrue(server == TestServer.EMBEDDED, "a copy of the database needs that nobody else uses it");
        run("journal", 1, 3_000);
        backUp();
        try (Journal journal = Journal.open(folder.resolve("journal"), SMALL, clock, JournalState.NONE);
                JournalTail tail = journal.tail()) {
            try (Writer writer = writer(tail)) {
                writer.start();
                append(journal, 3_001, 9_000);
                await().atMost(LONG).until(() -> writer.status().stored() == 6_000);
            }
            restore();
            try (Writer writer = writer(tail)) {
                writer.start();
                append(journal, 9_001, 12_000);
                assertThat(writer.stop(LONG)).isTrue();
            }
        }
        exactly(12_000, 0);
    }

    @Test
    void what_a_backup_lacks_and_no_segment_has_any_more_is_said_with_its_times() throws Exception {
        Assumptions.assumeTrue(server == TestServer.EMBEDDED, "a copy of the database needs that nobody else uses it");
        run("journal", 1, 3_000);
        backUp();
        now = now.plusSeconds(60);
        run("journal", 3_001, 9_000);
        restore();
        now = now.plus(Duration.ofHours(1));
        List<Path> segments = segments();
        for (Path old : segments.subList(0, segments.size() - 2)) {
            Files.delete(old);
        }

        try (Log log = new Log(Writer.class)) {
            run("journal", 9_001, 12_000);

            assertThat(log.lines(Level.ERROR))
                    .singleElement()
                    .asString()
                    .contains("lost", "the database has everything up to", "2026-11-21T10:31");
        }
        List<String> holes = rows("SELECT symbol, cause, from_time AT TIME ZONE 'UTC', outcome FROM hole");
        long missing = number("SELECT 12000 - count(*) FROM trades");
        assertThat(missing).isPositive();
        assertThat(number("SELECT count(*) - count(DISTINCT id_number) FROM trades"))
                .isZero();
        assertThat(holes).containsExactly("BTCUSDT|journal_lost|2026-11-21 10:30:03|null");
    }

    // ---- journal and database

    /// One life of the program: the journal is opened and takes trades before the database is there, then
    /// more.
    private void run(String journalFolder, int first, int last) throws Exception {
        try (Journal journal = Journal.open(folder.resolve(journalFolder), SMALL, clock, JournalState.NONE);
                JournalTail tail = journal.tail()) {
            append(journal, first, (first + last) / 2);
            try (Writer writer = writer(tail)) {
                writer.start();
                append(journal, (first + last) / 2 + 1, last);
                assertThat(writer.stop(LONG)).isTrue();
            }
        }
    }

    private Writer writer(JournalTail tail) {
        return new Writer(database, tail, clock, WriterPace.DEFAULT, _ -> {});
    }

    private static void append(Journal journal, int first, int last) {
        for (int id = first; id <= last; id++) {
            assertThat(journal.append(trade(BTC, id, Origin.STREAM))).isTrue();
            if (id % 100 == 0) {
                assertThat(journal.force()).isTrue();
            }
        }
        assertThat(journal.append(new Entry.Counted(BTC, now(last), last - first + 1L, 0, 0, 0, Map.of())))
                .isTrue();
        assertThat(journal.force()).isTrue();
    }

    private static long now(int id) {
        return (NANOS + id * 1_000_000L) / 1_000_000_000L;
    }

    /// Trades 1 to `count` are there, each once.
    private void exactly(long count, long duplicate) throws Exception {
        assertThat(rows("SELECT count(*), count(DISTINCT id_number), min(id_number), max(id_number) FROM trades"))
                .containsExactly(count + "|" + count + "|1|" + count);
        assertThat(rows("SELECT sum(received), sum(stored), sum(duplicate), sum(abs(unaccounted)) FROM trade_count"))
                .containsExactly((count + duplicate) + "|" + count + "|" + duplicate + "|0");
    }

    private WriterStatus write(JournalTail tail) throws Exception {
        try (Writer writer = writer(tail)) {
            writer.start();
            assertThat(writer.stop(LONG)).isTrue();
            return writer.status();
        }
    }

    /// A copy of the database as it is, beside it.
    private void backUp() throws Exception {
        database.close();
        asSuperuser(
                "DROP DATABASE IF EXISTS " + fresh.name() + "_backup",
                "CREATE DATABASE " + fresh.name() + "_backup TEMPLATE " + fresh.name() + " OWNER "
                        + fresh.address().user());
        database = Database.open(fresh.settings(), "test");
    }

    private void restore() throws Exception {
        database.close();
        asSuperuser(
                "DROP DATABASE " + fresh.name() + " WITH (FORCE)",
                "ALTER DATABASE " + fresh.name() + "_backup RENAME TO " + fresh.name());
        database = Database.open(fresh.settings(), "test");
    }

    private void asSuperuser(String... statements) throws Exception {
        try (Connection connection = TestServer.connect(server.superuser());
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private List<Path> segments() throws IOException {
        try (var files = Files.list(folder.resolve("journal"))) {
            return files.filter(file -> file.toString().endsWith(".segment"))
                    .sorted()
                    .toList();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (var files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    private List<String> rows(String query) throws Exception {
        try (Connection connection = fresh.connect()) {
            return Sql.rows(connection, query);
        }
    }

    private long number(String query) throws SQLException, DatabaseException {
        try (Connection connection = fresh.connect()) {
            return Long.parseLong(Sql.rows(connection, query).getFirst());
        }
    }
}

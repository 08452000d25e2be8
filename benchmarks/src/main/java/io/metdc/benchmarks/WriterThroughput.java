package io.metdc.benchmarks;

import io.metdc.market.Instrument;
import io.metdc.market.Nanos;
import io.metdc.market.Trade;
import io.metdc.storage.Commit;
import io.metdc.storage.Database;
import io.metdc.storage.DatabaseAddress;
import io.metdc.storage.EmbeddedPostgres;
import io.metdc.storage.StorageSettings;
import io.metdc.storage.TradeEncoder;
import io.metdc.storage.Writer;
import io.metdc.storage.WriterPace;
import io.metdc.storage.journal.Journal;
import io.metdc.storage.journal.JournalSettings;
import io.metdc.storage.journal.JournalState;
import io.metdc.storage.journal.JournalTail;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/// How fast the journal empties into the database, against bare COPY BINARY: the same rows in the same order, encoded
/// beforehand, into the same table with the same unique index, with as many rows in a transaction. Both take turns on
/// one embedded PostgreSQL whose table is emptied before each. The clock runs from the first commit to the last.
///
/// Run: `java -cp 'benchmarks/target/lib/*' io.metdc.benchmarks.WriterThroughput [rows] [rounds]`
public final class WriterThroughput {
    private static final int INSTRUMENTS = 500;
    private static final int ROWS = 1_000_000;
    private static final int ROUNDS = 5;
    private static final int BUFFER = 1 << 16;
    private static final long LIMIT_SECONDS = 120;

    /// @param rows                counted from the first commit on
    /// @param seconds             between the first commit and the last
    /// @param serverCpuSeconds    of the whole run
    /// @param clientCpuSeconds    of the whole run
    /// @param rowsPerTransaction  on average
    private record Measured(
            long rows, double seconds, double serverCpuSeconds, double clientCpuSeconds, double rowsPerTransaction) {
        double rowsPerSecond() {
            return rows / seconds;
        }
    }

    private final Database database;
    private final Connection admin;
    private final LinuxProcess server;
    private final List<Trade> trades;
    private final List<Instrument> instruments;
    private final Path folder;

    private WriterThroughput(Database database, Connection admin, LinuxProcess server, Tape tape, Path folder) {
        this.database = database;
        this.admin = admin;
        this.server = server;
        this.trades = tape.trades();
        this.instruments = tape.instruments();
        this.folder = folder;
    }

    public static void main(String[] args) throws Exception {
        int rows = args.length > 0 ? Integer.parseInt(args[0]) : ROWS;
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : ROUNDS;
        Path folder = Files.createTempDirectory("metdc-writer-throughput");
        try (Database database = Database.open(StorageSettings.embedded(folder), "benchmarks")) {
            EmbeddedPostgres embedded = database.embedded().orElseThrow();
            DatabaseAddress superuser = embedded.superuser();
            String pid = Files.readAllLines(embedded.folder().resolve("data/postmaster.pid"))
                    .getFirst();
            try (Connection admin =
                    DriverManager.getConnection(superuser.jdbcUrl(), superuser.user(), superuser.password())) {
                Tape tape = Tape.of(Tape.SPOT, INSTRUMENTS, rows, Nanos.of(Instant.now()));
                database.register(tape.instruments(), Instant.now());
                new WriterThroughput(database, admin, new LinuxProcess(Long.parseLong(pid)), tape, folder)
                        .compare(rounds, System.out);
            }
        } finally {
            Folders.delete(folder);
        }
    }

    private void compare(int rounds, PrintStream out) throws Exception {
        writer(0); // makes the partitions; and past the compiler's first work
        Map<Instrument, Integer> ids = ids();
        out.printf(Locale.ROOT, "%,d rows of %d instruments, %d rounds%n", trades.size(), instruments.size(), rounds);
        out.println(
                "| round | bare COPY rows/s | writer rows/s | ratio | rows a transaction (writer) | server CPU s/M rows"
                        + " (bare) | server CPU s/M rows (writer) | client CPU s/M rows (bare) | client CPU s/M rows (writer) |");
        out.println("|---|---|---|---|---|---|---|---|---|");
        List<Double> ratios = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            boolean writerFirst = round % 2 == 0;
            Measured early = writerFirst ? writer(round) : bare(ids);
            Measured late = writerFirst ? bare(ids) : writer(round);
            Measured bare = writerFirst ? late : early;
            Measured writer = writerFirst ? early : late;
            double ratio = writer.rowsPerSecond() / bare.rowsPerSecond();
            ratios.add(ratio);
            double millions = trades.size() / 1e6;
            out.printf(
                    Locale.ROOT,
                    "| %d | %,.0f | %,.0f | %.2f | %,.0f | %.2f | %.2f | %.2f | %.2f |%n",
                    round,
                    bare.rowsPerSecond(),
                    writer.rowsPerSecond(),
                    ratio,
                    writer.rowsPerTransaction,
                    bare.serverCpuSeconds / millions,
                    writer.serverCpuSeconds / millions,
                    bare.clientCpuSeconds / millions,
                    writer.clientCpuSeconds / millions);
        }
        out.printf(Locale.ROOT, "median ratio %.2f%n", Comparison.median(ratios));
    }

    /// The collector's way: a journal that holds all rows, and its writer.
    private Measured writer(int round) throws Exception {
        emptyTable();
        Path own = folder.resolve("journal-" + round);
        Meter meter = new Meter(trades.size());
        try (Journal journal =
                Journal.open(own, JournalSettings.defaults(), InstantSource.system(), JournalState.NONE)) {
            for (Trade trade : trades) {
                if (!journal.append(trade)) {
                    throw new IOException("the journal takes nothing: " + journal.refusal());
                }
            }
            journal.force();
            try (JournalTail tail = journal.tail();
                    Writer writer =
                            new Writer(database, tail, InstantSource.system(), WriterPace.DEFAULT, meter::committed)) {
                meter.start(server);
                writer.start();
                meter.awaitAll();
                Measured measured = meter.measured(server);
                if (!writer.stop(Duration.ofSeconds(10))) {
                    throw new IOException("the writer did not end: " + writer.status());
                }
                return measured;
            }
        } finally {
            Folders.delete(own);
        }
    }

    /// The bound.
    private Measured bare(Map<Instrument, Integer> ids) throws Exception {
        emptyTable();
        List<byte[]> transactions = encoded(ids);
        Meter meter = new Meter(trades.size());
        try (Connection connection = database.dataSource().getConnection()) {
            connection.setAutoCommit(false);
            PGConnection pg = connection.unwrap(PGConnection.class);
            meter.start(server);
            for (byte[] bytes : transactions) {
                CopyIn copy =
                        pg.getCopyAPI().copyIn("COPY trades (" + TradeEncoder.COLUMNS + ") FROM STDIN (FORMAT binary)");
                for (int at = 0; at < bytes.length; at += BUFFER) {
                    copy.writeToCopy(bytes, at, Math.min(BUFFER, bytes.length - at));
                }
                long rows = copy.endCopy();
                connection.commit();
                meter.committed(rows);
            }
            return meter.measured(server);
        }
    }

    /// The writer's rows in the writer's order: each transaction by instrument, then by time.
    private List<byte[]> encoded(Map<Instrument, Integer> ids) throws SQLException {
        Comparator<Trade> order = Comparator.<Trade>comparingInt(trade -> id(ids, trade))
                .thenComparingLong(Trade::executedAtNanos)
                .thenComparingLong(trade -> trade.id().number());
        List<byte[]> transactions = new ArrayList<>();
        int most = WriterPace.DEFAULT.maxRows();
        for (int from = 0; from < trades.size(); from += most) {
            List<Trade> rows = new ArrayList<>(trades.subList(from, Math.min(trades.size(), from + most)));
            rows.sort(order);
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            TradeEncoder encoder = new TradeEncoder(BUFFER, bytes::write);
            encoder.begin();
            for (Trade trade : rows) {
                encoder.row(id(ids, trade), trade);
            }
            encoder.end();
            transactions.add(bytes.toByteArray());
        }
        return transactions;
    }

    private static int id(Map<Instrument, Integer> ids, Trade trade) {
        return Objects.requireNonNull(ids.get(trade.instrument()));
    }

    private Map<Instrument, Integer> ids() throws SQLException {
        Map<String, Integer> bySymbol = new HashMap<>();
        try (Statement statement = admin.createStatement();
                ResultSet row = statement.executeQuery("SELECT symbol, id FROM instruments")) {
            while (row.next()) {
                bySymbol.put(row.getString(1), row.getInt(2));
            }
        }
        Map<Instrument, Integer> ids = new HashMap<>();
        for (Instrument instrument : instruments) {
            ids.put(instrument, Objects.requireNonNull(bySymbol.get(instrument.symbol())));
        }
        return ids;
    }

    private void emptyTable() throws SQLException {
        try (Statement statement = admin.createStatement()) {
            statement.execute("TRUNCATE trades, trade_counts");
            statement.execute("CHECKPOINT"); // or it would come in the middle of one of them
        }
    }

    /// Counts commits and takes the time from the first one on. One thread commits, another waits.
    private static final class Meter {
        private final long wanted;
        private final CountDownLatch all = new CountDownLatch(1);
        private long rows;
        private long firstRows;
        private long firstAt;
        private long lastAt;
        private int commits;
        private double serverBefore;
        private double clientBefore;

        Meter(long wanted) {
            this.wanted = wanted;
        }

        void start(LinuxProcess server) throws IOException {
            serverBefore = server.cpuSecondsWithChildren();
            clientBefore = new LinuxProcess(ProcessHandle.current().pid()).cpuSeconds();
        }

        void committed(Commit commit) {
            committed(commit.stored());
        }

        void committed(long more) {
            lastAt = System.nanoTime();
            rows += more;
            commits++;
            if (commits == 1) {
                firstRows = rows;
                firstAt = lastAt;
            }
            if (rows == wanted) {
                all.countDown();
            }
        }

        void awaitAll() throws InterruptedException, IOException {
            if (!all.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("not all rows were written within " + LIMIT_SECONDS + " s");
            }
        }

        Measured measured(LinuxProcess server) throws IOException {
            if (rows != wanted) {
                throw new IOException(rows + " rows were written, not " + wanted);
            }
            return new Measured(
                    rows - firstRows,
                    (lastAt - firstAt) / 1e9,
                    server.cpuSecondsWithChildren() - serverBefore,
                    new LinuxProcess(ProcessHandle.current().pid()).cpuSeconds() - clientBefore,
                    (double) rows / commits);
        }
    }
}

package io.metdc.benchmarks;

import io.metdc.collector.Main;
import io.metdc.storage.Database;
import io.metdc.storage.EmbeddedPostgres;
import io.metdc.storage.StorageSettings;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// The whole way of a trade: simulated exchanges → sockets → collector → embedded PostgreSQL, each a process of its
/// own. Says what the collector's process needed for it and fails when not exactly what was sent is stored.
///
/// Run: `java -cp 'benchmarks/target/lib/*' io.metdc.benchmarks.Pipeline --help`
@Command(
        name = "Pipeline",
        mixinStandardHelpOptions = true,
        description =
                "Simulated exchanges, collector and database, each a process of its own; exit 1 unless sent = stored.")
public final class Pipeline implements Callable<Integer> {
    private static final long START_LIMIT_SECONDS = 90;
    private static final long CATCH_UP_LIMIT_SECONDS = 120;
    private static final long END_LIMIT_SECONDS = 20;
    private static final double MIB = 1 << 20;

    @Option(names = "--rate", defaultValue = "25000", description = "Trades a second, both markets together.")
    private int rate;

    @Option(names = "--seconds", defaultValue = "30", description = "How long is measured, after the warm-up.")
    private int seconds;

    @Option(names = "--warm-up", defaultValue = "10", description = "Seconds before that, from the first trade on.")
    private int warmUp;

    @Option(names = "--tls", description = "wss and https.")
    private boolean tls;

    @Option(
            names = "--frames-per-write",
            defaultValue = "1",
            description = "Trade frames in one socket write; burst: 20.")
    private int framesPerWrite;

    @Option(names = "--instruments", defaultValue = "400", description = "Of each of the two markets.")
    private int instruments;

    @Option(
            names = "--symbols-per-connection",
            defaultValue = "40",
            description = "Decides how many connections there are.")
    private int symbolsPerConnection;

    @Option(names = "--show-log", description = "Print what the collector said.")
    private boolean showLog;

    private final PrintStream out = System.out;

    public static void main(String[] args) {
        System.exit(new CommandLine(new Pipeline()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        Path folder = Files.createTempDirectory("metdc-pipeline");
        EmbeddedPostgres database = EmbeddedPostgres.in(folder);
        try {
            Database.open(StorageSettings.embedded(folder), "benchmarks").close(); // making it is not what is measured
            database.startToStay();
            return run(folder) ? 0 : 1;
        } finally {
            database.stop(Duration.ofSeconds(END_LIMIT_SECONDS));
            Folders.delete(folder);
        }
    }

    private boolean run(Path folder) throws Exception {
        Path configuration = folder.resolve("simulated.yaml");
        var load = new SimulatorProcess.Load(rate, framesPerWrite, instruments, tls);
        Path said = folder.resolve("collector.out");
        try (SimulatorProcess simulator = SimulatorProcess.start(load, configuration)) {
            Process collector = collector(folder, configuration, said);
            try {
                return measure(simulator, collector, folder, said);
            } finally {
                if (showLog) {
                    out.println(Files.readString(said));
                }
                collector.destroy();
                if (!collector.waitFor(END_LIMIT_SECONDS, TimeUnit.SECONDS)) {
                    collector.destroyForcibly();
                }
            }
        }
    }

    /// With the flags of scripts/metdc, but for its start-up cache.
    private Process collector(Path folder, Path configuration, Path said) throws IOException {
        List<String> command = new ArrayList<>(
                Java.command("-Xmx512m", "-XX:+UseCompactObjectHeaders", "-XX:+UseSerialGC", "-Dmetdc.home=" + folder));
        command.addAll(List.of(Main.class.getName(), "run", "--config", configuration.toString()));
        set(command, "data_directory", folder.toString());
        set(command, "logging.directory", folder.resolve("logs").toString());
        for (String market : new String[] {"spot", "futures"}) {
            set(
                    command,
                    "exchanges.binance." + market + ".max_symbols_per_connection",
                    Integer.toString(symbolsPerConnection));
        }
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
    }

    private static void set(List<String> command, String key, String value) {
        command.add("--set");
        command.add(key + "=" + value);
    }

    private boolean measure(SimulatorProcess simulator, Process collector, Path folder, Path said) throws Exception {
        LinuxProcess process = new LinuxProcess(collector.pid());
        awaitTrades(simulator, collector, said);
        TimeUnit.SECONDS.sleep(warmUp);
        LinuxProcess server = server(folder);

        long begin = System.nanoTime();
        long sentBefore = simulator.sent();
        double cpuBefore = process.cpuSeconds();
        double serverCpuBefore = server.cpuSecondsWithChildren();
        double simulatorCpuBefore = simulator.cpuSeconds();
        long threads = 0;
        List<Long> resident = new ArrayList<>();
        for (int second = 1; second <= seconds; second++) {
            long due = begin + TimeUnit.SECONDS.toNanos(second);
            TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
            threads = Math.max(threads, process.threads());
            resident.add(process.residentBytes());
        }
        double elapsed = (System.nanoTime() - begin) / 1e9;
        long sentThen = simulator.sent() - sentBefore;
        double cpu = process.cpuSeconds() - cpuBefore;
        double serverCpu = server.cpuSecondsWithChildren() - serverCpuBefore;
        double simulatorCpu = simulator.cpuSeconds() - simulatorCpuBefore;

        long sent = simulator.stop();
        long stopped = System.nanoTime();
        Stored stored = stored(folder, sent);
        double caughtUp = (System.nanoTime() - stopped) / 1e9;
        long peak = process.peakBytes();
        double wholeCpu = process.cpuSeconds();

        collector.destroy();
        boolean ended = collector.waitFor(END_LIMIT_SECONDS, TimeUnit.SECONDS) && collector.exitValue() == 0;

        row("trades/s", String.format(Locale.ROOT, "%,.0f", sentThen / elapsed));
        row("collector, cores", String.format(Locale.ROOT, "%.2f", cpu / elapsed));
        row("collector, CPU s per million trades", String.format(Locale.ROOT, "%.1f", cpu / (sentThen / 1e6)));
        row(
                "collector, CPU s per million trades, start included",
                String.format(Locale.ROOT, "%.1f", wholeCpu / (sent / 1e6)));
        row("database, CPU s per million trades", String.format(Locale.ROOT, "%.1f", serverCpu / (sentThen / 1e6)));
        row("simulator, CPU s per million trades", String.format(Locale.ROOT, "%.1f", simulatorCpu / (sentThen / 1e6)));
        for (String line : Files.readAllLines(said)) {
            int at = line.indexOf("stored after receipt: ");
            if (at >= 0) {
                row(line.substring(at, at + 20), line.substring(at + 22));
            }
        }
        row("everything stored after the last was sent, s", String.format(Locale.ROOT, "%.1f", caughtUp));
        row("RSS at the quarters, MiB", quarters(resident));
        row("RSS, most, MiB", String.format(Locale.ROOT, "%.0f", peak / MIB));
        row("threads, most", String.format(Locale.ROOT, "%d", threads));
        row("sent", String.format(Locale.ROOT, "%,d", sent));
        row("stored", String.format(Locale.ROOT, "%,d", stored.rows));
        row("received = stored + duplicate + rejected", stored.sums);
        row("holes", String.format(Locale.ROOT, "%,d", stored.holes));
        boolean met = stored.isAll(sent) && ended;
        out.println(met ? "sent = stored" : ended ? "SENT AND STORED DIFFER" : "THE COLLECTOR DID NOT END IN ORDER");
        return met;
    }

    private void row(String what, String value) {
        out.println("| " + what + " | " + value + " |");
    }

    private static String quarters(List<Long> resident) {
        StringBuilder text = new StringBuilder();
        for (int quarter = 1; quarter <= 4; quarter++) {
            long bytes = resident.get(Math.max(0, resident.size() * quarter / 4 - 1));
            text.append(text.isEmpty() ? "" : ", ").append(Math.round(bytes / MIB));
        }
        return text.toString();
    }

    private static void awaitTrades(SimulatorProcess simulator, Process collector, Path said) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_LIMIT_SECONDS);
        while (simulator.sent() == 0) {
            if (!collector.isAlive() || System.nanoTime() > deadline) {
                throw new IOException("the collector does not subscribe anything:\n" + Files.readString(said));
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private static LinuxProcess server(Path folder) throws IOException {
        Path file = folder.resolve("postgresql/data/postmaster.pid");
        return new LinuxProcess(Long.parseLong(Files.readAllLines(file).getFirst()));
    }

    /// What is in the database.
    ///
    /// @param rows  trades that are there
    /// @param sums  the counters, in words
    /// @param exact whether the counters say that all was stored, and nothing else came
    private record Stored(long rows, long counted, String sums, long holes, boolean exact) {
        boolean isAll(long sent) {
            return rows == sent && counted == sent && exact && holes == 0;
        }
    }

    /// Waits until the counters account for everything sent, and counts the rows.
    private static Stored stored(Path folder, long sent) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(CATCH_UP_LIMIT_SECONDS);
        try (Database database = Database.visit(StorageSettings.embedded(folder));
                Connection connection = database.readOnly().getConnection();
                Statement statement = connection.createStatement()) {
            while (number(statement, "SELECT coalesce(sum(received), 0) FROM market_count WHERE unaccounted = 0") < sent
                    && System.nanoTime() < deadline) {
                TimeUnit.MILLISECONDS.sleep(200);
            }
            return stored(statement);
        }
    }

    private static Stored stored(Statement statement) throws SQLException {
        long rows = number(statement, "SELECT count(*) FROM trades");
        long holes = number(statement, "SELECT count(*) FROM holes");
        try (ResultSet sums = statement.executeQuery("SELECT coalesce(sum(received), 0), coalesce(sum(stored), 0),"
                + " coalesce(sum(duplicate), 0), coalesce(sum(rejected), 0) FROM market_count")) {
            sums.next();
            long received = sums.getLong(1);
            long stored = sums.getLong(2);
            String text = String.format(
                    Locale.ROOT, "%,d = %,d + %,d + %,d", received, stored, sums.getLong(3), sums.getLong(4));
            return new Stored(rows, stored, text, holes, received == stored);
        }
    }

    private static long number(Statement statement, String query) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }
}

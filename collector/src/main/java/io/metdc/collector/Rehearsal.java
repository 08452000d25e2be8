package io.metdc.collector;

import io.metdc.collector.cli.CommandException;
import io.metdc.collector.cli.ExitCode;
import io.metdc.collector.cli.RehearseOptions;
import io.metdc.collector.cli.Terminal;
import io.metdc.collector.cli.Version;
import io.metdc.collector.config.Configuration;
import io.metdc.collector.config.InvalidConfiguration;
import io.metdc.completeness.Progress;
import io.metdc.connectors.Connectors;
import io.metdc.market.Market;
import io.metdc.simulator.Sent;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import io.metdc.storage.Database;
import io.metdc.storage.DatabaseException;
import io.metdc.storage.StorageSettings;
import io.metdc.storage.WriterStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// `metdc rehearse`: the whole job on this machine alone. Simulated exchanges send numbered trades through real
/// sockets, the collector records them into a database as it would real ones, and at the end every trade in SQL is
/// compared with the simulator's tape. Runs on the main thread.
final class Rehearsal {
    /// After the last trade was sent: how long it may take until the last count is in SQL.
    private static final Duration SETTLING = Duration.ofSeconds(30);

    private static final Duration FAST_LOOK = Duration.ofMillis(10);
    private static final Duration LOOK = Duration.ofMillis(250);
    private static final Duration LINE = Duration.ofSeconds(5);
    /// How long the markets have until each of them was subscribed and has sent something.
    private static final Duration SUBSCRIBING = Duration.ofSeconds(60);

    /// After that: how long until the recording of the listing is over.
    private static final Duration LISTING = Duration.ofSeconds(30);

    private static final Duration STOP = Duration.ofMillis(7_500);

    private final RehearseOptions options;
    private final Terminal terminal;
    private final @Nullable Path home;
    private final long began = System.nanoTime();
    private long firstTradeMillis = -1;
    private volatile @Nullable Collector collector; // null while it starts
    private Map<Market, RehearsalResult.OfMarket> before = Map.of(); // what earlier rehearsals left in the database

    Rehearsal(RehearseOptions options, Terminal terminal, @Nullable Path home) {
        this.options = options;
        this.terminal = terminal;
        this.home = home;
    }

    /// Runs to its end, or until an interrupt.
    ///
    /// @return the exit code: failed when the sums do not meet
    int run() throws CommandException {
        Path folder = folder();
        try (Ending _ = Ending.of(Thread.currentThread(), ExitCode.FAILED)) {
            try {
                return run(folder);
            } catch (InterruptedException e) {
                clearProgress();
                say("metdc: the rehearsal was stopped before its end"); // here, while the process still waits for us
                throw e;
            } finally {
                if (!options.keep()) {
                    delete(folder);
                }
            }
        } catch (InterruptedException e) {
            return ExitCode.FAILED;
        } catch (StartFailed e) {
            throw CommandException.failed(String.valueOf(e.getMessage()), e);
        } catch (InvalidConfiguration e) {
            throw CommandException.usage(String.valueOf(e.getMessage()));
        } catch (IOException | SQLException e) {
            throw CommandException.failed("the rehearsal failed: " + e.getMessage(), e);
        }
    }

    private int run(Path folder)
            throws CommandException, InterruptedException, StartFailed, IOException, SQLException,
                    InvalidConfiguration {
        SimulatorOptions.Builder builder = SimulatorOptions.builder()
                .markets(SimulatorOptions.ALL_MARKETS.toArray(Market[]::new))
                .rate(options.rate())
                .seed(options.seed());
        if (options.listing() != null) {
            builder.listing(options.listing());
        }
        SimulatorOptions simulated = builder.build();
        say(String.format(
                Locale.ROOT,
                "%d simulated markets on loopback, %,d trades/s for %s, seed %d",
                simulated.markets().size(),
                options.rate(),
                words(options.duration()),
                options.seed()));
        try (Simulator simulator = Simulator.start(simulated);
                ListingRehearsal coin = options.listing() == null
                        ? null
                        : new ListingRehearsal(options.listing(), options.duration())) {
            Configuration configuration = configuration(folder, simulator, coin);
            say("starting connections, journal and " + (options.database() == null ? "a database" : "the database"));
            if (options.database() != null) {
                claim(configuration.settings().database());
            }
            Thread tape = Thread.ofVirtual().name("rehearsal-tape").start(() -> play(simulator, coin));
            try {
                Collector started =
                        Collector.start(configuration.settings(), null, Version.text(), InstantSource.system());
                collector = started;
                while (tape.isAlive()) {
                    pause(started, coin);
                }
                if (coin != null && !coin.await(started, LISTING)) {
                    say("the recording of the listing is not over in time");
                }
                RehearsalResult result = settle(simulator, started);
                collector = null;
                started.stop(STOP);
                clearProgress();
                return print(result, coin == null ? null : coin.result(simulator, folder.resolve("listings")), folder);
            } finally {
                tape.interrupt();
                tape.join();
                clearProgress();
                Collector left = collector;
                if (left != null) {
                    left.stop(STOP);
                }
            }
        }
    }

    private Configuration configuration(Path folder, Simulator simulator, @Nullable ListingRehearsal coin)
            throws IOException, InvalidConfiguration {
        Path file = folder.resolve("rehearsal.yaml");
        Files.writeString(file, simulator.configuration());
        List<Configuration.Option> settings = new ArrayList<>();
        settings.add(new Configuration.Option("rehearse", "data_directory=" + folder));
        settings.add(new Configuration.Option("rehearse", "storage.retention=2h")); // no word on a disk that holds less
        if (coin != null) {
            settings.addAll(coin.settings());
        }
        if (options.database() != null) {
            settings.add(new Configuration.Option("--database", "storage.url=" + options.database()));
        }
        return Configuration.load(
                new Configuration.Sources(file, settings, Map.of(), folder, folder), Connectors.all());
    }

    /// Simulated trades must never get among real ones: a database that is given is used only when it is empty or was
    /// used by rehearsals alone, which is remembered in it.
    private void claim(StorageSettings settings) throws CommandException, InterruptedException, SQLException {
        try (Database database = Database.open(settings, Version.text());
                Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            if (isTrue(statement, "SELECT EXISTS (SELECT FROM metadata WHERE key = 'rehearsal')")) {
                before = RehearsalResult.counts(database);
            } else if (isTrue(statement, "SELECT EXISTS (SELECT FROM trade_counts)")) {
                throw CommandException.failed("the database holds trades that are no rehearsal's: give the rehearsal a"
                        + " database of its own with --database");
            } else {
                statement.execute("INSERT INTO metadata (key, value) VALUES ('rehearsal', 'simulated trades only')");
            }
        } catch (DatabaseException e) {
            throw CommandException.failed(String.valueOf(e.getMessage()), e);
        }
    }

    private static boolean isTrue(Statement statement, String question) throws SQLException {
        try (ResultSet answer = statement.executeQuery(question)) {
            return answer.next() && answer.getBoolean(1);
        }
    }

    /// Lets trades flow for the time wanted, from when every market sends, and shows how it goes; on a thread of
    /// its own, so that neither waits for the start of the database.
    private void play(Simulator simulator, @Nullable ListingRehearsal coin) {
        try {
            long began = System.nanoTime();
            while (System.nanoTime() - began < SUBSCRIBING.toNanos()
                    && simulator.report().stream().anyMatch(market -> market.rows() == 0)) {
                Thread.sleep(FAST_LOOK);
            }
            Thread listing = coin == null
                    ? null
                    : Thread.ofVirtual().name("rehearsal-listing").start(() -> play(coin, simulator));
            long start = System.nanoTime();
            long wanted = options.duration().toNanos();
            long every = (terminal.interactive() ? LOOK : LINE).toNanos();
            for (long since = 0; since < wanted; since = System.nanoTime() - start) {
                progress(simulator, Duration.ofNanos(since));
                Thread.sleep(Duration.ofNanos(Math.min(every, wanted - since)));
            }
            if (listing != null) {
                listing.join();
            }
            simulator.stopTrading();
            progress(simulator, options.duration());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the rehearsal ends before its time
        }
    }

    /// Announced only when every connection is subscribed as a whole: the window begins before the announcement.
    private void play(ListingRehearsal coin, Simulator simulator) {
        try {
            Status status;
            do {
                Thread.sleep(LOOK);
                Collector started = collector;
                status = started == null ? null : started.status();
            } while (status == null || status.workers() == 0 || status.delivering() < status.workers());
            coin.play(simulator);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the rehearsal ends before its time
        }
    }

    /// A moment's wait, short until the first trade is stored, whose time is noted.
    private void pause(Collector started, @Nullable ListingRehearsal coin) throws InterruptedException {
        Thread.sleep(firstTradeMillis < 0 || coin != null ? FAST_LOOK : LOOK);
        noteFirstTrade(started);
        if (coin != null) {
            coin.note(started);
        }
    }

    private void noteFirstTrade(Collector started) {
        WriterStatus writer = started.status().writer();
        if (firstTradeMillis < 0 && writer != null && writer.stored() > 0) {
            firstTradeMillis = (System.nanoTime() - began) / 1_000_000;
        }
    }

    private void progress(Simulator simulator, Duration since) {
        Collector started = collector;
        WriterStatus writer = started == null ? null : started.status().writer();
        String line = String.format(
                Locale.ROOT,
                "%3d of %s · %,d sent · %s",
                since.toSeconds(),
                words(options.duration()),
                simulator.report().stream().mapToLong(Sent::rows).sum(),
                writer == null
                        ? "the database is starting"
                        : String.format(Locale.ROOT, "%,d stored", writer.stored()));
        if (terminal.interactive()) {
            terminal.err().print("\r" + line + "\u001b[K");
            terminal.err().flush();
        } else {
            terminal.err().println(line);
        }
    }

    private void clearProgress() {
        if (terminal.interactive()) {
            terminal.err().print("\r\u001b[K");
            terminal.err().flush();
        }
    }

    private void say(String line) {
        terminal.err().println(line);
    }

    /// Waits until everything sent has been accounted for in SQL, or until that takes too long, and compares.
    private RehearsalResult settle(Simulator simulator, Collector collector) throws InterruptedException, SQLException {
        long deadline = System.nanoTime() + SETTLING.toNanos();
        noteFirstTrade(collector);
        List<Sent> report = simulator.report();
        RehearsalResult result = RehearsalResult.read(collector.database(), report, before);
        while (System.nanoTime() < deadline && !(isAccountedFor(report, result) && isIdle(collector))) {
            pause(collector, null);
            report = simulator.report(); // who subscribes is still sent the last trades
            result = RehearsalResult.read(collector.database(), report, before);
        }
        noteFirstTrade(collector);
        List<String> differences = new ArrayList<>();
        for (Market market : simulator.markets()) {
            differences.addAll(TapeComparison.of(simulator, market, collector.database()));
        }
        return result.with(differences, firstTradeMillis, (System.nanoTime() - began) / 1_000_000);
    }

    private static boolean isAccountedFor(List<Sent> report, RehearsalResult result) {
        return result.accounted() == report.stream().mapToLong(Sent::rows).sum()
                && result.consumed()
                        == report.stream().mapToLong(Sent::consumed).sum();
    }

    private static boolean isIdle(Collector collector) {
        Status status = collector.status();
        Progress intake = status.intake();
        return intake.waiting() == 0
                && status.writer() != null
                && status.writer().lag() == 0;
    }

    private int print(RehearsalResult result, ListingRehearsal.@Nullable Result listing, Path folder) {
        if (options.json()) {
            terminal.out().println(result.json(listing));
            result.failures().forEach(this::say);
            if (listing != null) {
                listing.failures().forEach(this::say);
            }
        } else {
            result.table().forEach(terminal.out()::println);
            if (listing != null) {
                terminal.out().println();
                listing.print(terminal.out());
            }
        }
        if (options.keep()) {
            say("kept in " + folder);
            if (options.database() == null) {
                say("scripts/metdc query counts --set data_directory=" + folder + " looks at it");
            }
        }
        return result.ok() && (listing == null || listing.failures().isEmpty()) ? ExitCode.OK : ExitCode.FAILED;
    }

    /// A folder of its own, beside the usual data where there is a home, so that the same disk is rehearsed.
    private Path folder() throws CommandException {
        try {
            Path parent = home == null ? null : home.resolve("data");
            if (parent != null && Files.isDirectory(parent) && Files.isWritable(parent)) {
                return Files.createTempDirectory(parent, "rehearsal-");
            }
            return Files.createTempDirectory("metdc-rehearsal-");
        } catch (IOException e) {
            throw CommandException.failed("no folder for the rehearsal can be made: " + e.getMessage(), e);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("what the rehearsal recorded in " + folder + " cannot be deleted", e);
        }
    }

    private static String words(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }
}

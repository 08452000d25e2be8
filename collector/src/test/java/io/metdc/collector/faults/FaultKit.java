package io.metdc.collector.faults;

import io.metdc.collector.faults.Fault.Kind;
import io.metdc.collector.faults.Fault.Place;
import io.metdc.collector.faults.FaultPlan.Planned;
import io.metdc.market.Market;
import io.metdc.market.Nanos;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import io.metdc.storage.DatabaseException;
import io.metdc.storage.journal.Acknowledged;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/// Runs the real program against the simulator for a set time and plants faults: kills it, stops it,
/// takes its database, its connections, its disk and its clock away, and gives them back. Then lets it
/// settle and holds what it recorded against the tape.
///
/// ```
/// simulator ── wires ── program (a process of its own) ── database (of the kit's own, or over a wire)
///                          │ journal on a disk of its own, clock from a file
/// ```
///
/// The plan is the same for the same seed; what comes of it is not, since the program runs in its own
/// time. Ends only processes that it started.
final class FaultKit {
    /// How long every instrument has to be stored for the first time before faults begin.
    private static final Duration BEGINNING = Duration.ofSeconds(60);

    /// How long the program has to be connected everywhere when all faults are over.
    private static final Duration RECOVERING = Duration.ofMinutes(2);

    /// Nothing more is stored for so long: everything is.
    private static final Duration QUIET = Duration.ofSeconds(2);

    private static final Duration LOOK = Duration.ofMillis(100);
    private static final int ENDS = 4;

    private final FaultOptions options;
    private final int kills;
    private final PrintStream out;
    private final List<Happened> happened = new ArrayList<>();
    private long beganNanos;

    private FaultKit(FaultOptions options, int kills, PrintStream out) {
        this.options = options;
        this.kills = kills;
        this.out = out;
    }

    /// Plants what is planned for these options, and runs to its end.
    ///
    /// @param out what happens as it happens, and the report
    static Verdict run(FaultOptions options, PrintStream out) throws Exception {
        return new FaultKit(options, 0, out).run();
    }

    /// Kills the program so many times instead, in the midst of its work, and now and then while it
    /// starts.
    static Verdict kill(int times, FaultOptions options, PrintStream out) throws Exception {
        return new FaultKit(options, times, out).run();
    }

    private Verdict run() throws Exception {
        Path folder = Files.createDirectories(options.folder());
        long prints =
                options.rate() * (options.duration().plus(options.settling()).toSeconds() + 300);
        SimulatorOptions simulated = SimulatorOptions.builder()
                .markets(options.markets().toArray(Market[]::new))
                .rate(options.rate())
                .seed(options.seed())
                .instruments(options.instruments())
                .history(Math.clamp(prints / options.markets().size() * 2, 1_000_000, 50_000_000))
                .build();
        try (Simulator simulator = Simulator.start(simulated);
                Wires wires = Wires.to(simulator);
                KitDatabase database = options.database() == null
                        ? KitDatabase.own(folder.resolve("database"))
                        : KitDatabase.on(options.database(), folder);
                JournalDisk disk = JournalDisk.in(folder.resolve("journal"))) {
            Set<Kind> kinds = EnumSet.copyOf(options.kinds());
            if (kinds.contains(Kind.DISK_FULL) && !disk.canBeFull()) {
                kinds.remove(Kind.DISK_FULL);
                say("disk-full is left out: nothing may be mounted here");
            }
            if (kinds.contains(Kind.COMPRESS) && !database.canCompress()) {
                kinds.remove(Kind.COMPRESS);
                say("compress is left out: there is no TimescaleDB");
            }
            FaultPlan plan = kills > 0
                    ? new FaultPlan(List.of())
                    : FaultPlan.of(options.seed(), options.duration(), options.every(), kinds, options.markets());
            print(plan);
            SteppedClock clock = SteppedClock.at(folder.resolve("clock"));
            Path journal = disk.folder().resolve("segments");
            try (Program program = new Program(folder, journal, clock, arguments(wires, database, journal))) {
                program.start();
                begin(database);
                long first = AcknowledgedTrades.first(journal);
                Stand stand = new Stand(wires, database, disk, clock, program);
                plant(plan, stand);
                killAtRandom(stand, journal);
                clock.set(Duration.ZERO);
                program.start();
                Settled settled = settle(simulator, program, database);
                return judge(simulator, program, database, journal, first, settled);
            }
        }
    }

    /// What faults are done to.
    private record Stand(Wires wires, KitDatabase database, JournalDisk disk, SteppedClock clock, Program program) {}

    private List<String> arguments(Wires wires, KitDatabase database, Path journal)
            throws IOException, DatabaseException {
        Path folder = options.folder();
        Path config = Files.writeString(folder.resolve("metdc.yaml"), wires.configuration());
        List<String> settings = new ArrayList<>(List.of(
                "data_directory=" + folder.resolve("data"),
                "logging.directory=" + folder.resolve("logs"),
                "journal.directory=" + journal,
                "recovery.backoff_first=200ms",
                "recovery.backoff_max=2s",
                "recovery.cooldown=4s",
                "recovery.health_interval=10s"));
        settings.addAll(database.settings());
        List<String> arguments = new ArrayList<>(List.of("run", "--config", config.toString()));
        for (String setting : settings) {
            arguments.add("--set");
            arguments.add(setting);
        }
        return arguments;
    }

    private void print(FaultPlan plan) {
        say(plan.faults().size() + " faults in " + options.duration() + ", seed " + options.seed() + ":");
        for (Planned planned : plan.faults()) {
            say(String.format(
                    "  %7.1f s  %s",
                    planned.at().toMillis() / 1000.0, planned.fault().inWords()));
        }
    }

    private String since() {
        return String.format(Locale.ROOT, "%7.1f s  ", (Nanos.of(Instant.now()) - beganNanos) / 1e9);
    }

    private void say(String line) {
        out.println(line);
        out.flush();
    }

    // ---- the course of it

    /// Waits until every instrument that is collected has been stored: what was never seen cannot be
    /// missed.
    private void begin(KitDatabase database) throws Exception {
        boolean all = await(
                BEGINNING, () -> asks(database, """
                SELECT count(DISTINCT (exchange, market)) = %d AND bool_and(EXISTS (
                    SELECT FROM trade_counts c WHERE c.instrument_id = i.id AND c.stored > 0))
                FROM instruments i WHERE is_collected
                """.formatted(options.markets().size())));
        beganNanos = Nanos.of(Instant.now());
        say((all ? "every instrument is stored" : "some instruments have not traded yet") + "; faults begin at "
                + Nanos.instant(beganNanos));
    }

    private void plant(FaultPlan plan, Stand stand) throws Exception {
        List<Thread> ending = new ArrayList<>();
        long began = System.nanoTime();
        for (Planned planned : plan.faults()) {
            Thread.sleep(Duration.ofNanos(Math.max(0, began + planned.at().toNanos() - System.nanoTime())));
            ending.add(plant(planned.fault(), stand));
        }
        for (Thread thread : ending) {
            thread.join();
        }
    }

    /// Three of four in the midst of writing, the others before the database is open as a rule.
    private void killAtRandom(Stand stand, Path journal) throws Exception {
        Random random = new Random(options.seed());
        for (int i = 0; i < kills; i++) {
            boolean early = i % 4 == 0;
            if (!early) {
                await(RECOVERING, stand.program::isReady);
            }
            long enough = acknowledged(journal) + 1 + random.nextInt(options.rate());
            await(RECOVERING, () -> acknowledged(journal) >= enough);
            plant(new Fault.Kill(Duration.ZERO), stand).join();
        }
    }

    private static long acknowledged(Path journal) {
        try {
            return Acknowledged.read(journal).trades();
        } catch (IOException e) {
            return 0; // before the first one
        }
    }

    /// Begins a fault.
    ///
    /// @return the thread that ends it
    private Thread plant(Fault fault, Stand stand) throws Exception {
        Happened now = new Happened(fault);
        happened.add(now);
        Callable<?> end = switch (fault) {
            case Fault.Kill _ -> {
                stand.program.kill();
                yield () -> {
                    stand.program.start();
                    return null;
                };
            }
            case Fault.Stop _ -> {
                Runnable goOn = stand.program.stop();
                yield () -> {
                    goOn.run();
                    return null;
                };
            }
            case Fault.DatabaseAway _ -> {
                Thread leaving = inBackground(now, () -> {
                    stand.database.leave();
                    return null;
                });
                yield () -> {
                    leaving.join();
                    stand.database.comeBack();
                    return null;
                };
            }
            case Fault.Cut(Place place) -> {
                now.broke(stand.wires.cut(place));
                yield () -> null;
            }
            case Fault.Hold(Place place, Duration lasts) -> {
                stand.wires.hold(place, lasts);
                yield () -> null;
            }
            case Fault.HalfOpen(Place place, Duration _) -> {
                now.broke(stand.wires.swallow(place));
                yield () -> {
                    stand.wires.forget(place);
                    return null;
                };
            }
            case Fault.DiskFull _ -> {
                stand.disk.fill();
                yield () -> {
                    stand.disk.free();
                    return null;
                };
            }
            case Fault.ClockStep(Duration offset) -> {
                stand.clock.set(offset);
                yield () -> null;
            }
            case Fault.Compress _ ->
                () -> {
                    now.note(stand.database.compress() + " chunks");
                    return null;
                };
        };
        return inBackground(now, () -> {
            Thread.sleep(fault.lasts());
            try {
                return end.call();
            } finally {
                now.isOver();
                say(now.line(beganNanos));
            }
        });
    }

    private Thread inBackground(Happened fault, Callable<?> what) {
        return Thread.ofVirtual().name("fault").start(() -> {
            try {
                what.call();
            } catch (Exception e) {
                fault.note(e.toString());
            }
        });
    }

    /// @param holesClosed whether every hole got its outcome in time
    /// @param allStored   whether the program said so at its end
    private record Settled(boolean connected, boolean holesClosed, boolean allStored) {}

    private Settled settle(Simulator simulator, Program program, KitDatabase database) throws Exception {
        Instant over = Instant.now();
        say(since() + "all faults are over; settling");
        boolean connected = await(
                RECOVERING,
                () -> program.isReady()
                        && asks(
                                database,
                                "SELECT count(*) = " + options.markets().size() + """
                         FROM (SELECT FROM trade WHERE executed_at > '%s' AND origin = 'stream' GROUP BY exchange, market) t
                        """.formatted(over)));
        say(since() + (connected ? "every market delivers" : "some markets do not deliver"));
        boolean closed = awaitLasting(
                options.settling(),
                Calm.MARGIN, // what is missing is noticed within that
                () -> asks(database, "SELECT NOT EXISTS (SELECT FROM holes WHERE outcome IS NULL)"));
        simulator.stopTrading();
        say(since() + (closed ? "every hole has its outcome" : "some holes are still open"));
        boolean stored = false;
        for (int i = 0; i < ENDS && !stored; i++) { // a slow machine may leave something to the next start
            program.start();
            await(RECOVERING, program::isReady);
            awaitQuiet(database);
            stored = program.end();
            say(since() + "told to end: " + (stored ? "everything is stored" : "something is left"));
        }
        return new Settled(connected, closed, stored);
    }

    private void awaitQuiet(KitDatabase database) throws Exception {
        long count = -1;
        long since = System.nanoTime();
        long deadline = since + RECOVERING.toNanos();
        while (System.nanoTime() - since < QUIET.toNanos() && System.nanoTime() < deadline) {
            Thread.sleep(LOOK);
            long now = number(database, "SELECT coalesce(sum(received), 0) FROM trade_counts");
            if (now != count) {
                count = now;
                since = System.nanoTime();
            }
        }
    }

    private static boolean await(Duration atMost, Callable<Boolean> holds) throws Exception {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (!holds.call()) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            LockSupport.parkNanos(LOOK.toNanos());
        }
        return true;
    }

    /// Waits until it holds for so long without a break.
    private static boolean awaitLasting(Duration atMost, Duration lasting, Callable<Boolean> holds) throws Exception {
        long began = System.nanoTime();
        long since = began;
        while (System.nanoTime() - since < lasting.toNanos()) {
            LockSupport.parkNanos(LOOK.toNanos());
            if (!holds.call()) {
                since = System.nanoTime();
                if (since - began > atMost.toNanos()) {
                    return false;
                }
            }
        }
        return true;
    }

    /// @return false also while the tables are not there yet
    private static boolean asks(KitDatabase database, String question) throws DatabaseException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(question)) {
            return row.next() && row.getBoolean(1);
        } catch (SQLException e) {
            return false;
        }
    }

    private static long number(KitDatabase database, String question) throws DatabaseException, SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(question)) {
            row.next();
            return row.getLong(1);
        }
    }

    // ---- what came of it

    private Verdict judge(
            Simulator simulator, Program program, KitDatabase database, Path journal, long first, Settled settled)
            throws Exception {
        Duration farthest = happened.stream()
                .map(Happened::fault)
                .map(fault -> fault instanceof Fault.ClockStep(Duration offset) ? offset.abs() : Duration.ZERO)
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
        try (Connection connection = database.connect()) {
            Comparison comparison = new Comparison(
                    simulator, market -> new Calm(disturbances(market, program)), this::breaks, farthest);
            Map<Market, Figures> figures = comparison.run(connection);
            AcknowledgedTrades acknowledged =
                    AcknowledgedTrades.find(journal, first, program.acknowledged(), connection);
            boolean mayExit = happened.stream().anyMatch(one -> one.fault() instanceof Fault.DiskFull);
            Verdict verdict = new Verdict(
                    figures,
                    acknowledged,
                    counts(),
                    program.lives(),
                    program.exits(),
                    mayExit,
                    settled.connected(),
                    settled.holesClosed(),
                    settled.allStored(),
                    simulator.breaches().stream().map(Object::toString).toList(),
                    comparison.details());
            verdict.print(out);
            if (!verdict.isGood()) {
                say("what the program said last:");
                program.lastWords()
                        .lines()
                        .skip(Math.max(0, program.lastWords().lines().count() - 15))
                        .forEach(this::say);
            }
            return verdict;
        }
    }

    private List<Span> disturbances(Market market, Program program) {
        List<Span> all = new ArrayList<>(program.away());
        for (Happened one : happened) {
            if (one.fault().disturbs(market)) {
                all.add(one.span());
            }
        }
        return all;
    }

    private List<Long> breaks(Market market) {
        return happened.stream()
                .filter(one -> one.broke(market))
                .map(one -> one.span().from())
                .toList();
    }

    private Map<Kind, Long> counts() {
        return happened.stream()
                .collect(Collectors.groupingBy(one -> one.fault().kind(), Collectors.counting()));
    }
}

package io.metdc.collector;

import io.metdc.completeness.Intake;
import io.metdc.completeness.LatencyCounts;
import io.metdc.market.Failure;
import io.metdc.storage.Catalogue;
import io.metdc.storage.Commit;
import io.metdc.storage.Connections;
import io.metdc.storage.Database;
import io.metdc.storage.DatabaseException;
import io.metdc.storage.Maintenance;
import io.metdc.storage.StorageSettings;
import io.metdc.storage.Writer;
import io.metdc.storage.WriterPace;
import io.metdc.storage.WriterStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SynchronizedHistogram;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The database end: opens the database, however long that takes, lets the journal run into it and old hours out of it.
/// Until the database is there the journal takes everything. Opening runs on a virtual thread of its own.
final class Storing {
    private static final Logger log = LoggerFactory.getLogger(Storing.class);

    /// So long after a fault that only a person can mend it is tried again.
    static final Duration AGAIN = Duration.ofSeconds(15);

    /// What is kept of the time for closing.
    private static final Duration CLOSING = Duration.ofMillis(1_500);

    /// Their ends are few rows: it takes longer only when the database is away.
    private static final Duration CONNECTIONS = Duration.ofSeconds(1);

    /// That connections live is entered every second.
    private static final Duration SEEN = Duration.ofSeconds(2);

    /// A statement takes a minute at most, and an embedded server that comes back after a crash some.
    private static final Duration WRITER = Duration.ofMinutes(5);

    private static final Duration LEAST = Duration.ofMillis(100);

    private final StorageSettings settings;
    private final String version;
    private final Intake intake;
    private final Connections connections;
    private final Catalogue catalogue;
    private final InstantSource clock;
    private final Duration again;
    private final CompletableFuture<Open> opened = new CompletableFuture<>();
    private final Histogram delays = new SynchronizedHistogram(2);
    private final LatencyCounts commits = new LatencyCounts(); // the writer's thread adds
    private final Thread opener;

    private volatile boolean awaited = true;
    private volatile @Nullable String trouble;

    /// What there is once the database is.
    private record Open(Database database, Maintenance maintenance, Writer writer) {}

    /// @param intake      whose journal is stored
    /// @param connections whose lives are stored
    /// @param again       how long after a fault that does not pass by itself the database is tried again
    Storing(
            StorageSettings settings,
            String version,
            Intake intake,
            Connections connections,
            Catalogue catalogue,
            InstantSource clock,
            Duration again) {
        this.settings = settings;
        this.version = version;
        this.intake = intake;
        this.connections = connections;
        this.catalogue = catalogue;
        this.clock = clock;
        this.again = again;
        this.opener = Thread.ofVirtual().name("database").start(this::open);
    }

    private void open() {
        try {
            while (true) {
                try {
                    opened.complete(openOnce());
                    trouble = null;
                    return;
                } catch (DatabaseException | RuntimeException e) {
                    boolean passes =
                            e instanceof DatabaseException failed && failed.failure() instanceof Failure.Recoverable;
                    if (awaited && !passes) {
                        opened.completeExceptionally(e);
                        return;
                    }
                    if (trouble == null) {
                        log.error("{}; trying again, and trades stay in the journal", e.getMessage());
                    }
                    trouble = String.valueOf(e.getMessage());
                }
                Thread.sleep(again);
            }
        } catch (InterruptedException e) {
            opened.completeExceptionally(e);
        }
    }

    private Open openOnce() throws DatabaseException, InterruptedException {
        Database database = Database.openPatiently(settings, version);
        boolean done = false;
        try {
            log.info("{}", database.found());
            Maintenance maintenance = new Maintenance(database, settings, clock);
            maintenance.start();
            Writer writer = new Writer(database, intake.tail(), clock, WriterPace.DEFAULT, this::committed);
            writer.start();
            connections.writeTo(database);
            catalogue.writeTo(database);
            done = true;
            return new Open(database, maintenance, writer);
        } finally {
            if (!done) {
                database.close();
            }
        }
    }

    /// What was executed longer ago does not stay.
    Duration retention() {
        return settings.retention();
    }

    /// From now on nobody waits for the database: whatever is wrong with it, it is tried again.
    void goOnWithout() {
        awaited = false;
    }

    /// Why there is no database, in words; null when there is one or nothing is known yet.
    @Nullable
    String trouble() {
        return trouble;
    }

    /// Each trade of a batch counts with the age of the batch's oldest: the truth is better than that, never worse.
    private void committed(Commit commit) {
        commits.add(commit.took().toNanos());
        if (commit.oldestReceivedAt() != null && commit.stored() > 0) {
            long millis =
                    Duration.between(commit.oldestReceivedAt(), commit.at()).toMillis();
            delays.recordValueWithCount(Math.max(0, millis), commit.stored());
        }
    }

    /// How long after its receipt a trade was committed, in milliseconds, since the start. An upper bound: trades of
    /// one batch all count as its oldest.
    Histogram delays() {
        return delays.copy();
    }

    /// How long transactions took, since the start.
    LatencyCounts commits() {
        return commits;
    }

    /// The writer, for who watches whether it moves: it has work as long as it runs.
    Optional<SupervisedStage> stage() {
        if (!opened.isDone() || opened.isCompletedExceptionally()) {
            return Optional.empty();
        }
        Writer writer = opened.join().writer();
        return Optional.of(new SupervisedStage(
                "writer",
                () -> new SupervisedStage.Standing(
                        writer.status().state() != WriterStatus.State.STOPPED, writer.turns()),
                WRITER,
                writer::reconnect));
    }

    /// Completes when the database is there; exceptionally when only a person can mend it.
    CompletableFuture<Database> opened() {
        return opened.thenApply(Open::database);
    }

    /// The database, when it is there.
    Optional<Database> current() {
        return opened.isDone() && !opened.isCompletedExceptionally()
                ? Optional.of(opened.join().database())
                : Optional.empty();
    }

    /// What the writer did so far; null while there is no database.
    @Nullable
    WriterStatus status() {
        return opened.isDone() && !opened.isCompletedExceptionally()
                ? opened.join().writer().status()
                : null;
    }

    /// Whether every row that was received before an instant, our clock, is in the database for good, and what
    /// happened to connections before it; of those that live, that they did so two seconds before it or later.
    /// Not before a tenth of a second after it; false as long as there is no database. Cheap enough to be asked
    /// over and over.
    boolean isStored(Instant receivedBefore) {
        WriterStatus writer = status();
        return writer != null
                && writer.position() >= 0
                && !receivedBefore.isAfter(intake.receivedUntil(writer.position()))
                && connections.isStored(receivedBefore)
                && connections.isSeen(receivedBefore.minus(SEEN));
    }

    /// Writes what is in the journal and closes the database, all before the deadline: a server of ours that needs
    /// longer to end does so by itself.
    ///
    /// @param deadline a [System#nanoTime()]
    /// @return false when not everything could be written: the rest stays in the journal
    boolean stop(long deadline) throws InterruptedException {
        opener.interrupt();
        opener.join(left(deadline));
        if (!opened.isDone() || opened.isCompletedExceptionally()) {
            return false;
        }
        Open open = opened.join();
        Thread maintaining = Thread.ofVirtual()
                .name("maintenance-end")
                .start(() -> open.maintenance().close());
        catalogue.close(CONNECTIONS);
        connections.close(CONNECTIONS);
        boolean all = open.writer().stop(left(deadline).minus(CLOSING));
        open.writer().close();
        Thread closing = Thread.ofPlatform()
                .name("database-end")
                .daemon()
                .start(() -> open.database().close());
        closing.join(left(deadline));
        maintaining.join(left(deadline));
        return all;
    }

    private static Duration left(long deadline) {
        long nanos = deadline - System.nanoTime();
        return nanos < LEAST.toNanos() ? LEAST : Duration.ofNanos(nanos);
    }
}

package io.metdc.collector;

import io.metdc.storage.Commit;
import io.metdc.storage.Database;
import io.metdc.storage.DatabaseException;
import io.metdc.storage.Maintenance;
import io.metdc.storage.StorageSettings;
import io.metdc.storage.Writer;
import io.metdc.storage.WriterPace;
import io.metdc.storage.WriterStatus;
import io.metdc.storage.journal.JournalTail;
import java.time.Duration;
import java.time.InstantSource;
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

    private final StorageSettings settings;
    private final String version;
    private final JournalTail tail;
    private final InstantSource clock;
    private final CompletableFuture<Open> opened = new CompletableFuture<>();
    private final Histogram delays = new SynchronizedHistogram(2);
    private final Thread opener;

    /// What there is once the database is.
    private record Open(Database database, Maintenance maintenance, Writer writer) {}

    Storing(StorageSettings settings, String version, JournalTail tail, InstantSource clock) {
        this.settings = settings;
        this.version = version;
        this.tail = tail;
        this.clock = clock;
        this.opener = Thread.ofVirtual().name("database").start(this::open);
    }

    private void open() {
        try {
            Database database = Database.openPatiently(settings, version);
            try {
                log.info("{}", database.found());
                Maintenance maintenance = new Maintenance(database, settings, clock, _ -> false);
                maintenance.start();
                Writer writer = new Writer(database, tail, clock, WriterPace.DEFAULT, this::committed);
                writer.start();
                opened.complete(new Open(database, maintenance, writer));
            } catch (DatabaseException | RuntimeException e) {
                database.close();
                throw e;
            }
        } catch (DatabaseException | InterruptedException | RuntimeException e) {
            opened.completeExceptionally(e);
        }
    }

    /// Each trade of a batch counts with the age of the batch's oldest: the truth is better than that, never worse.
    private void committed(Commit commit) {
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

    /// Completes when the database is there; exceptionally when only a person can mend it.
    CompletableFuture<Database> opened() {
        return opened.thenApply(Open::database);
    }

    /// What the writer did so far; null while there is no database.
    @Nullable
    WriterStatus status() {
        return opened.isDone() && !opened.isCompletedExceptionally()
                ? opened.join().writer().status()
                : null;
    }

    /// Writes what is in the journal and closes the database.
    ///
    /// @return false when not everything could be written in the time given: the rest stays in the journal
    boolean stop(Duration within) throws InterruptedException {
        opener.interrupt();
        opener.join();
        if (opened.isCompletedExceptionally()) {
            return false;
        }
        Open open = opened.join();
        open.maintenance().close();
        boolean all = open.writer().stop(within);
        open.writer().close();
        open.database().close();
        return all;
    }
}

package io.metdc.collector;

import io.metdc.market.Failure;
import io.metdc.storage.Database;
import io.metdc.storage.DatabaseException;
import io.metdc.storage.StorageSettings;
import io.metdc.storage.Writer;
import io.metdc.storage.WriterStatus;
import io.metdc.storage.journal.JournalTail;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The way from the journal into the database, on one thread of its own: opens the database, however long that takes,
/// and
/// writes until it is told to stop. Meanwhile the journal takes everything.
final class Storing implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Storing.class);

    private final StorageSettings settings;
    private final String version;
    private final JournalTail tail;
    private final InstantSource clock;
    private final CompletableFuture<Database> opened = new CompletableFuture<>();
    private final Thread thread;

    private volatile @Nullable Writer writer;
    private volatile boolean stopping;

    Storing(StorageSettings settings, String version, JournalTail tail, InstantSource clock) {
        this.settings = settings;
        this.version = version;
        this.tail = tail;
        this.clock = clock;
        this.thread = Thread.ofPlatform().name("writer").start(this::run);
    }

    /// Completes when the database is there; exceptionally when only a person can mend it.
    CompletableFuture<Database> opened() {
        return opened;
    }

    private void run() {
        try (Database database = Database.openPatiently(settings, version)) {
            LOG.info("{}", database.found());
            Writer made = new Writer(database, tail, clock);
            writer = made;
            opened.complete(database);
            if (stopping) {
                made.stop(Duration.ZERO);
            }
            made.run();
        } catch (DatabaseException e) {
            opened.completeExceptionally(e);
        } catch (InterruptedException e) {
            opened.completeExceptionally(
                    new DatabaseException(new Failure.Recoverable("stopped before the database was there")));
        } catch (RuntimeException | Error e) {
            LOG.error("nothing is written any more", e);
            opened.completeExceptionally(e);
            throw e;
        }
    }

    /// What the writer did so far; null while there is no database.
    @Nullable
    WriterStatus status() {
        Writer open = writer;
        return open == null ? null : open.status();
    }
}

package io.metdc.storage;

import io.metdc.market.Instrument;
import io.metdc.market.Nanos;
import io.metdc.storage.WriterStatus.State;
import io.metdc.storage.journal.Entry;
import io.metdc.storage.journal.JournalTail;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Empties the journal into the database.
///
/// Two threads: `journal-tail` reads and sorts the next batch while `writer` has the last one under way. The
/// journal keeps what is not stored, so the writer never gives up: it waits, and tries the same batch again. How
/// far it is stands in the database, in the transaction of the rows: after a lost connection that tells whether
/// the last COMMIT was done.
///
/// | SQLSTATE | what it does |
/// |---|---|
/// | 23505 | writes the batch through a staging table and counts what was there already |
/// | other 22, 23, 44, P0 | halves the batch until the row is found: it goes to `rejected_trades` |
/// | 08, 40, 53, 55, 57, 58, 25, I/O | tries again with growing pauses; one WARN when it begins, one INFO when it
/// is over |
/// | anything else | says it once as an ERROR and tries again slowly: a person has to mend it |
public final class Writer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Writer.class);
    /// After one batch with duplicates others are likely: a COPY that fails leaves dead rows behind.
    private static final int SLOW_BATCHES = 8;

    private static final Duration POLL = Duration.ofMillis(20);

    private final Database database;
    private final DataSource source;
    private final JournalTail tail;
    private final InstantSource clock;
    private final WriterPace pace;
    private final Commit.Listener listener;
    private final TradeTable table;
    private final InstrumentIds ids = new InstrumentIds();
    private final ExecutorService reader = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("journal-tail").factory());
    private final Thread thread;

    private volatile WriterStatus status =
            new WriterStatus(State.STARTING, -1, 0, 0, 0, 0, 0, Duration.ZERO, null, null);
    private volatile boolean busy;
    private volatile boolean draining;
    private volatile boolean stopped;
    private volatile long newest;
    private final AtomicLong turns = new AtomicLong();
    private volatile @Nullable Connection connection;

    // Used by the writer's thread only.
    private @Nullable BatchTransaction transaction;
    private int slowBatches;
    private Duration pause;
    private boolean inTrouble;

    public Writer(Database database, JournalTail tail, InstantSource clock) {
        this(database, tail, clock, WriterPace.DEFAULT, _ -> {});
    }

    /// @param tail     its one user is this writer, which does not close it
    /// @param listener hears of every commit
    public Writer(Database database, JournalTail tail, InstantSource clock, WriterPace pace, Commit.Listener listener) {
        this.database = database;
        this.source = database.server().source("metdc-writer", pace.statementTimeout());
        this.tail = tail;
        this.clock = clock;
        this.pace = pace;
        this.listener = listener;
        this.table = database.table();
        this.pause = pace.firstPause();
        this.thread = Thread.ofPlatform().name("writer").unstarted(this::run);
    }

    /// Starts its threads and returns at once.
    public void start() {
        thread.start();
    }

    /// Writes what is in the journal at this moment, then ends. Nothing may be appended any more, else that may
    /// remain.
    ///
    /// @return false when it did not get that far in time: the rest stays in the journal
    public boolean stop(Duration within) throws InterruptedException {
        draining = true;
        if (thread.getState() != Thread.State.NEW) {
            thread.join(within);
        }
        boolean done = !thread.isAlive();
        close();
        return done && status().lag() == 0;
    }

    /// Ends at once; what is not committed stays in the journal.
    @Override
    public void close() {
        stopped = true;
        reader.shutdownNow();
        if (thread.getState() == Thread.State.NEW) {
            return;
        }
        thread.interrupt();
        try {
            Connection open = connection;
            if (!thread.join(Duration.ofSeconds(2)) && open != null) {
                open.abort(Runnable::run); // an interrupt does not end a wait for the server
            }
            thread.join(Duration.ofSeconds(3));
            if (!reader.awaitTermination(5, TimeUnit.SECONDS)) {
                log.warn("the journal's reader did not end within 5 s");
            }
        } catch (SQLException e) {
            log.debug("ending the writer's connection", e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    public WriterStatus status() {
        WriterStatus now = status;
        return now.behind(tail.bytes(Math.max(0, now.position()), newest));
    }

    /// Grows with each attempt, and some times a second when there is nothing to do: whoever sees it stand still knows
    /// that the writer waits for something that does not come. Any thread may ask.
    public long turns() {
        return turns.get();
    }

    /// Takes a connection away on which the writer may wait for ever; it tries again on a new one, and finds out there
    /// how far it is. Any thread.
    public void reconnect() {
        Connection open = connection;
        if (open != null) {
            try {
                open.abort(Runnable::run);
            } catch (SQLException e) {
                log.warn("the writer's connection cannot be taken away: {}", e.getMessage());
            }
        }
    }

    // ---- the writer's thread

    private void run() {
        try {
            while (!stopped && !writeFrom(startingPosition())) {
                // The position had moved: begin again from where it is.
            }
        } catch (InterruptedException _) {
            // The only stop signal.
        } catch (RuntimeException | Error e) {
            log.error("the writer has ended: trades stay in the journal", e);
            throw e;
        } finally {
            disconnect();
            set(State.STOPPED, null);
        }
    }

    /// Asks the database how far it is and sets the tail there, for as long as it takes.
    private long startingPosition() throws InterruptedException {
        while (true) {
            turns.incrementAndGet();
            try {
                BatchTransaction connected = connected();
                long first = onTail(tail::oldest);
                enterWhatAnotherJournalHeld();
                long position = connected.position(first);
                long end = onTail(tail::newest);
                if (position < first) {
                    log.error(
                            "what was received between {} and {} is lost: the database has everything up to the one, as"
                                    + " after it was put back from a backup, and the oldest segment that the journal still has"
                                    + " is of the other (positions {} and {}); a longer journal.keep would have bridged more",
                            connected.storedAt(),
                            tail.oldestAt(),
                            position,
                            first);
                    enterLost();
                    connected.setPosition(first);
                    position = first;
                } else if (position > end) {
                    log.warn(
                            "the journal ends at {}, and the database has it up to {}: its end was lost, not the trades",
                            end,
                            position);
                    connected.setPosition(end);
                    position = end;
                }
                long start = position;
                onTail(() -> {
                    tail.seek(start);
                    tail.committed(start);
                    return start;
                });
                overcome();
                committed(start, BatchTransaction.Outcome.NOTHING, null, Duration.ZERO);
                return start;
            } catch (SQLException | IOException e) {
                wait(e);
            }
        }
    }

    /// A journal that the database does not know, where it knows another, is a new one in the place of
    /// that. In the transaction that enters its position.
    private void enterWhatAnotherJournalHeld() throws SQLException {
        Connection own = java.util.Objects.requireNonNull(connection);
        own.setAutoCommit(false);
        if (LostJournal.isReplaced(own, tail.journal())) {
            log.error(
                    "the journal {} is another one than the database was filled from: what was received before {} and not"
                            + " stored by then is lost, as after its folder was deleted ({} instruments, see the ledger)",
                    tail.journal(),
                    tail.oldestAt(),
                    enterLost());
        }
    }

    /// @return how many instruments may have lost something
    private int enterLost() throws SQLException {
        Connection own = java.util.Objects.requireNonNull(connection);
        own.setAutoCommit(false);
        return LostJournal.enter(own, tail.oldestAt(), clock.instant());
    }

    /// @return true when everything is written and that was wanted; false when the position had moved
    private boolean writeFrom(long position) throws InterruptedException {
        boolean last = draining; // before the read begins: what it does not find then is not there
        Future<WriteBatch> next = reader.submit(() -> read(position));
        while (true) {
            turns.incrementAndGet();
            WriteBatch batch;
            try {
                batch = get(next);
                if (last && batch.isEmpty()) {
                    onTail(
                            () -> { // waited for, since what is only handed over may be dropped with the thread
                                tail.committed(batch.to());
                                return batch.to();
                            });
                    return true;
                }
            } catch (IOException e) {
                wait(e);
                return false;
            }
            if (batch.isEmpty()) {
                last = draining;
                next = reader.submit(() -> read(batch.to()));
                continue;
            }
            busy = true;
            last = draining;
            next = reader.submit(() -> read(batch.to()));
            boolean written;
            try {
                written = write(batch);
            } finally {
                busy = false;
            }
            if (!written) {
                abandon(next);
                return false;
            }
            onTailLater(batch.to());
        }
    }

    /// Writes one batch, however long it takes.
    ///
    /// @return false when the position in the database is an unexpected one
    private boolean write(WriteBatch batch) throws InterruptedException {
        while (true) {
            turns.incrementAndGet();
            long started = System.nanoTime();
            try {
                BatchTransaction connected = connected();
                enterInstruments(batch);
                Connection own = java.util.Objects.requireNonNull(connection);
                own.setAutoCommit(true);
                table.ensure(own, batch.hours());
                BatchTransaction.Outcome outcome = write(connected, batch);
                overcome();
                committed(batch.to(), outcome, batch, Duration.ofNanos(System.nanoTime() - started));
                return true;
            } catch (BatchTransaction.MovedException e) {
                log.error(
                        "the journal's position in the database is {}, expected was {}: another metdc writes from this journal, or"
                                + " the database is an older copy; going on from there",
                        e.position(),
                        batch.from());
                disconnect();
                return false;
            } catch (SQLException e) {
                wait(e);
            }
        }
    }

    private BatchTransaction.Outcome write(BatchTransaction connected, WriteBatch batch)
            throws SQLException, BatchTransaction.MovedException {
        long heldFrom = Hours.of(clock.instant()) - Maintenance.HELD_HOURS + 1;
        if (slowBatches == 0) {
            try {
                return connected.write(batch, true, heldFrom);
            } catch (SQLException e) {
                Trouble trouble = Trouble.of(e);
                if (trouble != Trouble.DUPLICATE && trouble != Trouble.ROW) {
                    throw e;
                }
                if (trouble == Trouble.DUPLICATE) {
                    slowBatches = SLOW_BATCHES;
                } else { // perhaps a partition that went away
                    table.forget();
                    Connection own = java.util.Objects.requireNonNull(connection);
                    own.setAutoCommit(true);
                    table.ensure(own, batch.hours());
                }
            }
        }
        BatchTransaction.Outcome outcome = connected.write(batch, false, heldFrom);
        slowBatches = outcome.duplicate() > 0 ? SLOW_BATCHES : Math.max(0, slowBatches - 1);
        return outcome;
    }

    /// In a transaction of its own: an id stays good whatever becomes of the batch.
    private void enterInstruments(WriteBatch batch) throws SQLException {
        Map<Instrument, Instant> missing = ids.missing(batch.parts(), clock.instant());
        if (missing.isEmpty()) {
            return;
        }
        Connection own = java.util.Objects.requireNonNull(connection);
        own.setAutoCommit(false);
        Map<Instrument, Integer> entered = InstrumentIds.enter(own, missing);
        own.commit();
        ids.remember(entered);
    }

    private BatchTransaction connected() throws SQLException, InterruptedException {
        BatchTransaction current = transaction;
        if (current != null) {
            return current;
        }
        database.server().revive();
        Connection fresh = source.getConnection();
        connection = fresh;
        ids.forget();
        table.forget();
        table.prepare(fresh);
        current = new BatchTransaction(fresh, tail.journal(), ids);
        transaction = current;
        return current;
    }

    private void disconnect() {
        Connection old = connection;
        connection = null;
        transaction = null;
        if (old != null) {
            try {
                old.close();
            } catch (SQLException e) {
                log.debug("closing a lost connection", e);
            }
        }
    }

    // ---- trouble

    private void wait(Exception error) throws InterruptedException {
        if (stopped || Thread.currentThread().isInterrupted()) {
            throw new InterruptedException();
        }
        disconnect();
        boolean passes = error instanceof IOException || Trouble.of(error) == Trouble.PASSES;
        String state = Trouble.sqlState(error);
        String what = Trouble.oneLine(error) + (state == null ? "" : " (SQLSTATE " + state + ")");
        if (!inTrouble) {
            inTrouble = true;
            if (passes) {
                log.warn("trades stay in the journal, trying again: {}", what);
            } else {
                log.error("trades stay in the journal until this is mended: {}", what);
            }
        }
        set(passes ? State.WAITING : State.BLOCKED, what);
        Thread.sleep(passes ? pause : pace.blockedPause());
        Duration doubled = pause.multipliedBy(2);
        pause = doubled.compareTo(pace.longestPause()) > 0 ? pace.longestPause() : doubled;
    }

    private void overcome() {
        pause = pace.firstPause();
        if (inTrouble) {
            inTrouble = false;
            log.info("the database takes trades again");
        }
    }

    private void committed(long position, BatchTransaction.Outcome outcome, @Nullable WriteBatch batch, Duration took) {
        WriterStatus old = status;
        Instant now = clock.instant();
        status = new WriterStatus(
                State.WRITING,
                position,
                0,
                old.stored() + outcome.stored(),
                old.duplicate() + outcome.duplicate(),
                old.rejected() + outcome.rejected(),
                old.batches() + (batch == null ? 0 : 1),
                took,
                batch == null ? old.lastAt() : now,
                null);
        if (batch != null) {
            long oldest = batch.oldestReceivedNanos();
            listener.committed(new Commit(
                    outcome.stored(),
                    outcome.duplicate(),
                    outcome.rejected(),
                    now,
                    took,
                    oldest == Long.MAX_VALUE ? null : Nanos.instant(oldest)));
        }
    }

    private void set(State state, @Nullable String trouble) {
        WriterStatus old = status;
        status = new WriterStatus(
                state,
                old.position(),
                0,
                old.stored(),
                old.duplicate(),
                old.rejected(),
                old.batches(),
                old.lastCommit(),
                old.lastAt(),
                trouble);
    }

    // ---- the tail's thread

    @FunctionalInterface
    private interface TailCall {
        long call() throws IOException;
    }

    private long onTail(TailCall call) throws IOException, InterruptedException {
        return get(reader.submit(call::call));
    }

    private void onTailLater(long committed) {
        reader.execute(() -> tail.committed(committed));
    }

    private static <T> T get(Future<T> future) throws IOException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case InterruptedException _ -> throw new InterruptedException();
                case null, default -> throw new IllegalStateException("the journal cannot be read", e.getCause());
            }
        }
    }

    /// A batch that was read ahead from a position that does not hold any more.
    private static void abandon(Future<WriteBatch> next) throws InterruptedException {
        next.cancel(true);
        try {
            next.get(5, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException | java.util.concurrent.CancellationException _) {
            // Whatever came of it is read again.
        }
    }

    /// Collects a batch: until it is full, or the one before is written and this one is large or old enough.
    private WriteBatch read(long from) throws IOException, InterruptedException {
        WriteBatch batch = new WriteBatch(from);
        long deadline = 0;
        while (batch.entries() < pace.maxRows()) {
            if (!batch.isEmpty() && !busy) {
                boolean old = System.nanoTime() - deadline >= 0;
                if (old || draining || batch.entries() >= pace.minRows()) {
                    break;
                }
            }
            Duration wait = batch.isEmpty() ? (draining ? Duration.ZERO : pace.maxAge()) : POLL;
            JournalTail.Batch more = tail.read(pace.maxRows() - batch.entries(), wait);
            newest = tail.newest();
            if (more.to() == batch.to()) {
                if (batch.isEmpty()) {
                    return batch;
                }
                continue;
            }
            if (batch.isEmpty()) {
                deadline = System.nanoTime() + pace.maxAge().toNanos();
            }
            for (Entry entry : more.entries()) {
                batch.add(entry);
            }
            batch.reached(more.to());
        }
        batch.sort();
        return batch;
    }
}

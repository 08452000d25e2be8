package io.metdc.completeness;

import io.metdc.connectors.Sink;
import io.metdc.market.Instrument;
import io.metdc.market.Row;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.atomic.SpscAtomicArrayQueue;
import org.jspecify.annotations.Nullable;

/// The way of one connection's rows to the journal thread: bounded, one thread puts in, one takes out, no
/// lock.
///
/// When it is full the reader waits, and with it the exchange, but no longer than allowed, since a reader
/// that waits misses pings and is cut off. What then finds no room is counted as rejected by overflow and
/// entered as a hole. Until there is room again, further rows are counted without waiting.
public final class Ring implements Sink, AutoCloseable {
    private static final long STEP_NANOS = 200_000;
    private static final long NONE = Long.MAX_VALUE;

    private final String connection;
    private final SpscAtomicArrayQueue<Row> rows;
    private final long waitNanos;
    private final Object ledger = new Object();
    private Map<Instrument, Overflow> overflows = new HashMap<>(); // guarded by ledger
    private long oldestOverflowNanos = NONE; // guarded by ledger
    private volatile boolean overflowing; // the ledger has something
    private volatile boolean closed;
    private volatile boolean gone;
    private volatile long unplacedNanos = NONE; // of the row that finds no room at the moment
    private boolean full; // the reader's: the last row found no room
    private long lingeredSince; // the journal thread's

    Ring(String connection, int capacity, Duration wait) {
        this.connection = connection;
        this.rows = new SpscAtomicArrayQueue<>(capacity);
        this.waitNanos = wait.toNanos();
    }

    /// Called by one thread, the connection's reader.
    ///
    /// @throws IllegalStateException when the ring was closed and emptied, or the intake was stopped
    @Override
    public void accept(Row row) {
        if (gone) {
            throw new IllegalStateException("the ring of " + connection + " is closed");
        }
        if (rows.offer(row)) {
            full = false;
            return;
        }
        unplacedNanos = row.receivedAtNanos();
        if (full || !offerWaiting(row)) {
            full = true;
            synchronized (ledger) {
                overflows
                        .computeIfAbsent(row.instrument(), _ -> new Overflow(row))
                        .add(row);
                oldestOverflowNanos = Math.min(oldestOverflowNanos, row.receivedAtNanos());
                overflowing = true;
            }
        }
        unplacedNanos = NONE;
    }

    private boolean offerWaiting(Row row) {
        long deadline = System.nanoTime() + waitNanos;
        boolean interrupted = false;
        boolean done = false;
        while (!done && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(this, STEP_NANOS);
            interrupted |= Thread.interrupted(); // else it would no longer park
            done = rows.offer(row);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return done;
    }

    /// The session has ended: nothing more comes. What is in here is still journaled.
    @Override
    public void close() {
        closed = true;
    }

    /// Rows that wait for the journal thread.
    public int size() {
        return rows.size();
    }

    public String connection() {
        return connection;
    }

    /// The next row, which stays; null when there is none. For the journal thread.
    @Nullable
    Row peek() {
        return rows.peek();
    }

    void remove() {
        rows.poll();
    }

    boolean isOverflowing() {
        return overflowing;
    }

    boolean isClosed() {
        return closed;
    }

    List<Overflow> takeOverflows() {
        synchronized (ledger) {
            List<Overflow> taken = new ArrayList<>(overflows.values());
            overflows = new HashMap<>();
            oldestOverflowNanos = NONE;
            overflowing = false;
            return taken;
        }
    }

    /// Whether everything received before this time has been taken out. For the journal thread.
    boolean isPast(long nanos) {
        Row head = rows.peek();
        if ((head != null && head.receivedAtNanos() < nanos) || unplacedNanos < nanos) {
            return false;
        }
        if (!overflowing) {
            return true;
        }
        synchronized (ledger) {
            return oldestOverflowNanos >= nanos;
        }
    }

    /// Whether it is closed and has been empty for so long that no reader can still be about to put
    /// something in.
    boolean isOver(long ticks, long lingerNanos) {
        if (!closed || !rows.isEmpty() || overflowing) {
            lingeredSince = 0;
            return false;
        }
        if (lingeredSince == 0) {
            lingeredSince = ticks;
        }
        return ticks - lingeredSince >= lingerNanos;
    }

    void gone() {
        gone = true;
    }
}

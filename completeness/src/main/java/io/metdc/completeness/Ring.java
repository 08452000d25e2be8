package io.metdc.completeness;

import io.metdc.connectors.Sink;
import io.metdc.market.Instrument;
import io.metdc.market.Nanos;
import io.metdc.market.Row;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jctools.queues.atomic.SpscAtomicArrayQueue;
import org.jspecify.annotations.Nullable;

/// The way of one connection's rows to the journal thread: bounded, one thread puts in, one takes out, no
/// lock.
///
/// When it is full the reader waits, and with it the exchange, but no longer than allowed, since a reader
/// that waits misses pings and is cut off. What then finds no room is counted as rejected by overflow and
/// entered as a hole. Until there is room again, further rows are counted without waiting.
public final class Ring implements Sink, AutoCloseable {
    /// How its rows come.
    enum Way {
        STREAM,
        /// Asked for by REST.
        ASKED,
        /// Asked for by REST since the database has not got them: none is taken for a repeated one.
        MISSED
    }

    private static final long STEP_NANOS = 200_000;
    private static final long NONE = Long.MAX_VALUE;

    final Way way;
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
    private final Consumer<Told> told;
    private final Set<Account> carried = new HashSet<>(); // the journal thread's
    private final IdentityHashMap<Account, Pulse> pulses = new IdentityHashMap<>(); // the journal thread's
    private final ConcurrentMap<Instrument.Key, Pulse> pulseOf = new ConcurrentHashMap<>(); // the same ones

    /// @param told takes what is said of the connection
    Ring(String connection, Way way, int capacity, Duration wait, Consumer<Told> told) {
        this.way = way;
        this.told = told;
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

    /// From now on the connection carries these too, without a break until it says so. Any thread may call it.
    ///
    /// @param at when that was so, our clock
    public void carries(List<Instrument> instruments, Instant at) {
        long nanos = Nanos.of(at);
        instruments.forEach(instrument -> told.accept(new Told.Carried(this, instrument, nanos)));
    }

    /// Nobody wants these any more on this connection. Any thread may call it.
    public void leaves(List<Instrument> instruments) {
        instruments.forEach(instrument -> told.accept(new Told.Left(this, instrument)));
    }

    /// An instrument trades, and its trades do not come on this connection. Any thread may call it.
    public void silent(Instrument instrument) {
        told.accept(new Told.Silent(this, instrument));
    }

    /// The connection has ended. What it carried may lack trades from then on. Any thread may call it.
    ///
    /// @param at when it last gave anything, our clock
    public void broke(Instant at) {
        told.accept(new Told.Broke(this, Nanos.of(at)));
    }

    /// How many rows that REST brought one of its rows is.
    int byRest() {
        return way == Way.STREAM ? 0 : 1;
    }

    /// What an instrument gave on this connection; null before its first trade. A snapshot proves nothing and does
    /// not count. Any thread may ask.
    public @Nullable Pulse pulse(Instrument.Key instrument) {
        return pulseOf.get(instrument);
    }

    /// For the journal thread.
    Pulse pulse(Account account) {
        Pulse pulse = pulses.get(account);
        if (pulse == null) {
            pulse = pulseOf.computeIfAbsent(account.instrument.key(), _ -> new Pulse());
            pulses.put(account, pulse);
        }
        return pulse;
    }

    /// Waits until everything that was put in is taken out.
    public void awaitEmpty() throws InterruptedException {
        while (!rows.isEmpty()) {
            LockSupport.parkNanos(this, STEP_NANOS);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    /// Whether it carries an instrument whose numbers prove nothing. For the journal thread.
    boolean carries(Account account) {
        return carried.contains(account);
    }

    /// What it carries, for the journal thread.
    Set<Account> carried() {
        return carried;
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

    /// Whether everything received before this time has been taken out. Any thread may ask.
    ///
    /// @param nanos since the epoch, our clock
    public boolean isPast(long nanos) {
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

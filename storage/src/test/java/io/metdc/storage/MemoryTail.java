package io.metdc.storage;

import io.metdc.storage.journal.Entry;
import io.metdc.storage.journal.JournalTail;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A journal in memory: an entry takes ten positions.
final class MemoryTail implements JournalTail {
    static final long STEP = 10;

    private final UUID id;
    private final List<Entry> entries = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition more = lock.newCondition();
    private long position;
    private volatile long committed = -1;

    MemoryTail() {
        this(UUID.randomUUID());
    }

    MemoryTail(UUID id) {
        this.id = id;
    }

    void append(Collection<? extends Entry> added) {
        lock.lock();
        try {
            entries.addAll(added);
            more.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void append(Entry... added) {
        append(List.of(added));
    }

    long lastCommitted() {
        return committed;
    }

    @Override
    public UUID journal() {
        return id;
    }

    @Override
    public long oldest() {
        return 0;
    }

    @Override
    public Instant oldestAt() {
        return Trades.NOW;
    }

    @Override
    public long bytes(long from, long to) {
        return Math.max(0, to - from);
    }

    @Override
    public long newest() {
        lock.lock();
        try {
            return entries.size() * STEP;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void seek(long wanted) throws IOException {
        if (wanted % STEP != 0 || wanted > newest()) {
            throw new IOException("no such position: " + wanted);
        }
        position = wanted;
    }

    @Override
    public Batch read(int maxEntries, Duration wait) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long nanos = wait.toNanos();
            while (position == newest() && nanos > 0) {
                nanos = more.awaitNanos(nanos);
            }
            long from = position;
            int first = Math.toIntExact(from / STEP);
            int end = Math.min(entries.size(), first + maxEntries);
            position = end * STEP;
            return new Batch(from, position, List.copyOf(entries.subList(first, end)));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void committed(long upTo) {
        committed = upTo;
    }

    @Override
    public void close() {}
}

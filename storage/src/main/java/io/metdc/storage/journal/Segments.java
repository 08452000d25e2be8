package io.metdc.storage.journal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The segment files of one journal, shared by the thread that appends and those that read: which there
/// are, how far they are written, and which may go.
final class Segments {
    private static final Logger log = LoggerFactory.getLogger(Segments.class);
    private static final int MOST_DAMAGES_NAMED = 1000;

    private final UUID journal;
    private final JournalSettings settings;
    private final InstantSource clock;
    private final ConcurrentSkipListMap<Long, Segment> byFirst = new ConcurrentSkipListMap<>();
    private final AtomicLong bytes = new AtomicLong();
    private final List<Thread> waiting = new CopyOnWriteArrayList<>();
    private final Set<Long> damagesNamed = ConcurrentHashMap.newKeySet();
    private volatile long written;
    private volatile long committed = -1;

    /// One file.
    static final class Segment {
        final Path path;
        final long first;
        volatile long length;
        /// When all of it was known to be in the database; null before.
        volatile @Nullable Instant committedAt;

        Segment(Path path, long first, long length) {
            this.path = path;
            this.first = first;
            this.length = length;
        }
    }

    Segments(UUID journal, JournalSettings settings, InstantSource clock) {
        this.journal = journal;
        this.settings = settings;
        this.clock = clock;
    }

    UUID journal() {
        return journal;
    }

    /// Adds a segment behind all others.
    void add(Segment segment) {
        byFirst.put(segment.first, segment);
        bytes.addAndGet(segment.length);
    }

    void grow(Segment segment, long length) {
        bytes.addAndGet(length - segment.length);
        segment.length = length;
    }

    /// All segments, in bytes.
    long bytes() {
        return bytes.get();
    }

    Segment oldest() {
        return byFirst.firstEntry().getValue();
    }

    Segment newest() {
        return byFirst.lastEntry().getValue();
    }

    @Nullable
    Segment after(Segment segment) {
        var next = byFirst.higherEntry(segment.first);
        return next == null ? null : next.getValue();
    }

    @Nullable
    Segment at(long position) {
        var found = byFirst.floorEntry(position);
        return found == null ? null : found.getValue();
    }

    Iterable<Segment> newestFirst() {
        return byFirst.descendingMap().values();
    }

    Iterable<Segment> from(Segment segment) {
        return byFirst.tailMap(segment.first).values();
    }

    /// The position behind the last byte that is written out.
    long written() {
        return written;
    }

    /// Everything before this position is written out. To be called after the segment that holds it was
    /// added.
    void written(long position) {
        written = position;
        for (Thread reader : waiting) {
            LockSupport.unpark(reader);
        }
    }

    /// Waits until there is something behind this position.
    ///
    /// @param deadline of [System#nanoTime()]
    /// @return false when nothing came in time
    boolean await(long position, long deadline) throws InterruptedException {
        Thread reader = Thread.currentThread();
        if (written <= position) {
            waiting.add(reader);
            try {
                long left;
                while (written <= position && (left = deadline - System.nanoTime()) > 0) {
                    LockSupport.parkNanos(this, left);
                    if (Thread.interrupted()) {
                        throw new InterruptedException("interrupted while waiting for the journal");
                    }
                }
            } finally {
                waiting.remove(reader);
            }
        }
        return written > position;
    }

    /// Everything before this position is in the database.
    synchronized void committed(long position) {
        if (position <= committed) {
            return;
        }
        boolean first = committed < 0;
        committed = position;
        for (Segment segment : byFirst.headMap(position).values()) {
            if (segment.committedAt == null && isCommitted(segment)) {
                // A segment that an earlier run saw committed bears the time of that; see below.
                segment.committedAt = first ? fileTime(segment) : mark(segment);
            }
        }
        deleteOld();
    }

    /// How many more bytes may be written: what is committed makes room where that is needed.
    boolean hasRoomFor(long more) {
        if (bytes.get() + more <= settings.maxBytes()) {
            return true;
        }
        deleteOld();
        return bytes.get() + more <= settings.maxBytes();
    }

    /// Deletes, oldest first, what is committed and either kept long enough or in the way of the next
    /// segment.
    synchronized void deleteOld() {
        Instant old = clock.instant().minus(settings.keep());
        for (Segment segment : byFirst.values()) {
            Instant since = segment.committedAt;
            boolean crowded = bytes.get() + settings.segmentBytes() > settings.maxBytes();
            if (since == null || after(segment) == null || (since.isAfter(old) && !crowded)) {
                return;
            }
            try {
                Files.deleteIfExists(segment.path);
            } catch (IOException e) {
                log.warn("The journal segment {} cannot be deleted: {}", segment.path, e.toString());
                return;
            }
            byFirst.remove(segment.first);
            bytes.addAndGet(-segment.length);
        }
    }

    private boolean isCommitted(Segment segment) {
        Segment next = after(segment);
        return next != null
                && next.first <= committed; // so that the stored position is never older than all that is kept
    }

    /// The file's own time says when it was committed, so that the next run knows.
    private Instant mark(Segment segment) {
        Instant now = clock.instant();
        try {
            Files.setLastModifiedTime(segment.path, FileTime.from(now));
        } catch (IOException e) {
            log.debug("No time on {}: {}", segment.path, e.toString());
        }
        return now;
    }

    private Instant fileTime(Segment segment) {
        try {
            return Files.getLastModifiedTime(segment.path).toInstant();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Says once for each place that a stretch of a segment cannot be read.
    void damaged(long from, long to) {
        if (damagesNamed.size() < MOST_DAMAGES_NAMED && damagesNamed.add(from)) {
            Segment segment = at(from);
            log.warn(
                    "Journal segment {}: {} bytes from offset {} on are damaged and passed over",
                    segment == null ? "?" : segment.path,
                    to - from,
                    segment == null ? from : from - segment.first);
        }
    }

    /// Says that records were passed over because a damaged block held the definition of their instrument.
    void lost(Segment segment, long records) {
        if (records > 0) {
            log.warn(
                    "Journal segment {}: {} records are passed over, their instruments were defined in a damaged block",
                    segment.path,
                    records);
        }
    }
}

package io.metdc.storage.journal;

import io.metdc.market.Nanos;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
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
import java.util.concurrent.atomic.LongAdder;
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
    private final Path directory;
    private final @Nullable FileStore disk; // null: it cannot be asked how full it is
    private final JournalSettings settings;
    private final InstantSource clock;
    private final ConcurrentSkipListMap<Long, Segment> byFirst = new ConcurrentSkipListMap<>();
    private final AtomicLong bytes = new AtomicLong();
    private final List<Thread> waiting = new CopyOnWriteArrayList<>();
    private final Set<Long> damagesNamed = ConcurrentHashMap.newKeySet();
    private final Set<Long> missingBefore = ConcurrentHashMap.newKeySet(); // first positions of segments
    private volatile long written;
    private final LongAdder damagedStretches = new LongAdder();
    private final LongAdder damagedBytes = new LongAdder();
    private volatile long committed = -1;
    private boolean undeletable; // under the lock: that was said

    /// One file.
    static final class Segment {
        final Path path;
        final long first;
        /// When it was begun, by the clock of then.
        final Instant begunAt;
        volatile long length;
        /// When all of it was known to be in the database; null before.
        volatile @Nullable Instant committedAt;

        Segment(Path path, long first, Instant begunAt, long length) {
            this.path = path;
            this.first = first;
            this.begunAt = begunAt;
            this.length = length;
        }

        long end() {
            return first + length;
        }
    }

    Segments(UUID journal, Path directory, JournalSettings settings, InstantSource clock) {
        this.journal = journal;
        this.directory = directory;
        this.disk = disk(directory);
        this.settings = settings;
        this.clock = clock;
    }

    private static @Nullable FileStore disk(Path directory) {
        try {
            return Files.getFileStore(directory);
        } catch (IOException e) {
            log.warn("How full the disk of {} is cannot be asked: {}", directory, e.toString());
            return null;
        }
    }

    UUID journal() {
        return journal;
    }

    /// Adds a segment behind all others.
    void add(Segment segment) {
        byFirst.put(segment.first, segment);
        bytes.addAndGet(segment.length);
    }

    /// Gives a segment another length.
    void grow(Segment segment, long length) {
        bytes.addAndGet(length - segment.length);
        segment.length = length;
    }

    /// All segments, in bytes.
    long bytes() {
        return bytes.get();
    }

    /// Those bytes of them that lie between two positions.
    long bytes(long from, long to) {
        long sum = 0;
        Segment first = at(from);
        for (Segment segment : first == null ? byFirst.values() : from(first)) {
            sum += Math.max(0, Math.min(segment.end(), to) - Math.max(segment.first, from));
        }
        return sum;
    }

    /// Segments that must stay, in bytes: they hold what is not in the database, or are written to.
    long heldBytes() {
        long held = 0;
        for (Segment segment : byFirst.values()) {
            if (segment.committedAt == null || after(segment) == null) {
                held += segment.length;
            }
        }
        return held;
    }

    /// How full the journal and its disk are.
    Fill fill() {
        long used = 0;
        long free = Long.MAX_VALUE;
        FileStore store = disk;
        if (store != null) {
            try {
                free = store.getUsableSpace();
                used = store.getTotalSpace() - store.getUnallocatedSpace();
            } catch (IOException e) {
                log.debug("The disk of {} cannot be asked", directory, e);
            }
        }
        long held = heldBytes();
        boolean room = held + settings.segmentBytes() <= settings.maxBytes() && free >= settings.segmentBytes();
        return new Fill(held, settings.maxBytes(), used, free, room);
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
    Segment before(Segment segment) {
        var before = byFirst.lowerEntry(segment.first);
        return before == null ? null : before.getValue();
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

    /// Everything before this position is in the database, and not what is behind it.
    synchronized void committed(long position) {
        if (position == committed) {
            return;
        }
        boolean first = committed < 0;
        boolean back = position < committed;
        committed = position;
        if (back) { // an older copy of the database is there now
            for (Segment segment : byFirst.values()) {
                if (!isCommitted(segment)) {
                    segment.committedAt = null;
                }
            }
        }
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
    ///
    /// @return whether any was
    synchronized boolean deleteOld() {
        boolean deleted = false;
        Instant now = clock.instant();
        Instant old = now.minus(settings.keep());
        for (Segment segment :
                byFirst.values()) { // where the clock was set back: else it would stay for so much longer
            Instant since = segment.committedAt;
            if (since != null && since.isAfter(now)) {
                segment.committedAt = now;
            }
        }
        for (Segment segment : byFirst.values()) {
            Instant since = segment.committedAt;
            if (since == null || after(segment) == null) {
                return deleted;
            }
            if (since.isAfter(old) && !isCrowded()) {
                return deleted;
            }
            try {
                Files.deleteIfExists(segment.path);
                undeletable = false;
            } catch (IOException e) {
                if (!undeletable) {
                    undeletable = true;
                    log.warn("The journal segment {} cannot be deleted: {}", segment.path, e.toString());
                }
                return deleted;
            }
            byFirst.remove(segment.first);
            bytes.addAndGet(-segment.length);
            deleted = true;
        }
        return deleted;
    }

    /// Whether the next segment would find no room in the journal or on the disk.
    private boolean isCrowded() {
        FileStore store = disk;
        if (bytes.get() + settings.segmentBytes() > settings.maxBytes()) {
            return true;
        }
        try {
            return store != null && store.getUsableSpace() < settings.segmentBytes();
        } catch (IOException e) {
            return false;
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

    /// Says once for each place that a stretch of a segment cannot be read, and counts it.
    void damaged(long from, long to) {
        if (isFirstTime(from, to)) {
            Segment segment = at(from);
            log.error(
                    "Journal segment {}: {} bytes from offset {} on (position {}) are damaged and passed over; what was"
                            + " in them and is not in the database is lost, what follows is used",
                    segment == null ? "?" : segment.path,
                    to - from,
                    segment == null ? from : from - segment.first,
                    from);
        }
    }

    /// Says that a stretch between two segments is not there any more, and counts it.
    void missing(Segment before, Segment next) {
        missingBefore.add(next.first);
        if (isFirstTime(before.end(), next.first)) {
            log.error(
                    "Journal segment {} ends at position {}, and the next one, {}, begins at {}: {} bytes between them are"
                            + " gone; what was in them and is not in the database is lost, what follows is used",
                    before.path,
                    before.end(),
                    next.path.getFileName(),
                    next.first,
                    next.first - before.end());
        }
    }

    /// Says that the end of what an earlier run acknowledged is not there any more, as after a power
    /// failure, and counts it.
    void endLost(long from, long to) {
        if (isFirstTime(from, to)) {
            log.error(
                    "The journal in {} ends at position {}, and everything up to {} was written: the last {} bytes are gone,"
                            + " and what was in them and is not in the database is lost",
                    directory,
                    from,
                    to,
                    to - from);
        }
    }

    /// Whether a stretch before this segment is not there any more.
    boolean isMissingBefore(Segment segment) {
        return missingBefore.contains(segment.first);
    }

    /// What may have been in a stretch that cannot be read; empty when that cannot be found out.
    List<Entry.HoleOpened> holes(long from, long to) {
        try {
            return LostStretch.holes(this, from, to, Nanos.of(clock.instant()));
        } catch (IOException e) {
            log.error(
                    "Which trades the stretch of the journal from position {} on may have held is not known", from, e);
            return List.of();
        }
    }

    private boolean isFirstTime(long from, long to) {
        if (damagesNamed.size() >= MOST_DAMAGES_NAMED || !damagesNamed.add(from)) {
            return false;
        }
        damagedStretches.increment();
        damagedBytes.add(to - from);
        return true;
    }

    /// Says that records were passed over because a damaged block held the definition of their instrument.
    void lost(Segment segment, long records) {
        if (records > 0) {
            log.error(
                    "Journal segment {}: {} records are passed over, their instruments were defined in a damaged block",
                    segment.path,
                    records);
        }
    }

    Damage damage() {
        return new Damage(damagedStretches.sum(), damagedBytes.sum());
    }
}

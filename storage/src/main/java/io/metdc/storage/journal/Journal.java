package io.metdc.storage.journal;

import io.metdc.market.Consumed;
import io.metdc.market.Instrument;
import io.metdc.market.Nanos;
import io.metdc.market.Trade;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The appending side of a journal. Opened by any thread, then used by one: the journal thread.
///
/// Entries are put into a buffer, which becomes one block of the newest segment when it is full or old
/// enough. What is written out is acknowledged: it survives the process. Forcing it to the disk, so that it
/// survives the machine, is left to a thread of its own, because a disk under load can take seconds for it.
///
/// When the disk does not take a block, or the journal has reached its size while the database does not
/// take what is in it, the block stays in the buffer and is tried again; once that is full, nothing more is
/// accepted, and the caller holds back what it has. The log says so once, and once when it goes on.
///
/// So the rule for what is too much is: what is not in the database is never deleted or written over, the
/// newest gives way. What is in the database goes before its time, oldest first, where the journal's size
/// or the disk needs the room.
///
/// Positions never mean two things. A run of the program goes on where the last one ended, or at a position
/// that the time gives, whichever is higher: the latter is beyond all that was ever written, also where the
/// folder is an older copy and the database knows of more than is in it.
public final class Journal implements AutoCloseable {
    /// From so many bytes on a block is written out.
    static final int BLOCK = 64 * 1024;

    /// After a run that did not close its journal, positions go on so much further: the database may have
    /// committed what a power failure then took from the journal, and a position must never mean two
    /// things.
    static final long LEAP = 1L << 30;

    /// Nanoseconds for each position that the time gives: nobody writes more than 64 MB a second for years.
    private static final long NANOS_A_POSITION = 16;

    private static final Logger log = LoggerFactory.getLogger(Journal.class);
    private static final String SUFFIX = ".segment";
    private static final String LOCK = "lock";
    private static final int PROMISE = 4;
    private static final long NOTHING_WAITS = Long.MAX_VALUE;
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Path directory;
    private final JournalSettings settings;
    private final InstantSource clock;
    private final JournalState state;
    private final Writes writes;
    private final FileChannel lock;
    private final Segments segments;
    private final Acknowledged.Writer acknowledged;
    private final ExecutorService forcer = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("journal-force").daemon().factory());

    private int promised; // appends for which there is room, whatever they write
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BlockReader.MAX_BLOCK);
    private final ByteBuffer out = buffer.duplicate();
    private final CRC32C crc = new CRC32C();
    private final Map<Instrument, Integer> numbers = new HashMap<>();

    private Segments.Segment segment;
    private FileChannel channel;
    private long offset; // the file's length
    private long stateEnd; // the file's length when it held no entry yet
    private long trades; // written out, in the journal's life
    private int tradesInBuffer;
    private long now; // as the caller last said
    private long waitsSince = NOTHING_WAITS; // the oldest entry in the buffer
    private long segmentSince;
    private long nextRoll = Long.MIN_VALUE;
    private long forcedAt;
    private boolean unforced;
    private Future<?> forcing = CompletableFuture.completedFuture(null);
    private Future<?> sealing = CompletableFuture.completedFuture(null);
    private boolean rollRefused;
    private volatile @Nullable String refusal; // why the last write-out was not done
    private boolean closed;

    /// How a block reaches its file.
    interface Writes {
        Writes TO_FILE = FileChannel::write;

        int write(FileChannel to, ByteBuffer bytes, long at) throws IOException;
    }

    /// Opens the journal of a folder, which is made if there is none: hands `state` what an earlier run
    /// left, and begins a new segment behind it.
    ///
    /// @param clock wall-clock time, for what is shown and for how long segments are kept
    /// @param state what to save at the head of each segment, called from within the appends
    /// @throws IOException when the folder cannot be used, another process uses it, or a newer version of
    ///                     metdc wrote to it; the message says what to do
    public static Journal open(Path directory, JournalSettings settings, InstantSource clock, JournalState state)
            throws IOException {
        return open(directory, settings, clock, state, Writes.TO_FILE);
    }

    static Journal open(
            Path directory, JournalSettings settings, InstantSource clock, JournalState state, Writes writes)
            throws IOException {
        prepare(directory);
        FileChannel lock = lock(directory);
        try {
            return new Journal(directory, settings, clock, state, writes, lock);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private Journal(
            Path directory,
            JournalSettings settings,
            InstantSource clock,
            JournalState state,
            Writes writes,
            FileChannel lock)
            throws IOException {
        this.directory = directory;
        this.settings = settings;
        this.clock = clock;
        this.state = state;
        this.writes = writes;
        this.lock = lock;
        now = System.nanoTime();
        buffer.position(BlockReader.HEAD);
        segments = existing(directory, settings, clock);
        Instant begun = clock.instant();
        long first = 0;
        if (segments.bytes() > 0) {
            Recovery found = Recovery.run(segments, state);
            Acknowledged before = acknowledged(directory);
            if (before != null && before.journal().equals(segments.journal()) && before.position() > found.end()) {
                segments.endLost(found.end(), before.position());
            }
            truncate(segments, found.end());
            trades = found.trades();
            first = Math.max(found.orderly() ? found.end() : found.end() + LEAP, positionAt(begun));
        }
        begin(first, begun);
        long end = segment.first + offset;
        segments.written(end);
        acknowledged = new Acknowledged.Writer(directory, segments.journal(), end, trades, Nanos.of(clock.instant()));
    }

    /// Where a run that begins then goes on, if no earlier one has come farther.
    private static long positionAt(Instant begun) {
        return Math.max(0, Nanos.of(begun) / NANOS_A_POSITION);
    }

    /// The journal's random id.
    public UUID id() {
        return segments.journal();
    }

    /// A reader at the oldest entry. One is meant to consume the journal; it may be closed and another one
    /// made.
    public JournalTail tail() {
        return new JournalReader(segments);
    }

    /// The position behind everything written out.
    public long written() {
        return segments.written();
    }

    /// The position behind everything appended, written out or not. For the thread that appends.
    public long end() {
        return segment.first + offset + (buffer.position() > BlockReader.HEAD ? buffer.position() : 0);
    }

    /// Trades written out in the journal's life.
    public long trades() {
        return trades;
    }

    /// All segments, in bytes.
    public long bytes() {
        return segments.bytes();
    }

    /// How full it is, and its disk. Asks the operating system; any thread may ask.
    public Fill fill() {
        return segments.fill();
    }

    /// What of it could not be read since it was opened. Any thread may ask.
    public Damage damage() {
        return segments.damage();
    }

    /// Why nothing more can be written out at present, in words for a person; null when all is well. Any
    /// thread may ask.
    public @Nullable String refusal() {
        return refusal;
    }

    /// Appends a trade.
    ///
    /// @return false when there is no room for it now
    /// @throws IllegalArgumentException when a text or number of it is too long for a real trade's: nothing
    ///                                  is appended
    public boolean append(Trade trade) {
        if (!hasReserve()) {
            return false;
        }
        int number = number(trade.instrument());
        int start = buffer.position();
        try {
            Records.trade(buffer, number, trade);
        } catch (IllegalArgumentException e) {
            buffer.position(start);
            throw e;
        }
        tradesInBuffer++;
        appended();
        return true;
    }

    /// Appends a consumed id.
    ///
    /// @return false when there is no room for it now
    public boolean append(Consumed consumed) {
        if (!hasReserve()) {
            return false;
        }
        Records.consumed(buffer, number(consumed.instrument()), consumed);
        appended();
        return true;
    }

    /// Appends any entry.
    ///
    /// @return false when there is no room for it now
    /// @throws IllegalArgumentException as [#append(Trade)]
    public boolean append(Entry entry) {
        if (entry instanceof Entry.Traded traded) {
            return append(traded.trade());
        }
        if (!hasReserve()) {
            return false;
        }
        int number = number(entry.instrument());
        int start = buffer.position();
        try {
            switch (entry) {
                case Entry.Traded(Trade trade) -> Records.trade(buffer, number, trade);
                case Entry.ConsumedId(Consumed consumed) -> Records.consumed(buffer, number, consumed);
                case Entry.Counted counted -> Records.counted(buffer, number, counted);
                case Entry.RejectedRow row -> Records.rejected(buffer, number, row);
                case Entry.HoleOpened hole -> Records.holeOpened(buffer, number, hole);
                case Entry.HoleFound found -> Records.holeFound(buffer, number, found);
                case Entry.HoleClosed hole -> Records.holeClosed(buffer, number, hole);
                case Entry.Collected collected -> Records.collected(buffer, number, collected);
                case Entry.Unproven _ -> Records.unproven(buffer, number);
            }
        } catch (IllegalArgumentException e) {
            buffer.position(start);
            throw e;
        }
        appended();
        return true;
    }

    /// Takes one of the appends that [#hasRoom()] promised, or asks for a new promise.
    private boolean hasReserve() {
        if (promised == 0 && !hasRoom()) {
            return false;
        }
        promised--;
        return true;
    }

    /// Whether the next four appends will be done.
    public boolean hasRoom() {
        boolean room = buffer.position() < BLOCK || writeOut();
        promised = room ? PROMISE : 0;
        return room;
    }

    /// Writes out and forces what has waited long enough. To be called often, with the present
    /// [System#nanoTime()].
    public void writeOutIfDue(long nowNanos) {
        now = nowNanos;
        if (waitsSince != NOTHING_WAITS
                && nowNanos - waitsSince >= settings.writeOut().toNanos()) {
            writeOut();
        }
        if (unforced
                && forcing.isDone()
                && nowNanos - forcedAt >= settings.force().toNanos()) {
            unforced = false;
            forcedAt = nowNanos;
            FileChannel current = channel;
            forcing = forcer.submit(() -> forceQuietly(current));
        }
        boolean old = nowNanos - segmentSince >= settings.segmentTime().toNanos();
        if (old && writeOut() && offset > stateEnd) {
            roll();
        }
    }

    /// Writes out everything and waits until it is on the disk.
    ///
    /// @return false when the disk did not take it
    public boolean force() {
        if (!writeOut()) {
            return false;
        }
        try {
            await(sealing);
            try {
                channel.force(false);
            } catch (ClosedChannelException e) { // as in writeBlock
                Thread.interrupted();
                channel = FileChannel.open(segment.path, StandardOpenOption.WRITE);
                channel.force(false);
            }
            unforced = false;
            return true;
        } catch (IOException e) {
            log.warn("The journal in {} could not be forced to the disk: {}", directory, e.toString());
            return false;
        }
    }

    private static void await(Future<?> done) {
        boolean interrupted = false;
        while (!done.isDone()) {
            try {
                done.get();
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException e) {
                throw new IllegalStateException("the journal's disk thread failed", e.getCause());
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Ends the journal in order, everything on the disk. What the disk does not take now is lost, and the
    /// log says so.
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        if (buffer.position() < BLOCK || writeOut()) {
            buffer.put(Records.CLOSED);
        }
        if (!force()) {
            log.error(
                    "The journal in {} is closed without its last {} trades, which could not be written: {}",
                    directory,
                    tradesInBuffer,
                    refusal);
        }
        forcer.shutdown();
        try {
            if (!forcer.awaitTermination(10, TimeUnit.SECONDS)) {
                log.warn("The disk under {} takes longer than 10 s to force the journal", directory);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        acknowledged.close();
        channel.close();
        lock.close();
    }

    private int number(Instrument instrument) {
        Integer known = numbers.get(instrument);
        if (known != null) {
            return known;
        }
        int start = buffer.position();
        int number = numbers.size();
        try {
            Records.define(buffer, number, instrument);
        } catch (IllegalArgumentException e) {
            buffer.position(start);
            throw e;
        }
        numbers.put(instrument, number);
        return number;
    }

    private void appended() {
        if (waitsSince == NOTHING_WAITS) {
            waitsSince = now;
        }
    }

    /// Makes what is in the buffer a block of the file. The size limit does not count for the very last
    /// one.
    ///
    /// @return false when it could not be done: all is as before
    private boolean writeOut() {
        int length = buffer.position();
        if (length == BlockReader.HEAD) {
            return true;
        }
        // A segment that is to end anyway may do so beyond the limit: only then can it be deleted one day.
        boolean rolls = offset - stateEnd >= settings.segmentBytes() && canRoll();
        if (!closed && !rolls && !segments.hasRoomFor(length)) {
            refused("the journal has reached its size of " + settings.maxBytes()
                    + " bytes (journal.max_size) with what is not in the database yet");
            return false;
        }
        try {
            writeBlock();
        } catch (IOException e) {
            if (!madeRoom(e)) {
                refused(e.toString());
                return false;
            }
        }
        offset += length;
        trades += tradesInBuffer;
        tradesInBuffer = 0;
        waitsSince = NOTHING_WAITS;
        unforced = true;
        segments.grow(segment, offset);
        publish();
        accepted();
        if (!closed && offset - stateEnd >= settings.segmentBytes()) {
            roll();
        }
        return true;
    }

    /// Deletes what is in the database, if the disk needs the room, and writes the buffer then.
    private boolean madeRoom(IOException why) {
        while (segments.deleteOld()) {
            try {
                writeBlock();
                return true;
            } catch (IOException e) {
                why.addSuppressed(e);
            }
        }
        return false;
    }

    private void publish() {
        long position = segment.first + offset;
        acknowledged.write(position, trades, Nanos.of(clock.instant()));
        segments.written(position);
    }

    /// Writes the buffer as a block and empties it; on an error it is as before.
    private void writeBlock(FileChannel to, long first, long at) throws IOException {
        int length = buffer.position();
        buffer.putInt(0, length - BlockReader.HEAD).putLong(8, first + at);
        buffer.putInt(4, BlockReader.checksum(crc, out, length));
        out.limit(length).position(0);
        while (out.hasRemaining()) {
            writes.write(to, out, at + out.position());
        }
        buffer.position(BlockReader.HEAD);
    }

    private void writeBlock() throws IOException {
        try {
            writeBlock(channel, segment.first, offset);
        } catch (
                ClosedChannelException
                        e) { // an interrupt closes the file under the thread; it must not end the journal
            Thread.interrupted();
            channel = FileChannel.open(segment.path, StandardOpenOption.WRITE);
            writeBlock(channel, segment.first, offset);
        }
    }

    private void refused(String why) {
        if (refusal == null) {
            log.warn(
                    "The journal in {} takes nothing more for now: {}. What arrives is held back; it goes on by itself",
                    directory,
                    why);
        }
        refusal = why;
    }

    private void accepted() {
        if (refusal != null) {
            refusal = null;
            log.info("The journal in {} goes on", directory);
        }
    }

    /// Begins the next segment; the buffer is empty. Where that fails, the present one goes on, and it is
    /// tried again later. So it does while the one before is not on the disk yet: no more than two are ever
    /// at risk, as [#LEAP] supposes.
    private void roll() {
        if (!canRoll()) {
            return;
        }
        FileChannel old = channel;
        try {
            begin(segment.first + offset, clock.instant());
        } catch (IOException | RuntimeException e) {
            nextRoll = now + RETRY_NANOS;
            if (!rollRefused) {
                rollRefused = true;
                log.warn("The present journal segment goes on: {}", e.toString());
            }
            return;
        }
        rollRefused = false;
        publish();
        sealing = forcer.submit(() -> {
            forceQuietly(old);
            close(old);
        });
        segments.deleteOld();
    }

    private boolean canRoll() {
        return now >= nextRoll && sealing.isDone();
    }

    /// Begins a segment at this position: its head and the state. What is there changes only when all of it
    /// is written.
    private void begin(long first, Instant begun) throws IOException {
        Path path = directory.resolve(String.format(Locale.ROOT, "%020d%s", first, SUFFIX));
        FileChannel next;
        try {
            next = FileChannel.open(
                    path, options(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), fileAttributes(path));
        } catch (IOException e) {
            throw noSegment(e);
        }
        long length;
        try {
            ByteBuffer head = new SegmentHeader(segments.journal(), first, trades, Nanos.of(begun)).encode();
            while (head.hasRemaining()) {
                writes.write(next, head, head.position());
            }
            StateOutput saved = new StateOutput(next, first);
            state.save(saved);
            length = saved.end();
            force(directory);
        } catch (IOException | RuntimeException e) {
            buffer.position(BlockReader.HEAD);
            close(next);
            Files.deleteIfExists(path);
            throw noSegment(e);
        }
        channel = next;
        segment = new Segments.Segment(path, first, begun, length);
        offset = length;
        stateEnd = length;
        numbers.clear();
        segmentSince = now;
        unforced = true;
        segments.add(segment);
    }

    /// The state, cut into blocks of its own. Uses the buffer, which is empty meanwhile.
    private final class StateOutput extends OutputStream {
        private final FileChannel to;
        private final long first;
        private long at = SegmentHeader.LENGTH;
        private long total;

        StateOutput(FileChannel to, long first) {
            this.to = to;
            this.first = first;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            int done = 0;
            while (done < length) {
                int room = BLOCK - buffer.position() - 1 - Integer.BYTES;
                if (room <= 0) {
                    block();
                    continue;
                }
                int piece = Math.min(room, length - done);
                buffer.put(Records.STATE).putInt(piece).put(bytes, from + done, piece);
                done += piece;
            }
            total += length;
        }

        private void block() throws IOException {
            int length = buffer.position();
            writeBlock(to, first, at);
            at += length;
        }

        /// @return the file's length
        long end() throws IOException {
            buffer.put(Records.STATE_END).putLong(total);
            block();
            return at;
        }
    }

    private IOException noSegment(Exception why) {
        return new IOException(
                "no new segment can be begun in the journal's folder " + directory + " (" + why
                        + "). Make room on its disk, or set journal.directory to another folder",
                why);
    }

    private void forceQuietly(FileChannel which) {
        try {
            which.force(false);
        } catch (ClosedChannelException e) {
            log.debug("The journal was closed meanwhile");
        } catch (IOException e) {
            log.warn("The journal in {} could not be forced to the disk: {}", directory, e.toString());
        }
    }

    private static void close(FileChannel which) {
        try {
            which.close();
        } catch (IOException e) {
            log.warn("A journal segment could not be closed: {}", e.toString());
        }
    }

    private static void force(Path folder) throws IOException {
        try (FileChannel entries = FileChannel.open(folder, StandardOpenOption.READ)) {
            entries.force(true);
        }
    }

    private static void truncate(Segments segments, long end) throws IOException {
        Segments.Segment last = segments.newest();
        if (last.end() > end) {
            try (FileChannel file = FileChannel.open(last.path, StandardOpenOption.WRITE)) {
                file.truncate(end - last.first);
            }
            segments.grow(last, end - last.first);
        }
    }

    private static Segments existing(Path directory, JournalSettings settings, InstantSource clock) throws IOException {
        Map<Long, Segments.Segment> found = new TreeMap<>();
        List<Segments.Segment> headless = new ArrayList<>();
        UUID id = null;
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            for (Path path : paths) {
                SegmentHeader header;
                long length;
                try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
                    header = SegmentHeader.read(file, path);
                    length = file.size();
                }
                if (header == null) {
                    Segments.Segment segment = headless(path, length);
                    if (segment != null) {
                        headless.add(segment);
                        found.put(segment.first, segment);
                    }
                    continue;
                }
                if (id != null && !id.equals(header.journal())) {
                    throw new IOException("the folder " + directory + " holds segments of two journals, " + id + " and "
                            + header.journal() + ": move those of one of them elsewhere");
                }
                id = header.journal();
                Instant begun = Nanos.instant(header.createdNanos());
                found.put(header.first(), new Segments.Segment(path, header.first(), begun, length));
            }
        }
        if (id == null && !headless.isEmpty()) {
            Acknowledged before = acknowledged(directory);
            id = before == null ? null : before.journal();
        }
        Segments segments = new Segments(id == null ? UUID.randomUUID() : id, directory, settings, clock);
        found.values().forEach(segments::add);
        headless.forEach(segment -> segments.damaged(segment.first, segment.first + SegmentHeader.LENGTH));
        Segments.Segment before = null;
        for (Segments.Segment segment : found.values()) {
            boolean begins = segment.first == positionAt(segment.begunAt) || headless.contains(segment);
            if (before != null && segment.first > before.end() && segment.first != before.end() + LEAP && !begins) {
                segments.missing(before, segment);
            }
            before = segment;
        }
        return segments;
    }

    /// A segment whose head is damaged: its blocks know their positions, and the file's name has the first.
    /// One without a block is put aside.
    ///
    /// @return null when it was
    private static Segments.@Nullable Segment headless(Path path, long length) throws IOException {
        String name = path.getFileName().toString();
        String digits = name.substring(0, name.length() - SUFFIX.length());
        if (digits.matches("0\\d{19}")) {
            long first = Long.parseLong(digits);
            try (BlockReader blocks =
                    new BlockReader(FileChannel.open(path, StandardOpenOption.READ), first, (_, _) -> {})) {
                if (blocks.next(length)) {
                    return new Segments.Segment(
                            path, first, Files.getLastModifiedTime(path).toInstant(), length);
                }
            }
        }
        Path aside = path.resolveSibling(path.getFileName() + ".damaged");
        Files.move(path, aside, StandardCopyOption.REPLACE_EXISTING);
        log.warn("The journal segment {} holds nothing that can be read; it is put aside as {}", path, aside);
        return null;
    }

    /// What the last run acknowledged; null when that cannot be read.
    private static @Nullable Acknowledged acknowledged(Path directory) {
        try {
            return Acknowledged.read(directory);
        } catch (IOException e) {
            log.debug("What was acknowledged in {} is not known", directory, e);
            return null;
        }
    }

    private static void prepare(Path directory) throws IOException {
        try {
            if (isPosix(directory.toAbsolutePath().getRoot())) {
                Files.createDirectories(
                        directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } else {
                Files.createDirectories(directory);
            }
        } catch (FileAlreadyExistsException e) {
            throw new IOException("the journal's folder " + directory + " cannot be made: " + e.getFile()
                    + " is a file. Move it away, or set journal.directory to another folder");
        } catch (IOException e) {
            throw unusable(directory, e);
        }
    }

    private static FileChannel lock(Path directory) throws IOException {
        Path path = directory.resolve(LOCK);
        FileChannel channel;
        try {
            channel = FileChannel.open(
                    path, options(StandardOpenOption.CREATE, StandardOpenOption.WRITE), fileAttributes(path));
        } catch (IOException e) {
            throw unusable(directory, e);
        }
        FileLock held;
        try {
            held = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            held = null;
        }
        if (held == null) {
            channel.close();
            throw new IOException("the journal in " + directory
                    + " is in use by another metdc. Stop that one, or set journal.directory to another folder");
        }
        return channel;
    }

    private static IOException unusable(Path directory, IOException cause) {
        String why = cause instanceof AccessDeniedException ? "no permission" : cause.toString();
        return new IOException(
                "the journal's folder " + directory + " is not writable (" + why
                        + "). Let the user that metdc runs as ("
                        + System.getProperty("user.name")
                        + ") write there, or set journal.directory to another folder",
                cause);
    }

    static Set<OpenOption> options(OpenOption... options) {
        return Set.of(options);
    }

    /// Trades are public, but nobody else has any business here.
    static FileAttribute<?>[] fileAttributes(Path path) {
        return isPosix(path.toAbsolutePath().getParent())
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }

    private static boolean isPosix(@Nullable Path path) {
        return path != null
                && path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}

package io.metdc.collector.frames;

import com.github.luben.zstd.Zstd;
import io.metdc.collector.config.Amounts;
import io.metdc.connectors.FrameTap;
import io.metdc.market.Market;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps raw frames in compressed files, one series per market; see [RecordedLine] for what is in them.
///
/// Reader threads hand over a copy and go on at once; one platform thread named `frames` writes. What comes while too
/// much is waiting is left out, counted, and marked in the file. A write that fails, or a disk with too little room,
/// ends the recording with one warning, and nothing else. Thread-safe.
public final class FrameRecording implements AutoCloseable {
    /// How the name of every file ends.
    public static final String ENDING = ".frames.zst";

    public static final long DEFAULT_BYTES = 500_000_000;

    /// A quarter of it is one file, which must hold the longest frame.
    public static final long LEAST_BYTES = 100_000_000;

    private static final Logger log = LoggerFactory.getLogger(FrameRecording.class);

    private static final int BATCH = 1_000;
    private static final int OVERHEAD = 100; // bytes that a waiting frame takes beside its own
    private static final long PAUSE_NANOS =
            Duration.ofMillis(20).toNanos(); // instead of being woken: that costs readers
    private static final long FLUSH_NANOS = Duration.ofSeconds(1).toNanos();
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

    /// What the recording keeps to.
    ///
    /// @param marketBytes  of all files of one market
    /// @param fileBytes    of one file, a quarter of `marketBytes` at most
    /// @param waitingBytes of the frames that are not written yet
    /// @param waiting      frames that are not written yet
    /// @param freeBytes    are left on the disk to the journal and the database
    record Bounds(long marketBytes, long fileBytes, long waitingBytes, int waiting, long freeBytes) {
        Bounds {
            if (fileBytes < 1 || fileBytes > marketBytes / 4 || waitingBytes < 0 || waiting < 1 || freeBytes < 0) {
                throw new IllegalArgumentException("files of " + fileBytes + " bytes of " + marketBytes + ", " + waiting
                        + " frames and " + waitingBytes + " bytes waiting, " + freeBytes + " bytes free");
            }
        }

        static Bounds of(long marketBytes) {
            return new Bounds(marketBytes, Math.min(marketBytes / 4, 64_000_000), 32 << 20, 1 << 16, 1_000_000_000);
        }
    }

    /// Where the files lie.
    @FunctionalInterface
    interface Disk {
        /// Bytes that can still be written.
        long free() throws IOException;
    }

    /// A frame on its way to the file.
    private static final class Received {
        private final Tap from;
        private final byte[] bytes;
        private final long atNanos;
        private final long missingBefore;

        Received(Tap from, byte[] bytes, long atNanos, long missingBefore) {
            this.from = from;
            this.bytes = bytes;
            this.atNanos = atNanos;
            this.missingBefore = missingBefore;
        }
    }

    private final Path folder;
    private final Disk disk;
    private final Bounds bounds;
    private final InstantSource clock;
    private final Instant begun;
    private final BlockingQueue<Received> waiting;
    private final AtomicLong waitingBytes = new AtomicLong();
    private final LongAdder missing = new LongAdder();
    private final Map<Market, MarketFiles> markets = new TreeMap<>(); // these five the thread's
    private Path at;
    private boolean saidMissing;
    private long written;
    private long checkedAt = System.nanoTime();

    private volatile boolean taking = true;
    private volatile boolean closing;
    private volatile boolean failed;
    private volatile long frames;
    private volatile int files;
    private volatile long length;
    private final Thread writer;

    /// Begins a recording; a market's first file is made with its first frame.
    ///
    /// @param folder         made if it is not there
    /// @param bytesPerMarket how large the files of one market may be together, [#LEAST_BYTES] at least
    /// @throws IOException the message says what is wrong with the folder and what can be done
    public static FrameRecording open(Path folder, long bytesPerMarket, InstantSource clock) throws IOException {
        if (bytesPerMarket < LEAST_BYTES) {
            throw new IllegalArgumentException(bytesPerMarket + " bytes for a market");
        }
        return open(
                folder,
                Bounds.of(bytesPerMarket),
                () -> Files.getFileStore(folder).getUsableSpace(),
                clock);
    }

    static FrameRecording open(Path folder, Bounds bounds, Disk disk, InstantSource clock) throws IOException {
        try {
            Files.createDirectories(folder);
            Files.delete(Files.createTempFile(folder, "writable", ".tmp"));
        } catch (IOException e) {
            String why = Files.exists(folder) && !Files.isDirectory(folder) ? "it is no folder" : reason(e);
            throw new IOException(
                    "frames cannot be recorded in " + folder + " (" + why
                            + "): name a folder that can be made or written to",
                    e);
        }
        if (disk.free() < bounds.freeBytes()) {
            throw new IOException("frames cannot be recorded in " + folder + " (" + full(bounds)
                    + "): make room, or name a folder on another disk");
        }
        try {
            long _ = Zstd.compressBound(1);
        } catch (LinkageError e) { // it unpacks a library there, and the folder may forbid programs
            throw new IOException(
                    "frames cannot be recorded: the compression does not load (" + e.getMessage() + "): set"
                            + " METDC_JAVA_OPTS=-Djava.io.tmpdir=FOLDER to a folder that may hold programs",
                    e);
        }
        return new FrameRecording(folder, disk, bounds, clock);
    }

    private FrameRecording(Path folder, Disk disk, Bounds bounds, InstantSource clock) {
        this.folder = folder;
        this.disk = disk;
        this.bounds = bounds;
        this.clock = clock;
        begun = clock.instant();
        at = folder;
        waiting = new ArrayBlockingQueue<>(bounds.waiting());
        writer = Thread.ofPlatform().daemon().name("frames").start(this::run);
        log.info("raw frames are recorded in {}, up to {} per market", folder, Amounts.text(bounds.marketBytes()));
    }

    /// Sees the frames of one connection, on its reader thread.
    ///
    /// @param connection its name: `okx-futures-1`
    public FrameTap tap(Market market, String connection) {
        return new Tap(market, connection);
    }

    private final class Tap implements FrameTap {
        private final Market market;
        private final String connection;
        private long missed; // since the last one that was taken; the reader thread's

        Tap(Market market, String connection) {
            this.market = market;
            this.connection = connection;
        }

        @Override
        public void accept(byte[] bytes, int offset, int length, long receivedAtNanos) {
            if (!taking) {
                return;
            }
            long size = (long) length + OVERHEAD;
            if (waitingBytes.addAndGet(size) <= bounds.waitingBytes()
                    && waiting.offer(new Received(
                            this, Arrays.copyOfRange(bytes, offset, offset + length), receivedAtNanos, missed))) {
                missed = 0;
            } else {
                waitingBytes.addAndGet(-size);
                missed++;
                missing.increment();
            }
        }
    }

    private void run() {
        List<Received> batch = new ArrayList<>(BATCH);
        try {
            boolean last;
            do {
                last = closing; // asked before the queue is emptied: what was handed over until then is in it
                while (waiting.drainTo(batch, BATCH) > 0) {
                    for (Received received : batch) {
                        write(received);
                    }
                    batch.clear();
                    check();
                }
                check();
                if (!last) {
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            } while (!last);
            finish();
        } catch (IOException | RuntimeException e) {
            taking = false; // before anything that may take time
            log.warn("the recording of frames has ended, all else goes on: {}: {}", at, reason(e));
            abandon();
            failed = true;
        } finally {
            taking = false;
            waiting.clear();
        }
    }

    private void write(Received received) throws IOException {
        Tap from = received.from;
        waitingBytes.addAndGet(-received.bytes.length - OVERHEAD);
        MarketFiles to =
                markets.computeIfAbsent(from.market, market -> new MarketFiles(folder, market, begun, bounds, clock));
        try {
            if (received.missingBefore > 0) {
                sayMissing();
                to.write(LineFormat.missing(received.missingBefore, from.connection));
            }
            if (to.write(LineFormat.frame(received.atNanos, from.connection, received.bytes))) {
                written++;
            } else {
                missing.increment();
                to.write(LineFormat.missing(1, from.connection));
            }
        } finally {
            at = to.path();
        }
    }

    private void sayMissing() {
        if (!saidMissing) {
            saidMissing = true;
            log.warn("the recording of frames has gaps: they come faster than {} takes them", folder);
        }
    }

    /// Now and then what was written is made readable, and the room on the disk is looked at.
    private void check() throws IOException {
        long now = System.nanoTime();
        if (now - checkedAt < FLUSH_NANOS) {
            return;
        }
        checkedAt = now;
        for (MarketFiles market : markets.values()) {
            at = market.path();
            market.flush();
        }
        at = folder;
        if (disk.free() < bounds.freeBytes()) {
            throw new IOException(full(bounds));
        }
        measure();
    }

    private void finish() throws IOException {
        for (MarketFiles market : markets.values()) {
            at = market.path();
            market.finish();
        }
        measure();
    }

    /// After a failure: what can still be closed is readable to its end.
    private void abandon() {
        for (MarketFiles market : markets.values()) {
            try {
                market.finish();
            } catch (IOException | RuntimeException e) {
                log.debug("{} is not closed properly", market.path(), e);
            }
        }
        measure();
    }

    private void measure() {
        frames = written;
        files = markets.values().stream().mapToInt(MarketFiles::begun).sum();
        length = markets.values().stream().mapToLong(MarketFiles::length).sum();
    }

    private static String full(Bounds bounds) {
        return "less than " + Amounts.text(bounds.freeBytes()) + " of the disk is free";
    }

    private static String reason(Exception e) {
        return switch (e) {
            case NoSuchFileException _ -> "the folder is not there";
            case AccessDeniedException _ -> "permission denied";
            case FileSystemException failure when failure.getReason() != null -> failure.getReason();
            case IOException failure when failure.getMessage() != null -> failure.getMessage();
            default -> e.toString();
        };
    }

    /// Frames that came and were not kept, so far.
    long missing() {
        return missing.sum();
    }

    /// Whether it ended before it was closed.
    boolean hasFailed() {
        return failed;
    }

    /// What was recorded, in words for a person.
    public String summary() {
        String text = String.format(
                Locale.ROOT,
                "%,d frames recorded in %,d files, %,d KB, in %s",
                frames,
                files,
                (length + 999) / 1000,
                folder);
        long gaps = missing.sum();
        return text
                + (gaps == 0 ? "" : String.format(Locale.ROOT, "; %,d more are missing", gaps))
                + (failed ? "; ended before its time" : "");
    }

    /// Writes what was handed over, closes the files and says what is in them. Connections should be closed by then.
    /// Returns after two seconds even if the disk does not answer.
    @Override
    public void close() {
        boolean isFirst = !closing;
        closing = true;
        LockSupport.unpark(writer);
        if (!joined()) {
            log.warn("the recording of frames is not finished in time: the end of {} may be missing", folder);
        } else if (isFirst) {
            log.info("{}", summary());
        }
    }

    private boolean joined() {
        long deadline = System.nanoTime() + CLOSE_LIMIT.toNanos();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return writer.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}

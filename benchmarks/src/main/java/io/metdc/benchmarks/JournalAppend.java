package io.metdc.benchmarks;

import io.metdc.market.Nanos;
import io.metdc.market.Trade;
import io.metdc.storage.journal.Journal;
import io.metdc.storage.journal.JournalSettings;
import io.metdc.storage.journal.JournalState;
import io.metdc.storage.journal.JournalTail;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// One trade → the journal, its share of the write-outs included, against what a file alone costs: 64-byte records
/// through a 64 KiB buffer with a checksum into files of the same length. Nothing waits for the disk in either: the
/// journal forces from a thread of its own, and the files here lie where `java.io.tmpdir` is.
///
/// The database is played by a reader that says "committed" so far behind the end; with a backlog nothing may become
/// dearer.
///
/// Run: `java -cp 'benchmarks/target/lib/*' io.metdc.benchmarks.JournalAppend [rounds]`
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@OperationsPerInvocation(JournalAppend.TURN)
@SuppressWarnings("NullAway.Init") // JMH calls what is marked @Setup first
public class JournalAppend {
    /// Appends between two looks at the clock, as the journal thread does it.
    static final int TURN = 256;

    private static final int TRADES = 1 << 14;
    private static final int INSTRUMENTS = 500;
    private static final int BUFFER = 64 * 1024;
    private static final int RECORD = 64;
    private static final long MIB = 1 << 20;
    private static final long SEGMENT = 64 * MIB;

    /// How much of the journal is not in the database.
    @Param({"0", "512"})
    private int backlogMiB;

    private Path folder;
    private Trade[] trades;
    private int next;

    private Journal journal;
    private JournalTail tail;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    private final CRC32C crc = new CRC32C();
    private final ArrayDeque<Path> files = new ArrayDeque<>();
    private FileChannel channel;
    private long written;
    private int opened;

    public static void main(String[] args) throws Exception {
        Comparison.of(JournalAppend.class, "bareFile", args).print();
    }

    @Setup
    public void setUp() throws IOException {
        folder = Files.createTempDirectory("metdc-journal-append");
        List<Trade> rows = Tape.of(Tape.SPOT, INSTRUMENTS, TRADES, Nanos.of(Instant.parse("2026-11-21T10:30:00Z")))
                .trades();
        trades = rows.toArray(Trade[]::new);
        JournalSettings usual = JournalSettings.defaults();
        JournalSettings settings = new JournalSettings(
                SEGMENT, usual.segmentTime(), usual.writeOut(), usual.force(), usual.maxBytes(), Duration.ZERO);
        journal = Journal.open(folder.resolve("journal"), settings, InstantSource.system(), JournalState.NONE);
        tail = journal.tail();
        openFile();
        while (journal.written() < backlogMiB * MIB) {
            turn();
        }
    }

    @TearDown
    public void tearDown() throws IOException {
        tail.close();
        journal.close();
        channel.close();
        Folders.delete(folder);
    }

    private void turn() {
        for (int i = 0; i < TURN; i++) {
            next = (next + 1) & (TRADES - 1);
            if (!journal.append(trades[next])) {
                throw new IllegalStateException("the journal takes nothing: " + journal.refusal());
            }
        }
        journal.writeOutIfDue(System.nanoTime());
    }

    @Benchmark
    public void append() {
        turn();
        tail.committed(journal.written() - backlogMiB * MIB);
    }

    @Benchmark
    public void bareFile() throws IOException {
        for (int i = 0; i < TURN; i++) {
            next = (next + 1) & (TRADES - 1);
            Trade trade = trades[next];
            int start = buffer.position();
            buffer.putLong(trade.executedAtNanos())
                    .putLong(trade.receivedAtNanos())
                    .putLong(trade.id().number());
            buffer.position(start + RECORD);
            if (!buffer.hasRemaining()) {
                writeOut();
            }
        }
    }

    private void writeOut() throws IOException {
        buffer.flip();
        crc.reset();
        crc.update(buffer);
        buffer.flip().putInt(0, (int) crc.getValue());
        while (buffer.hasRemaining()) {
            written += channel.write(buffer);
        }
        buffer.clear();
        if (written >= SEGMENT) {
            channel.close();
            openFile();
        }
    }

    private void openFile() throws IOException {
        Path file = folder.resolve("file-" + opened++);
        channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        written = 0;
        files.add(file);
        if (files.size() > 2) {
            Files.delete(files.remove());
        }
    }
}

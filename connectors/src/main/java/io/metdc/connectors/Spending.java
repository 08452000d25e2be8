package io.metdc.connectors;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The file in which a [Budget] remembers what was spent of it: `magic (8)`, then in a ring `epoch ms (8) · weight (8)`
/// for each, big-endian. Each is handed to the operating system at once, so that a kill takes nothing; it is not forced
/// to disk, since after the machine's end the windows are over. One thread at a time.
final class Spending implements Closeable {
    private static final Logger log = LoggerFactory.getLogger(Spending.class);

    private static final long MAGIC = 0x6d65_7464_632d_7131L; // "metdc-q1"
    private static final int HEAD = 8;
    private static final int ENTRY = 16;

    private final RandomAccessFile file; // whom an interrupt does not close, as it does a channel
    private final int capacity;
    private final List<Entry> found;
    private int next;

    record Entry(long atMillis, int weight) {}

    private Spending(RandomAccessFile file, int capacity, List<Entry> found, int next) {
        this.file = file;
        this.capacity = capacity;
        this.found = found;
        this.next = next;
    }

    /// Opens the file and reads what is in it; what is none of ours is begun anew.
    ///
    /// @param capacity of how many it keeps
    static Spending open(Path path, int capacity) throws IOException {
        Files.createDirectories(path.toAbsolutePath().getParent());
        RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
        try {
            byte[] bytes = new byte[(int) Math.min(file.length(), HEAD + (long) capacity * ENTRY)];
            file.readFully(bytes);
            ByteBuffer read = ByteBuffer.wrap(bytes);
            if (read.remaining() < HEAD || read.getLong() != MAGIC) {
                if (bytes.length > 0) {
                    log.warn("{} is no record of a limit and is begun anew", path);
                }
                file.setLength(0);
                file.writeLong(MAGIC);
                return new Spending(file, capacity, List.of(), 0);
            }
            return of(file, capacity, read);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static Spending of(RandomAccessFile file, int capacity, ByteBuffer read) {
        List<Entry> entries = new ArrayList<>();
        int next = 0;
        long newest = 0;
        for (int slot = 0; read.remaining() >= ENTRY; slot++) {
            long at = read.getLong();
            long weight = read.getLong();
            if (at <= 0 || weight <= 0 || weight > Integer.MAX_VALUE) {
                continue; // half of one, written when the machine ended
            }
            entries.add(new Entry(at, (int) weight));
            if (at >= newest) {
                newest = at;
                next = slot + 1;
            }
        }
        entries.sort(Comparator.comparingLong(Entry::atMillis));
        return new Spending(file, capacity, List.copyOf(entries), next % capacity);
    }

    /// What was found, oldest first.
    List<Entry> entries() {
        return found;
    }

    void add(Entry entry) throws IOException {
        byte[] written = new byte[ENTRY];
        ByteBuffer.wrap(written).putLong(entry.atMillis()).putLong(entry.weight());
        file.seek(HEAD + (long) next * ENTRY);
        file.write(written);
        next = (next + 1) % capacity;
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            log.debug("a record of a limit was not closed", e);
        }
    }
}

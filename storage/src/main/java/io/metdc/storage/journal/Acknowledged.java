package io.metdc.storage.journal;

import io.metdc.market.Nanos;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.UUID;

/// What a journal has acknowledged: written out, so that it survives the end of the process, however
/// sudden. Kept in the file `acknowledged` of the journal's folder, which any other process may read at any
/// time, also after a kill.
///
/// The file has 4096 bytes, big-endian: `magic (8) · version (4) · 0 (4) · journal id (16)`, and at 64 and
/// at 128 a slot each: `number (8) · position (8) · trades (8) · time (8) · check (8)`. The slots are
/// written in turn; the one with the higher number whose check is right counts, so that a half-written slot
/// is not believed.
///
/// @param journal  the journal's id
/// @param position everything before this position is written out
/// @param trades   trades in the journal up to there, over its whole life
/// @param at       when that was written out
public record Acknowledged(UUID journal, long position, long trades, Instant at) {
    /// The file's name in the journal's folder.
    public static final String FILE = "acknowledged";

    private static final long MAGIC = 0x6d65_7464_632d_6163L; // "metdc-ac"
    private static final int VERSION = 1;
    private static final int BYTES = 4096;
    private static final int FIRST_SLOT = 64;
    private static final int SLOT = 64;

    /// Reads the file.
    ///
    /// @param file the file, or the journal's folder
    /// @throws IOException when there is none, or it holds no acknowledged number
    public static Acknowledged read(Path file) throws IOException {
        Path path = Files.isDirectory(file) ? file.resolve(FILE) : file;
        ByteBuffer read = ByteBuffer.wrap(Files.readAllBytes(path));
        if (read.limit() < BYTES || read.getLong(0) != MAGIC || read.getInt(8) != VERSION) {
            throw new IOException(path + " is no file of acknowledged numbers of this version");
        }
        int best = -1;
        for (int slot = FIRST_SLOT; slot <= FIRST_SLOT + SLOT; slot += SLOT) {
            long number = read.getLong(slot);
            long check = check(number, read.getLong(slot + 8), read.getLong(slot + 16), read.getLong(slot + 24));
            if (number > 0 && read.getLong(slot + 32) == check && (best < 0 || number > read.getLong(best))) {
                best = slot;
            }
        }
        if (best < 0) {
            throw new IOException(path + " holds no acknowledged number yet");
        }
        return new Acknowledged(
                new UUID(read.getLong(16), read.getLong(24)),
                read.getLong(best + 8),
                read.getLong(best + 16),
                Nanos.instant(read.getLong(best + 24)));
    }

    private static long check(long number, long position, long trades, long nanos) {
        long mixed = MAGIC;
        mixed = (mixed ^ number) * 0x9e37_79b9_7f4a_7c15L;
        mixed = (mixed ^ mixed >>> 32 ^ position) * 0x9e37_79b9_7f4a_7c15L;
        mixed = (mixed ^ mixed >>> 32 ^ trades) * 0x9e37_79b9_7f4a_7c15L;
        mixed = (mixed ^ mixed >>> 32 ^ nanos) * 0x9e37_79b9_7f4a_7c15L;
        return mixed ^ mixed >>> 32;
    }

    /// The writing side: two stores of a few words into mapped memory each time. One thread at a time.
    static final class Writer implements AutoCloseable {
        private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

        private final Arena arena = Arena.ofShared();
        private final MemorySegment memory;
        private long number = 2; // the first slot

        /// Makes the file, or writes over the one of an earlier run.
        Writer(Path directory, UUID journal, long position, long trades, long nanos) throws IOException {
            Path path = directory.resolve(FILE);
            ByteBuffer head = ByteBuffer.allocate(BYTES); // written, not only mapped: a full disk is found here
            head.putLong(MAGIC).putInt(VERSION).putInt(0);
            head.putLong(journal.getMostSignificantBits()).putLong(journal.getLeastSignificantBits());
            head.position(FIRST_SLOT);
            head.putLong(number).putLong(position).putLong(trades).putLong(nanos);
            head.putLong(check(number, position, trades, nanos)).clear();
            try (FileChannel channel = FileChannel.open(
                    path,
                    Journal.options(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                    Journal.fileAttributes(path))) {
                for (int at = 0; head.hasRemaining(); at = head.position()) {
                    channel.write(head, at);
                }
                memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, BYTES, arena);
            } catch (IOException | RuntimeException e) {
                arena.close();
                throw e;
            }
        }

        void write(long position, long trades, long nanos) {
            number++;
            long slot = FIRST_SLOT + (number & 1) * SLOT;
            memory.set(LONG, slot, number);
            memory.set(LONG, slot + 8, position);
            memory.set(LONG, slot + 16, trades);
            memory.set(LONG, slot + 24, nanos);
            memory.set(LONG, slot + 32, check(number, position, trades, nanos));
        }

        @Override
        public void close() {
            arena.close();
        }
    }
}

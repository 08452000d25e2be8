package io.metdc.storage.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32C;

/// Goes through the blocks of one segment file after the other, with one buffer for all.
///
/// A block, big-endian: `length of its records (4) · CRC32C of all that follows (4) · position of the block
/// (8) · records`. What is no block is stepped over, up to the next one: a block knows its own position, so
/// that bytes within another are not taken for one.
final class BlockReader implements AutoCloseable {
    /// Bytes before the records of a block.
    static final int HEAD = 16;

    /// No block is longer, head included.
    static final int MAX_BLOCK = Journal.BLOCK + 4 * Records.MAX_BYTES;

    private static final int CHECKED_FROM = 8;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(2 * MAX_BLOCK);
    private final ByteBuffer view = buffer.duplicate();
    private final CRC32C crc = new CRC32C();
    private final Damage damage;

    private FileChannel channel;
    private long first;
    private long buffered; // the file offset of the buffer's first byte
    private long offset = SegmentHeader.LENGTH;
    private long from;
    private long lastIntact = SegmentHeader.LENGTH;

    /// Told of each stretch that is no block.
    interface Damage {
        /// Told in the order of the file.
        ///
        /// @param from the position of its first byte
        /// @param to   the position of the next block, or the end of what was to be read
        void found(long from, long to);
    }

    /// @param channel read from its first block on, and closed by this
    /// @param first   the position of the file's first byte
    BlockReader(FileChannel channel, long first, Damage damage) {
        this.channel = channel;
        this.first = first;
        this.damage = damage;
        buffer.limit(0);
    }

    /// Goes on with another segment.
    void open(FileChannel next, long firstPosition) throws IOException {
        channel.close();
        channel = next;
        first = firstPosition;
        offset = SegmentHeader.LENGTH;
        lastIntact = offset;
        buffered = 0;
        buffer.clear().limit(0);
    }

    /// The next block that is intact.
    ///
    /// @param end the file offset behind the last byte to be looked at
    /// @return false when there is none before `end`; everything up to there is read then
    boolean next(long end) throws IOException {
        if (offset >= end) {
            return false;
        }
        int length = blockAt(offset, end);
        if (length == 0) {
            long found = offset + 1;
            while (found < end && (length = blockAt(found, end)) == 0) {
                found++;
            }
            damage.found(first + offset, first + found);
            offset = found;
            if (length == 0) {
                return false;
            }
        }
        int start = (int) (offset - buffered);
        view.limit(start + length).position(start + HEAD);
        from = first + offset;
        offset += length;
        lastIntact = offset;
        return true;
    }

    /// The block found last comes once more.
    void again() {
        offset = from - first;
    }

    /// The records of the block found last; valid until the next one is looked for.
    ByteBuffer records() {
        return view;
    }

    /// The position of the block found last.
    long from() {
        return from;
    }

    /// The position behind what was read.
    long position() {
        return first + offset;
    }

    /// The file offset behind the last intact block.
    long lastIntact() {
        return lastIntact;
    }

    /// @return the length of the whole block that begins at this file offset, in the buffer then; 0 when
    ///         none does
    private int blockAt(long at, long end) throws IOException {
        if (at + HEAD > end || !load(at, HEAD, end)) {
            return 0;
        }
        int start = (int) (at - buffered);
        if (buffer.getLong(start + 8) != first + at) {
            return 0;
        }
        int records = buffer.getInt(start);
        if (records < 1 || records > MAX_BLOCK - HEAD || !load(at, HEAD + records, end)) {
            return 0;
        }
        start = (int) (at - buffered);
        crc.reset();
        crc.update(view.limit(start + HEAD + records).position(start + CHECKED_FROM));
        return (int) crc.getValue() == buffer.getInt(start + 4) ? HEAD + records : 0;
    }

    /// Sees to it that these bytes are in the buffer.
    private boolean load(long at, int count, long end) throws IOException {
        if (at + count > end) {
            return false;
        }
        if (at >= buffered && at + count <= buffered + buffer.limit()) {
            return true;
        }
        buffered = at;
        buffer.clear().limit((int) Math.min(buffer.capacity(), end - at));
        fill(buffer, channel, at);
        buffer.flip();
        view.clear();
        return buffer.limit() >= count;
    }

    /// Reads as much as there is, up to what the buffer has room for.
    ///
    /// @param at the file offset of the buffer's first byte
    static void fill(ByteBuffer buffer, FileChannel channel, long at) throws IOException {
        int read = 0;
        while (read >= 0 && buffer.hasRemaining()) {
            read = channel.read(buffer, at + buffer.position());
        }
    }

    static int checksum(CRC32C crc, ByteBuffer block, int length) {
        crc.reset();
        crc.update(block.limit(length).position(CHECKED_FROM));
        return (int) crc.getValue();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}

package io.metdc.storage.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// The first 64 bytes of a segment file, big-endian: `magic (8) · version (4) · 0 (4) · journal id (16) ·
/// first position (8) · trades before it in the journal's life (8) · created, epoch ns (8) · 0 (4) · CRC32C
/// of all that (4)`.
///
/// @param first the position of the file's first byte
record SegmentHeader(UUID journal, long first, long tradesBefore, long createdNanos) {
    static final int LENGTH = 64;
    static final int VERSION = 1;
    static final long MAGIC = 0x6d65_7464_632d_6a6cL; // "metdc-jl"

    private static final int CHECKED = LENGTH - Integer.BYTES;

    ByteBuffer encode() {
        ByteBuffer head = ByteBuffer.allocate(LENGTH);
        head.putLong(MAGIC).putInt(VERSION).putInt(0);
        head.putLong(journal.getMostSignificantBits()).putLong(journal.getLeastSignificantBits());
        head.putLong(first).putLong(tradesBefore).putLong(createdNanos).putInt(0);
        return head.putInt(checksum(head)).flip();
    }

    /// @return null when the head is damaged or not there
    /// @throws IOException when a newer version of metdc wrote it, or it cannot be read
    static @Nullable SegmentHeader read(FileChannel channel, Path path) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(LENGTH);
        BlockReader.fill(head, channel, 0);
        if (head.position() < LENGTH || head.getLong(0) != MAGIC) {
            return null;
        }
        boolean intact = head.getInt(CHECKED) == checksum(head);
        int version = head.getInt(8);
        if (version > VERSION && intact) {
            throw new IOException("the journal segment " + path + " has format version " + version
                    + ", written by a newer metdc; this one knows versions up to " + VERSION
                    + ". Start the newer metdc again, or point journal.directory to another folder");
        }
        if (!intact || version != VERSION) {
            return null;
        }
        return new SegmentHeader(
                new UUID(head.getLong(16), head.getLong(24)), head.getLong(32), head.getLong(40), head.getLong(48));
    }

    private static int checksum(ByteBuffer head) {
        CRC32C crc = new CRC32C();
        crc.update(head.slice(0, CHECKED));
        return (int) crc.getValue();
    }
}

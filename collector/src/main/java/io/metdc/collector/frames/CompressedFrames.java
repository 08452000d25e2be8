package io.metdc.collector.frames;

import com.github.luben.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;

/// Tells compressed recordings from plain frames.
public final class CompressedFrames {
    private static final byte[] MAGIC = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};

    private CompressedFrames() {}

    /// The input as it is, or what it holds if it is compressed: one file or several after one another. Blocks until
    /// that is known, which no plain frame makes last longer than its first bytes.
    ///
    /// @return a stream that fails at the point where compressed input is damaged or cut off
    public static InputStream uncompressed(InputStream in) throws IOException {
        PushbackInputStream ahead = new PushbackInputStream(in, MAGIC.length);
        byte[] first = new byte[MAGIC.length];
        int there = 0;
        while (there < MAGIC.length) {
            int read = ahead.read(first, there, 1);
            if (read < 0) {
                break;
            }
            there++;
            if (first[there - 1] != MAGIC[there - 1]) {
                ahead.unread(first, 0, there);
                return ahead;
            }
        }
        ahead.unread(first, 0, there);
        return there == MAGIC.length ? new ZstdInputStream(ahead) : ahead;
    }
}

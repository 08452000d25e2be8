package io.metdc.collector.frames;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// One file of a recording: lines, compressed as one zstd frame with a checksum. Never longer than its limit, which is
/// kept by reckoning with lines that cannot be compressed. Used by the recording's thread.
final class FrameFile {
    private static final int LEVEL = 3;
    private static final int BUFFER = 1 << 16;

    /// What zstd adds to a file and to each flush, generously.
    private static final long FRAMING = 64;

    /// So many bytes are handed to the compressor between flushes at most, so that it is known what they have become.
    private static final long MOST_PENDING = 1 << 20;

    private final Path path;
    private final long limit;
    private final Counted file;
    private final OutputStream lines;
    private long pending; // bytes of lines since the last flush

    /// Begins a new file.
    ///
    /// @throws java.nio.file.FileAlreadyExistsException when there is one of this name: it is left alone
    FrameFile(Path path, long limit) throws IOException {
        this.path = path;
        this.limit = limit;
        file = new Counted(Files.newOutputStream(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
        ZstdOutputStream compressed = new ZstdOutputStream(file, LEVEL);
        compressed.setChecksum(true);
        lines = new BufferedOutputStream(compressed, BUFFER);
    }

    Path path() {
        return path;
    }

    /// As long as it is for sure, or will be when closed.
    long length() {
        return file.length;
    }

    /// Whether so many more bytes fit, whatever they are.
    boolean hasRoom(int bytes) throws IOException {
        if (!fits(bytes) && pending > 0) {
            flush();
        }
        return fits(bytes);
    }

    private boolean fits(int bytes) {
        return file.length + Zstd.compressBound(pending + bytes) + FRAMING <= limit;
    }

    void write(byte[] line) throws IOException {
        lines.write(line);
        pending += line.length;
        if (pending > MOST_PENDING) {
            flush();
        }
    }

    /// What was written until now can be read, even if the process should be killed.
    void flush() throws IOException {
        if (pending > 0) {
            lines.flush();
            pending = 0;
        }
    }

    void close() throws IOException {
        try (file) { // even if its end cannot be written any more
            lines.close();
        }
    }

    /// Knows how long the file is.
    private static final class Counted extends OutputStream {
        private final OutputStream out;
        private long length;

        Counted(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int one) throws IOException {
            out.write(one);
            length++;
        }

        @Override
        public void write(byte[] bytes, int offset, int count) throws IOException {
            out.write(bytes, offset, count);
            length += count;
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }
}

package io.metdc.collector.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/// Buffers what is written to stdout, and takes note when nobody reads any more: that is the end of the work, not a
/// failure.
final class Results extends OutputStream {
    private static final int BUFFER = 1 << 16;

    private final BufferedOutputStream buffer;
    private @Nullable IOException failure;

    Results(OutputStream out) {
        buffer = new BufferedOutputStream(out, BUFFER);
    }

    /// Whether nothing can be written any more.
    boolean isClosed() {
        return failure != null;
    }

    /// Asked at the end.
    ///
    /// @param what for the message: `trades`
    /// @return false when nobody wanted to read them any more
    /// @throws CommandException when they could not be written
    boolean areWanted(String what) throws CommandException {
        if (failure != null && !Terminal.isUnwanted(failure)) {
            throw CommandException.failed("the " + what + " cannot be written: " + failure.getMessage(), failure);
        }
        return failure == null;
    }

    @Override
    public void write(int one) {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        if (failure == null) {
            try {
                buffer.write(bytes, offset, length);
            } catch (IOException e) {
                failure = e;
            }
        }
    }

    @Override
    public void flush() {
        if (failure == null) {
            try {
                buffer.flush();
            } catch (IOException e) {
                failure = e;
            }
        }
    }

    @Override
    public void close() {
        flush();
    }
}

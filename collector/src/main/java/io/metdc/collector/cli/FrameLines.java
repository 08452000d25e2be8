package io.metdc.collector.cli;

import io.metdc.collector.frames.RecordedLine;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/// The lines of a stream as bytes, none of them copied to a `String`. Blank lines are counted, but not
/// returned; a line longer than any frame can be is returned as [#isTooLong()] without its bytes.
final class FrameLines {
    /// As long as a frame may be, and as its line in a recording.
    static final int LONGEST = RecordedLine.LONGEST;

    private static final int FIRST_BUFFER = 1 << 16;

    private final InputStream in;
    private byte[] buffer = new byte[FIRST_BUFFER];
    private int filled;
    private int next; // where the next line begins
    private int offset;
    private int length;
    private long number;
    private boolean tooLong;
    private boolean ended;

    FrameLines(InputStream in) {
        this.in = in;
    }

    /// What to do before waiting for more input.
    interface Pause {
        void run() throws IOException;
    }

    /// Goes to the next line that is not blank.
    ///
    /// @param pause called before each read
    /// @return false at the end
    boolean next(Pause pause) throws IOException {
        while (true) {
            if (!line(pause)) {
                return false;
            }
            number++;
            trim();
            if (length > 0 || tooLong) {
                return true;
            }
        }
    }

    byte[] bytes() {
        return buffer;
    }

    int offset() {
        return offset;
    }

    int length() {
        return length;
    }

    /// Counted from 1, blank lines included.
    long number() {
        return number;
    }

    boolean isTooLong() {
        return tooLong;
    }

    private boolean line(Pause pause) throws IOException {
        tooLong = false;
        int searched = next;
        while (true) {
            for (int i = searched; i < filled; i++) {
                if (buffer[i] == '\n') {
                    set(next, i - next);
                    next = i + 1;
                    return true;
                }
            }
            if (ended) {
                boolean rest = next < filled || tooLong;
                set(next, filled - next);
                next = filled;
                return rest;
            }
            searched = filled - next;
            if (searched > LONGEST) {
                tooLong = true;
                filled = next; // its bytes are of no use any more
                searched = 0;
            }
            fill(pause);
            searched += next;
        }
    }

    private void set(int offset, int length) {
        this.offset = offset;
        this.length = tooLong ? 0 : length;
    }

    private void fill(Pause pause) throws IOException {
        if (next > 0) {
            System.arraycopy(buffer, next, buffer, 0, filled - next);
            filled -= next;
            next = 0;
        }
        if (filled == buffer.length) {
            buffer = Arrays.copyOf(buffer, buffer.length * 2);
        }
        if (in.available() == 0) {
            pause.run();
        }
        int read = in.read(buffer, filled, buffer.length - filled);
        if (read < 0) {
            ended = true;
        } else {
            filled += read;
        }
    }

    private void trim() {
        while (length > 0 && isBlank(buffer[offset + length - 1])) {
            length--;
        }
        while (length > 0 && isBlank(buffer[offset])) {
            offset++;
            length--;
        }
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || b == '\t' || b == '\r';
    }
}

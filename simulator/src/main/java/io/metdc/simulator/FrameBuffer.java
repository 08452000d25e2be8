package io.metdc.simulator;

import java.util.Arrays;

/// WebSocket frames from a server (RFC 6455: unmasked), put together without objects. Not thread-safe.
final class FrameBuffer {
    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    private static final int FIN = 0x80;
    private static final int SHORT = 126;
    private static final int LONG = 127;
    /// More than any number takes.
    private static final int ROOM = 64;

    private byte[] bytes = new byte[16 * 1024];
    private int length;
    private int start;

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    void clear() {
        length = 0;
    }

    /// Begins a text frame that [#end()] will end.
    void begin() {
        require(4);
        start = length;
        length += 4;
    }

    /// Ends it: a payload of at most 65,535 bytes.
    void end(int opcode) {
        int payload = length - start - 4;
        if (payload < SHORT) {
            System.arraycopy(bytes, start + 4, bytes, start + 2, payload);
            length -= 2;
            bytes[start + 1] = (byte) payload;
        } else {
            bytes[start + 1] = SHORT;
            bytes[start + 2] = (byte) (payload >> 8);
            bytes[start + 3] = (byte) payload;
        }
        bytes[start] = (byte) (FIN | opcode);
    }

    /// Ends it as a text frame.
    void end() {
        end(TEXT);
    }

    /// A whole frame.
    void frame(int opcode, byte[] payload) {
        require(payload.length + 10);
        bytes[length++] = (byte) (FIN | opcode);
        if (payload.length < SHORT) {
            bytes[length++] = (byte) payload.length;
        } else if (payload.length <= 0xFFFF) {
            bytes[length++] = SHORT;
            bytes[length++] = (byte) (payload.length >> 8);
            bytes[length++] = (byte) payload.length;
        } else {
            bytes[length++] = LONG;
            for (int shift = 56; shift >= 0; shift -= 8) {
                bytes[length++] = (byte) ((long) payload.length >> shift);
            }
        }
        put(payload);
    }

    FrameBuffer put(byte[] text) {
        require(text.length);
        System.arraycopy(text, 0, bytes, length, text.length);
        length += text.length;
        return this;
    }

    /// A whole number that is not negative.
    FrameBuffer number(long value) {
        require(ROOM);
        length = Grid.write(bytes, length, value, Grid.digits(value));
        return this;
    }

    FrameBuffer decimal(Grid grid, long steps) {
        require(ROOM);
        length = grid.write(bytes, length, steps);
        return this;
    }

    /// A decimal without zeros at its end.
    FrameBuffer plain(Grid grid, long steps) {
        require(ROOM);
        length = grid.writePlain(bytes, length, steps);
        return this;
    }

    private void require(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }
}

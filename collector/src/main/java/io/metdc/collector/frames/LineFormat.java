package io.metdc.collector.frames;

import io.metdc.market.Market;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;

/// How a [RecordedLine] is written and read. Pure functions.
final class LineFormat {
    private static final String HEADER = "#metdc-frames ";
    private static final String MISSING = "#missing ";
    private static final String TEXT = "text";
    private static final String BASE64 = "base64";
    private static final int LONGEST_MARK = 200;
    private static final int DELETE = 0x7f;

    private LineFormat() {}

    /// The line that begins a file.
    static byte[] header(Market market, Instant begun) {
        return line(HEADER + RecordedLine.VERSION + " " + market.exchange().id() + " "
                + market.type().id() + " " + begun);
    }

    /// The line that stands for frames that were not kept.
    static byte[] missing(long frames, String connection) {
        return line(MISSING + frames + " " + connection);
    }

    /// The line of a frame.
    static byte[] frame(long receivedAtNanos, String connection, byte[] frame) {
        boolean isText = isTextOfALine(frame);
        byte[] shown = isText ? frame : Base64.getEncoder().encode(frame);
        byte[] before = (receivedAtNanos + " " + connection + " " + (isText ? TEXT : BASE64) + " ")
                .getBytes(StandardCharsets.UTF_8);
        byte[] line = Arrays.copyOf(before, before.length + shown.length + 1);
        System.arraycopy(shown, 0, line, before.length, shown.length);
        line[line.length - 1] = '\n';
        return line;
    }

    static boolean isHeader(byte[] bytes, int offset, int length) {
        return startsWith(HEADER, bytes, offset, length);
    }

    static RecordedLine read(byte[] bytes, int offset, int length) {
        if (isHeader(bytes, offset, length)) {
            String[] words = words(bytes, offset, length);
            return words.length >= 4 && words[1].matches("\\d{1,9}")
                    ? new RecordedLine.Header(Integer.parseInt(words[1]), words[2] + "-" + words[3])
                    : new RecordedLine.Unreadable();
        }
        if (startsWith(MISSING, bytes, offset, length)) {
            String[] words = words(bytes, offset, length);
            return words.length >= 2 && words[1].matches("\\d{1,18}")
                    ? new RecordedLine.Missing(Long.parseLong(words[1]))
                    : new RecordedLine.Unreadable();
        }
        int end = offset + length;
        int connection = afterBlank(bytes, offset, end);
        int form = afterBlank(bytes, connection, end);
        int frame = form == end ? end : Math.min(end, afterBlank(bytes, form, end));
        String received = connection == end ? "" : text(bytes, offset, connection - 1 - offset);
        if (form == end || !received.matches("\\d{1,18}|[1-8]\\d{18}")) {
            return new RecordedLine.Unreadable();
        }
        long receivedAtNanos = Long.parseLong(received);
        return switch (text(bytes, form, Math.min(end, frame) - form).strip()) {
            case TEXT -> new RecordedLine.Frame(receivedAtNanos, bytes, frame, end - frame);
            case BASE64 -> decoded(receivedAtNanos, Arrays.copyOfRange(bytes, frame, end));
            default -> new RecordedLine.Unreadable();
        };
    }

    private static RecordedLine decoded(long receivedAtNanos, byte[] base64) {
        try {
            byte[] frame = Base64.getDecoder().decode(base64);
            return new RecordedLine.Frame(receivedAtNanos, frame, 0, frame.length);
        } catch (IllegalArgumentException e) {
            return new RecordedLine.Unreadable();
        }
    }

    private static byte[] line(String text) {
        return (text + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static boolean startsWith(String mark, byte[] bytes, int offset, int length) {
        return length >= mark.length() && text(bytes, offset, mark.length()).equals(mark);
    }

    private static String[] words(byte[] bytes, int offset, int length) {
        return text(bytes, offset, Math.min(length, LONGEST_MARK)).split(" ");
    }

    private static String text(byte[] bytes, int offset, int length) {
        return new String(bytes, offset, length, StandardCharsets.UTF_8);
    }

    /// Where the next word begins; the end when there is none.
    private static int afterBlank(byte[] bytes, int from, int end) {
        for (int i = from; i < end; i++) {
            if (bytes[i] == ' ') {
                return i + 1;
            }
        }
        return end;
    }

    /// Whether it survives as it is on a line of a text file, to its very ends.
    private static boolean isTextOfALine(byte[] frame) {
        if (frame.length == 0 || frame[0] == ' ' || frame[frame.length - 1] == ' ') {
            return false;
        }
        boolean isAscii = true;
        for (byte b : frame) {
            if ((b >= 0 && b < ' ') || b == DELETE) {
                return false;
            }
            isAscii &= b >= 0;
        }
        return isAscii || isUtf8(frame);
    }

    private static boolean isUtf8(byte[] frame) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(frame));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}

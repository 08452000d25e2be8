package io.metdc.connectors;

import io.metdc.connectors.Http.Answered;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.java_websocket.drafts.Draft;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.exceptions.InvalidDataException;
import org.java_websocket.exceptions.InvalidHandshakeException;
import org.java_websocket.exceptions.LimitExceededException;
import org.java_websocket.framing.CloseFrame;
import org.java_websocket.framing.ControlFrame;
import org.java_websocket.framing.Framedata;
import org.java_websocket.framing.PingFrame;
import org.java_websocket.framing.PongFrame;
import org.java_websocket.handshake.Handshakedata;
import org.java_websocket.protocols.Protocol;
import org.jspecify.annotations.Nullable;

/// Java-WebSocket's RFC 6455 with another way of cutting the byte stream into messages: they are handed on as
/// bytes, where they lie, as soon as they are complete. The library's own way copies every frame, makes a `String`
/// of it, drops the good messages of a read in which a later one is no UTF-8, and cannot take a text whose
/// fragments part a character.
///
/// Handshake, control frames and the closing handshake stay the library's. Used by the thread that reads.
final class Framing extends Draft_6455 {
    /// The longest message that is taken; beyond it the connection is closed with 1009.
    static final int MAX_MESSAGE = 16 << 20;

    private static final int MAX_KEPT = 1 << 20;
    private static final Pattern STATUS_LINE = Pattern.compile("^HTTP/1\\.[01] (\\d{3})\\b");
    private static final Pattern HEADER = Pattern.compile("([!#-'*+.^_`|~0-9A-Za-z-]{1,100}):[ \\t]*(.{0,1000})");

    private static final int SWITCHING_PROTOCOLS = 101;

    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;

    /// What is heard: messages and an answer to the handshake that is no consent.
    interface Listener {
        /// A whole message, text or binary; the bytes are valid during the call.
        void message(byte[] bytes, int offset, int length);

        /// The server refused the handshake. May be called again when more of its answer is there.
        ///
        /// @param answer with as much of its body as came with its head
        void refused(Answered answer);
    }

    private final Listener listener;

    /// The beginning of a frame whose end did not come yet.
    private byte[] partial = new byte[4096];
    private int partialLength;

    /// The fragments so far of a message, or -1 when there is none.
    private byte[] message = {};
    private int messageLength = -1;
    private boolean closed;

    Framing(Listener listener) {
        super(List.of(), List.of(new Protocol("")), MAX_MESSAGE);
        this.listener = listener;
    }

    @Override
    public Draft copyInstance() {
        return new Framing(listener);
    }

    @Override
    public Handshakedata translateHandshake(ByteBuffer buffer) throws InvalidHandshakeException {
        String head = StandardCharsets.ISO_8859_1.decode(buffer.duplicate()).toString();
        Matcher status = STATUS_LINE.matcher(head);
        if (status.find() && Integer.parseInt(status.group(1)) != SWITCHING_PROTOCOLS) {
            listener.refused(answered(Integer.parseInt(status.group(1)), head));
        }
        return super.translateHandshake(buffer);
    }

    private static Answered answered(int status, String text) {
        int end = text.indexOf("\r\n\r\n");
        Map<String, List<String>> headers = new LinkedHashMap<>();
        (end < 0 ? text : text.substring(0, end)).lines().skip(1).forEach(line -> {
            Matcher header = HEADER.matcher(line);
            if (header.matches()) {
                headers.putIfAbsent(header.group(1), List.of(header.group(2).strip()));
            }
        });
        byte[] body = end < 0 ? new byte[0] : text.substring(end + 4).getBytes(StandardCharsets.ISO_8859_1);
        return new Answered(status, HttpHeaders.of(headers, (_, _) -> true), body);
    }

    /// Hands on the messages that the bytes complete, and returns the control frames among them.
    @Override
    public List<Framedata> translateFrame(ByteBuffer buffer) throws InvalidDataException {
        List<Framedata> controls = List.of();
        byte[] bytes = buffer.array();
        int at = buffer.arrayOffset() + buffer.position();
        int end = at + buffer.remaining();
        buffer.position(buffer.limit());
        while (at < end && !closed) {
            Framedata control;
            if (partialLength > 0) {
                int missing = size(partial, 0, partialLength) - partialLength;
                int taken = Math.min(missing, end - at);
                keep(bytes, at, taken);
                at += taken;
                int size = size(partial, 0, partialLength); // known only when the whole head is there
                if (partialLength < size) {
                    continue;
                }
                partialLength = 0;
                control = frame(partial, 0, size);
                if (partial.length > MAX_KEPT) {
                    partial = new byte[4096];
                }
            } else {
                int size = size(bytes, at, end - at);
                if (end - at < size) {
                    keep(bytes, at, end - at);
                    break;
                }
                control = frame(bytes, at, size);
                at += size;
            }
            if (control != null) {
                controls = controls.isEmpty() ? new ArrayList<>() : controls;
                controls.add(control);
            }
        }
        return controls;
    }

    private void keep(byte[] bytes, int from, int length) {
        if (partial.length - partialLength < length) {
            partial = Arrays.copyOf(partial, Math.max(2 * partial.length, partialLength + length));
        }
        System.arraycopy(bytes, from, partial, partialLength, length);
        partialLength += length;
    }

    /// How long the frame is that begins here; while its head is incomplete, how long the head is.
    private static int size(byte[] bytes, int at, int there) throws InvalidDataException {
        if (there < 2) {
            return 2;
        }
        if (bytes[at + 1] < 0) {
            throw violated("a masked frame from the server");
        }
        int head = head(bytes[at + 1]);
        if (there < head) {
            return head;
        }
        long payload = head == 2 ? bytes[at + 1] : 0;
        for (int i = 2; i < head; i++) {
            payload = payload << 8 | (bytes[at + i] & 0xff);
        }
        if (payload < 0 || payload > MAX_MESSAGE) {
            throw new LimitExceededException("a frame longer than " + MAX_MESSAGE + " bytes", MAX_MESSAGE);
        }
        return head + (int) payload;
    }

    private static int head(byte length) {
        return length == 127 ? 10 : length == 126 ? 4 : 2;
    }

    /// Takes a whole frame; gives it back if it is a control frame.
    private @Nullable Framedata frame(byte[] bytes, int at, int size) throws InvalidDataException {
        boolean last = bytes[at] < 0;
        int from = at + head(bytes[at + 1]);
        int length = at + size - from;
        if ((bytes[at] & 0x70) != 0) {
            throw violated("reserved bits set");
        }
        return switch (bytes[at] & 0x0f) {
            case TEXT, BINARY -> {
                begin(bytes, from, length, last);
                yield null;
            }
            case CONTINUATION -> {
                goOn(bytes, from, length, last);
                yield null;
            }
            case PING -> control(new PingFrame(), bytes, from, length, last);
            case PONG -> control(new PongFrame(), bytes, from, length, last);
            case CLOSE -> {
                closed = true; // nothing counts after it
                yield control(new CloseFrame(), bytes, from, length, last);
            }
            default -> throw violated("an unknown kind of frame");
        };
    }

    private void begin(byte[] bytes, int from, int length, boolean last) throws InvalidDataException {
        if (messageLength >= 0) {
            throw violated("a message inside of another");
        }
        if (last) {
            listener.message(bytes, from, length);
        } else {
            messageLength = 0;
            append(bytes, from, length);
        }
    }

    private void goOn(byte[] bytes, int from, int length, boolean last) throws InvalidDataException {
        if (messageLength < 0) {
            throw violated("a continuation of nothing");
        }
        append(bytes, from, length);
        if (last) {
            listener.message(message, 0, messageLength);
            messageLength = -1;
            message = message.length > MAX_KEPT ? new byte[0] : message;
        }
    }

    private void append(byte[] bytes, int from, int length) throws LimitExceededException {
        if (messageLength + length > MAX_MESSAGE) {
            throw new LimitExceededException("a message longer than " + MAX_MESSAGE + " bytes", MAX_MESSAGE);
        }
        if (message.length - messageLength < length) {
            message = Arrays.copyOf(message, Math.max(2 * message.length, messageLength + length));
        }
        System.arraycopy(bytes, from, message, messageLength, length);
        messageLength += length;
    }

    private static Framedata control(ControlFrame frame, byte[] bytes, int from, int length, boolean last)
            throws InvalidDataException {
        frame.setFin(last);
        frame.setPayload(ByteBuffer.wrap(Arrays.copyOfRange(bytes, from, from + length)));
        frame.isValid();
        if (length > 125) {
            throw violated("a control frame of " + length + " bytes");
        }
        return frame;
    }

    private static InvalidDataException violated(String what) {
        return new InvalidDataException(CloseFrame.PROTOCOL_ERROR, what);
    }
}

package io.metdc.connectors;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A server that accepts one connection and then does to it, byte by byte, what a test wants.
final class RawServer implements AutoCloseable {
    /// What to do with the connection.
    interface Script {
        void play(RawServer server) throws IOException, InterruptedException;
    }

    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    private final ServerSocket listening;
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile String head = "";
    private volatile Socket socket = new Socket();

    private RawServer(Script script) throws IOException {
        listening = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().name("raw-server").daemon().start(() -> {
            try (Socket accepted = listening.accept()) {
                socket = accepted;
                accepted.setSoTimeout(20_000);
                script.play(this);
            } catch (IOException | InterruptedException _) {
                // the client or the end of the test cut it
            } finally {
                done.countDown();
            }
        });
    }

    static RawServer playing(Script script) {
        try {
            return new RawServer(script);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    URI url() {
        return URI.create("ws://127.0.0.1:" + listening.getLocalPort());
    }

    String head() {
        return head;
    }

    void awaitDone() throws InterruptedException {
        done.await();
    }

    /// Reads the request up to its empty line.
    String readHead() throws IOException {
        var out = new ByteArrayOutputStream();
        while (!out.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int b = socket.getInputStream().read();
            if (b < 0) {
                throw new IOException("no request");
            }
            out.write(b);
        }
        head = out.toString(StandardCharsets.ISO_8859_1);
        return head;
    }

    void shakeHands() throws IOException {
        Matcher key = Pattern.compile("(?i)sec-websocket-key: *(\\S+)").matcher(readHead());
        if (!key.find()) {
            throw new IOException("no WebSocket request");
        }
        write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                        + accept(key.group(1)) + "\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1));
    }

    void write(byte[] bytes) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(bytes);
        out.flush();
    }

    void text(String text) throws IOException {
        write(frame(true, TEXT, text.getBytes(StandardCharsets.UTF_8)));
    }

    /// Reads one frame of the client.
    ///
    /// @return its kind in the first byte, its payload behind
    byte[] readFrame() throws IOException {
        var in = new DataInputStream(socket.getInputStream());
        int kind = in.readUnsignedByte() & 0x0f;
        int length = in.readUnsignedByte() & 0x7f;
        if (length == 126) {
            length = in.readUnsignedShort();
        }
        byte[] mask = in.readNBytes(4);
        byte[] payload = in.readNBytes(length);
        byte[] frame = new byte[1 + length];
        frame[0] = (byte) kind;
        for (int i = 0; i < length; i++) {
            frame[1 + i] = (byte) (payload[i] ^ mask[i % 4]);
        }
        return frame;
    }

    /// Waits for the client to say goodbye.
    void drain() throws IOException {
        while (readFrame()[0] != CLOSE) {
            // what else it says is of no interest
        }
    }

    /// Waits for the client to go, without ever answering.
    void ignore() throws IOException {
        socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    }

    static byte[] frame(boolean last, int kind, byte[] payload) {
        var out = new ByteArrayOutputStream();
        out.write((last ? 0x80 : 0) | kind);
        if (payload.length < 126) {
            out.write(payload.length);
        } else if (payload.length < 65_536) {
            out.write(126);
            out.write(payload.length >> 8);
            out.write(payload.length);
        } else {
            out.write(127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                out.write((int) ((long) payload.length >> shift));
            }
        }
        out.writeBytes(payload);
        return out.toByteArray();
    }

    private static String accept(String key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1")
                    .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.ISO_8859_1));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        socket.close();
    }
}

package io.metdc.simulator;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/// Accepts WebSocket clients of one market on loopback: TLS if wanted, the HTTP upgrade, then a [Connection].
///
/// Written here because a server of the exchange's temper needs what libraries hide: when a frame was written,
/// several frames in one write, resets, lost client frames.
final class WebSocketServer implements AutoCloseable {
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int MAX_HEADER = 16 * 1024;
    private static final int MAX_RESOURCE = 8_000;
    private static final int HANDSHAKE_MILLIS = 10_000;

    private final Venue venue;
    private final SimulatorOptions options;
    private final @Nullable SSLContext tls;
    private final ServerSocket server;
    private final AtomicLong numbers = new AtomicLong();

    WebSocketServer(Venue venue, SimulatorOptions options, int port, @Nullable SSLContext tls) throws IOException {
        this.venue = venue;
        this.options = options;
        this.tls = tls;
        server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 512);
    }

    void start() {
        Thread.ofPlatform().daemon().name("simulator-" + venue + "-accept").start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread.ofVirtual().name("simulator-" + venue + "-read").start(() -> serve(socket));
            } catch (IOException e) {
                // closed, or a client that went away before it was accepted
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    private void serve(Socket raw) {
        try (raw) {
            if (venue.holds(Fault.STOP_ACCEPTING)) {
                raw.setSoLinger(true, 0);
                return;
            }
            raw.setTcpNoDelay(true);
            raw.setSoTimeout(HANDSHAKE_MILLIS);
            Socket socket = raw;
            if (tls != null) {
                SSLSocket secure = (SSLSocket) tls.getSocketFactory().createSocket(raw, null, true);
                secure.setUseClientMode(false);
                secure.startHandshake();
                socket = secure;
            }
            DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 4096));
            Connection connection = upgrade(raw, socket, in);
            if (connection != null) {
                raw.setSoTimeout(0);
                connection.run();
            }
        } catch (IOException e) {
            // a client that does not finish its handshake is its own affair
        }
    }

    private @Nullable Connection upgrade(Socket raw, Socket socket, DataInputStream in) throws IOException {
        String[] request = line(in).split(" ", -1);
        Map<String, String> headers = new HashMap<>();
        int size = 0;
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            size += line.length();
            int colon = line.indexOf(':');
            if (colon <= 0 || size > MAX_HEADER) {
                answer(socket, 400, "Bad Request", Map.of());
                return null;
            }
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        try {
            if (request.length != 3 || !request[0].equals("GET")) {
                throw new Refusal(400, "Bad Request");
            }
            String resource = request[1];
            if (resource.length() > MAX_RESOURCE) {
                throw new Refusal(414, "URI Too Long");
            }
            String key = headers.get("sec-websocket-key");
            if (key == null || !"websocket".equalsIgnoreCase(headers.get("upgrade"))) {
                throw new Refusal(400, "Bad Request");
            }
            String address = raw.getInetAddress().getHostAddress();
            int question = resource.indexOf('?');
            String path = question < 0 ? resource : resource.substring(0, question);
            String query = question < 0 ? "" : resource.substring(question + 1);
            Visit visit = venue.open(handshake(path, query, headers, address));
            Connection connection;
            try {
                connection =
                        new Connection(numbers.incrementAndGet(), venue, raw, socket, in, resource, visit, options);
            } catch (IOException e) {
                visit.end();
                throw e;
            }
            if (!venue.opened(connection)) {
                visit.end();
                throw new Refusal(503, "Service Unavailable");
            }
            Map<String, String> agreed =
                    Map.of("Upgrade", "websocket", "Connection", "Upgrade", "Sec-WebSocket-Accept", accepted(key));
            try {
                answer(socket, 101, "Switching Protocols", agreed);
            } catch (IOException e) {
                connection.end("the client went away in its handshake");
                throw e;
            }
            return connection;
        } catch (Refusal e) {
            answer(socket, e.status(), String.valueOf(e.getMessage()), e.headers());
            return null;
        }
    }

    private static Handshake handshake(String path, String query, Map<String, String> headers, String address)
            throws Refusal {
        try {
            return new Handshake(
                    HttpRequest.decoded(path.replace("+", "%2B")), HttpRequest.parameters(query), headers, address);
        } catch (IllegalArgumentException e) {
            throw new Refusal(400, "Bad Request");
        }
    }

    private static void answer(Socket socket, int status, String reason, Map<String, String> headers)
            throws IOException {
        StringBuilder answer = new StringBuilder("HTTP/1.1 " + status + " " + reason + "\r\n");
        headers.forEach(
                (name, value) -> answer.append(name).append(": ").append(value).append("\r\n"));
        if (status != 101) {
            answer.append("Content-Length: 0\r\nConnection: close\r\n");
        }
        socket.getOutputStream().write(answer.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String line(DataInputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        while (line.length() <= MAX_HEADER) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("the client went away in its handshake");
            }
            if (next == '\n') {
                return line.toString().stripTrailing();
            }
            line.append((char) next);
        }
        throw new IOException("a header line is too long");
    }

    private static String accepted(String key) {
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1"); // RFC 6455 asks for it
            return Base64.getEncoder().encodeToString(sha1.digest((key + GUID).getBytes(StandardCharsets.ISO_8859_1)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }
}

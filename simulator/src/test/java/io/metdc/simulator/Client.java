package io.metdc.simulator;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.RandomAccess;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.awaitility.Awaitility;
import org.java_websocket.WebSocket;
import org.java_websocket.client.WebSocketClient;
import org.java_websocket.framing.Framedata;
import org.java_websocket.handshake.ServerHandshake;

/// A real client: keeps every frame.
final class Client extends WebSocketClient implements AutoCloseable {
    static final ObjectMapper JSON = new ObjectMapper();

    static {
        Awaitility.setDefaultPollInterval(Duration.ofMillis(10));
        Awaitility.setDefaultPollDelay(Duration.ZERO);
    }

    final Frames frames = new Frames();
    final List<ByteBuffer> binary = new CopyOnWriteArrayList<>();
    final AtomicInteger pings = new AtomicInteger();
    final AtomicInteger pongs = new AtomicInteger();
    volatile int closeCode;
    volatile String closeReason = "";
    volatile boolean closed;
    volatile boolean answersPings = true;
    /// Whether binary messages are texts.
    volatile boolean readsBinary;

    private Client(URI uri) {
        super(uri);
        setConnectionLostTimeout(0);
        setTcpNoDelay(true);
    }

    static Client open(URI uri) throws InterruptedException {
        return open(uri, Optional.empty());
    }

    static Client open(URI uri, Optional<Path> caFile) throws InterruptedException {
        Client client = new Client(uri);
        caFile.ifPresent(file -> client.setSocketFactory(trusting(file).getSocketFactory()));
        client.connectBlocking(10, TimeUnit.SECONDS);
        return client;
    }

    /// With headers of its own in the handshake.
    static Client open(URI uri, Map<String, String> headers) throws InterruptedException {
        Client client = new Client(uri);
        headers.forEach(client::addHeader);
        client.connectBlocking(10, TimeUnit.SECONDS);
        return client;
    }

    static SSLContext trusting(Path caFile) {
        try (InputStream in = Files.newInputStream(caFile)) {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Sends a request and waits for its answer, the first frame that is no market data.
    JsonNode ask(String request) {
        return ask(request, frame -> frame.has("result") || frame.has("error"));
    }

    /// Sends a request and waits for its answer.
    ///
    /// @param request  its quotation marks may be single
    /// @param isAnswer what frame is one
    JsonNode ask(String request, Predicate<JsonNode> isAnswer) {
        return json(hear(request, frame -> isAnswer.test(json(frame))));
    }

    /// Sends a request and waits for the first such frame behind it.
    String hear(String request, Predicate<String> wanted) {
        int before = frames.size();
        say(request);
        return await().until(() -> since(before).stream().filter(wanted).findFirst(), Optional::isPresent)
                .orElseThrow();
    }

    /// Sends a request, whose quotation marks may be single.
    void say(String request) {
        send(request.replace('\'', '"'));
    }

    /// The frames that are JSON.
    Stream<JsonNode> said() {
        return frames.stream()
                .filter(frame -> frame.startsWith("{") || frame.startsWith("["))
                .map(Client::json);
    }

    /// The frames from this one on, as they are now: a copy, since more arrive.
    List<String> since(int first) {
        return frames.stream().skip(first).toList();
    }

    void subscribe(String... names) throws JsonProcessingException {
        JsonNode answer = ask("{\"method\":\"SUBSCRIBE\",\"params\":" + JSON.writeValueAsString(names) + ",\"id\":1}");
        if (!answer.path("result").isNull()) {
            throw new IllegalStateException("refused: " + answer);
        }
    }

    /// The inner objects of the trade frames, raw or combined.
    List<JsonNode> trades() {
        return frames.stream()
                .map(Client::json)
                .map(frame -> frame.has("data") ? frame.get("data") : frame)
                .filter(frame -> frame.path("e").asText().equals("trade"))
                .toList();
    }

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("no JSON: " + text, e);
        }
    }

    static HttpResponse<String> get(URI rest, String path, String... headers) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return get(client, rest, path, headers);
        }
    }

    static HttpResponse<String> get(HttpClient client, URI rest, String path, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(rest + path)).timeout(Duration.ofSeconds(10));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void onOpen(ServerHandshake handshake) {}

    @Override
    public void onMessage(String message) {
        frames.add(message);
    }

    @Override
    public void onMessage(ByteBuffer bytes) {
        if (readsBinary) {
            frames.add(StandardCharsets.UTF_8.decode(bytes).toString());
        } else {
            binary.add(bytes);
        }
    }

    @Override
    public void onWebsocketPing(WebSocket socket, Framedata frame) {
        pings.incrementAndGet();
        if (answersPings) {
            super.onWebsocketPing(socket, frame);
        }
    }

    @Override
    public void onWebsocketPong(WebSocket socket, Framedata frame) {
        pongs.incrementAndGet();
    }

    @Override
    public void onClose(int code, String reason, boolean remote) {
        closeCode = code;
        closeReason = reason;
        closed = true;
    }

    @Override
    public void onError(Exception failure) {
        closeReason = String.valueOf(failure.getMessage());
    }

    /// Grows at its end while others read it: a hundred thousand frames are too many to copy for each one.
    static final class Frames extends AbstractList<String> implements RandomAccess {
        private volatile String[] frames = new String[1024];
        private volatile int size;

        @Override
        public synchronized boolean add(String frame) {
            if (size == frames.length) {
                frames = Arrays.copyOf(frames, size * 2);
            }
            frames[size] = frame;
            size = size + 1;
            return true;
        }

        @Override
        public String get(int index) {
            return frames[index];
        }

        @Override
        public int size() {
            return size;
        }
    }
}

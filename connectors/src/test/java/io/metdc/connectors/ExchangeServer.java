package io.metdc.connectors;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import javax.net.ssl.SSLContext;
import org.java_websocket.WebSocket;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.server.DefaultSSLWebSocketServerFactory;
import org.java_websocket.server.WebSocketServer;
import org.jspecify.annotations.Nullable;

/// A WebSocket server on loopback that answers as a test tells it.
final class ExchangeServer extends WebSocketServer implements AutoCloseable {
    record Received(String text, long atNanoTime) {}

    private final CountDownLatch started = new CountDownLatch(1);
    private final ScheduledExecutorService lookout = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().factory());
    private final BiConsumer<WebSocket, String> answers;
    private final boolean tls;
    final List<Received> received = new CopyOnWriteArrayList<>();
    final List<Integer> closeCodes = new CopyOnWriteArrayList<>();
    final Map<String, String> headers = new ConcurrentHashMap<>();
    volatile String resource = "";
    volatile String clientAddress = "";
    volatile String greeting = "";

    private ExchangeServer(BiConsumer<WebSocket, String> answers, @Nullable SSLContext context) {
        super(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
        this.answers = answers;
        tls = context != null;
        if (context != null) {
            setWebSocketFactory(new DefaultSSLWebSocketServerFactory(context));
        }
        setReuseAddr(true);
        setDaemon(true);
    }

    /// Starts a server that hears messages and answers them; with a context it speaks TLS.
    static ExchangeServer answering(BiConsumer<WebSocket, String> answers, @Nullable SSLContext context)
            throws InterruptedException {
        var server = new ExchangeServer(answers, context);
        server.start();
        server.started.await();
        return server;
    }

    /// Acknowledges every request.
    static void acknowledge(WebSocket socket, String request) {
        socket.send("{\"result\":null,\"id\":" + number(request) + "}");
    }

    static long number(String request) {
        return Long.parseLong(request.replaceAll(".*\"id\":(\\d+)}", "$1"));
    }

    URI url() {
        return URI.create((tls ? "wss" : "ws") + "://localhost:" + getPort());
    }

    @Override
    public void onStart() {
        var _ = lookout.scheduleWithFixedDelay(this::sendWhatIsLeft, 5, 5, TimeUnit.MILLISECONDS);
        started.countDown();
    }

    /// The library's selector overlooks a frame that it gets while it ends writing the one before, and would leave it
    /// lying until the next.
    private void sendWhatIsLeft() {
        for (WebSocket socket : getConnections()) {
            if (socket.hasBufferedData()) {
                onWriteDemand(socket);
            }
        }
    }

    @Override
    public void stop(int timeout, String message) throws InterruptedException {
        lookout.shutdownNow();
        super.stop(timeout, message);
    }

    @Override
    public void onOpen(WebSocket socket, ClientHandshake handshake) {
        resource = handshake.getResourceDescriptor();
        clientAddress = socket.getRemoteSocketAddress().getAddress().getHostAddress();
        handshake.iterateHttpFields().forEachRemaining(name -> headers.put(name, handshake.getFieldValue(name)));
        if (!greeting.isEmpty()) {
            socket.send(greeting);
        }
    }

    @Override
    public void onMessage(WebSocket socket, String message) {
        received.add(new Received(message, System.nanoTime()));
        answers.accept(socket, message);
    }

    @Override
    public void onClose(WebSocket socket, int code, String reason, boolean remote) {
        closeCodes.add(code);
    }

    @Override
    public void onError(WebSocket socket, Exception e) {
        // a client that goes away without a word, as some tests make it
    }

    @Override
    public void close() {
        try {
            stop(500);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package io.metdc.collector;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.java_websocket.WebSocket;
import org.java_websocket.drafts.Draft;
import org.java_websocket.exceptions.InvalidDataException;
import org.java_websocket.framing.CloseFrame;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.handshake.ServerHandshakeBuilder;
import org.java_websocket.server.WebSocketServer;

/// A WebSocket on loopback that answers each message as a test wants, and a handshake with 404 while it is gone.
final class ExchangeThatObeys extends WebSocketServer {
    private final BiConsumer<WebSocket, String> answer;
    private final BooleanSupplier gone;
    private final CountDownLatch started = new CountDownLatch(1);
    private final ScheduledExecutorService lookout = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().factory());

    private ExchangeThatObeys(BiConsumer<WebSocket, String> answer, BooleanSupplier gone) {
        super(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
        this.answer = answer;
        this.gone = gone;
        setReuseAddr(true);
        setDaemon(true);
    }

    /// Returns when it listens.
    static ExchangeThatObeys start(BiConsumer<WebSocket, String> answer, BooleanSupplier gone)
            throws InterruptedException {
        ExchangeThatObeys exchange = new ExchangeThatObeys(answer, gone);
        exchange.start();
        exchange.started.await();
        return exchange;
    }

    URI address() {
        return URI.create("ws://127.0.0.1:" + getPort());
    }

    @Override
    public ServerHandshakeBuilder onWebsocketHandshakeReceivedAsServer(
            WebSocket socket, Draft draft, ClientHandshake request) throws InvalidDataException {
        if (gone.getAsBoolean()) {
            throw new InvalidDataException(CloseFrame.POLICY_VALIDATION); // answered with 404
        }
        return super.onWebsocketHandshakeReceivedAsServer(socket, draft, request);
    }

    @Override
    public void onMessage(WebSocket socket, String message) {
        answer.accept(socket, message);
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
    public void onOpen(WebSocket socket, ClientHandshake handshake) {}

    @Override
    public void onClose(WebSocket socket, int code, String reason, boolean remote) {}

    @Override
    public void onError(WebSocket socket, Exception e) {}
}

package io.metdc.connectors;

import io.metdc.connectors.Http.Answered;
import io.metdc.market.DisconnectCause;
import io.metdc.market.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.java_websocket.WebSocket;
import org.java_websocket.WebSocketAdapter;
import org.java_websocket.WebSocketImpl;
import org.java_websocket.exceptions.InvalidHandshakeException;
import org.java_websocket.exceptions.WebsocketNotConnectedException;
import org.java_websocket.framing.CloseFrame;
import org.java_websocket.framing.Framedata;
import org.java_websocket.handshake.HandshakeImpl1Client;
import org.java_websocket.handshake.Handshakedata;
import org.jspecify.annotations.Nullable;

/// One WebSocket connection. Java-WebSocket speaks the protocol; the socket and the one platform thread that reads
/// it are ours, so that connecting has stages that can be named, closing has an end, and no second thread is needed
/// for writing: who has something to send writes it, and what others want to send meanwhile, too. No `Origin` is sent.
public final class Wire extends WebSocketAdapter implements Framing.Listener {
    /// What happens on the connection, heard on its reader thread; sometimes the end on another.
    public interface Listener {
        /// A whole message; the bytes are valid during the call. Must not throw.
        void message(byte[] bytes, int offset, int length);

        /// A ping came, and a pong is about to be sent.
        default void ping() {}

        /// A ping of ours was answered.
        default void pong() {}

        /// The connection is gone. Called once.
        void ended(Failure failure);
    }

    private static final int LOGGED = 300;
    private static final int READ_BUFFER = 32 << 10;
    private static final long MAX_HANDSHAKE = 64 << 10;

    private final String name;
    private final Endpoint endpoint;
    private final String where;
    private final Network network;
    private final Classification classification;
    private final Listener listener;
    private final WebSocketImpl engine;
    private final AtomicInteger demands = new AtomicInteger();
    private final Object lock = new Object();

    private volatile long lastArrival = System.nanoTime();
    private volatile boolean closing;
    private volatile @Nullable Socket socket;
    private volatile @Nullable OutputStream out;
    private @Nullable Thread reader;

    private boolean open; // these four under the lock
    private @Nullable Failure end;
    private @Nullable Failure refusal;
    private int refusedWith;
    private volatile int closedWith;
    private volatile String lastSent = "";

    /// @param name           for messages and the thread
    /// @param classification what a refused handshake and a close mean
    public Wire(String name, Endpoint endpoint, Network network, Classification classification, Listener listener) {
        this.name = name;
        this.endpoint = endpoint;
        this.network = network;
        this.classification = classification;
        this.listener = listener;
        URI address = endpoint.address();
        // without the query: some exchanges want a token there
        where = name + " at " + address.getScheme() + "://" + address.getRawAuthority() + address.getRawPath();
        engine = new WebSocketImpl(this, new Framing(this));
    }

    /// The session and the address, for messages.
    public String where() {
        return where;
    }

    /// Connects and shakes hands. Afterwards messages arrive.
    public void connect() throws FeedException, InterruptedException {
        URI address = endpoint.address();
        boolean tls = "wss".equals(address.getScheme());
        if ((!tls && !"ws".equals(address.getScheme())) || address.getHost() == null) {
            throw new FeedException(new Failure.Fatal(where + ": a WebSocket address begins with wss:// or ws://"));
        }
        String host = address.getHost().replaceAll("[\\[\\]]", "");
        int port = address.getPort() >= 0 ? address.getPort() : tls ? 443 : 80;
        try {
            Socket connected = network.connect(host, port, tls);
            socket = connected;
            out = connected.getOutputStream();
        } catch (IOException e) {
            stopIfInterrupted();
            throw new FeedException(new Failure.Recoverable(where + ": cannot connect: " + described(e), e));
        }
        try {
            shakeHands(address);
            reader = Thread.ofPlatform().name(name + "-read").daemon().start(this::read);
            awaitOpen();
        } catch (InterruptedException | FeedException | RuntimeException e) {
            tearDown();
            throw e;
        }
    }

    private void shakeHands(URI address) throws FeedException {
        var request = new HandshakeImpl1Client();
        String path = address.getRawPath().isEmpty() ? "/" : address.getRawPath();
        request.setResourceDescriptor(address.getRawQuery() == null ? path : path + "?" + address.getRawQuery());
        request.put("Host", address.getPort() < 0 ? address.getHost() : address.getHost() + ":" + address.getPort());
        request.put("User-Agent", "metdc");
        for (Map.Entry<String, String> header : endpoint.headers().entrySet()) {
            request.put(header.getKey(), header.getValue());
        }
        try {
            engine.startHandshake(request);
        } catch (InvalidHandshakeException e) {
            throw new FeedException(new Failure.Recoverable(where + ": cannot send the handshake", e));
        }
    }

    private void awaitOpen() throws FeedException, InterruptedException {
        long deadline = System.nanoTime() + network.readTimeout().toNanos();
        synchronized (lock) {
            while (!open && end == null) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    throw new FeedException(new Failure.Recoverable(
                            where + ": no answer to the handshake within " + network.readTimeout()));
                }
                TimeUnit.NANOSECONDS.timedWait(lock, left);
            }
            if (!open && end != null) { // what ended after it was open is heard later
                throw new FeedException(end);
            }
        }
    }

    /// Sends a text message; it is on its way when this returns.
    public void send(String text) throws FeedException {
        try {
            lastSent = text;
            engine.send(text);
        } catch (WebsocketNotConnectedException e) {
            throw notConnected(e);
        }
    }

    /// Sends a ping.
    public void ping() throws FeedException {
        try {
            engine.sendPing();
        } catch (WebsocketNotConnectedException e) {
            throw notConnected(e);
        }
    }

    private FeedException notConnected(WebsocketNotConnectedException e) {
        synchronized (lock) {
            return new FeedException(end == null ? new Failure.Recoverable(where + ": not connected", e) : end);
        }
    }

    /// The HTTP status by which the handshake was refused; 0 when it was not.
    public int refusedWith() {
        synchronized (lock) {
            return refusedWith;
        }
    }

    /// The code with which the other side closed the connection; 0 when it did not.
    int closedWith() {
        return closedWith;
    }

    /// When anything last arrived, in [System#nanoTime()].
    public long lastArrival() {
        return lastArrival;
    }

    /// Ends the connection for the reason given, at once and without a word to the other side.
    public void abort(Failure failure) {
        end(failure);
        tearDown();
    }

    /// Says goodbye, waits for the other side to answer, no longer than given, and takes the connection down in any
    /// case. Returns when its threads are gone.
    public void close(Duration wait) {
        closing = true;
        // on a thread of its own, since a peer that does not read can hold up whoever writes, until the socket is
        // closed
        Thread goodbye = Thread.ofVirtual().name(name + "-close").start(() -> engine.close(CloseFrame.NORMAL));
        boolean interrupted = false;
        try {
            Thread reading = reader;
            if (goodbye.join(wait) && reading != null) {
                reading.join(wait);
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        tearDown();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// Closes the socket, which frees the reader and whoever writes, and waits for the reader to be gone.
    private void tearDown() {
        closing = true;
        closeSocket();
        Thread reading = reader;
        if (reading != null && !reading.equals(Thread.currentThread())) {
            boolean interrupted = Thread.interrupted();
            try {
                reading.join(Duration.ofSeconds(2));
            } catch (InterruptedException e) {
                interrupted = true;
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void closeSocket() {
        Socket connected = socket;
        if (connected != null) {
            try {
                connected.close();
            } catch (IOException _) {
                // it is gone, which is all that was wanted
            }
        }
    }

    // ---- the reader thread

    private void read() {
        Socket connected = socket;
        byte[] buffer = new byte[READ_BUFFER];
        long before = 0;
        try {
            InputStream in = connected == null ? InputStream.nullInputStream() : connected.getInputStream();
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                lastArrival = System.nanoTime();
                engine.decode(ByteBuffer.wrap(buffer, 0, length));
                if (!closing && (engine.isClosing() || engine.isClosed())) {
                    break; // the other side said goodbye, or we could not understand it
                }
                before += engine.isOpen() ? 0 : length;
                if (before > MAX_HANDSHAKE && !closing) {
                    end(new Failure.Recoverable(where + ": an answer to the handshake without end"));
                    break;
                }
            }
            engine.eot(); // tells onWebsocketClose
        } catch (IOException e) {
            end(new Failure.Recoverable(where + ": connection lost: " + described(e), e, DisconnectCause.RESET));
        } catch (RuntimeException | Error e) {
            end(new Failure.Recoverable(where + ": reading failed: " + e, e));
        } finally {
            closeSocket();
            end(new Failure.Recoverable(where + ": connection lost", DisconnectCause.RESET));
        }
    }

    @Override
    public void message(byte[] bytes, int offset, int length) {
        if (!closing) { // what was not read before the end counts as not received
            listener.message(bytes, offset, length);
        }
    }

    @Override
    public void refused(Answered answer) {
        Failure meaning = classification.handshake(answer, where);
        synchronized (lock) {
            refusedWith = answer.status();
            refusal = meaning;
        }
    }

    private void end(Failure failure) {
        synchronized (lock) {
            if (end != null) {
                return;
            }
            end = !open && refusal != null ? refusal : failure;
            lock.notifyAll();
            failure = end;
        }
        listener.ended(failure);
    }

    private static String described(Exception e) {
        String type = e.getClass().getSimpleName();
        return e.getMessage() == null ? type : type + ", " + e.getMessage();
    }

    /// A virtual thread that is interrupted in a socket call sees the socket closed instead.
    private static void stopIfInterrupted() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    // ---- what Java-WebSocket calls

    @Override
    public void onWebsocketOpen(WebSocket conn, Handshakedata answer) {
        synchronized (lock) {
            open = true;
            lock.notifyAll();
        }
    }

    /// Classifies by code.
    @Override
    public void onWebsocketClose(WebSocket conn, int code, @Nullable String reason, boolean remote) {
        String said = reason == null || reason.isBlank() ? "" : " (" + reason + ")";
        String what = where + ": "
                + switch (code) {
                    case CloseFrame.ABNORMAL_CLOSE -> "connection lost without a word" + said;
                    case CloseFrame.NEVER_CONNECTED, CloseFrame.PROTOCOL_ERROR -> "not a proper WebSocket" + said;
                    case CloseFrame.TOOBIG -> "closed with code 1009: too long a message" + said;
                    default -> (remote ? "the exchange closed" : "closed") + " with code " + code + said;
                };
        DisconnectCause cause = switch (code) {
            case CloseFrame.ABNORMAL_CLOSE -> DisconnectCause.RESET;
            case CloseFrame.NEVER_CONNECTED, CloseFrame.PROTOCOL_ERROR, CloseFrame.TOOBIG -> DisconnectCause.UNREADABLE;
            default -> remote ? DisconnectCause.CLOSED_BY_EXCHANGE : DisconnectCause.FAILED;
        };
        closedWith = remote ? code : 0;
        String sent = lastSent;
        if (classification.onClose(code) == Reaction.Plain.BUG && !sent.isEmpty()) {
            what += ", after: " + (sent.length() <= LOGGED ? sent : sent.substring(0, LOGGED) + "…");
        }
        end(remote ? classification.close(code, what, cause) : new Failure.Recoverable(what, cause));
    }

    @Override
    public void onWebsocketPing(WebSocket conn, Framedata ping) {
        listener.ping();
        try {
            super.onWebsocketPing(conn, ping); // answers
        } catch (WebsocketNotConnectedException _) {
            // closing already
        }
    }

    @Override
    public void onWebsocketPong(WebSocket conn, Framedata pong) {
        listener.pong();
    }

    /// Writes what is there to write; while one thread does, the others leave theirs to it and go on.
    @Override
    public void onWriteDemand(WebSocket conn) {
        if (demands.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        while (seen != 0) {
            OutputStream to = out;
            for (ByteBuffer next = engine.outQueue.poll(); next != null && to != null; next = engine.outQueue.poll()) {
                try {
                    to.write(next.array(), next.arrayOffset() + next.position(), next.remaining());
                } catch (IOException e) {
                    end(new Failure.Recoverable(where + ": cannot send: " + described(e), e, DisconnectCause.RESET));
                    closeSocket();
                    to = null;
                }
            }
            seen = demands.addAndGet(-seen);
        }
    }

    @Override
    public void onWebsocketMessage(WebSocket conn, String message) {
        throw new IllegalStateException("messages are taken as bytes");
    }

    @Override
    public void onWebsocketMessage(WebSocket conn, ByteBuffer message) {
        throw new IllegalStateException("messages are taken before they come here");
    }

    @Override
    public void onWebsocketClosing(WebSocket conn, int code, String reason, boolean remote) {}

    @Override
    public void onWebsocketCloseInitiated(WebSocket conn, int code, String reason) {}

    @Override
    public void onWebsocketError(WebSocket conn, Exception e) {
        end(new Failure.Recoverable(where + ": " + described(e), e));
    }

    @Override
    public @Nullable InetSocketAddress getLocalSocketAddress(WebSocket conn) {
        Socket connected = socket;
        return connected == null ? null : (InetSocketAddress) connected.getLocalSocketAddress();
    }

    @Override
    public @Nullable InetSocketAddress getRemoteSocketAddress(WebSocket conn) {
        Socket connected = socket;
        return connected == null ? null : (InetSocketAddress) connected.getRemoteSocketAddress();
    }
}

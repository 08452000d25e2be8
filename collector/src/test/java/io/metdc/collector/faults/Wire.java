package io.metdc.collector.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// A wire to a port of this machine, on which everything can happen that happens to TCP connections: they
/// are reset, what is sent on them is late, or they stay open and carry nothing any more.
///
/// Two virtual threads a connection; any thread may do something to the wire.
final class Wire implements AutoCloseable {
    private static final int PIECE = 1 << 16;
    private static final int WAITING = 1_000;

    private final ServerSocket server;
    private final int target;
    private final Set<Link> open = ConcurrentHashMap.newKeySet();
    private volatile boolean refuses;
    private volatile long heldUntil = System.nanoTime();

    /// @param target the port at the other end
    Wire(int target) throws IOException {
        this.target = target;
        server = new ServerSocket();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), WAITING);
        Thread.ofVirtual().name("wire-" + target).start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /// Resets every connection.
    ///
    /// @return how many there were
    int cut() {
        int cut = 0;
        for (Link link : open) {
            cut += link.reset() ? 1 : 0;
        }
        return cut;
    }

    /// Resets every connection, and every new one at once, until it is told otherwise.
    void refuse(boolean refuse) {
        refuses = refuse;
        if (refuse) {
            cut();
        }
    }

    /// What comes from the other end in this time is carried at its end. What goes there is not held: it
    /// would arrive faster than the client ever sends, and no exchange would blame the network for that.
    void hold(Duration span) {
        heldUntil = System.nanoTime() + span.toNanos();
    }

    /// The connections that there are carry nothing any more, and do not end.
    ///
    /// @return how many there were
    int swallow() {
        int swallowed = 0;
        for (Link link : open) {
            swallowed += link.swallow() ? 1 : 0;
        }
        return swallowed;
    }

    /// Resets what carries nothing any more.
    void forget() {
        for (Link link : open) {
            if (link.swallows) {
                link.reset();
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        cut();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                if (refuses) {
                    reset(client);
                } else {
                    Thread.ofVirtual().name("wire-" + target + "-connect").start(() -> carry(client));
                }
            } catch (IOException e) {
                // closed
            }
        }
    }

    private void carry(Socket client) {
        Socket there;
        try {
            there = new Socket(InetAddress.getLoopbackAddress(), target);
            client.setTcpNoDelay(true);
            there.setTcpNoDelay(true);
        } catch (IOException e) { // nobody is there
            reset(client);
            return;
        }
        Link link = new Link(client, there);
        open.add(link);
        if (refuses || server.isClosed()) {
            link.reset();
        }
        Thread.ofVirtual().name("wire-" + target + "-down").start(() -> link.copy(there, client, true));
        link.copy(client, there, false);
    }

    private final class Link {
        private final Socket client;
        private final Socket there;
        private final AtomicInteger ends = new AtomicInteger();
        private volatile boolean swallows;

        Link(Socket client, Socket there) {
            this.client = client;
            this.there = there;
        }

        boolean reset() {
            open.remove(this);
            boolean was = !client.isClosed();
            Wire.reset(client);
            Wire.reset(there);
            return was;
        }

        boolean swallow() {
            boolean was = !swallows && !client.isClosed();
            swallows = true;
            return was;
        }

        void copy(Socket from, Socket to, boolean isDown) {
            byte[] piece = new byte[PIECE];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
                    while (isDown && !swallows && System.nanoTime() - heldUntil < 0) {
                        LockSupport.parkNanos(heldUntil - System.nanoTime());
                    }
                    if (!swallows) {
                        out.write(piece, 0, length);
                    }
                }
            } catch (IOException e) {
                ended(isDown, true);
                return;
            }
            ended(isDown, false);
        }

        /// The exchange's end is swallowed too; the client's end is the end of all.
        private void ended(boolean isDown, boolean isBroken) {
            if (swallows) {
                if (!isDown) {
                    reset();
                }
            } else if (isBroken) {
                reset();
            } else if (ends.incrementAndGet() == 2) {
                open.remove(this);
                close(client);
                close(there);
            } else {
                try {
                    (isDown ? client : there).shutdownOutput();
                } catch (IOException e) {
                    reset();
                }
            }
        }
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            // it is closed
        }
        close(socket);
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // it is closed
        }
    }
}

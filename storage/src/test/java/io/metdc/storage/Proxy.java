package io.metdc.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// A wire to the database that can be cut: at once, or when the answer to a COMMIT is on its way.
final class Proxy implements AutoCloseable {
    /// The tag in the server's message that a COMMIT is done.
    private static final byte[] COMMIT = "COMMIT".getBytes(StandardCharsets.US_ASCII);

    private final ServerSocket server;
    private final int target;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger swallowed = new AtomicInteger();
    private volatile boolean refusing;
    private final AtomicInteger swallow = new AtomicInteger();

    /// @param target the database's port on this machine
    Proxy(int target) throws IOException {
        this.target = target;
        server = new ServerSocket();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /// Cuts every connection; new ones are taken.
    void cut() {
        open.forEach(Proxy::close);
    }

    /// Cuts every connection, and every new one at once, until it is told otherwise.
    void refuse(boolean refuse) {
        refusing = refuse;
        if (refuse) {
            cut();
        }
    }

    /// The next so many commits are done, and the connection is cut in place of their answer.
    void swallowAnswersToCommit(int count) {
        swallow.set(count);
    }

    int swallowed() {
        return swallowed.get();
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
                if (refusing) {
                    client.close();
                    continue;
                }
                Socket database = new Socket(InetAddress.getLoopbackAddress(), target);
                open.add(client);
                open.add(database);
                Link link = new Link(client, database);
                Thread.ofVirtual().start(() -> link.copy(client, database, true));
                Thread.ofVirtual().start(() -> link.copy(database, client, false));
            } catch (IOException e) {
                // Closed, or the database is away: the client sees its connection end.
            }
        }
    }

    private final class Link {
        private final Socket client;
        private final Socket database;

        Link(Socket client, Socket database) {
            this.client = client;
            this.database = database;
        }

        void copy(Socket from, Socket to, boolean toDatabase) {
            byte[] buffer = new byte[1 << 16];
            try (from;
                    to) {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                    if (!toDatabase && swallow.get() > 0 && holdsCommit(buffer, length)) {
                        swallow.decrementAndGet();
                        swallowed.incrementAndGet();
                        return;
                    }
                    out.write(buffer, 0, length);
                }
            } catch (IOException e) {
                // Cut.
            } finally {
                open.remove(client);
                open.remove(database);
            }
        }
    }

    private static boolean holdsCommit(byte[] buffer, int length) {
        for (int i = 0; i <= length - COMMIT.length; i++) {
            int match = 0;
            while (match < COMMIT.length && buffer[i + match] == COMMIT[match]) {
                match++;
            }
            if (match == COMMIT.length) {
                return true;
            }
        }
        return false;
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is closed.
        }
    }
}

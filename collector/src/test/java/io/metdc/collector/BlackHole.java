package io.metdc.collector;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A wire to a port of this machine that can stop carrying: what is sent is taken and nothing of it arrives, while
/// every connection stays open, as behind a firewall that drops packets.
final class BlackHole implements AutoCloseable {
    private final ServerSocket server;
    private final int target;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile boolean swallows;

    BlackHole(int target) throws IOException {
        this.target = target;
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    /// From now on nothing arrives.
    void swallow() {
        swallows = true;
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                Socket database = new Socket(InetAddress.getLoopbackAddress(), target);
                open.add(client);
                open.add(database);
                Thread.ofVirtual().start(() -> carry(client, database));
                Thread.ofVirtual().start(() -> carry(database, client));
            } catch (IOException _) {
                // closed
            }
        }
    }

    private void carry(Socket from, Socket to) {
        byte[] buffer = new byte[1 << 16];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                if (!swallows) {
                    out.write(buffer, 0, length);
                }
            }
            if (!swallows) {
                to.close();
            }
        } catch (IOException _) {
            // closed
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}

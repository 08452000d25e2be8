package io.metdc.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.java_websocket.WebSocket;
import org.java_websocket.client.WebSocketClient;
import org.java_websocket.exceptions.WebsocketNotConnectedException;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.handshake.ServerHandshake;
import org.java_websocket.server.WebSocketServer;

/// Which thread should read frames? The same frames, one per socket write at a steady rate, are read on
/// Java-WebSocket's own platform thread and, in the same run, by `client.run()` on a virtual thread; what counts is
/// the processor time of this process for each frame. The server is a process of its own.
///
/// Run: `java -cp 'benchmarks/target/lib/*' io.metdc.benchmarks.ReaderThreads [connections] [frames per second on each]
/// [seconds]`
public final class ReaderThreads {
    private static final String FRAME =
            "{\"stream\":\"btcusdt@trade\",\"data\":{\"e\":\"trade\",\"E\":1795012346100123,"
                    + "\"s\":\"BTCUSDT\",\"t\":8121136411,\"p\":\"83680.00000000\",\"q\":\"0.00100000\",\"T\":1795012346100001,"
                    + "\"m\":true,\"M\":true}}";

    private ReaderThreads() {}

    public static void main(String[] args) throws Exception {
        if (args.length == 2 && args[0].equals("server")) {
            serve(Integer.parseInt(args[1]));
            return;
        }
        int connections = args.length > 0 ? Integer.parseInt(args[0]) : 50;
        int rate = args.length > 1 ? Integer.parseInt(args[1]) : 100;
        int seconds = args.length > 2 ? Integer.parseInt(args[2]) : 10;
        PrintStream out = System.out;
        out.printf(Locale.ROOT, "%d connections × %d frames/s, %d bytes a frame%n", connections, rate, FRAME.length());
        out.println("| reader | frames | CPU µs a frame |");
        out.println("|---|---|---|");
        for (int round = 0; round < 3; round++) {
            for (boolean virtual : new boolean[] {false, true}) {
                measure(connections, rate, seconds, virtual, out);
            }
        }
    }

    private static void measure(int connections, int rate, int seconds, boolean virtual, PrintStream out)
            throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Process server = new ProcessBuilder(
                        java.toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        ReaderThreads.class.getName(),
                        "server",
                        Integer.toString(rate))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader said =
                new BufferedReader(new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))) {
            URI address = URI.create("ws://127.0.0.1:" + said.readLine());
            LongAdder frames = new LongAdder();
            List<Reader> readers = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                Reader reader = new Reader(address, frames);
                reader.setConnectionLostTimeout(0);
                readers.add(reader);
                if (virtual) {
                    Thread.ofVirtual().start(reader);
                } else {
                    reader.connect();
                }
            }
            for (Reader reader : readers) {
                if (!reader.open.await(10, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("a connection did not open");
                }
            }
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(2)); // past the compiler's first work
            OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
            long framesBefore = frames.sum();
            long cpuBefore = system.getProcessCpuTime();
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(seconds));
            long read = frames.sum() - framesBefore;
            double micros = (system.getProcessCpuTime() - cpuBefore) / 1e3 / read;
            out.printf(
                    Locale.ROOT, "| %s | %,d | %.1f |%n", virtual ? "virtual thread" : "platform thread", read, micros);
            for (Reader reader : readers) {
                reader.close();
            }
        } finally {
            server.destroy();
            server.waitFor();
        }
    }

    private static void serve(int rate) throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        WebSocketServer server = new WebSocketServer(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1) {
            @Override
            public void onOpen(WebSocket socket, ClientHandshake handshake) {}

            @Override
            public void onClose(WebSocket socket, int code, String reason, boolean remote) {}

            @Override
            public void onMessage(WebSocket socket, String message) {}

            @Override
            public void onError(WebSocket socket, Exception e) {}

            @Override
            public void onStart() {
                started.countDown();
            }
        };
        server.setConnectionLostTimeout(0);
        server.setDaemon(true);
        server.start();
        started.await();
        System.out.println(server.getPort());
        long interval = TimeUnit.SECONDS.toNanos(1) / rate;
        long next = System.nanoTime();
        long end = next + TimeUnit.MINUTES.toNanos(2); // never outlives its parent for long
        while (System.nanoTime() < end) {
            Collection<WebSocket> sockets = server.getConnections();
            int count = Math.max(1, sockets.size());
            for (WebSocket socket : sockets) { // spread over the interval, as real frames are
                next += interval / count;
                LockSupport.parkNanos(next - System.nanoTime());
                try {
                    socket.send(FRAME);
                } catch (WebsocketNotConnectedException e) {
                    // that reader has what it needs
                }
            }
            if (sockets.isEmpty()) {
                next = System.nanoTime();
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
        }
    }

    private static final class Reader extends WebSocketClient {
        private final CountDownLatch open = new CountDownLatch(1);
        private final LongAdder frames;

        Reader(URI address, LongAdder frames) {
            super(address);
            this.frames = frames;
        }

        @Override
        public void onOpen(ServerHandshake handshake) {
            open.countDown();
        }

        @Override
        public void onMessage(String message) {
            frames.increment();
        }

        @Override
        public void onMessage(ByteBuffer bytes) {
            frames.increment();
        }

        @Override
        public void onClose(int code, String reason, boolean remote) {}

        @Override
        public void onError(Exception e) {
            e.printStackTrace();
        }
    }
}

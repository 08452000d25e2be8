package io.metdc.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.market.Market;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What the simulator can send, and what it costs: the processor time of its own platform threads, clients not
/// counted.
@Tag("long")
@Timeout(120)
class ThroughputTest {
    private static final Duration WARM_UP = Duration.ofSeconds(3);
    private static final Duration MEASURED = Duration.ofSeconds(10);

    @Test
    void twenty_five_thousand_frames_a_second_over_wss_cost_little() throws Exception {
        assertThat(cores(25_000, 1)).isLessThan(0.6);
    }

    @Test
    void two_hundred_thousand_trades_a_second_at_twenty_a_write_are_sent() throws Exception {
        assertThat(cores(200_000, 20)).isLessThan(1.0);
    }

    /// Fails when less than nine tenths of the rate are sent.
    private static double cores(int rate, int framesPerWrite) throws Exception {
        SimulatorOptions options = SimulatorOptions.builder()
                .rate(rate)
                .framesPerWrite(framesPerWrite)
                .tls(true)
                .past(Duration.ZERO)
                .build();
        List<Socket> clients = new ArrayList<>();
        try (Simulator simulator = Simulator.start(options)) {
            for (Market market : simulator.markets()) {
                clients.add(subscribedToEverything(simulator, market));
            }
            LockSupport.parkNanos(WARM_UP.toNanos());
            long rows = rows(simulator);
            long processor = processorNanos();
            long begun = System.nanoTime();
            LockSupport.parkNanos(MEASURED.toNanos());
            double elapsed = System.nanoTime() - begun;
            double cores = (processorNanos() - processor) / elapsed;
            double perSecond = (rows(simulator) - rows) / elapsed * 1e9;
            System.out.printf(
                    Locale.ROOT,
                    "%d a second asked for, %.0f sent over wss at %d a write: %.2f cores%n",
                    rate,
                    perSecond,
                    framesPerWrite,
                    cores);
            assertThat(perSecond).isGreaterThan(0.9 * rate);
            return cores;
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }

    private static long rows(Simulator simulator) {
        return simulator.report().stream().mapToLong(Sent::rows).sum();
    }

    private static long processorNanos() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long nanos = 0;
        for (long id : threads.getAllThreadIds()) {
            ThreadInfo thread = threads.getThreadInfo(id);
            if (thread != null && thread.getThreadName().startsWith("simulator-")) {
                nanos += Math.max(0, threads.getThreadCpuTime(id));
            }
        }
        return nanos;
    }

    /// A client that does nothing but read, so that it does not slow the simulator down.
    private static Socket subscribedToEverything(Simulator simulator, Market market) throws IOException {
        Address address = simulator.address(market);
        URI uri = address.websocket();
        Path caFile = address.caFile().orElseThrow();
        Socket socket = Client.trusting(caFile).getSocketFactory().createSocket(uri.getHost(), uri.getPort());
        String path = uri.getPath().isEmpty() ? "/stream" : uri.getPath();
        socket.getOutputStream()
                .write(String.join(
                                "\r\n",
                                "GET " + path + " HTTP/1.1",
                                "Host: " + uri.getAuthority(),
                                "Upgrade: websocket",
                                "Connection: Upgrade",
                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                                "Sec-WebSocket-Version: 13",
                                "",
                                "")
                        .getBytes(StandardCharsets.US_ASCII));
        String names = simulator.report(market).instruments().stream()
                .map(instrument -> '"' + instrument.symbol().toLowerCase(Locale.ROOT) + "@trade\"")
                .collect(Collectors.joining(","));
        byte[] request =
                ("{\"method\":\"SUBSCRIBE\",\"params\":[" + names + "],\"id\":1}").getBytes(StandardCharsets.UTF_8);
        socket.getOutputStream()
                .write(ByteBuffer.allocate(8 + request.length)
                        .put((byte) 0x81)
                        .put((byte) (0x80 | 126))
                        .putShort((short) request.length)
                        .putInt(0) // a mask that changes nothing
                        .put(request)
                        .array());
        Thread.ofPlatform().daemon().name("reader-" + market).start(() -> {
            byte[] buffer = new byte[1 << 16];
            try (InputStream in = socket.getInputStream()) {
                int read = 0;
                while (read >= 0) {
                    read = in.read(buffer);
                }
            } catch (IOException e) {
                // closed at the end
            }
        });
        return socket;
    }
}

package io.metdc.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.metdc.market.Market;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
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
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What the simulator says it sent has been sent at high rates, too. Prints what that costs: the processor time of its
/// own platform threads, clients not counted.
@Tag("long")
@Timeout(120)
class ThroughputTest {
    private static final int HEADERS_END = 0x0d0a0d0a;
    private static final Duration WARM_UP = Duration.ofSeconds(3);
    private static final Duration MEASURED = Duration.ofSeconds(10);

    @Test
    void twenty_five_thousand_frames_a_second_over_wss_all_arrive() throws Exception {
        allArrive(25_000, 1);
    }

    @Test
    void two_hundred_thousand_trades_a_second_at_twenty_a_write_all_arrive() throws Exception {
        allArrive(200_000, 20);
    }

    private static void allArrive(int rate, int framesPerWrite) throws Exception {
        SimulatorOptions options = SimulatorOptions.builder()
                .rate(rate)
                .framesPerWrite(framesPerWrite)
                .tls(true)
                .past(Duration.ZERO)
                .build();
        List<Socket> clients = new ArrayList<>();
        LongAdder arrived = new LongAdder();
        try (Simulator simulator = Simulator.start(options)) {
            for (Market market : simulator.markets()) {
                clients.add(subscribedToEverything(simulator, market, arrived));
            }
            LockSupport.parkNanos(WARM_UP.toNanos());
            long rows = rows(simulator);
            long processor = processorNanos();
            long begun = System.nanoTime();
            LockSupport.parkNanos(MEASURED.toNanos());
            double elapsed = System.nanoTime() - begun;
            System.out.printf(
                    Locale.ROOT,
                    "%d a second asked for, %.0f sent over wss at %d a write: %.2f cores%n",
                    rate,
                    (rows(simulator) - rows) / elapsed * 1e9,
                    framesPerWrite,
                    (processorNanos() - processor) / elapsed);
            simulator.stopTrading();
            assertThat(rows(simulator)).isPositive();
            await().untilAsserted(() -> assertThat(arrived.sum()).isEqualTo(rows(simulator)));
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }

    private static long rows(Simulator simulator) {
        return simulator.report().stream()
                .mapToLong(sent -> sent.rows() + sent.consumed())
                .sum();
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
    private static Socket subscribedToEverything(Simulator simulator, Market market, LongAdder arrived)
            throws IOException {
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
            try (var in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16))) {
                int last = 0;
                while (last != HEADERS_END) {
                    last = last << 8 | in.readUnsignedByte();
                }
                while (true) {
                    in.readByte();
                    int length = in.readUnsignedByte();
                    byte[] frame = in.readNBytes(length < 126 ? length : in.readUnsignedShort());
                    if (new String(frame, StandardCharsets.US_ASCII).contains("@trade")) {
                        arrived.increment();
                    }
                }
            } catch (IOException e) {
                // closed at the end
            }
        });
        return socket;
    }
}

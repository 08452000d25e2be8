package io.metdc.collector.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class WireTest {
    private ServerSocket server;
    private Wire wire;
    private final List<Socket> accepted = new CopyOnWriteArrayList<>();

    @BeforeEach
    void an_echo() throws IOException {
        server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        wire = new Wire(server.getLocalPort());
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try {
                    Socket socket = server.accept();
                    accepted.add(socket);
                    Thread.ofVirtual().start(() -> echo(socket));
                } catch (IOException e) {
                    // closed
                }
            }
        });
    }

    private static void echo(Socket socket) {
        try (socket) {
            socket.getInputStream().transferTo(socket.getOutputStream());
        } catch (IOException e) {
            // cut
        }
    }

    @AfterEach
    void close() throws IOException {
        wire.close();
        server.close();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), wire.port());
        socket.setSoTimeout(10_000);
        assertThat(echoed(socket, 1)).isEqualTo(1);
        return socket;
    }

    private static int echoed(Socket socket, int value) throws IOException {
        socket.getOutputStream().write(value);
        return socket.getInputStream().read();
    }

    @Test
    void a_cut_resets_both_ends_and_lets_new_ones_in() throws Exception {
        try (Socket socket = connect();
                Socket other = connect()) {
            assertThat(wire.cut()).isEqualTo(2);
            assertThatThrownBy(() -> socket.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
            await().until(() -> accepted.stream().allMatch(Socket::isClosed));
            assertThat(wire.cut()).isZero();
            assertThat(other.isConnected()).isTrue();
        }
        connect().close();
    }

    @Test
    void what_is_held_back_comes_late_and_whole() throws Exception {
        try (Socket socket = connect()) {
            Duration held = Duration.ofMillis(600);
            long began = System.nanoTime();
            wire.hold(held);
            socket.getOutputStream().write(new byte[] {1, 2, 3});
            assertThat(socket.getInputStream().readNBytes(3)).containsExactly(1, 2, 3);
            assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(held.toNanos());
            assertThat(echoed(socket, 4)).isEqualTo(4);
        }
    }

    @Test
    void a_half_open_connection_stays_open_and_carries_nothing_until_it_is_forgotten() throws Exception {
        try (Socket socket = connect()) {
            assertThat(wire.swallow()).isEqualTo(1);
            socket.setSoTimeout(300);
            assertThatThrownBy(() -> echoed(socket, 1)).isInstanceOf(SocketTimeoutException.class);
            accepted.getFirst().close(); // nor does its end
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
            try (Socket fresh = connect()) {
                assertThat(echoed(fresh, 2)).isEqualTo(2);
                wire.forget();
                assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketException.class);
                assertThat(echoed(fresh, 3)).isEqualTo(3);
            }
        }
    }

    @Test
    void who_is_refused_is_reset_until_it_is_over() throws Exception {
        try (Socket socket = connect()) {
            wire.refuse(true);
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketException.class);
            assertThatThrownBy(this::connect).isInstanceOf(IOException.class);
            wire.refuse(false);
        }
        connect().close();
    }

    @Test
    void a_connection_that_ends_in_order_does_so_at_both_ends() throws Exception {
        try (Socket socket = connect()) {
            socket.shutdownOutput();
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        await().until(() -> wire.cut() == 0);
    }
}

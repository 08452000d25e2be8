package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.metdc.market.Failure;
import io.metdc.market.MarketType;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LookUpTest {
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final Duration LONG = Duration.ofMinutes(5);

    private AutoCloseable silence;

    @BeforeEach
    void no_name_is_answered() {
        silence = SilentNames.silence();
    }

    @AfterEach
    void names_are_answered_again() throws Exception {
        silence.close();
        await().until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("look-up-")));
    }

    @Test
    void a_name_that_nobody_answers_ends_with_the_connect_time_out_and_is_named() {
        FeedException failed = catchThrowableOfType(FeedException.class, () -> open("one.silent.invalid", SHORT, null));
        assertThat(failed.failure()).isInstanceOf(Failure.Recoverable.class);
        assertThat(failed).hasMessageContaining("no address of one.silent.invalid within 0.2 s");
    }

    @Test
    void the_name_of_a_proxy_is_no_exception() {
        URI proxy = URI.create("http://proxy.silent.invalid:3128");
        FeedException failed = catchThrowableOfType(FeedException.class, () -> open("localhost", SHORT, proxy));
        assertThat(failed.failure()).isInstanceOf(Failure.Recoverable.class);
        assertThat(failed).hasMessageContaining("no address of proxy.silent.invalid");
    }

    @Test
    void a_stop_does_not_wait_for_a_name() throws Exception {
        var ended = new CompletableFuture<Throwable>();
        Thread worker = Thread.ofVirtual().start(() -> {
            try {
                open("two.silent.invalid", LONG, null);
            } catch (Throwable e) {
                ended.complete(e);
            }
        });
        await().until(() -> SilentNames.ASKED.get() > 0);
        worker.interrupt();
        assertThat(ended.get()).isInstanceOf(InterruptedException.class);
    }

    @Test
    void many_connections_ask_for_a_name_once() throws Exception {
        List<Thread> workers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            workers.add(Thread.ofVirtual()
                    .start(() -> assertThatThrownBy(() -> LookUp.address("three.silent.invalid", SHORT))));
        }
        for (Thread worker : workers) {
            worker.join();
        }
        assertThat(SilentNames.ASKED).hasValue(1);
    }

    @Test
    void a_name_that_is_not_there_is_asked_for_again_and_an_address_needs_no_answer() throws Exception {
        silence.close();
        assertThatThrownBy(() -> LookUp.address("four.silent.invalid", LONG))
                .isInstanceOf(UnknownHostException.class)
                .hasMessage("four.silent.invalid");
        assertThat(LookUp.address("127.0.0.1", LONG)).isEqualTo(InetAddress.getLoopbackAddress());
        assertThat(LookUp.address("localhost", LONG).isLoopbackAddress()).isTrue();
    }

    @Test
    void a_rest_request_is_not_held_up_by_a_name_either() throws Exception {
        Network network = new Network(SHORT, SHORT, null, null, null);
        try (RestClient client = new RestClient(
                connector(), URI.create("http://five.silent.invalid"), network, InstantSource.system())) {
            FeedException failed = catchThrowableOfType(FeedException.class, client::instruments);
            assertThat(failed.failure()).isInstanceOf(Failure.Recoverable.class);
            assertThat(failed).hasMessageContaining("five.silent.invalid");
        }
    }

    private static Connector connector() {
        return new Binance(MarketType.SPOT, true, false);
    }

    private static void open(String host, Duration timeout, @Nullable URI proxy)
            throws FeedException, InterruptedException, UnreadableAnswer {
        Endpoint endpoint = connector().endpoint(URI.create("ws://" + host + ":9"), "test", new byte[0]);
        Network network = new Network(timeout, timeout, proxy, null, null);
        Session.open("test", connector(), endpoint, network, (_, _, _) -> null, _ -> {}, InstantSource.system(), null)
                .close();
    }
}

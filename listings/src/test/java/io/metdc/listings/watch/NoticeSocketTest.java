package io.metdc.listings.watch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.metdc.connectors.Network;
import io.metdc.listings.Source;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.java_websocket.WebSocket;
import org.java_websocket.framing.Framedata;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.server.WebSocketServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

class NoticeSocketTest {
    private static final AccessKeys KEYS =
            new AccessKeys("accessKeyOfForty0123456789abcdefghijklmn", "secretKeyOfForty0123456789ABCDEFGHIJKLMN");
    private static final String CREATED = """
            {"type":"announcement","event_type":"CREATED","uuid":"851252575",\
            "title":"[거래] 커브(CRV) KRW, USDT 마켓 디지털 자산 추가","category":"거래",\
            "url":"https://www.upbit.com/service_center/notice?id=851252575&view=share",\
            "first_listed_at":"2026-09-07T11:22:40+09:00","listed_at":"2026-09-07T11:22:40+09:00",\
            "timestamp":1788747760480,"stream_type":"REALTIME","body":null}""";

    private final Heard heard = new Heard();
    private final AtomicInteger polls = new AtomicInteger();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    /// The exchange's side: refuses an `Origin`, and does to each subscription what the test says.
    private static final class Server extends WebSocketServer implements AutoCloseable {
        final CountDownLatch started = new CountDownLatch(1);
        final ScheduledExecutorService lookout = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().factory());
        final BiConsumer<WebSocket, String> onSubscription;
        final List<Map<String, String>> handshakes = new CopyOnWriteArrayList<>();
        final List<String> subscriptions = new CopyOnWriteArrayList<>();
        final AtomicInteger pings = new AtomicInteger();
        volatile boolean answersPings = true;

        Server(BiConsumer<WebSocket, String> onSubscription) throws InterruptedException {
            super(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
            this.onSubscription = onSubscription;
            setReuseAddr(true);
            setDaemon(true);
            start();
            started.await();
        }

        URI url() {
            return URI.create("ws://127.0.0.1:" + getPort() + "/websocket/v1/private");
        }

        @Override
        public void onOpen(WebSocket socket, ClientHandshake handshake) {
            Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            handshake.iterateHttpFields().forEachRemaining(name -> headers.put(name, handshake.getFieldValue(name)));
            headers.put(":path", handshake.getResourceDescriptor());
            handshakes.add(headers);
        }

        @Override
        public void onMessage(WebSocket socket, String message) {
            subscriptions.add(message);
            onSubscription.accept(socket, message);
        }

        @Override
        public void onWebsocketPing(WebSocket socket, Framedata frame) {
            pings.incrementAndGet();
            if (answersPings) {
                super.onWebsocketPing(socket, frame);
            }
        }

        @Override
        public void onClose(WebSocket socket, int code, String reason, boolean remote) {}

        @Override
        public void onError(WebSocket socket, Exception e) {}

        @Override
        public void onStart() {
            var _ = lookout.scheduleWithFixedDelay(this::sendWhatIsLeft, 5, 5, TimeUnit.MILLISECONDS);
            started.countDown();
        }

        /// The library's selector overlooks a frame that it gets while it ends writing the one before, and would
        /// leave it lying until the next.
        private void sendWhatIsLeft() {
            for (WebSocket socket : getConnections()) {
                if (socket.hasBufferedData()) {
                    onWriteDemand(socket);
                }
            }
        }

        @Override
        public void close() {
            lookout.shutdownNow();
            try {
                stop(300);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private Server server(BiConsumer<WebSocket, String> onSubscription) throws InterruptedException {
        var server = new Server(onSubscription);
        open.add(server);
        return server;
    }

    private NoticeSocket started(URI url, Duration ping, Duration silence, Duration refused) {
        var settings = new NoticeSocket.Settings(
                url, ping, silence, List.of(Duration.ofMillis(50), Duration.ofMillis(100)), refused);
        var socket = new NoticeSocket(
                settings, KEYS, Network.DEFAULT, heard, polls::incrementAndGet, InstantSource.system());
        open.add(socket);
        socket.start();
        return socket;
    }

    private NoticeSocket started(URI url) {
        return started(url, Duration.ofSeconds(30), Duration.ofSeconds(60), Duration.ofMillis(300));
    }

    private static byte[] decoded(String part) {
        return Base64.getUrlDecoder().decode(part);
    }

    private static JsonNode json(byte[] text) throws Exception {
        return new JsonMapper().readTree(text);
    }

    @Test
    void it_connects_with_a_token_that_the_secret_signed_and_without_an_origin() throws Exception {
        Server server = server((_, _) -> {});
        started(server.url());

        await().until(() -> !server.subscriptions.isEmpty());

        Map<String, String> headers = server.handshakes.getFirst();
        assertThat(headers).doesNotContainKey("Origin").containsEntry(":path", "/websocket/v1/private");
        assertThat(headers.get("Authorization")).startsWith("Bearer ");
        String[] token = headers.get("Authorization").substring(7).split("\\.", -1);
        Mac mac = Mac.getInstance("HmacSHA512");
        mac.init(new SecretKeySpec(KEYS.secretKey().getBytes(UTF_8), "HmacSHA512"));
        assertThat(decoded(token[2])).isEqualTo(mac.doFinal((token[0] + "." + token[1]).getBytes(UTF_8)));
        assertThat(json(decoded(token[0]))).isEqualTo(json("{\"alg\":\"HS512\",\"typ\":\"JWT\"}".getBytes(UTF_8)));
        JsonNode claims = json(decoded(token[1]));
        assertThat(claims.path("access_key").asText()).isEqualTo(KEYS.accessKey());
        assertThat(claims.path("nonce").asText()).hasSize(36);
        JsonNode subscription = json(server.subscriptions.getFirst().getBytes(UTF_8));
        assertThat(subscription.get(0).path("ticket").asText()).isNotBlank();
        assertThat(subscription.get(1))
                .isEqualTo(json("{\"type\":\"announcement\",\"categories\":[\"trade\"],\"include_body\":true}"
                        .getBytes(UTF_8)));
        assertThat(subscription.get(2).path("format").asText()).isEqualTo("DEFAULT");
    }

    @Test
    void a_notice_is_told_as_it_is_pushed_whatever_the_frame_and_the_format() throws Exception {
        String simple = """
                {"ty":"announcement","et":"CREATED","uid":"7","tt":"가(A) KRW 마켓 디지털 자산 추가","cat":"거래",\
                "url":"javascript:alert(1)","flat":"2026-09-07T11:22:40+09:00","lat":"2026-09-07T12:00:00+09:00",\
                "tms":1788747760480,"st":"REALTIME","bd":"|디지털 자산|"}""";
        Server server = server((socket, _) -> {
            socket.send(CREATED);
            socket.send(simple.getBytes(UTF_8));
            socket.send("[" + CREATED.replace("851252575", "8") + "]");
        });
        Instant before = Instant.now();
        started(server.url());

        await().until(() -> heard.notices().size() == 3);

        Answer.Notices first = heard.all(Answer.Notices.class).getFirst();
        assertThat(first.source()).isEqualTo(Source.NOTICE_SOCKET);
        assertThat(first.wholePage()).isFalse();
        assertThat(first.askedAt()).isEqualTo(first.receivedAt()).isBetween(before, Instant.now());
        assertThat(first.serverAt()).isEqualTo(Instant.parse("2026-09-07T02:22:40Z"));
        assertThat(heard.notices())
                .containsExactly(
                        new Notice(
                                "851252575",
                                "",
                                "[거래] 커브(CRV) KRW, USDT 마켓 디지털 자산 추가",
                                "거래",
                                Instant.parse("2026-09-07T02:22:40Z"),
                                Instant.parse("2026-09-07T02:22:40Z"),
                                URI.create("https://www.upbit.com/service_center/notice?id=851252575&view=share")),
                        new Notice(
                                "7",
                                "",
                                "가(A) KRW 마켓 디지털 자산 추가",
                                "거래",
                                Instant.parse("2026-09-07T02:22:40Z"),
                                Instant.parse("2026-09-07T03:00:00Z"),
                                URI.create("https://upbit.com/service_center/notice?id=7")),
                        heard.notices().get(2));
        assertThat(heard.notices().get(2).key()).isEqualTo("8");
        await().until(() -> !heard.bodies.isEmpty());
        assertThat(heard.bodies).containsExactly("7: |디지털 자산|");
    }

    @Test
    void an_amendment_of_a_notice_that_was_never_seen_is_told_like_any_other() throws Exception {
        Server server = server((socket, _) -> socket.send(CREATED.replace("CREATED", "UPDATED")));
        started(server.url());

        await().until(() -> heard.notices().size() == 1);

        assertThat(heard.notices().getFirst().key()).isEqualTo("851252575");
    }

    @Test
    void what_cannot_be_read_costs_no_other_and_is_named() throws Exception {
        Server server = server((socket, _) -> {
            socket.send("{\"type\":\"announcement\",\"uuid\":\"9\",\"title\":\"제목\"}");
            socket.send("no json");
            socket.send("{\"type\":\"myOrder\"}");
            socket.send(CREATED);
        });
        started(server.url());

        await().until(() -> heard.notices().size() == 1);

        assertThat(heard.unreadable).hasSize(3);
        assertThat(heard.unreadable.getFirst()).contains("9").contains("제목").contains("first_listed_at");
        assertThat(server.handshakes).hasSize(1);
    }

    @Test
    void it_says_that_it_lives_by_pings_and_by_the_status_that_comes_unasked() throws Exception {
        Server server = server((socket, _) -> socket.send("{\"status\":\"UP\"}"));
        started(server.url(), Duration.ofMillis(100), Duration.ofSeconds(60), Duration.ofSeconds(60));

        await().until(() -> heard.all(Answer.Pong.class).size() >= 5);

        assertThat(server.pings.get()).isGreaterThanOrEqualTo(4);
        assertThat(heard.all(Answer.Pong.class))
                .allSatisfy(pong -> assertThat(pong.askedAt()).isBeforeOrEqualTo(pong.receivedAt()));
        assertThat(heard.failures).isEmpty();
    }

    @Test
    void a_connection_on_which_nothing_arrives_is_replaced() throws Exception {
        Server server = server((_, _) -> {});
        server.answersPings = false;
        started(server.url(), Duration.ofMillis(100), Duration.ofMillis(400), Duration.ofSeconds(60));

        await().until(() -> server.subscriptions.size() >= 2);

        assertThat(heard.failures.getFirst().what()).contains("nothing arrived");
        assertThat(heard.all(Answer.Pong.class)).isEmpty();
    }

    @Test
    void after_each_connect_the_list_is_polled_and_each_has_a_new_token() throws Exception {
        Server server = server((socket, _) -> socket.close(1001));
        started(server.url());

        await().until(() -> server.handshakes.size() >= 3);
        await().until(() -> polls.get() >= 3);

        assertThat(server.handshakes.stream()
                        .map(headers -> headers.get("Authorization"))
                        .distinct()
                        .count())
                .isEqualTo(server.handshakes.size());
        assertThat(heard.failures.getFirst().pause()).isBetween(Duration.ofMillis(40), Duration.ofMillis(60));
    }

    @Test
    void a_notice_in_front_of_the_end_is_not_lost_with_the_connection() throws Exception {
        var number = new AtomicInteger();
        Server server = server((socket, _) -> {
            socket.send(CREATED.replace("851252575", String.valueOf(number.incrementAndGet())));
            socket.close(1001);
        });
        started(server.url());

        await().until(() -> heard.notices().size() >= 5);

        assertThat(heard.notices().subList(0, 5)).extracting(Notice::key).containsExactly("1", "2", "3", "4", "5");
    }

    @Test
    void keys_that_are_refused_are_said_once_and_tried_again_and_never_logged() throws Exception {
        Logger root = (Logger) LoggerFactory.getLogger("io.metdc");
        Level level = root.getLevel();
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        logged.start();
        root.addAppender(logged);
        root.setLevel(Level.TRACE);
        try {
            var server = new Server[1];
            server[0] = server((socket, _) -> {
                socket.send("{\"status\":\"UP\"}");
                socket.send("{\"error\":{\"name\":\"INVALID_AUTH\",\"message\":\"bad "
                        + server[0].handshakes.getLast().get("Authorization") + " of " + KEYS.accessKey()
                        + ", signed by "
                        + KEYS.secretKey() + "\"}}");
            });
            started(server[0].url());

            await().until(() -> heard.failures.size() >= 3);

            assertThat(heard.failures).allSatisfy(failure -> {
                assertThat(failure.pause()).isEqualTo(Duration.ofMillis(300));
                assertThat(failure.what()).contains("INVALID_AUTH");
            });
            List<String> lines = new ArrayList<>(List.copyOf(logged.list).stream()
                    .map(ILoggingEvent::getFormattedMessage)
                    .toList());
            heard.failures.forEach(failure -> lines.add(failure.what()));
            lines.add(KEYS.toString());
            for (Map<String, String> headers : server[0].handshakes) {
                String token = headers.get("Authorization").substring(7);
                assertThat(lines).noneMatch(line -> line.contains(token.split("\\.", -1)[1]));
            }
            assertThat(lines)
                    .isNotEmpty()
                    .noneMatch(line -> line.contains(KEYS.accessKey()) || line.contains(KEYS.secretKey()));
            assertThat(List.copyOf(logged.list))
                    .filteredOn(event -> event.getLevel() == Level.ERROR)
                    .hasSize(1);
        } finally {
            root.detachAppender(logged);
            root.setLevel(level);
        }
    }

    private static String error(String name) {
        return "{\"error\":{\"name\":\"" + name + "\",\"message\":\"x\"}}";
    }

    @Test
    void an_error_on_a_connection_that_has_delivered_costs_no_more_than_a_new_connection() throws Exception {
        var connections = new AtomicInteger();
        Server server = server((socket, _) -> {
            int number = connections.incrementAndGet();
            socket.send(CREATED.replace("851252575", String.valueOf(number)));
            if (number == 1) {
                socket.send(error("INVALID_PARAM"));
            }
        });
        started(server.url(), Duration.ofSeconds(30), Duration.ofSeconds(60), Duration.ofSeconds(60));

        await().until(() -> heard.notices().size() == 2);

        assertThat(heard.failures).singleElement().satisfies(failure -> {
            assertThat(failure.pause()).isZero();
            assertThat(failure.what()).contains("INVALID_PARAM");
        });
        await().until(() -> polls.get() == 2);
    }

    @Test
    void errors_in_a_row_are_answered_by_longer_and_longer_pauses_whatever_is_delivered_in_between() throws Exception {
        Server server = server((socket, _) -> {
            socket.send(CREATED);
            socket.send(error("WRONG_FORMAT"));
        });
        var settings = new NoticeSocket.Settings(
                server.url(),
                Duration.ofSeconds(30),
                Duration.ofSeconds(60),
                List.of(Duration.ofMillis(50), Duration.ofMillis(100), Duration.ofSeconds(60)),
                Duration.ofSeconds(60));
        var socket = new NoticeSocket(settings, KEYS, Network.DEFAULT, heard, () -> {}, InstantSource.system());
        open.add(socket);
        socket.start();

        await().until(() -> heard.failures.size() >= 3);

        assertThat(heard.failures.get(0).pause()).isZero();
        assertThat(heard.failures.get(1).pause()).isBetween(Duration.ofMillis(40), Duration.ofMillis(60));
        assertThat(heard.failures.get(2).pause()).isBetween(Duration.ofMillis(80), Duration.ofMillis(120));
    }

    @ParameterizedTest
    @CsvSource({"INVALID_PARAM, 50", "INVALID_AUTH, 60000"})
    void after_a_connection_that_worked_only_refused_keys_are_for_people(String name, long pauseMillis)
            throws Exception {
        var connections = new AtomicInteger();
        Server server = server((socket, _) -> {
            if (connections.incrementAndGet() == 1) {
                socket.send(CREATED);
            }
            socket.send(error(name));
        });
        started(server.url(), Duration.ofSeconds(30), Duration.ofSeconds(60), Duration.ofSeconds(60));

        await().until(() -> heard.failures.size() >= 2);

        assertThat(heard.failures.get(0).pause()).isZero();
        assertThat(heard.failures.get(1).pause().toMillis()).isBetween(pauseMillis * 8 / 10, pauseMillis * 12 / 10);
    }

    @ParameterizedTest
    @CsvSource({"401, 0, 300", "403, 0, 300", "429, 2, 2000", "418, 70, 70000", "429, 0, 1000"})
    void a_handshake_that_is_refused_is_tried_again_when_it_may_be(int status, int retryAfter, long pauseMillis)
            throws Exception {
        try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                try (Socket socket = server.accept()) {
                    socket.getInputStream().read(new byte[4096]);
                    socket.getOutputStream()
                            .write(("HTTP/1.1 " + status + " No\r\n"
                                            + (retryAfter > 0 ? "Retry-After: " + retryAfter + "\r\n" : "")
                                            + "Content-Length: 0\r\n\r\n")
                                    .getBytes(UTF_8));
                    socket.getOutputStream().flush();
                } catch (IOException _) {
                    // the test says what is missing
                }
            });
            started(URI.create("ws://127.0.0.1:" + server.getLocalPort() + "/private"));

            await().until(() -> !heard.failures.isEmpty());

            assertThat(heard.failures.getFirst().pause()).isEqualTo(Duration.ofMillis(pauseMillis));
            assertThat(heard.failures.getFirst().what()).contains("answered " + status);
            assertThat(polls).hasValue(0);
        }
    }

    @Test
    void closing_takes_no_longer_than_a_moment() throws Exception {
        Server server = server((_, _) -> {});
        NoticeSocket socket = started(server.url());
        await().until(() -> !heard.answers.isEmpty());

        long start = System.nanoTime();
        socket.close();

        assertThat(System.nanoTime() - start).isLessThan(Duration.ofSeconds(1).toNanos());
        await().until(() -> server.getConnections().isEmpty());
    }

    @Test
    void the_defaults_are_those_of_the_documents() {
        NoticeSocket.Settings settings = NoticeSocket.Settings.of(URI.create("wss://h.example/private"));

        assertThat(settings.ping()).isEqualTo(Duration.ofSeconds(30));
        assertThat(settings.silence()).isEqualTo(Duration.ofSeconds(60));
        assertThat(settings.refused()).isEqualTo(Duration.ofSeconds(60));
        assertThat(settings.backoff()).extracting(Duration::toSeconds).containsExactly(1L, 2L, 4L, 8L, 16L, 30L);
    }
}

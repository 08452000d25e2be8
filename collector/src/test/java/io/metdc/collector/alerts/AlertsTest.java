package io.metdc.collector.alerts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.metdc.connectors.Network;
import io.metdc.listings.Listing;
import io.metdc.listings.Sighting;
import io.metdc.listings.Source;
import io.metdc.listings.recorder.Venue;
import io.metdc.listings.watch.Notice;
import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

@Timeout(30)
class AlertsTest {
    private static final Instant T0 = Instant.parse("2026-11-20T04:50:00Z");
    private static final String SECRET = "s3cr3t-t0ken";

    private final List<Receiver> receivers = new ArrayList<>();
    private final List<Alerts> alerts = new ArrayList<>();

    @AfterEach
    void end() {
        alerts.forEach(one -> one.close(Duration.ZERO));
        receivers.forEach(one -> one.server.stop(0));
    }

    /// A receiver that answers with these statuses in turn, the last one over and over; 0 never answers.
    private final class Receiver {
        final HttpServer server;
        final List<JsonNode> bodies = new CopyOnWriteArrayList<>();
        final List<String> keys = new CopyOnWriteArrayList<>();
        private final int[] statuses;

        Receiver(int... statuses) throws IOException {
            this.statuses = statuses;
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.createContext("/", this::take);
            server.start();
            receivers.add(this);
        }

        private void take(HttpExchange exchange) throws IOException {
            try (exchange) {
                JsonNode body =
                        new ObjectMapper().readTree(exchange.getRequestBody().readAllBytes());
                keys.add(exchange.getRequestHeaders().getFirst("Idempotency-Key"));
                bodies.add(body);
                int status = statuses[Math.min(bodies.size(), statuses.length) - 1];
                if (status == 0) {
                    new CountDownLatch(1).await();
                }
                exchange.sendResponseHeaders(status, -1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        URI address() {
            return URI.create(
                    "http://127.0.0.1:" + server.getAddress().getPort() + "/hooks/" + SECRET + "?key=" + SECRET);
        }
    }

    private Alerts to(Receiver... to) throws Exception {
        List<URI> addresses = new ArrayList<>();
        for (Receiver receiver : to) {
            addresses.add(receiver.address());
        }
        Alerts made = new Alerts(addresses, Network.DEFAULT);
        alerts.add(made);
        return made;
    }

    private static Alert listing(String title) {
        Market spot = new Market(Exchange.OKX, MarketType.SPOT);
        return Alert.listing(
                new Listing(
                        "n-1",
                        "SKYN",
                        List.of("KRW", "BTC"),
                        title,
                        "거래",
                        null,
                        T0,
                        T0.plusMillis(1_234),
                        false,
                        List.of(new Sighting(Source.NOTICE_LIST, T0, T0.plusMillis(1_230)))),
                List.of(
                        new Venue(
                                spot,
                                Instrument.of(spot, "SKYN-USDT", "SKYN", "USDT"),
                                Venue.Match.LISTED,
                                BigDecimal.ONE,
                                ""),
                        new Venue(
                                new Market(Exchange.GATE, MarketType.FUTURES),
                                null,
                                Venue.Match.NOT_LISTED,
                                BigDecimal.ONE,
                                "")));
    }

    @Test
    void a_listing_is_told_once_with_what_is_known_of_each_market() throws Exception {
        Receiver receiver = new Receiver(204);
        to(receiver).raise(listing("스카이(SKYN) \"<script>alert(1)</script>\"\u0000\n"));
        await().until(() -> !receiver.bodies.isEmpty());

        JsonNode body = receiver.bodies.getFirst();
        assertThat(body.path("event").asText()).isEqualTo("listing");
        assertThat(body.path("id").asText())
                .isEqualTo("listing-SKYN_20261120_045000")
                .isEqualTo(receiver.keys.getFirst());
        assertThat(body.path("notice_title").asText()).isEqualTo("스카이(SKYN) \"<script>alert(1)</script>\"\u0000\n");
        assertThat(body.path("delay_ms").asLong()).isEqualTo(1_230);
        assertThat(body.path("announced_at").asText()).isEqualTo("2026-11-20T04:50:00.000Z");
        assertThat(body.path("known"))
                .hasToString("[{\"exchange\":\"okx\",\"market\":\"spot\",\"symbol\":\"SKYN-USDT\"},"
                        + "{\"exchange\":\"gate\",\"market\":\"futures\",\"symbol\":null,\"why\":\"not_listed\"}]");
    }

    @Test
    void what_fails_is_sent_again_under_the_same_name_until_it_is_taken_and_not_once_more() throws Exception {
        Receiver receiver = new Receiver(500, 429, 200);
        Alerts sent = to(receiver);
        sent.raise(listing("t"));
        await().until(() -> receiver.bodies.size() == 3);
        sent.raise(Alert.blind(T0));
        await().until(() -> receiver.bodies.size() == 4);

        assertThat(receiver.keys.subList(0, 3)).containsOnly("listing-SKYN_20261120_045000");
        assertThat(receiver.keys.getLast()).startsWith("blind-");
    }

    @Test
    void what_is_refused_for_good_is_not_sent_again() throws Exception {
        Receiver receiver = new Receiver(404, 200);
        Alerts sent = to(receiver);
        sent.raise(listing("t"));
        await().until(() -> receiver.bodies.size() == 1);
        sent.raise(Alert.sighted(T0, T0.plusSeconds(70)));
        await().until(() -> receiver.bodies.size() == 2);

        assertThat(receiver.keys).containsExactly("listing-SKYN_20261120_045000", "sighted-" + T0.toEpochMilli());
    }

    @Test
    void a_receiver_that_hangs_holds_up_neither_the_caller_nor_anybody_else() throws Exception {
        Receiver hanging = new Receiver(0);
        Receiver other = new Receiver(200);
        Alerts sent = to(hanging, other);
        Instant before = Instant.now();
        for (int i = 0; i < 50; i++) {
            sent.raise(Alert.blind(T0.plusSeconds(i)));
        }
        sent.raise(listing("t"));
        await().until(() -> other.bodies.size() == 51);

        assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(5));
        await().until(() -> hanging.bodies.size() == 51);
    }

    @Test
    void a_receiver_that_sends_its_answer_byte_by_byte_without_end_is_given_up_and_asked_again() throws Exception {
        AtomicInteger requests = new AtomicInteger();
        try (ServerSocket server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        Socket socket = server.accept();
                        requests.incrementAndGet();
                        Thread.ofVirtual().start(() -> drip(socket));
                    }
                } catch (IOException _) {
                    // closed
                }
            });
            Alerts sent =
                    new Alerts(List.of(URI.create("http://127.0.0.1:" + server.getLocalPort() + "/")), Network.DEFAULT);
            alerts.add(sent);
            sent.raise(listing("t"));

            await().atMost(Duration.ofSeconds(60)).until(() -> requests.get() == 2);
        }
    }

    private static void drip(Socket socket) {
        try (socket) {
            socket.getOutputStream().write("HTTP/1.1 200 OK\r\nX-Endless: ".getBytes(StandardCharsets.US_ASCII));
            while (true) {
                socket.getOutputStream().write('x');
                Thread.sleep(50);
            }
        } catch (IOException | InterruptedException _) {
            // given up
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 0, 1", "1, 30, 30", "1, 86400, 60", "60, 3, 60"})
    void a_receiver_may_ask_for_time_but_not_for_more_than_a_minute(long own, long told, long seconds) {
        assertThat(Webhook.pause(Duration.ofSeconds(own), Duration.ofSeconds(told)))
                .isEqualTo(Duration.ofSeconds(seconds));
    }

    @Test
    void the_address_is_never_written_into_the_log() throws Exception {
        ListAppender<ILoggingEvent> heard = new ListAppender<>();
        heard.start();
        Logger root = (Logger) LoggerFactory.getLogger("io.metdc.collector.alerts");
        root.addAppender(heard);
        try {
            Receiver refusing = new Receiver(500, 403);
            Alerts sent = to(refusing);
            sent.raise(listing("t"));
            await().until(() -> refusing.bodies.size() == 2);
            Receiver gone = new Receiver(200);
            gone.server.stop(0);
            to(gone).raise(listing("t"));
            await().until(() -> heard.list.stream()
                    .anyMatch(event -> event.getFormattedMessage().contains("reached")));
            await().until(() -> heard.list.stream()
                    .anyMatch(event -> event.getFormattedMessage().contains("given up")));
        } finally {
            root.detachAppender(heard);
        }

        assertThat(heard.list).isNotEmpty().allSatisfy(event -> {
            assertThat(event.getFormattedMessage()).contains("127.0.0.1").doesNotContain(SECRET, "hooks");
            assertThat(event.getThrowableProxy()).isNull();
        });
    }

    @Test
    void what_was_taken_is_not_sent_again_because_the_rest_of_the_answer_does_not_come() throws Exception {
        List<String> keys = new CopyOnWriteArrayList<>();
        CountDownLatch never = new CountDownLatch(1);
        Receiver cut = new Receiver(200);
        cut.server.removeContext("/");
        cut.server.createContext("/", exchange -> {
            keys.add(exchange.getRequestHeaders().getFirst("Idempotency-Key"));
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            if (keys.size() == 1) {
                exchange.close();
            } else {
                awaitEnd(never);
            }
        });
        Alerts sent = to(cut);
        sent.raise(listing("t"));
        await().until(() -> keys.size() == 1);
        sent.raise(Alert.blind(T0));
        await().until(() -> keys.size() == 2);

        Instant before = Instant.now();
        sent.close(Duration.ofSeconds(10));
        assertThat(Duration.between(before, Instant.now())).isLessThan(Duration.ofSeconds(9));
        assertThat(keys).containsExactly("listing-SKYN_20261120_045000", "blind-" + T0.toEpochMilli());
        never.countDown();
    }

    private static void awaitEnd(CountDownLatch end) {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void a_key_of_a_notice_that_is_no_header_is_told_all_the_same() throws Exception {
        Receiver receiver = new Receiver(200);
        to(receiver).raise(Alert.unclear(new Notice("a\r\nX: y/../한", "", "t \ud83d", "거래", T0, T0, null)));
        await().until(() -> receiver.bodies.size() == 1);

        assertThat(receiver.keys).containsExactly("unclear-a_X_y_.._");
        assertThat(receiver.bodies.getFirst().path("notice").asText()).isEqualTo("a\r\nX: y/../한");
    }

    @Test
    void a_notice_that_nobody_can_read_is_told_with_its_source_and_what_is_wrong() throws Exception {
        Receiver receiver = new Receiver(200);
        to(receiver).raise(Alert.unreadable(Source.NOTICE_LIST, "a.example", "notice 9 '스카이(SKYN)': it has no title"));
        await().until(() -> receiver.bodies.size() == 1);

        assertThat(receiver.keys.getFirst()).matches("unreadable-notice_list-[0-9a-f]+");
        assertThat(receiver.bodies.getFirst().path("event").asText()).isEqualTo("unreadable");
        assertThat(receiver.bodies.getFirst().path("text").asText())
                .contains("a.example", "notice 9 '스카이(SKYN)': it has no title");
        assertThat(receiver.bodies.getFirst().path("source").asText()).isEqualTo("notice_list");
    }

    @Test
    void user_and_password_of_the_address_are_sent_as_such_and_said_to_nobody_else() throws Exception {
        Receiver receiver = new Receiver(401);
        List<String> authorizations = new CopyOnWriteArrayList<>();
        receiver.server.removeContext("/");
        receiver.server.createContext("/", exchange -> {
            authorizations.add(exchange.getRequestHeaders().getFirst("Authorization") + " "
                    + exchange.getRequestHeaders().getFirst("Host"));
            exchange.sendResponseHeaders(401, -1);
            exchange.close();
        });
        ListAppender<ILoggingEvent> heard = new ListAppender<>();
        heard.start();
        Logger logger = (Logger) LoggerFactory.getLogger("io.metdc.collector.alerts");
        logger.addAppender(heard);
        try {
            Alerts sent = new Alerts(
                    List.of(URI.create(receiver.address().toString().replace("//", "//joe:p%40ss@"))), Network.DEFAULT);
            alerts.add(sent);
            sent.raise(Alert.blind(T0));
            await().until(() -> !heard.list.isEmpty());
        } finally {
            logger.detachAppender(heard);
        }

        assertThat(authorizations)
                .containsExactly("Basic am9lOnBAc3M= 127.0.0.1:"
                        + receiver.server.getAddress().getPort()); // joe:p@ss
        assertThat(heard.list)
                .singleElement()
                .satisfies(event -> assertThat(event.getFormattedMessage())
                        .contains("answered 401")
                        .doesNotContain("joe", "p@ss", "p%40ss", SECRET));
    }

    @Test
    void when_too_many_wait_the_oldest_that_is_no_listing_goes() throws Exception {
        Receiver hanging = new Receiver(0);
        Webhook webhook = new Webhook(hanging.address(), Network.DEFAULT.httpClient());
        ListAppender<ILoggingEvent> heard = new ListAppender<>();
        heard.start();
        Logger logger = (Logger) LoggerFactory.getLogger(Webhook.class);
        logger.addAppender(heard);
        try {
            webhook.offer(listing("t"), () -> {});
            for (int i = 0; i < Webhook.MOST_UNDER_WAY; i++) {
                webhook.offer(Alert.blind(T0.plusSeconds(i)), () -> {});
            }
            webhook.close(System.nanoTime());
            webhook.offer(Alert.sighted(T0, T0), () -> {});
            assertThat(List.copyOf(heard.list))
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .filteredOn(line -> line.contains("left out"))
                    .containsExactly(
                            "the webhook at 127.0.0.1 does not take alerts fast enough: 'blind-" + T0.toEpochMilli()
                                    + "' is left out",
                            "the webhook at 127.0.0.1: 'sighted-" + T0.toEpochMilli() + "' is left out, metdc ends");
        } finally {
            logger.detachAppender(heard);
        }
    }
}

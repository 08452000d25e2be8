package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.metdc.connectors.Limits.Rate;
import io.metdc.market.Consumed;
import io.metdc.market.Exchange;
import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.RejectReason;
import io.metdc.market.Rejected;
import io.metdc.market.Row;
import io.metdc.market.Trade;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.java_websocket.WebSocket;
import org.java_websocket.framing.CloseFrame;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class SessionTest {
    private static final Market MARKET = new Market(Exchange.BINANCE, MarketType.FUTURES);
    private static final Instrument SOL = Instrument.of(MARKET, "SOLUSDT", "SOL", "USDT");
    private static final Instant NOW = Instant.parse("2026-10-26T12:00:00Z");
    private static final long T = NOW.toEpochMilli();
    private static final Network NETWORK = new Network(Duration.ofSeconds(3), Duration.ofSeconds(3), null, null, null);
    private static final Duration LONG = Duration.ofSeconds(10);

    @TempDir
    static Path directory;

    private static TestCertificate certificate;
    private static TestCertificate strangersCertificate;

    private final List<Row> rows = new CopyOnWriteArrayList<>();
    private final List<AutoCloseable> open = new ArrayList<>();
    private TunedConnector connector = tuned(new Rate(20, Duration.ofSeconds(1)), LONG, LONG, 100);
    private Network network = NETWORK;
    private Sink sink = rows::add;
    private @Nullable FrameTap tap;

    @BeforeAll
    static void certificates() throws Exception {
        certificate = TestCertificate.of(directory, "server", "dns:localhost,ip:127.0.0.1");
        strangersCertificate = TestCertificate.of(directory, "stranger", "dns:elsewhere.example");
    }

    @AfterEach
    void everything_is_closed() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("test-1"));
    }

    // ---- connecting

    @Test
    void the_handshake_has_the_connectors_path_and_headers_and_no_origin() throws Exception {
        ExchangeServer server = server(ExchangeServer::acknowledge);
        connector = connector.withHeaders(Map.of("X-Gate-Size-Decimal", "1"));
        open(server.url());

        await().untilAsserted(() -> assertThat(server.headers).containsKey("Host"));
        assertThat(server.resource).isEqualTo("/public/stream");
        assertThat(server.headers).containsEntry("X-Gate-Size-Decimal", "1").doesNotContainKey("Origin");
        assertThat(server.headers).containsEntry("Host", "localhost:" + server.getPort());
    }

    @Test
    void a_certificate_of_the_ca_file_is_trusted() throws Exception {
        ExchangeServer server = server(ExchangeServer::acknowledge, certificate);
        network = NETWORK.withCaFile(certificate.pem());
        Session session = open(server.url());
        session.subscribe(List.of(SOL));
        broadcast(server, trade(1));

        await().until(() -> rows.size() == 1);
    }

    @Test
    void a_certificate_that_nobody_vouches_for_is_refused() throws Exception {
        ExchangeServer server = server(ExchangeServer::acknowledge, certificate);

        assertThat(failure(server.url())).isInstanceOf(Failure.Recoverable.class);
        assertThat(failure(server.url()).what()).contains("test-1", "wss://localhost", "cannot connect");
    }

    @Test
    void a_trusted_certificate_for_another_host_is_refused() throws Exception {
        ExchangeServer server = server(ExchangeServer::acknowledge, strangersCertificate);
        network = NETWORK.withCaFile(strangersCertificate.pem());

        assertThat(failure(server.url()).what()).contains("cannot connect", "localhost");
    }

    @Test
    void a_ca_file_that_cannot_be_read_is_for_a_person_to_mend() {
        network = NETWORK.withCaFile(directory.resolve("missing.pem"));

        assertThat(failure(URI.create("wss://127.0.0.1:1"))).isInstanceOf(Failure.Fatal.class);
        assertThat(failure(URI.create("wss://127.0.0.1:1")).what()).contains("missing.pem");
    }

    @Test
    void a_port_that_nobody_listens_on_is_a_failure_that_names_it() throws Exception {
        int port;
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = taken.getLocalPort();
        }

        assertThat(failure(URI.create("ws://127.0.0.1:" + port)).what())
                .contains("127.0.0.1:" + port, "cannot connect");
    }

    @Test
    void an_address_without_a_web_socket_scheme_is_for_a_person_to_mend() {
        assertThat(failure(URI.create("https://127.0.0.1:1"))).isInstanceOf(Failure.Fatal.class);
    }

    @Test
    void a_server_that_never_answers_the_handshake_is_given_up() throws Exception {
        network = new Network(Duration.ofSeconds(3), Duration.ofMillis(300), null, null, null);
        RawServer server = raw(raw -> {
            raw.readHead();
            raw.ignore();
        });

        assertThat(failure(server.url()).what()).contains("no answer to the handshake");
    }

    @ParameterizedTest
    @CsvSource({
        "429, Retry-After: 7,   Ban, 7",
        "418, Retry-After: 120, Ban, 120",
        "403, X: y,             Ban, 20",
        "403, Content-Type: text/html, Fatal, 0",
        "401, X: y,             Fatal, 0",
        "429, X: y,             Ban, 20",
        "429, 'Retry-After: Wed, 21 Oct 2026 07:28:00 GMT', Ban, 1",
        "404, X: y,             Fatal, 0",
        "451, X: y,             Fatal, 0",
        "200, X: y,             Recoverable, 0",
        "503, X: y,             Recoverable, 0",
    })
    void a_refused_handshake_is_classified_by_its_status(int status, String header, String kind, long seconds)
            throws Exception {
        RawServer server = raw(raw -> {
            raw.readHead();
            raw.write(("HTTP/1.1 " + status + " Something\r\n" + header + "\r\nContent-Length: 6\r\n\r\nsorry!")
                    .getBytes(StandardCharsets.ISO_8859_1));
            raw.ignore();
        });
        Failure failure = failure(server.url());

        assertThat(failure.getClass().getSimpleName()).isEqualTo(kind);
        assertThat(failure.what()).contains("answered " + status);
        if (failure instanceof Failure.Ban ban) {
            assertThat(ban.pause()).isEqualTo(Duration.ofSeconds(seconds));
        }
    }

    @Test
    void connections_leave_from_the_bind_address() throws Exception {
        ExchangeServer server = server(ExchangeServer::acknowledge);
        network = new Network(LONG, LONG, null, InetAddress.getByName("127.0.0.2"), null);
        open(server.url());

        await().untilAsserted(() -> assertThat(server.clientAddress).isEqualTo("127.0.0.2"));
    }

    @Test
    void connections_go_through_the_proxy() throws Exception {
        ExchangeServer server = server(ExchangeServer::acknowledge, certificate);
        try (ServerSocket proxy = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            var asked = new CopyOnWriteArrayList<String>();
            Thread.ofPlatform().daemon().start(() -> forward(proxy, asked, server.getPort()));
            network = new Network(
                    LONG, LONG, URI.create("http://127.0.0.1:" + proxy.getLocalPort()), null, certificate.pem());
            Session session = open(server.url());
            assertThat(session.subscribe(List.of(SOL)).accepted()).containsExactly(SOL);

            assertThat(asked).singleElement().asString().contains("CONNECT localhost:" + server.getPort());
        }
    }

    private static void forward(ServerSocket proxy, List<String> asked, int port) {
        try (Socket client = proxy.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), port)) {
            var head = new ByteArrayOutputStream();
            while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
                head.write(client.getInputStream().read());
            }
            asked.add(head.toString(StandardCharsets.ISO_8859_1));
            client.getOutputStream().write("HTTP/1.1 200 Connected\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
            Thread.ofPlatform().daemon().start(() -> {
                try {
                    server.getInputStream().transferTo(client.getOutputStream());
                } catch (IOException _) {
                    // one side is gone
                }
            });
            client.getInputStream().transferTo(server.getOutputStream());
        } catch (IOException _) {
            // one side is gone
        }
    }

    @ParameterizedTest
    @CsvSource({"socks5://127.0.0.1:1", "http://127.0.0.1", "http:///x"})
    void a_proxy_that_cannot_be_used_is_refused_at_once(URI proxy) {
        assertThatThrownBy(() -> new Network(LONG, LONG, proxy, null, null)).hasMessageContaining(proxy.toString());
    }

    // ---- subscribing

    @Test
    void every_acknowledgement_is_counted_against_what_was_asked() throws Exception {
        connector = tuned(new Rate(20, Duration.ofSeconds(1)), LONG, LONG, 2);
        ExchangeServer server = server(ExchangeServer::acknowledge);
        List<Instrument> wanted = instruments(5);

        Subscribed subscribed = open(server.url()).subscribe(wanted);

        assertThat(subscribed.accepted()).isEqualTo(wanted);
        assertThat(subscribed.refused()).isEmpty();
        assertThat(server.received).hasSize(3);
    }

    @Test
    void answers_may_come_late_and_in_any_order() throws Exception {
        connector = tuned(new Rate(20, Duration.ofSeconds(1)), LONG, LONG, 1);
        var waiting = new CopyOnWriteArrayList<String>();
        ExchangeServer server = server((socket, request) -> {
            waiting.add(request);
            if (waiting.size() == 3) {
                waiting.reversed().forEach(one -> ExchangeServer.acknowledge(socket, one));
            }
        });

        assertThat(open(server.url()).subscribe(instruments(3)).accepted()).hasSize(3);
    }

    @Test
    void what_is_not_acknowledged_is_asked_for_again() throws Exception {
        connector = tuned(new Rate(20, Duration.ofSeconds(1)), LONG, Duration.ofMillis(300), 2);
        ExchangeServer server = server((socket, request) -> {
            if (ExchangeServer.number(request) != 2) {
                ExchangeServer.acknowledge(socket, request);
            }
        });
        List<Instrument> wanted = instruments(5);

        Subscribed subscribed = open(server.url()).subscribe(wanted);

        assertThat(subscribed.accepted()).containsExactlyInAnyOrderElementsOf(wanted);
        assertThat(server.received).hasSize(4);
    }

    @Test
    void a_missing_acknowledgement_is_a_failure_that_says_how_many_are_missing() throws Exception {
        connector = tuned(new Rate(20, Duration.ofSeconds(1)), LONG, Duration.ofMillis(300), 2);
        ExchangeServer server = server((socket, request) -> {
            if (!request.contains(instruments(5).get(2).base().toLowerCase(java.util.Locale.ROOT))) {
                ExchangeServer.acknowledge(socket, request);
            }
        });
        Session session = open(server.url());

        FeedException failure = catchThrowableOfType(FeedException.class, () -> session.subscribe(instruments(5)));

        assertThat(failure.failure()).isInstanceOf(Failure.Recoverable.class);
        assertThat(failure).hasMessageContaining("2 of 2 instruments").hasMessageContaining("asked for again");
    }

    @Test
    void what_the_exchange_refuses_is_reported_and_the_rest_goes_on() throws Exception {
        connector = tuned(new Rate(20, Duration.ofSeconds(1)), LONG, LONG, 2);
        ExchangeServer server = server((socket, request) -> {
            if (ExchangeServer.number(request) == 2) {
                socket.send("{\"error\":{\"code\":2,\"msg\":\"Invalid request\"},\"id\":2}");
            } else {
                ExchangeServer.acknowledge(socket, request);
            }
        });
        List<Instrument> wanted = instruments(5);

        Subscribed subscribed = open(server.url()).subscribe(wanted);

        assertThat(subscribed.accepted()).containsExactly(wanted.get(0), wanted.get(1), wanted.get(4));
        assertThat(subscribed.refused()).singleElement().satisfies(refusal -> {
            assertThat(refusal.instruments()).isEqualTo(wanted.subList(2, 4));
            assertThat(refusal.failure().what()).contains("Invalid request");
        });
    }

    @Test
    void an_error_without_a_number_answers_the_only_open_request() throws Exception {
        ExchangeServer server =
                server((socket, request) -> socket.send("{\"error\":{\"code\":3,\"msg\":\"Invalid JSON\"}}"));

        assertThat(open(server.url()).subscribe(List.of(SOL)).refused()).hasSize(1);
    }

    @Test
    void an_error_that_nobody_waits_for_is_an_event() throws Exception {
        ExchangeServer server = server(ExchangeServer::acknowledge);
        Session session = open(server.url());
        broadcast(server, "{\"error\":{\"code\":2,\"msg\":\"what?\"},\"id\":99}");

        assertThat(session.next(LONG))
                .isInstanceOfSatisfying(
                        Event.Refused.class,
                        refused -> assertThat(refused.failure().what()).contains("what?"));
    }

    @Test
    void frames_are_sent_no_faster_than_allowed_across_requests() throws Exception {
        connector = tuned(new Rate(2, Duration.ofMillis(400)), LONG, LONG, 1);
        ExchangeServer server = server(ExchangeServer::acknowledge);
        Session session = open(server.url());
        session.subscribe(instruments(3));
        session.unsubscribe(instruments(2));

        assertThat(server.received).hasSize(5);
        for (int i = 2; i < server.received.size(); i++) { // with room for what loopback and scheduling take
            long window = server.received.get(i).atNanoTime()
                    - server.received.get(i - 2).atNanoTime();
            assertThat(Duration.ofNanos(window)).isGreaterThan(Duration.ofMillis(300));
        }
        assertThat(server.received.get(4).text()).contains("UNSUBSCRIBE");
    }

    @Test
    void a_connection_that_ends_ends_the_wait_for_acknowledgements() throws Exception {
        ExchangeServer server = server((socket, _) -> socket.close(1001, "going away"));

        Session session = open(server.url());

        assertThatThrownBy(() -> session.subscribe(List.of(SOL)))
                .isInstanceOf(FeedException.class)
                .hasMessageContaining("1001")
                .hasMessageContaining("going away");
    }

    // ---- messages

    @Test
    void trades_arrive_in_order_with_the_time_of_receipt() throws Exception {
        RawServer server = raw(raw -> {
            raw.shakeHands();
            var burst = new ByteArrayOutputStream();
            for (int i = 0; i < 1_000; i++) {
                burst.writeBytes(RawServer.frame(true, RawServer.TEXT, trade(i).getBytes(StandardCharsets.UTF_8)));
            }
            raw.write(burst.toByteArray());
            raw.drain();
        });
        Session session = open(server.url());

        await().until(() -> rows.size() == 1_000);
        assertThat(rows).extracting(row -> ((Trade) row).sequence()).isEqualTo(longs(1_000));
        assertThat(rows).extracting(row -> ((Trade) row).receivedAt()).containsOnly(NOW);
        assertThat(session.counts().frames()).isEqualTo(1_000);
        assertThat(session.counts().trades()).isEqualTo(1_000);
        assertThat(session.counts().lastTradeAtNanos()).isEqualTo(T * 1_000_000);
    }

    @Test
    void fragments_that_part_a_character_and_pings_between_them_are_read() throws Exception {
        byte[] text = trade(5).replace("SOLUSDT", "柴犬USDT").getBytes(StandardCharsets.UTF_8);
        RawServer server = raw(raw -> {
            raw.shakeHands();
            for (int i = 0; i < text.length; i++) {
                raw.write(RawServer.frame(i == text.length - 1, i == 0 ? RawServer.TEXT : 0, new byte[] {text[i]}));
                if (i == 10) {
                    raw.write(RawServer.frame(true, RawServer.PING, new byte[] {7}));
                    assertThat(raw.readFrame()).isEqualTo(new byte[] {RawServer.PONG, 7});
                }
            }
            raw.drain();
        });
        open(server.url());

        await().until(() -> rows.size() == 1);
        assertThat(rows.getFirst().instrument().symbol()).isEqualTo("柴犬USDT");
    }

    @Test
    void binary_messages_that_carry_json_are_read_too() throws Exception {
        RawServer server = raw(raw -> {
            raw.shakeHands();
            raw.write(RawServer.frame(true, RawServer.BINARY, trade(5).getBytes(StandardCharsets.UTF_8)));
            raw.drain();
        });
        open(server.url());

        await().until(() -> rows.size() == 1);
    }

    @Test
    void what_nobody_can_read_is_counted_by_kind_with_a_sample_and_harms_no_neighbour() throws Exception {
        RawServer server = raw(raw -> {
            raw.shakeHands();
            var all = new ByteArrayOutputStream();
            all.writeBytes(RawServer.frame(true, RawServer.TEXT, trade(1).getBytes(StandardCharsets.UTF_8)));
            all.writeBytes(RawServer.frame(true, RawServer.TEXT, new byte[] {(byte) 0xc3, (byte) 0x28, 1, 2}));
            all.writeBytes(RawServer.frame(true, RawServer.TEXT, "<html>".getBytes(StandardCharsets.UTF_8)));
            all.writeBytes(RawServer.frame(true, RawServer.TEXT, "{\"e\":\"tra".getBytes(StandardCharsets.UTF_8)));
            all.writeBytes(RawServer.frame(true, RawServer.TEXT, new byte[0]));
            all.writeBytes(RawServer.frame(true, RawServer.TEXT, trade(2).getBytes(StandardCharsets.UTF_8)));
            raw.write(all.toByteArray());
            raw.drain();
        });
        Session session = open(server.url());

        await().until(() -> rows.size() == 2);
        Map<String, Counts.Unreadable> unreadable = session.counts().unreadable();
        assertThat(unreadable).containsOnlyKeys("not JSON", "truncated", "empty");
        assertThat(unreadable.get("not JSON").count()).isEqualTo(2);
        assertThat(unreadable.get("truncated").sample()).isEqualTo("{\"e\":\"tra");
        assertThat(session.next(Duration.ZERO)).isNull();
    }

    @Test
    void a_run_of_unreadable_messages_ends_the_session() throws Exception {
        RawServer server = raw(raw -> {
            raw.shakeHands();
            for (int i = 0; i < Session.MAX_UNREADABLE_RUN; i++) {
                raw.text("<html>");
            }
            raw.drain();
        });
        Session session = open(server.url());

        assertThatThrownBy(() -> session.next(LONG)).hasMessageContaining("in a row that nobody can read");
    }

    @Test
    void a_connector_that_fails_costs_the_message_and_not_the_session() throws Exception {
        connector = connector.failing(new IllegalStateException("a bug"));
        RawServer server = raw(raw -> {
            raw.shakeHands();
            raw.text(trade(1));
            raw.text(trade(2));
            raw.drain();
        });
        Session session = open(server.url());

        await().until(() -> session.counts().frames() == 2);
        assertThat(session.next(Duration.ofMillis(50))).isNull();
        assertThat(session.counts().unreadable()).containsOnlyKeys("failed: IllegalStateException");
    }

    @Test
    void a_sink_that_fails_ends_the_session_since_rows_would_be_lost() throws Exception {
        sink = _ -> {
            throw new IllegalStateException("no room");
        };
        RawServer server = raw(raw -> {
            raw.shakeHands();
            raw.text(trade(1));
            raw.drain();
        });
        Session session = open(server.url());

        assertThatThrownBy(() -> session.next(LONG)).hasMessageContaining("the rows are not taken");
    }

    @Test
    void a_consumed_number_with_an_implausible_time_keeps_its_number_and_is_placed_where_it_was_received()
            throws Exception {
        ExchangeServer server = server(ExchangeServer::acknowledge);
        Session session = open(server.url());
        session.subscribe(List.of(SOL));
        broadcast(server, trade(7).replace("\"T\":" + T, "\"T\":12").replace("MARKET", "ADL"));

        await().until(() -> rows.size() == 1);
        assertThat(rows.getFirst()).isInstanceOfSatisfying(Consumed.class, gone -> {
            assertThat(gone.sequence()).isEqualTo(7);
            assertThat(gone.executedAtNanos()).isEqualTo(gone.receivedAtNanos()).isPositive();
        });
        assertThat(session.counts().consumed()).isOne();
        assertThat(session.counts().rejected()).isZero();
    }

    @Test
    void an_implausible_trade_is_rejected_with_its_reason_and_its_number() throws Exception {
        RawServer server = raw(raw -> {
            raw.shakeHands();
            raw.text(trade(1).replace(Long.toString(T), "1000"));
            raw.text(trade(2).replace("187.43", "1E999999999"));
            raw.text(trade(3));
            raw.drain();
        });
        Session session = open(server.url());

        await().until(() -> rows.size() == 3);
        assertThat(rows.subList(0, 2))
                .extracting(row -> ((Rejected) row).reason())
                .containsExactly(RejectReason.IMPLAUSIBLE_TIME, RejectReason.IMPLAUSIBLE_NUMBER);
        assertThat(rows.subList(0, 2))
                .extracting(row -> ((Rejected) row).sequence())
                .containsExactly(1L, 2L);
        assertThat(rows.get(2)).isInstanceOf(Trade.class);
        await().until(() -> session.counts().rejected() == 2 && session.counts().trades() == 1);
    }

    @Test
    void a_stream_that_keeps_to_another_time_unit_than_asked_for_leads_and_loses_no_trade() throws Exception {
        Session session = spotStream(trade(1), trade(2), trade(3));

        await().until(() -> rows.size() == 3);
        assertThat(rows)
                .allSatisfy(row -> assertThat(((Trade) row).executedAtNanos()).isEqualTo(T * 1_000_000));
        assertThat(session.next(LONG)).isEqualTo(new Event.OtherTimeUnit(session.connector()));
        assertThat(session.connector()
                        .endpoint(URI.create("ws://localhost"), "test-1", new byte[0])
                        .address())
                .hasToString("ws://localhost/stream");
    }

    @Test
    void a_stray_time_in_another_unit_costs_its_own_trade_only() throws Exception {
        Session session = spotStream(inMicros(1), trade(2), inMicros(3));

        await().until(() -> rows.size() == 3);
        assertThat(rows.get(1))
                .isInstanceOfSatisfying(
                        Rejected.class,
                        rejected -> assertThat(rejected.reason()).isEqualTo(RejectReason.TIME_UNIT));
        assertThat(rows).filteredOn(Trade.class::isInstance).hasSize(2);
        assertThat(session.connector()).isEqualTo(connector);
    }

    @Test
    void a_stream_that_changes_its_time_unit_for_good_is_followed() throws Exception {
        String[] frames = new String[102];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = i == 0 ? inMicros(0) : trade(i);
        }
        spotStream(frames);

        await().until(() -> rows.size() == frames.length);
        assertThat(rows).filteredOn(Rejected.class::isInstance).hasSize(99);
        assertThat(rows.subList(100, 102)).allMatch(Trade.class::isInstance);
    }

    @Test
    void times_in_both_units_on_one_connection_end_it_so_that_one_unit_is_asked_for() throws Exception {
        Session session = spotStream(trade(1), inMicros(2));

        await().until(() -> rows.size() == 2);
        assertThat(rows.get(0)).isInstanceOf(Trade.class);
        assertThat(rows.get(1)).isInstanceOf(Rejected.class);
        assertThat(session.next(LONG)).isInstanceOf(Event.OtherTimeUnit.class);
        assertThatThrownBy(() -> session.next(LONG)).hasMessageContaining("two time units");
    }

    private Session spotStream(String... frames) throws Exception {
        Connector spot =
                Connectors.of(new Market(Exchange.BINANCE, MarketType.SPOT)).orElseThrow();
        connector = TunedConnector.of(spot, 100, new Rate(20, Duration.ofSeconds(1)), LONG, LONG);
        RawServer server = raw(raw -> {
            raw.shakeHands();
            for (String frame : frames) {
                raw.text(frame);
            }
            raw.drain();
        });
        return open(server.url());
    }

    private static String inMicros(long id) {
        return trade(id).replace(Long.toString(T), T + "001");
    }

    @Test
    void the_tap_sees_every_message_as_it_came() throws Exception {
        var seen = new CopyOnWriteArrayList<String>();
        tap = (bytes, offset, length, at) ->
                seen.add(at + " " + new String(bytes, offset, length, StandardCharsets.UTF_8));
        RawServer server = raw(raw -> {
            raw.shakeHands();
            raw.text("no json");
            raw.text(trade(1));
            raw.drain();
        });
        open(server.url());

        await().until(() -> rows.size() == 1);
        assertThat(seen).containsExactly(T * 1_000_000 + " no json", T * 1_000_000 + " " + trade(1));
    }

    // ---- the end

    @Test
    void an_announced_end_is_an_event() throws Exception {
        ExchangeServer server = server(ExchangeServer::acknowledge);
        Session session = open(server.url());
        broadcast(server, "{\"e\":\"serverShutdown\",\"E\":1}");

        assertThat(session.next(LONG)).isEqualTo(new Event.Closing("serverShutdown"));
    }

    @Test
    void when_nothing_happens_there_is_no_event() throws Exception {
        Session session = open(server(ExchangeServer::acknowledge).url());

        assertThat(session.next(Duration.ofMillis(30))).isNull();
    }

    @ParameterizedTest
    @CsvSource({"1000, false", "1001, false", "1008, true", "1011, false", "4004, false"})
    void an_end_is_classified_by_its_code(int code, boolean ban) throws Exception {
        RawServer server = raw(raw -> {
            raw.shakeHands();
            byte[] reason = "because".getBytes(StandardCharsets.UTF_8);
            byte[] payload = Arrays.copyOf(new byte[] {(byte) (code >> 8), (byte) code}, 2 + reason.length);
            System.arraycopy(reason, 0, payload, 2, reason.length);
            raw.write(RawServer.frame(true, RawServer.CLOSE, payload));
            assertThat(raw.readFrame()[0]).isEqualTo((byte) RawServer.CLOSE);
        });
        Session session = open(server.url());
        FeedException end = catchThrowableOfType(FeedException.class, () -> session.next(LONG));

        assertThat(end).hasMessageContaining("code " + code).hasMessageContaining("because");
        assertThat(end.failure()).isInstanceOf(ban ? Failure.Ban.class : Failure.Recoverable.class);
        if (end.failure() instanceof Failure.Ban policy) {
            assertThat(policy.pause()).isGreaterThanOrEqualTo(Duration.ofSeconds(30));
        }
    }

    @Test
    void a_connection_that_is_cut_ends_without_a_word() throws Exception {
        RawServer server = raw(RawServer::shakeHands);
        Session session = open(server.url());

        assertThatThrownBy(() -> session.next(LONG)).hasMessageContaining("connection lost");
        assertThatThrownBy(() -> session.subscribe(List.of(SOL))).hasMessageContaining("connection lost");
    }

    @Test
    void a_connection_on_which_nothing_arrives_is_dead() throws Exception {
        connector = tuned(new Rate(20, Duration.ofSeconds(1)), Duration.ofMillis(300), LONG, 100);
        RawServer server = raw(raw -> {
            raw.shakeHands();
            raw.drain();
        });
        Session session = open(server.url());

        assertThatThrownBy(() -> session.next(LONG)).hasMessageContaining("nothing arrived for 0.3 s");
    }

    @Test
    void a_message_beyond_the_limit_is_refused_with_1009() throws Exception {
        var answer = new CopyOnWriteArrayList<byte[]>();
        RawServer server = raw(raw -> {
            raw.shakeHands();
            raw.write(new byte[] {(byte) 0x81, 127, 0, 0, 0, 0, 2, 0, 0, 0});
            answer.add(raw.readFrame());
        });
        Session session = open(server.url());

        assertThatThrownBy(() -> session.next(LONG)).hasMessageContaining("1009");
        server.awaitDone();
        assertThat(answer).singleElement().satisfies(frame -> {
            assertThat(frame[0]).isEqualTo((byte) RawServer.CLOSE);
            assertThat(ByteBuffer.wrap(frame, 1, 2).getShort()).isEqualTo((short) CloseFrame.TOOBIG);
        });
    }

    @Test
    void a_message_of_some_megabytes_is_read() throws Exception {
        String big = trade(1).replace("\"m\":true", "\"x\":\"" + "y".repeat(5 << 20) + "\",\"m\":true");
        RawServer server = raw(raw -> {
            raw.shakeHands();
            raw.text(big);
            raw.drain();
        });
        open(server.url());

        await().until(() -> rows.size() == 1);
        assertThat(rows.getFirst()).isInstanceOf(Trade.class);
    }

    @Test
    void closing_says_goodbye() throws Exception {
        ExchangeServer server = server(ExchangeServer::acknowledge);
        Session session = open(server.url());
        session.close();

        await().untilAsserted(() -> assertThat(server.closeCodes).containsExactly(CloseFrame.NORMAL));
        assertThatThrownBy(() -> session.next(LONG)).isInstanceOf(FeedException.class);
    }

    @Test
    void closing_has_an_end_even_when_the_other_side_says_nothing() throws Exception {
        RawServer server = raw(raw -> {
            raw.shakeHands();
            raw.ignore();
        });
        Session session = open(server.url());
        long before = System.nanoTime();
        session.close();

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(4));
    }

    @Test
    void no_row_is_handed_on_once_the_session_is_closed() throws Exception {
        var entered = new CountDownLatch(1);
        var released = new CountDownLatch(1);
        sink = row -> {
            rows.add(row);
            entered.countDown();
            try {
                released.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        RawServer server = raw(raw -> {
            raw.shakeHands();
            var burst = new ByteArrayOutputStream();
            for (int i = 0; i < 100; i++) {
                burst.writeBytes(RawServer.frame(true, RawServer.TEXT, trade(i).getBytes(StandardCharsets.UTF_8)));
            }
            raw.write(burst.toByteArray());
            raw.drain();
        });
        Session session = open(server.url());
        entered.await();
        Thread closing = Thread.ofPlatform().start(session::close);
        await().until(() -> closing.getState() == Thread.State.TIMED_WAITING);
        released.countDown();
        closing.join();

        assertThat(rows).hasSize(1);
    }

    @Test
    void the_one_thread_of_a_session_bears_its_name() throws Exception {
        open(server(ExchangeServer::acknowledge).url());

        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .filteredOn(name -> name.startsWith("test-1"))
                .containsExactly("test-1-read");
    }

    @Test
    void interrupting_who_connects_gives_up_at_once() throws Exception {
        RawServer server = raw(raw -> {
            raw.readHead();
            raw.ignore();
        });
        var thrown = new CopyOnWriteArrayList<Throwable>();
        Thread connecting = Thread.ofVirtual().start(() -> {
            try {
                open(server.url());
            } catch (Exception e) {
                thrown.add(e);
            }
        });
        await().until(() -> !server.head().isEmpty());
        connecting.interrupt();

        assertThat(connecting.join(Duration.ofSeconds(5))).isTrue();
        assertThat(thrown).singleElement().isInstanceOf(InterruptedException.class);
    }

    // ----

    private static TunedConnector tuned(Rate rate, Duration silence, Duration answer, int instrumentsPerFrame) {
        return TunedConnector.of(Connectors.of(MARKET).orElseThrow(), instrumentsPerFrame, rate, silence, answer);
    }

    private Session open(URI url) throws FeedException, InterruptedException {
        Session session = Session.open(
                "test-1",
                connector,
                endpoint(url),
                network,
                SymbolTable.any(MARKET),
                sink,
                InstantSource.fixed(NOW),
                tap);
        open.add(session);
        return session;
    }

    private Endpoint endpoint(URI url) {
        try {
            return connector.endpoint(url, "test-1", new byte[0]);
        } catch (UnreadableAnswer e) {
            throw new AssertionError(e);
        }
    }

    private Failure failure(URI url) {
        FeedException failure = catchThrowableOfType(FeedException.class, () -> open(url));
        assertThat(failure).isNotNull();
        return failure.failure();
    }

    private ExchangeServer server(java.util.function.BiConsumer<WebSocket, String> answers) throws Exception {
        return server(answers, null);
    }

    private ExchangeServer server(
            java.util.function.BiConsumer<WebSocket, String> answers, @Nullable TestCertificate presented)
            throws Exception {
        ExchangeServer server = ExchangeServer.answering(answers, presented == null ? null : presented.server());
        open.add(server);
        return server;
    }

    private RawServer raw(RawServer.Script script) {
        RawServer server = RawServer.playing(script);
        open.add(server);
        return server;
    }

    private static void broadcast(ExchangeServer server, String text) {
        await().until(() -> !server.getConnections().isEmpty());
        server.broadcast(text);
    }

    private static String trade(long id) {
        return "{\"e\":\"trade\",\"T\":" + T + ",\"s\":\"SOLUSDT\",\"t\":" + id
                + ",\"p\":\"187.43\",\"q\":\"3\",\"X\":\"MARKET\",\"m\":true}";
    }

    private static List<Instrument> instruments(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Instrument.of(MARKET, "C" + i + "USDT", "C" + i, "USDT"))
                .toList();
    }

    private static List<Long> longs(int count) {
        return IntStream.range(0, count).mapToObj(i -> (long) i).toList();
    }
}

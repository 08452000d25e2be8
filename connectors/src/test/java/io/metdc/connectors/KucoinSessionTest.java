package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.metdc.market.Exchange;
import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Row;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.java_websocket.WebSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A connection that begins with a token and a welcome, lives by the client's pings, and whose errors say what they
/// mean by a code.
@Timeout(30)
class KucoinSessionTest {
    private static final Market SPOT = new Market(Exchange.KUCOIN, MarketType.SPOT);
    private static final Instant NOW = Instant.parse("2026-11-18T14:32:26.2Z");
    private static final Duration LONG = Duration.ofSeconds(10);
    private static final String WELCOME = "{\"id\":\"test-1\",\"type\":\"welcome\"}";
    private static final Pattern REQUEST = Pattern.compile("\"id\":\"(\\d+)\",\"type\":\"(\\w+)\"(.*)");

    private final Connector kucoin = Connectors.of(SPOT).orElseThrow();
    private final List<Row> rows = new CopyOnWriteArrayList<>();
    private final List<AutoCloseable> open = new ArrayList<>();
    private String intervals = "\"pingInterval\":18000,\"pingTimeout\":10000";

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
    }

    // ---- the beginning

    @Test
    void nothing_is_asked_before_the_welcome() throws Exception {
        ExchangeServer server = server("", KucoinSessionTest::acknowledge);
        var opened = new CompletableFuture<Session>();
        Thread connecting = Thread.ofVirtual().start(() -> {
            try {
                Session session = session(server);
                session.subscribe(instruments("SOL-USDT"));
                opened.complete(session);
            } catch (Exception e) {
                opened.completeExceptionally(e);
            }
        });
        await().until(() -> !server.getConnections().isEmpty());
        server.broadcast("{\"id\":\"1\",\"type\":\"pong\"}"); // any other frame is no welcome
        assertThat(connecting.join(Duration.ofMillis(200))).isFalse();
        assertThat(server.received).isEmpty();
        server.broadcast(WELCOME);

        assertThat(opened.get()).isNotNull();
        assertThat(server.received).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"401, token is expired", "509, exceed max session count"})
    void an_error_in_place_of_the_welcome_ends_the_connect_at_once(int code, String words) throws Exception {
        ExchangeServer server = server(
                "{\"type\":\"error\",\"code\":" + code + ",\"data\":\"" + words + "\"}",
                KucoinSessionTest::acknowledge);
        long before = System.nanoTime();

        assertThatThrownBy(() -> session(server))
                .hasMessageContaining(words)
                .asInstanceOf(InstanceOfAssertFactories.type(FeedException.class))
                .satisfies(e -> assertThat(e.failure()).isInstanceOf(Failure.Recoverable.class));
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"id\":\"1\",", ""})
    void a_token_that_expires_later_ends_the_connection_and_is_not_waited_out(String id) throws Exception {
        ExchangeServer server = server(
                WELCOME,
                (socket, _) ->
                        socket.send("{" + id + "\"type\":\"error\",\"code\":401,\"data\":\"token is expired\"}"));
        Session session = session(server);
        long before = System.nanoTime();

        assertThatThrownBy(() -> session.subscribe(instruments("SOL-USDT", "BTC-USDT")))
                .hasMessageContaining("401");
        assertThatThrownBy(() -> session.next(LONG)).hasMessageContaining("401");
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(8));
    }

    // ---- pings

    @Test
    void the_client_pings_while_trades_come_and_without_waiting_to_be_idle() throws Exception {
        intervals = "\"pingInterval\":200,\"pingTimeout\":5000";
        ExchangeServer server = server(WELCOME, (socket, request) -> {
            socket.send(trade(System.nanoTime()));
            acknowledge(socket, request);
        });
        Session session = session(server);
        session.subscribe(instruments("SOL-USDT"));

        await().until(() -> server.received.stream()
                        .filter(one -> one.text().contains("\"ping\""))
                        .count()
                >= 3);
        assertThat(server.received)
                .last()
                .extracting(ExchangeServer.Received::text)
                .isEqualTo("{\"id\":\"" + NOW.toEpochMilli() + "\",\"type\":\"ping\"}");
        assertThat(session.next(Duration.ZERO)).isNull();
        assertThat(session.counts().trades()).isPositive();
    }

    @Test
    void a_connection_without_even_pongs_is_dead_after_interval_and_timeout() throws Exception {
        intervals = "\"pingInterval\":200,\"pingTimeout\":300";
        ExchangeServer server = server(WELCOME, (_, _) -> {});
        Session session = session(server);

        assertThatThrownBy(() -> session.next(LONG)).hasMessageContaining("nothing arrived for 0.5 s");
    }

    // ---- requests

    @Test
    void one_bad_topic_of_a_frame_costs_itself_alone() throws Exception {
        ExchangeServer server = server(WELCOME, (socket, request) -> {
            if (request.contains("BAD-USDT")) {
                error(socket, request, 404, "topic is not found");
            } else {
                acknowledge(socket, request);
            }
        });
        List<Instrument> wanted = instruments("A-USDT", "B-USDT", "BAD-USDT", "C-USDT", "D-USDT");

        Subscribed answer = session(server).subscribe(wanted);

        assertThat(answer.accepted())
                .extracting(Instrument::symbol)
                .containsExactlyInAnyOrder("A-USDT", "B-USDT", "C-USDT", "D-USDT");
        assertThat(answer.refused())
                .singleElement()
                .satisfies(refusal -> assertThat(refusal.instruments()).containsExactly(wanted.get(2)));
    }

    @Test
    void what_finds_no_room_on_a_connection_belongs_on_another_one() throws Exception {
        ExchangeServer server = server(WELCOME, (socket, request) -> {
            if (request.contains("C95-USDT")) {
                error(socket, request, 509, "exceed max subscription count limitation of 400 per session");
            } else {
                acknowledge(socket, request);
            }
        });
        List<Instrument> wanted = instruments(
                IntStream.range(0, 100).mapToObj(i -> "C" + i + "-USDT").toArray(String[]::new));

        Subscribed answer = session(server).subscribe(wanted);

        assertThat(answer.accepted()).isEqualTo(wanted.subList(0, 90));
        assertThat(answer.homeless()).isEqualTo(wanted.subList(90, 100));
        assertThat(answer.refused()).isEmpty();
    }

    @Test
    void an_error_about_a_ping_is_blamed_on_no_subscription() throws Exception {
        ExchangeServer server = server(WELCOME, KucoinSessionTest::acknowledge);
        Session session = session(server);
        session.subscribe(instruments("SOL-USDT"));
        server.broadcast("{\"id\":\"" + NOW.toEpochMilli()
                + "\",\"type\":\"error\",\"code\":509,\"data\":\"exceed max permits per second\"}");

        assertThat(session.next(LONG))
                .isInstanceOfSatisfying(
                        Event.Refused.class,
                        refused -> assertThat(refused.failure().what()).contains("max permits"));
    }

    // ---- by REST

    @Test
    void a_new_token_is_posted_for() throws Exception {
        var asked = new CopyOnWriteArrayList<String>();
        try (RestClient rest = rest(200, null, "{\"code\":\"200000\"}", asked)) {
            rest.ticket();
            rest.ticket();
        }

        assertThat(asked).containsExactly("POST /api/v1/bullet-public 0", "POST /api/v1/bullet-public 0");
    }

    @ParameterizedTest
    @CsvSource({
        "429, 28001, 429000, Ban, 28001",
        "429,      , 429000, Recoverable, 0",
        "429,      , 1015,   Ban, 20000",
        "403,      , 1015,   Ban, 20000",
        "500,      , 500000, Recoverable, 0",
    })
    void who_asks_too_much_stays_away_in_milliseconds_and_an_overload_is_a_hiccup(
            int status, @Nullable String reset, String code, String kind, int millis) throws Exception {
        try (RestClient rest = rest(status, reset, "{\"code\":\"" + code + "\",\"msg\":\"…\"}", new ArrayList<>())) {
            assertThatThrownBy(rest::ticket)
                    .asInstanceOf(InstanceOfAssertFactories.type(FeedException.class))
                    .satisfies(e -> {
                        assertThat(e.failure().getClass().getSimpleName()).isEqualTo(kind);
                        if (e.failure() instanceof Failure.Ban ban) {
                            assertThat(ban.pause()).isEqualTo(Duration.ofMillis(millis));
                        }
                    });
        }
    }

    // ----

    private ExchangeServer server(String greeting, BiConsumer<WebSocket, String> answers) throws Exception {
        ExchangeServer server = ExchangeServer.answering(answers, null);
        server.greeting = greeting;
        open.add(server);
        return server;
    }

    private Session session(ExchangeServer server) throws Exception {
        byte[] ticket = ("{\"code\":\"200000\",\"data\":{\"token\":\"abc\",\"instanceServers\":[{\"endpoint\":\""
                        + server.url() + "/\",\"protocol\":\"websocket\"," + intervals + "}]}}")
                .getBytes(StandardCharsets.UTF_8);
        Session session = Session.open(
                "test-1",
                kucoin,
                kucoin.endpoint(null, "test-1", ticket),
                Network.DEFAULT,
                SymbolTable.any(SPOT),
                rows::add,
                InstantSource.fixed(NOW),
                null);
        open.add(session);
        assertThat(server.resource).isEqualTo("/?token=abc&connectId=test-1");
        return session;
    }

    private RestClient rest(int status, @Nullable String reset, String body, List<String> asked) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                    + exchange.getRequestBody().readAllBytes().length);
            if (reset != null) {
                exchange.getResponseHeaders().set("gw-ratelimit-reset", reset);
            }
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        open.add(() -> server.stop(0));
        URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        return new RestClient(kucoin, url, Network.DEFAULT, InstantSource.fixed(NOW));
    }

    private static void acknowledge(WebSocket socket, String text) {
        Matcher request = request(text);
        String type = request.group(2).equals("ping") ? "pong" : "ack";
        socket.send("{\"id\":\"" + request.group(1) + "\",\"type\":\"" + type + "\"}");
    }

    private static void error(WebSocket socket, String text, int code, String words) {
        socket.send("{\"id\":\"" + request(text).group(1) + "\",\"type\":\"error\",\"code\":" + code + ",\"data\":\""
                + words + "\"}");
    }

    private static Matcher request(String text) {
        Matcher request = REQUEST.matcher(text);
        assertThat(request.find()).as(text).isTrue();
        return request;
    }

    private static String trade(long id) {
        return "{\"topic\":\"/market/match:SOL-USDT\",\"type\":\"message\",\"subject\":\"trade.l3match\",\"data\":"
                + "{\"symbol\":\"SOL-USDT\",\"side\":\"buy\",\"price\":\"187.4\",\"size\":\"1\",\"tradeId\":\"" + id
                + "\",\"time\":\"" + NOW.toEpochMilli() + "000000\"}}";
    }

    private static List<Instrument> instruments(String... symbols) {
        return List.of(symbols).stream()
                .map(symbol -> Instrument.of(SPOT, symbol, symbol.replace("-USDT", ""), "USDT"))
                .toList();
    }
}

package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.metdc.market.Exchange;
import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Origin;
import io.metdc.market.Trade;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class RestClientTest {
    private static final Market MARKET = new Market(Exchange.BINANCE, MarketType.SPOT);
    private static final Instrument SOL = Instrument.of(MARKET, "SOLUSDT", "SOL", "USDT");
    private static final Instant NOW = Instant.parse("2026-10-26T12:00:00Z");
    private static final Network NETWORK = new Network(Duration.ofSeconds(5), Duration.ofSeconds(5), null, null, null);

    private interface Answering {
        void answer(HttpExchange exchange) throws IOException;
    }

    private final CountDownLatch end = new CountDownLatch(1);
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private HttpServer server;
    private RestClient client;
    private Answering answering = exchange -> answer(exchange, 200, "{}");

    @BeforeEach
    void start() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            asked.add(exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("X-MBX-TIME-UNIT"));
            answering.answer(exchange);
        });
        server.start();
        client = new RestClient(connector(), url("/base/"), NETWORK, InstantSource.fixed(NOW));
    }

    @AfterEach
    void stop() {
        end.countDown();
        client.close();
        server.stop(0);
        threads.shutdownNow();
    }

    @Test
    void instruments_are_asked_where_the_base_path_says() throws Exception {
        answering = exchange -> answer(exchange, 200, text("binance/spot-instruments.json"));

        assertThat(client.instruments()).hasSize(17);
        assertThat(asked).containsExactly("/base/api/v3/exchangeInfo null");
    }

    @ParameterizedTest
    @CsvSource({"'', /api", "/, /api", "//, /api", "/base, /base/api", "/base///, /base/api"})
    void slashes_behind_the_address_make_no_other_path(String path, String asked) throws Exception {
        answering = exchange -> answer(exchange, 200, text("binance/spot-instruments.json"));

        try (var other = new RestClient(connector(), url(path), NETWORK, InstantSource.fixed(NOW))) {
            other.instruments();
        }
        assertThat(this.asked).containsExactly(asked + "/v3/exchangeInfo null");
    }

    @Test
    void trades_carry_their_origin_and_our_time() throws Exception {
        answering = exchange -> answer(exchange, 200, text("binance/spot-history.json"));

        assertThat(client.trades(
                        new Stretch(SOL, 9_000_000_000L, Stretch.UNKNOWN, Instant.MIN, Instant.MAX), Origin.REFILL, 5))
                .hasSize(2)
                .allSatisfy(row -> assertThat(row).isInstanceOfSatisfying(Trade.class, trade -> {
                    assertThat(trade.origin()).isEqualTo(Origin.REFILL);
                    assertThat(trade.receivedAt()).isEqualTo(NOW);
                }));
        assertThat(asked)
                .containsExactly(
                        "/base/api/v3/historicalTrades?symbol=SOLUSDT&limit=1000&fromId=9000000001 MICROSECOND");
    }

    @Test
    void packed_answers_are_unpacked() throws Exception {
        answering = exchange -> {
            var packed = new ByteArrayOutputStream();
            try (var out = new GZIPOutputStream(packed)) {
                out.write("{\"a\":1}".getBytes(StandardCharsets.UTF_8));
            }
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
            exchange.sendResponseHeaders(200, packed.size());
            exchange.getResponseBody().write(packed.toByteArray());
            exchange.close();
        };

        assertThat(client.get(connector().instruments())).asString().isEqualTo("{\"a\":1}");
    }

    @Test
    void an_answer_that_unpacks_without_end_is_given_up() {
        answering = exchange -> {
            var packed = new ByteArrayOutputStream();
            try (var out = new GZIPOutputStream(packed)) {
                byte[] zeros = new byte[1 << 20];
                for (int i = 0; i < 70; i++) {
                    out.write(zeros);
                }
            }
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
            exchange.sendResponseHeaders(200, packed.size());
            exchange.getResponseBody().write(packed.toByteArray());
            exchange.close();
        };

        assertThat(failure().what()).contains("cannot be unpacked");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "429 | 37  | {\"code\":-1003,\"msg\":\"Too many requests\"}                        | 37",
                "429 |     | {\"code\":-1003,\"msg\":\"Too many requests\"}                        | 20",
                "418 | 120 | {\"code\":-1003,\"msg\":\"IP banned until 1793016300000. Use streams.\"} | 301",
                "418 |     | {\"code\":-1003,\"msg\":\"IP banned until 1793016300000. Use streams.\"} | 301",
                "403 |     | {\"code\":-1,\"msg\":\"no\"}                                             | 20",
            })
    void who_is_told_to_stay_away_stays_away_as_long_as_told(int status, String retryAfter, String body, long seconds) {
        answering = exchange -> {
            if (retryAfter != null) {
                exchange.getResponseHeaders().set("Retry-After", retryAfter);
            }
            answer(exchange, status, body);
        };

        assertThat(failure()).isInstanceOfSatisfying(Failure.Ban.class, ban -> {
            assertThat(ban.pause()).isEqualTo(Duration.ofSeconds(seconds));
            assertThat(ban.what()).contains("binance-spot", url("").toString(), String.valueOf(status));
        });
    }

    /// Bybit answers 200 with a code of its own, and says in a header when the limit is over.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "BYBIT | 200 | X-Bapi-Limit-Reset-Timestamp      | 1793016004200 | {\"retCode\":10006} | 5",
                "BYBIT | 200 | X-Bapi-Limit-Reset-Timestamp      | 1793015999000 | {\"retCode\":10006} | 1",
                "BYBIT | 200 | X-Bapi-Limit-Reset-Timestamp      | soon          | {\"retCode\":10006} | 20",
                "BYBIT | 200 | Some-Other-Header                 | 1793016004200 | {\"retCode\":10006} | 20",
                "BYBIT | 403 | X-Bapi-Limit-Reset-Timestamp      | 1793016004200 | too frequent        | 600",
                "GATE  | 429 | X-Gate-RateLimit-Reset-Timestamp  | 1793016004    | {\"label\":\"TOO\"}   | 5",
                "OKX   | 200 | Retry-After                       | 7             | {\"code\":\"50011\"}  | 7",
                "OKX   | 200 | Some-Other-Header                 | 7             | {\"code\":\"50011\"}  | 20",
                "GATE  | 429 | Some-Other-Header                 | 7             | {\"label\":\"TOO\"}   | 20",
            })
    void a_limit_that_says_when_it_is_over_costs_no_minute(
            Exchange exchange, int status, String header, String value, String body, long seconds) throws Exception {
        use(exchange);
        answering = answered -> {
            answered.getResponseHeaders().set(header, value);
            answer(answered, status, body);
        };
        FeedException failure = catchThrowableOfType(FeedException.class, () -> client.instruments());

        assertThat(failure.failure())
                .isInstanceOfSatisfying(
                        Failure.Ban.class, ban -> assertThat(ban.pause()).isEqualTo(Duration.ofSeconds(seconds)));
    }

    private void use(Exchange exchange) throws FeedException {
        client.close();
        Connector other = Connectors.of(new Market(exchange, MarketType.SPOT)).orElseThrow();
        client = new RestClient(other, url(""), NETWORK, InstantSource.fixed(NOW));
    }

    @Test
    void a_status_and_a_header_of_the_exchanges_own_are_understood() throws Exception {
        use(Exchange.PHEMEX);
        answering = exchange -> answer(exchange, 500, "{\"error\":{\"code\":6001,\"message\":\"no\"},\"result\":null}");
        assertThat(failure()).isInstanceOf(Failure.Fatal.class);

        answering = exchange -> {
            exchange.getResponseHeaders().set("x-ratelimit-retry-after", "51");
            answer(exchange, 429, "{}");
        };
        assertThat(failure())
                .isInstanceOfSatisfying(
                        Failure.Ban.class, ban -> assertThat(ban.pause()).isEqualTo(Duration.ofSeconds(51)));

        use(Exchange.PHEMEX); // which knows of no ban
        answering = exchange -> {
            exchange.getResponseHeaders().set("Retry-After", "52");
            answer(exchange, 429, "{}");
        };
        assertThat(failure())
                .isInstanceOfSatisfying(
                        Failure.Ban.class, ban -> assertThat(ban.pause()).isEqualTo(Duration.ofSeconds(52)));
    }

    @Test
    void at_an_exchange_that_counts_by_the_second_too_many_requests_cost_a_second() throws Exception {
        use(Exchange.UPBIT);
        answering = exchange -> {
            exchange.getResponseHeaders().set("Remaining-Req", "group=market; min=1; sec=0");
            answer(exchange, 429, "{\"name\":\"too_many_requests\"}");
        };
        assertThat(failure())
                .isInstanceOfSatisfying(
                        Failure.Ban.class, ban -> assertThat(ban.pause()).isEqualTo(Duration.ofSeconds(1)));

        use(Exchange.UPBIT);
        answering = exchange -> answer(exchange, 418, "{\"message\":\"blocked for 3 minutes\"}");
        assertThat(failure())
                .isInstanceOfSatisfying(
                        Failure.Ban.class, ban -> assertThat(ban.pause()).isEqualTo(Duration.ofMinutes(3)));
    }

    @Test
    void while_a_ban_lasts_nothing_is_asked() {
        answering = exchange -> {
            exchange.getResponseHeaders().set("Retry-After", "120");
            answer(exchange, 418, "{}");
        };
        assertThat(failure()).isInstanceOf(Failure.Ban.class);
        answering = exchange -> answer(exchange, 200, text("binance/spot-instruments.json"));

        assertThat(failure())
                .isInstanceOfSatisfying(
                        Failure.Ban.class,
                        ban -> assertThat(ban.pause()).isBetween(Duration.ofSeconds(100), Duration.ofSeconds(120)));
        assertThat(asked).hasSize(1);
    }

    @Test
    void who_is_not_served_is_told_so_once_and_not_asked_over_and_over() {
        answering = exchange -> answer(exchange, 451, "{\"code\":0,\"msg\":\"restricted location\"}");
        for (int i = 0; i < 3; i++) {
            assertThat(failure()).isInstanceOfSatisfying(Failure.Fatal.class, fatal -> {
                assertThat(fatal.isBlock()).isTrue();
                assertThat(fatal.what()).contains("451", "network.proxy", "restricted location");
            });
        }

        assertThat(asked).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "400, Fatal",
        "401, Fatal",
        "404, Fatal",
        "451, Fatal",
        "500, Recoverable",
        "502, Recoverable",
        "503, Recoverable",
        "301, Recoverable",
        "204, Recoverable",
    })
    void other_statuses_are_classified_and_quoted(int status, String kind) {
        answering = exchange -> answer(exchange, status, status == 204 ? "" : "{\"code\":-1,\"msg\":\"why\"}");
        Failure failure = failure();

        assertThat(failure.getClass().getSimpleName()).isEqualTo(kind);
        assertThat(failure.what()).contains("binance-spot", url("").toString(), String.valueOf(status));
        if (status != 204) {
            assertThat(failure.what()).contains("why");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "<html>busy</html>      | HTML",
                "``                     | no JSON object",
                "{\"symbols\":[]}       | empty",
                "{\"symbols\":[{\"symb  | no complete JSON",
                "{\"code\":0}           | no list of symbols",
            })
    void an_answer_that_is_no_list_is_an_error_with_exchange_and_address(String body, String word) {
        answering = exchange -> answer(exchange, 200, body);
        FeedException failure = catchThrowableOfType(FeedException.class, () -> client.instruments());

        assertThat(failure.failure()).isInstanceOf(Failure.Recoverable.class);
        assertThat(failure).hasMessageContaining(word).hasMessageContaining("binance-spot");
        assertThat(failure)
                .hasMessageContaining(url("/base/api/v3/exchangeInfo").toString());
    }

    @Test
    void an_answer_that_stops_halfway_is_given_up_in_time() throws Exception {
        client.close();
        Network hasty = new Network(Duration.ofMillis(300), Duration.ofMillis(300), null, null, null);
        client = new RestClient(connector(), url("/base"), hasty, InstantSource.fixed(NOW));
        answering = exchange -> {
            exchange.sendResponseHeaders(200, 1_000);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };

        assertThat(failure().what()).contains("no whole answer within 0.6 s");
    }

    @Test
    void a_connection_that_breaks_in_the_answer_is_a_failure() {
        answering = exchange -> {
            exchange.sendResponseHeaders(200, 1_000);
            exchange.getResponseBody().write('{');
            exchange.close();
        };

        assertThat(failure()).isInstanceOf(Failure.Recoverable.class);
    }

    @Test
    void a_server_that_is_not_there_is_a_failure_that_names_it() {
        server.stop(0);

        assertThat(failure().what()).contains("binance-spot", url("").toString());
    }

    @Test
    void an_address_that_is_none_is_for_a_person_to_mend() {
        FeedException failure = catchThrowableOfType(
                FeedException.class,
                () -> new RestClient(connector(), URI.create("ftp://x"), NETWORK, InstantSource.fixed(NOW)));

        assertThat(failure.failure()).isInstanceOf(Failure.Fatal.class);
    }

    private Failure failure() {
        FeedException failure = catchThrowableOfType(
                FeedException.class, () -> client.get(connector().instruments()));
        assertThat(failure).isNotNull();
        return failure.failure();
    }

    private URI url(String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    private static Connector connector() {
        return Connectors.of(MARKET).orElseThrow();
    }

    private static String text(String resource) {
        return new String(Resources.bytes(resource), StandardCharsets.UTF_8);
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}

package io.metdc.simulator;

import static io.metdc.simulator.SimulatorOptions.BINANCE_FUTURES;
import static io.metdc.simulator.SimulatorOptions.BINANCE_SPOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class QuotaTest {
    private static final Market BYBIT_SPOT = new Market(Exchange.BYBIT, MarketType.SPOT);
    private static final Market BYBIT_LINEAR = new Market(Exchange.BYBIT, MarketType.FUTURES);
    private static final Market OKX_SPOT = new Market(Exchange.OKX, MarketType.SPOT);
    private static final Market OKX_SWAP = new Market(Exchange.OKX, MarketType.FUTURES);
    private static final Market KUCOIN_SPOT = new Market(Exchange.KUCOIN, MarketType.SPOT);
    private static final Market KUCOIN_FUTURES = new Market(Exchange.KUCOIN, MarketType.FUTURES);
    private static final Market GATE_SPOT = new Market(Exchange.GATE, MarketType.SPOT);
    private static final Market GATE_FUTURES = new Market(Exchange.GATE, MarketType.FUTURES);
    private static final Market PHEMEX_SPOT = new Market(Exchange.PHEMEX, MarketType.SPOT);
    private static final Market PHEMEX_PERPETUAL = new Market(Exchange.PHEMEX, MarketType.FUTURES);
    private static final Market KRW = new Market(Exchange.UPBIT, MarketType.SPOT);

    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-20T10:00:00Z"));
    private final List<Client> clients = new ArrayList<>();

    @AfterEach
    void close() {
        clients.forEach(Client::close);
    }

    private Simulator strict(Market... markets) throws Exception {
        return Simulator.start(SimulatorOptions.builder()
                .markets(markets)
                .rate(10)
                .instruments(2)
                .clock(clock)
                .build());
    }

    /// The status of a handshake: 101 when it succeeds.
    private static int attempt(URI address) throws Exception {
        try (Client client = Client.open(address)) {
            if (client.isOpen()) {
                client.closeBlocking();
                return 101;
            }
            return client.closeReason.contains("418") ? 418 : client.closeReason.contains("429") ? 429 : 0;
        }
    }

    private static void fill(URI address, int connects) throws Exception {
        for (int i = 0; i < connects; i++) {
            assertThat(attempt(address)).as("attempt %s", i).isEqualTo(101);
        }
    }

    private static Tuple breach(Market market, Limit limit, long allowed, String consequence) {
        return Tuple.tuple(market, limit, allowed, consequence);
    }

    private static List<Tuple> breaches(Simulator simulator) {
        return simulator.breaches().stream()
                .map(breach -> breach(breach.market(), breach.limit(), breach.allowed(), breach.consequence()))
                .toList();
    }

    // ---- attempts to connect

    @ParameterizedTest
    @CsvSource({
        "binance, spot,    300, 300",
        "binance, futures, 300, 300",
        "bybit,   spot,    500, 300",
        "okx,     futures,   3,   1",
        "kucoin,  spot,     30,  60",
        "phemex,  spot,    200, 300",
        "upbit,   spot,      5,   1",
    })
    void one_address_may_try_so_often_in_any_stretch_of_so_many_seconds(
            String exchange, String type, int most, int seconds) throws Exception {
        Market market = Simulator.MARKETS.stream()
                .filter(each -> each.toString().equals(exchange + "-" + type))
                .findFirst()
                .orElseThrow();
        try (Simulator simulator = strict(market)) {
            Door door = door(simulator, market);
            for (int i = 0; i < most; i++) {
                assertThat(door.enter(market, "127.0.0.1", now()))
                        .isInstanceOfSatisfying(Door.Pass.class, Door.Pass::close);
                if (i == most / 2) {
                    clock.advance(Duration.ofMillis(500));
                }
            }
            assertThat(simulator.breaches()).isEmpty();
            assertThat(door.enter(market, "127.0.0.1", now())).isInstanceOf(Door.Turned.class);
            assertThat(door.enter(market, "127.0.0.2", now())).isInstanceOf(Door.Pass.class);
            clock.advance(Duration.ofSeconds(seconds).minusMillis(600)); // the first attempts are not forgotten yet
            assertThat(door.enter(market, "127.0.0.1", now())).isInstanceOf(Door.Turned.class);
            clock.advance(Duration.ofSeconds(seconds));
            assertThat(door.enter(market, "127.0.0.1", now())).isInstanceOf(Door.Pass.class);
            assertThat(simulator.breaches()).isNotEmpty().allSatisfy(breach -> {
                assertThat(breach.market()).isEqualTo(market);
                assertThat(breach.limit()).isEqualTo(Limit.CONNECTS);
                assertThat(breach.allowed()).isEqualTo(most);
                assertThat(breach.used()).isEqualTo(most + 1L);
            });
        }
    }

    private long now() {
        return io.metdc.market.Nanos.of(clock.instant());
    }

    private static Door door(Simulator simulator, Market market) {
        return simulator.protocol(market).door();
    }

    @Test
    void binance_answers_the_301st_handshake_with_429_and_who_does_not_listen_with_418() throws Exception {
        try (Simulator simulator = strict(BINANCE_SPOT, BINANCE_FUTURES)) {
            URI spot = URI.create(simulator.address(BINANCE_SPOT).websocket() + "/ws");
            fill(spot, 300);
            for (int i = 0; i < 10; i++) {
                assertThat(attempt(spot)).isEqualTo(429);
            }
            assertThat(attempt(spot)).isEqualTo(418);
            assertThat(attempt(simulator.address(BINANCE_FUTURES).websocket())).isEqualTo(101); // another host
            assertThat(simulator.breaches())
                    .extracting(Breach::limit, Breach::consequence, Breach::count)
                    .containsExactly(
                            Tuple.tuple(Limit.CONNECTS, "HTTP 429", 10L), Tuple.tuple(Limit.CONNECTS, "HTTP 418", 1L));

            clock.advance(Duration.ofMinutes(6)); // the attempts are forgotten, the ban is over
            assertThat(attempt(spot)).isEqualTo(101);
        }
    }

    @Test
    void markets_of_one_host_are_counted_together_and_so_are_clients_of_one_address() throws Exception {
        try (Simulator simulator = strict(OKX_SPOT, OKX_SWAP)) {
            URI spot = simulator.address(OKX_SPOT).websocket();
            URI swap = simulator.address(OKX_SWAP).websocket();
            assertThat(List.of(attempt(spot), attempt(swap), attempt(spot), attempt(swap)))
                    .containsExactly(101, 101, 101, 429);
            assertThat(breaches(simulator)).containsExactly(breach(OKX_SWAP, Limit.CONNECTS, 3, "HTTP 429"));
            clock.advance(Duration.ofSeconds(1));
            assertThat(attempt(spot)).isEqualTo(101);
        }
    }

    @Test
    void kucoin_tells_who_connects_too_often_in_place_of_the_welcome() throws Exception {
        try (Simulator simulator = strict(KUCOIN_SPOT, KUCOIN_FUTURES)) {
            for (int i = 0; i < 31; i++) {
                try (KucoinClient client = KucoinClient.open(simulator, i % 2 == 0 ? KUCOIN_SPOT : KUCOIN_FUTURES)) {
                    assertThat(client.socket().frames.getFirst()).contains(i < 30 ? "welcome" : "509");
                }
            }
            assertThat(breaches(simulator)).containsExactly(breach(KUCOIN_SPOT, Limit.CONNECTS, 30, "error 509"));
        }
    }

    @Test
    void an_option_takes_the_place_of_the_exchanges_own_quota() throws Exception {
        try (Simulator simulator = Simulator.start(SimulatorOptions.builder()
                .markets(OKX_SPOT)
                .instruments(1)
                .clock(clock)
                .connects(7)
                .build())) {
            fill(simulator.address(OKX_SPOT).websocket(), 7);
            clock.advance(Duration.ofSeconds(299));
            assertThat(attempt(simulator.address(OKX_SPOT).websocket())).isEqualTo(429);
        }
    }

    // ---- connections at a time

    @Test
    void phemex_holds_five_connections_lets_a_sixth_in_and_turns_the_seventh_away() throws Exception {
        try (Simulator simulator = strict(PHEMEX_SPOT, PHEMEX_PERPETUAL)) {
            URI spot = simulator.address(PHEMEX_SPOT).websocket();
            URI perpetual = simulator.address(PHEMEX_PERPETUAL).websocket();
            for (int i = 0; i < 5; i++) {
                clients.add(Client.open(i % 2 == 0 ? spot : perpetual));
            }
            assertThat(simulator.breaches()).isEmpty();
            Client sixth = Client.open(perpetual);
            clients.add(sixth);
            assertThat(sixth.isOpen()).isTrue();
            assertThat(attempt(spot)).isEqualTo(429);
            assertThat(breaches(simulator))
                    .containsExactly(
                            breach(PHEMEX_PERPETUAL, Limit.CONNECTIONS, 5, "nothing"),
                            breach(PHEMEX_SPOT, Limit.CONNECTIONS, 5, "HTTP 429"));

            sixth.closeBlocking();
            await().until(() -> attempt(spot) == 101);
        }
    }

    @ParameterizedTest
    @CsvSource({"gate, futures, 300", "bybit, spot, 1000", "kucoin, futures, 800"})
    void one_address_holds_so_many_connections(String exchange, String type, int most) throws Exception {
        Market market = Simulator.MARKETS.stream()
                .filter(each -> each.toString().equals(exchange + "-" + type))
                .findFirst()
                .orElseThrow();
        try (Simulator simulator = strict(market)) {
            Door door = door(simulator, market);
            List<Door.Pass> passes = new ArrayList<>();
            for (int i = 0; i < most; i++) {
                passes.add((Door.Pass) door.enter(market, "127.0.0.1", now()));
                clock.advance(Duration.ofSeconds(3));
            }
            assertThat(door.enter(market, "127.0.0.1", now()))
                    .isInstanceOfSatisfying(
                            Door.Turned.class,
                            turned -> assertThat(turned.limit()).isEqualTo(Limit.CONNECTIONS));
            passes.getFirst().close();
            passes.getFirst().close();
            assertThat(door.enter(market, "127.0.0.1", now())).isInstanceOf(Door.Pass.class);
            assertThat(door.enter(market, "127.0.0.1", now())).isInstanceOf(Door.Turned.class);
            assertThat(breaches(simulator)).containsOnly(breach(market, Limit.CONNECTIONS, most, "HTTP 429"));
        }
    }

    @Test
    void gate_counts_the_connections_of_both_markets() throws Exception {
        try (Simulator simulator = strict(GATE_SPOT, GATE_FUTURES)) {
            assertThat(door(simulator, GATE_SPOT)).isSameAs(door(simulator, GATE_FUTURES));
        }
        try (Simulator simulator = strict(BYBIT_SPOT, BYBIT_LINEAR)) {
            assertThat(door(simulator, BYBIT_SPOT)).isNotSameAs(door(simulator, BYBIT_LINEAR));
        }
    }

    // ---- frames

    @ParameterizedTest
    @CsvSource({
        "binance, spot,      5",
        "binance, futures,  10",
        "kucoin,  spot,    100",
        "phemex,  futures,  20",
        "upbit,   spot,      5",
    })
    void a_client_frame_too_many_closes_with_1008_and_is_entered(String exchange, String type, int most)
            throws Exception {
        Dialect dialect = Dialect.all()
                .filter(each -> each.toString().equals(exchange + "-" + type))
                .findFirst()
                .orElseThrow();
        try (Simulator simulator = strict(dialect.market())) {
            Client client = dialect.open(simulator);
            clients.add(client);
            for (int i = 0; i <= most; i++) {
                client.send("{}");
            }
            await().until(() -> client.closed);
            assertThat(client.closeCode).isEqualTo(1008);
            assertThat(breaches(simulator))
                    .containsExactly(breach(dialect.market(), Limit.CLIENT_FRAMES, most, "closed with 1008"));
        }
    }

    @Test
    void upbit_takes_a_hundred_frames_a_minute_on_a_connection() {
        assertThat(new Upbit(SimulatorOptions.defaults(), Simulated.quotas())
                        .rules()
                        .clientFrames())
                .containsExactly(Protocol.Rate.aSecond(5), new Protocol.Rate(100, Duration.ofMinutes(1)));
    }

    @Test
    void a_frame_too_long_is_entered_whether_it_is_lost_or_the_connection_is() throws Exception {
        try (Simulator simulator = strict(BINANCE_SPOT, OKX_SPOT)) {
            Client lost = new Dialect(BINANCE_SPOT).open(simulator);
            Client closed = new Dialect(OKX_SPOT).open(simulator);
            clients.addAll(List.of(lost, closed));
            lost.send(" ".repeat(4_097));
            closed.send(" ".repeat((64 << 10) + 1));
            await().until(() -> closed.closed && simulator.breaches().size() == 2);
            assertThat(lost.isOpen()).isTrue();
            assertThat(breaches(simulator))
                    .containsExactlyInAnyOrder(
                            breach(BINANCE_SPOT, Limit.FRAME_BYTES, 4_096, "lost"),
                            breach(OKX_SPOT, Limit.FRAME_BYTES, 64 << 10, "closed with 1009"));
        }
    }

    // ---- subscriptions

    private static String[] names(int count) {
        return IntStream.range(0, count).mapToObj(i -> "N" + i + "USDT").toArray(String[]::new);
    }

    @Test
    void too_many_streams_topics_and_symbols_are_refused_and_entered() throws Exception {
        try (Simulator simulator = Simulator.start(SimulatorOptions.builder()
                .markets(BINANCE_SPOT, BYBIT_SPOT, OKX_SPOT, KUCOIN_SPOT, PHEMEX_SPOT)
                .rate(50)
                .instruments(600)
                .history(1_000)
                .build())) {
            URI binance = simulator.address(BINANCE_SPOT).websocket();
            String streams = IntStream.range(0, 1_024).mapToObj(i -> "a@t").collect(Collectors.joining("/"));
            assertThat(streams.length()).isLessThan(8_000);
            Client full = Client.open(URI.create(binance + "/stream"));
            clients.add(full);
            for (int i = 0; i < 4; i++) {
                full.subscribe(IntStream.range(256 * i, 256 * i + 256)
                        .mapToObj(n -> "n" + n + "@trade")
                        .toArray(String[]::new));
            }
            assertThat(simulator.breaches()).isEmpty();
            assertThat(full.ask("{'method':'SUBSCRIBE','params':['more@trade'],'id':9}")
                            .at("/error/code")
                            .asInt())
                    .isEqualTo(4);

            for (Market market : List.of(BYBIT_SPOT, KUCOIN_SPOT, PHEMEX_SPOT, OKX_SPOT)) {
                Dialect dialect = new Dialect(market);
                Client client = dialect.open(simulator);
                clients.add(client);
                String[] known = simulator.report(market).instruments().stream()
                        .map(Sent.OfInstrument::symbol)
                        .toArray(String[]::new);
                switch (market.exchange()) {
                    case BYBIT -> dialect.subscribe(client, names(11));
                    case KUCOIN -> dialect.subscribe(client, names(101));
                    case PHEMEX -> {
                        for (int i = 0; i < 102; i++) {
                            dialect.subscribe(client, known[i]);
                            int before = i + 1;
                            await().until(() -> client.frames.stream()
                                            .filter(frame -> frame.contains("\"id\":7"))
                                            .count()
                                    >= before);
                            if (i % 15 == 14) { // 20 frames a second
                                int second = i;
                                await().pollDelay(Duration.ofSeconds(1)).until(() -> second > 0);
                            }
                        }
                    }
                    default -> {
                        for (int i = 0; i < 600; i += 100) {
                            dialect.subscribe(client, java.util.Arrays.copyOfRange(known, i, i + 100));
                        }
                        await().until(() -> client.closed);
                        assertThat(client.closeCode).isEqualTo(4009);
                    }
                }
            }
            await().until(() -> simulator.breaches().size() == 5);
            assertThat(breaches(simulator))
                    .containsExactlyInAnyOrder(
                            breach(BINANCE_SPOT, Limit.SUBSCRIPTIONS, 1_024, "error 4"),
                            breach(BYBIT_SPOT, Limit.INSTRUMENTS_PER_FRAME, 10, "refused"),
                            breach(KUCOIN_SPOT, Limit.INSTRUMENTS_PER_FRAME, 100, "error 509"),
                            breach(PHEMEX_SPOT, Limit.SUBSCRIPTIONS, 101, "error 6015"),
                            breach(OKX_SPOT, Limit.SUBSCRIPTIONS, 500, "closed with 4009"));
        }
    }

    @Test
    void okx_enters_the_request_after_the_480th_of_an_hour() throws Exception {
        try (Simulator simulator = Simulator.start(SimulatorOptions.builder()
                .markets(OKX_SPOT)
                .rate(10)
                .instruments(2)
                .build())) {
            Dialect dialect = new Dialect(OKX_SPOT);
            Client client = dialect.open(simulator);
            clients.add(client);
            for (int i = 0; i < 481; i++) {
                if (i % 90 == 0) { // 100 frames a second, from the last one's arrival
                    int asked = i;
                    await().until(() -> answers(client) >= asked);
                    await().pollDelay(Duration.ofSeconds(1)).until(client::isOpen);
                }
                dialect.subscribe(client, "BTC-USDT");
            }
            await().until(() -> client.frames.stream().anyMatch(frame -> frame.contains("60014")));
            assertThat(breaches(simulator)).containsExactly(breach(OKX_SPOT, Limit.REQUESTS, 480, "error 60014"));
        }
    }

    private static long answers(Client client) {
        return client.frames.stream()
                .filter(frame -> frame.contains("\"event\""))
                .count();
    }

    // ---- REST

    private static int status(HttpClient http, Simulator simulator, Market market, String path, String... headers)
            throws Exception {
        HttpResponse<String> answer = Client.get(http, simulator.address(market).rest(), path, headers);
        return answer.statusCode();
    }

    @Test
    void bybit_counts_the_requests_of_both_markets_and_bans_with_403() throws Exception {
        try (Simulator simulator = strict(BYBIT_SPOT, BYBIT_LINEAR);
                HttpClient http = HttpClient.newHttpClient()) {
            String spot = "/v5/market/recent-trade?category=spot&symbol=BTCUSDT&limit=1";
            for (int i = 0; i < 600; i++) {
                assertThat(status(http, simulator, BYBIT_SPOT, spot)).isEqualTo(200);
            }
            String linear = "/v5/market/recent-trade?category=linear&symbol=BTCUSDT&limit=1";
            assertThat(status(http, simulator, BYBIT_LINEAR, linear)).isEqualTo(403);
            assertThat(breaches(simulator)).containsExactly(breach(BYBIT_LINEAR, Limit.REST, 600, "HTTP 403"));
        }
    }

    @Test
    void upbit_refuses_with_429_and_bans_who_goes_on_with_418_longer_each_time() throws Exception {
        try (Simulator simulator = strict(KRW);
                HttpClient http = HttpClient.newHttpClient()) {
            for (int i = 0; i < 21; i++) {
                assertThat(status(http, simulator, KRW, "/v1/market/all")).isEqualTo(i < 10 ? 200 : i < 20 ? 429 : 418);
            }
            clock.advance(Duration.ofSeconds(59));
            assertThat(status(http, simulator, KRW, "/v1/market/all")).isEqualTo(418); // and begins the ban anew
            clock.advance(Duration.ofSeconds(59));
            HttpResponse<String> banned =
                    Client.get(http, simulator.address(KRW).rest(), "/v1/market/all");
            assertThat(banned.statusCode()).isEqualTo(418);
            assertThat(banned.body()).contains("blocked for 60 seconds");
            assertThat(status(http, simulator, KRW, "/v1/trades/ticks?market=KRW-BTC"))
                    .isEqualTo(200); // another group
            clock.advance(Duration.ofSeconds(61));
            assertThat(status(http, simulator, KRW, "/v1/market/all")).isEqualTo(200);
            assertThat(breaches(simulator))
                    .contains(breach(KRW, Limit.REST, 10, "HTTP 429"), breach(KRW, Limit.REST, 10, "HTTP 418"));
        }
    }

    @Test
    void okx_counts_the_trades_of_both_markets_together_and_the_lists_of_each_by_themselves() throws Exception {
        try (Simulator simulator = strict(OKX_SPOT, OKX_SWAP);
                HttpClient http = HttpClient.newHttpClient()) {
            for (int i = 0; i < 20; i++) {
                assertThat(status(http, simulator, OKX_SPOT, new Dialect(OKX_SPOT).listPath()))
                        .isEqualTo(200);
                String older = "/api/v5/market/history-trades?limit=1&instId=";
                Market market = i % 2 == 0 ? OKX_SPOT : OKX_SWAP;
                assertThat(status(http, simulator, market, older + (i % 2 == 0 ? "BTC-USDT" : "BTC-USDT-SWAP")))
                        .isEqualTo(200);
            }
            assertThat(status(http, simulator, OKX_SWAP, new Dialect(OKX_SWAP).listPath()))
                    .isEqualTo(200);
            assertThat(status(http, simulator, OKX_SPOT, new Dialect(OKX_SPOT).listPath()))
                    .isEqualTo(429);
            assertThat(status(http, simulator, OKX_SWAP, "/api/v5/market/history-trades?limit=1&instId=BTC-USDT-SWAP"))
                    .isEqualTo(429);
            assertThat(breaches(simulator))
                    .containsExactly(
                            breach(OKX_SPOT, Limit.REST, 20, "HTTP 429"), breach(OKX_SWAP, Limit.REST, 20, "HTTP 429"));
        }
    }

    @Test
    void breaches_within_a_second_are_one_entry_with_its_count() {
        Breaches breaches = new Breaches();
        for (int i = 0; i < 5; i++) {
            breaches.enter(KRW, Limit.REST, 11 + i, 10, "HTTP 429", now());
            clock.advance(Duration.ofMillis(300));
        }
        breaches.enter(KRW, Limit.CONNECTS, 6, 5, "HTTP 429", now());
        assertThat(breaches.all())
                .extracting(Breach::limit, Breach::count, Breach::used)
                .containsExactly(
                        Tuple.tuple(Limit.REST, 4L, 14L),
                        Tuple.tuple(Limit.REST, 1L, 15L),
                        Tuple.tuple(Limit.CONNECTS, 1L, 6L));
        assertThat(Map.of(Limit.CLIENT_FRAMES, "client_frames"))
                .containsEntry(Limit.CLIENT_FRAMES, Limit.CLIENT_FRAMES.id());
    }
}

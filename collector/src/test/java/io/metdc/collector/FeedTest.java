package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.metdc.completeness.Intake;
import io.metdc.completeness.IntakeSettings;
import io.metdc.completeness.Ring;
import io.metdc.connectors.Bans;
import io.metdc.connectors.Budget;
import io.metdc.connectors.Connector;
import io.metdc.connectors.Connectors;
import io.metdc.connectors.FeedException;
import io.metdc.connectors.Limits;
import io.metdc.connectors.Network;
import io.metdc.connectors.RestClient;
import io.metdc.connectors.SymbolTable;
import io.metdc.market.Exchange;
import io.metdc.market.Failure;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.storage.Connections;
import io.metdc.storage.journal.JournalSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FeedTest {
    private static final Market MARKET = new Market(Exchange.BYBIT, MarketType.SPOT);

    @TempDir
    Path folder;

    private final AtomicInteger requests = new AtomicInteger();
    private volatile int status = 403;
    private final Instant now = Instant.parse("2026-11-01T00:00:00Z");
    private HttpServer exchange;
    private Intake intake;
    private RestClient rest;
    private Feed feed;

    @BeforeEach
    void start() throws Exception {
        exchange = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        exchange.createContext("/", answered -> {
            requests.incrementAndGet();
            answered.getResponseHeaders().set("Retry-After", status == 429 ? "1" : "");
            answered.sendResponseHeaders(status, -1);
            answered.close();
        });
        exchange.start();
        Connector connector = Connectors.of(MARKET).orElseThrow();
        intake = Intake.open(
                folder,
                JournalSettings.defaults(),
                IntakeSettings.defaults(),
                market -> Connectors.of(market).orElseThrow().evidence(),
                () -> now);
        Bans bans = new Bans(Duration.ofMinutes(3), () -> now);
        URI here = URI.create("http://127.0.0.1:" + exchange.getAddress().getPort());
        Budget budget = new Budget(connector.limits().rest());
        rest = new RestClient(connector, here, Network.DEFAULT, budget, bans, () -> now);
        feed = new Feed(
                connector,
                URI.create("ws://127.0.0.1:" + exchange.getAddress().getPort()),
                rest,
                Network.DEFAULT,
                new Budget(new Limits.Rate(100, Duration.ofSeconds(1))),
                bans,
                new SymbolTable(List.of()),
                intake,
                new JournalWatch(intake, JournalWatch.PATIENCE),
                new Connections(() -> now),
                () -> now,
                null,
                new LookBack(MARKET, rest, intake, Duration.ofMinutes(1), () -> now),
                () -> false);
    }

    @AfterEach
    void stop() throws Exception {
        intake.close();
        rest.close();
        exchange.stop(0);
    }

    private Failure failure(String connection) throws Exception {
        try (Ring ring = feed.ring(connection)) {
            return catchThrowableOfType(FeedException.class, () -> feed.connect(connection, ring))
                    .failure();
        }
    }

    @Test
    void whom_one_connection_finds_banning_nobody_asks_by_whatever_way_before_the_time_is_over() throws Exception {
        assertThat(failure("bybit-spot-1")).isInstanceOf(Failure.Ban.class);

        assertThat(failure("bybit-spot-2")).isInstanceOfSatisfying(Failure.Ban.class, ban -> {
            assertThat(ban.pause()).isBetween(Duration.ofSeconds(570), Duration.ofMinutes(10));
            assertThat(ban.what()).contains("403");
        });
        assertThat(catchThrowableOfType(FeedException.class, rest::instruments).failure())
                .isInstanceOf(Failure.Ban.class);
        assertThat(requests).hasValue(1);
    }

    @Test
    void when_a_ban_is_over_it_is_tried_again() throws Exception {
        status = 429;
        assertThat(failure("bybit-spot-1"))
                .isInstanceOfSatisfying(
                        Failure.Ban.class, ban -> assertThat(ban.pause()).isEqualTo(Duration.ofSeconds(1)));
        status = 503;

        await().until(() -> failure("bybit-spot-2") instanceof Failure.Recoverable);
        assertThat(requests).hasValue(2);
    }
}

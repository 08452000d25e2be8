package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import io.metdc.completeness.Intake;
import io.metdc.completeness.IntakeSettings;
import io.metdc.completeness.Ring;
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

    private final AtomicInteger handshakes = new AtomicInteger();
    private volatile int status = 403;
    private volatile Instant now = Instant.parse("2026-11-01T00:00:00Z");
    private HttpServer exchange;
    private Intake intake;
    private RestClient rest;
    private Feed feed;

    @BeforeEach
    void start() throws Exception {
        exchange = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        exchange.createContext("/", answered -> {
            handshakes.incrementAndGet();
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
        rest = new RestClient(connector, URI.create("http://127.0.0.1:1"), Network.DEFAULT, () -> now);
        feed = new Feed(
                connector,
                URI.create("ws://127.0.0.1:" + exchange.getAddress().getPort()),
                rest,
                Network.DEFAULT,
                new Budget(new Limits.Rate(100, Duration.ofSeconds(1))),
                new SymbolTable(List.of()),
                intake,
                new JournalWatch(intake, JournalWatch.PATIENCE),
                new Connections(() -> now),
                () -> now,
                null,
                new LookBack(MARKET, rest, intake, Duration.ofMinutes(1), () -> now));
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
    void whom_one_connection_finds_banning_all_others_leave_alone_for_the_rest_of_the_time() throws Exception {
        assertThat(failure("bybit-spot-1")).isInstanceOf(Failure.Ban.class);
        now = now.plusSeconds(100);

        assertThat(failure("bybit-spot-2")).isInstanceOfSatisfying(Failure.Ban.class, ban -> {
            assertThat(ban.pause()).isEqualTo(Duration.ofSeconds(500));
            assertThat(ban.what()).contains("403");
        });
        assertThat(handshakes).hasValue(1);

        now = now.minus(Duration.ofHours(7)); // the clock is set back: the ban gets no longer for it
        assertThat(failure("bybit-spot-2"))
                .isInstanceOfSatisfying(
                        Failure.Ban.class, ban -> assertThat(ban.pause()).isEqualTo(Duration.ofMinutes(10)));
        now = now.plusSeconds(601);
        status = 503;
        assertThat(failure("bybit-spot-2")).isInstanceOf(Failure.Recoverable.class);
        assertThat(failure("bybit-spot-1")).isInstanceOf(Failure.Recoverable.class);
        assertThat(handshakes).hasValue(3);
    }
}

package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.simulator.Announcement;
import io.metdc.simulator.SimulatedNotice;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import io.metdc.storage.EmbeddedPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A listing while the database is away.
@Tag("long")
@Timeout(180)
class ListingOutageTest {
    private static final List<Market> MARKETS = List.of(
            new Market(Exchange.BYBIT, MarketType.SPOT), // of which nothing but the connection is evidence
            new Market(Exchange.BINANCE, MarketType.SPOT));

    @TempDir
    private Path folder;

    @Test
    void forty_seconds_without_the_database_around_a_notice_are_recorded_and_nobody_is_called_disconnected()
            throws Exception {
        EmbeddedPostgres server = EmbeddedPostgres.in(folder.resolve("data"));
        try (Simulator simulator = Simulator.start(SimulatorOptions.builder()
                        .markets(MARKETS.getFirst(), MARKETS.getLast(), Listed.KRW)
                        .rate(500)
                        .instruments(6)
                        .listing("SKYN")
                        .restWeight(100_000)
                        .build());
                WebhookReceiver webhook = new WebhookReceiver();
                Rehearsed metdc = new Rehearsed(simulator, folder, Listed.settings(webhook))) {
            Listed.awaitTape(metdc, "SKYN", MARKETS.size());

            server.stop(Duration.ofSeconds(20));
            long begun = System.nanoTime();
            Announcement announced = simulator.announce(SimulatedNotice.listing("SKYN"), "SKYN");
            await().atMost(Duration.ofSeconds(60))
                    .until(() ->
                            System.nanoTime() - begun > Duration.ofSeconds(40).toNanos());
            assertThat(webhook.of("listing", "SKYN")).hasSize(1);
            server.start();
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> !webhook.of("stage", "SKYN").isEmpty());

            Archived archive = Archived.of(folder.resolve("data"), "SKYN");
            for (Market market : MARKETS) {
                assertThat(archive.venue(market).path("status").asText())
                        .as("%s", archive.venue(market))
                        .isEqualTo("recorded");
                assertThat(archive.venue(market).path("gaps")).isEmpty();
                assertThat(archive.raw(market))
                        .containsExactlyInAnyOrderElementsOf(archive.sent(
                                simulator,
                                market,
                                announced.t0().minus(Listed.BEFORE),
                                announced.t0().plus(Listed.AFTER)));
            }
            assertThat(webhook.of("stage", "SKYN")
                            .getFirst()
                            .body()
                            .path("complete")
                            .asBoolean())
                    .isTrue();
        }
    }
}

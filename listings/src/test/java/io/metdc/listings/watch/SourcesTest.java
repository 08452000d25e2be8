package io.metdc.listings.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.metdc.connectors.Network;
import io.metdc.listings.Source;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.simulator.SimulatedNotice;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The sources at the simulated exchange.
class SourcesTest {
    private static final Market KRW = new Market(Exchange.UPBIT, MarketType.SPOT);

    @TempDir
    private Path folder;

    private final Heard heard = new Heard();
    private final InstantSource clock = InstantSource.system();

    @Test
    void a_listing_is_heard_by_push_and_on_both_lists_and_its_body_says_when_trading_begins() throws Exception {
        SimulatorOptions options = SimulatorOptions.builder()
                .markets(SimulatorOptions.BINANCE_SPOT, KRW)
                .rate(20)
                .instruments(10)
                .listing("SKYN")
                .seed(7)
                .build();
        try (Simulator simulator = Simulator.start(options)) {
            URI websocket = simulator.address(KRW).websocket();
            var hosts = NoticePoller.Settings.of(simulator.noticesUrl(), null, Duration.ofSeconds(1));
            try (var poller = new NoticePoller(hosts, Network.DEFAULT, heard, clock);
                    var socket = new NoticeSocket(
                            NoticeSocket.Settings.of(URI.create(websocket + "/private")),
                            new AccessKeys(Simulator.ACCESS_KEY, Simulator.SECRET_KEY),
                            Network.DEFAULT,
                            heard,
                            poller::pollNow,
                            clock);
                    var markets = new MarketListPoller(
                            new MarketListPoller.Settings(
                                    simulator.address(KRW).rest(),
                                    Duration.ofMillis(500),
                                    Duration.ofSeconds(5),
                                    5,
                                    folder.resolve("markets.json")),
                            Network.DEFAULT,
                            heard,
                            clock);
                    var bodies = new NoticeBodies(NoticeBodies.Settings.of(hosts), Network.DEFAULT, clock)) {
                poller.start();
                socket.start();
                markets.start();
                await().until(() ->
                        heard.answers.stream().map(Answer::source).distinct().count() == 3);
                Instant opening = Instant.now().plus(2, ChronoUnit.HOURS).truncatedTo(ChronoUnit.MINUTES);
                Simulator.Published notice =
                        simulator.publish(SimulatedNotice.listing("SKYN").opening(opening));
                simulator.openKrw("SKYN");

                await().until(() -> heard.all(Answer.Notices.class).stream()
                                .filter(answer -> answer.notices().stream()
                                        .anyMatch(each -> each.key().equals(notice.key())))
                                .map(Answer.Notices::source)
                                .distinct()
                                .count()
                        == 2);
                await().until(() -> heard.all(Answer.KrwMarkets.class).stream()
                        .anyMatch(answer -> answer.coins().contains("SKYN")));
                await().until(() -> !heard.bodies.isEmpty());

                List<Notice> told = heard.notices().stream()
                        .filter(each -> each.key().equals(notice.key()))
                        .toList();
                assertThat(told).allMatch(each -> each.firstListedAt().equals(notice.firstListedAt()));
                String body = bodies.fetch(told.getFirst());
                assertThat(NoticeBody.read(body, notice.firstListedAt()).opening("SKYN", "KRW"))
                        .contains(opening);
                String pushed = heard.bodies.getFirst();
                assertThat(NoticeBody.read(pushed, notice.firstListedAt()).opening("SKYN", "KRW"))
                        .contains(opening);
                assertThat(heard.all(Answer.Pong.class))
                        .isNotEmpty()
                        .allMatch(pong -> pong.source() == Source.NOTICE_SOCKET);
                assertThat(heard.failures).isEmpty();
                assertThat(heard.unreadable).isEmpty();
            }
        }
    }
}

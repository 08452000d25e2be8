package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.metdc.completeness.Intake;
import io.metdc.completeness.IntakeSettings;
import io.metdc.completeness.Ring;
import io.metdc.connectors.Connector;
import io.metdc.connectors.Connectors;
import io.metdc.connectors.InstrumentPage.Listing;
import io.metdc.connectors.Network;
import io.metdc.connectors.RestClient;
import io.metdc.connectors.Stretch;
import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Origin;
import io.metdc.market.Row;
import io.metdc.market.Trade;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import io.metdc.storage.journal.Entry;
import io.metdc.storage.journal.JournalSettings;
import io.metdc.storage.journal.JournalTail;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The past of a new instrument, while the journal takes nothing.
class LookBackTest {
    private static final Market OKX = new Market(Exchange.OKX, MarketType.SPOT); // up to 500 an answer
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final int RING = 512;
    private static final int MOST_PAGES = 50;

    /// More than the ring has room for.
    private static final int PAST = 1_200;

    @TempDir
    private Path folder;

    @Test
    void nothing_of_the_past_is_turned_away_while_the_journal_takes_nothing() throws Exception {
        Connector connector = Connectors.of(OKX).orElseThrow();
        InstantSource clock = InstantSource.system();
        try (Simulator simulator = Simulator.start(SimulatorOptions.builder()
                        .markets(OKX)
                        .rate(800)
                        .instruments(2)
                        .restWeight(1_000_000)
                        .build());
                RestClient rest =
                        new RestClient(connector, simulator.address(OKX).rest(), Network.DEFAULT, clock);
                Intake intake = Intake.open(
                        folder,
                        new JournalSettings(
                                64 * 1024,
                                Duration.ofMinutes(10),
                                Duration.ofMillis(1),
                                Duration.ofMillis(200),
                                256 * 1024,
                                Duration.ofHours(1)),
                        new IntakeSettings(RING, Duration.ofMillis(20), 1024, 20, Duration.ofMillis(300)),
                        _ -> connector.evidence(),
                        clock);
                JournalTail tail = intake.tail()) {
            List<Instrument> instruments = rest.instruments().stream()
                    .map(Listing::instrument)
                    .filter(Objects::nonNull)
                    .toList();
            Instrument looked = instruments.getFirst();
            Stretch past = new Stretch(
                    looked, Stretch.UNKNOWN, Stretch.UNKNOWN, Instant.now().minusSeconds(600), Instant.MAX);
            await().atMost(LONG)
                    .until(() -> rest.trades(past, Origin.REFILL, MOST_PAGES).size() >= PAST);
            simulator.stopTrading();
            List<Row> traded = rest.trades(past, Origin.REFILL, MOST_PAGES);
            fill(intake, instruments.getLast(), traded);
            int waiting = RING / 2;

            LookBack lookBack = new LookBack(OKX, rest, intake, Duration.ofMinutes(10), clock);
            lookBack.want(looked);
            lookBack.subscribed(List.of(looked));
            Thread thread = Thread.ofVirtual().start(lookBack);
            try {
                await().atMost(LONG).until(() -> intake.progress().waiting() > waiting);
                Set<Long> journaled = new HashSet<>();
                await().atMost(LONG).pollInterval(Duration.ofMillis(5)).untilAsserted(() -> {
                    commit(tail, looked, journaled);
                    assertThat(journaled).hasSameSizeAs(traded);
                });
            } finally {
                thread.interrupt();
                thread.join();
            }
            assertThat(intake.progress().rejected()).isZero();
        }
    }

    /// Until the journal takes nothing.
    private static void fill(Intake intake, Instrument other, List<Row> rows) throws InterruptedException {
        try (Ring ring = intake.open("other")) {
            for (long number = 1; intake.progress().refusal() == null; number++) {
                Trade like = (Trade) rows.getFirst();
                ring.accept(new Trade(
                        other,
                        like.id(),
                        like.price(),
                        like.size(),
                        like.takerSide(),
                        like.executedAtNanos(),
                        like.receivedAtNanos(),
                        number,
                        Origin.STREAM,
                        like.flags()));
                while (ring.size() >= RING / 2 && intake.progress().refusal() == null) {
                    Thread.onSpinWait();
                }
            }
        }
    }

    private static void commit(JournalTail tail, Instrument looked, Set<Long> journaled) throws Exception {
        JournalTail.Batch batch = tail.read(1_000, Duration.ofMillis(1));
        for (Entry entry : batch.entries()) {
            if (entry instanceof Entry.Traded(Trade trade) && trade.instrument().equals(looked)) {
                journaled.add(trade.sequence());
            }
        }
        tail.committed(batch.to());
    }
}

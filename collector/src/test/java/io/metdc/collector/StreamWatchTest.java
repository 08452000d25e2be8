package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.metdc.completeness.Intake;
import io.metdc.completeness.IntakeSettings;
import io.metdc.connectors.Bans;
import io.metdc.connectors.Budget;
import io.metdc.connectors.Connector;
import io.metdc.connectors.Connectors;
import io.metdc.connectors.Limits;
import io.metdc.connectors.Network;
import io.metdc.connectors.RestClient;
import io.metdc.connectors.SymbolTable;
import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Trade;
import io.metdc.simulator.Fault;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import io.metdc.storage.Connections;
import io.metdc.storage.journal.Entry;
import io.metdc.storage.journal.JournalSettings;
import io.metdc.storage.journal.JournalTail;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class StreamWatchTest {
    private static final Market FUTURES = new Market(Exchange.BINANCE, MarketType.FUTURES);
    private static final StreamWatch.Timing HASTY =
            new StreamWatch.Timing(Duration.ofMillis(50), Duration.ofMillis(1_500), Duration.ofMillis(500));
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    private final InstantSource clock = InstantSource.system();
    private final List<Thread> threads = new ArrayList<>();
    private Simulator simulator;
    private Intake intake;
    private RestClient rest;
    private Feed feed;
    private StreamWatch watch;
    private SafeWorker worker;

    @BeforeEach
    void start() throws Exception {
        simulator = Simulator.start(SimulatorOptions.builder()
                .markets(FUTURES)
                .rate(300)
                .instruments(4)
                .build());
        Connector connector = Connectors.of(FUTURES).orElseThrow();
        intake = Intake.open(
                folder.resolve("journal"),
                JournalSettings.defaults(),
                IntakeSettings.defaults(),
                market -> Connectors.of(market).orElseThrow().evidence(),
                clock);
        rest = new RestClient(connector, simulator.address(FUTURES).rest(), Network.DEFAULT, clock);
        List<Instrument> instruments = rest.instruments().stream()
                .map(listing -> listing.instrument())
                .filter(Objects::nonNull)
                .toList();
        feed = new Feed(
                connector,
                simulator.address(FUTURES).websocket(),
                rest,
                Network.DEFAULT,
                new Budget(new Limits.Rate(100, Duration.ofSeconds(1))),
                new Bans(Duration.ofMinutes(3), clock),
                new SymbolTable(instruments),
                intake,
                new JournalWatch(intake, JournalWatch.PATIENCE),
                new Connections(clock),
                clock,
                null,
                new LookBack(FUTURES, rest, intake, Duration.ofMinutes(1), clock),
                () -> false);
        worker = new SafeWorker(
                "binance-futures-1",
                feed,
                instruments,
                (_, _) -> {},
                _ -> {},
                new Recovery(Duration.ofMillis(10), Duration.ofMillis(50), Duration.ofMillis(60), new Random(7)),
                clock);
        watch = new StreamWatch(connector, feed, rest, _ -> 1, HASTY, clock);
        threads.add(Thread.ofVirtual().name("worker").start(worker));
        threads.add(Thread.ofVirtual().name("watch").start(watch));
    }

    @AfterEach
    void stop() throws Exception {
        for (Thread thread : threads) {
            thread.interrupt();
            thread.join();
        }
        intake.close();
        rest.close();
        simulator.close();
    }

    private long journaled() {
        return intake.progress().journaled();
    }

    private void awaitMoreTrades() {
        long before = journaled();
        await().atMost(PATIENCE).until(() -> journaled() > before + 100);
    }

    @Test
    void a_market_whose_stream_falls_silent_goes_on_by_its_other_one_and_comes_back_and_no_trade_is_there_twice()
            throws Exception {
        awaitMoreTrades();
        simulator.inject(Fault.MUTE_SINGLE_TRADES);
        await().atMost(PATIENCE).until(() -> watch.trouble() != null);
        assertThat(watch.trouble().what()).contains("binance-futures", "aggregated", "silent");
        awaitMoreTrades();
        simulator.clear(Fault.MUTE_SINGLE_TRADES);
        await().atMost(PATIENCE).until(() -> watch.trouble() == null);
        awaitMoreTrades();
        stopWorkers();
        intake.stop();

        Map<Instrument.Key, TreeSet<Long>> single = new HashMap<>();
        Map<Instrument.Key, TreeSet<Long>> aggregated = new HashMap<>();
        for (Trade trade : trades()) {
            boolean isSingle = trade.id().isNumber();
            assertThat(trade.id().toString()).matches(isSingle ? "\\d+" : "a\\d+");
            assertThat((isSingle ? single : aggregated)
                            .computeIfAbsent(trade.instrument().key(), _ -> new TreeSet<>())
                            .add(trade.sequence()))
                    .as(trade.toString())
                    .isTrue();
        }
        assertThat(aggregated).isNotEmpty();
        aggregated.forEach((instrument, numbers) -> {
            TreeSet<Long> others = single.get(instrument);
            assertThat(others).doesNotContainAnyElementsOf(numbers);
            assertThat(others.subSet(numbers.first(), numbers.last())).isEmpty(); // they never run side by side
            assertThat(others.last()).isGreaterThan(numbers.last());
        });
        assertThat(intake.progress().holes()).isPositive(); // what lies between the streams is in the ledger
    }

    @Test
    void a_market_that_is_really_quiet_stays_with_its_stream() throws Exception {
        awaitMoreTrades();
        simulator.stopTrading();
        long looks = System.nanoTime();

        await().during(HASTY.silence().multipliedBy(2)).atMost(PATIENCE).until(() -> watch.trouble() == null);
        assertThat(worker.status().connects()).isEqualTo(1);
        assertThat(System.nanoTime() - looks).isGreaterThan(HASTY.silence().toNanos());
    }

    private void stopWorkers() throws InterruptedException {
        for (Thread thread : threads) {
            thread.interrupt();
            thread.join();
        }
    }

    private List<Trade> trades() throws Exception {
        List<Trade> trades = new ArrayList<>();
        try (JournalTail tail = intake.tail()) {
            while (true) {
                List<Entry> some = tail.read(10_000, Duration.ZERO).entries();
                if (some.isEmpty()) {
                    return trades;
                }
                some.forEach(entry -> {
                    if (entry instanceof Entry.Traded(Trade trade)) {
                        trades.add(trade);
                    }
                });
            }
        }
    }
}

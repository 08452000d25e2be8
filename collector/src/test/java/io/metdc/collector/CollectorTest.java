package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.metdc.completeness.Ring;
import io.metdc.connectors.Connector;
import io.metdc.connectors.Connectors;
import io.metdc.connectors.Network;
import io.metdc.connectors.RestClient;
import io.metdc.connectors.Stretch;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.Origin;
import io.metdc.market.Row;
import io.metdc.simulator.Fault;
import io.metdc.simulator.Sent;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import io.metdc.storage.EmbeddedPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/// The whole way of a trade, from a simulated exchange's socket to SQL.
class CollectorTest {
    private static final Market SPOT = SimulatorOptions.BINANCE_SPOT;
    private static final Market FUTURES = SimulatorOptions.BINANCE_FUTURES;

    @TempDir
    private Path folder;

    @Test
    void every_trade_sent_over_tls_is_in_sql_exactly_as_it_was_sent() throws Exception {
        try (Simulator simulator = Simulator.start(options().tls(true).build());
                Rehearsed metdc = new Rehearsed(simulator, folder)) {
            metdc.awaitSentByEach(1_000);
            metdc.awaitStored(5_000);

            RehearsalResult result = metdc.settle();

            assertThat(result.markets()).allSatisfy(market -> {
                assertThat(market.unaccounted()).isZero();
                assertThat(market.stored()).isEqualTo(market.sent());
                assertThat(market.holes()).isZero();
            });
            for (Market market : simulator.markets()) {
                assertThat(TapeComparison.of(simulator, market, metdc.collector.database()))
                        .isEmpty();
            }
        }
    }

    @Test
    void rubbish_between_trades_costs_no_trade() throws Exception {
        try (Simulator simulator = Simulator.start(options().build());
                Rehearsed metdc = new Rehearsed(simulator, folder)) {
            metdc.awaitSentByEach(200);
            metdc.awaitStored(500);
            for (Fault rubbish : List.of(
                    Fault.TRUNCATED_FRAME,
                    Fault.BINARY_FRAME,
                    Fault.HTML_FRAME,
                    Fault.HUGE_FRAME,
                    Fault.NESTED_FRAME)) {
                simulator.inject(rubbish);
            }
            metdc.awaitStored(metdc.writer().stored() + 3_000);

            RehearsalResult result = metdc.settle();

            assertThat(result.markets()).allMatch(market -> market.stored() == market.sent() && market.holes() == 0);
            assertThat(metdc.collector.status().markets())
                    .flatMap(Status.OfMarket::workers)
                    .allMatch(worker -> worker.connects() == 1 && worker.unreadable() >= 3);
        }
    }

    @Test
    void a_stream_that_keeps_to_milliseconds_is_stored_whole_and_in_milliseconds() throws Exception {
        try (Simulator simulator = Simulator.start(options().build());
                Rehearsed metdc = new Rehearsed(
                        simulator,
                        folder,
                        "exchanges.binance.futures.enabled=false",
                        "exchanges.binance.spot.max_symbols_per_connection=3",
                        "exchanges.binance.spot.websocket_url="
                                + simulator.address(SPOT).websocket()
                                + "/stream?timeUnit=MILLISECOND")) { // keeps metdc from asking for its own
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> metdc.collector.status().markets().stream()
                            .flatMap(market -> market.workers().stream())
                            .allMatch(worker -> worker.state() == WorkerStatus.State.DELIVERING));
            simulator.stopTrading();
            long sent = simulator.report(SPOT).rows();
            await().atMost(Duration.ofSeconds(30)).until(() -> metdc.writer().stored() == sent);

            assertThat(metdc.number(
                            "SELECT count(*) FROM trades WHERE executed_at <> date_trunc('milliseconds', executed_at)"))
                    .isZero();
            assertThat(metdc.number("SELECT coalesce(sum(rejected), 0) FROM market_count"))
                    .isZero();
            assertThat(metdc.collector.status().markets())
                    .flatMap(Status.OfMarket::workers)
                    .hasSizeGreaterThan(1)
                    .allMatch(worker -> worker.connects() == 1);
        }
    }

    @Test
    void a_trade_sent_twice_is_stored_once_and_counted_as_duplicate() throws Exception {
        try (Simulator simulator = Simulator.start(options().build());
                Rehearsed metdc = new Rehearsed(simulator, folder)) {
            metdc.awaitSentByEach(50);
            simulator.inject(Fault.DUPLICATE);
            metdc.awaitStored(metdc.writer().stored() + 2_000);

            RehearsalResult result = metdc.settle();

            for (RehearsalResult.OfMarket market : result.markets()) {
                assertThat(market.unaccounted()).isZero();
                assertThat(market.duplicate()).isPositive();
            }
            assertThat(metdc.number("SELECT count(*) FROM trades"))
                    .isEqualTo(simulator.report().stream()
                            .mapToLong(Sent::distinct)
                            .sum());
        }
    }

    @Test
    void the_same_trade_by_stream_and_by_rest_is_one_row() throws Exception {
        try (Simulator simulator = Simulator.start(options().build());
                Rehearsed metdc = new Rehearsed(simulator, folder)) {
            metdc.awaitStored(3_000);
            metdc.settle();
            long before = metdc.number("SELECT count(*) FROM trades");

            long asked = 0;
            for (Market market : simulator.markets()) {
                asked += refill(simulator, metdc, market);
            }
            long rows = asked;
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> metdc.result().accounted()
                            == rows
                                    + simulator.report().stream()
                                            .mapToLong(Sent::rows)
                                            .sum());

            // What REST has from before the collector subscribed is new; everything else was there.
            long sentBefore = metdc.number("SELECT count(*) FROM trade WHERE origin = 'refill'");
            assertThat(asked).isGreaterThan(sentBefore);
            assertThat(metdc.number("SELECT count(*) FROM trades")).isEqualTo(before + sentBefore);
            assertThat(metdc.number(
                            "SELECT count(*) FROM (SELECT DISTINCT exchange, market, symbol, trade_id FROM trade) t"))
                    .isEqualTo(before + sentBefore);
            assertThat(metdc.number("SELECT sum(abs(unaccounted)) FROM market_count"))
                    .isZero();
        }
    }

    /// Puts everything that REST has of a market through a ring, as a refill does.
    private static long refill(Simulator simulator, Rehearsed metdc, Market market) throws Exception {
        Connector connector = Connectors.of(market).orElseThrow();
        long rows = 0;
        try (RestClient rest = new RestClient(
                        connector, simulator.address(market).rest(), Network.DEFAULT, InstantSource.system());
                Ring ring = metdc.collector.intake().open(market + "-refill")) {
            for (Sent.OfInstrument sent : simulator.report(market).instruments()) {
                Instrument instrument = Instrument.of(market, sent.symbol(), sent.symbol(), "USDT");
                for (Row row : rest.trades(Stretch.newest(instrument), Origin.REFILL, 1)) {
                    ring.accept(row);
                    rows++;
                }
            }
        }
        return rows;
    }

    @Test
    void one_implausible_row_and_one_that_the_database_refuses_are_all_that_is_missing_and_are_named()
            throws Exception {
        try (Simulator simulator =
                        Simulator.start(options().markets(SPOT).instruments(3).build());
                Rehearsed metdc = new Rehearsed(simulator, folder)) {
            metdc.awaitStored(500);
            simulator.inject(Fault.IMPLAUSIBLE_ROW);
            long chosen = metdc.number("SELECT max(id_number) FROM trades WHERE instrument_id = 1") + 3_000;
            metdc.execute("ALTER TABLE trades ADD CHECK (NOT (instrument_id = 1 AND id_number = " + chosen + "))");
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> metdc.number("SELECT count(*) FROM rejected_trades") >= 2);

            RehearsalResult result = metdc.settle();

            RehearsalResult.OfMarket spot = result.markets().getFirst();
            assertThat(spot.rejected()).isEqualTo(2);
            assertThat(spot.unaccounted()).isZero(); // REST may have brought one of them by now
            assertThat(spot.stored() - spot.byRest()).isEqualTo(spot.sent() - 2);
            assertThat(metdc.number("SELECT count(*) FROM rejected_trades WHERE reason = 'implausible_time'"))
                    .isOne();
            assertThat(metdc.number("SELECT count(*) FROM rejected_trades WHERE reason = 'database' AND detail LIKE '%"
                            + chosen + "%' AND detail LIKE '%23514%'"))
                    .isOne();
        }
    }

    @Test
    void five_seconds_without_the_database_lose_nothing_and_are_said_once() throws Exception {
        outage(Duration.ofSeconds(5), 2_000);
    }

    @Test
    @Tag("long")
    void half_a_minute_without_the_database_loses_nothing_and_is_said_once() throws Exception {
        outage(Duration.ofSeconds(30), 10_000);
    }

    private void outage(Duration length, int rate) throws Exception {
        EmbeddedPostgres server = EmbeddedPostgres.in(folder.resolve("data"));
        Logger root = (Logger) LoggerFactory.getLogger("io.metdc");
        ListAppender<ILoggingEvent> said = new ListAppender<>();
        said.list = new CopyOnWriteArrayList<>();
        try (Simulator simulator = Simulator.start(options().rate(rate).build());
                Rehearsed metdc = new Rehearsed(simulator, folder)) {
            metdc.awaitSentByEach(200);
            metdc.awaitStored(1_000);
            Level level = root.getLevel();
            said.start();
            root.setLevel(Level.INFO);
            root.addAppender(said);
            try {
                server.stop(Duration.ofSeconds(20));
                long begun = System.nanoTime();
                await().atMost(length.plusSeconds(30)).until(() -> System.nanoTime() - begun > length.toNanos());
                server.start();
                RehearsalResult result = metdc.settle();

                assertThat(result.markets())
                        .allMatch(market -> market.stored() == market.sent() && market.holes() == 0);
                await().untilAsserted(() -> assertThat(said.list) // the last is said after its rows are in SQL
                        .filteredOn(event -> event.getLoggerName().endsWith("Writer"))
                        .extracting(ILoggingEvent::getLevel)
                        .containsExactly(Level.WARN, Level.INFO));
            } finally {
                root.detachAppender(said);
                root.setLevel(level);
            }
            for (Market market : simulator.markets()) {
                assertThat(TapeComparison.of(simulator, market, metdc.collector.database()))
                        .isEmpty();
            }
        }
    }

    @Test
    void a_cut_connection_comes_back_and_the_missing_numbers_are_in_the_ledger() throws Exception {
        try (Simulator simulator = Simulator.start(options().build());
                Rehearsed metdc = new Rehearsed(simulator, folder, "recovery.backoff_first=100ms")) {
            metdc.awaitSentByEach(400);
            metdc.awaitStored(1_000);
            simulator.inject(Fault.CUT);
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> metdc.collector.status().markets().stream()
                            .flatMap(market -> market.workers().stream())
                            .allMatch(worker ->
                                    worker.connects() == 2 && worker.state() == WorkerStatus.State.DELIVERING));
            metdc.awaitStored(metdc.writer().stored() + 2_000);
            await().atMost(Duration.ofSeconds(30)).until(() -> metdc.number("SELECT count(*) FROM holes") > 0);

            RehearsalResult result = metdc.settle();

            assertThat(result.markets()).allMatch(market -> market.unaccounted() == 0 && market.duplicate() == 0);
            // Every number between the first and the last stored one is stored, consumed, or within a hole.
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(metdc.number("""
                                    WITH spans AS (SELECT instrument_id, max(sequence) - min(sequence) + 1 - count(*) AS missing
                                                   FROM trades GROUP BY instrument_id),
                                         named AS (SELECT instrument_id, sum(expected - found) AS missing FROM holes GROUP BY 1),
                                         consumed AS (SELECT instrument_id, sum(consumed) AS consumed FROM trade_counts GROUP BY 1)
                                    SELECT count(*) FROM spans LEFT JOIN named USING (instrument_id) LEFT JOIN consumed USING (instrument_id)
                                    WHERE spans.missing > coalesce(named.missing, 0) + consumed.consumed
                                    """)).isZero());
        }
    }

    @Test
    void a_start_without_any_exchange_names_the_stage_and_the_markets() throws Exception {
        try (Simulator simulator = Simulator.start(options().build())) {
            simulator.inject(Fault.REST_451);

            assertThatThrownBy(() -> new Rehearsed(simulator, folder))
                    .isInstanceOf(StartFailed.class)
                    .hasMessageContaining("no market has instruments")
                    .hasMessageContaining("binance-spot")
                    .hasMessageContaining("451");
        }
    }

    @Test
    void one_exchange_market_without_instruments_does_not_keep_the_other_from_being_collected() throws Exception {
        try (Simulator simulator = Simulator.start(options().build())) {
            simulator.inject(Fault.REST_EMPTY, FUTURES);
            try (Rehearsed metdc = new Rehearsed(simulator, folder, "recovery.backoff_first=100ms")) {
                metdc.awaitStored(200);
                Status.OfMarket futures = metdc.collector.status().markets().getLast();
                assertThat(futures.trouble()).isNotNull();
                assertThat(futures.trouble().what()).contains("binance-futures");

                simulator.clear(Fault.REST_EMPTY, FUTURES);
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> metdc.number("SELECT count(*) FROM trade WHERE market = 'futures'") > 0);
            }
        }
    }

    private static SimulatorOptions.Builder options() {
        return SimulatorOptions.builder().rate(5_000).instruments(12);
    }
}

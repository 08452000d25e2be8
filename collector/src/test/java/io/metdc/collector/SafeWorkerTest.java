package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.metdc.completeness.Intake;
import io.metdc.completeness.IntakeSettings;
import io.metdc.completeness.Progress;
import io.metdc.connectors.Bans;
import io.metdc.connectors.Budget;
import io.metdc.connectors.Connector;
import io.metdc.connectors.Connectors;
import io.metdc.connectors.Limits;
import io.metdc.connectors.Network;
import io.metdc.connectors.RestClient;
import io.metdc.connectors.SymbolTable;
import io.metdc.market.DisconnectCause;
import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.simulator.SimulatorOptions;
import io.metdc.storage.Connections;
import io.metdc.storage.Database;
import io.metdc.storage.StorageSettings;
import io.metdc.storage.journal.JournalSettings;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.java_websocket.WebSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/// One worker against an exchange that does what a test tells it.
@Timeout(60)
class SafeWorkerTest {
    private static final Market MARKET = SimulatorOptions.BINANCE_FUTURES;
    private static final Instrument SOL = Instrument.of(MARKET, "SOLUSDT", "SOL", "USDT");
    private static final Instrument ETH = Instrument.of(MARKET, "ETHUSDT", "ETH", "USDT");
    private static final Instrument BTC = Instrument.of(MARKET, "BTCUSDT", "BTC", "USDT");

    @TempDir
    private Path folder;

    private final List<ILoggingEvent> said = new CopyOnWriteArrayList<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(SafeWorker.class);
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            said.add(event);
        }
    };
    private volatile Duration ahead = Duration.ZERO;
    private final InstantSource clock = () -> InstantSource.system().instant().plus(ahead);
    private volatile Consumer<WebSocket> subscribed = _ -> {};
    private final List<SafeWorker> leaving = new CopyOnWriteArrayList<>();
    private volatile boolean gone;
    private volatile @Nullable String refusal; // of the journal

    private ExchangeThatObeys exchange;
    private Intake intake;
    private JournalWatch journal;
    private RestClient rest;
    private final Connections connections = new Connections(clock);
    private Feed feed;
    private SafeWorker worker;
    private Thread thread;

    @BeforeEach
    void start() throws Exception {
        appender.start();
        logger.addAppender(appender);
        logger.setLevel(Level.INFO);
        exchange = ExchangeThatObeys.start(this::answer, () -> gone);
        Connector connector = Connectors.of(MARKET).orElseThrow();
        intake = Intake.open(
                folder,
                JournalSettings.defaults(),
                IntakeSettings.defaults(),
                market -> Connectors.of(market).orElseThrow().evidence(),
                clock);
        journal = new JournalWatch(
                () -> refusing(intake.progress()), intake::fill, intake::damage, Duration.ofMillis(500));
        rest = new RestClient(connector, URI.create("http://127.0.0.1:1"), Network.DEFAULT, clock);
        feed = new Feed(
                connector,
                URI.create("ws://127.0.0.1:" + exchange.getPort()),
                rest,
                Network.DEFAULT,
                new Budget(new Limits.Rate(100, Duration.ofSeconds(1))),
                new Bans(Duration.ofMinutes(3), clock),
                new SymbolTable(List.of(SOL, BTC)),
                intake,
                journal,
                connections,
                clock,
                null,
                new LookBack(MARKET, rest, intake, Duration.ofMinutes(1), clock),
                () -> false);
        worker = worker(Duration.ofMillis(60));
        thread = Thread.ofVirtual().name("binance-futures-1").unstarted(worker);
    }

    private SafeWorker worker(Duration coolDown) {
        return new SafeWorker(
                "binance-futures-1",
                feed,
                List.of(SOL, BTC),
                (_, _) -> {},
                leaving::add,
                new Recovery(Duration.ofMillis(10), Duration.ofMillis(50), coolDown, new Random(7)),
                clock);
    }

    @AfterEach
    void stop() throws Exception {
        thread.interrupt();
        thread.join();
        journal.close();
        intake.close();
        rest.close();
        exchange.stop(500);
        logger.detachAppender(appender);
        logger.setLevel(null);
    }

    @Test
    void a_connection_whose_rows_cannot_be_stored_is_called_so_once_with_the_way_out() throws Exception {
        subscribed = socket -> socket.send(trade(1, Instant.now().toEpochMilli() * 1_000));
        thread.start();
        await().until(() -> worker.status().rows() == 1);
        assertThat(warnings()).isEmpty();

        ahead = Duration.ofSeconds(11);

        await().until(() -> !warnings().isEmpty());
        assertThat(warnings())
                .singleElement()
                .asString()
                .contains("1 rows came and none of them can be stored", "time_unit", "set time_unit of this market");
        assertThat(worker.status().state()).isEqualTo(WorkerStatus.State.SUBSCRIBING);
    }

    @Test
    void a_connection_that_acknowledges_and_gives_nothing_is_called_mute_once() throws Exception {
        thread.start();
        await().until(() -> worker.status().acknowledged() == 2);

        ahead = Duration.ofSeconds(30);
        exchange.broadcast("{\"e\":\"kline\"}");
        await().until(() -> worker.status().frames() == 2);
        assertThat(warnings()).isEmpty();
        ahead = Duration.ofSeconds(61);

        await().until(() -> !warnings().isEmpty());
        assertThat(warnings()).singleElement().asString().contains("acknowledged", "not one trade", "websocket_url");
        exchange.broadcast(trade(1, clock.millis()));
        await().until(() -> worker.status().state() == WorkerStatus.State.DELIVERING);
    }

    @Test
    void a_connection_that_stalls_although_it_answers_is_replaced_once() throws Exception {
        thread.start();
        await().until(() -> worker.status().acknowledged() == 2);
        exchange.broadcast(trade(1, clock.millis()));
        await().until(() -> worker.status().state() == WorkerStatus.State.DELIVERING);

        ahead = Duration.ofSeconds(55);
        exchange.broadcast("{\"e\":\"kline\"}");
        await().until(() -> worker.status().frames() == 3);
        assertThat(warnings()).isEmpty();
        ahead = Duration.ofSeconds(70);

        await().until(() -> worker.status().connects() == 2 && worker.status().acknowledged() == 2);
        assertThat(warnings()).singleElement().asString().contains("stalled", "BTCUSDT");
        ahead = Duration.ofSeconds(200); // a market that is really quiet is not left again and again
        await().until(() -> warnings().size() == 2);
        assertThat(warnings().get(1)).contains("not one trade");
        assertThat(worker.status().connects()).isEqualTo(2);
    }

    @Test
    void a_server_that_announces_its_end_delivers_until_another_connection_has_taken_over() throws Exception {
        subscribed = socket -> socket.send(trade(worker.status().connects(), clock.millis()));
        thread.start();
        await().until(() -> worker.status().state() == WorkerStatus.State.DELIVERING);

        exchange.broadcast("{\"e\":\"serverShutdown\",\"E\":1}");
        await().until(() -> leaving.equals(List.of(worker)));
        exchange.broadcast(trade(2, clock.millis()));
        await().until(() -> intake.progress().journaled() == 2);
        assertThat(worker.status().connects()).isEqualTo(1);

        worker.retire(DisconnectCause.REPLACED);
        assertThat(thread.join(Duration.ofSeconds(20))).isTrue();
        assertThat(worker.status().state()).isEqualTo(WorkerStatus.State.STOPPED);
        assertThat(warnings()).isEmpty();
        assertThat(worker.status().failure()).isNull();
    }

    @Test
    void an_address_that_is_gone_ends_a_worker_that_never_connected() throws Exception {
        gone = true;
        thread.start();

        assertThat(thread.join(Duration.ofSeconds(20))).isTrue();
        assertThat(worker.status().failure()).isInstanceOf(Failure.Fatal.class);
        assertThat(worker.status().state()).isEqualTo(WorkerStatus.State.STOPPED);
    }

    /// The ancestor wrote thousands of lines a second while it cooled down.
    @Test
    void being_away_is_said_once_and_then_not_a_word_until_it_is_over() throws Exception {
        worker = worker(Duration.ofSeconds(30));
        thread = Thread.ofVirtual().name("binance-futures-1").unstarted(worker);
        logger.setLevel(Level.TRACE);
        subscribed = socket -> socket.send(trade(worker.status().connects(), clock.millis()));
        thread.start();
        await().until(() -> worker.status().state() == WorkerStatus.State.DELIVERING);
        gone = true;
        exchange.getConnections().forEach(socket -> socket.close(1001, "maintenance"));
        await().until(() -> worker.status().state() == WorkerStatus.State.COOLING_DOWN);
        int lines = said.size();
        assertThat(lines).isLessThan(12);

        await().during(Duration.ofSeconds(2)).atMost(Duration.ofSeconds(30)).until(() -> said.size() == lines);
    }

    /// Its first three connections give nothing though REST has trades: the fourth is not begun at once.
    @Test
    void a_connection_that_is_ended_without_a_trade_counts_as_a_failure() throws Exception {
        thread.start();
        for (int connects = 1; connects <= 3; connects++) {
            int now = connects;
            await().until(() ->
                    worker.status().connects() == now && worker.status().acknowledged() == 2);
            worker.recycle("three of its instruments trade, as REST says");
        }
        await().until(() ->
                said.stream().anyMatch(line -> line.getFormattedMessage().startsWith("cooling down")));
        assertThat(worker.status().failure()).isNotNull();
    }

    @Test
    void an_address_that_is_gone_for_a_while_is_tried_again_where_it_once_worked() throws Exception {
        subscribed = socket -> socket.send(trade(worker.status().connects(), clock.millis()));
        thread.start();
        await().until(() -> worker.status().state() == WorkerStatus.State.DELIVERING);

        gone = true;
        exchange.getConnections().forEach(socket -> socket.closeConnection(1006, "cut"));
        await().until(() -> worker.status().failure() instanceof Failure.Fatal);
        assertThat(thread.isAlive()).isTrue();
        gone = false;

        await().until(() -> worker.status().state() == WorkerStatus.State.DELIVERING);
        assertThat(worker.status().connects()).isEqualTo(2);
    }

    @Test
    void an_instrument_that_joins_is_asked_for_at_once() throws Exception {
        thread.start();
        await().until(() -> worker.status().acknowledged() == 2);
        List<Instant> asked = new CopyOnWriteArrayList<>();
        subscribed = _ -> asked.add(Instant.now());
        Instant joined = Instant.now(); // it has just looked, and does so again in a second
        worker.join(ETH);
        await().pollInterval(Duration.ofMillis(10)).until(() -> !asked.isEmpty());

        assertThat(Duration.between(joined, asked.getFirst())).isLessThan(Duration.ofMillis(900));
    }

    @Test
    void an_instrument_that_leaves_and_joins_again_stays() throws Exception {
        for (Instrument one : List.of(SOL, BTC)) {
            worker.leave(one);
            worker.join(one);
        }
        worker.join(ETH);
        worker.leave(ETH);
        thread.start();
        await().until(() -> worker.status().acknowledged() == 2);

        assertThat(worker.status().instruments()).isEqualTo(2);
        assertThat(said).extracting(ILoggingEvent::getFormattedMessage).contains("2 of 2 instruments subscribed");
    }

    @Test
    void however_a_connection_ends_it_is_entered_with_its_cause_and_its_last_sign_of_life() throws Exception {
        try (Database database = Database.open(StorageSettings.embedded(folder.resolve("data")), "test");
                Connection sql = database.dataSource().getConnection();
                Statement statement = sql.createStatement()) {
            connections.writeTo(database);
            subscribed = socket -> socket.send(trade(worker.status().connects(), clock.millis()));
            thread.start();
            awaitDelivering(1);
            exchange.getConnections().forEach(socket -> socket.close(1001, "maintenance"));
            awaitDelivering(2);
            worker.recycle("half of it is silent");
            awaitDelivering(3);
            Instant cut = clock.instant();
            ahead = Duration.ofSeconds(30); // the last frame came long ago when it breaks off
            exchange.getConnections().forEach(socket -> socket.closeConnection(1006, "cut"));
            awaitDelivering(4);
            ahead = Duration.ofSeconds(100); // no trade comes any more
            awaitDelivering(5);
            worker.leave(BTC);
            await().until(() -> !rows(statement, "SELECT id FROM connections WHERE cause = 'resubscribed'")
                    .isEmpty());
            refusal = "No space left on device";
            await().until(() -> worker.status().state() == WorkerStatus.State.WAITING_FOR_ROOM);
            refusal = null;
            awaitDelivering(6);
            thread.interrupt();
            thread.join();
            Instant end = clock.instant();
            await().until(() -> connections.isStored(end));

            assertThat(rows(statement, "SELECT cause FROM connections ORDER BY id"))
                    .containsExactly(
                            "closed_by_exchange",
                            "stalled",
                            "reset",
                            "stalled",
                            "resubscribed",
                            "no_room",
                            "asked_to_stop");
            assertThat(rows(
                            statement,
                            "SELECT count(*) FROM connections WHERE connected_at <= delivering_at"
                                    + " AND delivering_at <= ended_at AND seen_at = ended_at"))
                    .containsExactly("7");
            assertThat(rows(statement, "SELECT symbol FROM connection WHERE cause = 'asked_to_stop'"))
                    .containsExactly("SOLUSDT");
            assertThat(rows(
                            statement,
                            "SELECT ended_at < '" + cut.plusSeconds(10) + "' FROM connections"
                                    + " WHERE cause = 'reset'"))
                    .containsExactly("t");
            assertThat(rows(statement, "SELECT DISTINCT symbol FROM connection WHERE name = 'binance-futures-1'"))
                    .containsExactlyInAnyOrder("BTCUSDT", "SOLUSDT");
        } finally {
            connections.close(Duration.ofSeconds(5));
        }
    }

    @Test
    void where_the_journal_has_no_room_the_connection_ends_in_order_and_comes_back_by_itself_when_it_has()
            throws Exception {
        subscribed = socket -> socket.send(trade(worker.status().connects(), clock.millis()));
        thread.start();
        awaitDelivering(1);

        refusal = "No space left on device";
        await().until(() -> worker.status().state() == WorkerStatus.State.WAITING_FOR_ROOM);
        await().until(() -> exchange.getConnections().isEmpty());
        int saidBefore = said.size();
        worker.join(ETH);
        await().during(Duration.ofMillis(1_500))
                .until(() -> worker.status().state() == WorkerStatus.State.WAITING_FOR_ROOM);
        assertThat(worker.status().connects()).isOne();
        assertThat(said).hasSize(saidBefore);

        refusal = null;
        awaitDelivering(2);
        assertThat(worker.status().instruments()).isEqualTo(3);
        assertThat(warnings()).isEmpty(); // it is said once for all of them, by who watches the journal
        await().until(() -> intake.progress().journaled() == 2);
    }

    @Test
    void a_worker_that_waits_for_room_can_be_told_to_end() throws Exception {
        refusal = "No space left on device";
        await().until(() -> !journal.hasRoom());
        thread.start();
        await().until(() -> worker.status().state() == WorkerStatus.State.WAITING_FOR_ROOM);

        thread.interrupt();

        assertThat(thread.join(Duration.ofSeconds(5))).isTrue();
        assertThat(worker.status().connects()).isZero();
    }

    /// As the journal would say it.
    private Progress refusing(Progress now) {
        return new Progress(
                now.received(),
                now.journaled(),
                now.duplicate(),
                now.late(),
                now.rejected(),
                now.unknown(),
                now.consumed(),
                now.holes(),
                now.rings(),
                now.waiting(),
                now.writtenOutAt(),
                refusal,
                now.running());
    }

    private void awaitDelivering(int connects) {
        await().until(() ->
                worker.status().connects() == connects && worker.status().state() == WorkerStatus.State.DELIVERING);
    }

    private static List<String> rows(Statement statement, String query) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (ResultSet row = statement.executeQuery(query)) {
            while (row.next()) {
                rows.add(row.getString(1));
            }
        }
        return rows;
    }

    /// Acknowledges every subscription, then does what the test wants.
    private void answer(WebSocket socket, String message) {
        socket.send("{\"result\":null,\"id\":" + message.replaceAll(".*\"id\":(\\d+)}", "$1") + "}");
        subscribed.accept(socket);
    }

    private List<String> warnings() {
        return said.stream()
                .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    private static String trade(long id, long time) {
        return "{\"e\":\"trade\",\"T\":" + time + ",\"s\":\"SOLUSDT\",\"t\":" + id
                + ",\"p\":\"187.43\",\"q\":\"3\",\"X\":\"MARKET\",\"m\":true}";
    }
}

package io.metdc.storage;

import static io.metdc.storage.Trades.BTC;
import static io.metdc.storage.Trades.ETH;
import static io.metdc.storage.Trades.NOW;
import static io.metdc.storage.Trades.SPOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.metdc.market.DisconnectCause;
import io.metdc.market.Instrument;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestServer.class)
class ConnectionsTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final String NAME = "binance-spot-1";

    @Parameter
    TestServer server;

    @TempDir
    Path folder;

    private TestServer.Fresh fresh;
    private Database database;
    private volatile Instant now = NOW;
    private final InstantSource clock = () -> now;
    private final Connections connections = new Connections(clock);

    @BeforeEach
    void open() throws Exception {
        server.require();
        fresh = server.fresh(folder);
        database = Database.open(fresh.settings(), "test");
    }

    @AfterEach
    void close() throws Exception {
        if (database != null) {
            connections.close(LONG);
            database.close();
            fresh.close();
        }
    }

    @Test
    void a_connection_is_entered_as_it_lives_with_what_it_carries() throws Exception {
        connections.writeTo(database);
        Connections.Life life = connections.connected(SPOT, NAME, List.of(BTC, ETH));
        awaitStored();
        assertThat(rows("SELECT count(*) FROM connection WHERE delivering_at IS NULL AND ended_at IS NULL"))
                .containsExactly("2");

        now = NOW.plusMillis(250);
        life.delivering(List.of(ETH)); // the other one was refused
        awaitStored();
        assertThat(rows("SELECT exchange, market, symbol, name, delivering_at - connected_at, ended_at, cause"
                        + " FROM connection"))
                .containsExactly("binance|spot|ETHUSDT|binance-spot-1|00:00:00.25|null|null");

        now = NOW.plusSeconds(60);
        life.ended(DisconnectCause.SILENT, NOW.plusSeconds(50));
        life.ended(DisconnectCause.ASKED_TO_STOP, now);
        awaitStored();
        assertThat(rows("SELECT ended_at - connected_at, seen_at - connected_at, cause FROM connection"))
                .containsExactly("00:00:50|00:00:50|silent");
    }

    @Test
    void every_change_of_a_workers_state_is_entered_in_order_with_its_cause_though_the_database_comes_late()
            throws Exception {
        Connections.States states = connections.states(SPOT, NAME);
        states.entered("connecting", null);
        states.entered("banned", "binance answered 418");
        connections.writeTo(database);
        now = NOW.plusSeconds(3);
        states.entered("connecting", null);

        await().atMost(LONG)
                .until(() -> rows("SELECT count(*) FROM worker_states").equals(List.of("3")));
        assertThat(rows("SELECT exchange, market, name, entered_at AT TIME ZONE 'UTC', state, cause FROM worker_states"
                        + " ORDER BY entered_at, number"))
                .containsExactly(
                        "binance|spot|binance-spot-1|2026-11-21 10:30:00|connecting|null",
                        "binance|spot|binance-spot-1|2026-11-21 10:30:00|banned|binance answered 418",
                        "binance|spot|binance-spot-1|2026-11-21 10:30:03|connecting|null");
    }

    @Test
    void instruments_that_come_and_go_on_a_living_connection_leave_no_gap() throws Exception {
        connections.writeTo(database);
        Connections.Life first = connections.connected(SPOT, NAME, List.of(BTC));
        first.delivering(List.of(BTC));
        now = NOW.plusSeconds(5);
        Connections.Life second = first.resubscribed(List.of(BTC, ETH));
        now = NOW.plusSeconds(9);
        second.ended(DisconnectCause.CLOSED_BY_EXCHANGE, now);
        awaitStored();
        assertThat(rows("SELECT symbol, connected_at AT TIME ZONE 'UTC', delivering_at = connected_at,"
                        + " ended_at AT TIME ZONE 'UTC', cause FROM connection ORDER BY connected_at, symbol"))
                .containsExactly(
                        "BTCUSDT|2026-11-21 10:30:00|t|2026-11-21 10:30:05|resubscribed",
                        "BTCUSDT|2026-11-21 10:30:05|t|2026-11-21 10:30:09|closed_by_exchange",
                        "ETHUSDT|2026-11-21 10:30:05|t|2026-11-21 10:30:09|closed_by_exchange");
    }

    @Test
    void what_a_crash_left_open_ends_when_it_was_last_seen() throws Exception {
        try (Proxy proxy = new Proxy(fresh.port());
                Database through = Database.open(fresh.settingsThrough(proxy.port()), "test")) {
            var killed = new Connections(clock);
            killed.writeTo(through);
            killed.connected(SPOT, NAME, List.of(BTC)).delivering(List.of(BTC));
            Connections.Life over = killed.connected(SPOT, "binance-spot-2", List.of(ETH));
            over.ended(DisconnectCause.RESET, now);
            await().atMost(LONG).until(() -> killed.isStored(Instant.MAX));
            now = NOW.plusSeconds(7);
            await().atMost(LONG)
                    .until(() -> rows("SELECT seen_at - connected_at FROM connections WHERE cause IS NULL")
                            .equals(List.of("00:00:07")));
            proxy.refuse(true); // as far as the database can tell it is dead now
            now = NOW.plusSeconds(20);
            killed.close(Duration.ZERO);
        }
        connections.writeTo(database);
        connections.connected(SPOT, NAME, List.of(BTC));
        awaitStored();
        assertThat(rows("SELECT name, ended_at - connected_at, cause FROM connections ORDER BY id"))
                .containsExactly(
                        "binance-spot-1|00:00:07|crash", "binance-spot-2|00:00:00|reset", "binance-spot-1|null|null");
    }

    @Test
    void what_happens_while_the_database_is_away_is_entered_when_it_is_back_and_once() throws Exception {
        try (Proxy proxy = new Proxy(fresh.port());
                Database through = Database.open(fresh.settingsThrough(proxy.port()), "test");
                Log log = new Log(Connections.class)) {
            var unlucky = new Connections(clock);
            unlucky.writeTo(through);
            Connections.Life first = unlucky.connected(SPOT, NAME, List.of(BTC));
            await().atMost(LONG).until(() -> unlucky.isStored(Instant.MAX));
            proxy.refuse(true);
            now = NOW.plusSeconds(1);
            first.ended(DisconnectCause.RESET, now);
            for (int i = 2; i <= 20; i++) {
                now = NOW.plusSeconds(i);
                unlucky.connected(SPOT, NAME, List.of(BTC)).ended(DisconnectCause.RESET, now);
            }
            await().atMost(LONG).until(() -> log.lines(Level.WARN).size() == 1);
            assertThat(unlucky.isStored(Instant.MAX)).isFalse();
            assertThat(unlucky.isStored(NOW)).isTrue();
            proxy.swallowAnswersToCommit(2);
            proxy.refuse(false);
            await().atMost(LONG).until(() -> unlucky.isStored(Instant.MAX));
            assertThat(proxy.swallowed()).isPositive();
            assertThat(log.lines(Level.WARN)).hasSize(1);
            assertThat(log.lines(Level.INFO)).containsExactly("connections are entered again");
            unlucky.close(LONG);
        }
        assertThat(rows("SELECT count(*), count(DISTINCT connected_at), count(cause) FROM connections"))
                .containsExactly("20|20|20");
    }

    @Test
    void what_lives_while_the_database_is_away_is_not_called_seen_before_its_row_says_so() throws Exception {
        try (Proxy proxy = new Proxy(fresh.port());
                Database through = Database.open(fresh.settingsThrough(proxy.port()), "test")) {
            var living = new Connections(clock);
            assertThat(living.isSeen(Instant.MAX)).isTrue(); // there is none
            Connections.Life life = living.connected(SPOT, NAME, List.of(BTC));
            assertThat(living.isSeen(NOW)).isFalse();
            living.writeTo(through);
            await().atMost(LONG).until(() -> living.isSeen(NOW));

            proxy.refuse(true);
            now = NOW.plusSeconds(40);
            assertThat(living.isStored(now)).isTrue(); // nothing has happened to it
            assertThat(living.isSeen(NOW.plusSeconds(5))).isFalse();
            proxy.refuse(false);
            await().atMost(LONG).until(() -> living.isSeen(NOW.plusSeconds(5)));
            assertThat(rows("SELECT seen_at - connected_at, ended_at FROM connections"))
                    .containsExactly("00:00:40|null");

            life.resubscribed(List.of(BTC, ETH)).ended(DisconnectCause.RESET, now);
            assertThat(living.isSeen(Instant.MAX)).isTrue(); // their ends are noted, and none lives
            living.close(LONG);
        }
    }

    @Test
    void a_database_that_stays_away_costs_the_oldest_of_ten_thousand_and_no_row_stays_open() throws Exception {
        try (Log log = new Log(Connections.class)) {
            Connections.Life living = connections.connected(SPOT, "binance-spot-2", List.of(ETH));
            for (int i = 0; i < Connections.MOST + 50; i++) {
                now = NOW.plusMillis(i);
                connections.connected(SPOT, NAME, List.of(BTC)).ended(DisconnectCause.RESET, now);
            }
            assertThat(log.lines(Level.WARN)).hasSize(1);
            connections.writeTo(database);
            awaitStored();
            living.ended(DisconnectCause.ASKED_TO_STOP, now);
            awaitStored();
        }
        assertThat(rows("SELECT count(*), count(ended_at), min(connected_at) FILTER (WHERE name = 'binance-spot-1')"
                        + " - min(connected_at) FROM connections"))
                .containsExactly(Connections.MOST + "|" + Connections.MOST + "|00:00:00.051");
    }

    @Test
    void the_end_that_comes_with_the_stop_is_still_entered() throws Exception {
        connections.writeTo(database);
        connections.connected(SPOT, NAME, List.of(BTC)).ended(DisconnectCause.ASKED_TO_STOP, now);
        connections.close(LONG);
        assertThat(rows("SELECT cause FROM connections")).containsExactly("asked_to_stop");
    }

    @Test
    void the_connections_of_an_instrument_are_found_without_reading_all_others() throws Exception {
        try (Connection connection = fresh.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO instruments (first_seen_at, last_seen_at, exchange, market, symbol, base,"
                    + " quote, settle) SELECT now(), now(), 'binance', 'spot', 'S' || n || 'USDT', 'S' || n, 'USDT',"
                    + " 'USDT' FROM generate_series(1, 3000) n");
            statement.execute("INSERT INTO connections (connected_at, seen_at, ended_at, cause, exchange, market, name,"
                    + " instrument_ids) SELECT timestamptz '2026-11-01Z' + n * interval '1 minute', now(), timestamptz"
                    + " '2026-11-01Z' + (n + 30) * interval '1 minute', 'replaced', 'binance', 'spot', 'c' || n % 30, ids"
                    + " FROM generate_series(1, 60000) n JOIN (SELECT id % 30 AS shard, array_agg(id) AS ids"
                    + " FROM instruments GROUP BY 1) s ON shard = n % 30");
            statement.execute("ANALYZE");
            String query = " FROM connection WHERE exchange = 'binance' AND market = 'spot' AND symbol = 'S71USDT'"
                    + " AND connected_at < '2026-11-03T12:00:00Z' AND ended_at > '2026-11-03T11:00:00Z'";
            assertThat(String.join("\n", Sql.rows(connection, "EXPLAIN SELECT *" + query)))
                    .doesNotContain("Seq Scan on connections");
            assertThat(String.join(
                            "\n",
                            Sql.rows(
                                    connection,
                                    "EXPLAIN SELECT * FROM connection WHERE exchange = 'binance' AND market = 'spot'"
                                            + " AND symbol = 'S71USDT' AND connected_at < '2026-11-03T12:00:00Z'")))
                    .contains("connections_instrument_ids_idx");
            assertThat(Sql.rows(connection, "SELECT count(*), count(DISTINCT name)" + query))
                    .containsExactly(Sql.rows(
                                    connection,
                                    "SELECT count(*), count(DISTINCT name) FROM connections"
                                            + " WHERE (SELECT id FROM instruments WHERE symbol = 'S71USDT') = ANY (instrument_ids)"
                                            + " AND connected_at < '2026-11-03T12:00:00Z' AND ended_at > '2026-11-03T11:00:00Z'")
                            .getFirst());
            assertThat(Sql.rows(
                            connection,
                            "SELECT count(*) FROM connection WHERE connected_at BETWEEN '2026-11-03T11:00:00Z'"
                                    + " AND '2026-11-03T12:00:00Z'"))
                    .containsExactly("6100");
        }
    }

    @Test
    void old_ends_are_forgotten_after_ninety_days_and_what_lives_is_not() throws Exception {
        connections.writeTo(database);
        connections.connected(SPOT, NAME, List.of(BTC));
        connections.connected(SPOT, "binance-spot-2", List.of(BTC)).ended(DisconnectCause.RESET, now);
        awaitStored();
        Maintenance maintenance = new Maintenance(database, fresh.settings(), clock);
        try (Connection connection = fresh.connect()) {
            now = NOW.plus(Duration.ofDays(89));
            maintenance.work(connection);
            assertThat(Sql.rows(connection, "SELECT count(*) FROM connections")).containsExactly("2");
            now = NOW.plus(Duration.ofDays(91));
            maintenance.work(connection);
            assertThat(Sql.rows(connection, "SELECT name FROM connections")).containsExactly(NAME);
        }
    }

    @Test
    void an_instrument_that_is_known_keeps_its_number_and_its_terms() throws Exception {
        database.register(List.of(Trades.SWAP, BTC), NOW);
        List<String> before = rows("SELECT * FROM instrument_terms ORDER BY 1");
        connections.writeTo(database);
        connections.connected(Trades.FUTURES, "okx-futures-1", List.of(Trades.SWAP));
        connections.connected(SPOT, NAME, List.<Instrument>of(BTC, ETH));
        awaitStored();
        assertThat(rows("SELECT * FROM instrument_terms ORDER BY 1"))
                .startsWith(before.toArray(String[]::new))
                .hasSize(3);
        assertThat(rows("SELECT symbol FROM connection ORDER BY symbol"))
                .containsExactly("BTC-USDT-SWAP", "BTCUSDT", "ETHUSDT");
    }

    private void awaitStored() {
        await().atMost(LONG).until(() -> connections.isStored(Instant.MAX));
    }

    private List<String> rows(String query) throws Exception {
        try (Connection connection = fresh.connect()) {
            return Sql.rows(connection, query);
        }
    }
}

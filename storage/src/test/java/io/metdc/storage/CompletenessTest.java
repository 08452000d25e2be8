package io.metdc.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// The views `completeness` and `completeness_by_market`, on rows that are planted.
@ParameterizedClass
@EnumSource(TestServer.class)
class CompletenessTest {
    @Parameter
    TestServer server;

    @TempDir
    Path folder;

    private TestServer.Fresh fresh;
    private Database database;
    private Connection connection;

    @BeforeEach
    void open() throws Exception {
        server.require();
        fresh = server.fresh(folder);
        database = Database.open(fresh.settings(), "test");
        connection = fresh.connect();
        execute("INSERT INTO instruments (first_seen_at, last_seen_at, exchange, market, symbol, base, quote, settle)"
                + " VALUES (now(), now(), 'binance', 'spot', 'BTCUSDT', 'BTC', 'USDT', 'USDT'),"
                + " (now(), now(), 'bybit', 'spot', 'BTCUSDT', 'BTC', 'USDT', 'USDT'),"
                + " (now(), now(), 'binance', 'spot', '?', '?', 'USDT', 'USDT')");
    }

    @AfterEach
    void close() throws Exception {
        if (database != null) {
            connection.close();
            database.close();
            fresh.close();
        }
    }

    @Test
    void a_day_sums_up_its_hours_in_utc_and_names_the_evidence() throws Exception {
        execute("SET TIME ZONE 'Asia/Kathmandu'"); // a quarter of an hour off
        counts(1, "2026-11-20T23:00:00Z", 100, 90, 10, 1);
        counts(1, "2026-11-21T00:00:00Z", 50, 40, 5, 0);
        counts(1, "2026-11-21T23:00:00Z", 7, 7, 0, 2);
        execute("INSERT INTO rejected_counts VALUES ('2026-11-21T00:00:00Z', 3, 1, 'overflow'),"
                + " ('2026-11-21T00:00:00Z', 1, 1, 'malformed'), ('2026-11-21T05:00:00Z', 9, 3, 'unknown_instrument')");
        assertThat(rows(
                        "SELECT exchange, market, symbol, day, evidence, received, stored, duplicate, rejected, consumed,"
                                + " unaccounted FROM completeness ORDER BY symbol, day"))
                .containsExactly(
                        "binance|spot|?|2026-11-21|ids|0|0|0|9|0|-9",
                        "binance|spot|BTCUSDT|2026-11-20|ids|100|90|10|0|1|0",
                        "binance|spot|BTCUSDT|2026-11-21|ids|57|47|5|4|2|1");
        assertThat(rows("SELECT day, instruments, received, rejected, unaccounted FROM completeness_by_market"
                        + " ORDER BY day"))
                .containsExactly("2026-11-20|1|100|0|0", "2026-11-21|1|57|13|-8");
    }

    @Test
    void holes_count_by_outcome_on_the_day_of_their_beginning_and_unknown_numbers_as_none() throws Exception {
        hole(1, "2026-11-20T23:59:00Z", "2026-11-21T00:01:00Z", "5", 0, null);
        hole(1, "2026-11-21T01:00:00Z", "2026-11-21T01:00:01Z", "2", 2, "refilled");
        hole(1, "2026-11-21T02:00:00Z", "2026-11-21T02:00:01Z", "3", 1, "never_public");
        hole(1, "2026-11-21T03:00:00Z", "2026-11-21T03:00:01Z", "10", 4, "beyond_reach");
        hole(1, null, null, "4", 0, "outage"); // noticed at noon
        hole(2, "2026-11-21T03:00:00Z", null, null, 7, "beyond_reach");
        assertThat(rows(
                        "SELECT exchange, day, evidence, holes, open_holes, refilled, never_public, beyond_reach, outage,"
                                + " missing FROM completeness ORDER BY exchange, day"))
                .containsExactly(
                        "binance|2026-11-20|ids|1|1|0|0|0|0|0",
                        "binance|2026-11-21|ids|4|0|1|1|1|1|10",
                        "bybit|2026-11-21|connection|1|0|0|0|1|0|0");
    }

    @Test
    void a_stretch_has_the_holes_that_reach_into_it() throws Exception {
        hole(1, "2026-11-20T20:00:00Z", "2026-11-21T05:00:00Z", "5", 0, null);
        hole(1, "2026-11-21T06:00:00Z", "2026-11-21T06:00:01Z", "5", 0, null);
        counts(1, "2026-11-21T03:00:00Z", 1, 1, 0, 0);
        counts(1, "2026-11-21T04:00:00Z", 10, 10, 0, 0);
        counts(1, "2026-11-21T06:00:00Z", 100, 100, 0, 0);
        assertThat(rows("SELECT day, received, open_holes FROM completeness_between('2026-11-21T04:00:00Z',"
                        + " '2026-11-21T06:00:00Z')"))
                .containsExactly("2026-11-21|10|1");
    }

    @Test
    void two_connections_at_a_time_count_once_and_midnight_cuts() throws Exception {
        connection("a-1", "2026-11-20T23:59:00Z", "2026-11-21T00:10:00Z", "{1,2}");
        connection("a-1", "2026-11-21T00:09:59Z", "2026-11-21T00:20:00Z", "{1,2}"); // took over
        connection("a-1b", "2026-11-21T00:19:00Z", "2026-11-21T00:21:00Z", "{1}"); // beside it
        connection("a-1", "2026-11-21T00:30:00Z", "2026-11-21T00:31:00Z", "{2}"); // after a break
        execute(
                "INSERT INTO connections (exchange, market, name, connected_at, seen_at, instrument_ids)"
                        + " VALUES ('binance', 'spot', 'a-2', '2026-11-21T00:40:00Z', '2026-11-21T00:50:00Z', '{1}')"); // no answer
        execute("INSERT INTO connections (exchange, market, name, connected_at, delivering_at, seen_at, instrument_ids)"
                + " VALUES ('binance', 'spot', 'a-3', '2026-11-22T00:00:00Z', '2026-11-22T00:00:00Z',"
                + " '2026-11-22T00:00:02.5Z', '{1}')"); // lives
        assertThat(rows("SELECT exchange, day, connected_seconds, connected_from AT TIME ZONE 'UTC',"
                        + " connected_to AT TIME ZONE 'UTC' FROM completeness ORDER BY exchange, day"))
                .containsExactly(
                        "binance|2026-11-20|60.000000|2026-11-20 23:59:00|2026-11-21 00:00:00",
                        "binance|2026-11-21|1260.000000|2026-11-21 00:00:00|2026-11-21 00:21:00",
                        "binance|2026-11-22|2.500000|2026-11-22 00:00:00|2026-11-22 00:00:02.5",
                        "bybit|2026-11-20|60.000000|2026-11-20 23:59:00|2026-11-21 00:00:00",
                        "bybit|2026-11-21|1260.000000|2026-11-21 00:00:00|2026-11-21 00:31:00");
        assertThat(rows("SELECT exchange, connected_seconds FROM completeness_between('2026-11-21T00:05:00Z',"
                        + " '2026-11-21T00:20:30Z') ORDER BY 1"))
                .containsExactly("binance|930.000000", "bybit|900.000000");
    }

    @Test
    void completeness_is_told_from_the_ledger_without_a_look_at_the_trades() throws Exception {
        List<String> plan = rows("EXPLAIN SELECT * FROM completeness WHERE day = '2026-11-21'");
        assertThat(plan).anyMatch(line -> line.contains(" on trade_counts"));
        assertThat(plan).noneMatch(line -> line.matches(".* on (trades|kept_trades|_hyper).*"));
        // Taken apart by the server, so that a day is not worked out from all of them.
        assertThat(plan).noneMatch(line -> line.contains("Function Scan on completeness_between"));
    }

    private void counts(int instrument, String hour, long received, long stored, long duplicate, long consumed)
            throws Exception {
        execute("INSERT INTO trade_counts (instrument_id, hour, received, stored, duplicate, consumed) VALUES ("
                + instrument + ", '" + hour + "', " + received + ", " + stored + ", " + duplicate + ", " + consumed
                + ")");
    }

    private void hole(int instrument, String from, String to, String expected, long found, String outcome)
            throws Exception {
        execute("INSERT INTO holes (instrument_id, from_time, to_time, expected, found, outcome, opened_at, closed_at,"
                + " cause) VALUES (" + instrument + ", " + text(from) + ", " + text(to) + ", " + expected + ", " + found
                + ", " + text(outcome) + ", '2026-11-21T12:00:00Z', "
                + text(outcome == null ? null : "2026-11-21T13:00:00Z") + ", 'missing_ids')");
    }

    private void connection(String name, String from, String to, String instruments) throws Exception {
        execute(
                "INSERT INTO connections (exchange, market, name, connected_at, delivering_at, seen_at, ended_at, cause,"
                        + " instrument_ids) VALUES ('binance', 'spot', '" + name + "', '" + from + "', '" + from
                        + "', '" + to
                        + "', '" + to + "', 'hard_reset', '" + instruments + "')");
    }

    private static String text(String value) {
        return value == null ? "NULL" : "'" + value + "'";
    }

    private void execute(String sql) throws Exception {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private List<String> rows(String query) throws Exception {
        return Sql.rows(connection, query);
    }
}

package io.metdc.collector.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.metdc.collector.ReadyCluster;
import io.metdc.storage.Database;
import io.metdc.storage.EmbeddedPostgres;
import io.metdc.storage.StorageSettings;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Against an embedded server with the real schema and rows that are planted.
class AuditCommandTest {
    private static final String DAY = "2025-01-15";
    private static final int BTC = 1;
    private static final int ETH = 2;
    private static final int BYBIT = 3;

    @TempDir
    private static Path home;

    private static EmbeddedPostgres server;
    private static Database database;

    private final Invocation metdc = new Invocation(home);

    @BeforeAll
    static void a_database() throws Exception {
        server = ReadyCluster.in(home.resolve("data"));
        server.startToStay();
        database = Database.open(StorageSettings.embedded(home.resolve("data")), "test");
        for (int hour = 10; hour <= 13; hour++) {
            execute("CREATE TABLE trades_20250115" + hour + " PARTITION OF trades FOR VALUES FROM ('" + DAY + "T" + hour
                    + ":00Z') TO ('" + DAY + "T" + (hour + 1) + ":00Z')");
        }
    }

    @AfterAll
    static void clean_up() throws Exception {
        database.close();
        server.stop(Duration.ofSeconds(30));
    }

    @BeforeEach
    void three_instruments_of_which_a_day_is_known() throws Exception {
        execute(
                "TRUNCATE instruments, instrument_terms, trades, consumed_ids, trade_counts, rejected_counts, rejected_trades,"
                        + " holes, connections, instrument_changes, kept_spans RESTART IDENTITY CASCADE");
        execute("INSERT INTO instruments (first_seen_at, last_seen_at, exchange, market, symbol, base, quote, settle)"
                + " VALUES ('2025-01-01Z', now(), 'binance', 'spot', 'BTCUSDT', 'BTC', 'USDT', 'USDT'),"
                + " ('2025-01-01Z', now(), 'binance', 'spot', 'ETHUSDT', 'ETH', 'USDT', 'USDT'),"
                + " ('2025-01-01Z', now(), 'bybit', 'futures', 'BTCUSDT', 'BTC', 'USDT', 'USDT')");
        counts(BTC, "10:00", 1_000, 990, 10);
        counts(ETH, "11:00", 200, 195, 0);
        execute("INSERT INTO rejected_counts VALUES ('" + DAY + "T11:00Z', 5, 2, 'malformed')");
        counts(BYBIT, "12:00", 1_234_567, 1_234_567, 0);
        connected("binance", "spot", "00:00", "23:00", "{1,2}");
        connected("binance", "spot", "22:59:59", "23:59:59.5", "{1,2}");
        connected("bybit", "futures", "00:00", "23:59:59.5", "{3}");
    }

    @Test
    void a_clean_day_is_complete_and_says_by_which_evidence() {
        assertThat(audit()).isZero();
        assertThat(metdc.err()).isEmpty();
        assertThat(metdc.out()).isEqualTo("""
                Completeness from 2025-01-15 00:00 to 2025-01-16 00:00 UTC
                metdc does not run: it ended at 2025-01-15 23:59:59 UTC, and of later nothing is said.

                                                           never  beyond
                market           instr.  holes  refilled  public   reach  outage  open  connected  verdict

                By ids: trade numbers follow each other, so each missing one shows; not one that no higher number followed.
                  binance spot        2      0         0       0       0       0     0   100.00 %  complete

                By unbroken connection: what was sent while a connection delivered is here; what was not sent, no number tells.
                  bybit futures       1      0         0       0       0       0     0   100.00 %  complete

                all                   3      0         0       0       0       0     0   100.00 %  complete

                market            received   = stored  + duplicate  + rejected  + unaccounted  consumed ids
                  binance spot       1,200      1,185           10           5              0             0
                  bybit futures  1,234,567  1,234,567            0           0              0             0

                all              1,235,767  1,235,752           10           5              0             0

                Nothing is unexplained. --deep looks at the numbers of the stored trades too.
                """);
    }

    @Test
    void a_hole_that_stays_open_is_unexplained_and_named_with_what_it_lacks() throws Exception {
        hole(BTC, "missing_ids", "10:00:00", "10:00:01", "5", 2, null, "now() - interval '11 minutes'");
        hole(BTC, "overflow", "10:30:00", "10:30:01", "4", 0, null, "now() - interval '2 hours'");
        hole(BYBIT, "disconnect", "23:00:00", "23:00:09", "NULL", 0, null, "now() - interval '2 hours'");
        execute("UPDATE instruments SET symbol = 'BTC' WHERE id = " + BYBIT);
        assertThat(audit()).isEqualTo(ExitCode.FOUND);
        assertThat(metdc.out())
                .contains(
                        "  2 unexplained\n",
                        "  1 unexplained\n",
                        "  binance spot   BTCUSDT  2025-01-15  2 open holes from 10:00:00 to 10:30:01, 7 trades"
                                + " (missing_ids, overflow)\n",
                        "  bybit futures  BTC      2025-01-15  1 open hole from 23:00:00 to 23:00:09, nobody knows how many"
                                + " trades (disconnect)\n")
                .endsWith("\n3 unexplained.\n");
    }

    @Test
    void a_hole_that_was_noticed_just_now_is_being_refilled_and_no_alarm() throws Exception {
        hole(BTC, "missing_ids", "10:00:00", "10:00:01", "5", 0, null, "now() - interval '9 minutes'");
        assertThat(audit()).isZero();
        assertThat(metdc.out())
                .contains("complete but for 1 being refilled\n")
                .endsWith("looks" + " at the numbers of the stored trades too.\n");
    }

    @Test
    void what_was_refilled_or_never_public_leaves_a_market_complete() throws Exception {
        hole(BTC, "missing_ids", "10:00:00", "10:00:01", "5", 5, "refilled", "now()");
        hole(BTC, "missing_ids", "10:00:00", "10:00:01", "5", 3, "never_public", "now()");
        assertThat(audit("--exchange", "binance")).isZero();
        assertThat(metdc.out()).contains("binance spot       2      2         1       1       0       0     0");
        assertThat(metdc.out()).contains("complete\n").doesNotContain("bybit", "complete but");
    }

    @Test
    void what_is_beyond_reach_is_said_and_counted_by_instrument_and_is_explained() throws Exception {
        hole(BYBIT, "disconnect", "10:00:00", "10:00:01", "NULL", 0, "beyond_reach", "now()");
        hole(BYBIT, "disconnect", "11:00:00", "11:00:01", "9", 2, "beyond_reach", "now()");
        hole(ETH, "outage", "12:00:00", "12:00:01", "3", 0, "outage", "now()");
        assertThat(audit()).isZero();
        assertThat(metdc.out()).contains("complete but for 2 beyond reach\n", "complete but for 1 beyond reach\n", """
                        Beyond reach: the exchange does not tell of these trades any more
                          bybit futures  BTCUSDT  2 holes, at least 7 trades, 2025-01-15 10:00:00 to 11:00:01

                        Given up: the exchange gave no answer for a day
                          binance spot  ETHUSDT  1 hole, 3 trades, 2025-01-15 12:00:00 to 12:00:01
                        """);
    }

    @Test
    void sums_that_do_not_meet_are_unexplained_by_instrument_and_day() throws Exception {
        execute("UPDATE trade_counts SET stored = stored - 3 WHERE instrument_id = " + BTC);
        counts(BTC, "11:00", 10, 11, 0); // and one that was stored and never received
        assertThat(audit()).isEqualTo(ExitCode.FOUND);
        assertThat(metdc.out())
                .contains(
                        "  binance spot  BTCUSDT  2025-01-15  2 hours from 10:00:00 whose sums do not meet, by +2 rows\n")
                .endsWith("\n2 unexplained.\n");
    }

    @Test
    void in_the_hour_that_is_being_written_more_may_be_stored_than_received_but_not_less() throws Exception {
        execute("UPDATE connections SET ended_at = NULL, cause = NULL, seen_at = now() WHERE exchange = 'bybit'");
        counts(BYBIT, "13:00", 100, 105, 0);
        assertThat(audit()).isZero();
        execute("UPDATE trade_counts SET stored = 95 WHERE hour = '" + DAY + "T13:00Z'");
        assertThat(audit()).isEqualTo(ExitCode.FOUND);
        execute("UPDATE trade_counts SET stored = 105 WHERE hour = '" + DAY + "T13:00Z'");
        counts(BYBIT, "14:00", 1, 1, 0); // by now it is over
        assertThat(audit()).isEqualTo(ExitCode.FOUND);
    }

    @Test
    void where_connections_are_the_evidence_a_break_must_be_in_the_ledger() throws Exception {
        execute("UPDATE connections SET ended_at = '" + DAY + "T12:00Z' WHERE exchange = 'bybit'");
        connected("bybit", "futures", "12:00:02.5", "23:59:59.5", "{3}");
        assertThat(audit()).isEqualTo(ExitCode.FOUND);
        assertThat(metdc.out())
                .contains("  bybit futures  BTCUSDT  2025-01-15  1 break of connection not in the ledger, from"
                        + " 12:00:00 to 12:00:02: 2.500 s\n");
        hole(BYBIT, "disconnect", "11:59:58", "12:00:02.4", "NULL", 0, "beyond_reach", "now()");
        assertThat(audit()).isZero();
        execute("UPDATE connections SET ended_at = '" + DAY + "T12:00Z' WHERE exchange = 'binance'");
        connected("binance", "spot", "12:01", "23:59:59.5", "{1,2}"); // numbers tell what is missing
        assertThat(audit()).isZero();
    }

    @Test
    void an_instrument_that_its_connection_gave_up_for_others_was_not_lost() throws Exception {
        execute("UPDATE connections SET ended_at = '" + DAY
                + "T12:00Z', cause = 'resubscribed' WHERE exchange = 'bybit'");
        connected("bybit", "futures", "12:30", "23:59:59.5", "{3}");
        assertThat(audit()).isZero();
    }

    @Test
    void a_deep_audit_finds_numbers_that_are_nowhere_and_only_those() throws Exception {
        trades(BTC, "10:59:00", 100, 200); // over the hour's end
        execute("DELETE FROM trades WHERE sequence IN (110, 120, 121, 130, 140, 141, 142, 159, 160, 161)");
        execute("INSERT INTO consumed_ids VALUES (110, '" + DAY + "T10:59:10Z', " + BTC + ", 'NA')," + " (141, '" + DAY
                + "T10:59:41Z', " + BTC + ", 'ADL')");
        holeOfIds(BTC, 120, 121, "never_public");
        holeOfIds(BTC, 130, 130, "refilled"); // which is not true
        holeOfIds(BTC, 140, 140, null);
        execute("UPDATE holes SET opened_at = now()"); // no alarm of their own
        assertThat(audit()).isZero();
        assertThat(audit("--deep")).isEqualTo(ExitCode.FOUND);
        assertThat(metdc.out())
                .contains(
                        "  binance spot  BTCUSDT  2025-01-15  5 numbers neither stored nor consumed nor in the ledger: 130,"
                                + " 142, 159–161\n")
                .endsWith("""
                        93 numbers of stored trades and consumed ids looked at, to 2025-01-16 00:00:00 UTC.
                        3 unexplained.
                        """);
    }

    @Test
    void numbers_that_come_out_of_order_at_an_hours_end_or_after_hours_of_rest_are_no_break() throws Exception {
        trades(BTC, "10:59:58", 1, 4); // 1 and 2 before the hour's end, 3 and 4 after it
        execute("UPDATE trades SET executed_at = '" + DAY + "T10:59:59.999Z' WHERE sequence = 3");
        execute("UPDATE trades SET executed_at = '" + DAY + "T11:00:00.001Z' WHERE sequence = 2");
        trades(BTC, "13:30:00", 5, 6);
        trades(ETH, "12:00:00", 5_000, 5_010);
        trades(ETH, "13:00:00", 1, 10); // the exchange counts anew
        assertThat(audit("--deep")).isZero();
        execute("DELETE FROM trades WHERE sequence = 4");
        assertThat(audit("--deep")).isEqualTo(ExitCode.FOUND);
        assertThat(metdc.out()).contains("1 number neither stored nor consumed nor in the ledger: 4\n");
    }

    @Test
    void hours_that_were_dropped_for_their_age_prove_nothing_and_are_said() throws Exception {
        trades(BTC, "10:00:00", 1, 10);
        trades(BTC, "13:00:00", 900, 910);
        execute("ALTER TABLE trades_2025011511 RENAME TO gone");
        try {
            counts(BTC, "11:00", 889, 889, 0);
            assertThat(audit("--deep")).isZero();
            assertThat(metdc.out()).contains("to 2025-01-16 00:00:00 UTC; 1 hour of it stored no more.\n");
        } finally {
            execute("ALTER TABLE gone RENAME TO trades_2025011511");
        }
        assertThat(audit("--deep")).isEqualTo(ExitCode.FOUND);
    }

    @Test
    void a_stretch_begins_with_its_hour_and_what_lies_outside_is_left_out() throws Exception {
        assertThat(metdc.run("audit", "--from", DAY + "T11:20", "--to", DAY + " 20:40+09:00"))
                .isZero();
        assertThat(metdc.out()).startsWith("Completeness from 2025-01-15 11:00 to 2025-01-15 12:00 UTC\n");
        assertThat(metdc.out()).containsPattern("\n  binance spot +200 +195 +0 +5 +0 +0\n");
        assertThat(metdc.run("audit", "--from", DAY + "T11:20", "--to", DAY + "T10:10+00:00"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(metdc.err()).contains("--from 2025-01-15T11:20:00Z is not before --to 2025-01-15T10:10:00Z");
    }

    @Test
    void as_json_all_numbers_are_whole_and_what_is_not_fine_is_there_by_instrument() throws Exception {
        hole(BTC, "missing_ids", "10:00:00", "10:00:01", "5", 2, null, "'" + DAY + "T10:00:02Z'");
        hole(BTC, "missing_ids", "11:00:00", "11:00:01", "5", 2, "beyond_reach", "now()");
        assertThat(audit("--json", "--deep")).isEqualTo(ExitCode.FOUND);
        JsonNode json = new ObjectMapper().readTree(metdc.out());
        assertThat(json.path("from").asText()).isEqualTo("2025-01-15T00:00:00Z");
        assertThat(json.path("explained").asBoolean(true)).isFalse();
        assertThat(json.path("collecting").asText()).isEqualTo("ended");
        assertThat(json.path("numbers").path("looked_at").asLong(-1)).isZero();
        JsonNode bybit = json.path("markets").get(1);
        assertThat(bybit.path("evidence").asText()).isEqualTo("connection");
        assertThat(bybit.path("received").asLong()).isEqualTo(1_234_567);
        assertThat(bybit.path("connected_seconds").asDouble()).isEqualTo(86_399.5);
        assertThat(bybit.path("expected_seconds").asDouble()).isEqualTo(86_399.5);
        assertThat(json.path("totals").path("missing").asLong()).isEqualTo(3);
        assertThat(json.path("totals").path("unexplained").asLong()).isEqualTo(1);
        assertThat(json.path("instruments")).hasSize(1);
        assertThat(json.path("instruments").get(0).path("findings").toString())
                .isEqualTo(
                        "[{\"kind\":\"open_holes\",\"day\":\"2025-01-15\",\"count\":1,\"trades\":3,\"at_least\":false,"
                                + "\"from\":\"2025-01-15T10:00:00Z\",\"to\":\"2025-01-15T10:00:01Z\",\"detail\":\"missing_ids\"},"
                                + "{\"kind\":\"beyond_reach\",\"day\":\"2025-01-15\",\"count\":1,\"trades\":3,\"at_least\":false,"
                                + "\"from\":\"2025-01-15T11:00:00Z\",\"to\":\"2025-01-15T11:00:01Z\",\"detail\":\"missing_ids\"}]");
    }

    @Test
    void however_much_there_is_no_line_is_wider_than_120_columns_and_lists_end() throws Exception {
        execute("INSERT INTO instruments (first_seen_at, last_seen_at, exchange, market, symbol, base, quote, settle)"
                + " SELECT now(), now(), 'kucoin', 'futures', 'ALONGSYMBOLOFTHIRTYCHARS' || n, 'A', 'USDT', 'USDT'"
                + " FROM generate_series(100, 199) n");
        execute(
                "INSERT INTO holes (instrument_id, cause, from_time, to_time, expected, found, outcome, opened_at, closed_at)"
                        + " SELECT i.id, 'missing_ids', '" + DAY + "T10:00Z', '" + DAY + "T11:00Z', 1234567, 0, o, '"
                        + DAY
                        + "T10:00Z', CASE WHEN o IS NOT NULL THEN now() END FROM instruments i, unnest(ARRAY['refilled',"
                        + " 'never_public', 'beyond_reach', 'outage', NULL]) o, generate_series(1, 10)"
                        + " WHERE exchange = 'kucoin'");
        execute("UPDATE trade_counts SET received = 999999999999, stored = 888888888888");
        assertThat(audit("--deep")).isEqualTo(ExitCode.FOUND);
        assertThat(metdc.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(120));
        assertThat(metdc.out())
                .contains("  and 83 more: --json has all of them", "  and 90 more instruments: --json has all of them");
    }

    @Test
    void a_database_without_anything_says_so() throws Exception {
        execute("TRUNCATE instruments, trade_counts, rejected_counts, holes, connections CASCADE");
        assertThat(audit()).isZero();
        assertThat(metdc.out())
                .contains("No connection to an exchange was ever entered into this database.\n\nNothing was collected");
    }

    @Test
    void what_a_crash_left_is_said() throws Exception {
        execute("UPDATE connections SET ended_at = NULL, cause = NULL WHERE exchange = 'bybit'");
        assertThat(audit()).isZero();
        assertThat(metdc.lines().get(1))
                .isEqualTo(
                        "metdc was last seen at 2025-01-15 23:59:59 UTC: it was killed, or cannot reach the database. Its"
                                + " journal may hold more.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "--from yesterday; --from 'yesterday' is no time such as 2026-11-19",
                "--to 2025-02-30; --to '2025-02-30' is no time",
                "--from 2999-01-01; is still to come",
                "--exchange mtgox; --exchange 'mtgox' is none of binance, bybit, okx, kucoin, gate, phemex, upbit",
                "--symbol NOPE; no instrument 'NOPE' was ever collected",
                "--deeper; has no option --deeper",
                "--database nonsense; storage.url"
            })
    void wrong_use_is_said_with_exit_code_2(String arguments, String said) {
        assertThat(metdc.run(("audit " + arguments).split(" "))).isEqualTo(ExitCode.USAGE);
        assertThat(metdc.err()).contains(said);
        assertThat(metdc.out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--json", "--deep"})
    void a_database_that_cannot_be_reached_is_a_failure(String option) {
        assertThat(metdc.run("audit", option, "--database", "postgresql://metdc:secret@127.0.0.1:1/metdc"))
                .isEqualTo(ExitCode.FAILED);
        assertThat(metdc.err()).contains("cannot be reached").doesNotContain("secret");
    }

    @Test
    void tables_of_an_older_metdc_are_no_riddle() throws Exception {
        execute("ALTER FUNCTION completeness_between RENAME TO another");
        try {
            assertThat(audit()).isEqualTo(ExitCode.FAILED);
            assertThat(metdc.err()).contains("are older than this metdc: metdc run brings them forward");
        } finally {
            execute("ALTER FUNCTION another RENAME TO completeness_between");
        }
    }

    private int audit(String... options) {
        String[] all = {"audit", "--from", DAY, "--to", DAY};
        String[] both = java.util.Arrays.copyOf(all, all.length + options.length);
        System.arraycopy(options, 0, both, all.length, options.length);
        return metdc.run(both);
    }

    private static void counts(int instrument, String hour, long received, long stored, long duplicate)
            throws Exception {
        execute("INSERT INTO trade_counts (instrument_id, hour, received, stored, duplicate) VALUES (" + instrument
                + ", '"
                + DAY + "T" + hour + "Z', " + received + ", " + stored + ", " + duplicate + ")"
                + " ON CONFLICT (instrument_id, hour) DO UPDATE SET received = excluded.received,"
                + " stored = excluded.stored, duplicate = excluded.duplicate");
    }

    private static void connected(String exchange, String market, String from, String to, String instruments)
            throws Exception {
        execute(
                "INSERT INTO connections (exchange, market, name, connected_at, delivering_at, seen_at, ended_at, cause,"
                        + " instrument_ids) SELECT '" + exchange + "', '" + market + "', '" + exchange + "-" + market
                        + "-1', f, f, t, t, 'hard_reset', '" + instruments + "' FROM (SELECT '" + DAY + "T" + from
                        + "Z'::timestamptz AS f, '" + DAY + "T" + to + "Z'::timestamptz AS t) x");
    }

    private static void hole(
            int instrument,
            String cause,
            String from,
            String to,
            String expected,
            long found,
            String outcome,
            String openedAt)
            throws Exception {
        execute(
                "INSERT INTO holes (instrument_id, cause, from_time, to_time, expected, found, outcome, closed_at, opened_at)"
                        + " VALUES (" + instrument + ", '" + cause + "', '" + DAY + "T" + from + "Z', '" + DAY + "T"
                        + to + "Z', "
                        + expected + ", " + found + ", " + (outcome == null ? "NULL, NULL" : "'" + outcome + "', now()")
                        + ", "
                        + openedAt + ")");
    }

    private static void holeOfIds(int instrument, long from, long to, String outcome) throws Exception {
        execute(
                "INSERT INTO holes (instrument_id, cause, from_id, to_id, from_time, to_time, expected, outcome, closed_at,"
                        + " opened_at) VALUES (" + instrument + ", 'missing_ids', " + from + ", " + to + ", '" + DAY
                        + "T10:59Z', '"
                        + DAY + "T11:00Z', " + (to - from + 1) + ", "
                        + (outcome == null ? "NULL, NULL" : "'" + outcome + "', now()") + ", now())");
    }

    /// One a second.
    private static void trades(int instrument, String at, long first, long last) throws Exception {
        for (long id : LongStream.rangeClosed(first, last).toArray()) {
            execute("INSERT INTO trades (executed_at, received_at, id_number, sequence, instrument_id, executed_ns,"
                    + " taker_side, origin, flags, price, size, id_text) VALUES ('" + DAY + "T" + at
                    + "Z'::timestamptz + interval '1 second' * " + (id - first) + ", now(), " + id + ", " + id + ", "
                    + instrument + ", 0, 1, 0, 0, 1, 1, '')");
        }
    }

    private static void execute(String sql) throws Exception {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}

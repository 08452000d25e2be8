package io.metdc.storage;

import static io.metdc.storage.Trades.BTC;
import static io.metdc.storage.Trades.CLOCK;
import static io.metdc.storage.Trades.ETH;
import static io.metdc.storage.Trades.NANOS;
import static io.metdc.storage.Trades.NOW;
import static io.metdc.storage.Trades.SWAP;
import static io.metdc.storage.Trades.journal;
import static io.metdc.storage.Trades.received;
import static io.metdc.storage.Trades.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.metdc.market.Consumed;
import io.metdc.market.Flag;
import io.metdc.market.HoleOutcome;
import io.metdc.market.Instrument;
import io.metdc.market.Origin;
import io.metdc.market.Plausibility;
import io.metdc.market.RejectReason;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import io.metdc.market.TradeId;
import io.metdc.storage.journal.Entry;
import io.metdc.storage.journal.Journal;
import io.metdc.storage.journal.JournalSettings;
import io.metdc.storage.journal.JournalState;
import io.metdc.storage.journal.JournalTail;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(TestServer.class)
class WriterTest {
    private static final WriterPace QUICK = new WriterPace(
            1_000,
            20_000,
            Duration.ofMillis(20),
            Duration.ofMillis(20),
            Duration.ofMillis(100),
            Duration.ofMillis(50),
            Duration.ofSeconds(20));
    private static final Duration LONG = Duration.ofSeconds(30);

    @Parameter
    TestServer server;

    @TempDir
    Path folder;

    private TestServer.Fresh fresh;
    private Database database;
    private final MemoryTail tail = new MemoryTail();

    @BeforeEach
    void open() throws Exception {
        server.require();
        fresh = server.fresh(folder);
        database = Database.open(fresh.settings(), "test");
    }

    @AfterEach
    void close() throws Exception {
        if (database != null) {
            database.close();
            fresh.close();
        }
    }

    @Test
    void decimals_come_back_digit_for_digit() throws Exception {
        List<BigDecimal> numbers = new ArrayList<>(List.of(
                new BigDecimal("12345678901234567890"),
                new BigDecimal("12345678901234567890.123456789012345678"),
                new BigDecimal("0.000000000001"),
                new BigDecimal("1E-30"),
                new BigDecimal("1E+30"),
                new BigDecimal("12E+3"),
                new BigDecimal("42219.90"),
                new BigDecimal("1.000000000000000000"),
                new BigDecimal("10000"),
                new BigDecimal("9999.9999"),
                new BigDecimal("0.0001"),
                new BigDecimal("999999999999999999"),
                new BigDecimal("99999999.9999999999"),
                new BigDecimal("0.00000000000000001")));
        Random random = new Random(42);
        for (int i = 0; i < 500; i++) {
            numbers.add(new BigDecimal(
                    new BigInteger(1 + random.nextInt(130), random).add(BigInteger.ONE), random.nextInt(31)));
        }
        numbers.removeIf(number -> !Plausibility.isPlausible(number));
        assertThat(numbers).hasSizeGreaterThan(400);
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < numbers.size(); i++) {
            entries.add(new Entry.Traded(new Trade(
                    BTC,
                    TradeId.of(i),
                    numbers.get(i),
                    BigDecimal.ONE,
                    TakerSide.BUY,
                    NANOS,
                    NANOS,
                    i,
                    Origin.STREAM,
                    Set.of())));
        }
        write(entries);
        assertThat(rows("SELECT price FROM trades ORDER BY id_number"))
                .isEqualTo(numbers.stream().map(BigDecimal::toPlainString).toList());
        assertThat(rows("SELECT DISTINCT size FROM trades")).containsExactly("1");
    }

    @Test
    void everything_on_a_trade_comes_back_as_it_was() throws Exception {
        write(
                new Entry.Traded(new Trade(
                        BTC,
                        TradeId.of(0),
                        new BigDecimal("0.0044478"),
                        new BigDecimal("7"),
                        TakerSide.SELL,
                        NANOS + 123_456_789,
                        NANOS + 999_999_999,
                        0,
                        Origin.SNAPSHOT,
                        Set.of(Flag.RPI, Flag.BLOCK))),
                new Entry.Traded(new Trade(
                        SWAP,
                        TradeId.of("c3fa9a1e-1f1c-5d4a-9f0e-0123456789ab"),
                        new BigDecimal("42000.1"),
                        new BigDecimal("250"),
                        TakerSide.BUY,
                        NANOS,
                        NANOS + 1,
                        Trade.NO_SEQUENCE,
                        Origin.REFILL,
                        Set.of(Flag.BLOCK))),
                new Entry.Traded(trade(SWAP, TradeId.of("9223372036854775807"), NANOS + 1_000, "1", "1")),
                new Entry.Traded(trade(SWAP, TradeId.of("007ü"), NANOS + 2_000, "1", "1")));
        assertThat(rows("SELECT exchange, market, symbol, base, executed_at AT TIME ZONE 'UTC', executed_ns,"
                        + " received_at AT TIME ZONE 'UTC', trade_id, price, quantity, contracts, taker_side, origin, flags"
                        + " FROM trade ORDER BY exchange, executed_at"))
                .containsExactly(
                        "binance|spot|BTCUSDT|BTC|2026-11-21 10:30:00.123456|789|2026-11-21 10:30:00.999999|0|0.0044478|7|null|sell|snapshot|{block,rpi}",
                        "okx|futures|BTC-USDT-SWAP|BTC|2026-11-21 10:30:00|0|2026-11-21 10:30:00|c3fa9a1e-1f1c-5d4a-9f0e-0123456789ab|42000.1|2.50|250|buy|refill|{block}",
                        "okx|futures|BTC-USDT-SWAP|BTC|2026-11-21 10:30:00.000001|0|2026-11-21 10:30:00.005001|9223372036854775807|1|0.01|1|buy|stream|{}",
                        "okx|futures|BTC-USDT-SWAP|BTC|2026-11-21 10:30:00.000002|0|2026-11-21 10:30:00.005002|007ü|1|0.01|1|buy|stream|{}");
        assertThat(rows("SELECT coalesce(sequence, -1) FROM trades ORDER BY executed_at, instrument_id"))
                .containsExactlyInAnyOrder("0", "-1", "-1", "-1");
    }

    @Test
    void the_same_trades_from_another_journal_are_counted_as_duplicates() throws Exception {
        List<Entry> entries = journal(1, 3_000, BTC, SWAP);
        write(entries);
        MemoryTail again = new MemoryTail();
        again.append(entries);
        again.append(journal(3_001, 10, BTC));
        try (Writer writer = new Writer(database, again, CLOCK, QUICK, _ -> {})) {
            writer.start();
            assertThat(writer.stop(LONG)).isTrue();
            assertThat(writer.status().duplicate()).isEqualTo(6_000);
            assertThat(writer.status().stored()).isEqualTo(10);
        }
        assertThat(
                        rows(
                                "SELECT symbol, received, stored, duplicate, rejected, unaccounted FROM trade_count ORDER BY 1"))
                .containsExactly("BTC-USDT-SWAP|6000|3000|3000|0|0", "BTCUSDT|6010|3010|3000|0|0");
        assertThat(number("SELECT count(*) FROM trades")).isEqualTo(6_010);
    }

    @Test
    void a_trade_that_is_twice_in_one_batch_is_stored_once() throws Exception {
        write(
                new Entry.Traded(trade(BTC, 1)),
                new Entry.Traded(trade(BTC, 2)),
                new Entry.Traded(trade(BTC, 1)),
                received(BTC, 3));
        assertThat(rows("SELECT received, stored, duplicate, unaccounted FROM market_count"))
                .containsExactly("3|2|1|0");
    }

    @Test
    void a_commit_whose_answer_was_lost_is_neither_lost_nor_doubled() throws Exception {
        try (Proxy proxy = new Proxy(fresh.port());
                Database through = Database.open(fresh.settingsThrough(proxy.port()), "test");
                Writer writer = new Writer(through, tail, CLOCK, QUICK, _ -> {})) {
            tail.append(journal(1, 500, BTC));
            writer.start();
            await().atMost(LONG).until(() -> writer.status().stored() == 500);
            for (int i = 1; i <= 5; i++) {
                int lost = i;
                proxy.swallowAnswersToCommit(1);
                tail.append(journal(1_000L * i, 500, BTC, ETH));
                await().atMost(LONG).until(() -> writer.status().stored() == 500 + 1_000 * lost);
                assertThat(proxy.swallowed()).isEqualTo(i);
            }
            assertThat(writer.stop(LONG)).isTrue();
            assertThat(writer.status().duplicate()).isZero();
        }
        assertThat(rows("SELECT symbol, received, stored, duplicate, unaccounted FROM trade_count ORDER BY 1"))
                .containsExactly("BTCUSDT|3000|3000|0|0", "ETHUSDT|2500|2500|0|0");
        assertThat(number("SELECT count(*) FROM trades")).isEqualTo(5_500);
    }

    @Test
    void connections_that_are_cut_in_mid_stream_cost_nothing_and_are_said_once() throws Exception {
        try (Proxy proxy = new Proxy(fresh.port());
                Database through = Database.open(fresh.settingsThrough(proxy.port()), "test");
                Writer writer = new Writer(through, tail, CLOCK, QUICK, _ -> {});
                Log log = new Log(Writer.class)) {
            writer.start();
            Random random = new Random(7);
            for (int i = 0; i < 40; i++) {
                tail.append(journal(1 + 1_000L * i, 1_000, BTC, ETH));
                long position = tail.newest() / 2;
                if (random.nextInt(3) == 0) {
                    await().pollInterval(Duration.ofMillis(2))
                            .atMost(LONG)
                            .until(() -> writer.status().position() >= position);
                    proxy.cut();
                }
            }
            await().atMost(LONG).until(() -> writer.status().lag() == 0);
            int before = log.lines(Level.WARN).size();
            assertThat(log.lines(Level.INFO)).hasSize(before);

            proxy.refuse(true);
            tail.append(journal(100_001, 5_000, BTC));
            await().atMost(LONG).until(() -> writer.status().state() == WriterStatus.State.WAITING);
            assertThat(writer.status().trouble()).contains("SQLSTATE 08");
            tail.append(journal(110_001, 5_000, BTC));
            proxy.refuse(false);
            await().atMost(LONG).until(() -> writer.status().lag() == 0);
            assertThat(log.lines(Level.WARN)).hasSize(before + 1);
            assertThat(log.lines(Level.INFO)).hasSize(before + 1);
            assertThat(writer.status().trouble()).isNull();
            assertThat(writer.stop(LONG)).isTrue();
        }
        assertThat(rows("SELECT received, stored, duplicate, rejected, unaccounted FROM market_count"))
                .containsExactly("90000|90000|0|0|0");
        assertThat(number("SELECT count(*) FROM trades")).isEqualTo(90_000);
    }

    @Test
    void of_ten_thousand_rows_only_those_that_the_database_refuses_are_missing() throws Exception {
        execute("ALTER TABLE trades ADD CONSTRAINT unlucky CHECK (price <> 13)");
        List<Entry> entries = new ArrayList<>();
        for (int id = 1; id <= 10_000; id++) {
            boolean unlucky = id == 4_711 || id == 9_999;
            entries.add(new Entry.Traded(
                    trade(BTC, TradeId.of(id), NANOS + id * 1_000L, unlucky ? "13" : "42219.90", "1")));
        }
        entries.add(new Entry.Traded(trade(ETH, TradeId.of("a\0b"), NANOS, "1", "1")));
        entries.add(received(BTC, 10_000));
        entries.add(received(ETH, 1));
        write(entries);
        assertThat(number("SELECT count(*) FROM trades")).isEqualTo(9_998);
        assertThat(rows("SELECT id_number FROM generate_series(1, 10000) AS n (id_number)"
                        + " WHERE NOT EXISTS (SELECT FROM trades t WHERE t.id_number = n.id_number) ORDER BY 1"))
                .containsExactly("4711", "9999");
        assertThat(rows("SELECT reason || ' ' || detail FROM rejected_trades ORDER BY detail"))
                .satisfiesExactly(
                        one -> assertThat(one)
                                .startsWith("database SQLSTATE 22")
                                .contains("a\uFFFDb"),
                        one -> assertThat(one)
                                .startsWith("database SQLSTATE 23514")
                                .contains("id 4711, price 13"),
                        one -> assertThat(one)
                                .startsWith("database SQLSTATE 23514")
                                .contains("id 9999, price 13"));
        assertThat(
                        rows(
                                "SELECT symbol, received, stored, duplicate, rejected, unaccounted FROM trade_count ORDER BY 1"))
                .containsExactly("BTCUSDT|10000|9998|0|2|0", "ETHUSDT|1|0|0|1|0");
    }

    @Test
    void an_implausible_trade_asks_for_no_partition() throws Exception {
        write(
                new Entry.Traded(trade(BTC, 1)),
                new Entry.Traded(new Trade(
                        BTC,
                        TradeId.of(2),
                        BigDecimal.ONE,
                        BigDecimal.ONE,
                        TakerSide.BUY,
                        1_000,
                        NANOS,
                        2,
                        Origin.STREAM,
                        Set.of())),
                received(BTC, 2));
        assertThat(rows("SELECT received, stored, duplicate, rejected, unaccounted FROM market_count"))
                .containsExactly("2|1|0|1|0");
        assertThat(rows("SELECT reason FROM rejected_trades")).containsExactly("implausible_time");
        assertThat(hours()).hasSize(1);
    }

    @Test
    void what_the_journal_counted_reaches_sql_with_its_rows() throws Exception {
        write(
                new Entry.Traded(trade(BTC, 1)),
                new Entry.Counted(
                        BTC,
                        NOW.getEpochSecond(),
                        6,
                        2,
                        1,
                        4,
                        Map.of(RejectReason.MALFORMED, 1L, RejectReason.OVERFLOW, 2L)),
                new Entry.RejectedRow(BTC, RejectReason.MALFORMED, NANOS, "no price\0"),
                new Entry.Counted(
                        Instrument.unknown(Trades.SPOT),
                        NOW.getEpochSecond() + 3_600,
                        1,
                        0,
                        0,
                        0,
                        Map.of(RejectReason.UNKNOWN_INSTRUMENT, 1L)));
        assertThat(rows(
                        "SELECT symbol, hour AT TIME ZONE 'UTC', received, stored, duplicate, rejected, consumed, unaccounted"
                                + " FROM trade_count ORDER BY hour"))
                .containsExactly("BTCUSDT|2026-11-21 10:00:00|6|1|2|3|4|0", "?|2026-11-21 11:00:00|1|0|0|1|0|0");
        assertThat(rows("SELECT reason, rejected FROM rejected_counts ORDER BY reason"))
                .containsExactly("malformed|1", "overflow|2", "unknown_instrument|1");
        assertThat(rows("SELECT symbol, rejected, unknown, late FROM trade_count ORDER BY hour"))
                .containsExactly("BTCUSDT|3|0|1", "?|1|1|0");
        assertThat(rows("SELECT rejected, unknown, late FROM market_count")).containsExactly("4|1|1");
        assertThat(rows("SELECT reason, detail FROM rejected_trades")).containsExactly("malformed|no price\uFFFD");
    }

    @Test
    void an_hour_names_the_first_and_last_number_of_what_it_brought_in_whatever_order_that_came() throws Exception {
        String ends = "SELECT symbol, hour AT TIME ZONE 'UTC', first_id, first_executed_at AT TIME ZONE 'UTC', last_id,"
                + " last_executed_at AT TIME ZONE 'UTC' FROM trade_count ORDER BY symbol, hour";
        write(new Entry.Traded(trade(BTC, 10)), new Entry.Traded(trade(BTC, 9)), received(BTC, 2));
        assertThat(rows(ends))
                .containsExactly(
                        "BTCUSDT|2026-11-21 10:00:00|9|2026-11-21 10:30:00.000009|10|2026-11-21 10:30:00.00001");
        write(
                new Entry.Traded(trade(BTC, 7)),
                new Entry.Traded(trade(BTC, TradeId.of(101), NANOS + 10_500, "1", "1")), // in the microsecond of 10
                new Entry.Traded(trade(BTC, TradeId.of(99), NANOS + 10_700, "1", "1")));
        write(new Entry.Traded(trade(BTC, 8)), new Entry.Traded(trade(BTC, 10)), received(BTC, 1));
        assertThat(rows(ends))
                .containsExactly(
                        "BTCUSDT|2026-11-21 10:00:00|7|2026-11-21 10:30:00.000007|101|2026-11-21 10:30:00.00001");
    }

    @Test
    void where_there_are_no_numbers_an_hour_names_ids_and_one_without_trades_names_none() throws Exception {
        write(
                new Entry.Traded(trade(SWAP, TradeId.of("b-2"), NANOS, "1", "1")),
                new Entry.Traded(trade(SWAP, TradeId.of("a-1"), NANOS + 3_000, "1", "1")),
                new Entry.Traded(trade(SWAP, TradeId.of("b-1"), NANOS, "1", "1")),
                new Entry.Counted(ETH, NOW.getEpochSecond(), 3, 3, 0, 0, Map.of()));
        assertThat(rows("SELECT symbol, first_id, last_id FROM trade_count ORDER BY 1"))
                .containsExactly("BTC-USDT-SWAP|b-1|a-1", "ETHUSDT|null|null");
    }

    @Test
    void a_consumed_number_is_stored_once_with_what_the_exchange_says_of_it() throws Exception {
        Entry gone = new Entry.ConsumedId(new Consumed(BTC, 11, NANOS + 1_000, NANOS, "INSURANCE_FUND"));
        write(gone, new Entry.ConsumedId(new Consumed(BTC, Trade.NO_SEQUENCE, NANOS, NANOS, "NA")));
        write(gone, new Entry.ConsumedId(new Consumed(ETH, 11, NANOS, NANOS, "ADL\0")));
        assertThat(rows("SELECT symbol, sequence, executed_at AT TIME ZONE 'UTC', reason FROM consumed_ids c"
                        + " JOIN instruments i ON i.id = c.instrument_id ORDER BY 1"))
                .containsExactly(
                        "BTCUSDT|11|2026-11-21 10:30:00.000001|INSURANCE_FUND",
                        "ETHUSDT|11|2026-11-21 10:30:00|ADL\uFFFD");
    }

    @Test
    void a_hole_closes_when_all_that_it_lacked_has_come() throws Exception {
        write(
                new Entry.HoleOpened(BTC, "missing_ids", 10, 12, NANOS, NANOS + 1_000_000, 3, NANOS),
                new Entry.HoleOpened(BTC, "missing_ids", 20, 20, 0, 0, 1, NANOS),
                new Entry.HoleOpened(ETH, "disconnect", -1, -1, NANOS, 0, -1, NANOS),
                new Entry.HoleFound(BTC, 10, NANOS + 1_000),
                new Entry.HoleFound(BTC, 12, NANOS + 2_000));
        write(
                new Entry.HoleFound(ETH, 11, NANOS),
                new Entry.HoleFound(BTC, 20, NANOS + 5_000),
                new Entry.HoleFound(BTC, 99, NANOS));
        String holes = "SELECT symbol, cause, from_id, to_id, from_time AT TIME ZONE 'UTC', to_time AT TIME ZONE 'UTC',"
                + " expected, found, outcome, closed_at AT TIME ZONE 'UTC' FROM hole ORDER BY symbol, from_id";
        assertThat(rows(holes))
                .containsExactly(
                        "BTCUSDT|missing_ids|10|12|2026-11-21 10:30:00|2026-11-21 10:30:00.001|3|2|null|null",
                        "BTCUSDT|missing_ids|20|20|null|null|1|1|refilled|2026-11-21 10:30:00.000005",
                        "ETHUSDT|disconnect|null|null|2026-11-21 10:30:00|null|null|0|null|null");
        write(new Entry.HoleFound(BTC, 11, NANOS + 9_000));
        assertThat(rows(holes).getFirst())
                .isEqualTo(
                        "BTCUSDT|missing_ids|10|12|2026-11-21 10:30:00|2026-11-21 10:30:00.001|3|3|refilled|2026-11-21 10:30:00.000009");
    }

    @Test
    void what_became_of_a_hole_is_entered_once_and_for_no_other() throws Exception {
        write(
                new Entry.HoleOpened(BTC, "missing_ids", 10, 12, NANOS, 0, 3, NANOS),
                new Entry.HoleOpened(BTC, "missing_ids", 20, 21, NANOS, 0, 2, NANOS),
                new Entry.HoleOpened(ETH, "disconnect", -1, -1, NANOS, 0, -1, NANOS),
                new Entry.HoleOpened(ETH, "disconnect", -1, -1, NANOS, 0, -1, NANOS + 5_000),
                new Entry.HoleClosed(BTC, NANOS, 20, 21, HoleOutcome.BEYOND_REACH, 1, NANOS + 1_000),
                new Entry.HoleClosed(ETH, NANOS + 5_000, -1, -1, HoleOutcome.REFILLED, 7, NANOS + 2_000));
        write(
                new Entry.HoleClosed(BTC, NANOS, 20, 21, HoleOutcome.REFILLED, 2, NANOS + 9_000),
                new Entry.HoleFound(BTC, 20, NANOS + 9_000));
        assertThat(
                        rows(
                                "SELECT symbol, from_id, found, outcome, closed_at AT TIME ZONE 'UTC' FROM hole ORDER BY symbol, from_id, opened_at"))
                .containsExactly(
                        "BTCUSDT|10|0|null|null",
                        "BTCUSDT|20|1|beyond_reach|2026-11-21 10:30:00.000001",
                        "ETHUSDT|null|0|null|null",
                        "ETHUSDT|null|7|refilled|2026-11-21 10:30:00.000002");
    }

    @Test
    void a_changed_contract_size_counts_from_its_first_trade_on() throws Exception {
        Instrument changed = new Instrument(
                SWAP.market(), SWAP.symbol(), "BTC", "USDT", "USDT", new BigDecimal("0.1"), BigDecimal.ONE);
        write(new Entry.Traded(trade(SWAP, TradeId.of(1), NANOS, "1", "7")));
        write(new Entry.Traded(trade(changed, TradeId.of(2), NANOS + 1_000_000_000L, "1", "7")));
        write(new Entry.Traded(trade(SWAP, TradeId.of(3), NANOS + 1_000, "1", "7"))); // a refill of before
        assertThat(rows("SELECT trade_id, quantity, contracts FROM trade ORDER BY trade_id"))
                .containsExactly("1|0.07|7", "2|0.7|7", "3|0.07|7");
        assertThat(number("SELECT count(*) FROM instruments")).isEqualTo(1);
        database.register(List.of(SWAP), NOW.plusSeconds(60));
        database.register(List.of(SWAP, BTC), NOW.plusSeconds(90));
        assertThat(
                        rows(
                                "SELECT contract_size, valid_from = '-infinity', valid_to = 'infinity' FROM instrument_terms k"
                                        + " JOIN instruments i ON i.id = instrument_id WHERE symbol = 'BTC-USDT-SWAP' ORDER BY valid_from"))
                .containsExactly("0.01|t|f", "0.1|f|f", "0.01|f|t");
        assertThat(rows("SELECT symbol, last_seen_at AT TIME ZONE 'UTC' FROM instruments ORDER BY symbol"))
                .containsExactly("BTC-USDT-SWAP|2026-11-21 10:31:30", "BTCUSDT|2026-11-21 10:31:30");
    }

    @Test
    void a_writer_goes_on_where_the_last_one_stopped() throws Exception {
        write(journal(1, 100, BTC));
        assertThat(tail.lastCommitted()).isEqualTo(tail.newest());
        MemoryTail longer = new MemoryTail(tail.journal());
        longer.append(journal(1, 100, BTC));
        longer.append(journal(101, 50, BTC));
        try (Writer writer = new Writer(database, longer, CLOCK, QUICK, _ -> {})) {
            writer.start();
            assertThat(writer.stop(LONG)).isTrue();
            assertThat(writer.status().stored()).isEqualTo(50);
        }
        assertThat(rows("SELECT received, stored, duplicate, unaccounted FROM market_count"))
                .containsExactly("150|150|0|0");
    }

    @Test
    void a_position_that_somebody_else_moved_is_followed() throws Exception {
        try (Writer writer = new Writer(database, tail, CLOCK, QUICK, _ -> {});
                Log log = new Log(Writer.class)) {
            tail.append(journal(1, 99, BTC));
            writer.start();
            await().atMost(LONG).until(() -> writer.status().position() == 1_000);
            execute("UPDATE journal_positions SET position = 0"); // as in a copy of the database from before
            tail.append(journal(100, 99, BTC));
            await().atMost(LONG).until(() -> writer.status().position() == 2_000);
            assertThat(log.lines(Level.ERROR)).hasSize(1);
            assertThat(writer.status().duplicate()).isEqualTo(99);
        }
        assertThat(number("SELECT count(*) FROM trades")).isEqualTo(198);
    }

    @Test
    void a_permission_that_was_taken_away_and_given_back_costs_no_trade() throws Exception {
        try (Writer writer = new Writer(database, tail, CLOCK, QUICK, _ -> {});
                Log log = new Log(Writer.class)) {
            writer.start();
            tail.append(journal(1, 50, BTC));
            await().atMost(LONG).until(() -> writer.status().stored() == 50);
            String owner = fresh.address().user();
            org.junit.jupiter.api.Assumptions.assumeFalse(
                    owner.equals(fresh.superuser().user()), "a superuser may do everything");
            execute("REVOKE INSERT, UPDATE ON trade_counts FROM " + owner);
            tail.append(journal(51, 50, BTC));
            await().atMost(LONG).until(() -> writer.status().state() == WriterStatus.State.BLOCKED);
            assertThat(writer.status().trouble()).contains("42501");
            assertThat(number("SELECT count(*) FROM trades")).isEqualTo(50);
            execute("GRANT INSERT, UPDATE ON trade_counts TO " + owner);
            assertThat(writer.stop(LONG)).isTrue();
            assertThat(log.lines(Level.ERROR)).hasSize(1);
        }
        assertThat(rows("SELECT received, stored, duplicate, unaccounted FROM market_count"))
                .containsExactly("100|100|0|0");
    }

    @Test
    void a_missing_table_is_said_once_and_waited_for() throws Exception {
        try (Writer writer = new Writer(database, tail, CLOCK, QUICK, _ -> {});
                Log log = new Log(Writer.class)) {
            writer.start();
            execute("ALTER TABLE rejected_counts RENAME TO mislaid");
            tail.append(new Entry.Counted(BTC, NOW.getEpochSecond(), 1, 0, 0, 0, Map.of(RejectReason.MALFORMED, 1L)));
            await().atMost(LONG).until(() -> writer.status().state() == WriterStatus.State.BLOCKED);
            assertThat(writer.status().trouble()).contains("SQLSTATE 42P01");
            await().during(Duration.ofMillis(300))
                    .atMost(LONG)
                    .until(() -> log.lines(Level.ERROR).size() == 1);
            execute("ALTER TABLE mislaid RENAME TO rejected_counts");
            await().atMost(LONG).until(() -> writer.status().state() == WriterStatus.State.WRITING);
            assertThat(writer.stop(LONG)).isTrue();
        }
        assertThat(rows("SELECT received, rejected, unaccounted FROM market_count"))
                .containsExactly("1|1|0");
    }

    @Test
    void a_statement_that_is_stuck_is_given_up_and_tried_again() throws Exception {
        WriterPace pace = new WriterPace(
                1, 100, Duration.ZERO, Duration.ofMillis(20), Duration.ofMillis(50), LONG, Duration.ofMillis(500));
        write(journal(1, 5, BTC));
        try (Writer writer = new Writer(database, tail, CLOCK, pace, _ -> {});
                Connection other = fresh.connect();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("LOCK TABLE trades IN ACCESS EXCLUSIVE MODE");
            tail.append(journal(10, 5, BTC));
            writer.start();
            await().atMost(LONG).until(() -> writer.status().state() == WriterStatus.State.WAITING);
            assertThat(writer.status().trouble()).containsPattern("SQLSTATE (57014|55P03)");
            other.rollback();
            assertThat(writer.stop(LONG)).isTrue();
        }
        assertThat(number("SELECT count(*) FROM trades")).isEqualTo(10);
    }

    @Test
    void stopping_without_a_database_ends_in_time_and_says_that_something_is_left() throws Exception {
        try (Proxy proxy = new Proxy(fresh.port());
                Database through = Database.open(fresh.settingsThrough(proxy.port()), "test");
                Writer writer = new Writer(through, tail, CLOCK, QUICK, _ -> {})) {
            proxy.refuse(true);
            tail.append(journal(1, 5, BTC));
            writer.start();
            await().atMost(LONG).until(() -> writer.status().state() == WriterStatus.State.WAITING);
            assertThat(writer.stop(Duration.ofMillis(300))).isFalse();
            assertThat(writer.status().state()).isEqualTo(WriterStatus.State.STOPPED);
        }
    }

    @Test
    void the_journal_on_disk_is_emptied_while_it_is_written() throws Exception {
        try (Journal journal =
                        Journal.open(folder.resolve("journal"), JournalSettings.defaults(), CLOCK, JournalState.NONE);
                JournalTail disk = journal.tail();
                Writer writer = new Writer(database, disk, CLOCK, QUICK, _ -> {})) {
            writer.start();
            for (Entry entry : journal(1, 20_000, BTC, SWAP)) {
                while (!journal.append(entry)) {
                    Thread.onSpinWait();
                }
                journal.writeOutIfDue(System.nanoTime());
            }
            assertThat(journal.force()).isTrue();
            assertThat(writer.stop(LONG)).isTrue();
            assertThat(writer.status().position()).isEqualTo(journal.written());
        }
        assertThat(
                        rows(
                                "SELECT received, stored, duplicate, rejected, unaccounted FROM market_count ORDER BY exchange"))
                .containsExactly("20000|20000|0|0|0", "20000|20000|0|0|0");
    }

    @Test
    void every_commit_is_heard_with_the_age_of_its_oldest_trade() throws Exception {
        List<Commit> commits = new ArrayList<>();
        tail.append(journal(1, 5, BTC, ETH));
        try (Writer writer = new Writer(database, tail, CLOCK, QUICK, commits::add)) {
            writer.start();
            assertThat(writer.stop(LONG)).isTrue();
        }
        assertThat(commits).hasSize(1);
        assertThat(commits.getFirst().stored()).isEqualTo(10);
        assertThat(commits.getFirst().at()).isEqualTo(NOW);
        assertThat(commits.getFirst().oldestReceivedAt()).isEqualTo(NOW.plusNanos(5_001_000));
    }

    @Test
    void a_new_journal_is_read_from_its_beginning_and_each_has_its_own_position() throws Exception {
        write(journal(1, 10, BTC));
        MemoryTail other = new MemoryTail(UUID.randomUUID());
        other.append(journal(11, 10, BTC));
        try (Writer writer = new Writer(database, other, CLOCK, QUICK, _ -> {})) {
            writer.start();
            assertThat(writer.stop(LONG)).isTrue();
        }
        assertThat(rows("SELECT position FROM journal_positions")).containsExactly("110", "110");
        assertThat(number("SELECT count(*) FROM trades")).isEqualTo(20);
    }

    private void write(Entry... entries) throws Exception {
        write(List.of(entries));
    }

    private void write(List<Entry> entries) throws Exception {
        tail.append(entries);
        try (Writer writer = new Writer(database, tail, CLOCK, QUICK, _ -> {})) {
            writer.start();
            assertThat(writer.stop(LONG)).isTrue();
        }
    }

    private List<TradeTable.Stored> hours() throws SQLException {
        try (Connection connection = database.dataSource().getConnection()) {
            return database.table().stored(connection);
        }
    }

    private void execute(String sql) throws Exception {
        try (Connection connection = fresh.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private List<String> rows(String query) throws Exception {
        try (Connection connection = fresh.connect()) {
            return Sql.rows(connection, query);
        }
    }

    private long number(String query) throws Exception {
        try (Connection connection = fresh.connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }
}

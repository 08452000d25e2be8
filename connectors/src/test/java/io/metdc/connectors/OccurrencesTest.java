package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Origin;
import io.metdc.market.RejectReason;
import io.metdc.market.Rejected;
import io.metdc.market.Row;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Rows are written `time price`, and the id that is expected of one as `time price number`: at one time, two rows of
/// one price are alike in everything.
class OccurrencesTest {
    private static final Market MARKET = new Market(Exchange.PHEMEX, MarketType.FUTURES);
    private static final Instrument SOL = Instrument.of(MARKET, "SOLUSDT", "SOL", "USDT");
    private static final Instrument APT = Instrument.of(MARKET, "APTUSDT", "APT", "USDT");
    private static final long T = 1_795_012_346_000_000_000L;
    private static final long SECOND = 1_000_000_000L;

    private final Occurrences connection = Occurrences.ofConnection();

    // ---- the id

    @Test
    void an_id_is_made_of_all_that_tells_a_trade_from_another() {
        assertThat(id(TakerSide.BUY, "2.10450000", "100.00")).isEqualTo("1795012346100000001-b-2.1045-100-0");
        assertThat(id(TakerSide.SELL, "1E-7", "25")).isEqualTo("1795012346100000001-s-0.0000001-25-0");
    }

    private static String id(TakerSide side, String price, String size) {
        long nanos = 1_795_012_346_100_000_001L;
        Trade trade = trade(nanos, side, new BigDecimal(price), new BigDecimal(size));
        return ((Trade) Occurrences.ofDecoding()
                        .take(message(SOL, false, 9, trade))
                        .getFirst())
                .id()
                .toString();
    }

    @Test
    void numbers_written_in_two_ways_are_alike() {
        List<Row> rows = Occurrences.ofDecoding()
                .take(message(
                        SOL,
                        false,
                        9,
                        trade(T, TakerSide.BUY, new BigDecimal("25.00"), new BigDecimal("1E+3")),
                        trade(T, TakerSide.BUY, new BigDecimal("25"), new BigDecimal("1000.0")),
                        trade(T, TakerSide.BUY, new BigDecimal("2.5"), new BigDecimal("1000"))));

        assertThat(rows.stream().map(row -> ((Trade) row).id().toString()))
                .containsExactly(T + "-b-25-1000-0", T + "-b-25-1000-1", T + "-b-2.5-1000-0");
    }

    @Test
    void a_row_keeps_all_but_its_id() {
        Trade trade = row(SOL, T + 1, 7);

        assertThat(Occurrences.ofDecoding().take(message(SOL, false, 9, trade)))
                .containsExactly(new Trade(
                        SOL,
                        io.metdc.market.TradeId.of((T + 1) + "-b-8-10-0"),
                        trade.price(),
                        trade.size(),
                        trade.takerSide(),
                        trade.executedAtNanos(),
                        trade.receivedAtNanos(),
                        trade.sequence(),
                        trade.origin(),
                        trade.flags()));
    }

    // ---- one connection

    @Test
    void a_group_that_is_split_over_two_frames_is_counted_on() {
        take(snapshot(5, "1 a"));

        assertThat(take(incremental(6, "2 a", "2 a"))).containsExactly("2 a 0", "2 a 1");
        assertThat(take(incremental(7, "2 a", "2 b"))).containsExactly("2 a 2", "2 b 0");
    }

    @Test
    void a_group_over_the_newer_edge_of_the_snapshot_is_counted_on() {
        assertThat(take(snapshot(5, "1 a", "2 a", "3 a", "3 a"))).containsExactly("cut", "2 a 0", "3 a 0", "3 a 1");

        assertThat(take(incremental(6, "3 a", "3 b"))).containsExactly("3 a 2", "3 b 0");
    }

    @Test
    void what_repeats_the_snapshot_is_not_counted() {
        take(snapshot(5, "1 a", "2 a", "2 a"));

        assertThat(take(incremental(4, "2 a"))).containsExactly("repeat");
        assertThat(take(incremental(5, "2 a", "3 a"))).containsExactly("repeat", "repeat");
        assertThat(take(incremental(6, "2 a", "3 a"))).containsExactly("2 a 2", "3 a 0");
    }

    @Test
    void a_message_that_is_sent_twice_makes_no_trade_twice_and_one_alike_of_another_sequence_does() {
        take(snapshot(5, "1 a"));
        assertThat(take(incremental(6, "2 a"))).containsExactly("2 a 0");
        assertThat(take(incremental(6, "2 a"))).containsExactly("repeat");

        assertThat(take(incremental(7, "2 a"))).containsExactly("2 a 1");
        assertThat(take(incremental(6, "2 b"))).containsExactly("2 b 0");
    }

    @Test
    void a_frame_that_does_not_say_where_it_stands_repeats_nothing() {
        take(snapshot(5, "1 a", "2 a"));

        assertThat(take(incremental(Message.Unnumbered.NO_SEQUENCE, "2 a"))).containsExactly("2 a 1");

        take(snapshot(Message.Unnumbered.NO_SEQUENCE, "1 a", "2 a"));

        assertThat(take(incremental(Message.Unnumbered.NO_SEQUENCE, "2 a"))).containsExactly("2 a 1");
        assertThat(take(incremental(0, "2 a"))).containsExactly("2 a 2");
    }

    @Test
    void the_group_at_the_older_edge_of_a_snapshot_may_be_cut_and_is_left_out() {
        assertThat(take(snapshot(5, "1 a", "1 a", "1 b", "2 a", "2 a")))
                .containsExactly("cut", "cut", "cut", "2 a 0", "2 a 1");
    }

    @Test
    void a_snapshot_of_one_group_gives_nothing_and_neither_does_what_comes_later_of_it() {
        assertThat(take(snapshot(5, "1 a", "1 a"))).containsExactly("cut", "cut");
        assertThat(take(incremental(6, "1 a", "2 a"))).containsExactly("cut", "2 a 0");
    }

    @Test
    void the_oldest_group_is_left_out_in_whatever_order_the_rows_come() {
        assertThat(take(snapshot(5, "3 a", "1 a", "2 a", "1 a"))).containsExactly("3 a 0", "cut", "2 a 0", "cut");
    }

    @Test
    void a_connection_without_a_snapshot_counts_from_the_first_time_later_than_that_of_its_first_row() {
        assertThat(take(incremental(6, "1 a", "1 a"))).containsExactly("cut", "cut");
        assertThat(take(incremental(7, "1 a", "2 a", "2 a"))).containsExactly("cut", "2 a 0", "2 a 1");
        assertThat(take(incremental(8, "2 a"))).containsExactly("2 a 2");
    }

    @Test
    void an_empty_snapshot_is_as_good_as_none() {
        assertThat(take(snapshot(5))).isEmpty();
        assertThat(take(incremental(5, "1 a"))).containsExactly("repeat");
        assertThat(take(incremental(6, "1 a", "2 a"))).containsExactly("cut", "2 a 0");
    }

    @Test
    void a_second_snapshot_begins_the_count_anew() {
        take(snapshot(5, "1 a", "2 a"));
        take(incremental(6, "3 a", "3 a"));

        assertThat(take(snapshot(6, "1 a", "2 a", "3 a", "3 a"))).containsExactly("cut", "2 a 0", "3 a 0", "3 a 1");
        assertThat(take(incremental(6, "3 a", "3 a"))).containsExactly("repeat", "repeat");
        assertThat(take(incremental(7, "3 a"))).containsExactly("3 a 2");
    }

    @Test
    void a_snapshot_that_comes_late_gives_the_ids_that_the_stream_gave() {
        take(incremental(6, "1 a", "2 a", "2 a"));

        assertThat(take(snapshot(6, "0 a", "1 a", "2 a", "2 a"))).containsExactly("cut", "1 a 0", "2 a 0", "2 a 1");
    }

    @Test
    void instruments_are_counted_each_by_itself() {
        connection.take(message(SOL, true, 5, row(SOL, T, 1), row(SOL, T + 1, 1)));
        connection.take(message(APT, true, 900, row(APT, T, 1)));

        assertThat(shown(connection.take(message(APT, false, 901, row(APT, T + 1, 1)))))
                .containsExactly("1 b 0");
        assertThat(shown(connection.take(message(SOL, false, 6, row(SOL, T + 1, 1)))))
                .containsExactly("1 b 1");
    }

    @Test
    void a_row_that_was_rejected_stays_so_and_counts_nothing() {
        Row bad = new Rejected(SOL, RejectReason.MALFORMED, Trade.NO_SEQUENCE, T, "no price");
        take(snapshot(5, "0 a"));

        assertThat(connection.take(message(SOL, false, 6, bad, row(SOL, T + 1, 0))))
                .satisfiesExactly(
                        row -> assertThat(row).isSameAs(bad),
                        row -> assertThat(shown(List.of(row))).containsExactly("1 a 0"));
    }

    /// Otherwise one absurd row would mute the instrument until the connection ends.
    @Test
    void a_time_that_cannot_be_neither_begins_a_count_nor_ends_it() {
        Trade future = row(SOL, T + 3_600 * SECOND, 0);
        Trade past = row(SOL, T - 30 * 86_400 * SECOND, 0);

        assertThat(shown(connection.take(message(SOL, false, 6, past, future, row(SOL, T + 1, 0), row(SOL, T + 2, 0)))))
                .containsExactly("implausible_time", "implausible_time", "cut", "2 a 0");
        assertThat(take(incremental(7, "2 a"))).containsExactly("2 a 1");
    }

    // ---- what is remembered

    @Test
    void counts_of_the_last_ten_seconds_of_trade_time_are_kept_however_many_rows_come() {
        take(snapshot(5, "0 a", "1 a"));
        IntStream.range(0, 3_000).forEach(i -> take(incremental(6, (2 + i) + " a")));

        assertThat(take(incremental(7, "1 a"))).containsExactly("1 a 1");
        assertThat(shown(connection.take(message(SOL, false, 8, row(SOL, T + 10 * SECOND + 1, 0)))))
                .containsExactly("10000000001 a 0");
        assertThat(take(incremental(9, "1 a"))).containsExactly("1 a 2");
        connection.take(message(SOL, false, 10, row(SOL, T + 10 * SECOND + 2, 0)));
        assertThat(take(incremental(11, "1 a"))).containsExactly("1 a 0"); // forgotten
    }

    @Test
    void the_newest_thousand_rows_are_kept_however_old_they_are() {
        take(snapshot(5, "0 a", "1 a"));
        for (int i = 1; i <= 998; i++) {
            connection.take(message(SOL, false, 6, rowAt(T + i * 60L * SECOND)));
        }
        assertThat(take(incremental(7, "1 a"))).containsExactly("1 a 1");

        connection.take(message(SOL, false, 8, rowAt(T + 999 * 60L * SECOND)));
        assertThat(take(incremental(9, "1 a"))).containsExactly("1 a 2"); // without both of it 999 would be left
        connection.take(message(SOL, false, 10, rowAt(T + 1_000 * 60L * SECOND)));
        assertThat(take(incremental(11, "1 a"))).containsExactly("1 a 0");
    }

    private static Trade rowAt(long nanos) {
        Trade row = row(SOL, nanos, 0);
        return new Trade(
                row.instrument(),
                row.id(),
                row.price(),
                row.size(),
                row.takerSide(),
                nanos,
                nanos,
                row.sequence(),
                row.origin(),
                row.flags());
    }

    // ---- the same group by several ways

    @Test
    void a_page_is_counted_by_itself_like_a_snapshot() {
        assertThat(shown(Occurrences.page(SOL, rows("1 a", "2 a", "2 a")))).containsExactly("cut", "2 a 0", "2 a 1");
        assertThat(shown(Occurrences.page(SOL, rows("1 a", "2 a", "2 a")))).containsExactly("cut", "2 a 0", "2 a 1");
    }

    /// Rows at random, many alike, seen by connections that begin anywhere: each gives out the true ids of all rows
    /// behind its first time, each once, and no other id.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void whoever_sees_a_whole_group_gives_its_rows_the_same_ids(long seed) {
        var random = new Random(seed);
        List<Trade> tape = new ArrayList<>();
        long time = T;
        while (tape.size() < 4_000) {
            tape.add(row(SOL, time, random.nextInt(2)));
            if (random.nextInt(3) == 0) {
                time += 1 + random.nextInt(1_000_000);
            }
        }
        List<String> truth = truth(tape);

        for (int round = 0; round < 200; round++) {
            Occurrences someone = Occurrences.ofConnection();
            int from = random.nextInt(tape.size() - 100);
            int at = from + (random.nextInt(4) == 0 ? 0 : random.nextInt(100));
            List<String> given = new ArrayList<>();
            if (at > from) {
                given.addAll(
                        ids(someone.take(new Message.Unnumbered(SOL, List.copyOf(tape.subList(from, at)), true, at))));
            }
            while (at < Math.min(tape.size(), from + 300)) {
                int to = Math.min(tape.size(), at + 1 + random.nextInt(5));
                given.addAll(
                        ids(someone.take(new Message.Unnumbered(SOL, List.copyOf(tape.subList(at, to)), false, to))));
                at = to;
            }
            long first = tape.get(from).executedAtNanos();
            List<String> due = IntStream.range(from, at)
                    .filter(i -> tape.get(i).executedAtNanos() > first)
                    .mapToObj(truth::get)
                    .toList();
            assertThat(given).as("round %d", round).containsExactlyElementsOf(due);
        }
        assertThat(new HashSet<>(truth)).hasSize(tape.size());
        assertThat(truth.stream().filter(id -> !id.endsWith("-0")).count()).isGreaterThan(500);
    }

    private static List<String> truth(List<Trade> tape) {
        Map<String, Integer> counts = new HashMap<>();
        return tape.stream()
                .map(trade -> trade.executedAtNanos() + "-b-" + trade.price() + "-" + trade.size())
                .map(id -> id + "-" + (counts.merge(id, 1, Integer::sum) - 1))
                .toList();
    }

    private static List<String> ids(List<Row> rows) {
        return rows.stream()
                .filter(Trade.class::isInstance)
                .map(row -> ((Trade) row).id().toString())
                .toList();
    }

    // ---- reading without a connection

    @Test
    void decoding_gives_out_every_row_and_begins_anew_with_each_snapshot_alone() {
        Occurrences all = Occurrences.ofDecoding();

        assertThat(shown(all.take(snapshot(5, "1 a", "1 a", "2 a")))).containsExactly("1 a 0", "1 a 1", "2 a 0");
        assertThat(shown(all.take(incremental(4, "2 a")))).containsExactly("2 a 1");
        assertThat(shown(all.take(incremental(6, "2 a")))).containsExactly("2 a 2");
        assertThat(shown(all.take(snapshot(5, "1 a", "2 a")))).containsExactly("1 a 0", "2 a 0");
    }

    @Test
    void decoding_takes_trades_of_any_age() {
        assertThat(shown(Occurrences.ofDecoding().take(message(SOL, true, 5, row(SOL, T - 999L * 86_400 * SECOND, 0)))))
                .singleElement()
                .asString()
                .endsWith("a 0");
    }

    // ---- writing it down

    private List<String> take(Message.Unnumbered message) {
        return shown(connection.take(message));
    }

    private static Message.Unnumbered snapshot(long sequence, String... rows) {
        return new Message.Unnumbered(SOL, rows(rows), true, sequence);
    }

    private static Message.Unnumbered incremental(long sequence, String... rows) {
        return new Message.Unnumbered(SOL, rows(rows), false, sequence);
    }

    private static Message.Unnumbered message(Instrument instrument, boolean snapshot, long sequence, Row... rows) {
        return new Message.Unnumbered(instrument, List.of(rows), snapshot, sequence);
    }

    private static List<Row> rows(String... written) {
        return Stream.of(written)
                .<Row>map(row -> row(
                        SOL,
                        T + Long.parseLong(row.substring(0, row.indexOf(' '))),
                        row.charAt(row.length() - 1) - 'a'))
                .toList();
    }

    /// A trade at the price of 1 (`a`), 2 (`b`), ….
    private static Trade row(Instrument instrument, long nanos, int price) {
        return trade(instrument, nanos, TakerSide.BUY, BigDecimal.valueOf(price + 1L), BigDecimal.TEN);
    }

    private static Trade trade(long nanos, TakerSide side, BigDecimal price, BigDecimal size) {
        return trade(SOL, nanos, side, price, size);
    }

    private static Trade trade(Instrument instrument, long nanos, TakerSide side, BigDecimal price, BigDecimal size) {
        return new Trade(
                instrument,
                Occurrences.NONE_YET,
                price,
                size,
                side,
                nanos,
                T,
                Trade.NO_SEQUENCE,
                Origin.STREAM,
                Set.of());
    }

    private static List<String> shown(List<Row> rows) {
        return rows.stream().map(OccurrencesTest::shown).toList();
    }

    private static String shown(Row row) {
        if (row instanceof Rejected rejected) {
            return rejected.reason() == RejectReason.CUT_GROUP
                    ? "cut"
                    : rejected.reason().id();
        }
        String[] parts = ((Trade) row).id().toString().split("-", -1);
        assertThat(parts).hasSize(5);
        return Long.parseLong(parts[0]) - T + " " + (char) ('a' + Integer.parseInt(parts[2]) - 1) + " " + parts[4];
    }
}

package io.metdc.collector.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.collector.faults.InstrumentCheck.Stored;
import io.metdc.market.Nanos;
import io.metdc.market.TakerSide;
import io.metdc.market.TradeId;
import io.metdc.simulator.Sent;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/// That the check finds what is amiss, and nothing else. Trades are a second apart and numbered from 1;
/// all were sent.
class InstrumentCheckTest {
    private static final BigDecimal PRICE = new BigDecimal("1.10");
    private static final int LENGTH = 100;

    private final TreeMap<Long, Stored> table = new TreeMap<>();
    private final List<Hole> ledger = new ArrayList<>();
    private final List<Span> disturbances = new ArrayList<>();
    private final List<Long> breaks = new ArrayList<>();
    private long consumedFrom = 0;
    private long consumedTo = -1;

    InstrumentCheckTest() {
        LongStream.rangeClosed(1, LENGTH).forEach(number -> table.put(number, row(number, "stream")));
    }

    private static Stored row(long number, String origin) {
        return new Stored(Long.toString(number), PRICE, BigDecimal.ONE, "buy", origin);
    }

    private static long at(long number) {
        return number * Nanos.PER_SECOND;
    }

    private void lose(long from, long to) {
        LongStream.rangeClosed(from, to).forEach(table::remove);
    }

    private void refill(long from, long to) {
        LongStream.rangeClosed(from, to).forEach(number -> table.put(number, row(number, "refill")));
    }

    private void hole(long from, long to, String outcome) {
        ledger.add(new Hole(from, to, at(from - 1), at(to + 1), at(to + 3), "missing_ids", outcome));
    }

    private void suspect(long from, long to, String outcome) {
        ledger.add(new Hole(-1, -1, at(from), at(to), at(to + 3), "disconnect", outcome));
    }

    private void consume(long from, long to) {
        consumedFrom = from;
        consumedTo = to;
        lose(from, to);
    }

    private Figures byIds() throws Exception {
        return check(true, Reaches.WHOLE);
    }

    private Figures byConnection(long reach) throws Exception {
        return check(false, reach);
    }

    private Figures check(boolean isByIds, long reach) throws Exception {
        InstrumentCheck check =
                new InstrumentCheck(isByIds, reach, false, new Calm(disturbances), breaks, ledger, Duration.ZERO);
        List<Sent.Print> tape = LongStream.rangeClosed(1, LENGTH)
                .mapToObj(number -> new Sent.Print(
                        isByIds ? number : -1,
                        at(number),
                        consumedFrom <= number && number <= consumedTo
                                ? null
                                : new Sent.Trade(
                                        TradeId.of(number),
                                        PRICE,
                                        BigDecimal.ONE,
                                        TakerSide.BUY,
                                        at(number),
                                        at(number),
                                        false)))
                .toList();
        Figures figures = check.run(tape.iterator(), new Rows());
        long amiss = figures.missing
                + figures.neverSent
                + figures.different
                + figures.unnamed
                + figures.falselyNamed
                + figures.overlapping
                + figures.untrue
                + figures.uncovered;
        assertThat(check.details().isEmpty()).isEqualTo(amiss == 0);
        return figures;
    }

    private final class Rows implements InstrumentCheck.Rows {
        @Override
        public long time() {
            return table.isEmpty() ? Long.MAX_VALUE : at(table.firstKey());
        }

        @Override
        public Stored take() {
            return table.pollFirstEntry().getValue();
        }
    }

    private static void assertWell(Figures figures) {
        assertThat(figures.missing).isZero();
        assertThat(figures.neverSent).isZero();
        assertThat(figures.different).isZero();
        assertThat(figures.unnamed).isZero();
        assertThat(figures.falselyNamed).isZero();
        assertThat(figures.overlapping).isZero();
        assertThat(figures.untrue).isZero();
        assertThat(figures.uncovered).isZero();
    }

    @Test
    void a_whole_table_is_well() throws Exception {
        Figures figures = byIds();
        assertWell(figures);
        assertThat(figures.tape).isEqualTo(LENGTH);
        assertThat(figures.stored).isEqualTo(LENGTH);
    }

    @Test
    void what_is_missing_where_rest_has_all_is_amiss_whatever_the_ledger_says() throws Exception {
        lose(20, 29);
        hole(20, 29, "beyond_reach");
        assertThat(byIds().missing).isEqualTo(10);
    }

    @Test
    void a_hole_that_is_said_to_be_refilled_and_is_not_is_untrue() throws Exception {
        lose(20, 20);
        refill(21, 29);
        hole(20, 29, "refilled");
        assertThat(byIds().untrue).isEqualTo(1);
    }

    @Test
    void what_was_refilled_must_be_in_one_hole_and_what_came_in_none() throws Exception {
        refill(20, 29);
        hole(20, 29, "refilled");
        Figures figures = byIds();
        assertWell(figures);
        assertThat(figures.refilled).isEqualTo(10);
        assertThat(figures.outcome("refilled")).isEqualTo(1);
    }

    @Test
    void a_hole_that_the_ledger_lacks_or_names_too_wide_or_twice_is_amiss() throws Exception {
        refill(20, 29);
        refill(40, 49);
        refill(60, 69);
        hole(40, 50, "refilled");
        hole(60, 69, "refilled");
        hole(65, 69, "refilled");
        Figures figures = byIds();
        assertThat(figures.unnamed).isEqualTo(10);
        assertThat(figures.falselyNamed).isEqualTo(1);
        assertThat(figures.overlapping).isEqualTo(1);
    }

    @Test
    void a_hole_of_a_consumed_number_is_no_false_one_and_they_may_part_one_hole_in_two() throws Exception {
        consume(24, 25);
        refill(20, 23);
        refill(26, 29);
        hole(20, 24, "refilled");
        hole(26, 29, "refilled");
        Figures figures = byIds();
        assertWell(figures);
        assertThat(figures.tape).isEqualTo(LENGTH - 2);
    }

    @Test
    void rows_that_had_left_the_answer_when_it_could_be_asked_are_beyond_reach_and_no_others() throws Exception {
        lose(20, 49);
        suspect(19, 50, "beyond_reach");
        // Back with number 50, asked by 55 at the latest, when 55 trades were there of which the newest 20 can be had.
        Figures figures = byConnection(20);
        assertThat(figures.beyondReach).isEqualTo(16);
        assertThat(figures.missing).isEqualTo(14);
    }

    @Test
    void who_is_not_left_alone_has_longer() throws Exception {
        lose(20, 49);
        suspect(19, 50, "beyond_reach");
        disturbances.add(new Span(at(52), at(72)));
        Figures figures = byConnection(20);
        assertThat(figures.beyondReach).isEqualTo(30);
        assertWell(figures);
    }

    @Test
    void what_did_not_come_must_be_in_a_suspect_interval() throws Exception {
        lose(20, 29);
        suspect(19, 25, "beyond_reach");
        assertThat(byConnection(1).unnamed).isEqualTo(3); // 27 to 29: a second is forgiven
    }

    @Test
    void an_answer_may_be_ahead_of_the_stream_while_its_hole_is_open() throws Exception {
        refill(20, 32);
        suspect(19, 25, "refilled");
        assertThat(byConnection(1000).unnamed).isEqualTo(3); // 30 to 32: it was closed with 28
    }

    @Test
    void a_planted_break_must_be_suspect_though_nothing_was_lost() throws Exception {
        breaks.add(at(30));
        breaks.add(at(60));
        suspect(59, 62, "refilled");
        assertThat(byConnection(1000).uncovered).isEqualTo(1);
    }

    @Test
    void a_trade_with_another_price_another_time_or_of_nowhere_is_found() throws Exception {
        table.put(10L, new Stored("10", new BigDecimal("1.1"), BigDecimal.ONE, "buy", "stream"));
        table.put(20L, row(777, "stream"));
        Figures figures = byIds();
        assertThat(figures.different).isEqualTo(1);
        assertThat(figures.neverSent).isEqualTo(1);
        assertThat(figures.missing).isEqualTo(1);
    }
}

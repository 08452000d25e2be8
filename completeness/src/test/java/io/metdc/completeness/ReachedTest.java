package io.metdc.completeness;

import static io.metdc.completeness.Samples.BTC;
import static io.metdc.completeness.Samples.SOL;
import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.market.Instrument;
import io.metdc.market.Nanos;
import io.metdc.market.RejectReason;
import io.metdc.market.Rejected;
import io.metdc.market.Row;
import io.metdc.market.Trade;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What answers by REST prove: too much would call a trade found that is missing, too little one missing for good that
/// can be had.
class ReachedTest {
    private static final long SECOND = Nanos.PER_SECOND;

    private static Trade trade(Instrument instrument, long number, long nanos) {
        Trade like = Samples.trade(instrument, number);
        return new Trade(
                instrument,
                like.id(),
                like.price(),
                like.size(),
                like.takerSide(),
                nanos,
                like.receivedAtNanos(),
                like.sequence(),
                like.origin(),
                like.flags());
    }

    private static List<Row> times(long... seconds) {
        List<Row> rows = new ArrayList<>();
        for (long second : seconds) {
            rows.add(trade(SOL, second, second * SECOND));
        }
        return rows;
    }

    private static List<Row> numbers(long... numbers) {
        List<Row> rows = new ArrayList<>();
        for (long number : numbers) {
            rows.add(trade(BTC, number, number));
        }
        return rows;
    }

    private static Missing.Run run(long first, long last) {
        return new Missing.Run(first, last, Instant.EPOCH, Instant.EPOCH);
    }

    @Test
    void an_answer_that_begins_in_the_moment_of_the_last_trade_may_lack_some_of_it() {
        Reached reached = new Reached(false, 100 * SECOND);
        reached.ask();
        reached.page(times(90, 95, 103));
        assertThat(reached.reaches(90 * SECOND)).isFalse();
        assertThat(reached.touches(90 * SECOND)).isTrue();
        assertThat(reached.reaches(91 * SECOND)).isTrue();
    }

    @Test
    void two_answers_that_share_a_moment_alone_may_both_lack_some_of_it() {
        Reached reached = new Reached(false, 100 * SECOND);
        reached.ask();
        reached.page(times(80, 95));
        reached.ask();
        reached.page(times(95, 102));
        assertThat(reached.reaches(90 * SECOND)).isFalse();
    }

    @Test
    void answers_that_overlap_reach_as_far_as_both() {
        Reached reached = new Reached(false, 100 * SECOND);
        reached.ask();
        reached.page(times(80, 96));
        reached.ask();
        reached.page(times(95, 102));
        assertThat(reached.reaches(90 * SECOND)).isTrue();
    }

    @Test
    void a_later_answer_that_begins_behind_the_hole_takes_nothing_away() {
        Reached reached = new Reached(false, 100 * SECOND);
        reached.ask();
        reached.page(times(80, 101));
        reached.ask();
        reached.page(times(102, 103)); // the busiest instrument: the newest trades are younger already
        assertThat(reached.reaches(90 * SECOND)).isTrue();
    }

    @Test
    void the_newest_trades_in_front_of_the_pages_that_were_asked_for_prove_nothing_of_what_lies_between() {
        Reached reached = new Reached(true, 20);
        reached.ask();
        reached.page(numbers(900, 901, 999));
        reached.page(numbers(11, 12, 21));
        reached.page(numbers(8, 9));
        assertThat(reached.within(run(10, 30))).isEqualTo(run(10, 20));
        assertThat(reached.below(run(5, 9))).isEqualTo(run(5, 7));
        assertThat(reached.within(run(5, 7)).isNothing()).isTrue();
    }

    @Test
    void a_row_that_cannot_be_taken_exists() {
        Reached reached = new Reached(true, 20);
        reached.ask();
        List<Row> rows = numbers(10, 12);
        rows.add(new Rejected(BTC, RejectReason.MALFORMED, 11, 0, "no price"));
        reached.page(rows);
        assertThat(reached.isRejected(run(11, 11))).isTrue();
        assertThat(reached.lacksSome()).isTrue();
    }

    @Test
    void an_empty_answer_reaches_nothing() {
        Reached reached = new Reached(false, 100 * SECOND);
        reached.ask();
        reached.page(List.of());
        assertThat(reached.reaches(Long.MAX_VALUE)).isFalse();
    }

    @Test
    void what_is_settled_is_asked_for_no_more() {
        Missing missing = new Missing(List.of(run(1, 9), run(20, 29)));
        assertThat(missing.without(List.of(run(4, 5), run(9, 20))).runs())
                .containsExactly(run(1, 3), run(6, 8), run(21, 29));
        assertThat(missing.has(9)).isTrue();
        assertThat(missing.has(10)).isFalse();
        assertThat(missing.count()).isEqualTo(19);
    }
}

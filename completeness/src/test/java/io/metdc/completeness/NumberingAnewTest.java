package io.metdc.completeness;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.market.Consumed;
import io.metdc.market.Nanos;
import io.metdc.market.Origin;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import io.metdc.market.TradeId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// An exchange may number an instrument's trades from a lower number again, as when it lists it anew.
class NumberingAnewTest {
    private static final long BEGIN = 1_795_000_000L * Nanos.PER_SECOND;

    private final ContiguousFilter filter = new ContiguousFilter(Duration.ofSeconds(1));

    @Test
    void younger_trades_under_lower_numbers_are_no_duplicates_and_are_watched_like_others() {
        for (int id = 1; id <= 1_000; id++) {
            take(id, 0);
        }
        for (int id = 500; id <= 510; id++) {
            assertThat(take(id, 60)).as("number %d of the second life", id).isNotEqualTo(Verdict.DUPLICATE);
        }
        assertThat(take(505, 60)).isEqualTo(Verdict.DUPLICATE);
        assertThat(take(513, 61)).isEqualTo(Verdict.NEW);
        Gap gap = filter.due(Long.MAX_VALUE);
        assertThat(gap).isNotNull();
        assertThat(gap.from).isEqualTo(511);
        assertThat(gap.to).isEqualTo(512);
    }

    @Test
    void a_repeated_trade_of_the_last_moments_stays_a_duplicate() {
        for (int id = 1; id <= 100; id++) {
            take(id, 0);
        }
        for (int id = 1; id <= 100; id++) {
            assertThat(take(id, 0)).isEqualTo(Verdict.DUPLICATE);
        }
    }

    @Test
    void one_absurd_number_does_not_blind_the_watch_over_the_real_ones() {
        for (int id = 1; id <= 1_000; id++) {
            take(id, 0);
        }
        take(900_000_000_000_000_000L, 1);
        Gap jump = filter.due(Long.MAX_VALUE);
        assertThat(jump).isNotNull();
        assertThat(jump.cause).isEqualTo(Gap.NUMBERING);
        assertThat(jump.missing).isEqualTo(-1);
        filter.reported(jump);

        for (int id = 1_001; id <= 1_100; id++) {
            assertThat(take(id, 3)).isNotEqualTo(Verdict.DUPLICATE);
        }
        take(1_131, 4);
        Gap gap = filter.due(Long.MAX_VALUE);
        assertThat(gap).isNotNull();
        assertThat(gap.from).isEqualTo(1_101);
        assertThat(gap.to).isEqualTo(1_130);
        assertThat(filter.holes()).isZero();
    }

    @Test
    void a_consumed_number_of_long_ago_does_not_make_repeated_trades_new() {
        for (int id = 1; id <= 1_000; id++) {
            take(id, 0);
        }
        filter.seen(new Consumed(Samples.BTC, 1_001, 0, BEGIN, "NA"), System.nanoTime());

        assertThat(take(1_000, 0)).isEqualTo(Verdict.DUPLICATE);
        assertThat(take(1_002, 0)).isEqualTo(Verdict.NEW);
        assertThat(filter.hasUnreported()).isFalse();
    }

    @Test
    void what_was_missing_before_the_numbers_began_anew_is_reported_also_after_a_restart() throws Exception {
        take(1_000, 0);
        take(1_003, 0);
        take(1_005, 0);
        take(500, 60);
        take(502, 60);
        ByteArrayOutputStream saved = new ByteArrayOutputStream();
        filter.save(new DataOutputStream(saved));
        ContiguousFilter back = new ContiguousFilter(Duration.ofSeconds(1));
        back.restore(new DataInputStream(new ByteArrayInputStream(saved.toByteArray())));

        for (ContiguousFilter each : List.of(filter, back)) {
            List<String> reported = new ArrayList<>();
            Gap gap;
            while ((gap = each.dueAtLast(System.nanoTime())) != null) {
                reported.add(gap.from + "-" + gap.to + " missing " + gap.missing);
                each.reported(gap);
            }
            assertThat(reported).containsExactly("1001-1004 missing 3", "501-501 missing 1");
            assertThat(each.hasUnreported()).isFalse();
        }
    }

    @Test
    void an_absurd_number_that_found_no_room_does_not_blind_the_watch_either() {
        take(1, 0);
        filter.lost(2, 900_000_000_000_000_000L, BEGIN, BEGIN, System.nanoTime());
        Gap jump = filter.due(System.nanoTime());
        assertThat(jump).isNotNull();
        assertThat(jump.cause).isEqualTo(Gap.NUMBERING);
        filter.reported(jump);
        take(3, 5);
        take(5, 5);
        Gap gap = filter.dueAtLast(System.nanoTime());
        assertThat(gap).isNotNull();
        assertThat(gap.from).isEqualTo(4);
    }

    private Verdict take(long id, long second) {
        Trade trade = new Trade(
                Samples.BTC,
                TradeId.of(id),
                BigDecimal.ONE,
                BigDecimal.ONE,
                TakerSide.BUY,
                BEGIN + second * Nanos.PER_SECOND + id % 1_000_000 * Nanos.PER_MICRO,
                BEGIN,
                id,
                Origin.STREAM,
                Set.of());
        Verdict verdict = filter.check(trade);
        if (verdict != Verdict.DUPLICATE) {
            filter.seen(trade, System.nanoTime());
        }
        return verdict;
    }
}

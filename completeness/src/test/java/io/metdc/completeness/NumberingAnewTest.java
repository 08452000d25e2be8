package io.metdc.completeness;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.market.Nanos;
import io.metdc.market.Origin;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import io.metdc.market.TradeId;
import java.math.BigDecimal;
import java.time.Duration;
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

    private Verdict take(long id, long second) {
        Trade trade = new Trade(
                Samples.BTC,
                TradeId.of(id),
                BigDecimal.ONE,
                BigDecimal.ONE,
                TakerSide.BUY,
                BEGIN + second * Nanos.PER_SECOND + id * Nanos.PER_MILLI / 1_000,
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

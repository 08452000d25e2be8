package io.metdc.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PlausibilityTest {
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
    private static final Instrument BTC =
            Instrument.of(new Market(Exchange.BINANCE, MarketType.SPOT), "BTCUSDT", "BTC", "USDT");

    @Test
    void a_trade_of_this_moment_with_usual_numbers_is_plausible() {
        assertThat(check(NOW, "83680.00", "0.001")).isNull();
    }

    @Test
    void twenty_digit_sizes_and_tiny_prices_are_plausible() {
        assertThat(check(NOW, "0.000000000001", "12345678901234567890")).isNull();
    }

    @Test
    void eight_days_back_and_one_minute_ahead_are_the_ends_of_what_can_be() {
        assertThat(check(NOW.minus(Duration.ofDays(8)), "1", "1")).isNull();
        assertThat(check(NOW.minus(Duration.ofDays(8)).minusNanos(1), "1", "1"))
                .isEqualTo(RejectReason.IMPLAUSIBLE_TIME);
        assertThat(check(NOW.plus(Duration.ofMinutes(1)), "1", "1")).isNull();
        assertThat(check(NOW.plus(Duration.ofMinutes(1)).plusNanos(1), "1", "1"))
                .isEqualTo(RejectReason.IMPLAUSIBLE_TIME);
    }

    @Test
    void a_time_in_1970_or_in_the_year_112596_is_implausible_and_never_wraps_into_a_sensible_one() {
        assertThat(check(Instant.ofEpochMilli(0), "1", "1")).isEqualTo(RejectReason.IMPLAUSIBLE_TIME);
        assertThat(checkNanos(Nanos.ofMillis(3_490_000_000_000_000L), "1", "1"))
                .isEqualTo(RejectReason.IMPLAUSIBLE_TIME);
        assertThat(checkNanos(Nanos.ofMicros(Long.MAX_VALUE), "1", "1")).isEqualTo(RejectReason.IMPLAUSIBLE_TIME);
        assertThat(checkNanos(Nanos.ofMicros(Long.MIN_VALUE), "1", "1")).isEqualTo(RejectReason.IMPLAUSIBLE_TIME);
    }

    @Test
    void more_than_forty_digits_or_an_exponent_beyond_thirty_are_implausible() {
        assertThat(check(NOW, "1".repeat(40).replaceFirst("1{15}", "$0."), "1")).isNull();
        assertThat(check(NOW, "1." + "1".repeat(40), "1")).isEqualTo(RejectReason.IMPLAUSIBLE_NUMBER);
        assertThat(check(NOW, "1", "1E30")).isNull();
        assertThat(check(NOW, "1", "1E31")).isEqualTo(RejectReason.IMPLAUSIBLE_NUMBER);
        assertThat(check(NOW, "1E-30", "1")).isNull();
        assertThat(check(NOW, "1E-31", "1")).isEqualTo(RejectReason.IMPLAUSIBLE_NUMBER);
    }

    @Test
    void a_trade_without_price_or_size_cannot_even_be_made() {
        assertThatThrownBy(() -> check(NOW, "0", "1")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> check(NOW, "1", "-1")).isInstanceOf(IllegalArgumentException.class);
    }

    private static RejectReason check(Instant executed, String price, String size) {
        return checkNanos(Nanos.of(executed), price, size);
    }

    private static RejectReason checkNanos(long executedNanos, String price, String size) {
        Trade trade = new Trade(
                BTC,
                TradeId.of(1),
                new BigDecimal(price),
                new BigDecimal(size),
                TakerSide.BUY,
                executedNanos,
                Nanos.of(NOW),
                1,
                Origin.STREAM,
                Set.of());
        return Plausibility.check(trade, Nanos.of(NOW));
    }
}

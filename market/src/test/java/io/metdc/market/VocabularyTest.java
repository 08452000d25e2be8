package io.metdc.market;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VocabularyTest {
    private static final Market FUTURES = new Market(Exchange.BINANCE, MarketType.FUTURES);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "7",
                "8121136411",
                "999999999999999999",
                "1000000000000000000",
                "24193081206521856000",
                "007",
                "-5",
                "6f2b6a0e-7e7c-5f4d-9a31-1c2d3e4f5a6b",
                "1795012346100000000-b-2.1045-100-2",
                " 1",
                "１"
            })
    void a_trade_id_comes_back_as_the_exchange_wrote_it(String written) {
        assertThat(TradeId.of(written)).hasToString(written);
    }

    @Test
    void plain_numbers_of_up_to_eighteen_digits_are_kept_as_numbers_and_nothing_else_is() {
        assertThat(TradeId.of("999999999999999999").isNumber()).isTrue();
        assertThat(TradeId.of("1000000000000000000").isNumber()).isFalse();
        assertThat(TradeId.of("007").isNumber()).isFalse();
        assertThat(TradeId.of("7")).isEqualTo(TradeId.of(7)).isNotEqualTo(TradeId.of("007"));
        assertThat(TradeId.of(Long.MAX_VALUE)).hasToString(Long.toString(Long.MAX_VALUE));
        assertThatThrownBy(() -> TradeId.of("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> TradeId.of(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void quantity_is_size_times_contract_size_without_any_rounding() {
        Instrument contract =
                new Instrument(FUTURES, "XBTUSDTM", "XBT", "USDT", "USDT", new BigDecimal("0.0001"), BigDecimal.ONE);
        Trade trade = new Trade(
                contract,
                TradeId.of(1),
                BigDecimal.ONE,
                new BigDecimal("12345678901234567891"),
                TakerSide.SELL,
                0,
                0,
                Trade.NO_SEQUENCE,
                Origin.STREAM,
                Set.of());

        assertThat(trade.quantity()).isEqualTo(new BigDecimal("1234567890123456.7891"));
    }

    @Test
    void changed_terms_make_another_instrument_with_the_same_key() {
        Instrument before = Instrument.of(FUTURES, "ABCUSDT", "ABC", "USDT");
        Instrument after = new Instrument(FUTURES, "ABCUSDT", "ABC", "USDT", "USDT", BigDecimal.TEN, BigDecimal.ONE);

        assertThat(after).isNotEqualTo(before);
        assertThat(after.key()).isEqualTo(before.key());
        assertThat(after).hasSameHashCodeAs(before);
    }

    @Test
    void an_instrument_without_a_contract_size_cannot_be_made() {
        assertThatThrownBy(() ->
                        new Instrument(FUTURES, "ABCUSDT", "ABC", "USDT", "USDT", BigDecimal.ZERO, BigDecimal.ONE))
                .hasMessageContaining("ABCUSDT");
    }

    @Test
    void every_set_of_flags_survives_as_bits() {
        for (Set<Flag> flags :
                Set.of(Set.<Flag>of(), EnumSet.of(Flag.BLOCK), EnumSet.of(Flag.RPI), EnumSet.allOf(Flag.class))) {
            assertThat(Flag.ofBits(Flag.bits(flags))).isEqualTo(flags);
        }
        assertThatThrownBy(() -> Flag.ofBits(4)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void times_survive_as_nanoseconds_before_and_after_1970() {
        for (String time : new String[] {"2026-11-20T12:00:00.123456789Z", "1969-12-31T23:59:59.999999999Z"}) {
            Instant instant = Instant.parse(time);
            assertThat(Nanos.instant(Nanos.of(instant))).isEqualTo(instant);
        }
        assertThat(Nanos.of(Instant.MAX)).isEqualTo(Long.MAX_VALUE);
        assertThat(Nanos.of(Instant.MIN)).isEqualTo(Long.MIN_VALUE);
    }

    @Test
    void exchanges_and_market_types_are_found_by_the_names_that_configuration_uses() {
        assertThat(Exchange.of("binance")).contains(Exchange.BINANCE);
        assertThat(Exchange.of("Gate")).contains(Exchange.GATE);
        assertThat(Exchange.of("gate.io")).isEmpty();
        assertThat(MarketType.of("futures")).contains(MarketType.FUTURES);
        assertThat(FUTURES).hasToString("binance-futures");
    }

    @Test
    void the_detail_of_a_rejected_row_is_bounded() {
        Rejected rejected = new Rejected(
                Instrument.unknown(FUTURES), RejectReason.MALFORMED, Trade.NO_SEQUENCE, 0, "x".repeat(10_000));

        assertThat(rejected.detail()).hasSize(Rejected.MAX_DETAIL);
    }
}

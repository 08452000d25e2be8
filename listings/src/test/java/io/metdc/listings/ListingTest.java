package io.metdc.listings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ListingTest {
    private static final Instant T0 = Instant.parse("2026-08-21T02:22:40Z");

    private static Listing listing(String coin) {
        return new Listing(
                "851252575",
                coin,
                List.of("KRW", "USDT"),
                "",
                "",
                null,
                T0,
                T0.plusSeconds(2),
                false,
                List.of(new Sighting(Source.NOTICE_LIST, T0, T0.plusSeconds(1))));
    }

    @Test
    void its_times_are_those_that_a_table_can_keep_and_none_is_rounded_up() {
        Instant at = Instant.parse("2026-11-20T04:50:01.123999999Z");
        Listing listing = new Listing(
                "n-1", "SKYN", List.of("KRW"), "", "", null, T0, at, false, List.of(new Sighting(Source.HAND, at, at)));

        assertThat(List.of(
                        listing.firedAt(),
                        listing.seenAt(),
                        listing.sightings().getFirst().notYetAt()))
                .containsOnly(Instant.parse("2026-11-20T04:50:01.123999Z"));
    }

    @Test
    void its_name_says_coin_and_second_in_utc() {
        assertThat(listing("CRV").id()).isEqualTo("CRV_20260821_022240");
        assertThat(listing("CRV").isKrw()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "../../x", "crv", "A/B", "TOOLONGANAMEX", "Ａ", "A\n", "<script>"})
    void what_cannot_be_a_coin_never_becomes_a_path(String coin) {
        assertThatThrownBy(() -> listing(coin)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"O", "0G", "2Z", "1INCH", "W"})
    void short_names_and_names_that_begin_with_a_digit_are_coins(String coin) {
        assertThat(listing(coin).coin()).isEqualTo(coin);
    }
}

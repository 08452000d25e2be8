package io.metdc.symbols;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.market.Instrument;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CollisionTest {
    private static final Instrument PEPE = Invented.instrument("PEPE");
    private static final Instrument BTC = Invented.instrument("BTC");

    @Test
    void names_that_are_clear_are_not_reported() {
        assertThat(among(
                        Aliases.NONE,
                        BTC,
                        PEPE,
                        Invented.instrument(Invented.BYBIT_FUTURES, "1000PEPE", 1000),
                        Invented.instrument("1INCH"),
                        Invented.instrument("BEAM"),
                        Invented.instrument("BEAMX")))
                .isEmpty();
    }

    @Test
    void two_symbols_of_a_market_for_one_coin_are_reported() {
        assertThat(among(Aliases.NONE, PEPE, Invented.instrument(Invented.BINANCE_SPOT, "1000PEPE", 1000)))
                .containsExactly("PEPE: one market has several symbols of it"
                        + " (binance-spot 1000PEPEUSDT, binance-spot PEPEUSDT)");
    }

    @Test
    void what_only_an_alias_joins_is_reported_and_so_is_what_it_meets_there() {
        assertThat(among(Aliases.of(Map.of("BTT", "BTTC")), Invented.instrument("BTT"), Invented.instrument("BTTC")))
                .containsExactly(
                        "BTTC: one market has several symbols of it (binance-spot BTTCUSDT, binance-spot BTTUSDT)",
                        "BTTC: an alias alone says that this is the coin (binance-spot BTTUSDT)");
    }

    @Test
    void a_multiple_of_a_coin_that_is_traded_nowhere_may_be_a_name() {
        Instrument strange = Invented.instrument(Invented.BYBIT_FUTURES, "1000X", 1000);

        assertThat(among(Aliases.NONE, BTC, strange))
                .containsExactly(
                        "X: taken for a multiple, and the coin itself is traded nowhere (bybit-futures 1000XUSDT)");
        assertThat(Collision.among(List.of(strange), Aliases.NONE, Invented.krw("X"), Invented.NOW))
                .isEmpty();
    }

    @Test
    void a_name_that_may_be_a_multiple_of_a_coin_is_reported_where_there_is_that_coin() {
        Instrument hundred = Invented.instrument(Invented.BYBIT_FUTURES, "100SKYN", 1);

        assertThat(among(Aliases.NONE, hundred)).isEmpty();
        assertThat(among(Aliases.NONE, hundred, Invented.instrument("SKYN")))
                .containsExactly(
                        "SKYN: taken for a name, and may be a multiple of this coin (bybit-futures 100SKYNUSDT)");
        assertThat(Collision.among(List.of(hundred), Aliases.NONE, Invented.krw("SKYN"), Invented.NOW))
                .hasSize(1);
    }

    private static List<String> among(Aliases aliases, Instrument... instruments) {
        return Collision.among(Arrays.asList(instruments), aliases, null, Invented.NOW).stream()
                .map(Collision::toString)
                .toList();
    }
}

package io.metdc.symbols;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.symbols.CoinName.Counted;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CoinNameTest {
    @ParameterizedTest
    @CsvSource({"btc,BTC", "XBT,BTC", "xbt,BTC", "1000 PEPE,1000PEPE", "A-B_C/D:E,ABCDE", "XBTX,XBTX", "W,W"})
    void one_spelling_for_all(String name, String canonical) {
        assertThat(CoinName.canonical(name)).isEqualTo(canonical);
    }

    @ParameterizedTest
    @CsvSource({
        "PEPE,1,PEPE",
        "1000PEPE,1000,PEPE",
        "1000 PEPE,1000,PEPE",
        "10PEPE,10,PEPE",
        "SHIB1000,1000,SHIB",
        "10000LADYS,10000,LADYS",
        "1MBABYDOGE,1000000,BABYDOGE",
        "MBABYDOGE,1000000,BABYDOGE",
        "10MBABYDOGE,10000000,BABYDOGE",
        "1000000MOG,1000000,MOG",
        "1000XBT,1000,BTC",
        "1INCH,1,1INCH",
        "0G,1,0G",
        "2Z,1,2Z",
        "1000X,1,1000X",
        "1000,1000,1000",
        "CAT,1000,CAT",
    })
    void the_coin_is_the_base_without_the_multiplier_that_the_instrument_has(
            String base, long multiplier, String coin) {
        assertThat(CoinName.of(Invented.instrument(Invented.BINANCE_FUTURES, base, multiplier)))
                .isEqualTo(coin);
    }

    @ParameterizedTest
    @CsvSource({
        "1000PEPE,PEPE,1000",
        "100SKYN,SKYN,100",
        "1MSKYN,SKYN,1000000",
        "10MSKYN,SKYN,10000000",
        "SHIB1000,SHIB,1000",
        "LADYS10000,LADYS,10000",
        "1000XBT,BTC,1000",
    })
    void digits_that_may_count_are_seen(String name, String coin, BigDecimal factor) {
        assertThat(CoinName.counted(name)).contains(new Counted(factor, coin));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1INCH", "0G", "2Z", "C98", "X2Y2", "10SET", "API3", "GAME2", "1000", "B3", "USD1", "PEPE"})
    void names_with_other_digits_are_names(String name) {
        assertThat(CoinName.counted(name)).isEmpty();
    }

    @Test
    void a_name_is_never_found_in_another() {
        assertThat(CoinName.of(Invented.instrument("BEAMX"))).isNotEqualTo(CoinName.of(Invented.instrument("BEAM")));
        assertThat(CoinName.of(Invented.instrument("0G"))).isNotEqualTo(CoinName.of(Invented.instrument("OG")));
    }
}

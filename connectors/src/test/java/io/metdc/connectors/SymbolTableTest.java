package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SymbolTableTest {
    private static final Market MARKET = new Market(Exchange.PHEMEX, MarketType.SPOT);

    @Test
    void every_symbol_is_found_and_no_other() {
        List<Instrument> instruments = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            instruments.add(instrument("S" + Integer.toString(i * 7919, 36).toUpperCase(java.util.Locale.ROOT)));
        }
        var table = new SymbolTable(instruments);

        assertThat(instruments)
                .allSatisfy(known -> assertThat(find(table, known.symbol())).isSameAs(known));
        assertThat(find(table, "S")).isNull();
        assertThat(find(table, "")).isNull();
        assertThat(find(table, "NOTTHERE")).isNull();
        assertThat(table.instruments()).isEqualTo(instruments);
    }

    @Test
    void letter_case_counts() {
        var table = new SymbolTable(List.of(instrument("sOLUSDT"), instrument("SOLUSDT")));

        assertThat(find(table, "sOLUSDT")).isNotNull().isNotEqualTo(find(table, "SOLUSDT"));
        assertThat(find(table, "solusdt")).isNull();
    }

    @Test
    void an_empty_table_finds_nothing() {
        assertThat(find(new SymbolTable(List.of()), "SOLUSDT")).isNull();
    }

    @Test
    void the_same_symbol_twice_is_an_error() {
        assertThatThrownBy(() -> new SymbolTable(List.of(instrument("A"), instrument("A"))))
                .hasMessageContaining("A");
    }

    @Test
    void half_a_character_which_no_utf_8_can_hold_is_no_symbol() {
        Instruments any = SymbolTable.any(MARKET);

        assertThat(find(any, "\uDC3D\uDE80USDT")).isNull();
        assertThat(find(any, "USDT\uD83D")).isNull();
        assertThat(find(any, "\uD83D\uDE80USDT")).isNotNull();
    }

    @Test
    void without_a_list_every_usable_symbol_is_taken_in_units_of_the_wire() {
        Instruments any = SymbolTable.any(MARKET);
        Instrument found = find(any, "WHATEVER");

        assertThat(found).isNotNull();
        assertThat(found.symbol()).isEqualTo("WHATEVER");
        assertThat(found.contractSize()).isEqualByComparingTo("1");
        assertThat(find(any, "WHATEVER")).isSameAs(found);
        assertThat(find(any, "")).isNull();
        assertThat(find(any, "x".repeat(65))).isNull();
    }

    private static Instrument instrument(String symbol) {
        return Instrument.of(MARKET, symbol, symbol, "USDT");
    }

    private static @Nullable Instrument find(Instruments instruments, String symbol) {
        char[] text = ("<" + symbol + ">").toCharArray();
        return instruments.find(text, 1, symbol.length());
    }
}

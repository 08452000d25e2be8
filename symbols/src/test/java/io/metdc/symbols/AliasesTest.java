package io.metdc.symbols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.metdc.market.Exchange;
import io.metdc.symbols.Aliases.Alias;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AliasesTest {
    private static final Aliases LIT = new Aliases(List.of(
            new Alias("LIT", "HEI", new DateRange(null, LocalDate.parse("2025-02-01")), Set.of()),
            new Alias("LIT", "LIGHTER", new DateRange(LocalDate.parse("2026-01-01"), null), Set.of(Exchange.GATE))));

    @ParameterizedTest
    @CsvSource({
        "2024-01-01T00:00:00Z,BINANCE,HEI",
        "2025-01-31T23:59:59Z,BINANCE,HEI",
        "2025-02-01T00:00:00Z,BINANCE,LIT",
        "2025-12-31T23:59:59Z,GATE,LIT",
        "2026-01-01T00:00:00Z,GATE,LIGHTER",
        "2026-01-01T00:00:00Z,BINANCE,LIT",
    })
    void an_alias_holds_on_its_days_and_its_exchanges_and_does_nothing_else(
            Instant at, Exchange exchange, String upbits) {
        assertThat(LIT.upbits("LIT", exchange, at)).isEqualTo(upbits);
        assertThat(LIT.upbits("LITE", exchange, at)).isEqualTo("LITE");
    }

    @Test
    void names_are_compared_in_one_spelling_and_without_the_multiplier() {
        Aliases aliases = Aliases.of(Map.of("btt", "Bttc"));

        assertThat(aliases.upbits(Invented.instrument("BTT"), Invented.NOW)).containsExactly("BTTC");
        assertThat(aliases.upbits(Invented.instrument(Invented.BYBIT_FUTURES, "1000BTT", 1000), Invented.NOW))
                .containsExactlyInAnyOrder("BTTC", "1000BTT");
    }

    @Test
    void the_name_that_the_alias_replaces_finds_nothing_any_more() {
        Aliases aliases = Aliases.of(Map.of("HEI", "LIT", "LIT", "LIGHTER"));

        assertThat(aliases.upbits(Invented.instrument("LIT"), Invented.NOW)).containsExactly("LIGHTER");
        assertThat(aliases.upbits(Invented.instrument("HEI"), Invented.NOW)).containsExactly("LIT");
    }

    @Test
    void upbits_own_names_have_no_alias() {
        Aliases aliases = Aliases.of(Map.of("LIT", "LIGHTER"));

        assertThat(aliases.upbits("LIT", Exchange.UPBIT, Invented.NOW)).isEqualTo("LIT");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Alias("LIT", "HEI", DateRange.ALWAYS, Set.of(Exchange.UPBIT)));
    }

    @Test
    void a_name_with_two_meanings_at_once_is_refused() {
        Alias always = new Alias("LIT", "HEI", DateRange.ALWAYS, Set.of());
        Alias later =
                new Alias("lit", "LIGHTER", new DateRange(LocalDate.parse("2026-01-01"), null), Set.of(Exchange.GATE));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Aliases(List.of(always, later)))
                .withMessage("LIT is HEI and LIGHTER at once");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DateRange(LocalDate.parse("2026-01-01"), LocalDate.parse("2026-01-01")));
        assertThatIllegalArgumentException().isThrownBy(() -> Aliases.exchanges(List.of("gate", "gaet")));
    }
}

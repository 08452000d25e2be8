package io.metdc.symbols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.symbols.Filter.Decision;
import io.metdc.symbols.Filter.Denial;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FilterTest {
    private static final KrwList KRW =
            Invented.krw("0G", "1INCH", "2Z", "BABYDOGE", "BTC", "BTTC", "LADYS", "PEPE", "SHIB", "T", "W");
    private static final Set<String> NONE = Set.of();

    @ParameterizedTest
    @CsvSource({
        "BTCUSDT,BTC,1,LISTED",
        "XBTUSDTM,XBT,1,LISTED",
        "W-USDT,W,1,LISTED",
        "T_USDT,T,1,LISTED",
        "s0GUSDT,0G,1,LISTED",
        "1INCH-USDT-SWAP,1INCH,1,LISTED",
        "2ZUSDT,2Z,1,LISTED",
        "1000PEPEUSDT,1000PEPE,1000,LISTED",
        "SHIB1000USDT,SHIB1000,1000,LISTED",
        "1MBABYDOGEUSDT,1MBABYDOGE,1000000,LISTED",
        "10000LADYSUSDT,10000LADYS,10000,LISTED",
        "INCHUSDT,INCH,1,UNLISTED",
        "OGUSDT,OG,1,UNLISTED",
        "GUSDT,G,1,UNLISTED",
        "BTTUSDT,BTT,1,UNLISTED",
        "WWUSDT,WW,1,UNLISTED",
        "PEPE2USDT,PEPE2,1,UNLISTED",
        "1000XUSDT,1000X,1,UNLISTED",
        "1000CATUSDT,1000CAT,1000,UNLISTED",
    })
    void a_coin_is_known_by_its_whole_name_and_each_mode_takes_its_half(
            String symbol, String base, long multiplier, UpbitMark mark) {
        Instrument instrument = Invented.instrument(Invented.BYBIT_FUTURES, symbol, base, multiplier);

        for (UpbitKrw mode : UpbitKrw.values()) {
            Decision decision = filter(mode).decide(instrument, KRW, NONE, Invented.NOW);
            assertThat(decision.mark()).isEqualTo(mark);
            assertThat(decision.collected())
                    .isEqualTo(mode == UpbitKrw.BOTH || mode.name().equals(mark.name()));
        }
    }

    @Test
    void a_coin_that_is_itself_called_so_is_listed_too() {
        Instrument cat = Invented.instrument(Invented.BINANCE_SPOT, "1000CAT", 1000);

        assertThat(decide(Filter.DEFAULT, cat, Invented.krw("1000CAT")).mark()).isEqualTo(UpbitMark.LISTED);
    }

    @ParameterizedTest
    @EnumSource
    void without_a_list_of_upbits_everything_is_collected_and_marked_unknown(UpbitKrw mode) {
        Decision decision = filter(mode).decide(Invented.instrument("BTC"), null, NONE, Invented.NOW);

        assertThat(decision.collected()).isTrue();
        assertThat(decision.mark()).isEqualTo(UpbitMark.UNKNOWN);
    }

    @ParameterizedTest
    @CsvSource({"LISTED,CRV,1", "UNLISTED,PEPE,1", "UNLISTED,1000PEPE,1000", "LISTED,10MCRV,1", "LISTED,CURVE,1"})
    void a_held_coin_is_collected_in_every_mode_also_where_its_name_may_be_counted_or_has_an_alias(
            UpbitKrw mode, String base, long multiplier) {
        Filter filter = filter(mode, Aliases.of(Map.of("CURVE", "CRV")), List.of(), List.of());
        Instrument instrument = Invented.instrument(Invented.BYBIT_FUTURES, base, multiplier);

        assertThat(filter.decide(instrument, KRW, NONE, Invented.NOW).collected())
                .isFalse();
        assertThat(filter.decide(instrument, KRW, Set.of("CRV", "PEPE"), Invented.NOW)
                        .collected())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "BTC,BTCUSDT XBTUSDTM BTC-USDT",
        "xbt,BTCUSDT XBTUSDTM BTC-USDT",
        "PEPE,PEPEUSDT 1000PEPEUSDT",
        "1000PEPE,1000PEPEUSDT",
        "BTC-USDT,BTC-USDT",
        "binance/spot:BTCUSDT,BTCUSDT",
        "gate/spot:BTCUSDT,''",
        "BTCU,''",
        "btcusdt,''",
    })
    void a_name_in_the_configuration_means_a_coin_a_base_a_symbol_or_one_instrument(String name, String meant) {
        List<Instrument> all = List.of(
                Invented.instrument("BTC"),
                Invented.instrument(Invented.BYBIT_FUTURES, "XBTUSDTM", "XBT", 1),
                Invented.instrument(Invented.GATE_SPOT, "BTC-USDT", "BTC", 1),
                Invented.instrument("PEPE"),
                Invented.instrument(Invented.BYBIT_FUTURES, "1000PEPE", 1000),
                Invented.instrument("BTCUP"));
        List<String> expected = meant.isEmpty() ? List.of() : Arrays.asList(meant.split(" "));
        List<Selector> selectors = List.of(Selector.parse(name));
        Filter including = filter(UpbitKrw.BOTH, Aliases.NONE, selectors, List.of());
        Filter excluding = filter(UpbitKrw.BOTH, Aliases.NONE, List.of(), selectors);

        assertThat(all.stream().filter(one -> decide(including, one, KRW).collected()))
                .extracting(Instrument::symbol)
                .containsExactlyInAnyOrderElementsOf(expected);
        assertThat(all.stream().filter(one -> !decide(excluding, one, KRW).collected()))
                .extracting(Instrument::symbol)
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void what_is_excluded_or_denied_stays_out_also_when_it_is_included_and_held() {
        List<Selector> btc = List.of(Selector.parse("BTC"));
        Filter excluding = filter(UpbitKrw.BOTH, Aliases.NONE, btc, btc);
        Filter denying = denying(new Denial("BTC", DateRange.ALWAYS, Set.of()));

        assertThat(excluding.decide(Invented.instrument("BTC"), KRW, Set.of("BTC"), Invented.NOW))
                .isEqualTo(new Decision(false, UpbitMark.LISTED, "excluded by BTC"));
        assertThat(denying.decide(Invented.instrument("BTC"), KRW, Set.of("BTC"), Invented.NOW))
                .isEqualTo(new Decision(false, UpbitMark.LISTED, "denied"));
    }

    @Test
    void a_denied_base_is_the_whole_base_on_its_exchange_from_its_day_on() {
        Filter filter =
                denying(new Denial("AAPLX", new DateRange(LocalDate.parse("2026-10-01"), null), Set.of(Exchange.GATE)));
        Instrument stock = Invented.instrument(Invented.GATE_SPOT, "AAPLX_USDT", "AAPLX", 1);

        assertThat(decide(filter, stock, KRW).collected()).isFalse();
        assertThat(decide(filter, stock, KRW).why()).isEqualTo("denied since 2026-10-01");
        assertThat(filter.decide(
                                stock,
                                KRW,
                                NONE,
                                LocalDate.parse("2026-09-30")
                                        .atStartOfDay(ZoneOffset.UTC)
                                        .toInstant())
                        .collected())
                .isTrue();
        assertThat(decide(filter, Invented.instrument("AAPLX"), KRW).collected())
                .isTrue();
        assertThat(decide(filter, Invented.instrument(Invented.GATE_SPOT, "AAPLXX", 1), KRW)
                        .collected())
                .isTrue();
    }

    @Test
    void a_price_in_another_currency_is_collected_only_where_that_is_wanted() {
        Instrument usdc = Instrument.of(Invented.BINANCE_SPOT, "BTCUSDC", "BTC", "USDC");
        Filter both = new Filter(UpbitKrw.BOTH, List.of(), List.of(), List.of(), Set.of("USDT", "USDC"), Aliases.NONE);

        assertThat(decide(Filter.DEFAULT, usdc, KRW).why()).isEqualTo("quote is USDC");
        assertThat(decide(both, usdc, KRW).collected()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void of_upbits_own_market_the_rates_are_collected_in_every_mode_and_other_coins_while_they_are_held(UpbitKrw mode) {
        Filter filter = filter(mode, Aliases.NONE, List.of(Selector.parse("SOL")), List.of(Selector.parse("BTC")));

        assertThat(decide(filter, krwMarket("BTC"), KRW).collected()).isTrue();
        assertThat(decide(filter, krwMarket("USDT"), KRW).collected()).isTrue();
        assertThat(decide(filter, krwMarket("PEPE"), KRW).collected()).isFalse();
        assertThat(filter.decide(krwMarket("PEPE"), KRW, Set.of("PEPE"), Invented.NOW)
                        .collected())
                .isTrue();
    }

    @Test
    void a_rate_can_be_switched_off_by_its_symbol() {
        Filter filter = filter(UpbitKrw.BOTH, Aliases.NONE, List.of(), List.of(Selector.parse("KRW-BTC")));

        assertThat(decide(filter, krwMarket("BTC"), KRW).collected()).isFalse();
    }

    @Test
    void a_market_that_is_none_is_an_error() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Selector.parse("gate/swap:BTC_USDT"))
                .withMessageContaining("gate/swap");
        assertThatIllegalArgumentException().isThrownBy(() -> Selector.parse("gate/spot:"));
    }

    private static Decision decide(Filter filter, Instrument instrument, KrwList krw) {
        return filter.decide(instrument, krw, NONE, Invented.NOW);
    }

    private static Instrument krwMarket(String coin) {
        Market market = KrwList.MARKET;
        return new Instrument(market, "KRW-" + coin, coin, "KRW", "KRW", BigDecimal.ONE, BigDecimal.ONE);
    }

    private static Filter filter(UpbitKrw mode) {
        return filter(mode, Aliases.NONE, List.of(), List.of());
    }

    private static Filter filter(UpbitKrw mode, Aliases aliases, List<Selector> include, List<Selector> exclude) {
        return new Filter(mode, include, exclude, List.of(), Set.of("USDT"), aliases);
    }

    private static Filter denying(Denial denial) {
        return new Filter(UpbitKrw.BOTH, List.of(), List.of(), List.of(denial), Set.of("USDT"), Aliases.NONE);
    }
}

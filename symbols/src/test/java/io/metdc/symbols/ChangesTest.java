package io.metdc.symbols;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.market.Instrument;
import io.metdc.symbols.Changes.Added;
import io.metdc.symbols.Changes.Change;
import io.metdc.symbols.Changes.Dropped;
import io.metdc.symbols.Changes.Marked;
import io.metdc.symbols.Changes.Renamed;
import io.metdc.symbols.Changes.Terms;
import io.metdc.symbols.WatchSet.Watched;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ChangesTest {
    private static final Watched BTC = watched("BTCUSDT", "BTC", 1);
    private static final Watched PEPE = watched("1000PEPEUSDT", "1000PEPE", 1000);

    @Test
    void nothing_changed() {
        assertThat(between(List.of(BTC, PEPE), List.of(PEPE, BTC))).isEmpty();
    }

    @Test
    void what_joined_and_left_is_told_in_the_order_of_symbols_with_the_rule_that_leaves_it_out() {
        WatchSet after = new WatchSet(
                Invented.BINANCE_SPOT, List.of(BTC), new TreeMap<>(Map.of("1000PEPEUSDT", "status BREAK")));

        assertThat(Changes.between(set(PEPE), after, Invented.NOW, false).changes())
                .containsExactly(new Dropped(PEPE, "status BREAK"), new Added(BTC));
        assertThat(between(List.of(BTC), List.of())).containsExactly(new Dropped(BTC, "no longer on the list"));
    }

    @Test
    void another_base_under_the_same_symbol_is_a_new_name() {
        Watched old = watched("LITUSDT", "LIT", 1);
        Watched now = watched("LITUSDT", "LIGHTER", 1);

        assertThat(between(List.of(BTC, old), List.of(BTC, now)))
                .containsExactly(new Renamed(old, now))
                .allSatisfy(
                        change -> assertThat(((Renamed) change).isOtherSymbol()).isFalse());
    }

    @Test
    void another_symbol_for_the_same_base_in_one_refresh_is_a_new_name() {
        Watched old = watched("PEPE-USDT", "PEPE", 1);
        Watched now = watched("PEPEUSDT", "PEPE", 1);

        assertThat(between(List.of(BTC, old), List.of(BTC, now)))
                .containsExactly(new Renamed(old, now))
                .allSatisfy(
                        change -> assertThat(((Renamed) change).isOtherSymbol()).isTrue());
    }

    @Test
    void another_multiplier_or_two_that_it_might_come_from_is_no_new_name() {
        Watched coin = watched("PEPEUSDT", "PEPE", 1);
        Watched again = watched("PEPEUSDT2", "PEPE", 1);
        Watched third = watched("PEPEUSDT3", "PEPE", 1);

        assertThat(between(List.of(coin), List.of(PEPE))).containsExactly(new Added(PEPE), gone(coin));
        assertThat(between(List.of(coin, again), List.of(third)))
                .containsExactly(gone(coin), gone(again), new Added(third));
    }

    @Test
    void other_terms_under_the_same_name_are_no_new_subscription() {
        Instrument tenfold =
                new Instrument(Invented.BINANCE_SPOT, "BTCUSDT", "BTC", "USDT", "USDT", BigDecimal.TEN, BigDecimal.ONE);
        Watched now = new Watched(tenfold, UpbitMark.LISTED, "");

        assertThat(between(List.of(BTC), List.of(now))).containsExactly(new Terms(BTC, now));
    }

    @Test
    void a_change_of_the_mark_is_told_beside_others_of_the_same_instrument() {
        Watched unlisted = new Watched(BTC.instrument(), UpbitMark.UNLISTED, "");
        Watched renamed = new Watched(watched("BTCUSDT", "BTC2", 1).instrument(), UpbitMark.LISTED, "");

        assertThat(between(List.of(unlisted), List.of(BTC))).containsExactly(new Marked(unlisted, BTC));
        assertThat(between(List.of(unlisted), List.of(renamed)))
                .containsExactly(new Renamed(unlisted, renamed), new Marked(unlisted, renamed));
    }

    @Test
    void another_reason_to_collect_the_same_is_no_change() {
        assertThat(between(List.of(BTC), List.of(new Watched(BTC.instrument(), BTC.mark(), "held for a listing"))))
                .isEmpty();
    }

    private static Dropped gone(Watched watched) {
        return new Dropped(watched, "no longer on the list");
    }

    private static List<Change> between(List<Watched> before, List<Watched> after) {
        return Changes.between(
                        set(before.toArray(Watched[]::new)), set(after.toArray(Watched[]::new)), Invented.NOW, false)
                .changes();
    }

    private static WatchSet set(Watched... watched) {
        return new WatchSet(Invented.BINANCE_SPOT, Arrays.asList(watched), new TreeMap<>());
    }

    private static Watched watched(String symbol, String base, long multiplier) {
        return new Watched(Invented.instrument(Invented.BINANCE_SPOT, symbol, base, multiplier), UpbitMark.LISTED, "");
    }
}

package io.metdc.symbols;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.symbols.Changes.Change;
import io.metdc.symbols.Universe.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UniverseTest {
    private static final Market MARKET = Invented.BINANCE_SPOT;

    private final List<Changes> heard = new ArrayList<>();
    private Instant now = Invented.NOW;
    private Universe universe = universe(UpbitKrw.BOTH);

    @Test
    void the_first_list_is_no_news_and_what_follows_is_told_once() {
        accept("BTC", "PEPE");
        accept("BTC", "PEPE");
        accept("BTC", "CRV");

        assertThat(heard).extracting(Changes::isFirst).containsExactly(true, false);
        assertThat(words(heard.getLast())).containsExactly("added CRVUSDT", "dropped PEPEUSDT");
        assertThat(status(MARKET).changes()).isEqualTo(Map.of("added", 1L, "dropped", 1L));
        assertThat(status(MARKET).collected()).isEqualTo(2);
    }

    @Test
    void an_answer_that_is_not_believed_changes_nothing_but_the_status() {
        accept("BTC", "PEPE");
        heard.clear();
        Failure trouble = new Failure.Recoverable("HTTP 503");

        universe.accept(troubled(trouble, "BTC"));
        universe.refused(MARKET, trouble);

        assertThat(heard).isEmpty();
        assertThat(symbols()).containsExactly("BTCUSDT", "PEPEUSDT");
        assertThat(status(MARKET).refused()).isEqualTo(2);
        assertThat(status(MARKET).trouble()).isEqualTo(trouble);
        accept("BTC", "PEPE");
        assertThat(status(MARKET).trouble()).isNull();
        assertThat(status(MARKET).refused()).isEqualTo(2);
    }

    @Test
    void the_last_good_list_is_used_until_there_is_a_fresh_one() {
        universe.accept(troubled(new Failure.Recoverable("HTTP 503"), "BTC"));

        assertThat(symbols()).containsExactly("BTCUSDT");
        accept("BTC", "PEPE");
        assertThat(symbols()).containsExactly("BTCUSDT", "PEPEUSDT");
    }

    @Test
    void the_marks_come_with_upbits_list_and_a_bad_answer_of_upbits_leaves_them() {
        accept("BTC", "CRV");
        assertThat(marks()).containsExactly(UpbitMark.UNKNOWN, UpbitMark.UNKNOWN);

        universe.accept(Invented.upbits(now, "BTC", "USDT"));
        assertThat(marks()).containsExactly(UpbitMark.LISTED, UpbitMark.UNLISTED);

        universe.refused(KrwList.MARKET, new Failure.Recoverable("HTML"));
        assertThat(marks()).containsExactly(UpbitMark.LISTED, UpbitMark.UNLISTED);
        assertThat(status(KrwList.MARKET).refused()).isEqualTo(1);
    }

    @Test
    void a_coin_that_upbit_begins_to_list_is_marked_at_once_and_stays_a_day_though_the_filter_drops_it() {
        universe = universe(UpbitKrw.UNLISTED);
        universe.accept(Invented.upbits(now, "BTC", "USDT"));
        accept("BTC", "CRV");
        assertThat(symbols()).containsExactly("CRVUSDT");

        now = now.plusSeconds(60);
        universe.accept(Invented.upbits(now, "BTC", "CRV", "USDT"));

        assertThat(heard.subList(heard.size() - 2, heard.size()))
                .extracting(UniverseTest::words)
                .containsExactly(List.of("marked CRVUSDT"), List.of("added KRW-CRV"));
        assertThat(heard.getLast().at()).isEqualTo(now);
        assertThat(marks()).containsExactly(UpbitMark.LISTED);
        now = now.plus(Universe.NEWLY_LISTED);
        accept("BTC", "CRV");
        assertThat(symbols()).containsExactly("CRVUSDT");
        now = now.plusSeconds(1);
        accept("BTC", "CRV");
        assertThat(symbols()).isEmpty();
    }

    @Test
    void a_market_for_krw_that_was_seen_is_not_taken_back_by_an_older_answer() {
        universe.accept(Invented.upbits(now, "BTC", "USDT"));
        accept("BTC", "CRV");

        universe.listed(Set.of("BTC", "CRV"), now.plusSeconds(5));
        assertThat(marks()).containsExactly(UpbitMark.LISTED, UpbitMark.LISTED);
        assertThat(heard.getLast().at()).isEqualTo(now.plusSeconds(5));

        now = now.plusSeconds(10);
        universe.accept(Invented.upbits(now, "BTC", "USDT"));
        assertThat(marks()).containsExactly(UpbitMark.LISTED, UpbitMark.LISTED);

        now = now.plus(Universe.NEWLY_LISTED).plus(Duration.ofSeconds(10));
        universe.accept(Invented.upbits(now, "BTC", "USDT"));
        assertThat(marks()).containsExactly(UpbitMark.LISTED, UpbitMark.UNLISTED);
    }

    @Test
    void what_is_listed_before_there_is_a_list_to_compare_with_is_no_new_listing() {
        universe = universe(UpbitKrw.UNLISTED);
        accept("BTC", "CRV");

        universe.listed(Set.of("BTC", "USDT"), now);
        universe.accept(Invented.upbits(now, "BTC", "USDT"));

        assertThat(symbols()).containsExactly("CRVUSDT");
    }

    @Test
    void a_listing_that_every_poll_shows_again_is_told_once() {
        universe.accept(Invented.upbits(now, "BTC", "USDT"));
        accept("BTC", "CRV");
        heard.clear();

        for (int poll = 0; poll < 3; poll++) {
            universe.listed(Set.of("BTC", "CRV", "USDT"), now.plusSeconds(poll));
        }

        assertThat(heard).extracting(UniverseTest::words).containsExactly(List.of("marked CRVUSDT"));
    }

    @Test
    void a_held_coin_is_collected_until_it_is_let_go_on_upbits_market_too() {
        universe = universe(UpbitKrw.UNLISTED);
        universe.accept(Invented.upbits(now, "BTC", "CRV", "USDT"));
        accept("CRV", "PEPE");
        assertThat(symbols()).containsExactly("PEPEUSDT");

        universe.hold(Set.of("crv"));
        assertThat(symbols()).containsExactly("CRVUSDT", "PEPEUSDT");
        assertThat(universe.watched(KrwList.MARKET).instruments())
                .extracting(one -> one.symbol())
                .containsExactly("KRW-BTC", "KRW-CRV", "KRW-USDT");

        universe.hold(Set.of());
        assertThat(symbols()).containsExactly("PEPEUSDT");
        assertThat(words(heard.get(heard.size() - 2))).containsExactly("dropped CRVUSDT");
    }

    @Test
    void a_change_of_one_market_is_not_told_of_another() {
        accept("BTC");
        universe.accept(
                Invented.list(Invented.GATE_SPOT, now, Invented.instrument(Invented.GATE_SPOT, "BTC_USDT", "BTC", 1)));
        heard.clear();

        accept("BTC", "CRV");

        assertThat(heard).extracting(Changes::market).containsExactly(MARKET);
        assertThat(universe.lists()).hasSize(2);
        assertThat(universe.watched(Invented.BYBIT_FUTURES).watched()).isEmpty();
    }

    private Universe universe(UpbitKrw mode) {
        Filter filter = new Filter(mode, List.of(), List.of(), List.of(), Set.of("USDT"), Aliases.NONE);
        return new Universe(filter, () -> now, (changes, _) -> heard.add(changes));
    }

    private void accept(String... bases) {
        universe.accept(list(bases));
    }

    private InstrumentList troubled(Failure trouble, String... bases) {
        InstrumentList list = list(bases);
        return new InstrumentList(
                MARKET, list.instruments(), list.offered(), list.dropped(), now.plusSeconds(1), trouble);
    }

    private InstrumentList list(String... bases) {
        return Invented.list(
                MARKET, now, Arrays.stream(bases).map(Invented::instrument).toArray(Instrument[]::new));
    }

    private List<String> symbols() {
        return universe.watched(MARKET).watched().stream()
                .map(WatchSet.Watched::symbol)
                .toList();
    }

    private List<UpbitMark> marks() {
        return universe.watched(MARKET).watched().stream()
                .map(WatchSet.Watched::mark)
                .toList();
    }

    private Status status(Market market) {
        return universe.status().stream()
                .filter(status -> status.market().equals(market))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> words(Changes changes) {
        return changes.changes().stream().map(UniverseTest::words).toList();
    }

    private static String words(Change change) {
        return change.kind() + " " + change.instrument().symbol();
    }
}

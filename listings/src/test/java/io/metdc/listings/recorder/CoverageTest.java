package io.metdc.listings.recorder;

import static io.metdc.listings.recorder.Invented.ON_BINANCE;
import static io.metdc.listings.recorder.Invented.ON_BYBIT;
import static io.metdc.listings.recorder.Invented.ON_GATE;
import static io.metdc.listings.recorder.Invented.ON_OKX;
import static io.metdc.listings.recorder.Invented.T0;
import static io.metdc.listings.recorder.Invented.THOUSAND;
import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.listings.recorder.Coverage.Gap;
import io.metdc.listings.recorder.Coverage.OfVenue;
import io.metdc.listings.recorder.Coverage.Status;
import io.metdc.listings.recorder.Facts.Hole;
import io.metdc.listings.recorder.Facts.Proof;
import io.metdc.listings.recorder.Facts.Subscription;
import io.metdc.listings.recorder.Venue.Match;
import io.metdc.market.Instrument;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is made of facts, without a database.
class CoverageTest {
    private static final Instant BEFORE = T0.minus(Duration.ofHours(3));
    private static final Venue KRW = Venue.listed(Venues.krw("SKYN"));

    private static Instant at(long seconds) {
        return T0.plusSeconds(seconds);
    }

    private static Subscription connected(Instant from, Instant to) {
        return new Subscription(new Window(from, to), to.equals(Instant.MAX) ? "" : "closed_by_exchange");
    }

    private static final List<Subscription> ALWAYS = List.of(connected(BEFORE, Instant.MAX));

    private static Tape.Tally trades(long count) {
        return count == 0 ? Tape.Tally.NOTHING : new Tape.Tally(count, at(-5), at(5), 25_000L, 60_000L);
    }

    private static Facts facts(Venue venue, @Nullable String price, List<Subscription> connections, long trades) {
        return facts(venue, price, connections, List.of(), trades, Proof.NONE, false);
    }

    private static Facts facts(
            Venue venue,
            @Nullable String price,
            List<Subscription> connections,
            List<Hole> holes,
            long trades,
            Proof proof,
            boolean numbered) {
        return new Facts(
                venue,
                price == null ? null : new BigDecimal(price),
                connections,
                holes,
                trades(trades),
                0,
                0,
                proof,
                numbered);
    }

    private static Facts facts(Instrument instrument, String price) {
        return facts(Venue.listed(instrument), price, ALWAYS, 7);
    }

    private static Coverage core(Facts... facts) throws Exception {
        return Coverage.of(Invented.event(), Stage.CORE, List.of(facts));
    }

    private static OfVenue only(Facts facts) throws Exception {
        return core(facts).venues().getFirst();
    }

    @Test
    void connected_all_the_time_is_recorded_and_without_a_trade_says_so() throws Exception {
        Coverage coverage =
                core(facts(Venue.listed(ON_BINANCE), "1.2", ALWAYS, 7), facts(Venue.listed(ON_BYBIT), null, ALWAYS, 0));

        assertThat(coverage.venues()).extracting(OfVenue::status).containsExactly(Status.RECORDED, Status.NO_TRADES);
        assertThat(coverage.venues()).allMatch(OfVenue::complete);
        assertThat(coverage.complete()).isTrue();
    }

    @Test
    void not_listed_and_switched_off_are_told_apart_from_lost() throws Exception {
        Coverage coverage = core(
                Facts.none(Venue.without(Invented.BINANCE_SPOT, Match.NOT_LISTED, "")),
                Facts.none(Venue.without(Invented.BYBIT_SPOT, Match.SWITCHED_OFF, "switched off")));

        assertThat(coverage.venues())
                .extracting(OfVenue::status)
                .containsExactly(Status.NOT_LISTED, Status.DISCONNECTED);
        assertThat(coverage.venues().getLast().detail()).isEqualTo("switched off");
        assertThat(coverage.venues().getLast().complete()).isFalse();
        assertThat(coverage.complete()).as("nothing that was wanted is missing").isTrue();
    }

    @Test
    void a_market_of_which_nobody_knows_what_it_trades_makes_the_whole_incomplete() throws Exception {
        Coverage coverage = core(Facts.none(Venue.without(Invented.BYBIT_SPOT, Match.UNKNOWN, "no list yet")));

        assertThat(coverage.complete()).isFalse();
        assertThat(coverage.venues().getFirst().detail()).isEqualTo("no list yet");
    }

    @Test
    void overlapping_connections_cover_the_window_together() throws Exception {
        OfVenue venue = only(facts(
                Venue.listed(ON_BYBIT),
                "1.2",
                List.of(connected(at(-2), Instant.MAX), connected(BEFORE, at(-1)), connected(at(3), at(4))),
                7));

        assertThat(venue.status()).isEqualTo(Status.RECORDED);
        assertThat(venue.gaps()).isEmpty();
        assertThat(venue.connected()).containsExactly(new Window(at(-20), at(20)));
    }

    @Test
    void an_exchange_that_is_down_in_the_window_is_named_and_the_whole_is_incomplete() throws Exception {
        Coverage coverage = core(
                facts(ON_BINANCE, "1.2"),
                facts(
                        Venue.listed(ON_BYBIT),
                        "1.2",
                        List.of(connected(BEFORE, at(-3)), connected(at(4), Instant.MAX)),
                        7));

        OfVenue venue = coverage.venues().getLast();
        assertThat(venue.status()).isEqualTo(Status.DISCONNECTED);
        assertThat(venue.gaps()).containsExactly(new Gap(at(-3), at(4), "closed_by_exchange", false));
        assertThat(venue.connected()).containsExactly(new Window(at(-20), at(-3)), new Window(at(4), at(20)));
        assertThat(venue.detail()).contains("closed_by_exchange");
        assertThat(coverage.complete()).isFalse();
        assertThat(coverage.venues().getFirst().complete()).isTrue();
    }

    @Test
    void who_connects_within_the_window_for_the_first_time_was_late() throws Exception {
        OfVenue venue = only(facts(Venue.listed(ON_BYBIT), "1.2", List.of(connected(at(2), Instant.MAX)), 7));

        assertThat(venue.status()).isEqualTo(Status.SUBSCRIBED_LATE);
        assertThat(venue.gaps()).containsExactly(new Gap(at(-20), at(2), "not_subscribed", false));
    }

    @Test
    void who_was_connected_before_and_again_in_the_window_was_not_late_but_away() throws Exception {
        OfVenue venue = only(facts(
                Venue.listed(ON_BYBIT), "1.2", List.of(connected(BEFORE, at(-60)), connected(at(2), Instant.MAX)), 7));

        assertThat(venue.status()).isEqualTo(Status.DISCONNECTED);
    }

    @Test
    void who_never_connected_is_disconnected_also_if_trades_came_another_way() throws Exception {
        OfVenue venue = only(facts(Venue.listed(ON_BYBIT), "1.2", List.of(), 7));

        assertThat(venue.status()).isEqualTo(Status.DISCONNECTED);
        assertThat(venue.trades()).isEqualTo(7);
        assertThat(venue.complete()).isFalse();
    }

    @Test
    void contiguous_numbers_across_a_break_prove_that_it_lost_nothing() throws Exception {
        List<Subscription> broken = List.of(connected(BEFORE, at(-3)), connected(at(4), Instant.MAX));
        Proof contiguous = stretch -> stretch.equals(new Window(at(-3), at(4)));

        OfVenue venue = only(facts(Venue.listed(ON_BINANCE), "1.2", broken, List.of(), 7, contiguous, true));

        assertThat(venue.status()).isEqualTo(Status.RECORDED);
        assertThat(venue.gaps()).containsExactly(new Gap(at(-3), at(4), "closed_by_exchange", true));
        assertThat(venue.complete()).isTrue();
        assertThat(venue.sequenceBreaks()).isZero();
    }

    @Test
    void a_break_that_rest_has_filled_is_whole_and_one_beyond_its_reach_is_not() throws Exception {
        List<Subscription> broken = List.of(connected(BEFORE, at(-3)), connected(at(4), Instant.MAX));

        OfVenue filled = only(facts(
                Venue.listed(ON_BYBIT),
                "1.2",
                broken,
                List.of(new Hole(at(-4), at(5), "disconnect", false, "refilled")),
                7,
                Proof.NONE,
                false));
        OfVenue lost = only(facts(
                Venue.listed(ON_BYBIT),
                "1.2",
                broken,
                List.of(new Hole(at(-4), at(5), "disconnect", false, "beyond_reach")),
                7,
                Proof.NONE,
                false));

        assertThat(filled.status()).isEqualTo(Status.RECORDED);
        assertThat(filled.complete()).isTrue();
        assertThat(lost.status()).isEqualTo(Status.DISCONNECTED);
        assertThat(lost.complete()).isFalse();
    }

    @Test
    void an_open_hole_of_numbers_is_counted_and_the_market_incomplete_although_it_was_connected() throws Exception {
        Coverage coverage = core(facts(
                Venue.listed(ON_BINANCE),
                "1.2",
                ALWAYS,
                List.of(
                        new Hole(at(1), at(1), "missing_ids", true, null),
                        new Hole(at(2), at(3), "missing_ids", true, "refilled"),
                        new Hole(at(30), at(31), "missing_ids", true, null)),
                7,
                Proof.NONE,
                true));

        OfVenue venue = coverage.venues().getFirst();
        assertThat(venue.status()).isEqualTo(Status.RECORDED);
        assertThat(venue.gaps())
                .containsExactly(
                        new Gap(at(1), at(1), "missing_ids", false), new Gap(at(2), at(3), "missing_ids", true));
        assertThat(venue.sequenceBreaks()).isEqualTo(1);
        assertThat(venue.complete()).isFalse();
        assertThat(coverage.openHoles()).isEqualTo(1);
        assertThat(coverage.complete()).isFalse();
    }

    @Test
    void a_gap_beyond_the_core_window_leaves_the_core_complete() throws Exception {
        Coverage wide = Coverage.of(
                Invented.event(),
                Stage.WIDE,
                List.of(facts(
                        Venue.listed(ON_BYBIT),
                        "1.2",
                        List.of(connected(BEFORE, at(60)), connected(at(90), Instant.MAX)),
                        7)));

        assertThat(wide.venues().getFirst().status()).isEqualTo(Status.DISCONNECTED);
        assertThat(wide.venues().getFirst().complete()).isFalse();
        assertThat(wide.complete()).isTrue();
    }

    @Test
    void between_two_windows_that_are_apart_nothing_is_missing() throws Exception {
        Coverage open = Coverage.of(
                new Event(
                        Invented.event().listing(),
                        "listing",
                        T0.plus(Duration.ofHours(5)),
                        null,
                        List.of(),
                        null,
                        Windows.DEFAULT,
                        "",
                        ""),
                Stage.OPEN,
                List.of(facts(
                        Venue.listed(ON_BYBIT),
                        "1.2",
                        List.of(connected(BEFORE, at(4_000)), connected(at(10_000), Instant.MAX)),
                        List.of(new Hole(at(5_000), at(6_000), "disconnect", false, null)),
                        7,
                        Proof.NONE,
                        false)));

        assertThat(open.venues().getFirst().gaps()).isEmpty();
        assertThat(open.openHoles()).isZero();
        assertThat(open.venues().getFirst().connected())
                .containsExactly(new Window(at(-600), at(3_600)), new Window(at(17_400), at(21_600)));
    }

    @Test
    void a_market_for_won_that_opens_hours_later_is_not_missed_before() throws Exception {
        Coverage coverage = core(facts(ON_BINANCE, "1.2"), facts(KRW, null, List.of(connected(at(3), Instant.MAX)), 0));

        assertThat(coverage.venues().getLast().status()).isEqualTo(Status.NO_TRADES);
        assertThat(coverage.venues().getLast().gaps()).isEmpty();
        assertThat(coverage.complete()).isTrue();
    }

    @Test
    void a_market_for_won_that_opens_and_is_not_heard_is_missed() throws Exception {
        Event event = new Event(
                Invented.event().listing(), "listing", at(600), null, List.of(), null, Windows.DEFAULT, "", "");

        Coverage coverage =
                Coverage.of(event, Stage.OPEN, List.of(facts(KRW, null, List.of(connected(at(900), Instant.MAX)), 7)));

        assertThat(coverage.venues().getFirst().gaps())
                .containsExactly(new Gap(at(600), at(900), "not_subscribed", false));
        assertThat(coverage.firstWon()).isEqualTo(at(-5));
    }

    // ---- is it the coin?

    @Test
    void a_multiplier_is_taken_off_before_prices_are_compared() throws Exception {
        Coverage coverage = core(facts(ON_BINANCE, "0.0012"), facts(THOUSAND, "1.21"), facts(ON_OKX, "0.00119"));

        assertThat(coverage.venues()).extracting(OfVenue::status).containsOnly(Status.RECORDED);
        assertThat(coverage.venues().get(1).price()).isEqualByComparingTo("0.00121");
        assertThat(coverage.venues().get(1).priceRatio()).isEqualByComparingTo("1.00833333");
    }

    @ParameterizedTest
    @CsvSource({"0.959,COLLISION", "0.96,RECORDED", "1.5,RECORDED", "1.501,COLLISION"})
    void another_coin_of_the_same_name_is_known_by_its_price(String price, Status status) throws Exception {
        Coverage coverage =
                core(facts(ON_BINANCE, "1.2"), facts(ON_OKX, "1.2"), facts(ON_GATE, "1.2"), facts(ON_BYBIT, price));

        assertThat(coverage.venues().getLast().status()).isEqualTo(status);
        assertThat(coverage.venues().getLast().isCoin()).isEqualTo(status == Status.RECORDED);
        assertThat(coverage.venues().getLast().trades()).isEqualTo(7);
        assertThat(coverage.venues().subList(0, 3)).allMatch(OfVenue::isCoin);
    }

    @Test
    void of_two_markets_that_disagree_nobody_can_say_which_has_the_coin() throws Exception {
        Coverage coverage = core(facts(ON_BINANCE, "1.2"), facts(ON_BYBIT, "7"));

        assertThat(coverage.venues()).extracting(OfVenue::status).containsOnly(Status.COLLISION);
        assertThat(coverage.venues().getFirst().detail()).contains("SKYNUSDT");
    }

    @Test
    void gaps_of_another_coin_of_the_same_name_do_not_matter() throws Exception {
        Coverage coverage =
                core(facts(ON_BINANCE, "1.2"), facts(ON_OKX, "1.2"), facts(Venue.listed(ON_BYBIT), "77", List.of(), 7));

        assertThat(coverage.venues().getLast().status()).isEqualTo(Status.COLLISION);
        assertThat(coverage.complete()).isTrue();
    }

    @Test
    void prices_in_won_are_not_compared() throws Exception {
        Coverage coverage = core(facts(ON_BINANCE, "1.2"), facts(ON_OKX, "1.2"), facts(KRW, "1700", ALWAYS, 7));

        assertThat(coverage.venues()).extracting(OfVenue::status).containsOnly(Status.RECORDED);
        assertThat(coverage.venues().getLast().priceRatio()).isNull();
    }

    @Test
    void one_market_alone_has_nobody_to_disagree_with() throws Exception {
        OfVenue venue = only(facts(ON_BINANCE, "1.2"));

        assertThat(venue.status()).isEqualTo(Status.RECORDED);
        assertThat(venue.priceRatio()).isNull();
    }

    @ParameterizedTest
    @CsvSource({"113,UNMATCHED_SYMBOL", "114,RECORDED", "126,RECORDED", "127,UNMATCHED_SYMBOL"})
    void digits_that_may_count_do_so_only_if_the_price_agrees_within_five_percent(String price, Status status)
            throws Exception {
        Instrument hundred = Instrument.of(Invented.GATE_SPOT, "100SKYN_USDT", "100SKYN", "USDT");
        Venue candidate = Venue.candidate(hundred, BigDecimal.valueOf(100), "SKYN");

        Coverage coverage = core(facts(ON_BINANCE, "1.2"), facts(candidate, price, ALWAYS, 7));

        OfVenue venue = coverage.venues().getLast();
        assertThat(venue.status()).isEqualTo(status);
        assertThat(venue.detail().contains("100SKYN_USDT")).isEqualTo(status == Status.UNMATCHED_SYMBOL);
        assertThat(venue.isCoin()).isEqualTo(status == Status.RECORDED);
        assertThat(coverage.complete()).isTrue();
    }

    @Test
    void digits_that_may_count_prove_nothing_where_there_is_no_price_to_compare() throws Exception {
        Instrument hundred = Instrument.of(Invented.GATE_SPOT, "100SKYN_USDT", "100SKYN", "USDT");
        Venue candidate = Venue.candidate(hundred, BigDecimal.valueOf(100), "SKYN");

        assertThat(only(facts(candidate, "120", ALWAYS, 7)).status()).isEqualTo(Status.UNMATCHED_SYMBOL);
        assertThat(core(facts(ON_BINANCE, "1.2"), facts(candidate, null, ALWAYS, 0))
                        .venues()
                        .getLast()
                        .status())
                .isEqualTo(Status.UNMATCHED_SYMBOL);
    }

    @Test
    void every_market_that_goes_in_comes_out_in_its_order() throws Exception {
        List<Facts> facts = new ArrayList<>();
        for (Venue venue : Invented.venues(ON_BINANCE, THOUSAND)) {
            facts.add(venue.instrument() == null ? Facts.none(venue) : facts(venue, null, ALWAYS, 0));
        }

        Coverage coverage = Coverage.of(Invented.event(), Stage.CORE, facts);

        assertThat(coverage.venues()).hasSize(13);
        assertThat(coverage.venues())
                .extracting(venue -> venue.venue().market())
                .isSorted();
    }
}

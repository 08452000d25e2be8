package io.metdc.listings.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.listings.Listing;
import io.metdc.listings.recorder.Venue.Match;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.symbols.Aliases;
import io.metdc.symbols.Aliases.Alias;
import io.metdc.symbols.DateRange;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VenuesTest {
    private static Listing listing(String coin, String... markets) {
        Listing any = Invented.listing("");
        return new Listing(
                any.notice(),
                coin,
                List.of(markets.length == 0 ? new String[] {"KRW"} : markets),
                "",
                "",
                null,
                any.announcedAt(),
                any.firedAt(),
                false,
                any.sightings());
    }

    private static Instrument instrument(String base, long multiplier) {
        return new Instrument(
                Invented.BINANCE_SPOT,
                base + "USDT",
                base,
                "USDT",
                "USDT",
                BigDecimal.ONE,
                BigDecimal.valueOf(multiplier));
    }

    private static List<Venue> at(Market market, List<Venue> venues) {
        return venues.stream().filter(venue -> venue.market().equals(market)).toList();
    }

    private static List<Venue> onBinance(String coin, Aliases aliases, Instrument... instruments) {
        return at(Invented.BINANCE_SPOT, Venues.of(listing(coin), Invented.offers(instruments), aliases));
    }

    @ParameterizedTest
    @CsvSource({
        "PEPE,PEPE,1",
        "PEPE,1000PEPE,1000",
        "PEPE,1000 PEPE,1000",
        "PEPE,10PEPE,10",
        "SHIB,SHIB1000,1000",
        "BABYDOGE,1MBABYDOGE,1000000",
        "BABYDOGE,MBABYDOGE,1000000",
        "MOG,1000000MOG,1000000",
        "0G,0G,1",
        "2Z,2Z,1",
        "1INCH,1INCH,1",
        "W,w,1",
        "BTC,XBT,1",
        "1000CAT,1000CAT,1000",
    })
    void a_coin_is_found_by_its_base_without_the_multiplier(String coin, String base, long multiplier) {
        assertThat(onBinance(coin, Aliases.NONE, instrument(base, multiplier)))
                .singleElement()
                .satisfies(venue -> {
                    assertThat(venue.match()).isEqualTo(Match.LISTED);
                    assertThat(venue.multiplier()).isEqualByComparingTo(BigDecimal.valueOf(multiplier));
                });
    }

    @ParameterizedTest
    @CsvSource({
        "BEAM,BEAMX,1",
        "OG,0G,1",
        "0G,OG,1",
        "S,SAND,1",
        "T,BTT,1",
        "NEIRO,NEIROETH,1",
        "INCH,1INCH,1",
        "G,0G,1",
        "PEPE,1000PEPE2,1000",
    })
    void a_part_of_a_name_finds_nothing(String coin, String base, long multiplier) {
        assertThat(onBinance(coin, Aliases.NONE, instrument(base, multiplier)))
                .extracting(Venue::match)
                .containsExactly(Match.NOT_LISTED);
    }

    @ParameterizedTest
    @CsvSource({"100SKYN,100", "1MSKYN,1000000", "10MSKYN,10000000", "SKYN10000,10000", "1000SKYN,1000"})
    void digits_that_nobody_knows_to_count_make_a_candidate(String base, long factor) {
        assertThat(onBinance("SKYN", Aliases.NONE, instrument(base, 1)))
                .singleElement()
                .satisfies(venue -> {
                    assertThat(venue.match()).isEqualTo(Match.CANDIDATE);
                    assertThat(venue.factor()).isEqualByComparingTo(BigDecimal.valueOf(factor));
                    assertThat(venue.why()).contains(base + "USDT");
                });
    }

    @Test
    void a_market_that_trades_the_coin_under_two_symbols_keeps_both() {
        assertThat(onBinance("PEPE", Aliases.NONE, instrument("PEPE", 1), instrument("1000PEPE", 1000)))
                .extracting(venue -> venue.toString())
                .containsExactly("binance-spot 1000PEPEUSDT", "binance-spot PEPEUSDT");
    }

    @Test
    void an_alias_finds_the_coin_and_hides_the_one_that_has_its_name_there() {
        Aliases aliases = Aliases.of(Map.of("HEI", "LIT", "LIT", "LIGHTER"));

        assertThat(onBinance("LIT", aliases, instrument("HEI", 1), instrument("LIT", 1)))
                .extracting(venue -> venue.toString())
                .containsExactly("binance-spot HEIUSDT");
    }

    @Test
    void an_alias_counts_that_held_when_the_coin_was_announced() {
        LocalDate day =
                Invented.listing("").announcedAt().atZone(ZoneOffset.UTC).toLocalDate();
        Aliases until = new Aliases(List.of(new Alias("HEI", "LIT", new DateRange(null, day), Set.of())));
        Aliases since = new Aliases(List.of(new Alias("HEI", "LIT", new DateRange(day, null), Set.of())));

        assertThat(onBinance("LIT", until, instrument("HEI", 1)))
                .extracting(Venue::match)
                .containsExactly(Match.NOT_LISTED);
        assertThat(onBinance("LIT", since, instrument("HEI", 1)))
                .extracting(Venue::match)
                .containsExactly(Match.LISTED);
    }

    @Test
    void every_market_is_there_whether_it_has_the_coin_or_not() {
        Map<Market, Offer> offers = Invented.offers(Invented.ON_GATE);
        offers.remove(Invented.BYBIT_SPOT);
        offers.put(Invented.OKX_FUTURES, new Offer.Unknown("no list yet"));

        List<Venue> venues = Venues.of(listing("SKYN"), offers, Aliases.NONE);

        assertThat(venues).hasSize(13).isSortedAccordingTo((a, b) -> a.market().compareTo(b.market()));
        assertThat(at(Invented.GATE_SPOT, venues)).extracting(Venue::match).containsExactly(Match.LISTED);
        assertThat(at(Invented.BYBIT_SPOT, venues)).extracting(Venue::match).containsExactly(Match.SWITCHED_OFF);
        assertThat(at(Invented.OKX_FUTURES, venues)).extracting(Venue::why).containsExactly("no list yet");
        assertThat(at(Invented.BINANCE_SPOT, venues)).extracting(Venue::match).containsExactly(Match.NOT_LISTED);
    }

    @Test
    void the_market_for_won_is_there_before_its_list_shows_it_and_only_where_the_coin_gets_one() {
        assertThat(at(Venues.HOME, Venues.of(listing("SKYN"), Invented.offers(), Aliases.NONE)))
                .extracting(venue -> venue.toString())
                .containsExactly("upbit-spot KRW-SKYN");
        assertThat(at(Venues.HOME, Venues.of(listing("SKYN", "BTC", "USDT"), Invented.offers(), Aliases.NONE)))
                .extracting(Venue::match)
                .containsExactly(Match.NOT_LISTED);
    }
}

package io.metdc.symbols;

import io.metdc.connectors.Connectors;
import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The rules by which an instrument that an exchange offers is collected or not, beyond the selection rules of its
/// connector. They are for the exchanges; of Upbit's own market the connector's choice is collected, and the coins of
/// young listings.
///
/// @param upbitKrw which coins, by Upbit's list
/// @param include  if not empty, only what one of these names
/// @param exclude  never what one of these names; wins over `include`
/// @param denied   bases that no field of the exchange tells from coins
/// @param quotes   the currencies in which prices may be written
/// @param aliases  coins with another name at Upbit
public record Filter(
        UpbitKrw upbitKrw,
        List<Selector> include,
        List<Selector> exclude,
        List<Denial> denied,
        Set<String> quotes,
        Aliases aliases) {

    /// Everything against USDT.
    public static final Filter DEFAULT =
            new Filter(UpbitKrw.BOTH, List.of(), List.of(), List.of(), Set.of("USDT"), Aliases.NONE);

    /// A base that is no coin, such as a tokenised stock.
    ///
    /// @param base      as the exchange names it, whole
    /// @param exchanges where it is none; empty: on all
    public record Denial(String base, DateRange dates, Set<Exchange> exchanges) {
        public Denial {
            base = CoinName.canonical(base);
            exchanges = Set.copyOf(exchanges);
            if (base.isEmpty()) {
                throw new IllegalArgumentException("denies no name");
            }
        }

        boolean denies(Instrument instrument, Instant at) {
            return base.equals(CoinName.canonical(instrument.base()))
                    && (exchanges.isEmpty()
                            || exchanges.contains(instrument.market().exchange()))
                    && dates.contains(at);
        }
    }

    /// Whether an instrument is collected.
    ///
    /// @param why in words, for a person
    public record Decision(boolean collected, UpbitMark mark, String why) {}

    public Filter {
        include = List.copyOf(include);
        exclude = List.copyOf(exclude);
        denied = List.copyOf(denied);
        quotes = Set.copyOf(quotes);
        if (quotes.isEmpty()) {
            throw new IllegalArgumentException("no quote currency");
        }
    }

    /// The decision on one instrument.
    ///
    /// @param krw  null while there is no list: everything is collected then, since what was not is lost
    /// @param held coins with a notice younger than a day or an open window, by Upbit's names in
    ///             canonical spelling: collected whatever Upbit's list says
    public Decision decide(Instrument instrument, @Nullable KrwList krw, Set<String> held, Instant at) {
        Set<String> names = aliases.upbits(instrument, at);
        UpbitMark mark = krw == null ? UpbitMark.UNKNOWN : krw.mark(names);
        boolean isUpbits = instrument.market().equals(KrwList.MARKET);
        String refusal = isUpbits ? refusalOfUpbits(instrument) : refusal(instrument, at);
        if (refusal != null) {
            return new Decision(false, mark, refusal);
        }
        if (isHeld(instrument, held, at)) {
            return new Decision(true, mark, "held for a listing");
        }
        if (isUpbits) {
            boolean always = Connectors.of(instrument.market()).orElseThrow().isAlwaysCollected(instrument);
            return new Decision(always, mark, always ? "a rate of exchange" : "no listing of it is young");
        }
        if (!upbitKrw.takes(mark)) {
            return new Decision(false, mark, "upbit_krw is " + upbitKrw);
        }
        return new Decision(true, mark, mark == UpbitMark.UNKNOWN ? "no list of Upbit's" : "upbit_krw is " + upbitKrw);
    }

    private @Nullable String refusal(Instrument instrument, Instant at) {
        if (!quotes.contains(instrument.quote())) {
            return "quote is " + instrument.quote();
        }
        for (Denial denial : denied) {
            if (denial.denies(instrument, at)) {
                return ("denied " + denial.dates()).strip();
            }
        }
        for (Selector selector : exclude) {
            if (selector.matches(instrument)) {
                return "excluded by " + selector;
            }
        }
        return include.isEmpty() || include.stream().anyMatch(selector -> selector.matches(instrument))
                ? null
                : "not included";
    }

    /// A coin that is not wanted on the exchanges may still be the rate that turns won into dollars.
    private @Nullable String refusalOfUpbits(Instrument instrument) {
        for (Selector selector : exclude) {
            if (selector.matchesSymbol(instrument)) {
                return "excluded by " + selector;
            }
        }
        return null;
    }

    /// Whether it is one of these coins. Also where digits beside the coin's name may count it and nobody knows yet:
    /// what was not collected is lost.
    boolean isHeld(Instrument instrument, Set<String> held, Instant at) {
        if (held.isEmpty()) {
            return false;
        }
        Exchange exchange = instrument.market().exchange();
        return aliases.upbits(instrument, at).stream().anyMatch(held::contains)
                || CoinName.counted(CoinName.of(instrument))
                        .map(counted -> aliases.upbits(counted.coin(), exchange, at))
                        .filter(held::contains)
                        .isPresent();
    }
}

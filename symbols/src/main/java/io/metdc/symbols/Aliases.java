package io.metdc.symbols;

import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Coins with another name at Upbit, edited by hand: LIT was Litentry, is Lighter now. An alias stands in for the
/// exchange's name everywhere: nothing is found by that name any more. Outside its days, or on another exchange, it
/// does nothing.
///
/// @param entries at most one of a name holds at a time on an exchange
public record Aliases(List<Alias> entries) {
    public static final Aliases NONE = new Aliases(List.of());

    /// One line of the table.
    ///
    /// @param theirs    the coin's name on the exchanges, without a multiplier
    /// @param upbits    its name at Upbit
    /// @param exchanges where it is called so; empty: on all
    public record Alias(String theirs, String upbits, DateRange dates, Set<Exchange> exchanges) {
        public Alias {
            theirs = CoinName.canonical(theirs);
            upbits = CoinName.canonical(upbits);
            exchanges = Set.copyOf(exchanges);
            if (theirs.isEmpty() || upbits.isEmpty()) {
                throw new IllegalArgumentException("an alias without a name");
            }
            if (exchanges.contains(Exchange.UPBIT)) {
                throw new IllegalArgumentException("the alias of " + theirs + " is for Upbit, whose name it leads to");
            }
        }

        boolean holds(Exchange exchange, Instant at) {
            return exchange != Exchange.UPBIT
                    && (exchanges.isEmpty() || exchanges.contains(exchange))
                    && dates.contains(at);
        }

        private boolean contradicts(Alias other) {
            return theirs.equals(other.theirs)
                    && !upbits.equals(other.upbits)
                    && dates.overlaps(other.dates)
                    && (exchanges.isEmpty()
                            || other.exchanges.isEmpty()
                            || exchanges.stream().anyMatch(other.exchanges::contains));
        }
    }

    /// @throws IllegalArgumentException when two entries give a name two meanings at once
    public Aliases {
        entries = List.copyOf(entries);
        for (int i = 0; i < entries.size(); i++) {
            for (Alias later : entries.subList(i + 1, entries.size())) {
                if (entries.get(i).contradicts(later)) {
                    throw new IllegalArgumentException(
                            later.theirs + " is " + entries.get(i).upbits + " and " + later.upbits + " at once");
                }
            }
        }
    }

    /// Aliases that hold always and everywhere, by the exchanges' name.
    public static Aliases of(Map<String, String> upbitsByTheirs) {
        return new Aliases(upbitsByTheirs.entrySet().stream()
                .map(entry -> new Alias(entry.getKey(), entry.getValue(), DateRange.ALWAYS, Set.of()))
                .toList());
    }

    /// The coin's name at Upbit: the same where no alias says otherwise.
    ///
    /// @param name in canonical spelling
    public String upbits(String name, Exchange exchange, Instant at) {
        Alias alias = find(name, exchange, at);
        return alias == null ? name : alias.upbits();
    }

    /// The names by which Upbit may know what an instrument trades: its coin, and its base as it stands, since a coin
    /// may itself be called 1000X.
    public Set<String> upbits(Instrument instrument, Instant at) {
        String coin = CoinName.of(instrument);
        String base = CoinName.canonical(instrument.base());
        Exchange exchange = instrument.market().exchange();
        String upbits = upbits(coin, exchange, at);
        String literal = upbits(base, exchange, at);
        return upbits.equals(literal) ? Set.of(upbits) : Set.of(upbits, literal);
    }

    @Nullable
    Alias find(String name, Exchange exchange, Instant at) {
        for (Alias alias : entries) {
            if (alias.theirs().equals(name) && alias.holds(exchange, at)) {
                return alias;
            }
        }
        return null;
    }

    /// Exchanges by their names in the configuration.
    ///
    /// @throws IllegalArgumentException for one that is not known
    public static Set<Exchange> exchanges(Collection<String> names) {
        Set<Exchange> exchanges = EnumSet.noneOf(Exchange.class);
        for (String name : names) {
            exchanges.add(
                    Exchange.of(name).orElseThrow(() -> new IllegalArgumentException("'" + name + "' is no exchange")));
        }
        return Set.copyOf(exchanges);
    }
}

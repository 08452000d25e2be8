package io.metdc.symbols;

import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.symbols.Aliases.Alias;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A name that may mean something else than it seems to. It is reported and never acted upon: only prices and people
/// tell one coin from another.
///
/// @param coin        by Upbit's name in canonical spelling
/// @param instruments that bear the name, in the order of markets and symbols
public record Collision(Kind kind, String coin, List<Instrument.Key> instruments) {
    /// What is doubtful about the name.
    public enum Kind {
        /// One market trades the coin under several symbols: PEPE and 1000PEPE.
        SEVERAL_SYMBOLS("one market has several symbols of it"),
        /// Nothing but an alias says that this is the coin.
        ALIAS("an alias alone says that this is the coin"),
        /// The base is taken for a multiple of a coin that nobody else trades: 1000X may be a name.
        STRANGE_MULTIPLE("taken for a multiple, and the coin itself is traded nowhere"),
        /// The base is taken for a name, and may be a multiple of a coin that is traded elsewhere: 100SKYN.
        POSSIBLE_MULTIPLE("taken for a name, and may be a multiple of this coin");

        private final String words;

        Kind(String words) {
            this.words = words;
        }
    }

    public Collision {
        instruments = List.copyOf(instruments);
    }

    /// All of them among what the exchanges offer, in the order of coins.
    ///
    /// @param krw null while there is no list
    public static List<Collision> among(
            Collection<Instrument> offered, Aliases aliases, @Nullable KrwList krw, Instant at) {
        List<Instrument> instruments = offered.stream()
                .filter(instrument -> !instrument.market().equals(KrwList.MARKET))
                .sorted(Comparator.comparing(Instrument::market).thenComparing(Instrument::symbol))
                .toList();
        Set<String> coins = new HashSet<>(krw == null ? Set.of() : krw.bases());
        Set<String> single = new HashSet<>(coins); // those that are traded one by one somewhere
        for (Instrument instrument : instruments) {
            coins.add(coin(instrument, aliases, at));
            if (!isMultiple(instrument)) {
                single.add(coin(instrument, aliases, at));
            }
        }
        Found found = new Found();
        severalSymbols(instruments, aliases, at, found);
        for (Instrument instrument : instruments) {
            String coin = coin(instrument, aliases, at);
            if (alias(instrument, aliases, at) != null) {
                found.add(Kind.ALIAS, coin, instrument);
            }
            if (isMultiple(instrument)) {
                if (!single.contains(coin)) {
                    found.add(Kind.STRANGE_MULTIPLE, coin, instrument);
                }
            } else {
                CoinName.counted(CoinName.of(instrument))
                        .map(counted -> aliases.upbits(
                                counted.coin(), instrument.market().exchange(), at))
                        .filter(coins::contains)
                        .ifPresent(counted -> found.add(Kind.POSSIBLE_MULTIPLE, counted, instrument));
            }
        }
        return found.sorted();
    }

    private static void severalSymbols(List<Instrument> instruments, Aliases aliases, Instant at, Found found) {
        record Place(Market market, String coin, String quote) {}
        Map<Place, List<Instrument>> places = instruments.stream()
                .collect(Collectors.groupingBy(one -> new Place(one.market(), coin(one, aliases, at), one.quote())));
        places.forEach((place, sharing) -> {
            if (sharing.size() > 1) {
                sharing.forEach(one -> found.add(Kind.SEVERAL_SYMBOLS, place.coin(), one));
            }
        });
    }

    private static String coin(Instrument instrument, Aliases aliases, Instant at) {
        return aliases.upbits(CoinName.of(instrument), instrument.market().exchange(), at);
    }

    /// The one that gives an instrument's coin its name.
    private static @Nullable Alias alias(Instrument instrument, Aliases aliases, Instant at) {
        Alias alias = aliases.find(CoinName.of(instrument), instrument.market().exchange(), at);
        return alias == null || alias.upbits().equals(alias.theirs()) ? null : alias;
    }

    private static boolean isMultiple(Instrument instrument) {
        return instrument.multiplier().compareTo(BigDecimal.ONE) != 0;
    }

    /// `PEPE: one market has several symbols of it (binance-futures 1000PEPEUSDT, …)`.
    @Override
    public String toString() {
        String where = instruments.stream().map(Instrument.Key::toString).collect(Collectors.joining(", "));
        return coin + ": " + kind.words + " (" + where + ")";
    }

    /// Collects what belongs together.
    private static final class Found {
        private record Name(String coin, Kind kind) {}

        private final Map<Name, List<Instrument.Key>> instruments =
                new TreeMap<>(Comparator.comparing(Name::coin).thenComparing(Name::kind));

        void add(Kind kind, String coin, Instrument instrument) {
            instruments
                    .computeIfAbsent(new Name(coin, kind), _ -> new ArrayList<>())
                    .add(instrument.key());
        }

        List<Collision> sorted() {
            List<Collision> sorted = new ArrayList<>();
            instruments.forEach((name, keys) -> sorted.add(new Collision(
                    name.kind(),
                    name.coin(),
                    keys.stream()
                            .sorted(Comparator.comparing(Instrument.Key::market).thenComparing(Instrument.Key::symbol))
                            .toList())));
            return List.copyOf(sorted);
        }
    }
}

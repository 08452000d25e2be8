package io.metdc.symbols;

import io.metdc.market.Instrument;
import io.metdc.market.Market;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The instruments of one market that are collected, each with its mark.
///
/// @param watched sorted by symbol
/// @param leftOut what else the exchange offers, by symbol, with the rule that leaves it out
public record WatchSet(Market market, List<Watched> watched, NavigableMap<String, String> leftOut) {
    /// One instrument.
    ///
    /// @param why it is collected, in words
    public record Watched(Instrument instrument, UpbitMark mark, String why) {
        public String symbol() {
            return instrument.symbol();
        }
    }

    public WatchSet {
        for (Watched one : watched) {
            if (!one.instrument().market().equals(market)) {
                throw new IllegalArgumentException(one.instrument() + " among those of " + market);
            }
        }
        watched = watched.stream().sorted(Comparator.comparing(Watched::symbol)).toList();
        leftOut = Collections.unmodifiableNavigableMap(new TreeMap<>(leftOut));
    }

    /// What is collected of a market of which nothing is known.
    public static WatchSet empty(Market market) {
        return new WatchSet(market, List.of(), new TreeMap<>());
    }

    /// What these rules leave of a list; see [Filter#decide] for the rest.
    public static WatchSet of(InstrumentList list, Filter filter, @Nullable KrwList krw, Set<String> held, Instant at) {
        List<Watched> watched = new ArrayList<>();
        NavigableMap<String, String> leftOut = new TreeMap<>(list.dropped());
        for (Instrument instrument : list.instruments()) {
            Filter.Decision decision = filter.decide(instrument, krw, held, at);
            if (decision.collected()) {
                watched.add(new Watched(instrument, decision.mark(), decision.why()));
                leftOut.remove(instrument.symbol()); // another row of it was left out
            } else {
                leftOut.put(instrument.symbol(), decision.why());
            }
        }
        return new WatchSet(list.market(), watched, leftOut);
    }

    public List<Instrument> instruments() {
        return watched.stream().map(Watched::instrument).toList();
    }

    /// How many have this mark.
    public int count(UpbitMark mark) {
        return (int) watched.stream().filter(one -> one.mark() == mark).count();
    }
}

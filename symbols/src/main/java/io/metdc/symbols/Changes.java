package io.metdc.symbols;

import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.symbols.WatchSet.Watched;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// What became different in the watch set of a market.
///
/// @param at      when it was noticed: the time of the list that says so, or of the sighting of a market for KRW
/// @param isFirst whether nothing was known of the market before: then all of it is added, and none of it is news
/// @param changes in the order of symbols
public record Changes(Market market, Instant at, boolean isFirst, List<Change> changes) {
    /// One difference.
    public sealed interface Change {
        /// As it is now; as it was last where it is gone.
        default Instrument instrument() {
            return switch (this) {
                case Added added -> added.watched().instrument();
                case Dropped dropped -> dropped.watched().instrument();
                case Renamed renamed -> renamed.after().instrument();
                case Terms terms -> terms.after().instrument();
                case Marked marked -> marked.after().instrument();
            };
        }

        /// In a word, as it stands in SQL and counts.
        default String kind() {
            return switch (this) {
                case Added _ -> "added";
                case Dropped _ -> "dropped";
                case Renamed _ -> "renamed";
                case Terms _ -> "terms";
                case Marked _ -> "marked";
            };
        }

        /// Whether it happened out there; otherwise it only became known here: the first list of Upbit's marks
        /// everything.
        default boolean isNews() {
            return !(this instanceof Marked marked) || marked.before().mark() != UpbitMark.UNKNOWN;
        }
    }

    /// Collected from now on.
    public record Added(Watched watched) implements Change {}

    /// No longer collected.
    ///
    /// @param why the rule that leaves it out now, in words
    public record Dropped(Watched watched, String why) implements Change {}

    /// The same symbol trades another base now, or the same base has another symbol.
    public record Renamed(Watched before, Watched after) implements Change {
        /// Whether something has to be subscribed.
        public boolean isOtherSymbol() {
            return !before.symbol().equals(after.symbol());
        }
    }

    /// The numbers on the wire mean something else: contract size, multiplier, scales or currency changed.
    public record Terms(Watched before, Watched after) implements Change {}

    /// Upbit's list says otherwise about the coin.
    public record Marked(Watched before, Watched after) implements Change {}

    public Changes {
        changes = List.copyOf(changes);
    }

    public boolean isEmpty() {
        return changes.isEmpty();
    }

    /// What leads from one watch set of a market to the next.
    ///
    /// @param isFirst whether the one before stands for nothing known
    static Changes between(WatchSet before, WatchSet after, Instant at, boolean isFirst) {
        Map<String, Watched> gone = bySymbol(before);
        Map<String, Watched> joined = bySymbol(after);
        List<Change> changes = new ArrayList<>();
        for (Watched now : after.watched()) {
            Watched was = gone.remove(now.symbol());
            if (was != null) {
                joined.remove(now.symbol());
                changes.addAll(ofOneSymbol(was, now));
            }
        }
        for (Renamed renamed : renamed(gone, joined)) {
            gone.remove(renamed.before().symbol());
            joined.remove(renamed.after().symbol());
            changes.add(renamed);
        }
        joined.values().forEach(now -> changes.add(new Added(now)));
        gone.values()
                .forEach(was -> changes.add(new Dropped(
                        was, Objects.requireNonNullElse(after.leftOut().get(was.symbol()), "no longer on the list"))));
        changes.sort(Comparator.comparing(change -> change.instrument().symbol()));
        return new Changes(after.market(), at, isFirst, changes);
    }

    private static Map<String, Watched> bySymbol(WatchSet set) {
        Map<String, Watched> bySymbol = new LinkedHashMap<>();
        set.watched().forEach(one -> bySymbol.put(one.symbol(), one));
        return bySymbol;
    }

    private static List<Change> ofOneSymbol(Watched was, Watched now) {
        List<Change> changes = new ArrayList<>();
        if (!was.instrument().base().equals(now.instrument().base())) {
            changes.add(new Renamed(was, now));
        } else if (!was.instrument().equals(now.instrument())) {
            changes.add(new Terms(was, now));
        }
        if (was.mark() != now.mark()) {
            changes.add(new Marked(was, now));
        }
        return changes;
    }

    /// What one symbol took over from one other. Where it is not clear from which, nothing was renamed.
    private static List<Renamed> renamed(Map<String, Watched> gone, Map<String, Watched> joined) {
        Map<Pair, List<Watched>> left = byPair(gone);
        List<Renamed> renamed = new ArrayList<>();
        byPair(joined).forEach((pair, came) -> {
            List<Watched> went = left.getOrDefault(pair, List.of());
            if (came.size() == 1 && went.size() == 1) {
                renamed.add(new Renamed(went.getFirst(), came.getFirst()));
            }
        });
        return renamed;
    }

    private static Map<Pair, List<Watched>> byPair(Map<String, Watched> bySymbol) {
        Map<Pair, List<Watched>> byPair = new LinkedHashMap<>();
        for (Watched one : bySymbol.values()) {
            byPair.computeIfAbsent(Pair.of(one.instrument()), _ -> new ArrayList<>())
                    .add(one);
        }
        return byPair;
    }

    /// What a symbol stands for.
    private record Pair(String base, String quote, BigDecimal multiplier) {
        static Pair of(Instrument instrument) {
            return new Pair(instrument.base(), instrument.quote(), instrument.multiplier());
        }
    }
}

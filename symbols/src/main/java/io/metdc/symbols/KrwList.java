package io.metdc.symbols;

import io.metdc.market.Exchange;
import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The coins that Upbit trades for KRW. A short list taken for the truth would make a candidate of every coin, so one
/// is not believed: [InstrumentSource] refuses it before it gets here.
///
/// @param bases   in canonical spelling
/// @param rows    how many markets Upbit listed, whatever they are quoted in
/// @param takenAt when Upbit gave this list
/// @param trouble why this is the last good list and not a fresh one; null when it is fresh
public record KrwList(
        NavigableSet<String> bases,
        int rows,
        Instant takenAt,
        @Nullable Failure trouble) {
    /// Where the coins are traded for KRW.
    public static final Market MARKET = new Market(Exchange.UPBIT, MarketType.SPOT);

    /// Upbit lists some 700 markets; it had 294 in 2021.
    public static final int LEAST_ROWS = 50;

    public KrwList {
        if (rows < LEAST_ROWS || bases.isEmpty()) {
            throw new IllegalArgumentException(
                    rows + " markets with " + bases.size() + " for KRW are not Upbit's whole list");
        }
        bases = Collections.unmodifiableNavigableSet(new TreeSet<>(bases));
    }

    /// The coins of a list of Upbit's markets.
    ///
    /// @param list of [#MARKET]
    public static KrwList of(InstrumentList list) {
        if (!list.market().equals(MARKET)) {
            throw new IllegalArgumentException(list.market() + " is no market for KRW");
        }
        NavigableSet<String> bases = new TreeSet<>();
        for (Instrument instrument : list.instruments()) {
            bases.add(CoinName.canonical(instrument.base()));
        }
        return new KrwList(bases, list.offered(), list.takenAt(), list.trouble());
    }

    /// Whether a list of this market with so many rows can be all of it.
    static boolean canBeWhole(Market market, int rows) {
        return !market.equals(MARKET) || rows >= LEAST_ROWS;
    }

    /// The same list with these coins beside.
    KrwList with(Collection<String> coins) {
        NavigableSet<String> more = new TreeSet<>(bases);
        more.addAll(coins);
        return new KrwList(more, rows, takenAt, trouble);
    }

    /// The mark of what Upbit would call by one of these names.
    UpbitMark mark(Collection<String> names) {
        return names.stream().anyMatch(bases::contains) ? UpbitMark.LISTED : UpbitMark.UNLISTED;
    }
}

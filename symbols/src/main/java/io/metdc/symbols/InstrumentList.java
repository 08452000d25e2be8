package io.metdc.symbols;

import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The instruments of a market that are collected.
///
/// @param instruments sorted by symbol, never empty
/// @param offered     how many rows the exchange listed, collected or not
/// @param dropped     the rows that the selection rules leave out, by symbol, each with the rule that does not hold
/// @param takenAt     when the exchange gave this list
/// @param trouble     why this is the last good list and not a fresh one; null when it is fresh
public record InstrumentList(
        Market market,
        List<Instrument> instruments,
        int offered,
        Map<String, String> dropped,
        Instant takenAt,
        @Nullable Failure trouble) {

    public InstrumentList {
        if (instruments.isEmpty()) {
            throw new IllegalArgumentException("a list of " + market + " without instruments");
        }
        instruments = List.copyOf(instruments);
        dropped = Map.copyOf(dropped);
    }

    /// The same list with those instruments alone of which this holds.
    public InstrumentList only(Predicate<Instrument> wanted) {
        return new InstrumentList(
                market, instruments.stream().filter(wanted).toList(), offered, dropped, takenAt, trouble);
    }
}

package io.metdc.simulator;

import java.math.BigDecimal;

/// One instrument that trades on a simulated market.
///
/// @param symbol       as the exchange spells it
/// @param base         the exchange's own name of the base asset, with what it counts of it: `1000PEPE`
/// @param coin         what the world calls the base asset
/// @param prices       the grid of prices
/// @param sizes        the grid of sizes, as the exchange counts them
/// @param contractSize base units in one unit of the size
/// @param opening      the first price, in steps
/// @param typicalSize  the median size, in steps
/// @param wide         whether sizes spread as sizes do, over decades; otherwise they lie between one and
///                     two times the typical size, so that all have the same number of digits
/// @param firstId      the number of the first print
record Listing(
        String symbol,
        String base,
        Coin coin,
        Grid prices,
        Grid sizes,
        BigDecimal contractSize,
        int opening,
        long typicalSize,
        boolean wide,
        long firstId) {

    Listing {
        if (opening < 2 || typicalSize < 1 || firstId < 0 || contractSize.signum() <= 0) {
            throw new IllegalArgumentException(
                    symbol + " opens at " + opening + " with size " + typicalSize + " of " + contractSize);
        }
    }

    Listing withContractSize(BigDecimal other) {
        return new Listing(symbol, base, coin, prices, sizes, other, opening, typicalSize, wide, firstId);
    }
}

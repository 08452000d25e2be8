package io.metdc.simulator;

/// One instrument that trades on a simulated market.
///
/// @param symbol      as the exchange spells it
/// @param base        the exchange's own name of the base asset
/// @param prices      the grid of prices
/// @param sizes       the grid of sizes, as the exchange counts them
/// @param opening     the first price, in steps
/// @param typicalSize the median size, in steps
/// @param wide        whether sizes spread as sizes do, over decades; otherwise they lie between one and two times
///                    the typical size, so that all have the same number of digits
/// @param firstId     the number of the first print
record Listing(
        String symbol,
        String base,
        Grid prices,
        Grid sizes,
        int opening,
        long typicalSize,
        boolean wide,
        long firstId) {

    Listing {
        if (opening < 2 || typicalSize < 1 || firstId < 0) {
            throw new IllegalArgumentException(symbol + " opens at " + opening + " with size " + typicalSize);
        }
    }
}

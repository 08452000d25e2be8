package io.metdc.simulator;

import java.math.BigDecimal;
import java.math.RoundingMode;

/// Makes listings of coins: prices of about five digits, sizes worth some hundred dollars.
final class Listings {
    private static final BigDecimal TYPICAL_QUOTE = new BigDecimal(300);
    private static final long MAX_TYPICAL = 10_000_000_000L;
    private static final int MOST_DECIMALS = 12;

    /// A coin this cheap trades a thousand at a time where contracts count coins.
    static final BigDecimal CHEAP = new BigDecimal("0.0001");

    private Listings() {}

    /// A listing.
    ///
    /// @param price        in quote units for one base unit
    /// @param contractSize base units in one unit of the size
    /// @param sizeDecimals how many digits behind the point a size has; fewer where one unit is worth little
    static Listing of(
            String symbol,
            String base,
            Coin coin,
            BigDecimal price,
            BigDecimal contractSize,
            int sizeDecimals,
            long firstId) {
        int magnitude = price.precision() - price.scale() - 1;
        int decimals = Math.clamp(4L - magnitude, 0, MOST_DECIMALS);
        Grid prices = grid(decimals);
        Grid sizes = grid(sizeDecimals);
        int opening = price.divide(prices.decimal(1), 0, RoundingMode.HALF_UP).intValueExact();
        long typical = TYPICAL_QUOTE
                .divide(price.multiply(contractSize), 20, RoundingMode.HALF_UP)
                .divide(sizes.decimal(1), 0, RoundingMode.HALF_UP)
                .longValue();
        return new Listing(
                symbol,
                base,
                coin,
                prices,
                sizes,
                contractSize,
                Math.max(2, opening),
                Math.clamp(typical, 1, MAX_TYPICAL),
                true,
                firstId);
    }

    private static Grid grid(int decimals) {
        return Grid.of(BigDecimal.ONE.movePointLeft(decimals).toPlainString(), decimals);
    }
}

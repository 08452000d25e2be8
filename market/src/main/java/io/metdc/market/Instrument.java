package io.metdc.market;

import java.math.BigDecimal;

/// What can be traded on a market, with the terms that turn its numbers into base units.
///
/// Two values are equal when everything is: an instrument whose terms changed is another value with the same [Key].
///
/// @param market       where it is traded
/// @param symbol       the exchange's own spelling, letter case included: `BTCUSDT`
/// @param base         the base asset as the exchange names it: `BTC`, `1000PEPE`
/// @param quote        the asset in which the price is written: `USDT`
/// @param settle       the asset in which gains are paid; the quote on spot markets
/// @param contractSize base units in one unit of a trade's size: 1 where the exchange counts base units
/// @param multiplier   coins in one base unit: 1000 where the base is `1000PEPE`, otherwise 1
/// @param scales       how prices and sizes are written
public record Instrument(
        Market market,
        String symbol,
        String base,
        String quote,
        String settle,
        BigDecimal contractSize,
        BigDecimal multiplier,
        Scales scales) {

    /// How many digits behind the decimal point the wire leaves out: at a price scale of 8, 250 means 0.0000025.
    /// 0 where numbers are written as decimals.
    public record Scales(int price, int size) {
        public static final Scales DECIMAL = new Scales(0, 0);

        private static final int MOST = 30;

        public Scales {
            if (price < 0 || price > MOST || size < 0 || size > MOST) {
                throw new IllegalArgumentException("scales of " + price + " and " + size + " digits");
            }
        }
    }

    /// An instrument whose numbers are written as decimals.
    public Instrument(
            Market market,
            String symbol,
            String base,
            String quote,
            String settle,
            BigDecimal contractSize,
            BigDecimal multiplier) {
        this(market, symbol, base, quote, settle, contractSize, multiplier, Scales.DECIMAL);
    }

    public Instrument {
        if (contractSize.signum() <= 0) {
            throw new IllegalArgumentException("contract size of " + symbol + " is " + contractSize);
        }
        if (multiplier.signum() <= 0) {
            throw new IllegalArgumentException("multiplier of " + symbol + " is " + multiplier);
        }
    }

    /// What stays the same when the terms change.
    public record Key(Market market, String symbol) {
        @Override
        public String toString() {
            return market + " " + symbol;
        }
    }

    /// An instrument that counts base units: contract size and multiplier are 1.
    public static Instrument of(Market market, String symbol, String base, String quote) {
        return new Instrument(market, symbol, base, quote, quote, BigDecimal.ONE, BigDecimal.ONE);
    }

    /// Stands for every symbol of a market that is not collected, so that such rows have a place where they are
    /// counted.
    public static Instrument unknown(Market market) {
        return of(market, "?", "?", "?");
    }

    public Key key() {
        return new Key(market, symbol);
    }

    /// Cheap, because the hot path looks instruments up for every trade: a string keeps its hash.
    @Override
    public int hashCode() {
        return symbol.hashCode();
    }

    @Override
    public String toString() {
        return market + " " + symbol;
    }
}

package io.metdc.collector.faults;

import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;

/// What can be had again of a market, and what proves that nothing is missing: by the exchanges'
/// documents, not by what the program makes of them.
final class Reaches {
    /// Whatever a hole can lose.
    static final long WHOLE = Long.MAX_VALUE;

    private Reaches() {}

    /// How many of the newest trades of an instrument REST has.
    static long rows(Market market) {
        boolean isSpot = market.type() == MarketType.SPOT;
        return switch (market.exchange()) {
            case BINANCE -> isSpot ? WHOLE : 1000;
            case BYBIT -> isSpot ? 60 : 1000;
            case OKX, GATE, UPBIT -> WHOLE;
            case KUCOIN -> 100;
            case PHEMEX -> 1000;
        };
    }

    /// Whether trades are counted without a gap.
    static boolean isByIds(Market market) {
        return switch (market.exchange()) {
            case BINANCE, OKX, GATE -> true;
            case BYBIT, KUCOIN, PHEMEX, UPBIT -> false;
        };
    }

    /// Whether the first that is sent of an instrument is the past, whose oldest trades cannot be told
    /// apart and are left out.
    static boolean cutsFirst(Market market) {
        return market.exchange() == Exchange.PHEMEX;
    }
}

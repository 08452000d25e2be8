package io.metdc.simulator;

import io.metdc.market.Exchange;
import io.metdc.market.Market;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/// A notice that was published and what followed it on the simulated markets.
///
/// @param notice  its key
/// @param t0      what it says as the time of its first publication, and when that is: a whole second, exactly
/// @param planted what was planted, the earliest first
public record Announcement(String notice, String title, Instant t0, List<Planted> planted) {
    public Announcement {
        planted = planted.stream().sorted(Comparator.comparing(Planted::delay)).toList();
    }

    /// A rise of one instrument's price.
    ///
    /// @param symbol as the exchange spells it
    /// @param coin   as Upbit spells it
    /// @param delay  from t0 until the price begins to rise
    /// @param move   the peak against the price before: 0.173 is 17.3 %; the price also walks a little by itself
    /// @param rise   from its beginning to the peak; the price rises fast at first, by 1 % within 5 % of this
    ///               time
    public record Planted(Market market, String symbol, String coin, Duration delay, BigDecimal move, Duration rise) {
        /// @param startNanos when it begins
        /// @param base       the price before it, in units of the usual price
        Pump pump(long startNanos, double base) {
            double givenBack = LEAST_LOST
                    + (MOST_LOST - LEAST_LOST) * (move.movePointRight(3).intValue() % 10) / 9;
            return new Pump(startNanos, base, move.doubleValue(), rise.toNanos(), givenBack);
        }
    }

    private static final double LEAST_LOST = 0.3;
    private static final double MOST_LOST = 0.6;

    /// What a market does with a coin that is announced.
    record Plan(Market market, Duration delay, BigDecimal move, Duration rise) {
        private static final int FIRST_MILLIS = 300;
        private static final int APART_MILLIS = 245;
        private static final int SPREAD_MILLIS = 100;
        private static final int LEAST_MOVE = 80;
        private static final int MOST_MOVE = 250;
        private static final int LEAST_RISE_MILLIS = 2_000;
        private static final int MOST_RISE_MILLIS = 10_000;

        /// Of every market but Upbit's.
        static List<Plan> of(String coin, long seed) {
            SplitMix random = new SplitMix(SplitMix.seed(seed, coin + "/announced"));
            List<Market> markets = new ArrayList<>(Simulator.MARKETS);
            markets.removeIf(market -> market.exchange() == Exchange.UPBIT);
            for (int i = markets.size() - 1; i > 0; i--) {
                Collections.swap(markets, i, random.below(i + 1));
            }
            List<Plan> plans = new ArrayList<>();
            for (Market market : markets) {
                int delay = FIRST_MILLIS + APART_MILLIS * plans.size() + random.below(SPREAD_MILLIS);
                plans.add(rise(market, Duration.ofMillis(delay), random));
            }
            return plans;
        }

        /// Of Upbit when the coin's market opens.
        static Plan ofOpening(String coin, long seed) {
            SplitMix random = new SplitMix(SplitMix.seed(seed, coin + "/opened"));
            return rise(Simulator.KRW, Duration.ZERO, random);
        }

        private static Plan rise(Market market, Duration delay, SplitMix random) {
            int move = LEAST_MOVE + random.below(MOST_MOVE - LEAST_MOVE + 1);
            int rise = LEAST_RISE_MILLIS + random.below(MOST_RISE_MILLIS - LEAST_RISE_MILLIS + 1);
            return new Plan(market, delay, BigDecimal.valueOf(move, 3), Duration.ofMillis(rise));
        }

        Planted planted(String symbol, String coin) {
            return new Planted(market, symbol, coin, delay, move, rise);
        }
    }
}

package io.metdc.simulator;

import java.util.concurrent.TimeUnit;

/// A rise of a price and what remains of it. The price goes up by `move` within `riseNanos`, fast at first and ever
/// slower; a part of that is given back within the next minute, and the rest stays. Orders come up to five times as
/// often, and most of them buy, at first fully and less and less until the minute is over.
///
/// @param startNanos when it begins, nanoseconds since the epoch
/// @param base       the price before it, in units of the usual price
/// @param move       the rise in units of the price before it: 0.15
/// @param riseNanos  from the beginning to the peak
/// @param givenBack  the part of the rise that is lost again
record Pump(long startNanos, double base, double move, long riseNanos, double givenBack) {
    private static final long FADE_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final double MORE_ORDERS = 4;
    private static final double BOUGHT = 0.6;

    /// The price in units of the usual price.
    double factor(long timeNanos) {
        double left = 1 - part(timeNanos - startNanos, riseNanos);
        double faded = faded(timeNanos);
        double lost = givenBack * faded * faded * (3 - 2 * faded);
        return base * (1 + move * (1 - left * left * left - lost));
    }

    /// How much shorter the gaps between orders are: 1 where there is no pump.
    double speed(long timeNanos) {
        return 1 + MORE_ORDERS * strength(timeNanos);
    }

    /// The chance that an order buys, whatever it would have done.
    double bought(long timeNanos) {
        return BOUGHT * strength(timeNanos);
    }

    /// What remains of it in the end, in units of the usual price.
    double remaining() {
        return base * (1 + move * (1 - givenBack));
    }

    private double strength(long timeNanos) {
        return timeNanos < startNanos ? 0 : 1 - faded(timeNanos);
    }

    private double faded(long timeNanos) {
        return part(timeNanos - startNanos - riseNanos, FADE_NANOS);
    }

    private static double part(long nanos, long ofNanos) {
        return Math.clamp((double) nanos / ofNanos, 0, 1);
    }
}

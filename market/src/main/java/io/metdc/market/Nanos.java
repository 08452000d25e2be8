package io.metdc.market;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;

/// Nanoseconds since the epoch in a `long`: exact from 1677 to 2262. What lies beyond is held at the ends of that
/// range, where no trade can be, so that a senseless time is rejected as implausible rather than wrapped into a
/// sensible one.
public final class Nanos {
    public static final long PER_MICRO = 1_000L;
    public static final long PER_MILLI = 1_000_000L;
    public static final long PER_SECOND = 1_000_000_000L;

    private Nanos() {}

    public static long ofMillis(long epochMillis) {
        return saturated(epochMillis, PER_MILLI);
    }

    public static long ofMicros(long epochMicros) {
        return saturated(epochMicros, PER_MICRO);
    }

    public static long of(Instant instant) {
        if (instant.getEpochSecond() >= Long.MAX_VALUE / PER_SECOND) {
            return Long.MAX_VALUE;
        }
        if (instant.getEpochSecond() <= Long.MIN_VALUE / PER_SECOND) {
            return Long.MIN_VALUE;
        }
        return instant.getEpochSecond() * PER_SECOND + instant.getNano();
    }

    public static Instant instant(long epochNanos) {
        return Instant.ofEpochSecond(Math.floorDiv(epochNanos, PER_SECOND), Math.floorMod(epochNanos, PER_SECOND));
    }

    /// A short span as a person writes it: `10 s`, `0.6 s`.
    public static String words(Duration span) {
        return BigDecimal.valueOf(span.toMillis(), 3).stripTrailingZeros().toPlainString() + " s";
    }

    private static long saturated(long value, long factor) {
        if (value > Long.MAX_VALUE / factor) {
            return Long.MAX_VALUE;
        }
        if (value < Long.MIN_VALUE / factor) {
            return Long.MIN_VALUE;
        }
        return value * factor;
    }
}

package io.metdc.market;

import java.math.BigDecimal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Whether a trade may be stored at all: one bad row must never reach a partition or stop the writer.
public final class Plausibility {
    /// Trades older than this are no live trades.
    public static final Duration OLDEST = Duration.ofDays(8);

    /// How far an exchange's clock may be ahead of ours.
    public static final Duration AHEAD = Duration.ofMinutes(1);

    public static final int MAX_DIGITS = 40;
    public static final int MAX_EXPONENT = 30;

    private static final long OLDEST_NANOS = OLDEST.toNanos();
    private static final long AHEAD_NANOS = AHEAD.toNanos();

    private Plausibility() {}

    /// Says what is wrong with a trade.
    ///
    /// @param nowNanos our clock, nanoseconds since the epoch
    /// @return null when the trade is plausible
    public static @Nullable RejectReason check(Trade trade, long nowNanos) {
        if (!isPlausible(trade.executedAtNanos(), nowNanos)) {
            return RejectReason.IMPLAUSIBLE_TIME;
        }
        return isPlausible(trade.price()) && isPlausible(trade.size()) ? null : RejectReason.IMPLAUSIBLE_NUMBER;
    }

    /// Whether something can have been executed then.
    ///
    /// @param nowNanos our clock, nanoseconds since the epoch
    public static boolean isPlausible(long executedAtNanos, long nowNanos) {
        return executedAtNanos >= nowNanos - OLDEST_NANOS && executedAtNanos <= nowNanos + AHEAD_NANOS;
    }

    /// At most [#MAX_DIGITS] significant digits, and a magnitude within 10^±[#MAX_EXPONENT].
    public static boolean isPlausible(BigDecimal number) {
        int precision = number.precision();
        long exponent = (long) precision - number.scale() - 1;
        return precision <= MAX_DIGITS && exponent >= -MAX_EXPONENT && exponent <= MAX_EXPONENT;
    }
}

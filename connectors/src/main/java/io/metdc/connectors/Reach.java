package io.metdc.connectors;

import java.time.Duration;

/// How far back an exchange's public REST history of trades goes.
///
/// @param rows    how many of the newest trades can be had at least; [#ALL] when all within `time`
/// @param perPage how many one answer holds
/// @param time    how long a trade can be had
public record Reach(long rows, int perPage, Duration time) {
    /// Every trade.
    public static final long ALL = Long.MAX_VALUE;

    /// For as long as the exchange exists.
    public static final Duration FOR_EVER = Duration.ofDays(36_500);

    /// Whether whatever a hole can lose can be had again.
    public boolean isWhole() {
        return rows == ALL;
    }
}

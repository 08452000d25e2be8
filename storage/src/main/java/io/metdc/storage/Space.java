package io.metdc.storage;

import java.time.Duration;

/// How much room the trades take, and how long it lasts.
///
/// @param used           bytes of the database
/// @param limit          the oldest hours go when it is larger than this; `Long.MAX_VALUE`: no limit but the
///                       retention
/// @param bytesPerTrade  observed, or [#DEFAULT_BYTES] and [#DEFAULT_BYTES_COMPRESSED] before anything could be
/// @param tradesPerSecond observed over the last day, or [#DEFAULT_RATE]
/// @param observed       whether both were observed
/// @param hours          how many hours fit into the limit; `Long.MAX_VALUE` without one
/// @param retentionHours how many are kept at most
public record Space(
        long used,
        long limit,
        double bytesPerTrade,
        double tradesPerSecond,
        boolean observed,
        long hours,
        long retentionHours) {

    /// Uncompressed, with the index: measured.
    public static final double DEFAULT_BYTES = 170;

    /// Compressed, where ids are numbers, plus what lies uncompressed for the last hours of a week.
    public static final double DEFAULT_BYTES_COMPRESSED = 25;

    /// A mean day of six exchanges.
    public static final double DEFAULT_RATE = 5_000;

    /// Fewer hours than this deserve a warning.
    public static final long FEW_HOURS = 24;

    static Space of(
            long used, long limit, double bytesPerTrade, double tradesPerSecond, boolean observed, Duration retention) {
        double bytesPerHour = bytesPerTrade * Math.max(1, tradesPerSecond) * 3600;
        long hours = limit == Long.MAX_VALUE ? Long.MAX_VALUE : (long) (limit / bytesPerHour);
        return new Space(used, limit, bytesPerTrade, tradesPerSecond, observed, hours, retention.toHours());
    }

    /// One line for a person.
    public String inWords() {
        String rate = "%,d trades/s (%s) and %d bytes a trade"
                .formatted(
                        Math.round(tradesPerSecond), observed ? "the last day" : "assumed", Math.round(bytesPerTrade));
        if (limit == Long.MAX_VALUE) {
            return "trades are kept for %d hours, whatever room they take; at %s that is %.1f GB"
                    .formatted(
                            retentionHours,
                            rate,
                            bytesPerTrade * Math.max(1, tradesPerSecond) * 3600 * retentionHours / 1e9);
        }
        return "about %,d hours of trades fit into the %.1f GB of storage.max_disk at %s; storage.retention keeps %d"
                .formatted(hours, limit / 1e9, rate, retentionHours);
    }
}

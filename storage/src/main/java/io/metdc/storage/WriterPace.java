package io.metdc.storage;

import java.time.Duration;

/// How the writer cuts the journal into transactions, and how it waits.
///
/// @param minRows          fewer are written only when they have waited for `maxAge`
/// @param maxRows          the most in one transaction
/// @param maxAge           how long the first trade of a batch waits for others
/// @param firstPause       after the first failure; doubled with each further one
/// @param longestPause     where that ends
/// @param blockedPause     between attempts where only a person can mend it
/// @param statementTimeout a statement that takes longer is ended by the server, and tried again
public record WriterPace(
        int minRows,
        int maxRows,
        Duration maxAge,
        Duration firstPause,
        Duration longestPause,
        Duration blockedPause,
        Duration statementTimeout) {

    public static final WriterPace DEFAULT = new WriterPace(
            1_000,
            20_000,
            Duration.ofMillis(200),
            Duration.ofMillis(100),
            Duration.ofSeconds(5),
            Duration.ofSeconds(15),
            Duration.ofSeconds(60));

    public WriterPace {
        if (minRows < 1 || maxRows < minRows) {
            throw new IllegalArgumentException("rows from " + minRows + " to " + maxRows);
        }
    }
}

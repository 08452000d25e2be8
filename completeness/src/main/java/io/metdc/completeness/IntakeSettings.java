package io.metdc.completeness;

import java.time.Duration;

/// How rows are taken in.
///
/// @param ringRows         rows that may wait per connection, rounded up to a power of two
/// @param ringWait         how long a reader waits for room before a row is rejected by overflow
/// @param recentIds        ids remembered per instrument where ids prove nothing: a power of two, 16 or
///                         more
/// @param detailsPerSecond rejected rows whose detail is kept; the others are counted only
/// @param stopWait         how long a stop waits for a disk that does not take what is there
public record IntakeSettings(int ringRows, Duration ringWait, int recentIds, int detailsPerSecond, Duration stopWait) {
    public IntakeSettings {
        if (ringRows < 2) {
            throw new IllegalArgumentException("a ring has room for 2 rows or more, not " + ringRows);
        }
        if (recentIds < 16 || Integer.bitCount(recentIds) != 1) {
            throw new IllegalArgumentException("recent ids are a power of two from 16 on, not " + recentIds);
        }
        if (detailsPerSecond < 0 || ringWait.isNegative() || stopWait.isNegative()) {
            throw new IllegalArgumentException("details per second and waits are not negative");
        }
    }

    public static IntakeSettings defaults() {
        return new IntakeSettings(8192, Duration.ofMillis(500), 1024, 20, Duration.ofSeconds(3));
    }
}

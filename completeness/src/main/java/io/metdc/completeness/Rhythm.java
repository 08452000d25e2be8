package io.metdc.completeness;

import java.util.concurrent.TimeUnit;

/// How often an instrument trades, and whether it has not for so long that its stream may be dead: compared with the
/// longest pause of the last hundred or so, which fades, so that a night is no silence. A pure function of the
/// times that it is told.
final class Rhythm {
    /// Before so many trades nothing is said.
    static final int LEARNING = 30;

    /// Nothing shorter is a silence.
    static final long SHORTEST_NANOS = TimeUnit.SECONDS.toNanos(60);

    /// How many times the longest of the recent pauses is too long.
    private static final int TIMES = 5;

    /// What a trade leaves of the longest pause before it: half of it is gone after 70 trades.
    private static final double FADING = 0.99;

    private double longestNanos;
    private long lastNanos;
    private int trades;

    /// A trade came at this time, our clock.
    void traded(long atNanos) {
        if (trades > 0 && atNanos > lastNanos) {
            longestNanos = Math.max((double) (atNanos - lastNanos), longestNanos * FADING);
        }
        lastNanos = Math.max(lastNanos, atNanos);
        trades += trades < LEARNING ? 1 : 0;
    }

    /// What was between is no pause of the instrument.
    void interrupted(long untilNanos) {
        lastNanos = Math.max(lastNanos, untilNanos);
    }

    /// Whether it has not traded for longer than is likely.
    boolean isTooLong(long nowNanos) {
        long pause = nowNanos - lastNanos;
        return trades >= LEARNING && pause > SHORTEST_NANOS && pause > (double) TIMES * longestNanos;
    }
}

package io.metdc.collector;

import io.metdc.market.Nanos;
import java.time.Duration;
import java.time.Instant;

/// Notices when our clock is set: between two looks it then goes on by another time than the monotonic one.
/// That it is made to run a little faster or slower is no step. Used by one thread.
final class ClockSteps {
    private final long toleratedNanos;
    private long base; // what the monotonic clock lacked to ours
    private boolean hasLooked;
    private int steps;

    /// @param tolerated what is no step yet
    ClockSteps(Duration tolerated) {
        toleratedNanos = tolerated.toNanos();
    }

    /// Looks at both clocks.
    ///
    /// @param nanos of the monotonic clock
    /// @return by how much ours was set since the last look, negative for back; zero when it was not
    Duration look(Instant now, long nanos) {
        long ahead = Nanos.of(now) - nanos;
        long step = hasLooked ? ahead - base : 0;
        base = ahead;
        hasLooked = true;
        if (Math.abs(step) <= toleratedNanos) {
            return Duration.ZERO;
        }
        steps++;
        return Duration.ofNanos(step);
    }

    /// How often it was set.
    int steps() {
        return steps;
    }
}

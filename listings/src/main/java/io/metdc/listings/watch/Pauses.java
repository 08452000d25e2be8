package io.metdc.listings.watch;

import java.time.Duration;
import java.util.List;

/// How long a host is left alone: longer with each failure in a row, and after one, with each of the next good answers,
/// shorter again. Used by one thread.
final class Pauses {
    /// So many good answers in a row end it.
    private static final int GOOD_ANSWERS = 3;

    private final List<Duration> steps;
    private int failures;
    private int good;
    private Duration pause = Duration.ZERO;

    /// @param steps after the first failure, the second, and so on; the last one stays
    Pauses(List<Duration> steps) {
        if (steps.isEmpty()) {
            throw new IllegalArgumentException("no pause at all");
        }
        this.steps = List.copyOf(steps);
    }

    /// One more failure.
    ///
    /// @return how long to wait now
    Duration failed() {
        pause = steps.get(Math.min(failures, steps.size() - 1));
        failures++;
        good = 0;
        return pause;
    }

    /// One more good answer.
    ///
    /// @return how long to wait now; zero when all is well
    Duration good() {
        if (failures == 0) {
            return Duration.ZERO;
        }
        good++;
        if (good == GOOD_ANSWERS) {
            reset();
            return Duration.ZERO;
        }
        Duration half = pause.dividedBy(2);
        pause = half.compareTo(steps.getFirst()) > 0 ? steps.getFirst() : half;
        return pause;
    }

    /// All is well again at once.
    void reset() {
        failures = 0;
        good = 0;
    }

    /// Whether the last attempt failed.
    boolean isFailing() {
        return failures > 0 && good == 0;
    }
}

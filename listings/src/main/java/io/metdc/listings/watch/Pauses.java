package io.metdc.listings.watch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How long a host is left alone: longer with each failure in a row, and after one, with each of the next good answers,
/// shorter again. Used by one thread.
final class Pauses {
    /// So many good answers in a row end it.
    private static final int GOOD_ANSWERS = 3;

    /// A host that did not answer may do so at any moment, so it is asked at least so often.
    private static final Duration MOST_SELDOM = Duration.ofSeconds(4);

    /// A host that is out of order is left alone for no longer because it says so: only who refuses may.
    private static final Duration OUT_OF_ORDER = Duration.ofMinutes(1);

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

    /// The steps for a host that gives no answer, or none that is of use, without asking to be left alone: the next
    /// regular request, then gently longer.
    ///
    /// @param interval of regular requests
    static List<Duration> hiccups(Duration interval) {
        List<Duration> steps = new ArrayList<>();
        for (Duration step = interval; step.compareTo(MOST_SELDOM) < 0; step = step.multipliedBy(2)) {
            steps.add(step);
        }
        steps.add(interval.compareTo(MOST_SELDOM) > 0 ? interval : MOST_SELDOM);
        return List.copyOf(steps);
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

    /// One more failure of a host that is out of order and may say for how long.
    ///
    /// @return how long to wait now: a step, or what it says, but that no longer than a minute
    Duration failed(Optional<Duration> told) {
        Duration step = failed();
        Duration said =
                told.filter(one -> one.compareTo(OUT_OF_ORDER) < 0).orElse(told.isPresent() ? OUT_OF_ORDER : step);
        return said.compareTo(step) > 0 ? said : step;
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

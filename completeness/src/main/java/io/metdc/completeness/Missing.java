package io.metdc.completeness;

import java.time.Instant;
import java.util.List;

/// What is still missing of a hole whose numbers are known.
///
/// @param runs   consecutive numbers that are in no stored trade and were not consumed, lowest first
/// @param after  executed time of the stored trade before the first of them; of the hole's beginning without one
/// @param before executed time of the stored trade behind the last of them; of the hole's end without one
record Missing(List<Run> runs, Instant after, Instant before) {
    Missing {
        runs = List.copyOf(runs);
    }

    /// Consecutive numbers, both included.
    record Run(long first, long last) {
        long count() {
            return last - first + 1;
        }
    }

    long count() {
        return runs.stream().mapToLong(Run::count).sum();
    }

    boolean isNothing() {
        return runs.isEmpty();
    }

    long first() {
        return runs.getFirst().first;
    }

    long last() {
        return runs.getLast().last;
    }
}

package io.metdc.completeness;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// What is still missing of some numbers of a hole.
///
/// @param runs consecutive numbers that are in no stored trade and were not consumed, lowest first
record Missing(List<Run> runs) {
    Missing {
        runs = List.copyOf(runs);
    }

    /// Consecutive numbers, both included.
    ///
    /// @param after  executed time of the stored trade before them; of the hole's beginning without one
    /// @param before executed time of the stored trade behind them; of the hole's end without one
    record Run(long first, long last, Instant after, Instant before) {
        long count() {
            return last - first + 1;
        }

        Run between(long from, long to) {
            return new Run(Math.max(first, from), Math.min(last, to), after, before);
        }

        boolean contains(long number) {
            return first <= number && number <= last;
        }

        boolean isNothing() {
            return first > last;
        }
    }

    long count() {
        return runs.stream().mapToLong(Run::count).sum();
    }

    boolean isNothing() {
        return runs.isEmpty();
    }

    /// Whether a number is missing.
    boolean has(long number) {
        int low = 0;
        int high = runs.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Run run = runs.get(middle);
            if (number < run.first) {
                high = middle - 1;
            } else if (number > run.last) {
                low = middle + 1;
            } else {
                return true;
            }
        }
        return false;
    }

    /// Without numbers of which it is known that they do not come.
    Missing without(List<Run> settled) {
        List<Run> left = runs;
        for (Run gone : settled) {
            List<Run> less = new ArrayList<>();
            for (Run run : left) {
                Run below = run.between(Long.MIN_VALUE, gone.first - 1);
                Run above = run.between(gone.last + 1, Long.MAX_VALUE);
                if (!below.isNothing()) {
                    less.add(below);
                }
                if (!above.isNothing()) {
                    less.add(above);
                }
            }
            left = less;
        }
        return new Missing(
                left.stream().sorted(Comparator.comparingLong(Run::first)).toList());
    }
}

package io.metdc.collector.faults;

/// A stretch of time.
///
/// @param from nanoseconds since the epoch, the system's clock
/// @param to   the same
record Span(long from, long to) {
    Span {
        if (from > to) {
            throw new IllegalArgumentException(from + " to " + to);
        }
    }

    boolean holds(long nanos) {
        return from <= nanos && nanos <= to;
    }
}

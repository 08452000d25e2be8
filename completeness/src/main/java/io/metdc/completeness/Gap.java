package io.metdc.completeness;

/// Numbers of an instrument's sequence that did not come although a higher one did.
final class Gap {
    static final String MISSING_IDS = "missing_ids";
    static final String RESTART = "restart";
    /// For a while no connection carried the instrument.
    static final String DISCONNECT = "disconnect";
    /// Too long without a trade for this instrument.
    static final String SILENCE = "silence";
    static final String OVERFLOW = "overflow";
    /// A jump so far that nobody can say how many trades there were: another numbering, or a number that is none.
    static final String NUMBERING = "numbering";

    long from;
    long to;
    /// How many of them are missing: all, but in what was put together of several gaps; -1 if unknown.
    long missing;
    /// Executed times of the trades before and after it, 0 if unknown.
    long beforeNanos;
    long afterNanos;
    final long openedTicks;
    String cause;
    boolean reported;
    /// It is known what became of it; its numbers may come all the same.
    boolean closed;

    Gap(long from, long to, long beforeNanos, long afterNanos, long openedTicks, String cause) {
        this.from = from;
        this.to = to;
        this.missing = cause.equals(NUMBERING) ? -1 : to - from + 1;
        this.beforeNanos = beforeNanos;
        this.afterNanos = afterNanos;
        this.openedTicks = openedTicks;
        this.cause = cause;
    }

    boolean contains(long sequence) {
        return from <= sequence && sequence <= to;
    }

    boolean isWithin(long first, long last) {
        return first <= from && to <= last;
    }

    boolean overlaps(long first, long last) {
        return from <= last && first <= to;
    }

    /// Whether it is known how many are missing.
    boolean isExact() {
        return missing >= 0;
    }

    /// Stands for another gap too from now on.
    void join(Gap other) {
        beforeNanos = from <= other.from ? beforeNanos : other.beforeNanos;
        afterNanos = to >= other.to ? afterNanos : other.afterNanos;
        missing = isExact() && other.isExact() ? missing + other.missing : -1;
        from = Math.min(from, other.from);
        to = Math.max(to, other.to);
    }
}

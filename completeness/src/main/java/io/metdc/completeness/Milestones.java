package io.metdc.completeness;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// Up to when everything that was received stands in the journal, and before which position.
///
/// The journal thread reads the clock, waits until each ring is emptied of what came before that, and enters how far
/// the journal is then: a milestone. Whoever knows how far the journal is stored asks which of them are passed.
final class Milestones {
    /// The time of receipt is taken before a frame is decoded; so much later its rows are at the ring.
    static final Duration DECODING = Duration.ofMillis(100);

    /// Fewer than that, or half of them, are remembered: after a minute the answer becomes coarser, and never wrong.
    static final int MOST = 4_096;

    private record Milestone(long atNanos, long position) {}

    // The journal thread's.
    private final List<Ring> behind = new ArrayList<>();
    private long next;
    private boolean pending;

    private final List<Milestone> passed = new ArrayList<>(); // under the lock, in the order of time and position

    /// Begins the next milestone, unless one is begun. What lies in the time to come is forgotten: the
    /// clock was set back, and these times come again.
    void begin(long nowNanos, Collection<Ring> rings) {
        forgetAfter(nowNanos);
        if (pending && next > nowNanos) {
            pending = false;
            behind.clear();
        }
        if (!pending) {
            pending = true;
            next = nowNanos - DECODING.toNanos();
            behind.addAll(rings);
        }
    }

    /// Looks which rings have been emptied of what came before it.
    ///
    /// @return whether none is left: then it is to be entered
    boolean isReached() {
        if (pending) {
            behind.removeIf(ring -> ring.isPast(next));
        }
        return pending && behind.isEmpty();
    }

    /// Everything received before the milestone begun is in the journal before this position.
    void reached(long position) {
        pending = false;
        reached(next, position);
    }

    synchronized void reached(long atNanos, long position) {
        forgetAfter(atNanos - 1);
        if (!passed.isEmpty() && passed.getLast().position == position) {
            passed.removeLast();
        }
        passed.add(new Milestone(atNanos, position));
        if (passed.size() > MOST) {
            thin();
        }
    }

    private synchronized void forgetAfter(long nanos) {
        while (!passed.isEmpty() && passed.getLast().atNanos > nanos) {
            passed.removeLast();
        }
    }

    /// Drops every other one, so that what is long ago is told less and less finely.
    private void thin() {
        List<Milestone> all = List.copyOf(passed);
        passed.clear();
        for (int i = (all.size() - 1) % 2; i < all.size(); i += 2) {
            passed.add(all.get(i));
        }
    }

    /// Everything received before this time, in nanoseconds since the epoch, is in the journal before `position`;
    /// `Long.MIN_VALUE` when that cannot be said of any. For any thread.
    synchronized long before(long position) {
        int from = 0;
        int to = passed.size();
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (passed.get(middle).position <= position) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from == 0 ? Long.MIN_VALUE : passed.get(from - 1).atNanos;
    }
}

package io.metdc.connectors;

import io.metdc.market.Nanos;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// How far the clock of an exchange is ahead of ours, from what its answers and trades say.
///
/// ```
/// an answer with Date: S      it was S to S + 1 s there at some moment between asking and receiving:
///                             ahead by S − received … S + 1 s − asked
/// a trade executed at E       it was E there before we received it: ahead by E − received at least
/// ```
///
/// All of it holds at once, so that what many answers leave open is narrow, though each tells whole seconds.
/// Answers that contradict the others several times in a row, and agree among themselves, mean that a clock
/// was set: from then on they alone count.
///
/// Measured against a monotonic clock, so that a step of ours is not taken for one of theirs, and added to
/// the other at the end. Thread-safe.
public final class ClockOffset {
    /// Before so many answers nothing is said.
    static final int ENOUGH = 5;

    /// So many contradicting answers in a row that agree are no mistake.
    static final int STEP = 3;

    private static final int MOST = 128;
    private static final long OLDEST_NANOS = TimeUnit.HOURS.toNanos(2);
    private static final long DRIFT_PER_MILLION = 100; // of two ordinary clocks against each other
    private static final long TRADES_NANOS = TimeUnit.MINUTES.toNanos(5);

    private final InstantSource clock;
    private final LongSupplier nanos;
    private final Deque<Bounds> answers = new ArrayDeque<>(); // these under the lock
    private final List<Bounds> contradicting = new ArrayList<>();
    private final Deque<Least> trades = new ArrayDeque<>(); // each greater than those behind it
    private long steps;

    /// Of their clock against the monotonic one, in nanoseconds.
    private record Bounds(long least, long most, long at) {
        Bounds aged(long now) {
            long drift = drift(now - at);
            return new Bounds(least - drift, most + drift, now);
        }

        @Nullable
        Bounds and(Bounds other) {
            long low = Math.max(least, other.least);
            long high = Math.min(most, other.most);
            return low > high ? null : new Bounds(low, high, at);
        }
    }

    private record Least(long ahead, long at) {
        long aged(long now) {
            return ahead - drift(now - at);
        }
    }

    private static long drift(long passed) {
        return Math.max(0, passed) / 1_000_000 * DRIFT_PER_MILLION;
    }

    /// What is known.
    ///
    /// @param ahead       how far their clock is ahead of ours, negative when it is behind
    /// @param uncertainty by how much that may be wrong either way
    public record Estimate(Duration ahead, Duration uncertainty) {
        /// Whether it is surely off by more than this.
        public boolean isBeyond(Duration tolerated) {
            return ahead.abs().minus(uncertainty).compareTo(tolerated) > 0;
        }
    }

    /// @param clock ours
    public ClockOffset(InstantSource clock) {
        this(clock, System::nanoTime);
    }

    /// @param nanos a clock that is never set
    public ClockOffset(InstantSource clock, LongSupplier nanos) {
        this.clock = clock;
        this.nanos = nanos;
    }

    /// An answer said what their clock was.
    ///
    /// @param askedAt  ours, just now
    /// @param serverAt theirs, cut to the second; [Instant#MIN] if it said nothing
    public synchronized void answered(Instant askedAt, Instant receivedAt, Instant serverAt) {
        if (serverAt.equals(Instant.MIN) || receivedAt.isBefore(askedAt)) {
            return;
        }
        long now = nanos.getAsLong();
        long base = base(now);
        long theirs = Nanos.of(serverAt);
        Bounds bounds = new Bounds(
                theirs - (Nanos.of(receivedAt) - base), theirs + Nanos.PER_SECOND - (Nanos.of(askedAt) - base), now);
        forget(now);
        Bounds known = intersection(answers, now);
        if (known == null || known.and(bounds) != null) {
            contradicting.clear();
            add(bounds);
            return;
        }
        Bounds others = intersection(contradicting, now);
        if (others != null && others.and(bounds) == null) {
            contradicting.clear();
        }
        contradicting.add(bounds);
        if (contradicting.size() >= STEP) {
            steps++;
            answers.clear();
            trades.clear();
            contradicting.forEach(this::add);
            contradicting.clear();
        }
    }

    /// A trade was received that had been executed there.
    ///
    /// @param leadNanos by how much its time is after that of its receipt, just now; mostly negative
    public synchronized void traded(long leadNanos) {
        long now = nanos.getAsLong();
        long ahead = leadNanos + base(now);
        while (!trades.isEmpty() && trades.getLast().ahead <= ahead) {
            trades.removeLast();
        }
        trades.addLast(new Least(ahead, now));
        if (trades.size() > MOST) {
            trades.removeFirst();
        }
        forget(now);
    }

    /// How far it is ahead; empty before enough answers.
    public synchronized Optional<Estimate> estimate() {
        long now = nanos.getAsLong();
        forget(now);
        Bounds known = answers.size() < ENOUGH ? null : intersection(answers, now);
        if (known == null) {
            return Optional.empty();
        }
        long base = base(now);
        long byTrades = trades.stream().mapToLong(one -> one.aged(now)).max().orElse(Long.MIN_VALUE);
        long least = byTrades > known.most ? known.least : Math.max(known.least, byTrades); // else its time is wrong
        long half = (known.most - least) / 2;
        return Optional.of(new Estimate(Duration.ofNanos(least + half - base), Duration.ofNanos(half)));
    }

    /// How often a clock of theirs was set, as far as it was noticed.
    public synchronized long steps() {
        return steps;
    }

    /// What the monotonic clock lacks to ours.
    private long base(long now) {
        return Nanos.of(clock.instant()) - now;
    }

    private void add(Bounds bounds) {
        answers.addLast(bounds);
        if (answers.size() > MOST) {
            answers.removeFirst();
        }
    }

    private void forget(long now) {
        answers.removeIf(one -> now - one.at > OLDEST_NANOS);
        trades.removeIf(one -> now - one.at > TRADES_NANOS);
    }

    /// What all of them allow; null when there is none.
    private static @Nullable Bounds intersection(Iterable<Bounds> all, long now) {
        Bounds both = null;
        for (Bounds one : all) {
            both = both == null ? one.aged(now) : both.and(one.aged(now));
            if (both == null) {
                return null;
            }
        }
        return both;
    }
}

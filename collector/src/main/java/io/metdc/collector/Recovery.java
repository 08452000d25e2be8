package io.metdc.collector;

import io.metdc.market.Failure;
import java.time.Duration;
import java.util.random.RandomGenerator;

/// How long a worker stays away after a failure, and what that is called: it backs off, longer with each failure, and
/// after every third one in a row cools down, so that nothing is hammered that will not be mended soon. Used by one
/// thread.
///
/// ```
/// failures  1     2     3            4     5     6            7      8      9
/// stays     1 s   2 s   cool-down    4 s   8 s   cool-down    16 s   30 s   cool-down …
/// ```
final class Recovery {
    private static final int BEFORE_COOLING_DOWN = 3;

    /// While a listing is recorded nothing is worth a longer wait.
    static final Duration LONGEST_IN_A_WINDOW = Duration.ofSeconds(30);

    private final Backoff backoff;
    private final Duration coolDown;
    private int failures;

    /// @param first    the first pause; see [Backoff]
    /// @param longest  the longest pause of those that double
    /// @param coolDown the pause after three failures in a row
    Recovery(Duration first, Duration longest, Duration coolDown, RandomGenerator random) {
        this.backoff = new Backoff(first, longest, random);
        this.coolDown = coolDown;
    }

    /// What a worker does now.
    ///
    /// @param length how long, at least
    /// @param isOurs whether we chose it ourselves, so that a listing can shorten it; else the exchange did
    record Pause(WorkerStatus.State state, Duration length, boolean isOurs) {
        /// So much is left.
        ///
        /// @param inWindow whether a window of a listing is open now
        Duration left(Duration gone, boolean inWindow) {
            boolean isCut = isOurs && inWindow && length.compareTo(LONGEST_IN_A_WINDOW) > 0;
            return (isCut ? LONGEST_IN_A_WINDOW : length).minus(gone);
        }
    }

    /// One more failure in a row.
    Pause after(Failure failure) {
        failures++;
        return switch (failure) {
            case Failure.Ban ban -> new Pause(WorkerStatus.State.BANNED, ban.pause(), false);
            case Failure.Fatal _ -> new Pause(WorkerStatus.State.COOLING_DOWN, coolDown, true);
            case Failure.Recoverable _ -> again();
        };
    }

    private Pause again() {
        return failures % BEFORE_COOLING_DOWN == 0
                ? new Pause(WorkerStatus.State.COOLING_DOWN, coolDown, true)
                : new Pause(WorkerStatus.State.BACKING_OFF, backoff.next(), true);
    }

    /// The link is proven: the next failure is the first one again.
    void reset() {
        failures = 0;
        backoff.reset();
    }

    /// Failures since the link was last proven.
    int failures() {
        return failures;
    }
}

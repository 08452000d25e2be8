package io.metdc.listings.watch;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How our clock and that of the sources agree, from whole seconds in their answers: the median of many is good to
/// about half a second. Used under the watch's lock.
final class ClockComparison {
    private static final Logger log = LoggerFactory.getLogger(ClockComparison.class);
    private static final int MOST = 61;
    private static final int ENOUGH = 5;
    private static final long HALF_A_SECOND = 500;
    private static final Duration TOLERATED = Duration.ofSeconds(1);

    private final Deque<Long> aheadMillis = new ArrayDeque<>();
    private boolean warned;

    /// @param serverAt what the source's clock said when it answered, cut to the second; [Instant#MIN] if nothing
    void compare(Instant askedAt, Instant receivedAt, Instant serverAt) {
        if (serverAt.equals(Instant.MIN)) {
            return;
        }
        long middle = (askedAt.toEpochMilli() + receivedAt.toEpochMilli()) / 2;
        aheadMillis.addLast(serverAt.toEpochMilli() + HALF_A_SECOND - middle);
        if (aheadMillis.size() > MOST) {
            aheadMillis.removeFirst();
        }
        Duration ahead = ahead().orElse(Duration.ZERO);
        boolean wrong = ahead.abs().compareTo(TOLERATED) > 0;
        if (wrong && !warned) {
            log.warn(
                    "our clock is {} ms {} that of the exchange: let NTP set it, or delays mean nothing",
                    ahead.abs().toMillis(),
                    ahead.isNegative() ? "ahead of" : "behind");
        }
        warned = wrong;
    }

    /// How far the other clock is ahead of ours; empty before enough answers.
    Optional<Duration> ahead() {
        if (aheadMillis.size() < ENOUGH) {
            return Optional.empty();
        }
        List<Long> sorted = aheadMillis.stream().sorted().toList();
        return Optional.of(Duration.ofMillis(sorted.get(sorted.size() / 2)));
    }
}

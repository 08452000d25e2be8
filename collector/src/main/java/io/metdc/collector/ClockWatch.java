package io.metdc.collector;

import io.metdc.connectors.ClockOffset;
import io.metdc.market.Market;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Says when our clock was set, and when it is not that of an exchange: times of receipt, delays and the
/// windows of listings mean little then. One virtual thread.
final class ClockWatch implements Runnable {
    /// By so much a clock may surely be off before it is said.
    static final Duration TOLERATED = Duration.ofSeconds(1);

    private static final Logger log = LoggerFactory.getLogger(ClockWatch.class);
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration STEP = Duration.ofMillis(250);

    /// So many looks at our clock for one at those of the exchanges.
    private static final int SELDOM = 10;

    private final Supplier<List<Status.OfMarket>> markets;
    private final InstantSource clock;
    private final ClockSteps steps = new ClockSteps(STEP);
    private final Set<Market> off = new HashSet<>();

    ClockWatch(Supplier<List<Status.OfMarket>> markets, InstantSource clock) {
        this.markets = markets;
        this.clock = clock;
    }

    @Override
    public void run() {
        try {
            for (int look = 0; ; look++) {
                Thread.sleep(LOOK);
                Duration step = steps.look(clock.instant(), System.nanoTime());
                if (!step.isZero()) {
                    log.warn(
                            "our clock was set {} by {} ms (for the {}. time): times of receipt before and after do not"
                                    + " compare",
                            step.isNegative() ? "back" : "ahead",
                            step.abs().toMillis(),
                            steps.steps());
                }
                if (look % SELDOM == 0) {
                    markets.get().forEach(this::compare);
                }
            }
        } catch (InterruptedException _) {
            // the only stop signal
        }
    }

    private void compare(Status.OfMarket market) {
        ClockOffset.Estimate estimate = market.clock();
        if (estimate == null) {
            return;
        }
        if (!estimate.isBeyond(TOLERATED)) {
            off.remove(market.market());
        } else if (off.add(market.market())) {
            log.warn("{}", inWords(market.market(), estimate));
        }
    }

    /// For a person.
    static String inWords(Market market, ClockOffset.Estimate estimate) {
        return String.format(
                Locale.ROOT,
                "%s: our clock is %,d ms %s its clock (± %,d ms)",
                market,
                estimate.ahead().abs().toMillis(),
                estimate.ahead().isNegative() ? "ahead of" : "behind",
                estimate.uncertainty().toMillis());
    }
}

package io.metdc.collector;

import io.metdc.completeness.Intake;
import io.metdc.completeness.Ring;
import io.metdc.connectors.FeedException;
import io.metdc.connectors.RestClient;
import io.metdc.connectors.Stretch;
import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.Origin;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks by REST what a new instrument of a market traded before it was subscribed, as far back as its exchange reaches
/// and an age allows. Rows take the way of all others; what came already is recognised there.
///
/// One virtual thread, one instrument after the other, within the market's budget.
final class LookBack implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(LookBack.class);

    /// What was done just before the subscription may not be in the answers yet.
    private static final Duration LAG = Duration.ofSeconds(2);

    private static final Duration AGAIN = Duration.ofSeconds(5);
    private static final int MOST_TRIES = 5;
    private static final int MOST_PAGES = 50;

    private final Market market;
    private final RestClient rest;
    private final Intake intake;
    private final Duration age;
    private final InstantSource clock;
    private final Set<Instrument.Key> wanted = ConcurrentHashMap.newKeySet();
    private final BlockingQueue<Due> due = new LinkedBlockingQueue<>();

    /// @param since a [System#nanoTime()]
    private record Due(Instrument instrument, long since) {}

    /// @param age how old the oldest trade may be that is asked for
    LookBack(Market market, RestClient rest, Intake intake, Duration age, InstantSource clock) {
        this.market = market;
        this.rest = rest;
        this.intake = intake;
        this.age = age;
        this.clock = clock;
    }

    /// When this one is subscribed, its past is asked for. Any thread may call it.
    void want(Instrument instrument) {
        wanted.add(instrument.key());
    }

    /// These are subscribed. Any thread may call it.
    void subscribed(Collection<Instrument> instruments) {
        for (Instrument instrument : instruments) {
            if (wanted.remove(instrument.key())) {
                due.add(new Due(instrument, System.nanoTime()));
            }
        }
    }

    @Override
    public void run() {
        try {
            while (true) {
                Due next = due.take();
                long left = LAG.toNanos() - (System.nanoTime() - next.since);
                Thread.sleep(Duration.ofNanos(Math.max(0, left)));
                try {
                    lookBack(next.instrument);
                } catch (RuntimeException e) { // a bug of ours must not end the looking back
                    log.error("the past of {} cannot be taken in; going on", next.instrument, e);
                }
            }
        } catch (InterruptedException _) {
            // the only stop signal
        }
    }

    private void lookBack(Instrument instrument) throws InterruptedException {
        Instant now = clock.instant();
        Stretch past = new Stretch(instrument, Stretch.UNKNOWN, Stretch.UNKNOWN, now.minus(age), Instant.MAX);
        for (int tries = 1; ; tries++) {
            try {
                try (Ring ring = intake.openAsked(market + "-look-back")) {
                    rest.trades(past, Origin.REFILL, MOST_PAGES, rows -> {
                        rows.forEach(ring::accept);
                        ring.awaitEmpty(); // what is live comes first, and nothing is asked for that finds no room
                    });
                }
                return;
            } catch (FeedException e) {
                if (tries == MOST_TRIES || e.failure() instanceof Failure.Fatal) {
                    log.warn(
                            "what {} traded before it was subscribed is not to be had: {}",
                            instrument,
                            e.failure().what());
                    return;
                }
                Thread.sleep(e.failure() instanceof Failure.Ban ban ? ban.pause() : AGAIN);
            }
        }
    }
}

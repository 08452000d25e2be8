package io.metdc.collector;

import io.metdc.connectors.FeedException;
import io.metdc.market.Failure;
import io.metdc.market.Market;
import io.metdc.symbols.InstrumentList;
import io.metdc.symbols.InstrumentSource;
import io.metdc.symbols.KrwList;
import io.metdc.symbols.Universe;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks one exchange for a market's instruments, over and over, and tells the [Universe]. As long as there is no list
/// at all it asks with growing pauses, otherwise every so often; a ban is obeyed. One virtual thread.
final class InstrumentRefresh implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(InstrumentRefresh.class);

    /// Upbit's list comes within this, or everything is collected until it does.
    private static final Duration KRW_LIST = Duration.ofSeconds(15);

    private static final Duration LOOK = Duration.ofMillis(20);

    private final Market market;
    private final InstrumentSource source;
    private final Universe universe;
    private final boolean needsKrw;
    private final Duration every;
    private final Backoff backoff;
    private final Consumer<Failure> fatal;
    private volatile @Nullable Failure trouble;
    private volatile long dueAt = System.nanoTime(); // until then it sleeps
    private volatile boolean isOver;

    /// @param needsKrw whether Upbit's list decides what is collected
    /// @param backoff  while there is no list
    /// @param fatal    hears that only a person can mend it; nothing is asked any more then
    InstrumentRefresh(
            Market market,
            InstrumentSource source,
            Universe universe,
            boolean needsKrw,
            Duration every,
            Backoff backoff,
            Consumer<Failure> fatal) {
        this.market = market;
        this.source = source;
        this.universe = universe;
        this.needsKrw = needsKrw && !market.equals(KrwList.MARKET);
        this.every = every;
        this.backoff = backoff;
        this.fatal = fatal;
    }

    /// Why there is no list; null once there is one, be it an old one.
    @Nullable
    Failure trouble() {
        return trouble;
    }

    /// When it was or is to ask next, of the monotonic clock; whoever sees it pass, and no other one, knows that it
    /// waits for
    /// something that does not come. Any thread may ask.
    long dueAt() {
        return dueAt;
    }

    /// Whether it asks nothing any more. Any thread may ask.
    boolean isOver() {
        return isOver;
    }

    @Override
    public void run() {
        boolean isListed = false;
        try {
            while (true) {
                Duration pause = every;
                try {
                    InstrumentList list = source.load();
                    if (!isListed) {
                        awaitKrwList();
                    }
                    universe.accept(list);
                    isListed = true;
                    trouble = null;
                    pause = list.trouble() instanceof Failure.Ban ban ? longer(ban.pause(), every) : every;
                } catch (FeedException e) {
                    universe.refused(market, e.failure());
                    if (e.failure() instanceof Failure.Fatal && !isListed) {
                        fatal.accept(e.failure());
                        return;
                    }
                    if (!isListed) {
                        pause = backoff.next();
                        noList(e.failure());
                    }
                    if (e.failure() instanceof Failure.Ban ban) {
                        pause = longer(ban.pause(), pause);
                    }
                } catch (RuntimeException e) { // a bug of ours must not end the refreshing
                    log.error("the instruments of {} cannot be refreshed; going on", market, e);
                    pause = every;
                }
                dueAt = System.nanoTime() + pause.toNanos();
                Thread.sleep(pause);
            }
        } catch (InterruptedException _) {
            // the only stop signal
        } finally {
            isOver = true;
        }
    }

    private void noList(Failure failure) {
        if (trouble == null) {
            log.error("{} has no instruments: {}; asking again", market, failure.what());
        }
        trouble = failure;
    }

    private void awaitKrwList() throws InterruptedException {
        long deadline = System.nanoTime() + KRW_LIST.toNanos();
        while (needsKrw && Objects.isNull(universe.krw())) {
            if (System.nanoTime() > deadline) {
                log.warn("{}: there is no list of Upbit's yet: everything is collected until there is one", market);
                return;
            }
            Thread.sleep(LOOK);
        }
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }
}

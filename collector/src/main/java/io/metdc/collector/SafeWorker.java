package io.metdc.collector;

import io.metdc.completeness.Ring;
import io.metdc.connectors.FeedException;
import io.metdc.connectors.Session;
import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection's whole life as plain blocking code: connect, subscribe at the exchange's pace, watch over it, and
/// after a
/// failure stay away for a while and begin again. Trades do not pass here: the session's reader decodes them into the
/// ring.
/// This thread waits for what happens *to* the connection.
///
/// Runs on a named virtual thread of its own; interruption is the only way to stop it.
final class SafeWorker implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(SafeWorker.class);

    /// How long to wait for an event before looking whether trades have come.
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final String name;
    private final Feed feed;
    private final List<Instrument> instruments;
    private final Backoff backoff;
    private final InstantSource clock;

    private volatile WorkerStatus.State state = WorkerStatus.State.CONNECTING;
    private volatile Instant since;
    private volatile @Nullable Session session;
    private volatile @Nullable Failure failure;
    private volatile int refused;
    private volatile int connects;
    private volatile Counts ended = new Counts(0, 0, 0); // of the sessions before this one
    private @Nullable Instant lostAt;

    private record Counts(long frames, long rows, long unreadable) {
        Counts plus(Session session) {
            return new Counts(frames + session.frames(), rows + session.rows(), unreadable + session.unreadable());
        }
    }

    SafeWorker(String name, Feed feed, List<Instrument> instruments, Backoff backoff, InstantSource clock) {
        this.name = name;
        this.feed = feed;
        this.instruments = instruments;
        this.backoff = backoff;
        this.clock = clock;
        this.since = clock.instant();
    }

    @Override
    public void run() {
        try {
            boolean again = true;
            while (again) {
                again = live();
            }
        } catch (InterruptedException e) {
            LOG.debug("asked to stop");
        } finally {
            enter(WorkerStatus.State.STOPPED);
        }
    }

    /// Runs one connection to its end; false when only a person can mend it.
    private boolean live() throws InterruptedException {
        enter(WorkerStatus.State.CONNECTING);
        try (Ring ring = feed.ring(name);
                Session opened = feed.connect(name, ring)) {
            session = opened;
            connects++;
            enter(WorkerStatus.State.SUBSCRIBING);
            subscribe(opened);
            enter(WorkerStatus.State.ACKNOWLEDGED);
            return watch(opened);
        } catch (FeedException e) {
            return stayAway(e.failure());
        } catch (RuntimeException e) { // a bug of ours ends this connection and nothing else
            LOG.error("unexpected in {}", name, e);
            return stayAway(new Failure.Recoverable("unexpected: " + e, e));
        } finally {
            if (session instanceof Session last) {
                session = null;
                ended = ended.plus(last);
            }
        }
    }

    private void subscribe(Session opened) throws FeedException, InterruptedException {
        List<Session.Refusal> refusals = opened.subscribe(instruments);
        refused = refusals.size();
        for (Session.Refusal refusal : refusals) {
            LOG.warn(
                    "{} is refused: {}", refusal.instrument(), refusal.failure().what());
        }
        if (refused == instruments.size()) {
            throw new FeedException(new Failure.Recoverable(name + ": every instrument was refused"));
        }
        LOG.info(
                "{} of {} instruments subscribed at {}",
                instruments.size() - refused,
                instruments.size(),
                opened.address());
    }

    /// Returns true when a replacement is due.
    private boolean watch(Session opened) throws FeedException, InterruptedException {
        while (true) {
            Session.Event event = opened.next(LOOK);
            if (state != WorkerStatus.State.DELIVERING && opened.trades() > 0) {
                delivering(); // a trade proves the link, an open socket does not
            }
            if (event instanceof Session.Event.Closing closing) {
                LOG.info("the exchange announces the end of this connection ({}): connecting anew", closing.why());
                return true;
            }
        }
    }

    private void delivering() {
        backoff.reset();
        enter(WorkerStatus.State.DELIVERING);
        if (lostAt instanceof Instant lost) {
            LOG.info(
                    "delivering again after {} s",
                    Duration.between(lost, clock.instant()).toSeconds());
            lostAt = null;
        }
    }

    private boolean stayAway(Failure what) throws InterruptedException {
        failure = what;
        return switch (what) {
            case Failure.Fatal fatal -> {
                LOG.error("{}: given up, this needs a person", fatal.what());
                yield false;
            }
            case Failure.Ban ban -> {
                LOG.warn("{}: staying away for {} s", ban.what(), ban.pause().toSeconds());
                pause(max(ban.pause(), backoff.next()));
                yield true;
            }
            case Failure.Recoverable recoverable -> {
                Duration pause = backoff.next();
                if (lostAt == null) {
                    LOG.warn("{}: connecting anew in {} ms", recoverable.what(), pause.toMillis());
                } else {
                    LOG.debug("{}: connecting anew in {} ms", recoverable.what(), pause.toMillis());
                }
                pause(pause);
                yield true;
            }
        };
    }

    private void pause(Duration pause) throws InterruptedException {
        if (lostAt == null) {
            lostAt = clock.instant();
        }
        enter(WorkerStatus.State.BACKING_OFF);
        Thread.sleep(pause);
    }

    private static Duration max(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    private void enter(WorkerStatus.State entered) {
        state = entered;
        since = clock.instant();
    }

    /// A snapshot, for any thread.
    WorkerStatus status() {
        Session open = session;
        Counts counts = open == null ? ended : ended.plus(open);
        return new WorkerStatus(
                name,
                state,
                since,
                instruments.size(),
                refused,
                counts.frames(),
                counts.rows(),
                counts.unreadable(),
                connects,
                failure);
    }
}

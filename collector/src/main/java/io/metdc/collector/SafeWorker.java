package io.metdc.collector;

import static java.util.Objects.requireNonNull;

import io.metdc.completeness.Ring;
import io.metdc.connectors.Counts;
import io.metdc.connectors.Event;
import io.metdc.connectors.FeedException;
import io.metdc.connectors.Session;
import io.metdc.connectors.Stall;
import io.metdc.market.DisconnectCause;
import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import io.metdc.market.Nanos;
import io.metdc.market.RejectReason;
import io.metdc.market.Rejected;
import io.metdc.storage.Connections;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// One connection's whole life as plain blocking code: connect, subscribe at the exchange's pace, watch over it, and
/// after a failure stay away for a while and begin again. Trades do not pass here: the session's reader decodes them
/// into the ring. This thread waits for what happens *to* the connection.
///
/// ```
/// CONNECTING ─▶ SUBSCRIBING ─a trade─▶ DELIVERING            each change is one line of the log and one row in SQL
///     ▲              └──── a failure ─────┴─▶ BACKING_OFF, COOLING_DOWN or BANNED ─┐
///     └───────────────────────────────────────────────────────────────────────────┘      at the end STOPPED
/// ```
///
/// Runs on a named virtual thread of its own; interruption is the only way to stop it at once.
final class SafeWorker implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(SafeWorker.class);

    /// How long to wait for an event before looking whether trades have come.
    private static final Duration LOOK = Duration.ofSeconds(1);

    /// So long after the acknowledgement a connection that gives rejected rows alone is complained of.
    private static final Duration UNSTORABLE = Duration.ofSeconds(10);

    /// So long after the acknowledgement a connection without a trade is called mute.
    private static final Duration MUTE = Duration.ofSeconds(60);

    /// A connection that has acknowledged everything and answered heartbeats for so long is proven, trades or not.
    private static final Duration PROVEN = Duration.ofMinutes(2);

    private final String name;
    private final Feed feed;
    private final Subscriptions subscriptions;
    private final Consumer<SafeWorker> leaving;
    private final Recovery recovery;
    private final InstantSource clock;
    private final Connections.States states;

    private volatile WorkerStatus.State state = WorkerStatus.State.CONNECTING;
    private volatile Instant since;
    private volatile @Nullable Session session;
    private volatile @Nullable Failure failure;
    private volatile @Nullable Carrying carrying;
    private volatile @Nullable DisconnectCause retired; // no connection is to follow this one
    private volatile @Nullable String recycled; // this one is to end and another to follow, and why
    private volatile boolean quiet;
    private final AtomicInteger connects = new AtomicInteger();
    private volatile Totals ended = new Totals(0, 0, 0); // of the sessions before this one
    private Connections.@Nullable Life life; // of this connection
    private @Nullable Instant lostAt;
    private @Nullable Instant acknowledgedAt; // of this connection
    private volatile @Nullable Long subscribedTicks; // of this connection
    private boolean complained; // of the rows of this connection

    private record Totals(long frames, long rows, long unreadable) {
        Totals plus(Counts counts) {
            long notRead = counts.unreadable().values().stream()
                    .mapToLong(Counts.Unreadable::count)
                    .sum();
            return new Totals(
                    frames + counts.frames(), rows + counts.trades() + counts.rejected(), unreadable + notRead);
        }
    }

    /// A worker for a shard.
    ///
    /// @param homeless takes the instruments for which the exchange has no room on this connection
    /// @param leaving  hears that the exchange is about to end the connection, which delivers until then
    SafeWorker(
            String name,
            Feed feed,
            List<Instrument> instruments,
            BiConsumer<SafeWorker, List<Instrument>> homeless,
            Consumer<SafeWorker> leaving,
            Recovery recovery,
            InstantSource clock) {
        this.name = name;
        this.feed = feed;
        this.subscriptions = new Subscriptions(name, instruments, out -> homeless.accept(this, out));
        this.leaving = leaving;
        this.recovery = recovery;
        this.clock = clock;
        this.since = clock.instant();
        this.states = feed.states(name);
    }

    String name() {
        return name;
    }

    @Override
    public void run() {
        try {
            boolean again = true;
            while (again) {
                again = live() && retired == null;
            }
            DisconnectCause cause = retired;
            Failure last = failure;
            String why = cause != null ? cause.id() : last instanceof Failure.Fatal ? last.what() : null;
            enter(WorkerStatus.State.STOPPED, why, Level.INFO);
        } catch (InterruptedException e) {
            enter(WorkerStatus.State.STOPPED, "asked to stop", Level.DEBUG);
        }
    }

    /// Runs one connection to its end; false when only a person can mend it, or nothing is left to collect.
    private boolean live() throws InterruptedException {
        awaitRoom();
        if (retired != null) {
            return false;
        }
        acknowledgedAt = null;
        enter(WorkerStatus.State.CONNECTING, null, Level.INFO);
        try (Ring ring = feed.ring(name);
                Session opened = feed.connect(name, ring)) {
            session = opened;
            complained = false;
            quiet = false;
            recycled = null;
            connects.incrementAndGet();
            ring.leaves(subscriptions.change());
            if (!subscriptions.wanted().isEmpty() && retired == null) {
                attend(opened, ring);
            }
            return !subscriptions.wanted().isEmpty();
        } catch (FeedException e) {
            return stayAway(e.failure());
        } catch (RuntimeException | Error e) { // a bug of ours ends this connection and nothing else
            log.error("unexpected in {}", name, e);
            return stayAway(new Failure.Recoverable("unexpected: " + e, e));
        } finally {
            Session last = session;
            if (last != null) {
                session = null;
                ended = ended.plus(last.counts());
            }
        }
    }

    /// Returns when a replacement is due. However it ends, that is entered.
    private void attend(Session opened, Ring ring) throws FeedException, InterruptedException {
        enter(WorkerStatus.State.SUBSCRIBING, null, Level.INFO);
        life = feed.connected(name, subscriptions.wanted());
        DisconnectCause cause = DisconnectCause.FAILED;
        try {
            subscriptions.subscribe(opened);
            requireNonNull(life).delivering(subscriptions.acknowledged());
            carries(ring, subscriptions.acknowledged());
            acknowledgedAt = clock.instant();
            subscribedTicks = System.nanoTime();
            cause = watch(opened, ring);
        } catch (FeedException e) {
            cause = e.failure().disconnect();
            throw e;
        } catch (InterruptedException e) {
            cause = DisconnectCause.ASKED_TO_STOP;
            throw e;
        } finally {
            carrying = null;
            subscribedTicks = null;
            subscriptions.disconnected();
            Instant end = end(cause, opened.counts());
            ring.broke(end);
            requireNonNull(life).ended(cause, end);
        }
    }

    /// These are carried from now on. Told after the life of the connection was: a hole ends behind the stretch that
    /// it explains.
    private void carries(Ring ring, List<Instrument> joined) {
        Instant now = clock.instant();
        ring.carries(joined, now);
        feed.acknowledged(joined);
        Carrying before = carrying;
        Map<Instrument, Long> sinces = new HashMap<>();
        for (Instrument instrument : subscriptions.acknowledged()) {
            Long earlier = before == null || joined.contains(instrument)
                    ? null
                    : before.since().get(instrument);
            sinces.put(instrument, earlier == null ? Nanos.of(now) : earlier);
        }
        carrying = new Carrying(ring, sinces);
    }

    /// What breaks off may have lost what was sent since something last came.
    private Instant end(DisconnectCause cause, Counts counts) {
        return switch (cause) {
            case RESET, SILENT, CRASH -> since(counts.lastFrameAtNanos());
            case STALLED -> since(counts.lastTradeAtNanos());
            case ASKED_TO_STOP,
                    REPLACED,
                    RESUBSCRIBED,
                    CLOSED_BY_EXCHANGE,
                    UNREADABLE,
                    UNANSWERED,
                    REFUSED,
                    BANNED,
                    NO_ROOM,
                    FAILED -> clock.instant();
        };
    }

    /// @param nanos when it last gave something; 0 if never
    private Instant since(long nanos) {
        Instant acknowledged = acknowledgedAt;
        return nanos > 0 ? Nanos.instant(nanos) : acknowledged == null ? clock.instant() : acknowledged;
    }

    /// Collects one more instrument, on this connection and those after it. One that it has already is subscribed
    /// again, which wakes up a market that did not exist before. Any thread may call it, as all that follow.
    void join(Instrument instrument) {
        subscriptions.join(instrument);
        wake(); // what is traded until the next look would be missed
    }

    /// Collects an instrument no longer.
    void leave(Instrument instrument) {
        subscriptions.leave(instrument);
        wake();
    }

    /// An instrument has other terms. Its subscription is left as it is.
    void retell(Instrument instrument) {
        subscriptions.retell(instrument);
        wake();
    }

    /// An instrument is mute on this connection: it alone is subscribed anew.
    void anew(Instrument instrument) {
        subscriptions.anew(instrument);
        wake();
    }

    /// Ends the connection for a new one of its own.
    void recycle(String why) {
        recycled = why;
        wake();
    }

    /// Ends for good, since another worker has taken over or nobody needs it. Returns at once.
    void retire(DisconnectCause cause) {
        retired = cause;
        wake();
    }

    /// REST has confirmed that nothing of what it carries traded since it was acknowledged.
    void quiet() {
        quiet = true;
    }

    private void wake() {
        Session opened = session;
        if (opened != null) {
            opened.wake();
        }
    }

    /// What its connection carries now; null while there is none, or nothing is acknowledged.
    @Nullable
    Carrying carrying() {
        return carrying;
    }

    /// When everything was subscribed on its connection, as [System#nanoTime()]; null while that is not so.
    @Nullable
    Long subscribedTicks() {
        return subscribedTicks;
    }

    /// What it is to carry.
    List<Instrument> wanted() {
        return subscriptions.wanted();
    }

    /// Returns when a replacement is due, and why.
    private DisconnectCause watch(Session opened, Ring ring) throws FeedException, InterruptedException {
        while (true) {
            DisconnectCause over = over();
            if (over != null) {
                return over;
            }
            Subscriptions.Changed changed = subscriptions.change(opened, ring::leaves);
            if (changed.isOther()) {
                life = requireNonNull(life).resubscribed(subscriptions.acknowledged());
            }
            if (changed.isOther() || !changed.joined().isEmpty()) {
                carries(ring, changed.joined());
            }
            if (subscriptions.wanted().isEmpty()) {
                return DisconnectCause.ASKED_TO_STOP;
            }
            Event event = opened.next(LOOK);
            prove();
            complain(opened);
            switch (event) {
                case null -> {
                    if (isInTheUnitLeft(opened)) {
                        log.info("the market is collected in another time unit by now: connecting anew");
                        return DisconnectCause.REPLACED;
                    }
                    if (isStalled(opened)) {
                        return DisconnectCause.STALLED;
                    }
                }
                case Event.OtherTimeUnit unit -> {
                    if (feed.fallBack(unit.connector())) {
                        log.warn("trades do not come in the time unit that was asked for: the market is collected in"
                                + " theirs, on the stream and by REST");
                    }
                }
                case Event.Refused refusal ->
                    log.warn("refused: {}", refusal.failure().what());
                case Event.Closing closing -> {
                    log.info("the exchange announces the end of this connection: {}", closing.why());
                    if (state != WorkerStatus.State.DELIVERING) { // a server that says so each time is not hammered
                        throw new FeedException(
                                new Failure.Recoverable(closing.why(), DisconnectCause.CLOSED_BY_EXCHANGE));
                    }
                    leaving.accept(this);
                }
            }
        }
    }

    /// Why the connection is to end now; null while it is not.
    private @Nullable DisconnectCause over() throws FeedException {
        if (!feed.journal().hasRoom()) {
            return DisconnectCause.NO_ROOM;
        }
        if (retired != null) {
            return retired;
        }
        String why = recycled;
        if (why == null) {
            return null;
        }
        if (state != WorkerStatus.State.DELIVERING) { // it never gave a trade: the next one may not either
            throw new FeedException(new Failure.Recoverable(why, DisconnectCause.STALLED));
        }
        log.warn("connecting anew: {}", why);
        return DisconnectCause.STALLED;
    }

    /// What is sent with an acknowledgement is of the past and proves nothing.
    private boolean hasTraded() {
        Carrying now = carrying;
        return now != null && now.since().keySet().stream().anyMatch(one -> now.lastNanos(one) > 0);
    }

    /// A trade proves the link, an open socket does not; where nothing trades, REST or two good minutes do.
    private void prove() {
        if (state == WorkerStatus.State.DELIVERING) {
            return;
        }
        Instant lost = lostAt;
        String after = lost == null
                ? null
                : "after " + Duration.between(lost, clock.instant()).toSeconds() + " s";
        if (quiet || hasTraded()) {
            recovery.reset();
            lostAt = null;
            enter(WorkerStatus.State.DELIVERING, after, Level.INFO);
        } else if (recovery.failures() > 0
                && System.nanoTime() - requireNonNull(subscribedTicks) >= PROVEN.toNanos()
                && subscriptions.refused() == 0) {
            recovery.reset();
        }
    }

    /// Whether trades came and come no more although the busiest instrument is here: it answers, and has stalled. One
    /// that never gave a trade is complained of instead, or a market that is really quiet were left over and over.
    private boolean isStalled(Session opened) {
        Stall stall = opened.connector().stall();
        if (stall == null
                || state != WorkerStatus.State.DELIVERING
                || subscriptions.acknowledged().stream()
                        .noneMatch(one -> one.symbol().equals(stall.symbol()))) {
            return false;
        }
        long last = opened.counts().lastTradeAtNanos();
        Duration quiet = Duration.ofNanos(Nanos.of(clock.instant()) - last);
        if (last == 0 || quiet.compareTo(stall.after()) <= 0) {
            return false;
        }
        log.warn(
                "no trade for {} s on a connection that holds {}: it has stalled, connecting anew",
                quiet.toSeconds(),
                stall.symbol());
        return true;
    }

    /// Whether trades come here in a unit that the market was found not to keep to on another connection.
    private boolean isInTheUnitLeft(Session opened) {
        return opened.counts().trades() > 0
                && feed.connector().equals(opened.connector().fallback());
    }

    /// A connection on which no trade comes, or none that can be stored, looks alive: it has to be said, once per
    /// connection.
    private void complain(Session opened) {
        if (complained || state != WorkerStatus.State.SUBSCRIBING) {
            return;
        }
        Counts counts = opened.counts();
        if (counts.trades() > 0) { // just now
            return;
        }
        Duration acknowledged = Duration.between(requireNonNull(acknowledgedAt), clock.instant());
        Rejected first = opened.firstRejected();
        if (first != null && acknowledged.compareTo(UNSTORABLE) > 0) {
            complained = true;
            log.warn(
                    "{} rows came and none of them can be stored; the first: {} ({}){}",
                    counts.rejected(),
                    first.reason(),
                    first.detail(),
                    first.reason() == RejectReason.TIME_UNIT
                            ? ": set time_unit of this market under exchanges to the other unit"
                            : "");
        } else if (first == null && acknowledged.compareTo(MUTE) > 0) {
            complained = true;
            log.warn(
                    "every subscription is acknowledged and not one trade came in {} s on {} instruments: if that lasts,"
                            + " check websocket_url of this market",
                    MUTE.toSeconds(),
                    subscriptions.acknowledged().size());
        }
    }

    private boolean stayAway(Failure what) throws InterruptedException {
        failure = what;
        boolean isFirst = lostAt == null;
        if (isFirst) {
            lostAt = clock.instant();
        }
        if (what instanceof Failure.Fatal && !feed.hasWorked()) {
            log.error("{}: given up, this needs a person", what.what());
            return false;
        } // where it did work, a fault on the way must not end it for good
        Recovery.Pause pause = recovery.after(what);
        Level level = isFirst || pause.state() != WorkerStatus.State.BACKING_OFF ? Level.WARN : Level.INFO;
        enter(pause.state(), "for " + Nanos.words(pause.length()) + ": " + what.what(), level);
        long begun = System.nanoTime();
        Duration left = pause.left(Duration.ZERO, feed.isWindowOpen());
        while (left.isPositive() && retired == null) {
            Thread.sleep(left.compareTo(LOOK) < 0 ? left : LOOK); // a listing may fire meanwhile
            left = pause.left(Duration.ofNanos(System.nanoTime() - begun), feed.isWindowOpen());
        }
        return true;
    }

    /// What would be read now could not be kept. Who watches the journal says when that begins and ends.
    private void awaitRoom() throws InterruptedException {
        if (!feed.journal().hasRoom()) {
            enter(WorkerStatus.State.WAITING_FOR_ROOM, "the journal takes nothing", Level.INFO);
            feed.journal().awaitRoom();
        }
    }

    /// Every change is one line of the log and one row in SQL.
    private void enter(WorkerStatus.State entered, @Nullable String cause, Level level) {
        boolean isFirst = connects.get() == 0 && entered == WorkerStatus.State.CONNECTING;
        boolean isChange = isFirst || entered != state;
        state = entered;
        since = clock.instant();
        if (isChange) {
            states.entered(entered.id(), cause);
            if (cause == null) {
                log.atLevel(level).log("{}", entered.inWords());
            } else {
                log.atLevel(level).log("{} {}", entered.inWords(), cause);
            }
        }
    }

    /// A snapshot, for any thread.
    WorkerStatus status() {
        Session open = session;
        Totals totals = open == null ? ended : ended.plus(open.counts());
        return new WorkerStatus(
                name,
                state,
                since,
                subscriptions.wanted().size(),
                subscriptions.acknowledged().size(),
                subscriptions.refused(),
                totals.frames(),
                totals.rows(),
                totals.unreadable(),
                connects.get(),
                failure);
    }
}

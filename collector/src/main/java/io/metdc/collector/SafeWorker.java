package io.metdc.collector;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.metdc.completeness.Ring;
import io.metdc.connectors.Counts;
import io.metdc.connectors.Event;
import io.metdc.connectors.FeedException;
import io.metdc.connectors.Session;
import io.metdc.connectors.Stall;
import io.metdc.connectors.Subscribed;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection's whole life as plain blocking code: connect, subscribe at the exchange's pace, watch over it, and
/// after a failure stay away for a while and begin again. Trades do not pass here: the session's reader decodes them
/// into the ring. This thread waits for what happens *to* the connection.
///
/// Runs on a named virtual thread of its own; interruption is the only way to stop it.
final class SafeWorker implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(SafeWorker.class);

    /// How long to wait for an event before looking whether trades have come.
    private static final Duration LOOK = Duration.ofSeconds(1);

    /// What was refused when it joined is asked for again after this.
    private static final Duration ASK_AGAIN = Duration.ofSeconds(5);

    /// The coins of one notice come one by one, and a request for each would soon be one too many.
    private static final Duration TOGETHER = Duration.ofMillis(20);

    /// So long after the acknowledgement a connection that gives rejected rows alone is complained of.
    private static final Duration UNSTORABLE = Duration.ofSeconds(10);

    /// So long after the acknowledgement a connection without a trade is called mute.
    private static final Duration MUTE = Duration.ofSeconds(60);

    private final String name;
    private final Feed feed;
    private final Consumer<List<Instrument>> homeless;
    private volatile List<Instrument> instruments;
    private final Backoff backoff;
    private final InstantSource clock;
    private final BlockingQueue<Change> changes = new LinkedBlockingQueue<>();

    private volatile WorkerStatus.State state = WorkerStatus.State.CONNECTING;
    private volatile Instant since;
    private volatile @Nullable Session session;
    private volatile @Nullable Failure failure;
    private volatile int refused;
    private final AtomicInteger connects = new AtomicInteger();
    private volatile Totals ended = new Totals(0, 0, 0); // of the sessions before this one
    private List<Instrument> subscribed = List.of(); // on this connection
    private Connections.@Nullable Life life; // of this connection
    private @Nullable Instant lostAt;
    private boolean complained; // of the rows of this connection
    private final Map<Instrument.Key, Instrument> again = new LinkedHashMap<>(); // refused when they joined this one
    private long askAgainAt;

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
    SafeWorker(
            String name,
            Feed feed,
            List<Instrument> instruments,
            Consumer<List<Instrument>> homeless,
            Backoff backoff,
            InstantSource clock) {
        this.name = name;
        this.feed = feed;
        this.instruments = instruments;
        this.homeless = homeless;
        this.backoff = backoff;
        this.clock = clock;
        this.since = clock.instant();
    }

    String name() {
        return name;
    }

    @Override
    public void run() {
        try {
            boolean again = true;
            while (again) {
                again = live();
            }
        } catch (InterruptedException e) {
            log.debug("asked to stop");
        } finally {
            enter(WorkerStatus.State.STOPPED);
        }
    }

    /// Runs one connection to its end; false when only a person can mend it, or nothing is left to collect.
    private boolean live() throws InterruptedException {
        awaitRoom();
        enter(WorkerStatus.State.CONNECTING);
        try (Ring ring = feed.ring(name);
                Session opened = feed.connect(name, ring)) {
            session = opened;
            complained = false;
            connects.incrementAndGet();
            enter(WorkerStatus.State.SUBSCRIBING);
            change(null, ring);
            if (!instruments.isEmpty()) {
                attend(opened, ring);
            }
            return !instruments.isEmpty();
        } catch (FeedException e) {
            return stayAway(e.failure());
        } catch (RuntimeException e) { // a bug of ours ends this connection and nothing else
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
        life = feed.connected(name, instruments);
        DisconnectCause cause = DisconnectCause.FAILED;
        try {
            subscribe(opened);
            requireNonNull(life).delivering(subscribed);
            ring.carries(subscribed, clock.instant()); // later: a hole ends behind the stretch that it explains
            enter(WorkerStatus.State.ACKNOWLEDGED);
            cause = watch(opened, ring);
        } catch (FeedException e) {
            cause = e.failure().disconnect();
            throw e;
        } catch (InterruptedException e) {
            cause = DisconnectCause.ASKED_TO_STOP;
            throw e;
        } finally {
            Instant end = end(cause, opened.counts());
            ring.broke(end);
            requireNonNull(life).ended(cause, end);
        }
    }

    /// What breaks off may have lost what was sent since something last came.
    private Instant end(DisconnectCause cause, Counts counts) {
        return switch (cause) {
            case RESET, SILENT, CRASH -> Nanos.instant(counts.lastFrameAtNanos());
            case STALLED -> Nanos.instant(counts.lastTradeAtNanos());
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

    private void subscribe(Session opened) throws FeedException, InterruptedException {
        Subscribed answer = opened.subscribe(instruments);
        refused = instruments.size()
                - answer.accepted().size()
                - answer.homeless().size();
        for (Subscribed.Refusal refusal : answer.refused()) {
            log.warn(
                    "{} instruments from {} on are refused: {}",
                    refusal.instruments().size(),
                    refusal.instruments().getFirst().symbol(),
                    refusal.failure().what());
        }
        int asked = instruments.size();
        moveOut(answer.homeless());
        if (answer.accepted().isEmpty()) {
            throw new FeedException(
                    answer.homeless().isEmpty()
                            ? new Failure.Recoverable(name + ": every instrument was refused", DisconnectCause.REFUSED)
                            : new Failure.Recoverable(
                                    name + ": there is room for no instrument", DisconnectCause.REFUSED));
        }
        subscribed = answer.accepted();
        log.info("{} of {} instruments subscribed", answer.accepted().size(), asked);
        feed.acknowledged(subscribed);
    }

    private enum Wish {
        JOIN,
        LEAVE,
        TERMS
    }

    /// What is wanted, in the order in which it was said.
    private record Change(Instrument instrument, Wish wish) {}

    /// Collects one more instrument, on this connection and those after it. One that it has already is subscribed
    /// again, which wakes up a market that did not exist before.
    void join(Instrument instrument) {
        want(new Change(instrument, Wish.JOIN));
    }

    /// Collects an instrument no longer.
    void leave(Instrument instrument) {
        want(new Change(instrument, Wish.LEAVE));
    }

    /// An instrument has other terms. Its subscription is left as it is.
    void retell(Instrument instrument) {
        want(new Change(instrument, Wish.TERMS));
    }

    private void want(Change change) {
        changes.add(change);
        Session opened = session;
        if (opened != null) {
            opened.wake(); // what is traded until the next look would be missed
        }
    }

    /// Takes on who wants to join and lets go who leaves, and touches no other.
    ///
    /// @param opened null while there is no connection: the next one begins with them
    private void change(@Nullable Session opened, Ring ring) throws FeedException, InterruptedException {
        List<Change> due = new ArrayList<>();
        for (Change one = changes.poll(); one != null; one = changes.poll(TOGETHER.toMillis(), MILLISECONDS)) {
            due.add(one);
        }
        if (due.isEmpty()) {
            return;
        }
        Map<Instrument.Key, Instrument> all = byKey(instruments);
        Map<Instrument.Key, Instrument> joined = new LinkedHashMap<>();
        Map<Instrument.Key, Instrument> left = new LinkedHashMap<>();
        Map<Instrument.Key, Instrument> retold = new HashMap<>();
        for (Change change : due) { // the last word counts
            Instrument instrument = change.instrument();
            Instrument.Key key = instrument.key();
            switch (change.wish()) {
                case JOIN -> {
                    left.remove(key);
                    joined.put(key, instrument);
                    all.put(key, instrument);
                }
                case LEAVE -> {
                    joined.remove(key);
                    if (all.remove(key) != null) {
                        left.put(key, instrument);
                    }
                }
                case TERMS -> {
                    joined.replace(key, instrument);
                    all.replace(key, instrument);
                    retold.put(key, instrument);
                }
            }
        }
        instruments = List.copyOf(all.values());
        ring.leaves(List.copyOf(left.values()));
        if (opened == null) {
            return;
        }
        Map<Instrument.Key, Instrument> now = byKey(subscribed);
        retold.forEach(now::replace);
        left.keySet().retainAll(now.keySet());
        if (!left.isEmpty()) {
            opened.unsubscribe(List.copyOf(left.values()));
            now.keySet().removeAll(left.keySet());
        }
        List<Instrument> joinedNow = List.of();
        if (!joined.isEmpty()) {
            Subscribed answer = opened.subscribe(List.copyOf(joined.values()));
            for (Subscribed.Refusal refusal : answer.refused()) {
                log.info(
                        "{} cannot be subscribed yet: {}",
                        refusal.instruments(),
                        refusal.failure().what());
            }
            now.putAll(byKey(answer.accepted()));
            joinedNow = answer.accepted();
            for (Subscribed.Refusal refusal : answer.refused()) {
                again.putAll(byKey(refusal.instruments()));
            }
            askAgainAt = System.nanoTime() + ASK_AGAIN.toNanos();
            moveOut(answer.homeless());
            feed.acknowledged(answer.accepted());
        }
        if (!now.keySet().equals(byKey(subscribed).keySet())) {
            life = requireNonNull(life).resubscribed(List.copyOf(now.values()));
        }
        ring.carries(joinedNow, clock.instant());
        subscribed = List.copyOf(now.values());
        again.keySet().removeAll(now.keySet());
        again.keySet().retainAll(all.keySet());
        refused = instruments.size() - subscribed.size();
    }

    /// A new instrument may be on the list before it can be subscribed: it is asked for until it can.
    private void askAgain() {
        if (!again.isEmpty() && System.nanoTime() - askAgainAt >= 0) {
            again.values().forEach(this::join);
            again.clear();
        }
    }

    private static Map<Instrument.Key, Instrument> byKey(List<Instrument> instruments) {
        Map<Instrument.Key, Instrument> byKey = new LinkedHashMap<>();
        instruments.forEach(instrument -> byKey.put(instrument.key(), instrument));
        return byKey;
    }

    /// The exchange has no room for these here: they get another connection.
    private void moveOut(List<Instrument> out) {
        if (out.isEmpty()) {
            return;
        }
        log.info("{} more find no room on this connection and get another one", out.size());
        List<Instrument> staying = new ArrayList<>(instruments);
        staying.removeAll(out);
        instruments = List.copyOf(staying);
        homeless.accept(out);
    }

    /// Returns when a replacement is due, and why.
    private DisconnectCause watch(Session opened, Ring ring) throws FeedException, InterruptedException {
        again.clear();
        while (true) {
            if (!feed.journal().hasRoom()) {
                return DisconnectCause.NO_ROOM;
            }
            askAgain();
            change(opened, ring);
            if (instruments.isEmpty()) {
                return DisconnectCause.ASKED_TO_STOP;
            }
            Event event = opened.next(LOOK);
            if (state != WorkerStatus.State.DELIVERING && opened.counts().trades() > 0) {
                delivering(); // a trade proves the link, an open socket does not
            }
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
                    log.info("the exchange announces the end of this connection ({}): connecting anew", closing.why());
                    if (state != WorkerStatus.State.DELIVERING) { // else a server that says so each time is hammered
                        pause(backoff.next());
                    }
                    return DisconnectCause.CLOSED_BY_EXCHANGE;
                }
            }
        }
    }

    /// Whether trades came and come no more although the busiest instrument is here: it answers, and has stalled. One
    /// that never gave a trade is complained of instead, or a market that is really quiet were left over and over.
    private boolean isStalled(Session opened) {
        Stall stall = opened.connector().stall();
        if (stall == null
                || state != WorkerStatus.State.DELIVERING
                || subscribed.stream().noneMatch(one -> one.symbol().equals(stall.symbol()))) {
            return false;
        }
        Duration quiet =
                Duration.ofNanos(Nanos.of(clock.instant()) - opened.counts().lastTradeAtNanos());
        if (quiet.compareTo(stall.after()) <= 0) {
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
        if (complained || state != WorkerStatus.State.ACKNOWLEDGED) {
            return;
        }
        Counts counts = opened.counts();
        if (counts.trades() > 0) { // just now
            return;
        }
        Duration acknowledged = Duration.between(since, clock.instant());
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
                    instruments.size() - refused);
        }
    }

    private void delivering() {
        backoff.reset();
        enter(WorkerStatus.State.DELIVERING);
        Instant lost = lostAt;
        if (lost != null) {
            log.info(
                    "delivering again after {} s",
                    Duration.between(lost, clock.instant()).toSeconds());
            lostAt = null;
        }
    }

    private boolean stayAway(Failure what) throws InterruptedException {
        failure = what;
        return switch (what) {
            case Failure.Fatal fatal
            when !feed.hasWorked() -> {
                log.error("{}: given up, this needs a person", fatal.what());
                yield false;
            }
            case Failure.Fatal fatal -> { // it did work: a fault on the way must not end it for good
                if (lostAt == null) {
                    log.error("{}: trying again all the same", fatal.what());
                }
                pause(backoff.longest());
                yield true;
            }
            case Failure.Ban ban -> {
                log.warn("{}: staying away for {} s", ban.what(), ban.pause().toSeconds());
                pause(max(ban.pause(), backoff.next()));
                yield true;
            }
            case Failure.Recoverable recoverable -> {
                Duration pause = backoff.next();
                if (lostAt == null) {
                    log.warn("{}: connecting anew in {} ms", recoverable.what(), pause.toMillis());
                } else {
                    log.debug("{}: connecting anew in {} ms", recoverable.what(), pause.toMillis());
                }
                pause(pause);
                yield true;
            }
        };
    }

    /// What would be read now could not be kept. Who watches the journal says when that begins and ends.
    private void awaitRoom() throws InterruptedException {
        if (!feed.journal().hasRoom()) {
            enter(WorkerStatus.State.WAITING_FOR_ROOM);
            feed.journal().awaitRoom();
        }
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
        Totals totals = open == null ? ended : ended.plus(open.counts());
        return new WorkerStatus(
                name,
                state,
                since,
                instruments.size(),
                refused,
                totals.frames(),
                totals.rows(),
                totals.unreadable(),
                connects.get(),
                failure);
    }
}

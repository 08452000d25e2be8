package io.metdc.collector;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.metdc.connectors.FeedException;
import io.metdc.connectors.Session;
import io.metdc.connectors.Subscribed;
import io.metdc.market.DisconnectCause;
import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a worker's connection is to carry, and what of it the exchange has acknowledged. Wishes come from any thread;
/// they are carried out on the worker's, each without touching any other instrument.
final class Subscriptions {
    private static final Logger log = LoggerFactory.getLogger(SafeWorker.class);

    /// What was refused when it joined is asked for again after this.
    private static final Duration ASK_AGAIN = Duration.ofSeconds(5);

    /// The coins of one notice come one by one, and a request for each would soon be one too many.
    private static final Duration TOGETHER = Duration.ofMillis(20);

    private enum Wish {
        JOIN,
        LEAVE,
        TERMS,
        ANEW
    }

    /// What is wanted, in the order in which it was said.
    private record Wanted(Instrument instrument, Wish wish) {}

    /// What came of the wishes.
    ///
    /// @param isOther whether other instruments are carried than before
    /// @param joined  what is carried from now on, or anew
    record Changed(boolean isOther, List<Instrument> joined) {
        static final Changed NOTHING = new Changed(false, List.of());
    }

    private final String name;
    private final Consumer<List<Instrument>> homeless;
    private final BlockingQueue<Wanted> wishes = new LinkedBlockingQueue<>();
    private volatile List<Instrument> wanted;
    private volatile List<Instrument> acknowledged = List.of(); // on this connection
    private volatile int refused;
    private final Map<Instrument.Key, Instrument> again = new LinkedHashMap<>(); // refused when they joined this one
    private long askAgainAt;

    /// @param homeless takes the instruments for which the exchange has no room on this connection
    Subscriptions(String name, List<Instrument> wanted, Consumer<List<Instrument>> homeless) {
        this.name = name;
        this.wanted = List.copyOf(wanted);
        this.homeless = homeless;
    }

    /// What is to be carried. Any thread may ask, as for what follows.
    List<Instrument> wanted() {
        return wanted;
    }

    /// What the exchange has acknowledged on this connection.
    List<Instrument> acknowledged() {
        return acknowledged;
    }

    /// How many it refused.
    int refused() {
        return refused;
    }

    /// One more is wanted, on this connection and those after it. One that it has already is subscribed again, which
    /// wakes up a market that did not exist before.
    void join(Instrument instrument) {
        wishes.add(new Wanted(instrument, Wish.JOIN));
    }

    /// One is wanted no longer.
    void leave(Instrument instrument) {
        wishes.add(new Wanted(instrument, Wish.LEAVE));
    }

    /// One has other terms. Its subscription is left as it is.
    void retell(Instrument instrument) {
        wishes.add(new Wanted(instrument, Wish.TERMS));
    }

    /// One is mute: its subscription is ended and begun anew.
    void anew(Instrument instrument) {
        wishes.add(new Wanted(instrument, Wish.ANEW));
    }

    // ---- on the worker's thread

    /// The connection is gone.
    void disconnected() {
        acknowledged = List.of();
        again.clear();
    }

    /// Subscribes everything on a connection that carries nothing yet.
    ///
    /// @throws FeedException also when the exchange takes none of them
    void subscribe(Session session) throws FeedException, InterruptedException {
        List<Instrument> asked = wanted;
        Subscribed answer = session.subscribe(asked);
        refused = answer.refused().stream()
                .mapToInt(refusal -> refusal.instruments().size())
                .sum();
        for (Subscribed.Refusal refusal : answer.refused()) {
            log.warn(
                    "{} instruments from {} on are refused: {}",
                    refusal.instruments().size(),
                    refusal.instruments().getFirst().symbol(),
                    refusal.failure().what());
        }
        moveOut(answer.homeless());
        if (answer.accepted().isEmpty()) {
            throw new FeedException(new Failure.Recoverable(
                    name
                            + (answer.homeless().isEmpty()
                                    ? ": every instrument was refused"
                                    : ": there is room for no instrument"),
                    DisconnectCause.REFUSED));
        }
        acknowledged = List.copyOf(answer.accepted());
        log.info("{} of {} instruments subscribed", acknowledged.size(), asked.size());
    }

    /// What is said while there is no connection: the next one begins with it.
    ///
    /// @return who leaves
    List<Instrument> change() throws InterruptedException {
        return takeWishes().left();
    }

    /// The last wishes since the last call, one by instrument.
    private record Wishes(
            Map<Instrument.Key, Instrument> joined,
            Map<Instrument.Key, Instrument> leaving,
            Map<Instrument.Key, Instrument> retold,
            Map<Instrument.Key, Instrument> anew) {
        boolean isEmpty() {
            return joined.isEmpty() && leaving.isEmpty() && retold.isEmpty() && anew.isEmpty();
        }

        List<Instrument> left() {
            return List.copyOf(leaving.values());
        }
    }

    private Wishes takeWishes() throws InterruptedException {
        Map<Instrument.Key, Instrument> all = byKey(wanted);
        Wishes due = new Wishes(new LinkedHashMap<>(), new LinkedHashMap<>(), new HashMap<>(), new LinkedHashMap<>());
        Wanted next = wishes.poll();
        while (next != null) { // the last word counts
            Instrument instrument = next.instrument();
            Instrument.Key key = instrument.key();
            switch (next.wish()) {
                case JOIN -> {
                    due.leaving.remove(key);
                    due.joined.put(key, instrument);
                    all.put(key, instrument);
                }
                case LEAVE -> {
                    due.joined.remove(key);
                    due.anew.remove(key);
                    if (all.remove(key) != null) {
                        due.leaving.put(key, instrument);
                    }
                }
                case TERMS -> {
                    due.joined.replace(key, instrument);
                    all.replace(key, instrument);
                    due.retold.put(key, instrument);
                }
                case ANEW -> {
                    Instrument known = all.get(key);
                    if (known != null) {
                        due.anew.put(key, known);
                    }
                }
            }
            next = wishes.poll(TOGETHER.toMillis(), MILLISECONDS);
        }
        wanted = List.copyOf(all.values());
        return due;
    }

    /// Takes on who wants to join and lets go who leaves, and touches no other.
    ///
    /// @param leaving hears who leaves before that is asked for
    Changed change(Session session, Consumer<List<Instrument>> leaving) throws FeedException, InterruptedException {
        askAgain();
        if (wishes.isEmpty()) {
            return Changed.NOTHING;
        }
        Wishes due = takeWishes();
        if (due.isEmpty()) {
            return Changed.NOTHING;
        }
        leaving.accept(due.left());
        Map<Instrument.Key, Instrument> before = byKey(acknowledged);
        Map<Instrument.Key, Instrument> now = new LinkedHashMap<>(before);
        due.retold.forEach(now::replace);
        end(session, due, now);
        due.anew.keySet().removeAll(due.joined.keySet());
        due.joined.putAll(due.anew);
        List<Instrument> joined = List.of();
        if (!due.joined.isEmpty()) {
            Subscribed answer = session.subscribe(List.copyOf(due.joined.values()));
            for (Subscribed.Refusal refusal : answer.refused()) {
                log.info(
                        "{} cannot be subscribed yet: {}",
                        refusal.instruments(),
                        refusal.failure().what());
                again.putAll(byKey(refusal.instruments()));
            }
            joined = answer.accepted();
            now.putAll(byKey(joined));
            askAgainAt = System.nanoTime() + ASK_AGAIN.toNanos();
            moveOut(answer.homeless());
        }
        acknowledged = List.copyOf(now.values());
        Map<Instrument.Key, Instrument> all = byKey(wanted);
        again.keySet().removeAll(now.keySet());
        again.keySet().retainAll(all.keySet());
        refused = all.size() - now.size();
        return new Changed(!now.keySet().equals(before.keySet()), joined);
    }

    private static void end(Session session, Wishes due, Map<Instrument.Key, Instrument> now)
            throws FeedException, InterruptedException {
        Map<Instrument.Key, Instrument> ending = new LinkedHashMap<>(due.leaving);
        ending.putAll(due.anew);
        ending.keySet().retainAll(now.keySet());
        if (!ending.isEmpty()) {
            session.unsubscribe(List.copyOf(ending.values()));
            now.keySet().removeAll(ending.keySet());
        }
    }

    /// A new instrument may be on the list before it can be subscribed: it is asked for until it can.
    private void askAgain() {
        if (!again.isEmpty() && System.nanoTime() - askAgainAt >= 0) {
            again.values().forEach(this::join);
            again.clear();
        }
    }

    /// The exchange has no room for these here: they get another connection.
    private void moveOut(List<Instrument> out) {
        if (out.isEmpty()) {
            return;
        }
        log.info("{} more find no room on this connection and get another one", out.size());
        List<Instrument> staying = new ArrayList<>(wanted);
        staying.removeAll(out);
        wanted = List.copyOf(staying);
        homeless.accept(out);
    }

    private static Map<Instrument.Key, Instrument> byKey(List<Instrument> instruments) {
        Map<Instrument.Key, Instrument> byKey = new LinkedHashMap<>();
        instruments.forEach(instrument -> byKey.put(instrument.key(), instrument));
        return byKey;
    }
}

package io.metdc.connectors;

import io.metdc.market.DisconnectCause;
import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import io.metdc.market.Nanos;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What is asked of the exchange on one connection, and what became of it: requests go out at the pace that is
/// allowed, answers are matched by number or by instrument, and what a refusal takes with it is asked for again.
///
/// ```
/// wanted ─▶ requests ─▶ answers ─┬─▶ accepted
///              ▲                 ├─▶ refused, by name or by halving
///              └── ask again ◀───┘
/// ```
///
/// Asked by the connection's owner, one question at a time; answered by its reader thread.
final class Requests {
    /// A request that came at a bad moment is sent again after this: what the documents that name a time say.
    private static final Duration MOMENT = Duration.ofSeconds(5);

    private static final int MOST_MOMENTS = 3;

    private final Connector connector;
    private final Limits limits;
    private final Pace pace;
    private final Wire wire;
    private final InstantSource clock;

    private final Object lock = new Object();
    private final Map<Long, Asked> asked = new LinkedHashMap<>(); // of the question that is open; under the lock
    private final Set<Instrument> subscribed = new LinkedHashSet<>(); // under the lock
    private @Nullable Failure end;
    private long lastNumber;

    /// A request on its way.
    private static final class Asked {
        final Request request;
        final List<Instrument> asked; // the request may name more
        final Set<Instrument> open;
        final boolean again; // its instruments were asked for before and nobody answered
        final int moments; // how often it came at a bad one

        @Nullable
        Failure failure;

        @Nullable
        Blame blame;

        Asked(Request request, List<Instrument> asked, boolean again, int moments) {
            this.request = request;
            this.asked = asked;
            this.open = new LinkedHashSet<>(asked);
            this.again = again;
            this.moments = moments;
        }

        boolean isAnswered() {
            return open.isEmpty() || blame != null;
        }

        boolean has(String symbol) {
            return open.stream().anyMatch(instrument -> instrument.symbol().equals(symbol));
        }
    }

    /// What became of them so far.
    private record Outcome(List<Instrument> accepted, List<Subscribed.Refusal> refused, List<Instrument> homeless) {
        Outcome() {
            this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }
    }

    Requests(Connector connector, Pace pace, Wire wire, InstantSource clock) {
        this.connector = connector;
        this.limits = connector.limits();
        this.pace = pace;
        this.wire = wire;
        this.clock = clock;
    }

    /// Subscribes, and waits until every request is answered.
    Subscribed subscribe(List<Instrument> wanted) throws FeedException, InterruptedException {
        Subscribed answer;
        try {
            answer = ask("subscribe", wanted, connector::subscribe);
        } catch (FeedException e) {
            if (!isFull() || wanted.size() == 1) {
                throw e;
            }
            int half = wanted.size() / 2; // the next connection carries fewer
            return new Subscribed(List.of(), List.of(), List.copyOf(wanted.subList(half, wanted.size())));
        }
        List<Instrument> all;
        synchronized (lock) {
            subscribed.addAll(answer.accepted());
            all = List.copyOf(subscribed);
        }
        if (connector.replaces() && !answer.refused().isEmpty()) {
            replace(all); // nobody says what a refusal leaves of the subscription before it
        }
        return answer;
    }

    /// Whether the connection was closed since it carried too much.
    private boolean isFull() {
        Code row = connector.codes().find(Code.Where.CLOSE, Integer.toString(wire.closedWith()));
        return row != null && row.reaction() == Reaction.Plain.ELSEWHERE;
    }

    /// What is subscribed.
    List<Instrument> subscribed() {
        synchronized (lock) {
            return List.copyOf(subscribed);
        }
    }

    /// Ends subscriptions. Where the exchange has no way to end single ones, they go on and nothing is
    /// said.
    Subscribed unsubscribe(List<Instrument> unwanted) throws FeedException, InterruptedException {
        List<Instrument> left;
        synchronized (lock) {
            unwanted.forEach(subscribed::remove);
            left = List.copyOf(subscribed);
        }
        if (connector.replaces()) {
            replace(left);
        } else if (!connector.unsubscribe(1, unwanted, clock.instant()).isEmpty()) {
            return ask("unsubscribe", unwanted, connector::unsubscribe);
        }
        return new Subscribed(unwanted, List.of(), List.of());
    }

    private void replace(List<Instrument> named) throws FeedException, InterruptedException {
        if (!named.isEmpty()) {
            pace.await();
            wire.send(connector.subscribe(++lastNumber, named, clock.instant()));
        }
    }

    private Subscribed ask(String what, List<Instrument> wanted, Request.Writer writer)
            throws FeedException, InterruptedException {
        var outcome = new Outcome();
        try {
            List<Asked> round = requests(wanted, false, 0, writer);
            while (!round.isEmpty()) {
                send(round);
                awaitAnswers(what, round);
                round = next(what, round, outcome, writer);
            }
        } finally {
            synchronized (lock) {
                asked.clear();
            }
        }
        return new Subscribed(outcome.accepted, outcome.refused, outcome.homeless);
    }

    private List<Asked> requests(List<Instrument> wanted, boolean again, int moments, Request.Writer writer) {
        List<Asked> made = new ArrayList<>();
        if (connector.replaces()) {
            Set<Instrument> all = new LinkedHashSet<>();
            synchronized (lock) {
                all.addAll(subscribed);
            }
            all.addAll(wanted);
            List<Instrument> named = List.copyOf(all);
            var request = new Request(++lastNumber, named, writer.write(lastNumber, named, clock.instant()));
            made.add(new Asked(request, List.copyOf(wanted), again, moments));
            return made;
        }
        for (Request request : Request.cut(limits, wanted, lastNumber + 1, clock.instant(), writer)) {
            made.add(new Asked(request, request.instruments(), again, moments));
        }
        lastNumber += made.size();
        return made;
    }

    private void send(List<Asked> round) throws FeedException, InterruptedException {
        if (round.stream().anyMatch(one -> one.moments > 0)) {
            Thread.sleep(MOMENT);
        }
        for (Asked one : round) {
            pace.await();
            synchronized (lock) {
                throwIfEnded();
                asked.put(one.request.number(), one);
            }
            wire.send(one.request.text());
        }
        String list = connector.subscriptions(lastNumber + 1);
        if (!list.isEmpty()) {
            lastNumber++;
            pace.await();
            wire.send(list);
        }
    }

    private void awaitAnswers(String what, List<Asked> round) throws FeedException, InterruptedException {
        long deadline = System.nanoTime() + limits.acknowledgement().toNanos();
        synchronized (lock) {
            while (!round.stream().allMatch(Asked::isAnswered)) {
                throwIfEnded();
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    if (round.stream().anyMatch(one -> one.again && !one.isAnswered())) {
                        throw new FeedException(
                                new Failure.Recoverable(missing(what, round), DisconnectCause.UNANSWERED));
                    }
                    return;
                }
                TimeUnit.NANOSECONDS.timedWait(lock, left);
            }
        }
    }

    private String missing(String what, List<Asked> round) {
        int instruments =
                round.stream().mapToInt(one -> one.request.instruments().size()).sum();
        int open = round.stream()
                .filter(one -> !one.isAnswered())
                .mapToInt(one -> one.open.size())
                .sum();
        return "%s: %d of %d instruments whose %s was asked for again are not acknowledged within %s"
                .formatted(wire.where(), open, instruments, what, Nanos.words(limits.acknowledgement()));
    }

    /// Books what was answered, and makes the requests that are still to be sent.
    private List<Asked> next(String what, List<Asked> round, Outcome outcome, Request.Writer writer)
            throws FeedException {
        List<Asked> again = new ArrayList<>();
        synchronized (lock) {
            for (Asked one : round) {
                List<Instrument> open = List.copyOf(one.open);
                List<Instrument> settled = new ArrayList<>(one.asked);
                settled.removeAll(one.open);
                outcome.accepted.addAll(settled);
                if (connector.replaces()) {
                    subscribed.addAll(settled); // the next request must name them
                }
                Failure failure = one.failure;
                if (!open.isEmpty() && failure != null && !(failure instanceof Failure.Recoverable)) {
                    throw new FeedException(failure);
                }
                if (open.isEmpty()) {
                    continue;
                }
                switch (one.blame) {
                    case null -> again.addAll(requests(open, true, one.moments, writer));
                    case Blame.Symbol blame
                    when one.has(blame.symbol()) -> {
                        outcome.refused.add(refusal(only(open, blame.symbol()), failure));
                        again.addAll(requests(without(open, blame.symbol()), one.again, one.moments, writer));
                    }
                    case Blame.Already blame
                    when one.has(blame.symbol()) -> {
                        outcome.accepted.addAll(only(open, blame.symbol()));
                        again.addAll(requests(without(open, blame.symbol()), one.again, one.moments, writer));
                    }
                    case Blame.Symbol _, Blame.Already _, Blame.OneOfThem _ -> {
                        if (open.size() == 1 && one.blame instanceof Blame.Already) {
                            outcome.accepted.addAll(open);
                        } else if (open.size() == 1) {
                            outcome.refused.add(refusal(open, failure));
                        } else {
                            int half = open.size() / 2;
                            again.addAll(requests(open.subList(0, half), one.again, one.moments, writer));
                            again.addAll(requests(open.subList(half, open.size()), one.again, one.moments, writer));
                        }
                    }
                    case Blame.Request _ -> outcome.refused.add(refusal(open, failure));
                    case Blame.Room _ -> outcome.homeless.addAll(open);
                    case Blame.Connection _ -> throw new FeedException(failure == null ? unexplained(what) : failure);
                    case Blame.Moment _ -> {
                        if (one.moments == MOST_MOMENTS) {
                            throw new FeedException(failure == null ? unexplained(what) : failure);
                        }
                        again.addAll(requests(open, one.again, one.moments + 1, writer));
                    }
                }
            }
        }
        return again;
    }

    private Subscribed.Refusal refusal(List<Instrument> instruments, @Nullable Failure failure) {
        return new Subscribed.Refusal(instruments, failure == null ? unexplained("request") : failure);
    }

    private Failure unexplained(String what) {
        return new Failure.Recoverable(wire.where() + ": the " + what + " was refused", DisconnectCause.REFUSED);
    }

    private static List<Instrument> only(List<Instrument> instruments, String symbol) {
        return instruments.stream()
                .filter(instrument -> instrument.symbol().equals(symbol))
                .toList();
    }

    private static List<Instrument> without(List<Instrument> instruments, String symbol) {
        return instruments.stream()
                .filter(instrument -> !instrument.symbol().equals(symbol))
                .toList();
    }

    // ---- what comes back, on the reader thread

    void acknowledged(long number) {
        synchronized (lock) {
            Asked one = asked.get(number);
            if (one != null) {
                settled(one.asked);
            }
        }
    }

    void named(List<Instrument> instruments) {
        synchronized (lock) {
            settled(instruments);
        }
    }

    /// The exchange named everything that is subscribed: what was asked for and is not among it is refused.
    void listed(List<Instrument> instruments) {
        synchronized (lock) {
            settled(instruments);
            for (Asked one : asked.values()) {
                if (!one.isAnswered()) {
                    one.failure = new Failure.Recoverable(wire.where() + " does not name it among the subscriptions");
                    one.blame = Blame.Request.INSTANCE;
                }
            }
            lock.notifyAll();
        }
    }

    /// An answer that comes late counts for the request that was sent again, too.
    private void settled(List<Instrument> instruments) {
        for (Asked one : asked.values()) {
            instruments.forEach(one.open::remove);
        }
        lock.notifyAll();
    }

    /// Takes a refusal, which some exchanges send without saying of what.
    ///
    /// @return false when nobody waits for it
    boolean refused(long number, Failure failure, Blame blame) {
        synchronized (lock) {
            Asked one = asked.get(number);
            if (one == null && number == Message.Refused.NO_REQUEST) {
                one = blamed(blame);
            }
            if (one == null) {
                return false;
            }
            if (!one.isAnswered()) {
                one.failure = failure;
                one.blame = blame;
                lock.notifyAll();
            }
            return true;
        }
    }

    private @Nullable Asked blamed(Blame blame) {
        List<Asked> open =
                asked.values().stream().filter(one -> !one.isAnswered()).toList();
        if (blame instanceof Blame.Symbol(String symbol)) {
            return open.stream().filter(one -> one.has(symbol)).findFirst().orElse(null);
        }
        return open.size() == 1 ? open.getFirst() : null;
    }

    /// The connection is gone.
    void ended(Failure failure) {
        synchronized (lock) {
            end = failure;
            lock.notifyAll();
        }
    }

    private void throwIfEnded() throws FeedException {
        if (end != null) {
            throw new FeedException(end);
        }
    }
}

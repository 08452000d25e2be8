package io.metdc.collector;

import io.metdc.collector.config.RecoverySettings;
import io.metdc.collector.frames.FrameRecording;
import io.metdc.completeness.Intake;
import io.metdc.completeness.Refill;
import io.metdc.connectors.Bans;
import io.metdc.connectors.Budget;
import io.metdc.connectors.ClockOffset;
import io.metdc.connectors.Connector;
import io.metdc.connectors.FeedException;
import io.metdc.connectors.Network;
import io.metdc.connectors.RestClient;
import io.metdc.market.DisconnectCause;
import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.storage.Connections;
import io.metdc.symbols.Changes;
import io.metdc.symbols.Changes.Change;
import io.metdc.symbols.ExpectedRates;
import io.metdc.symbols.InstrumentSource;
import io.metdc.symbols.Shards;
import io.metdc.symbols.Universe;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The workers of one exchange and market: cuts its instruments into shards and keeps one or two workers on each. What
/// joins later goes to the shard that has the fewest, and to a new one only when all are full; who leaves makes room.
/// No instrument moves, so that none is disturbed by another. Bounded: never more than [#MAX_WORKERS] connections. A
/// market whose instruments are not to be had is asked again and again; it never stands idle unseen, and never in the
/// way of another.
///
/// One virtual thread, the keeper, decides; whoever wants something tells it.
final class Pool {
    static final int MAX_WORKERS = io.metdc.symbols.Plan.MOST_CONNECTIONS;

    /// An answer that is hard to believe is asked for again after this.
    private static final Duration ASK_AGAIN = Duration.ofSeconds(5);

    /// So much more of its past is asked for when an instrument is new.
    private static final Duration LOOK_BACK = Duration.ofMinutes(5);

    private static final Duration STANDS = Duration.ofMinutes(30);

    private static final Logger log = LoggerFactory.getLogger(Pool.class);

    /// What a pool needs to know beside the connector.
    ///
    /// @param connectionsPerShard how many connections carry each instrument
    /// @param instrumentFolder    where the last good lists are kept
    /// @param restSpending        where it is kept how much was asked by REST
    /// @param refresh             how often the exchange is asked for its instruments
    /// @param needsKrw            whether Upbit's list decides what is collected
    /// @param rates               by which the busiest instruments are spread over connections
    record Plan(
            Connector connector,
            @Nullable URI websocketUrl,
            URI restUrl,
            Network network,
            int instrumentsPerConnection,
            int connectionsPerShard,
            RecoverySettings recovery,
            Path instrumentFolder,
            Path restSpending,
            Duration refresh,
            boolean needsKrw,
            ExpectedRates rates,
            @Nullable FrameRecording recording) {}

    /// What the keeper is told.
    private sealed interface Told {
        /// The watch set of the market is another.
        record Changed(Changes changes) implements Told {}

        /// A connection has no room for these.
        record Homeless(SafeWorker worker, List<Instrument> instruments) implements Told {}

        /// A worker is to have a successor.
        record Succession(SafeWorker old, CompletableFuture<@Nullable SafeWorker> successor) implements Told {}

        /// and one of the two has taken over from the other.
        record Over(SafeWorker over, DisconnectCause cause) implements Told {}

        /// Somebody wants one more.
        record Wanted(String holder, Instrument instrument) implements Told {}

        /// and does not any more.
        record Released(String holder, Instrument instrument) implements Told {}
    }

    private final Plan plan;
    private final Universe universe;
    private final Budget connects;
    private final Bans bans;
    private final Intake intake;
    private final JournalWatch journal;
    private final Connections connections;
    private final Storing storing;
    private final InstantSource clock;
    private final CompletableFuture<Integer> listed = new CompletableFuture<>();
    private final BlockingQueue<Told> told = new LinkedBlockingQueue<>();
    private final Thread keeper;

    private volatile List<SafeWorker> workers = List.of();
    private volatile @Nullable InstrumentRefresh refreshing;
    private volatile @Nullable SilenceWatch silence;
    private volatile @Nullable HardReset resets;
    private volatile @Nullable Feed feeding;
    private volatile @Nullable StreamWatch streamWatch; // null where there is one stream only
    private volatile @Nullable Refill refilling;
    private volatile @Nullable Failure trouble;
    private volatile int homeless; // instruments that no connection has room for

    // The keeper's.
    private final CollectedSymbols symbols = new CollectedSymbols();
    private final Map<Instrument.Key, Instrument> watched = new LinkedHashMap<>();
    private final Map<Instrument.Key, Set<String>> extra = new LinkedHashMap<>(); // wanted by others, and by whom
    private final Map<Instrument.Key, Shard> places = new HashMap<>();
    private final List<Shard> shards = new ArrayList<>();
    private final List<Thread> ending = new ArrayList<>(); // of workers that are not needed any more
    private final Set<Instrument.Key> waiting = new LinkedHashSet<>(); // for room
    private int opened;
    private boolean saidNoRoom;

    /// Starts at once, with the connects that its exchange allows one address; its instruments are there when
    /// [#listed()] is complete.
    Pool(
            Plan plan,
            Universe universe,
            Budget connects,
            Bans bans,
            Intake intake,
            JournalWatch journal,
            Connections connections,
            Storing storing,
            InstantSource clock) {
        this.plan = plan;
        this.universe = universe;
        this.connects = connects;
        this.bans = bans;
        this.intake = intake;
        this.journal = journal;
        this.connections = connections;
        this.storing = storing;
        this.clock = clock;
        this.keeper = Thread.ofVirtual().name(market() + "-pool").unstarted(this::keep);
    }

    /// Begins; only now, since the universe tells the pool at once.
    void start() {
        keeper.start();
    }

    Market market() {
        return plan.connector().market();
    }

    /// Completes with how many instruments are collected, once that is known.
    CompletableFuture<Integer> listed() {
        return listed;
    }

    /// Collects other instruments from now on. Returns at once.
    void changed(Changes changes) {
        told.add(new Told.Changed(changes));
    }

    /// Collects one more instrument from now on, until the last who wants it lets go. To be said again when its market
    /// opens. One that is collected anyway stays so. Returns at once.
    void collect(String holder, Instrument instrument) {
        told.add(new Told.Wanted(holder, instrument));
    }

    /// Ends what [#collect(String, Instrument)] began for this holder.
    void release(String holder, Instrument instrument) {
        told.add(new Told.Released(holder, instrument));
    }

    /// How far the exchange's clock is ahead of ours; null before enough is known.
    ClockOffset.@Nullable Estimate clock() {
        Feed feed = feeding;
        return feed == null ? null : feed.clock().orElse(null);
    }

    /// Why this pool has no workers yet, or not for everything; null when it has.
    @Nullable
    Failure trouble() {
        InstrumentRefresh asking = refreshing;
        if (trouble != null || asking == null) {
            return trouble;
        }
        int without = homeless;
        StreamWatch watch = streamWatch;
        Failure silent = watch == null ? null : watch.trouble();
        return without == 0
                ? asking.trouble() == null ? silent : asking.trouble()
                : new Failure.Recoverable(without + " instruments find no connection: see metdc symbols plan");
    }

    /// What has to move, for the [Supervisor]: both wait for REST within the limits of the exchange, which takes its
    /// time.
    List<SupervisedStage> stages() {
        List<SupervisedStage> stages = new ArrayList<>();
        Refill fills = refilling;
        if (fills != null) {
            stages.add(new SupervisedStage(
                    market() + "-refill", () -> new SupervisedStage.Standing(true, fills.turns()), STANDS, null));
        }
        InstrumentRefresh asking = refreshing;
        if (asking != null && !asking.isOver()) {
            stages.add(SupervisedStage.due(market() + "-instruments", asking::dueAt, STANDS));
        }
        return stages;
    }

    private void keep() {
        try (Budget budget = Budget.remembering(plan.connector().limits().rest(), plan.restSpending(), clock);
                RestClient rest =
                        new RestClient(plan.connector(), plan.restUrl(), plan.network(), budget, bans, clock)) {
            LookBack lookBack = new LookBack(market(), rest, intake, lookBackAge(), clock);
            InstrumentRefresh refresh = refresh(rest);
            refreshing = refresh;
            HardReset hardReset = hardReset();
            SilenceWatch watch = silenceWatch(rest, hardReset);
            resets = hardReset;
            silence = watch;
            Feed feed = feed(rest, lookBack);
            feeding = feed;
            List<Thread> threads = new ArrayList<>(watchStream(feed, rest));
            threads.addAll(List.of(
                    Thread.ofVirtual().name(market() + "-look-back").start(lookBack),
                    Thread.ofVirtual().name(market() + "-refill").start(refill(rest)),
                    Thread.ofVirtual().name(market() + "-silence").start(watch),
                    Thread.ofVirtual().name(market() + "-reset").start(hardReset),
                    Thread.ofVirtual().name(market() + "-instruments").start(refresh)));
            try {
                while (true) {
                    Told next = told.take();
                    try {
                        take(next, feed, lookBack);
                    } catch (RuntimeException | Error e) { // a bug of ours must not end what is collected
                        log.error("{}: {} cannot be followed; going on", market(), next, e);
                    }
                }
            } finally {
                stop(threads);
                stop(shards.stream().flatMap(shard -> shard.threads().stream()).toList());
                stop(ending);
            }
        } catch (InterruptedException e) {
            log.debug("asked to stop");
        } catch (FeedException e) {
            giveUp(e.failure());
        } catch (RuntimeException | Error e) {
            giveUp(new Failure.Fatal(String.valueOf(e.getMessage()), e));
        }
    }

    /// What traded since the last list, and some of what did before.
    private Duration lookBackAge() {
        return plan.refresh().multipliedBy(2).plus(LOOK_BACK);
    }

    private InstrumentRefresh refresh(RestClient rest) {
        return new InstrumentRefresh(
                market(),
                new InstrumentSource(plan.connector(), rest, plan.restUrl(), plan.instrumentFolder(), ASK_AGAIN, clock),
                universe,
                plan.needsKrw(),
                plan.refresh(),
                backoff(),
                this::giveUp);
    }

    private Refill refill(RestClient rest) {
        Refill refill = new Refill(
                market(),
                plan.connector().reach(),
                rest,
                intake,
                new Refill.Surroundings(
                        symbols, universe::isHeld, storing::current, storing::isStored, storing.retention()),
                clock);
        refilling = refill;
        return refill;
    }

    private SilenceWatch silenceWatch(RestClient rest, HardReset hardReset) {
        SilenceWatch.Remedy remedy = new SilenceWatch.Remedy() {
            @Override
            public void anew(SafeWorker worker, Instrument instrument) {
                worker.anew(instrument);
            }

            @Override
            public void replace(SafeWorker worker, String why) {
                hardReset.request(worker, why);
            }
        };
        return new SilenceWatch(
                plan.connector(), () -> workers, rest, intake, SilenceWatch.Patience.USUAL, remedy, clock);
    }

    private HardReset hardReset() {
        HardReset.Connections connections = new HardReset.Connections() {
            @Override
            public @Nullable SafeWorker begin(SafeWorker old) throws InterruptedException {
                CompletableFuture<@Nullable SafeWorker> successor = new CompletableFuture<>();
                told.add(new Told.Succession(old, successor));
                try {
                    return successor.get();
                } catch (ExecutionException e) {
                    throw new IllegalStateException(e);
                }
            }

            @Override
            public void end(SafeWorker over, DisconnectCause cause) {
                told.add(new Told.Over(over, cause));
            }
        };
        return new HardReset(
                market(),
                HardReset.Times.usual(plan.recovery().hardReset()),
                () -> workers,
                universe::isNear,
                connections,
                clock);
    }

    private List<Thread> watchStream(Feed feed, RestClient rest) {
        if (plan.connector().substitute() == null) {
            return List.of();
        }
        StreamWatch watch =
                new StreamWatch(plan.connector(), feed, rest, plan.rates()::of, StreamWatch.Timing.USUAL, clock);
        streamWatch = watch;
        return List.of(Thread.ofVirtual().name(market() + "-stream").start(watch));
    }

    private void giveUp(Failure failure) {
        log.error("{} cannot be collected: {}", market(), failure.what(), failure.cause());
        trouble = failure;
        listed.completeExceptionally(new FeedException(failure));
    }

    // ---- on the keeper's thread

    private void take(Told one, Feed feed, LookBack lookBack) {
        switch (one) {
            case Told.Changed(Changes changes)
            when changes.isFirst() -> {
                List<Instrument> first =
                        changes.changes().stream().map(Change::instrument).toList();
                watch(first);
                join(first, feed);
                listed.complete(first.size());
            }
            case Told.Changed(Changes changes) -> change(changes, feed, lookBack);
            case Told.Homeless(SafeWorker worker, List<Instrument> instruments) -> {
                List<Instrument> moved = moveOut(worker, instruments);
                place(moved, feed);
            }
            case Told.Succession(SafeWorker old, CompletableFuture<@Nullable SafeWorker> successor) ->
                successor.complete(succeed(old, feed));
            case Told.Over(SafeWorker over, DisconnectCause cause) -> {
                ending.removeIf(thread -> !thread.isAlive());
                for (Shard shard : shards) {
                    Thread thread = shard.has(over) ? shard.end(over, cause) : null;
                    if (thread != null) {
                        ending.add(thread);
                    }
                }
                show();
            }
            case Told.Wanted(String holder, Instrument instrument) -> {
                extra.computeIfAbsent(instrument.key(), _ -> new HashSet<>()).add(holder);
                symbols.add(List.of(watched.getOrDefault(instrument.key(), instrument)));
                join(List.of(instrument), feed);
            }
            case Told.Released(String holder, Instrument instrument) -> {
                Set<String> holders = extra.get(instrument.key());
                if (holders != null && holders.remove(holder) && holders.isEmpty()) {
                    extra.remove(instrument.key());
                    leave(instrument);
                }
            }
        }
    }

    /// It is the exchange that knows how many a connection carries. Who is wanted no more needs no other one.
    private List<Instrument> moveOut(SafeWorker worker, List<Instrument> instruments) {
        List<Instrument> moved = new ArrayList<>();
        for (Instrument instrument : instruments) {
            Shard full = places.get(instrument.key());
            if (full != null && full.has(worker)) { // else the other connection of the shard has said so
                places.remove(instrument.key());
                full.removeForWantOfRoom(instrument);
                moved.add(watched.getOrDefault(instrument.key(), instrument));
                closeIfEmpty(full);
            }
        }
        return moved;
    }

    private @Nullable SafeWorker succeed(SafeWorker old, Feed feed) {
        for (Shard shard : shards) {
            if (shard.has(old)) {
                if (!hasRoomForASuccessor()) {
                    return null;
                }
                SafeWorker successor = worker(old.name(), shard.instruments(), feed);
                shard.begin(successor);
                return successor;
            }
        }
        return null;
    }

    private boolean hasRoomForASuccessor() {
        int open = shards.stream().mapToInt(shard -> shard.threads().size()).sum();
        boolean hasRoom = open < plan.connector().limits().connections();
        if (!hasRoom && !saidNoRoom) {
            saidNoRoom = true;
            log.warn(
                    "{}: {} connections are all that the exchange allows one address, so that none is left for a"
                            + " successor: they are not replaced before they end; raise max_symbols_per_connection",
                    market(),
                    open);
        }
        return hasRoom;
    }

    private SafeWorker worker(String name, List<Instrument> instruments, Feed feed) {
        return new SafeWorker(
                name,
                feed,
                instruments,
                (worker, out) -> told.add(new Told.Homeless(worker, out)),
                worker -> {
                    HardReset successors = resets;
                    if (successors != null) {
                        successors.request(worker, "the exchange is about to end it");
                    }
                },
                new Recovery(
                        plan.recovery().backoffFirst(),
                        plan.recovery().backoffMax(),
                        plan.recovery().cooldown(),
                        RandomGenerator.getDefault()),
                clock);
    }

    private void change(Changes changes, Feed feed, LookBack lookBack) {
        List<Instrument> joining = new ArrayList<>();
        for (Change change : changes.changes()) {
            Instrument instrument = change.instrument();
            switch (change) {
                case Changes.Added _ -> joining.add(instrument);
                case Changes.Dropped _ -> unwatch(instrument);
                case Changes.Renamed renamed
                when renamed.isOtherSymbol() -> {
                    unwatch(renamed.before().instrument());
                    joining.add(instrument);
                }
                case Changes.Renamed _, Changes.Terms _ -> retell(instrument);
                case Changes.Marked _ -> {}
            }
        }
        watch(joining);
        joining.forEach(lookBack::want);
        List<Instrument> room = new ArrayList<>();
        for (Instrument.Key key : waiting) {
            Instrument instrument = watched.get(key);
            if (instrument != null && !joining.contains(instrument)) {
                room.add(instrument);
            }
        }
        joining.addAll(room);
        join(joining, feed);
    }

    private void watch(List<Instrument> instruments) {
        instruments.forEach(instrument -> watched.put(instrument.key(), instrument));
        symbols.add(instruments);
    }

    /// Its rows stay known: late ones come after the end of a subscription.
    private void unwatch(Instrument instrument) {
        watched.remove(instrument.key());
        waiting.remove(instrument.key());
        leave(instrument);
    }

    private void retell(Instrument instrument) {
        watch(List.of(instrument));
        Shard place = places.get(instrument.key());
        if (place != null) {
            place.retell(instrument);
        }
    }

    /// Each to the shard that has it or has the most room; those for which none has any get new ones.
    private void join(List<Instrument> joining, Feed feed) {
        List<Instrument> left = new ArrayList<>();
        for (Instrument instrument : joining) {
            Shard place = places.get(instrument.key());
            if (place != null) {
                place.subscribe(instrument);
                continue;
            }
            Shard emptiest = shards.stream()
                    .filter(Shard::hasRoom)
                    .min(Comparator.comparing(Shard::isUp)
                            .reversed()
                            .thenComparingInt(Shard::carried)) // who is away may stay so for minutes
                    .orElse(null);
            if (emptiest == null) {
                left.add(instrument);
            } else {
                places.put(instrument.key(), emptiest);
                waiting.remove(instrument.key());
                emptiest.subscribe(instrument);
            }
        }
        place(left, feed);
    }

    private void leave(Instrument instrument) {
        if (watched.containsKey(instrument.key()) || extra.containsKey(instrument.key())) {
            return; // somebody else wants it
        }
        Shard place = places.remove(instrument.key());
        if (place != null) {
            place.remove(instrument);
            closeIfEmpty(place);
        }
    }

    /// Its workers end by themselves.
    private void closeIfEmpty(Shard shard) {
        if (shard.carried() == 0) {
            shards.remove(shard);
            ending.removeIf(thread -> !thread.isAlive());
            ending.addAll(shard.threads());
            shard.retire(DisconnectCause.ASKED_TO_STOP);
            show();
        }
    }

    /// New shards for these, as far as the exchange and we ourselves allow. All of them get their first connection
    /// before any gets its second.
    private void place(List<Instrument> instruments, Feed feed) {
        List<Instrument> refused = new ArrayList<>();
        List<Shard> beginning = new ArrayList<>();
        for (List<Instrument> share : Shards.cut(instruments, plan.instrumentsPerConnection(), plan.rates()::of)) {
            if ((shards.size() + 1) * plan.connectionsPerShard() <= MAX_WORKERS) {
                beginning.add(open(share, feed));
            } else {
                refused.addAll(share);
            }
        }
        show();
        for (int connection = 0; connection < plan.connectionsPerShard(); connection++) {
            for (Shard shard : beginning) {
                shard.start(connection);
            }
        }
        int before = waiting.size();
        refused.forEach(instrument -> waiting.add(instrument.key()));
        homeless = waiting.size();
        if (waiting.size() > before) {
            log.error(
                    "{}: {} instruments find no room on {} connections, the first of them {}: raise exchanges.{}.{}"
                            + ".max_symbols_per_connection, {}or leave some out by symbols.exclude",
                    market(),
                    refused.size(),
                    MAX_WORKERS,
                    refused.getFirst().symbol(),
                    market().exchange().id(),
                    market().type().id(),
                    plan.connectionsPerShard() > 1 ? "lower connections_per_shard, " : "");
        }
        int allowed = plan.connector().limits().connections();
        int needed = shards.size() * plan.connectionsPerShard();
        if (!instruments.isEmpty() && needed > allowed) {
            log.warn(
                    "{} connections are needed, and the exchange allows one address {}: should it refuse some, raise"
                            + " max_symbols_per_connection of this market{}",
                    needed,
                    allowed,
                    plan.connectionsPerShard() > 1 ? ", or lower its connections_per_shard" : "");
        }
    }

    private Shard open(List<Instrument> share, Feed feed) {
        String first = market() + "-" + ++opened;
        List<SafeWorker> carrying = new ArrayList<>();
        for (int connection = 0; connection < plan.connectionsPerShard(); connection++) {
            carrying.add(worker(connection == 0 ? first : first + (char) ('a' + connection), share, feed));
        }
        Shard shard = new Shard(carrying, plan.instrumentsPerConnection(), share);
        shards.add(shard);
        for (Instrument instrument : share) {
            places.put(instrument.key(), shard);
            waiting.remove(instrument.key());
        }
        return shard;
    }

    private void show() {
        workers = shards.stream().flatMap(shard -> shard.workers().stream()).toList();
    }

    private Feed feed(RestClient rest, LookBack lookBack) {
        return new Feed(
                plan.connector(),
                plan.websocketUrl(),
                rest,
                plan.network(),
                connects,
                bans,
                symbols,
                intake,
                journal,
                connections,
                clock,
                plan.recording(),
                lookBack,
                universe::isRecording);
    }

    private static void stop(List<Thread> threads) {
        threads.forEach(Thread::interrupt);
        for (Thread thread : threads) {
            joinUninterruptibly(thread);
        }
    }

    private static void joinUninterruptibly(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private Backoff backoff() {
        return new Backoff(plan.recovery().backoffFirst(), plan.recovery().backoffMax(), RandomGenerator.getDefault());
    }

    List<WorkerStatus> status() {
        return workers.stream().map(SafeWorker::status).toList();
    }

    /// How many connections were replaced so far, each without a gap.
    long resets() {
        HardReset replacing = resets;
        return replacing == null ? 0 : replacing.done();
    }

    /// How well the market is recorded, told from its trades.
    Health health() {
        SilenceWatch watch = silence;
        return watch == null ? Health.NOTHING : watch.health();
    }

    /// Begins the end: every worker closes its connection. Returns at once; [#close(Duration)] waits for it.
    void interrupt() {
        keeper.interrupt();
    }

    /// Returns when every connection is closed and its rows are in the ring, or when that takes too long.
    void close(Duration within) throws InterruptedException {
        keeper.interrupt();
        if (keeper.getState() != Thread.State.NEW && !keeper.join(within)) {
            log.warn("{}: a connection does not end in time and is left behind", market());
        }
    }
}

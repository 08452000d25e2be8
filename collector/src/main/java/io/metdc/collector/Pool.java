package io.metdc.collector;

import io.metdc.collector.frames.FrameRecording;
import io.metdc.completeness.Intake;
import io.metdc.connectors.Budget;
import io.metdc.connectors.Connector;
import io.metdc.connectors.FeedException;
import io.metdc.connectors.Network;
import io.metdc.connectors.RestClient;
import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.storage.Connections;
import io.metdc.symbols.InstrumentList;
import io.metdc.symbols.InstrumentSource;
import io.metdc.symbols.Shards;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The workers of one exchange and market: asks for its instruments, cuts them into shards and keeps one worker on
/// each. Bounded: never more than [#MAX_WORKERS] connections. A market whose instruments are not to be had is asked
/// again and again; it never stands idle unseen, and never in the way of another.
final class Pool {
    static final int MAX_WORKERS = 64;

    /// An answer that is hard to believe is asked for again after this.
    private static final Duration ASK_AGAIN = Duration.ofSeconds(5);

    private static final Logger log = LoggerFactory.getLogger(Pool.class);

    /// What a pool needs to know beside the connector.
    ///
    /// @param instrumentFolder where the last good lists are kept
    /// @param restSpending     where it is kept how much was asked by REST
    record Plan(
            Connector connector,
            @Nullable URI websocketUrl,
            URI restUrl,
            Network network,
            int instrumentsPerConnection,
            Duration backoffFirst,
            Duration backoffLongest,
            Path instrumentFolder,
            Path restSpending,
            @Nullable FrameRecording recording) {}

    private final Plan plan;
    private final Budget connects;
    private final Intake intake;
    private final Connections connections;
    private final InstantSource clock;
    private final CompletableFuture<InstrumentList> listed = new CompletableFuture<>();
    private final BlockingQueue<List<Instrument>> homeless = new LinkedBlockingQueue<>(); // a shard for each worker
    private final Map<Instrument, Set<String>> extra = new LinkedHashMap<>(); // by whom; under its own lock
    private final Thread keeper;

    private volatile List<SafeWorker> workers = List.of();
    private volatile @Nullable CollectedSymbols symbols; // null until there is a list
    private volatile Set<Instrument.Key> always = Set.of(); // what the list says
    private volatile @Nullable Failure trouble;

    /// Starts at once, with the connects that its exchange allows one address; its instruments are there when
    /// [#listed()] is complete.
    Pool(Plan plan, Budget connects, Intake intake, Connections connections, InstantSource clock) {
        this.plan = plan;
        this.connects = connects;
        this.intake = intake;
        this.connections = connections;
        this.clock = clock;
        this.keeper = Thread.ofVirtual().name(market() + "-pool").start(this::keep);
    }

    Market market() {
        return plan.connector().market();
    }

    /// Completes when the instruments of the market are known.
    CompletableFuture<InstrumentList> listed() {
        return listed;
    }

    /// What it collects at the moment; empty until that is known.
    List<Instrument> instruments() {
        CollectedSymbols known = symbols;
        return known == null ? List.of() : known.all();
    }

    /// Collects one more instrument from now on, beside the first worker's, until the last who wants it lets go. To be
    /// said again when its market opens. One that is collected anyway stays so.
    void collect(String holder, Instrument instrument) {
        synchronized (extra) {
            extra.computeIfAbsent(instrument, _ -> new HashSet<>()).add(holder);
            if (symbols != null) {
                join(instrument);
            }
        }
    }

    private void join(Instrument instrument) {
        CollectedSymbols known = symbols;
        if (known != null && !always.contains(instrument.key())) {
            known.add(instrument);
            workers.getFirst().join(instrument);
        }
    }

    /// Ends what [#collect(String, Instrument)] began for this holder.
    void release(String holder, Instrument instrument) {
        synchronized (extra) {
            Set<String> holders = extra.get(instrument);
            if (holders == null || !holders.remove(holder) || !holders.isEmpty()) {
                return;
            }
            extra.remove(instrument);
            if (symbols != null && !always.contains(instrument.key())) {
                workers.getFirst().leave(instrument);
            }
        }
    }

    /// Why this pool has no workers yet, if it has none.
    @Nullable
    Failure trouble() {
        return trouble;
    }

    private void keep() {
        try (Budget budget = Budget.remembering(plan.connector().limits().rest(), plan.restSpending(), clock);
                RestClient rest = new RestClient(plan.connector(), plan.restUrl(), plan.network(), budget, clock)) {
            InstrumentList list = load(rest);
            CollectedSymbols collected = new CollectedSymbols(list.instruments());
            Feed feed = feed(collected, rest);
            List<Thread> threads = new ArrayList<>();
            try {
                for (List<Instrument> shard : shards(list)) {
                    threads.add(employ(feed, shard));
                }
                synchronized (extra) {
                    always = list.instruments().stream().map(Instrument::key).collect(Collectors.toUnmodifiableSet());
                    symbols = collected;
                    extra.keySet().forEach(this::join); // what was wanted before there was a list
                }
                listed.complete(list);
                while (threads.stream().anyMatch(Thread::isAlive)) {
                    List<Instrument> shard = homeless.poll(1, TimeUnit.SECONDS);
                    if (shard != null) {
                        threads.add(employ(feed, shard));
                    }
                }
            } finally {
                stop(threads);
            }
        } catch (InterruptedException e) {
            log.debug("asked to stop");
        } catch (FeedException e) {
            giveUp(e.failure());
        } catch (RuntimeException e) {
            giveUp(new Failure.Fatal(String.valueOf(e.getMessage()), e));
        }
    }

    private void giveUp(Failure failure) {
        log.error("{} cannot be collected: {}", market(), failure.what(), failure.cause());
        trouble = failure;
        listed.completeExceptionally(new FeedException(failure));
    }

    /// Asks until there is a list.
    private InstrumentList load(RestClient rest) throws InterruptedException, FeedException {
        Backoff backoff = backoff();
        InstrumentSource source =
                new InstrumentSource(plan.connector(), rest, plan.restUrl(), plan.instrumentFolder(), ASK_AGAIN, clock);
        while (true) {
            try {
                InstrumentList list = source.load().only(plan.connector()::isAlwaysCollected);
                trouble = null;
                log.info(
                        "{}: {} of {} instruments are collected",
                        market(),
                        list.instruments().size(),
                        list.offered());
                return list;
            } catch (FeedException e) {
                if (e.failure() instanceof Failure.Fatal) {
                    throw e;
                }
                if (trouble == null) {
                    log.error(
                            "{} has no instruments: {}; asking again",
                            market(),
                            e.failure().what());
                }
                trouble = e.failure();
                Thread.sleep(pause(e.failure(), backoff.next()));
            }
        }
    }

    private static Duration pause(Failure failure, Duration usual) {
        return failure instanceof Failure.Ban ban && ban.pause().compareTo(usual) > 0 ? ban.pause() : usual;
    }

    private List<List<Instrument>> shards(InstrumentList list) {
        List<List<Instrument>> shards = Shards.cut(list.instruments(), plan.instrumentsPerConnection(), _ -> 1);
        if (shards.size() > MAX_WORKERS) {
            throw new IllegalStateException(list.instruments().size() + " instruments at "
                    + plan.instrumentsPerConnection() + " on a connection are " + shards.size()
                    + " connections, more than " + MAX_WORKERS + ": raise exchanges."
                    + market().exchange().id() + "." + market().type().id() + ".max_symbols_per_connection");
        }
        int allowed = plan.connector().limits().connections();
        if (shards.size() > allowed) {
            log.warn(
                    "{} connections are needed, and the exchange allows one address {}: should it refuse some, raise"
                            + " max_symbols_per_connection of this market",
                    shards.size(),
                    allowed);
        }
        return shards;
    }

    private Feed feed(CollectedSymbols collected, RestClient rest) {
        return new Feed(
                plan.connector(),
                plan.websocketUrl(),
                rest,
                plan.network(),
                connects,
                collected,
                intake,
                connections,
                clock,
                plan.recording());
    }

    private Thread employ(Feed feed, List<Instrument> shard) {
        if (workers.size() == MAX_WORKERS) {
            throw new IllegalStateException(shard.size() + " instruments find no room on " + MAX_WORKERS
                    + " connections: " + shard.getFirst().symbol() + " …");
        }
        String name = market() + "-" + (workers.size() + 1);
        var worker = new SafeWorker(name, feed, shard, this.homeless::add, backoff(), clock);
        List<SafeWorker> more = new ArrayList<>(workers);
        more.add(worker);
        workers = List.copyOf(more);
        return Thread.ofVirtual().name(name).start(worker);
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
        return new Backoff(plan.backoffFirst(), plan.backoffLongest(), RandomGenerator.getDefault());
    }

    List<WorkerStatus> status() {
        return workers.stream().map(SafeWorker::status).toList();
    }

    /// Begins the end: every worker closes its connection. Returns at once; [#close(Duration)] waits for it.
    void interrupt() {
        keeper.interrupt();
    }

    /// Returns when every connection is closed and its rows are in the ring, or when that takes too long.
    void close(Duration within) throws InterruptedException {
        keeper.interrupt();
        if (!keeper.join(within)) {
            log.warn("{}: a connection does not end in time and is left behind", market());
        }
    }
}

package io.metdc.collector;

import io.metdc.collector.config.JournalSettings;
import io.metdc.collector.config.MarketSettings;
import io.metdc.collector.config.Settings;
import io.metdc.collector.frames.FrameRecording;
import io.metdc.completeness.Intake;
import io.metdc.completeness.IntakeSettings;
import io.metdc.completeness.LatencyCounts;
import io.metdc.connectors.Bans;
import io.metdc.connectors.Budget;
import io.metdc.connectors.Connector;
import io.metdc.connectors.Connectors;
import io.metdc.connectors.Evidence;
import io.metdc.connectors.Network;
import io.metdc.listings.recorder.Collecting;
import io.metdc.listings.recorder.Offer;
import io.metdc.listings.recorder.Recorder;
import io.metdc.market.Exchange;
import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.storage.Catalogue;
import io.metdc.storage.Connections;
import io.metdc.storage.Database;
import io.metdc.storage.WriterStatus;
import io.metdc.symbols.ExpectedRates;
import io.metdc.symbols.InstrumentList;
import io.metdc.symbols.Universe;
import io.metdc.symbols.UpbitKrw;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The collector service: everything it consists of, wired from top to bottom, started in stages and stopped in order.
public final class Collector implements Collecting {
    private static final Logger log = LoggerFactory.getLogger(Collector.class);

    private static final Duration JOURNAL_LIMIT = Duration.ofSeconds(60);
    private static final Duration DATABASE_LIMIT = Duration.ofMinutes(2);
    private static final Duration MARKETS_LIMIT = Duration.ofSeconds(60);

    /// A server of somebody else's may be away for hours; the journal bridges that, so the start does not wait for it.
    private static final Duration FOREIGN_DATABASE_WAIT = Duration.ofSeconds(10);

    /// When one market answers, the others get so much longer before the start goes on without them.
    private static final Duration OTHER_MARKETS_WAIT = Duration.ofSeconds(5);

    /// A connection that cannot be closed in this time is left to end by itself: what it still gives is refused.
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(3);

    /// A disk that is written to by many may take seconds for a force, not this long.
    private static final Duration JOURNAL_STANDS = Duration.ofSeconds(60);

    private static final long LEAST_FREE_BYTES = 500_000_000;

    private final DataFolder folder;
    private final Intake intake;
    private final JournalWatch journal;
    private final Storing storing;
    private final Universe universe;
    private final List<Pool> pools;
    private final List<Budget> connects;
    private final @Nullable FrameRecording recording;
    private final Set<Market> configured;
    private final InstantSource clock;
    private volatile @Nullable Thread keeping;
    private volatile @Nullable Thread clockWatch;
    private volatile @Nullable Listings listings; // null where Upbit is switched off

    private Collector(
            Set<Market> configured,
            DataFolder folder,
            Intake intake,
            JournalWatch journal,
            Storing storing,
            Universe universe,
            List<Pool> pools,
            Collection<Budget> connects,
            @Nullable FrameRecording recording,
            InstantSource clock) {
        this.clock = clock;
        this.connects = List.copyOf(connects);
        this.configured = configured;
        this.folder = folder;
        this.intake = intake;
        this.journal = journal;
        this.storing = storing;
        this.universe = universe;
        this.pools = pools;
        this.recording = recording;
    }

    /// Starts everything. Connections, journal and database come up side by side: trades are kept from the first one
    /// on, whether the database is there or not.
    ///
    /// @param recording keeps every frame as it came, and is closed with the connections; null for none
    /// @param version   metdc's own, remembered by the tables that it makes
    /// @throws StartFailed names the stage and what can be done; nothing is left running then
    public static Collector start(
            Settings settings, @Nullable FrameRecording recording, String version, InstantSource clock)
            throws StartFailed, InterruptedException {
        List<MarketSettings> markets = settings.collected();
        if (markets.isEmpty()) {
            throw new StartFailed("no market is to be collected: switch one on under exchanges");
        }
        DataFolder folder = Startup.stage("data folder", JOURNAL_LIMIT, () -> {
            DataFolder taken = DataFolder.open(settings.dataDirectory(), clock);
            taken.requireFree(LEAST_FREE_BYTES);
            return taken;
        });
        Intake intake;
        try {
            intake = Startup.stage("journal", JOURNAL_LIMIT, () -> journal(settings, clock));
        } catch (StartFailed | InterruptedException | RuntimeException e) {
            folder.close();
            throw e;
        }
        JournalWatch journal = new JournalWatch(intake, JournalWatch.PATIENCE);
        Connections connections = new Connections(clock);
        Catalogue catalogue = new Catalogue();
        Storing storing =
                new Storing(settings.database(), version, intake, connections, catalogue, clock, Storing.AGAIN);
        Map<Market, Pool> pools = new ConcurrentHashMap<>(); // told of before they begin
        Universe universe = new Universe(
                settings.symbols().filter(),
                clock,
                new WatchSetChanges(
                        catalogue,
                        (changes, _) -> Objects.requireNonNull(pools.get(changes.market()))
                                .changed(changes)));
        Map<Exchange, Budget> connects = connects(settings, markets, clock);
        Map<Exchange, Bans> bans = bans(settings, markets, clock);
        ExpectedRates rates = new ExpectedRates(settings.rates());
        for (Pool pool : pools(
                settings,
                markets,
                universe,
                connects,
                bans,
                rates,
                intake,
                journal,
                connections,
                storing,
                clock,
                recording)) {
            pools.put(pool.market(), pool);
        }
        Collector collector = new Collector(
                settings.markets().keySet(),
                folder,
                intake,
                journal,
                storing,
                universe,
                pools.values().stream()
                        .sorted(Comparator.comparing(Pool::market))
                        .toList(),
                connects.values(),
                recording,
                clock);
        boolean started = false;
        try {
            collector.watchListings(settings, version, clock); // first: what is held must not be dropped meanwhile
            collector.pools.forEach(Pool::start);
            collector.keepUp(settings, markets, rates, clock);
            collector.clockWatch = Thread.ofVirtual()
                    .name("clock")
                    .start(new ClockWatch(() -> collector.status().markets(), clock));
            collector.awaitDatabase(settings.storage().isEmbedded());
            collector.awaitMarkets();
            started = true;
            return collector;
        } finally {
            if (!started) {
                collector.stop(Duration.ofSeconds(5));
            }
        }
    }

    /// Announcements are watched from the first moment on, whether the database is there or not.
    private void watchListings(Settings settings, String version, InstantSource clock) throws StartFailed {
        MarketSettings upbit = settings.upbitMarket();
        if (upbit != null && upbit.enabled()) {
            Network network = settings.network().to(upbit);
            listings = Listings.start(settings, network, this, universe, version, clock);
        }
    }

    /// The connects that each exchange allows this address, whatever the market.
    private static Map<Exchange, Budget> connects(
            Settings settings, List<MarketSettings> markets, InstantSource clock) {
        Map<Exchange, Budget> connects = new EnumMap<>(Exchange.class);
        for (MarketSettings market : markets) {
            Exchange exchange = market.market().exchange();
            connects.computeIfAbsent(
                    exchange,
                    _ -> Budget.remembering(
                            market.connector().limits().connects(),
                            settings.spending(exchange.id() + "-connects"),
                            clock));
        }
        return connects;
    }

    /// The bans of each exchange, whatever the market.
    private static Map<Exchange, Bans> bans(Settings settings, List<MarketSettings> markets, InstantSource clock) {
        Map<Exchange, Bans> bans = new EnumMap<>(Exchange.class);
        for (MarketSettings market : markets) {
            bans.computeIfAbsent(
                    market.market().exchange(),
                    exchange -> Bans.remembering(
                            settings.bans(exchange), settings.recovery().cooldown(), clock));
        }
        return bans;
    }

    private void keepUp(Settings settings, List<MarketSettings> markets, ExpectedRates rates, InstantSource clock) {
        SymbolsUpkeep upkeep = new SymbolsUpkeep(
                universe,
                settings.symbols().file(),
                markets.stream().map(MarketSettings::place).toList(),
                settings.recovery().backoffMax(),
                rates,
                intake::receivedOf,
                clock);
        keeping = Thread.ofVirtual().name("symbols").start(upkeep);
    }

    private static List<Pool> pools(
            Settings settings,
            List<MarketSettings> markets,
            Universe universe,
            Map<Exchange, Budget> connects,
            Map<Exchange, Bans> bans,
            ExpectedRates rates,
            Intake intake,
            JournalWatch journal,
            Connections connections,
            Storing storing,
            InstantSource clock,
            @Nullable FrameRecording recording) {
        List<Pool> pools = new ArrayList<>();
        for (MarketSettings market : markets) {
            Connector connector = market.connector();
            Pool.Plan plan = new Pool.Plan(
                    connector,
                    market.address(),
                    market.restUrl(),
                    settings.network().to(market),
                    market.maxSymbolsPerConnection(),
                    market.connectionsPerShard(),
                    settings.recovery(),
                    settings.instruments(),
                    settings.spending(market.market() + "-rest"),
                    settings.symbols().refresh(),
                    settings.symbols().filter().upbitKrw() != UpbitKrw.BOTH,
                    rates,
                    recording);
            Budget ofExchange =
                    Objects.requireNonNull(connects.get(market.market().exchange()));
            Bans kept = Objects.requireNonNull(bans.get(market.market().exchange()));
            pools.add(new Pool(plan, universe, ofExchange, kept, intake, journal, connections, storing, clock));
        }
        return pools;
    }

    /// Opens the journal; whoever does has the data folder.
    static Intake journal(Settings settings, InstantSource clock) throws IOException {
        return Intake.open(
                settings.journal().directory(),
                journal(settings.journal()),
                IntakeSettings.defaults(),
                Collector::evidence,
                clock);
    }

    private static io.metdc.storage.journal.JournalSettings journal(JournalSettings settings) {
        var usual = io.metdc.storage.journal.JournalSettings.defaults();
        return new io.metdc.storage.journal.JournalSettings(
                        usual.segmentBytes(),
                        usual.segmentTime(),
                        settings.writeInterval(),
                        settings.forceInterval(),
                        usual.maxBytes(),
                        settings.keep())
                .withMaxBytes(settings.maxSize());
    }

    private static Evidence evidence(Market market) {
        return Connectors.of(market).orElseThrow().evidence();
    }

    private void awaitDatabase(boolean embedded) throws StartFailed, InterruptedException {
        Startup.stage("database", DATABASE_LIMIT, () -> {
            try {
                if (embedded) {
                    return storing.opened().get();
                }
                return storing.opened().get(FOREIGN_DATABASE_WAIT.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                storing.goOnWithout();
                log.warn("going on without the database: trades are kept in the journal until it answers");
                return null;
            } catch (ExecutionException e) {
                throw e.getCause() instanceof Exception cause ? cause : e;
            }
        });
    }

    /// Waits for the instruments of all markets, but not for ever when some of them are there. A market that has none
    /// is asked again and again; when no market has any, there is nothing to collect.
    private void awaitMarkets() throws StartFailed, InterruptedException {
        Startup.stage("markets", MARKETS_LIMIT.plusSeconds(5), () -> {
            long deadline = System.nanoTime() + MARKETS_LIMIT.toNanos();
            List<Pool> waiting = new ArrayList<>(pools);
            boolean someListed = false;
            while (!waiting.isEmpty() && System.nanoTime() < deadline) {
                Pool pool = waiting.removeFirst();
                try {
                    pool.listed().get(100, TimeUnit.MILLISECONDS);
                    if (!someListed) {
                        someListed = true;
                        deadline = System.nanoTime() + OTHER_MARKETS_WAIT.toNanos();
                    }
                } catch (TimeoutException e) {
                    waiting.add(pool);
                } catch (ExecutionException e) {
                    log.debug("{} cannot be collected", pool.market(), e); // the pool has said so
                }
            }
            if (!someListed) {
                throw new StartFailed(troubles());
            }
            return waiting.size();
        });
    }

    private String troubles() {
        StringBuilder text = new StringBuilder("no market has instruments to collect");
        for (Pool pool : pools) {
            Failure trouble = pool.trouble();
            text.append("; ").append(pool.market()).append(": ");
            text.append(trouble == null ? "no answer yet" : trouble.what());
        }
        return text.toString();
    }

    /// The recordings of listings, those that are over too.
    List<Recorder.Status> recordings() {
        Listings watched = listings;
        return watched == null ? List.of() : watched.status();
    }

    @Override
    public Map<Market, Offer> offers() {
        Map<Market, Offer> offers = new HashMap<>();
        configured.forEach(market -> offers.put(market, new Offer.SwitchedOff()));
        for (Pool pool : pools) {
            Failure trouble = pool.trouble();
            offers.put(pool.market(), new Offer.Unknown(trouble == null ? "no answer yet" : trouble.what()));
        }
        for (InstrumentList list : universe.lists()) {
            offers.put(list.market(), new Offer.Listed(list.instruments()));
        }
        return offers;
    }

    @Override
    public Optional<Database> storage() {
        return storing.current();
    }

    @Override
    public boolean isStored(Instant receivedBefore) {
        return storing.isStored(receivedBefore);
    }

    @Override
    public void collect(String holder, Instrument instrument) {
        pools.stream()
                .filter(pool -> pool.market().equals(instrument.market()))
                .forEach(pool -> pool.collect(holder, instrument));
    }

    @Override
    public void release(String holder, Instrument instrument) {
        pools.stream()
                .filter(pool -> pool.market().equals(instrument.market()))
                .forEach(pool -> pool.release(holder, instrument));
    }

    /// What it is at.
    Status status() {
        List<Status.OfMarket> markets = new ArrayList<>();
        for (Pool pool : pools) {
            markets.add(new Status.OfMarket(
                    pool.market(),
                    pool.status(),
                    pool.health(),
                    pool.resets(),
                    universe.status(pool.market()),
                    pool.trouble(),
                    pool.clock()));
        }
        return new Status(markets, intake.progress(), journal.status(), storing.status(), behind(), storing.trouble());
    }

    /// How old the oldest row is that is journaled and not stored; null while that cannot be said.
    private @Nullable Duration behind() {
        WriterStatus writer = storing.status();
        if (writer == null) {
            return null;
        }
        Instant until = intake.receivedUntil(writer.position());
        Duration behind = Duration.between(until.equals(Instant.MIN) ? clock.instant() : until, clock.instant());
        return behind.isNegative() ? Duration.ZERO : behind;
    }

    /// Where rows go; a refill takes the same way.
    Intake intake() {
        return intake;
    }

    /// The database, when it is there.
    Database database() {
        return storing.opened().join();
    }

    /// How long after its receipt a trade was committed, in milliseconds, since the start; an upper bound.
    Histogram delays() {
        return storing.delays();
    }

    /// Why it cannot go on, in words for a person; null while it can.
    @Nullable
    String broken() {
        if (!intake.progress().running()) {
            return "the journal thread has ended: see the log";
        }
        WriterStatus writer = storing.status();
        return writer != null && writer.state() == WriterStatus.State.STOPPED
                ? "the writer has ended: see the log"
                : null;
    }

    /// How long trades took from the exchange's time to our receipt, since the start.
    Map<Market, LatencyCounts> receipt() {
        return intake.receipt();
    }

    /// How many trade rows of each market were received since the start.
    Map<Market, Long> received() {
        Map<Market, Long> received = new HashMap<>();
        intake.receivedOf().forEach((instrument, rows) -> received.merge(instrument.market(), rows, Long::sum));
        return received;
    }

    /// How long transactions took, since the start.
    LatencyCounts commits() {
        return storing.commits();
    }

    /// What has to move, for the [Supervisor].
    List<SupervisedStage> stages() {
        List<SupervisedStage> stages = new ArrayList<>();
        stages.add(new SupervisedStage(
                "journal",
                () -> new SupervisedStage.Standing(intake.progress().running(), intake.turns()),
                JOURNAL_STANDS,
                null));
        storing.stage().ifPresent(stages::add);
        pools.forEach(pool -> stages.addAll(pool.stages()));
        Listings watched = listings;
        if (watched != null) {
            stages.addAll(watched.stages());
        }
        return stages;
    }

    private void endListings() {
        Listings watched = listings;
        if (watched != null) {
            watched.close();
        }
    }

    private void endUpkeep() throws InterruptedException {
        Thread watching = clockWatch;
        if (watching != null) {
            watching.interrupt();
        }
        Thread keeper = keeping;
        if (keeper != null) {
            keeper.interrupt();
            keeper.join(CLOSE_LIMIT);
        }
    }

    /// Stops in order: closes every connection, journals what was received, writes the journal into the database.
    ///
    /// @param within how long all of it may take; what is not written then stays in the journal
    /// @return whether everything received is in the database
    public boolean stop(Duration within) throws InterruptedException {
        long deadline = System.nanoTime() + within.toNanos();
        pools.forEach(Pool::interrupt);
        Thread ending = Thread.ofVirtual().name("listings-end").start(this::endListings);
        for (Pool pool : pools) {
            pool.close(CLOSE_LIMIT);
        }
        connects.forEach(Budget::close);
        if (recording != null) {
            recording.close();
        }
        intake.stop();
        journal.close();
        endUpkeep();
        ending.join(CLOSE_LIMIT);
        boolean all = storing.stop(deadline);
        folder.close();
        return all;
    }
}

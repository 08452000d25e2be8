package io.metdc.collector;

import io.metdc.collector.config.Settings;
import io.metdc.completeness.LatencyCounts;
import io.metdc.completeness.Progress;
import io.metdc.dashboard.Latency;
import io.metdc.dashboard.Pulse;
import io.metdc.dashboard.Remark;
import io.metdc.dashboard.Situation;
import io.metdc.listings.recorder.Recorder;
import io.metdc.listings.recorder.Stage;
import io.metdc.listings.recorder.Window;
import io.metdc.listings.recorder.Windows;
import io.metdc.market.Failure;
import io.metdc.market.Market;
import io.metdc.storage.WriterStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The service as the dashboard shows it, from before its start to its end: the one place where what is asked by HTTP
/// is
/// made of what the collector knows. Any thread.
final class Shown implements io.metdc.dashboard.Status {
    /// The supervisor looks every second; when it does not, nobody watches.
    private static final Duration NO_LOOK = Duration.ofSeconds(10);

    /// Instruments of a market that are named.
    private static final int NAMED = 3;

    private final String version;
    private final Supervisor supervisor;
    private final Windows windows;
    private final InstantSource clock;
    private final Instant startedAt;
    private final Rate rate = new Rate();
    private final Map<Market, Rate> rates = new ConcurrentHashMap<>();

    private volatile Pulse.Phase phase = Pulse.Phase.STARTING;
    private volatile @Nullable Collector collector;

    Shown(String version, Settings settings, Supervisor supervisor, InstantSource clock) {
        this.version = version;
        this.supervisor = supervisor;
        this.windows = Listings.windows(settings.collection());
        this.clock = clock;
        this.startedAt = clock.instant();
    }

    /// It has started.
    void runs(Collector started) {
        collector = started;
        phase = Pulse.Phase.RUNNING;
    }

    /// It is being ended.
    void stops() {
        phase = Pulse.Phase.STOPPING;
    }

    /// To be told every second.
    ///
    /// @param nanos of the monotonic clock
    /// @param count trades received by then
    void received(long nanos, long count, Map<Market, Long> byMarket) {
        rate.at(nanos, count);
        byMarket.forEach((market, ofMarket) ->
                rates.computeIfAbsent(market, _ -> new Rate()).at(nanos, ofMarket));
    }

    @Override
    public Pulse pulse() {
        List<Remark> stuck = new ArrayList<>();
        String broken = supervisor.broken();
        if (broken != null) {
            stuck.add(new Remark("supervisor", broken));
        }
        Duration sinceLook = supervisor.sinceLook();
        if (sinceLook.compareTo(NO_LOOK) > 0) {
            stuck.add(new Remark("supervisor", "has looked at nothing for " + sinceLook.toSeconds() + " s"));
        }
        Collector running = collector;
        boolean inWindow = running != null
                && running.recordings().stream()
                        .map(this::openWindow)
                        .anyMatch(window -> window == Stage.CORE || window == Stage.NEAR);
        return new Pulse(phase, startedAt, supervisor.progress(), stuck, inWindow);
    }

    /// The innermost window of a recording that is open; null between them and behind the last.
    private @Nullable Stage openWindow(Recorder.Status recording) {
        Instant now = clock.instant();
        for (Stage stage : List.of(Stage.CORE, Stage.NEAR, Stage.WIDE, Stage.OPEN)) {
            Window window = windows.of(stage, recording.listing().announcedAt(), recording.opensAt());
            if (window != null && window.contains(now)) {
                return stage;
            }
        }
        return null;
    }

    @Override
    public Situation situation() {
        List<Situation.Stage> stages = supervisor.found().stream()
                .map(one -> new Situation.Stage(one.name(), one.hasWork(), one.counter(), one.still(), one.isStuck()))
                .toList();
        List<Remark> missing = new ArrayList<>();
        List<Remark> remarks = new ArrayList<>();
        supervisor.found().stream()
                .filter(Supervisor.Found::isStuck)
                .map(one -> new Remark(
                        one.name(), "has done nothing for " + one.still().toSeconds() + " s"))
                .forEach(remarks::add);
        Collector running = collector;
        switch (phase) {
            case STARTING -> missing.add(new Remark("metdc", "is starting"));
            case STOPPING -> missing.add(new Remark("metdc", "is ending"));
            case RUNNING -> {}
        }
        if (running == null) {
            return new Situation(version, startedAt, clock.instant(), phase, 0, missing, remarks, stages, null);
        }
        Status now = running.status();
        List<Situation.MarketState> markets = markets(now, running.received(), missing, remarks);
        look(now, missing, remarks);
        for (Recorder.Status recording : running.recordings()) {
            if (!recording.isOver() && recording.trouble() != null) {
                remarks.add(new Remark(recording.listing().id(), recording.trouble()));
            }
        }
        boolean isTaken = now.journal().reading() && now.intake().refusal() == null;
        double health = isTaken ? now.health().value() : 0;
        return new Situation(
                version,
                startedAt,
                clock.instant(),
                phase,
                health,
                missing,
                remarks,
                stages,
                collected(running, now, markets));
    }

    private List<Situation.MarketState> markets(
            Status now, Map<Market, Long> received, List<Remark> missing, List<Remark> remarks) {
        List<Situation.MarketState> markets = new ArrayList<>();
        for (Status.OfMarket one : now.markets()) {
            boolean isWhole = isWhole(one, missing);
            one.workers().stream()
                    .filter(worker -> worker.state() != WorkerStatus.State.DELIVERING)
                    .filter(worker -> !isWhole || !isOnItsWay(worker)) // a successor disturbs nobody
                    .map(this::notDelivering)
                    .forEach(isWhole ? remarks::add : missing::add);
            Health health = one.health();
            Failure trouble = one.trouble();
            markets.add(new Situation.MarketState(
                    one.market().exchange().id(),
                    one.market().type().id(),
                    health.value(),
                    health.asked(),
                    health.acknowledged(),
                    health.delivering(),
                    health.quiet(),
                    health.silent(),
                    one.resets(),
                    one.clock() == null ? null : one.clock().ahead(),
                    received.getOrDefault(one.market(), 0L),
                    perSecond(one.market()),
                    trouble == null ? null : trouble.what(),
                    one.workers().stream().map(Shown::worker).toList()));
        }
        return markets;
    }

    /// Whether everything of a market is recorded, told from trades alone; what is not, by name.
    private static boolean isWhole(Status.OfMarket market, List<Remark> missing) {
        String name = market.market().toString();
        Failure trouble = market.trouble();
        if (trouble != null) {
            missing.add(new Remark(name, trouble.what()));
        }
        Health health = market.health();
        if (health.blind() > 0 && trouble == null) {
            missing.add(new Remark(name, "nobody knows yet which instruments there are"));
        }
        int sick = health.asked() - health.delivering() - health.quiet();
        if (sick > 0) {
            String first = health.troubled().stream()
                    .limit(NAMED)
                    .map(one -> one.instrument().symbol() + " " + one.truth().inWords())
                    .collect(Collectors.joining(", "));
            missing.add(new Remark(
                    name,
                    String.format(Locale.ROOT, "%,d of %,d instruments: %s", sick, health.asked(), first)
                            + (sick > NAMED ? " …" : "")));
        }
        return trouble == null && health.blind() == 0 && sick == 0;
    }

    private static boolean isOnItsWay(WorkerStatus worker) {
        return worker.state() == WorkerStatus.State.CONNECTING || worker.state() == WorkerStatus.State.SUBSCRIBING;
    }

    private double perSecond(Market market) {
        Rate known = rates.get(market);
        return known == null ? 0 : known.perSecond();
    }

    private Remark notDelivering(WorkerStatus worker) {
        long seconds =
                Math.max(0, Duration.between(worker.since(), clock.instant()).toSeconds());
        Failure failure = worker.failure();
        return new Remark(
                worker.name(),
                worker.state().inWords() + " for " + seconds + " s"
                        + (failure == null || worker.state() == WorkerStatus.State.SUBSCRIBING
                                ? ""
                                : ": " + failure.what()));
    }

    private static Situation.Worker worker(WorkerStatus worker) {
        Failure failure = worker.failure();
        return new Situation.Worker(
                worker.name(),
                worker.state().inWords(),
                worker.since(),
                worker.state() == WorkerStatus.State.DELIVERING,
                worker.instruments(),
                worker.refused(),
                worker.frames(),
                worker.rows(),
                worker.unreadable(),
                worker.connects(),
                failure == null ? null : failure.what());
    }

    private static void look(Status now, List<Remark> missing, List<Remark> remarks) {
        String refusal = now.intake().refusal();
        if (refusal != null) {
            missing.add(new Remark("journal", "takes nothing: " + refusal));
        }
        if (!now.journal().reading()) {
            missing.add(new Remark("journal", "has no room: every connection is ended until it has"));
        }
        String full = now.journal().fill().inWords();
        if (full != null) {
            remarks.add(new Remark("journal", full));
        }
        if (now.journal().damage().stretches() > 0) {
            remarks.add(new Remark(
                    "journal",
                    String.format(
                            Locale.ROOT,
                            "%,d stretches of it were damaged, %,d bytes: see the log",
                            now.journal().damage().stretches(),
                            now.journal().damage().bytes())));
        }
        String database = databaseTrouble(now);
        if (database != null) {
            remarks.add(new Remark("database", database + "; trades are kept in the journal"));
        }
        for (Status.OfMarket market : now.markets()) {
            if (market.clock() != null && market.clock().isBeyond(ClockWatch.TOLERATED)) {
                remarks.add(
                        new Remark(market.market().toString(), ClockWatch.inWords(market.market(), market.clock())));
            }
            Failure refused = market.symbols().trouble();
            if (refused != null && market.symbols().takenAt() != null) {
                remarks.add(new Remark(
                        market.market().toString(),
                        "its list of instruments is of " + market.symbols().takenAt() + ": " + refused.what()));
            }
        }
    }

    private static @Nullable String databaseTrouble(Status now) {
        WriterStatus writer = now.writer();
        if (writer == null) {
            return now.databaseTrouble() == null ? "is not there yet" : now.databaseTrouble();
        }
        return writer.trouble();
    }

    private Situation.Collected collected(Collector running, Status now, List<Situation.MarketState> markets) {
        Progress intake = now.intake();
        WriterStatus writer = now.writer();
        long stored = writer == null ? 0 : writer.stored();
        long duplicate = intake.duplicate() + (writer == null ? 0 : writer.duplicate());
        long rejected = intake.rejected() + (writer == null ? 0 : writer.rejected());
        List<Latency> receipt = new ArrayList<>();
        running.receipt()
                .forEach((market, counts) -> receipt.add(
                        latency(List.of(market.exchange().id(), market.type().id()), counts)));
        receipt.sort(java.util.Comparator.comparing(latency -> latency.ofWhat().toString()));
        return new Situation.Collected(
                new Situation.Trades(
                        intake.received(),
                        rate.perSecond(),
                        stored,
                        duplicate,
                        rejected,
                        intake.unknown(),
                        intake.consumed(),
                        intake.late()),
                new Situation.Journal(
                        writer == null ? 0 : writer.lag(),
                        now.behind(),
                        intake.waiting(),
                        now.journal().fill().journalPercent(),
                        now.journal().fill().diskPercent(),
                        now.journal().reading(),
                        intake.refusal()),
                new Situation.DatabaseState(
                        writer == null ? "absent" : writer.state().name().toLowerCase(Locale.ROOT),
                        writer == null ? 0 : writer.batches(),
                        writer == null ? Duration.ZERO : writer.lastCommit(),
                        writer == null ? null : writer.lastAt(),
                        databaseTrouble(now)),
                intake.holes(),
                markets,
                running.recordings().stream()
                        .filter(recording -> !recording.isOver())
                        .map(this::recording)
                        .toList(),
                receipt,
                latency(List.of(), running.commits()));
    }

    private Situation.Recording recording(Recorder.Status recording) {
        Stage window = openWindow(recording);
        Stage published = recording.published();
        return new Situation.Recording(
                recording.listing().id(),
                recording.listing().announcedAt(),
                window == null ? null : window.id(),
                published == null ? null : published.id(),
                recording.trouble());
    }

    private static Latency latency(List<String> ofWhat, LatencyCounts counts) {
        return new Latency(ofWhat, LatencyCounts.upToMillis(), counts.counts(), counts.totalSeconds());
    }
}

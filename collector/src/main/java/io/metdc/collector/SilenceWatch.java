package io.metdc.collector;

import io.metdc.collector.Health.Truth;
import io.metdc.completeness.Intake;
import io.metdc.completeness.Pulse;
import io.metdc.connectors.Connector;
import io.metdc.connectors.FeedException;
import io.metdc.connectors.Limits;
import io.metdc.connectors.RestClient;
import io.metdc.connectors.Stretch;
import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import io.metdc.market.Nanos;
import io.metdc.market.Origin;
import io.metdc.market.Row;
import io.metdc.market.Trade;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells quiet from silent, for all instruments of one market: one that pauses for longer than it uses to is looked up
/// by REST. If it did not trade there either, it is quiet. If it did, its stream is dead, whatever the socket says: it
/// alone is subscribed anew, and when that does not help, or others of its connection are silent with it, the
/// connection is replaced.
///
/// ```
/// pauses too long ─▶ REST ── no newer trade ─▶ quiet, until its next trade or the next look
///                         └─ newer trades ───▶ silent ─▶ anew ─▶ still silent ─▶ its connection
/// ```
///
/// One virtual thread, which spends no more than a part of the market's REST limit; any thread may ask for the health.
final class SilenceWatch implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(SilenceWatch.class);

    /// What is done about it.
    interface Remedy {
        /// Subscribes one instrument anew, on this connection.
        void anew(SafeWorker worker, Instrument instrument);

        /// Another connection takes over what this one carries.
        void replace(SafeWorker worker, String why);
    }

    /// How patient it is.
    ///
    /// @param least  the shortest pause that is looked up
    /// @param most   the longest pause that is not looked up
    /// @param grace  so long after a look-up became due an instrument still counts as what it was
    /// @param lag    what was traded so recently may still be on its way
    /// @param clocks the exchange's and ours differ by less
    record Patience(Duration least, Duration most, Duration grace, Duration lag, Duration clocks) {
        static final Patience USUAL = new Patience(
                Duration.ofSeconds(10),
                Duration.ofMinutes(10),
                Duration.ofSeconds(40),
                Duration.ofSeconds(4),
                Duration.ofSeconds(10));
    }

    private static final Duration LOOK = Duration.ofMillis(500);

    /// A pause so many times the longest of the recent ones is looked up.
    private static final int TIMES = 3;

    /// What has traded here goes before what never did.
    private static final double KNOWN_FIRST = 1_000;

    /// From so many trades on the pauses are known.
    private static final int LEARNED = 10;

    /// Of the limit of REST the look-ups take no more.
    private static final double SHARE = 0.25;

    /// So many silent instruments on one connection that gives nothing at all are enough.
    private static final int ENOUGH = 3;

    /// After an unhelpful remedy nothing more is tried for so long.
    private static final Duration REMEDY_AGAIN = Duration.ofMinutes(3);

    private final Connector connector;
    private final Supplier<List<SafeWorker>> workers;
    private final RestClient rest;
    private final Intake intake;
    private final Patience patience;
    private final Remedy remedy;
    private final InstantSource clock;
    private final Map<String, Map<Instrument.Key, Verdict>> verdicts = new ConcurrentHashMap<>(); // by worker: a
    // successor inherits them
    private final Map<Instrument.Key, Long> unanswered = new HashMap<>(); // the thread's; not before when
    private final Map<Instrument.Key, Long> seeded = new ConcurrentHashMap<>(); // pauses as REST shows them

    private enum Finding {
        SILENT,
        QUIET,
        /// It was acknowledged too short a time ago.
        EARLY,
        /// It has traded so recently that it may still be on its way.
        UNDER_WAY
    }

    /// What REST said of an instrument on a connection.
    ///
    /// @param atNanos   when that was, our clock
    /// @param nextNanos when it is to be asked again
    /// @param strikes   how often in a row it was silent
    private record Verdict(Finding finding, long atNanos, long nextNanos, int strikes) {
        boolean isSilent() {
            return finding == Finding.SILENT;
        }
    }

    /// One that may be silent.
    private record Suspect(
            SafeWorker worker,
            Carrying carrying,
            Instrument instrument,
            double urgency,
            @Nullable Verdict before) {}

    SilenceWatch(
            Connector connector,
            Supplier<List<SafeWorker>> workers,
            RestClient rest,
            Intake intake,
            Patience patience,
            Remedy remedy,
            InstantSource clock) {
        this.connector = connector;
        this.workers = workers;
        this.rest = rest;
        this.intake = intake;
        this.patience = patience;
        this.remedy = remedy;
        this.clock = clock;
    }

    @Override
    public void run() {
        try {
            while (true) {
                Duration pause = LOOK;
                try {
                    pause = look();
                } catch (RuntimeException | Error e) { // a bug of ours must not make all blind
                    log.error("{}: silence cannot be looked for; going on", connector.market(), e);
                }
                Thread.sleep(pause);
            }
        } catch (InterruptedException _) {
            // the only stop signal
        }
    }

    /// Looks up the one that is most overdue.
    ///
    /// @return how long to wait before the next
    private Duration look() throws InterruptedException {
        List<SafeWorker> now = workers.get();
        verdicts.keySet().retainAll(now.stream().map(SafeWorker::name).toList());
        now.forEach(this::proveQuiet);
        Suspect suspect = mostUrgent(now);
        if (suspect == null || !intake.progress().running() || intake.progress().refusal() != null) {
            return LOOK;
        }
        try {
            judge(suspect);
        } catch (FeedException e) {
            log.debug(
                    "{} cannot be looked up: {}",
                    suspect.instrument,
                    e.failure().what());
            unanswered.put(suspect.instrument.key(), Nanos.of(clock.instant()) + patience.grace.toNanos());
            return e.failure() instanceof Failure.Ban ban ? ban.pause() : patience.least.dividedBy(10);
        }
        Limits.Rate limit = connector.limits().rest();
        int weight = connector.trades(Stretch.newest(suspect.instrument)).weight();
        return Duration.ofNanos((long) (weight / SHARE * limit.per().toNanos() / limit.count()));
    }

    private @Nullable Suspect mostUrgent(List<SafeWorker> now) {
        long nanos = Nanos.of(clock.instant());
        Suspect worst = null;
        for (SafeWorker worker : now) {
            Carrying carrying = worker.carrying();
            if (carrying == null) {
                continue;
            }
            Map<Instrument.Key, Verdict> known = verdictsOf(worker);
            for (var one : carrying.since().entrySet()) {
                Instrument instrument = one.getKey();
                long traded = carrying.lastNanos(instrument);
                Verdict before = known.get(instrument.key());
                if (before != null && traded > before.atNanos) {
                    known.remove(instrument.key());
                    before = null;
                }
                long patient = patienceNanos(instrument.key());
                long pause = nanos - Math.max(one.getValue(), traded);
                boolean isDue = nanos >= unanswered.getOrDefault(instrument.key(), 0L)
                        && (before == null || nanos >= before.nextNanos);
                if (pause > patient && isDue) {
                    double urgency = (double) pause / patient * (isKnown(instrument.key()) ? KNOWN_FIRST : 1);
                    if (worst == null || urgency > worst.urgency) {
                        worst = new Suspect(worker, carrying, instrument, urgency, before);
                    }
                }
            }
        }
        return worst;
    }

    private Map<Instrument.Key, Verdict> verdictsOf(SafeWorker worker) {
        return verdicts.computeIfAbsent(worker.name(), _ -> new ConcurrentHashMap<>());
    }

    private boolean isKnown(Instrument.Key key) {
        Pulse pulse = intake.pulse(key);
        return pulse != null && pulse.trades() >= LEARNED;
    }

    /// How long it may pause without being looked up.
    private long patienceNanos(Instrument.Key key) {
        Pulse pulse = intake.pulse(key);
        long pause = pulse != null && pulse.trades() >= LEARNED ? pulse.pauseNanos() : seeded.getOrDefault(key, 0L);
        return Math.clamp(pause * TIMES, patience.least.toNanos(), patience.most.toNanos());
    }

    private void judge(Suspect suspect) throws FeedException, InterruptedException {
        Instrument instrument = suspect.instrument;
        Carrying carrying = suspect.carrying;
        List<Row> rows = rest.trades(Stretch.newest(instrument), Origin.REFILL, 1);
        unanswered.remove(instrument.key());
        seed(instrument.key(), rows);
        long now = Nanos.of(clock.instant());
        Carrying present = suspect.worker.carrying(); // it may have waited for its turn
        if (present == null
                || present.ring() != carrying.ring()
                || !carrying.ring().isPast(now - patience.lag.toNanos())) {
            return;
        }
        long acknowledged = carrying.since().getOrDefault(instrument, now);
        long lastNanos = carrying.lastNanos(instrument);
        Pulse ever = carrying.pulse(instrument);
        Pulse here = ever == null || ever.receivedNanos() < acknowledged ? null : ever; // since it was subscribed
        if (lastNanos > Math.max(acknowledged, now - patience.least.toNanos())) {
            return; // it has traded meanwhile
        }
        Verdict before = suspect.before;
        Finding finding = find(rows, here, acknowledged, now, before);
        if (finding != Finding.SILENT) {
            long again = Math.max(patienceNanos(instrument.key()), before == null ? 0 : 2 * (now - before.atNanos));
            long pause = finding == Finding.QUIET ? Math.min(again, patience.most.toNanos()) : patience.lag.toNanos();
            verdictsOf(suspect.worker).put(instrument.key(), new Verdict(finding, now, now + pause, 0));
            return;
        }
        int strikes = before == null ? 1 : before.strikes + 1;
        Duration next = strikes > 2 ? REMEDY_AGAIN : patience.least;
        verdictsOf(suspect.worker).put(instrument.key(), new Verdict(finding, now, now + next.toNanos(), strikes));
        carrying.ring().silent(instrument);
        mend(suspect, strikes, now);
    }

    /// @param here what came on this connection; without anything our clock alone tells since when it should
    private Finding find(List<Row> rows, @Nullable Pulse here, long acknowledged, long now, @Nullable Verdict before) {
        long clocks = patience.clocks.toNanos();
        long lag = patience.lag.toNanos();
        long known = here == null ? acknowledged + clocks : here.executedNanos();
        long newest = 0;
        boolean isSettled = false;
        for (Row row : rows) {
            if (row instanceof Trade trade) {
                newest = Math.max(newest, trade.executedAtNanos());
                isSettled |= trade.executedAtNanos() > known && trade.executedAtNanos() < now - lag;
            }
        }
        if (newest > known) { // where much is traded, one answer holds nothing older than a moment
            boolean isLate = before != null && before.finding == Finding.UNDER_WAY && now - before.atNanos >= lag;
            return isSettled || isLate ? Finding.SILENT : Finding.UNDER_WAY;
        }
        boolean isEarly = here == null && now - acknowledged < 2 * clocks + lag;
        return isEarly && newest > acknowledged - clocks ? Finding.EARLY : Finding.QUIET;
    }

    /// A topic before a connection.
    private void mend(Suspect suspect, int strikes, long now) {
        long silent = verdictsOf(suspect.worker).values().stream()
                .filter(Verdict::isSilent)
                .count();
        boolean isDead = suspect.carrying.since().keySet().stream()
                .noneMatch(one -> now - suspect.carrying.lastNanos(one) < patience.least.toNanos());
        if (isDead && connector.substitute() != null && isAllMute(now)) {
            return; // the market goes over to its second stream: see StreamWatch
        }
        if (isDead && silent >= Math.min(ENOUGH, suspect.carrying.since().size())) {
            suspect.worker.recycle("nothing comes, and " + silent
                    + " of its instruments trade, as REST says, among them " + suspect.instrument.symbol());
            verdictsOf(suspect.worker).clear();
        } else if (strikes == 2) {
            remedy.replace(suspect.worker, suspect.instrument.symbol() + " stays silent though it was subscribed anew");
        } else {
            log.warn(
                    "{} trades, as REST says, and gives nothing on {}: subscribing it anew",
                    suspect.instrument,
                    suspect.worker.name());
            remedy.anew(suspect.worker, suspect.instrument);
        }
    }

    private boolean isAllMute(long now) {
        return workers.get().stream()
                .map(SafeWorker::carrying)
                .flatMap(carrying -> carrying == null
                        ? Stream.of()
                        : carrying.since().keySet().stream().map(carrying::lastNanos))
                .noneMatch(last -> now - last < patience.least.toNanos());
    }

    /// The first answer shows the rhythm of what has not traded here yet.
    private void seed(Instrument.Key key, List<Row> rows) {
        long[] times = rows.stream()
                .filter(row -> row instanceof Trade)
                .mapToLong(row -> ((Trade) row).executedAtNanos())
                .sorted()
                .toArray();
        long longest = 0;
        for (int i = 1; i < times.length; i++) {
            longest = Math.max(longest, times[i] - times[i - 1]);
        }
        seeded.put(key, times.length < 2 ? patience.most.toNanos() : longest);
    }

    /// A connection of which all instruments are quiet is as good as one that delivers.
    private void proveQuiet(SafeWorker worker) {
        Carrying carrying = worker.carrying();
        Map<Instrument.Key, Verdict> known = verdictsOf(worker);
        if (carrying != null
                && carrying.since().entrySet().stream().allMatch(one -> {
                    Verdict verdict = known.get(one.getKey().key());
                    return verdict != null && verdict.finding == Finding.QUIET && verdict.atNanos >= one.getValue();
                })) {
            worker.quiet();
        }
    }

    /// How the market is at the moment: what each instrument is on the best of its connections.
    Health health() {
        Map<Instrument.Key, Instrument> asked = new HashMap<>();
        Map<Instrument.Key, Truth> best = new HashMap<>();
        long now = Nanos.of(clock.instant());
        for (SafeWorker worker : workers.get()) {
            Carrying carrying = worker.carrying();
            Map<Instrument.Key, Verdict> known = verdicts.getOrDefault(worker.name(), Map.of());
            Set<Instrument.Key> acknowledged = carrying == null
                    ? Set.of()
                    : carrying.since().keySet().stream().map(Instrument::key).collect(Collectors.toSet());
            for (Instrument instrument : worker.wanted()) {
                Instrument.Key key = instrument.key();
                asked.put(key, instrument);
                Truth truth = acknowledged.contains(key) ? truth(key, known.get(key), now) : Truth.ASKED;
                best.merge(key, truth, (one, other) -> one.compareTo(other) > 0 ? one : other);
            }
        }
        Health.Count count = new Health.Count();
        asked.forEach((key, instrument) -> count.add(instrument, best.getOrDefault(key, Truth.ASKED)));
        return count.health();
    }

    private Truth truth(Instrument.Key key, @Nullable Verdict verdict, long now) {
        Pulse pulse = intake.pulse(key);
        long last = pulse == null ? 0 : pulse.receivedNanos();
        long grace = patience.grace.toNanos();
        if (verdict != null && verdict.atNanos >= last) {
            return switch (verdict.finding) {
                case SILENT -> Truth.SILENT;
                case QUIET -> now - verdict.nextNanos <= grace ? Truth.QUIET : Truth.UNPROVEN;
                case EARLY, UNDER_WAY -> Truth.UNPROVEN;
            };
        }
        return now - last <= patienceNanos(key) + grace ? Truth.DELIVERING : Truth.UNPROVEN;
    }
}

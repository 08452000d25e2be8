package io.metdc.collector;

import io.metdc.collector.alerts.Alert;
import io.metdc.collector.alerts.Alerts;
import io.metdc.collector.config.CollectionSettings;
import io.metdc.collector.config.Settings;
import io.metdc.collector.config.UpbitSettings;
import io.metdc.connectors.FeedException;
import io.metdc.connectors.Network;
import io.metdc.listings.Listing;
import io.metdc.listings.Source;
import io.metdc.listings.recorder.Archive;
import io.metdc.listings.recorder.Collecting;
import io.metdc.listings.recorder.Publisher;
import io.metdc.listings.recorder.Recorder;
import io.metdc.listings.recorder.Stage;
import io.metdc.listings.recorder.Window;
import io.metdc.listings.recorder.Windows;
import io.metdc.listings.recorder.Windows.Reach;
import io.metdc.listings.watch.AccessKeys;
import io.metdc.listings.watch.Answer;
import io.metdc.listings.watch.MarketListPoller;
import io.metdc.listings.watch.Notice;
import io.metdc.listings.watch.NoticeBodies;
import io.metdc.listings.watch.NoticeBody;
import io.metdc.listings.watch.NoticePoller;
import io.metdc.listings.watch.NoticeSocket;
import io.metdc.listings.watch.NoticeTitle;
import io.metdc.listings.watch.SourceListener;
import io.metdc.listings.watch.Watch;
import io.metdc.symbols.Universe;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Listings from end to end: the sources of announcements, the watch that decides, the recorder and the alerts, wired
/// and started, and ended in order.
///
/// ```
/// NoticePoller ─┐                 ┌─▶ Alerts ─▶ webhook
/// NoticeSocket ─┼─▶ Watch ─fires──┼─▶ Recorder ─▶ archive, SQL
/// MarketList  ──┘                 └─▶ body of the notice ─▶ markets, opening, contracts
/// ```
final class Listings implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Listings.class);

    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration ALERTS_END = Duration.ofSeconds(1);

    /// The real list of markets has hundreds of rows; a simulated one may be short.
    private static final int LEAST_MARKETS = 50;

    private static final int MOST_BODY_TRIES = 20;
    private static final Duration BODY_AGAIN = Duration.ofSeconds(30);

    /// A listing that was cut off before anybody was told of it is still told so long after it fired.
    private static final Duration STILL_NEWS = Duration.ofMinutes(10);

    /// So long after its notice a coin is collected at least.
    private static final Duration HELD = Duration.ofHours(24);

    /// A request takes ten seconds at most.
    private static final Duration STANDS = Duration.ofMinutes(5);

    private static final Duration END = Duration.ofSeconds(2);

    /// What a notice is about, for a coin that its title names no more.
    private static final String CANCELLED = "cancelled";

    private static final String KRW = "KRW";

    private final Watch watch;
    private final Recorder recorder;
    private final Publisher publisher;
    private final Alerts alerts;
    private final Requests requests;
    private final @Nullable NoticePoller poller;
    private final @Nullable NoticeSocket socket;
    private final MarketListPoller markets;
    private final Windows windows;
    private final NoticeBodies bodies;
    private final Thread looking;
    private final Thread reading;
    private final Deque<ToRead> toRead = new ArrayDeque<>(); // bodies; under its own lock
    private final Set<String> read = new HashSet<>(); // notices whose body is known or asked for; under the same lock
    private final InstantSource clock;
    private final Universe universe;

    /// Starts everything; what the run before this one left open goes on.
    ///
    /// @param collecting the trades that are recorded anyway
    /// @param universe   keeps the coins of young listings, whatever the filter says
    /// @throws StartFailed names what cannot be used and the way out
    static Listings start(
            Settings settings,
            Network network,
            Collecting collecting,
            Universe universe,
            String version,
            InstantSource clock)
            throws StartFailed {
        try {
            return new Listings(settings, network, collecting, universe, version, clock);
        } catch (IOException | FeedException e) {
            throw new StartFailed(String.valueOf(e.getMessage()), e);
        }
    }

    private Listings(
            Settings settings,
            Network network,
            Collecting collecting,
            Universe universe,
            String version,
            InstantSource clock)
            throws IOException, FeedException {
        this.universe = universe;
        Path data = settings.dataDirectory();
        UpbitSettings upbit = settings.upbit();
        alerts = new Alerts(settings.alerts().addresses(), network.withCaFile(null));
        this.clock = clock;
        windows = windows(settings.collection());
        requests = new Requests(data);
        Archive archive = new Archive(data.resolve("listings"), clock);
        try {
            archive.repair();
        } catch (IOException e) { // each is repaired again before it is written
            log.error("the archives in {} cannot be looked through: {}", data.resolve("listings"), e.toString());
        }
        watch = watch(data.resolve("notices.json"), settings, clock);
        publisher = publisher(settings, archive, collecting, watch::clockAhead, version, clock);
        recorder = new Recorder(data.resolve("recordings"), windows, collecting, publisher, this::published, clock);
        Sources sources = new Sources();
        NoticePoller.Settings hosts =
                NoticePoller.Settings.of(upbit.noticesUrl(), upbit.noticesFallbackUrl(), upbit.pollInterval());
        poller = upbit.noticesEnabled() ? new NoticePoller(hosts, network, sources, clock) : null;
        socket = socket(upbit, network, sources, clock);
        bodies = new NoticeBodies(NoticeBodies.Settings.of(hosts), network, clock);
        markets = new MarketListPoller(marketList(settings, upbit), network, sources, clock);
        looking = Thread.ofVirtual().name("listings").unstarted(this::look);
        reading = Thread.ofVirtual().name("notice-bodies").unstarted(this::read);
        begin();
    }

    static Publisher publisher(
            Settings settings,
            Archive archive,
            Collecting collecting,
            Supplier<Optional<Duration>> clockAhead,
            String version,
            InstantSource clock) {
        return new Publisher(
                archive,
                collecting,
                windows(settings.collection()),
                settings.symbols().aliases(),
                clockAhead,
                version,
                Integer.toHexString(settings.collection().hashCode()),
                clock);
    }

    static Windows windows(CollectionSettings settings) {
        return new Windows(
                new Reach(settings.before(), settings.after()),
                new Reach(settings.nearBefore(), settings.nearAfter()),
                new Reach(settings.wideBefore(), settings.wideAfter()),
                new Reach(settings.openBefore(), settings.openAfter()),
                new Reach(settings.keepBefore(), settings.keepAfter()));
    }

    /// A state that cannot be used must not keep the trades from being collected: it is set aside.
    private Watch watch(Path file, Settings settings, InstantSource clock) throws IOException {
        Watch.Rules rules = new Watch.Rules(
                settings.collection().additions(),
                settings.upbit().noticesEnabled() || settings.upbit().accessKey() != null,
                settings.storage().retention());
        try {
            return new Watch(file, rules, new Decisions(), clock);
        } catch (IOException e) {
            Path aside = file.resolveSibling(file.getFileName() + ".unusable-" + clock.millis());
            Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
            String what = e.getMessage() + ". It is set aside as " + aside.getFileName()
                    + ", and announcements are watched anew: what was published more than half an hour ago does not"
                    + " fire. Record what is missing by hand (metdc listing record SYMBOL --at TIME)";
            log.error("{}", what);
            alerts.raise(Alert.forgotten(aside.getFileName().toString(), what));
            return new Watch(file, rules, new Decisions(), clock);
        }
    }

    private @Nullable NoticeSocket socket(
            UpbitSettings upbit, Network network, SourceListener sources, InstantSource clock) {
        if (upbit.accessKey() == null || upbit.secretKey() == null) {
            return null;
        }
        return new NoticeSocket(
                NoticeSocket.Settings.of(upbit.noticesSocketUrl()),
                new AccessKeys(upbit.accessKey().reveal(), upbit.secretKey().reveal()),
                network,
                sources,
                this::poll,
                clock);
    }

    private static MarketListPoller.Settings marketList(Settings settings, UpbitSettings upbit) {
        URI restUrl = Objects.requireNonNull(settings.upbitMarket()).restUrl();
        MarketListPoller.Settings usual =
                MarketListPoller.Settings.of(restUrl, settings.instruments().resolve("upbit-krw.json"));
        boolean isReal = String.valueOf(restUrl.getHost()).endsWith("upbit.com");
        return new MarketListPoller.Settings(
                restUrl, upbit.marketsInterval(), usual.timeout(), isReal ? LEAST_MARKETS : 1, usual.file());
    }

    private void begin() {
        for (Listing cutOff : recorder.resume(watch.listings())) { // before somebody was told
            if (cutOff.firedAt().plus(STILL_NEWS).isAfter(clock.instant())) {
                tell(cutOff);
            }
        }
        hold();
        NoticePoller polling = poller;
        if (polling != null) {
            watch.knownUntil().ifPresent(polling::catchUp);
            polling.start();
        }
        if (socket != null) {
            socket.start();
        }
        if (polling == null && socket == null) {
            log.warn("no notices are watched: upbit.notices_enabled is off and there is no access key");
        }
        markets.start();
        looking.start();
        reading.start();
    }

    private void poll() {
        NoticePoller polling = poller;
        if (polling != null) {
            polling.pollNow();
        }
    }

    private void look() {
        try {
            while (true) {
                try {
                    watch.look();
                    hold();
                    requests.take(this::byHand);
                } catch (RuntimeException e) {
                    log.error("announcements cannot be looked after; going on", e);
                }
                Thread.sleep(LOOK);
            }
        } catch (InterruptedException _) {
            // the only stop signal
        }
    }

    /// Whatever Upbit's list says meanwhile, a coin stays collected for a day after its notice, and while it is
    /// recorded.
    private void hold() {
        Instant dayAgo = clock.instant().minus(HELD);
        Instant now = clock.instant();
        Set<String> coins = new HashSet<>();
        Set<String> open = new HashSet<>();
        Set<String> near = new HashSet<>();
        for (Recorder.Status recording : recorder.status()) {
            Listing listing = recording.listing();
            for (Stage stage : List.of(Stage.CORE, Stage.NEAR, Stage.WIDE, Stage.OPEN)) {
                Window window = windows.of(stage, listing.announcedAt(), recording.opensAt());
                if (window != null && window.contains(now)) {
                    open.add(listing.coin());
                    if (stage.compareTo(Stage.NEAR) <= 0) {
                        near.add(listing.coin());
                    }
                }
            }
            if (!recording.isOver() || listing.announcedAt().isAfter(dayAgo)) {
                coins.add(listing.coin());
            }
        }
        universe.hold(coins);
        universe.recording(open, near);
    }

    private void tell(Listing listing) {
        alerts.raise(Alert.listing(listing, publisher.venues(listing)), () -> recorder.told(listing));
    }

    private void byHand(Listing listing) {
        log.info("{} is recorded by hand", listing.id());
        recorder.record(listing);
    }

    /// What has to move, for the [Supervisor].
    List<SupervisedStage> stages() {
        List<SupervisedStage> stages = new ArrayList<>();
        NoticePoller polling = poller;
        if (polling != null) {
            stages.add(new SupervisedStage(
                    "notices", () -> new SupervisedStage.Standing(true, polling.turns()), STANDS, null));
        }
        stages.add(SupervisedStage.due("market-list", markets::dueAt, STANDS));
        return stages;
    }

    /// The recordings, those that are over too.
    List<Recorder.Status> status() {
        return recorder.status();
    }

    private void published(Listing listing, Stage stage, Archive.Published published) {
        alerts.raise(Alert.stage(listing, stage, published));
    }

    /// What the watch decided.
    private final class Decisions implements Watch.Listener {
        @Override
        public void fired(Listing listing) {
            boolean isNew = recorder.record(listing);
            if (isNew) {
                tell(listing);
            }
            hold();
        }

        @Override
        public void seenAgain(Listing listing) {
            recorder.seenAgain(listing);
        }

        @Override
        public void amended(Notice notice, NoticeTitle title, List<Listing> listings) {
            for (Listing listing : watch.listings(notice)) {
                kind(title, listing.coin()).ifPresent(kind -> recorder.opens(listing, null, kind));
            }
            if (!listings.isEmpty() && poller != null) {
                toRead(notice);
            }
        }

        @Override
        public void corrected(Listing was, Listing is) {
            recorder.corrected(is);
            alerts.raise(Alert.corrected(was, is));
        }

        @Override
        public void unclear(Notice notice) {
            alerts.raise(Alert.unclear(notice));
        }

        @Override
        public void blind(Instant since) {
            alerts.raise(Alert.blind(since));
        }

        @Override
        public void sighted(Instant since, Instant until) {
            alerts.raise(Alert.sighted(since, until));
        }
    }

    /// What the sources said.
    private final class Sources implements SourceListener {
        @Override
        public void answered(Answer answer) {
            watch.answered(answer);
            if (answer instanceof Answer.KrwMarkets markets) {
                universe.listed(markets.coins(), markets.receivedAt());
            }
            // What was pushed brings its text, or is on the list soon; without the list the web site is left alone.
            if (answer instanceof Answer.Notices notices && notices.source() == Source.NOTICE_LIST) {
                notices.notices().stream().filter(Listings.this::hasFired).forEach(Listings.this::toRead);
            }
        }

        @Override
        public void failed(Source source, String host, String what, Duration pause) {
            // the source has said so; for the watch only good answers count
        }

        @Override
        public void unreadable(Source source, String host, String what) {
            alerts.raise(Alert.unreadable(source, host, what));
        }

        @Override
        public void body(Notice notice, String text) {
            toRead(notice, text);
        }
    }

    // ---- what the text of a notice says

    private boolean hasFired(Notice notice) {
        List<Listing> fired = watch.listings(notice);
        return !fired.isEmpty()
                && recorder.status().stream()
                        .anyMatch(recording -> !recording.isOver()
                                && recording.opensAt() == null
                                && fired.stream()
                                        .anyMatch(listing -> listing.id()
                                                .equals(recording.listing().id())));
    }

    private void toRead(Notice notice) {
        toRead(notice, null);
    }

    /// @param text null where it has to be asked for
    private void toRead(Notice notice, @Nullable String text) {
        synchronized (toRead) {
            if (read.add(notice.key() + " " + notice.listedAt()) || text != null) {
                toRead.addLast(new ToRead(notice, text));
                toRead.notifyAll();
            }
        }
    }

    /// A notice whose body is to be read.
    private record ToRead(Notice notice, @Nullable String text) {}

    private void read() {
        try {
            while (true) {
                ToRead next;
                synchronized (toRead) {
                    while (toRead.isEmpty()) {
                        toRead.wait();
                    }
                    next = toRead.removeFirst();
                }
                read(next);
            }
        } catch (InterruptedException _) {
            // the only stop signal
        }
    }

    private void read(ToRead next) throws InterruptedException {
        try {
            if (next.text() == null) {
                fetch(next.notice());
            } else {
                take(next.notice(), next.text());
            }
        } catch (RuntimeException e) {
            log.error("the text of notice {} cannot be read", next.notice().key(), e);
        }
    }

    private void fetch(Notice notice) throws InterruptedException {
        for (int tries = 1; tries <= MOST_BODY_TRIES; tries++) {
            try {
                take(notice, bodies.fetch(notice));
                return;
            } catch (IOException e) {
                log.info("the text of notice {} is not to be had: {}", notice.key(), e.getMessage());
                Thread.sleep(BODY_AGAIN);
            }
        }
        log.warn("the text of notice {} was not to be had: its first trade for won tells the opening", notice.key());
    }

    /// What it does not say with certainty stays as the title has it.
    private void take(Notice notice, String text) {
        NoticeBody body = NoticeBody.read(text, notice.firstListedAt());
        NoticeTitle title = NoticeTitle.parse(notice.title(), notice.category());
        boolean isAlone = title.listings().size() == 1;
        for (Listing listing : watch.listings(notice)) {
            List<String> markets = body.markets().getOrDefault(listing.coin(), listing.markets());
            watch.bodySays(listing, markets);
            recorder.lives(listing, body.contracts(listing.coin(), isAlone));
            kind(title, listing.coin()).ifPresent(kind -> opens(listing, opening(body, listing.coin(), markets), kind));
        }
    }

    /// A body can have an opening for all coins, those that are cancelled too.
    private void opens(Listing listing, Optional<Instant> at, String kind) {
        if (kind.equals(CANCELLED)) {
            recorder.opens(listing, null, kind);
        } else if (at.isPresent()) {
            log.info("{} opens at {}", listing.id(), at.get());
            recorder.opens(listing, at.get(), kind);
        }
    }

    /// What a notice that fired is about by now, for one of its coins: `listing`, `postponed` or `cancelled`; empty
    /// where nobody can read its title, so that what was known stands.
    static Optional<String> kind(NoticeTitle title, String coin) {
        if (title.listings().stream().anyMatch(listed -> listed.symbol().equals(coin))) {
            return Optional.of(title.kind().id());
        }
        return title.unclear() && title.listings().isEmpty() ? Optional.empty() : Optional.of(CANCELLED);
    }

    /// That of the market for won, where there is to be one.
    private static Optional<Instant> opening(NoticeBody body, String coin, List<String> markets) {
        return markets.stream()
                .filter(market -> market.equals(KRW) || !markets.contains(KRW))
                .flatMap(market -> body.opening(coin, market).stream())
                .findFirst();
    }

    /// Ends the sources first, then the recordings, then the alerts.
    @Override
    public void close() {
        looking.interrupt();
        reading.interrupt();
        if (poller != null) {
            poller.close();
        }
        if (socket != null) {
            socket.close();
        }
        markets.close();
        bodies.close();
        try {
            looking.join(END); // a request is recorded before its file goes
            reading.join(END);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        recorder.close();
        alerts.close(ALERTS_END);
    }
}

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
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Listings from end to end: the sources of announcements, the watch that decides, the recorder and the alerts, wired
/// and started, and ended in order.
///
/// ```
/// NoticePoller ─┐                 ┌─▶ Alerts ─▶ webhook
/// NoticeSocket ─┼─▶ Watch ─fires──┼─▶ Recorder ─▶ archive, SQL
/// MarketList  ──┘                 └─▶ body of the notice ─▶ when trading opens
/// ```
final class Listings implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Listings.class);

    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration ALERTS_END = Duration.ofSeconds(1);

    /// The real list of markets has hundreds of rows; a simulated one may be short.
    private static final int LEAST_MARKETS = 50;

    private static final int MOST_BODY_TRIES = 6;

    private final Watch watch;
    private final Recorder recorder;
    private final Publisher publisher;
    private final Alerts alerts;
    private final Requests requests;
    private final @Nullable NoticePoller poller;
    private final @Nullable NoticeSocket socket;
    private final MarketListPoller markets;
    private final NoticeBodies bodies;
    private final Thread looking;
    private final Thread reading;
    private final Deque<Notice> toRead = new ArrayDeque<>(); // bodies; under its own lock

    /// Starts everything; what the run before this one left open goes on.
    ///
    /// @param collecting the trades that are recorded anyway
    /// @throws StartFailed names what cannot be used and the way out
    static Listings start(
            Settings settings, Network network, Collecting collecting, String version, InstantSource clock)
            throws StartFailed {
        try {
            return new Listings(settings, network, collecting, version, clock);
        } catch (IOException | FeedException e) {
            throw new StartFailed(String.valueOf(e.getMessage()), e);
        }
    }

    private Listings(Settings settings, Network network, Collecting collecting, String version, InstantSource clock)
            throws IOException, FeedException {
        Path data = settings.dataDirectory();
        UpbitSettings upbit = settings.upbit();
        alerts = new Alerts(settings.alerts().addresses(), network.withCaFile(null));
        requests = new Requests(data);
        Archive archive = new Archive(data.resolve("listings"), clock);
        archive.repair();
        publisher = publisher(settings, archive, collecting, version, clock);
        recorder = new Recorder(
                data.resolve("recordings"),
                windows(settings.collection()),
                collecting,
                publisher,
                this::published,
                clock);
        watch = watch(data.resolve("notices.json"), settings, clock);
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
            Settings settings, Archive archive, Collecting collecting, String version, InstantSource clock) {
        return new Publisher(
                archive,
                collecting,
                windows(settings.collection()),
                settings.symbols().aliases(),
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
                settings.collection().additions(), settings.storage().retention());
        try {
            return new Watch(file, rules, new Decisions(), clock);
        } catch (IOException e) {
            Path aside = file.resolveSibling(file.getFileName() + ".unusable-" + clock.millis());
            Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
            log.error("{}; it is set aside as {}", e.getMessage(), aside);
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
        MarketListPoller.Settings usual = MarketListPoller.Settings.of(
                restUrl, settings.dataDirectory().resolve("instruments").resolve("upbit-krw.json"));
        boolean isReal = String.valueOf(restUrl.getHost()).endsWith("upbit.com");
        return new MarketListPoller.Settings(
                restUrl, upbit.marketsInterval(), usual.timeout(), isReal ? LEAST_MARKETS : 1, usual.file());
    }

    private void begin() {
        recorder.resume(watch.listings());
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
                if (poller != null || socket != null) {
                    watch.look();
                }
                requests.take(this::byHand);
                Thread.sleep(LOOK);
            }
        } catch (InterruptedException _) {
            // the only stop signal
        }
    }

    private void byHand(Listing listing) {
        log.info("{} is recorded by hand", listing.id());
        recorder.record(listing);
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
            alerts.raise(Alert.listing(listing, publisher.venues(listing)));
            recorder.record(listing);
        }

        @Override
        public void seenAgain(Listing listing) {
            recorder.seenAgain(listing);
        }

        @Override
        public void amended(Notice notice, NoticeTitle title, List<Listing> listings) {
            for (Listing listing : listings) {
                recorder.opens(listing, null, title.kind().id());
            }
            if (!listings.isEmpty()) {
                toRead(notice);
            }
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
        private final Set<String> failing = new HashSet<>();

        @Override
        public void answered(Answer answer) {
            String where = answer.source() + " " + answer.host();
            synchronized (failing) {
                if (failing.remove(where)) {
                    log.info("{} gives good answers again", where);
                }
            }
            watch.answered(answer);
            if (answer instanceof Answer.Notices notices) {
                notices.notices().stream().filter(Listings.this::hasFired).forEach(Listings.this::toRead);
            }
        }

        @Override
        public void failed(Source source, String host, String what, Duration pause) {
            String where = source + " " + host;
            synchronized (failing) {
                if (failing.add(where)) {
                    log.warn("{}: {}; asked again in {} s", where, what, pause.toSeconds());
                } else {
                    log.debug("{}: {}; asked again in {} s", where, what, pause.toSeconds());
                }
            }
        }

        @Override
        public void unreadable(Source source, String host, String what) {
            log.warn("{} {}: {}", source, host, what);
        }

        @Override
        public void body(Notice notice, String text) {
            opening(notice, text);
        }
    }

    // ---- when trading opens

    private final Set<String> read =
            new HashSet<>(); // notices whose body is known or asked for; under the lock of toRead

    /// Whether a recording of it waits for its opening.
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
        synchronized (toRead) {
            if (read.add(notice.key() + " " + notice.title() + " " + notice.listedAt())) {
                toRead.addLast(notice);
                toRead.notifyAll();
            }
        }
    }

    private void read() {
        try {
            while (true) {
                Notice notice;
                synchronized (toRead) {
                    while (toRead.isEmpty()) {
                        toRead.wait();
                    }
                    notice = toRead.removeFirst();
                }
                read(notice);
            }
        } catch (InterruptedException _) {
            // the only stop signal
        }
    }

    private void read(Notice notice) throws InterruptedException {
        for (int tries = 1; tries <= MOST_BODY_TRIES; tries++) {
            try {
                opening(notice, bodies.fetch(notice));
                return;
            } catch (IOException e) {
                log.info("the text of notice {} is not to be had: {}", notice.key(), e.getMessage());
            }
        }
        log.warn("the text of notice {} was not to be had: its first trade for won tells the opening", notice.key());
    }

    private void opening(Notice notice, String text) {
        NoticeBody body = NoticeBody.read(text, notice.firstListedAt());
        NoticeTitle title = NoticeTitle.parse(notice.title(), notice.category());
        for (Listing listing : watch.listings(notice)) {
            body.opening(listing.coin(), "KRW").ifPresent(at -> {
                log.info("{} opens at {}", listing.id(), at);
                recorder.opens(listing, at, title.kind().id());
            });
        }
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
        recorder.close();
        alerts.close(ALERTS_END);
    }
}

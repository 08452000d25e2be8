package io.metdc.listings.watch;

import io.metdc.connectors.FeedException;
import io.metdc.connectors.Http;
import io.metdc.connectors.Http.Answered;
import io.metdc.connectors.Network;
import io.metdc.connectors.RetryAfter;
import io.metdc.listings.Source;
import io.metdc.market.Nanos;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// Polls the list of notices that the exchange's own pages show. Undocumented; what is known of it, as of 2026-11, was
/// seen: the newest publication first, weak ETags, blocks by address.
///
/// ```
///  every 2 s ± 20 % ──▶ the first host that is neither under way nor left alone ──▶ newest page
///  after a gap, in every second turn ──▶ page 2, 3, … until all of a page is older
/// ```
///
/// One virtual thread decides and tells the listener. Each request waits on a short-lived one of its own, at most one
/// for each host, so that a host that does not answer holds up nobody: the next turn is the other host's. A host that
/// refuses is left alone for as long as it says, or longer each time; one that fails in any other way is asked again
/// with the next polls.
public final class NoticePoller implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(NoticePoller.class);

    private static final int OK = 200;
    private static final int NOT_MODIFIED = 304;
    private static final int FORBIDDEN = 403;
    private static final int BANNED = 418;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int MAX_ANSWER = 4 << 20;
    private static final int MAX_PAGES = 20;
    private static final int MAX_ATTEMPTS = 5;
    private static final Pattern ETAG = Pattern.compile("[\\x20-\\x7e]{1,200}"); // goes into a header
    private static final double JITTER = 0.2;
    private static final Duration CLOSE = Duration.ofSeconds(2);

    /// What is polled, and how.
    ///
    /// @param urls      the whole addresses of the list, without the query that is documented; the first one
    ///                  is preferred
    /// @param interval  from the start of one request to the start of the next
    /// @param timeout   for a whole answer
    /// @param userAgent as a browser sends it: library names were refused at times
    /// @param backoff   how long a host is left alone after its first refusal in a row (429, 418, 403), the
    ///                  second, and so on, where it does not say
    /// @param between   pages of the past, at least
    /// @param gap       after so long without a good answer the pages of the past are read
    public record Settings(
            List<URI> urls,
            Duration interval,
            Duration timeout,
            String userAgent,
            List<Duration> backoff,
            Duration between,
            Duration gap) {

        /// A browser of 2026.
        public static final String BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
                + "Chrome/141.0.0.0 Safari/537.36";

        /// Seconds after which a host is asked again.
        static final List<Duration> BACKOFF =
                Stream.of(10, 20, 40, 60).map(Duration::ofSeconds).toList();

        public Settings {
            urls = List.copyOf(urls);
            backoff = List.copyOf(backoff);
            if (urls.isEmpty() || backoff.isEmpty()) {
                throw new IllegalArgumentException("no address or no back-off");
            }
            if (Stream.of(interval, timeout, between, gap).anyMatch(duration -> !duration.isPositive())) {
                throw new IllegalArgumentException("a duration that is not positive");
            }
            urls.forEach(NoticeUrl::new);
        }

        /// The defaults of the documents.
        ///
        /// @param fallback asked while the first one fails; null for none
        public static Settings of(URI primary, @Nullable URI fallback, Duration interval) {
            return new Settings(
                    fallback == null || fallback.equals(primary) ? List.of(primary) : List.of(primary, fallback),
                    interval,
                    Duration.ofSeconds(10),
                    BROWSER,
                    BACKOFF,
                    Duration.ofSeconds(3),
                    Duration.ofMinutes(10));
        }
    }

    private final Settings settings;
    private final SourceListener listener;
    private final InstantSource clock;
    private final Http http;
    private final List<Host> hosts;
    private volatile boolean isClosed;
    private final AtomicLong turns = new AtomicLong();
    private final Duration spacing;
    private final Thread thread;
    private final BlockingQueue<Event> events = new ArrayBlockingQueue<>(64);
    private final AtomicReference<@Nullable Instant> wanted = new AtomicReference<>();
    private final Once unreadable = new Once(); // from here on the thread's

    private long nextTurn = System.nanoTime();
    private boolean pageHadTheLastTurn = true;
    private boolean isListWell;
    private @Nullable Instant lastGoodAt;
    private @Nullable CatchUp catchUp;

    private sealed interface Event {
        /// An answer, or why there is none.
        record Outcome(
                Host host,
                int page,
                boolean conditional,
                Instant askedAt,
                Instant receivedAt,
                @Nullable Answered answer,
                String failure)
                implements Event {}

        /// Somebody wants something.
        record Wish(boolean poll) implements Event {}
    }

    private static final class Host {
        final NoticeUrl url;
        final Pauses refusals;
        final Pauses hiccups;
        boolean underWay;
        long notBefore = System.nanoTime();
        long startedAt = notBefore - TimeUnit.DAYS.toNanos(1);
        String etag = "";

        @Nullable
        Instant goodAt;

        Host(URI url, Settings settings) {
            this.url = new NoticeUrl(url);
            refusals = new Pauses(settings.backoff());
            hiccups = new Pauses(Pauses.hiccups(settings.interval()));
        }

        boolean isFailing() {
            return refusals.isFailing() || hiccups.isFailing();
        }
    }

    /// The past that is being read.
    private static final class CatchUp {
        final Instant since;
        int page = 2;
        int attempts;
        boolean underWay;
        long notBefore;

        CatchUp(Instant since, long notBefore) {
            this.since = since;
            this.notBefore = notBefore;
        }
    }

    /// A poller that does not run yet.
    ///
    /// @param clock ours, for the times of the answers
    /// @throws FeedException when the network settings cannot be used
    public NoticePoller(Settings settings, Network network, SourceListener listener, InstantSource clock)
            throws FeedException {
        this.settings = settings;
        this.listener = listener;
        this.clock = clock;
        http = new Http(network, settings.timeout(), MAX_ANSWER);
        hosts = settings.urls().stream().map(url -> new Host(url, settings)).toList();
        Duration least = settings.interval().multipliedBy(8).dividedBy(10);
        spacing = least.compareTo(Duration.ofSeconds(1)) < 0 ? least : Duration.ofSeconds(1);
        thread = Thread.ofVirtual().name("notices").unstarted(this::run);
    }

    /// Begins to poll.
    public void start() {
        thread.start();
    }

    /// Polls at once, as far as the hosts allow it. Any thread.
    public void pollNow() {
        events.offer(new Event.Wish(true)); // when there is no room, as many wishes are waiting
    }

    /// Reads the pages of the past, beside polling, until everything on a page was published last before this time.
    /// Any thread; also before the start.
    public void catchUp(Instant since) {
        wanted.accumulateAndGet(since, (old, now) -> old != null && now != null && old.isBefore(now) ? old : now);
        events.offer(new Event.Wish(false));
    }

    /// Grows at least every minute: whoever sees it stand still knows that it waits for something that does not come.
    /// Any
    /// thread may ask.
    public long turns() {
        return turns.get();
    }

    /// Ends polling; the listener hears nothing more once this returned.
    @Override
    public void close() {
        isClosed = true; // what ends because of it is no failure
        thread.interrupt();
        http.close();
        if (!Thread.currentThread().equals(thread)) {
            try {
                thread.join(CLOSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    // ---- the poller's thread

    private void run() {
        try {
            while (!Thread.interrupted()) {
                turns.incrementAndGet();
                Event event = events.poll(takeTurn(), TimeUnit.NANOSECONDS);
                if (isClosed) {
                    return;
                }
                guarded(() -> take(event)); // nothing that is answered may end the polling
            }
        } catch (InterruptedException _) {
            // closed
        }
    }

    private void take(@Nullable Event event) {
        switch (event) {
            case null -> {}
            case Event.Wish wish -> {
                if (wish.poll()) {
                    turnOfTheNewestPage();
                }
            }
            case Event.Outcome outcome -> take(outcome);
        }
    }

    private void turnOfTheNewestPage() {
        nextTurn = System.nanoTime();
        pageHadTheLastTurn = true;
    }

    /// Asks a host if it is time to.
    ///
    /// @return when to look again, in nanoseconds
    private long takeTurn() {
        Instant since = wanted.getAndSet(null);
        long now = System.nanoTime();
        if (since != null) {
            CatchUp before = catchUp;
            Instant earlier = before != null && before.since.isBefore(since) ? before.since : since;
            catchUp = new CatchUp(earlier, now);
        }
        if (nextTurn - now > 0) {
            return nextTurn - now;
        }
        long soonest = TimeUnit.MINUTES.toNanos(1);
        for (Host host : hosts) {
            if (!host.underWay) {
                long due = Math.max(host.notBefore - now, host.startedAt + spacing.toNanos() - now);
                if (due <= 0) {
                    ask(host, now);
                    return nextTurn - now;
                }
                soonest = Math.min(soonest, due);
            }
        }
        return soonest;
    }

    private void ask(Host host, long now) {
        nextTurn = now + jittered(settings.interval());
        host.startedAt = now;
        host.underWay = true;
        int page = 1;
        CatchUp past = catchUp;
        pageHadTheLastTurn =
                past != null && isListWell && !pageHadTheLastTurn && !past.underWay && now - past.notBefore >= 0;
        if (past != null && pageHadTheLastTurn) {
            page = past.page;
            past.notBefore = now + settings.between().toNanos();
            past.underWay = true;
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(host.url.page(page))
                .header("User-Agent", settings.userAgent())
                .header("Accept", "application/json")
                .header("Accept-Language", "ko-KR");
        boolean conditional = page == 1 && !host.etag.isEmpty() && isFresh(host);
        if (conditional) {
            request.header("If-None-Match", host.etag);
        }
        int asked = page;
        Thread.ofVirtual().name("notices-" + host.url.host()).start(() -> send(host, asked, conditional, request));
    }

    private static long jittered(Duration pause) {
        double factor = 1 - JITTER + ThreadLocalRandom.current().nextDouble(2 * JITTER);
        return (long) (pause.toNanos() * factor);
    }

    /// What is known of a host holds only as long as it is looked at.
    private boolean isFresh(Host host) {
        return host.goodAt != null && host.goodAt.plus(settings.gap()).isAfter(clock.instant()) && !host.isFailing();
    }

    /// On the request's own thread.
    private void send(Host host, int page, boolean conditional, HttpRequest.Builder request) {
        Answered answer = null;
        String failure = "";
        Instant askedAt = clock.instant();
        try {
            try {
                answer = http.send(request);
            } catch (IOException | RuntimeException e) {
                failure = Excerpt.of(String.valueOf(e.getMessage()));
            }
            events.put(new Event.Outcome(host, page, conditional, askedAt, clock.instant(), answer, failure));
        } catch (InterruptedException _) {
            // nobody interrupts it; without the event the host would stay under way
        }
    }

    private void take(Event.Outcome outcome) {
        outcome.host().underWay = false;
        if (outcome.page() > 1 && catchUp != null) {
            catchUp.underWay = false;
        }
        Answered answer = outcome.answer();
        if (answer == null) {
            failed(outcome, outcome.failure(), Optional.empty());
            return;
        }
        logCache(outcome.host(), answer);
        if (answer.status() == NOT_MODIFIED && outcome.conditional()) {
            good(outcome);
            tell(new Answer.Unchanged(
                    Source.NOTICE_LIST,
                    outcome.host().url.host(),
                    outcome.askedAt().minus(RetryAfter.age(answer)),
                    outcome.receivedAt(),
                    RetryAfter.serverAt(answer)));
            return;
        }
        if (answer.status() != OK) {
            failed(outcome, "answered " + answer.status() + ": " + Excerpt.of(answer.body()), told(answer));
            return;
        }
        try {
            NoticePage page = NoticePage.read(answer.body());
            if (outcome.page() == 1 && page.notices().isEmpty()) { // there are thousands: it shows nothing of now
                throw new IOException("page 1 is empty: " + Excerpt.of(answer.body()));
            }
            take(outcome, answer, page);
        } catch (IOException e) {
            failed(outcome, String.valueOf(e.getMessage()), told(answer));
        }
    }

    private void take(Event.Outcome outcome, Answered answer, NoticePage page) {
        Host host = outcome.host();
        if (outcome.page() == 1) {
            String etag = answer.header("ETag");
            host.etag = ETAG.matcher(etag).matches() ? etag : "";
        }
        good(outcome);
        tell(new Answer.Notices(
                Source.NOTICE_LIST,
                host.url.host(),
                outcome.askedAt().minus(RetryAfter.age(answer)),
                outcome.receivedAt(),
                page.notices(),
                outcome.page() == 1,
                RetryAfter.serverAt(answer)));
        for (String what : page.unreadable()) {
            if (unreadable.isNew(what)) {
                log.warn("{}: {}", host.url.host(), what);
                guarded(() -> listener.unreadable(Source.NOTICE_LIST, host.url.host(), what));
            }
        }
        if (outcome.page() > 1) {
            caughtUp(outcome.page(), page.notices());
        }
    }

    private Optional<Duration> told(Answered answer) {
        return RetryAfter.of(answer, clock.instant());
    }

    private void good(Event.Outcome outcome) {
        Host host = outcome.host();
        boolean recovered = host.isFailing();
        host.hiccups.reset();
        host.notBefore = host.startedAt + host.refusals.good().toNanos();
        if (recovered) {
            log.info("the list of notices at {} answers again", host.url.host());
        }
        if (outcome.page() > 1) {
            return;
        }
        isListWell = true;
        host.goodAt = outcome.receivedAt();
        Instant before = lastGoodAt;
        lastGoodAt = outcome.receivedAt();
        if (before != null && before.plus(settings.gap()).isBefore(outcome.receivedAt())) {
            log.warn("no good answer of the list of notices since {}: its past is read", before);
            catchUp(before);
        }
    }

    private void failed(Event.Outcome outcome, String what, Optional<Duration> told) {
        Host host = outcome.host();
        boolean first = !host.isFailing();
        int status = outcome.answer() == null ? 0 : outcome.answer().status();
        boolean isRefusal = status == BANNED || status == TOO_MANY_REQUESTS || status == FORBIDDEN;
        Duration pause = isRefusal ? refused(host, status, told) : host.hiccups.failed(told);
        host.notBefore = System.nanoTime() + (isRefusal ? pause.toNanos() : jittered(pause));
        host.etag = "";
        isListWell = false;
        turnOfTheNewestPage(); // of the other host, if it may be asked
        log.atLevel(first ? Level.WARN : Level.DEBUG)
                .log(
                        "the list of notices at {} is {} {}: {}",
                        host.url.host(),
                        isRefusal ? "left alone for" : "asked again in",
                        Nanos.words(pause),
                        what);
        guarded(() -> listener.failed(Source.NOTICE_LIST, host.url.host(), what, pause));
        CatchUp past = catchUp;
        if (outcome.page() > 1 && past != null) {
            past.attempts++;
            past.notBefore = host.notBefore + 2 * pause.toNanos(); // first the newest page is well again
            if (past.attempts == MAX_ATTEMPTS) {
                log.warn("page {} of the list of notices cannot be read: its past stays unread", outcome.page());
                catchUp = null;
            }
        }
    }

    private static Duration refused(Host host, int status, Optional<Duration> told) {
        Duration backoff = host.refusals.failed();
        return status == FORBIDDEN
                ? told.filter(said -> said.compareTo(backoff) > 0).orElse(backoff)
                : told.orElse(backoff);
    }

    private void caughtUp(int page, List<Notice> notices) {
        CatchUp past = catchUp;
        if (past == null || page != past.page) {
            return;
        }
        boolean isOlder = notices.stream().allMatch(notice -> notice.listedAt().isBefore(past.since));
        if (isOlder || page == MAX_PAGES) {
            log.info("the list of notices was read back to page {}, for what came since {}", page, past.since);
            catchUp = null;
        } else {
            past.page++;
            past.attempts = 0;
        }
    }

    /// A copy that was kept for somebody else is stale.
    private static void logCache(Host host, Answered answer) {
        String cache = answer.header("Cf-Cache-Status");
        if ("HIT".equalsIgnoreCase(cache) || !RetryAfter.age(answer).isZero()) {
            log.debug(
                    "{} answered with a copy: Cf-Cache-Status {}, Age {}",
                    host.url.host(),
                    Excerpt.of(cache),
                    Excerpt.of(answer.header("Age")));
        }
    }

    private void tell(Answer answer) {
        guarded(() -> listener.answered(answer));
    }

    private static void guarded(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            log.error("an answer of the list of notices was not taken", e);
        }
    }
}

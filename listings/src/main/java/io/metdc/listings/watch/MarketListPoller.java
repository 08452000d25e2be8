package io.metdc.listings.watch;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.metdc.connectors.FeedException;
import io.metdc.connectors.Http;
import io.metdc.connectors.Http.Answered;
import io.metdc.connectors.Network;
import io.metdc.connectors.RetryAfter;
import io.metdc.listings.Listing;
import io.metdc.listings.Source;
import io.metdc.market.Nanos;
import io.metdc.symbols.AtomicFile;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// Polls the list of markets for the coins that have one in won. Source: docs.upbit.com as of 2026-11.
///
/// `[{"market":"KRW-BTC","korean_name":"비트코인","english_name":"Bitcoin","market_event":{…}},…]`: `market` quote before
/// base. A list that is suddenly short would turn every coin that is missing into one that was just listed, so it is
/// refused. The last good list is kept in a file and told at the start. One virtual thread does everything.
public final class MarketListPoller implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(MarketListPoller.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final int OK = 200;
    private static final int FORBIDDEN = 403;
    private static final int BANNED = 418;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int MAX_ANSWER = 4 << 20;
    private static final String KRW = "KRW-";
    private static final Duration SHORTEST_BAN = Duration.ofMinutes(2); // of one that does not say how long it is
    private static final Duration KEPT = Duration.ofMinutes(10);
    private static final Duration CLOSE = Duration.ofSeconds(2);
    private static final Pattern REMAINING = Pattern.compile("(?:^|;)\\s*sec=(\\d+)");

    /// What is polled, and how.
    ///
    /// @param restUrl  scheme, host and base path
    /// @param interval from the start of one request to the start of the next
    /// @param timeout  for a whole answer
    /// @param atLeast  a list with fewer markets, of whatever currency, is refused
    /// @param file     keeps the last good list
    public record Settings(URI restUrl, Duration interval, Duration timeout, int atLeast, Path file) {
        public Settings {
            if (!interval.isPositive() || !timeout.isPositive() || restUrl.getHost() == null) {
                throw new IllegalArgumentException("every " + interval + ", within " + timeout + ", of " + restUrl);
            }
        }

        /// The defaults of the documents.
        public static Settings of(URI restUrl, Path file) {
            return new Settings(restUrl, Duration.ofSeconds(5), Duration.ofSeconds(10), 50, file);
        }
    }

    private final Settings settings;
    private final SourceListener listener;
    private final InstantSource clock;
    private final Http http;
    private final URI address;
    private final String host;
    private final Thread thread;
    private final Once unreadable = new Once(); // from here on the thread's
    private final Pauses refusals = new Pauses(NoticePoller.Settings.BACKOFF);
    private final Pauses hiccups;
    private Set<String> accepted = Set.of();
    private volatile long dueAt = System.nanoTime(); // until then it sleeps
    private boolean failing;
    private Set<String> kept = Set.of();
    private Instant keptAt = Instant.EPOCH;

    /// A poller that does not run yet.
    ///
    /// @param clock ours, for the times of the answers
    /// @throws FeedException when the network settings cannot be used
    public MarketListPoller(Settings settings, Network network, SourceListener listener, InstantSource clock)
            throws FeedException {
        this.settings = settings;
        this.listener = listener;
        this.clock = clock;
        hiccups = new Pauses(Pauses.hiccups(settings.interval()));
        http = new Http(network, settings.timeout(), MAX_ANSWER);
        address = URI.create(settings.restUrl().toString().replaceAll("/+$", "") + "/v1/market/all?is_details=true");
        host = NoticeUrl.host(address);
        thread = Thread.ofVirtual().name("market-list").unstarted(this::run);
    }

    /// Tells the list that was kept, and begins to poll.
    public void start() {
        thread.start();
    }

    /// When it was or is to ask next, of the monotonic clock. Any thread may ask.
    public long dueAt() {
        return dueAt;
    }

    /// Ends polling; the listener hears nothing more once this returned.
    @Override
    public void close() {
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
            load();
            while (true) {
                long next = System.nanoTime() + settings.interval().toNanos();
                Duration pause = ask();
                long left = Math.max(next - System.nanoTime(), pause.toNanos());
                dueAt = System.nanoTime() + Math.max(0, left);
                TimeUnit.NANOSECONDS.sleep(Math.max(0, left));
            }
        } catch (InterruptedException _) {
            // closed
        }
    }

    /// Asks once.
    ///
    /// @return how long the exchange has to be left alone now
    private Duration ask() throws InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(address).header("User-Agent", "metdc").header("Accept", "application/json");
        Instant askedAt = clock.instant();
        try {
            Answered answer = http.send(request);
            Instant receivedAt = clock.instant();
            if (answer.status() != OK) {
                String what = "answered " + answer.status() + ": " + Excerpt.of(answer.body());
                return failed(what, pauseAfter(answer));
            }
            Set<String> coins = read(answer.body());
            if (failing) {
                log.info("the market list at {} answers again", host);
            }
            failing = false;
            refusals.reset();
            hiccups.reset();
            accepted = coins;
            Instant wasSoAt = askedAt.minus(RetryAfter.age(answer));
            tell(new Answer.KrwMarkets(Source.MARKET_LIST, host, wasSoAt, receivedAt, coins));
            keep(wasSoAt, receivedAt);
            return isUsedUp(answer) ? untilNextSecond() : Duration.ZERO;
        } catch (IOException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            return failed(Excerpt.of(String.valueOf(e.getMessage())), hiccups.failed());
        } catch (RuntimeException e) { // nothing that is answered may end the polling
            log.error("the market list at {} failed", host, e);
            return failed(e.toString(), hiccups.failed());
        }
    }

    private Duration pauseAfter(Answered answer) {
        boolean isFirst = !refusals.isFailing();
        Optional<Duration> told = RetryAfter.of(answer, clock.instant());
        return switch (answer.status()) {
            case TOO_MANY_REQUESTS -> {
                Duration backoff = refusals.failed();
                yield told.orElse(isFirst ? untilNextSecond() : backoff);
            }
            case BANNED -> told.orElse(SHORTEST_BAN);
            case FORBIDDEN -> {
                Duration backoff = refusals.failed();
                yield told.filter(said -> said.compareTo(backoff) > 0).orElse(backoff);
            }
            default -> hiccups.failed(told);
        };
    }

    private Duration failed(String what, Duration pause) {
        log.atLevel(failing ? Level.DEBUG : Level.WARN)
                .log("the market list at {} is asked again in {}: {}", host, Nanos.words(pause), what);
        failing = true;
        guarded(() -> listener.failed(Source.MARKET_LIST, host, what, pause));
        return pause;
    }

    /// The coins with a market in won.
    ///
    /// @throws IOException when it is no list of markets, or one that cannot be the whole of it
    private Set<String> read(byte[] body) throws IOException {
        JsonNode root = NoticePage.tree(body);
        if (!root.isArray()) {
            throw new IOException("no list of markets but " + Excerpt.of(body));
        }
        Set<String> coins = new TreeSet<>();
        int markets = 0;
        for (JsonNode row : root) {
            String market = row.path("market").asText();
            boolean isKrw = market.startsWith(KRW);
            markets += market.contains("-") ? 1 : 0;
            if (!market.contains("-") || (isKrw && !Listing.isCoin(market.substring(KRW.length())))) {
                unreadable("a row that is no market: " + Excerpt.of(row.toString()));
            } else if (isKrw) {
                coins.add(market.substring(KRW.length()));
            }
        }
        if (markets < settings.atLeast()) {
            throw new IOException("a list of only " + markets + " markets is not believed");
        }
        if (coins.isEmpty()) {
            throw new IOException("a list without a KRW market is not believed");
        }
        if (2 * coins.size() < accepted.size()) {
            throw new IOException("a list with " + coins.size() + " KRW markets is not believed after one with "
                    + accepted.size() + " (if it is right, delete " + settings.file() + " and start again)");
        }
        return coins;
    }

    private void unreadable(String what) {
        if (unreadable.isNew(what)) {
            log.warn("the market list at {}: {}", host, what);
            guarded(() -> listener.unreadable(Source.MARKET_LIST, host, what));
        }
    }

    private static boolean isUsedUp(Answered answer) {
        Matcher matcher = REMAINING.matcher(answer.header("Remaining-Req"));
        return matcher.find() && matcher.group(1).matches("0+");
    }

    private Duration untilNextSecond() {
        return Duration.ofMillis(1005 - clock.millis() % 1000);
    }

    private void tell(Answer answer) {
        guarded(() -> listener.answered(answer));
    }

    private static void guarded(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            log.error("an answer of the market list was not taken", e);
        }
    }

    // ---- the file

    private void load() {
        try {
            JsonNode root = JSON.readTree(Files.readAllBytes(settings.file()));
            if (!settings.restUrl().toString().equals(root.path("rest_url").asText())) {
                return; // another exchange, a simulated one perhaps
            }
            Set<String> coins = new TreeSet<>();
            for (JsonNode coin : root.path("coins")) {
                coins.add(coin.asText());
            }
            if (coins.isEmpty() || !coins.stream().allMatch(Listing::isCoin)) {
                throw new IOException("it has no coins, or something that is none");
            }
            var kept = new Answer.KrwMarkets(
                    Source.MARKET_LIST,
                    host,
                    Instant.parse(root.path("asked_at").asText()),
                    Instant.parse(root.path("received_at").asText()),
                    coins);
            accepted = kept.coins();
            tell(kept);
        } catch (NoSuchFileException _) {
            // the first start
        } catch (IOException | DateTimeException e) {
            log.warn(
                    "the last good market list {} cannot be read and is left aside: {}", settings.file(), e.toString());
        }
    }

    /// Replaces the file as a whole. That it cannot be written is said in the log and stops nothing.
    private void keep(Instant askedAt, Instant receivedAt) {
        if (kept.equals(accepted) && keptAt.plus(KEPT).isAfter(receivedAt)) {
            return;
        }
        ObjectNode root = JSON.createObjectNode()
                .put("rest_url", settings.restUrl().toString())
                .put("asked_at", askedAt.toString())
                .put("received_at", receivedAt.toString());
        ArrayNode coins = root.putArray("coins");
        accepted.forEach(coins::add);
        try {
            AtomicFile.write(settings.file(), JSON.writeValueAsBytes(root));
            kept = accepted;
            keptAt = receivedAt;
        } catch (JacksonException e) {
            throw new IllegalStateException("a tree of our own cannot be written", e);
        } catch (IOException e) {
            log.warn("the market list cannot be kept in {}: {}", settings.file(), e.toString());
        }
    }
}

package io.metdc.listings.watch;

import com.fasterxml.jackson.databind.JsonNode;
import io.metdc.connectors.FeedException;
import io.metdc.connectors.Http;
import io.metdc.connectors.Http.Answered;
import io.metdc.connectors.Network;
import io.metdc.connectors.RetryAfter;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Fetches what notices say, one at a time: the exchange limits this far more strictly than their list, so it is never
/// in the way of watching. Several threads may ask; they wait for each other.
public final class NoticeBodies implements AutoCloseable {
    private static final int OK = 200;
    private static final int MAX_ANSWER = 4 << 20;

    /// Where they are asked for, and how often.
    ///
    /// @param hosts   the addresses of the list, as polled
    /// @param between two requests, at least
    public record Settings(NoticePoller.Settings hosts, Duration between) {
        /// The default of the documents.
        public static Settings of(NoticePoller.Settings hosts) {
            return new Settings(hosts, Duration.ofSeconds(10));
        }
    }

    private final Settings settings;
    private final InstantSource clock;
    private final Http http;
    private final List<NoticeUrl> urls;
    private long notBefore = System.nanoTime(); // under the lock, as is what follows
    private int turn;

    /// A client that asked for nothing yet.
    ///
    /// @param clock ours, for a `Retry-After` that is a date
    /// @throws FeedException when the network settings cannot be used
    public NoticeBodies(Settings settings, Network network, InstantSource clock) throws FeedException {
        this.settings = settings;
        this.clock = clock;
        http = new Http(network, settings.hosts().timeout(), MAX_ANSWER);
        urls = settings.hosts().urls().stream().map(NoticeUrl::new).toList();
    }

    /// The text of a notice, HTML and Markdown mixed; waits until it may be asked for. The newer host knows notices by
    /// uuid and the older one by id; after a failure the next attempt goes to the next host.
    ///
    /// @throws IOException when there is no such answer, also at once while the exchange has to be left alone
    ///                     for more than a minute; later attempts are the caller's
    public synchronized String fetch(Notice notice) throws IOException, InterruptedException {
        long wait = notBefore - System.nanoTime();
        if (wait > TimeUnit.MINUTES.toNanos(1)) {
            throw new IOException("bodies of notices may not be asked for during the next "
                    + TimeUnit.NANOSECONDS.toMinutes(wait) + " minutes");
        }
        if (wait > 0) {
            TimeUnit.NANOSECONDS.sleep(wait);
        }
        notBefore = System.nanoTime() + settings.between().toNanos();
        NoticeUrl url = urls.get(turn);
        boolean done = false;
        try {
            String text = fetch(url, turn > 0 && !notice.id().isEmpty() ? notice.id() : notice.key());
            done = true;
            return text;
        } finally {
            turn = done ? turn : (turn + 1) % urls.size();
        }
    }

    private String fetch(NoticeUrl url, String key) throws IOException, InterruptedException {
        Answered answer = http.send(HttpRequest.newBuilder(url.detail(key))
                .header("User-Agent", settings.hosts().userAgent())
                .header("Accept", "application/json")
                .header("Accept-Language", "ko-KR"));
        if (answer.status() != OK) {
            Duration told = RetryAfter.of(answer, clock.instant()).orElse(Duration.ZERO);
            Duration pause = told.compareTo(settings.between()) > 0 ? told : settings.between();
            notBefore = System.nanoTime() + pause.toNanos();
            throw new IOException(url.host() + " answered " + answer.status() + ": " + Excerpt.of(answer.body()));
        }
        JsonNode body = NoticePage.tree(answer.body()).path("data").path("body");
        if (!body.isTextual()) {
            throw new IOException(url.host() + ": there is no data.body in " + Excerpt.of(answer.body()));
        }
        return body.asText();
    }

    /// Ends requests that are under way.
    @Override
    public void close() {
        http.close();
    }
}

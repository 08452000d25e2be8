package io.metdc.listings.watch;

import com.fasterxml.jackson.databind.JsonNode;
import io.metdc.connectors.Classification;
import io.metdc.connectors.Connectors;
import io.metdc.connectors.Endpoint;
import io.metdc.connectors.FeedException;
import io.metdc.connectors.Network;
import io.metdc.connectors.Wire;
import io.metdc.listings.Source;
import io.metdc.market.Failure;
import io.metdc.market.Nanos;
import io.metdc.symbols.KrwList;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// Hears the official WebSocket of notices. Source: docs.upbit.com as of 2026-11.
///
/// `{"type":"announcement","event_type":"CREATED","uuid":"851252575","title":"…","category":"거래","url":"…",`
/// `"first_listed_at":"2026-09-07T11:22:40+09:00","listed_at":"…","timestamp":1788747760480,"body":"…"}`, or with the
/// short names of the format SIMPLE (`ty et uid tt cat flat lat tms bd`); text or binary. `timestamp` epoch ms of the
/// push · `body` may be null.
///
/// There is no snapshot and no replay: what happens while it is not connected is lost, so the list of notices has to be
/// polled after each connect. Silence is normal; that it lives is seen by pings. One virtual thread owns the connection
/// and tells the listener.
public final class NoticeSocket implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(NoticeSocket.class);

    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final String BAD_KEYS = "INVALID_AUTH";
    private static final int MAX_MESSAGE = 4 << 20;
    private static final Duration GOODBYE = Duration.ofMillis(200);
    private static final Duration HAND_OVER = Duration.ofSeconds(5);
    private static final Duration CLOSE = Duration.ofSeconds(3);

    /// Where it connects, and how.
    ///
    /// @param url     the whole address
    /// @param ping    how often it is asked whether it lives
    /// @param silence after so long without anything it is connected anew
    /// @param backoff after the first failure in a row, the second, and so on; one that worked is replaced at
    ///                once, but not again within the last of these
    /// @param refused how long to wait where keys or subscription are refused, which a person has to mend
    public record Settings(URI url, Duration ping, Duration silence, List<Duration> backoff, Duration refused) {
        public Settings {
            backoff = List.copyOf(backoff);
            if (!ping.isPositive() || !silence.isPositive() || backoff.isEmpty()) {
                throw new IllegalArgumentException("a ping every " + ping + ", silence of " + silence);
            }
        }

        /// The defaults of the documents.
        public static Settings of(URI url) {
            return new Settings(
                    url,
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(60),
                    Stream.of(1, 2, 4, 8, 16, 30).map(Duration::ofSeconds).toList(),
                    Duration.ofSeconds(60));
        }
    }

    private final Settings settings;
    private final AccessKeys keys;
    private final Network network;
    private final SourceListener listener;
    private final Runnable connected;
    private final InstantSource clock;
    private final Classification classification;
    private final String host;
    private final Thread thread;
    private final Once unreadable = new Once(); // from here on the thread's
    private final Pauses pauses;
    private String saidLast = "";
    private long connectedAt;
    private boolean works; // the present connection, or the last one
    private boolean hasWorked; // any of them
    private long atOnceAt; // when it was last connected anew without a pause

    /// What the reader heard.
    private sealed interface Heard {
        @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
        record Message(byte[] bytes, Instant at) implements Heard {}

        record Pong(Instant at) implements Heard {}

        record Ended(Failure failure) implements Heard {}
    }

    /// A socket that is not connected yet.
    ///
    /// @param connected called after each connect, on the socket's thread: polls the list of notices once
    public NoticeSocket(
            Settings settings,
            AccessKeys keys,
            Network network,
            SourceListener listener,
            Runnable connected,
            InstantSource clock) {
        this.settings = settings;
        this.keys = keys;
        this.network = network;
        this.listener = listener;
        this.connected = connected;
        this.clock = clock;
        classification = Classification.of(Connectors.of(KrwList.MARKET).orElseThrow(), clock);
        host = NoticeUrl.host(settings.url());
        pauses = new Pauses(settings.backoff());
        atOnceAt = System.nanoTime() - settings.backoff().getLast().toNanos();
        thread = Thread.ofVirtual().name("notice-socket").unstarted(this::run);
    }

    /// Begins to connect.
    public void start() {
        thread.start();
    }

    /// Ends the connection; the listener hears nothing more once this returned.
    @Override
    public void close() {
        thread.interrupt();
        if (!Thread.currentThread().equals(thread)) {
            try {
                thread.join(CLOSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    // ---- the socket's thread

    private void run() {
        try {
            while (true) {
                Thread.sleep(pauseAfter(live()));
            }
        } catch (InterruptedException _) {
            // closed
        }
    }

    /// Runs one connection to its end.
    private Failure live() throws InterruptedException {
        works = false;
        var queue = new ArrayBlockingQueue<Heard>(64);
        Endpoint endpoint = new Endpoint(
                settings.url(),
                Map.of("Authorization", "Bearer " + keys.token(UUID.randomUUID())),
                settings.ping(),
                settings.silence());
        var reader = new Reader(queue);
        var wire = new Wire("notice-socket", endpoint, network, classification, reader);
        try {
            wire.connect();
            connectedAt = System.nanoTime();
            wire.send("[{\"ticket\":\"" + UUID.randomUUID() + "\"},"
                    + "{\"type\":\"announcement\",\"categories\":[\"trade\"],\"include_body\":true},"
                    + "{\"format\":\"DEFAULT\"}]");
            guarded(connected);
            return hear(wire, reader);
        } catch (FeedException e) {
            int status = wire.refusedWith();
            return status == UNAUTHORIZED || status == FORBIDDEN
                    ? new Failure.Fatal(e.failure().what() + " (are the keys right, and is this address allowed?)")
                    : e.failure();
        } catch (RuntimeException e) { // nothing that is pushed may end it for good
            log.error("the notice socket at {} failed: {}", host, keys.hidden(e.toString()));
            return new Failure.Recoverable(wire.where() + ": " + e.getClass().getSimpleName(), e);
        } finally {
            takeTheRest(queue);
            wire.close(GOODBYE);
        }
    }

    /// What came before the end is not lost with it.
    private void takeTheRest(BlockingQueue<Heard> queue) {
        for (Heard heard = queue.poll(); heard != null; heard = queue.poll()) {
            try {
                take(heard, clock.instant());
            } catch (FeedException _) {
                // it is over anyway
            }
        }
    }

    private void take(@Nullable Heard heard, Instant pingedAt) throws FeedException {
        switch (heard) {
            case null -> {}
            case Heard.Pong pong -> pong(pingedAt, pong.at());
            case Heard.Message message -> take(message);
            case Heard.Ended _ -> {}
        }
    }

    /// Hears until the end.
    ///
    /// @return why it ended
    private Failure hear(Wire wire, Reader reader) throws FeedException, InterruptedException {
        long nextPing = System.nanoTime(); // the first one proves that it lives
        Instant pingedAt = clock.instant();
        while (true) {
            long now = System.nanoTime();
            if (now - nextPing >= 0) {
                pingedAt = clock.instant();
                wire.ping();
                nextPing = now + settings.ping().toNanos();
            }
            long untilSilent = wire.lastArrival() + settings.silence().toNanos() - now;
            if (reader.overflowed) {
                return new Failure.Recoverable(wire.where() + ": notices were not taken in time");
            }
            if (untilSilent <= 0) {
                return new Failure.Recoverable(
                        wire.where() + ": nothing arrived for " + Nanos.words(settings.silence()));
            }
            Heard heard = reader.queue.poll(Math.min(untilSilent, nextPing - now), TimeUnit.NANOSECONDS);
            if (heard instanceof Heard.Ended ended) {
                return ended.failure();
            }
            take(heard, pingedAt);
        }
    }

    private void pong(Instant askedAt, Instant receivedAt) {
        // the first answer may come before keys or request are refused
        if (System.nanoTime() - connectedAt >= settings.ping().toNanos()) {
            well();
        }
        guarded(() -> listener.answered(new Answer.Pong(
                Source.NOTICE_SOCKET, host, askedAt.isAfter(receivedAt) ? receivedAt : askedAt, receivedAt)));
    }

    private void well() {
        works = true;
        hasWorked = true;
        if (!saidLast.isEmpty()) {
            log.info("the notice socket at {} answers again", host);
            saidLast = "";
        }
        if (System.nanoTime() - connectedAt >= settings.ping().toNanos()) { // it does not fail at once each time
            pauses.reset();
        }
    }

    private void take(Heard.Message message) throws FeedException {
        JsonNode root;
        try {
            root = NoticePage.tree(message.bytes());
        } catch (IOException e) {
            unreadable(String.valueOf(e.getMessage()));
            return;
        }
        for (JsonNode row : root.isArray() ? root : List.of(root)) { // an array in the formats *_LIST
            take(row, message.at());
        }
    }

    private void take(JsonNode row, Instant at) throws FeedException {
        String type = row.path("type").asText(row.path("ty").asText());
        if (row.has("error")) {
            refused(row.path("error"));
        } else if ("announcement".equals(type)) {
            notice(row, at);
        } else if ("UP".equals(row.path("status").asText())) {
            pong(at, at);
        } else if (!row.has("method")) {
            unreadable("a message of an unknown kind: " + Excerpt.of(row.toString()));
        }
    }

    /// Every error that the documents name is one of keys or request, and comes again if nothing changes; unless
    /// notices came by the same keys and the same request before.
    private void refused(JsonNode error) throws FeedException {
        String name = error.path("name").asText();
        String said = Excerpt.of(keys.hidden(name + " " + error.path("message").asText()));
        boolean isForPeople = !works && (!hasWorked || BAD_KEYS.equals(name));
        throw new FeedException(
                isForPeople
                        ? new Failure.Fatal(host + " refused the subscription of notices: " + said)
                        : new Failure.Recoverable(host + " ended the subscription of notices: " + said));
    }

    private void notice(JsonNode row, Instant at) {
        boolean simple = row.has("ty");
        Notice notice;
        try {
            notice = (simple ? NoticeFields.SIMPLE : NoticeFields.DEFAULT).read(row);
        } catch (IOException e) {
            unreadable(String.valueOf(e.getMessage()));
            return;
        }
        well();
        JsonNode pushed = row.path(simple ? "tms" : "timestamp");
        Instant serverAt = pushed.canConvertToLong() && pushed.asLong() > 0
                ? Instant.ofEpochMilli(pushed.asLong()).truncatedTo(ChronoUnit.SECONDS)
                : Instant.MIN;
        guarded(() -> listener.answered(
                new Answer.Notices(Source.NOTICE_SOCKET, host, at, at, List.of(notice), false, serverAt)));
        String body = row.path(simple ? "bd" : "body").asText("");
        if (row.path(simple ? "bd" : "body").isTextual() && !body.isBlank()) {
            guarded(() -> listener.body(notice, body));
        }
    }

    private void unreadable(String what) {
        String hidden = keys.hidden(what);
        if (unreadable.isNew(hidden)) {
            log.warn("the notice socket at {}: {}", host, hidden);
            guarded(() -> listener.unreadable(Source.NOTICE_SOCKET, host, hidden));
        }
    }

    private Duration pauseAfter(Failure failure) {
        Duration pause = switch (failure) {
            case Failure.Recoverable _ -> mayBeAtOnce() ? Duration.ZERO : jittered(pauses.failed());
            case Failure.Ban ban -> ban.pause();
            case Failure.Fatal _ -> settings.refused();
        };
        String what = keys.hidden(failure.what());
        boolean isError = failure instanceof Failure.Fatal;
        boolean isNews = saidLast.isEmpty() || (isError && !saidLast.equals(what));
        Level level = !isNews ? Level.DEBUG : isError ? Level.ERROR : Level.WARN;
        log.atLevel(level)
                .log(
                        "the notice socket is not connected, next attempt {}: {}",
                        pause.isZero() ? "at once" : "in " + Nanos.words(pause),
                        what);
        saidLast = what;
        guarded(() -> listener.failed(Source.NOTICE_SOCKET, host, what, pause));
        return pause;
    }

    /// What is published meanwhile is lost, so one that worked is replaced at once; but not over and over.
    private boolean mayBeAtOnce() {
        long now = System.nanoTime();
        boolean mayBe = works && now - atOnceAt >= settings.backoff().getLast().toNanos();
        atOnceAt = mayBe ? now : atOnceAt;
        return mayBe;
    }

    private static Duration jittered(Duration pause) {
        return pause.multipliedBy(ThreadLocalRandom.current().nextInt(80, 121)).dividedBy(100);
    }

    private static void guarded(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            log.error("what the notice socket told was not taken", e);
        }
    }

    /// Hears the connection, on its reader thread.
    private final class Reader implements Wire.Listener {
        private final BlockingQueue<Heard> queue;
        private volatile boolean overflowed;

        Reader(BlockingQueue<Heard> queue) {
            this.queue = queue;
        }

        @Override
        public void message(byte[] bytes, int offset, int length) {
            if (length > MAX_MESSAGE) {
                hand(new Heard.Ended(new Failure.Recoverable(host + " sent a message of " + length + " bytes")));
            } else {
                hand(new Heard.Message(Arrays.copyOfRange(bytes, offset, offset + length), clock.instant()));
            }
        }

        @Override
        public void pong() {
            hand(new Heard.Pong(clock.instant()));
        }

        @Override
        public void ended(Failure failure) {
            queue.offer(new Heard.Ended(failure)); // when there is no room, the next ping says it
        }

        private void hand(Heard heard) {
            try {
                overflowed |= !queue.offer(heard, HAND_OVER.toNanos(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}

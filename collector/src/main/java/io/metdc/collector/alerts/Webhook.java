package io.metdc.collector.alerts;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Posts alerts to one address, each until it is taken: tried again after a failure that may pass, never after it was
/// taken. Each is posted on a virtual thread of its own, so that one that is refused holds up no other. The address is
/// a secret: the log names its host only.
final class Webhook {
    private static final Logger log = LoggerFactory.getLogger(Webhook.class);

    /// Each may hold a connection while a receiver hangs.
    static final int MOST_UNDER_WAY = 100;

    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final int MOST_TRIES = 10;
    private static final int TOO_MANY = 429;

    private final URI address; // without user and password
    private final @Nullable String authorization;
    private final HttpClient client;
    private final Map<Thread, Alert> underWay = new LinkedHashMap<>(); // under its own lock, as what follows
    private boolean isClosed;

    Webhook(URI address, HttpClient client) {
        String user = address.getUserInfo();
        authorization = user == null
                ? null
                : "Basic " + Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8));
        this.address = user == null ? address : URI.create(address.toString().replaceFirst("//[^/?#]*@", "//"));
        this.client = client;
    }

    /// Never waits. When too many are under way, the oldest that is no listing makes room; where all are listings, only
    /// another listing gets any.
    ///
    /// @param settled called when it was taken or given up
    void offer(Alert alert, Runnable settled) {
        synchronized (underWay) {
            if (isClosed || (underWay.size() >= MOST_UNDER_WAY && !hasRoomFor(alert))) {
                log.error("{}: '{}' is left out, {}", host(), alert.id(), isClosed ? "metdc ends" : "too many wait");
                return;
            }
            Thread thread = Thread.ofVirtual().name("webhook").unstarted(() -> run(alert, settled));
            underWay.put(thread, alert);
            thread.start();
        }
    }

    private boolean hasRoomFor(Alert alert) {
        Optional<Thread> other = underWay.entrySet().stream()
                .filter(one -> one.getValue().kind() != Alert.Kind.LISTING)
                .map(Map.Entry::getKey)
                .findFirst();
        if (other.isEmpty() && alert.kind() != Alert.Kind.LISTING) {
            return false;
        }
        Thread leaving = other.orElseGet(() -> underWay.keySet().iterator().next());
        log.warn("{} does not take alerts fast enough: '{}' is left out", host(), idOf(leaving));
        underWay.remove(leaving);
        leaving.interrupt();
        return true;
    }

    private String idOf(Thread thread) {
        return Objects.requireNonNull(underWay.get(thread)).id();
    }

    private void run(Alert alert, Runnable settled) {
        try {
            post(alert);
            settled.run();
        } catch (InterruptedException _) {
            // the end, or it makes room
        } catch (RuntimeException e) {
            log.error(
                    "{}: the alert '{}' is given up ({})",
                    host(),
                    alert.id(),
                    e.getClass().getSimpleName());
        } finally {
            synchronized (underWay) {
                underWay.remove(Thread.currentThread());
                underWay.notifyAll();
            }
        }
    }

    private void post(Alert alert) throws InterruptedException {
        Duration pause = FIRST_PAUSE;
        for (int tries = 1; ; tries++) {
            String trouble;
            Duration told = Duration.ZERO;
            try {
                HttpResponse<InputStream> answer = client.send(request(alert), BodyHandlers.ofInputStream());
                int status = answer.statusCode();
                close(answer.body()); // what was taken is not sent again because the rest of the answer does not come
                if (status >= 200 && status < 300) {
                    log.debug("{} took '{}'", host(), alert.id());
                    return;
                }
                trouble = "answered " + status;
                if (status < 500 && status != TOO_MANY) {
                    log.error("{} {}: the alert '{}' is given up", host(), trouble, alert.id());
                    return;
                }
                told = retryAfter(answer.headers().firstValue("Retry-After").orElse(null));
            } catch (IOException e) {
                trouble = "cannot be reached (" + e.getClass().getSimpleName() + ")"; // its text may have the address
            }
            if (tries == MOST_TRIES) {
                log.error("{} {} {} times: the alert '{}' is given up", host(), trouble, tries, alert.id());
                return;
            }
            if (tries == 1) {
                log.warn("{} {}: the alert '{}' is sent again", host(), trouble, alert.id());
            }
            Thread.sleep(pause(pause, told));
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
        }
    }

    /// What it asks for is granted up to a minute: the alert is of use now.
    static Duration pause(Duration own, Duration told) {
        Duration granted = told.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : told;
        return granted.compareTo(own) > 0 ? granted : own;
    }

    private static void close(InputStream rest) {
        try {
            rest.close();
        } catch (IOException _) {
            // of no interest, as what was in it
        }
    }

    private HttpRequest request(Alert alert) {
        HttpRequest.Builder request = HttpRequest.newBuilder(address)
                .timeout(TIMEOUT)
                .header("Content-Type", "application/json")
                .header("User-Agent", "metdc")
                .header("Idempotency-Key", alert.id())
                .POST(HttpRequest.BodyPublishers.ofString(alert.body().toString()));
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        return request.build();
    }

    private static Duration retryAfter(@Nullable String header) {
        if (header == null) {
            return Duration.ZERO;
        }
        try {
            Duration told = header.matches("\\d{1,6}")
                    ? Duration.ofSeconds(Long.parseLong(header))
                    : Duration.between(
                            Instant.now(),
                            ZonedDateTime.parse(header, DateTimeFormatter.RFC_1123_DATE_TIME)
                                    .toInstant());
            return told.isNegative() ? Duration.ZERO : told;
        } catch (DateTimeException _) {
            return Duration.ZERO;
        }
    }

    private String host() {
        return "the webhook at " + address.getHost();
    }

    /// Waits for what is under way until the deadline, then ends.
    ///
    /// @param deadline a [System#nanoTime()]
    void close(long deadline) {
        synchronized (underWay) {
            isClosed = true;
            try {
                for (long left = deadline - System.nanoTime();
                        left > 0 && !underWay.isEmpty();
                        left = deadline - System.nanoTime()) {
                    TimeUnit.NANOSECONDS.timedWait(underWay, left);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (!underWay.isEmpty()) {
                log.warn("{} alerts are not sent to {}", underWay.size(), host());
            }
            underWay.keySet().forEach(Thread::interrupt);
        }
        client.shutdownNow();
    }
}

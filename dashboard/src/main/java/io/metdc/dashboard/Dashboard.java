package io.metdc.dashboard;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The HTTP end. Where its port is taken it says so, tries again every so often, and is in nobody's way: what collects
/// goes on.
public final class Dashboard implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Dashboard.class);

    private static final Duration AGAIN = Duration.ofSeconds(10);
    private static final int BACKLOG = 50;
    private static final int OK = 200;
    private static final int UNAVAILABLE = 503;
    private static final int LONGEST_BODY = 1_000;
    private static final String JSON = "application/json";
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    private static final String INDEX = """
            metdc
              /health         is the process alive, and does it move? 200 or 503
              /ready          is everything recorded now? 200 or 503, with names and reasons
              /metrics        the same in numbers, for Prometheus
              /api/status     the same as JSON; metdc status shows it
              /api/log-level  how much is logged; PUT sets it: error, warn, info, debug or trace
            """;

    static {
        // The server of the JDK has no limits of its own; these are read when it is loaded. Seconds.
        limit("sun.net.httpserver.maxReqTime", "10");
        limit("sun.net.httpserver.maxRspTime", "30");
        limit("jdk.httpserver.maxConnections", "200");
        limit("sun.net.httpserver.nodelay", "true");
    }

    private final HttpAddress address;
    private final Access access;
    private final Status status;
    private final LogLevel logLevel;
    private final Consumer<Optional<InetSocketAddress>> listens;
    private final Metrics metrics;
    private final ExecutorService requests = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("http-", 0).factory());
    private final Duration again;
    private final Thread opening = Thread.ofVirtual().name("http").unstarted(this::open);
    private volatile @Nullable HttpServer server;

    /// What a request is answered with.
    private record Reply(int code, String type, String body) {}

    /// Opens its port at once where that can be, and later where it cannot.
    ///
    /// @param listens hears where it listens; of nothing where it could not and tries again
    public static Dashboard open(
            HttpAddress address, Status status, LogLevel logLevel, Consumer<Optional<InetSocketAddress>> listens) {
        return open(address, status, logLevel, listens, AGAIN);
    }

    static Dashboard open(
            HttpAddress address,
            Status status,
            LogLevel logLevel,
            Consumer<Optional<InetSocketAddress>> listens,
            Duration again) {
        Dashboard dashboard = new Dashboard(address, status, logLevel, listens, again);
        if (!dashboard.tryToOpen(true)) {
            dashboard.opening.start();
        }
        return dashboard;
    }

    private Dashboard(
            HttpAddress address,
            Status status,
            LogLevel logLevel,
            Consumer<Optional<InetSocketAddress>> listens,
            Duration again) {
        this.address = address;
        this.access = new Access(address);
        this.status = status;
        this.logLevel = logLevel;
        this.listens = listens;
        this.metrics = new Metrics(status);
        this.again = again;
    }

    private static void limit(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    private void open() {
        try {
            do {
                Thread.sleep(again);
            } while (!tryToOpen(false));
        } catch (InterruptedException _) {
            // closed
        }
    }

    private synchronized boolean tryToOpen(boolean isFirst) {
        try {
            HttpServer opened = HttpServer.create(new InetSocketAddress(address.host(), address.port()), BACKLOG);
            opened.setExecutor(requests);
            opened.createContext("/", this::answer);
            opened.start();
            server = opened;
            log.info("status and metrics at http://{}", written(opened.getAddress()));
            listens.accept(Optional.of(opened.getAddress()));
            return true;
        } catch (IOException | RuntimeException e) { // a host that nobody knows is none of the checked ones
            if (isFirst) {
                log.warn(
                        "no status and metrics: http://{} cannot be opened ({}); collecting goes on, and it is tried again"
                                + " every {} s: another program may have the port (http.port), or http.bind is no address of"
                                + " this machine",
                        address,
                        e.getMessage() == null ? e.toString() : e.getMessage(),
                        again.toSeconds());
                listens.accept(Optional.empty());
            }
            return false;
        }
    }

    /// As it is put into an address: `127.0.0.1:8080`, `[::1]:8080`. Where it listens everywhere: where this machine
    /// itself reaches it.
    public static String written(InetSocketAddress address) {
        String host = address.getAddress().isAnyLocalAddress()
                ? "127.0.0.1"
                : address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    /// Where it listens; nothing while it does not.
    public Optional<InetSocketAddress> address() {
        return Optional.ofNullable(server).map(HttpServer::getAddress);
    }

    /// Whoever is being answered is cut off.
    @Override
    public synchronized void close() {
        opening.interrupt();
        HttpServer open = server;
        if (open != null) {
            open.stop(0);
        }
        requests.shutdownNow();
        metrics.close();
    }

    // ---- on a request's thread

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            Reply reply;
            try {
                reply = reply(exchange);
            } catch (RuntimeException e) {
                log.error("{} cannot be answered", exchange.getRequestURI().getPath(), e);
                reply = new Reply(500, JSON, StatusJson.error("see the log"));
            }
            Headers headers = exchange.getResponseHeaders();
            headers.set("Content-Type", reply.type());
            headers.set("Cache-Control", "no-store");
            headers.set("X-Content-Type-Options", "nosniff");
            boolean isHead = exchange.getRequestMethod().equals("HEAD");
            byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(reply.code(), isHead ? -1 : body.length);
            if (!isHead) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    private Reply reply(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        switch (access.check(exchange, "/health".equals(path))) {
            case UNKNOWN -> {
                exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
                return new Reply(401, JSON, StatusJson.error("send http.token: Authorization: Bearer …"));
            }
            case MISDIRECTED -> {
                return new Reply(
                        421,
                        JSON,
                        StatusJson.error("ask under the name in http.bind, or localhost, or set http.token"));
            }
            case NONE -> {}
        }
        String method = exchange.getRequestMethod();
        if ("/api/log-level".equals(path) && method.equals("PUT")) {
            return changeLogLevel(exchange);
        }
        if (!method.equals("GET") && !method.equals("HEAD")) {
            exchange.getResponseHeaders().set("Allow", "/api/log-level".equals(path) ? "GET, HEAD, PUT" : "GET, HEAD");
            return new Reply(405, JSON, StatusJson.error(method + " is nothing that can be done here"));
        }
        return switch (path) {
            case "/" -> new Reply(OK, TEXT, INDEX);
            case "/health" -> health();
            case "/ready" -> {
                Situation situation = status.situation();
                yield new Reply(situation.isReady() ? OK : UNAVAILABLE, JSON, StatusJson.ready(situation));
            }
            case "/metrics" -> new Reply(OK, PROMETHEUS, metrics.scrape());
            case "/api/status" -> new Reply(OK, JSON, StatusJson.status(status.situation(), status.pulse(), pid()));
            case "/api/log-level" -> new Reply(OK, JSON, StatusJson.logLevel(logLevel.current()));
            default -> new Reply(404, JSON, StatusJson.error("there is nothing here; see /"));
        };
    }

    private Reply health() {
        Pulse pulse = status.pulse();
        return new Reply(pulse.isMoving() ? OK : UNAVAILABLE, JSON, StatusJson.health(pulse, pid()));
    }

    /// No other page can send this with a browser: it would have to be allowed first, and nothing here allows it.
    private Reply changeLogLevel(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(LONGEST_BODY);
        String level = new String(body, StandardCharsets.UTF_8)
                .strip()
                .replaceAll("^\\{\\s*\"level\"\\s*:\\s*\"(\\w+)\"\\s*}$", "$1");
        if (!logLevel.change(level)) {
            return new Reply(400, JSON, StatusJson.error("error, warn, info, debug or trace"));
        }
        return new Reply(OK, JSON, StatusJson.logLevel(logLevel.current()));
    }

    private static long pid() {
        return ProcessHandle.current().pid();
    }

    /// For a client: the address of what a service with this configuration serves.
    public static URI uri(HttpAddress address, String path) {
        String host = HttpAddress.withoutBrackets(address.host());
        String reached = host.equals("0.0.0.0") || host.equals("::") ? "127.0.0.1" : host;
        return URI.create(
                "http://" + (reached.contains(":") ? "[" + reached + "]" : reached) + ":" + address.port() + path);
    }
}

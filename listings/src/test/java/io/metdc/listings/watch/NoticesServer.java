package io.metdc.listings.watch;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;

/// An HTTP server on loopback that answers as a test tells it, and as strictly as the documents: a request with an
/// `Origin` gets 403 and counts as a mistake.
final class NoticesServer implements AutoCloseable {
    record Received(String path, Map<String, String> query, Map<String, String> headers, long atNanoTime) {
        String header(String name) {
            return headers.getOrDefault(name, "");
        }
    }

    interface Answers {
        void answer(HttpExchange exchange, Received received) throws IOException, InterruptedException;
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger atOnce = new AtomicInteger();
    final AtomicInteger mostAtOnce = new AtomicInteger();
    final List<Received> received = new CopyOnWriteArrayList<>();
    volatile Answers answers;

    NoticesServer(Answers answers) throws IOException {
        this.answers = answers;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    URI list() {
        return base().resolve("/api/v1/announcements");
    }

    URI base() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private void handle(HttpExchange exchange) throws IOException {
        mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
        try (exchange) {
            Map<String, String> headers = new HashMap<>();
            exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, values.getFirst()));
            Map<String, String> query = new HashMap<>();
            for (String parameter :
                    String.valueOf(exchange.getRequestURI().getRawQuery()).split("&", -1)) {
                String[] parts = parameter.split("=", 2);
                query.merge(parts[0], parts.length > 1 ? parts[1] : "", (a, b) -> a + " and " + b);
            }
            var asked = new Received(exchange.getRequestURI().getPath(), query, headers, System.nanoTime());
            received.add(asked);
            if (headers.containsKey("Origin")) {
                answer(exchange, 403, "no Origin");
            } else {
                answers.answer(exchange, asked);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            atOnce.decrementAndGet();
        }
    }

    static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    static void zipped(HttpExchange exchange, byte[] body) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            gzip.write(body);
        }
        exchange.getResponseHeaders().set("Content-Encoding", "gzip");
        exchange.sendResponseHeaders(200, packed.size());
        exchange.getResponseBody().write(packed.toByteArray());
    }

    /// A page of these notices, each a JSON object.
    static String page(String... notices) {
        return "{\"success\":true,\"data\":{\"total_pages\":9,\"total_count\":180,\"notices\":["
                + String.join(",", notices) + "],\"fixed_notices\":[" + notice(1, "오래된 공지", "2018-01-02T03:04:05+09:00")
                + "]}}";
    }

    static String notice(int id, String title, String listedAt) {
        return "{\"listed_at\":\"" + listedAt + "\",\"first_listed_at\":\"" + listedAt + "\",\"id\":" + id
                + ",\"uuid\":\"" + (900_000_000 + id) + "\",\"title\":\"" + title
                + "\",\"category\":\"거래\",\"need_new_badge\":true,\"need_update_badge\":false}";
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}

package io.metdc.simulator;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// REST of one market on loopback, each request on a virtual thread.
final class RestServer implements AutoCloseable {
    static {
        // Without it the JDK's server lets the second packet of an answer wait 40 ms for the client's acknowledgement.
        if (System.getProperty("sun.net.httpserver.nodelay") == null) {
            System.setProperty("sun.net.httpserver.nodelay", "true");
        }
    }

    private final Venue venue;
    private final HttpServer server;
    private final ExecutorService threads;

    RestServer(Venue venue, int port, @Nullable SSLContext tls) throws IOException {
        this.venue = venue;
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        if (tls == null) {
            server = HttpServer.create(address, 512);
        } else {
            HttpsServer secure = HttpsServer.create(address, 512);
            secure.setHttpsConfigurator(new HttpsConfigurator(tls));
            server = secure;
        }
        threads = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("simulator-" + venue + "-rest-", 1).factory());
        server.setExecutor(threads);
        server.createContext("/", this::handle);
    }

    void start() {
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            HttpAnswer answer = answer(exchange);
            if (answer.status() == 0) {
                return;
            }
            byte[] body = answer.bytes();
            answer.headers().forEach(exchange.getResponseHeaders()::set);
            exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
    }

    private HttpAnswer answer(HttpExchange exchange) {
        URI uri = exchange.getRequestURI();
        Map<String, String> headers = new LinkedHashMap<>();
        exchange.getRequestHeaders()
                .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.getFirst()));
        String query = uri.getRawQuery();
        try {
            return venue.answer(new HttpRequest(
                    exchange.getRequestMethod(),
                    uri.getPath(),
                    HttpRequest.parameters(query == null ? "" : query),
                    headers,
                    exchange.getRemoteAddress().getAddress().getHostAddress(),
                    venue.address().websocket(),
                    venue.nowNanos()));
        } catch (IllegalArgumentException e) {
            return HttpAnswer.html(400, "Bad Request");
        }
    }
}

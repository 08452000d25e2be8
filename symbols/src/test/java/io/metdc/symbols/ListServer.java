package io.metdc.symbols;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.metdc.connectors.Connector;
import io.metdc.connectors.Connectors;
import io.metdc.connectors.FeedException;
import io.metdc.connectors.Network;
import io.metdc.connectors.RestClient;
import io.metdc.market.Market;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;

/// Answers requests for lists of instruments, and asks for them as the collector does.
final class ListServer implements AutoCloseable {
    /// What a market answers.
    interface Answers {
        /// The answer of a market.
        ///
        /// @param request path and query behind the base path
        Answer to(Market market, String request) throws IOException;
    }

    record Answer(int status, String body) {
        static Answer of(byte[] body) {
            return new Answer(200, new String(body, StandardCharsets.UTF_8));
        }
    }

    private final HttpServer server;
    private final Path folder;

    ListServer(Path folder, Answers answers) throws IOException {
        this.folder = folder;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        for (Connector connector : Connectors.all()) {
            String base = "/" + connector.market();
            server.createContext(base + "/", exchange -> answer(exchange, base, connector.market(), answers));
        }
        server.start();
    }

    private static void answer(HttpExchange exchange, String base, Market market, Answers answers) throws IOException {
        try (exchange) {
            String request = exchange.getRequestURI().toString().substring(base.length());
            Answer answer = answers.to(market, request);
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    URI address(Market market) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/" + market);
    }

    /// What a source makes of the answer.
    InstrumentList load(Market market) throws FeedException, InterruptedException {
        Connector connector = Connectors.of(market).orElseThrow();
        try (RestClient rest = new RestClient(connector, address(market), Network.DEFAULT, InstantSource.system())) {
            return new InstrumentSource(
                            connector, rest, address(market), folder, Duration.ofMillis(10), InstantSource.system())
                    .load();
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}

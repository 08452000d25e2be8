package io.metdc.simulator;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;

/// A client of simulated KuCoin that does as the documents say: token, connect, welcome.
record KucoinClient(Client socket) implements AutoCloseable {
    static final Market SPOT = new Market(Exchange.KUCOIN, MarketType.SPOT);
    static final Market FUTURES = new Market(Exchange.KUCOIN, MarketType.FUTURES);

    static JsonNode ticket(Simulator simulator, Market market) throws IOException, InterruptedException {
        return Client.json(post(simulator, market, "/api/v1/bullet-public").body())
                .path("data");
    }

    static HttpResponse<String> post(Simulator simulator, Market market, String path)
            throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create(simulator.address(market).rest() + path))
                    .POST(HttpRequest.BodyPublishers.noBody())
                    .build();
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }

    static URI address(JsonNode ticket) {
        return URI.create(ticket.at("/instanceServers/0/endpoint").asText() + "?token="
                + ticket.path("token").asText() + "&connectId=c-1");
    }

    /// Opened, and greeted in whatever way.
    static KucoinClient open(URI address) throws InterruptedException {
        Client client = Client.open(address);
        await().until(() -> !client.frames.isEmpty());
        return new KucoinClient(client);
    }

    static KucoinClient open(Simulator simulator, Market market) throws IOException, InterruptedException {
        return open(address(ticket(simulator, market)));
    }

    /// Sends a request and waits for its answer, the first frame that is no market data.
    JsonNode ask(String request) {
        return socket.ask(request, frame -> !frame.path("type").asText().equals("message"));
    }

    JsonNode subscribe(String topic) {
        return ask("{'id':7,'type':'subscribe','topic':'" + topic + "','privateChannel':false,'response':true}");
    }

    /// The inner objects of the trade frames.
    List<JsonNode> trades() {
        return socket.frames.stream()
                .map(Client::json)
                .filter(frame -> frame.path("subject").asText().endsWith("match"))
                .map(frame -> frame.get("data"))
                .toList();
    }

    @Override
    public void close() {
        socket.close();
    }
}

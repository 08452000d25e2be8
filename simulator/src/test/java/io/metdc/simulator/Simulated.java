package io.metdc.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import io.metdc.market.Market;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A simulator that runs as long as the tests of a class do.
final class Simulated implements BeforeAllCallback, AfterAllCallback {
    private final SimulatorOptions options;
    private @Nullable Simulator simulator;

    Simulated(SimulatorOptions.Builder options) {
        this.options = options.build();
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        simulator = Simulator.start(options);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        simulator().close();
    }

    Simulator simulator() {
        return Objects.requireNonNull(simulator);
    }

    /// Quotas of a protocol that is tried by itself.
    static Quotas quotas() {
        return new Quotas(SimulatorOptions.defaults(), new Breaches());
    }

    /// A client of the address that the market prints.
    Client open(Market market) throws InterruptedException {
        return Client.open(simulator().address(market).websocket());
    }

    /// A client of another path of the same market.
    Client open(Market market, String path) throws InterruptedException {
        return Client.open(
                URI.create("ws://" + simulator().address(market).websocket().getAuthority() + path));
    }

    HttpResponse<String> get(Market market, String path, String... headers) throws IOException, InterruptedException {
        return Client.get(simulator().address(market).rest(), path, headers);
    }

    JsonNode json(Market market, String path, String... headers) throws IOException, InterruptedException {
        return Client.json(get(market, path, headers).body());
    }

    /// What trades, as the exchange spells it.
    List<String> traded(Market market) {
        return simulator().report(market).instruments().stream()
                .map(Sent.OfInstrument::symbol)
                .toList();
    }

    /// A simulator of one market whose clock stands still, with little REST.
    ///
    /// @param restWeight 0: the exchange's own
    static Simulator strict(Market market, int restWeight, SettableClock clock) throws IOException {
        return Simulator.start(SimulatorOptions.builder()
                .markets(market)
                .rate(100)
                .instruments(2)
                .past(Duration.ofSeconds(20))
                .restWeight(restWeight)
                .clock(clock)
                .build());
    }

    /// Rows by what identifies them.
    static Map<String, JsonNode> by(Function<JsonNode, String> key, Iterable<JsonNode> rows) {
        Map<String, JsonNode> found = new HashMap<>();
        rows.forEach(row -> found.put(key.apply(row), row));
        return found;
    }
}

package io.metdc.simulator;

import static io.metdc.simulator.SimulatorOptions.BINANCE_SPOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.metdc.market.Market;
import io.metdc.market.TakerSide;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class SimulatorTest {
    private static SimulatorOptions.Builder quick() {
        return SimulatorOptions.builder().rate(2_000).instruments(10);
    }

    static URI websocket(Simulator simulator, Market market) {
        URI printed = simulator.address(market).websocket();
        return market.equals(BINANCE_SPOT) ? URI.create(printed + "/stream?timeUnit=MICROSECOND") : printed;
    }

    static String[] allTradeStreams(Simulator simulator, Market market) {
        return simulator.report(market).instruments().stream()
                .map(instrument -> instrument.symbol().toLowerCase(Locale.ROOT) + "@trade")
                .toArray(String[]::new);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void the_report_is_exactly_what_a_client_received(boolean tls) throws Exception {
        try (Simulator simulator = Simulator.start(quick().tls(tls).build())) {
            Map<Market, Client> clients = new HashMap<>();
            for (Market market : simulator.markets()) {
                Address address = simulator.address(market);
                Client client = Client.open(websocket(simulator, market), address.caFile());
                client.subscribe(allTradeStreams(simulator, market));
                clients.put(market, client);
            }
            clients.values().forEach(client -> await().until(() -> client.frames.size() > 1_000));
            assertThat(simulator.stopTrading()).isTrue();

            for (Market market : simulator.markets()) {
                Client client = clients.get(market);
                Sent report = simulator.report(market);
                await().until(() -> client.trades().size() >= report.rows() + report.consumed());
                List<JsonNode> received = client.trades();
                assertThat(report.rows() + report.consumed()).isEqualTo(received.size());
                assertThat(report.distinct()).isEqualTo(report.rows());
                assertThat(report.connections()).singleElement().satisfies(connection -> {
                    assertThat(connection.rows()).isEqualTo(report.rows());
                    assertThat(connection.consumed()).isEqualTo(report.consumed());
                });
                for (Sent.OfInstrument instrument : report.instruments()) {
                    assertSame(
                            market,
                            simulator.trades(market, instrument.symbol()).toList(),
                            received.stream()
                                    .filter(row -> row.get("s").asText().equals(instrument.symbol()))
                                    .toList());
                }
                client.close();
            }
        }
    }

    private static void assertSame(Market market, List<Sent.Trade> sent, List<JsonNode> received) {
        List<String> expected = sent.stream()
                .map(trade -> trade.id() + " " + trade.price().toPlainString() + " "
                        + trade.size().toPlainString() + " " + trade.takerSide() + " " + trade.executedAtNanos() + " "
                        + trade.rpi())
                .toList();
        long unit = market.equals(BINANCE_SPOT) ? 1_000 : 1_000_000;
        List<String> seen = received.stream()
                .filter(row -> !row.has("X")
                        || List.of("MARKET", "RPI").contains(row.get("X").asText()))
                .map(row -> row.get("t").asText() + " " + row.get("p").asText() + " "
                        + row.get("q").asText() + " " + (row.get("m").asBoolean() ? TakerSide.SELL : TakerSide.BUY)
                        + " "
                        + row.get("T").asLong() * unit + " "
                        + row.path("X").asText().equals("RPI"))
                .toList();
        assertThat(seen).isEqualTo(expected);
    }
}

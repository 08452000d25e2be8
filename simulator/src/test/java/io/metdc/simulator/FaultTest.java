package io.metdc.simulator;

import static io.metdc.simulator.SimulatorOptions.BINANCE_FUTURES;
import static io.metdc.simulator.SimulatorOptions.BINANCE_SPOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class FaultTest {
    private Simulator simulator;
    private Client client;

    @BeforeEach
    void start() throws Exception {
        simulator = Simulator.start(
                SimulatorOptions.builder().rate(1_000).instruments(3).build());
        client = connect();
        await().until(() -> client.trades().size() > 5);
    }

    private Client connect() throws Exception {
        return Client.open(
                URI.create(simulator.address(BINANCE_SPOT).websocket() + "/ws/btcusdt@trade?timeUnit=MICROSECOND"));
    }

    @AfterEach
    void stop() {
        client.close();
        simulator.close();
    }

    @Test
    void a_cut_is_a_reset_without_a_close_frame() {
        simulator.inject(Fault.CUT);
        await().until(() -> client.closed);
        assertThat(client.closeCode).isEqualTo(1006);
        assertThat(simulator.report(BINANCE_SPOT).connections().getFirst().cause())
                .isEqualTo("cut");
    }

    @Test
    void a_close_is_orderly() {
        simulator.inject(Fault.CLOSE, BINANCE_FUTURES);
        simulator.inject(Fault.CLOSE, BINANCE_SPOT);
        await().until(() -> client.closed);
        assertThat(client.closeCode).isEqualTo(1001);
    }

    @Test
    void a_mute_exchange_answers_but_sends_no_trade_until_it_is_cleared() {
        simulator.inject(Fault.MUTE);
        client.ask("{\"method\":\"LIST_SUBSCRIPTIONS\",\"id\":1}"); // behind it, nothing is under way any more
        int before = client.trades().size();
        long produced = simulator.report(BINANCE_SPOT).produced();
        await().until(() -> simulator.report(BINANCE_SPOT).produced() > produced + 100);
        client.ask("{\"method\":\"LIST_SUBSCRIPTIONS\",\"id\":2}");
        assertThat(client.trades()).hasSizeLessThanOrEqualTo(before + 5);
        simulator.clear(Fault.MUTE);
        await().until(() -> client.trades().size() > before + 10);
    }

    @Test
    void new_connections_are_reset_while_none_are_accepted() throws Exception {
        simulator.inject(Fault.STOP_ACCEPTING, BINANCE_SPOT);
        Client refused = connect();
        assertThat(refused.isOpen()).isFalse();
        assertThat(client.isOpen()).isTrue();
        simulator.clear(Fault.STOP_ACCEPTING, BINANCE_SPOT);
        Client accepted = connect();
        assertThat(accepted.isOpen()).isTrue();
        accepted.close();
    }

    @Test
    void subscriptions_can_go_without_an_answer() {
        simulator.inject(Fault.NO_ACKNOWLEDGEMENT);
        client.send("{\"method\":\"SUBSCRIBE\",\"params\":[\"ethusdt@trade\"],\"id\":9}");
        int before = client.frames.size();
        await().until(() -> client.frames.size() > before + 50);
        assertThat(client.frames).noneMatch(frame -> frame.contains("result") || frame.contains("ETHUSDT"));
    }

    @Test
    void garbage_comes_between_the_trades_and_the_trades_go_on() {
        simulator.inject(Fault.TRUNCATED_FRAME);
        simulator.inject(Fault.BINARY_FRAME);
        simulator.inject(Fault.HTML_FRAME);
        simulator.inject(Fault.HUGE_FRAME);
        simulator.inject(Fault.NESTED_FRAME);
        await().until(() -> client.frames.stream().anyMatch(frame -> frame.startsWith("[[[[")));
        int before = client.frames.size();
        await().until(() -> client.frames.size() > before + 10);
        assertThat(client.binary)
                .singleElement()
                .satisfies(bytes -> assertThat(bytes.remaining()).isEqualTo(200));
        assertThat(client.frames)
                .anyMatch(frame -> frame.startsWith("{\"stream\":\"btcusdt@trade\"") && !frame.endsWith("}"))
                .anyMatch(frame -> frame.startsWith("<html>"))
                .anyMatch(frame -> frame.length() == 1 << 20)
                .anyMatch(frame -> frame.length() == 200_000);
    }

    @Test
    void duplicates_are_sent_twice_and_counted_twice() throws Exception {
        simulator.inject(Fault.DUPLICATE);
        await().until(() -> client.frames.size() > 200);
        simulator.stopTrading();
        Sent report = simulator.report(BINANCE_SPOT);
        await().until(() -> client.trades().size() == report.rows());
        Set<Long> ids = new HashSet<>();
        client.trades().forEach(trade -> ids.add(trade.get("t").asLong()));
        assertThat(report.distinct()).isEqualTo(ids.size()).isLessThan(report.rows() - 50);
        assertThat(simulator.trades(BINANCE_SPOT, "BTCUSDT")).hasSize(ids.size());
    }

    @Test
    void a_hole_is_missing_on_every_stream_and_is_in_rest() throws Exception {
        Client other = connect();
        simulator.inject(Fault.HOLE);
        int before = client.trades().size();
        await().until(() -> client.trades().size() > before + 100);
        simulator.stopTrading();
        List<Long> missing = missing(client.trades());
        assertThat(missing).hasSize(Fault.HOLE_LENGTH);
        await().until(() -> other.trades()
                .getLast()
                .get("t")
                .equals(client.trades().getLast().get("t")));
        assertThat(missing(other.trades())).isSubsetOf(missing);
        JsonNode rows = Client.json(Client.get(
                        simulator.address(BINANCE_SPOT).rest(),
                        "/api/v3/historicalTrades?symbol=BTCUSDT&limit=3&fromId=" + missing.getFirst())
                .body());
        List<Long> found = new ArrayList<>();
        rows.forEach(row -> found.add(row.get("id").asLong()));
        assertThat(found).isEqualTo(missing);
        assertThat(simulator
                        .trades(BINANCE_SPOT, "BTCUSDT")
                        .map(trade -> trade.id().number()))
                .doesNotContainAnyElementsOf(missing);
        other.close();
    }

    private static List<Long> missing(List<JsonNode> trades) {
        List<Long> missing = new ArrayList<>();
        for (int i = 1; i < trades.size(); i++) {
            for (long id = trades.get(i - 1).get("t").asLong() + 1;
                    id < trades.get(i).get("t").asLong();
                    id++) {
                missing.add(id);
            }
        }
        return missing;
    }

    @Test
    void one_row_has_a_time_in_1970_and_rest_knows_better() throws Exception {
        client.subscribe("ethusdt@trade", "solusdt@trade");
        simulator.inject(Fault.IMPLAUSIBLE_ROW, BINANCE_SPOT);
        JsonNode row = await().until(
                        () -> client.trades().stream()
                                .filter(trade -> trade.get("T").asLong() < 1_000_000_000_000L)
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
        JsonNode byRest = Client.json(Client.get(
                        simulator.address(BINANCE_SPOT).rest(),
                        "/api/v3/historicalTrades?limit=1&symbol="
                                + row.get("s").asText() + "&fromId=" + row.get("t"))
                .body());
        assertThat(byRest.get(0).get("id")).isEqualTo(row.get("t"));
        assertThat(byRest.get(0).get("time").asLong()).isGreaterThan(1_000_000_000_000L);
    }

    @Test
    void a_flood_is_twenty_mebibytes_of_no_trades() {
        simulator.inject(Fault.FLOOD);
        await().until(() -> client.frames.stream()
                        .filter(frame -> frame.contains("24hrMiniTicker"))
                        .mapToLong(String::length)
                        .sum()
                > 19L << 20);
    }

    @ParameterizedTest
    @CsvSource({"REST_429, 429", "REST_418, 418", "REST_451, 451", "REST_403, 403", "REST_503, 503"})
    void rest_refuses_until_the_fault_is_cleared(Fault fault, int status) throws Exception {
        URI rest = simulator.address(BINANCE_FUTURES).rest();
        simulator.inject(fault);
        HttpResponse<String> answer = Client.get(rest, "/fapi/v1/exchangeInfo");
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Retry-After").isPresent()).isEqualTo(status == 429 || status == 418);
        simulator.clear(fault);
        assertThat(Client.get(rest, "/fapi/v1/exchangeInfo").statusCode()).isEqualTo(200);
    }

    @Test
    void lists_can_be_halved_or_empty() throws Exception {
        URI rest = simulator.address(BINANCE_SPOT).rest();
        int whole = Client.json(Client.get(rest, "/api/v3/exchangeInfo").body())
                .get("symbols")
                .size();
        simulator.inject(Fault.REST_HALF);
        assertThat(Client.json(Client.get(rest, "/api/v3/exchangeInfo").body()).get("symbols"))
                .hasSize(whole / 2);
        simulator.inject(Fault.REST_EMPTY);
        assertThat(Client.json(Client.get(rest, "/api/v3/exchangeInfo").body()).get("symbols"))
                .isEmpty();
        assertThat(Client.get(rest, "/api/v3/trades?symbol=BTCUSDT").body()).isEqualTo("[]");
    }

    @Test
    void every_fault_has_a_name_for_the_command_line() {
        for (Fault fault : Fault.values()) {
            assertThat(Fault.of(fault.id())).contains(fault);
            assertThat(fault.id()).matches("[a-z0-9-]+");
        }
        assertThat(Fault.of("no-such-fault")).isEmpty();
    }
}

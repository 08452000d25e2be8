package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import org.assertj.core.groups.Tuple;
import org.java_websocket.WebSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Two connections a shard, at an exchange that does not treat them alike.
@Timeout(120)
class PoolTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Market MARKET = new Market(Exchange.PHEMEX, MarketType.SPOT);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int NO_ROOM = 6015;
    private static final int UNKNOWN_SYMBOL = 6001;
    private static final int OK = 0;

    @TempDir
    private Path folder;

    /// What each connection subscribed, in the order in which they came.
    private final Map<WebSocket, Set<String>> carried = new ConcurrentHashMap<>();

    private final List<WebSocket> connections = new CopyOnWriteArrayList<>();

    /// By the place of a connection among all, and a symbol: an error, or [#OK].
    private volatile BiFunction<Integer, String, Integer> verdict = (_, _) -> OK;

    private ExchangeThatObeys exchange;
    private Simulator simulator; // of the list of instruments

    @BeforeEach
    void start() throws Exception {
        exchange = ExchangeThatObeys.start(this::answer, () -> false);
        simulator = Simulator.start(
                SimulatorOptions.builder().markets(MARKET).instruments(8).build());
    }

    @AfterEach
    void stop() throws Exception {
        simulator.close();
        exchange.stop(500);
    }

    private Rehearsed collect() throws Exception {
        return new Rehearsed(
                simulator,
                folder,
                "exchanges.phemex.spot.websocket_url=" + exchange.address(),
                "exchanges.phemex.spot.connections_per_shard=2");
    }

    private void answer(WebSocket socket, String message) {
        JsonNode request;
        try {
            request = JSON.readTree(message);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
        String id = request.path("id").asText();
        if (!request.path("method").asText().equals("trade.subscribe")) {
            socket.send("{\"error\":null,\"id\":" + id + ",\"result\":\"pong\"}");
            return;
        }
        if (!connections.contains(socket)) {
            connections.add(socket);
            carried.put(socket, new ConcurrentSkipListSet<>());
        }
        String symbol = request.path("params").path(0).asText();
        int error = verdict.apply(connections.indexOf(socket), symbol);
        if (error == OK) {
            carried.get(socket).add(symbol);
            socket.send("{\"error\":null,\"id\":" + id + ",\"result\":{\"status\":\"success\"}}");
        } else {
            socket.send("{\"error\":{\"code\":" + error + ",\"message\":\"no\"},\"id\":" + id + ",\"result\":null}");
        }
    }

    private Set<String> carriedBy(int connection) {
        return connections.size() > connection ? carried.get(connections.get(connection)) : Set.of();
    }

    private static List<WorkerStatus> workers(Rehearsed metdc) {
        return metdc.collector.status().markets().getFirst().workers();
    }

    @Test
    void what_finds_no_room_on_one_of_two_connections_gets_both_of_another_shard_and_once() throws Exception {
        verdict = (connection, _) -> connection == 1 && carriedBy(1).size() == 5 ? NO_ROOM : OK;
        try (Rehearsed metdc = collect()) {
            await().atMost(LONG)
                    .until(() -> carriedBy(2).size() == 3 && carriedBy(3).size() == 3);

            assertThat(carriedBy(0)).hasSize(8);
            assertThat(carriedBy(1)).hasSize(5);
            assertThat(carriedBy(2)).doesNotContainAnyElementsOf(carriedBy(1)).isEqualTo(carriedBy(3));
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(workers(metdc))
                            .extracting(WorkerStatus::name, WorkerStatus::instruments, WorkerStatus::state)
                            .containsExactly(
                                    tuple("phemex-spot-1", 5),
                                    tuple("phemex-spot-1b", 5),
                                    tuple("phemex-spot-2", 3),
                                    tuple("phemex-spot-2b", 3)));
            assertThat(connections).hasSize(4);
            assertThat(metdc.collector.status().inWords()).contains(" · 0/8 instruments delivering or quiet");
        }
    }

    @Test
    void what_finds_room_on_neither_of_two_connections_is_moved_once() throws Exception {
        verdict = (connection, _) -> connection < 2 && carriedBy(connection).size() == 5 ? NO_ROOM : OK;
        try (Rehearsed metdc = collect()) {
            await().atMost(LONG)
                    .until(() -> carriedBy(2).size() == 3 && carriedBy(3).size() == 3);

            assertThat(carriedBy(0)).isEqualTo(carriedBy(1)).hasSize(5);
            assertThat(workers(metdc)).hasSize(4);
        }
    }

    @Test
    void what_one_connection_is_refused_stays_on_the_other_and_disturbs_no_neighbour() throws Exception {
        String symbol = simulator.report(MARKET).instruments().getFirst().symbol();
        verdict = (connection, asked) -> connection == 1 && asked.equals(symbol) ? UNKNOWN_SYMBOL : OK;
        try (Rehearsed metdc = collect()) {
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(workers(metdc))
                            .extracting(WorkerStatus::name, WorkerStatus::refused, WorkerStatus::state)
                            .containsExactly(tuple("phemex-spot-1", 0), tuple("phemex-spot-1b", 1)));
            assertThat(carriedBy(0)).hasSize(8);
            assertThat(carriedBy(1)).hasSize(7).doesNotContain(symbol);
            assertThat(workers(metdc)).allMatch(worker -> worker.connects() == 1);
        }
    }

    private static Tuple tuple(String name, int count) {
        return Tuple.tuple(name, count, WorkerStatus.State.SUBSCRIBING);
    }
}

package io.metdc.simulator;

import static io.metdc.simulator.SimulatorOptions.BINANCE_FUTURES;
import static io.metdc.simulator.SimulatorOptions.BINANCE_SPOT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.metdc.market.Nanos;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A pump as a client sees it.
@Timeout(60)
class AnnouncementTest {
    private static final String COIN = "SKYN";

    /// Binance spot moves first, and is soon at its peak.
    private static long seed() {
        return LongStream.iterate(1, seed -> seed + 1)
                .filter(seed -> {
                    Announcement.Plan first = Announcement.Plan.of(COIN, seed).getFirst();
                    return first.market().equals(BINANCE_SPOT) && first.rise().compareTo(Duration.ofSeconds(3)) < 0;
                })
                .findFirst()
                .orElseThrow();
    }

    @Test
    void the_pump_begins_when_it_was_planted_and_is_the_same_on_the_stream_by_rest_and_on_the_tape() throws Exception {
        try (Simulator simulator = Simulator.start(SimulatorOptions.builder()
                .markets(BINANCE_SPOT, BINANCE_FUTURES, Simulator.KRW)
                .rate(1_500)
                .instruments(6)
                .listing(COIN)
                .seed(seed())
                .build())) {
            Client client = Client.open(URI.create(
                    simulator.address(BINANCE_SPOT).websocket() + "/ws/skynusdt@trade?timeUnit=MICROSECOND"));
            await().until(() -> client.frames.size() > 50);
            Announcement announcement = simulator.announce(COIN);
            Announcement.Planted planted = announcement.planted().getFirst();
            assertThat(planted.market()).isEqualTo(BINANCE_SPOT);
            long start = Nanos.of(announcement.t0().plus(planted.delay()));
            long peak = start + planted.rise().toNanos();
            await().atMost(Duration.ofSeconds(20)).until(() -> Nanos.of(Instant.now()) > peak + Nanos.PER_SECOND);
            simulator.stopTrading();
            List<JsonNode> heard = client.trades();
            Map<Long, JsonNode> byRest = new HashMap<>();
            Client.json(Client.get(simulator.address(BINANCE_SPOT).rest(), "/api/v3/trades?symbol=SKYNUSDT&limit=1000")
                            .body())
                    .forEach(row -> byRest.put(row.path("id").asLong(), row));

            List<Sent.Trade> tape = simulator.trades(BINANCE_SPOT, "SKYNUSDT").toList();
            assertThat(tape).hasSameSizeAs(heard);
            double before = mean(tape, start - Nanos.PER_SECOND, start);
            int found = 0;
            for (int i = 0; i < tape.size(); i++) {
                JsonNode frame = heard.get(i);
                Sent.Trade trade = tape.get(i);
                assertThat(frame.path("t").asLong())
                        .isEqualTo(heard.getFirst().path("t").asLong() + i);
                assertThat(new BigDecimal(frame.path("p").asText())).isEqualTo(trade.price());
                assertThat(frame.path("T").asLong()).isEqualTo(trade.executedAtNanos() / Nanos.PER_MICRO);
                JsonNode row = byRest.get(frame.path("t").asLong());
                if (row != null) {
                    found++;
                    assertThat(row.path("price")).isEqualTo(frame.path("p"));
                }
                if (trade.executedAtNanos() < start) {
                    assertThat(trade.price().doubleValue() / before).isCloseTo(1, within(0.005));
                } else if (trade.executedAtNanos() > start + planted.rise().toNanos() / 10) {
                    assertThat(trade.price().doubleValue() / before).isGreaterThan(1.01);
                }
            }
            assertThat(found).isGreaterThan(200);
            assertThat(mean(tape, peak, peak + Nanos.PER_SECOND) / before)
                    .isCloseTo(1 + planted.move().doubleValue(), within(0.02));
            client.close();
        }
    }

    private static double mean(List<Sent.Trade> tape, long fromNanos, long toNanos) {
        return tape.stream()
                .filter(trade -> trade.executedAtNanos() >= fromNanos && trade.executedAtNanos() < toNanos)
                .mapToDouble(trade -> trade.price().doubleValue())
                .average()
                .orElseThrow();
    }
}

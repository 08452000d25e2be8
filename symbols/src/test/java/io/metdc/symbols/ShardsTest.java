package io.metdc.symbols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShardsTest {
    @Test
    void every_instrument_is_in_exactly_one_shard_and_no_shard_is_too_large() {
        for (int count = 1; count < 60; count++) {
            for (int limit = 1; limit < 20; limit++) {
                List<Instrument> all = instruments(count);
                List<List<Instrument>> shards = Shards.cut(all, limit);

                assertThat(shards).hasSize(Math.ceilDiv(count, limit));
                assertThat(shards.stream().flatMap(List::stream)).containsExactlyElementsOf(all);
                int largest = shards.stream().mapToInt(List::size).max().orElseThrow();
                int smallest = shards.stream().mapToInt(List::size).min().orElseThrow();
                assertThat(largest).isLessThanOrEqualTo(limit);
                assertThat(largest - smallest).isLessThanOrEqualTo(1);
            }
        }
    }

    @Test
    void a_connection_for_no_instrument_is_refused() {
        assertThatThrownBy(() -> Shards.cut(instruments(3), 0)).hasMessageContaining("at least one");
    }

    private static List<Instrument> instruments(int count) {
        Market market = new Market(Exchange.BINANCE, MarketType.SPOT);
        return IntStream.range(0, count)
                .mapToObj(i -> Instrument.of(market, "C" + i + "USDT", "C" + i, "USDT"))
                .toList();
    }
}

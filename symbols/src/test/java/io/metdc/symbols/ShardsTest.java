package io.metdc.symbols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShardsTest {
    @Test
    void every_instrument_is_in_exactly_one_shard_and_no_shard_is_too_large() {
        for (int count = 1; count < 60; count++) {
            for (int limit = 1; limit < 20; limit++) {
                List<Instrument> all = instruments(count);
                List<List<Instrument>> shards = Shards.cut(all, limit, _ -> 1);

                assertThat(shards).hasSize(Math.ceilDiv(count, limit));
                assertThat(shards.stream().flatMap(List::stream)).containsExactlyInAnyOrderElementsOf(all);
                int largest = shards.stream().mapToInt(List::size).max().orElseThrow();
                int smallest = shards.stream().mapToInt(List::size).min().orElseThrow();
                assertThat(largest).isLessThanOrEqualTo(limit);
                assertThat(largest - smallest).isLessThanOrEqualTo(1);
            }
        }
    }

    @Test
    void the_busiest_do_not_share_a_connection() {
        List<Instrument> all = instruments(60);
        Map<String, Double> rates = Map.of("C7USDT", 900.0, "C8USDT", 800.0, "C9USDT", 700.0, "C10USDT", 300.0);
        List<List<Instrument>> shards = Shards.cut(all, 20, one -> rates.getOrDefault(one.symbol(), 1.0));

        assertThat(shards).hasSize(3).allMatch(shard -> shard.size() == 20);
        assertThat(shards.stream()
                        .map(shard -> shard.stream()
                                .map(Instrument::symbol)
                                .filter(rates::containsKey)
                                .toList()))
                .containsExactlyInAnyOrder(List.of("C7USDT"), List.of("C8USDT"), List.of("C10USDT", "C9USDT"));
    }

    @Test
    void equal_lists_are_cut_alike_whatever_their_order() {
        List<Instrument> all = instruments(50);
        assertThat(Shards.cut(all.reversed(), 7, _ -> 1)).isEqualTo(Shards.cut(all, 7, _ -> 1));
    }

    @Test
    void a_connection_for_no_instrument_is_refused() {
        assertThatThrownBy(() -> Shards.cut(instruments(3), 0, _ -> 1)).hasMessageContaining("at least one");
    }

    private static List<Instrument> instruments(int count) {
        Market market = new Market(Exchange.BINANCE, MarketType.SPOT);
        return IntStream.range(0, count)
                .mapToObj(i -> Instrument.of(market, "C" + i + "USDT", "C" + i, "USDT"))
                .toList();
    }
}

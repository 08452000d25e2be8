package io.metdc.symbols;

import io.metdc.market.Instrument;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// Cuts a market's instruments into the shares of its connections.
public final class Shards {
    private Shards() {}

    /// As few shards as the limit allows, with as much trade on each as can be: the busiest instrument goes first, each
    /// to the shard that has the least to do and room. Equal inputs give equal shards.
    ///
    /// @param perConnection how many instruments one connection carries, at least 1
    /// @param rate          how much an instrument is expected to be traded, in any unit; what is not known counts
    ///                      alike
    public static List<List<Instrument>> cut(
            List<Instrument> instruments, int perConnection, ToDoubleFunction<Instrument> rate) {
        if (perConnection < 1) {
            throw new IllegalArgumentException("a connection carries at least one instrument, not " + perConnection);
        }
        List<Shard> shards = new ArrayList<>();
        for (int i = 0; i < Math.ceilDiv(instruments.size(), perConnection); i++) {
            shards.add(new Shard());
        }
        int even = shards.isEmpty() ? 0 : Math.ceilDiv(instruments.size(), shards.size());
        Map<Instrument, Double> rates = new HashMap<>(); // as they are now: they may change while they are compared
        instruments.forEach(instrument -> rates.put(instrument, rate.applyAsDouble(instrument)));
        List<Instrument> busiestFirst = new ArrayList<>(instruments);
        busiestFirst.sort(Comparator.<Instrument>comparingDouble(one -> rates.getOrDefault(one, 0.0))
                .reversed()
                .thenComparing(Instrument::symbol));
        for (Instrument instrument : busiestFirst) {
            Shard least = shards.stream()
                    .filter(shard -> shard.instruments.size() < even)
                    .min(Comparator.comparingDouble((Shard shard) -> shard.rate)
                            .thenComparingInt(shard -> shard.instruments.size()))
                    .orElseThrow();
            least.instruments.add(instrument);
            least.rate += rates.getOrDefault(instrument, 0.0);
        }
        return shards.stream()
                .map(shard -> shard.instruments.stream()
                        .sorted(Comparator.comparing(Instrument::symbol))
                        .toList())
                .toList();
    }

    private static final class Shard {
        final List<Instrument> instruments = new ArrayList<>();
        double rate;
    }
}

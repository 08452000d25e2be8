package io.metdc.collector;

import io.metdc.market.Instrument;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// How well what is to be recorded is recorded, told from trades alone: of all instruments asked for, how many deliver
/// or are proven to be quiet. No open socket, acknowledgement or heartbeat counts for anything.
///
/// @param asked        that are to be collected
/// @param acknowledged by the exchange, on each connection that is to carry them
/// @param delivering   whose trades come, in their own rhythm
/// @param quiet        that do not trade: REST confirms it
/// @param silent       that trade, as REST says, and give nothing
/// @param markets      how many there are
/// @param blind        those of them of which nothing is asked, since nobody knows what there is
/// @param troubled     the first of those that are neither delivering nor quiet, worst first
record Health(
        int asked,
        int acknowledged,
        int delivering,
        int quiet,
        int silent,
        int markets,
        int blind,
        List<Sick> troubled) {
    private static final int NAMED = 20;

    /// A market of which nothing is known.
    static final Health NOTHING = new Health(0, 0, 0, 0, 0, 1, 1, List.of());

    Health {
        troubled = List.copyOf(troubled);
    }

    /// An instrument that is neither delivering nor quiet.
    record Sick(Instrument instrument, Truth truth) {
        @Override
        public String toString() {
            return instrument + " " + truth.inWords();
        }
    }

    /// What is known of an instrument, the worst first.
    enum Truth {
        /// It trades, as REST says, and its stream gives nothing.
        SILENT,
        /// It is to be collected; the exchange has not acknowledged it.
        ASKED,
        /// The exchange has acknowledged it, and no more is known: it gives nothing, and REST was not heard.
        UNPROVEN,
        /// It does not trade, as REST confirms.
        QUIET,
        /// Its trades come.
        DELIVERING;

        String inWords() {
            return switch (this) {
                case SILENT -> "is silent";
                case ASKED -> "is not acknowledged";
                case UNPROVEN -> "gives nothing yet";
                case QUIET -> "is quiet";
                case DELIVERING -> "delivers";
            };
        }
    }

    /// From 0.00, nothing is recorded, to 1.00, all of it is. A market of which nothing is known counts as one that
    /// is not recorded.
    double value() {
        double recorded = asked == 0 ? 0 : (double) (delivering + quiet) / asked * (markets - blind) / markets;
        return Math.floor(recorded * 100) / 100;
    }

    /// Of several markets.
    static Health of(List<Health> parts) {
        List<Sick> troubled = new ArrayList<>();
        parts.forEach(part -> troubled.addAll(part.troubled));
        troubled.sort((one, other) -> one.truth().compareTo(other.truth()));
        return new Health(
                parts.stream().mapToInt(Health::asked).sum(),
                parts.stream().mapToInt(Health::acknowledged).sum(),
                parts.stream().mapToInt(Health::delivering).sum(),
                parts.stream().mapToInt(Health::quiet).sum(),
                parts.stream().mapToInt(Health::silent).sum(),
                parts.stream().mapToInt(Health::markets).sum(),
                parts.stream().mapToInt(Health::blind).sum(),
                troubled.size() > NAMED ? troubled.subList(0, NAMED) : troubled);
    }

    /// Counts instruments one by one.
    static final class Count {
        private final Map<Truth, Integer> counts = new EnumMap<>(Truth.class);
        private final List<Sick> troubled = new ArrayList<>();

        void add(Instrument instrument, Truth truth) {
            counts.merge(truth, 1, Integer::sum);
            if (truth.compareTo(Truth.QUIET) < 0) {
                troubled.add(new Sick(instrument, truth));
            }
        }

        private int count(Truth truth) {
            return counts.getOrDefault(truth, 0);
        }

        Health health() {
            int asked = counts.values().stream().mapToInt(Integer::intValue).sum();
            return Health.of(List.of(new Health(
                    asked,
                    asked - count(Truth.ASKED),
                    count(Truth.DELIVERING),
                    count(Truth.QUIET),
                    count(Truth.SILENT),
                    1,
                    asked == 0 ? 1 : 0,
                    troubled)));
        }
    }
}

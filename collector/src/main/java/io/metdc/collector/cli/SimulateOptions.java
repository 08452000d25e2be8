package io.metdc.collector.cli;

import io.metdc.market.Market;
import io.metdc.simulator.Fault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What `simulate` is asked to do.
///
/// @param rate       trades a second, all markets together
/// @param seed       the same seed gives the same trades
/// @param tls        wss and https, with a certificate made for the occasion
/// @param configOut  where to write the configuration that points `run` here, absolute; null for nowhere
/// @param json       what was sent, at the end, as JSON
/// @param closeAfter how old a connection gets before the simulated exchange closes it; null for the
///                   exchange's own limit
/// @param faults     what goes wrong
public record SimulateOptions(
        int rate,
        long seed,
        boolean tls,
        @Nullable Path configOut,
        boolean json,
        @Nullable Duration closeAfter,
        List<Planted> faults) {

    /// Something that goes wrong.
    ///
    /// @param market where; null for everywhere
    public record Planted(Fault fault, @Nullable Market market) {}

    public SimulateOptions {
        faults = List.copyOf(faults);
        if (rate < 1 || (closeAfter != null && !closeAfter.isPositive())) {
            throw new IllegalArgumentException(rate + " trades a second, closed after " + closeAfter);
        }
    }
}

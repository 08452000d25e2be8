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
/// @param listing    the coin that is to be listed; null for none
public record SimulateOptions(
        int rate,
        long seed,
        boolean tls,
        @Nullable Path configOut,
        boolean json,
        @Nullable Duration closeAfter,
        List<Planted> faults,
        @Nullable Listing listing) {

    /// Something that goes wrong.
    ///
    /// @param market where; null for everywhere
    public record Planted(Fault fault, @Nullable Market market) {}

    /// A coin that trades on every market but Upbit's.
    ///
    /// @param announceAfter from the start until Upbit announces it; null for never
    /// @param openAfter     from the notice until Upbit trades it; null for never
    public record Listing(
            String coin,
            @Nullable Duration announceAfter,
            @Nullable Duration openAfter) {
        public Listing {
            if (openAfter != null && announceAfter == null) {
                throw new IllegalArgumentException(coin + " would open without a notice");
            }
        }
    }

    public SimulateOptions {
        faults = List.copyOf(faults);
        if (rate < 1 || (closeAfter != null && !closeAfter.isPositive())) {
            throw new IllegalArgumentException(rate + " trades a second, closed after " + closeAfter);
        }
    }
}

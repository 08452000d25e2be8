package io.metdc.collector.cli;

import io.metdc.market.Market;
import io.metdc.simulator.Fault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
/// @param scale      how much there is, and how much of it a client may use
/// @param changes    what comes and goes while it runs; null for nothing
public record SimulateOptions(
        int rate,
        long seed,
        boolean tls,
        @Nullable Path configOut,
        boolean json,
        @Nullable Duration closeAfter,
        List<Planted> faults,
        @Nullable Listing listing,
        Scale scale,
        @Nullable Changes changes) {

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

    /// How much there is, and how much of it a client may use.
    ///
    /// @param instruments   how many trade on each market
    /// @param instrumentsOf how many trade on these markets instead
    /// @param connects      how often a client may connect in five minutes; 0 for each exchange's own quota
    /// @param connections   how many connections it may hold; 0 for each exchange's own quota
    /// @param restWeight    how much REST weight it may use; 0 for each exchange's own quota
    public record Scale(
            int instruments, Map<Market, Integer> instrumentsOf, int connects, int connections, int restWeight) {
        public static final int DEFAULT_INSTRUMENTS = 40;
        public static final Scale DEFAULT = new Scale(DEFAULT_INSTRUMENTS, Map.of(), 0, 0, 0);

        public Scale {
            instrumentsOf = Map.copyOf(instrumentsOf);
        }
    }

    /// Instruments that come and go.
    ///
    /// @param after    from the start
    /// @param listed   how many come, on all markets but Upbit's
    /// @param delisted how many go
    /// @param renamed  how many get another name
    public record Changes(Duration after, int listed, int delisted, int renamed) {
        public Changes {
            if (after.isNegative() || listed < 0 || delisted < 0 || renamed < 0) {
                throw new IllegalArgumentException("changes of " + listed + ", " + delisted + " and " + renamed);
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

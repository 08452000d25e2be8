package io.metdc.collector.cli;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What `rehearse` is asked to do.
///
/// @param listing  the coin that is announced in mid-run; null for none
/// @param rate     trades a second, all markets together
/// @param seed     the same seed gives the same trades
/// @param keep     leave what was recorded where it is
/// @param json     the result as one JSON object instead of a table
/// @param database the address of a server to use in place of an embedded one
public record RehearseOptions(
        Duration duration,
        @Nullable String listing,
        int rate,
        long seed,
        boolean keep,
        boolean json,
        @Nullable String database) {
    public RehearseOptions {
        if (!duration.isPositive() || rate < 1) {
            throw new IllegalArgumentException(rate + " trades a second for " + duration);
        }
    }
}

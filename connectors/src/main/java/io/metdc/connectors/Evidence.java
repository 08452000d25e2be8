package io.metdc.connectors;

import java.time.Duration;

/// What proves that no trade of a market is missing, and how the same trade is recognised when it comes again.
public sealed interface Evidence {
    /// Each trade carries the number after that of the last one. A number still missing after `patience` since a
    /// higher one came is a hole, exactly known.
    record ByIds(Duration patience) implements Evidence {}

    /// Numbers prove nothing: a connection that delivered without a break is the proof, and every break is a
    /// suspect interval.
    ///
    /// @param idsRise whether ids are numbers that rise in time, so that a higher one is surely new
    /// @param repeats how many trades of an instrument may come again at once, as the past that is sent on
    ///                subscribing: to recognise them, more ids than these must be remembered
    record ByUnbrokenConnection(boolean idsRise, int repeats) implements Evidence {
        public ByUnbrokenConnection(boolean idsRise) {
            this(idsRise, 0);
        }
    }
}

package io.metdc.completeness;

import io.metdc.connectors.Evidence;
import io.metdc.market.Consumed;
import io.metdc.market.Trade;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/// Recognises the trades of one instrument that come again: by another connection, a snapshot, a refill. It
/// forgets what is long past, and then says so, rather than to take a new trade for an old one. Used by the
/// journal thread.
///
/// A row is looked up with `check`, journaled, and only then marked with `seen`, so that what could not be
/// journaled is still new when it comes again.
sealed interface RepeatFilter permits ContiguousFilter, RecentFilter {
    /// A filter that knows nothing yet.
    ///
    /// @param recentIds how many ids are remembered at least where they prove nothing by themselves
    static RepeatFilter of(Evidence evidence, int recentIds) {
        return switch (evidence) {
            case Evidence.ByIds byIds -> new ContiguousFilter(byIds.patience());
            case Evidence.ByUnbrokenConnection unbroken ->
                new RecentFilter(unbroken.idsRise(), Math.max(recentIds, bound(unbroken.repeats())));
        };
    }

    /// Room for all that may come again at once, and for as much again: while it comes, new trades do, too, and
    /// when the first of it is forgotten, so is each one after it just before it comes.
    private static int bound(int repeats) {
        return 2 * Integer.highestOneBit(2 * repeats);
    }

    Verdict check(Trade trade);

    Verdict check(Consumed consumed);

    /// The trade is journaled.
    ///
    /// @param ticks the present [System#nanoTime()]
    /// @return whether it was missing from a hole that was already reported
    boolean seen(Trade trade, long ticks);

    /// As [#seen(Trade, long)].
    boolean seen(Consumed consumed, long ticks);

    void save(DataOutputStream out) throws IOException;

    /// Takes over what [#save] of a filter of the same kind wrote.
    void restore(DataInputStream in) throws IOException;
}

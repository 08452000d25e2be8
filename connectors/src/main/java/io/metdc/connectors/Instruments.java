package io.metdc.connectors;

import io.metdc.market.Instrument;
import org.jspecify.annotations.Nullable;

/// Finds the instrument that a symbol on the wire means. Called for every trade, by several threads at once.
public interface Instruments {
    /// The instrument of this symbol, or null when it is not collected.
    @Nullable
    Instrument find(char[] text, int offset, int length);
}

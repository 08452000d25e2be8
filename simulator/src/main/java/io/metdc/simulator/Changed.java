package io.metdc.simulator;

import io.metdc.market.Market;
import java.util.List;

/// What [Simulator#change] changed, in the order in which it did.
public record Changed(List<Traded> listed, List<Traded> delisted, List<Renamed> renamed) {
    public Changed {
        listed = List.copyOf(listed);
        delisted = List.copyOf(delisted);
        renamed = List.copyOf(renamed);
    }

    /// An instrument.
    public record Traded(Market market, String symbol) {}

    /// An instrument whose coin has another name.
    ///
    /// @param symbol from now on; KuCoin's pairs keep theirs
    public record Renamed(Market market, String before, String symbol) {}
}

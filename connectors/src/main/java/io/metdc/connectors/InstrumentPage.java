package io.metdc.connectors;

import io.metdc.market.Instrument;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One page of an exchange's list of instruments, each with the decision of the selection rules.
///
/// @param next the request for the next page, or null when this was the last
public record InstrumentPage(
        List<Listing> listings, @Nullable RestRequest next) {

    /// One row of the list.
    ///
    /// @param symbol     as the exchange writes it
    /// @param instrument null when the row is not collected
    /// @param dropped    why not: the rule that does not hold, `status BREAK`; "" when it is collected
    public record Listing(String symbol, @Nullable Instrument instrument, String dropped) {}
}

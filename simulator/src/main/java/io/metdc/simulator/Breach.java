package io.metdc.simulator;

import io.metdc.market.Market;
import java.time.Instant;

/// A limit that a client did not hold to. What breaks the same limit of the same market within a second of
/// it is counted with it.
///
/// @param at          when it happened first
/// @param market      where; also where the exchange counts its markets together
/// @param used        the most that was used
/// @param allowed     how much the exchange allows
/// @param consequence what the client got for it: `HTTP 429`, `closed with 1008`, `error 4`, `lost`,
///                    `nothing`
/// @param count       how often
public record Breach(Instant at, Market market, Limit limit, long used, long allowed, String consequence, long count) {}

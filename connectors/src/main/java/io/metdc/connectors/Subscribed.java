package io.metdc.connectors;

import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import java.util.List;

/// What became of a request to subscribe, when every answer is in.
///
/// @param homeless those for which the connection has no room: they belong on another one
/// @param accepted what the exchange acknowledged; whether it delivers, only trades show
public record Subscribed(List<Instrument> accepted, List<Refusal> refused, List<Instrument> homeless) {
    /// Instruments that were asked for in one frame, which the exchange refused.
    public record Refusal(List<Instrument> instruments, Failure failure) {}
}

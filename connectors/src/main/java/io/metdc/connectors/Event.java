package io.metdc.connectors;

import io.metdc.market.Failure;

/// What happened to a connection that its owner should know and that is not its end.
public sealed interface Event {
    /// The exchange will close it soon: a replacement is due.
    record Closing(String why) implements Event {}

    /// The stream keeps to another time unit than was asked for, and is read in it from its first trade on.
    ///
    /// @param connector describes the market in that unit
    record OtherTimeUnit(Connector connector) implements Event {}

    /// The exchange refused something that nobody waits for.
    record Refused(Failure failure) implements Event {}
}

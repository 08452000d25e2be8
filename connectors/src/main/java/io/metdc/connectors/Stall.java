package io.metdc.connectors;

import java.time.Duration;

/// How a connection that still answers shows that it has stalled.
///
/// @param symbol trades all the time, as the exchange spells it
/// @param after  so long without any trade on a connection that holds it, and that gave trades before, is no chance
public record Stall(String symbol, Duration after) {}

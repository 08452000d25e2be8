/// The exchanges, on loopback: real WebSocket and REST servers that speak the exchanges' wire formats and hold to
/// their rules, fed by a tape of invented trades that a seed decides, with faults that can be asked for by name.
///
/// ```
///                 ┌─ Tape: per instrument numbered prints, remembered ─┐
/// Simulator ── Venue (one a market) ── WebSocketServer ── Connection ── Session   one a client
///                 │                └── RestServer                         │
///                 └──────────── Protocol: Binance, … (the only code that knows the exchange)
/// ```
///
/// [Catalogue] holds what a market lists, which can change at any time; [Door] and [Quota] what an address may use;
/// [Breaches] who used more.
///
/// Upbit has [Notices], too: published, they are listed and pushed, and a coin that is announced is pumped on the
/// tapes of all markets.
///
/// Called by the program (`rehearse`, `simulate`) and by tests; whoever wants to test a client of an exchange can
/// point it here. One thread makes the tape of all markets; each connection has a reader (virtual thread) and a
/// writer (platform thread), and its [Session] runs on the writer alone. REST requests run on virtual threads.
@NullMarked
package io.metdc.simulator;

import org.jspecify.annotations.NullMarked;

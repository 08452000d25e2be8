/// The vocabulary of metdc: what a trade, an instrument and a failure are. No I/O, no threads, no clock.
///
/// ```
/// Exchange ─┐
///           ├─ Market ── Instrument ──┬─ Trade      a public trade
/// MarketType┘                         ├─ Consumed   an id that is no public trade
///                                     └─ Rejected   a row that cannot be stored, and why
/// ```
///
/// Everything here is immutable and may be used from any thread.
@NullMarked
package io.metdc.market;

import org.jspecify.annotations.NullMarked;

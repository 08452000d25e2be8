package io.metdc.completeness;

import io.metdc.market.Instrument;
import io.metdc.storage.journal.Entry;

/// What the journal thread is told beside rows. It takes it in the order in which it was said.
sealed interface Told {
    /// A connection carries an instrument from a time on, nanoseconds since the epoch, our clock.
    record Carried(Ring ring, Instrument instrument, long atNanos) implements Told {}

    /// A connection carries an instrument no longer, since nobody wants it.
    record Left(Ring ring, Instrument instrument) implements Told {}

    /// An instrument trades, and a connection that carries it does not give its trades.
    record Silent(Ring ring, Instrument instrument) implements Told {}

    /// A connection broke, and last gave something at that time.
    record Broke(Ring ring, long atNanos) implements Told {}

    /// It is known what became of a hole.
    record Closed(Entry.HoleClosed hole) implements Told {}
}

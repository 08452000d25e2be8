package io.metdc.connectors;

import io.metdc.market.Row;

/// Takes the rows of one connection, in order, from its reader thread.
public interface Sink {
    /// Returns when the row has a place. Where there is none for the time allowed, the row is counted as rejected
    /// by overflow and the call returns all the same: nothing is ever dropped unseen, and the reader never waits
    /// for ever.
    void accept(Row row);
}

package io.metdc.listings.recorder;

import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.storage.Database;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// What the recorder needs of the collector: the trades that are recorded anyway. Any thread may ask.
public interface Collecting {
    /// What each market trades, as far as is known at the moment.
    Map<Market, Offer> offers();

    /// Whether every row that was received before this instant is in the database, and what happened to connections
    /// before it. Of those that live the rows there may be two seconds older, not more.
    boolean isStored(Instant receivedBefore);

    /// The database; empty while there is none.
    Optional<Database> storage();

    /// Collects this instrument too, from now on; to be said again when its market opens.
    ///
    /// @param holder who wants it: it is collected until the last of them lets go
    void collect(String holder, Instrument instrument);

    /// Ends what [#collect(String, Instrument)] began for this holder.
    void release(String holder, Instrument instrument);
}

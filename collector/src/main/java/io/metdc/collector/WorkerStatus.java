package io.metdc.collector;

import io.metdc.market.Failure;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Where one worker stands. A snapshot: any thread may read it.
///
/// @param since       when it entered this state
/// @param instruments how many it is to collect
/// @param refused     how many of them the exchange refused on this connection
/// @param frames      frames read on all its connections so far
/// @param rows        trade rows read on all its connections so far
/// @param unreadable  frames that nobody could read so far
/// @param connects    how often it connected
/// @param failure     what ended the last connection, if anything did
record WorkerStatus(
        String name,
        State state,
        Instant since,
        int instruments,
        int refused,
        long frames,
        long rows,
        long unreadable,
        int connects,
        @Nullable Failure failure) {

    enum State {
        /// Not connected, since the journal takes nothing now.
        WAITING_FOR_ROOM,
        /// Waiting for its turn to connect, or connecting.
        CONNECTING,
        /// Connected; not every acknowledgement is in.
        SUBSCRIBING,
        /// Everything is acknowledged; no trade has come yet on this connection.
        ACKNOWLEDGED,
        /// Trades have come on this connection.
        DELIVERING,
        /// Staying away for a while after a failure.
        BACKING_OFF,
        /// Ended: asked to, or only a person can mend it.
        STOPPED;

        /// For a person: `backing off`.
        String inWords() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }
}

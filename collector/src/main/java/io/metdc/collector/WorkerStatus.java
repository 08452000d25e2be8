package io.metdc.collector;

import io.metdc.market.Failure;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Where one worker stands. A snapshot: any thread may read it.
///
/// @param since        when it entered this state
/// @param instruments  how many it is to collect
/// @param acknowledged how many of them the exchange acknowledged on this connection
/// @param refused      how many of them the exchange refused on this connection
/// @param frames       frames read on all its connections so far
/// @param rows         trade rows read on all its connections so far
/// @param unreadable   frames that nobody could read so far
/// @param connects     how often it connected
/// @param failure      what ended the last connection, if anything did
record WorkerStatus(
        String name,
        State state,
        Instant since,
        int instruments,
        int acknowledged,
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
        /// Connected; an acknowledgement proves nothing, so that this lasts until trades prove the link.
        SUBSCRIBING,
        /// Trades have come on this connection, or REST confirms that there were none.
        DELIVERING,
        /// Staying away for a while after a failure.
        BACKING_OFF,
        /// Staying away for longer, since it failed again and again.
        COOLING_DOWN,
        /// Staying away for as long as the exchange wants.
        BANNED,
        /// Ended: asked to, or only a person can mend it.
        STOPPED;

        /// As written in tables: `backing_off`.
        String id() {
            return name().toLowerCase(Locale.ROOT);
        }

        /// For a person: `backing off`.
        String inWords() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }
}

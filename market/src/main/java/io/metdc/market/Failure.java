package io.metdc.market;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What went wrong with a feed or the database, classified once, at the edge, by code and never by message text.
public sealed interface Failure {
    /// What happened and where, in words for a person: names the exchange and the address.
    String what();

    /// The exception behind it, if there was one.
    @Nullable
    Throwable cause();

    /// What it is called where it ends a connection.
    DisconnectCause disconnect();

    /// It may well work the next time: back off, then try again.
    record Recoverable(String what, @Nullable Throwable cause, DisconnectCause disconnect) implements Failure {
        public Recoverable(String what, @Nullable Throwable cause) {
            this(what, cause, DisconnectCause.FAILED);
        }

        public Recoverable(String what, DisconnectCause disconnect) {
            this(what, null, disconnect);
        }

        public Recoverable(String what) {
            this(what, null, DisconnectCause.FAILED);
        }
    }

    /// The other side wants to be left alone.
    ///
    /// @param pause    how long, as stated by the other side or by its documents; how long at first if
    ///                 nobody says
    /// @param isStated whether either does: else each further ban is longer
    /// @param extent   what is to be left alone
    record Ban(
            String what,
            Duration pause,
            boolean isStated,
            Extent extent,
            @Nullable Throwable cause) implements Failure {
        public Ban(String what, Duration pause) {
            this(what, pause, true, Extent.SAME, null);
        }

        /// The same for so long.
        public Ban lasting(Duration other) {
            return new Ban(what, other, isStated, extent, cause);
        }

        @Override
        public DisconnectCause disconnect() {
            return DisconnectCause.BANNED;
        }
    }

    /// What a ban keeps away from.
    enum Extent {
        /// Nothing but the connection that was told.
        CONNECTION,
        /// What was refused: requests to one market, or connects to the exchange.
        SAME,
        /// Requests to any market of the exchange, if it was a request that was refused.
        REQUESTS,
        /// The exchange: requests and connects, whatever the market.
        EXCHANGE
    }

    /// Only a person can mend it.
    ///
    /// @param isBlock whether the other side serves nobody from here
    record Fatal(String what, @Nullable Throwable cause, boolean isBlock) implements Failure {
        public Fatal(String what) {
            this(what, null, false);
        }

        public Fatal(String what, @Nullable Throwable cause) {
            this(what, cause, false);
        }

        @Override
        public DisconnectCause disconnect() {
            return DisconnectCause.REFUSED;
        }
    }
}

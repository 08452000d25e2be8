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
    /// @param pause how long, as stated by the other side or by its documents
    record Ban(String what, Duration pause, @Nullable Throwable cause) implements Failure {
        public Ban(String what, Duration pause) {
            this(what, pause, null);
        }

        @Override
        public DisconnectCause disconnect() {
            return DisconnectCause.BANNED;
        }
    }

    /// Only a person can mend it.
    record Fatal(String what, @Nullable Throwable cause) implements Failure {
        public Fatal(String what) {
            this(what, null);
        }

        @Override
        public DisconnectCause disconnect() {
            return DisconnectCause.REFUSED;
        }
    }
}

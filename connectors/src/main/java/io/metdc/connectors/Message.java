package io.metdc.connectors;

import io.metdc.market.DisconnectCause;
import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import io.metdc.market.Row;
import java.util.List;

/// What one frame turned out to be.
public sealed interface Message {
    /// Trade rows, in the order of the frame: stored, consumed or rejected, each row one of them.
    record Rows(List<Row> rows) implements Message {}

    /// Trade rows of an exchange that gives no ids: its trades have none yet, [Occurrences] makes them.
    ///
    /// @param rows       oldest first, all of one instrument
    /// @param isSnapshot whether it is history, sent on subscribing
    /// @param sequence   rises from frame to frame of the instrument; a frame whose number is not above the
    ///                   snapshot's repeats it. [#NO_SEQUENCE] when it has none
    record Unnumbered(Instrument instrument, List<Row> rows, boolean isSnapshot, long sequence) implements Message {
        public static final long NO_SEQUENCE = Frame.NO_NUMBER;
    }

    /// The exchange accepted a whole request.
    record Acknowledged(long request) implements Message {}

    /// The exchange said of these instruments that they are subscribed, or no longer are, whatever request asked
    /// for it.
    record Named(List<Instrument> instruments) implements Message {}

    /// The exchange refused a request; what is known of it.
    ///
    /// @param request the number of the request, or [#NO_REQUEST] when the exchange did not repeat it
    record Refused(long request, Failure failure, Blame blame) implements Message {
        public static final long NO_REQUEST = -1;

        public Refused {
            if (failure instanceof Failure.Recoverable(String what, Throwable cause, DisconnectCause _)) {
                failure = new Failure.Recoverable(what, cause, DisconnectCause.REFUSED);
            }
        }
    }

    /// The exchange is ready for requests.
    record Greeting() implements Message {
        public static final Greeting INSTANCE = new Greeting();
    }

    /// The exchange will close this connection soon: a replacement is due.
    record Closing(String why) implements Message {}

    /// A frame that is of no interest: another channel, the answer to a heartbeat.
    record Ignored() implements Message {
        public static final Ignored INSTANCE = new Ignored();
    }

    /// A frame that nobody can read.
    ///
    /// @param why the kind of trouble, one of few fixed words, so that it can be counted: `not JSON`, `truncated`
    record Unreadable(String why) implements Message {}
}

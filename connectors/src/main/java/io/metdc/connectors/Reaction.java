package io.metdc.connectors;

import io.metdc.market.Failure.Extent;
import io.metdc.market.Nanos;
import java.time.Duration;
import java.util.Locale;

/// What is done when an exchange gives a code.
public sealed interface Reaction {
    /// Which of the kinds of failure it is, as in a table.
    String failureClass();

    /// What is done, as in a table.
    String words();

    /// What is always done alike.
    enum Plain implements Reaction {
        /// The connection or the request failed, and may well work the next time.
        AGAIN("recoverable", "backs off, then anew"),
        /// The next attempt has a new token.
        NEW_TICKET("recoverable", "backs off, then a new connection with a new token"),
        /// Only the request came at a bad moment.
        SAME_AGAIN("recoverable", "the same request after 5 s, three times; then a new connection"),
        /// The connection is full.
        ELSEWHERE("recoverable", "the instruments go to another connection"),
        /// The request names too many.
        HALVES("recoverable", "each half is asked for by itself"),
        /// One of several limits, and only the text says which.
        LIMIT("recoverable", "as its text says: in halves, on another connection, or the same request after 5 s"),
        /// The connection ended by a request that should never have been sent.
        BUG("recoverable", "the last request is logged; backs off, then anew"),
        /// Somebody asked twice.
        SUBSCRIBED("none", "counts as subscribed"),
        /// The exchange will end the connection.
        REPLACED("recoverable", "a new connection takes its place"),
        /// An instrument cannot be had.
        LEFT_OUT("refused symbol", "the symbol is left out, the others are asked for again"),
        /// A request that stays wrong however often it is sent.
        DROPPED("refused symbol", "what the request names is left out"),
        /// Only a person can mend it.
        ENDED("fatal", "stops, alone; tried again every now and then if it has worked before"),
        /// Nobody from here is served.
        BLOCKED(
                "fatal",
                "stops and says that the exchange does not serve this address; tried again rarely if it has worked"
                        + " before");

        private final String failureClass;
        private final String words;

        Plain(String failureClass, String words) {
            this.failureClass = failureClass;
            this.words = words;
        }

        @Override
        public String failureClass() {
            return failureClass;
        }

        @Override
        public String words() {
            return words;
        }
    }

    /// Stays away.
    ///
    /// @param usually how long where the answer does not say; zero where the documents do not say either:
    ///                then longer each time, from `least` on
    /// @param least   how long at least where nobody says
    /// @param ifTold  whether it is no ban where the answer does not say how long
    record StayAway(Extent extent, Duration usually, Duration least, boolean ifTold) implements Reaction {
        /// The first ban of an unknown length.
        static final Duration FIRST = Duration.ofSeconds(20);

        @Override
        public String failureClass() {
            return ifTold ? "ban, or recoverable" : "ban";
        }

        @Override
        public String words() {
            String from = switch (extent) {
                case CONNECTION -> "this connection stays away";
                case SAME -> "the same kind of request stays away";
                case REQUESTS -> "every request stays away";
                case EXCHANGE -> "requests and connects of all markets stay away";
            };
            if (ifTold) {
                return from + " as long as told; backs off if nothing is told";
            }
            if (!usually.isZero()) {
                return String.format(Locale.ROOT, "%s as long as told, else %s", from, Nanos.words(usually));
            }
            return String.format(
                    Locale.ROOT, "%s as long as told, else %s, then longer each time", from, Nanos.words(least));
        }
    }

    /// The same kind of thing is left alone for as long as told.
    static Reaction ban() {
        return new StayAway(Extent.SAME, Duration.ZERO, StayAway.FIRST, false);
    }

    /// As [#ban()], of so much.
    static Reaction ban(Extent extent) {
        return new StayAway(extent, Duration.ZERO, StayAway.FIRST, false);
    }

    /// As [#ban()], where the documents say for how long.
    static Reaction ban(Extent extent, Duration usually) {
        return new StayAway(extent, usually, StayAway.FIRST, false);
    }

    /// As [#ban()], where the documents say how long the shortest is.
    static Reaction banAtLeast(Extent extent, Duration least) {
        return new StayAway(extent, Duration.ZERO, least, false);
    }

    /// A ban where the answer says for how long, and a hiccup where it does not.
    static Reaction banIfTold(Extent extent) {
        return new StayAway(extent, Duration.ZERO, StayAway.FIRST, true);
    }
}

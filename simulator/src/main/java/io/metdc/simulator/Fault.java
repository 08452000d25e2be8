package io.metdc.simulator;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/// What can go wrong at a simulated exchange, by name. A lasting fault holds until it is cleared; the others happen
/// once, at the moment they are asked for.
public enum Fault {
    /// Every connection is reset (TCP RST), without a close frame.
    CUT(false),
    /// Every connection is closed by a close frame with code 1001, as for infrastructure work.
    CLOSE(false),
    /// The same with code 1008, as for a breach of the rules.
    CLOSE_1008(false),
    /// The same with code 1011, as for a failure of the server.
    CLOSE_1011(false),
    /// The same with code 1012, as for a restart of the server.
    CLOSE_1012(false),
    /// The exchange announces the end of every connection, if it knows such a notice, and closes with 1001 two
    /// seconds later.
    SHUTDOWN_NOTICE(false),
    /// The connections there are stay open, and nothing comes on them any more: no trade, no answer, no pong, no
    /// close frame.
    HALF_OPEN(false),
    /// Connections stay open, pings and requests are answered, and no trade is sent.
    MUTE(true),
    /// Streams of single trades are silent, those of aggregated ones go on: of Binance, which has both.
    /// Without effect elsewhere.
    MUTE_SINGLE_TRADES(true),
    /// On the connections there are, the second most popular instrument is sent no more, until it is subscribed anew.
    MUTE_SYMBOL(false),
    /// The second most popular instrument cannot be subscribed any more, though REST lists it; streams go on.
    REFUSED_SYMBOL(false),
    /// The second most popular instrument is delisted, as by [Simulator#delist]: its row says so or is gone, REST has
    /// no
    /// trades of it, its streams go quiet, and it cannot be subscribed.
    DELISTED(false),
    /// New connections are reset before the handshake.
    STOP_ACCEPTING(true),
    /// Subscriptions are neither acknowledged nor taken.
    NO_ACKNOWLEDGEMENT(true),
    /// A text frame that holds the first half of a trade.
    TRUNCATED_FRAME(false),
    /// A binary frame of 200 bytes that are no UTF-8.
    BINARY_FRAME(false),
    /// A text frame that holds a web page.
    HTML_FRAME(false),
    /// A text frame of 1 MiB: valid JSON that means nothing.
    HUGE_FRAME(false),
    /// A text frame of 100,000 nested arrays.
    NESTED_FRAME(false),
    /// Tokens have expired when they are given out; without effect where none is needed.
    EXPIRED_TOKEN(true),
    /// Every trade is sent twice on each connection.
    DUPLICATE(true),
    /// Of trades that are due at once, the last is sent first.
    REORDER(true),
    /// A connection's writes are 10 ms apart, and each is in two pieces that divide a frame.
    SLOW(true),
    /// An object is sent where the exchange sends an array of rows, and the other way round, if it is known to have
    /// done either: Gate.
    OBJECT_ARRAY_SWAP(true),
    /// Times are sent in a unit a thousand times coarser; REST keeps its own.
    WRONG_UNIT(true),
    /// The next [#HOLE_LENGTH] trades of each instrument are sent to nobody, though REST has them.
    HOLE(false),
    /// The next number of each instrument stands for nothing: neither a stream nor REST ever has it. Without effect
    /// where ids are not contiguous.
    UNUSED_NUMBER(false),
    /// The next trade is sent with a time in 1970; REST has it with its real one.
    IMPLAUSIBLE_ROW(false),
    /// Each connection is sent 20 MiB of frames that are not trades, as fast as it takes them.
    FLOOD(false),
    /// Handshakes are answered with 429 and `Retry-After`.
    HANDSHAKE_429(true),
    /// Handshakes are answered with 418 and `Retry-After`: banned.
    HANDSHAKE_418(true),
    /// Handshakes are answered with 403.
    HANDSHAKE_403(true),
    /// Handshakes are answered with 451: a country that is not served.
    HANDSHAKE_451(true),
    /// No refusal, of a handshake or by REST, says when to come back.
    NO_RETRY_AFTER(true),
    /// REST answers 429 with `Retry-After`.
    REST_429(true),
    /// REST answers 418 with `Retry-After`: banned.
    REST_418(true),
    /// REST answers 451: a country that is not served.
    REST_451(true),
    /// REST answers 403 with a web page.
    REST_403(true),
    /// REST answers 503 with a web page.
    REST_503(true),
    /// REST answers 200 with lists that are empty.
    REST_EMPTY(true),
    /// REST answers 200 with the first half of each list.
    REST_HALF(true),
    /// The list of instruments is answered with 200 and no rows.
    LIST_EMPTY(true),
    /// The list of instruments is answered with 200 and a third of its rows.
    LIST_SHORT(true),
    /// The list of instruments is answered with 200 and a web page.
    LIST_HTML(true),
    /// The list of instruments is answered by the exchange's own words for a failure of its own, with the
    /// status that it gives them.
    LIST_ERROR(true),
    /// Upbit's list of markets has three rows.
    MARKET_LIST_SHORT(true),
    /// The notices are answered by 200 and a web page.
    NOTICES_HTML(true),
    /// The notices are answered by 200 and JSON that says that they failed.
    NOTICES_ERROR(true),
    /// The notices are answered by 403 and a web page.
    NOTICES_403(true),
    /// The notices are answered by 429, without saying when to come back.
    NOTICES_429(true),
    /// The notices are answered by 503 and a web page.
    NOTICES_503(true),
    /// Requests for the notices are cut off without an answer.
    NOTICES_GONE(true),
    /// The notices are those of a minute ago, from a cache that says so.
    NOTICES_STALE(true),
    /// The notices of a page are in the order of their first publication, the oldest first.
    NOTICES_UNSORTED(true);

    /// What a refused handshake says in `Retry-After`.
    public static final Duration RETRY_AFTER = Duration.ofSeconds(7);

    /// How many trades of each instrument [#HOLE] withholds.
    public static final int HOLE_LENGTH = 3;

    private final boolean lasting;
    private final String id = name().toLowerCase(Locale.ROOT).replace('_', '-');

    Fault(boolean lasting) {
        this.lasting = lasting;
    }

    /// Whether it holds until it is cleared.
    public boolean isLasting() {
        return lasting;
    }

    /// The name used on the command line: `stop-accepting`.
    public String id() {
        return id;
    }

    /// The fault with this name, in any letter case.
    public static Optional<Fault> of(String id) {
        for (Fault fault : values()) {
            if (fault.id.equalsIgnoreCase(id)) {
                return Optional.of(fault);
            }
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        return id;
    }
}

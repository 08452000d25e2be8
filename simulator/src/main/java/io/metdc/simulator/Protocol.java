package io.metdc.simulator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.metdc.market.Market;
import io.metdc.market.TradeId;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How one market of one exchange speaks: what trades there, its WebSocket rules and its REST answers. One file an
/// exchange ([Binance]); sockets, threads, tape and faults are shared. Any thread may call it.
interface Protocol {
    ObjectMapper JSON = new ObjectMapper();

    /// When those that trade from the beginning were listed.
    Instant LISTED = Instant.ofEpochSecond(1_600_000_000);

    Market market();

    /// What it lists, the most popular first; what is listed later comes behind.
    Catalogue catalogue();

    /// What trades or did, by place.
    default List<Listing> listings() {
        return catalogue().listings();
    }

    /// What a coin is called here, and how it is counted.
    ///
    /// @param rank from 0, the most popular
    Listing listing(Coin coin, int rank);

    /// The row of an instrument on the exchange's list while it trades.
    ObjectNode row(Listing listing, Instant listedAt);

    /// What becomes of the row of an instrument that trades no more.
    ///
    /// @param row to be changed
    /// @return the row, or null where the list names only what trades
    @Nullable
    ObjectNode delisted(ObjectNode row, Instant at);

    /// A row with another contract size.
    ///
    /// @param row          to be changed
    /// @param contractSize base units in one contract
    /// @throws IllegalArgumentException where sizes are not counted in contracts
    default ObjectNode resized(ObjectNode row, BigDecimal contractSize, Instant at) {
        throw new IllegalArgumentException(market() + " does not count contracts");
    }

    /// The row of an instrument whose coin has another name from now on, where that leaves its symbol as it
    /// is.
    ///
    /// @param row to be changed
    default Optional<ObjectNode> renamed(ObjectNode row, String coin) {
        return Optional.empty();
    }

    /// Whether the exchange uses some numbers up for what is no public trade.
    boolean consumes();

    /// The address as the exchange's documents print it.
    ///
    /// @param origin scheme, host and port: `ws://127.0.0.1:40001`
    URI websocketUrl(String origin);

    /// Where the paths of REST begin in the exchange's documents.
    default String restPath() {
        return "";
    }

    Rules rules();

    /// Who may connect.
    Door door();

    /// Answers a client that may not connect but is let in all the same, to be told so.
    ///
    /// @return null where the handshake fails
    default @Nullable Session turnAway(Handshake handshake, Tape tape, Limit limit) {
        return null;
    }

    /// Whether clients know the address from their configuration; otherwise the exchange tells it by REST.
    default boolean isAddressKnown() {
        return true;
    }

    /// Answers a handshake.
    ///
    /// @param tape what the exchange may send of the past
    /// @throws Refusal when the exchange turns it down
    Session open(Handshake handshake, Tape tape) throws Refusal;

    /// Coins that do not trade before they are opened.
    default Set<String> later() {
        return Set.of();
    }

    /// Says what is due to be said unasked. For the timer's thread, many times a second.
    default void check(long nowNanos) {
        // most exchanges speak of trades only
    }

    /// Whether a request goes to what is another service in reality, which faults of REST do not befall.
    default boolean isElsewhere(HttpRequest request) {
        return false;
    }

    /// Lets the tokens given out so far be too old.
    default void expireTokens() {
        // few exchanges have any
    }

    /// Answers a REST request.
    ///
    /// @param faults those that hold: `REST_EMPTY` and `REST_HALF` are the protocol's to obey, since it knows its
    ///               lists
    HttpAnswer answer(HttpRequest request, Tape tape, Set<Fault> faults);

    /// Whether a request is for the list of instruments.
    boolean isList(HttpRequest request);

    /// How REST says that it failed, not the client.
    HttpAnswer failure(long nowNanos);

    /// What REST answers while a fault such as `REST_429` holds.
    HttpAnswer refusal(Fault fault, long nowNanos);

    /// A trade frame's text, to be cut in half.
    String exampleFrame();

    /// The exchange's id of a print.
    TradeId id(Listing listing, long index);

    /// The number of a print by which clients see that one is missing, counted within its instrument without
    /// a gap; -1 where the exchange has none.
    default long sequence(Listing listing, long index) {
        return -1;
    }

    /// A price or size with the decimals that the exchange writes; all those of its grid, unless the exchange leaves
    /// zeros out.
    default BigDecimal written(BigDecimal number) {
        return number;
    }

    /// The time of a print in the unit in which this market gives times.
    long executedAtNanos(long tapeNanos);

    /// So many in any stretch of so long.
    record Rate(int count, Duration per) {
        static Rate aSecond(int count) {
            return new Rate(count, Duration.ofSeconds(1));
        }
    }

    /// What the exchange asks of its clients, and does to them.
    ///
    /// @param clientFrames     more, pings and pongs included, and the connection is closed
    /// @param clientFrameBytes the longest client frame
    /// @param tooLongCode      with which a connection is closed for a longer one; 0: it is lost without a
    ///                         word
    /// @param pingEvery        how often the server pings; null: never
    /// @param pongWithin       a connection without a pong for so long is closed; null: none is awaited
    /// @param silence          the silences for which a connection is closed; null: none
    /// @param binary           whether messages go out as binary frames
    record Rules(
            List<Rate> clientFrames,
            int clientFrameBytes,
            int tooLongCode,
            @Nullable Duration pingEvery,
            @Nullable Duration pongWithin,
            @Nullable Silence silence,
            boolean binary) {

        public Rules {
            clientFrames = List.copyOf(clientFrames);
        }

        /// A server that pings.
        static Rules pinging(Rate clientFrames, int clientFrameBytes, Duration pingEvery, Duration pongWithin) {
            return new Rules(List.of(clientFrames), clientFrameBytes, 0, pingEvery, pongWithin, null, false);
        }

        /// A server that wants to hear of its client.
        static Rules listening(int clientFrameBytes, Silence silence, Rate... clientFrames) {
            return new Rules(
                    List.of(clientFrames), clientFrameBytes, Connection.CLOSE_TOO_BIG, null, null, silence, false);
        }

        /// In binary frames.
        Rules inBinary() {
            return new Rules(clientFrames, clientFrameBytes, tooLongCode, pingEvery, pongWithin, silence, true);
        }

        /// With the times that were set, of what the exchange does at all.
        Rules with(SimulatorOptions options) {
            return new Rules(
                    clientFrames,
                    clientFrameBytes,
                    tooLongCode,
                    set(options.pingEvery(), pingEvery),
                    set(options.pongWithin(), pongWithin),
                    silence == null ? null : silence.with(options.clientSilence()),
                    binary);
        }

        private static @Nullable Duration set(@Nullable Duration set, @Nullable Duration own) {
            return set == null || own == null ? own : set;
        }
    }

    /// A silence for which a connection is closed.
    ///
    /// @param most         how long it may last
    /// @param unsubscribed how long while nothing is subscribed
    /// @param isOfBoth     whether sending to the client breaks it, too; otherwise only the client does
    /// @param code         with which the connection is closed; 0: cut without a close frame
    record Silence(Duration most, Duration unsubscribed, boolean isOfBoth, int code) {
        /// Of the client, whatever it is sent.
        static Silence ofClient(Duration most, int code) {
            return new Silence(most, most, false, code);
        }

        /// Of both sides.
        static Silence ofBoth(Duration most, int code) {
            return new Silence(most, most, true, code);
        }

        private Silence with(@Nullable Duration set) {
            return set == null ? this : new Silence(set, set, isOfBoth, code);
        }
    }

    /// A row of a list, to be changed.
    ///
    /// @param template a JSON object
    static ObjectNode row(String template) {
        try {
            return (ObjectNode) JSON.readTree(template);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a template is no JSON", e);
        }
    }

    /// What a list of instruments becomes while faults such as `LIST_SHORT` hold.
    static List<ObjectNode> listed(List<ObjectNode> rows, Set<Fault> faults) {
        if (faults.contains(Fault.LIST_EMPTY)) {
            return List.of();
        }
        return reduced(faults.contains(Fault.LIST_SHORT) ? rows.subList(0, rows.size() / 3) : rows, faults);
    }

    /// What a list becomes while `REST_EMPTY` or `REST_HALF` holds.
    static <T> List<T> reduced(List<T> rows, Set<Fault> faults) {
        if (faults.contains(Fault.REST_EMPTY)) {
            return List.of();
        }
        return faults.contains(Fault.REST_HALF) ? rows.subList(0, rows.size() / 2) : rows;
    }
}

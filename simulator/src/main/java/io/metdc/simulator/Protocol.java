package io.metdc.simulator;

import io.metdc.market.Market;
import io.metdc.market.TradeId;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How one market of one exchange speaks: what trades there, its WebSocket rules and its REST answers. One file an
/// exchange ([Binance]); sockets, threads, tape and faults are shared. Any thread may call it.
interface Protocol {
    Market market();

    /// What trades, the most popular first.
    List<Listing> listings();

    /// Whether the exchange uses some numbers up for what is no public trade.
    boolean consumes();

    /// The address as the exchange's documents print it.
    ///
    /// @param origin scheme, host and port: `ws://127.0.0.1:40001`
    URI websocketUrl(String origin);

    Rules rules();

    /// Whether clients know the address from their configuration; otherwise the exchange tells it by REST.
    default boolean isAddressKnown() {
        return true;
    }

    /// Answers a handshake.
    ///
    /// @param tape what the exchange may send of the past
    /// @throws Refusal when the exchange turns it down
    Session open(Handshake handshake, Tape tape) throws Refusal;

    /// Lets a symbol be unknown from now on, to subscriptions and to REST's trades.
    void withdraw(String symbol);

    /// Lets the tokens given out so far be too old.
    default void expireTokens() {
        // few exchanges have any
    }

    /// Answers a REST request.
    ///
    /// @param faults those that hold: `REST_EMPTY` and `REST_HALF` are the protocol's to obey, since it knows its
    ///               lists
    HttpAnswer answer(HttpRequest request, Tape tape, Set<Fault> faults);

    /// What REST answers while a fault such as `REST_429` holds.
    HttpAnswer refusal(Fault fault, long nowNanos);

    /// A trade frame's text, to be cut in half.
    String exampleFrame();

    /// The exchange's id of a print.
    TradeId id(Listing listing, long index);

    /// The time of a print in the unit in which this market gives times.
    long executedAtNanos(long tapeNanos);

    /// What the exchange asks of its clients, and does to them.
    ///
    /// @param clientFrames     more within `clientFramesPer`, pings and pongs included, and the connection is
    ///                         closed
    /// @param clientFrameBytes longer client frames are lost without a word
    /// @param pingEvery        how often the server pings; null: never
    /// @param pongWithin       a connection without a pong for so long is closed; null: none is awaited
    /// @param clientSilence    a connection on which the client sent nothing for so long is closed; null: never
    /// @param silenceCode      with which it is closed then; 0: cut without a close frame
    /// @param binary           whether messages go out as binary frames
    record Rules(
            int clientFrames,
            Duration clientFramesPer,
            int clientFrameBytes,
            @Nullable Duration pingEvery,
            @Nullable Duration pongWithin,
            @Nullable Duration clientSilence,
            int silenceCode,
            boolean binary) {

        /// A server that pings.
        static Rules pinging(int clientFrames, int clientFrameBytes, Duration pingEvery, Duration pongWithin) {
            return new Rules(
                    clientFrames, Duration.ofSeconds(1), clientFrameBytes, pingEvery, pongWithin, null, 0, false);
        }

        /// A server that wants to hear of its client.
        static Rules listening(
                int clientFrames, Duration per, int clientFrameBytes, Duration clientSilence, int silenceCode) {
            return new Rules(clientFrames, per, clientFrameBytes, null, null, clientSilence, silenceCode, false);
        }
    }

    /// What a list becomes while `REST_EMPTY` or `REST_HALF` holds.
    static <T> List<T> reduced(List<T> rows, Set<Fault> faults) {
        if (faults.contains(Fault.REST_EMPTY)) {
            return List.of();
        }
        return faults.contains(Fault.REST_HALF) ? rows.subList(0, rows.size() / 2) : rows;
    }
}

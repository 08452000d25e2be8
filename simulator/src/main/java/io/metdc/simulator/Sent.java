package io.metdc.simulator;

import io.metdc.market.Market;
import io.metdc.market.TakerSide;
import io.metdc.market.TradeId;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What one market sent. Exact once [Simulator#stopTrading()] has returned; before that, a moment's view.
///
/// @param instruments the most popular first
/// @param connections in the order in which they were opened; the oldest closed ones are left out beyond a thousand
public record Sent(Market market, List<OfInstrument> instruments, List<OfConnection> connections) {
    public Sent {
        instruments = List.copyOf(instruments);
        connections = List.copyOf(connections);
    }

    /// One instrument.
    ///
    /// @param produced  prints on its tape since it began, sent or not, consumed numbers included
    /// @param rows      rows of public trades written to sockets: each copy on each connection counts
    /// @param distinct  public trades written to at least one socket
    /// @param consumed  rows of consumed numbers written to sockets
    /// @param aggregates rows of aggregated trades written to sockets; they are in none of the other counts
    /// @param forgotten prints that are no longer remembered: [Simulator#trades] begins after them
    /// @param first     the first public trade sent that is remembered, or null
    /// @param last      the last public trade sent that is remembered, or null
    public record OfInstrument(
            String symbol,
            long produced,
            long rows,
            long distinct,
            long consumed,
            long aggregates,
            long forgotten,
            @Nullable TradeId first,
            @Nullable TradeId last) {}

    /// One connection of a subscriber.
    ///
    /// @param resource what it asked for: path and query
    /// @param rows     rows of public trades written to it
    /// @param consumed rows of consumed numbers written to it
    /// @param closed   null while it is open
    /// @param cause    why it ended, or "" while it is open
    /// @param requests what it subscribed and unsubscribed, the oldest first; the first 5,000 requests
    /// @param streams  what it was sent, by instrument; instruments of which it was sent nothing are left out
    public record OfConnection(
            long number,
            String resource,
            Instant opened,
            @Nullable Instant closed,
            String cause,
            long rows,
            long consumed,
            List<Request> requests,
            List<Stream> streams) {
        public OfConnection {
            requests = List.copyOf(requests);
            streams = List.copyOf(streams);
        }
    }

    /// A frame that subscribed or unsubscribed, or the address that a connection was opened with, when it
    /// named some.
    ///
    /// @param at      when it was taken
    /// @param symbols as the exchange spells them, in the order of the frame; known to it or not
    /// @param refused those of them that it was refused
    public record Request(Instant at, Verb verb, List<String> symbols, List<String> refused) {
        public Request {
            symbols = List.copyOf(symbols);
            refused = List.copyOf(refused);
        }
    }

    /// What a request does to what is subscribed.
    public enum Verb {
        SUBSCRIBE,
        UNSUBSCRIBE,
        /// Puts what it names in the place of what was subscribed: Upbit.
        REPLACE
    }

    /// One instrument on one connection.
    ///
    /// @param from          when the first row of its stream was written
    /// @param to            when the last one was written
    /// @param rows          rows written, what comes with the acknowledgement left out
    /// @param interruptions how often the next row written was not of the next public trade
    /// @param missed        how many public trades were left out then
    public record Stream(String symbol, Instant from, Instant to, long rows, long interruptions, long missed) {}

    /// A stretch of an instrument's public trades that were written to no socket, though some before and
    /// some behind were.
    ///
    /// @param from   the time of the first of them
    /// @param to     the time of the last of them
    /// @param trades how many
    public record Interruption(String symbol, Instant from, Instant to, long trades) {}

    /// One public trade that was sent, exactly as on the wire.
    ///
    /// @param price           with the trailing zeros that it was sent with
    /// @param size            as the exchange counts it, with its trailing zeros
    /// @param executedAtNanos in the finest unit in which this market gives times, nanoseconds since the epoch
    /// @param writtenAtNanos  when its first copy had been written to a socket, nanoseconds since the epoch
    /// @param rpi             whether it is marked as retail price improvement
    public record Trade(
            TradeId id,
            BigDecimal price,
            BigDecimal size,
            TakerSide takerSide,
            long executedAtNanos,
            long writtenAtNanos,
            boolean rpi) {}

    /// One number of an instrument's tape, whether it was sent or not.
    ///
    /// @param sequence counted within the instrument without a gap; -1 where the exchange has no such number
    /// @param atNanos  when it was printed, nanoseconds since the epoch, finer than most exchanges give it
    /// @param trade    the public trade, whose `writtenAtNanos` is 0 when it was sent to nobody; null where
    ///                 the exchange used the number up for what is no public trade
    public record Print(
            long sequence, long atNanos, @Nullable Trade trade) {}

    /// The instrument with this symbol.
    ///
    /// @throws IllegalArgumentException when it does not trade here
    public OfInstrument instrument(String symbol) {
        return instruments.stream()
                .filter(instrument -> instrument.symbol().equals(symbol))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(market + " has no " + symbol));
    }

    /// The requests of all connections that named this symbol, the oldest first.
    public List<Request> requests(String symbol) {
        return connections.stream()
                .flatMap(connection -> connection.requests().stream())
                .filter(request -> request.symbols().contains(symbol))
                .sorted(Comparator.comparing(Request::at))
                .toList();
    }

    /// Rows of public trades written to sockets, every copy.
    public long rows() {
        return instruments.stream().mapToLong(OfInstrument::rows).sum();
    }

    /// Public trades written to at least one socket.
    public long distinct() {
        return instruments.stream().mapToLong(OfInstrument::distinct).sum();
    }

    /// Rows of consumed numbers written to sockets, every copy.
    public long consumed() {
        return instruments.stream().mapToLong(OfInstrument::consumed).sum();
    }

    /// Prints made, sent or not.
    public long produced() {
        return instruments.stream().mapToLong(OfInstrument::produced).sum();
    }
}

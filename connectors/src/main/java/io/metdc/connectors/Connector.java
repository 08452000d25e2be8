package io.metdc.connectors;

import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.Origin;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Describes one market of one exchange. It holds no state, opens no socket, starts no thread, asks no clock and
/// logs nothing: the session, the REST client and the workers act on what it says. Any thread may call it.
public interface Connector {
    Market market();

    /// The same connector with another time unit on stream and REST alike, where the exchange offers a choice.
    ///
    /// @throws IllegalArgumentException when it does not offer this one
    default Connector withTimeUnit(ChronoUnit unit) {
        throw new IllegalArgumentException(market() + " has one time unit only, it cannot be set to " + unit);
    }

    /// The same connector in the time unit that the market's stream may turn out to keep to, whatever was asked for:
    /// stream and REST then both follow it. Always the same object.
    ///
    /// @return null when there is no other unit
    default @Nullable Connector fallback() {
        return null;
    }

    /// The same market by another stream, for when this one is silent although the market trades: fewer and
    /// larger rows with ids of a space of their own, which never meet those of this one. Always the same
    /// object.
    ///
    /// @return null when there is no other stream
    default @Nullable Connector substitute() {
        return null;
    }

    /// What the exchange allows, as data with its source.
    Limits limits();

    /// What proves that nothing is missing.
    Evidence evidence();

    /// What has to be asked by REST before each connect, such as a token; null for nothing.
    default @Nullable RestRequest ticket() {
        return null;
    }

    /// Where to connect.
    ///
    /// @param configured the configured address, as the protocol document prints it; what the exchange needs beyond
    ///                   it (a path where none was given, a query) is added. Null where none is configured and
    ///                   [#defaultWebsocketUrl()] has none
    /// @param connection a name that no other connection ever had, of letters, digits and `-`
    /// @param ticket     the answer to [#ticket()]; empty where there is none
    /// @throws UnreadableAnswer when the ticket is not what the exchange documents
    Endpoint endpoint(@Nullable URI configured, String connection, byte[] ticket) throws UnreadableAnswer;

    /// The address in production, as the protocol document prints it; null where only the ticket tells it.
    @Nullable
    URI defaultWebsocketUrl();

    /// The configuration keys that may hold the address; the first one that is set counts.
    default List<String> addressKeys() {
        return List.of("websocket_url");
    }

    /// Scheme, host and base path of REST in production, to which the documented paths are joined.
    URI defaultRestUrl();

    /// Whether the exchange says when it is ready, with a [Message.Greeting]; nothing is asked of it before.
    default boolean greets() {
        return false;
    }

    /// The frame that keeps the connection alive, where [Endpoint#heartbeat()] asks for one.
    default String heartbeat(Instant now) {
        throw new IllegalStateException(market() + " wants no heartbeat");
    }

    /// The frame that subscribes these instruments. The session cuts the list so that the limits on instruments and
    /// bytes of a frame hold.
    ///
    /// @param request a positive number, unique within the connection, that the exchange repeats in its answer
    /// @param now     our clock, where the exchange wants to be told
    String subscribe(long request, List<Instrument> instruments, Instant now);

    /// The frame that ends these subscriptions; "" where the exchange has no way to end single ones.
    String unsubscribe(long request, List<Instrument> instruments, Instant now);

    /// Whether [#subscribe] replaces what was subscribed on the connection, so that each must name all instruments.
    default boolean replaces() {
        return false;
    }

    /// The frame that asks what is subscribed, answered with [Message.Named], where the exchange acknowledges in no
    /// other way; "" where it does.
    default String subscriptions(long request) {
        return "";
    }

    /// Whether the last trade that happened before a subscription may come as the first thing after it, with nothing
    /// in the frame that says so.
    default boolean repeatsLast() {
        return false;
    }

    /// Whether the numbers on the wire mean nothing without the list of instruments: contracts, scaled integers.
    default boolean needsInstruments() {
        return false;
    }

    /// Reads one frame: a pure function of the frame and the instruments. Bad input is a [Message] too, never an
    /// exception.
    Message read(Frame frame, Instruments instruments);

    /// The first request for the list of instruments.
    RestRequest instruments();

    /// As [#readInstruments(byte\[\])], where it matters which page was asked for.
    default InstrumentPage readInstruments(byte[] answer, RestRequest asked) throws UnreadableAnswer {
        return readInstruments(answer);
    }

    /// Whether an instrument is collected at all times; one that is not is collected on demand, around a listing.
    default boolean isAlwaysCollected(Instrument instrument) {
        return true;
    }

    /// Reads one answer to [#instruments()].
    ///
    /// @throws UnreadableAnswer when the answer is not what the exchange documents
    InstrumentPage readInstruments(byte[] answer) throws UnreadableAnswer;

    /// How far back trades of the past can be had.
    Reach reach();

    /// The first request for trades of the past. With [Stretch#newest] the answer holds the trades just done.
    RestRequest trades(Stretch wanted);

    /// Reads one answer to [#trades(Stretch)], in the id space and the time unit of the stream.
    ///
    /// @param asked  the request that it answers
    /// @param origin what the rows are to be marked as
    /// @throws UnreadableAnswer when the answer is not what the exchange documents, or in another time unit
    TradePage readTrades(byte[] answer, Stretch wanted, RestRequest asked, Origin origin, long receivedAtNanos)
            throws UnreadableAnswer;

    /// The codes by which the exchange refuses and ends things, and what is done about each.
    Codes codes();

    /// The exchange's own code in a REST answer, as its documents write it; "" where there is none.
    default String errorCode(byte[] answer) {
        return "";
    }

    /// How a connection that answers and gives nothing is told from a quiet market; null where no stall is known.
    default @Nullable Stall stall() {
        return null;
    }

    /// The header by which the exchange says for how long to stay away, beside the usual one.
    default String retryAfterHeader() {
        return "Retry-After";
    }

    /// The unit of the number in that header.
    default Duration retryAfterUnit() {
        return Duration.ofSeconds(1);
    }

    /// The header by which the exchange says when a limit on requests is over, epoch seconds or milliseconds; "" for
    /// none.
    default String limitEndHeader() {
        return "";
    }

    /// What the protocol document calls liable to change or not verified, beyond what holds for every exchange.
    default List<Assumption> assumptions() {
        return List.of();
    }

    /// When a ban ends, epoch milliseconds, if the body of an error answer says so and no header does.
    default OptionalLong banEndMillis(byte[] errorAnswer) {
        return OptionalLong.empty();
    }

    /// How long a ban lasts, if the body of an error answer says so and no header does.
    default Optional<Duration> banLength(byte[] errorAnswer) {
        return Optional.empty();
    }
}

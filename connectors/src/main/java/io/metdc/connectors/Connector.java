package io.metdc.connectors;

import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.Origin;
import io.metdc.market.Row;
import java.net.URI;
import java.time.temporal.ChronoUnit;
import java.util.List;
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

    /// What the exchange allows, as data with its source.
    Limits limits();

    /// What proves that nothing is missing.
    Evidence evidence();

    /// Where to connect.
    ///
    /// @param configured the configured `websocket_url`, the whole address as the protocol document prints it; what
    ///                   the exchange needs beyond it (a path where none was given, a query) is added
    Endpoint endpoint(URI configured);

    /// The address in production, as the protocol document prints it.
    URI defaultWebsocketUrl();

    /// Scheme, host and base path of REST in production, to which the documented paths are joined.
    URI defaultRestUrl();

    /// The frame that subscribes these instruments. The session cuts the list so that the limits on instruments and
    /// bytes of a frame hold.
    ///
    /// @param request a positive number, unique within the connection, that the exchange repeats in its answer
    String subscribe(long request, List<Instrument> instruments);

    /// The frame that ends these subscriptions.
    String unsubscribe(long request, List<Instrument> instruments);

    /// Reads one frame: a pure function of the frame and the instruments. Bad input is a [Message] too, never an
    /// exception.
    Message read(Frame frame, Instruments instruments);

    /// The first request for the list of instruments.
    RestRequest instruments();

    /// Reads one answer to [#instruments()].
    ///
    /// @throws UnreadableAnswer when the answer is not what the exchange documents
    InstrumentPage readInstruments(byte[] answer) throws UnreadableAnswer;

    /// Asks for trades of the past, as far back as the exchange's public history reaches.
    ///
    /// @param fromId the first trade id wanted, where the exchange can be asked by id; null for the newest trades
    RestRequest trades(Instrument instrument, @Nullable Long fromId);

    /// Reads one answer to [#trades(Instrument, Long)], in the id space and the time unit of the stream.
    ///
    /// @param origin what the rows are to be marked as
    /// @return the rows, oldest first
    /// @throws UnreadableAnswer when the answer is not what the exchange documents, or in another time unit
    List<Row> readTrades(byte[] answer, Instrument instrument, Origin origin, long receivedAtNanos)
            throws UnreadableAnswer;

    /// When a ban ends, epoch milliseconds, if the body of an error answer says so and no header does.
    default OptionalLong banEndMillis(byte[] errorAnswer) {
        return OptionalLong.empty();
    }
}

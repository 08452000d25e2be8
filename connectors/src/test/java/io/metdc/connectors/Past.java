package io.metdc.connectors;

import io.metdc.market.Instrument;
import io.metdc.market.Origin;
import io.metdc.market.Row;
import java.time.Instant;
import java.util.List;

/// Trades by REST, as a refill reads them.
final class Past {
    private Past() {}

    /// The rows of one answer to the question for the newest trades.
    static List<Row> rows(Connector connector, byte[] answer, Instrument instrument, long receivedAtNanos)
            throws UnreadableAnswer {
        Stretch wanted = Stretch.newest(instrument);
        return connector
                .readTrades(answer, wanted, connector.trades(wanted), Origin.REFILL, receivedAtNanos)
                .rows();
    }

    /// What is behind the trade with this number.
    static Stretch after(Instrument instrument, long number) {
        return new Stretch(instrument, number, Stretch.UNKNOWN, Instant.EPOCH, Instant.MAX);
    }
}

package io.metdc.collector;

import io.metdc.market.Market;
import io.metdc.market.Nanos;
import io.metdc.simulator.Sent;
import io.metdc.simulator.Simulator;
import io.metdc.storage.Database;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Holds the table of trades against the simulator's tape, trade by trade: id, price, quantity, side and time.
final class TapeComparison {
    private static final int FETCH = 5_000;

    /// More prints than the simulator remembers cannot be compared; their sums still can.
    private static final String TRADES = """
            SELECT trade_id::bigint AS id, price, quantity, taker_side, executed_at, executed_ns FROM trade
            WHERE exchange = ? AND market = ? AND symbol = ? AND trade_id::bigint >= ? AND executed_at >= ? ORDER BY 1
            """;

    private TapeComparison() {}

    /// Compares everything that one market sent.
    ///
    /// @return the differences, in words, one line per instrument that has any
    static List<String> of(Simulator simulator, Market market, Database database) throws SQLException {
        List<String> differences = new ArrayList<>();
        try (Connection connection = database.readOnly().getConnection()) {
            connection.setAutoCommit(false); // else the driver fetches everything at once
            try (PreparedStatement trades = connection.prepareStatement(TRADES)) {
                trades.setFetchSize(FETCH);
                for (Sent.OfInstrument instrument : simulator.report(market).instruments()) {
                    if (instrument.first() != null) {
                        compare(simulator, market, instrument, trades, differences);
                    }
                }
            }
            connection.rollback();
        }
        return differences;
    }

    private static void compare(
            Simulator simulator,
            Market market,
            Sent.OfInstrument instrument,
            PreparedStatement trades,
            List<String> differences)
            throws SQLException {
        trades.setString(1, market.exchange().id());
        trades.setString(2, market.type().id());
        trades.setString(3, instrument.symbol());
        long missing = 0;
        long unsent = 0;
        long changed = 0;
        try (Stream<Sent.Trade> tape = simulator.trades(market, instrument.symbol())) {
            Iterator<Sent.Trade> sent = tape.iterator();
            if (!sent.hasNext()) {
                return;
            }
            Sent.@Nullable Trade expected = sent.next();
            trades.setLong(4, expected.id().number());
            trades.setTimestamp(5, Timestamp.from(Nanos.instant(expected.executedAtNanos())));
            try (ResultSet stored = trades.executeQuery()) {
                boolean more = stored.next();
                while (expected != null || more) {
                    if (expected == null
                            || (more && stored.getLong(1) < expected.id().number())) {
                        unsent++;
                        more = stored.next();
                    } else if (!more || stored.getLong(1) > expected.id().number()) {
                        missing++;
                        expected = sent.hasNext() ? sent.next() : null;
                    } else {
                        changed += isSame(expected, stored) ? 0 : 1;
                        expected = sent.hasNext() ? sent.next() : null;
                        more = stored.next();
                    }
                }
            }
        }
        if (missing + unsent + changed > 0) {
            differences.add(String.format(
                    Locale.ROOT,
                    "%s %s: %,d trades sent are missing in SQL, %,d in SQL were never sent, %,d differ",
                    market,
                    instrument.symbol(),
                    missing,
                    unsent,
                    changed));
        }
    }

    private static boolean isSame(Sent.Trade sent, ResultSet stored) throws SQLException {
        Timestamp executedAt = stored.getTimestamp(5);
        long nanos = Nanos.of(executedAt.toInstant()) + stored.getInt(6);
        return isSame(sent.price(), stored.getBigDecimal(2))
                && isSame(sent.size(), stored.getBigDecimal(3))
                && sent.takerSide().id().equals(stored.getString(4))
                && sent.executedAtNanos() == nanos;
    }

    private static boolean isSame(BigDecimal sent, BigDecimal stored) {
        return sent.compareTo(stored) == 0 && sent.scale() == stored.scale(); // trailing zeros too
    }
}

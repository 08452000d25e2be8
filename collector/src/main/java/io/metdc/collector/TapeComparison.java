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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Holds the table of trades against the simulator's tape, trade by trade: id, price, quantity, side and time.
final class TapeComparison {
    private static final int FETCH = 5_000;

    /// More prints than the simulator remembers cannot be compared; their sums still can.
    private static final String TRADES = """
            SELECT trade_id, price, coalesce(contracts, quantity), taker_side, executed_at, executed_ns FROM trade
            WHERE exchange = ? AND market = ? AND symbol = ? AND executed_at >= ?
            ORDER BY executed_at, executed_ns, trade_id COLLATE "C"
            """;

    private static final String REJECTED = """
            SELECT coalesce(sum(rejected), 0) FROM trade_count WHERE exchange = ? AND market = ? AND symbol = ?
            """;

    private TapeComparison() {}

    /// Compares everything that one market sent.
    ///
    /// @return the differences, in words, one line per instrument that has any
    static List<String> of(Simulator simulator, Market market, Database database) throws SQLException {
        List<String> differences = new ArrayList<>();
        try (Connection connection = database.readOnly().getConnection()) {
            connection.setAutoCommit(false); // else the driver fetches everything at once
            try (PreparedStatement trades = connection.prepareStatement(TRADES);
                    PreparedStatement rejected = connection.prepareStatement(REJECTED)) {
                trades.setFetchSize(FETCH);
                for (Sent.OfInstrument instrument : simulator.report(market).instruments()) {
                    if (instrument.first() != null) {
                        ask(trades, market, instrument);
                        ask(rejected, market, instrument);
                        compare(simulator, market, instrument, trades, rejected, differences);
                    }
                }
            }
            connection.rollback();
        }
        return differences;
    }

    private static void ask(PreparedStatement statement, Market market, Sent.OfInstrument instrument)
            throws SQLException {
        statement.setString(1, market.exchange().id());
        statement.setString(2, market.type().id());
        statement.setString(3, instrument.symbol());
    }

    private static void compare(
            Simulator simulator,
            Market market,
            Sent.OfInstrument instrument,
            PreparedStatement trades,
            PreparedStatement rejected,
            List<String> differences)
            throws SQLException {
        long missing = 0;
        long unsent = 0;
        long changed = 0;
        try (Stream<Sent.Trade> tape = simulator.trades(market, instrument.symbol())) {
            Iterator<Sent.Trade> sent = new InOrder(tape.iterator(), instrument.forgotten() > 0);
            if (!sent.hasNext()) {
                return;
            }
            Sent.@Nullable Trade expected = sent.next();
            trades.setTimestamp(4, Timestamp.from(Nanos.instant(expected.executedAtNanos())));
            try (ResultSet stored = trades.executeQuery()) {
                boolean more = stored.next();
                while (expected != null || more) {
                    int order = !more ? -1 : expected == null ? 1 : order(expected, stored);
                    if (order > 0) {
                        unsent++;
                        more = stored.next();
                    } else {
                        missing += order < 0 ? 1 : 0;
                        changed += order == 0 && !isSame(Objects.requireNonNull(expected), stored) ? 1 : 0;
                        expected = sent.hasNext() ? sent.next() : null;
                        more = order == 0 ? stored.next() : more;
                    }
                }
            }
        }
        if (missing > 0) { // what was rejected was counted, and is not amiss
            try (ResultSet row = rejected.executeQuery()) {
                row.next();
                missing = Math.max(0, missing - row.getLong(1));
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

    private static int order(Sent.Trade sent, ResultSet stored) throws SQLException {
        int byTime = Long.compare(sent.executedAtNanos(), nanos(stored));
        return byTime != 0 ? byTime : sent.id().toString().compareTo(stored.getString(1));
    }

    private static long nanos(ResultSet stored) throws SQLException {
        return Nanos.of(stored.getTimestamp(5).toInstant()) + stored.getInt(6);
    }

    /// A tape in the order of times, and of ids where times are equal.
    private static final class InOrder implements Iterator<Sent.Trade> {
        private static final Comparator<Sent.Trade> BY_ID =
                Comparator.comparing(trade -> trade.id().toString());

        private final Iterator<Sent.Trade> tape;
        private final ArrayDeque<Sent.Trade> ready = new ArrayDeque<>();
        private Sent.@Nullable Trade ahead;

        /// @param isCut whether its first instant may be incomplete, and is left out
        InOrder(Iterator<Sent.Trade> tape, boolean isCut) {
            this.tape = tape;
            ahead = tape.hasNext() ? tape.next() : null;
            if (isCut) {
                fill();
                ready.clear();
            }
        }

        private void fill() {
            List<Sent.Trade> instant = new ArrayList<>();
            Sent.Trade next = ahead;
            while (next != null
                    && (instant.isEmpty() || instant.getFirst().executedAtNanos() == next.executedAtNanos())) {
                instant.add(next);
                next = tape.hasNext() ? tape.next() : null;
            }
            ahead = next;
            instant.sort(BY_ID);
            ready.addAll(instant);
        }

        @Override
        public boolean hasNext() {
            return !ready.isEmpty() || ahead != null;
        }

        @Override
        public Sent.Trade next() {
            if (ready.isEmpty()) {
                fill();
            }
            return ready.remove();
        }
    }

    private static boolean isSame(Sent.Trade sent, ResultSet stored) throws SQLException {
        return isSame(sent.price(), stored.getBigDecimal(2))
                && isSame(sent.size(), stored.getBigDecimal(3))
                && sent.takerSide().id().equals(stored.getString(4));
    }

    private static boolean isSame(BigDecimal sent, BigDecimal stored) {
        return sent.compareTo(stored) == 0 && sent.scale() == stored.scale(); // trailing zeros too
    }
}

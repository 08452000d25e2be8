package io.metdc.collector.faults;

import io.metdc.market.Market;
import io.metdc.market.Nanos;
import io.metdc.simulator.Sent;
import io.metdc.simulator.Simulator;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Holds table, ledger and counts against the simulator's tape, trade by trade and instrument by
/// instrument. The tape must be at its end.
final class Comparison {
    private static final int FETCH = 5_000;
    /// Of each market.
    private static final int MOST_DETAILS = 6;

    private static final String TRADES = """
            SELECT trade_id, price, coalesce(contracts, quantity), taker_side, origin, executed_at, executed_ns FROM trade
            WHERE exchange = ? AND market = ? AND symbol = ? ORDER BY executed_at, executed_ns
            """;

    private static final String HOLES = """
            SELECT symbol, coalesce(from_id, -1), coalesce(to_id, -1), from_time, to_time, cause, outcome, closed_at FROM hole
            WHERE exchange = ? AND market = ?
            """;

    /// By the key of the table no row can be there twice; an id can, with another time.
    private static final String DOUBLED = """
            SELECT count(*) - count(DISTINCT trade_id) FROM trade WHERE exchange = ? AND market = ? AND symbol = ?
            """;

    private static final String COUNTS = """
            SELECT coalesce(sum(rejected), 0), coalesce(sum(abs(unaccounted)), 0), coalesce(sum(stored), 0),
                   (SELECT count(*) FROM trade t WHERE t.exchange = c.exchange AND t.market = c.market)
            FROM trade_count c WHERE exchange = ? AND market = ? GROUP BY c.exchange, c.market
            """;

    private final Simulator simulator;
    private final Function<Market, Calm> calm;
    private final Function<Market, List<Long>> breaks;
    private final Duration clockStep;
    private final List<String> details = new ArrayList<>();
    private int ofMarket;
    private int more;

    /// @param calm      when a market was left alone
    /// @param breaks    when connections of a market were broken, nanoseconds since the epoch
    /// @param clockStep the farthest that the program's clock was off
    Comparison(
            Simulator simulator, Function<Market, Calm> calm, Function<Market, List<Long>> breaks, Duration clockStep) {
        this.simulator = simulator;
        this.calm = calm;
        this.breaks = breaks;
        this.clockStep = clockStep;
    }

    /// Compares everything; by market.
    Map<Market, Figures> run(Connection connection) throws SQLException {
        Map<Market, Figures> all = new LinkedHashMap<>();
        connection.setAutoCommit(false); // else the driver fetches everything at once
        for (Market market : simulator.markets()) {
            all.put(market, market(market, connection));
        }
        connection.rollback();
        return all;
    }

    private Figures market(Market market, Connection connection) throws SQLException {
        Figures sum = new Figures();
        ofMarket = 0;
        Map<String, List<Hole>> ledger = ledger(market, connection);
        Calm calmHere = calm.apply(market);
        List<Long> breaksHere = breaks.apply(market);
        try (PreparedStatement trades = connection.prepareStatement(TRADES);
                PreparedStatement doubled = connection.prepareStatement(DOUBLED)) {
            trades.setFetchSize(FETCH);
            for (Sent.OfInstrument instrument : simulator.report(market).instruments()) {
                if (instrument.rows() == 0) {
                    continue; // nobody asked for it
                }
                if (instrument.forgotten() > 0) {
                    throw new IllegalStateException(
                            market + " " + instrument.symbol() + ": the simulator has forgotten what it sent first");
                }
                InstrumentCheck check = new InstrumentCheck(
                        Reaches.isByIds(market),
                        Reaches.rows(market),
                        Reaches.cutsFirst(market),
                        calmHere,
                        breaksHere,
                        ledger.getOrDefault(instrument.symbol(), List.of()),
                        clockStep);
                name(trades, market, instrument.symbol());
                Figures figures;
                try (Stream<Sent.Print> prints = simulator.tape(market, instrument.symbol());
                        ResultSet rows = trades.executeQuery()) {
                    Iterator<Sent.Print> tape = prints.iterator();
                    figures = check.run(tape, new Table(rows));
                }
                name(doubled, market, instrument.symbol());
                figures.doubled = number(doubled);
                sum.add(figures);
                check.details().forEach(detail -> detail(market + " " + instrument.symbol() + ": " + detail));
            }
        }
        counts(market, connection, sum);
        return sum;
    }

    /// What is amiss, in words.
    List<String> details() {
        List<String> all = new ArrayList<>(details);
        if (more > 0) {
            all.add("and " + more + " more");
        }
        return all;
    }

    private void detail(String text) {
        if (ofMarket++ < MOST_DETAILS) {
            details.add(text);
        } else {
            more++;
        }
    }

    private void counts(Market market, Connection connection, Figures sum) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(COUNTS)) {
            query.setString(1, market.exchange().id());
            query.setString(2, market.type().id());
            try (ResultSet row = query.executeQuery()) {
                if (row.next()) {
                    sum.rejected = row.getLong(1);
                    sum.unaccounted = row.getLong(2);
                    if (row.getLong(3) != row.getLong(4)) {
                        sum.unaccounted += Math.abs(row.getLong(3) - row.getLong(4));
                        detail(market + ": " + row.getLong(3) + " rows are counted as stored, " + row.getLong(4)
                                + " are there");
                    }
                }
            }
        }
    }

    private static Map<String, List<Hole>> ledger(Market market, Connection connection) throws SQLException {
        Map<String, List<Hole>> ledger = new HashMap<>();
        try (PreparedStatement query = connection.prepareStatement(HOLES)) {
            query.setString(1, market.exchange().id());
            query.setString(2, market.type().id());
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    ledger.computeIfAbsent(row.getString(1), _ -> new ArrayList<>())
                            .add(new Hole(
                                    row.getLong(2),
                                    row.getLong(3),
                                    nanos(row.getTimestamp(4), Long.MIN_VALUE),
                                    nanos(row.getTimestamp(5), Long.MAX_VALUE),
                                    nanos(row.getTimestamp(8), Long.MAX_VALUE),
                                    row.getString(6),
                                    row.getString(7)));
                }
            }
        }
        return ledger;
    }

    private static long nanos(@Nullable Timestamp time, long otherwise) {
        return time == null ? otherwise : Nanos.of(time.toInstant());
    }

    private static void name(PreparedStatement query, Market market, String symbol) throws SQLException {
        query.setString(1, market.exchange().id());
        query.setString(2, market.type().id());
        query.setString(3, symbol);
    }

    private static long number(PreparedStatement query) throws SQLException {
        try (ResultSet row = query.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    /// The rows of a query in the order of their times.
    private static final class Table implements InstrumentCheck.Rows {
        private final ResultSet rows;
        private long time;

        Table(ResultSet rows) throws SQLException {
            this.rows = rows;
            advance();
        }

        private void advance() throws SQLException {
            if (rows.next()) {
                Instant at = rows.getTimestamp(6).toInstant();
                time = Nanos.of(at) + rows.getInt(7);
            } else {
                time = Long.MAX_VALUE;
            }
        }

        @Override
        public long time() {
            return time;
        }

        @Override
        public InstrumentCheck.Stored take() throws SQLException {
            InstrumentCheck.Stored row = new InstrumentCheck.Stored(
                    rows.getString(1),
                    rows.getBigDecimal(2),
                    rows.getBigDecimal(3),
                    rows.getString(4),
                    rows.getString(5));
            advance();
            return row;
        }
    }
}

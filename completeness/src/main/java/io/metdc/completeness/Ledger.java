package io.metdc.completeness;

import io.metdc.connectors.Instruments;
import io.metdc.market.HoleOutcome;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.Plausibility;
import io.metdc.market.RejectReason;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/// The open holes of one market in the database, and what is stored of them.
final class Ledger {
    /// More are looked at when some of these are closed.
    private static final int MOST_HOLES = 20_000;

    /// Within an instrument, times follow the numbers but for less than this.
    private static final Duration DISORDER = Duration.ofMinutes(1);

    /// Where nothing says when it was, it was not longer before it was noticed.
    private static final Duration LONGEST = Duration.ofDays(1);

    /// An exchange's clock is ahead of ours by less.
    private static final Duration CLOCKS = Plausibility.AHEAD;

    /// Those of a listing's window stay in another table when their hour goes.
    private static final String STORED = "(SELECT instrument_id, executed_at, sequence, origin FROM trades"
            + " UNION ALL SELECT instrument_id, executed_at, sequence, origin FROM kept_trades) AS t";

    private final DataSource source;

    /// @param source a connection is taken for one statement each, a transaction of its own
    Ledger(DataSource source) {
        this.source = source;
    }

    /// Those that are open, oldest first, of instruments that are known.
    List<Hole> open(Market market, Instruments instruments) throws SQLException {
        try (Connection connection = source.getConnection();
                PreparedStatement select = connection.prepareStatement(
                        "SELECT i.symbol, h.instrument_id, h.from_id, h.to_id, h.from_time, h.to_time, h.expected, h.opened_at,"
                                + " h.tries, h.cause FROM holes h JOIN instruments i ON i.id = h.instrument_id"
                                + " WHERE h.outcome IS NULL AND i.exchange = ? AND i.market = ? ORDER BY h.opened_at, h.id LIMIT "
                                + MOST_HOLES)) {
            select.setString(1, market.exchange().id());
            select.setString(2, market.type().id());
            List<Hole> holes = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    char[] symbol = row.getString(1).toCharArray();
                    Instrument instrument = instruments.find(symbol, 0, symbol.length);
                    if (instrument != null) {
                        holes.add(hole(row, instrument));
                    }
                }
            }
            return holes;
        }
    }

    private static Hole hole(ResultSet row, Instrument instrument) throws SQLException {
        long fromId = number(row, 3);
        long toId = number(row, 4);
        long expected = number(row, 7);
        Instant openedAt = row.getObject(8, OffsetDateTime.class).toInstant();
        return new Hole(
                new Hole.Key(instrument.key(), openedAt, fromId, toId),
                row.getInt(2),
                instrument,
                row.getString(10),
                fromId >= 0 && expected >= 0,
                fromId,
                toId,
                time(row, 5),
                time(row, 6),
                expected,
                row.getInt(9));
    }

    /// A hole of which only the time is known, with the numbers that the stored trades around it tell; empty where
    /// they have none, or there is none on one side.
    Optional<Hole> numbered(Hole hole) throws SQLException {
        if (hole.from() == null) {
            return Optional.empty();
        }
        Instant from = hole.since();
        Instant to = hole.until();
        try (Connection connection = source.getConnection();
                PreparedStatement select =
                        connection.prepareStatement("SELECT a.sequence, a.executed_at, b.sequence, b.executed_at FROM ("
                                + end(
                                        "BETWEEN ? AND ?",
                                        "sequence",
                                        "executed_at >= ? AND executed_at < ?",
                                        "executed_at DESC")
                                + ") AS a, ("
                                + end(
                                        "BETWEEN ? AND ?",
                                        "sequence DESC",
                                        "executed_at > ? AND executed_at <= ?",
                                        "executed_at")
                                + ") AS b")) {
            int next = 1;
            for (Instant[] range : new Instant[][] {
                {from.minus(CLOCKS), from}, {from.minus(LONGEST), from.minus(CLOCKS)},
                {to, to.plus(CLOCKS)}, {to.plus(CLOCKS), to.plus(LONGEST)}
            }) {
                select.setInt(next++, hole.instrumentId());
                select.setObject(next++, at(range[0]));
                select.setObject(next++, at(range[1]));
            }
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                long before = row.getLong(1);
                long behind = row.getLong(3);
                Instant after = row.getObject(2, OffsetDateTime.class).toInstant();
                Instant until = row.getObject(4, OffsetDateTime.class).toInstant();
                return before < behind && behind - before <= ContiguousFilter.FARTHEST_JUMP
                        ? Optional.of(hole.between(before, after, behind, until))
                        : Optional.empty();
            }
        }
    }

    /// The outermost number near one end of a hole, since times do not quite follow the numbers and clocks differ;
    /// without one there, the nearest beyond.
    private static String end(String near, String outermost, String beyond, String nearest) {
        String some = "(SELECT sequence, executed_at, %s AS far FROM " + STORED
                + " WHERE instrument_id = ? AND sequence IS NOT NULL AND %s ORDER BY %s LIMIT 1)";
        return "SELECT sequence, executed_at FROM (" + some.formatted("0", "executed_at " + near, outermost)
                + " UNION ALL " + some.formatted("1", beyond, nearest) + ") AS e ORDER BY far LIMIT 1";
    }

    /// Whether anything of a hole's time stays for a listing, however old it is.
    boolean isKept(Hole hole) throws SQLException {
        try (Connection connection = source.getConnection();
                PreparedStatement select = connection.prepareStatement("SELECT FROM kept_spans"
                        + " WHERE instrument_id = ? AND from_time <= ? AND to_time >= ? LIMIT 1")) {
            select.setInt(1, hole.instrumentId());
            select.setObject(2, at(hole.until()));
            select.setObject(3, at(hole.since()));
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        }
    }

    /// Whether a row of an instrument that was received within a time could not be stored.
    boolean refusedSome(Hole hole, Instant from, Instant to) throws SQLException {
        try (Connection connection = source.getConnection();
                PreparedStatement select = connection.prepareStatement("SELECT FROM rejected_trades"
                        + " WHERE instrument_id = ? AND received_at >= ? AND received_at <= ?"
                        + " AND reason NOT IN ('" + RejectReason.REPEAT.id() + "', '" + RejectReason.CUT_GROUP.id()
                        + "') LIMIT 1")) {
            select.setInt(1, hole.instrumentId());
            select.setObject(2, at(from));
            select.setObject(3, at(to));
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        }
    }

    /// How many trades of each instrument came since a time, also to runs before this one.
    Map<Integer, Long> received(Market market, Instant since) throws SQLException {
        try (Connection connection = source.getConnection();
                PreparedStatement select = connection.prepareStatement(
                        "SELECT c.instrument_id, sum(c.received - c.by_rest)::bigint FROM trade_counts c"
                                + " JOIN instruments i ON i.id = c.instrument_id"
                                + " WHERE i.exchange = ? AND i.market = ? AND c.hour >= ? GROUP BY 1")) {
            select.setString(1, market.exchange().id());
            select.setString(2, market.type().id());
            select.setObject(3, at(since));
            Map<Integer, Long> received = new HashMap<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    received.put(row.getInt(1), row.getLong(2));
                }
            }
            return received;
        }
    }

    /// What is neither stored nor known to be no public trade, of some numbers of a hole.
    Missing missing(Hole hole, long first, long last) throws SQLException {
        Instant from = hole.from() == null ? hole.since().minus(LONGEST) : hole.from();
        Instant to = hole.to() == null ? hole.until().plus(DISORDER) : hole.to();
        try (Connection connection = source.getConnection();
                PreparedStatement select = connection.prepareStatement(
                        "WITH stored AS (SELECT sequence, executed_at FROM " + STORED + " WHERE instrument_id = ?"
                                + " AND executed_at >= ? AND executed_at <= ? AND sequence BETWEEN ? AND ?"
                                + " UNION ALL SELECT sequence, executed_at FROM consumed_ids WHERE instrument_id = ?"
                                + " AND sequence BETWEEN ? AND ?"
                                + " UNION ALL SELECT ?::bigint, ?::timestamptz UNION ALL SELECT ?::bigint, ?::timestamptz)"
                                + " SELECT sequence + 1, next - 1, executed_at, next_at FROM (SELECT sequence, executed_at,"
                                + " lead(sequence) OVER w AS next, lead(executed_at) OVER w AS next_at FROM stored"
                                + " WINDOW w AS (ORDER BY sequence)) AS pairs WHERE next > sequence + 1 ORDER BY sequence")) {
            select.setInt(1, hole.instrumentId());
            select.setObject(2, at(from.minus(DISORDER)));
            select.setObject(3, at(to.plus(DISORDER)));
            select.setLong(4, first);
            select.setLong(5, last);
            select.setInt(6, hole.instrumentId());
            select.setLong(7, first);
            select.setLong(8, last);
            select.setLong(9, first - 1);
            select.setObject(10, at(from));
            select.setLong(11, last + 1);
            select.setObject(12, at(to));
            List<Missing.Run> runs = new ArrayList<>();
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    runs.add(new Missing.Run(
                            row.getLong(1),
                            row.getLong(2),
                            row.getObject(3, OffsetDateTime.class).toInstant(),
                            row.getObject(4, OffsetDateTime.class).toInstant()));
                }
            }
            return new Missing(runs);
        }
    }

    /// Whether any trade of an instrument up to the end of a hole is stored.
    boolean hasTraded(Hole hole) throws SQLException {
        try (Connection connection = source.getConnection();
                PreparedStatement select = connection.prepareStatement(
                        "SELECT FROM " + STORED + " WHERE instrument_id = ? AND executed_at <= ? LIMIT 1")) {
            select.setInt(1, hole.instrumentId());
            select.setObject(2, at(hole.until()));
            try (ResultSet row = select.executeQuery()) {
                return row.next();
            }
        }
    }

    /// Closes holes so old of instruments that the market does not list any more: nobody asks for them.
    int closeUnlisted(Market market, Instruments instruments, Instant openedBefore, Instant now) throws SQLException {
        List<Integer> unlisted = new ArrayList<>();
        try (Connection connection = source.getConnection()) {
            try (PreparedStatement select = connection.prepareStatement(
                    "SELECT DISTINCT i.id, i.symbol FROM holes h JOIN instruments i ON i.id = h.instrument_id"
                            + " WHERE h.outcome IS NULL AND i.exchange = ? AND i.market = ? AND h.opened_at < ?")) {
                select.setString(1, market.exchange().id());
                select.setString(2, market.type().id());
                select.setObject(3, at(openedBefore));
                try (ResultSet row = select.executeQuery()) {
                    while (row.next()) {
                        char[] symbol = row.getString(2).toCharArray();
                        if (instruments.find(symbol, 0, symbol.length) == null) {
                            unlisted.add(row.getInt(1));
                        }
                    }
                }
            }
            if (unlisted.isEmpty()) {
                return 0;
            }
            try (PreparedStatement update = connection.prepareStatement("UPDATE holes SET outcome = ?, closed_at = ?"
                    + " WHERE outcome IS NULL AND opened_at < ? AND instrument_id = ANY (?)")) {
                update.setString(1, HoleOutcome.BEYOND_REACH.id());
                update.setObject(2, at(now));
                update.setObject(3, at(openedBefore));
                update.setArray(4, connection.createArrayOf("int4", unlisted.toArray()));
                return update.executeUpdate();
            }
        }
    }

    /// How many trades REST brought of a stretch of time.
    long refilled(Hole hole, Instant until) throws SQLException {
        try (Connection connection = source.getConnection();
                PreparedStatement select = connection.prepareStatement("SELECT count(*) FROM " + STORED
                        + " WHERE instrument_id = ? AND executed_at >= ? AND executed_at <= ? AND origin = 2")) {
            select.setInt(1, hole.instrumentId());
            select.setObject(2, at(hole.since()));
            select.setObject(3, at(until));
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    /// The exchange is asked once more.
    void tried(Hole hole, Instant now) throws SQLException {
        try (Connection connection = source.getConnection();
                PreparedStatement update = connection.prepareStatement(
                        "UPDATE holes SET tries = tries + 1, tried_at = ?"
                                + " WHERE instrument_id = ? AND opened_at = ? AND from_id IS NOT DISTINCT FROM ? AND outcome IS NULL")) {
            update.setObject(1, at(now));
            update.setInt(2, hole.instrumentId());
            update.setObject(3, at(hole.openedAt()));
            long fromId = hole.key().fromId();
            update.setObject(4, fromId < 0 ? null : fromId, Types.BIGINT);
            update.executeUpdate();
        }
    }

    private static long number(ResultSet row, int column) throws SQLException {
        long number = row.getLong(column);
        return row.wasNull() ? -1 : number;
    }

    private static @Nullable Instant time(ResultSet row, int column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    private static OffsetDateTime at(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}

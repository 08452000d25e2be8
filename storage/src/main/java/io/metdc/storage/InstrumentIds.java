package io.metdc.storage;

import io.metdc.market.Instrument;
import io.metdc.market.Nanos;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The numbers that stand for instruments, and their terms over time. Used by one thread.
final class InstrumentIds {
    private final Map<Instrument, Integer> ids = new HashMap<>();

    /// The database may be another one now.
    void forget() {
        ids.clear();
    }

    boolean knows(Instrument instrument) {
        return ids.containsKey(instrument);
    }

    int of(Instrument instrument) {
        Integer id = ids.get(instrument);
        if (id == null) {
            throw new IllegalStateException(instrument + " was not entered");
        }
        return id;
    }

    /// Enters instruments that are new or have new terms, within the connection's transaction. Nothing is
    /// remembered until [#remember(Map)] is told that it was committed.
    ///
    /// Always in the order of markets and symbols: two that enter the same ones at a time wait for each other
    /// and do not lock each other out.
    ///
    /// @param since from when on its terms hold, by instrument
    static Map<Instrument, Integer> enter(Connection connection, Map<Instrument, Instant> since) throws SQLException {
        Map<Instrument, Integer> entered = new HashMap<>();
        List<Instrument> inOrder = new ArrayList<>(since.keySet());
        inOrder.sort(Comparator.comparing(Instrument::market).thenComparing(Instrument::symbol));
        for (Instrument instrument : inOrder) {
            Instant at = Objects.requireNonNull(since.get(instrument));
            int id = enter(connection, instrument, at);
            enterTerms(connection, id, instrument, at);
            entered.put(instrument, id);
        }
        return entered;
    }

    void remember(Map<Instrument, Integer> entered) {
        ids.putAll(entered);
    }

    private static int enter(Connection connection, Instrument instrument, Instant seen) throws SQLException {
        // Only what is new is inserted: a conflict would use up a number.
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE instruments SET base = ?, quote = ?, settle = ?,"
                        + " last_seen_at = greatest(last_seen_at, ?) WHERE exchange = ? AND market = ? AND symbol = ? RETURNING id")) {
            fill(update, instrument, seen);
            try (ResultSet row = update.executeQuery()) {
                if (row.next()) {
                    return row.getInt(1);
                }
            }
        }
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO instruments (base, quote, settle, last_seen_at,"
                        + " exchange, market, symbol, first_seen_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
                        + " ON CONFLICT (exchange, market, symbol) DO UPDATE SET last_seen_at = excluded.last_seen_at RETURNING id")) {
            fill(insert, instrument, seen);
            insert.setObject(8, at(seen));
            try (ResultSet row = insert.executeQuery()) {
                row.next();
                return row.getInt(1);
            }
        }
    }

    private static void fill(PreparedStatement statement, Instrument instrument, Instant seen) throws SQLException {
        statement.setString(1, storable(instrument.base()));
        statement.setString(2, storable(instrument.quote()));
        statement.setString(3, storable(instrument.settle()));
        statement.setObject(4, at(seen));
        statement.setString(5, instrument.market().exchange().id());
        statement.setString(6, instrument.market().type().id());
        statement.setString(7, storable(instrument.symbol()));
    }

    /// Terms that differ from the newest ones end those, unless they come from before them: a late copy of old
    /// news.
    private static void enterTerms(Connection connection, int id, Instrument instrument, Instant since)
            throws SQLException {
        Instant current = null;
        try (PreparedStatement newest = connection.prepareStatement(
                "SELECT contract_size, multiplier,"
                        + " extract(epoch FROM valid_from) FROM instrument_terms WHERE instrument_id = ? AND valid_to = 'infinity'")) {
            newest.setInt(1, id);
            try (ResultSet row = newest.executeQuery()) {
                if (row.next()) {
                    if (row.getBigDecimal(1).compareTo(instrument.contractSize()) == 0
                            && row.getBigDecimal(2).compareTo(instrument.multiplier()) == 0) {
                        return;
                    }
                    double seconds = row.getDouble(3); // -Infinity for the first ones
                    current =
                            Double.isInfinite(seconds) ? Instant.MIN : Instant.ofEpochSecond((long) Math.ceil(seconds));
                    if (!since.isAfter(current)) {
                        return;
                    }
                }
            }
        }
        if (current != null) {
            try (PreparedStatement end = connection.prepareStatement(
                    "UPDATE instrument_terms SET valid_to = ? WHERE instrument_id = ? AND valid_to = 'infinity'")) {
                end.setObject(1, at(since));
                end.setInt(2, id);
                end.executeUpdate();
            }
        }
        try (PreparedStatement begin = connection.prepareStatement(
                "INSERT INTO instrument_terms"
                        + " (instrument_id, valid_from, contract_size, multiplier) VALUES (?, coalesce(?, '-infinity'::timestamptz), ?, ?)")) {
            begin.setInt(1, id);
            begin.setObject(2, current == null ? null : at(since), java.sql.Types.TIMESTAMP_WITH_TIMEZONE);
            begin.setBigDecimal(3, instrument.contractSize());
            begin.setBigDecimal(4, instrument.multiplier());
            begin.executeUpdate();
        }
    }

    /// The instruments among these parts that are not known, each with the time of its first trade there.
    Map<Instrument, Instant> missing(Collection<WriteBatch.Part> parts, Instant now) {
        Map<Instrument, Instant> missing = new HashMap<>();
        for (WriteBatch.Part part : parts) {
            if (!knows(part.instrument())) {
                missing.put(
                        part.instrument(),
                        part.trades().isEmpty()
                                ? now
                                : Nanos.instant(part.trades().getFirst().executedAtNanos()));
            }
        }
        return missing;
    }

    private static OffsetDateTime at(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }

    /// PostgreSQL's text holds every character but this one.
    static String storable(String text) {
        return text.indexOf('\0') < 0 ? text : text.replace('\0', '\uFFFD');
    }
}

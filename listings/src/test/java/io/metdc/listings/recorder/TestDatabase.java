package io.metdc.listings.recorder;

import io.metdc.market.Flag;
import io.metdc.market.Instrument;
import io.metdc.market.Nanos;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import io.metdc.storage.Database;
import io.metdc.storage.StorageSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// An embedded server with the real schema, started once for all tests of this module.
final class TestDatabase {
    static final Database DATABASE = open();

    private TestDatabase() {}

    private static Database open() {
        try {
            Path folder = Files.createTempDirectory("metdc-listings");
            Database database = Database.open(StorageSettings.embedded(folder), "test");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                database.close();
                delete(folder);
            }));
            return database;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Leaves nothing of an earlier test.
    static void empty() throws SQLException {
        execute(
                "TRUNCATE instruments, instrument_terms, trades, kept_trades, holes, connections, listings,"
                        + " listing_sightings, listing_markets, coverage, kept_spans, rejected_trades RESTART IDENTITY CASCADE");
    }

    static void execute(String sql) throws SQLException {
        try (Connection connection = DATABASE.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /// One line a row, its columns joined by `|`.
    static List<String> rows(String query) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = DATABASE.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            while (row.next()) {
                StringJoiner line = new StringJoiner("|");
                for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                    line.add(String.valueOf(row.getString(i)));
                }
                rows.add(line.toString());
            }
        }
        return rows;
    }

    /// Makes room for a day.
    static void day(Instant instant) throws SQLException {
        Instant from = instant.truncatedTo(ChronoUnit.DAYS);
        String name = "trades_on_" + from.toString().substring(0, 10).replace("-", "_");
        execute("CREATE TABLE IF NOT EXISTS " + name + " PARTITION OF trades FOR VALUES FROM ('" + from + "') TO ('"
                + from.plus(1, ChronoUnit.DAYS) + "')");
    }

    static void register(Instrument... instruments) throws SQLException {
        DATABASE.register(List.of(instruments), Instant.parse("2026-08-01T00:00:00Z"));
    }

    static int id(Instrument instrument) throws SQLException {
        return Integer.parseInt(rows("SELECT id FROM instruments WHERE symbol = '"
                        + instrument.symbol().replace("'", "''")
                        + "' AND exchange = '" + instrument.market().exchange() + "' AND market = '"
                        + instrument.market().type() + "'")
                .getFirst());
    }

    static void store(Collection<Trade> trades) throws SQLException {
        store("trades", trades);
    }

    static void store(String table, Collection<Trade> trades) throws SQLException {
        for (Instant day : trades.stream()
                .map(trade -> trade.executedAt().truncatedTo(ChronoUnit.DAYS))
                .distinct()
                .toList()) {
            day(day);
        }
        for (Instrument instrument :
                trades.stream().map(Trade::instrument).distinct().toList()) {
            register(instrument);
        }
        try (Connection connection = DATABASE.dataSource().getConnection();
                PreparedStatement insert = connection.prepareStatement("INSERT INTO " + table
                        + " (executed_at, received_at, id_number, sequence, instrument_id, executed_ns, taker_side,"
                        + " origin, flags, price, size, id_text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            connection.setAutoCommit(false);
            for (Trade trade : trades) {
                insert.setObject(1, Tape.at(trade.executedAt().truncatedTo(ChronoUnit.MICROS)));
                insert.setObject(2, Tape.at(trade.receivedAt().truncatedTo(ChronoUnit.MICROS)));
                insert.setLong(3, trade.id().number());
                insert.setObject(4, trade.sequence() < 0 ? null : trade.sequence(), Types.BIGINT);
                insert.setInt(5, id(trade.instrument()));
                insert.setInt(6, Math.toIntExact(Math.floorMod(trade.executedAtNanos(), Nanos.PER_MICRO)));
                insert.setInt(7, trade.takerSide() == TakerSide.BUY ? 1 : -1);
                insert.setInt(
                        8,
                        switch (trade.origin()) {
                            case STREAM -> 0;
                            case SNAPSHOT -> 1;
                            case REFILL -> 2;
                            case IMPORT -> 3;
                        });
                insert.setInt(9, Flag.bits(trade.flags()));
                insert.setBigDecimal(10, trade.price());
                insert.setBigDecimal(11, trade.size());
                insert.setString(12, trade.id().text());
                insert.executeUpdate();
            }
            connection.commit();
        }
    }

    /// A connection that carried these instruments.
    ///
    /// @param to null: it lives, seen at `seen`
    static void connected(Instant from, @Nullable Instant to, Instant seen, Instrument... instruments)
            throws SQLException {
        StringJoiner ids = new StringJoiner(",", "{", "}");
        for (Instrument instrument : instruments) {
            register(instrument);
            ids.add(Integer.toString(id(instrument)));
        }
        try (Connection connection = DATABASE.dataSource().getConnection();
                PreparedStatement insert = connection.prepareStatement("INSERT INTO connections (connected_at,"
                        + " delivering_at, seen_at, ended_at, exchange, market, name, cause, instrument_ids)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?::int[])")) {
            insert.setObject(1, Tape.at(from.minusMillis(300)));
            insert.setObject(2, Tape.at(from));
            insert.setObject(3, Tape.at(seen));
            insert.setObject(4, to == null ? null : Tape.at(to), Types.TIMESTAMP_WITH_TIMEZONE);
            insert.setString(5, instruments[0].market().exchange().id());
            insert.setString(6, instruments[0].market().type().id());
            insert.setString(7, "connection of " + instruments[0].symbol());
            insert.setString(8, to == null ? null : "closed_by_exchange");
            insert.setString(9, ids.toString());
            insert.executeUpdate();
        }
    }
}

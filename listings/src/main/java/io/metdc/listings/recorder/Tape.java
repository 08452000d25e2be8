package io.metdc.listings.recorder;

import io.metdc.market.Instrument;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/// The stored trades of some instruments in some windows, read from the database: those of the present and those that
/// are kept. All reads of one snapshot see the same.
final class Tape {
    private static final int FETCH = 5_000;
    private static final int NO_INSTRUMENT = -1;

    private static final String COLUMNS =
            "instrument_id, executed_at, executed_ns, received_at, id_number, id_text, sequence, price, size,"
                    + " taker_side, origin, flags";

    private static final Duration AROUND = Duration.ofHours(1);

    private final Connection connection;

    /// @param connection not in auto-commit: rows come by a cursor
    Tape(Connection connection) {
        this.connection = connection;
    }

    /// One trade, with the names of its instrument.
    ///
    /// @param executedAt    whole microseconds
    /// @param executedNanos the nanoseconds beyond them: 0 to 999
    /// @param quantity      base asset
    /// @param contracts     null where one contract is one base unit
    record Row(
            String exchange,
            String market,
            String symbol,
            String base,
            Instant executedAt,
            int executedNanos,
            Instant receivedAt,
            String id,
            BigDecimal price,
            BigDecimal quantity,
            @Nullable BigDecimal contracts,
            boolean buy,
            String origin,
            int flags) {}

    /// Takes the rows one by one.
    @FunctionalInterface
    interface Reader {
        void row(Row row) throws IOException;
    }

    /// The number that stands for an instrument; -1 when it was never entered.
    int id(Instrument instrument) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT id FROM instruments WHERE exchange = ? AND market = ? AND symbol = ?")) {
            statement.setString(1, instrument.market().exchange().id());
            statement.setString(2, instrument.market().type().id());
            statement.setString(3, storable(instrument.symbol()));
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getInt(1) : NO_INSTRUMENT;
            }
        }
    }

    /// All trades, in the order of time, then id. Never more than some thousand are in memory.
    ///
    /// @param windows in order, none overlapping another
    /// @return how many there were
    long read(List<Integer> instruments, List<Window> windows, Reader reader) throws SQLException, IOException {
        long rows = 0;
        for (Window window : windows) { // one after another: the index gives each in order
            String query = "SELECT i.exchange, i.market, i.symbol, i.base, t.executed_at, t.executed_ns, t.received_at,"
                    + " CASE WHEN t.id_text = '' THEN t.id_number::text ELSE t.id_text END, t.price,"
                    + " CASE k.contract_size WHEN 1 THEN t.size ELSE t.size * k.contract_size END,"
                    + " CASE k.contract_size WHEN 1 THEN NULL ELSE t.size END, t.taker_side,"
                    + " CASE t.origin WHEN 0 THEN 'stream' WHEN 1 THEN 'snapshot' WHEN 2 THEN 'refill' ELSE 'import' END,"
                    + " t.flags FROM " + source(1) + " t JOIN instruments i ON i.id = t.instrument_id"
                    + " LEFT JOIN instrument_terms k ON k.instrument_id = t.instrument_id"
                    + " AND k.valid_from <= t.executed_at AND t.executed_at < k.valid_to"
                    + " ORDER BY t.executed_at, t.executed_ns, t.id_number, t.id_text, i.symbol";
            try (PreparedStatement statement = connection.prepareStatement(query)) {
                statement.setFetchSize(FETCH);
                bind(statement, 1, instruments, List.of(window));
                try (ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        reader.row(row(row));
                        rows++;
                    }
                }
            }
        }
        return rows;
    }

    private static Row row(ResultSet row) throws SQLException {
        return new Row(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                at(row, 5),
                row.getInt(6),
                at(row, 7),
                row.getString(8),
                row.getBigDecimal(9),
                row.getBigDecimal(10),
                row.getBigDecimal(11),
                row.getInt(12) == 1,
                row.getString(13),
                row.getInt(14));
    }

    /// What there is of an instrument.
    ///
    /// @param first   executed time of the first trade, snapshots aside: these tell of the past
    /// @param last    of the last such
    /// @param delay50 the median of receipt after execution, of what came by the stream, microseconds
    /// @param delay99 what 99 of 100 of these do not exceed
    record Tally(
            long trades,
            @Nullable Instant first,
            @Nullable Instant last,
            @Nullable Long delay50,
            @Nullable Long delay99) {
        static final Tally NOTHING = new Tally(0, null, null, null, null);
    }

    Tally tally(int instrument, List<Window> windows) throws SQLException {
        String delay = "(extract(epoch FROM received_at - executed_at) * 1000000)::bigint";
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT count(*), min(executed_at) FILTER (WHERE origin <> 1), max(executed_at) FILTER (WHERE origin <> 1),"
                        + percentile("0.5", delay) + "," + percentile("0.99", delay) + " FROM " + source(windows.size())
                        + " t")) {
            bind(statement, 1, List.of(instrument), windows);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1) == 0
                        ? Tally.NOTHING
                        : new Tally(row.getLong(1), atOrNull(row, 2), atOrNull(row, 3), number(row, 4), number(row, 5));
            }
        }
    }

    private static String percentile(String share, String of) {
        return " percentile_disc(" + share + ") WITHIN GROUP (ORDER BY " + of + ") FILTER (WHERE origin = 0)";
    }

    /// Rows of an instrument that were received in a window and not stored although they were no repetition.
    long rejected(int instrument, Window window) throws SQLException {
        return rejected(instrument, window, "'repeat', 'cut_group'");
    }

    /// Those of them that come by no other way. For an overflow there is a hole in the ledger, with its outcome; an
    /// implausible time is what the first rows of a subscription have where a market is quiet for weeks.
    long lost(int instrument, Window window) throws SQLException {
        return rejected(instrument, window, "'repeat', 'cut_group', 'overflow', 'implausible_time'");
    }

    private long rejected(int instrument, Window window, String harmless) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT count(*) FROM rejected_trades WHERE instrument_id = ? AND received_at >= ? AND received_at < ?"
                        + " AND reason NOT IN (" + harmless + ")")) {
            statement.setInt(1, instrument);
            statement.setObject(2, at(window.from()));
            statement.setObject(3, at(window.to()));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    /// The middle price of a window; null without a trade.
    @Nullable
    BigDecimal median(int instrument, Window window) throws SQLException {
        return decimal(
                "SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY price) FROM " + source(1) + " t",
                instrument,
                window);
    }

    /// The price of the last trade of a window; null without one.
    @Nullable
    BigDecimal last(int instrument, Window window) throws SQLException {
        return decimal(
                "SELECT price FROM " + source(1) + " t ORDER BY executed_at DESC, executed_ns DESC LIMIT 1",
                instrument,
                window);
    }

    /// The price of the first trade of a window; null without one.
    @Nullable
    BigDecimal first(int instrument, Window window) throws SQLException {
        return decimal(
                "SELECT price FROM " + source(1) + " t ORDER BY executed_at, executed_ns LIMIT 1", instrument, window);
    }

    private @Nullable BigDecimal decimal(String query, int instrument, Window window) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            bind(statement, 1, List.of(instrument), List.of(window));
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getBigDecimal(1) : null;
            }
        }
    }

    /// Whether the contiguous numbers of the trades before and behind a gap leave none out that is not stored.
    boolean isContiguous(int instrument, Window gap) throws SQLException {
        Window around = new Window(gap.from().minus(AROUND), gap.to().plus(AROUND));
        try (PreparedStatement statement = connection.prepareStatement("WITH t AS MATERIALIZED (SELECT sequence,"
                + " executed_at FROM " + source(1) + " s WHERE sequence IS NOT NULL), e AS (SELECT"
                + " max(sequence) FILTER (WHERE executed_at < ?) AS before,"
                + " min(sequence) FILTER (WHERE executed_at >= ?) AS behind FROM t)"
                + " SELECT (SELECT count(DISTINCT sequence) FROM t WHERE sequence > e.before AND sequence < e.behind)"
                + " >= e.behind - e.before - 1 FROM e")) {
            int next = bind(statement, 1, List.of(instrument), List.of(around));
            statement.setObject(next, at(gap.from()));
            statement.setObject(next + 1, at(gap.to()));
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    /// The trades of some instruments in so many windows, as a table.
    private static String source(int windows) {
        StringJoiner union = new StringJoiner(" UNION ALL ", "(", ")");
        for (int i = 0; i < windows; i++) {
            for (String table : List.of("trades", "kept_trades")) {
                union.add("SELECT " + COLUMNS + " FROM " + table
                        + " WHERE instrument_id = ANY (?) AND executed_at >= ? AND executed_at < ?");
            }
        }
        return union.toString();
    }

    /// @return the number of the next parameter
    private int bind(PreparedStatement statement, int first, List<Integer> instruments, List<Window> windows)
            throws SQLException {
        int at = first;
        for (Window window : windows) {
            for (int table = 0; table < 2; table++) {
                statement.setArray(at++, connection.createArrayOf("int4", instruments.toArray()));
                statement.setObject(at++, at(window.from()));
                statement.setObject(at++, at(window.to()));
            }
        }
        return at;
    }

    /// As PostgreSQL's text can hold it: without the character 0 and halves of others.
    static String storable(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8).replace('\0', '\uFFFD');
    }

    static OffsetDateTime at(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }

    static Instant at(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    static @Nullable Instant atOrNull(ResultSet row, int column) throws SQLException {
        OffsetDateTime at = row.getObject(column, OffsetDateTime.class);
        return at == null ? null : at.toInstant();
    }

    private static @Nullable Long number(ResultSet row, int column) throws SQLException {
        long number = row.getLong(column);
        return row.wasNull() ? null : number;
    }
}

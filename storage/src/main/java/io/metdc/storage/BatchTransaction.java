package io.metdc.storage;

import io.metdc.market.Consumed;
import io.metdc.market.RejectReason;
import io.metdc.market.Rejected;
import io.metdc.market.Trade;
import io.metdc.storage.journal.Entry;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/// Writes one batch over one connection: rows, counters, ledger and the journal's position in one transaction.
///
/// ```
/// position moves from `from` to `to` ─ else it is there already, or somebody else wrote
///   fast: COPY BINARY straight into trades
///   slow: staging table + INSERT … ON CONFLICT DO NOTHING, halved around a row that is refused;
///         so too where trades of these hours are in kept_trades, which are passed over
/// holes, rejected rows, counters ─ COMMIT
/// ```
///
/// The position is moved first: that takes a lock on its row, so that an older transaction of ours which the
/// server still has in hand ends before this one can go on.
final class BatchTransaction {
    private static final int BUFFER = 1 << 16;
    private static final String HOUR = "timestamptz 'epoch' + x.hour * interval '1 hour'";
    private static final String NOT_KEPT = " WHERE NOT EXISTS (SELECT FROM kept_trades k"
            + " WHERE k.instrument_id = s.instrument_id AND k.executed_at = s.executed_at"
            + " AND k.id_number = s.id_number AND k.id_text = s.id_text)";
    private static final String MICROS = " * interval '1 microsecond'";

    private final Connection connection;
    private final PGConnection pg;
    private final UUID journal;
    private final InstrumentIds ids;
    private boolean staging;

    BatchTransaction(Connection connection, UUID journal, InstrumentIds ids) throws SQLException {
        this.connection = connection;
        this.pg = connection.unwrap(PGConnection.class);
        this.journal = journal;
        this.ids = ids;
    }

    /// What became of a batch's trades.
    record Outcome(long stored, long duplicate, long rejected) {
        static final Outcome NOTHING = new Outcome(0, 0, 0);
    }

    /// The position in the database is neither where the batch begins nor where it ends.
    static final class MovedException extends Exception {
        private static final long serialVersionUID = 1L;
        private final long position;

        private MovedException(long position) {
            super("the position is " + position, null, false, false);
            this.position = position;
        }

        long position() {
            return position;
        }
    }

    private record Key(int instrument, long hour) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int byInstrument = Integer.compare(instrument, other.instrument);
            return byInstrument != 0 ? byInstrument : Long.compare(hour, other.hour);
        }
    }

    private static final class Sums {
        private long received;
        private long stored;
        private long duplicate;
        private long late;
        private long consumed;
        private long byRest;
        private final Map<RejectReason, Long> rejected = new TreeMap<>();
        private final Ends ends = new Ends();
    }

    /// The position of this journal, entered as `first` where it is unknown. Waits for an older transaction of
    /// ours to end.
    long position(long first) throws SQLException {
        connection.setAutoCommit(false);
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO journal_positions (journal, position, updated_at)"
                        + " VALUES (?, ?, now()) ON CONFLICT (journal) DO NOTHING")) {
            insert.setObject(1, journal);
            insert.setLong(2, first);
            insert.executeUpdate();
            long position = lockedPosition();
            connection.commit();
            return position;
        }
    }

    /// When this journal was last stored, by the server's clock.
    Instant storedAt() throws SQLException {
        connection.setAutoCommit(true);
        try (PreparedStatement select =
                connection.prepareStatement("SELECT updated_at FROM journal_positions WHERE journal = ?")) {
            select.setObject(1, journal);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getObject(1, OffsetDateTime.class).toInstant() : Instant.MIN;
            }
        }
    }

    /// Says that everything before this position is stored, whatever was said before.
    void setPosition(long position) throws SQLException {
        connection.setAutoCommit(false);
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE journal_positions SET position = ?, updated_at = now() WHERE journal = ?")) {
            update.setLong(1, position);
            update.setObject(2, journal);
            update.executeUpdate();
            connection.commit();
        }
    }

    /// Writes the batch and commits. Where an earlier attempt turns out to have been committed, its answer lost,
    /// nothing is written.
    ///
    /// @param fast  straight into the table; a row that is there already or is refused fails the whole batch,
    ///              which then has to be written slowly
    /// @param heldFrom the hour from which on none was ever dropped
    Outcome write(WriteBatch batch, boolean fast, long heldFrom) throws SQLException, MovedException {
        connection.setAutoCommit(false);
        try {
            LongSummaryStatistics old = batch.hours().stream()
                    .mapToLong(hour -> hour)
                    .filter(hour -> hour < heldFrom)
                    .summaryStatistics();
            if (!fast || old.getCount() > 0) {
                makeStaging();
            }
            if (!movePosition(batch)) {
                connection.rollback();
                return batch.lastAttempt();
            }
            boolean kept = old.getCount() > 0 && areKept(old.getMin(), old.getMax());
            Rows rows = new Rows(batch, ids);
            Map<Key, Sums> sums = sums(batch);
            List<Entry.RejectedRow> rejected = new ArrayList<>(batch.rejected());
            if (rows.count() > 0) {
                if (fast && !kept) {
                    copy("trades", rows, 0, rows.count());
                    for (WriteBatch.Part part : batch.parts()) {
                        int id = ids.of(part.instrument());
                        for (WriteBatch.Counts counts : part.counts()) {
                            sums(sums, id, counts.hour).stored += counts.trades;
                        }
                    }
                } else {
                    insert(rows, 0, rows.count(), kept, sums, rejected);
                }
            }
            enterHoles(batch.opened());
            enterFound(batch.found());
            enterClosed(batch.closed());
            enterRejected(rejected);
            enterConsumed(batch.consumed());
            enterSums(sums);
            long stored = sums.values().stream().mapToLong(one -> one.stored).sum();
            long refused = (long) rejected.size() - batch.rejected().size();
            Outcome outcome = new Outcome(stored, rows.count() - stored - refused, refused + batch.refusedByWriter());
            batch.attempted(outcome);
            connection.commit();
            return outcome;
        } catch (SQLException | RuntimeException e) {
            try {
                connection.rollback();
            } catch (SQLException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    private boolean areKept(long from, long to) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            KeptTrades.lockForWriting(statement);
        }
        return KeptTrades.any(connection, from, to);
    }

    // ---- the position

    private boolean movePosition(WriteBatch batch) throws SQLException, MovedException {
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE journal_positions SET position = ?, updated_at = now()"
                        + " WHERE journal = ? AND position = ?")) {
            update.setLong(1, batch.to());
            update.setObject(2, journal);
            update.setLong(3, batch.from());
            if (update.executeUpdate() == 1) {
                return true;
            }
        }
        long position = lockedPosition();
        if (position == batch.to()) {
            return false;
        }
        connection.rollback();
        throw new MovedException(position);
    }

    private long lockedPosition() throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT position FROM journal_positions WHERE journal = ? FOR UPDATE")) {
            select.setObject(1, journal);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getLong(1) : -1;
            }
        }
    }

    // ---- trades

    /// The trades of a batch in the order of the key, each with the number of its instrument.
    private static final class Rows {
        private final int[] instruments;
        private final Trade[] trades;

        Rows(WriteBatch batch, InstrumentIds ids) {
            List<WriteBatch.Part> parts = new ArrayList<>(batch.parts());
            parts.sort(Comparator.comparingInt(part -> ids.of(part.instrument())));
            instruments = new int[batch.trades()];
            trades = new Trade[batch.trades()];
            int at = 0;
            for (WriteBatch.Part part : parts) {
                int id = ids.of(part.instrument());
                for (Trade trade : part.trades()) {
                    instruments[at] = id;
                    trades[at++] = trade;
                }
            }
        }

        int count() {
            return trades.length;
        }
    }

    private void copy(String table, Rows rows, int from, int to) throws SQLException {
        CopyIn copy =
                pg.getCopyAPI().copyIn("COPY " + table + " (" + TradeEncoder.COLUMNS + ") FROM STDIN (FORMAT binary)");
        try {
            TradeEncoder encoder = new TradeEncoder(BUFFER, copy::writeToCopy);
            encoder.begin();
            for (int i = from; i < to; i++) {
                encoder.row(rows.instruments[i], rows.trades[i]);
            }
            encoder.end();
            copy.endCopy();
        } catch (SQLException | RuntimeException e) {
            if (copy.isActive()) {
                try {
                    copy.cancelCopy();
                } catch (SQLException again) {
                    e.addSuppressed(again);
                }
            }
            throw e;
        }
    }

    private void makeStaging() throws SQLException {
        if (!staging) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("CREATE TEMP TABLE IF NOT EXISTS trades_staging (LIKE trades) ON COMMIT DELETE ROWS");
            }
            connection.commit();
            staging = true;
        }
    }

    /// Writes rows that are not there yet, counts the others, and finds those that the database refuses.
    ///
    /// @param kept whether some may be in `kept_trades`
    private void insert(
            Rows rows, int from, int to, boolean kept, Map<Key, Sums> sums, List<Entry.RejectedRow> rejected)
            throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            try (Statement statement = connection.createStatement()) {
                statement.execute("DELETE FROM trades_staging");
                copy("trades_staging", rows, from, to);
                Map<Key, Long> stored = new HashMap<>();
                try (ResultSet row = statement.executeQuery(
                        "WITH inserted AS (INSERT INTO trades (" + TradeEncoder.COLUMNS
                                + ") SELECT " + TradeEncoder.COLUMNS + " FROM trades_staging s"
                                + (kept ? NOT_KEPT : "") + " ON CONFLICT DO NOTHING"
                                + " RETURNING instrument_id, received_at) SELECT instrument_id,"
                                + " floor(extract(epoch FROM received_at) / 3600)::bigint, count(*) FROM inserted GROUP BY 1, 2")) {
                    while (row.next()) {
                        stored.put(new Key(row.getInt(1), row.getLong(2)), row.getLong(3));
                    }
                }
                for (int i = from; i < to; i++) {
                    sums(sums, rows.instruments[i], Hours.ofNanos(rows.trades[i].receivedAtNanos())).duplicate++;
                }
                stored.forEach((key, count) -> {
                    Sums one = sums(sums, key.instrument, key.hour);
                    one.stored += count;
                    one.duplicate -= count;
                });
            }
            connection.releaseSavepoint(before);
        } catch (SQLException e) {
            if (Trouble.of(e) != Trouble.ROW) {
                throw e;
            }
            connection.rollback(before);
            if (to - from > 1) {
                int middle = (from + to) >>> 1;
                insert(rows, from, middle, kept, sums, rejected);
                insert(rows, middle, to, kept, sums, rejected);
                return;
            }
            Trade trade = rows.trades[from];
            String what = "SQLSTATE " + Trouble.sqlState(e) + ", " + Trouble.oneLine(e);
            Rejected row = Rejected.of(trade, RejectReason.DATABASE, what);
            rejected.add(new Entry.RejectedRow(
                    row.instrument(), RejectReason.DATABASE, row.receivedAtNanos(), row.detail()));
            sums(sums, rows.instruments[from], Hours.ofNanos(trade.receivedAtNanos()))
                    .rejected
                    .merge(RejectReason.DATABASE, 1L, Long::sum);
        }
    }

    // ---- the ledger

    private void enterHoles(List<Entry.HoleOpened> holes) throws SQLException {
        if (holes.isEmpty()) {
            return;
        }
        int count = holes.size();
        int[] instruments = new int[count];
        String[] causes = new String[count];
        long[] fromIds = new long[count];
        long[] toIds = new long[count];
        long[] fromTimes = new long[count];
        long[] toTimes = new long[count];
        long[] expected = new long[count];
        long[] openedAt = new long[count];
        for (int i = 0; i < count; i++) {
            Entry.HoleOpened hole = holes.get(i);
            instruments[i] = ids.of(hole.instrument());
            causes[i] = InstrumentIds.storable(hole.cause());
            fromIds[i] = hole.fromId();
            toIds[i] = hole.toId();
            fromTimes[i] = micros(hole.fromNanos());
            toTimes[i] = micros(hole.toNanos());
            expected[i] = hole.expected();
            openedAt[i] = micros(hole.openedAtNanos());
        }
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO holes (instrument_id, cause, from_id, to_id, from_time, to_time, expected, opened_at)"
                        + " SELECT x.instrument, x.cause, nullif(x.from_id, -1), nullif(x.to_id, -1),"
                        + " timestamptz 'epoch' + nullif(x.from_time, 0)" + MICROS
                        + ", timestamptz 'epoch' + nullif(x.to_time, 0)" + MICROS
                        + ", nullif(x.expected, -1), timestamptz 'epoch' + x.opened_at" + MICROS
                        + " FROM unnest(?::int[], ?::text[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[],"
                        + " ?::bigint[]) WITH ORDINALITY AS x (instrument, cause, from_id, to_id, from_time, to_time, expected,"
                        + " opened_at, n) ORDER BY x.n")) {
            insert.setArray(1, pg.createArrayOf("int4", instruments));
            insert.setArray(2, pg.createArrayOf("text", causes));
            insert.setArray(3, pg.createArrayOf("int8", fromIds));
            insert.setArray(4, pg.createArrayOf("int8", toIds));
            insert.setArray(5, pg.createArrayOf("int8", fromTimes));
            insert.setArray(6, pg.createArrayOf("int8", toTimes));
            insert.setArray(7, pg.createArrayOf("int8", expected));
            insert.setArray(8, pg.createArrayOf("int8", openedAt));
            insert.executeUpdate();
        }
    }

    /// Numbers that came late are counted in every open hole around them; a hole that has all it lacked is
    /// `refilled`.
    private void enterFound(List<Entry.HoleFound> found) throws SQLException {
        if (found.isEmpty()) {
            return;
        }
        int count = found.size();
        int[] instruments = new int[count];
        long[] sequences = new long[count];
        long[] at = new long[count];
        for (int i = 0; i < count; i++) {
            instruments[i] = ids.of(found.get(i).instrument());
            sequences[i] = found.get(i).sequence();
            at[i] = micros(found.get(i).atNanos());
        }
        try (PreparedStatement update = connection.prepareStatement("UPDATE holes h SET found = h.found + f.n,"
                + " outcome = CASE WHEN h.found + f.n >= h.expected THEN 'refilled' END,"
                + " closed_at = CASE WHEN h.found + f.n >= h.expected THEN f.at END"
                + " FROM (SELECT o.id, count(*) AS n, max(timestamptz 'epoch' + x.at" + MICROS + ") AS at"
                + " FROM unnest(?::int[], ?::bigint[], ?::bigint[]) AS x (instrument, sequence, at)"
                + " JOIN holes o ON o.instrument_id = x.instrument AND o.outcome IS NULL"
                + " AND o.from_id <= x.sequence AND o.to_id >= x.sequence GROUP BY o.id) f WHERE h.id = f.id")) {
            update.setArray(1, pg.createArrayOf("int4", instruments));
            update.setArray(2, pg.createArrayOf("int8", sequences));
            update.setArray(3, pg.createArrayOf("int8", at));
            update.executeUpdate();
        }
    }

    private void enterConsumed(List<Consumed> consumed) throws SQLException {
        if (consumed.isEmpty()) {
            return;
        }
        int count = consumed.size();
        int[] instruments = new int[count];
        long[] sequences = new long[count];
        long[] executedAt = new long[count];
        String[] reasons = new String[count];
        for (int i = 0; i < count; i++) {
            Consumed one = consumed.get(i);
            instruments[i] = ids.of(one.instrument());
            sequences[i] = one.sequence();
            executedAt[i] = micros(one.executedAtNanos());
            reasons[i] = InstrumentIds.storable(one.reason());
        }
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO consumed_ids (instrument_id, sequence, executed_at, reason)"
                        + " SELECT x.instrument, x.sequence, timestamptz 'epoch' + x.executed_at" + MICROS
                        + ", x.reason"
                        + " FROM unnest(?::int[], ?::bigint[], ?::bigint[], ?::text[])"
                        + " AS x (instrument, sequence, executed_at, reason) ON CONFLICT DO NOTHING")) {
            insert.setArray(1, pg.createArrayOf("int4", instruments));
            insert.setArray(2, pg.createArrayOf("int8", sequences));
            insert.setArray(3, pg.createArrayOf("int8", executedAt));
            insert.setArray(4, pg.createArrayOf("text", reasons));
            insert.executeUpdate();
        }
    }

    /// A hole that is closed already stays so.
    private void enterClosed(List<Entry.HoleClosed> closed) throws SQLException {
        if (closed.isEmpty()) {
            return;
        }
        int count = closed.size();
        int[] instruments = new int[count];
        long[] openedAt = new long[count];
        long[] fromIds = new long[count];
        String[] outcomes = new String[count];
        long[] found = new long[count];
        long[] closedAt = new long[count];
        for (int i = 0; i < count; i++) {
            Entry.HoleClosed hole = closed.get(i);
            instruments[i] = ids.of(hole.instrument());
            openedAt[i] = micros(hole.openedAtNanos());
            fromIds[i] = hole.fromId();
            outcomes[i] = hole.outcome().id();
            found[i] = hole.found();
            closedAt[i] = micros(hole.closedAtNanos());
        }
        try (PreparedStatement update = connection.prepareStatement("UPDATE holes h SET outcome = x.outcome,"
                + " found = x.found, closed_at = timestamptz 'epoch' + x.closed_at" + MICROS
                + " FROM unnest(?::int[], ?::bigint[], ?::bigint[], ?::text[], ?::bigint[], ?::bigint[])"
                + " AS x (instrument, opened_at, from_id, outcome, found, closed_at)"
                + " WHERE h.outcome IS NULL AND h.instrument_id = x.instrument"
                + " AND h.opened_at = timestamptz 'epoch' + x.opened_at" + MICROS
                + " AND h.from_id IS NOT DISTINCT FROM nullif(x.from_id, -1)")) {
            update.setArray(1, pg.createArrayOf("int4", instruments));
            update.setArray(2, pg.createArrayOf("int8", openedAt));
            update.setArray(3, pg.createArrayOf("int8", fromIds));
            update.setArray(4, pg.createArrayOf("text", outcomes));
            update.setArray(5, pg.createArrayOf("int8", found));
            update.setArray(6, pg.createArrayOf("int8", closedAt));
            update.executeUpdate();
        }
    }

    private void enterRejected(List<Entry.RejectedRow> rows) throws SQLException {
        if (rows.isEmpty()) {
            return;
        }
        int count = rows.size();
        int[] instruments = new int[count];
        long[] receivedAt = new long[count];
        String[] reasons = new String[count];
        String[] details = new String[count];
        for (int i = 0; i < count; i++) {
            Entry.RejectedRow row = rows.get(i);
            instruments[i] = ids.of(row.instrument());
            receivedAt[i] = micros(row.receivedAtNanos());
            reasons[i] = row.reason().id();
            details[i] = InstrumentIds.storable(row.detail());
        }
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO rejected_trades (instrument_id, received_at, reason, detail)"
                        + " SELECT x.instrument, timestamptz 'epoch' + x.received_at" + MICROS + ", x.reason, x.detail"
                        + " FROM unnest(?::int[], ?::bigint[], ?::text[], ?::text[]) AS x (instrument, received_at, reason, detail)")) {
            insert.setArray(1, pg.createArrayOf("int4", instruments));
            insert.setArray(2, pg.createArrayOf("int8", receivedAt));
            insert.setArray(3, pg.createArrayOf("text", reasons));
            insert.setArray(4, pg.createArrayOf("text", details));
            insert.executeUpdate();
        }
    }

    // ---- the counters

    private Map<Key, Sums> sums(WriteBatch batch) {
        Map<Key, Sums> sums = new TreeMap<>();
        for (WriteBatch.Part part : batch.parts()) {
            int id = ids.of(part.instrument());
            for (WriteBatch.Counts counts : part.counts()) {
                Sums one = sums(sums, id, counts.hour);
                one.received += counts.received;
                one.duplicate += counts.duplicate;
                one.late += counts.late;
                one.byRest += counts.byRest;
                one.consumed += counts.consumed;
                counts.rejected.forEach((reason, count) -> one.rejected.merge(reason, count, Long::sum));
                one.ends.add(counts.ends);
            }
        }
        return sums;
    }

    private static Sums sums(Map<Key, Sums> sums, int instrument, long hour) {
        return sums.computeIfAbsent(new Key(instrument, hour), _ -> new Sums());
    }

    private void enterSums(Map<Key, Sums> sums) throws SQLException {
        if (sums.isEmpty()) {
            return;
        }
        int count = sums.size();
        int[] instruments = new int[count];
        long[] hours = new long[count];
        long[] received = new long[count];
        long[] stored = new long[count];
        long[] duplicate = new long[count];
        long[] late = new long[count];
        long[] consumed = new long[count];
        long[] byRest = new long[count];
        @Nullable String[] firstIds = new @Nullable String[count];
        @Nullable Long[] firstAt = new @Nullable Long[count];
        @Nullable String[] lastIds = new @Nullable String[count];
        @Nullable Long[] lastAt = new @Nullable Long[count];
        int at = 0;
        boolean rejected = false;
        for (Map.Entry<Key, Sums> entry : sums.entrySet()) {
            instruments[at] = entry.getKey().instrument;
            hours[at] = entry.getKey().hour;
            received[at] = entry.getValue().received;
            stored[at] = entry.getValue().stored;
            duplicate[at] = entry.getValue().duplicate;
            late[at] = entry.getValue().late;
            consumed[at] = entry.getValue().consumed;
            byRest[at] = entry.getValue().byRest;
            Trade first = entry.getValue().ends.first;
            Trade last = entry.getValue().ends.last;
            if (first != null && last != null) {
                firstIds[at] = Ends.id(first);
                firstAt[at] = micros(first.executedAtNanos());
                lastIds[at] = Ends.id(last);
                lastAt[at] = micros(last.executedAtNanos());
            }
            rejected |= !entry.getValue().rejected.isEmpty();
            at++;
        }
        try (PreparedStatement upsert = connection.prepareStatement(
                "INSERT INTO trade_counts AS c (instrument_id, hour, received, stored, duplicate, late, consumed, by_rest,"
                        + " first_id, first_executed_at, last_id, last_executed_at)"
                        + " SELECT x.instrument, " + HOUR
                        + ", x.received, x.stored, x.duplicate, x.late, x.consumed, x.by_rest,"
                        + " x.first_id, timestamptz 'epoch' + x.first_at" + MICROS
                        + ", x.last_id, timestamptz 'epoch' + x.last_at" + MICROS
                        + " FROM unnest(?::int[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[],"
                        + " ?::text[], ?::bigint[], ?::text[], ?::bigint[])"
                        + " AS x (instrument, hour, received, stored, duplicate, late, consumed, by_rest, first_id, first_at, last_id,"
                        + " last_at)"
                        + " ON CONFLICT (instrument_id, hour) DO UPDATE SET received = c.received + excluded.received,"
                        + " stored = c.stored + excluded.stored, duplicate = c.duplicate + excluded.duplicate,"
                        + " late = c.late + excluded.late, consumed = c.consumed + excluded.consumed,"
                        + " by_rest = c.by_rest + excluded.by_rest,"
                        + " first_id = CASE WHEN c.first_id IS NULL OR"
                        + " (excluded.first_executed_at, length(excluded.first_id), excluded.first_id)"
                        + " < (c.first_executed_at, length(c.first_id), c.first_id) THEN excluded.first_id ELSE c.first_id END,"
                        + " first_executed_at = least(c.first_executed_at, excluded.first_executed_at),"
                        + " last_id = CASE WHEN c.last_id IS NULL OR"
                        + " (excluded.last_executed_at, length(excluded.last_id), excluded.last_id)"
                        + " > (c.last_executed_at, length(c.last_id), c.last_id) THEN excluded.last_id ELSE c.last_id END,"
                        + " last_executed_at = greatest(c.last_executed_at, excluded.last_executed_at)")) {
            upsert.setArray(1, pg.createArrayOf("int4", instruments));
            upsert.setArray(2, pg.createArrayOf("int8", hours));
            upsert.setArray(3, pg.createArrayOf("int8", received));
            upsert.setArray(4, pg.createArrayOf("int8", stored));
            upsert.setArray(5, pg.createArrayOf("int8", duplicate));
            upsert.setArray(6, pg.createArrayOf("int8", late));
            upsert.setArray(7, pg.createArrayOf("int8", consumed));
            upsert.setArray(8, pg.createArrayOf("int8", byRest));
            upsert.setArray(9, pg.createArrayOf("text", firstIds));
            upsert.setArray(10, pg.createArrayOf("int8", firstAt));
            upsert.setArray(11, pg.createArrayOf("text", lastIds));
            upsert.setArray(12, pg.createArrayOf("int8", lastAt));
            upsert.executeUpdate();
        }
        if (rejected) {
            enterRejectedSums(sums);
        }
    }

    private void enterRejectedSums(Map<Key, Sums> sums) throws SQLException {
        List<Integer> instruments = new ArrayList<>();
        List<Long> hours = new ArrayList<>();
        List<String> reasons = new ArrayList<>();
        List<Long> counts = new ArrayList<>();
        sums.forEach((key, one) -> one.rejected.forEach((reason, count) -> {
            instruments.add(key.instrument);
            hours.add(key.hour);
            reasons.add(reason.id());
            counts.add(count);
        }));
        try (PreparedStatement upsert = connection.prepareStatement(
                "INSERT INTO rejected_counts AS c (instrument_id, hour, reason, rejected)"
                        + " SELECT x.instrument, " + HOUR + ", x.reason, x.rejected"
                        + " FROM unnest(?::int[], ?::bigint[], ?::text[], ?::bigint[]) AS x (instrument, hour, reason, rejected)"
                        + " ON CONFLICT (instrument_id, hour, reason) DO UPDATE SET rejected = c.rejected + excluded.rejected")) {
            upsert.setArray(1, pg.createArrayOf("int4", instruments.toArray()));
            upsert.setArray(2, pg.createArrayOf("int8", hours.toArray()));
            upsert.setArray(3, pg.createArrayOf("text", reasons.toArray()));
            upsert.setArray(4, pg.createArrayOf("int8", counts.toArray()));
            upsert.executeUpdate();
        }
    }

    private static long micros(long nanos) {
        return Math.floorDiv(nanos, 1_000L);
    }
}

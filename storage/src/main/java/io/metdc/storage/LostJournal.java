package io.metdc.storage;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.UUID;

/// What was in a journal that is gone, or in segments of one that are, and never reached the database: the
/// time between the last trade that is stored of each instrument and the oldest that the journal now has is
/// entered as a hole. Instruments of which nothing was stored in the last two hours are not thought of.
final class LostJournal {
    /// The cause of such a hole.
    static final String CAUSE = "journal_lost";

    private LostJournal() {}

    /// Whether the database knows other journals and not this one: then another one was there before.
    static boolean isReplaced(Connection connection, UUID journal) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT coalesce(bool_and(journal <> ?), false) FROM journal_positions")) {
            select.setObject(1, journal);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }
    }

    /// Enters the holes, within the connection's transaction.
    ///
    /// @param until when the oldest segment that there is was begun
    /// @param now   our clock
    /// @return how many
    static int enter(Connection connection, Instant until, Instant now) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO holes (instrument_id, cause, from_time, to_time, opened_at)"
                        + " SELECT c.instrument_id, ?, least(t.executed_at, x.until), x.until, ?"
                        + " FROM (SELECT instrument_id, max(hour) AS hour FROM trade_counts WHERE stored > 0"
                        + " AND hour >= (SELECT max(hour) FROM trade_counts WHERE stored > 0) - interval '1 hour'"
                        + " GROUP BY instrument_id) c"
                        + " CROSS JOIN LATERAL (SELECT executed_at FROM trades WHERE instrument_id = c.instrument_id"
                        + " AND executed_at >= c.hour - interval '1 hour' ORDER BY executed_at DESC LIMIT 1) t"
                        + " CROSS JOIN (SELECT ?::timestamptz AS until) x")) {
            insert.setString(1, CAUSE);
            insert.setObject(2, now.atOffset(ZoneOffset.UTC));
            insert.setObject(3, until.atOffset(ZoneOffset.UTC));
            return insert.executeUpdate();
        }
    }
}

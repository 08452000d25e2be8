package io.metdc.listings.recorder;

import io.metdc.connectors.Connectors;
import io.metdc.connectors.Evidence;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the database knows of a venue in the windows of an archive, before any judgement.
///
/// @param price       of one base unit before the announcement; null when there is none nearby
/// @param connections that had its subscription acknowledged, in any order; also some from before the windows
/// @param holes       of the ledger that touch the windows
/// @param rejected    rows that were received in the windows and not stored although they were no repetition
/// @param lost        of those received in the core window, and so long after it as frames may be late, the
///                    ones that come by no other way
/// @param proof       what can be said of a stretch without a connection
/// @param numbered    whether the exchange gives contiguous numbers
record Facts(
        Venue venue,
        @Nullable BigDecimal price,
        List<Subscription> connections,
        List<Hole> holes,
        Tape.Tally tally,
        long rejected,
        long lost,
        Proof proof,
        boolean numbered) {

    /// How long before a window connections are looked for, to tell one that ended from one that never was.
    private static final Duration PAST = Duration.ofDays(1);

    /// How far from the announcement a price still tells whether it is the same coin.
    private static final Duration NEARBY = Duration.ofHours(1);

    private static final Duration PRICE_WINDOW = Duration.ofMinutes(10);
    /// The announcement's time is cut to seconds, and its last second may know of it already.
    private static final Duration UNSURE = Duration.ofSeconds(1);

    private static final int MOST_HOLES = 10_000;

    /// Of an instrument, that begin before an instant and end behind another.
    static final String HOLES = "SELECT coalesce(from_time, to_time, opened_at) AS since,"
            + " greatest(coalesce(to_time, opened_at), coalesce(from_time, to_time, opened_at)) AS until, cause,"
            + " from_id IS NOT NULL, outcome FROM holes WHERE instrument_id = ?"
            + " AND coalesce(from_time, to_time, opened_at) < ? AND coalesce(to_time, opened_at) >= ?"
            + " ORDER BY since, id LIMIT " + MOST_HOLES;

    /// A stretch in which a connection delivered, as far as is known: until it ended or was last seen.
    ///
    /// @param cause why it ended; `not_seen_any_more` where nobody says that it did
    record Subscription(Window window, String cause) {}

    /// A hole of the ledger.
    ///
    /// @param outcome null while it is open
    record Hole(
            Instant from,
            Instant to,
            String cause,
            boolean byNumber,
            @Nullable String outcome) {
        boolean isFilled() {
            return "refilled".equals(outcome) || "never_public".equals(outcome);
        }
    }

    /// Whether a stretch lacks no trade although nothing was connected.
    @FunctionalInterface
    interface Proof {
        Proof NONE = _ -> false;

        boolean lacksNothing(Window stretch) throws SQLException;
    }

    /// A venue of which nothing can be known.
    static Facts none(Venue venue) {
        return new Facts(venue, null, List.of(), List.of(), Tape.Tally.NOTHING, 0, 0, Proof.NONE, false);
    }

    /// Asks the database.
    static Facts read(Connection connection, Event event, List<Window> windows, Venue venue) throws SQLException {
        Instrument instrument = venue.instrument();
        if (instrument == null) {
            return none(venue);
        }
        Tape tape = new Tape(connection);
        boolean numbered = isNumbered(instrument.market());
        int id = tape.id(instrument);
        if (id < 0) {
            return new Facts(venue, null, List.of(), List.of(), Tape.Tally.NOTHING, 0, 0, Proof.NONE, numbered);
        }
        Window hull = Window.hull(windows);
        return new Facts(
                venue,
                price(tape, id, event.announcedAt()),
                connections(connection, id, hull),
                holes(connection, id, hull),
                tape.tally(id, windows),
                rejected(tape, id, windows),
                tape.lost(id, new Window(event.core().from(), event.core().to().plus(Recording.LATE_FRAMES))),
                numbered ? stretch -> tape.isContiguous(id, stretch) : Proof.NONE,
                numbered);
    }

    private static long rejected(Tape tape, int id, List<Window> windows) throws SQLException {
        long rejected = 0;
        for (Window window : windows) {
            rejected += tape.rejected(id, window);
        }
        return rejected;
    }

    private static boolean isNumbered(Market market) {
        return Connectors.of(market)
                .map(connector -> connector.evidence() instanceof Evidence.ByIds)
                .orElse(false);
    }

    /// The median over the minutes before the announcement, else the last price before them, else the first behind.
    private static @Nullable BigDecimal price(Tape tape, int id, Instant announcedAt) throws SQLException {
        Instant sure = announcedAt.minus(UNSURE);
        BigDecimal median = tape.median(id, new Window(announcedAt.minus(PRICE_WINDOW), sure));
        if (median != null) {
            return median;
        }
        BigDecimal last = tape.last(id, new Window(announcedAt.minus(NEARBY), sure));
        return last != null ? last : tape.first(id, new Window(sure, announcedAt.plus(NEARBY)));
    }

    private static List<Subscription> connections(Connection connection, int id, Window hull) throws SQLException {
        List<Subscription> found = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT delivering_at, ended_at, seen_at, cause FROM connections WHERE instrument_ids @> ARRAY[?]"
                        + " AND delivering_at IS NOT NULL AND connected_at < ? AND coalesce(ended_at, seen_at) > ?"
                        + " ORDER BY delivering_at")) {
            statement.setInt(1, id);
            statement.setObject(2, Tape.at(hull.to()));
            statement.setObject(3, Tape.at(hull.from().minus(PAST)));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    Instant from = Tape.at(row, 1);
                    Instant seen = Tape.at(row, 3);
                    Instant ended = Tape.atOrNull(row, 2);
                    Instant to = ended == null ? seen : ended;
                    String cause = row.getString(4);
                    if (from.isBefore(to)) {
                        found.add(new Subscription(new Window(from, to), cause == null ? "not_seen_any_more" : cause));
                    }
                }
            }
        }
        return found;
    }

    private static List<Hole> holes(Connection connection, int id, Window hull) throws SQLException {
        List<Hole> found = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(HOLES)) {
            statement.setInt(1, id);
            statement.setObject(2, Tape.at(hull.to()));
            statement.setObject(3, Tape.at(hull.from()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    found.add(new Hole(
                            Tape.at(row, 1), Tape.at(row, 2), row.getString(3), row.getBoolean(4), row.getString(5)));
                }
            }
        }
        return found;
    }
}

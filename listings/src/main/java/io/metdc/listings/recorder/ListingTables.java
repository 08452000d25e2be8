package io.metdc.listings.recorder;

import io.metdc.listings.Listing;
import io.metdc.listings.ListingJson;
import io.metdc.listings.Sighting;
import io.metdc.listings.recorder.Archive.Published;
import io.metdc.listings.recorder.Coverage.OfVenue;
import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.storage.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What the database knows of listings: a copy of what the files say, so that a failure loses nothing and the same may
/// be written again.
public final class ListingTables {
    private final Database database;
    private final InstantSource clock;

    public ListingTables(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /// Writes all rows of a listing in one transaction. The coin's instruments are entered where they are new; from
    /// then on their trades are kept.
    ///
    /// @param published what was archived; null before that: what an earlier call wrote of it stays
    public void write(Event event, List<Venue> venues, @Nullable Published published) throws SQLException {
        database.register(unknown(venues), clock.instant());
        try (Connection connection = database.dataSource().getConnection()) {
            connection.setAutoCommit(false);
            writeListing(connection, event, published);
            writeSightings(connection, event.listing());
            writeKept(connection, event, venues);
            if (published == null) {
                writeMarkets(connection, event.listing(), venues);
            } else {
                writeVenues(connection, event, published.coverage());
            }
            connection.commit();
        }
    }

    /// A listing as the tables have it.
    ///
    /// @param stage  how far its archive is; null before the first
    /// @param venues where its coin is traded, or may be; no market without an instrument
    public record Stored(
            String id,
            String coin,
            Instant announcedAt,
            @Nullable Instant opensAt,
            @Nullable Stage stage,
            List<Venue> venues) {}

    /// The listing with this id, in any letter case.
    public Optional<Stored> find(String id) throws SQLException {
        try (Connection connection = database.readOnly().getConnection();
                PreparedStatement statement = connection.prepareStatement(
                        "SELECT id, coin, announced_at, opens_at, stage FROM listings WHERE id = upper(?)")) {
            statement.setString(1, Tape.storable(id));
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                String stage = row.getString(5);
                return Optional.of(new Stored(
                        row.getString(1),
                        row.getString(2),
                        Tape.at(row, 3),
                        Tape.atOrNull(row, 4),
                        stage == null ? null : Stage.of(stage),
                        venues(connection, row.getString(1), Coverage.Status.values())));
            }
        }
    }

    /// Where a listing's coin was found so far; its market for won only while it is a listing for won.
    static List<Venue> found(Connection connection, Listing listing) throws SQLException {
        return venues(connection, listing.id(), Coverage.Status.RECORDED).stream()
                .filter(venue -> listing.isKrw() || !venue.isHome())
                .toList();
    }

    private static List<Venue> venues(Connection connection, String id, Coverage.Status... statuses)
            throws SQLException {
        List<Venue> venues = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("SELECT exchange, market, symbol, base, quote,"
                + " contract_size, multiplier FROM listing_markets WHERE listing_id = ? AND symbol IS NOT NULL"
                + " AND status = ANY (?)")) {
            statement.setString(1, id);
            statement.setArray(
                    2,
                    connection.createArrayOf(
                            "text", Stream.of(statuses).map(Coverage.Status::id).toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    Market market = new Market(
                            Exchange.of(row.getString(1)).orElseThrow(),
                            MarketType.of(row.getString(2)).orElseThrow());
                    venues.add(Venue.listed(new Instrument(
                            market,
                            row.getString(3),
                            row.getString(4),
                            row.getString(5),
                            row.getString(5),
                            row.getBigDecimal(6),
                            row.getBigDecimal(7))));
                }
            }
        }
        venues.sort(Comparator.comparing(Venue::market).thenComparing(Venue::toString));
        return venues;
    }

    /// Instruments that were never entered.
    private List<Instrument> unknown(List<Venue> venues) throws SQLException {
        List<Instrument> unknown = new ArrayList<>();
        try (Connection connection = database.readOnly().getConnection()) {
            Tape tape = new Tape(connection);
            for (Venue venue : venues) {
                Instrument instrument = venue.instrument();
                if (instrument != null && tape.id(instrument) < 0) {
                    unknown.add(instrument);
                }
            }
        }
        return unknown;
    }

    private void writeListing(Connection connection, Event event, @Nullable Published published) throws SQLException {
        Listing listing = event.listing();
        try (PreparedStatement upsert =
                connection.prepareStatement("INSERT INTO listings AS l (id, notice, coin, title,"
                        + " category, url, markets, is_krw_listing, announced_at, fired_at, seen_at, not_yet_at, opens_at,"
                        + " market_seen_at, first_krw_at, late, kind, stage, complete, open_holes, archive, updated_at,"
                        + " metdc_version, contracts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
                        + " ?::jsonb)"
                        + " ON CONFLICT (id) DO UPDATE SET notice = excluded.notice, title = excluded.title,"
                        + " category = excluded.category, url = excluded.url, markets = excluded.markets,"
                        + " is_krw_listing = excluded.is_krw_listing, fired_at = excluded.fired_at, seen_at = excluded.seen_at,"
                        + " not_yet_at = excluded.not_yet_at, opens_at = excluded.opens_at,"
                        + " market_seen_at = excluded.market_seen_at, first_krw_at = coalesce(excluded.first_krw_at, l.first_krw_at),"
                        + " late = excluded.late, kind = excluded.kind, stage = coalesce(excluded.stage, l.stage),"
                        + " complete = coalesce(excluded.complete, l.complete),"
                        + " open_holes = coalesce(excluded.open_holes, l.open_holes),"
                        + " archive = coalesce(excluded.archive, l.archive), updated_at = excluded.updated_at,"
                        + " metdc_version = excluded.metdc_version, contracts = excluded.contracts")) {
            Coverage coverage = published == null ? null : published.coverage();
            int at = 1;
            upsert.setString(at++, listing.id());
            upsert.setString(at++, Tape.storable(listing.notice()));
            upsert.setString(at++, listing.coin());
            upsert.setString(at++, Tape.storable(listing.title()));
            upsert.setString(at++, Tape.storable(listing.category()));
            upsert.setString(at++, listing.url() == null ? null : listing.url().toString());
            upsert.setArray(
                    at++, connection.createArrayOf("text", listing.markets().toArray()));
            upsert.setBoolean(at++, listing.isKrw());
            upsert.setObject(at++, Tape.at(listing.announcedAt()));
            upsert.setObject(at++, Tape.at(listing.firedAt()));
            upsert.setObject(at++, Tape.at(listing.seenAt()));
            set(upsert, at++, listing.sightings().getFirst().notYetAt());
            set(upsert, at++, event.opensAt());
            set(upsert, at++, event.marketSeenAt());
            set(upsert, at++, coverage == null ? null : coverage.firstWon());
            upsert.setBoolean(at++, listing.late());
            upsert.setString(at++, event.kind());
            upsert.setString(at++, coverage == null ? null : coverage.stage().id());
            upsert.setObject(at++, coverage == null ? null : coverage.complete(), Types.BOOLEAN);
            upsert.setObject(at++, coverage == null ? null : coverage.openHoles(), Types.BIGINT);
            upsert.setString(
                    at++,
                    published == null ? null : published.folder().getFileName().toString());
            upsert.setObject(at++, Tape.at(clock.instant()));
            upsert.setString(at++, event.version());
            upsert.setString(
                    at, Tape.storable(ListingJson.contracts(event.contracts()).toString()));
            upsert.executeUpdate();
        }
    }

    private static void writeSightings(Connection connection, Listing listing) throws SQLException {
        try (PreparedStatement upsert = connection.prepareStatement("INSERT INTO listing_sightings (listing_id, source,"
                + " not_yet_at, seen_at) VALUES (?, ?, ?, ?) ON CONFLICT (listing_id, source) DO NOTHING")) {
            delete(connection, "listing_sightings", listing);
            for (Sighting sighting : listing.sightings()) { // a source that saw it twice: the first counts
                upsert.setString(1, listing.id());
                upsert.setString(2, sighting.source().id());
                set(upsert, 3, sighting.notYetAt());
                upsert.setObject(4, Tape.at(sighting.seenAt()));
                upsert.executeUpdate();
            }
        }
    }

    /// What was kept stays so, also where an instrument is gone from its list since.
    private static void writeKept(Connection connection, Event event, List<Venue> venues) throws SQLException {
        Window kept = event.windows().kept(event.announcedAt(), event.opensAt());
        try (PreparedStatement upsert = connection.prepareStatement("INSERT INTO kept_spans AS k (listing_id,"
                + " instrument_id, from_time, to_time) VALUES (?, ?, ?, ?) ON CONFLICT (listing_id, instrument_id,"
                + " from_time) DO UPDATE SET to_time = greatest(k.to_time, excluded.to_time)")) {
            for (int id : Archive.ids(new Tape(connection), venues)) {
                upsert.setString(1, event.listing().id());
                upsert.setInt(2, id);
                upsert.setObject(3, Tape.at(kept.from()));
                upsert.setObject(4, Tape.at(kept.to()));
                upsert.executeUpdate();
            }
        }
    }

    /// Before anything is archived: where the coin is looked for, and nothing of what came of it.
    private static void writeMarkets(Connection connection, Listing listing, List<Venue> venues) throws SQLException {
        try (PreparedStatement exists =
                connection.prepareStatement("SELECT FROM coverage WHERE listing_id = ? LIMIT 1")) {
            exists.setString(1, listing.id());
            try (ResultSet row = exists.executeQuery()) {
                if (row.next()) {
                    return;
                }
            }
        }
        List<Venue> all = Venues.together(venues, found(connection, listing));
        delete(connection, "listing_markets", listing);
        for (Venue venue : all) {
            String status = switch (venue.match()) {
                case LISTED -> Coverage.Status.RECORDED.id();
                case CANDIDATE -> Coverage.Status.UNMATCHED_SYMBOL.id();
                case NOT_LISTED -> Coverage.Status.NOT_LISTED.id();
                case SWITCHED_OFF, UNKNOWN -> Coverage.Status.DISCONNECTED.id();
            };
            writeMarket(connection, listing, venue, null, status, venue.why());
        }
    }

    private static void writeVenues(Connection connection, Event event, Coverage coverage) throws SQLException {
        Listing listing = event.listing();
        delete(connection, "listing_markets", listing);
        delete(connection, "coverage", listing);
        Window hull = Window.hull(coverage.windows());
        for (OfVenue venue : coverage.venues()) {
            String status = venue.isCoin()
                    ? Coverage.Status.RECORDED.id()
                    : venue.status().id();
            writeMarket(connection, listing, venue.venue(), venue, status, venue.detail());
            writeCoverage(connection, event, venue, hull);
        }
    }

    private static void writeMarket(
            Connection connection, Listing listing, Venue venue, @Nullable OfVenue found, String status, String detail)
            throws SQLException {
        Instrument instrument = venue.instrument();
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO listing_markets (listing_id, exchange,"
                + " market, symbol, base, quote, contract_size, multiplier, price_ratio, status, detail)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            insert.setString(1, listing.id());
            insert.setString(2, venue.market().exchange().id());
            insert.setString(3, venue.market().type().id());
            insert.setString(4, instrument == null ? null : Tape.storable(instrument.symbol()));
            insert.setString(5, instrument == null ? null : Tape.storable(instrument.base()));
            insert.setString(6, instrument == null ? null : Tape.storable(instrument.quote()));
            insert.setBigDecimal(7, instrument == null ? null : instrument.contractSize());
            insert.setBigDecimal(8, instrument == null ? null : venue.multiplier());
            insert.setBigDecimal(9, found == null ? null : found.priceRatio());
            insert.setString(10, status);
            insert.setString(11, detail.isEmpty() ? null : Tape.storable(detail));
            insert.executeUpdate();
        }
    }

    private static void writeCoverage(Connection connection, Event event, OfVenue of, Window hull) throws SQLException {
        Instrument instrument = of.venue().instrument();
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO coverage (listing_id, exchange, market,"
                        + " symbol, status, connected, gaps, trades, first_at, last_at, receive_delay_p50_us,"
                        + " receive_delay_p99_us, sequence_breaks, complete, window_from, window_to, clock_offset_ms)"
                        + " VALUES (?, ?, ?, ?, ?, ?::tstzmultirange, ?::jsonb, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            insert.setString(1, event.listing().id());
            insert.setString(2, of.venue().market().exchange().id());
            insert.setString(3, of.venue().market().type().id());
            insert.setString(4, instrument == null ? null : Tape.storable(instrument.symbol()));
            insert.setString(5, of.status().id());
            StringJoiner ranges = new StringJoiner(",", "{", "}");
            of.connected().forEach(window -> ranges.add("[\"" + window.from() + "\",\"" + window.to() + "\")"));
            insert.setString(6, ranges.toString());
            insert.setString(7, Tape.storable(CoverageJson.gaps(of.gaps()).toString()));
            insert.setLong(8, of.trades());
            set(insert, 9, of.firstAt());
            set(insert, 10, of.lastAt());
            insert.setObject(11, of.delay50(), Types.BIGINT);
            insert.setObject(12, of.delay99(), Types.BIGINT);
            insert.setObject(13, of.sequenceBreaks(), Types.INTEGER);
            insert.setBoolean(14, of.complete());
            insert.setObject(15, Tape.at(hull.from()));
            insert.setObject(16, Tape.at(hull.to()));
            insert.setObject(17, event.clockOffsetMillis(of.venue()), Types.DOUBLE);
            insert.executeUpdate();
        }
    }

    private static void delete(Connection connection, String table, Listing listing) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM " + table + " WHERE listing_id = ?")) {
            delete.setString(1, listing.id());
            delete.executeUpdate();
        }
    }

    private static void set(PreparedStatement statement, int at, @Nullable Instant instant) throws SQLException {
        statement.setObject(at, instant == null ? null : Tape.at(instant), Types.TIMESTAMP_WITH_TIMEZONE);
    }
}

package io.metdc.listings.recorder;

import io.metdc.listings.Listing;
import io.metdc.storage.Database;
import io.metdc.symbols.Aliases;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Publishes a listing's stage: finds the coin on all markets, writes the archive, and copies what it says into the
/// database. Thread-safe.
public final class Publisher {
    private static final String FIRST_KRW = "SELECT executed_at FROM trade WHERE exchange = 'upbit' AND market = 'spot'"
            + " AND symbol = ? AND executed_at >= ? AND executed_at < ? AND origin <> 'snapshot' ORDER BY executed_at"
            + " LIMIT 1";

    private static final String OPEN_HOLES = "SELECT count(*) FROM listing_markets m JOIN instruments i"
            + " USING (exchange, market, symbol) JOIN holes h ON h.instrument_id = i.id AND h.outcome IS NULL"
            + " WHERE m.listing_id = ? AND coalesce(h.from_time, h.to_time, h.opened_at) < ?"
            + " AND coalesce(h.to_time, h.opened_at) >= ?";

    private final Archive archive;
    private final Collecting collecting;
    private final Windows windows;
    private final Aliases aliases;
    private final Supplier<Optional<Duration>> clockAhead;
    private final String version;
    private final String configuration;
    private final InstantSource clock;

    /// @param aliases       coins with another name at Upbit
    /// @param clockAhead    how far the clock of the exchange that announces is ahead of ours, as far as is known
    /// @param version       metdc's own
    /// @param configuration stands for the configuration in use: another one has another
    public Publisher(
            Archive archive,
            Collecting collecting,
            Windows windows,
            Aliases aliases,
            Supplier<Optional<Duration>> clockAhead,
            String version,
            String configuration,
            InstantSource clock) {
        this.archive = archive;
        this.collecting = collecting;
        this.windows = windows;
        this.aliases = aliases;
        this.clockAhead = clockAhead;
        this.version = version;
        this.configuration = configuration;
        this.clock = clock;
    }

    /// Where the coin of a listing is traded, as far as is known at the moment; the database is not asked.
    public List<Venue> venues(Listing listing) {
        return Venues.of(listing, collecting.offers(), aliases);
    }

    /// A recording as it stands.
    Event event(RecordingFile state) {
        return new Event(
                state.listing(),
                state.kind(),
                state.opensAt(),
                state.marketSeenAt(),
                state.contracts(),
                clockAhead.get().orElse(null),
                windows,
                version,
                configuration);
    }

    /// Enters the listing in the database, so that its trades are kept from now on.
    ///
    /// @throws IOException when the database is not there or does not take it
    void register(Event event) throws IOException {
        try {
            new ListingTables(database(), clock).write(event, venues(event.listing()), null);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /// Publishes a stage without any effect, so that doing so in earnest is quick.
    void rehearse(Event event, Stage stage) throws IOException {
        try {
            archive.rehearse(database().readOnly(), event, stage, venues(event.listing()));
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /// Writes a stage's archive, then its rows.
    ///
    /// @throws IOException when the database is not there, or the disk does not take it
    Archive.Published publish(Event event, Stage stage) throws IOException {
        Database database = database();
        List<Venue> venues = venues(event.listing());
        try {
            Archive.Published published = archive.publish(database.readOnly(), event, stage, venues);
            new ListingTables(database, clock).write(event, venues, published);
            return published;
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /// How many holes in the kept windows of a registered listing are still open.
    long openHoles(Event event) throws IOException {
        Window kept = windows.kept(event.listing().announcedAt(), event.opensAt());
        try (Connection connection = database().readOnly().getConnection();
                PreparedStatement question = connection.prepareStatement(OPEN_HOLES)) {
            question.setString(1, event.listing().id());
            question.setObject(2, kept.to().atOffset(ZoneOffset.UTC));
            question.setObject(3, kept.from().atOffset(ZoneOffset.UTC));
            try (ResultSet row = question.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /// When the coin was first traded for won since its announcement; null while it was not, and where it was traded
    /// for won before.
    ///
    /// @param opensAt when it opened, as far as is known; null while nobody knows
    @Nullable
    Instant firstKrwTrade(Listing listing, @Nullable Instant opensAt) throws IOException {
        Window kept = windows.kept(listing.announcedAt(), opensAt);
        try (Connection connection = database().readOnly().getConnection();
                PreparedStatement question = connection.prepareStatement(FIRST_KRW)) {
            question.setString(1, Venues.krw(listing.coin()).symbol());
            question.setObject(2, kept.from().atOffset(ZoneOffset.UTC));
            question.setObject(3, kept.to().atOffset(ZoneOffset.UTC));
            try (ResultSet row = question.executeQuery()) {
                Instant first =
                        row.next() ? row.getObject(1, OffsetDateTime.class).toInstant() : null;
                return first == null || first.isBefore(listing.announcedAt()) ? null : first;
            }
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private Database database() throws IOException {
        return collecting.storage().orElseThrow(NoDatabase::new);
    }

    private static IOException failed(SQLException e) {
        return new IOException("the database says: " + e.getMessage(), e);
    }
}

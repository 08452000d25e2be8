package io.metdc.storage;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the table of trades in shape: makes the hours ahead, compresses past ones, drops old ones, but for what
/// stays of them for a listing. One thread of its own, `storage-maintenance`, at work every half minute; what it
/// cannot do now because somebody reads, it does later.
public final class Maintenance implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Maintenance.class);
    private static final Duration PERIOD = Duration.ofSeconds(30);
    private static final Duration FORGETTING = Duration.ofHours(1);
    private static final Duration STATEMENT = Duration.ofMinutes(10);
    private static final int HOURS_AHEAD = 2;
    /// Late trades come within minutes; compressing later than necessary only costs room.
    private static final int UNCOMPRESSED_HOURS = 2;
    /// The hours that are written now are never dropped, whatever the disk says.
    static final int HELD_HOURS = 2;

    private static final Duration COUNTS_KEPT = Duration.ofDays(90);
    /// Fewer say nothing about the bytes of a trade.
    private static final long ENOUGH_TRADES = 1_000_000;

    private static final long LITTLE_BYTES = 2L << 30;
    private static final double LITTLE_PART = 0.05;

    private final Database database;
    private final StorageSettings settings;
    private final InstantSource clock;
    private final TradeTable table;
    private final DataSource source;
    private final Thread thread;
    private volatile @Nullable Space space;

    // Used by its own thread only.
    private boolean inTrouble;
    private boolean fewHours;
    private boolean littleDisk;
    private boolean held;
    private boolean cannotKeep;
    private Instant nextForgetting = Instant.MIN;

    public Maintenance(Database database, StorageSettings settings, InstantSource clock) {
        this.database = database;
        this.settings = settings;
        this.clock = clock;
        this.table = database.table();
        this.source = database.server().source("metdc-maintenance", STATEMENT);
        this.thread = Thread.ofPlatform().name("storage-maintenance").daemon().unstarted(this::run);
    }

    /// Makes the hours that are needed now, works out how long the disk lasts and says so, then goes on in its
    /// own thread.
    public void start() throws DatabaseException {
        try (Connection connection = source.getConnection()) {
            makeAhead(connection);
            Space first = measure(connection);
            space = first;
            warnOfFewHours(first);
            if (!fewHours) {
                log.info("{}", first.inWords());
            }
        } catch (SQLException e) {
            throw Trouble.explained(database.address(), e);
        }
        thread.start();
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(Duration.ofSeconds(3)); // a daemon: what it does now may be left undone
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// As measured last; empty before the first time.
    public Optional<Space> space() {
        return Optional.ofNullable(space);
    }

    private void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                Thread.sleep(PERIOD);
                try (Connection connection = source.getConnection()) {
                    work(connection);
                    inTrouble = false;
                } catch (SQLException | RuntimeException e) {
                    if (!inTrouble) {
                        inTrouble = true;
                        log.warn("hours are not made, compressed or dropped for the moment: {}", Trouble.oneLine(e));
                    }
                }
            }
        } catch (InterruptedException _) {
            // The only stop signal.
        }
    }

    /// Everything once.
    void work(Connection connection) throws SQLException {
        makeAhead(connection);
        table.compress(connection, Hours.of(clock.instant()) - UNCOMPRESSED_HOURS);
        dropOld(connection);
        forgetOld(connection);
        Space now = measure(connection);
        space = now;
        warnOfFewHours(now);
        watchDisk();
    }

    private void makeAhead(Connection connection) throws SQLException {
        long now = Hours.of(clock.instant());
        Set<Long> hours = new LinkedHashSet<>();
        for (int i = 0; i <= HOURS_AHEAD; i++) {
            hours.add(now + i);
        }
        table.ensure(connection, hours);
    }

    private void dropOld(Connection connection) throws SQLException {
        long now = Hours.of(clock.instant());
        Instant cut = clock.instant().minus(settings.retention());
        long limit = limit();
        boolean failed = false;
        for (TradeTable.Stored stored : table.stored(connection)) {
            boolean old = !Hours.start(stored.hour() + 1).isAfter(cut);
            boolean tooLarge = !old && size(connection) > limit;
            if (!old && !tooLarge) {
                break;
            }
            if (stored.hour() > now - HELD_HOURS) {
                warnOfHeld("the database is larger than storage.max_disk with its newest hours alone");
                break;
            }
            boolean dropped;
            try {
                dropped = table.drop(connection, stored.hour());
            } catch (SQLException e) {
                if (!cannotKeep && !failed) {
                    warnOfStaying(stored.hour(), e);
                }
                failed = true;
                continue; // the next one may make the room that this one needs
            }
            if (!dropped) {
                log.debug("the hour from {} is being read: it is dropped later", Hours.start(stored.hour()));
                break;
            }
            log.info(
                    "dropped the trades of the hour from {}: {}",
                    Hours.start(stored.hour()),
                    old ? "older than storage.retention" : "the database is larger than storage.max_disk");
        }
        cannotKeep = failed;
    }

    private static void warnOfStaying(long hour, SQLException why) {
        log.warn(
                "the trades of the hour from {} stay, since they cannot be dropped, or what is kept of them not be brought"
                        + " away: {}",
                Hours.start(hour),
                Trouble.oneLine(why));
    }

    private void warnOfHeld(String what) {
        if (!held) {
            held = true;
            log.warn("{}", what);
        }
    }

    /// Rows that are no trades and have had their time.
    private void forgetOld(Connection connection) throws SQLException {
        Instant now = clock.instant();
        if (now.isBefore(nextForgetting)) {
            return;
        }
        Duration counts = settings.retention().compareTo(COUNTS_KEPT) > 0 ? settings.retention() : COUNTS_KEPT;
        delete(
                connection,
                "DELETE FROM rejected_trades r WHERE received_at < ? AND NOT EXISTS (SELECT FROM kept_spans s"
                        + " WHERE s.instrument_id = r.instrument_id AND s.from_time <= r.received_at"
                        + " AND r.received_at < s.to_time)",
                now.minus(settings.retention()));
        delete(
                connection,
                "DELETE FROM consumed_ids c WHERE executed_at < ? AND NOT EXISTS (SELECT FROM kept_spans s"
                        + " WHERE s.instrument_id = c.instrument_id AND s.from_time <= c.executed_at"
                        + " AND c.executed_at < s.to_time)",
                now.minus(settings.retention()));
        delete(connection, "DELETE FROM trade_counts WHERE hour < ?", now.minus(counts));
        delete(connection, "DELETE FROM rejected_counts WHERE hour < ?", now.minus(counts));
        delete(connection, "DELETE FROM connections WHERE ended_at < ?", now.minus(counts));
        delete(connection, "DELETE FROM worker_states WHERE entered_at < ?", now.minus(counts));
        nextForgetting = now.plus(FORGETTING);
    }

    private static void delete(Connection connection, String sql, Instant before) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, before.atOffset(ZoneOffset.UTC));
            statement.executeUpdate();
        }
    }

    // ---- room

    private long limit() throws SQLException {
        if (settings.maxDiskBytes().isPresent()) {
            return settings.maxDiskBytes().getAsLong();
        }
        if (database.embedded().isEmpty()) {
            return Long.MAX_VALUE;
        }
        Optional<String> remembered = database.remembered("max_disk_bytes");
        if (remembered.isPresent()) {
            return Long.parseLong(remembered.get());
        }
        try {
            long half = disk().getUsableSpace() / 2;
            database.remember("max_disk_bytes", Long.toString(half));
            return half;
        } catch (IOException _) {
            return Long.MAX_VALUE;
        }
    }

    /// Where past hours are compressed, only those say how much a trade takes.
    private Space measure(Connection connection) throws SQLException {
        long now = Hours.of(clock.instant());
        long end = table.compresses() ? now - UNCOMPRESSED_HOURS - 1 : Long.MAX_VALUE;
        long bytes = 0;
        long first = now;
        for (TradeTable.Stored stored : table.stored(connection)) {
            if (stored.hour() < end) {
                bytes += stored.bytes();
                first = Math.min(first, stored.hour());
            }
        }
        long measured = stored(connection, first, Math.min(end, now + 1)).trades();
        Counted day = stored(connection, now - 24, now + 1);
        boolean observed = measured >= ENOUGH_TRADES && day.trades() > 0;
        if (!observed) {
            double assumed = table.compresses() ? Space.DEFAULT_BYTES_COMPRESSED : Space.DEFAULT_BYTES;
            return Space.of(size(connection), limit(), assumed, Space.DEFAULT_RATE, false, settings.retention());
        }
        Duration counted = Duration.between(day.since(), clock.instant());
        double rate = day.trades() / (double) Math.max(60, counted.toSeconds());
        return Space.of(
                size(connection), limit(), Math.max(1, (double) bytes / measured), rate, true, settings.retention());
    }

    private record Counted(long trades, Instant since) {}

    /// The trades stored from one hour to before another, and the first hour that had any.
    private static Counted stored(Connection connection, long from, long to) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT coalesce(sum(stored), 0), min(hour)"
                + " FROM trade_counts WHERE hour >= ? AND hour < ? AND stored > 0")) {
            statement.setObject(1, Hours.start(from).atOffset(ZoneOffset.UTC));
            statement.setObject(2, Hours.start(to).atOffset(ZoneOffset.UTC));
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                OffsetDateTime since = row.getObject(2, OffsetDateTime.class);
                return new Counted(row.getLong(1), since == null ? Hours.start(to) : since.toInstant());
            }
        }
    }

    private static long size(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_database_size(current_database())")) {
            row.next();
            return row.getLong(1);
        }
    }

    private void warnOfFewHours(Space now) {
        boolean few =
                now.hours() < Math.min(Space.FEW_HOURS, settings.retention().toHours());
        if (few && !fewHours) {
            log.warn(
                    "less than a day fits: {}; raise storage.max_disk, or use TimescaleDB, which compresses",
                    now.inWords());
        }
        fewHours = few;
    }

    private FileStore disk() throws IOException {
        return Files.getFileStore(settings.dataDirectory());
    }

    private void watchDisk() {
        try {
            FileStore disk = disk();
            long usable = disk.getUsableSpace();
            boolean little = usable < Math.max(LITTLE_BYTES, (long) (disk.getTotalSpace() * LITTLE_PART));
            if (little && !littleDisk) {
                log.warn(
                        "the disk of {} is nearly full: {} MB are free; make room, or lower storage.max_disk",
                        settings.dataDirectory(),
                        usable >> 20);
            }
            littleDisk = little;
        } catch (IOException e) {
            log.debug("the disk cannot be asked", e);
        }
    }
}

package io.metdc.storage;

import io.metdc.market.Instrument;
import io.metdc.market.Market;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Enters what is collected into `instruments`, and how that changed into `instrument_changes`.
///
/// What is told is noted in memory, by whatever thread, which never waits for the database; one virtual thread,
/// `catalogue`, writes it in that order. While there is no database it is kept, up to [#MOST] changes; beyond that the
/// oldest are lost. What may have been written already is written again: the keys make it the same.
public final class Catalogue {
    /// Changes that may wait for the database.
    static final int MOST = 100_000;

    private static final Logger log = LoggerFactory.getLogger(Catalogue.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final Duration STATEMENT = Duration.ofSeconds(30);

    /// So many in one transaction: the writer of trades enters instruments, too, and waits for no more.
    private static final int BATCH = 50;

    private final Deque<Told> waiting = new ArrayDeque<>(); // these under its lock
    private int size;
    private boolean lost;
    private boolean ending;
    private @Nullable Thread thread;

    /// An instrument as it is now.
    ///
    /// @param coin     by one name on all exchanges
    /// @param upbitKrw `listed` or `unlisted`; null while nobody knows: what was known before stays
    public record Entry(
            Instrument instrument, String coin, @Nullable String upbitKrw, boolean collected) {}

    /// How one became so.
    ///
    /// @param change `added`, `dropped`, `renamed`, `terms`, `marked`
    /// @param old    what was, "" for nothing
    /// @param now    what is
    public record Change(Instrument instrument, String change, String old, String now) {}

    /// What is told at once.
    private record Told(Market market, Instant at, boolean isWhole, List<Entry> entries, List<Change> changes) {
        int size() {
            return entries.size() + changes.size() + 1;
        }
    }

    /// These and no others are collected of a market: the first that is told of it.
    public void whole(Market market, Instant at, List<Entry> entries) {
        note(new Told(market, at, true, List.copyOf(entries), List.of()));
    }

    /// Some have changed.
    ///
    /// @param entries the instruments that are other than before, those too that are no longer collected
    public void changed(Market market, Instant at, List<Entry> entries, List<Change> changes) {
        note(new Told(market, at, false, List.copyOf(entries), List.copyOf(changes)));
    }

    private void note(Told told) {
        synchronized (waiting) {
            waiting.addLast(told);
            size += told.size();
            while (size > MOST && waiting.size() > 1) {
                size -= waiting.removeFirst().size();
                if (!lost) {
                    lost = true;
                    log.warn("more than {} changes of instruments wait for the database: the oldest are lost", MOST);
                }
            }
            waiting.notifyAll();
        }
    }

    /// The database is there: from now on what is noted is written. To be called once.
    public void writeTo(Database database) {
        DataSource source = database.server().source("metdc-catalogue", STATEMENT);
        synchronized (waiting) {
            thread = Thread.ofVirtual().name("catalogue").start(() -> run(source));
        }
    }

    /// Writes what is noted, then ends. What cannot be written in time is lost; the next start tells the whole anew.
    public void close(Duration within) throws InterruptedException {
        Thread writing;
        synchronized (waiting) {
            ending = true;
            waiting.notifyAll();
            writing = thread;
        }
        if (writing != null && !(within.isPositive() && writing.join(within))) {
            writing.interrupt();
            writing.join(Duration.ofSeconds(1));
        }
    }

    // ---- the writer

    private void run(DataSource source) {
        Duration pause = FIRST_PAUSE;
        boolean inTrouble = false;
        try {
            for (Told told = next(); told != null; ) {
                try (Connection connection = source.getConnection()) {
                    write(connection, told);
                    if (inTrouble) {
                        inTrouble = false;
                        pause = FIRST_PAUSE;
                        log.info("changes of instruments are entered again");
                    }
                    written(told);
                    told = next();
                } catch (SQLException | RuntimeException e) {
                    if (!inTrouble) {
                        inTrouble = true;
                        log.warn("changes of instruments are not entered for the moment: {}", Trouble.oneLine(e));
                    }
                    Thread.sleep(pause);
                    pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
                }
            }
        } catch (InterruptedException _) {
            // asked to stop
        }
    }

    /// What is to be written next, which stays; null at the end.
    private @Nullable Told next() throws InterruptedException {
        synchronized (waiting) {
            while (waiting.isEmpty() && !ending) {
                waiting.wait();
            }
            return waiting.peekFirst();
        }
    }

    private void written(Told told) {
        synchronized (waiting) {
            if (Objects.equals(waiting.peekFirst(), told)) { // else it was lost meanwhile
                waiting.removeFirst();
                size -= told.size();
            }
        }
    }

    private static void write(Connection connection, Told told) throws SQLException {
        connection.setAutoCommit(false);
        List<Entry> entries = new ArrayList<>(told.entries());
        entries.sort(Comparator.comparing(entry -> entry.instrument().symbol())); // as all lock them
        for (int from = 0; from < entries.size(); from += BATCH) {
            enter(connection, told, entries.subList(from, Math.min(entries.size(), from + BATCH)));
        }
        if (told.isWhole()) {
            dropOthers(connection, told);
        }
        List<Change> changes = new ArrayList<>(told.changes());
        changes.sort(Comparator.comparing(change -> change.instrument().symbol()));
        for (int from = 0; from < changes.size(); from += BATCH) {
            enterChanges(connection, told.at(), changes.subList(from, Math.min(changes.size(), from + BATCH)));
        }
    }

    private static void enter(Connection connection, Told told, List<Entry> entries) throws SQLException {
        relax(connection);
        try (PreparedStatement update = connection.prepareStatement("UPDATE instruments SET coin = ?,"
                + " is_collected = ?, upbit_krw = coalesce(?, upbit_krw),"
                + " upbit_krw_since = CASE WHEN upbit_krw <> ? THEN ? ELSE upbit_krw_since END WHERE id = ?")) {
            for (Entry entry : entries) {
                int id = id(connection, entry.instrument(), told.at());
                update.setString(1, InstrumentIds.storable(entry.coin()));
                update.setBoolean(2, entry.collected());
                update.setObject(3, entry.upbitKrw(), Types.VARCHAR);
                update.setObject(4, entry.upbitKrw(), Types.VARCHAR);
                update.setObject(5, told.at().atOffset(ZoneOffset.UTC));
                update.setInt(6, id);
                update.addBatch();
            }
            update.executeBatch();
        }
        connection.commit();
    }

    private static int id(Connection connection, Instrument instrument, Instant at) throws SQLException {
        return Objects.requireNonNull(
                InstrumentIds.enter(connection, Map.of(instrument, at)).get(instrument));
    }

    /// What was collected when metdc ended and is not any more.
    private static void dropOthers(Connection connection, Told told) throws SQLException {
        List<String> symbols = new ArrayList<>();
        told.entries().stream()
                .filter(Entry::collected)
                .forEach(entry ->
                        symbols.add(InstrumentIds.storable(entry.instrument().symbol())));
        try (PreparedStatement drop = connection.prepareStatement("WITH dropped AS (UPDATE instruments"
                + " SET is_collected = false WHERE exchange = ? AND market = ? AND is_collected"
                + " AND symbol <> ALL (?) RETURNING id, symbol)"
                + " INSERT INTO instrument_changes (instrument_id, at, change, old, new)"
                + " SELECT id, ?, 'dropped', symbol, 'not collected any more when metdc began' FROM dropped"
                + " ON CONFLICT DO NOTHING")) {
            drop.setString(1, told.market().exchange().id());
            drop.setString(2, told.market().type().id());
            drop.setArray(3, connection.createArrayOf("text", symbols.toArray()));
            drop.setObject(4, told.at().atOffset(ZoneOffset.UTC));
            drop.executeUpdate();
        }
        connection.commit();
    }

    private static void enterChanges(Connection connection, Instant at, List<Change> changes) throws SQLException {
        relax(connection);
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO instrument_changes"
                + " (instrument_id, at, change, old, new) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")) {
            for (Change change : changes) {
                insert.setInt(1, id(connection, change.instrument(), at));
                insert.setObject(2, at.atOffset(ZoneOffset.UTC));
                insert.setString(3, change.change());
                insert.setString(4, InstrumentIds.storable(change.old()));
                insert.setString(5, InstrumentIds.storable(change.now()));
                insert.addBatch();
            }
            insert.executeBatch();
        }
        connection.commit();
    }

    /// The next start tells the whole anew.
    private static void relax(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET LOCAL synchronous_commit = off");
        }
    }
}

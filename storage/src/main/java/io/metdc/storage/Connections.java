package io.metdc.storage;

import io.metdc.market.DisconnectCause;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
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
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Enters the life of every connection to an exchange into the table `connections`, and each second that it still
/// lives; and every change of a worker's state into `worker_states`.
///
/// What happens is noted in memory, by whatever thread, which never waits for the database; one virtual thread,
/// `connections`, writes it. While there is no database it is kept, up to [#MOST] lives; beyond that the oldest are
/// lost, and so with changes of state. A row is written over and over until that is known to be committed: its key
/// makes it the same one.
///
/// One collector uses a database: what it finds open when it begins was left open by a crash.
public final class Connections {
    /// Lives that may wait for the database.
    static final int MOST = 10_000;

    private static final Logger log = LoggerFactory.getLogger(Connections.class);
    private static final Duration BEAT = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final Duration STATEMENT = Duration.ofSeconds(30);
    private static final int BATCH = 500;

    private final InstantSource clock;
    private final Object lock = new Object();

    // These under the lock.
    private final Set<Life> unwritten = new LinkedHashSet<>();
    private final Deque<Entered> entered = new ArrayDeque<>(); // not written yet, oldest first
    private int numbers;
    private int living;
    private Instant seenUntil = Instant.MIN;
    private long lost;
    private boolean ending;
    private @Nullable Thread thread;

    // The writer's.
    private final Map<Instrument.Key, Integer> ids = new HashMap<>();
    private boolean crashesClosed;

    public Connections(InstantSource clock) {
        this.clock = clock;
    }

    /// One connection, from its handshake on. Any thread may call it; nothing here blocks.
    public final class Life {
        private final Market market;
        private final String name;

        // These under the lock.
        private Row row;
        private @Nullable Instant changedAt; // first since it was last written
        private boolean entered;

        private Life(Market market, String name, Row row) {
            this.market = market;
            this.name = name;
            this.row = row;
        }

        /// Every subscription is answered.
        ///
        /// @param carried the instruments that were acknowledged
        public void delivering(List<Instrument> carried) {
            Instant now = now();
            synchronized (lock) {
                change(this, new Row(row.connectedAt, now, null, null, List.copyOf(carried)), now);
            }
        }

        /// It carries other instruments from now on, acknowledged already: a life of its own, without a gap.
        public Life resubscribed(List<Instrument> carried) {
            Instant now = now();
            synchronized (lock) {
                end(this, DisconnectCause.RESUBSCRIBED, now, now);
                Instant begin = row.endedAt == null ? now : row.endedAt;
                Life next = new Life(market, name, new Row(begin, begin, null, null, List.copyOf(carried)));
                living++;
                change(next, next.row, now);
                return next;
            }
        }

        /// It is over; a second end says nothing new.
        ///
        /// @param at when that was; no earlier than its beginning is taken
        public void ended(DisconnectCause cause, Instant at) {
            synchronized (lock) {
                end(this, cause, at.truncatedTo(ChronoUnit.MICROS), now());
            }
        }
    }

    /// What is known of a connection.
    private record Row(
            Instant connectedAt,
            @Nullable Instant deliveringAt,
            @Nullable Instant endedAt,
            @Nullable DisconnectCause cause,
            List<Instrument> instruments) {}

    /// A change of a worker's state.
    private record Entered(
            Market market,
            String name,
            Instant at,
            int number,
            String state,
            @Nullable String cause) {}

    /// Takes the changes of state of one worker. Any thread may call it; nothing there blocks.
    public interface States {
        /// It is in another state.
        ///
        /// @param state in one word
        /// @param cause in words for a person; null where nothing is to be said
        void entered(String state, @Nullable String cause);
    }

    /// Where the changes of state of a worker are told.
    public States states(Market market, String name) {
        return (state, cause) -> entered(market, name, state, cause);
    }

    private void entered(Market market, String name, String state, @Nullable String cause) {
        Instant now = now();
        synchronized (lock) {
            entered.add(new Entered(market, name, now, numbers++, state, cause));
            if (entered.size() > MOST) {
                entered.removeFirst();
                lose();
            }
            lock.notifyAll();
        }
    }

    /// A connection is there, and these instruments are about to be subscribed.
    public Life connected(Market market, String name, List<Instrument> instruments) {
        Instant now = now();
        Life life = new Life(market, name, new Row(now, null, null, null, List.copyOf(instruments)));
        synchronized (lock) {
            living++;
            change(life, life.row, now);
        }
        return life;
    }

    /// Whether everything that was noted before an instant, our clock, is in the database.
    public boolean isStored(Instant notedBefore) {
        synchronized (lock) {
            for (Life life : unwritten) {
                if (life.changedAt != null && life.changedAt.isBefore(notedBefore)) {
                    return false;
                }
            }
            return true;
        }
    }

    /// Whether the database says of all connections that live that they did so at this instant, our clock, or later.
    /// About a second behind the clock at best.
    public boolean isSeen(Instant at) {
        synchronized (lock) {
            return living == 0 || !seenUntil.isBefore(at);
        }
    }

    /// The database is there: from now on what is noted is written. To be called once.
    public void writeTo(Database database) {
        DataSource source = database.server().source("metdc-connections", STATEMENT);
        synchronized (lock) {
            thread = Thread.ofVirtual().name("connections").start(() -> run(source));
        }
    }

    /// Writes what is noted, then ends. What cannot be written in time is lost; the next start closes its rows.
    public void close(Duration within) throws InterruptedException {
        Thread writing;
        synchronized (lock) {
            ending = true;
            lock.notifyAll();
            writing = thread;
        }
        if (writing != null && !(within.isPositive() && writing.join(within))) {
            writing.interrupt();
            writing.join(Duration.ofSeconds(1));
        }
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    // ---- under the lock

    private void end(Life life, DisconnectCause cause, Instant at, Instant now) {
        Row row = life.row;
        if (row.endedAt != null) {
            return;
        }
        living--;
        Instant begin = row.deliveringAt == null ? row.connectedAt : row.deliveringAt;
        change(
                life,
                new Row(row.connectedAt, row.deliveringAt, at.isBefore(begin) ? begin : at, cause, row.instruments),
                now);
    }

    private void change(Life life, Row row, Instant now) {
        life.row = row;
        if (life.changedAt == null) {
            life.changedAt = now;
        }
        unwritten.add(life);
        if (unwritten.size() > MOST) {
            loseOldest();
        }
        lock.notifyAll();
    }

    /// Of those that are over and have no row that would stay open. There is one, since few live at a time.
    private void loseOldest() {
        for (Life life : unwritten) {
            if (life.row.endedAt != null && !life.entered) {
                unwritten.remove(life);
                lose();
                return;
            }
        }
    }

    private void lose() {
        if (lost++ == 0) {
            log.warn("more than {} connections wait for the database: the oldest are not entered", MOST);
        }
    }

    // ---- the writer

    private void run(DataSource source) {
        Duration pause = BEAT;
        boolean inTrouble = false;
        while (true) {
            try (Connection connection = source.getConnection()) {
                ids.clear(); // it may be another database by now
                closeCrashed(connection);
                while (true) {
                    boolean last = isEnding(); // asked for before it is looked what there is to write
                    boolean allEntered = writeEntered(connection);
                    boolean all = write(connection) && allEntered;
                    if (inTrouble) {
                        inTrouble = false;
                        pause = BEAT;
                        log.info("connections are entered again");
                    }
                    if (last && all) {
                        return;
                    }
                    if (all) {
                        beat(connection);
                        await();
                    }
                }
            } catch (SQLException | RuntimeException e) {
                if (!inTrouble) {
                    inTrouble = true;
                    log.warn("connections are not entered for the moment: {}", Trouble.oneLine(e));
                }
            } catch (InterruptedException _) {
                return;
            }
            try {
                Thread.sleep(pause);
            } catch (InterruptedException _) {
                return;
            }
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
        }
    }

    private boolean isEnding() {
        synchronized (lock) {
            return ending;
        }
    }

    /// Until there is something to write, or the next beat is due.
    private void await() throws InterruptedException {
        long deadline = System.nanoTime() + BEAT.toNanos();
        synchronized (lock) {
            long left;
            while (unwritten.isEmpty() && entered.isEmpty() && !ending && (left = deadline - System.nanoTime()) > 0) {
                TimeUnit.NANOSECONDS.timedWait(lock, left);
            }
        }
    }

    /// Rows that an earlier run left open ended when they were last seen.
    private void closeCrashed(Connection connection) throws SQLException {
        if (crashesClosed) {
            return;
        }
        try (PreparedStatement update = connection.prepareStatement("UPDATE connections SET cause = ?,"
                + " ended_at = greatest(seen_at, connected_at, delivering_at) WHERE ended_at IS NULL")) {
            update.setString(1, DisconnectCause.CRASH.id());
            update.executeUpdate();
        }
        crashesClosed = true;
    }

    /// Writes a batch of the changes of state.
    ///
    /// @return whether that was all
    private boolean writeEntered(Connection connection) throws SQLException {
        List<Entered> batch;
        synchronized (lock) {
            batch = entered.stream().limit(BATCH).toList();
        }
        if (batch.isEmpty()) {
            return true;
        }
        connection.setAutoCommit(false);
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO worker_states"
                + " (entered_at, exchange, market, name, number, state, cause) VALUES (?, ?, ?, ?, ?, ?, ?)"
                + " ON CONFLICT DO NOTHING")) {
            for (Entered one : batch) {
                insert.setObject(1, at(one.at));
                insert.setString(2, one.market.exchange().id());
                insert.setString(3, one.market.type().id());
                insert.setString(4, one.name);
                insert.setInt(5, one.number);
                insert.setString(6, one.state);
                insert.setString(7, one.cause == null ? null : InstrumentIds.storable(one.cause));
                insert.addBatch();
            }
            insert.executeBatch();
            connection.commit();
        }
        synchronized (lock) {
            int last = batch.getLast().number;
            while (!entered.isEmpty()
                    && entered.getFirst().number - last <= 0) { // some may have been given up meanwhile
                entered.removeFirst();
            }
            return entered.isEmpty();
        }
    }

    /// Writes a batch.
    ///
    /// @return whether that was all
    private boolean write(Connection connection) throws SQLException {
        Map<Life, Row> batch = new LinkedHashMap<>();
        boolean all;
        synchronized (lock) {
            for (Life life : unwritten) {
                if (batch.size() == BATCH) {
                    break;
                }
                batch.put(life, life.row);
                life.entered = true; // by now it may be
            }
            all = batch.size() == unwritten.size();
        }
        if (batch.isEmpty()) {
            return true;
        }
        Set<Instrument> instruments = new HashSet<>();
        batch.values().forEach(row -> instruments.addAll(row.instruments));
        enter(connection, instruments);
        connection.setAutoCommit(false);
        try (PreparedStatement upsert = connection.prepareStatement("INSERT INTO connections (exchange, market, name,"
                + " connected_at, delivering_at, seen_at, ended_at, cause, instrument_ids) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
                + " ON CONFLICT (exchange, market, name, connected_at) DO UPDATE SET delivering_at = excluded.delivering_at,"
                + " seen_at = excluded.seen_at, ended_at = excluded.ended_at, cause = excluded.cause,"
                + " instrument_ids = excluded.instrument_ids")) {
            Instant now = now();
            for (var one : batch.entrySet()) {
                Life life = one.getKey();
                Row row = one.getValue();
                upsert.setString(1, life.market.exchange().id());
                upsert.setString(2, life.market.type().id());
                upsert.setString(3, life.name);
                upsert.setObject(4, at(row.connectedAt));
                upsert.setObject(5, at(row.deliveringAt));
                upsert.setObject(6, at(row.endedAt == null ? now : row.endedAt));
                upsert.setObject(7, at(row.endedAt));
                upsert.setString(8, row.cause == null ? null : row.cause.id());
                upsert.setArray(
                        9,
                        connection.createArrayOf(
                                "int4",
                                row.instruments.stream()
                                        .map(instrument -> ids.get(instrument.key()))
                                        .toArray()));
                upsert.addBatch();
            }
            upsert.executeBatch();
            connection.commit();
        }
        synchronized (lock) {
            batch.forEach((life, row) -> {
                if (life.row.equals(row)) {
                    life.changedAt = null;
                    unwritten.remove(life);
                }
            });
        }
        return all;
    }

    /// Sees to it that these instruments have numbers. New ones each in a transaction of its own, so that the writer of
    /// trades, which enters instruments too, never waits for more than one.
    private void enter(Connection connection, Set<Instrument> instruments) throws SQLException {
        Map<Market, List<Instrument>> missing = new HashMap<>();
        for (Instrument instrument : instruments) {
            if (!ids.containsKey(instrument.key())) {
                missing.computeIfAbsent(instrument.market(), _ -> new ArrayList<>())
                        .add(instrument);
            }
        }
        for (var market : missing.entrySet()) {
            find(connection, market.getKey(), market.getValue());
            for (Instrument instrument : market.getValue()) {
                if (!ids.containsKey(instrument.key())) {
                    ids.put(instrument.key(), enter(connection, instrument));
                }
            }
        }
    }

    private int enter(Connection connection, Instrument instrument) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET LOCAL synchronous_commit = off"); // whatever refers to it is committed after it
            int id = Objects.requireNonNull(
                    InstrumentIds.enter(connection, Map.of(instrument, now())).get(instrument));
            connection.commit();
            return id;
        }
    }

    private void find(Connection connection, Market market, List<Instrument> instruments) throws SQLException {
        connection.setAutoCommit(true);
        Map<String, Instrument> bySymbol = new HashMap<>();
        instruments.forEach(instrument -> bySymbol.put(InstrumentIds.storable(instrument.symbol()), instrument));
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT id, symbol FROM instruments WHERE exchange = ? AND market = ? AND symbol = ANY (?)")) {
            select.setString(1, market.exchange().id());
            select.setString(2, market.type().id());
            select.setArray(
                    3, connection.createArrayOf("text", bySymbol.keySet().toArray()));
            try (ResultSet row = select.executeQuery()) {
                while (row.next()) {
                    Instrument found = bySymbol.get(row.getString(2));
                    if (found != null) {
                        ids.put(found.key(), row.getInt(1));
                    }
                }
            }
        }
    }

    /// Says of all that live that they do.
    private void beat(Connection connection) throws SQLException {
        Instant now = now();
        connection.setAutoCommit(true);
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE connections SET seen_at = ? WHERE ended_at IS NULL")) {
            update.setObject(1, at(now));
            update.executeUpdate();
        }
        synchronized (lock) {
            seenUntil = now;
        }
    }

    private static @Nullable OffsetDateTime at(@Nullable Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }
}

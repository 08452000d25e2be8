package io.metdc.collector.faults;

import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Nanos;
import io.metdc.market.Trade;
import io.metdc.storage.journal.Acknowledged;
import io.metdc.storage.journal.Entry;
import io.metdc.storage.journal.Journal;
import io.metdc.storage.journal.JournalSettings;
import io.metdc.storage.journal.JournalState;
import io.metdc.storage.journal.JournalTail;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// What was acknowledged before each kill, looked for after all of them: in the journal, which must still
/// have as many trades before that position as it said, and in the table, which must have every trade of
/// the journal.
///
/// @param kills   lives of which that could be checked: what the journal no longer keeps cannot
/// @param checked trades in the journal that were looked for
/// @param gone    acknowledged and not in the journal any more
/// @param absent  in the journal and not in the table
record AcknowledgedTrades(int kills, long checked, long gone, long absent) {
    private static final int BATCH = 5_000;
    private static final String SEGMENT = ".segment";

    private static final String ABSENT = """
            SELECT count(*) FROM unnest(?::integer[], ?::timestamptz[], ?::bigint[], ?::text[])
                AS j (instrument_id, executed_at, id_number, id_text)
            WHERE NOT EXISTS (SELECT FROM trades t WHERE t.instrument_id = j.instrument_id
                AND t.executed_at = j.executed_at AND t.id_number = j.id_number AND t.id_text = j.id_text)
            """;

    long lost() {
        return gone + absent;
    }

    /// Where the oldest segment begins.
    static long first(Path journal) throws IOException {
        try (Stream<Path> files = Files.list(journal)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(SEGMENT))
                    .mapToLong(name -> Long.parseLong(name.substring(0, name.length() - SEGMENT.length())))
                    .min()
                    .orElseThrow();
        }
    }

    /// @param journal      of the program, which runs no more
    /// @param first        where the oldest segment began at the beginning: later ones may have been
    ///                     deleted
    /// @param acknowledged at the end of each life, in order
    static AcknowledgedTrades find(
            Path journal, long first, List<Program.Acknowledgement> acknowledged, Connection connection)
            throws IOException, InterruptedException, SQLException {
        connection.setAutoCommit(true);
        Map<Instrument.Key, Integer> ids = instruments(connection);
        long checked = 0;
        long gone = 0;
        long missing = 0;
        int kills = 0;
        try (Journal opened =
                        Journal.open(journal, JournalSettings.defaults(), InstantSource.system(), JournalState.NONE);
                JournalTail tail = opened.tail();
                PreparedStatement absent = connection.prepareStatement(ABSENT)) {
            boolean isWhole = tail.oldest() == first;
            long before = 0; // trades that a life which is known to be whole began with
            long sinceThen = 0;
            int next = 0;
            List<Trade> batch = new ArrayList<>();
            boolean more = true;
            while (more) {
                // One block with trades, behind any number of blocks without; an acknowledged number is the end of one.
                JournalTail.Batch block = tail.read(1, Duration.ZERO);
                more = !block.entries().isEmpty();
                int earlier = batch.size();
                for (Entry entry : block.entries()) {
                    if (entry instanceof Entry.Traded(Trade trade)) {
                        batch.add(trade);
                    }
                }
                int here = batch.size() - earlier;
                for (; next < acknowledged.size(); next++) {
                    Acknowledged number = acknowledged.get(next).number();
                    if (number.position() > block.to()) {
                        break;
                    }
                    boolean isBehind = number.position() == block.to();
                    sinceThen += isBehind ? here : 0;
                    here = isBehind ? 0 : here;
                    if (isWhole) {
                        kills++;
                        gone += Math.max(0, number.trades() - before - sinceThen);
                    }
                    isWhole = number.position() >= tail.oldest();
                    before = number.trades();
                    sinceThen = 0;
                }
                sinceThen += here;
                if (batch.size() >= BATCH) {
                    checked += batch.size();
                    missing += absent(batch, ids, absent, connection);
                    batch.clear();
                }
            }
            checked += batch.size();
            missing += absent(batch, ids, absent, connection);
        }
        return new AcknowledgedTrades(kills, checked, gone, missing);
    }

    private static long absent(
            List<Trade> trades, Map<Instrument.Key, Integer> ids, PreparedStatement absent, Connection connection)
            throws SQLException {
        if (trades.isEmpty()) {
            return 0;
        }
        Object[] instruments = new Object[trades.size()];
        Object[] times = new Object[trades.size()];
        Object[] numbers = new Object[trades.size()];
        Object[] texts = new Object[trades.size()];
        for (int i = 0; i < trades.size(); i++) {
            Trade trade = trades.get(i);
            long micros = Math.floorDiv(trade.executedAtNanos(), Nanos.PER_MICRO);
            instruments[i] = ids.getOrDefault(trade.instrument().key(), -1);
            times[i] = OffsetDateTime.ofInstant(Nanos.instant(micros * Nanos.PER_MICRO), ZoneOffset.UTC);
            numbers[i] = trade.id().number();
            texts[i] = trade.id().text();
        }
        Array[] arrays = {
            connection.createArrayOf("integer", instruments),
            connection.createArrayOf("timestamptz", times),
            connection.createArrayOf("bigint", numbers),
            connection.createArrayOf("text", texts)
        };
        for (int i = 0; i < arrays.length; i++) {
            absent.setArray(i + 1, arrays[i]);
        }
        try (ResultSet row = absent.executeQuery()) {
            row.next();
            return row.getLong(1);
        } finally {
            for (Array array : arrays) {
                array.free();
            }
        }
    }

    private static Map<Instrument.Key, Integer> instruments(Connection connection) throws SQLException {
        Map<Instrument.Key, Integer> ids = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id, exchange, market, symbol FROM instruments")) {
            while (row.next()) {
                ids.put(
                        new Instrument.Key(
                                new Market(
                                        Exchange.of(row.getString(2)).orElseThrow(),
                                        MarketType.of(row.getString(3)).orElseThrow()),
                                row.getString(4)),
                        row.getInt(1));
            }
        }
        return ids;
    }
}

package io.metdc.collector.audit;

import static io.metdc.collector.audit.Statements.instant;
import static io.metdc.collector.audit.Statements.parameter;

import io.metdc.collector.audit.Finding.Kind;
import io.metdc.storage.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Looks at the numbers of the stored trades themselves, where numbers are the evidence: between two of them, each one
/// must be stored, consumed, or in a hole of the ledger that is not said to be refilled. It proves the ledger, and
/// finds
/// what was lost after it was stored.
///
/// Hour by hour, first by counting alone: as many numbers as there are from the lowest to the highest leave no room for
/// a break, and nothing has to be sorted. Only the instruments where that does not hold are looked at one by one.
final class NumberBreaks {
    /// Around an hour: times follow the numbers but for some milliseconds.
    private static final Duration BORDER = Duration.ofMinutes(1);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final int STRETCHES_NAMED = 3;

    private static final String COUNTED = """
            SELECT instrument_id, count(*), min(sequence), max(sequence), max(executed_at)
            FROM (SELECT instrument_id, sequence, executed_at FROM trades
                  WHERE executed_at >= ? AND executed_at < ? AND sequence IS NOT NULL AND instrument_id = ANY (?)
                  UNION ALL
                  SELECT instrument_id, sequence, executed_at FROM consumed_ids
                  WHERE executed_at >= ? AND executed_at < ? AND instrument_id = ANY (?)) n
            GROUP BY instrument_id
            """;

    /// A higher number that was executed before a lower one is no break: the exchange counts from a lower number again.
    private static final String BREAKS = """
            SELECT lower(part), upper(part) - 1, b.before_at, b.after_at
            FROM (SELECT lag(sequence) OVER w AS before, sequence AS after,
                         lag(executed_at) OVER w AS before_at, executed_at AS after_at
                  FROM (SELECT sequence, executed_at FROM trades
                        WHERE instrument_id = ? AND executed_at >= ? AND executed_at < ? AND sequence IS NOT NULL
                        UNION ALL
                        SELECT sequence, executed_at FROM consumed_ids
                        WHERE instrument_id = ? AND executed_at >= ? AND executed_at < ?
                        UNION ALL
                        SELECT ?::bigint, ?::timestamptz) n
                  WINDOW w AS (ORDER BY sequence, executed_at)) b
            CROSS JOIN LATERAL (
                SELECT coalesce(range_agg(int8range(h.from_id, h.to_id, '[]')), '{}') AS explained
                FROM holes h
                WHERE h.instrument_id = ? AND h.outcome IS DISTINCT FROM 'refilled'
                  AND h.from_id < b.after AND h.to_id > b.before AND h.from_id <= h.to_id) l
            CROSS JOIN LATERAL unnest(int8multirange(int8range(b.before, b.after, '()')) - l.explained) part
            WHERE b.after > b.before + 1 AND b.after_at >= b.before_at - interval '1 second'
              AND b.after_at >= ? AND b.after_at < ?
            ORDER BY 1
            """;

    private static final String ANYTHING_STORED =
            "SELECT EXISTS (SELECT FROM trade_counts WHERE hour >= ? AND hour < ? AND stored > 0)";

    private final Database database;
    private final Statements statements;
    private final Instant from;
    private final Instant to;
    private final Map<Integer, Numbered> instruments = new HashMap<>();
    private final Map<Integer, Last> lasts = new HashMap<>();
    private final Map<Integer, Map<LocalDate, Broken>> broken = new HashMap<>();
    private long numbers;

    /// @param to until then nothing is on its way
    NumberBreaks(Database database, Statements statements, Instant from, Instant to, Collection<Numbered> instruments) {
        this.database = database;
        this.statements = statements;
        this.from = from;
        this.to = to;
        instruments.forEach(one -> this.instruments.put(one.id, one));
    }

    /// An instrument with contiguous numbers.
    record Numbered(int id, String exchange, String market, String symbol) {}

    /// How much was looked at.
    ///
    /// @param to      what was executed then or later may be on its way, and was not looked at
    /// @param dropped hours whose trades are not stored any more
    /// @param numbers that were found stored or consumed
    public record Extent(Instant from, Instant to, int dropped, long numbers) {}

    /// The highest number of an instrument so far.
    private record Last(long sequence, Instant executedAt) {
        /// Of two hours that follow each other; a lower one that is clearly younger is counted anew.
        private Last and(Last next) {
            return next.sequence > sequence || next.executedAt.isAfter(executedAt.plus(BORDER)) ? next : this;
        }
    }

    /// An instrument in an hour whose numbers do not fill their span.
    private record Suspect(int instrument, @Nullable Last before) {}

    /// What is broken of one instrument on one day.
    private static final class Broken {
        private long stretches;
        private long missing;
        private Instant from = Instant.MAX;
        private Instant to = Instant.MIN;
        private final List<String> named = new ArrayList<>();

        private void add(long first, long last, Instant before, Instant after) {
            stretches++;
            missing += last - first + 1;
            from = before.isBefore(from) ? before : from;
            to = after.isAfter(to) ? after : to;
            if (named.size() < STRETCHES_NAMED) {
                named.add(first == last ? Long.toString(first) : first + "–" + last);
            }
        }

        private Finding finding(Numbered of, LocalDate day) {
            return new Finding(
                    Kind.NUMBERS,
                    of.exchange,
                    of.market,
                    of.symbol,
                    day,
                    stretches,
                    missing,
                    false,
                    from,
                    to,
                    String.join(", ", named) + (stretches > named.size() ? ", …" : ""));
        }
    }

    /// Looks at all of them.
    ///
    /// @param progress is told, before each hour, how far it is
    Extent read(Consumer<String> progress) throws SQLException {
        Set<Instant> stored = new HashSet<>(database.storedHours());
        int dropped = 0;
        try (Connection connection = database.readOnly().getConnection()) {
            for (Instant hour = from; hour.isBefore(to); hour = hour.plus(HOUR)) {
                progress.accept(String.format(
                        Locale.ROOT, "%s, %,d numbers so far", hour.toString().substring(0, 16), numbers));
                if (stored.contains(hour)) {
                    for (Suspect suspect : count(connection, hour)) {
                        look(connection, hour, suspect);
                    }
                } else if (wasDropped(connection, hour)) {
                    dropped++;
                    lasts.clear();
                }
            }
        }
        return new Extent(from, to, dropped, numbers);
    }

    /// What [#read] found.
    List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        broken.forEach((id, days) -> days.forEach((day, one) -> {
            Numbered of = instruments.get(id);
            if (of != null) {
                findings.add(one.finding(of, day));
            }
        }));
        return findings;
    }

    private Instant earlier(Instant end) {
        return end.isBefore(to) ? end : to;
    }

    private List<Suspect> count(Connection connection, Instant hour) throws SQLException {
        List<Suspect> suspects = new ArrayList<>();
        statements.ask(
                connection,
                COUNTED,
                statement -> {
                    for (int first = 1; first <= 4; first += 3) {
                        statement.setObject(first, parameter(hour));
                        statement.setObject(first + 1, parameter(earlier(hour.plus(HOUR))));
                        statement.setArray(
                                first + 2,
                                connection.createArrayOf(
                                        "int4", instruments.keySet().toArray()));
                    }
                },
                row -> {
                    while (row.next()) {
                        int id = row.getInt(1);
                        long count = row.getLong(2);
                        long lowest = row.getLong(3);
                        Last highest = new Last(row.getLong(4), instant(row, 5));
                        Last before = lasts.get(id);
                        lasts.merge(id, highest, Last::and);
                        numbers += count;
                        boolean fills = highest.sequence - lowest + 1 == count;
                        if (!fills || (before != null && lowest != before.sequence + 1)) {
                            suspects.add(new Suspect(id, before));
                        }
                    }
                });
        return suspects;
    }

    private void look(Connection connection, Instant hour, Suspect suspect) throws SQLException {
        statements.ask(
                connection,
                BREAKS,
                statement -> {
                    for (int first = 1; first <= 4; first += 3) {
                        statement.setInt(first, suspect.instrument);
                        statement.setObject(first + 1, parameter(hour.minus(BORDER)));
                        statement.setObject(
                                first + 2, parameter(earlier(hour.plus(HOUR).plus(BORDER))));
                    }
                    Last before = suspect.before;
                    statement.setObject(7, before == null ? null : before.sequence, Types.BIGINT);
                    statement.setObject(8, before == null ? null : parameter(before.executedAt));
                    statement.setInt(9, suspect.instrument);
                    statement.setObject(10, parameter(hour));
                    statement.setObject(11, parameter(earlier(hour.plus(HOUR))));
                },
                row -> {
                    while (row.next()) {
                        Instant before = instant(row, 3);
                        LocalDate day = LocalDate.ofInstant(before.isBefore(from) ? from : before, ZoneOffset.UTC);
                        broken.computeIfAbsent(suspect.instrument, _ -> new TreeMap<>())
                                .computeIfAbsent(day, _ -> new Broken())
                                .add(row.getLong(1), row.getLong(2), before, instant(row, 4));
                    }
                });
    }

    /// Whether an hour that has no room in the table had trades once.
    private boolean wasDropped(Connection connection, Instant hour) throws SQLException {
        boolean[] was = new boolean[1];
        statements.ask(
                connection,
                ANYTHING_STORED,
                statement -> {
                    statement.setObject(1, parameter(hour));
                    statement.setObject(2, parameter(hour.plus(HOUR)));
                },
                row -> was[0] = row.next() && row.getBoolean(1));
        return was[0];
    }
}

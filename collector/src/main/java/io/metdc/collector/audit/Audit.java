package io.metdc.collector.audit;

import static io.metdc.collector.audit.Statements.instant;
import static io.metdc.collector.audit.Statements.parameter;

import io.metdc.collector.audit.AuditResult.Collecting;
import io.metdc.collector.audit.Finding.Kind;
import io.metdc.storage.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/// Reads the ledger of a stretch of time and judges it. One audit each; [#cancel()] may come from any thread.
///
/// All but the numbers of trades is read in one snapshot, from counters, holes and connections: no trade is looked at,
/// and a day of six thousand instruments takes about a second.
public final class Audit {
    /// Holes whose outcome is not known after so long are unexplained.
    private static final Duration TIME_TO_REFILL = Duration.ofMinutes(10);

    /// A living connection is seen every second.
    private static final Duration SILENCE = Duration.ofMinutes(1);

    private static final String COLLECTING =
            "SELECT now(), max(seen_at), count(*) FILTER (WHERE ended_at IS NULL) FROM connections";

    private static final String INSTRUMENTS = """
            SELECT i.id, i.exchange, i.market, i.symbol, coalesce(e.kind = 'ids', false)
            FROM instruments i LEFT JOIN evidence e USING (exchange, market)
            WHERE (cardinality(?::text[]) = 0 OR i.exchange = ANY (?::text[])) AND (?::text IS NULL OR i.symbol = ?)
            """;

    /// What first came within the stretch is expected from its first connection on, what is not collected any more
    /// until its last.
    private static final String MARKETS = """
            SELECT coalesce(exchange, 'all'), coalesce(market, ''), coalesce(evidence, ''),
                   count(*) FILTER (WHERE symbol <> '?'), sum(received), sum(stored), sum(duplicate), sum(rejected),
                   sum(consumed), sum(unaccounted), sum(holes), sum(open_holes), sum(refilled), sum(never_public),
                   sum(beyond_reach), sum(outage), sum(missing), sum(connected), sum(greatest(expected, 0))
            FROM (SELECT c.exchange, c.market, c.evidence, c.symbol, sum(c.received) AS received, sum(c.stored) AS stored,
                         sum(c.duplicate) AS duplicate, sum(c.rejected) AS rejected, sum(c.consumed) AS consumed,
                         sum(c.unaccounted) AS unaccounted, sum(c.holes) AS holes, sum(c.open_holes) AS open_holes,
                         sum(c.refilled) AS refilled, sum(c.never_public) AS never_public,
                         sum(c.beyond_reach) AS beyond_reach, sum(c.outage) AS outage, sum(c.missing) AS missing,
                         sum(c.connected_seconds) AS connected,
                         CASE WHEN c.symbol <> '?'
                              THEN extract(epoch FROM
                                       CASE WHEN i.is_collected IS FALSE THEN max(c.connected_to) ELSE s.seen END
                                       - CASE WHEN i.first_seen_at < s.since THEN s.since ELSE min(c.connected_from) END)
                         END AS expected
                  FROM (SELECT ?::timestamptz AS since, ?::timestamptz AS seen) s
                  CROSS JOIN completeness_between(?, ?) c
                  JOIN instruments i ON i.exchange = c.exchange AND i.market = c.market AND i.symbol = c.symbol
                  WHERE i.id = ANY (?)
                  GROUP BY c.exchange, c.market, c.evidence, c.symbol, i.is_collected, i.first_seen_at, s.since, s.seen) c
            GROUP BY GROUPING SETS ((exchange, market, evidence), ())
            ORDER BY exchange NULLS LAST, market DESC
            """;

    private static final String HOLES = """
            SELECT i.exchange, i.market, i.symbol,
                   (greatest(coalesce(h.from_time, h.opened_at), ?) AT TIME ZONE 'UTC')::date AS day,
                   coalesce(h.outcome, CASE WHEN h.opened_at < ? THEN 'open_holes' ELSE 'being_refilled' END) AS kind,
                   count(*), coalesce(sum(greatest(h.expected - h.found, 0)), 0), bool_or(h.expected IS NULL),
                   min(coalesce(h.from_time, h.opened_at)), max(coalesce(h.to_time, h.opened_at)),
                   string_agg(DISTINCT h.cause, ', ' ORDER BY h.cause)
            FROM holes h JOIN instruments i ON i.id = h.instrument_id
            WHERE coalesce(h.to_time, h.opened_at) >= ? AND coalesce(h.from_time, h.opened_at) < ?
              AND (h.outcome IS NULL OR h.outcome IN ('beyond_reach', 'outage')) AND i.id = ANY (?)
            GROUP BY i.exchange, i.market, i.symbol, day, kind
            """;

    /// A row is stored up to a second before that second is counted, so that an hour that is being written can have
    /// more stored than received, and never less.
    private static final String SUMS = """
            SELECT i.exchange, i.market, i.symbol, (s.hour AT TIME ZONE 'UTC')::date AS day,
                   count(*), sum(abs(s.unaccounted)), min(s.hour), max(s.hour) + interval '1 hour', sum(s.unaccounted)
            FROM (SELECT instrument_id, hour, sum(received - stored - duplicate - rejected) AS unaccounted
                  FROM (SELECT instrument_id, hour, received, stored, duplicate, 0 AS rejected
                        FROM trade_counts WHERE hour >= ? AND hour < ?
                        UNION ALL
                        SELECT instrument_id, hour, 0, 0, 0, rejected
                        FROM rejected_counts WHERE hour >= ? AND hour < ?) c
                  GROUP BY instrument_id, hour) s
            JOIN instruments i ON i.id = s.instrument_id
            WHERE (s.unaccounted > 0
                   OR s.unaccounted < 0 AND (? OR s.hour < (SELECT max(hour) FROM trade_counts)))
              AND i.id = ANY (?)
            GROUP BY i.exchange, i.market, i.symbol, day
            """;

    /// Between two lives of connections that had an instrument. One that ends since other instruments are wanted of its
    /// connection is no break. A hole begins by the exchange's clock and ends by ours.
    private static final String BREAKS = """
            SELECT i.exchange, i.market, i.symbol, (lower(g.gap) AT TIME ZONE 'UTC')::date AS day, count(*),
                   min(lower(g.gap)), max(upper(g.gap)), sum(extract(epoch FROM upper(g.gap) - lower(g.gap)))
            FROM (SELECT c.id, unnest(tstzmultirange(tstzrange(lower(c.spans), upper(c.spans))) - c.spans) AS gap
                  FROM (SELECT carried.id, range_agg(part.span) AS spans
                        FROM (SELECT k.instrument_ids,
                                     range_agg(tstzrange(greatest(k.delivering_at, b.since),
                                                         least(coalesce(k.ended_at, k.seen_at), b.until))) AS spans
                              FROM (SELECT ?::timestamptz AS since, ?::timestamptz AS until) b
                              JOIN connections k ON k.delivering_at < b.until
                                   AND (k.ended_at > b.since OR k.ended_at IS NULL)
                                   AND coalesce(k.ended_at, k.seen_at) > greatest(k.delivering_at, b.since)
                              JOIN evidence e ON e.exchange = k.exchange AND e.market = k.market
                              WHERE e.kind = 'connection'
                              GROUP BY 1) l
                        CROSS JOIN LATERAL unnest(l.spans) AS part (span)
                        CROSS JOIN LATERAL unnest(l.instrument_ids) AS carried (id)
                        WHERE carried.id = ANY (?)
                        GROUP BY 1) c) g
            JOIN instruments i ON i.id = g.id
            WHERE NOT EXISTS (SELECT FROM holes h
                              WHERE h.instrument_id = g.id
                                AND coalesce(h.to_time, h.opened_at) >= lower(g.gap) - interval '5 seconds'
                                AND coalesce(h.from_time, h.opened_at) <= upper(g.gap) + interval '5 seconds')
              AND NOT EXISTS (SELECT FROM connections k
                              WHERE k.ended_at = lower(g.gap) AND k.cause = 'resubscribed'
                                AND k.instrument_ids @> ARRAY[g.id])
            GROUP BY i.exchange, i.market, i.symbol, day
            """;

    private static final Comparator<Finding> WORST_FIRST = Comparator.comparing(Finding::kind)
            .thenComparing(Comparator.comparingLong(Finding::trades).reversed())
            .thenComparing(Comparator.comparingLong(Finding::count).reversed())
            .thenComparing(Finding::exchange)
            .thenComparing(Finding::market)
            .thenComparing(Finding::symbol)
            .thenComparing(Finding::day);

    private final AuditRequest request;
    private final Statements statements = new Statements();
    private final List<MarketAudit> markets = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();

    // Of the instruments that are asked for.
    private final List<Integer> instruments = new ArrayList<>();
    private final List<NumberBreaks.Numbered> numbered = new ArrayList<>();

    private Instant now = Instant.EPOCH;
    private Collecting collecting = new Collecting(Collecting.State.NEVER, null);

    public Audit(AuditRequest request) {
        this.request = request;
    }

    /// Gives it up, and what the database does for it now: [#read] fails.
    public void cancel() {
        statements.cancel();
    }

    public boolean isCancelled() {
        return statements.isCancelled();
    }

    /// Does it.
    ///
    /// @param progress is told how far the look at the numbers is, in a few words
    public AuditResult read(Database database, Consumer<String> progress) throws SQLException {
        try (Connection connection = database.readOnly().getConnection()) {
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.setAutoCommit(false);
            try {
                readCollecting(connection);
                readInstruments(connection);
                readMarkets(connection);
                readHoles(connection);
                readSums(connection);
                readBreaks(connection);
            } finally {
                connection.rollback();
                connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            }
        }
        NumberBreaks.Extent extent = null;
        if (request.deep()) {
            NumberBreaks breaks = new NumberBreaks(database, statements, request.from(), settled(), numbered);
            extent = breaks.read(progress);
            findings.addAll(breaks.findings());
        }
        findings.sort(WORST_FIRST);
        MarketAudit total = markets.removeLast();
        return new AuditResult(request, collecting, instruments.size(), markets, total, findings, extent);
    }

    private void readCollecting(Connection connection) throws SQLException {
        statements.ask(connection, COLLECTING, _ -> {}, row -> {
            row.next();
            now = instant(row, 1);
            OffsetDateTime seen = row.getObject(2, OffsetDateTime.class);
            if (seen != null) {
                Instant lastSeen = seen.toInstant();
                boolean isLiving = row.getLong(3) > 0;
                collecting = new Collecting(
                        !isLiving
                                ? Collecting.State.ENDED
                                : lastSeen.isBefore(now.minus(SILENCE))
                                        ? Collecting.State.BROKEN_OFF
                                        : Collecting.State.RUNNING,
                        lastSeen);
            }
        });
    }

    /// Whether nothing is on its way: what was received is stored, or nothing ever was.
    private boolean isOver() {
        return switch (collecting.state()) {
            case NEVER, ENDED -> true;
            case RUNNING, BROKEN_OFF -> false;
        };
    }

    /// Until then something can have been collected.
    private Instant seen() {
        Instant lastSeen = collecting.lastSeen();
        return lastSeen == null || lastSeen.isAfter(request.to()) ? request.to() : lastSeen;
    }

    /// Until then a number that is not there is not on its way either.
    private Instant settled() {
        Instant sure = isOver() ? now : seen().minus(SILENCE);
        return sure.isBefore(request.to()) ? sure : request.to();
    }

    private void readInstruments(Connection connection) throws SQLException {
        statements.ask(
                connection,
                INSTRUMENTS,
                statement -> {
                    var exchanges =
                            connection.createArrayOf("text", request.exchanges().toArray());
                    statement.setArray(1, exchanges);
                    statement.setArray(2, exchanges);
                    statement.setString(3, request.symbol());
                    statement.setString(4, request.symbol());
                },
                row -> {
                    while (row.next()) {
                        instruments.add(row.getInt(1));
                        if (row.getBoolean(5)) {
                            numbered.add(new NumberBreaks.Numbered(
                                    row.getInt(1), row.getString(2), row.getString(3), row.getString(4)));
                        }
                    }
                });
    }

    private void readMarkets(Connection connection) throws SQLException {
        statements.ask(
                connection,
                MARKETS,
                statement -> {
                    statement.setObject(1, parameter(request.from()));
                    statement.setObject(2, parameter(seen()));
                    range(statement, 3);
                    statement.setArray(5, connection.createArrayOf("int4", instruments.toArray()));
                },
                row -> {
                    while (row.next()) {
                        markets.add(market(row));
                    }
                });
    }

    private static MarketAudit market(ResultSet row) throws SQLException {
        return new MarketAudit(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getLong(4),
                row.getLong(5),
                row.getLong(6),
                row.getLong(7),
                row.getLong(8),
                row.getLong(9),
                row.getLong(10),
                row.getLong(11),
                row.getLong(12),
                row.getLong(13),
                row.getLong(14),
                row.getLong(15),
                row.getLong(16),
                row.getLong(17),
                row.getDouble(18),
                row.getDouble(19));
    }

    private void readHoles(Connection connection) throws SQLException {
        statements.ask(
                connection,
                HOLES,
                statement -> {
                    statement.setObject(1, parameter(request.from()));
                    statement.setObject(2, parameter(now.minus(TIME_TO_REFILL)));
                    range(statement, 3);
                    statement.setArray(5, connection.createArrayOf("int4", instruments.toArray()));
                },
                row -> {
                    while (row.next()) {
                        findings.add(new Finding(
                                Kind.valueOf(row.getString(5).toUpperCase(Locale.ROOT)),
                                row.getString(1),
                                row.getString(2),
                                row.getString(3),
                                row.getObject(4, LocalDate.class),
                                row.getLong(6),
                                row.getLong(7),
                                row.getBoolean(8),
                                instant(row, 9),
                                instant(row, 10),
                                row.getString(11)));
                    }
                });
    }

    private void readSums(Connection connection) throws SQLException {
        statements.ask(
                connection,
                SUMS,
                statement -> {
                    range(statement, 1);
                    range(statement, 3);
                    statement.setBoolean(5, isOver());
                    statement.setArray(6, connection.createArrayOf("int4", instruments.toArray()));
                },
                row -> {
                    while (row.next()) {
                        findings.add(new Finding(
                                Kind.SUMS,
                                row.getString(1),
                                row.getString(2),
                                row.getString(3),
                                row.getObject(4, LocalDate.class),
                                row.getLong(5),
                                row.getLong(6),
                                false,
                                instant(row, 7),
                                instant(row, 8),
                                String.format(Locale.ROOT, "%+,d", row.getLong(9))));
                    }
                });
    }

    private void readBreaks(Connection connection) throws SQLException {
        statements.ask(
                connection,
                BREAKS,
                statement -> {
                    range(statement, 1);
                    statement.setArray(3, connection.createArrayOf("int4", instruments.toArray()));
                },
                row -> {
                    while (row.next()) {
                        findings.add(new Finding(
                                Kind.BREAKS,
                                row.getString(1),
                                row.getString(2),
                                row.getString(3),
                                row.getObject(4, LocalDate.class),
                                row.getLong(5),
                                0,
                                true,
                                instant(row, 6),
                                instant(row, 7),
                                String.format(Locale.ROOT, "%.3f s", row.getDouble(8))));
                    }
                });
    }

    private void range(PreparedStatement statement, int first) throws SQLException {
        statement.setObject(first, parameter(request.from()));
        statement.setObject(first + 1, parameter(request.to()));
    }
}

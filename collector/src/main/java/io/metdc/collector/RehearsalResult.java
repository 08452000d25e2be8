package io.metdc.collector;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.simulator.Sent;
import io.metdc.storage.Database;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/// What a rehearsal sent, by the simulator's own count, and what became of it, by what SQL says.
///
/// @param markets       in the order of the simulator
/// @param differences   between the tape and the table of trades, in words; empty when they are the same
/// @param firstTradeMillis from the start of the rehearsal until the first trade was committed; -1 if none was
record RehearsalResult(List<OfMarket> markets, List<String> differences, long firstTradeMillis, long elapsedMillis) {

    /// One market. `sent` counts each copy on each connection; `byRest` are rows that were asked for beside them;
    /// `holes` are rows of the ledger.
    record OfMarket(
            String exchange,
            String market,
            int instruments,
            long sent,
            long byRest,
            long stored,
            long duplicate,
            long rejected,
            long consumed,
            long holes) {
        long unaccounted() {
            return sent + byRest - stored - duplicate - rejected;
        }
    }

    private static final String COUNTS = """
            SELECT exchange, market, (SELECT sum(by_rest) FROM trade_counts JOIN instruments i ON i.id = instrument_id
                    WHERE i.exchange = c.exchange AND i.market = c.market), stored, duplicate, rejected, consumed,
                   (SELECT count(*) FROM hole h WHERE h.exchange = c.exchange AND h.market = c.market)
            FROM market_count c
            """;

    private static final OfMarket NOTHING = new OfMarket("", "", 0, 0, 0, 0, 0, 0, 0, 0);

    /// What SQL counts of every market that it knows; nothing of it was sent yet.
    static Map<Market, OfMarket> counts(Database database) throws SQLException {
        Map<Market, OfMarket> counts = new HashMap<>();
        try (Connection connection = database.readOnly().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(COUNTS)) {
            while (row.next()) {
                Market market = new Market(
                        Exchange.of(row.getString(1)).orElseThrow(),
                        MarketType.of(row.getString(2)).orElseThrow());
                counts.put(
                        market,
                        new OfMarket(
                                row.getString(1),
                                row.getString(2),
                                0,
                                0,
                                row.getLong(3),
                                row.getLong(4),
                                row.getLong(5),
                                row.getLong(6),
                                row.getLong(7),
                                row.getLong(8)));
            }
        }
        return counts;
    }

    /// Reads what became of the rows that were sent.
    ///
    /// @param before what SQL counted before any of them was sent
    static RehearsalResult read(Database database, List<Sent> report, Map<Market, OfMarket> before)
            throws SQLException {
        Map<Market, OfMarket> counts = counts(database);
        List<OfMarket> markets = new ArrayList<>();
        for (Sent sent : report) {
            Market market = sent.market();
            OfMarket then = before.getOrDefault(market, NOTHING);
            OfMarket now = counts.getOrDefault(market, NOTHING);
            markets.add(new OfMarket(
                    market.exchange().id(),
                    market.type().id(),
                    sent.instruments().size(),
                    sent.rows(),
                    now.byRest() - then.byRest(),
                    now.stored() - then.stored(),
                    now.duplicate() - then.duplicate(),
                    now.rejected() - then.rejected(),
                    now.consumed() - then.consumed(),
                    now.holes() - then.holes()));
        }
        return new RehearsalResult(markets, List.of(), -1, 0);
    }

    RehearsalResult with(List<String> found, long firstTrade, long elapsed) {
        return new RehearsalResult(markets, List.copyOf(found), firstTrade, elapsed);
    }

    /// Rows that were sent of which SQL knows what became of them.
    long accounted() {
        return -sum(OfMarket::byRest) + sum(OfMarket::stored) + sum(OfMarket::duplicate) + sum(OfMarket::rejected);
    }

    long consumed() {
        return sum(OfMarket::consumed);
    }

    /// Whether every market's sum meets, there is no hole, and the table is the tape.
    boolean ok() {
        return failures().isEmpty();
    }

    private long sum(ToLongFunction<OfMarket> column) {
        return markets.stream().mapToLong(column).sum();
    }

    private OfMarket total() {
        return new OfMarket(
                "all",
                "",
                (int) sum(OfMarket::instruments),
                sum(OfMarket::sent),
                sum(OfMarket::byRest),
                sum(OfMarket::stored),
                sum(OfMarket::duplicate),
                sum(OfMarket::rejected),
                sum(OfMarket::consumed),
                sum(OfMarket::holes));
    }

    /// For an 80-column terminal.
    List<String> table() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                "%-8s %-7s %6s %10s %10s %9s %8s %8s %5s",
                "exchange", "market", "instr.", "sent", "stored", "duplicate", "rejected", "consumed", "holes"));
        for (OfMarket market : markets) {
            lines.add(line(market));
        }
        lines.add(line(total()));
        lines.add("");
        lines.addAll(failures());
        lines.add(ok() ? "ok: the sums meet, and every trade in SQL is exactly what was sent" : "not ok");
        lines.add(String.format(
                Locale.ROOT,
                "first trade stored after %.1f s · all done after %.1f s",
                firstTradeMillis / 1e3,
                elapsedMillis / 1e3));
        return lines;
    }

    /// Why it is not [#ok()], a line each; empty when it is.
    List<String> failures() {
        List<String> lines = new ArrayList<>();
        for (OfMarket market : markets) {
            String name = "FAILED: " + market.exchange() + " " + market.market() + ": ";
            if (market.sent() == 0) {
                lines.add(name + "nothing was sent");
            }
            if (market.unaccounted() != 0) {
                lines.add(name + String.format(Locale.ROOT, "%,d rows sent are unaccounted for", market.unaccounted()));
            }
            if (market.holes() != 0) {
                lines.add(name + String.format(Locale.ROOT, "%,d holes", market.holes()));
            }
        }
        differences.forEach(difference -> lines.add("FAILED: " + difference));
        return lines;
    }

    private static String line(OfMarket market) {
        return String.format(
                Locale.ROOT,
                "%-8s %-7s %,6d %,10d %,10d %,9d %,8d %,8d %,5d",
                market.exchange(),
                market.market(),
                market.instruments(),
                market.sent(),
                market.stored(),
                market.duplicate(),
                market.rejected(),
                market.consumed(),
                market.holes());
    }

    /// As one JSON object.
    ///
    /// @param listing what came of the listing, where one was rehearsed
    String json(ListingRehearsal.@Nullable Result listing) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.writeStartObject();
            json.writeArrayFieldStart("markets");
            for (OfMarket market : markets) {
                json.writeStartObject();
                json.writeStringField("exchange", market.exchange());
                json.writeStringField("market", market.market());
                numbers(json, market);
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeObjectFieldStart("totals");
            numbers(json, total());
            json.writeEndObject();
            json.writeNumberField("first_trade_ms", firstTradeMillis);
            json.writeNumberField("elapsed_ms", elapsedMillis);
            if (listing != null) {
                listing.write(json);
            }
            json.writeBooleanField(
                    "ok", ok() && (listing == null || listing.failures().isEmpty()));
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // into memory
        }
        return text.toString();
    }

    private static void numbers(JsonGenerator json, OfMarket market) throws IOException {
        json.writeNumberField("sent", market.sent());
        json.writeNumberField("stored", market.stored());
        json.writeNumberField("duplicate", market.duplicate());
        json.writeNumberField("rejected", market.rejected());
        json.writeNumberField("consumed", market.consumed());
        json.writeNumberField("holes", market.holes());
    }
}

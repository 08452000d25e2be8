package io.metdc.collector.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A recorded listing for a person, in 80 columns: what was announced, who saw it when, and what was recorded on each
/// market.
public final class CoverageTable {
    private CoverageTable() {}

    /// Prints it.
    ///
    /// @param metadata the archive's `metadata.json`
    /// @param coverage its `coverage.json`
    public static void print(JsonNode metadata, JsonNode coverage, PrintStream out) {
        head(metadata, out);
        out.println();
        out.printf(
                "%-15s %-14s %-15s %7s %8s %8s %9s%n",
                "market", "symbol", "status", "trades", "first", "last", "delay ms");
        List<String> notes = new ArrayList<>();
        JsonNode announced = metadata.path("announced_at");
        for (JsonNode venue : coverage.path("venues")) {
            String market =
                    venue.path("exchange").asText() + "-" + venue.path("market").asText();
            out.printf(
                    Locale.ROOT,
                    "%-15s %-14s %-15s %,7d %8s %8s %9s%n",
                    market,
                    venue.path("symbol").asText("-"),
                    venue.path("status").asText().replace('_', ' '),
                    venue.path("trades").asLong(),
                    ListingCommand.after(announced, venue.path("first_at")),
                    ListingCommand.after(announced, venue.path("last_at")),
                    delay(venue));
            note(market, venue, announced, notes);
        }
        if (!notes.isEmpty()) {
            out.println();
            notes.forEach(out::println);
        }
    }

    private static void head(JsonNode metadata, PrintStream out) {
        List<String> markets = new ArrayList<>();
        metadata.path("markets").forEach(market -> markets.add(market.asText()));
        JsonNode announced = metadata.path("announced_at");
        out.printf("%s on %s%n", metadata.path("symbol").asText(), String.join(", ", markets));
        if (!metadata.path("title").asText().isEmpty()) {
            out.println(ListingCommand.quiet(metadata.path("title").asText(), 200));
        }
        out.println();
        line(out, "announced", announced.asText().replace('T', ' ').replace("Z", " UTC") + ", ± 1 s");
        for (JsonNode seen : metadata.path("seen")) {
            String notYet = ListingCommand.after(announced, seen.path("t_not_yet"));
            line(
                    out,
                    "seen",
                    ListingCommand.after(announced, seen.path("t_seen")) + " by "
                            + seen.path("source").asText().replace('_', ' ')
                            + (notYet.equals("-") ? "" : ", not yet there " + notYet));
        }
        line(
                out,
                "fired",
                ListingCommand.after(announced, metadata.path("fired_at"))
                        + (metadata.path("late").asBoolean() ? ", late" : ""));
        if (metadata.path("opens_at").isTextual()) {
            line(out, "opens", ListingCommand.after(announced, metadata.path("opens_at")));
        }
        if (metadata.path("first_krw_at").isTextual()) {
            line(out, "first KRW", ListingCommand.after(announced, metadata.path("first_krw_at")));
        }
        long holes = metadata.path("open_holes").asLong();
        line(
                out,
                "archive",
                "stage " + metadata.path("stage").asText() + ", "
                        + (metadata.path("complete").asBoolean()
                                ? "core complete"
                                : "NOT complete: the core window has a hole")
                        + (holes == 0 ? "" : ", " + holes + " holes still open"));
    }

    private static void line(PrintStream out, String name, String what) {
        out.printf("%-10s %s%n", name, what);
    }

    private static String delay(JsonNode venue) {
        if (!venue.path("receive_delay_p50_us").isNumber()) {
            return "-";
        }
        return String.format(
                Locale.ROOT,
                "%.1f/%.1f",
                venue.path("receive_delay_p50_us").asLong() / 1000.0,
                venue.path("receive_delay_p99_us").asLong() / 1000.0);
    }

    private static void note(String market, JsonNode venue, JsonNode announced, List<String> notes) {
        if (!venue.path("detail").asText().isEmpty()
                && venue.path("enabled").asBoolean(true)
                && venue.path("gaps").isEmpty()) {
            notes.add(market + ": " + ListingCommand.quiet(venue.path("detail").asText(), 160));
        }
        for (JsonNode gap : venue.path("gaps")) {
            Duration length = Duration.between(
                    Instant.parse(gap.path("from").asText()),
                    Instant.parse(gap.path("to").asText()));
            notes.add(String.format(
                    Locale.ROOT,
                    "%s: %s from %s on for %.1f s%s",
                    market,
                    gap.path("cause").asText().replace('_', ' '),
                    ListingCommand.after(announced, gap.path("from")),
                    length.toMillis() / 1000.0,
                    gap.path("filled").asBoolean() ? ", filled" : ", OPEN"));
        }
    }
}

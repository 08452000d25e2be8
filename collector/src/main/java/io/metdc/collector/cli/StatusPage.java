package io.metdc.collector.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// A service's state as a page for a terminal: its first words say whether everything is recorded, what follows says
/// how
/// much, and what is wrong by name. No line is longer than the terminal is wide. Its words are those of the JSON.
final class StatusPage {
    static final int USUAL_COLUMNS = 80;

    private static final int LEAST_COLUMNS = 40;
    private static final int MOST_REMARKS = 12;
    private static final int NAME_COLUMNS = 17;
    private static final String RED = "\033[1;31m";
    private static final String GREEN = "\033[1;32m";
    private static final String YELLOW = "\033[33m";
    private static final String PLAIN = "\033[0m";

    private final JsonNode status;
    private final int columns;
    private final boolean coloured;
    private final List<String> lines = new ArrayList<>();

    private StatusPage(JsonNode status, int columns, boolean coloured) {
        this.status = status;
        this.columns = Math.max(LEAST_COLUMNS, columns);
        this.coloured = coloured;
    }

    /// @param status as `/api/status` answers
    /// @param from   where it was asked
    static List<String> of(JsonNode status, String from, int columns, boolean coloured) {
        StatusPage page = new StatusPage(status, columns, coloured);
        page.fill(from);
        return page.lines;
    }

    static List<String> unreachable(String why, boolean coloured) {
        return List.of((coloured ? RED : "") + "NOTHING IS KNOWN: " + why + (coloured ? PLAIN : ""));
    }

    private void fill(String from) {
        verdict();
        line(String.format(
                Locale.ROOT,
                "metdc %s, process %d, up %s, %s",
                status.path("version").asText(),
                status.path("pid").asLong(),
                words(Duration.between(time("started_at"), time("at"))),
                from));
        if (status.has("trades")) {
            line("");
            sums();
            line("");
            markets();
        }
        remarks("missing", "NOT RECORDED", RED);
        remarks("remarks", "WORTH A LOOK", YELLOW);
        listings();
    }

    private void verdict() {
        int missing = status.path("missing").size();
        String health =
                String.format(Locale.ROOT, "health %.2f", status.path("health").asDouble());
        if (status.path("ready").asBoolean()) {
            add("EVERYTHING IS RECORDED, " + health, GREEN);
        } else if (status.path("phase").asText().equals("running")) {
            add(
                    "NOT EVERYTHING IS RECORDED, " + health + ": " + missing
                            + (missing == 1 ? " thing is wrong" : " things are wrong"),
                    RED);
        } else {
            add("metdc is " + status.path("phase").asText() + ", " + health, YELLOW);
        }
    }

    private void sums() {
        JsonNode trades = status.path("trades");
        JsonNode journal = status.path("journal");
        JsonNode database = status.path("database");
        int instruments = 0;
        long recorded = 0;
        int workers = 0;
        int working = 0;
        for (JsonNode market : status.path("markets")) {
            instruments += market.path("instruments").asInt();
            recorded += recorded(market);
            workers += market.path("workers").size();
            working += delivering(market);
        }
        line(String.format(
                Locale.ROOT,
                "%,.0f trades/s   %,d of %,d instruments recorded   %,d of %,d connections",
                trades.path("per_second").asDouble(),
                recorded,
                instruments,
                working,
                workers));
        long received = trades.path("received").asLong();
        long stored = trades.path("stored").asLong();
        long duplicate = trades.path("duplicate").asLong();
        long rejected = trades.path("rejected").asLong();
        line(String.format(Locale.ROOT, "received   %,16d", received));
        line(String.format(Locale.ROOT, "= stored   %,16d", stored));
        line(String.format(Locale.ROOT, "+ duplicate%,16d", duplicate));
        line(String.format(Locale.ROOT, "+ rejected %,16d%s", rejected, unknown(trades)));
        line(String.format(Locale.ROOT, "+ under way%,16d", Math.max(0, received - stored - duplicate - rejected)));
        JsonNode behind = journal.path("behind_ms");
        line(String.format(
                Locale.ROOT,
                "journal %s   database %s%s",
                behind.isNumber()
                        ? String.format(Locale.ROOT, "%.1f s behind", behind.asLong() / 1e3)
                        : String.format(
                                Locale.ROOT,
                                "%,d kB behind",
                                journal.path("lag_bytes").asLong() / 1024),
                database.path("state").asText(),
                database.path("commit_p50_ms").asLong() < 0
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                ", commits %d ms (99 %%: %d ms)",
                                database.path("commit_p50_ms").asLong(),
                                database.path("commit_p99_ms").asLong())));
        line(String.format(
                Locale.ROOT,
                "holes %,d open   disk %d %% full",
                status.path("open_holes").asLong(),
                journal.path("disk_percent").asInt()));
    }

    private static String unknown(JsonNode trades) {
        long unknown = trades.path("unknown").asLong();
        return unknown == 0 ? "" : String.format(Locale.ROOT, "   (%,d of unknown instruments)", unknown);
    }

    /// Receipt: from the exchange's time of a trade to ours, half of them and 99 of a hundred.
    private void markets() {
        line(String.format(
                Locale.ROOT,
                "  %-16s %13s %7s %11s %9s %16s",
                "market",
                "recorded",
                "quiet",
                "connections",
                "trades/s",
                "receipt 50/99 %"));
        for (JsonNode market : status.path("markets")) {
            int workers = market.path("workers").size();
            long instruments = market.path("instruments").asLong();
            boolean well = instruments > 0
                    && recorded(market) == instruments
                    && market.path("trouble").isNull();
            long half = market.path("receipt_p50_ms").asLong();
            add(
                    String.format(
                            Locale.ROOT,
                            "%s %-16s %13s %,7d %11s %,9.0f %16s",
                            well ? " " : "!",
                            market.path("exchange").asText() + " "
                                    + market.path("market").asText(),
                            of(recorded(market), instruments),
                            market.path("quiet").asLong(),
                            of(delivering(market), workers),
                            market.path("per_second").asDouble(),
                            half < 0
                                    ? "-"
                                    : String.format(
                                            Locale.ROOT,
                                            "%,d/%,d ms",
                                            half,
                                            market.path("receipt_p99_ms").asLong())),
                    well ? "" : RED);
        }
    }

    /// Those whose trades come, and those that do not trade.
    private static long recorded(JsonNode market) {
        return market.path("delivering").asLong() + market.path("quiet").asLong();
    }

    private static int delivering(JsonNode market) {
        int delivering = 0;
        for (JsonNode worker : market.path("workers")) {
            delivering += worker.path("delivering").asBoolean() ? 1 : 0;
        }
        return delivering;
    }

    private static String of(long part, long whole) {
        return String.format(Locale.ROOT, "%,d/%,d", part, whole);
    }

    private void remarks(String field, String title, String colour) {
        JsonNode remarks = status.path(field);
        if (remarks.isEmpty()) {
            return;
        }
        line("");
        add(title, colour);
        int shown = remarks.size() <= MOST_REMARKS ? remarks.size() : MOST_REMARKS - 1;
        for (int i = 0; i < shown; i++) {
            JsonNode remark = remarks.path(i);
            wrapped(remark.path("name").asText(), remark.path("why").asText());
        }
        if (shown < remarks.size()) {
            line(String.format(Locale.ROOT, "  and %d more: metdc status --json", remarks.size() - shown));
        }
    }

    /// At most two lines.
    private void wrapped(String name, String why) {
        String all = String.format(Locale.ROOT, "  %-" + NAME_COLUMNS + "s ", name) + why;
        if (all.length() <= columns) {
            line(all);
            return;
        }
        int end = all.lastIndexOf(' ', columns);
        if (end <= NAME_COLUMNS + 3) {
            end = columns;
        }
        line(all.substring(0, end));
        line(" ".repeat(NAME_COLUMNS + 3) + all.substring(end).strip());
    }

    private void listings() {
        JsonNode listings = status.path("listings");
        if (listings.isEmpty()) {
            return;
        }
        line("");
        line("LISTINGS BEING RECORDED");
        for (JsonNode listing : listings) {
            String window = listing.path("window").asText("");
            String published = listing.path("published").asText("");
            wrapped(
                    listing.path("id").asText(),
                    (window.isEmpty() || listing.path("window").isNull()
                                    ? "between windows"
                                    : "in its " + window + " window")
                            + (listing.path("published").isNull()
                                    ? ", nothing published yet"
                                    : ", published: " + published));
        }
    }

    private void line(String text) {
        add(text, "");
    }

    /// What comes from outside puts nothing but letters on the terminal.
    private void add(String text, String colour) {
        String plain = text.replaceAll("[\\p{Cntrl}\\x80-\\x9f]", " ");
        String fitting = plain.length() <= columns ? plain : plain.substring(0, columns - 1) + "…";
        lines.add(coloured && !colour.isEmpty() ? colour + fitting + PLAIN : fitting);
    }

    private Instant time(String field) {
        return Instant.parse(status.path(field).asText(Instant.EPOCH.toString()));
    }

    private static String words(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3_600) {
            return seconds / 60 + " min";
        }
        return seconds < 86_400
                ? seconds / 3_600 + " h " + seconds / 60 % 60 + " min"
                : seconds / 86_400 + " d " + seconds / 3_600 % 24 + " h";
    }
}

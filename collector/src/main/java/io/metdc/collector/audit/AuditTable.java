package io.metdc.collector.audit;

import io.metdc.collector.audit.Finding.Kind;
import io.metdc.collector.query.Table;
import java.io.PrintStream;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;

/// An audit for a person, in 120 columns: a verdict on each market, the sums behind it, and by name what is not fine.
public final class AuditTable {
    private static final int COLUMNS = 120;
    private static final int MOST_UNEXPLAINED = 20;
    private static final int MOST_EXPLAINED = 10;
    private static final int MOST_OF_SYMBOL = 20;
    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter SECOND =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final AuditResult result;
    private final PrintStream out;
    private final boolean colours;

    /// How a verdict is coloured.
    private enum Colour {
        GREEN(32),
        YELLOW(33),
        RED(31);

        private final int code;

        Colour(int code) {
            this.code = code;
        }
    }

    /// A table.
    ///
    /// @param colours whether a terminal shows them
    public AuditTable(AuditResult result, PrintStream out, boolean colours) {
        this.result = result;
        this.out = out;
        this.colours = colours;
    }

    public void print() {
        head();
        out.println();
        if (result.markets().isEmpty()) {
            out.println("Nothing was collected in this time.");
        } else {
            verdicts();
            out.println();
            sums();
        }
        unexplained();
        explained(Kind.BEYOND_REACH, "Beyond reach: the exchange does not tell of these trades any more");
        explained(Kind.OUTAGE, "Given up: the exchange gave no answer for a day");
        end();
    }

    private void head() {
        AuditRequest request = result.request();
        List<String> only =
                new ArrayList<>(request.exchanges().stream().sorted().toList());
        if (request.symbol() != null) {
            only.add(Table.clean(request.symbol()));
        }
        out.println("Completeness from " + MINUTE.format(request.from()) + " to " + MINUTE.format(request.to()) + " UTC"
                + (only.isEmpty() ? "" : ", only " + String.join(", ", only)));
        Instant seen = result.collecting().lastSeen();
        String last = seen == null ? "" : SECOND.format(seen) + " UTC";
        switch (result.collecting().state()) {
            case NEVER -> out.println("No connection to an exchange was ever entered into this database.");
            case RUNNING -> {}
            case ENDED -> {
                if (seen != null && seen.isBefore(request.to())) {
                    out.println("metdc does not run: it ended at " + last + ", and of later nothing is said.");
                }
            }
            case BROKEN_OFF ->
                out.println("metdc was last seen at " + last + ": it was killed, or cannot reach the database. Its"
                        + " journal may hold more.");
        }
    }

    // ---- a line for each market

    private void verdicts() {
        Grid grid = new Grid(COLUMNS, 1, true);
        grid.row("", "", "", "", "never", "beyond", "", "", "", "");
        grid.row("market", "instr.", "holes", "refilled", "public", "reach", "outage", "open", "connected", "verdict");
        section(
                grid,
                "ids",
                "By ids: trade numbers follow each other, so each missing one shows; not one that no higher number followed.");
        section(
                grid,
                "connection",
                "By unbroken connection: what was sent while a connection delivered is here; what was not sent, no number"
                        + " tells.");
        if (result.markets().size() > 1) {
            grid.text("");
            verdict(grid, result.total());
        }
        grid.print(out);
    }

    private void section(Grid grid, String evidence, String says) {
        List<MarketAudit> markets = result.markets().stream()
                .filter(market -> market.evidence().equals(evidence))
                .toList();
        if (!markets.isEmpty()) {
            grid.text("");
            grid.text(says);
            markets.forEach(market -> verdict(grid, market));
        }
    }

    private void verdict(Grid grid, MarketAudit market) {
        grid.row(
                paint(colour(market)),
                name(market),
                number(market.instruments()),
                number(market.holes()),
                number(market.refilled()),
                number(market.neverPublic()),
                number(market.beyondReach()),
                number(market.outage()),
                number(market.openHoles()),
                percent(market.connectedShare()),
                verdict(market));
    }

    private String verdict(MarketAudit market) {
        long unexplained = result.unexplained(market);
        if (unexplained > 0) {
            return number(unexplained) + " unexplained";
        }
        List<String> lacking = new ArrayList<>();
        long gone = market.beyondReach() + market.outage();
        if (gone > 0) {
            lacking.add(number(gone) + " beyond reach");
        }
        long coming = result.beingRefilled(market);
        if (coming > 0) {
            lacking.add(number(coming) + " being refilled");
        }
        return switch (lacking.size()) {
            case 0 -> "complete";
            case 1 -> "complete but for " + lacking.getFirst();
            default -> String.join(", ", lacking);
        };
    }

    private Colour colour(MarketAudit market) {
        if (result.unexplained(market) > 0) {
            return Colour.RED;
        }
        return market.beyondReach() + market.outage() + result.beingRefilled(market) > 0 ? Colour.YELLOW : Colour.GREEN;
    }

    private UnaryOperator<String> paint(Colour colour) {
        return colours ? text -> "\u001b[" + colour.code + "m" + text + "\u001b[0m" : UnaryOperator.identity();
    }

    private void sums() {
        Grid grid = new Grid(COLUMNS, 1, false);
        grid.row("market", "received", "= stored", "+ duplicate", "+ rejected", "+ unaccounted", "consumed ids");
        result.markets().forEach(market -> sums(grid, market));
        if (result.markets().size() > 1) {
            grid.text("");
            sums(grid, result.total());
        }
        grid.print(out);
    }

    private static void sums(Grid grid, MarketAudit market) {
        grid.row(
                name(market),
                number(market.received()),
                number(market.stored()),
                number(market.duplicate()),
                number(market.rejected()),
                number(market.unaccounted()),
                number(market.consumed()));
    }

    // ---- by name

    private void unexplained() {
        List<Finding> all =
                result.findings().stream().filter(Finding::isUnexplained).toList();
        if (all.isEmpty()) {
            return;
        }
        out.println();
        out.println("Unexplained, by instrument and day");
        Grid grid = new Grid(COLUMNS, 2, true);
        for (Finding finding : all.subList(0, Math.min(all.size(), MOST_UNEXPLAINED))) {
            grid.row("  " + name(finding), symbol(finding), finding.day() + "  " + what(finding));
        }
        grid.print(out);
        if (all.size() > MOST_UNEXPLAINED) {
            out.println("  and " + number(all.size() - MOST_UNEXPLAINED) + " more: --json has all of them, and"
                    + " scripts/metdc query holes_open those that are holes");
        }
    }

    private static String what(Finding finding) {
        return switch (finding.kind()) {
            case OPEN_HOLES, BEING_REFILLED ->
                number(finding.count(), "open hole") + " from " + time(finding.from(), finding.day()) + " to "
                        + time(finding.to(), finding.day()) + ", " + trades(finding) + " (" + finding.detail() + ")";
            case SUMS ->
                number(finding.count(), "hour") + " from " + time(finding.from(), finding.day())
                        + " whose sums do not meet, by " + finding.detail() + " rows";
            case BREAKS ->
                number(finding.count(), "break") + " of connection not in the ledger, from "
                        + time(finding.from(), finding.day()) + " to " + time(finding.to(), finding.day()) + ": "
                        + finding.detail();
            case NUMBERS ->
                number(finding.trades(), "number") + " neither stored nor consumed nor in the ledger: "
                        + finding.detail();
            case BEYOND_REACH, OUTAGE -> number(finding.count(), "hole") + ", " + trades(finding);
        };
    }

    private static String trades(Finding finding) {
        if (!finding.isLeast()) {
            return number(finding.trades(), "trade");
        }
        return finding.trades() == 0 ? "nobody knows how many trades" : "at least " + number(finding.trades(), "trade");
    }

    private void explained(Kind kind, String title) {
        Map<List<String>, Finding> byInstrument = new LinkedHashMap<>();
        for (Finding finding : result.findings()) {
            if (finding.kind() == kind) {
                byInstrument.merge(
                        List.of(finding.exchange(), finding.market(), finding.symbol()), finding, Finding::and);
            }
        }
        if (byInstrument.isEmpty()) {
            return;
        }
        List<Finding> all = byInstrument.values().stream()
                .sorted(Comparator.comparingLong(Finding::trades)
                        .thenComparingLong(Finding::count)
                        .reversed())
                .toList();
        out.println();
        out.println(title);
        Grid grid = new Grid(COLUMNS, 2, true);
        for (Finding finding : all.subList(0, Math.min(all.size(), MOST_EXPLAINED))) {
            grid.row(
                    "  " + name(finding),
                    symbol(finding),
                    what(finding) + ", " + SECOND.format(finding.from()) + " to "
                            + time(finding.to(), LocalDate.ofInstant(finding.from(), ZoneOffset.UTC)));
        }
        grid.print(out);
        if (all.size() > MOST_EXPLAINED) {
            out.println("  and " + number(all.size() - MOST_EXPLAINED)
                    + " more instruments: --json has all of them, and" + " scripts/metdc query holes");
        }
    }

    private void end() {
        out.println();
        NumberBreaks.Extent numbers = result.numbers();
        if (numbers != null) {
            out.println(number(numbers.numbers(), "number") + " of stored trades and consumed ids looked at, to "
                    + SECOND.format(numbers.to()) + " UTC"
                    + (numbers.dropped() == 0
                            ? "."
                            : "; " + number(numbers.dropped(), "hour") + " of it stored no more."));
        }
        long unexplained = result.unexplained(result.total());
        if (unexplained > 0) {
            out.println(paint(Colour.RED).apply(number(unexplained) + " unexplained."));
        } else {
            out.println(paint(Colour.GREEN).apply("Nothing is unexplained.")
                    + (numbers == null && result.markets().stream().anyMatch(MarketAudit::isByIds)
                            ? " --deep looks at the numbers of the stored trades too."
                            : ""));
        }
    }

    // ---- words

    private static String name(MarketAudit market) {
        return market.market().isEmpty() ? market.exchange() : "  " + market.exchange() + " " + market.market();
    }

    private static String name(Finding finding) {
        return finding.exchange() + " " + finding.market();
    }

    private static String symbol(Finding finding) {
        return Table.cut(Table.clean(finding.symbol()), MOST_OF_SYMBOL);
    }

    /// Without the date where it is known.
    private static String time(Instant instant, LocalDate known) {
        String text = SECOND.format(instant);
        return text.startsWith(known.toString()) ? text.substring(11) : text;
    }

    private static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private static String number(long number, String what) {
        return number(number) + " " + what + (number == 1 ? "" : "s");
    }

    /// Rounded down, so that 100 % says all of it.
    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f %%", Math.floor(share * 10_000) / 100);
    }
}

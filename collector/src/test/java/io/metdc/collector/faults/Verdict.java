package io.metdc.collector.faults;

import io.metdc.collector.faults.Fault.Kind;
import io.metdc.market.Market;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/// What came of a run.
///
/// @param planted    how often which fault happened
/// @param lives      how often the program was started
/// @param exits      ends that nobody had asked for
/// @param mayExit    whether there were faults that excuse them: who starts on a full disk may give up
/// @param connected  whether every market delivered when all faults were over
/// @param closed     whether every hole got its outcome in time
/// @param allStored  whether the program said at its end that everything is stored
/// @param breaches   limits of the exchanges that the program did not hold to
/// @param details    of what is amiss
record Verdict(
        Map<Market, Figures> figures,
        AcknowledgedTrades acknowledged,
        Map<Kind, Long> planted,
        int lives,
        List<String> exits,
        boolean mayExit,
        boolean connected,
        boolean closed,
        boolean allStored,
        List<String> breaches,
        List<String> details) {
    private static final int MOST_LINES = 10;

    Figures total() {
        Figures total = new Figures();
        figures.values().forEach(total::add);
        return total;
    }

    boolean isGood() {
        return failures().isEmpty();
    }

    /// What is amiss, one line each.
    List<String> failures() {
        Figures total = total();
        List<String> failures = new ArrayList<>();
        none(failures, total.missing, "trades are missing though REST had them");
        none(failures, total.doubled, "trades are stored twice");
        none(failures, total.neverSent, "rows in the table are not on the tape");
        none(failures, total.different, "trades are stored with other values");
        none(failures, acknowledged.lost(), "acknowledged trades are lost");
        none(failures, total.unaccounted, "rows are received and nowhere");
        none(failures, total.unnamed, "trades did not come and are in no hole of the ledger");
        none(failures, total.falselyNamed, "trades came and are in a hole of the ledger");
        none(failures, total.overlapping, "holes overlap");
        none(failures, total.untrue, "holes are said to be whole and are not");
        none(failures, total.uncovered, "planted breaks have no suspect interval");
        none(failures, total.outcome("outage"), "holes are given up as outage though REST was there");
        none(failures, total.outcome("open"), "holes have no outcome");
        none(failures, breaches.size(), "limits of exchanges were broken");
        if (!mayExit) {
            none(failures, exits.size(), "times the program ended by itself");
        }
        if (!connected) {
            failures.add("not every market delivered again when all faults were over");
        }
        if (!allStored) {
            failures.add("the program did not say at its end that everything is stored");
        }
        return failures;
    }

    private static void none(List<String> failures, long count, String what) {
        if (count != 0) {
            failures.add(String.format(Locale.ROOT, "%,d %s", count, what));
        }
    }

    /// A table for a person.
    void print(PrintStream out) {
        Map<String, ToLongFunction<Figures>> columns = new LinkedHashMap<>();
        columns.put("on tape", one -> one.tape);
        columns.put("stored", one -> one.stored);
        columns.put("refilled", one -> one.refilled);
        columns.put("snapshot", one -> one.snapshot);
        columns.put("beyond", one -> one.beyondReach);
        columns.put("missing", one -> one.missing);
        columns.put("doubled", one -> one.doubled);
        columns.put("rejected", one -> one.rejected);
        Map<String, ToLongFunction<Figures>> ledger = new LinkedHashMap<>();
        ledger.put("holes", one -> one.holes);
        for (String outcome : List.of("refilled", "never_public", "beyond_reach", "outage", "open")) {
            ledger.put(outcome, one -> one.outcome(outcome));
        }
        ledger.put("unnamed", one -> one.unnamed);
        ledger.put("false", one -> one.falselyNamed);
        ledger.put("untrue", one -> one.untrue);
        ledger.put("needless", one -> one.needless);
        ledger.put("uncovered", one -> one.uncovered);
        out.println();
        out.println("faults: "
                + new TreeMap<>(planted)
                        .entrySet().stream()
                                .map(entry -> entry.getKey().id() + " " + entry.getValue())
                                .reduce((one, other) -> one + ", " + other)
                                .orElse("none")
                + "; the program was started " + lives + " times");
        print(out, "trades", columns);
        print(out, "ledger", ledger);
        out.println();
        out.printf(
                Locale.ROOT,
                "acknowledged: %d ends of the program checked, %,d gone from the journal;"
                        + " %,d trades in the journal, %,d of them not in the table%n",
                acknowledged.kills(),
                acknowledged.gone(),
                acknowledged.checked(),
                acknowledged.absent());
        out.println("out of reach is what REST had no longer " + Calm.MARGIN.toSeconds()
                + " s after the program was connected again and left alone");
        lines(out, "ended by itself", exits);
        lines(out, "limits broken", breaches);
        lines(out, "amiss", details);
        out.println();
        List<String> failures = failures();
        out.println(failures.isEmpty() ? "all is well" : "NOT WELL: " + String.join("; ", failures));
        out.flush();
    }

    private static void lines(PrintStream out, String title, List<String> lines) {
        if (!lines.isEmpty()) {
            out.println();
            out.println(title + ":");
            lines.stream()
                    .limit(title.equals("amiss") ? Long.MAX_VALUE : MOST_LINES)
                    .forEach(line -> out.println("  " + line));
            if (!title.equals("amiss") && lines.size() > MOST_LINES) {
                out.println("  and " + (lines.size() - MOST_LINES) + " more");
            }
        }
    }

    private void print(PrintStream out, String title, Map<String, ToLongFunction<Figures>> columns) {
        out.println();
        out.print(String.format(Locale.ROOT, "%-16s", title));
        columns.keySet().forEach(name -> out.print(String.format(Locale.ROOT, " %12s", name)));
        out.println();
        figures.forEach((market, one) -> line(out, market.toString(), one, columns));
        line(out, "all", total(), columns);
    }

    private static void line(PrintStream out, String name, Figures one, Map<String, ToLongFunction<Figures>> columns) {
        out.print(String.format(Locale.ROOT, "%-16s", name));
        columns.values().forEach(column -> out.print(String.format(Locale.ROOT, " %,12d", column.applyAsLong(one))));
        out.println();
    }
}

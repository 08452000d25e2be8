package io.metdc.collector.faults;

import io.metdc.market.Nanos;
import io.metdc.simulator.Sent;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Holds the table and the ledger of one instrument against its tape. Both come in the order of their
/// times; what is held in memory is one instant of each, and the ledger.
///
/// A trade *came* when it reached the program by itself: on the stream, or in markets by ids as the
/// snapshot on subscribing. All others were missed. In markets by ids each missed number is in exactly
/// one hole of the ledger, each number that came in none, whatever consumed numbers lie between.
/// Elsewhere each missed trade is within a suspect interval, and so is each planted break.
final class InstrumentCheck {
    /// The ends of suspect intervals come from the program's clock, which was stepped.
    private final long clockStepNanos;

    private final long toleranceNanos;

    private final boolean isByIds;
    private final long reach;
    private final boolean cutsFirst;
    private final Calm calm;
    private final List<Long> breaks;
    private final List<Hole> holes;
    private final Figures figures = new Figures();
    private final List<String> details = new ArrayList<>();

    private boolean begun;
    private long printed; // public trades so far
    private long firstCameNanos = Long.MAX_VALUE;
    private long lastCameNanos = Long.MIN_VALUE;
    private int nextHole;
    private @Nullable Missing open; // the last trade is missing
    private String lastOrigin = "nothing"; // how the last one that is there got there
    private final List<Missing> asked = new ArrayList<>();

    /// A row of the table.
    record Stored(String id, BigDecimal price, BigDecimal size, String side, String origin) {
        boolean isOf(Sent.Trade trade) {
            return isSame(trade.price(), price)
                    && isSame(trade.size(), size)
                    && trade.takerSide().id().equals(side);
        }

        private static boolean isSame(BigDecimal one, BigDecimal other) {
            return one.compareTo(other) == 0 && one.scale() == other.scale(); // trailing zeros too
        }
    }

    /// The rows of the table.
    interface Rows {
        /// The time of the next row, nanoseconds since the epoch; [Long#MAX_VALUE] behind the last one.
        long time() throws SQLException;

        /// Takes it.
        Stored take() throws SQLException;
    }

    /// Trades in a row that are not in the table.
    private static final class Missing {
        final long first;
        long count;
        long deadline = Long.MAX_VALUE;
        final long sequence;
        final long atNanos;
        String before = "nothing";
        String after = "nothing";

        Missing(long first, long sequence, long atNanos) {
            this.first = first;
            this.sequence = sequence;
            this.atNanos = atNanos;
        }
    }

    /// @param reach     as [Reaches#rows]
    /// @param cutsFirst as [Reaches#cutsFirst]
    /// @param breaks    when a connection that carried it was broken, nanoseconds since the epoch
    /// @param ledger    of this instrument
    /// @param clockStep the farthest that the program's clock was off
    InstrumentCheck(
            boolean isByIds,
            long reach,
            boolean cutsFirst,
            Calm calm,
            List<Long> breaks,
            List<Hole> ledger,
            Duration clockStep) {
        this.isByIds = isByIds;
        this.reach = reach;
        this.cutsFirst = cutsFirst;
        this.calm = calm;
        this.breaks = breaks;
        this.clockStepNanos = clockStep.toNanos();
        this.toleranceNanos = clockStep.plusSeconds(1).toNanos();
        holes = new ArrayList<>(ledger);
        holes.sort((one, other) ->
                isByIds ? Long.compare(one.fromId, other.fromId) : Long.compare(one.fromNanos, other.fromNanos));
    }

    /// Goes through both once.
    Figures run(Iterator<Sent.Print> tape, Rows rows) throws SQLException {
        List<Sent.Print> instant = new ArrayList<>();
        Map<String, Stored> there = new HashMap<>();
        Sent.Print ahead = tape.hasNext() ? tape.next() : null;
        while (ahead != null) {
            instant.clear();
            long time = Long.MIN_VALUE;
            while (ahead != null
                    && (ahead.trade() == null
                            || time == Long.MIN_VALUE
                            || ahead.trade().executedAtNanos() == time)) {
                if (ahead.trade() != null) {
                    time = ahead.trade().executedAtNanos();
                }
                instant.add(ahead);
                ahead = tape.hasNext() ? tape.next() : null;
            }
            there.clear();
            while (rows.time() <= time) {
                boolean isOfTape = rows.time() == time;
                Stored row = rows.take();
                if (!isOfTape || there.put(row.id(), row) != null) {
                    neverSent(row);
                }
            }
            for (Sent.Print print : instant) {
                Sent.Trade trade = print.trade();
                if (trade != null) {
                    check(print, trade, there.remove(trade.id().toString()));
                }
            }
            there.values().forEach(this::neverSent);
        }
        while (rows.time() != Long.MAX_VALUE) {
            neverSent(rows.take());
        }
        settleAll();
        ledger();
        return figures;
    }

    /// What is amiss, in words; the first few of each kind.
    List<String> details() {
        return Collections.unmodifiableList(details);
    }

    private void detail(String what, long countBefore) {
        if (countBefore < 3) {
            details.add(what);
        }
    }

    private void neverSent(Stored row) {
        detail("in the table and not on the tape: " + row, figures.neverSent);
        figures.neverSent++;
    }

    private void check(Sent.Print print, Sent.Trade trade, @Nullable Stored row) {
        printed++;
        settle(print.atNanos());
        boolean came = row != null
                && (row.origin().equals("stream") || (isByIds && row.origin().equals("snapshot")));
        if (row != null) {
            if (!row.isOf(trade)) {
                detail("on the tape " + trade + " and in the table " + row, figures.different);
                figures.different++;
            }
            if (row.origin().equals("stream") && trade.writtenAtNanos() == 0) {
                detail("from the stream, on which it was never sent: " + row, figures.neverSent);
                figures.neverSent++;
            }
        }
        begun |= row != null || (trade.writtenAtNanos() != 0 && !cutsFirst);
        if (!begun) {
            return;
        }
        figures.tape++;
        if (row == null) {
            missing(print);
        } else {
            figures.stored++;
            figures.refilled += row.origin().equals("refill") ? 1 : 0;
            figures.snapshot += row.origin().equals("snapshot") ? 1 : 0;
            back(Math.max(trade.writtenAtNanos(), print.atNanos()), came, row.origin());
        }
        if (came && firstCameNanos == Long.MAX_VALUE) {
            firstCameNanos = print.atNanos();
        }
        if (came) {
            lastCameNanos = print.atNanos();
        }
        if (firstCameNanos != Long.MAX_VALUE) {
            if (isByIds) {
                byIds(print, came, row == null);
            } else {
                byTime(print, came, row == null);
            }
        }
    }

    // ---- what is missing

    private void missing(Sent.Print print) {
        Missing last = open;
        if (last == null) {
            last = new Missing(printed - 1, print.sequence(), print.atNanos());
            last.before = lastOrigin;
            open = last;
            asked.add(last);
        }
        last.count++;
    }

    /// A trade is there again. Only one that came tells that the program is connected.
    private void back(long atNanos, boolean came, String origin) {
        lastOrigin = origin;
        if (open != null) {
            open.after = origin;
            open = null;
        }
        if (came) {
            for (Missing one : asked) {
                if (one.deadline == Long.MAX_VALUE) {
                    one.deadline = calm.after(atNanos);
                }
            }
        }
    }

    private void settle(long nowNanos) {
        while (!asked.isEmpty() && asked.getFirst() != open && asked.getFirst().deadline < nowNanos) {
            settle(asked.removeFirst(), printed - 1);
        }
    }

    private void settleAll() {
        open = null;
        asked.forEach(missing -> settle(missing, printed));
        asked.clear();
    }

    /// @param newest how many trades there were when it should have been asked for at the latest
    private void settle(Missing missing, long newest) {
        long firstInReach = reach == Reaches.WHOLE ? 0 : Math.max(0, newest - reach);
        long beyond = Math.clamp(firstInReach - missing.first, 0, missing.count);
        figures.beyondReach += beyond;
        if (missing.count > beyond) {
            detail(
                    (missing.count - beyond) + " of " + missing.count + " trades are missing from number "
                            + missing.sequence + " on, " + Nanos.instant(missing.atNanos)
                            + ", though REST had them; before them is one by "
                            + missing.before + ", behind them by " + missing.after,
                    figures.missing);
        }
        figures.missing += missing.count - beyond;
    }

    // ---- the ledger

    private void byIds(Sent.Print print, boolean came, boolean isMissing) {
        long number = print.sequence();
        while (nextHole < holes.size() && holes.get(nextHole).toId < number) {
            nextHole++;
        }
        Hole in = nextHole < holes.size() && holes.get(nextHole).fromId <= number ? holes.get(nextHole) : null;
        if (in == null) {
            if (!came) {
                unnamed(print);
            }
            return;
        }
        in.missing += isMissing ? 1 : 0;
        if (came) {
            detail(
                    "number " + number + " came and is in a hole: " + in.cause + " " + in.fromId + " to " + in.toId,
                    figures.falselyNamed);
            figures.falselyNamed++;
        }
    }

    private void byTime(Sent.Print print, boolean came, boolean isMissing) {
        long at = print.trade().executedAtNanos();
        // An answer to a question holds the newest trades too, and may have them sooner than the stream.
        boolean mayBeAhead = !isMissing && print.trade().writtenAtNanos() != 0;
        boolean isNamed = false;
        for (Hole hole : holes) {
            if (hole.fromNanos <= at) {
                isNamed |= at <= later(mayBeAhead ? Math.max(hole.toNanos, hole.closedNanos) : hole.toNanos);
                hole.missing += isMissing && at < earlier(hole.toNanos) ? 1 : 0;
            }
        }
        if (!came && !isNamed) {
            unnamed(print);
        }
    }

    private void unnamed(Sent.Print print) {
        detail("did not come and is in no hole: number " + print.sequence() + " " + print.trade(), figures.unnamed);
        figures.unnamed++;
    }

    private long later(long nanos) {
        return nanos > Long.MAX_VALUE - toleranceNanos ? Long.MAX_VALUE : nanos + toleranceNanos;
    }

    private long earlier(long nanos) {
        return nanos == Long.MAX_VALUE ? nanos : nanos - clockStepNanos;
    }

    private void ledger() {
        long before = Long.MIN_VALUE;
        for (Hole hole : holes) {
            figures.holes++;
            figures.outcomes.merge(hole.outcome == null ? "open" : hole.outcome, 1L, Long::sum);
            if (hole.isClaimedWhole() && hole.missing > 0) {
                detail(
                        hole.outcome + " and lacks " + hole.missing + ": " + hole.cause + " " + hole.fromId + " to "
                                + hole.toId,
                        figures.untrue);
                figures.untrue++;
            }
            if ("beyond_reach".equals(hole.outcome) && hole.missing == 0) {
                figures.needless++;
            }
            if (isByIds) {
                if (hole.fromId <= before) {
                    detail("holes overlap at number " + hole.fromId, figures.overlapping);
                    figures.overlapping++;
                }
                before = Math.max(before, hole.toId);
            }
        }
        if (!isByIds) {
            breaks.forEach(this::covered);
        }
    }

    /// An instrument that had traded before a break and did so after it was suspect in between.
    private void covered(long breakNanos) {
        long before = breakNanos - Duration.ofSeconds(1).toNanos();
        if (firstCameNanos > before || lastCameNanos < breakNanos) {
            return;
        }
        for (Hole hole : holes) {
            if (hole.fromNanos <= later(breakNanos) && later(hole.toNanos) >= before) {
                return;
            }
        }
        detail("broken at " + Nanos.instant(breakNanos) + " and never suspect", figures.uncovered);
        figures.uncovered++;
    }
}

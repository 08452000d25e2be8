package io.metdc.collector.faults;

import java.util.TreeMap;

/// What came of one instrument, or of several together.
final class Figures {
    /// Public trades from the first one on that was sent.
    long tape;

    /// Of those in the table, and how they got there.
    long stored;

    long refilled;
    long snapshot;

    /// Not in the table: those that REST no longer had when it could be asked, and all others.
    long beyondReach;

    long missing;

    /// In the table: ids that are there twice, rows that are not on the tape, rows with other values.
    long doubled;

    long neverSent;
    long different;

    /// Of the ledger.
    long holes;

    final TreeMap<String, Long> outcomes = new TreeMap<>();

    /// Trades that did not come by themselves and are in no hole; trades that did and are in one; holes
    /// that overlap.
    long unnamed;

    long falselyNamed;
    long overlapping;

    /// Holes that are said to be whole and are not.
    long untrue;

    /// Holes that are said to be beyond reach and are whole: no failure, but more than need be said.
    long needless;

    /// Planted breaks without a suspect interval.
    long uncovered;

    /// Rows that were rejected, and rows that are received and nowhere.
    long rejected;

    long unaccounted;

    void add(Figures other) {
        tape += other.tape;
        stored += other.stored;
        refilled += other.refilled;
        snapshot += other.snapshot;
        beyondReach += other.beyondReach;
        missing += other.missing;
        doubled += other.doubled;
        neverSent += other.neverSent;
        different += other.different;
        holes += other.holes;
        other.outcomes.forEach((outcome, count) -> outcomes.merge(outcome, count, Long::sum));
        unnamed += other.unnamed;
        falselyNamed += other.falselyNamed;
        overlapping += other.overlapping;
        untrue += other.untrue;
        needless += other.needless;
        uncovered += other.uncovered;
        rejected += other.rejected;
        unaccounted += Math.abs(other.unaccounted);
    }

    long outcome(String outcome) {
        return outcomes.getOrDefault(outcome, 0L);
    }
}

package io.metdc.completeness;

/// What a repeat filter says of a trade.
enum Verdict {
    /// It surely was not seen before.
    NEW,
    /// It surely was not, and one with a higher number was: it comes late.
    LATE,
    /// It surely was.
    DUPLICATE,
    /// The filter no longer knows, or never could: the trade goes to the journal, and the database's unique
    /// key decides.
    UNSURE
}

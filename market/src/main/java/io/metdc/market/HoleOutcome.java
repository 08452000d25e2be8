package io.metdc.market;

import java.util.Locale;

/// What became of a stretch of trades that was known to be missing.
public enum HoleOutcome {
    /// Nothing of it is missing any more.
    REFILLED,
    /// What is missing never was a public trade: REST has its neighbours and not it.
    NEVER_PUBLIC,
    /// REST answers and does not reach what is missing.
    BEYOND_REACH,
    /// The exchange gave no answer for so long that nobody can say.
    OUTAGE;

    /// As written in tables: `never_public`.
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}

package io.metdc.symbols;

import java.util.Locale;

/// Whether Upbit trades the coin of an instrument for KRW.
public enum UpbitMark {
    LISTED,
    /// A candidate: a listing may come.
    UNLISTED,
    /// There is no list of Upbit's yet.
    UNKNOWN;

    /// The name used in SQL and output: `listed`.
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
        return id();
    }
}

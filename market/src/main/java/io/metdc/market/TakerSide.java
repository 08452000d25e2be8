package io.metdc.market;

import java.util.Locale;

/// The side that crossed the spread, never the resting order's.
public enum TakerSide {
    BUY,
    SELL;

    private final String id = name().toLowerCase(Locale.ROOT);

    /// `buy` or `sell`.
    public String id() {
        return id;
    }

    @Override
    public String toString() {
        return id;
    }
}

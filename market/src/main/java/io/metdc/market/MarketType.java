package io.metdc.market;

import java.util.Locale;
import java.util.Optional;

/// What is traded on a market: the asset itself, or its perpetual future.
public enum MarketType {
    SPOT,
    /// Perpetual futures settled in USDT.
    FUTURES;

    private final String id = name().toLowerCase(Locale.ROOT);

    /// The name used in configuration, SQL and output: `spot`, `futures`.
    public String id() {
        return id;
    }

    /// The type with this id, in any letter case.
    public static Optional<MarketType> of(String id) {
        for (MarketType type : values()) {
            if (type.id.equalsIgnoreCase(id)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        return id;
    }
}

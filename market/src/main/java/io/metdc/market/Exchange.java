package io.metdc.market;

import java.util.Locale;
import java.util.Optional;

/// An exchange whose trades are collected.
public enum Exchange {
    BINANCE,
    BYBIT,
    OKX,
    KUCOIN,
    GATE,
    PHEMEX,
    UPBIT;

    private final String id = name().toLowerCase(Locale.ROOT);

    /// The name used in configuration, SQL and output: `binance`.
    public String id() {
        return id;
    }

    /// The exchange with this id, in any letter case.
    public static Optional<Exchange> of(String id) {
        for (Exchange exchange : values()) {
            if (exchange.id.equalsIgnoreCase(id)) {
                return Optional.of(exchange);
            }
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        return id;
    }
}

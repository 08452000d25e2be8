package io.metdc.market;

import java.util.Locale;

/// How a trade reached us. Latencies are computed from [#STREAM] only.
public enum Origin {
    /// Pushed when it happened.
    STREAM,
    /// Recent history that the exchange pushed on subscribing.
    SNAPSHOT,
    /// Asked for by REST to fill a hole.
    REFILL,
    /// Read from a file.
    IMPORT;

    private final String id = name().toLowerCase(Locale.ROOT);

    public String id() {
        return id;
    }

    @Override
    public String toString() {
        return id;
    }
}

package io.metdc.listings.recorder;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// How far an archive is. Each holds what the ones before it hold.
public enum Stage {
    /// The seconds around the announcement.
    CORE,
    /// The minutes around it.
    NEAR,
    /// The hour behind it.
    WIDE,
    /// The opening of trading too.
    OPEN,
    /// The same, and nothing more is expected to come.
    FINAL;

    /// As written in files and tables: `core`.
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The stage with this id.
    ///
    /// @throws IllegalArgumentException when there is none
    public static Stage of(String id) {
        return valueOf(id.toUpperCase(Locale.ROOT));
    }

    /// The stage behind this one, for a listing whose opening nobody knows or for one whose opening is known.
    ///
    /// @param last null before the first
    static Stage after(@Nullable Stage last, boolean opens) {
        return switch (last) {
            case null -> CORE;
            case CORE -> NEAR;
            case NEAR -> WIDE;
            case WIDE -> opens ? OPEN : FINAL;
            case OPEN, FINAL -> FINAL;
        };
    }

    @Override
    public String toString() {
        return id();
    }
}

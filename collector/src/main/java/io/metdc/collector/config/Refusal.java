package io.metdc.collector.config;

import org.jspecify.annotations.Nullable;

/// Why a value does not fit: continues a sentence that begins with the value.
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient @Nullable ValueOrigin origin;

    Refusal(String message) {
        this(message, null);
    }

    /// @param origin of the part that does not fit; null when it is the whole
    Refusal(String message, @Nullable ValueOrigin origin) {
        super(message, null, false, false);
        this.origin = origin;
    }

    /// Where the part that does not fit came from.
    ValueOrigin origin(ValueOrigin whole) {
        return origin == null ? whole : origin;
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}

package io.metdc.collector.config;

import java.util.List;
import java.util.Map;

/// What somebody wrote for a setting, before its type is known to fit. It may hold a secret, so it is never
/// printed.
record Given(Value value, ValueOrigin origin) {
    sealed interface Value {}

    record Scalar(String text) implements Value {}

    record Items(List<String> items) implements Value {}

    record Pairs(Map<String, String> pairs) implements Value {}

    /// The key stands in the file without a value.
    record Nothing() implements Value {}

    /// What kind of value a setting takes.
    enum Shape {
        SCALAR,
        ITEMS,
        PAIRS
    }

    @Override
    public String toString() {
        return "a value from " + origin;
    }
}

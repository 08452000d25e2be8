package io.metdc.collector.config;

import java.util.List;

/// What somebody wrote for a setting, before its type is known to fit. It may hold a secret, so it is never
/// printed.
record Given(Value value, ValueOrigin origin) {
    sealed interface Value {}

    record Scalar(String text) implements Value {}

    /// @param items scalars
    record Items(List<Given> items) implements Value {}

    record Rows(List<Row> rows) implements Value {}

    /// A section where none belongs.
    record Nested() implements Value {}

    /// The key stands in the file without a value.
    record Nothing() implements Value {}

    /// What kind of value a setting takes.
    enum Shape {
        SCALAR,
        ITEMS,
        /// `[AAPL, {name: TSLA, since: 2025-06-30}]`.
        ROWS,
        /// `{BTT: BTTC, LIT: [{name: HEI, until: 2025-02-01}, {name: LIT, since: 2026-01-01}]}`.
        ROWS_BY_NAME
    }

    /// The text of a scalar.
    String text() {
        return switch (value) {
            case Scalar(String text) -> text;
            case Items _ -> throw new Refusal("is a list where one value belongs", origin);
            case Rows _, Nested _ -> throw new Refusal("is a section where one value belongs", origin);
            case Nothing _ -> throw new Refusal("has no value", origin);
        };
    }

    @Override
    public String toString() {
        return "a value from " + origin;
    }
}

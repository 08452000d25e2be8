package io.metdc.collector.query;

/// A column of an answer.
public record Column(String name, Kind kind) {
    /// How its values are written.
    public enum Kind {
        NUMBER,
        BOOLEAN,
        /// ISO, UTC.
        TIME,
        /// JSON already.
        JSON,
        TEXT
    }
}

package io.metdc.dashboard;

/// What the service is at, as far as people and machines may ask. Filled by the collector. Any thread may ask; an
/// answer costs little and waits for nothing.
public interface Status {
    /// Whether the process is alive and moves.
    Pulse pulse();

    /// Everything else.
    Situation situation();
}

package io.metdc.simulator;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// Stands still until it is advanced.
final class SettableClock implements InstantSource {
    private volatile Instant now;

    SettableClock(Instant now) {
        this.now = now;
    }

    void advance(Duration by) {
        now = now.plus(by);
    }

    @Override
    public Instant instant() {
        return now;
    }
}

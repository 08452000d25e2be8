package io.metdc.collector.config;

import java.time.Duration;

/// The core window around an announcement. Without effect in this version.
public record CollectionSettings(Duration before, Duration after) {
    public CollectionSettings {
        if (before.isNegative() || !after.isPositive()) {
            throw new IllegalArgumentException("a window from " + before + " before to " + after + " after");
        }
    }

    static CollectionSettings read(Section collection) {
        Section section = collection.withoutEffect();
        return new CollectionSettings(
                section.duration("before", Duration.ofSeconds(20), Duration.ZERO, Duration.ofDays(1)),
                section.duration("after", Duration.ofSeconds(20), Duration.ofSeconds(1), Duration.ofDays(1)));
    }
}

package io.metdc.collector.config;

import java.time.Duration;

/// What happens after a connection was lost, and before one is.
///
/// @param backoffFirst   the pause after the first failure; it doubles with each further one
/// @param backoffMax     the longest pause
/// @param cooldown       the pause after three failures in a row
/// @param hardReset      how old a connection gets before another one takes its place
/// @param healthInterval how often the log says in one line how things are
public record RecoverySettings(
        Duration backoffFirst, Duration backoffMax, Duration cooldown, Duration hardReset, Duration healthInterval) {
    public RecoverySettings {
        if (!backoffFirst.isPositive() || backoffMax.compareTo(backoffFirst) < 0) {
            throw new IllegalArgumentException("pauses from " + backoffFirst + " to " + backoffMax);
        }
    }

    static RecoverySettings read(Section section) {
        Duration first =
                section.duration("backoff_first", Duration.ofSeconds(1), Duration.ofMillis(10), Duration.ofMinutes(5));
        Duration max =
                section.duration("backoff_max", Duration.ofSeconds(30), Duration.ofMillis(10), Duration.ofHours(1));
        if (max.compareTo(first) < 0) {
            section.refuse(
                    section.isSet("backoff_max") ? "backoff_max" : "backoff_first",
                    "does not fit: recovery.backoff_max (" + Amounts.text(max)
                            + ") is shorter than recovery.backoff_first (" + Amounts.text(first) + ")");
            max = first;
        }
        return new RecoverySettings(
                first,
                max,
                section.duration("cooldown", Duration.ofMinutes(3), Duration.ofMillis(100), Duration.ofHours(24)),
                section.duration("hard_reset", Duration.ofMinutes(30), Duration.ofSeconds(1), Duration.ofHours(24)),
                section.duration(
                        "health_interval", Duration.ofSeconds(45), Duration.ofSeconds(1), Duration.ofMinutes(10)));
    }
}

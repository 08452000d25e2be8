package io.metdc.collector.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/// What is logged, and where the daily files are.
///
/// @param directory absolute
/// @param keep      how long old files stay
/// @param maxSize   bytes of all files together, oldest dropped first
public record LoggingSettings(Level level, Path directory, Duration keep, long maxSize) {

    /// How much is logged: each level includes those before it.
    public enum Level {
        ERROR,
        WARN,
        INFO,
        DEBUG,
        TRACE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public LoggingSettings {
        if (!keep.isPositive() || maxSize <= 0) {
            throw new IllegalArgumentException("logs kept for " + keep + " and " + maxSize + " bytes");
        }
    }

    static LoggingSettings read(Section section) {
        return new LoggingSettings(
                section.choice("level", Level.INFO),
                section.path("directory", Path.of("logs")),
                section.duration("keep", Duration.ofDays(30), Duration.ofDays(1), Duration.ofDays(3650)),
                section.size("max_size", 1_000_000_000L, 1_000_000L));
    }
}

package io.metdc.collector.config;

import java.nio.file.Path;
import java.time.Duration;

/// The journal, in which every trade is kept until the database has it.
///
/// @param directory     where its files are, absolute
/// @param maxSize       bytes that may wait for the database
/// @param writeInterval how long a record may stay in memory before it is handed to the operating system
/// @param forceInterval how long it may then take until it is forced to disk
/// @param keep          how long files stay whose trades the database has
public record JournalSettings(
        Path directory, long maxSize, Duration writeInterval, Duration forceInterval, Duration keep) {
    public JournalSettings {
        if (maxSize <= 0 || !writeInterval.isPositive() || !forceInterval.isPositive() || keep.isNegative()) {
            throw new IllegalArgumentException("a journal of " + maxSize + " bytes, written every " + writeInterval
                    + ", forced every " + forceInterval + ", kept for " + keep);
        }
    }

    static JournalSettings read(Section section, Path dataDirectory) {
        Path directory = section.optionalPath("directory");
        return new JournalSettings(
                directory == null ? dataDirectory.resolve("journal") : directory,
                section.size("max_size", 20L << 30, 1_000_000L),
                section.duration("write_interval", Duration.ofMillis(20), Duration.ofMillis(1), Duration.ofSeconds(1)),
                section.duration(
                        "force_interval", Duration.ofMillis(200), Duration.ofMillis(1), Duration.ofSeconds(10)),
                section.duration("keep", Duration.ofHours(1), Duration.ZERO, Duration.ofDays(30)));
    }
}

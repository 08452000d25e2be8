package io.metdc.storage;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;

/// Hours as a count since the epoch: what the table of trades is cut into, and what counters are kept by.
final class Hours {
    static final long NANOS = 3_600_000_000_000L;

    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("uuuuMMddHH").withZone(ZoneOffset.UTC);

    private Hours() {}

    static long ofNanos(long epochNanos) {
        return Math.floorDiv(epochNanos, NANOS);
    }

    static long of(Instant instant) {
        return Math.floorDiv(instant.getEpochSecond(), 3600L);
    }

    static Instant start(long hour) {
        return Instant.ofEpochSecond(hour * 3600);
    }

    /// `2026112014`, in UTC.
    static String name(long hour) {
        return NAME.format(start(hour));
    }

    /// The inverse of [#name(long)]; -1 when it is none.
    static long named(String name) {
        try {
            return java.time.LocalDateTime.of(
                                    java.time.LocalDate.parse(name.substring(0, 8), DateTimeFormatter.BASIC_ISO_DATE),
                                    java.time.LocalTime.of(Integer.parseInt(name.substring(8)), 0))
                            .toEpochSecond(ZoneOffset.UTC)
                    / ChronoUnit.HOURS.getDuration().toSeconds();
        } catch (DateTimeParseException | NumberFormatException | StringIndexOutOfBoundsException _) {
            return -1;
        }
    }
}

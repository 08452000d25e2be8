package io.metdc.collector.config;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Lengths of time and sizes as people write them: `500ms 10s 30m 24h 7d`, `512MB 20GB 1GiB`.
public final class Amounts {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,18})(ms|s|m|h|d)");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,18})(B|[KMGT]i?B)");

    /// Largest first, so that the first that divides an amount is the one to write it in.
    private static final Map<String, Long> MILLIS =
            ordered("d", 86_400_000L, "h", 3_600_000L, "m", 60_000L, "s", 1_000L);

    private static final Map<String, Long> DECIMAL_BYTES =
            ordered("TB", 1_000_000_000_000L, "GB", 1_000_000_000L, "MB", 1_000_000L, "KB", 1_000L);
    private static final Map<String, Long> BINARY_BYTES =
            ordered("TiB", 1L << 40, "GiB", 1L << 30, "MiB", 1L << 20, "KiB", 1L << 10);

    private Amounts() {}

    /// Reads a length of time.
    ///
    /// @return null when the text is no length of time, or longer than 292 years
    public static @Nullable Duration duration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        long unit = MILLIS.getOrDefault(matcher.group(2), 1L);
        try {
            Duration duration = Duration.ofMillis(Math.multiplyExact(Long.parseLong(matcher.group(1)), unit));
            long _ = duration.toNanos(); // so that nobody who counts nanoseconds meets an overflow
            return duration;
        } catch (ArithmeticException e) {
            return null;
        }
    }

    /// In the largest unit that holds it exactly, at most to the millisecond.
    public static String text(Duration duration) {
        long millis = duration.toMillis();
        for (Map.Entry<String, Long> unit : MILLIS.entrySet()) {
            if (millis != 0 && millis % unit.getValue() == 0) {
                return millis / unit.getValue() + unit.getKey();
            }
        }
        return millis == 0 ? "0s" : millis + "ms";
    }

    /// Reads a size.
    ///
    /// @return bytes, or -1 when the text is no size
    public static long bytes(String text) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            return -1;
        }
        String name = matcher.group(2);
        long unit = DECIMAL_BYTES.getOrDefault(name, BINARY_BYTES.getOrDefault(name, 1L));
        try {
            return Math.multiplyExact(Long.parseLong(matcher.group(1)), unit);
        } catch (ArithmeticException e) {
            return -1;
        }
    }

    /// In the largest unit that holds it exactly.
    public static String text(long bytes) {
        for (Map<String, Long> units : List.of(DECIMAL_BYTES, BINARY_BYTES)) {
            for (Map.Entry<String, Long> unit : units.entrySet()) {
                if (bytes != 0 && bytes % unit.getValue() == 0) {
                    return bytes / unit.getValue() + unit.getKey();
                }
            }
        }
        return bytes + "B";
    }

    private static Map<String, Long> ordered(
            String a, long ofA, String b, long ofB, String c, long ofC, String d, long ofD) {
        Map<String, Long> units = new LinkedHashMap<>();
        units.put(a, ofA);
        units.put(b, ofB);
        units.put(c, ofC);
        units.put(d, ofD);
        return units;
    }
}

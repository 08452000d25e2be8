package io.metdc.storage.journal;

import java.time.Duration;

/// How a journal is kept.
///
/// @param segmentBytes a segment ends when it holds so many bytes, 64 KiB to 256 MiB
/// @param segmentTime  or when it is so old and holds anything
/// @param writeOut     an entry is in the page cache, and so acknowledged, this long after it was appended
///                     at the latest
/// @param force        and on the disk after this long
/// @param maxBytes     all segments together; what is not in the database yet is never deleted for it, but
///                     nothing more is taken in then. At least four segments
/// @param keep         how long a segment stays after all of it is in the database, as far as `maxBytes`
///                     allows
public record JournalSettings(
        long segmentBytes, Duration segmentTime, Duration writeOut, Duration force, long maxBytes, Duration keep) {
    private static final long KIB = 1024;
    private static final long MIB = 1024 * KIB;
    private static final long GIB = 1024 * MIB;

    public JournalSettings {
        if (segmentBytes < 64 * KIB || segmentBytes > 256 * MIB) {
            throw new IllegalArgumentException(
                    "a journal segment has between 64 KiB and 256 MiB, not " + segmentBytes + " bytes");
        }
        if (maxBytes < 4 * segmentBytes) {
            throw new IllegalArgumentException("a journal has room for at least four segments: " + maxBytes
                    + " bytes are less than four times " + segmentBytes);
        }
        if (segmentTime.isNegative() || segmentTime.isZero() || keep.isNegative()) {
            throw new IllegalArgumentException("a segment's time is positive: " + segmentTime + ", keep " + keep);
        }
        if (writeOut.isNegative() || force.isNegative()) {
            throw new IllegalArgumentException("write-out " + writeOut + " and force " + force + " are not negative");
        }
    }

    /// 64 MiB or 10 minutes a segment, written out within 20 ms, forced within 200 ms, 20 GiB in all, one
    /// hour kept.
    public static JournalSettings defaults() {
        return new JournalSettings(
                64 * MIB,
                Duration.ofMinutes(10),
                Duration.ofMillis(20),
                Duration.ofMillis(200),
                20 * GIB,
                Duration.ofHours(1));
    }

    /// The same with another upper limit; the segments shrink where the limit would not hold four of them.
    public JournalSettings withMaxBytes(long bytes) {
        return new JournalSettings(
                Math.max(64 * KIB, Math.min(segmentBytes, bytes / 4)), segmentTime, writeOut, force, bytes, keep);
    }
}

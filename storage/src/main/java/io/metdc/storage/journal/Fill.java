package io.metdc.storage.journal;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// How full a journal is, and the disk that it lies on: a moment's view.
///
/// @param heldBytes     segments that must stay, since they hold what is not in the database or are written
///                      to
/// @param maxBytes      what the journal may have (`journal.max_size`)
/// @param diskUsedBytes of the file system that it lies on, by whomever
/// @param diskFreeBytes that we may still write there; [Long#MAX_VALUE] where that cannot be asked
/// @param hasRoom       whether one more segment finds room in both
public record Fill(long heldBytes, long maxBytes, long diskUsedBytes, long diskFreeBytes, boolean hasRoom) {
    /// From so much of the journal or of the disk on it is said, percent.
    static final int HIGH = 80;

    /// And from here on it is urgent.
    static final int CRITICAL = 90;

    /// What fell by less may rise again at once, percent.
    private static final int SLACK = 2;

    /// How near the end is.
    public enum Level {
        LOW,
        /// 80 % or more.
        HIGH,
        /// 90 % or more.
        CRITICAL
    }

    /// Full to so many percent.
    public int journalPercent() {
        return percent(heldBytes, maxBytes);
    }

    /// Used to so many percent, as `df` counts it: what only root may use is used.
    public int diskPercent() {
        return diskFreeBytes == Long.MAX_VALUE ? 0 : percent(diskUsedBytes, diskUsedBytes + diskFreeBytes);
    }

    public Level journal() {
        return level(journalPercent());
    }

    public Level disk() {
        return level(diskPercent());
    }

    /// The level to go on from, where `before` was the one until now: it falls only when the fill has
    /// fallen by some percent more, so that one that lingers at a boundary is not said over and over.
    ///
    /// @param percent of journal or disk now
    public static Level next(Level before, int percent) {
        Level now = level(percent);
        Level slack = level(percent + SLACK);
        return now.compareTo(before) >= 0 ? now : slack.compareTo(before) < 0 ? slack : before;
    }

    private static Level level(int percent) {
        return percent >= CRITICAL ? Level.CRITICAL : percent >= HIGH ? Level.HIGH : Level.LOW;
    }

    private static int percent(long part, long whole) {
        return whole <= 0 ? 0 : (int) Math.min(100, part * 100.0 / whole);
    }

    /// What is nearly full, for a person; null when nothing is.
    public @Nullable String inWords() {
        String journal = journal() == Level.LOW ? null : journalInWords();
        String disk = disk() == Level.LOW ? null : diskInWords();
        return journal == null ? disk : disk == null ? journal : journal + ", " + disk;
    }

    /// `the journal is full to 83 % with what is not in the database (17,000 MB of 20,480 MB)`.
    public String journalInWords() {
        return "the journal is full to " + journalPercent() + " % with what is not in the database (" + size(heldBytes)
                + " of " + size(maxBytes) + ")";
    }

    /// `the journal's disk is full to 91 % (4,100 MB are free)`.
    public String diskInWords() {
        return "the journal's disk is full to " + diskPercent() + " % (" + size(diskFreeBytes) + " are free)";
    }

    private static String size(long bytes) {
        boolean small = bytes < 10_000_000;
        return String.format(Locale.ROOT, "%,d %s", bytes / (small ? 1_000 : 1_000_000), small ? "kB" : "MB");
    }
}

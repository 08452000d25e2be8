package io.metdc.storage.journal;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/// The journal as its one consumer sees it: entries in order from a position on. Used by one thread.
///
/// A position is a byte count over the whole life of a journal; it only means something together with the journal's id.
public interface JournalTail extends AutoCloseable {
    /// The random id of this journal: another folder, or a new one, has another.
    UUID journal();

    /// The position of the oldest entry that is still kept.
    long oldest();

    /// When what is at [#oldest()] was begun, our clock.
    Instant oldestAt();

    /// The position behind the newest entry that is written out.
    long newest();

    /// Goes on at this position.
    ///
    /// @throws IOException when it is no boundary of this journal, older than [#oldest()] or newer than [#newest()]
    void seek(long position) throws IOException;

    /// Reads on. Waits up to `wait` for a first entry, then takes what is there up to about `maxEntries` and returns at
    /// once; an empty batch when nothing came.
    Batch read(int maxEntries, Duration wait) throws IOException, InterruptedException;

    /// Bytes that there are between two positions. Positions leap from one run of the program to the next,
    /// so that this may be far less than their difference. Any thread may ask.
    long bytes(long from, long to);

    /// Everything before this position is safely in the database: those segments may go when their time has
    /// come. It may be less than before, when an older copy of the database was put in its place: what lies
    /// behind it stays then.
    void committed(long position);

    @Override
    void close() throws IOException;

    /// Entries in journal order.
    ///
    /// @param from where it begins
    /// @param to   behind its last entry: the position to store with it
    record Batch(long from, long to, List<Entry> entries) {}
}

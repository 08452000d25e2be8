package io.metdc.storage;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What the writer has done since it was started. A moment's view, taken by anyone.
///
/// @param position   everything before it in the journal is in the database; -1 before the database was asked
/// @param lag        bytes of the journal that it has seen and that are not in the database
/// @param stored     trades that are in the database now and were not before
/// @param duplicate  trades that the database had already
/// @param rejected   trades that the writer or the database refused
/// @param batches    committed transactions
/// @param lastCommit how long the last transaction took, from the first byte to the answer to COMMIT
/// @param lastAt     when it was committed; null before the first
/// @param trouble    what keeps it from writing, in one line; null when nothing does
public record WriterStatus(
        State state,
        long position,
        long lag,
        long stored,
        long duplicate,
        long rejected,
        long batches,
        Duration lastCommit,
        @Nullable Instant lastAt,
        @Nullable String trouble) {

    /// What it is at.
    public enum State {
        /// Not started, or asking the database how far it is.
        STARTING,
        WRITING,
        /// Something is in its way that will pass: it tries again and again.
        WAITING,
        /// Something is in its way that only a person can mend: it tries again, slowly.
        BLOCKED,
        STOPPED
    }

    /// The same with so much that is not in the database.
    WriterStatus behind(long bytes) {
        return new WriterStatus(
                state, position, bytes, stored, duplicate, rejected, batches, lastCommit, lastAt, trouble);
    }
}

package io.metdc.storage.journal;

import java.io.IOException;
import java.io.OutputStream;

/// What the journal's user remembers, saved at the head of every segment, so that after a restart it is as
/// it was without reading more than a segment. Called by the thread that opens the journal, later by the
/// one that appends.
///
/// On opening: [#restore] once if a saved state was found, then [#replay] for each record behind it in
/// journal order.
public interface JournalState {
    /// For a journal whose user remembers nothing.
    JournalState NONE = new JournalState() {
        @Override
        public void restore(byte[] saved) {}

        @Override
        public void replay(Entry entry) {}

        @Override
        public void save(OutputStream out) {}
    };

    /// What [#save] wrote.
    ///
    /// @throws IOException when it cannot be used: the journal is not opened then
    void restore(byte[] saved) throws IOException;

    /// An entry appended after the state was saved.
    void replay(Entry entry);

    /// Writes what is to be remembered, in whatever form. It may come between any two appends.
    void save(OutputStream out) throws IOException;
}

/// The journal: what was received, in order, on disk before it is in the database.
///
/// ```
/// Journal.append (the journal thread) ──▶ buffer ──≤ 20 ms──▶ data/journal/*.segment ──▶ JournalReader (the writer)
///                                             CRC32C per block     ≤ 200 ms forced to disk
/// ```
///
/// It is queue, crash safety and buffer for a database outage in one piece.
@NullMarked
package io.metdc.storage.journal;

import org.jspecify.annotations.NullMarked;

/// The database: the server metdc runs itself or the one it is pointed to, the schema, the writer that empties
/// the journal into it, retention, and reads.
///
/// ```
/// EmbeddedPostgres ─┐                     ┌─ Writer       journal → trades, counters, ledger (two threads of its
/// own)
/// storage.url ──────┴─ Database ── pools ─┼─ Maintenance  hours made ahead, compressed, dropped (one thread of its
/// own)
///                      (schema by Flyway) └─ readOnly()   queries, by anyone
/// ```
///
/// [Database] is opened once by the collector and may be used from any thread.
@NullMarked
package io.metdc.storage;

import org.jspecify.annotations.NullMarked;

/// Questions to the database: the named ones in `scripts/sql`, and free SQL, answered as a table, CSV or
/// JSON.
///
/// ```
/// scripts/sql/NAME.sql ─▶ NamedQuery ─▶ SqlText ─▶ Question (one read-only transaction) ─▶ Table | Csv | Json ─▶
/// stdout
/// ```
///
/// Used by one command on the main thread; rows pass through, they are not collected.
@NullMarked
package io.metdc.collector.query;

import org.jspecify.annotations.NullMarked;

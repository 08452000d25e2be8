/// The program: it wires connectors, journal and database, keeps a worker on each connection, and starts and stops in
/// order.
///
/// ```
/// Collector ─┬─ Pool (one per exchange and market) ── SafeWorker (one virtual thread per connection)
///            ├─ Intake (one thread: rings → journal)
///            └─ Storing (one thread: journal → database)
/// ```
///
/// Started by the commands in `cli`, on the main thread; [Status] may be asked for by any thread.
@NullMarked
package io.metdc.collector;

import org.jspecify.annotations.NullMarked;

/// What metdc knows of each exchange, and the one WebSocket session and REST client that all of them share.
///
/// ```
/// Connector (one file per exchange: describes, never acts)
///     │ limits, addresses, subscribe frames, how to read a frame
///     ▼
/// Session (connects, paces, counts acknowledgements, answers heartbeats) ──frames──▶ Connector.read ──rows──▶ Sink
/// RestClient (errors classified) ──answers──▶ Connector.readInstruments, Connector.readTrades
/// ```
///
/// Sessions are opened and driven by the collector's workers, each on its virtual thread; frames are read on the
/// session's own platform thread, which decodes them and hands the rows to the [Sink].
@NullMarked
package io.metdc.connectors;

import org.jspecify.annotations.NullMarked;

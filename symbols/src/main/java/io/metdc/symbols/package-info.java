/// Which instruments exist on a market, which of them are collected, and how they are cut into connections.
///
/// ```
/// exchange ──REST──▶ InstrumentSource ──▶ InstrumentList ──▶ Shards ──▶ one connection each
///                        │    ▲
///                        ▼    │ last good list
///                    data/instruments/
/// ```
///
/// Called by the collector's start and its refresh, on their own threads.
@NullMarked
package io.metdc.symbols;

import org.jspecify.annotations.NullMarked;

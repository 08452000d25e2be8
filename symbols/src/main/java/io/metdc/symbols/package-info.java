/// Which instruments exist on a market, which of them are collected, and how they are cut into connections.
///
/// ```
/// exchange ──REST──▶ InstrumentSource ──▶ InstrumentList ─┐                    ┌─▶ WatchSet ──▶ Shards
///                        │    ▲                           ├─▶ Universe ──Filter┤
///                        ▼    │ last good list            │      ▲             └─▶ Changes
///                    data/instruments/    Upbit: KrwList ─┘      │ held coins
/// ```
///
/// A source is asked by one thread at a time; the universe takes lists and holds from any thread and tells its listener
/// what changes. All else is values and pure functions.
@NullMarked
package io.metdc.symbols;

import org.jspecify.annotations.NullMarked;

/// Records a listing: one state machine for each notice and coin, which cuts the coin's trades on all markets out of
/// what is stored anyway, and publishes them as an archive, stage by stage.
///
/// ```
/// Venues (where is the coin?) ─▶ Facts (what does the database know?) ─▶ Coverage (what was recorded, what not?)
///                                Tape  (the trades, by a cursor) ───────▶ Archive (files), ListingTables (SQL), Export
/// ```
///
/// Each recording runs on a virtual thread of its own; its state is kept in a file, so that it goes on after a crash.
@NullMarked
package io.metdc.listings.recorder;

import org.jspecify.annotations.NullMarked;

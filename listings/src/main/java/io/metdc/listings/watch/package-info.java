/// Watches for announcements: where they come from, what their titles say, and which of them fire.
///
/// ```
/// list of notices (polled) ──┐
/// notice WebSocket ──────────┼──Answer──▶ Watch ──writes its state──▶ fires a Listing
/// market list (polled) ──────┘            (one decision at a time)
/// ```
///
/// Each source runs on a virtual thread of its own and hands its answers to the [Watch], which any of them may call.
@NullMarked
package io.metdc.listings.watch;

import org.jspecify.annotations.NullMarked;

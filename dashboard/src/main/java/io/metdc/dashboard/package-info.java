/// What a running service tells by HTTP, over the small [Status] that it declares itself and the collector fills.
///
/// ```
/// GET /health          process: alive and moving?      200 or 503
/// GET /ready           is everything recorded now?     200 or 503, with names and reasons
/// GET /metrics         the same in numbers             Prometheus text
/// GET /api/status      the same as JSON                what `metdc status` shows
/// GET /api/log-level   how much is logged              PUT sets it
/// ```
///
/// Started by the collector. One platform thread accepts, each request has a virtual thread of its own; nothing that
/// collects ever waits for any of them.
@NullMarked
package io.metdc.dashboard;

import org.jspecify.annotations.NullMarked;

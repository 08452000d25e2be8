/// Tells people at once: of listings, of stages that are there to be read, and of what only a person can mend.
///
/// ```
/// any thread ─Alert─▶ Alerts ─▶ Webhook (a virtual thread for each alert) ─POST─▶ wherever it was configured
/// ```
@NullMarked
package io.metdc.collector.alerts;

import org.jspecify.annotations.NullMarked;

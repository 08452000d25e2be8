/// Whether everything is there: the ledger in SQL read for a stretch of time, judged by what each market's evidence can
/// prove, and told as a table or as JSON.
///
/// ```
/// AuditRequest ──▶ Audit ──reads the ledger──▶ AuditResult ──▶ AuditTable | AuditJson
///                    └─ NumberBreaks, when asked to look at the trades themselves
/// ```
///
/// Called by the command `audit`, on its thread. Nothing here changes anything.
@NullMarked
package io.metdc.collector.audit;

import org.jspecify.annotations.NullMarked;

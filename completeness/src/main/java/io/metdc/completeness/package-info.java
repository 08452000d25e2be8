/// What proof of completeness there is for each instrument: which trades came, which came again, which are missing.
///
/// ```
/// reader threads ──▶ Ring (one per connection) ──▶ Intake, the journal thread ──▶ storage.journal
///                      bounded; what finds            per instrument an Account:
///                      no room is counted             RepeatFilter (new? again? a gap?) and counters
/// ```
///
/// Sessions and refills open a [io.metdc.completeness.Ring] each at the one [io.metdc.completeness.Intake]. Everything
/// else here is used by the journal thread alone, so that nothing is locked on a trade's way.
@NullMarked
package io.metdc.completeness;

import org.jspecify.annotations.NullMarked;

package io.metdc.completeness;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What this run has taken in so far, at most a tenth of a second old.
///
/// @param received     trade rows, whatever became of them: journaled + duplicate + rejected
/// @param journaled    trades in the journal, written out or about to be
/// @param duplicate    that the repeat filter knew already
/// @param late         those of the journaled that came on a stream after one with a higher number
/// @param rejected     not journaled, for whatever reason
/// @param unknown      those of the rejected whose instrument is not collected
/// @param consumed     ids that were no public trade
/// @param holes        reported missing numbers' holes that are known to be open
/// @param rings        connections
/// @param waiting      rows in their rings
/// @param writtenOutAt when the journal last acknowledged something; null before
/// @param refusal      why the journal takes nothing now; null when it does
/// @param running      whether the journal thread runs
public record Progress(
        long received,
        long journaled,
        long duplicate,
        long late,
        long rejected,
        long unknown,
        long consumed,
        long holes,
        int rings,
        int waiting,
        @Nullable Instant writtenOutAt,
        @Nullable String refusal,
        boolean running) {}

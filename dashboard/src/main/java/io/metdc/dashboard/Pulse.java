package io.metdc.dashboard;

import java.time.Instant;
import java.util.List;

/// Whether the process moves: not whether it is there, nor whether trades come.
///
/// @param progress      grows at least every few seconds while everything that has work makes progress; whoever sees
///                      it stand still for a minute may take the process for dead
/// @param stuck         what has work and makes none
/// @param listingWindow whether the core or near window of a listing is open, so that nothing should be restarted that
///                      can wait
public record Pulse(Phase phase, Instant startedAt, long progress, List<Remark> stuck, boolean listingWindow) {
    /// What the service is at.
    public enum Phase {
        STARTING,
        RUNNING,
        STOPPING;

        /// As written: `running`.
        public String id() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    public Pulse {
        stuck = List.copyOf(stuck);
    }

    public boolean isMoving() {
        return stuck.isEmpty();
    }
}

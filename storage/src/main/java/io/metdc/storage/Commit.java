package io.metdc.storage;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A batch that is in the database.
///
/// @param stored           trades that were not there before
/// @param duplicate        trades that were there already
/// @param rejected         trades that the writer or the database refused
/// @param at               when the answer to COMMIT came, our clock
/// @param took             from the first byte of the transaction to that answer
/// @param oldestReceivedAt when its oldest trade from a stream was received; null without one
public record Commit(
        long stored,
        long duplicate,
        long rejected,
        Instant at,
        Duration took,
        @Nullable Instant oldestReceivedAt) {

    /// Hears of every commit, on the writer's thread: it must be quick.
    @FunctionalInterface
    public interface Listener {
        void committed(Commit commit);
    }
}

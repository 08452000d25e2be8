package io.metdc.storage.journal;

/// What of a journal could not be read since it was opened. Each stretch is named once in the log, with
/// file, position and length; what is intact before and behind it is used.
///
/// @param stretches how many
/// @param bytes     of all of them
public record Damage(long stretches, long bytes) {
    public static final Damage NONE = new Damage(0, 0);
}

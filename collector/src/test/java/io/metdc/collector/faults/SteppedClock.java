package io.metdc.collector.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// The system's clock and an offset that lies in a file, which another process may have mapped too:
/// whoever sets it there steps the clock here. Any thread.
///
/// @param file   8 bytes: the offset in nanoseconds
/// @param memory the same, mapped
public record SteppedClock(Path file, MemorySegment memory) implements InstantSource {
    /// Makes the file where there is none; the offset is 0 then.
    public static SteppedClock at(Path file) {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return new SteppedClock(file, channel.map(FileChannel.MapMode.READ_WRITE, 0, Long.BYTES, Arena.global()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Steps the clock: it is this far ahead of the system's from now on.
    void set(Duration offset) {
        memory.set(ValueLayout.JAVA_LONG, 0, offset.toNanos());
    }

    Duration offset() {
        return Duration.ofNanos(memory.get(ValueLayout.JAVA_LONG, 0));
    }

    @Override
    public Instant instant() {
        return Instant.now().plus(offset());
    }
}

package io.metdc.collector.cli;

import io.metdc.collector.config.Amounts;
import io.metdc.collector.frames.FrameRecording;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options of the commands that can keep raw frames.
final class RecordingOptions {
    private static final String FOLDER = "--record-frames";
    private static final String LIMIT = "--record-limit";

    @Option(
            names = FOLDER,
            paramLabel = "DIR",
            description = "Keep every frame as it came, compressed, in files that metdc decode reads. What is there"
                    + " already stays.")
    private @Nullable Path folder;

    @Option(
            names = LIMIT,
            paramLabel = "SIZE",
            description = "How large the recorded frames of one market may become, 100MB or more; then the oldest go."
                    + " Default: 500MB.")
    private @Nullable String limit;

    /// Begins to record if that is wanted.
    ///
    /// @return null if it is not
    @Nullable
    FrameRecording open(Surroundings surroundings) throws CommandException {
        long bytes = bytes();
        if (folder == null) {
            if (limit != null) {
                throw CommandException.usage(
                        LIMIT + " says how much " + FOLDER + " keeps, which is not there: add " + FOLDER + " DIR");
            }
            return null;
        }
        try {
            return FrameRecording.open(surroundings.resolve(folder), bytes, InstantSource.system());
        } catch (IOException e) {
            throw CommandException.usage(FOLDER + ": " + e.getMessage());
        }
    }

    private long bytes() throws CommandException {
        if (limit == null) {
            return FrameRecording.DEFAULT_BYTES;
        }
        long bytes = Amounts.bytes(limit);
        if (bytes < FrameRecording.LEAST_BYTES) {
            throw CommandException.usage(LIMIT + ": '" + limit + "' is not a size such as 500MB or 20GB, "
                    + Amounts.text(FrameRecording.LEAST_BYTES) + " or more");
        }
        return bytes;
    }
}

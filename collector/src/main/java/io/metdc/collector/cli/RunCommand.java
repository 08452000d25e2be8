package io.metdc.collector.cli;

import io.metdc.collector.config.Configuration;
import io.metdc.collector.config.Configuration.Option;
import io.metdc.collector.config.Problem;
import io.metdc.collector.frames.FrameRecording;
import io.metdc.collector.logging.Logging;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `metdc run`.
@Command(
        name = "run",
        description = {
            "Collects all trades until it is told to stop (Ctrl-C, SIGTERM).",
            "",
            "Every trade goes into a journal on disk first and from there into the database, so that neither a crash nor"
                    + " an outage of the database loses one. Without storage.url metdc runs a PostgreSQL of its own."
        })
final class RunCommand implements Callable<Integer> {
    private final Surroundings surroundings;
    private final Program program;

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    @Mixin
    private RecordingOptions recordingOptions = new RecordingOptions();

    @picocli.CommandLine.Option(
            names = "--log-level",
            paramLabel = "LEVEL",
            description = "How much is logged: error, warn, info, debug or trace.")
    private @Nullable String logLevel;

    RunCommand(Surroundings surroundings, Program program) {
        this.surroundings = surroundings;
        this.program = program;
    }

    @Override
    public Integer call() throws Exception {
        List<Option> more =
                logLevel == null ? List.of() : List.of(new Option("--log-level", "logging.level=" + logLevel));
        Configuration configuration = options.load(surroundings, more);
        try (Logging _ = logging(configuration)) {
            Logger log = LoggerFactory.getLogger(RunCommand.class);
            for (Problem warning : configuration.warnings()) {
                log.warn("{}", warning);
            }
            try (FrameRecording recording = recordingOptions.open(surroundings)) {
                return program.run(configuration, recording, surroundings.terminal());
            }
        }
    }

    private static Logging logging(Configuration configuration) throws CommandException {
        try {
            return Logging.asService(configuration.settings().logging());
        } catch (IOException e) {
            throw CommandException.failed(String.valueOf(e.getMessage()), e);
        }
    }
}

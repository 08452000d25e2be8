package io.metdc.collector.cli;

import io.metdc.collector.config.Configuration;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a command finds around it.
///
/// @param variables        of the environment
/// @param home             the folder of metdc, with `config/` and `scripts/` in it; null if unknown
/// @param workingDirectory where relative paths on the command line start
public record Surroundings(
        Terminal terminal,
        Map<String, String> variables,
        @Nullable Path home,
        Path workingDirectory) {
    private static final String HOME = "metdc.home";

    public Surroundings {
        variables = Map.copyOf(variables);
    }

    public static Surroundings ofProcess() {
        String home = System.getProperty(HOME);
        return new Surroundings(
                Terminal.ofProcess(),
                System.getenv(),
                home == null ? null : Path.of(home).toAbsolutePath(),
                Path.of("").toAbsolutePath());
    }

    /// The folder of metdc, or the working directory where it is unknown.
    Path base() {
        return home == null ? workingDirectory : home;
    }

    /// A path of the command line.
    Path resolve(Path path) {
        return workingDirectory.resolve(path);
    }

    Configuration.Sources sources(@Nullable Path file, List<Configuration.Option> options) {
        return new Configuration.Sources(file, options, variables, home, workingDirectory);
    }
}

package io.metdc.collector.cli;

import io.metdc.collector.config.Configuration;
import io.metdc.collector.config.Configuration.Option;
import io.metdc.collector.config.InvalidConfiguration;
import io.metdc.connectors.Connectors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/// The options of every command that needs the configuration.
final class ConfigurationOptions {
    @CommandLine.Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The configuration. Default: config/config.yaml in the folder of metdc, if it is there.")
    private @Nullable Path file;

    @CommandLine.Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "One setting, such as storage.retention=24h; wins over environment and file. May be given"
                    + " several times.")
    private List<String> assignments = new ArrayList<>();

    Configuration load(Surroundings surroundings) throws InvalidConfiguration {
        return load(surroundings, List.of());
    }

    /// @param more settings from options of their own, which win over `--set`
    Configuration load(Surroundings surroundings, List<Option> more) throws InvalidConfiguration {
        List<Option> options = new ArrayList<>();
        assignments.forEach(assignment -> options.add(new Option("--set", assignment)));
        options.addAll(more);
        return Configuration.load(surroundings.sources(file, options), Connectors.all());
    }
}

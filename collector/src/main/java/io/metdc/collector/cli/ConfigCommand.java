package io.metdc.collector.cli;

import io.metdc.collector.config.Configuration;
import io.metdc.collector.config.MarketSettings;
import io.metdc.collector.config.Problem;
import io.metdc.collector.config.Setting;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `metdc config`.
@Command(name = "config", description = "Checks or shows the configuration.")
final class ConfigCommand {
    private ConfigCommand() {}

    static CommandLine commandLine(Surroundings surroundings) {
        return new CommandLine(new ConfigCommand())
                .addSubcommand(new Check(surroundings))
                .addSubcommand(new Show(surroundings));
    }

    @Command(
            name = "check",
            description = {
                "Says what is wrong with the configuration, all at once, with file and line; exit code 2 if anything is.",
                "",
                "Also lists what was set but has no effect in this version, and what will be collected."
            })
    private static final class Check implements Callable<Integer> {
        private final Surroundings surroundings;

        @Mixin
        private ConfigurationOptions options = new ConfigurationOptions();

        Check(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public Integer call() throws Exception {
            Configuration configuration = options.load(surroundings);
            PrintStream out = surroundings.terminal().out();
            Path file = configuration.file();
            out.println((file == null ? "no file, defaults only" : file) + ": in order");
            for (Problem warning : configuration.warnings()) {
                out.println("warning: " + warning);
            }
            List<Setting> idle = configuration.all().stream()
                    .filter(setting -> setting.isSet() && !setting.effective())
                    .toList();
            if (!idle.isEmpty()) {
                out.println("set, but without effect in this version:");
                idle.forEach(setting -> out.println("  " + setting.key() + " (" + setting.origin() + ")"));
            }
            out.println("collected: " + collected(configuration));
            return ExitCode.OK;
        }

        private static String collected(Configuration configuration) {
            String markets = configuration.settings().collected().stream()
                    .map(MarketSettings::market)
                    .map(Object::toString)
                    .collect(Collectors.joining(", "));
            return markets.isEmpty() ? "nothing" : markets;
        }
    }

    @Command(
            name = "show",
            description = {
                "Prints every setting with its value and where that comes from: default, file and line, environment"
                        + " variable or command line.",
                "",
                "Passwords are shown as ***."
            })
    private static final class Show implements Callable<Integer> {
        private static final int COLUMNS = 80;
        private static final int VALUE_COLUMNS = 56;

        private final Surroundings surroundings;

        @Mixin
        private ConfigurationOptions options = new ConfigurationOptions();

        Show(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public Integer call() throws Exception {
            Configuration configuration = options.load(surroundings);
            PrintStream out = surroundings.terminal().out();
            String last = "";
            for (Setting setting : configuration.all()) {
                String section =
                        setting.key().substring(0, Math.max(0, setting.key().indexOf('.')));
                if (!section.equals(last)) {
                    out.println();
                    last = section;
                }
                String line = setting.key() + ":" + (setting.shown().isEmpty() ? "" : " " + setting.shown());
                String origin = "# " + setting.origin() + (setting.effective() ? "" : ", no effect yet");
                int latest = COLUMNS - origin.length();
                int column = Math.max(2, Math.min(VALUE_COLUMNS, latest));
                if (line.length() + 2 <= latest) {
                    out.println(line + " ".repeat(Math.max(2, column - line.length())) + origin);
                } else {
                    out.println(line);
                    out.println(" ".repeat(column) + origin);
                }
            }
            for (Problem warning : configuration.warnings()) {
                surroundings.terminal().err().println("warning: " + warning);
            }
            return ExitCode.OK;
        }
    }
}

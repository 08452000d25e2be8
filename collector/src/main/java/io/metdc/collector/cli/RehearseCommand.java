package io.metdc.collector.cli;

import io.metdc.simulator.SimulatorOptions;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `metdc rehearse`.
@Command(
        name = "rehearse",
        description = {
            "Shows the whole job on this machine alone, without internet.",
            "",
            "Simulated exchanges send, the collector records them into a database of its own. Ends with a table of what was sent, stored, found twice and rejected on each market, and with exit code 1 if"
                    + " the sums do not meet. Leaves nothing behind."
        })
final class RehearseCommand implements Callable<Integer> {
    private static final Duration LONGEST = Duration.ofHours(24);

    private final Terminal terminal;
    private final Program program;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--duration",
            paramLabel = "TIME",
            defaultValue = "20s",
            converter = DurationConverter.class,
            description = "How long trades are sent, up to 24h. Default: ${DEFAULT-VALUE}.")
    private Duration duration = Duration.ofSeconds(20);

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "5000",
            description = "Trades a second, all markets together. Default: ${DEFAULT-VALUE}.")
    private int rate;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "The same seed gives the same trades. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--keep", description = "Keep what was recorded, and say where it is and how to look at it.")
    private boolean keep;

    @Option(names = "--json", description = "Print the result as one JSON object.")
    private boolean json;

    @Option(
            names = "--database",
            paramLabel = "URL",
            description = "Use this PostgreSQL or TimescaleDB in place of an embedded one, such as"
                    + " postgresql://user:password@host/name.")
    private @Nullable String database;

    RehearseCommand(Terminal terminal, Program program) {
        this.terminal = terminal;
        this.program = program;
    }

    @Override
    public Integer call() throws Exception {
        rate(spec, rate);
        if (duration.compareTo(LONGEST) > 0) {
            throw new CommandLine.ParameterException(
                    Objects.requireNonNull(spec).commandLine(), "Invalid value for option '--duration': more than 24h");
        }
        return program.rehearse(new RehearseOptions(duration, rate, seed, keep, json, database), terminal);
    }

    static void rate(@Nullable CommandSpec spec, int rate) {
        if (rate < 1 || rate > SimulatorOptions.MAX_RATE) {
            throw new CommandLine.ParameterException(
                    Objects.requireNonNull(spec).commandLine(),
                    "Invalid value for option '--rate': '" + rate + "' is not between 1 and "
                            + SimulatorOptions.MAX_RATE);
        }
    }
}

package io.metdc.collector.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `metdc simulate`.
@Command(
        name = "simulate",
        description = {
            "Runs simulated exchanges until it is told to stop (Ctrl-C, SIGTERM).",
            "",
            "They speak the real exchanges' protocols, on this machine only. Point a collector at them from another terminal:",
            "  metdc simulate --config-out /tmp/simulated.yaml",
            "  metdc run --config /tmp/simulated.yaml",
            "At the end it prints what it has sent, per instrument."
        })
final class SimulateCommand implements Callable<Integer> {
    private final Surroundings surroundings;
    private final Program program;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Trades a second, all markets together. Default: ${DEFAULT-VALUE}.")
    private int rate;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "The same seed gives the same trades. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--tls",
            description = "Serve wss and https, with a certificate that the written configuration trusts.")
    private boolean tls;

    @Option(
            names = "--config-out",
            paramLabel = "FILE",
            description = "Write the configuration that points metdc run here.")
    private @Nullable Path configOut;

    @Option(names = "--json", description = "Print what was sent as JSON.")
    private boolean json;

    @Option(
            names = "--close-after",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "Close each connection when it is so old, as exchanges do. Default: after 24 h.")
    private @Nullable Duration closeAfter;

    SimulateCommand(Surroundings surroundings, Program program) {
        this.surroundings = surroundings;
        this.program = program;
    }

    @Override
    public Integer call() throws Exception {
        RehearseCommand.rate(spec, rate);
        Path file = configOut == null ? null : surroundings.resolve(configOut);
        return program.simulate(new SimulateOptions(rate, seed, tls, file, json, closeAfter), surroundings.terminal());
    }
}

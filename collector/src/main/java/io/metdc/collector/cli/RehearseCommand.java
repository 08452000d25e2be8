package io.metdc.collector.cli;

import io.metdc.listings.Listing;
import io.metdc.simulator.SimulatorOptions;
import java.time.Duration;
import java.util.Locale;
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
    private static final Duration USUAL = Duration.ofSeconds(20);
    private static final Duration WITH_LISTING = Duration.ofSeconds(55);

    private final Terminal terminal;
    private final Program program;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--duration",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "How long trades are sent, up to 24h. Default: 20s, with --listing 55s. A shorter run has"
                    + " shorter windows.")
    private @Nullable Duration duration;

    @Option(
            names = "--listing",
            paramLabel = "SYMBOL",
            description =
                    "Upbit announces this coin in mid-run, and prices rise. Ends with the archive of the listing.")
    private @Nullable String listing;

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
        String coin = listing == null ? null : listing.toUpperCase(Locale.ROOT);
        if (coin != null && (!Listing.isCoin(coin) || !SimulatorOptions.isListable(coin))) {
            throw new CommandLine.ParameterException(
                    Objects.requireNonNull(spec).commandLine(),
                    "Invalid value for option '--listing': '" + ListingCommand.quiet(coin, 40)
                            + "' is to be 1 to 12 of A-Z and 0-9, and not the name of a coin that trades for won already");
        }
        Duration wanted = duration == null ? coin == null ? USUAL : WITH_LISTING : duration;
        if (wanted.compareTo(LONGEST) > 0) {
            throw new CommandLine.ParameterException(
                    Objects.requireNonNull(spec).commandLine(), "Invalid value for option '--duration': more than 24h");
        }
        return program.rehearse(new RehearseOptions(wanted, coin, rate, seed, keep, json, database), terminal);
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

package io.metdc.collector.faults;

import io.metdc.collector.faults.Fault.Kind;
import io.metdc.market.Market;
import io.metdc.simulator.SimulatorOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `scripts/fault-kit`: a run as long as one likes.
@Command(
        name = "fault-kit",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Runs metdc against simulated exchanges, plants faults, and compares what it recorded with what"
                + " they sent, trade by trade. Exit code 0 when all is well, 1 when not.")
public final class FaultKitMain implements Callable<Integer> {
    @Option(names = "--duration", defaultValue = "10m", description = "how long faults happen: 90s 10m 8h")
    private Duration duration;

    @Option(names = "--rate", defaultValue = "10000", description = "trades a second of all markets together")
    private int rate;

    @Option(names = "--every", defaultValue = "5s", description = "one fault in each stretch of so long")
    private Duration every;

    @Option(names = "--seed", description = "decides trades and faults; without it any")
    private @Nullable Long seed;

    @Option(names = "--instruments", defaultValue = "40", description = "on each market")
    private int instruments;

    @Option(names = "--settling", defaultValue = "3m", description = "how long holes may stay open afterwards")
    private Duration settling;

    @Option(
            names = "--faults",
            split = ",",
            description = "only these: kill stop database-away cut hold half-open disk-full clock-step compress")
    private @Nullable List<String> faults;

    @Option(names = "--markets", split = ",", description = "only these: binance-spot okx-futures …")
    private @Nullable List<String> markets;

    @Option(
            names = "--database",
            description = "a server on this machine, in place of one of the kit's own:"
                    + " postgresql://user:password@localhost:5432/postgres; the user may create databases")
    private @Nullable String database;

    @Option(
            names = "--kills",
            description = "kill it so many times instead, at random instants, and plant nothing else")
    private int kills;

    @Option(names = "--folder", description = "where everything lies and is kept; without it nothing is kept")
    private @Nullable Path folder;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new FaultKitMain())
                .registerConverter(Duration.class, text -> Duration.parse("PT" + text))
                .execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Path kept = folder;
        Path used = kept == null ? Files.createTempDirectory("metdc-faults-") : kept.toAbsolutePath();
        Set<Kind> kinds = EnumSet.copyOf(faults == null ? Fault.ALL : kinds(faults));
        try {
            FaultOptions options = FaultOptions.in(used)
                    .withDuration(duration)
                    .withRate(rate)
                    .withEvery(every)
                    .withSeed(seed == null ? System.nanoTime() & 0xFFFF : seed)
                    .withInstruments(instruments)
                    .withSettling(settling)
                    .withKinds(kinds)
                    .withMarkets(markets == null ? SimulatorOptions.ALL_MARKETS : markets(markets))
                    .withDatabase(database);
            Verdict verdict = kills > 0 ? FaultKit.kill(kills, options, System.out) : FaultKit.run(options, System.out);
            return verdict.isGood() ? 0 : 1;
        } finally {
            if (kept == null) {
                delete(used);
            }
        }
    }

    private static List<Market> markets(List<String> names) {
        return SimulatorOptions.ALL_MARKETS.stream()
                .filter(market -> names.contains(market.toString()))
                .toList();
    }

    private static List<Kind> kinds(List<String> names) {
        return names.stream()
                .map(name -> Kind.valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_')))
                .toList();
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}

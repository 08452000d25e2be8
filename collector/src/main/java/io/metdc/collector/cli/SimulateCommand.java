package io.metdc.collector.cli;

import io.metdc.market.Market;
import io.metdc.simulator.Fault;
import io.metdc.simulator.SimulatorOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
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

    @Option(
            names = "--fault",
            paramLabel = "NAME",
            description = "Something that goes wrong: ${COMPLETION-CANDIDATES}. Of one market alone:"
                    + " MARKET:NAME. What happens once happens every 10 s. May be given several times.",
            completionCandidates = FaultNames.class)
    private List<String> faults = new ArrayList<>();

    @Option(
            names = "--listing",
            paramLabel = "SYM",
            description = "A coin that trades on every market but Upbit's: SKYN.")
    private @Nullable String listing;

    @Option(
            names = "--announce-after",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "Upbit announces that coin after this time, and its price rises on every market.")
    private @Nullable Duration announceAfter;

    @Option(
            names = "--open-after",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "Upbit trades it this time after the notice.")
    private @Nullable Duration openAfter;

    @Option(
            names = "--instruments",
            paramLabel = "N",
            description = "How many trade on each market. Of one market alone: MARKET:N. May be given several times."
                    + " Default: " + SimulateOptions.Scale.DEFAULT_INSTRUMENTS + ".")
    private List<String> instruments = new ArrayList<>();

    @Option(
            names = "--connects",
            paramLabel = "N",
            defaultValue = "0",
            description = "How often one address may connect in five minutes. Default: each exchange's own quota.")
    private int connects;

    @Option(
            names = "--connections",
            paramLabel = "N",
            defaultValue = "0",
            description = "How many connections one address may hold. Default: each exchange's own quota.")
    private int connections;

    @Option(
            names = "--rest-weight",
            paramLabel = "N",
            defaultValue = "0",
            description = "How much REST weight one address may use. Default: each exchange's own quotas.")
    private int restWeight;

    @Option(
            names = "--change-after",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "Instruments come and go after this time, on all markets but Upbit's.")
    private @Nullable Duration changeAfter;

    @Option(names = "--add", paramLabel = "N", defaultValue = "0", description = "So many come then.")
    private int added;

    @Option(names = "--drop", paramLabel = "N", defaultValue = "0", description = "So many go then.")
    private int dropped;

    @Option(names = "--rename", paramLabel = "N", defaultValue = "0", description = "So many get a new name then.")
    private int renamed;

    /// What can be asked for.
    static final class FaultNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Stream.of(Fault.values()).map(Fault::id).iterator();
        }
    }

    SimulateCommand(Surroundings surroundings, Program program) {
        this.surroundings = surroundings;
        this.program = program;
    }

    @Override
    public Integer call() throws Exception {
        RehearseCommand.rate(spec, rate);
        Path file = configOut == null ? null : surroundings.resolve(configOut);
        List<SimulateOptions.Planted> planted = new ArrayList<>();
        for (String fault : faults) {
            planted.add(planted(fault));
        }
        return program.simulate(
                new SimulateOptions(rate, seed, tls, file, json, closeAfter, planted, listing(), scale(), changes()),
                surroundings.terminal());
    }

    private SimulateOptions.@Nullable Listing listing() throws CommandException {
        String coin = listing;
        if (coin == null) {
            if (announceAfter != null || openAfter != null) {
                throw CommandException.usage("--announce-after and --open-after need a coin: --listing SYM");
            }
            return null;
        }
        if (!SimulatorOptions.isListable(coin)) {
            throw CommandException.usage("'" + coin + "' cannot be listed; a coin is called like SKYN, 2Z or W");
        }
        if (openAfter != null && announceAfter == null) {
            throw CommandException.usage("--open-after counts from the notice: it needs --announce-after");
        }
        return new SimulateOptions.Listing(coin, announceAfter, openAfter);
    }

    private SimulateOptions.Scale scale() throws CommandException {
        int everywhere = SimulateOptions.Scale.DEFAULT_INSTRUMENTS;
        Map<Market, Integer> of = new HashMap<>();
        for (String text : instruments) {
            int colon = text.indexOf(':');
            int count = count("--instruments", text.substring(colon + 1));
            if (colon < 0) {
                everywhere = count;
            } else {
                of.put(market(text.substring(0, colon)), count);
            }
        }
        notNegative("--connects", connects);
        notNegative("--connections", connections);
        notNegative("--rest-weight", restWeight);
        return new SimulateOptions.Scale(everywhere, of, connects, connections, restWeight);
    }

    private static int count(String option, String text) throws CommandException {
        int most = SimulatorOptions.MAX_INSTRUMENTS;
        if (text.matches("\\d{1,6}")) {
            int count = Integer.parseInt(text);
            if (count >= 1 && count <= most) {
                return count;
            }
        }
        throw CommandException.usage(option + " takes a number from 1 to " + most + ", not '" + text + "'");
    }

    private static void notNegative(String option, int value) throws CommandException {
        if (value < 0) {
            throw CommandException.usage(option + " takes a number from 0, not " + value);
        }
    }

    private SimulateOptions.@Nullable Changes changes() throws CommandException {
        Duration after = changeAfter;
        if (after == null) {
            if (added != 0 || dropped != 0 || renamed != 0) {
                throw CommandException.usage("--add, --drop and --rename need a time: --change-after TIME");
            }
            return null;
        }
        notNegative("--add", added);
        notNegative("--drop", dropped);
        notNegative("--rename", renamed);
        return new SimulateOptions.Changes(after, added, dropped, renamed);
    }

    private static SimulateOptions.Planted planted(String text) throws CommandException {
        int colon = text.indexOf(':');
        String name = text.substring(colon + 1);
        Fault fault = Fault.of(name)
                .orElseThrow(() -> CommandException.usage(
                        "there is no fault '" + name + "'; there are: " + String.join(", ", new FaultNames())));
        if (colon < 0) {
            return new SimulateOptions.Planted(fault, null);
        }
        return new SimulateOptions.Planted(fault, market(text.substring(0, colon)));
    }

    private static Market market(String name) throws CommandException {
        return SimulatorOptions.ALL_MARKETS.stream()
                .filter(known -> known.toString().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() -> CommandException.usage("'" + name + "' is no market that is simulated"));
    }
}

package io.metdc.collector.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.metdc.collector.config.MarketSettings;
import io.metdc.collector.config.Settings;
import io.metdc.connectors.Limits;
import io.metdc.market.Market;
import io.metdc.symbols.ExpectedRates;
import io.metdc.symbols.Plan;
import io.metdc.symbols.Plan.Limit;
import io.metdc.symbols.Plan.Quota;
import io.metdc.symbols.Universe;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `metdc symbols plan`.
@Command(
        name = "plan",
        description = {
            "Shows what it takes to subscribe everything, and how much of each limit of the exchanges is used.",
            "",
            "By the last lists of the exchanges that were believed, and by the configuration as it is now; nobody is asked."
                    + " Ends with 2 when a limit would be breached, and says what to change."
        })
final class SymbolsPlan implements Callable<Integer> {
    /// A frame takes as much as it may.
    private static final Set<Limit> FILLED = EnumSet.of(Limit.FRAME, Limit.BYTES);

    private final Surroundings surroundings;
    private final InstantSource clock;

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    @Option(
            names = "--round-trip",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            defaultValue = "100ms",
            description = "How long it is to an exchange and back. Default: 100ms.")
    private Duration roundTrip = Duration.ofMillis(100);

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    SymbolsPlan(Surroundings surroundings, InstantSource clock) {
        this.surroundings = surroundings;
        this.clock = clock;
    }

    @Override
    public Integer call() throws Exception {
        Settings settings = options.load(surroundings).settings();
        Universe universe = SymbolsCommand.known(settings, clock);
        Plan plan = plan(settings, universe);
        PrintStream out = surroundings.terminal().out();
        if (json) {
            out.println(json(plan));
        } else {
            print(plan, out);
        }
        SymbolsCommand.footnotes(settings, universe, surroundings.terminal());
        List<String> breaches = plan.breaches();
        breaches.forEach(breach -> surroundings.terminal().err().println("metdc: " + breach));
        if (!breaches.isEmpty()) {
            return ExitCode.USAGE;
        }
        return SymbolsCommand.missing(settings, universe).isEmpty() ? ExitCode.OK : ExitCode.FAILED;
    }

    private Plan plan(Settings settings, Universe universe) throws CommandException {
        List<Plan.Wanted> wanted = new ArrayList<>();
        ExpectedRates rates = new ExpectedRates(settings.rates());
        List<Market> missing = SymbolsCommand.missing(settings, universe);
        for (MarketSettings market : SymbolsCommand.markets(settings)) {
            if (!missing.contains(market.market())) {
                wanted.add(new Plan.Wanted(
                        market.connector(),
                        universe.watched(market.market()).instruments(),
                        market.maxSymbolsPerConnection(),
                        market.connectionsPerShard(),
                        rates::of));
            }
        }
        return Plan.of(wanted, roundTrip, Plan.MOST_CONNECTIONS);
    }

    private static void print(Plan plan, PrintStream out) {
        out.printf(
                "%-15s %11s %12s %8s %12s %16s%n",
                "market", "instruments", "connections", "frames", "longest", "subscribed after");
        for (Plan.OfMarket market : plan.markets()) {
            line(
                    market.market().toString(),
                    market.instruments(),
                    market.connections(),
                    Plan.RESERVE,
                    market.frames(),
                    market.longestFrame(),
                    market.fullAfter(),
                    out);
        }
        line(
                "all",
                plan.markets().stream().mapToInt(Plan.OfMarket::instruments).sum(),
                plan.markets().stream().mapToInt(Plan.OfMarket::connections).sum(),
                Plan.RESERVE * plan.markets().size(),
                plan.markets().stream().mapToInt(Plan.OfMarket::frames).sum(),
                plan.markets().stream()
                        .mapToInt(Plan.OfMarket::longestFrame)
                        .max()
                        .orElse(0),
                plan.fullAfter(),
                out);
        out.println();
        printQuotas(plan, out);
        out.println();
        for (Limit limit : Limit.values()) {
            out.printf("%-11s %s%n", limit.id(), limit);
        }
        out.printf("%-11s %s%n", "left", "of the nearest limit; frames are filled on purpose");
    }

    private static void line(
            String name,
            int instruments,
            int connections,
            int reserve,
            int frames,
            int longest,
            Duration after,
            PrintStream out) {
        out.printf(
                Locale.ROOT,
                "%-15s %,11d %12s %,8d %12s %16s%n",
                name,
                instruments,
                connections + " + " + reserve,
                frames,
                String.format(Locale.ROOT, "%,d B", longest),
                String.format(Locale.ROOT, "%.1f s", after.toMillis() / 1000.0));
    }

    private static void printQuotas(Plan plan, PrintStream out) {
        Map<Limit, Integer> widths = new EnumMap<>(Limit.class);
        for (Limit limit : Limit.values()) {
            widths.put(limit, limit.id().length());
        }
        for (Plan.OfMarket market : plan.markets()) {
            market.quotas()
                    .forEach(quota -> widths.merge(quota.limit(), used(quota).length(), Math::max));
        }
        StringBuilder head = new StringBuilder(String.format("%-15s", "market"));
        widths.forEach((limit, width) -> head.append("  ").append(right(limit.id(), width)));
        out.println(head.append("    left"));
        for (Plan.OfMarket market : plan.markets()) {
            StringBuilder line = new StringBuilder(String.format("%-15s", market.market()));
            for (Quota quota : market.quotas()) {
                line.append("  ").append(right(used(quota), widths.getOrDefault(quota.limit(), 0)));
            }
            OptionalDouble least = market.quotas().stream()
                    .filter(quota -> !FILLED.contains(quota.limit()))
                    .flatMap(quota -> quota.headRoom().stream())
                    .mapToDouble(Double::doubleValue)
                    .min();
            out.println(line.append("  ").append(right(left(market, least), 6)));
        }
    }

    private static String left(Plan.OfMarket market, OptionalDouble least) {
        if (market.quotas().stream().anyMatch(Quota::isBreached)) {
            return "BREACH";
        }
        return least.isEmpty() ? "" : String.format(Locale.ROOT, "%.0f %%", Math.floor(least.getAsDouble() * 100));
    }

    private static String used(Quota quota) {
        return quota.used() + "/" + (quota.allowed() == Limits.NO_LIMIT ? "-" : quota.allowed());
    }

    private static String right(String text, int width) {
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }

    private static String json(Plan plan) throws IOException {
        ObjectNode root = SymbolsCommand.JSON.createObjectNode();
        ArrayNode markets = root.putArray("markets");
        for (Plan.OfMarket market : plan.markets()) {
            ObjectNode one = SymbolsCommand.market(market.market())
                    .put("instruments", market.instruments())
                    .put("connections", market.connections())
                    .put("reserve", Plan.RESERVE)
                    .put("frames", market.frames())
                    .put("longest_frame_bytes", market.longestFrame())
                    .put("full_after_ms", market.fullAfter().toMillis());
            ArrayNode quotas = one.putArray("quotas");
            for (Quota quota : market.quotas()) {
                ObjectNode of = quotas.addObject()
                        .put("limit", quota.limit().id())
                        .put("what", quota.limit().toString())
                        .put("used", quota.used());
                if (quota.allowed() == Limits.NO_LIMIT) {
                    of.putNull("allowed").putNull("head_room");
                } else {
                    of.put("allowed", quota.allowed())
                            .put("head_room", quota.headRoom().orElseThrow());
                }
                of.put("breached", quota.isBreached()).put("setting", quota.setting());
            }
            markets.add(one);
        }
        root.put("full_after_ms", plan.fullAfter().toMillis());
        ArrayNode breaches = root.putArray("breaches");
        plan.breaches().forEach(breaches::add);
        root.put("ok", plan.breaches().isEmpty());
        return SymbolsCommand.JSON.writeValueAsString(root);
    }
}

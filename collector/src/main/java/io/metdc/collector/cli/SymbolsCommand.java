package io.metdc.collector.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.metdc.collector.config.MarketSettings;
import io.metdc.collector.config.Settings;
import io.metdc.market.Market;
import io.metdc.symbols.InstrumentList;
import io.metdc.symbols.InstrumentSource;
import io.metdc.symbols.KrwList;
import io.metdc.symbols.Universe;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// `metdc symbols`: which instruments are collected.
@Command(
        name = "symbols",
        description = {
            "Refreshes, shows and plans which instruments are collected.",
            "",
            "What is collected follows from the lists of the exchanges, from Upbit's KRW market and from the part symbols of"
                    + " the configuration. The commands work whether metdc run is running or not.",
            "",
            "  metdc symbols update                  asks all exchanges now",
            "  metdc symbols list --base PEPE        who trades a coin, by what name",
            "  metdc symbols list --left-out         what is not collected, and why",
            "  metdc symbols plan                    connections, frames and time it takes"
        })
final class SymbolsCommand {
    static final ObjectMapper JSON = new ObjectMapper();

    /// How long a coin stays collected after its notice, whatever Upbit's list says.
    private static final Duration HELD = Duration.ofHours(24);

    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'").withZone(ZoneOffset.UTC);

    private SymbolsCommand() {}

    static CommandLine commandLine(Surroundings surroundings) {
        InstantSource clock = InstantSource.system();
        return new CommandLine(new SymbolsCommand())
                .addSubcommand(new SymbolsUpdate(surroundings, clock))
                .addSubcommand(new SymbolsList(surroundings, clock))
                .addSubcommand(new SymbolsPlan(surroundings, clock));
    }

    /// A universe of which nothing is known but the rules and the coins that are held for a listing.
    static Universe universe(Settings settings, InstantSource clock) throws CommandException {
        Universe universe = new Universe(settings.symbols().filter(), clock, (_, _) -> {});
        universe.hold(held(settings, clock.instant()));
        return universe;
    }

    /// What the last good lists say.
    ///
    /// @throws CommandException when there is none at all
    static Universe known(Settings settings, InstantSource clock) throws CommandException {
        Universe universe = universe(settings, clock);
        for (MarketSettings market : markets(settings)) {
            Optional<InstrumentList> kept =
                    InstrumentSource.kept(market.market(), market.restUrl(), settings.instruments());
            kept.ifPresent(universe::accept);
        }
        if (universe.lists().isEmpty()) {
            throw CommandException.failed(
                    "no exchange was asked for its instruments yet: metdc symbols update does, and so does metdc run");
        }
        return universe;
    }

    /// The markets that are collected.
    static List<MarketSettings> markets(Settings settings) throws CommandException {
        List<MarketSettings> markets = settings.collected();
        if (markets.isEmpty()) {
            throw CommandException.usage("no market is to be collected: switch one on under exchanges");
        }
        return markets;
    }

    /// Those of which there is no list.
    static List<Market> missing(Settings settings, Universe universe) throws CommandException {
        Set<Market> listed = new HashSet<>();
        universe.lists().forEach(list -> listed.add(list.market()));
        return markets(settings).stream()
                .map(MarketSettings::market)
                .filter(market -> !listed.contains(market))
                .toList();
    }

    /// Says what a result that rests on the last good lists does not tell.
    static void footnotes(Settings settings, Universe universe, Terminal terminal) throws CommandException {
        for (Market market : missing(settings, universe)) {
            terminal.err()
                    .println(market + " has no list yet: metdc symbols update asks for it"
                            + (market.equals(KrwList.MARKET) ? "; without it no coin is marked" : ""));
        }
        universe.lists().stream()
                .map(InstrumentList::takenAt)
                .min(Instant::compareTo)
                .ifPresent(oldest -> terminal.err()
                        .println("by the lists of " + minute(oldest)
                                + (universe.lists().size() == 1 ? "" : " and later")
                                + "; metdc symbols update asks anew"));
    }

    static String minute(Instant instant) {
        return MINUTE.format(instant);
    }

    /// Coins that were announced in the last day, or that are still recorded, by the archives of their listings.
    private static Set<String> held(Settings settings, Instant now) throws CommandException {
        Path archives = settings.dataDirectory().resolve("listings");
        Set<String> held = new HashSet<>();
        for (String id : ListingCommand.ids(archives)) {
            JsonNode listing = ListingCommand.metadata(archives, id);
            boolean isYoung = Instant.parse(listing.path("announced_at").asText())
                    .plus(HELD)
                    .isAfter(now);
            if (isYoung || !listing.path("stage").asText().equals("final")) {
                held.add(listing.path("symbol").asText());
            }
        }
        return held;
    }

    static ObjectNode market(Market market) {
        return JSON.createObjectNode()
                .put("exchange", market.exchange().id())
                .put("market", market.type().id());
    }
}

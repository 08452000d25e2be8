package io.metdc.collector.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.metdc.collector.config.Configuration;
import io.metdc.collector.config.MarketSettings;
import io.metdc.collector.config.Problem;
import io.metdc.collector.config.Settings;
import io.metdc.collector.logging.Logging;
import io.metdc.connectors.Bans;
import io.metdc.connectors.Budget;
import io.metdc.connectors.Connector;
import io.metdc.connectors.FeedException;
import io.metdc.connectors.RestClient;
import io.metdc.market.Failure;
import io.metdc.market.Market;
import io.metdc.symbols.Collision;
import io.metdc.symbols.InstrumentSource;
import io.metdc.symbols.InvalidSymbolsFile;
import io.metdc.symbols.KrwList;
import io.metdc.symbols.SymbolsFile;
import io.metdc.symbols.Universe;
import io.metdc.symbols.UpbitMark;
import io.metdc.symbols.WatchSet;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `metdc symbols update`.
@Command(
        name = "update",
        description = {
            "Asks all exchanges and Upbit for their instruments, and writes symbols.yaml.",
            "",
            "An exchange that does not answer, or whose answer cannot be believed, keeps its last list. Ends with 1 when there"
                    + " is such a one. metdc run asks by itself, every symbols.refresh."
        })
final class SymbolsUpdate implements Callable<Integer> {
    /// An answer that is hard to believe is asked for again after this.
    private static final Duration ASK_AGAIN = Duration.ofSeconds(5);

    private static final int USUAL_WIDTH = 100;
    private static final int LONGEST_TROUBLE = 300;

    private final Surroundings surroundings;
    private final InstantSource clock;

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    SymbolsUpdate(Surroundings surroundings, InstantSource clock) {
        this.surroundings = surroundings;
        this.clock = clock;
    }

    /// What became of one market.
    ///
    /// @param added   symbols, against the file before; null when that did not know the market
    /// @param trouble why there is no fresh list; null when there is
    private record Row(
            Universe.Status status,
            WatchSet watched,
            @Nullable Set<String> added,
            @Nullable Set<String> dropped,
            @Nullable Failure trouble) {
        Market market() {
            return watched.market();
        }
    }

    @Override
    public Integer call() throws Exception {
        Configuration configuration = options.load(surroundings);
        for (Problem warning : configuration.warnings()) {
            if (warning.what().startsWith("symbols.")) {
                surroundings.terminal().err().println("metdc: " + warning);
            }
        }
        Settings settings = configuration.settings();
        List<MarketSettings> markets = SymbolsCommand.markets(settings);
        Path file = settings.symbols().file();
        SymbolsFile before = before(file);
        Universe universe = SymbolsCommand.universe(settings, clock);
        ask(settings, markets, universe);
        SymbolsFile after = SymbolsFile.of(
                universe,
                markets.stream().map(MarketSettings::place).toList(),
                settings.recovery().backoffMax(),
                before,
                clock.instant());
        IOException unwritten = write(after, file);
        List<Row> rows = markets.stream()
                .map(market -> row(market.market(), universe, before))
                .toList();
        boolean isFine = unwritten == null && rows.stream().allMatch(row -> row.trouble() == null);
        PrintStream out = surroundings.terminal().out();
        if (json) {
            out.println(json(rows, universe, file, unwritten, isFine));
        } else {
            print(rows, universe, out);
        }
        if (unwritten != null) {
            throw CommandException.failed(
                    file + " cannot be written: " + unwritten + "; symbols.file says where it is", unwritten);
        }
        if (!json) {
            out.println("written to " + file);
        }
        return isFine ? ExitCode.OK : ExitCode.FAILED;
    }

    private @Nullable SymbolsFile before(Path file) {
        if (!Files.exists(file)) {
            return null;
        }
        try {
            return SymbolsFile.read(file);
        } catch (InvalidSymbolsFile | IOException e) {
            surroundings.terminal().err().println("metdc: " + e.getMessage());
            return null; // set aside when the new one is written
        }
    }

    private static @Nullable IOException write(SymbolsFile symbols, Path file) {
        try {
            symbols.write(file);
            return null;
        } catch (IOException e) {
            return e;
        }
    }

    /// Side by side: the slowest exchange is all there is to wait for.
    private void ask(Settings settings, List<MarketSettings> markets, Universe universe)
            throws InterruptedException, ExecutionException {
        Logging.silence(InstrumentSource.class); // what it would warn of is in the table
        surroundings.terminal().err().println("asking " + markets.size() + " markets …");
        List<Future<?>> running = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (MarketSettings market : markets) {
                running.add(threads.submit(() -> {
                    ask(settings, market, universe);
                    return null;
                }));
            }
            for (Future<?> one : running) {
                one.get();
            }
        }
    }

    private void ask(Settings settings, MarketSettings market, Universe universe) throws InterruptedException {
        Connector connector = market.connector();
        Path spending = settings.spending(market.market() + "-rest");
        Bans bans = Bans.remembering(
                settings.bans(market.market().exchange()), settings.recovery().cooldown(), clock);
        try (Budget budget = Budget.remembering(connector.limits().rest(), spending, clock);
                RestClient rest = new RestClient(
                        connector, market.restUrl(), settings.network().to(market), budget, bans, clock)) {
            universe.accept(
                    new InstrumentSource(connector, rest, market.restUrl(), settings.instruments(), ASK_AGAIN, clock)
                            .load());
        } catch (FeedException e) {
            universe.refused(market.market(), e.failure());
        }
    }

    private static Row row(Market market, Universe universe, @Nullable SymbolsFile before) {
        WatchSet watched = universe.watched(market);
        Universe.Status status = universe.status(market);
        SymbolsFile.MarketSection old = before == null ? null : before.market(market);
        if (old == null || status.takenAt() == null) {
            return new Row(status, watched, null, null, status.trouble());
        }
        Set<String> now = new TreeSet<>();
        watched.watched().forEach(one -> now.add(one.symbol()));
        Set<String> dropped = new TreeSet<>();
        old.instruments().forEach(entry -> dropped.add(entry.symbol()));
        Set<String> added = new TreeSet<>(now);
        added.removeAll(dropped);
        dropped.removeAll(now);
        return new Row(status, watched, added, dropped, status.trouble());
    }

    private void print(List<Row> rows, Universe universe, PrintStream out) {
        out.printf(
                "%-15s %8s %10s %8s %9s %7s %8s  %s%n",
                "market", "offered", "collected", "listed", "unlisted", "added", "dropped", "list");
        for (Row row : rows) {
            boolean isUpbits = row.market().equals(KrwList.MARKET);
            out.printf(
                    Locale.ROOT,
                    "%-15s %,8d %,10d %8s %9s %7s %8s  %s%n",
                    row.market(),
                    row.status().offered(),
                    row.watched().watched().size(),
                    isUpbits ? "" : count(row.watched(), UpbitMark.LISTED, universe),
                    isUpbits ? "" : count(row.watched(), UpbitMark.UNLISTED, universe),
                    row.added() == null
                            ? ""
                            : String.format(Locale.ROOT, "%,d", row.added().size()),
                    row.dropped() == null
                            ? ""
                            : String.format(Locale.ROOT, "%,d", row.dropped().size()),
                    age(row));
        }
        out.printf(
                Locale.ROOT,
                "%-15s %,8d %,10d%n",
                "all",
                rows.stream().mapToInt(row -> row.status().offered()).sum(),
                rows.stream().mapToInt(row -> row.watched().watched().size()).sum());
        out.println();
        KrwList krw = universe.krw();
        out.println(
                krw == null
                        ? "Upbit's KRW list is not known: everything is collected, and no coin is marked"
                        : "Upbit trades " + krw.bases().size() + " coins for KRW");
        rows.forEach(row -> trouble(row, out));
        named("added", rows, Row::added, out);
        named("dropped", rows, Row::dropped, out);
        collisions(universe.collisions(), out);
        out.println();
    }

    private void trouble(Row row, PrintStream out) {
        if (row.trouble() != null) {
            String what = ListingCommand.quiet(row.trouble().what(), LONGEST_TROUBLE);
            String market = row.market().toString();
            wrap(what.startsWith(market) ? what : market + ": " + what, out);
        }
    }

    private void collisions(List<Collision> collisions, PrintStream out) {
        if (!collisions.isEmpty()) {
            out.println();
            wrap(
                    (collisions.size() == 1 ? "A name that may mean" : collisions.size() + " names that may mean")
                            + " something else; symbols.aliases and symbols.exclude settle it:",
                    out);
            collisions.forEach(collision -> wrap("  " + collision, out));
        }
    }

    private static String count(WatchSet watched, UpbitMark mark, Universe universe) {
        return universe.krw() == null ? "" : String.format(Locale.ROOT, "%,d", watched.count(mark));
    }

    private String age(Row row) {
        if (row.status().takenAt() == null) {
            return "none";
        }
        return row.trouble() == null ? "new" : ago(Duration.between(row.status().takenAt(), clock.instant())) + " old";
    }

    private static String ago(Duration age) {
        return age.toHours() >= 48
                ? age.toDays() + " d"
                : age.toMinutes() >= 120 ? age.toHours() + " h" : Math.max(1, age.toMinutes()) + " min";
    }

    private void named(String what, List<Row> rows, Function<Row, @Nullable Set<String>> which, PrintStream out) {
        for (Row row : rows) {
            Set<String> symbols = which.apply(row);
            if (symbols != null && !symbols.isEmpty()) {
                wrap(String.format("%-7s %s: %s", what, row.market(), String.join(" ", symbols)), out);
            }
        }
    }

    private void wrap(String text, PrintStream out) {
        int width = Math.min(surroundings.terminal().columns(), USUAL_WIDTH);
        String left = text;
        while (left.length() > width) {
            int blank = left.lastIndexOf(' ', width);
            int at = blank > 4 ? blank : width;
            out.println(left.substring(0, at));
            left = "    " + left.substring(at).strip();
        }
        out.println(left);
    }

    private static String json(
            List<Row> rows, Universe universe, Path file, @Nullable IOException unwritten, boolean isFine)
            throws IOException {
        ObjectNode root = SymbolsCommand.JSON.createObjectNode();
        root.put("file", file.toString());
        root.put("written", unwritten == null);
        KrwList krw = universe.krw();
        ObjectNode upbit = root.putObject("upbit_krw");
        upbit.put("coins", krw == null ? null : krw.bases().size());
        upbit.put("taken_at", krw == null ? null : krw.takenAt().toString());
        ArrayNode markets = root.putArray("markets");
        for (Row row : rows) {
            ObjectNode market = SymbolsCommand.market(row.market());
            market.put("offered", row.status().offered());
            market.put("collected", row.watched().watched().size());
            for (UpbitMark mark : UpbitMark.values()) {
                market.put(mark.id(), row.watched().count(mark));
            }
            market.set("added", symbols(row.added()));
            market.set("dropped", symbols(row.dropped()));
            market.put(
                    "taken_at",
                    row.status().takenAt() == null
                            ? null
                            : row.status().takenAt().toString());
            market.put("trouble", row.trouble() == null ? null : row.trouble().what());
            markets.add(market);
        }
        ArrayNode collisions = root.putArray("collisions");
        universe.collisions().forEach(collision -> collisions.add(collision.toString()));
        root.put("ok", isFine);
        return SymbolsCommand.JSON.writeValueAsString(root);
    }

    private static @Nullable ArrayNode symbols(@Nullable Set<String> symbols) {
        if (symbols == null) {
            return null;
        }
        ArrayNode array = SymbolsCommand.JSON.createArrayNode();
        symbols.forEach(array::add);
        return array;
    }
}

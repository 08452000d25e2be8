package io.metdc.collector.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.metdc.collector.config.MarketSettings;
import io.metdc.collector.config.Settings;
import io.metdc.collector.query.Column;
import io.metdc.collector.query.Column.Kind;
import io.metdc.collector.query.Table;
import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.symbols.CoinName;
import io.metdc.symbols.InstrumentList;
import io.metdc.symbols.Universe;
import io.metdc.symbols.UpbitMark;
import io.metdc.symbols.WatchSet;
import io.metdc.symbols.WatchSet.Watched;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `metdc symbols list`.
@Command(
        name = "list",
        description = {
            "Shows which instruments are collected, and why.",
            "",
            "By the last lists of the exchanges that were believed, and by the configuration as it is now; nobody is asked."
                    + " coin is what is traded, after symbols.aliases; factor how many of it the price is for."
        })
final class SymbolsList implements Callable<Integer> {
    private final Surroundings surroundings;
    private final InstantSource clock;

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    @Option(names = "--exchange", paramLabel = "EXCHANGE", description = "Of this exchange only.")
    private @Nullable String exchange;

    @Option(names = "--market", paramLabel = "MARKET", description = "spot or futures only.")
    private @Nullable String type;

    @Option(
            names = "--base",
            paramLabel = "COIN",
            description = "What trades this coin, whatever it is called there: PEPE finds 1000PEPE too.")
    private @Nullable String base;

    @Option(names = "--upbit", paramLabel = "MARK", description = "listed, unlisted or unknown only.")
    private @Nullable UpbitMark mark;

    @Option(names = "--left-out", description = "What is not collected, with the rule that leaves it out.")
    private boolean leftOut;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    SymbolsList(Surroundings surroundings, InstantSource clock) {
        this.surroundings = surroundings;
        this.clock = clock;
    }

    @Override
    public Integer call() throws Exception {
        Settings settings = options.load(surroundings).settings();
        List<Market> markets = wanted(settings);
        if (leftOut && mark != null) {
            throw CommandException.usage(
                    "--upbit tells apart what is collected; it does not go together with --left-out");
        }
        Universe universe = SymbolsCommand.known(settings, clock);
        Writer out = new BufferedWriter(
                new OutputStreamWriter(surroundings.terminal().results(), StandardCharsets.UTF_8));
        try {
            if (json) {
                json(settings, universe, markets, out);
            } else if (leftOut) {
                leftOut(settings, universe, markets, out);
            } else {
                table(settings, universe, markets, out);
            }
            out.flush();
        } catch (IOException e) {
            if (Terminal.isUnwanted(e)) {
                return ExitCode.OK;
            }
            throw CommandException.failed("the list cannot be written: " + e.getMessage(), e);
        }
        SymbolsCommand.footnotes(settings, universe, surroundings.terminal());
        return ExitCode.OK;
    }

    private List<Market> wanted(Settings settings) throws CommandException {
        MarketType wantedType = type == null
                ? null
                : MarketType.of(type)
                        .orElseThrow(
                                () -> CommandException.usage("--market: '" + type + "' is neither spot nor futures"));
        Exchange wantedExchange = exchange == null
                ? null
                : Exchange.of(exchange)
                        .orElseThrow(() -> CommandException.usage("--exchange: '" + exchange + "' is no exchange"));
        List<Market> markets = SymbolsCommand.markets(settings).stream()
                .map(MarketSettings::market)
                .filter(market -> wantedType == null || market.type() == wantedType)
                .filter(market -> wantedExchange == null || market.exchange() == wantedExchange)
                .toList();
        if (markets.isEmpty()) {
            throw CommandException.usage("no market of this kind is switched on");
        }
        return markets;
    }

    private List<Watched> watched(Settings settings, Universe universe, Market market) {
        return universe.watched(market).watched().stream()
                .filter(one -> mark == null || one.mark() == mark)
                .filter(one -> isOfCoin(settings, one.instrument()))
                .toList();
    }

    private boolean isOfCoin(Settings settings, Instrument instrument) {
        if (base == null) {
            return true;
        }
        String coin = CoinName.canonical(base);
        return coin.equals(CoinName.canonical(instrument.base()))
                || coin.equals(CoinName.of(instrument))
                || settings.symbols()
                        .aliases()
                        .upbits(instrument, clock.instant())
                        .contains(coin);
    }

    private String coin(Settings settings, Instrument instrument) {
        return settings.symbols()
                .aliases()
                .upbits(CoinName.of(instrument), instrument.market().exchange(), clock.instant());
    }

    private void table(Settings settings, Universe universe, List<Market> markets, Writer out) throws IOException {
        Table table = new Table(out, surroundings.terminal().columns());
        table.begin(List.of(
                new Column("market", Kind.TEXT),
                new Column("symbol", Kind.TEXT),
                new Column("coin", Kind.TEXT),
                new Column("factor", Kind.NUMBER),
                new Column("upbit", Kind.TEXT),
                new Column("why", Kind.TEXT)));
        for (Market market : markets) {
            for (Watched one : watched(settings, universe, market)) {
                Instrument instrument = one.instrument();
                table.row(List.of(
                        market.toString(),
                        one.symbol(),
                        coin(settings, instrument),
                        instrument.multiplier().toPlainString(),
                        one.mark().id(),
                        one.why()));
            }
        }
        table.end();
    }

    private void leftOut(Settings settings, Universe universe, List<Market> markets, Writer out) throws IOException {
        Table table = new Table(out, surroundings.terminal().columns());
        table.begin(List.of(
                new Column("market", Kind.TEXT), new Column("symbol", Kind.TEXT), new Column("why", Kind.TEXT)));
        for (Market market : markets) {
            for (Map.Entry<String, String> one : leftOut(settings, universe, market)) {
                table.row(List.of(market.toString(), one.getKey(), one.getValue()));
            }
        }
        table.end();
    }

    /// Of what the rules of its exchange leave out only the symbol is known: it is shown when that begins with the
    /// coin.
    private List<Map.Entry<String, String>> leftOut(Settings settings, Universe universe, Market market) {
        WatchSet watched = universe.watched(market);
        List<Map.Entry<String, String>> leftOut =
                new ArrayList<>(watched.leftOut().entrySet());
        if (base != null) {
            String coin = CoinName.canonical(base);
            List<Instrument> known = universe.lists().stream()
                    .filter(list -> list.market().equals(market))
                    .map(InstrumentList::instruments)
                    .flatMap(List::stream)
                    .toList();
            leftOut.removeIf(one -> known.stream()
                    .filter(instrument -> instrument.symbol().equals(one.getKey()))
                    .findFirst()
                    .map(instrument -> !isOfCoin(settings, instrument))
                    .orElseGet(() -> !CoinName.canonical(one.getKey()).startsWith(coin)));
        }
        return leftOut;
    }

    private void json(Settings settings, Universe universe, List<Market> markets, Writer out) throws IOException {
        ObjectNode root = SymbolsCommand.JSON.createObjectNode();
        ArrayNode rows = root.putArray(leftOut ? "left_out" : "instruments");
        for (Market market : markets) {
            if (leftOut) {
                leftOut(settings, universe, market)
                        .forEach(one -> rows.add(SymbolsCommand.market(market)
                                .put("symbol", one.getKey())
                                .put("why", one.getValue())));
                continue;
            }
            for (Watched one : watched(settings, universe, market)) {
                Instrument instrument = one.instrument();
                rows.add(SymbolsCommand.market(market)
                        .put("symbol", one.symbol())
                        .put("base", instrument.base())
                        .put("quote", instrument.quote())
                        .put("coin", coin(settings, instrument))
                        .put("multiplier", instrument.multiplier().toPlainString())
                        .put("contract_size", instrument.contractSize().toPlainString())
                        .put("upbit_krw", one.mark().id())
                        .put("why", one.why()));
            }
        }
        out.write(SymbolsCommand.JSON.writeValueAsString(root));
        out.write('\n');
    }
}

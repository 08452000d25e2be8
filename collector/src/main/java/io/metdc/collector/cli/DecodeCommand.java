package io.metdc.collector.cli;

import io.metdc.connectors.Connector;
import io.metdc.connectors.Connectors;
import io.metdc.connectors.InstrumentPage;
import io.metdc.connectors.Instruments;
import io.metdc.connectors.SymbolTable;
import io.metdc.connectors.UnreadableAnswer;
import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `metdc decode`.
@Command(
        name = "decode",
        description = {
            "Turns raw frames of an exchange into trades, as JSON.",
            "",
            "Standard input has one frame a line, or is what --record-frames has recorded: a file or several after"
                    + " one another. Each trade becomes a line of JSON with",
            "  line, exchange, market, symbol, trade_id, price, quantity, side, time_ns,",
            "  and where they apply \"snapshot\":true and \"flags\":[...]",
            "",
            "Price and quantity (in base units) are exact, as text; time_ns is the exchange's time in nanoseconds since"
                    + " 1970. What else was in the frames is counted on standard error."
        })
final class DecodeCommand implements Callable<Integer> {
    /// The longest list of instruments known has 10 MB.
    private static final long LARGEST_FILE = 256L << 20;

    private final Surroundings surroundings;

    @Parameters(
            index = "0",
            paramLabel = "EXCHANGE",
            completionCandidates = ReadableExchanges.class,
            description = "The exchange: ${COMPLETION-CANDIDATES}.")
    private String exchange = "";

    @Parameters(index = "1", paramLabel = "MARKET", description = "spot or futures.")
    private String market = "";

    @Option(
            names = "--instruments",
            paramLabel = "FILE",
            description = "The exchange's own list of instruments, as its REST interface answers. Then only instruments"
                    + " that are collected yield trades; without it every symbol does.")
    private @Nullable Path file;

    DecodeCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /// The exchanges whose frames it can read.
    static final class ReadableExchanges implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Connectors.all().stream()
                    .map(connector -> connector.market().exchange().id())
                    .distinct()
                    .iterator();
        }
    }

    @Override
    public Integer call() throws Exception {
        Market wanted = market();
        Connector connector = Connectors.forDecoding(wanted)
                .orElseThrow(() -> CommandException.usage(
                        wanted.exchange() + " has no " + wanted.type() + " market that is collected"));
        if (file == null && connector.needsInstruments()) {
            throw CommandException.usage("the frames of " + wanted + " count contracts or scaled numbers, which mean"
                    + " nothing by themselves: name the exchange's list of instruments with --instruments FILE");
        }
        Terminal terminal = surroundings.terminal();
        Instruments instruments =
                file == null ? SymbolTable.any(wanted) : collected(connector, surroundings.resolve(file), terminal);
        Decoding decoding = new Decoding(connector, instruments);
        try {
            if (decoding.run(terminal.in(), terminal.results())) {
                tell(decoding, terminal);
            }
        } catch (Decoding.CutOff e) {
            tell(decoding, terminal);
            throw CommandException.failed(
                    e.getMessage() + "; what came before is decoded. A metdc that was killed leaves its last"
                            + " files so: decode each of them by itself",
                    e);
        }
        return ExitCode.OK;
    }

    private static void tell(Decoding decoding, Terminal terminal) {
        terminal.err().println(decoding.counts());
        if (decoding.missing() > 0) {
            terminal.err().println("the recording says that " + decoding.missing() + " frames are missing in it");
        }
    }

    private Market market() throws CommandException {
        Exchange known = Exchange.of(exchange).orElseThrow(() -> unknown(exchange));
        MarketType type = MarketType.of(market)
                .orElseThrow(() -> CommandException.usage("'" + market + "' is no market: it is spot or futures"));
        return new Market(known, type);
    }

    private static CommandException unknown(String exchange) {
        return CommandException.usage("this version cannot read frames of '" + exchange + "'; it can those of "
                + String.join(", ", new ReadableExchanges()));
    }

    private static Instruments collected(Connector connector, Path file, Terminal terminal) throws CommandException {
        InstrumentPage page;
        try {
            if (Files.isRegularFile(file) && Files.size(file) > LARGEST_FILE) {
                throw CommandException.usage(file + " is too large for a list of instruments");
            }
            page = connector.readInstruments(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            throw CommandException.usage("there is no file " + file);
        } catch (IOException e) {
            throw CommandException.usage("cannot read " + file + ": " + e.getMessage());
        } catch (UnreadableAnswer e) {
            throw CommandException.usage(
                    file + " is no list of instruments of " + connector.market() + ": " + e.getMessage());
        }
        if (page.next() != null) {
            terminal.err().println(file + " is one page of several: symbols of the others yield nothing");
        }
        Map<String, Instrument> instruments = new LinkedHashMap<>();
        for (InstrumentPage.Listing listing : page.listings()) {
            Instrument instrument = listing.instrument();
            if (instrument != null) {
                instruments.putIfAbsent(
                        instrument.symbol(), instrument); // of a symbol listed twice the first row counts
            }
        }
        return new SymbolTable(List.copyOf(instruments.values()));
    }
}

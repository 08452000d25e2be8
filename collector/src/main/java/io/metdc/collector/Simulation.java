package io.metdc.collector;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.metdc.collector.cli.CommandException;
import io.metdc.collector.cli.ExitCode;
import io.metdc.collector.cli.SimulateOptions;
import io.metdc.collector.cli.Terminal;
import io.metdc.market.Market;
import io.metdc.simulator.Address;
import io.metdc.simulator.Announcement;
import io.metdc.simulator.Breach;
import io.metdc.simulator.Changed;
import io.metdc.simulator.Sent;
import io.metdc.simulator.SimulatedNotice;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// `metdc simulate`: the simulated exchanges as a process of their own, until it is told to end.
final class Simulation {
    private static final Duration FLUSH = Duration.ofSeconds(5);
    private static final Duration AGAIN = Duration.ofSeconds(10);

    private final SimulateOptions options;
    private final Terminal terminal;
    private volatile @Nullable Announcement announcement;
    private volatile @Nullable Instant openedAt;
    private volatile @Nullable Changes changes;

    private record Changes(Instant at, Changed done) {}

    Simulation(SimulateOptions options, Terminal terminal) {
        this.options = options;
        this.terminal = terminal;
    }

    /// Runs until an interrupt; prints at its end what was sent.
    ///
    /// @return the exit code
    int run() throws CommandException {
        SimulatorOptions.Builder wanted = SimulatorOptions.builder()
                .markets(SimulatorOptions.ALL_MARKETS.toArray(Market[]::new))
                .rate(options.rate())
                .seed(options.seed())
                .tls(options.tls())
                .instruments(options.scale().instruments())
                .connects(options.scale().connects())
                .connections(options.scale().connections())
                .restWeight(options.scale().restWeight());
        options.scale().instrumentsOf().forEach(wanted::instruments);
        if (options.closeAfter() != null) {
            wanted.closeAfter(options.closeAfter());
        }
        SimulateOptions.Listing listing = options.listing();
        if (listing != null) {
            wanted.listing(listing.coin());
        }
        Path configOut = options.configOut();
        if (options.tls() && configOut != null) { // beside the file that names it, so that it is there as long
            wanted.caFile(configOut.resolveSibling(configOut.getFileName() + ".ca.pem"));
        }
        try (Ending _ = Ending.of(Thread.currentThread(), ExitCode.OK);
                Simulator simulator = Simulator.start(wanted.build())) {
            announce(simulator);
            for (SimulateOptions.Planted planted : options.faults()) {
                inject(simulator, planted);
            }
            Thread listed = Thread.ofVirtual().name("simulated-listing").start(() -> list(simulator));
            Thread changing = Thread.ofVirtual().name("simulated-changes").start(() -> change(simulator));
            untilInterrupted(simulator);
            for (Thread acting : List.of(listed, changing)) {
                acting.interrupt();
                acting.join();
            }
            stopTrading(simulator);
            if (options.json()) {
                terminal.out().println(json(simulator));
            } else {
                print(simulator.report(), terminal.out());
                printListing(terminal.out());
                printBreaches(simulator.breaches(), terminal.out());
            }
            return ExitCode.OK;
        } catch (IOException e) {
            throw CommandException.failed("the simulated exchanges cannot be started: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            return ExitCode.OK;
        }
    }

    private void announce(Simulator simulator) throws IOException {
        PrintStream err = terminal.err();
        for (Market market : simulator.markets()) {
            Address address = simulator.address(market);
            err.printf("%-16s %s  %s%n", market, address.websocket(), address.rest());
        }
        Path configOut = options.configOut();
        if (configOut != null) {
            Files.writeString(configOut, simulator.configuration());
            err.println("metdc run --config " + configOut + " collects from here");
        }
        err.printf(Locale.ROOT, "%,d trades a second, until Ctrl-C%n", options.rate());
    }

    /// Announces the coin and opens its market, each in its time.
    private void list(Simulator simulator) {
        SimulateOptions.Listing listing = options.listing();
        if (listing == null || listing.announceAfter() == null) {
            return;
        }
        Duration openAfter = listing.openAfter();
        try {
            Thread.sleep(listing.announceAfter());
            SimulatedNotice notice = SimulatedNotice.listing(listing.coin());
            Announcement made = simulator.announce(
                    openAfter == null ? notice : notice.opening(Instant.now().plus(openAfter)), listing.coin());
            announcement = made;
            terminal.err().printf("%s is announced: %s, notice %s%n", listing.coin(), made.t0(), made.notice());
            if (openAfter != null) {
                Thread.sleep(Duration.between(Instant.now(), made.t0().plus(openAfter)));
                Instant opened = simulator.openKrw(listing.coin());
                openedAt = opened;
                terminal.err().printf("KRW-%s is open: %s%n", listing.coin(), opened);
            }
        } catch (InterruptedException e) {
            // The simulation ends before its time.
        }
    }

    /// Lets instruments come and go, in its time.
    private void change(Simulator simulator) {
        SimulateOptions.Changes asked = options.changes();
        if (asked == null) {
            return;
        }
        try {
            Thread.sleep(asked.after());
            Instant at = Instant.now();
            Changed done = simulator.change(asked.listed(), asked.delisted(), asked.renamed());
            changes = new Changes(at, done);
            terminal.err()
                    .printf(
                            "%s  %d instruments came, %d went, %d have a new name%n",
                            at,
                            done.listed().size(),
                            done.delisted().size(),
                            done.renamed().size());
        } catch (InterruptedException e) {
            // The simulation ends before its time.
        } catch (IllegalArgumentException e) {
            terminal.err().println("what trades is not changed: " + e.getMessage());
        }
    }

    private static void printBreaches(List<Breach> breaches, PrintStream out) {
        if (breaches.isEmpty()) {
            return;
        }
        out.printf(
                "%n%-24s %-16s %-22s %8s %8s %8s  %s%n",
                "limits broken", "market", "limit", "used", "allowed", "times", "consequence");
        for (Breach breach : breaches) {
            out.printf(
                    Locale.ROOT,
                    "%-24s %-16s %-22s %,8d %,8d %,8d  %s%n",
                    breach.at().truncatedTo(ChronoUnit.MILLIS),
                    breach.market(),
                    breach.limit(),
                    breach.used(),
                    breach.allowed(),
                    breach.count(),
                    breach.consequence());
        }
    }

    private void printListing(PrintStream out) {
        Announcement made = announcement;
        if (made == null) {
            return;
        }
        out.printf("%n%s  %s  notice %s%n", made.t0(), made.title(), made.notice());
        out.printf("%-16s %-16s %10s %8s %8s%n", "market", "symbol", "delay ms", "move %", "rise ms");
        for (Announcement.Planted planted : made.planted()) {
            out.printf(
                    Locale.ROOT,
                    "%-16s %-16s %,10d %8s %,8d%n",
                    planted.market(),
                    planted.symbol(),
                    planted.delay().toMillis(),
                    planted.move().movePointRight(2).toPlainString(),
                    planted.rise().toMillis());
        }
        if (openedAt != null) {
            out.println(openedAt + "  open for won");
        }
    }

    /// A client that does not read keeps what was sent to it from being final; it must not keep the report from being
    /// printed.
    private void stopTrading(Simulator simulator) throws InterruptedException {
        Thread stopping = Thread.ofVirtual().start(() -> {
            try {
                simulator.stopTrading();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        if (!stopping.join(FLUSH)) {
            terminal.err().println("a client does not take what was sent to it: the figures count what was handed out");
        }
    }

    /// What happens once happens again and again.
    private void untilInterrupted(Simulator simulator) {
        try {
            while (true) {
                Thread.sleep(AGAIN);
                for (SimulateOptions.Planted planted : options.faults()) {
                    if (!planted.fault().isLasting()) {
                        inject(simulator, planted);
                    }
                }
            }
        } catch (InterruptedException e) {
            // The only way in which this ends.
        }
    }

    private static void inject(Simulator simulator, SimulateOptions.Planted planted) {
        Market market = planted.market();
        if (market == null) {
            simulator.inject(planted.fault());
        } else {
            simulator.inject(planted.fault(), market);
        }
    }

    private static void print(List<Sent> report, PrintStream out) {
        out.printf("%-16s %-16s %12s %12s %9s%n", "market", "symbol", "sent", "distinct", "consumed");
        for (Sent sent : report) {
            for (Sent.OfInstrument instrument : sent.instruments()) {
                if (instrument.rows() + instrument.consumed() > 0) {
                    out.printf(
                            Locale.ROOT,
                            "%-16s %-16s %,12d %,12d %,9d%n",
                            sent.market(),
                            instrument.symbol(),
                            instrument.rows(),
                            instrument.distinct(),
                            instrument.consumed());
                }
            }
            out.printf(
                    Locale.ROOT,
                    "%-16s %-16s %,12d %,12d %,9d%n",
                    sent.market(),
                    "all",
                    sent.rows(),
                    sent.distinct(),
                    sent.consumed());
        }
    }

    private String json(Simulator simulator) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            List<Sent> report = simulator.report();
            json.writeStartObject();
            json.writeArrayFieldStart("instruments");
            for (Sent sent : report) {
                for (Sent.OfInstrument instrument : sent.instruments()) {
                    json.writeStartObject();
                    writeMarket(json, sent.market());
                    json.writeStringField("symbol", instrument.symbol());
                    json.writeNumberField("sent", instrument.rows());
                    json.writeNumberField("distinct", instrument.distinct());
                    json.writeNumberField("consumed", instrument.consumed());
                    json.writeEndObject();
                }
            }
            json.writeEndArray();
            writeInterruptions(json, simulator);
            writeBreaches(json, simulator.breaches());
            writeConnections(json, report);
            writeChanges(json);
            writeListing(json);
            json.writeEndObject();
        }
        return text.toString();
    }

    private static void writeMarket(JsonGenerator json, Market market) throws IOException {
        json.writeStringField("exchange", market.exchange().id());
        json.writeStringField("market", market.type().id());
    }

    /// Stretches of trades that were sent to nobody, though some before and some behind were.
    private static void writeInterruptions(JsonGenerator json, Simulator simulator) throws IOException {
        json.writeArrayFieldStart("interruptions");
        for (Market market : simulator.markets()) {
            for (Sent.Interruption interruption : simulator.interruptions(market)) {
                json.writeStartObject();
                writeMarket(json, market);
                json.writeStringField("symbol", interruption.symbol());
                json.writeNumberField("from_ms", interruption.from().toEpochMilli());
                json.writeNumberField("to_ms", interruption.to().toEpochMilli());
                json.writeNumberField("trades", interruption.trades());
                json.writeEndObject();
            }
        }
        json.writeEndArray();
    }

    private static void writeBreaches(JsonGenerator json, List<Breach> breaches) throws IOException {
        json.writeArrayFieldStart("breaches");
        for (Breach breach : breaches) {
            json.writeStartObject();
            json.writeNumberField("at_ms", breach.at().toEpochMilli());
            writeMarket(json, breach.market());
            json.writeStringField("limit", breach.limit().id());
            json.writeNumberField("used", breach.used());
            json.writeNumberField("allowed", breach.allowed());
            json.writeNumberField("count", breach.count());
            json.writeStringField("consequence", breach.consequence());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void writeConnections(JsonGenerator json, List<Sent> report) throws IOException {
        json.writeArrayFieldStart("connections");
        for (Sent sent : report) {
            for (Sent.OfConnection connection : sent.connections()) {
                json.writeStartObject();
                writeMarket(json, sent.market());
                json.writeNumberField("number", connection.number());
                json.writeNumberField("opened_ms", connection.opened().toEpochMilli());
                Instant closed = connection.closed();
                if (closed == null) {
                    json.writeNullField("closed_ms");
                } else {
                    json.writeNumberField("closed_ms", closed.toEpochMilli());
                }
                json.writeStringField("cause", connection.cause());
                json.writeNumberField("sent", connection.rows());
                json.writeNumberField("consumed", connection.consumed());
                json.writeArrayFieldStart("requests");
                for (Sent.Request request : connection.requests()) {
                    json.writeStartObject();
                    json.writeNumberField("at_ms", request.at().toEpochMilli());
                    json.writeStringField("verb", request.verb().name().toLowerCase(Locale.ROOT));
                    writeTexts(json, "symbols", request.symbols());
                    writeTexts(json, "refused", request.refused());
                    json.writeEndObject();
                }
                json.writeEndArray();
                json.writeEndObject();
            }
        }
        json.writeEndArray();
    }

    private static void writeTexts(JsonGenerator json, String name, List<String> texts) throws IOException {
        json.writeArrayFieldStart(name);
        for (String text : texts) {
            json.writeString(text);
        }
        json.writeEndArray();
    }

    private void writeChanges(JsonGenerator json) throws IOException {
        Changes made = changes;
        if (made == null) {
            return;
        }
        json.writeObjectFieldStart("changes");
        json.writeNumberField("at_ms", made.at().toEpochMilli());
        writeTraded(json, "listed", made.done().listed());
        writeTraded(json, "delisted", made.done().delisted());
        json.writeArrayFieldStart("renamed");
        for (Changed.Renamed renamed : made.done().renamed()) {
            json.writeStartObject();
            writeMarket(json, renamed.market());
            json.writeStringField("before", renamed.before());
            json.writeStringField("symbol", renamed.symbol());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void writeTraded(JsonGenerator json, String name, List<Changed.Traded> all) throws IOException {
        json.writeArrayFieldStart(name);
        for (Changed.Traded traded : all) {
            json.writeStartObject();
            writeMarket(json, traded.market());
            json.writeStringField("symbol", traded.symbol());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void writeListing(JsonGenerator json) throws IOException {
        Announcement made = announcement;
        if (made == null) {
            return;
        }
        json.writeObjectFieldStart("listing");
        json.writeStringField("notice", made.notice());
        json.writeStringField("title", made.title());
        json.writeNumberField("t0_ms", made.t0().toEpochMilli());
        Instant opened = openedAt;
        if (opened == null) {
            json.writeNullField("opened_ms");
        } else {
            json.writeNumberField("opened_ms", opened.toEpochMilli());
        }
        json.writeArrayFieldStart("planted");
        for (Announcement.Planted planted : made.planted()) {
            json.writeStartObject();
            json.writeStringField("exchange", planted.market().exchange().id());
            json.writeStringField("market", planted.market().type().id());
            json.writeStringField("symbol", planted.symbol());
            json.writeNumberField("delay_ms", planted.delay().toMillis());
            json.writeNumberField("move_percent", planted.move().movePointRight(2));
            json.writeNumberField("rise_ms", planted.rise().toMillis());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }
}

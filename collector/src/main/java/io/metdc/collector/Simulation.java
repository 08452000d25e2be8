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
                .tls(options.tls());
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
            untilInterrupted(simulator);
            listed.interrupt();
            listed.join();
            stopTrading(simulator);
            if (options.json()) {
                terminal.out().println(json(simulator.report()));
            } else {
                print(simulator.report(), terminal.out());
                printListing(terminal.out());
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

    private String json(List<Sent> report) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.writeStartObject();
            json.writeArrayFieldStart("instruments");
            for (Sent sent : report) {
                for (Sent.OfInstrument instrument : sent.instruments()) {
                    json.writeStartObject();
                    json.writeStringField("exchange", sent.market().exchange().id());
                    json.writeStringField("market", sent.market().type().id());
                    json.writeStringField("symbol", instrument.symbol());
                    json.writeNumberField("sent", instrument.rows());
                    json.writeNumberField("distinct", instrument.distinct());
                    json.writeNumberField("consumed", instrument.consumed());
                    json.writeEndObject();
                }
            }
            json.writeEndArray();
            writeListing(json);
            json.writeEndObject();
        }
        return text.toString();
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

package io.metdc.simulator;

import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Simulated exchanges, running on loopback from [#start(SimulatorOptions)] to [#close()].
///
/// Trades are made at the set rate whether anyone listens or not, and are sent to whoever subscribed them. Every
/// method may be called from any thread.
public final class Simulator implements AutoCloseable {
    /// What can be simulated: both markets of each exchange, and Upbit's one.
    static final List<Market> MARKETS = Stream.of(Exchange.values())
            .flatMap(exchange -> Stream.of(MarketType.values()).map(type -> new Market(exchange, type)))
            .filter(market -> !market.equals(new Market(Exchange.UPBIT, MarketType.FUTURES)))
            .toList();

    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final int TICKS_PER_CHECK = 4;
    /// How long the clients have to take what was handed out when trading stops.
    private static final Duration FLUSH = Duration.ofSeconds(30);

    private final Map<Market, Venue> venues;
    private final @Nullable Path temporaryCaFile;
    private final Thread timer;
    private volatile boolean trading = true;
    private volatile boolean closed;
    /// Guarded by this.
    private long ticks;

    /// Starts servers and tape.
    ///
    /// @throws IOException when a port is taken or the certificate cannot be written
    public static Simulator start(SimulatorOptions options) throws IOException {
        Path temporary = null;
        Venue.Tls tls = null;
        if (options.tls()) {
            Path caFile = options.caFile();
            if (caFile == null) {
                temporary = Files.createTempFile("metdc-simulator-ca-", ".pem");
                caFile = temporary;
            }
            tls = new Venue.Tls(Certificates.serverContext(caFile, options.clock()), caFile);
        }
        Map<Market, Venue> venues = new LinkedHashMap<>();
        try {
            for (Market market : options.markets()) {
                int port = options.firstPort() == 0 ? 0 : options.firstPort() + 2 * venues.size();
                double rate = (double) options.rate() / options.markets().size();
                venues.put(market, venue(protocol(market, options), options, rate, port, tls));
            }
        } catch (IOException | RuntimeException e) {
            for (Venue venue : venues.values()) {
                venue.close();
            }
            if (temporary != null) {
                Files.deleteIfExists(temporary);
            }
            throw e;
        }
        return new Simulator(venues, temporary);
    }

    private static Venue venue(
            Protocol protocol, SimulatorOptions options, double rate, int port, Venue.@Nullable Tls tls)
            throws IOException {
        try {
            return new Venue(protocol, options, rate, port, tls);
        } catch (BindException e) {
            String ports = port == 0 ? "no free port" : "port " + port + " or " + (port + 1) + " is taken";
            BindException named = new BindException(protocol.market() + " cannot be simulated on 127.0.0.1: " + ports);
            named.initCause(e);
            throw named;
        }
    }

    private static Protocol protocol(Market market, SimulatorOptions options) {
        if (!MARKETS.contains(market)) {
            throw new IllegalArgumentException(market + " is not simulated");
        }
        return switch (market.exchange()) {
            case BINANCE -> new Binance(market.type(), options);
            case BYBIT -> new Bybit(market.type(), options);
            case OKX -> new Okx(market.type(), options);
            case GATE -> new Gate(market.type(), options);
            case UPBIT -> new Upbit(options);
            case KUCOIN -> new Kucoin(market.type(), options);
            case PHEMEX -> new Phemex(market.type(), options);
        };
    }

    private Simulator(Map<Market, Venue> venues, @Nullable Path temporaryCaFile) {
        this.venues = venues;
        this.temporaryCaFile = temporaryCaFile;
        venues.values().forEach(Venue::trade); // REST has the past from the first request on
        venues.values().forEach(Venue::start);
        timer = Thread.ofPlatform().daemon().name("simulator-tape").start(this::run);
    }

    private void run() {
        long next = System.nanoTime();
        for (int tick = 0; !closed; tick++) {
            for (Venue venue : venues.values()) {
                if (trading) {
                    venue.trade();
                }
                if (tick % TICKS_PER_CHECK == 0) {
                    venue.check();
                }
            }
            synchronized (this) {
                ticks++;
                notifyAll();
            }
            next = Math.max(next + TICK_NANOS, System.nanoTime() - TICK_NANOS);
            LockSupport.parkNanos(next - System.nanoTime());
        }
    }

    /// In the order in which they were asked for.
    public List<Market> markets() {
        return List.copyOf(venues.keySet());
    }

    /// Where a market is reached.
    ///
    /// @throws IllegalArgumentException when this market is not simulated
    public Address address(Market market) {
        return venue(market).address();
    }

    /// A configuration (YAML) that points `metdc run` here: the addresses of the simulated exchanges and nothing
    /// else.
    public String configuration() {
        StringBuilder yaml = new StringBuilder("exchanges:\n");
        for (Exchange exchange : Exchange.values()) {
            if (exchange == Exchange.UPBIT) {
                continue;
            }
            boolean simulated = venues.keySet().stream().anyMatch(market -> market.exchange() == exchange);
            yaml.append("  ")
                    .append(exchange)
                    .append(":\n    enabled: ")
                    .append(simulated)
                    .append('\n');
            for (MarketType type : MarketType.values()) {
                if (simulated) {
                    yaml.append("    ").append(type).append(":\n");
                    append(yaml, "      ", venues.get(new Market(exchange, type)));
                }
            }
        }
        yaml.append("upbit:\n");
        append(yaml, "  ", venues.get(new Market(Exchange.UPBIT, MarketType.SPOT)));
        return yaml.toString();
    }

    private static void append(StringBuilder yaml, String indent, @Nullable Venue venue) {
        yaml.append(indent).append("enabled: ").append(venue != null).append('\n');
        if (venue == null) {
            return;
        }
        Address address = venue.address();
        if (venue.isAddressKnown()) {
            yaml.append(indent)
                    .append("websocket_url: \"")
                    .append(address.websocket())
                    .append("\"\n");
        }
        yaml.append(indent).append("rest_url: \"").append(address.rest()).append("\"\n");
        address.caFile()
                .ifPresent(file -> yaml.append(indent)
                        .append("ca_file: \"")
                        .append(file.toAbsolutePath()
                                .toString()
                                .replace("\\", "\\\\")
                                .replace("\"", "\\\""))
                        .append("\"\n"));
    }

    /// Ends the tape and waits until every subscriber was sent all of it; connections stay open and REST goes on.
    ///
    /// @return false when a subscriber did not take everything within 30 seconds: what was sent may still grow
    /// @throws InterruptedException when interrupted while waiting
    public boolean stopTrading() throws InterruptedException {
        synchronized (this) {
            trading = false;
            long seen = ticks; // the tick that is under way may still make trades
            while (ticks == seen && timer.isAlive()) {
                wait(100);
            }
        }
        boolean flushed = true;
        for (Venue venue : venues.values()) {
            flushed &= venue.flushed(FLUSH);
        }
        return flushed;
    }

    /// Lets a fault happen on every market.
    public void inject(Fault fault) {
        venues.values().forEach(venue -> venue.inject(fault));
    }

    /// Lets a fault happen on one market.
    public void inject(Fault fault, Market market) {
        venue(market).inject(fault);
    }

    /// Ends a lasting fault everywhere; nothing happens where it does not hold.
    public void clear(Fault fault) {
        venues.values().forEach(venue -> venue.clear(fault));
    }

    /// Ends a lasting fault on one market.
    public void clear(Fault fault, Market market) {
        venue(market).clear(fault);
    }

    /// What this market sent so far.
    public Sent report(Market market) {
        return venue(market).report();
    }

    /// What every market sent so far.
    public List<Sent> report() {
        return venues.values().stream().map(Venue::report).toList();
    }

    /// The public trades of an instrument that were written to at least one socket, in the order of their numbers,
    /// as far as they are remembered. Lazy.
    ///
    /// @throws IllegalArgumentException when the market has no such symbol
    public Stream<Sent.Trade> trades(Market market, String symbol) {
        return venue(market).trades(symbol);
    }

    private Venue venue(Market market) {
        Venue venue = venues.get(market);
        if (venue == null) {
            throw new IllegalArgumentException(market + " is not among the simulated markets "
                    + Arrays.toString(venues.keySet().toArray()));
        }
        return venue;
    }

    /// Closes every connection and server, and ends the threads.
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(timer);
        try {
            timer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            for (Venue venue : venues.values()) {
                venue.close();
            }
            if (temporaryCaFile != null) {
                Files.deleteIfExists(temporaryCaFile);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

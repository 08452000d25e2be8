package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import io.metdc.market.Nanos;
import io.metdc.market.RejectReason;
import io.metdc.market.Rejected;
import io.metdc.market.Row;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import io.metdc.simulator.Address;
import io.metdc.simulator.Fault;
import io.metdc.simulator.Sent;
import io.metdc.simulator.Simulator;
import io.metdc.simulator.SimulatorOptions;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A simulated exchange and the connector that is tried on it. Each case has one of its own.
final class Stage implements AutoCloseable {
    /// For what surely comes: many cases share the processors.
    static final Duration PATIENCE = Duration.ofSeconds(30);

    final Connector connector;
    private final List<Link> links = new ArrayList<>();
    private UnaryOperator<SimulatorOptions.Builder> wanted = builder -> builder;
    private @Nullable Simulator simulator;
    private @Nullable RestClient rest;
    private @Nullable List<Instrument> instruments;

    /// @param connector as it is; its waiting times are cut short where a test would have to wait for them
    Stage(Connector connector) {
        this.connector = connector;
    }

    /// Other options than 300 prints a second of six instruments.
    void options(UnaryOperator<SimulatorOptions.Builder> more) {
        wanted = more;
    }

    Simulator simulator() throws Exception {
        if (simulator == null) {
            SimulatorOptions.Builder builder = SimulatorOptions.builder()
                    .markets(connector.market())
                    .rate(300)
                    .instruments(6)
                    .past(Duration.ofSeconds(2));
            simulator = Simulator.start(wanted.apply(builder).build());
        }
        return simulator;
    }

    Address address() throws Exception {
        return simulator().address(connector.market());
    }

    void inject(Fault fault) throws Exception {
        simulator().inject(fault, connector.market());
    }

    void clear(Fault fault) throws Exception {
        simulator().clear(fault, connector.market());
    }

    RestClient rest() throws Exception {
        if (rest == null) {
            rest = new RestClient(connector, address().rest(), network(), InstantSource.system());
        }
        return rest;
    }

    private Network network() throws Exception {
        return Network.DEFAULT.withCaFile(address().caFile().orElse(null));
    }

    /// What is collected of the list, the most popular first.
    List<Instrument> instruments() throws Exception {
        if (instruments == null) {
            Map<String, Instrument> listed = new HashMap<>();
            for (InstrumentPage.Listing listing : rest().instruments()) {
                if (listing.instrument() != null) {
                    listed.put(listing.symbol(), listing.instrument());
                }
            }
            instruments = symbols().map(listed::get).filter(Objects::nonNull).toList();
        }
        return instruments;
    }

    /// What trades, the most popular first.
    Stream<String> symbols() throws Exception {
        return simulator().report(connector.market()).instruments().stream().map(Sent.OfInstrument::symbol);
    }

    /// The instrument that faults of single instruments befall.
    Instrument victim() throws Exception {
        return instruments().get(1);
    }

    List<Instrument> others() throws Exception {
        List<Instrument> others = new ArrayList<>(instruments());
        others.remove(1);
        return others;
    }

    /// An instrument that the exchange does not know, spelled as it spells them.
    Instrument unknown() throws Exception {
        Instrument known = instruments().get(1);
        String symbol = known.symbol().replace(known.base(), "NOSUCH");
        return Instrument.of(connector.market(), symbol, "NOSUCH", known.quote());
    }

    Link open() throws Exception {
        return open(List.of());
    }

    /// Connects.
    ///
    /// @param more what its symbols mean beside those of the list
    Link open(List<Instrument> more) throws Exception {
        List<Instrument> known = new ArrayList<>(instruments());
        known.addAll(more);
        String name = connector.market() + "-" + (links.size() + 1);
        URI address = address().websocket();
        Link link = new Link();
        link.session = Session.open(
                name,
                connector,
                connector.endpoint(connector.defaultWebsocketUrl() == null ? null : address, name, rest().ticket()),
                network(),
                new SymbolTable(known),
                link,
                InstantSource.system(),
                null);
        links.add(link);
        return link;
    }

    /// Connects, subscribes everything and waits for trades.
    Link live() throws Exception {
        Link link = open();
        link.subscribe(instruments());
        link.awaitMore(20);
        return link;
    }

    /// Ends the tape and waits until this connection has everything that was sent on it.
    void settle(Link link) throws Exception {
        assertThat(simulator().stopTrading()).isTrue();
        Sent sent = simulator().report(connector.market());
        long rows = sent.connections().stream()
                .filter(connection -> connection.closed() == null)
                .mapToLong(connection -> connection.rows() + connection.consumed())
                .max()
                .orElse(0);
        await().atMost(PATIENCE).until(() -> link.rows().size() >= rows);
    }

    /// What is a trade's own, by whatever way it comes.
    record Print(String symbol, String id, BigDecimal price, BigDecimal size, TakerSide side, long executedAtNanos) {
        static Print of(Trade trade) {
            return new Print(
                    trade.instrument().symbol(),
                    trade.id().toString(),
                    trade.price().stripTrailingZeros(),
                    trade.size().stripTrailingZeros(),
                    trade.takerSide(),
                    trade.executedAtNanos());
        }

        static Print of(String symbol, Sent.Trade trade) {
            return new Print(
                    symbol,
                    trade.id().toString(),
                    trade.price().stripTrailingZeros(),
                    trade.size().stripTrailingZeros(),
                    trade.takerSide(),
                    trade.executedAtNanos());
        }

        Instant executedAt() {
            return Nanos.instant(executedAtNanos);
        }
    }

    /// Every trade that was written to a socket.
    Set<Print> sent() throws Exception {
        Set<Print> sent = new HashSet<>();
        for (String symbol : symbols().toList()) {
            simulator().trades(connector.market(), symbol).forEach(trade -> sent.add(Print.of(symbol, trade)));
        }
        return sent;
    }

    /// Holds what came against what was sent: exactly that, each trade unchanged. Groups of trades that the edge of a
    /// snapshot cuts are rejected, and counted.
    void isExactlyWhatWasSent(Link... all) throws Exception {
        Set<Print> never = sent();
        never.removeAll(isNothingButWhatWasSent(all));
        long cut = Stream.of(all)
                .mapToLong(link -> link.rejected(RejectReason.CUT_GROUP))
                .sum();
        assertThat(never).as("never came").hasSizeLessThanOrEqualTo((int) cut);
    }

    /// Holds what came against what was sent: nothing else, each trade unchanged.
    Set<Print> isNothingButWhatWasSent(Link... all) throws Exception {
        Set<Print> came = new HashSet<>();
        for (Link link : all) {
            link.trades().forEach(trade -> came.add(Print.of(trade)));
        }
        assertThat(came).isNotEmpty().isSubsetOf(sent());
        return came;
    }

    @Override
    public void close() {
        links.forEach(link -> link.session().close());
        if (rest != null) {
            rest.close();
        }
        if (simulator != null) {
            simulator.close();
        }
    }

    /// One connection and what came on it.
    static final class Link implements Sink {
        private final List<Row> rows = new ArrayList<>(); // guarded by itself
        private @Nullable Session session;

        @Override
        public void accept(Row row) {
            synchronized (rows) {
                rows.add(row);
            }
        }

        Session session() {
            return Objects.requireNonNull(session);
        }

        Subscribed subscribe(List<Instrument> asked) throws Exception {
            return session().subscribe(asked);
        }

        List<Row> rows() {
            synchronized (rows) {
                return List.copyOf(rows);
            }
        }

        List<Trade> trades() {
            return rows().stream()
                    .filter(Trade.class::isInstance)
                    .map(Trade.class::cast)
                    .toList();
        }

        List<Trade> trades(Instrument of) {
            return trades().stream()
                    .filter(trade -> trade.instrument().equals(of))
                    .toList();
        }

        long rejected(RejectReason reason) {
            return rows().stream()
                    .filter(row -> row instanceof Rejected rejected && rejected.reason() == reason)
                    .count();
        }

        long rejected() {
            return session().counts().rejected();
        }

        /// Waits for so many more trades than there are.
        void awaitMore(int count) {
            long there = session().counts().trades();
            await().atMost(PATIENCE).until(() -> session().counts().trades() >= there + count);
        }

        void awaitMore(Instrument of) {
            int there = trades(of).size();
            await().atMost(PATIENCE).until(() -> trades(of).size() > there);
        }

        /// Whether the newest trade of this instrument is younger than this.
        boolean isUpToDate(Instrument of, Duration age) {
            List<Trade> there = trades(of);
            return !there.isEmpty()
                    && Duration.between(there.getLast().executedAt(), Instant.now())
                                    .compareTo(age)
                            < 0;
        }

        /// Waits for the end of the connection.
        Failure end() throws Exception {
            long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
            while (System.nanoTime() < deadline) {
                try {
                    session().next(Duration.ofMillis(100));
                } catch (FeedException e) {
                    return e.failure();
                }
            }
            throw new AssertionError("the connection has not ended");
        }
    }
}

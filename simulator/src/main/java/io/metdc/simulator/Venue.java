package io.metdc.simulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.metdc.market.Market;
import io.metdc.market.Nanos;
import io.metdc.market.TakerSide;
import io.metdc.market.TradeId;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// One simulated market: its tape, its two servers, its connections, the faults that hold.
final class Venue implements AutoCloseable {
    private static final int ENDED_KEPT = 1_000;
    private static final String CLOSED = "the simulator was closed";
    private static final int MAX_CONNECTIONS = 2_000;
    private static final long FLOOD_BYTES = 20L << 20;
    private static final int NESTING = 100_000;
    /// How many instruments a market lists in its life.
    private static final int MAX_PLACES = 2 * SimulatorOptions.MAX_INSTRUMENTS;
    private static final String RETRY_AFTER = "Retry-After";
    private static final Set<Fault> REFUSALS = Collections.unmodifiableSet(
            EnumSet.of(Fault.REST_429, Fault.REST_418, Fault.REST_451, Fault.REST_403, Fault.REST_503));
    private static final Map<Fault, Refusal> HANDSHAKES = handshakes();

    private final Protocol protocol;
    private final Protocol.Rules rules;
    private final InstantSource clock;
    private final Breaches breaches;
    private final Tape tape;
    private final WebSocketServer sockets;
    private final RestServer rest;
    private final Address address;

    private final ConcurrentSkipListMap<Long, Connection> connections = new ConcurrentSkipListMap<>();
    private final ConcurrentSkipListMap<Long, Sent.OfConnection> ended = new ConcurrentSkipListMap<>();
    private volatile boolean closed;
    private volatile Set<Fault> faults = Set.of();
    private final long coins;
    private final AtomicBoolean implausibleOwed = new AtomicBoolean();
    private final AtomicLong knocks = new AtomicLong();

    Venue(Protocol protocol, SimulatorOptions options, double rate, int firstPort, @Nullable Tls tls, Breaches breaches)
            throws IOException {
        this.protocol = protocol;
        this.breaches = breaches;
        clock = options.clock();
        rules = protocol.rules().with(options);
        long seed = SplitMix.seed(options.seed(), protocol.market().toString());
        long start = Nanos.of(clock.instant().minus(options.past()));
        tape = new Tape(
                protocol.listings(),
                seed,
                protocol.consumes(),
                rate,
                start,
                options.history(),
                Set.copyOf(options.listing()),
                protocol.later());
        coins = options.seed();
        SSLContext context = tls == null ? null : tls.context();
        sockets = new WebSocketServer(this, options, firstPort, context);
        try {
            rest = new RestServer(this, firstPort == 0 ? 0 : firstPort + 1, context);
        } catch (IOException e) {
            sockets.close();
            throw e;
        }
        String letter = tls == null ? "" : "s";
        address = new Address(
                protocol.market(),
                protocol.websocketUrl("ws" + letter + "://127.0.0.1:" + sockets.port()),
                URI.create("http" + letter + "://127.0.0.1:" + rest.port() + protocol.restPath()),
                Optional.ofNullable(tls).map(Tls::caFile));
    }

    /// What a server needs to speak TLS, and a client to trust it.
    record Tls(SSLContext context, Path caFile) {}

    void start() {
        sockets.start();
        rest.start();
    }

    @Override
    public void close() throws IOException {
        closed = true;
        sockets.close();
        connections.values().forEach(connection -> connection.end(CLOSED));
        rest.close();
    }

    // ---- the timer's thread

    /// Makes and hands out what is due.
    void trade() {
        tape.advance(nowNanos(), this::publish);
    }

    void check() {
        protocol.check(nowNanos());
        connections.values().forEach(Connection::check);
    }

    private void publish(Batch batch) {
        for (int i = 0; i < batch.size(); i++) {
            Feed feed = tape.feeds().get(batch.listing(i));
            boolean withheld = feed.holesOwed.get() > 0;
            if (withheld || implausibleOwed.get()) {
                Chunk chunk = feed.chunk(batch.index(i));
                int at = Feed.at(batch.index(i));
                if (chunk != null && chunk.kind(at).isPublic()) {
                    if (withheld) {
                        feed.holesOwed.decrementAndGet();
                        chunk.withhold(at);
                    } else if (implausibleOwed.compareAndSet(true, false)) {
                        chunk.spoil(at);
                    }
                }
            }
        }
        for (Connection connection : connections.values()) {
            connection.offer(batch);
        }
    }

    // ---- any thread

    Market market() {
        return protocol.market();
    }

    boolean isAddressKnown() {
        return protocol.isAddressKnown();
    }

    Address address() {
        return address;
    }

    Tape tape() {
        return tape;
    }

    Protocol protocol() {
        return protocol;
    }

    Protocol.Rules rules() {
        return rules;
    }

    InstantSource clock() {
        return clock;
    }

    long nowNanos() {
        return Nanos.of(clock.instant());
    }

    /// How many handshakes and requests there were, refused ones too.
    long knocks() {
        return knocks.get();
    }

    Visit open(Handshake handshake) throws Refusal {
        knocks.incrementAndGet();
        Door.Answer answer = protocol.door().enter(market(), handshake.address(), nowNanos());
        return switch (answer) {
            case Door.Pass pass -> {
                try {
                    yield new Visit(session(handshake), pass);
                } catch (Refusal e) {
                    pass.close();
                    throw e;
                }
            }
            case Door.Turned turned -> {
                Session told = protocol.turnAway(handshake, tape, turned.limit());
                if (told == null) {
                    throw turned.refusal();
                }
                yield new Visit(told, null);
            }
        };
    }

    private Session session(Handshake handshake) throws Refusal {
        for (Map.Entry<Fault, Refusal> refused : HANDSHAKES.entrySet()) {
            if (holds(refused.getKey())) {
                Refusal said = refused.getValue();
                throw holds(Fault.NO_RETRY_AFTER)
                        ? new Refusal(said.status(), String.valueOf(said.getMessage()))
                        : said;
            }
        }
        if (holds(Fault.EXPIRED_TOKEN)) {
            protocol.expireTokens();
        }
        return protocol.open(handshake, tape);
    }

    /// Enters that a client did not hold to a limit.
    void breached(Limit limit, long used, long allowed, String consequence) {
        breaches.enter(market(), limit, used, allowed, consequence, nowNanos());
    }

    HttpAnswer answer(HttpRequest request) {
        knocks.incrementAndGet();
        Set<Fault> holding = faults;
        for (Fault fault : holding) {
            if (REFUSALS.contains(fault) && !protocol.isElsewhere(request)) {
                HttpAnswer refusal = protocol.refusal(fault, request.nowNanos());
                return holding.contains(Fault.NO_RETRY_AFTER) ? refusal.without(RETRY_AFTER) : refusal;
            }
        }
        if (protocol.isList(request)) {
            if (holding.contains(Fault.LIST_HTML)) {
                return HttpAnswer.html(200, "Just a moment...");
            }
            if (holding.contains(Fault.LIST_ERROR)) {
                return protocol.failure(request.nowNanos());
            }
        }
        return protocol.answer(request, tape, holding);
    }

    private String symbol(int listing) {
        return tape.feeds().get(listing).listing.symbol();
    }

    /// The instrument that faults of single instruments befall: the second most popular one.
    private int victim() {
        return Math.min(1, tape.feeds().size() - 1);
    }

    private static Map<Fault, Refusal> handshakes() {
        Map<String, String> later = Map.of(RETRY_AFTER, Long.toString(Fault.RETRY_AFTER.toSeconds()));
        Map<Fault, Refusal> handshakes = new EnumMap<>(Fault.class);
        handshakes.put(Fault.HANDSHAKE_429, new Refusal(429, "Too Many Requests", later));
        handshakes.put(Fault.HANDSHAKE_418, new Refusal(418, "I'm a teapot", later));
        handshakes.put(Fault.HANDSHAKE_403, new Refusal(403, "Forbidden"));
        handshakes.put(Fault.HANDSHAKE_451, new Refusal(451, "Unavailable For Legal Reasons"));
        return handshakes;
    }

    /// Takes a connection in.
    ///
    /// @return false when there are too many, or the market is closed
    boolean opened(Connection connection) {
        if (connections.size() >= MAX_CONNECTIONS) {
            return false;
        }
        connections.put(connection.number, connection);
        if (closed) {
            connection.end(CLOSED);
        }
        return !closed;
    }

    void ended(Connection connection) {
        ended.put(connection.number, connection.report());
        connections.remove(connection.number);
        while (ended.size() > ENDED_KEPT) {
            ended.pollFirstEntry();
        }
    }

    /// Both threads of a connection are done: what it says of itself is final.
    void settled(Connection connection) {
        ended.replace(connection.number, connection.report());
    }

    /// Waits until everything that was handed out is written.
    ///
    /// @return false when a client did not take it in time
    boolean flushed(Duration atMost) throws InterruptedException {
        List<Connection> open = List.copyOf(connections.values());
        CountDownLatch reached = new CountDownLatch(open.size());
        open.forEach(connection -> connection.offer(new Outgoing.Barrier(reached)));
        return reached.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }

    boolean holds(Fault fault) {
        return faults.contains(fault);
    }

    synchronized void clear(Fault fault) {
        EnumSet<Fault> left = faults.isEmpty() ? EnumSet.noneOf(Fault.class) : EnumSet.copyOf(faults);
        left.remove(fault);
        faults = Collections.unmodifiableSet(left);
    }

    private synchronized void hold(Fault fault) {
        EnumSet<Fault> more = EnumSet.of(fault);
        more.addAll(faults);
        faults = Collections.unmodifiableSet(more);
    }

    void inject(Fault fault) {
        switch (fault) {
            case CUT -> connections.values().forEach(connection -> connection.reset("cut"));
            case CLOSE -> closeAll(Connection.CLOSE_GOING_AWAY, "");
            case CLOSE_1008 -> closeAll(Connection.CLOSE_POLICY, "Policy violation");
            case CLOSE_1011 -> closeAll(1011, "Internal error");
            case CLOSE_1012 -> closeAll(1012, "Service restart");
            case SHUTDOWN_NOTICE -> connections.values().forEach(Connection::announceEnd);
            case HALF_OPEN -> connections.values().forEach(Connection::freeze);
            case MUTE_SYMBOL -> connections.values().forEach(connection -> connection.mute(victim(), symbol(victim())));
            case REFUSED_SYMBOL -> protocol.catalogue().withdraw(symbol(victim()));
            case DELISTED -> end(victim());
            case TRUNCATED_FRAME -> {
                String example = protocol.exampleFrame();
                toAll(FrameBuffer.TEXT, utf8(example.substring(0, example.length() / 2)));
            }
            case BINARY_FRAME -> {
                byte[] noise = new byte[200];
                Arrays.fill(noise, (byte) 0xC3);
                toAll(FrameBuffer.BINARY, noise);
            }
            case HTML_FRAME ->
                toAll(FrameBuffer.TEXT, utf8(HttpAnswer.html(502, "Bad Gateway").body()));
            case HUGE_FRAME -> toAll(FrameBuffer.TEXT, utf8("{\"text\":\"" + "x".repeat((1 << 20) - 11) + "\"}"));
            case NESTED_FRAME -> toAll(FrameBuffer.TEXT, utf8("[".repeat(NESTING) + "]".repeat(NESTING)));
            case HOLE -> tape.feeds().forEach(feed -> feed.holesOwed.set(Fault.HOLE_LENGTH));
            case UNUSED_NUMBER -> {
                switch (market().exchange()) {
                    case BINANCE, OKX, GATE -> tape.feeds().forEach(feed -> feed.unusedOwed.set(1));
                    case BYBIT, KUCOIN, PHEMEX, UPBIT -> {}
                }
            }
            case IMPLAUSIBLE_ROW -> implausibleOwed.set(true);
            case FLOOD -> connections.values().forEach(connection -> connection.offer(new Outgoing.Flood(FLOOD_BYTES)));
            case MUTE,
                    MUTE_SINGLE_TRADES,
                    STOP_ACCEPTING,
                    NO_ACKNOWLEDGEMENT,
                    EXPIRED_TOKEN,
                    DUPLICATE,
                    REORDER,
                    SLOW,
                    OBJECT_ARRAY_SWAP,
                    WRONG_UNIT,
                    HANDSHAKE_429,
                    HANDSHAKE_418,
                    HANDSHAKE_403,
                    HANDSHAKE_451,
                    NO_RETRY_AFTER,
                    REST_429,
                    REST_418,
                    REST_451,
                    REST_403,
                    REST_503,
                    REST_EMPTY,
                    REST_HALF,
                    LIST_EMPTY,
                    LIST_SHORT,
                    LIST_HTML,
                    LIST_ERROR,
                    MARKET_LIST_SHORT,
                    NOTICES_HTML,
                    NOTICES_ERROR,
                    NOTICES_403,
                    NOTICES_429,
                    NOTICES_503,
                    NOTICES_GONE,
                    NOTICES_STALE,
                    NOTICES_UNSORTED -> hold(fault);
        }
    }

    /// Resets one connection.
    ///
    /// @return false when it is open no more
    boolean cut(long number) {
        Connection connection = connections.get(number);
        if (connection == null) {
            return false;
        }
        connection.reset("cut");
        return true;
    }

    private void closeAll(int code, String reason) {
        connections.values().forEach(connection -> connection.close(code, reason));
    }

    private void toAll(int opcode, byte[] payload) {
        connections.values().forEach(connection -> connection.offer(new Outgoing.Frame(opcode, payload, 1)));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    // ---- changes of what trades

    /// Lists a coin, which begins to trade.
    ///
    /// @return its symbol
    /// @throws IllegalArgumentException when it trades here, or nothing more can be listed
    synchronized String list(String coin) {
        Listing listing =
                protocol.listing(Coin.named(coin, coins), protocol.catalogue().size());
        begin(place(listing));
        return listing.symbol();
    }

    /// The place of what is to be listed: that which it had before, or a new one.
    private int place(Listing listing) {
        Catalogue catalogue = protocol.catalogue();
        Integer before = catalogue.place(listing.symbol());
        if (before != null) {
            if (catalogue.known(listing.symbol()) != null) {
                throw new IllegalArgumentException(market() + " lists " + listing.symbol() + " already");
            }
            return before;
        }
        if (catalogue.size() >= MAX_PLACES) {
            throw new IllegalArgumentException(market() + " has listed " + MAX_PLACES + " instruments");
        }
        int place = catalogue.add(listing);
        if (tape.add(listing) != place) {
            throw new IllegalStateException(listing.symbol() + " has two places");
        }
        return place;
    }

    /// Lets what has a place be listed and trade.
    synchronized void begin(int place) {
        Catalogue catalogue = protocol.catalogue();
        Listing listing = catalogue.listing(place);
        Instant now = clock.instant();
        tape.open(place, Nanos.of(now));
        catalogue.admit(listing.symbol());
        catalogue.put(listing.symbol(), protocol.row(listing, now));
    }

    /// Lets an instrument trade no more; its row says so in the exchange's own way.
    ///
    /// @throws IllegalArgumentException when it does not trade here
    synchronized void delist(String symbol) {
        end(trading(symbol));
    }

    private synchronized void end(int place) {
        Catalogue catalogue = protocol.catalogue();
        String symbol = symbol(place);
        Instant now = clock.instant();
        catalogue.withdraw(symbol);
        catalogue.amend(symbol, row -> protocol.delisted(row, now));
        tape.close(place);
    }

    /// Gives an instrument's coin another name.
    ///
    /// @return its symbol from now on
    /// @throws IllegalArgumentException when it does not trade here, or the new name is taken
    synchronized String rename(String symbol, String coin) {
        Catalogue catalogue = protocol.catalogue();
        int from = trading(symbol);
        Listing old = catalogue.listing(from);
        Listing spelled = protocol.listing(new Coin(coin, old.coin().price()), catalogue.size());
        Optional<ObjectNode> kept = catalogue.copy(symbol).flatMap(row -> protocol.renamed(row, coin));
        if (kept.isPresent()) {
            catalogue.put(symbol, kept.get());
            return symbol;
        }
        if (spelled.prices().equals(old.prices()) && spelled.sizes().equals(old.sizes())) {
            int to = place(spelled.withContractSize(old.contractSize()));
            Instant now = clock.instant();
            catalogue.withdraw(symbol);
            catalogue.amend(symbol, row -> protocol.delisted(row, now));
            connections.values().forEach(connection -> connection.offer(new Outgoing.Renamed(from, to)));
            tape.rename(from, to);
            catalogue.admit(spelled.symbol());
            catalogue.put(spelled.symbol(), protocol.row(catalogue.listing(to), now));
            return spelled.symbol();
        }
        throw new IllegalArgumentException(symbol + " cannot be called " + coin);
    }

    /// Lets one contract hold another quantity from now on.
    ///
    /// @throws IllegalArgumentException when it does not trade here, or contracts are not counted
    synchronized void changeTerms(String symbol, BigDecimal contractSize) {
        Catalogue catalogue = protocol.catalogue();
        int place = trading(symbol);
        Listing changed = catalogue.listing(place).withContractSize(contractSize);
        Instant now = clock.instant();
        catalogue.amend(symbol, row -> protocol.resized(row, contractSize, now));
        catalogue.replace(place, changed);
    }

    /// The symbols of what trades and can be renamed, the most popular first.
    List<String> trading() {
        Catalogue catalogue = protocol.catalogue();
        return catalogue.listings().stream()
                .filter(listing -> SimulatorOptions.isListable(listing.coin().name()))
                .map(Listing::symbol)
                .filter(symbol -> catalogue.known(symbol) != null)
                .toList();
    }

    /// Base units in one unit of a trade's size; 1 where base units are counted.
    synchronized BigDecimal contractSize(String symbol) {
        return protocol.catalogue().listing(trading(symbol)).contractSize();
    }

    private int trading(String symbol) {
        Integer place = protocol.catalogue().place(symbol);
        if (place == null || protocol.catalogue().known(symbol) == null) {
            throw new IllegalArgumentException(market() + " does not trade " + symbol);
        }
        return place;
    }

    // ---- what was sent

    Sent report() {
        List<Sent.OfInstrument> instruments = tape.feeds().stream()
                .filter(Feed::hasBegun)
                .map(this::ofInstrument)
                .toList();
        List<Sent.OfConnection> all = new ArrayList<>(ended.values());
        connections.values().forEach(connection -> all.add(connection.report()));
        return new Sent(market(), instruments, all);
    }

    private Sent.OfInstrument ofInstrument(Feed feed) {
        return new Sent.OfInstrument(
                feed.listing.symbol(),
                feed.count(),
                feed.sent.get(),
                feed.distinct.get(),
                feed.consumed.get(),
                feed.aggregates.get(),
                feed.oldest(),
                edge(feed, LongStream.range(feed.oldest(), feed.count())),
                edge(feed, LongStream.iterate(feed.count() - 1, index -> index >= feed.oldest(), index -> index - 1)));
    }

    private @Nullable TradeId edge(Feed feed, LongStream indices) {
        return sent(feed, indices).findFirst().map(Sent.Trade::id).orElse(null);
    }

    /// The stretches of public trades between the first and the last one sent that were sent to nobody.
    List<Sent.Interruption> interruptions() {
        List<Sent.Interruption> all = new ArrayList<>();
        for (Feed feed : tape.feeds()) {
            Sent.Interruption open = null;
            boolean begun = false;
            for (long index = feed.oldest(); index < feed.count(); index++) {
                Chunk chunk = feed.chunk(index);
                int at = Feed.at(index);
                if (chunk == null || !chunk.kind(at).isPublic()) {
                    continue;
                }
                if (chunk.writtenAtNanos(at) != 0) {
                    begun = true;
                    if (open != null) {
                        all.add(open);
                        open = null;
                    }
                } else if (begun) {
                    Instant time = Nanos.instant(chunk.timeNanos(at));
                    open = open == null
                            ? new Sent.Interruption(feed.listing.symbol(), time, time, 1)
                            : new Sent.Interruption(open.symbol(), open.from(), time, open.trades() + 1);
                }
            }
        }
        return all;
    }

    /// The public trades of an instrument that were sent, by number.
    ///
    /// @throws IllegalArgumentException when it does not trade here
    Stream<Sent.Trade> trades(String symbol) {
        Feed feed = feed(symbol);
        return sent(feed, LongStream.range(feed.oldest(), feed.count()));
    }

    /// What was printed of an instrument, by number.
    ///
    /// @throws IllegalArgumentException when it does not trade here
    Stream<Sent.Print> tape(String symbol) {
        Feed feed = feed(symbol);
        return LongStream.range(feed.oldest(), feed.count())
                .mapToObj(index -> print(feed, index))
                .flatMap(Optional::stream);
    }

    private Feed feed(String symbol) {
        for (Feed feed : tape.feeds()) {
            if (feed.listing.symbol().equals(symbol)) {
                return feed;
            }
        }
        throw new IllegalArgumentException(market() + " has no " + symbol);
    }

    private Stream<Sent.Trade> sent(Feed feed, LongStream indices) {
        return indices.mapToObj(index -> print(feed, index))
                .flatMap(Optional::stream)
                .flatMap(print -> Stream.ofNullable(print.trade()))
                .filter(trade -> trade.writtenAtNanos() != 0);
    }

    private Optional<Sent.Print> print(Feed feed, long index) {
        Chunk chunk = feed.chunk(index);
        if (chunk == null) {
            return Optional.empty();
        }
        int at = Feed.at(index);
        Listing listing = feed.listing;
        Sent.Trade trade = chunk.kind(at).isPublic()
                ? new Sent.Trade(
                        protocol.id(listing, index),
                        protocol.written(listing.prices().decimal(chunk.price(at))),
                        protocol.written(listing.sizes().decimal(chunk.size(at))),
                        chunk.isSell(at) ? TakerSide.SELL : TakerSide.BUY,
                        protocol.executedAtNanos(chunk.timeNanos(at)),
                        chunk.writtenAtNanos(at),
                        chunk.kind(at) == PrintKind.RPI)
                : null;
        return Optional.of(new Sent.Print(protocol.sequence(listing, index), chunk.timeNanos(at), trade));
    }

    @Override
    public String toString() {
        return market().toString();
    }
}

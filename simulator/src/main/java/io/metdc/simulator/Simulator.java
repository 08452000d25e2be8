package io.metdc.simulator;

import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Nanos;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.BindException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

    /// The access key that the simulated notice WebSocket knows.
    public static final String ACCESS_KEY = "simulated-access";
    /// The secret key with which tokens for it are signed.
    public static final String SECRET_KEY = "simulated-secret";

    static final Market KRW = new Market(Exchange.UPBIT, MarketType.SPOT);
    private static final long MOST_PUMPED = 10;

    private final Map<Market, Venue> venues;
    private final SimulatorOptions options;
    private final Breaches breaches;
    private final @Nullable Path temporaryCaFile;
    private final Thread timer;
    private volatile boolean trading = true;
    private volatile boolean closed;
    /// Guarded by this, as the next ones.
    private long ticks;

    private int newCoins;
    private int renames;

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
        Breaches breaches = new Breaches();
        Map<Exchange, Quotas> quotas = new EnumMap<>(Exchange.class);
        try {
            for (Market market : options.markets()) {
                int port = options.firstPort() == 0 ? 0 : options.firstPort() + 2 * venues.size();
                double rate = (double) options.rate() / options.markets().size();
                Quotas ofExchange = quotas.computeIfAbsent(market.exchange(), _ -> new Quotas(options, breaches));
                venues.put(
                        market,
                        venue(protocol(market, options.of(market), ofExchange), options, rate, port, tls, breaches));
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
        return new Simulator(venues, options, breaches, temporary);
    }

    private static Venue venue(
            Protocol protocol,
            SimulatorOptions options,
            double rate,
            int port,
            Venue.@Nullable Tls tls,
            Breaches breaches)
            throws IOException {
        try {
            return new Venue(protocol, options, rate, port, tls, breaches);
        } catch (BindException e) {
            String ports = port == 0 ? "no free port" : "port " + port + " or " + (port + 1) + " is taken";
            BindException named = new BindException(protocol.market() + " cannot be simulated on 127.0.0.1: " + ports);
            named.initCause(e);
            throw named;
        }
    }

    private static Protocol protocol(Market market, SimulatorOptions options, Quotas quotas) {
        if (!MARKETS.contains(market)) {
            throw new IllegalArgumentException(market + " is not simulated");
        }
        return switch (market.exchange()) {
            case BINANCE -> new Binance(market.type(), options, quotas);
            case BYBIT -> new Bybit(market.type(), options, quotas);
            case OKX -> new Okx(market.type(), options, quotas);
            case GATE -> new Gate(market.type(), options, quotas);
            case UPBIT -> new Upbit(options, quotas);
            case KUCOIN -> new Kucoin(market.type(), options, quotas);
            case PHEMEX -> new Phemex(market.type(), options, quotas);
        };
    }

    private Simulator(
            Map<Market, Venue> venues, SimulatorOptions options, Breaches breaches, @Nullable Path temporaryCaFile) {
        this.venues = venues;
        this.breaches = breaches;
        this.options = options;
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
        Venue krw = venues.get(KRW);
        append(yaml, "  ", krw);
        if (krw != null) {
            yaml.append("  notices_url: \"").append(noticesUrl()).append("\"\n");
        }
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

    // ---- changes of what trades

    /// Lists a coin: it is on the exchange's list, can be asked for, and trades from now on, as often as
    /// the twentieth most popular one. Where a coin so cheap trades a thousand at a time, it is listed so.
    /// What was delisted before goes on under its old number.
    ///
    /// @param coin 1 to 12 of A-Z and 0-9
    /// @return its symbol
    /// @throws IllegalArgumentException when the market is not simulated, it trades there already, or the
    ///                                  market has listed twice [SimulatorOptions#MAX_INSTRUMENTS]
    public String list(Market market, String coin) {
        return venue(market).list(named(coin));
    }

    /// Lets an instrument trade no more. Its stream goes quiet, it cannot be asked for, and the list says
    /// so as the exchange does: `BREAK` and `SETTLING` (Binance), `suspend` (OKX), trading not enabled and
    /// `BeingSettled` (KuCoin), `untradable` and `in_delisting` (Gate), `Delisted` (Phemex); Bybit and
    /// Upbit list only what trades.
    ///
    /// @throws IllegalArgumentException when it does not trade there
    public void delist(Market market, String symbol) {
        venue(market).delist(symbol);
    }

    /// Gives an instrument's coin another name: the old instrument is delisted, the new one goes on at its
    /// price, with numbers of its own. KuCoin keeps a pair's symbol, and changes its name on the list
    /// alone; on OKX whoever had the old instrument gets the new one without asking.
    ///
    /// @param coin the new name
    /// @return the symbol from now on
    /// @throws IllegalArgumentException when the old one does not trade there, or the new one does
    public String rename(Market market, String symbol, String coin) {
        return venue(market).rename(symbol, named(coin));
    }

    /// Lets one contract hold another quantity from now on. Sizes go on as they were, in contracts.
    ///
    /// @param contractSize base units
    /// @throws IllegalArgumentException when it does not trade there, or this market does not count contracts
    public void changeTerms(Market market, String symbol, BigDecimal contractSize) {
        venue(market).changeTerms(symbol, contractSize);
    }

    /// Changes what trades on all markets but Upbit's, in turns: lists coins of new names, the same on each
    /// market; delists instruments of middling popularity and gives others' coins new names.
    ///
    /// @throws IllegalArgumentException when a market has too few for that
    public synchronized Changed change(int listed, int delisted, int renamed) {
        List<Market> markets =
                venues.keySet().stream().filter(market -> !market.equals(KRW)).toList();
        List<Changed.Traded> come = new ArrayList<>();
        List<Changed.Traded> gone = new ArrayList<>();
        List<Changed.Renamed> changed = new ArrayList<>();
        Map<Market, Iterator<String>> middling = new HashMap<>();
        for (Market market : markets) {
            List<String> trading = venue(market).trading();
            middling.put(
                    market, trading.subList(trading.size() / 4, trading.size()).iterator());
        }
        for (int i = 0; i < Math.max(delisted, renamed) && !markets.isEmpty(); i++) {
            Market market = markets.get(i % markets.size());
            if (i < delisted) {
                String symbol = next(market, middling);
                delist(market, symbol);
                gone.add(new Changed.Traded(market, symbol));
            }
            if (i < renamed) {
                String before = next(market, middling);
                String coin = Coin.invented('R', renames++);
                changed.add(new Changed.Renamed(market, before, rename(market, before, coin)));
            }
        }
        for (int i = 0; i < listed && !markets.isEmpty(); i++) {
            Market market = markets.get(i % markets.size());
            String coin = Coin.invented('Q', newCoins + i / markets.size());
            come.add(new Changed.Traded(market, list(market, coin)));
        }
        newCoins += Math.ceilDiv(listed, Math.max(1, markets.size()));
        return new Changed(come, gone, changed);
    }

    private static String next(Market market, Map<Market, Iterator<String>> middling) {
        Iterator<String> symbols = middling.get(market);
        if (symbols == null || !symbols.hasNext()) {
            throw new IllegalArgumentException(market + " has too few instruments for so many changes");
        }
        return symbols.next();
    }

    private static String named(String coin) {
        if (!SimulatorOptions.isListable(coin)) {
            throw new IllegalArgumentException("no coin is called " + coin);
        }
        return coin;
    }

    // ---- listings

    /// Where the list of Upbit's notices is: the whole address without query.
    ///
    /// @throws IllegalArgumentException when Upbit is not simulated
    public URI noticesUrl() {
        return URI.create(venue(KRW).address().rest() + Notices.PATH);
    }

    /// Publishes a notice. What it says has no effect on trades.
    ///
    /// @return by what it is known, and when it says that it was published: the second in which this was called
    /// @throws IllegalArgumentException when Upbit is not simulated
    public Published publish(SimulatedNotice notice) {
        return publish(notice, options.clock().instant());
    }

    /// The same, as at another time: what it says, and when it is seen. One that was published long ago is seen at
    /// once, and nobody saw it before.
    public Published publish(SimulatedNotice notice, Instant at) {
        String key = upbit().notices().publish(notice, at);
        return new Published(key, at.truncatedTo(ChronoUnit.SECONDS));
    }

    /// Publishes a notice anew with another title: it moves to the top of the list, and is pushed as an update.
    ///
    /// @param key of [#publish] or of a notice on the list
    /// @throws IllegalArgumentException when there is no such notice
    public void amend(String key, String title) {
        upbit().notices().amend(key, title, null, options.clock().instant());
    }

    /// The same; its body says from now on that trading begins then.
    ///
    /// @param opensAt whole minutes, KST
    /// @throws IllegalArgumentException when there is no such notice
    public void amend(String key, String title, Instant opensAt) {
        upbit().notices().amend(key, title, opensAt, options.clock().instant());
    }

    /// Changes the title of a notice and says so nowhere: its times, its place and its badges stay as they are.
    ///
    /// @param key of [#publish] or of a notice on the list
    /// @throws IllegalArgumentException when there is no such notice
    public void retitle(String key, String title) {
        upbit().notices().retitle(key, title, options.clock().instant());
    }

    /// Announces that a coin gets a KRW market, and pumps it on every market where it trades. See
    /// [#announce(SimulatedNotice, String...)].
    public Announcement announce(String coin) {
        return announce(SimulatedNotice.listing(coin), coin);
    }

    /// Publishes a notice at the beginning of the next second, which is t0, and lets the prices of these coins rise
    /// on every market where they trade: each market after a delay of its own from t0 that the seed decides, from
    /// 300 ms for the first to 3.1 s for the last, no two less than 145 ms apart; by 8 to 25 % within 2 to 10 s, of
    /// which 30 to 60 % are lost again in the minute behind. Orders come up to five times as often and mostly buy.
    /// Other instruments are not touched.
    ///
    /// Returns at once: t0 is up to a second ahead. Delays and moves depend on seed, coin and market alone,
    /// whatever else is simulated.
    ///
    /// @throws IllegalArgumentException when Upbit is not simulated or a coin trades nowhere else
    public Announcement announce(SimulatedNotice notice, String... coins) {
        List<Announcement.Planted> planted = new ArrayList<>();
        for (String coin : coins) {
            List<Announcement.Planted> ofCoin = new ArrayList<>();
            for (Announcement.Plan plan : Announcement.Plan.of(coin, options.seed())) {
                Venue venue = venues.get(plan.market());
                if (venue != null) {
                    for (Feed feed : venue.tape().feedsOf(coin)) {
                        ofCoin.add(plan.planted(feed.listing.symbol(), coin));
                    }
                }
            }
            if (ofCoin.isEmpty()) {
                throw new IllegalArgumentException(coin + " trades on no simulated market");
            }
            planted.addAll(ofCoin);
        }
        Instant now = options.clock().instant();
        Instant second = now.truncatedTo(ChronoUnit.SECONDS);
        Instant t0 = second.equals(now) ? now : second.plusSeconds(1);
        Published published = publish(notice, t0);
        for (Announcement.Planted each : planted) {
            long start = Nanos.of(t0.plus(each.delay()));
            for (Feed feed : venue(each.market()).tape().feedsOf(each.coin())) {
                feed.pump(each.pump(start, usual(feed, start)));
            }
        }
        return new Announcement(published.key(), notice.title(), t0, planted);
    }

    /// What an earlier pump has left of a price.
    private static double usual(Feed feed, long atNanos) {
        Pump before = feed.pump();
        return before == null ? 1 : Math.min(MOST_PUMPED, before.factor(atNanos));
    }

    /// Opens a coin's KRW market: it appears on the list of markets and begins to trade, at the price that the pump
    /// has left elsewhere, and rises. A connection that asked for its code before has to ask again.
    ///
    /// @return when
    /// @throws IllegalArgumentException when Upbit is not simulated, or the coin is not one of
    ///                                  [SimulatorOptions#listing()]
    public Instant openKrw(String coin) {
        Venue venue = venue(KRW);
        if (!options.listing().contains(coin)) {
            throw new IllegalArgumentException(coin + " is not among the coins to be listed, " + options.listing());
        }
        Instant now = options.clock().instant();
        double elsewhere = venues.values().stream()
                .filter(other -> other != venue)
                .flatMap(other -> other.tape().feedsOf(coin).stream())
                .map(Feed::pump)
                .filter(Objects::nonNull)
                .mapToDouble(Pump::remaining)
                .average()
                .orElse(1);
        Feed feed = venue.tape().feedsOf(coin).getFirst();
        String symbol = feed.listing.symbol();
        Catalogue catalogue = venue.protocol().catalogue();
        Integer place = catalogue.place(symbol);
        if (place != null && !catalogue.lists(symbol)) {
            feed.pump(Announcement.Plan.ofOpening(coin, options.seed())
                    .planted(symbol, coin)
                    .pump(Nanos.of(now), elsewhere));
            venue.begin(place);
        }
        return now;
    }

    private Upbit upbit() {
        return (Upbit) venue(KRW).protocol();
    }

    /// A notice that was published.
    ///
    /// @param key           its `uuid`
    /// @param firstListedAt whole seconds
    public record Published(String key, Instant firstListedAt) {}

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

    /// Resets one connection (TCP RST), without a close frame, as [Fault#CUT] does with all.
    ///
    /// @param number see [Sent.OfConnection]
    /// @return false when it is open no more
    public boolean cut(Market market, long number) {
        return venue(market).cut(number);
    }

    /// Ends a lasting fault everywhere; nothing happens where it does not hold.
    public void clear(Fault fault) {
        venues.values().forEach(venue -> venue.clear(fault));
    }

    /// Ends a lasting fault on one market.
    public void clear(Fault fault, Market market) {
        venue(market).clear(fault);
    }

    /// How many handshakes and requests this market has seen so far, those that it refused too.
    public long knocks(Market market) {
        return venue(market).knocks();
    }

    /// What this market sent so far.
    public Sent report(Market market) {
        return venue(market).report();
    }

    /// What every market sent so far.
    public List<Sent> report() {
        return venues.values().stream().map(Venue::report).toList();
    }

    /// The limits that clients did not hold to, the oldest first; the newest ten thousand.
    public List<Breach> breaches() {
        return breaches.all();
    }

    /// Where the streams of a market's instruments were interrupted, as far as the trades are remembered:
    /// whatever was subscribed by whom, the trades between the first and the last one that was sent to
    /// anybody, and that were sent to nobody.
    public List<Sent.Interruption> interruptions(Market market) {
        return venue(market).interruptions();
    }

    /// The public trades of an instrument that were written to at least one socket, in the order of their numbers,
    /// as far as they are remembered. Lazy.
    ///
    /// @throws IllegalArgumentException when the market has no such symbol
    public Stream<Sent.Trade> trades(Market market, String symbol) {
        return venue(market).trades(symbol);
    }

    /// All that was printed of an instrument, sent or not, in the order of the numbers, as far as it is
    /// remembered. Lazy.
    ///
    /// @throws IllegalArgumentException when the market has no such symbol
    public Stream<Sent.Print> tape(Market market, String symbol) {
        return venue(market).tape(symbol);
    }

    /// Base units in one unit of an instrument's sizes; 1 where base units are counted.
    ///
    /// @throws IllegalArgumentException when it does not trade there
    public BigDecimal contractSize(Market market, String symbol) {
        return venue(market).contractSize(symbol);
    }

    Protocol protocol(Market market) {
        return venue(market).protocol();
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

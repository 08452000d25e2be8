package io.metdc.simulator;

import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// How the simulated exchanges behave. `SimulatorOptions.builder().rate(5000).seed(7).build()`
///
/// @param markets       what is simulated, in this order
/// @param rate          prints a second of all markets together
/// @param seed          decides every price, size, side and number
/// @param instruments   how many trade on each market; rows that are to be dropped come on top of them
/// @param instrumentsOf how many trade on these markets instead
/// @param tls           wss and https with a certificate of their own instead of ws and http
/// @param caFile        where the certificate authority is written (PEM); null: a temporary file, deleted
///                      at close
/// @param firstPort     0: any free ports; otherwise the WebSocket and REST ports of the first market, the
///                      second, … in this order from here
/// @param framesPerWrite how many trade frames go into one socket write when as many are due together
/// @param closeAfter    the age at which the exchange closes a connection
/// @param past          how much history the tape has when the simulator starts
/// @param history       how many prints of each market are remembered, 30 bytes each; REST reaches as far
/// @param backlog       a connection that has so many prints waiting to be written is reset: its client
///                      does not read
/// @param connects      how often one address may connect within five minutes, in place of the exchange's
///                      own quota; 0: that one
/// @param connections   how many connections one address may hold, in place of the exchange's own quota; 0:
///                      that one
/// @param restWeight    the request weight that one address may use, in place of each of the exchange's own
///                      quotas; 0: those
/// @param pingEvery     how often the server pings, where the exchange pings; null: as the exchange does
/// @param pongWithin    a connection without a pong for so long is closed, where the exchange does so;
///                      null: as it does
/// @param clientSilence for how long a silence a connection is closed, where the exchange closes such;
///                      null: as the exchange does
/// @param listing       coins that trade on every market but Upbit's from the start, and there once they
///                      are opened: [Simulator#openKrw]; each is among the most popular, and remembered by
///                      itself
/// @param clock         times of trades and of everything else; the tape follows it
public record SimulatorOptions(
        List<Market> markets,
        int rate,
        long seed,
        int instruments,
        Map<Market, Integer> instrumentsOf,
        boolean tls,
        @Nullable Path caFile,
        int firstPort,
        int framesPerWrite,
        Duration closeAfter,
        Duration past,
        int history,
        int backlog,
        int connects,
        int connections,
        int restWeight,
        @Nullable Duration pingEvery,
        @Nullable Duration pongWithin,
        @Nullable Duration clientSilence,
        List<String> listing,
        InstantSource clock) {

    public static final Market BINANCE_SPOT = new Market(Exchange.BINANCE, MarketType.SPOT);
    public static final Market BINANCE_FUTURES = new Market(Exchange.BINANCE, MarketType.FUTURES);

    /// Every market that can be simulated.
    public static final List<Market> ALL_MARKETS = Simulator.MARKETS;

    public static final int MAX_RATE = 1_000_000;
    public static final int MAX_INSTRUMENTS = 2_000;
    private static final int MAX_FRAMES_PER_WRITE = 200;
    private static final int MAX_HISTORY = 50_000_000;
    private static final int MAX_LISTING = 10;
    private static final int MAX_CONNECTS = 1_000_000;
    private static final Pattern COIN = Pattern.compile("[A-Z0-9]{1,12}");

    public SimulatorOptions {
        markets = List.copyOf(markets);
        check(!markets.isEmpty() && markets.stream().distinct().count() == markets.size(), "markets", markets);
        check(rate >= 1 && rate <= MAX_RATE, "rate", rate);
        check(isCount(instruments), "instruments", instruments);
        instrumentsOf = Map.copyOf(instrumentsOf);
        check(instrumentsOf.values().stream().allMatch(SimulatorOptions::isCount), "instruments of", instrumentsOf);
        int fewest = instrumentsOf.values().stream().reduce(instruments, Math::min);
        check(
                firstPort == 0 || (firstPort >= 1024 && firstPort <= 65_536 - 2 * markets.size()),
                "first port",
                firstPort);
        check(framesPerWrite >= 1 && framesPerWrite <= MAX_FRAMES_PER_WRITE, "frames per write", framesPerWrite);
        check(closeAfter.isPositive(), "close after", closeAfter);
        check(!past.isNegative() && past.compareTo(Duration.ofHours(1)) <= 0, "past", past);
        check(history >= 1 && history <= MAX_HISTORY, "history", history);
        check(backlog >= 1, "backlog", backlog);
        check(connects >= 0 && connects <= MAX_CONNECTS, "connects", connects);
        check(connections >= 0, "connections", connections);
        check(restWeight >= 0, "REST weight", restWeight);
        check(pingEvery == null || pingEvery.isPositive(), "ping every", pingEvery);
        check(pongWithin == null || pongWithin.isPositive(), "pong within", pongWithin);
        check(clientSilence == null || clientSilence.isPositive(), "client silence", clientSilence);
        listing = List.copyOf(listing);
        check(
                listing.size() <= MAX_LISTING
                        && (listing.isEmpty() || listing.size() < fewest)
                        && listing.stream().distinct().count() == listing.size()
                        && listing.stream().allMatch(SimulatorOptions::isListable),
                "listing",
                listing);
    }

    private static boolean isCount(int instruments) {
        return instruments >= 1 && instruments <= MAX_INSTRUMENTS;
    }

    /// What holds for one market.
    SimulatorOptions of(Market market) {
        return new SimulatorOptions(
                markets,
                rate,
                seed,
                instrumentsOf.getOrDefault(market, instruments),
                Map.of(),
                tls,
                caFile,
                firstPort,
                framesPerWrite,
                closeAfter,
                past,
                history,
                backlog,
                connects,
                connections,
                restWeight,
                pingEvery,
                pongWithin,
                clientSilence,
                listing,
                clock);
    }

    /// Whether a coin that is to be listed can be called so: 1 to 12 of A-Z and 0-9, but for some names that mean
    /// something else to the simulated exchanges, such as BTC.
    public static boolean isListable(String coin) {
        return COIN.matcher(coin).matches() && !Coin.isTaken(coin);
    }

    private static void check(boolean holds, String name, @Nullable Object value) {
        if (!holds) {
            throw new IllegalArgumentException(name + " cannot be " + value);
        }
    }

    public static SimulatorOptions defaults() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /// The defaults, to be changed.
    public static final class Builder {
        private List<Market> markets = List.of(BINANCE_SPOT, BINANCE_FUTURES);
        private int rate = 1_000;
        private long seed = 1;
        private int instruments = 40;
        private final Map<Market, Integer> instrumentsOf = new HashMap<>();
        private boolean tls;
        private @Nullable Path caFile;
        private int firstPort;
        private int framesPerWrite = 1;
        private Duration closeAfter = Duration.ofHours(24);
        private Duration past = Duration.ofSeconds(1);
        private int history = 2_000_000;
        private int backlog = 1_000_000;
        private int connects;
        private int connections;
        private int restWeight;
        private @Nullable Duration pingEvery;
        private @Nullable Duration pongWithin;
        private @Nullable Duration clientSilence;
        private List<String> listing = List.of();
        private InstantSource clock = InstantSource.system();

        private Builder() {}

        public Builder markets(Market... value) {
            markets = List.of(value);
            return this;
        }

        public Builder rate(int value) {
            rate = value;
            return this;
        }

        public Builder seed(long value) {
            seed = value;
            return this;
        }

        public Builder instruments(int value) {
            instruments = value;
            return this;
        }

        public Builder instruments(Market market, int value) {
            instrumentsOf.put(market, value);
            return this;
        }

        public Builder tls(boolean value) {
            tls = value;
            return this;
        }

        public Builder caFile(Path value) {
            caFile = value;
            return this;
        }

        public Builder firstPort(int value) {
            firstPort = value;
            return this;
        }

        public Builder framesPerWrite(int value) {
            framesPerWrite = value;
            return this;
        }

        public Builder closeAfter(Duration value) {
            closeAfter = value;
            return this;
        }

        public Builder past(Duration value) {
            past = value;
            return this;
        }

        public Builder history(int value) {
            history = value;
            return this;
        }

        public Builder backlog(int value) {
            backlog = value;
            return this;
        }

        public Builder connects(int value) {
            connects = value;
            return this;
        }

        public Builder connections(int value) {
            connections = value;
            return this;
        }

        public Builder restWeight(int value) {
            restWeight = value;
            return this;
        }

        public Builder pingEvery(Duration value) {
            pingEvery = value;
            return this;
        }

        public Builder pongWithin(Duration value) {
            pongWithin = value;
            return this;
        }

        public Builder clientSilence(Duration value) {
            clientSilence = value;
            return this;
        }

        public Builder listing(String... coins) {
            listing = List.of(coins);
            return this;
        }

        public Builder clock(InstantSource value) {
            clock = value;
            return this;
        }

        public SimulatorOptions build() {
            return new SimulatorOptions(
                    markets,
                    rate,
                    seed,
                    instruments,
                    instrumentsOf,
                    tls,
                    caFile,
                    firstPort,
                    framesPerWrite,
                    closeAfter,
                    past,
                    history,
                    backlog,
                    connects,
                    connections,
                    restWeight,
                    pingEvery,
                    pongWithin,
                    clientSilence,
                    listing,
                    clock);
        }
    }
}

package io.metdc.symbols;

import io.metdc.connectors.Connector;
import io.metdc.connectors.Limits;
import io.metdc.connectors.Limits.Rate;
import io.metdc.connectors.Request;
import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/// How the instruments of all markets are subscribed: how many connections and frames that takes, how long, and how
/// much of each limit of the exchanges it uses. Computed from the same shards, frames and paces that a run has; nothing
/// is asked of anybody.
///
/// @param markets in the order given
public record Plan(List<OfMarket> markets) {
    /// One more connection than there are shards: the hard reset opens the new one before the old one closes.
    public static final int RESERVE = 1;

    /// How many connections metdc itself gives a market.
    public static final int MOST_CONNECTIONS = 64;

    public Plan {
        markets = List.copyOf(markets);
    }

    /// What a market is to carry.
    ///
    /// @param perConnection       as configured
    /// @param connectionsPerShard as configured
    /// @param rate                see [Shards#cut]
    public record Wanted(
            Connector connector,
            List<Instrument> instruments,
            int perConnection,
            int connectionsPerShard,
            ToDoubleFunction<Instrument> rate) {
        public Wanted {
            instruments = List.copyOf(instruments);
        }
    }

    /// One market's part.
    ///
    /// @param connections   for the shards, as many as configured for each, without the one in reserve
    /// @param frames        subscribe frames on all of them
    /// @param longestFrame  bytes of UTF-8
    /// @param fullAfter     from the start until the last subscription is acknowledged
    /// @param quotas        what is used of each limit
    public record OfMarket(
            Market market,
            int instruments,
            int connections,
            int frames,
            int longestFrame,
            Duration fullAfter,
            List<Quota> quotas) {
        public OfMarket {
            quotas = List.copyOf(quotas);
        }
    }

    /// What a limit is on.
    public enum Limit {
        ADDRESS("connections of one address, with those in reserve"),
        MARKET("connections of this market, with the one in reserve"),
        CONNECTION("instruments on a connection"),
        FRAME("instruments in a frame"),
        BYTES("bytes in a frame"),
        REST("REST weight of a list of instruments");

        private final String words;

        Limit(String words) {
            this.words = words;
        }

        /// The name used in output: `address`.
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }

        /// In words: `bytes in a frame`.
        @Override
        public String toString() {
            return words;
        }
    }

    /// What is used of a limit.
    ///
    /// @param used    in the unit of `allowed`
    /// @param allowed by the exchange, or by metdc itself; [Limits#NO_LIMIT] where none is known
    /// @param setting what to change when more is used than is allowed
    public record Quota(Limit limit, long used, long allowed, String setting) {
        /// Whether the exchange would refuse it.
        public boolean isBreached() {
            return used > allowed;
        }

        /// How much of it is left, 0 to 1; empty where there is no limit.
        public Optional<Double> headRoom() {
            return allowed == Limits.NO_LIMIT
                    ? Optional.empty()
                    : Optional.of(Math.max(0, 1 - (double) used / allowed));
        }
    }

    /// What would be breached, in words that name market, limit and setting; empty for a plan that can be run.
    public List<String> breaches() {
        List<String> breaches = new ArrayList<>();
        for (OfMarket market : markets) {
            for (Quota quota : market.quotas()) {
                if (quota.isBreached()) {
                    breaches.add("%s: %,d %s, and %,d are allowed: %s"
                            .formatted(market.market(), quota.used(), quota.limit(), quota.allowed(), quota.setting()));
                }
            }
        }
        return breaches;
    }

    /// When the last market is subscribed.
    public Duration fullAfter() {
        return markets.stream()
                .map(OfMarket::fullAfter)
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
    }

    /// Plans a start of everything at once.
    ///
    /// @param roundTrip     to an exchange and back
    /// @param maxConnections what metdc itself allows a market
    public static Plan of(List<Wanted> wanted, Duration roundTrip, int maxConnections) {
        Map<Exchange, Integer> connections = new EnumMap<>(Exchange.class);
        List<Cut> cuts = wanted.stream().map(Cut::of).toList();
        cuts.forEach(cut -> connections.merge(cut.exchange(), cut.connections() + RESERVE, Integer::sum));
        List<OfMarket> markets = new ArrayList<>();
        for (Cut cut : cuts) {
            markets.add(new OfMarket(
                    cut.wanted.connector.market(),
                    cut.wanted.instruments.size(),
                    cut.connections(),
                    cut.frames.stream().mapToInt(List::size).sum() * cut.wanted.connectionsPerShard,
                    cut.longestFrame(),
                    cut.fullAfter(cuts, roundTrip),
                    quotas(cut, cuts, connections.getOrDefault(cut.exchange(), 0), maxConnections)));
        }
        return new Plan(markets);
    }

    private static List<Quota> quotas(Cut cut, List<Cut> all, int ofExchange, int maxConnections) {
        Limits limits = cut.wanted.connector.limits();
        String perConnection = cut.setting("max_symbols_per_connection");
        String fewer = "raise " + perConnection + " (up to " + limits.maxInstrumentsPerConnection()
                + "), or leave instruments out by symbols.exclude or symbols.upbit_krw";
        List<Cut> sharingAddress =
                all.stream().filter(one -> one.exchange() == cut.exchange()).toList();
        int fullest = cut.shards.stream().mapToInt(List::size).max().orElse(0);
        int named = cut.frames.stream()
                .flatMap(List::stream)
                .mapToInt(frame -> frame.instruments().size())
                .max()
                .orElse(0);
        return List.of(
                new Quota(Limit.ADDRESS, ofExchange, limits.connections(), orOneAShard(sharingAddress) + fewer),
                new Quota(Limit.MARKET, cut.connections() + RESERVE, maxConnections, orOneAShard(List.of(cut)) + fewer),
                new Quota(Limit.CONNECTION, fullest, limits.maxInstrumentsPerConnection(), "lower " + perConnection),
                new Quota(Limit.FRAME, named, limits.instrumentsPerFrame(), "lower " + perConnection),
                new Quota(
                        Limit.BYTES,
                        cut.longestFrame(),
                        limits.frameBytes(),
                        "leave out the instrument with so long a name by symbols.exclude"),
                new Quota(
                        Limit.REST,
                        cut.wanted.connector.instruments().weight(),
                        limits.rest().count(),
                        "ask less often: symbols.refresh"));
    }

    /// What doubles connections and can be taken back, first of all that can be done.
    private static String orOneAShard(List<Cut> cuts) {
        StringBuilder settings = new StringBuilder();
        for (Cut cut : cuts) {
            if (cut.wanted.connectionsPerShard > 1) {
                settings.append("lower ")
                        .append(cut.setting("connections_per_shard"))
                        .append(", ");
            }
        }
        return settings.toString();
    }

    /// A market's shards and the frames that subscribe each of them.
    private record Cut(Wanted wanted, List<List<Instrument>> shards, List<List<Request>> frames) {
        static Cut of(Wanted wanted) {
            List<List<Instrument>> shards = Shards.cut(wanted.instruments, wanted.perConnection, wanted.rate);
            return new Cut(
                    wanted,
                    shards,
                    shards.stream()
                            .map(shard -> Request.subscribing(wanted.connector, shard, Instant.EPOCH))
                            .toList());
        }

        Exchange exchange() {
            return wanted.connector.market().exchange();
        }

        int connections() {
            return shards.size() * wanted.connectionsPerShard;
        }

        /// A key of this market's configuration.
        String setting(String key) {
            return "exchanges." + exchange().id() + "."
                    + wanted.connector.market().type().id() + "." + key;
        }

        int longestFrame() {
            return frames.stream()
                    .flatMap(List::stream)
                    .mapToInt(Request::bytes)
                    .max()
                    .orElse(0);
        }

        /// All markets of an exchange open their connections in turn, the first of each shard before the second of any.
        Duration fullAfter(List<Cut> all, Duration roundTrip) {
            List<Cut> neighbours =
                    all.stream().filter(cut -> cut.exchange() == exchange()).toList();
            int place = neighbours.indexOf(this);
            Limits limits = wanted.connector.limits();
            Duration full = Duration.ZERO;
            for (int i = 0; i < connections(); i++) {
                int before = i;
                for (int other = 0; other < neighbours.size(); other++) {
                    int connected = neighbours.get(other).connections();
                    before += other == place ? 0 : Math.min(connected, other < place ? i + 1 : i);
                }
                boolean isListed = !wanted.connector.subscriptions(1).isEmpty();
                int sent = frames.get(i % shards.size()).size() + (isListed ? 1 : 0);
                Duration subscribed = after(limits.connects(), before)
                        .plus(after(limits.clientFrames(), sent - 1))
                        .plus(roundTrip.multipliedBy(roundTrips()));
                full = subscribed.compareTo(full) > 0 ? subscribed : full;
            }
            return full;
        }

        /// TCP, TLS, the upgrade and the last answer; a ticket by REST and a greeting where the exchange has them.
        private int roundTrips() {
            return 4 + (wanted.connector.ticket() == null ? 0 : 1) + (wanted.connector.greets() ? 1 : 0);
        }
    }

    /// When one may go that has so many before it.
    private static Duration after(Rate rate, int before) {
        return rate.per().multipliedBy(before / rate.count());
    }
}

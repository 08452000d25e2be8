package io.metdc.collector;

import io.metdc.connectors.Connector;
import io.metdc.connectors.FeedException;
import io.metdc.connectors.RestClient;
import io.metdc.connectors.Session;
import io.metdc.connectors.Stretch;
import io.metdc.market.DisconnectCause;
import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import io.metdc.market.Nanos;
import io.metdc.market.Origin;
import io.metdc.market.Row;
import io.metdc.market.Trade;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Watches over a market that has a second stream: where the first is silent although the market trades,
/// the market goes over to the second, and back when the first delivers again.
///
/// ```
/// first stream ── no trade on any connection for so long, and REST shows new ones ─▶ second stream
///      ▲                                                                                   │
///      └── a connection beside the others, opened now and then, is given trades ◀──────────┘
/// ```
///
/// All connections of the market change together, so that the two streams never run side by side. What
/// comes of each has ids of its own; what lies between them is a hole of the ledger like any other. One
/// virtual thread.
final class StreamWatch implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(StreamWatch.class);

    /// So many of the busiest instruments are asked for, and so many of them have to have traded.
    private static final int ASKED = 5;

    private static final int ENOUGH = 2;

    /// How long things take.
    ///
    /// @param look    how often it is looked
    /// @param silence so long without a trade on any connection, one at least of which is acknowledged, is no
    ///                chance
    /// @param again   how often it is looked whether the first stream is back, and how long it is trusted
    record Timing(Duration look, Duration silence, Duration again) {
        static final Timing USUAL = new Timing(Duration.ofSeconds(5), Duration.ofMinutes(1), Duration.ofMinutes(5));
    }

    private final Connector first;
    private final Connector second;
    private final Feed feed;
    private final RestClient rest;
    private final ToDoubleFunction<Instrument> rates;
    private final Timing timing;
    private final InstantSource clock;
    private long trades; // on the connections that there are, when it was looked last
    private long lookedAt = System.nanoTime();
    private long silentNanos; // for which any of them was acknowledged, and none of them gave a trade
    private long notBefore = lookedAt; // is anything changed
    private List<Instrument> busiest = List.of();
    private volatile @Nullable Failure trouble;

    /// @param first describes the market by its first stream, and names the second
    /// @param rates trades a second that are expected of an instrument
    StreamWatch(
            Connector first,
            Feed feed,
            RestClient rest,
            ToDoubleFunction<Instrument> rates,
            Timing timing,
            InstantSource clock) {
        this.first = first;
        this.second = Objects.requireNonNull(first.substitute());
        this.feed = feed;
        this.rest = rest;
        this.rates = rates;
        this.timing = timing;
        this.clock = clock;
    }

    /// That the market goes by its second stream; null while it goes by the first.
    @Nullable
    Failure trouble() {
        return trouble;
    }

    @Override
    public void run() {
        try {
            while (true) {
                Thread.sleep(timing.look());
                try {
                    look();
                } catch (FeedException e) {
                    log.debug("{}: {}", first.market(), e.failure().what());
                } catch (RuntimeException | Error e) { // a bug of ours must not end the watching
                    log.error("{}: the stream cannot be watched; going on", first.market(), e);
                }
            }
        } catch (InterruptedException _) {
            // the only stop signal
        }
    }

    private void look() throws FeedException, InterruptedException {
        long now = System.nanoTime();
        List<Session> sessions = feed.sessions();
        long counted = sessions.stream()
                .mapToLong(session -> session.counts().trades())
                .sum();
        boolean isAcknowledged =
                sessions.stream().anyMatch(session -> session.subscribedFor().isPositive());
        silentNanos = counted != trades ? 0 : silentNanos + (isAcknowledged ? now - lookedAt : 0);
        trades = counted;
        lookedAt = now;
        if (now - notBefore < 0) {
            return;
        }
        if (feed.connector().equals(second)) {
            notBefore = now + timing.again().toNanos();
            if (isBack()) {
                change(first, null);
                log.warn("{}: the stream of single trades delivers again: collected from it", first.market());
            }
        } else if (silentNanos >= timing.silence().toNanos() && isTrading(sessions)) {
            String what = first.market() + ": collected from the stream of aggregated trades since " + clock.instant()
                    + ", as the one of single trades is silent although REST shows trades";
            log.error("{}", what);
            change(second, new Failure.Recoverable(what, DisconnectCause.STALLED));
        }
    }

    /// Whether REST shows trades of several of the busiest instruments that are younger than the silence.
    private boolean isTrading(List<Session> sessions) throws FeedException, InterruptedException {
        busiest = busiest(sessions);
        Instant since = clock.instant().minus(timing.silence());
        int trading = 0;
        for (Instrument instrument : busiest) {
            List<Row> rows = rest.trades(Stretch.newest(instrument), Origin.REFILL, 1);
            boolean isYoung = rows.stream()
                    .anyMatch(row ->
                            row instanceof Trade trade && trade.executedAt().isAfter(since));
            trading += isYoung ? 1 : 0;
        }
        return trading > 0 && trading >= Math.min(ENOUGH, busiest.size());
    }

    private List<Instrument> busiest(List<Session> sessions) {
        Set<Instrument> all = new LinkedHashSet<>();
        sessions.forEach(session -> all.addAll(session.subscribed()));
        return all.stream()
                .sorted(Comparator.comparingDouble(rates).reversed())
                .limit(ASKED)
                .toList();
    }

    /// Whether the first stream delivers: on a connection of its own, whose rows go nowhere.
    private boolean isBack() throws FeedException, InterruptedException {
        Set<Instrument.Key> delivered = ConcurrentHashMap.newKeySet();
        int enough = Math.min(ENOUGH, busiest.size());
        try (Session beside = feed.open(first, first.market() + "-look", row -> {
            if (row instanceof Trade) {
                delivered.add(row.instrument().key());
            }
        })) {
            beside.subscribe(busiest);
            long end = System.nanoTime() + timing.silence().toNanos();
            while (delivered.size() < enough && System.nanoTime() - end < 0) {
                beside.next(timing.look());
            }
        }
        return delivered.size() >= enough;
    }

    /// Every connection ends, and its worker opens one by the other stream.
    private void change(Connector other, @Nullable Failure why) {
        trouble = why;
        feed.fallBack(other);
        Failure ended = new Failure.Recoverable(
                first.market() + ": the market goes by another stream", DisconnectCause.STALLED);
        Set<Session> ending = new HashSet<>(feed.sessions());
        ending.forEach(session -> session.end(ended));
        silentNanos = 0;
        notBefore = System.nanoTime() + timing.again().toNanos();
        log.info(
                "{}: {} connections begin anew after {} of silence",
                first.market(),
                ending.size(),
                Nanos.words(timing.silence()));
    }
}

package io.metdc.symbols;

import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.symbols.Changes.Change;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What is collected on every market, as it follows from the last good list of each, from Upbit's list and from the
/// coins that are held for a listing. Every input may come at any time and from any thread; the listener hears of each
/// change once, in order.
///
/// Until Upbit's list is there everything is collected, so at a start its source is asked first, and what is held is
/// said before any list comes. An answer that is not believed changes nothing but the status. A coin that Upbit has
/// just begun to list stays collected and marked for a day, also where the filter would drop it, or an older answer
/// does not show it yet.
public final class Universe {
    /// How long a coin stays after its market for KRW was seen first.
    static final Duration NEWLY_LISTED = Duration.ofHours(24);

    /// Hears what changes.
    public interface Listener {
        /// Called with the universe locked, one call at a time: hands the changes on and returns.
        ///
        /// @param now the watch set that they lead to
        void changed(Changes changes, WatchSet now);
    }

    /// What is known of one market.
    ///
    /// @param takenAt   when the list in use was given; null while there is none
    /// @param offered   how many rows the exchange listed, collected or not
    /// @param collected how many instruments are collected
    /// @param refused   answers since the start that were none, or not believed
    /// @param trouble   why the last answer was none; null after a good one
    /// @param changes   how many there were since the start, by kind; what the first lists say is none
    public record Status(
            Market market,
            @Nullable Instant takenAt,
            int offered,
            int collected,
            long refused,
            @Nullable Failure trouble,
            NavigableMap<String, Long> changes) {}

    private static final class Known {
        private @Nullable InstrumentList list;
        private WatchSet watched;
        private boolean isNews; // false until there was a first watch set
        private long refused;
        private @Nullable Failure trouble;
        private final NavigableMap<String, Long> changes = new TreeMap<>();

        Known(Market market) {
            watched = WatchSet.empty(market);
        }
    }

    private final Filter filter;
    private final InstantSource clock;
    private final Listener listener;
    private final NavigableMap<Market, Known> markets = new TreeMap<>();
    private final Map<String, Instant> newlyListed = new HashMap<>();
    private Set<String> held = Set.of();
    private Set<String> near = Set.of();
    private boolean isRecording;
    private @Nullable KrwList krw;

    public Universe(Filter filter, InstantSource clock, Listener listener) {
        this.filter = filter;
        this.clock = clock;
        this.listener = listener;
    }

    /// Takes over what a market's source gave. A last good list is used where there is none yet, and is else but
    /// counted.
    public synchronized void accept(InstrumentList list) {
        Known known = known(list.market());
        known.trouble = list.trouble();
        if (list.trouble() != null) {
            known.refused++;
        }
        if (known.list != null && list.trouble() != null) {
            return;
        }
        if (list.market().equals(KrwList.MARKET)) {
            krw = believed(KrwList.of(list));
            known.list = list;
            refresh(list.takenAt());
        } else {
            known.list = list;
            refresh(known, list.takenAt());
        }
    }

    /// Notes that a market's source gave nothing that could be used.
    public synchronized void refused(Market market, Failure trouble) {
        Known known = known(market);
        known.refused++;
        known.trouble = trouble;
    }

    /// These coins stay collected until the next call names them no more.
    ///
    /// @param coins with a notice younger than a day or an open window, by Upbit's names
    public synchronized void hold(Set<String> coins) {
        Set<String> canonical = coins.stream().map(CoinName::canonical).collect(Collectors.toUnmodifiableSet());
        if (!canonical.equals(held)) {
            held = canonical;
            refresh(clock.instant());
        }
    }

    /// Coins of listings that are recorded just now, until the next call says otherwise.
    ///
    /// @param open with a window that is open, by Upbit's names
    /// @param near with one around the announcement, in which nothing of theirs is to be disturbed
    public synchronized void recording(Set<String> open, Set<String> near) {
        isRecording = !open.isEmpty();
        this.near = near.stream().map(CoinName::canonical).collect(Collectors.toUnmodifiableSet());
    }

    /// Whether a window of any listing is open just now.
    public synchronized boolean isRecording() {
        return isRecording;
    }

    /// Whether it is a coin that was announced just now: nothing of its is to be disturbed.
    public synchronized boolean isNear(Instrument instrument) {
        return filter.isHeld(instrument, near, clock.instant());
    }

    /// Whether it is one of the coins that are held: its trades are needed soon.
    public synchronized boolean isHeld(Instrument instrument) {
        return filter.isHeld(instrument, held, clock.instant());
    }

    /// Upbit was seen to list these coins for KRW. While there is no list to compare with, none of them is news.
    public synchronized void listed(Collection<String> coins, Instant at) {
        if (krw == null) {
            return;
        }
        int before = newlyListed.size();
        for (String coin : coins) {
            String canonical = CoinName.canonical(coin);
            if (!krw.bases().contains(canonical)) {
                newlyListed.putIfAbsent(canonical, at);
            }
        }
        if (newlyListed.size() > before) {
            refresh(at);
        }
    }

    /// What is collected of a market; nothing while there is no list.
    public synchronized WatchSet watched(Market market) {
        Known known = markets.get(market);
        return known == null ? WatchSet.empty(market) : known.watched;
    }

    /// Upbit's list as it is used; null while there is none.
    public synchronized @Nullable KrwList krw() {
        return krw == null ? null : krw.with(newlyListed.keySet());
    }

    /// The list in use of every market that has one.
    public synchronized List<InstrumentList> lists() {
        return markets.values().stream()
                .map(known -> known.list)
                .filter(Objects::nonNull)
                .toList();
    }

    /// Names that may mean something else than they seem to.
    public synchronized List<Collision> collisions() {
        List<Instrument> offered =
                lists().stream().flatMap(list -> list.instruments().stream()).toList();
        return Collision.among(offered, filter.aliases(), krw(), clock.instant());
    }

    /// Every market of which anything was heard.
    public synchronized List<Status> status() {
        return markets.keySet().stream().map(this::status).toList();
    }

    public synchronized Status status(Market market) {
        Known known = markets.getOrDefault(market, new Known(market));
        InstrumentList list = known.list;
        return new Status(
                market,
                list == null ? null : list.takenAt(),
                list == null ? 0 : list.offered(),
                known.watched.watched().size(),
                known.refused,
                known.trouble,
                new TreeMap<>(known.changes));
    }

    private Known known(Market market) {
        return markets.computeIfAbsent(market, Known::new);
    }

    /// Notes which coins are new on it.
    private KrwList believed(KrwList fresh) {
        KrwList before = krw;
        if (before != null) {
            fresh.bases().stream()
                    .filter(coin -> !before.bases().contains(coin))
                    .forEach(coin -> newlyListed.putIfAbsent(coin, fresh.takenAt()));
        }
        return fresh;
    }

    private void refresh(Instant at) {
        markets.values().forEach(known -> refresh(known, at));
    }

    private void refresh(Known known, Instant at) {
        if (known.list == null) {
            return;
        }
        Instant now = clock.instant();
        newlyListed.values().removeIf(since -> since.plus(NEWLY_LISTED).isBefore(now));
        Set<String> staying = new HashSet<>(newlyListed.keySet());
        staying.addAll(held);
        WatchSet before = known.watched;
        known.watched = WatchSet.of(known.list, filter, krw(), staying, now);
        Changes changes = Changes.between(before, known.watched, at, !known.isNews);
        if (known.isNews) {
            for (Change change : changes.changes()) {
                if (change.isNews()) {
                    known.changes.merge(change.kind(), 1L, Long::sum);
                }
            }
        }
        if (!changes.isEmpty() || !known.isNews) {
            known.isNews = true;
            listener.changed(changes, known.watched);
        }
    }
}

package io.metdc.simulator;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// The tape of one market: numbered prints of all its instruments, decided by a seed, popular instruments
/// first (Zipf's law: the k-th trades 1/k as often as the first). The newest `history` prints are
/// remembered, and of coins that are worth it as many of their own.
///
/// One thread calls [#advance(long, Consumer)]; any thread may read the feeds, and ask for what is to
/// change.
final class Tape {
    /// What begins later prints as often as the instrument of this rank: who waits for its first trade need
    /// not wait long.
    private static final int RANK_OF_NEW = 20;

    private final List<Feed> feeds = new CopyOnWriteArrayList<>();
    private final List<Feed> view = Collections.unmodifiableList(feeds);
    private final PriorityQueue<Turn> turns = new PriorityQueue<>(Comparator.comparingLong(Turn::nextAtNanos));
    private final ArrayDeque<Feed> chunksInOrder = new ArrayDeque<>();
    private final int history;
    private final long seed;
    private final boolean consumes;
    private final double rateOfFirst;
    private final Set<String> remembered;
    private final Queue<Change> changes = new ConcurrentLinkedQueue<>();

    /// What the tape's thread has to do to its feeds.
    private sealed interface Change {
        record Open(int place, long atNanos) implements Change {}

        record Close(int place) implements Change {}

        record Rename(int from, int to) implements Change {}
    }

    /// Every listing trades from the beginning, and none is remembered more than others.
    /// @param listings   the most popular first
    /// @param rate       prints a second of all listings together
    /// @param startNanos when the tape begins, nanoseconds since the epoch
    /// @param history    how many prints are remembered at least; no more than one chunk a listing above that
    Tape(List<Listing> listings, long seed, boolean consumes, double rate, long startNanos, int history) {
        this(listings, seed, consumes, rate, startNanos, history, Set.of(), Set.of());
    }

    /// @param remembered coins of which `history` prints each are remembered
    /// @param later      coins that do not trade before they are opened
    Tape(
            List<Listing> listings,
            long seed,
            boolean consumes,
            double rate,
            long startNanos,
            int history,
            Set<String> remembered,
            Set<String> later) {
        this.seed = seed;
        this.consumes = consumes;
        this.history = history;
        this.remembered = Set.copyOf(remembered);
        double weights = 0;
        for (int rank = 1; rank <= listings.size(); rank++) {
            weights += 1.0 / rank;
        }
        rateOfFirst = rate / weights;
        List<Feed> made = new ArrayList<>();
        for (Listing listing : listings) {
            Feed feed = new Feed(listing, seed, consumes, rateOfFirst / (made.size() + 1));
            if (!later.contains(listing.coin().name())) {
                feed.open(startNanos);
                turns.add(new Turn(made.size(), feed));
            }
            made.add(feed);
        }
        feeds.addAll(made);
    }

    private record Turn(int listing, Feed feed) {
        long nextAtNanos() {
            return feed.nextAtNanos();
        }
    }

    /// By place.
    List<Feed> feeds() {
        return view;
    }

    /// The feeds of a coin.
    List<Feed> feedsOf(String coin) {
        return feeds.stream()
                .filter(feed -> feed.listing.coin().name().equals(coin))
                .toList();
    }

    /// Adds an instrument that does not trade yet. One thread at a time.
    ///
    /// @return its place
    int add(Listing listing) {
        int place = feeds.size();
        feeds.add(new Feed(listing, seed, consumes, rateOfFirst / Math.min(RANK_OF_NEW, place + 1)));
        return place;
    }

    /// Lets an instrument begin to trade, soon; nothing happens where it does already.
    ///
    /// @param atNanos nanoseconds since the epoch
    void open(int place, long atNanos) {
        changes.add(new Change.Open(place, atNanos));
    }

    /// Lets an instrument trade no more, soon.
    void close(int place) {
        changes.add(new Change.Close(place));
    }

    /// Lets an instrument go on as another one, soon.
    void rename(int from, int to) {
        changes.add(new Change.Rename(from, to));
    }

    private void change() {
        for (Change due = changes.poll(); due != null; due = changes.poll()) {
            switch (due) {
                case Change.Open(int place, long atNanos) -> {
                    Feed feed = feeds.get(place);
                    if (!feed.isTrading()) {
                        feed.open(atNanos);
                        turns.add(new Turn(place, feed));
                    }
                }
                case Change.Close(int place) -> {
                    turns.removeIf(turn -> turn.listing() == place);
                    feeds.get(place).close();
                }
                case Change.Rename(int from, int to) -> {
                    turns.removeIf(turn -> turn.listing() == from || turn.listing() == to);
                    feeds.get(to).goOnFrom(feeds.get(from));
                    turns.add(new Turn(to, feeds.get(to)));
                }
            }
        }
    }

    /// Makes every print that is due.
    ///
    /// @param untilNanos nanoseconds since the epoch
    /// @param due        gets them in the order of their times
    void advance(long untilNanos, Consumer<Batch> due) {
        change();
        Batch batch = new Batch(64);
        Turn turn = turns.peek();
        while (turn != null && turn.nextAtNanos() <= untilNanos) {
            turns.poll();
            // All fills of one instant in one go: the queue is asked once for them.
            long instant = turn.nextAtNanos();
            do {
                if (batch.isFull()) {
                    due.accept(batch);
                    batch = new Batch(Batch.SIZE);
                }
                batch.add(turn.listing, turn.feed.count());
                if (turn.feed.advance() != null) {
                    remember(turn.feed);
                }
            } while (turn.nextAtNanos() == instant);
            turns.add(turn);
            turn = turns.peek();
        }
        if (batch.size() > 0) {
            due.accept(batch);
        }
    }

    private void remember(Feed feed) {
        int chunksKept = history / Chunk.SIZE + 1 + feeds.size();
        if (remembered.contains(feed.listing.coin().name())) {
            if (feed.chunksKept() > chunksKept) {
                feed.forgetOldestChunk();
            }
            return;
        }
        chunksInOrder.add(feed);
        if (chunksInOrder.size() > chunksKept) {
            chunksInOrder.remove().forgetOldestChunk();
        }
    }
}

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
import java.util.function.Consumer;

/// The tape of one market: numbered prints of all its instruments, decided by a seed, popular instruments first
/// (Zipf's law: the k-th trades 1/k as often as the first). The newest `history` prints are remembered, and of coins
/// that are worth it as many of their own.
///
/// One thread calls [#advance(long, Consumer)]; any thread may read the feeds and open those that begin later.
final class Tape {
    private final List<Feed> feeds;
    private final PriorityQueue<Turn> turns = new PriorityQueue<>(Comparator.comparingLong(Turn::nextAtNanos));
    private final ArrayDeque<Feed> chunksInOrder = new ArrayDeque<>();
    private final int chunksKept;
    private final Set<String> remembered;
    private final Set<String> later;
    private final Queue<Opening> openings = new ConcurrentLinkedQueue<>();

    private record Opening(String base, long atNanos) {}

    /// Every listing trades from the beginning, and none is remembered more than others.
    /// @param listings   the most popular first
    /// @param rate       prints a second of all listings together
    /// @param startNanos when the tape begins, nanoseconds since the epoch
    /// @param history    how many prints are remembered at least; no more than one chunk a listing above that
    Tape(List<Listing> listings, long seed, boolean consumes, double rate, long startNanos, int history) {
        this(listings, seed, consumes, rate, startNanos, history, Set.of(), Set.of());
    }

    /// @param remembered base assets of which `history` prints each are remembered
    /// @param later      base assets that do not trade before they are opened
    Tape(
            List<Listing> listings,
            long seed,
            boolean consumes,
            double rate,
            long startNanos,
            int history,
            Set<String> remembered,
            Set<String> later) {
        this.remembered = Set.copyOf(remembered);
        this.later = Set.copyOf(later);
        double weights = 0;
        for (int rank = 1; rank <= listings.size(); rank++) {
            weights += 1.0 / rank;
        }
        List<Feed> made = new ArrayList<>();
        for (Listing listing : listings) {
            int rank = made.size() + 1;
            Feed feed = new Feed(listing, seed, consumes, rate / rank / weights);
            made.add(feed);
            if (!later.contains(listing.base())) {
                feed.open(startNanos);
                turns.add(new Turn(rank - 1, feed));
            }
        }
        feeds = Collections.unmodifiableList(made);
        chunksKept = history / Chunk.SIZE + 1 + listings.size();
    }

    private record Turn(int listing, Feed feed) {
        long nextAtNanos() {
            return feed.nextAtNanos();
        }
    }

    /// In the order of the listings.
    List<Feed> feeds() {
        return feeds;
    }

    /// The feeds of a base asset.
    List<Feed> feedsOf(String base) {
        return feeds.stream().filter(feed -> feed.listing.base().equals(base)).toList();
    }

    /// Lets what was to begin later begin to trade; nothing happens where it does already.
    ///
    /// @param atNanos nanoseconds since the epoch
    void open(String base, long atNanos) {
        if (!later.contains(base)) {
            throw new IllegalArgumentException(base + " is not to begin later");
        }
        openings.add(new Opening(base, atNanos));
    }

    private void openWhatIsDue() {
        for (Opening due = openings.poll(); due != null; due = openings.poll()) {
            for (int listing = 0; listing < feeds.size(); listing++) {
                Feed feed = feeds.get(listing);
                if (feed.listing.base().equals(due.base()) && !feed.isOpen()) {
                    feed.open(due.atNanos());
                    turns.add(new Turn(listing, feed));
                }
            }
        }
    }

    /// Makes every print that is due.
    ///
    /// @param untilNanos nanoseconds since the epoch
    /// @param due        gets them in the order of their times
    void advance(long untilNanos, Consumer<Batch> due) {
        openWhatIsDue();
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
        if (remembered.contains(feed.listing.base())) {
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

package io.metdc.simulator;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Consumer;

/// The tape of one market: numbered prints of all its instruments, decided by a seed, popular instruments first
/// (Zipf's law: the k-th trades 1/k as often as the first). The newest `history` prints are remembered.
///
/// One thread calls [#advance(long, Consumer)]; any thread may read the feeds.
final class Tape {
    private final List<Feed> feeds;
    private final PriorityQueue<Turn> turns = new PriorityQueue<>(Comparator.comparingLong(Turn::nextAtNanos));
    private final ArrayDeque<Feed> chunksInOrder = new ArrayDeque<>();
    private final int chunksKept;

    /// @param listings   the most popular first
    /// @param rate       prints a second of all listings together
    /// @param startNanos when the tape begins, nanoseconds since the epoch
    /// @param history    how many prints are remembered at least; no more than one chunk a listing above that
    Tape(List<Listing> listings, long seed, boolean consumes, double rate, long startNanos, int history) {
        double weights = 0;
        for (int rank = 1; rank <= listings.size(); rank++) {
            weights += 1.0 / rank;
        }
        List<Feed> made = new ArrayList<>();
        for (Listing listing : listings) {
            int rank = made.size() + 1;
            Feed feed = new Feed(listing, seed, consumes, rate / rank / weights, startNanos);
            turns.add(new Turn(made.size(), feed));
            made.add(feed);
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

    /// Makes every print that is due.
    ///
    /// @param untilNanos nanoseconds since the epoch
    /// @param due        gets them in the order of their times
    void advance(long untilNanos, Consumer<Batch> due) {
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
        chunksInOrder.add(feed);
        if (chunksInOrder.size() > chunksKept) {
            chunksInOrder.remove().forgetOldestChunk();
        }
    }
}

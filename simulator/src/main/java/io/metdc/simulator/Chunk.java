package io.metdc.simulator;

import java.util.concurrent.atomic.AtomicLongArray;

/// A stretch of one instrument's tape: 29 bytes a print. Written by the tape's thread; a reader may read what lies
/// below the feed's count, and whoever writes a print to a socket first says so here.
final class Chunk {
    static final int SIZE = 1 << 10;

    private static final int KIND = 0x07;
    private static final int SELL = 0x08;
    private static final int WITHHELD = 0x10;
    private static final int IMPLAUSIBLE = 0x20;

    /// The index of the first print in the feed.
    final long first;
    /// Public trades before this chunk.
    final long publicBefore;

    private final int[] prices = new int[SIZE];
    private final long[] sizes = new long[SIZE];
    private final long[] times = new long[SIZE];
    private final byte[] flags = new byte[SIZE];
    private final AtomicLongArray writtenAt = new AtomicLongArray(SIZE);

    Chunk(long first, long publicBefore) {
        this.first = first;
        this.publicBefore = publicBefore;
    }

    void set(int at, PrintKind kind, boolean sell, int price, long size, long timeNanos) {
        prices[at] = price;
        sizes[at] = size;
        times[at] = timeNanos;
        flags[at] = (byte) (kind.code() | (sell ? SELL : 0));
    }

    /// Not to be sent on any stream, though REST has it. For the tape's thread, before the print is published.
    void withhold(int at) {
        flags[at] |= WITHHELD;
    }

    /// To be sent with a senseless time. For the tape's thread, before the print is published.
    void spoil(int at) {
        flags[at] |= IMPLAUSIBLE;
    }

    boolean isWithheld(int at) {
        return (flags[at] & WITHHELD) != 0;
    }

    boolean isImplausible(int at) {
        return (flags[at] & IMPLAUSIBLE) != 0;
    }

    PrintKind kind(int at) {
        return PrintKind.of(flags[at] & KIND);
    }

    boolean isSell(int at) {
        return (flags[at] & SELL) != 0;
    }

    /// In steps of the listing's price grid.
    int price(int at) {
        return prices[at];
    }

    /// In steps of the listing's size grid.
    long size(int at) {
        return sizes[at];
    }

    /// Nanoseconds since the epoch, finer than most exchanges give them.
    long timeNanos(int at) {
        return times[at];
    }

    /// When it was first written to a socket, nanoseconds since the epoch; 0 while it was not.
    long writtenAtNanos(int at) {
        return writtenAt.get(at);
    }

    /// Says that a print has been written to a socket.
    ///
    /// @return whether this was the first time
    boolean written(int at, long nowNanos) {
        return writtenAt.get(at) == 0 && writtenAt.compareAndSet(at, 0, nowNanos);
    }

    /// How many public trades the feed has up to and with this print.
    long publicUpTo(int at) {
        long count = publicBefore;
        for (int i = 0; i <= at; i++) {
            if (kind(i).isPublic()) {
                count++;
            }
        }
        return count;
    }
}

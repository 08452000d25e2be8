package io.metdc.simulator;

/// The prints that became due together, in the order of their times. Filled by the tape's thread; immutable once
/// handed to the connections.
final class Batch {
    static final int SIZE = 4096;

    private final int[] listings;
    private final long[] indices;
    private int size;

    Batch(int capacity) {
        listings = new int[capacity];
        indices = new long[capacity];
    }

    void add(int listing, long index) {
        listings[size] = listing;
        indices[size++] = index;
    }

    boolean isFull() {
        return size == listings.length;
    }

    int size() {
        return size;
    }

    int listing(int at) {
        return listings[at];
    }

    /// The index of the print in its feed.
    long index(int at) {
        return indices[at];
    }
}

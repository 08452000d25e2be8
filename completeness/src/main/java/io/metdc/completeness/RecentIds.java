package io.metdc.completeness;

import io.metdc.market.TradeId;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;

/// The last so many trade ids of an instrument, oldest out first: numbers and UUIDs exactly, everything else by
/// 128 bits of hash, by which no two ids of an instrument will ever be taken for one. It grows with what comes, up
/// to its bound, 28 bytes an id.
final class RecentIds {
    private static final int FIRST_SIZE = 16;
    private static final int END = -1;

    private static final byte NUMBER = 0;
    private static final byte TWO_NUMBERS = 1;

    private final int bound;
    // A ring of ids, oldest at `start`, each in a chain of those that share a bucket.
    private long[] high; // 0 for numbers alone
    private long[] low;
    private int[] next;
    private int[] buckets;
    private int start;
    private int size;
    private boolean forgetful;

    // The id that is looked for.
    private long keyHigh;
    private long keyLow;

    /// @param bound a power of two, 16 or more
    RecentIds(int bound) {
        this.bound = bound;
        high = new long[FIRST_SIZE];
        low = new long[FIRST_SIZE];
        next = new int[FIRST_SIZE];
        buckets = emptyBuckets(FIRST_SIZE);
    }

    /// Whether an id was ever dropped, so that an unknown one need not be new.
    boolean isForgetful() {
        return forgetful;
    }

    boolean contains(TradeId id) {
        key(id);
        return find();
    }

    /// Adds an id that is not among them.
    void add(TradeId id) {
        key(id);
        addKey();
    }

    /// The id as a number, where it is one of up to 19 digits; otherwise -1.
    static long number(TradeId id) {
        if (id.isNumber()) {
            return id.number();
        }
        String text = id.text();
        if (text.length() != 19 || text.charAt(0) == '0') {
            return -1;
        }
        long number = 0;
        for (int i = 0; i < 19; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number; // negative when it was too large for a long
    }

    private void key(TradeId id) {
        keyHigh = 0;
        keyLow = number(id);
        if (keyLow < 0 && !uuid(id.text())) {
            keyHigh = hash(id.text(), 0x9e37_79b9_7f4a_7c15L) | 1;
            keyLow = hash(id.text(), 0xbf58_476d_1ce4_e5b9L);
        }
    }

    private static long hash(String text, long factor) {
        long hash = text.length();
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * factor;
            hash ^= hash >>> 32;
        }
        return hash;
    }

    /// Reads a UUID in its canonical form; one whose first half is 0 is none here, so that it is not taken for a
    /// number.
    private boolean uuid(String text) {
        if (text.length() != 36) {
            return false;
        }
        long first = 0;
        long second = 0;
        for (int i = 0; i < 36; i++) {
            char c = text.charAt(i);
            if (i == 8 || i == 13 || i == 18 || i == 23) {
                if (c != '-') {
                    return false;
                }
                continue;
            }
            int digit;
            if (c >= '0' && c <= '9') {
                digit = c - '0';
            } else if (c >= 'a' && c <= 'f') {
                digit = c - 'a' + 10;
            } else {
                return false;
            }
            if (i < 18) {
                first = first << 4 | digit;
            } else {
                second = second << 4 | digit;
            }
        }
        keyHigh = first;
        keyLow = second;
        return first != 0;
    }

    private boolean find() {
        for (int slot = buckets[bucket(keyHigh, keyLow)]; slot != END; slot = next[slot]) {
            if (low[slot] == keyLow && high[slot] == keyHigh) {
                return true;
            }
        }
        return false;
    }

    private void addKey() {
        if (size == low.length) {
            if (size < bound) {
                grow();
            } else {
                removeOldest();
                forgetful = true;
            }
        }
        int slot = (start + size) & (low.length - 1);
        high[slot] = keyHigh;
        low[slot] = keyLow;
        size++;
        link(slot);
    }

    private void link(int slot) {
        int bucket = bucket(high[slot], low[slot]);
        next[slot] = buckets[bucket];
        buckets[bucket] = slot;
    }

    private void removeOldest() {
        int bucket = bucket(high[start], low[start]);
        if (buckets[bucket] == start) {
            buckets[bucket] = next[start];
        } else {
            int before = buckets[bucket];
            while (next[before] != start) {
                before = next[before];
            }
            next[before] = next[start];
        }
        start = (start + 1) & (low.length - 1);
        size--;
    }

    /// Doubles the room; only ever called when the ring is full and nothing was dropped yet, so that it
    /// starts at 0.
    private void grow() {
        int larger = low.length * 2;
        high = Arrays.copyOf(high, larger);
        low = Arrays.copyOf(low, larger);
        next = new int[larger];
        buckets = emptyBuckets(larger);
        for (int slot = 0; slot < size; slot++) {
            link(slot);
        }
    }

    private int bucket(long first, long second) {
        long mixed = (first * 31 + second) * 0x9e37_79b9_7f4a_7c15L;
        return (int) (mixed >>> 33) & (buckets.length - 1);
    }

    private static int[] emptyBuckets(int count) {
        int[] empty = new int[count];
        Arrays.fill(empty, END);
        return empty;
    }

    void save(DataOutputStream out) throws IOException {
        out.writeBoolean(forgetful);
        out.writeInt(size);
        long last = 0;
        for (int i = 0; i < size; i++) {
            int slot = (start + i) & (low.length - 1);
            if (high[slot] != 0) {
                out.writeByte(TWO_NUMBERS);
                out.writeLong(high[slot]);
                out.writeLong(low[slot]);
            } else {
                out.writeByte(NUMBER);
                writeDifference(out, low[slot] - last);
                last = low[slot];
            }
        }
    }

    void restore(DataInputStream in) throws IOException {
        boolean was = in.readBoolean();
        long last = 0;
        for (int left = in.readInt(); left > 0; left--) {
            keyHigh = 0;
            byte kind = in.readByte();
            switch (kind) {
                case NUMBER -> {
                    keyLow = last + readDifference(in);
                    last = keyLow;
                }
                case TWO_NUMBERS -> {
                    keyHigh = in.readLong();
                    keyLow = in.readLong();
                }
                default -> throw new IOException("an id of unknown kind " + kind);
            }
            addKey();
        }
        forgetful |= was;
    }

    /// Seven bits a byte, lowest first, the sign in the lowest: neighbouring ids take a byte or two.
    private static void writeDifference(DataOutputStream out, long difference) throws IOException {
        long left = difference << 1 ^ difference >> 63;
        while ((left & ~0x7fL) != 0) {
            out.writeByte((int) ((left & 0x7f) | 0x80));
            left >>>= 7;
        }
        out.writeByte((int) left);
    }

    private static long readDifference(DataInputStream in) throws IOException {
        long read = 0;
        byte piece;
        int shift = 0;
        do {
            piece = in.readByte();
            read |= (piece & 0x7fL) << shift;
            shift += 7;
        } while (piece < 0);
        return read >>> 1 ^ -(read & 1);
    }
}

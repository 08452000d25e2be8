package io.metdc.simulator;

/// SplitMix64 (Steele, Lea, Flood 2014). Written out because a seed must give the same trades on every JDK, which
/// the generators of the JDK do not promise. Not thread-safe.
final class SplitMix {
    private long state;

    SplitMix(long seed) {
        state = seed;
    }

    long next() {
        return mix(state += 0x9E3779B97F4A7C15L);
    }

    /// From 0 to `bound` - 1; `bound` at most 2^31. Uses the upper bits; the bias is far below what a tape could
    /// show.
    int below(int bound) {
        return (int) (((next() >>> 32) * bound) >>> 32);
    }

    static long mix(long value) {
        value = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        value = (value ^ (value >>> 27)) * 0x94D049BB133111EBL;
        return value ^ (value >>> 31);
    }

    /// A seed of its own for something with a name.
    static long seed(long seed, String name) {
        long mixed = mix(seed + 1);
        for (int i = 0; i < name.length(); i++) {
            mixed = mix(mixed ^ name.charAt(i));
        }
        return mixed;
    }
}

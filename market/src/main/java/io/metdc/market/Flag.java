package io.metdc.market;

import java.util.Locale;
import java.util.Set;

/// What is special about a trade that is a trade all the same.
public enum Flag {
    /// Agreed off the book and reported; its price may be off the market.
    BLOCK,
    /// Filled by retail price improvement liquidity.
    RPI;

    private static final Set<Flag> ONLY_BLOCK = Set.of(BLOCK);
    private static final Set<Flag> ONLY_RPI = Set.of(RPI);
    private static final Set<Flag> BOTH = Set.of(BLOCK, RPI);

    private final String id = name().toLowerCase(Locale.ROOT);

    public String id() {
        return id;
    }

    /// The set with these flags, without allocating one.
    public static Set<Flag> set(boolean block, boolean rpi) {
        if (block) {
            return rpi ? BOTH : ONLY_BLOCK;
        }
        return rpi ? ONLY_RPI : Set.of();
    }

    /// One bit per flag: block 1, rpi 2. The form in which journal and database keep them.
    public static int bits(Set<Flag> flags) {
        if (flags.isEmpty()) {
            return 0;
        }
        return (flags.contains(BLOCK) ? 1 : 0) | (flags.contains(RPI) ? 2 : 0);
    }

    /// The inverse of [#bits(Set)].
    ///
    /// @throws IllegalArgumentException when a bit is set that no flag has
    public static Set<Flag> ofBits(int bits) {
        if ((bits & ~3) != 0) {
            throw new IllegalArgumentException("unknown flag bits " + bits);
        }
        return set((bits & 1) != 0, (bits & 2) != 0);
    }

    @Override
    public String toString() {
        return id;
    }
}

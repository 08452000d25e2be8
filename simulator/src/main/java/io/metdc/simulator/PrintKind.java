package io.metdc.simulator;

/// What a number on the tape stands for.
enum PrintKind {
    /// A trade on the book.
    MARKET(0),
    /// A fill against a retail price improvement order: public, marked.
    RPI(1),
    /// Uses a number up and is nothing: price and size 0.
    NA(2),
    /// A liquidation taken over by the insurance fund, off the book and away from the market.
    INSURANCE_FUND(3),
    /// Auto-deleveraging, off the book.
    ADL(4),
    /// Nothing at all: neither a stream nor REST ever has its number.
    UNUSED(5);

    private static final PrintKind[] VALUES = values();

    private final int code;

    PrintKind(int code) {
        this.code = code;
    }

    static PrintKind of(int code) {
        return VALUES[code];
    }

    /// Three bits.
    int code() {
        return code;
    }

    /// Whether it is a public trade; otherwise its number is consumed.
    boolean isPublic() {
        return this == MARKET || this == RPI;
    }
}

package io.metdc.simulator;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// One instrument's tape: what comes next, and what came so far.
///
/// Trades come as orders that are filled once or several times at one instant; now and then orders come twenty
/// times as fast for a while. Sizes are log-normal, prices walk on their grid and stay within half and twice the
/// opening price. What print number n is (price, size, side, kind) depends on the seed and the symbol alone, until it
/// is pumped; when it happens also on the rate. Only the tape's thread advances a feed; any thread may read it and
/// may pump it.
final class Feed {
    /// Fills of an order, drawn with equal chance.
    private static final int[] FILLS = {
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 4, 6, 21
    };

    private static final double MEAN_FILLS = Arrays.stream(FILLS).average().orElseThrow();
    private static final int BURST_CHANCE = 500;
    private static final int BURST_ORDERS = 100;
    private static final int BURST_SPEED = 20;
    /// The mean gap, bursts included, in units of the gap outside of them.
    private static final double MEAN_GAP =
            (BURST_CHANCE + (double) BURST_ORDERS / BURST_SPEED) / (BURST_CHANCE + BURST_ORDERS);

    private static final int TABLE = 4096;
    private static final int UNIT = 20;
    /// Multiples of the mean, exponentially distributed, in units of 2^-20.
    private static final long[] GAPS = new long[TABLE];
    /// Multiples of the median, log-normally distributed, in units of 2^-20.
    private static final long[] SIZES = new long[TABLE];

    private static final double SIZE_SIGMA = 1.3;

    static {
        double total = 0;
        for (int i = 0; i < TABLE; i++) {
            double chance = (i + 0.5) / TABLE;
            GAPS[i] = Math.round(-StrictMath.log(chance) * (1 << UNIT));
            total += GAPS[i];
            SIZES[i] = Math.round(StrictMath.exp(SIZE_SIGMA * normalQuantile(chance)) * (1 << UNIT));
        }
        for (int i = 0; i < TABLE; i++) { // the table's own mean is exactly 1
            GAPS[i] = Math.round(GAPS[i] / (total / TABLE) * (1 << UNIT));
        }
    }

    final Listing listing;
    /// Rows of public trades written to sockets, every copy.
    final AtomicLong sent = new AtomicLong();
    /// Public trades written to at least one socket.
    final AtomicLong distinct = new AtomicLong();
    /// Rows of consumed numbers written to sockets, every copy.
    final AtomicLong consumed = new AtomicLong();
    /// Rows of aggregated trades written to sockets.
    final AtomicLong aggregates = new AtomicLong();

    /// How many of the next public trades [Fault#HOLE] withholds.
    final AtomicInteger holesOwed = new AtomicInteger();

    /// How many of the next numbers [Fault#UNUSED_NUMBER] leaves unused.
    final AtomicInteger unusedOwed = new AtomicInteger();

    private final boolean consumes;
    private SplitMix random;
    /// Decides what a pump changes; of its own, so that the rest stays as it would be.
    private SplitMix excitement;
    private long meanGapNanos;
    private int tickMove;

    private long timeNanos = Long.MAX_VALUE;
    private int mid;
    /// 0: that of the next order is still to be found.
    private int price;
    private boolean sell;
    private int fillsLeft;
    private int burstLeft;
    private long publicCount;

    private volatile Chunk[] chunks = {};
    private volatile long count;
    private volatile boolean begun;
    private volatile boolean trading;
    private volatile @Nullable Pump pump;

    /// A feed that has no print before it is opened.
    ///
    /// @param consumes        whether some numbers are consumed by what is no public trade, and some trades are RPI
    /// @param printsPerSecond on average
    Feed(Listing listing, long seed, boolean consumes, double printsPerSecond) {
        this.listing = listing;
        this.consumes = consumes;
        random = new SplitMix(SplitMix.seed(seed, listing.symbol()));
        excitement = new SplitMix(SplitMix.seed(seed, listing.symbol() + "/pump"));
        meanGapNanos = Math.max(1, Math.round(1e9 * MEAN_FILLS / printsPerSecond / MEAN_GAP));
        tickMove = Math.max(1, listing.opening() / 50_000);
        mid = listing.opening();
    }

    /// Begins to trade, or goes on after it had ended. For the tape's thread.
    ///
    /// @param startNanos nanoseconds since the epoch
    void open(long startNanos) {
        timeNanos = startNanos;
        nextOrder();
        begun = true;
        trading = true;
    }

    /// Trades no more. For the tape's thread.
    void close() {
        timeNanos = Long.MAX_VALUE;
        trading = false;
    }

    /// Goes on where another one ends, under its own name and with numbers of its own: the price, what
    /// decides the next orders, and when they come. For the tape's thread.
    void goOnFrom(Feed before) {
        random = before.random;
        excitement = before.excitement;
        meanGapNanos = before.meanGapNanos;
        tickMove = before.tickMove;
        timeNanos = before.timeNanos;
        mid = before.mid;
        price = before.price;
        sell = before.sell;
        fillsLeft = before.fillsLeft;
        burstLeft = before.burstLeft;
        pump = before.pump;
        before.close();
        begun = true;
        trading = true;
    }

    /// Whether it trades or ever did.
    boolean hasBegun() {
        return begun;
    }

    /// Whether it trades now.
    boolean isTrading() {
        return trading;
    }

    /// From its start on, this happens to the price.
    void pump(Pump next) {
        pump = next;
    }

    /// What happens to the price, if anything does.
    @Nullable
    Pump pump() {
        return pump;
    }

    /// When the next print happens, nanoseconds since the epoch.
    long nextAtNanos() {
        return timeNanos;
    }

    /// Makes the next print.
    ///
    /// @return a chunk when a new one had to be begun for it
    @Nullable
    Chunk advance() {
        long index = count;
        int at = (int) (index & (Chunk.SIZE - 1));
        Chunk begun = null;
        if (at == 0) {
            begun = new Chunk(index, publicCount);
            Chunk[] grown = Arrays.copyOf(chunks, chunks.length + 1);
            grown[chunks.length] = begun;
            chunks = grown;
        }
        Chunk chunk = chunks[chunks.length - 1];
        if (price == 0) {
            meetBook();
        }
        PrintKind kind = nextKind();
        switch (kind) {
            case MARKET, RPI -> {
                chunk.set(at, kind, sell, price, drawSize(), timeNanos);
                publicCount++;
            }
            case UNUSED -> {
                chunk.set(at, kind, sell, 0, 0, timeNanos);
                chunk.withhold(at);
            }
            case NA -> chunk.set(at, kind, sell, 0, 0, timeNanos);
            case INSURANCE_FUND, ADL -> chunk.set(at, kind, sell, price - price / 10, drawSize(), timeNanos);
        }
        count = index + 1;
        if (--fillsLeft == 0) {
            nextOrder();
        } else {
            walkThroughBook();
        }
        return begun;
    }

    private void nextOrder() {
        if (burstLeft > 0) {
            burstLeft--;
        } else if (random.below(BURST_CHANCE) == 0) {
            burstLeft = BURST_ORDERS;
        }
        long gap = (GAPS[random.below(TABLE)] * meanGapNanos) >> UNIT;
        Pump pumped = pump;
        if (pumped != null) {
            gap = Math.round(gap / pumped.speed(timeNanos));
        }
        timeNanos += burstLeft > 0 ? gap / BURST_SPEED : gap;
        fillsLeft = FILLS[random.below(FILLS.length)];
        if (random.below(3) == 0) { // orders of one side come in runs
            sell = !sell;
        }
        mid += (random.below(3) - 1) * (1 + random.below(tickMove));
        int opening = listing.opening();
        mid = Math.clamp(mid, Math.max(2, opening / 2), Math.multiplyExact(opening, 2));
        price = 0;
    }

    /// The price is found when the order comes: a pump may have begun since the one before.
    private void meetBook() {
        int middle = mid;
        Pump pumped = pump;
        if (pumped != null) {
            middle = Math.toIntExact(Math.round(mid * pumped.factor(timeNanos)));
            sell &= excitement.below(1 << UNIT) >= pumped.bought(timeNanos) * (1 << UNIT);
        }
        price = sell ? middle - 1 : middle;
    }

    private void walkThroughBook() {
        int move = random.below(2);
        price = sell ? Math.max(1, price - move) : price + move;
    }

    private PrintKind nextKind() {
        if (unusedOwed.get() > 0) {
            unusedOwed.decrementAndGet();
            return PrintKind.UNUSED;
        }
        return consumes ? drawKind() : PrintKind.MARKET;
    }

    private PrintKind drawKind() {
        int draw = random.below(10_000);
        if (draw < 50) {
            return PrintKind.NA;
        } else if (draw < 55) {
            return PrintKind.INSURANCE_FUND;
        } else if (draw < 60) {
            return PrintKind.ADL;
        }
        return draw < 360 ? PrintKind.RPI : PrintKind.MARKET;
    }

    private long drawSize() {
        long typical = listing.typicalSize();
        if (!listing.wide()) {
            return typical + Math.floorMod(random.next(), typical);
        }
        return Math.max(1, (typical * SIZES[random.below(TABLE)]) >> UNIT);
    }

    /// How many prints there are, forgotten ones included.
    long count() {
        return count;
    }

    /// The index of the oldest print that is remembered.
    long oldest() {
        Chunk[] kept = chunks;
        return kept.length == 0 ? 0 : kept[0].first;
    }

    /// The chunk that holds a print, or null when it is forgotten or not yet made.
    @Nullable
    Chunk chunk(long index) {
        if (index >= count) {
            return null;
        }
        Chunk[] kept = chunks;
        if (kept.length == 0 || index < kept[0].first) {
            return null;
        }
        return kept[(int) ((index - kept[0].first) / Chunk.SIZE)];
    }

    static int at(long index) {
        return (int) (index & (Chunk.SIZE - 1));
    }

    int chunksKept() {
        return chunks.length;
    }

    /// Keeps the one that is being written. For the tape's thread.
    void forgetOldestChunk() {
        Chunk[] kept = chunks;
        if (kept.length == 1) {
            return;
        }
        chunks = Arrays.copyOfRange(kept, 1, kept.length);
    }

    /// The inverse of the normal distribution, by bisection over a series good to 1e-7 (Abramowitz and Stegun
    /// 26.2.17): slow, and the same everywhere.
    private static double normalQuantile(double chance) {
        double low = -6;
        double high = 6;
        for (int i = 0; i < 50; i++) {
            double middle = (low + high) / 2;
            if (normal(middle) < chance) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + high) / 2;
    }

    private static double normal(double x) {
        double t = 1 / (1 + 0.2316419 * Math.abs(x));
        double series =
                t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
        double tail = StrictMath.exp(-x * x / 2) / StrictMath.sqrt(2 * StrictMath.PI) * series;
        return x > 0 ? 1 - tail : tail;
    }
}

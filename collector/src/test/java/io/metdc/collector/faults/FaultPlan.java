package io.metdc.collector.faults;

import io.metdc.collector.faults.Fault.Kind;
import io.metdc.collector.faults.Fault.Place;
import io.metdc.collector.faults.Fault.Side;
import io.metdc.market.Market;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/// Which faults happen when. The same for the same arguments.
record FaultPlan(List<Planned> faults) {
    /// From the end of a fault to the next one of its kind, or the second would find nothing to break.
    private static final Duration BETWEEN = Duration.ofMillis(200);

    /// @param at from the beginning
    record Planned(Duration at, Fault fault) {}

    FaultPlan {
        faults = List.copyOf(faults);
    }

    /// One fault in each stretch of `every`, at any time within. Kinds come by turns as often as their
    /// shares say, in an order that is drawn; none begins while one of its kind lasts, and all are over
    /// at the end.
    ///
    /// @param kinds which may happen
    static FaultPlan of(long seed, Duration length, Duration every, Set<Kind> kinds, List<Market> markets) {
        if (!every.isPositive() || length.compareTo(every) < 0 || kinds.isEmpty()) {
            throw new IllegalArgumentException("no faults in " + length + ", one in " + every + " of " + kinds);
        }
        Random random = new Random(seed);
        List<Planned> planned = new ArrayList<>();
        List<Kind> bag = new ArrayList<>();
        Map<Kind, Duration> busyUntil = new EnumMap<>(Kind.class);
        long count = length.dividedBy(every);
        for (long i = 0; i < count; i++) {
            Duration at = every.multipliedBy(i).plusMillis(random.nextLong(every.toMillis()));
            if (bag.isEmpty()) {
                bag.addAll(filled(kinds, random));
            }
            Kind kind = bag.getFirst();
            for (Kind other : bag) {
                if (free(other, busyUntil).compareTo(at) <= 0) {
                    kind = other;
                    break;
                }
            }
            bag.remove(kind);
            if (free(kind, busyUntil).compareTo(at) > 0) {
                at = free(kind, busyUntil);
            }
            if (at.compareTo(length) < 0) {
                Fault fault = draw(kind, random, markets, length.minus(at));
                busyUntil.put(kind, at.plus(fault.lasts()).plus(BETWEEN));
                planned.add(new Planned(at, fault));
            }
        }
        planned.sort(Comparator.comparing(Planned::at));
        return new FaultPlan(planned);
    }

    private static Duration free(Kind kind, Map<Kind, Duration> busyUntil) {
        return busyUntil.getOrDefault(kind, Duration.ZERO);
    }

    private static List<Kind> filled(Set<Kind> kinds, Random random) {
        List<Kind> bag = new ArrayList<>();
        for (Kind kind : Kind.values()) { // in a fixed order: a set has none
            if (kinds.contains(kind)) {
                bag.addAll(Collections.nCopies(kind.share, kind));
            }
        }
        Collections.shuffle(bag, random);
        return bag;
    }

    private static Fault draw(Kind kind, Random random, List<Market> markets, Duration left) {
        return switch (kind) {
            case KILL -> new Fault.Kill(random.nextBoolean() ? Duration.ZERO : within(random, 0, 1_500, left));
            case STOP -> new Fault.Stop(within(random, 500, 8_000, left));
            case DATABASE_AWAY -> new Fault.DatabaseAway(within(random, 500, 8_000, left));
            case CUT -> new Fault.Cut(place(random, markets));
            case HOLD -> new Fault.Hold(place(random, markets), within(random, 1_000, 5_000, left));
            case HALF_OPEN -> new Fault.HalfOpen(place(random, markets), within(random, 5_000, 40_000, left));
            case DISK_FULL -> new Fault.DiskFull(within(random, 1_000, 6_000, left));
            case CLOCK_STEP -> new Fault.ClockStep(Duration.ofMillis(random.nextLong(-20_000, 20_000)));
            case COMPRESS -> new Fault.Compress();
        };
    }

    private static Duration within(Random random, long fromMillis, long toMillis, Duration left) {
        return Duration.ofMillis(Math.min(left.toMillis(), random.nextLong(fromMillis, toMillis)));
    }

    /// Now and then all markets at once, as when the network is away.
    private static Place place(Random random, List<Market> markets) {
        Market one = markets.get(random.nextInt(markets.size()));
        boolean all = random.nextInt(8) == 0;
        return new Place(all ? null : one, random.nextInt(5) == 0 ? Side.REST : Side.STREAM);
    }
}

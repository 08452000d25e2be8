package io.metdc.collector.faults;

import io.metdc.market.Market;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What is done to the program, or to what it stands on.
sealed interface Fault {
    /// Kinds of faults, by which a plan is drawn.
    enum Kind {
        KILL(3),
        STOP(2),
        DATABASE_AWAY(2),
        CUT(4),
        HOLD(2),
        HALF_OPEN(2),
        DISK_FULL(1),
        CLOCK_STEP(2),
        COMPRESS(1);

        /// How often it comes for one of the rarest.
        final int share;

        Kind(int share) {
            this.share = share;
        }

        String id() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /// Where a wire runs.
    enum Side {
        STREAM,
        REST
    }

    /// Which wires.
    ///
    /// @param market null: all markets
    record Place(@Nullable Market market, Side side) {
        boolean touches(Market other) {
            return market == null || market.equals(other);
        }

        @Override
        public String toString() {
            return (market == null ? "all markets" : market) + " " + side.name().toLowerCase(Locale.ROOT);
        }
    }

    Kind kind();

    /// How long it lasts by itself; zero for what happens at an instant.
    Duration lasts();

    /// SIGKILL; started again after a pause.
    record Kill(Duration lasts) implements Fault {
        @Override
        public Kind kind() {
            return Kind.KILL;
        }
    }

    /// SIGSTOP, and SIGCONT later.
    record Stop(Duration lasts) implements Fault {
        @Override
        public Kind kind() {
            return Kind.STOP;
        }
    }

    /// The database server is stopped and started again; one that is not ours cannot be reached for so
    /// long.
    record DatabaseAway(Duration lasts) implements Fault {
        @Override
        public Kind kind() {
            return Kind.DATABASE_AWAY;
        }
    }

    /// Connections are reset (RST).
    record Cut(Place place) implements Fault {
        @Override
        public Kind kind() {
            return Kind.CUT;
        }

        @Override
        public Duration lasts() {
            return Duration.ZERO;
        }
    }

    /// What the exchange sends is held back, and then comes all at once.
    record Hold(Place place, Duration lasts) implements Fault {
        @Override
        public Kind kind() {
            return Kind.HOLD;
        }
    }

    /// Connections stay open and everything on them is swallowed, both ways; at the end those that are
    /// still there are reset. New ones are carried.
    record HalfOpen(Place place, Duration lasts) implements Fault {
        @Override
        public Kind kind() {
            return Kind.HALF_OPEN;
        }
    }

    /// The file system of the journal has no room.
    record DiskFull(Duration lasts) implements Fault {
        @Override
        public Kind kind() {
            return Kind.DISK_FULL;
        }
    }

    /// The clock that the program is given is set.
    ///
    /// @param offset ahead of the true one
    record ClockStep(Duration offset) implements Fault {
        @Override
        public Kind kind() {
            return Kind.CLOCK_STEP;
        }

        @Override
        public Duration lasts() {
            return Duration.ZERO;
        }
    }

    /// Every chunk is compressed, the one that is written too; where there are chunks.
    record Compress() implements Fault {
        @Override
        public Kind kind() {
            return Kind.COMPRESS;
        }

        @Override
        public Duration lasts() {
            return Duration.ZERO;
        }
    }

    /// Whether trades of a market may be late or lost by it. What is done to REST alone is among that:
    /// refills need it.
    default boolean disturbs(Market market) {
        return switch (this) {
            case Kill _, Stop _, DatabaseAway _, DiskFull _, Compress _ -> true;
            case Cut(Place place) -> place.touches(market);
            case Hold(Place place, Duration _) -> place.touches(market);
            case HalfOpen(Place place, Duration _) -> place.touches(market);
            case ClockStep _ -> false;
        };
    }

    /// One line for a person.
    default String inWords() {
        return switch (this) {
            case Kill(Duration lasts) -> "kill -9, started again after " + seconds(lasts);
            case Stop(Duration lasts) -> "stopped (SIGSTOP) for " + seconds(lasts);
            case DatabaseAway(Duration lasts) -> "the database is away for " + seconds(lasts);
            case Cut(Place place) -> "cut: " + place;
            case Hold(Place place, Duration lasts) -> "held back for " + seconds(lasts) + ": " + place;
            case HalfOpen(Place place, Duration lasts) -> "half-open for " + seconds(lasts) + ": " + place;
            case DiskFull(Duration lasts) -> "the journal's disk is full for " + seconds(lasts);
            case ClockStep(Duration offset) ->
                "the clock is set to " + (offset.isNegative() ? "" : "+") + seconds(offset);
            case Compress _ -> "all chunks are compressed";
        };
    }

    private static String seconds(Duration span) {
        return String.format(Locale.ROOT, "%.1f s", span.toMillis() / 1000.0);
    }

    /// All of them.
    Set<Kind> ALL = Set.of(Kind.values());
}

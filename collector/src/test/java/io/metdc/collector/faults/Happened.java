package io.metdc.collector.faults;

import io.metdc.market.Market;
import io.metdc.market.Nanos;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;

/// A fault that was planted. The kit's thread begins it; any thread may end it.
final class Happened {
    private final Fault fault;
    private final long from = Nanos.of(Instant.now());
    private volatile long to = Long.MAX_VALUE;
    private volatile Map<Market, Integer> broken = Map.of();
    private volatile String note = "";

    Happened(Fault fault) {
        this.fault = fault;
    }

    Fault fault() {
        return fault;
    }

    /// @param connections that did not survive it, by market
    void broke(Map<Market, Integer> connections) {
        broken = Map.copyOf(connections);
    }

    void note(String what) {
        note = what;
    }

    void isOver() {
        to = Math.max(from, Nanos.of(Instant.now()));
    }

    boolean lasts() {
        return to == Long.MAX_VALUE;
    }

    Span span() {
        return new Span(from, to);
    }

    /// Whether it surely ended a connection of this market that trades came on.
    boolean broke(Market market) {
        return switch (fault) {
            case Fault.Kill _ -> true;
            case Fault.Cut(Fault.Place place) -> isStream(place) && broken.getOrDefault(market, 0) > 0;
            case Fault.HalfOpen(Fault.Place place, Duration _) -> isStream(place) && broken.getOrDefault(market, 0) > 0;
            case Fault.Stop _,
                    Fault.DatabaseAway _,
                    Fault.Hold _,
                    Fault.DiskFull _,
                    Fault.ClockStep _,
                    Fault.Compress _ -> false;
        };
    }

    private static boolean isStream(Fault.Place place) {
        return place.side() == Fault.Side.STREAM;
    }

    String line(long beganNanos) {
        String lasted = lasts() ? "" : String.format(Locale.ROOT, " (%.1f s)", (to - from) / 1e9);
        return String.format(
                Locale.ROOT,
                "%7.1f s  %s%s%s",
                (from - beganNanos) / 1e9,
                fault.inWords(),
                lasted,
                note.isEmpty() ? "" : " · " + note);
    }
}

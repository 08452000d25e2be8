package io.metdc.dashboard;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// A service whose situation a test sets.
final class Shown implements Status {
    private static final Instant BEGAN = Instant.parse("2026-11-21T10:00:00Z");

    volatile Pulse.Phase phase = Pulse.Phase.RUNNING;
    volatile long progress = 7;
    volatile boolean listingWindow;
    final List<Remark> stuck = new ArrayList<>();
    final List<Remark> missing = new ArrayList<>();

    @Override
    public Pulse pulse() {
        return new Pulse(phase, BEGAN, progress, stuck, listingWindow);
    }

    @Override
    public Situation situation() {
        Situation.Worker one =
                new Situation.Worker("acme-spot-1", "delivering", BEGAN, true, 90, 1, 5_000, 4_000, 2, 1, null);
        Situation.Worker two = new Situation.Worker(
                "acme-spot-2", "backing off", BEGAN, false, 10, 0, 0, 0, 0, 3, "closed \"by\" the other side");
        return new Situation(
                "0.1",
                BEGAN,
                BEGAN.plusSeconds(60),
                phase,
                0.8999,
                missing,
                List.of(new Remark("database", "away")),
                List.of(new Situation.Stage("journal", true, 12, Duration.ofMillis(5), false)),
                phase == Pulse.Phase.STARTING
                        ? null
                        : new Situation.Collected(
                                new Situation.Trades(1_000, 12.5, 900, 60, 40, 3, 5, 2),
                                new Situation.Journal(4_096, Duration.ofMillis(1_500), 4, 3, 50, true, null),
                                new Situation.DatabaseState("waiting", 9, Duration.ofMillis(20), BEGAN, "no route"),
                                2,
                                List.of(new Situation.MarketState(
                                        "acme",
                                        "spot",
                                        0.8999,
                                        100,
                                        99,
                                        80,
                                        10,
                                        3,
                                        4,
                                        Duration.ofMillis(-250),
                                        1_000,
                                        12.5,
                                        null,
                                        List.of(one, two))),
                                List.of(new Situation.Recording("CRV_1", BEGAN, "near", "core", null)),
                                List.of(new Latency(
                                        List.of("acme", "spot"), List.of(10L, 100L), List.of(3L, 2L, 1L), 0.9)),
                                new Latency(List.of(), List.of(10L, 100L), List.of(5L, 0L, 0L), 0.02)));
    }
}

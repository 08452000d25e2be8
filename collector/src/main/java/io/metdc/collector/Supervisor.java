package io.metdc.collector;

import io.metdc.collector.cli.ExitCode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Watches whether everything that has work moves; that a thread is alive proves nothing.
///
/// ```
/// has work, and its counter stands still for its time-out
///   ─▶ ERROR with a dump of all threads ─▶ it is restarted ─▶ still nothing for its time-out ─▶ the process has to go:
///                      └── cannot be restarted ─────────────────────────────────────────────▶   broken(), exit code 75
/// ```
///
/// Whoever runs the process asks [#broken()] and ends it in order, so that what is received reaches the journal. When
/// that does not happen in time either, since whoever runs it hangs as well, the supervisor ends the process itself.
///
/// One platform thread, `supervisor`, since carriers of virtual threads may be what is stuck; by the monotonic clock,
/// and with what the process was stopped or suspended for taken out. Any thread may ask.
final class Supervisor implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Supervisor.class);

    private static final Duration LOOK = Duration.ofSeconds(1);

    /// From [#broken()] on the process may take so long to end in order.
    private static final Duration LAST_MOMENT = Duration.ofSeconds(15);

    /// A look that comes so late was not held up by us: the process or the machine stood still.
    private static final Duration STOOD_STILL = Duration.ofSeconds(5);

    private final Path dumps;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final Supplier<List<SupervisedStage>> stages;
    private final Runnable end;
    private final Thread thread =
            Thread.ofPlatform().name("supervisor").daemon().unstarted(this::run);

    private volatile List<Found> found = List.of();
    private final AtomicLong progress = new AtomicLong();
    private volatile long lookedAt;
    private volatile @Nullable String broken;

    private final List<Watched> watched = new ArrayList<>(); // the thread's, as the next
    private long brokenAt;

    /// What is known of a stage.
    ///
    /// @param still   for how long it had work and did nothing
    /// @param isStuck whether that is too long
    record Found(String name, boolean hasWork, long counter, Duration still, boolean isStuck) {}

    private static final class Watched {
        final SupervisedStage stage;
        long counter = Long.MIN_VALUE;
        long movedAt; // or had nothing to do
        long patientSince; // as movedAt, or the last restart
        boolean isStuck;
        boolean isRestarted;

        Watched(SupervisedStage stage, long now) {
            this.stage = stage;
            movedAt = now;
            patientSince = now;
        }
    }

    /// @param stages asked at each look: they come and go
    /// @param dumps  where dumps of threads go
    Supervisor(Supplier<List<SupervisedStage>> stages, Path dumps, InstantSource clock) {
        this(stages, dumps, clock, System::nanoTime, () -> Runtime.getRuntime().halt(ExitCode.RESTART));
    }

    /// @param end ends the process at once
    Supervisor(
            Supplier<List<SupervisedStage>> stages,
            Path dumps,
            InstantSource clock,
            LongSupplier nanoTime,
            Runnable end) {
        this.stages = stages;
        this.dumps = dumps;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.end = end;
        this.lookedAt = nanoTime.getAsLong();
    }

    void start() {
        thread.start();
    }

    /// Grows with each look, until the process has to be started anew.
    long progress() {
        return progress.get();
    }

    /// What was found at the last look.
    List<Found> found() {
        return found;
    }

    /// How long ago the last look was: it is one every second.
    Duration sinceLook() {
        return Duration.ofNanos(nanoTime.getAsLong() - lookedAt);
    }

    /// Why the process has to be started anew, in words; null while it has not.
    @Nullable
    String broken() {
        return broken;
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void run() {
        try {
            while (true) {
                try {
                    look();
                } catch (
                        RuntimeException e) { // a bug of ours: without progress whoever restarts the process will do so
                    log.error("the stages cannot be looked at; going on", e);
                }
                Thread.sleep(LOOK);
            }
        } catch (InterruptedException _) {
            // the only stop signal
        }
    }

    /// One look at everything.
    void look() {
        long now = nanoTime.getAsLong();
        long late = now - lookedAt - STOOD_STILL.toNanos();
        if (late > 0) {
            log.warn(
                    "the process stood still for {} s",
                    Duration.ofNanos(now - lookedAt).toSeconds());
        }
        follow(stages.get(), now);
        List<Found> all = new ArrayList<>();
        for (Watched one : watched) {
            if (late > 0) { // nobody could do anything meanwhile
                one.movedAt += now - lookedAt;
                one.patientSince += now - lookedAt;
            }
            all.add(look(one, now));
        }
        found = List.copyOf(all);
        lookedAt = now;
        if (broken == null) {
            progress.incrementAndGet();
        } else if (now - brokenAt >= LAST_MOMENT.toNanos()) {
            log.error("the process does not end in order: ending it now");
            end.run();
        }
    }

    private void follow(List<SupervisedStage> now, long nanos) {
        watched.removeIf(one -> now.stream().noneMatch(stage -> isSame(stage, one.stage)));
        for (SupervisedStage stage : now) {
            if (watched.stream().noneMatch(one -> isSame(stage, one.stage))) {
                watched.add(new Watched(stage, nanos));
            }
        }
    }

    private static boolean isSame(SupervisedStage one, SupervisedStage other) {
        return one.name().equals(other.name());
    }

    private Found look(Watched one, long now) {
        SupervisedStage.Standing standing;
        try {
            standing = one.stage.standing().get();
        } catch (RuntimeException e) { // a bug of ours must not keep the others from being watched
            log.error("what {} is at cannot be asked", one.stage.name(), e);
            standing = new SupervisedStage.Standing(false, one.counter);
        }
        if (!standing.hasWork() || standing.counter() != one.counter) {
            if (one.isStuck) {
                log.info(
                        "{} moves again after {} s",
                        one.stage.name(),
                        Duration.ofNanos(now - one.movedAt).toSeconds());
            }
            one.counter = standing.counter();
            one.movedAt = now;
            one.patientSince = now;
            one.isStuck = false;
            one.isRestarted = false;
        } else if (now - one.patientSince >= one.stage.timeOut().toNanos()) {
            one.isStuck = true;
            one.patientSince = now;
            stuck(one, now);
        }
        return new Found(
                one.stage.name(),
                standing.hasWork(),
                standing.counter(),
                Duration.ofNanos(now - one.movedAt),
                one.isStuck);
    }

    private void stuck(Watched one, long now) {
        String name = one.stage.name();
        long seconds = Duration.ofNanos(now - one.movedAt).toSeconds();
        Runnable restart = one.stage.restart();
        if (broken != null) {
            return;
        }
        String dump = ThreadDump.write(dumps, clock.instant());
        if (restart != null && !one.isRestarted) {
            one.isRestarted = true;
            log.error("{} has work and has done nothing for {} s: it is restarted (threads: {})", name, seconds, dump);
            Thread.ofPlatform().name(name + "-restart").daemon().start(() -> restart(name, restart));
            return;
        }
        log.error(
                "{} has work and has done nothing for {} s: the process has to be started anew (threads: {})",
                name,
                seconds,
                dump);
        brokenAt = now;
        broken = name + " has done nothing for " + seconds + " s, see " + dump;
    }

    private static void restart(String name, Runnable restart) {
        try {
            restart.run();
        } catch (RuntimeException e) {
            log.error("{} cannot be restarted", name, e);
        }
    }
}

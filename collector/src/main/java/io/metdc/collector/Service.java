package io.metdc.collector;

import io.metdc.collector.cli.CommandException;
import io.metdc.collector.cli.ExitCode;
import io.metdc.collector.cli.Version;
import io.metdc.collector.config.LoggingSettings;
import io.metdc.collector.config.Settings;
import io.metdc.collector.frames.FrameRecording;
import io.metdc.collector.logging.Logging;
import io.metdc.dashboard.Dashboard;
import io.metdc.dashboard.LogLevel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `metdc run`: the collector as a service, until the process is told to end. Runs on the main thread.
final class Service {
    private static final Logger log = LoggerFactory.getLogger(Service.class);

    /// Whoever tells a process to end usually waits ten seconds before worse.
    private static final Duration STOP = Duration.ofMillis(7_500);

    private static final Duration LOOK = Duration.ofSeconds(1);

    /// The main thread looks every second.
    private static final Duration MAIN_STANDS = Duration.ofSeconds(60);

    private final Settings settings;
    private final @Nullable FrameRecording recording;
    private final @Nullable Path addressFile;
    private final InstantSource clock;
    private final Supervisor supervisor;
    private final Shown shown;
    private volatile @Nullable Collector running;
    private final AtomicLong turns = new AtomicLong(); // of the main thread, while it watches

    /// @param addressFile where it is said at which address HTTP is served; null where nobody wants to know
    Service(Settings settings, @Nullable FrameRecording recording, @Nullable Path addressFile, InstantSource clock) {
        this.settings = settings;
        this.recording = recording;
        this.addressFile = addressFile;
        this.clock = clock;
        this.supervisor = new Supervisor(this::stages, settings.logging().directory(), clock);
        this.shown = new Shown(Version.text(), settings, supervisor, clock);
    }

    /// Runs until an interrupt, which SIGTERM and Ctrl-C become here, or until it cannot go on.
    ///
    /// @return the exit code
    int run() throws CommandException {
        Thread.setDefaultUncaughtExceptionHandler(
                (thread, error) -> log.error("{} has ended unexpectedly", thread.getName(), error));
        supervisor.start();
        try (Ending _ = Ending.of(Thread.currentThread(), ExitCode.OK);
                supervisor;
                Dashboard _ = Dashboard.open(settings.http().address(), shown, new LogLevels(), this::listens)) {
            return collect();
        } catch (StartFailed e) {
            throw CommandException.failed(String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            log.info("stopped while starting");
            return ExitCode.OK;
        }
    }

    /// Says where HTTP is served, for who started the process and asks whether it moves.
    private void listens(Optional<InetSocketAddress> at) {
        if (addressFile == null) {
            return;
        }
        String line = at.map(Dashboard::written).orElse("none") + "\n";
        try {
            Path whole = addressFile.resolveSibling(addressFile.getFileName() + ".new");
            Files.writeString(whole, line);
            Files.move(whole, addressFile, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            log.warn("cannot say in {} where HTTP is served: {}", addressFile, e.toString());
        }
    }

    private List<SupervisedStage> stages() {
        Collector collector = running;
        if (collector == null) {
            return List.of(); // the stages of the start have time-outs of their own
        }
        List<SupervisedStage> stages = new ArrayList<>(collector.stages());
        stages.add(new SupervisedStage(
                "main", () -> new SupervisedStage.Standing(running != null, turns.get()), MAIN_STANDS, null));
        return stages;
    }

    /// How much is logged, by HTTP.
    private static final class LogLevels implements LogLevel {
        @Override
        public String current() {
            return Logging.level().toString();
        }

        @Override
        public boolean change(String level) {
            for (LoggingSettings.Level known : LoggingSettings.Level.values()) {
                if (known.toString().equals(level)) {
                    log.info("logging at level {} from now on", level);
                    Logging.setLevel(known);
                    return true;
                }
            }
            return false;
        }
    }

    private int collect() throws StartFailed, InterruptedException {
        log.info("metdc {} starts, data in {}", Version.text(), settings.dataDirectory());
        Collector collector = Collector.start(settings, recording, Version.text(), clock);
        running = collector;
        shown.runs(collector);
        int exitCode = ExitCode.OK;
        try {
            exitCode = watch(collector);
        } catch (InterruptedException e) {
            log.info("told to stop: closing connections, storing what was received");
        }
        shown.stops();
        if (exitCode == ExitCode.OK) {
            running = null; // what ends is not to move
        }
        boolean allStored = collector.stop(STOP);
        log.info("{}", collector.status().sums());
        Histogram delays = collector.delays();
        log.info(
                "stored after receipt: p50 {} ms, p99 {} ms, max {} ms",
                delays.getValueAtPercentile(50),
                delays.getValueAtPercentile(99),
                delays.getMaxValue());
        if (allStored) {
            log.info("stopped; everything received is stored");
        } else {
            log.warn("stopped; what is not stored yet stays in the journal and is stored at the next start");
        }
        return exitCode;
    }

    /// Says every now and then how things are; returns when they cannot go on.
    private int watch(Collector collector) throws InterruptedException {
        Status first = collector.status();
        log.info("collecting: {}", first.inWords());
        long linesEvery = settings.recovery().healthInterval().toNanos();
        long last = System.nanoTime();
        long receivedThen = first.intake().received();
        while (true) {
            Thread.sleep(LOOK);
            turns.incrementAndGet();
            String broken = collector.broken();
            if (broken == null) {
                broken = supervisor.broken();
            }
            if (broken != null) {
                log.error("ending, to be started again: {}", broken);
                return ExitCode.RESTART;
            }
            long now = System.nanoTime();
            shown.received(now, collector.status().intake().received(), collector.received());
            if (now - last >= linesEvery) {
                Status status = collector.status();
                long received = status.intake().received();
                log.info("{}", status.inWords((received - receivedThen) * 1e9 / (now - last)));
                receivedThen = received;
                last = now;
            }
        }
    }
}

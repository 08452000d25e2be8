package io.metdc.collector;

import io.metdc.collector.cli.CommandException;
import io.metdc.collector.cli.ExitCode;
import io.metdc.collector.cli.Version;
import io.metdc.collector.config.Settings;
import io.metdc.collector.frames.FrameRecording;
import java.time.Duration;
import java.time.InstantSource;
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

    private final Settings settings;
    private final @Nullable FrameRecording recording;
    private final InstantSource clock;

    Service(Settings settings, @Nullable FrameRecording recording, InstantSource clock) {
        this.settings = settings;
        this.recording = recording;
        this.clock = clock;
    }

    /// Runs until an interrupt, which SIGTERM and Ctrl-C become here, or until it cannot go on.
    ///
    /// @return the exit code
    int run() throws CommandException {
        try (Ending _ = Ending.of(Thread.currentThread(), ExitCode.OK)) {
            return collect();
        } catch (StartFailed e) {
            throw CommandException.failed(String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            log.info("stopped while starting");
            return ExitCode.OK;
        }
    }

    private int collect() throws StartFailed, InterruptedException {
        log.info("metdc {} starts, data in {}", Version.text(), settings.dataDirectory());
        Collector collector = Collector.start(settings, recording, Version.text(), clock);
        int exitCode = ExitCode.OK;
        try {
            exitCode = watch(collector);
        } catch (InterruptedException e) {
            log.info("told to stop: closing connections, storing what was received");
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
            String broken = collector.broken();
            if (broken != null) {
                log.error("ending, to be started again: {}", broken);
                return ExitCode.RESTART;
            }
            long now = System.nanoTime();
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

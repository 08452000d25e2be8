package io.metdc.collector;

import io.metdc.completeness.Intake;
import io.metdc.completeness.Progress;
import io.metdc.storage.journal.Damage;
import io.metdc.storage.journal.Fill;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Watches over the room for what comes: says when the journal or its disk is nearly full, and tells the
/// workers when there is no point in reading.
///
/// ```
/// 80 %  WARN        90 %  ERROR        below again  INFO        of journal.max_size and of the disk, once each
/// nothing taken for some seconds ─▶ reading stops ─▶ room for one more segment ─▶ reading goes on
/// ```
///
/// A journal that takes a little now and then does not stop reading: what it cannot take is held back and,
/// where it waits too long, counted as overflow and entered as a hole. One virtual thread, `journal-watch`;
/// any thread may ask.
final class JournalWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(JournalWatch.class);

    /// So long the journal takes nothing before reading stops.
    static final Duration PATIENCE = Duration.ofSeconds(3);

    /// Costs some microseconds.
    private static final Duration LOOK = Duration.ofMillis(200);

    private final Supplier<Progress> progress;
    private final Supplier<Fill> fillNow;
    private final Supplier<Damage> damage;
    private final Duration patience;
    private final Object lock = new Object();
    private final Thread thread;

    private volatile boolean reading = true; // changed under the lock
    private volatile Fill fill;

    // The thread's.
    private Fill.Level journal = Fill.Level.LOW;
    private Fill.Level disk = Fill.Level.LOW;
    private boolean refused;
    private @Nullable Instant writtenOutAt;
    private long refusedSince;
    private long stoppedAt;

    /// What is known of the journal.
    ///
    /// @param reading whether there is room, so that connections are kept
    record Status(Fill fill, Damage damage, boolean reading) {}

    JournalWatch(Intake intake, Duration patience) {
        this(intake::progress, intake::fill, intake::damage, patience);
    }

    JournalWatch(Supplier<Progress> progress, Supplier<Fill> fill, Supplier<Damage> damage, Duration patience) {
        this.progress = progress;
        this.fillNow = fill;
        this.damage = damage;
        this.patience = patience;
        this.fill = fill.get();
        this.thread = Thread.ofVirtual().name("journal-watch").start(this::run);
    }

    /// Whether there is room for what is read.
    boolean hasRoom() {
        return reading;
    }

    /// Waits until there is.
    void awaitRoom() throws InterruptedException {
        synchronized (lock) {
            while (!reading) {
                lock.wait();
            }
        }
    }

    Status status() {
        return new Status(fill, damage.get(), reading);
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void run() {
        try {
            while (true) {
                look(System.nanoTime());
                Thread.sleep(LOOK);
            }
        } catch (InterruptedException _) {
            // the only stop signal
        } catch (RuntimeException e) {
            log.error("the journal is not watched any more", e);
            setReading(true); // else nobody would let them go on
        }
    }

    private void look(long now) {
        fill = fillNow.get();
        journal = tell(
                journal,
                fill.journalPercent(),
                fill.journalInWords(),
                "when it is full, reading stops until the database has taken enough: see to the database, or raise"
                        + " journal.max_size");
        disk = tell(disk, fill.diskPercent(), fill.diskInWords(), "when it is full, reading stops: make room there");
        Progress current = progress.get();
        String refusal = current.refusal();
        if (refusal == null) {
            refused = false;
            if (!reading && fill.hasRoom()) {
                log.info(
                        "the journal has room again: reading goes on after {} s",
                        Duration.ofNanos(now - stoppedAt).toSeconds());
                setReading(true);
            }
        } else if (!refused || !Objects.equals(writtenOutAt, current.writtenOutAt())) {
            refused = true;
            writtenOutAt = current.writtenOutAt();
            refusedSince = now;
        } else if (reading && now - refusedSince >= patience.toNanos()) {
            stoppedAt = now;
            log.error(
                    "the journal has taken nothing for {} s ({}): reading stops until there is room, every connection ends;"
                            + " what came and found no room is counted, and entered as holes when it can be",
                    patience.toSeconds(),
                    refusal);
            setReading(false);
        }
    }

    private static Fill.Level tell(Fill.Level before, int percent, String what, String advice) {
        Fill.Level now = Fill.next(before, percent);
        if (now == before) {
            return now;
        }
        if (now.compareTo(before) < 0) {
            log.info("{}: that is less again", what);
        } else {
            switch (now) {
                case CRITICAL -> log.error("{}: {}", what, advice);
                case HIGH, LOW -> log.warn("{}: {}", what, advice);
            }
        }
        return now;
    }

    private void setReading(boolean now) {
        synchronized (lock) {
            reading = now;
            lock.notifyAll();
        }
    }
}

package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.metdc.completeness.Progress;
import io.metdc.storage.journal.Damage;
import io.metdc.storage.journal.Fill;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/// What is said of a journal that fills up, and when reading stops.
class JournalWatchTest {
    private static final Duration PATIENCE = Duration.ofMillis(600);
    private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

    private final List<String> said = new CopyOnWriteArrayList<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(JournalWatch.class);
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            said.add(event.getLevel() + " " + event.getFormattedMessage());
        }
    };
    private volatile Fill fill = fill(10, 10, true);
    private volatile @Nullable String refusal;
    private volatile Instant writtenOutAt = NOW;

    @BeforeEach
    void listen() {
        appender.start();
        logger.addAppender(appender);
        logger.setLevel(Level.INFO);
    }

    @AfterEach
    void listenNoMore() {
        logger.detachAppender(appender);
        logger.setLevel(null);
    }

    private JournalWatch watch() {
        return new JournalWatch(this::progress, () -> fill, () -> new Damage(2, 12_345), PATIENCE);
    }

    private static Fill fill(long journalPercent, long diskPercent, boolean hasRoom) {
        return new Fill(
                journalPercent * 200_000_000,
                20_000_000_000L,
                diskPercent * 5_000_000_000L,
                (100 - diskPercent) * 5_000_000_000L,
                hasRoom);
    }

    private Progress progress() {
        return new Progress(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, writtenOutAt, refusal, true);
    }

    @Test
    void a_journal_and_a_disk_that_fill_up_are_said_once_at_eighty_and_at_ninety_percent_and_when_they_fall()
            throws Exception {
        fill = fill(81, 10, true);
        try (JournalWatch watch = watch()) {
            await().until(() -> said.size() == 1);
            fill = fill(84, 92, true);
            await().until(() -> said.size() == 2);
            fill = fill(91, 93, true);
            await().until(() -> said.size() == 3);
            fill = fill(12, 85, true);
            await().until(() -> said.size() == 5);
            fill = fill(12, 82, true);
            await().until(() -> watch.status().fill().diskPercent() == 82);

            assertThat(said).hasSize(5);
            assertThat(said.get(0))
                    .startsWith("WARN the journal is full to 81 %")
                    .contains("journal.max_size");
            assertThat(said.get(1))
                    .startsWith("ERROR the journal's disk is full to 92 %")
                    .contains("make room");
            assertThat(said.get(2)).startsWith("ERROR the journal is full to 91 %");
            assertThat(said.get(3)).startsWith("INFO the journal is full to 12 %");
            assertThat(said.get(4)).startsWith("INFO the journal's disk is full to 85 %");
            assertThat(watch.status().fill().inWords()).contains("disk is full to 82 % (90,000 MB are free)");
        }
    }

    @Test
    void reading_stops_when_nothing_was_taken_for_a_while_and_goes_on_when_a_segment_fits() throws Exception {
        try (JournalWatch watch = watch()) {
            refusal = "No space left on device";
            fill = fill(10, 100, false);
            assertThat(watch.hasRoom()).isTrue();
            await().until(() -> !watch.hasRoom());
            Thread waiting = Thread.ofVirtual().start(() -> {
                try {
                    watch.awaitRoom();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            refusal = null; // a block found room, and nothing more would
            await().during(Duration.ofMillis(600)).until(() -> !watch.hasRoom());
            assertThat(waiting.isAlive()).isTrue();
            fill = fill(10, 79, true);

            assertThat(waiting.join(Duration.ofSeconds(10))).isTrue();
            assertThat(watch.hasRoom()).isTrue();
            assertThat(said)
                    .filteredOn(line -> line.contains("reading"))
                    .filteredOn(line -> !line.contains("disk is full"))
                    .satisfiesExactly(
                            line -> assertThat(line).startsWith("ERROR").contains("No space left on device"),
                            line -> assertThat(line).startsWith("INFO").contains("reading goes on"));
        }
    }

    @Test
    void a_journal_that_takes_a_little_now_and_then_does_not_stop_reading() throws Exception {
        try (JournalWatch watch = watch()) {
            refusal = "the journal has reached its size";
            Instant end = Instant.now().plus(PATIENCE.multipliedBy(3));
            await().pollInterval(Duration.ofMillis(100)).until(() -> {
                writtenOutAt = writtenOutAt.plusMillis(100);
                assertThat(watch.hasRoom()).isTrue();
                return Instant.now().isAfter(end);
            });
        }
    }
}

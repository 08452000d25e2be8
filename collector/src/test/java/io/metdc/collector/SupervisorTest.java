package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupervisorTest {
    private static final Duration TIME_OUT = Duration.ofSeconds(10);

    @TempDir
    private Path dumps;

    private final AtomicLong nanos = new AtomicLong(1);
    private final AtomicInteger restarts = new AtomicInteger();
    private final AtomicInteger ends = new AtomicInteger();
    private final List<SupervisedStage> stages = new ArrayList<>();
    private volatile boolean hasWork = true;
    private volatile long counter;
    private Supervisor supervisor;

    @BeforeEach
    void prepare() {
        supervisor = new Supervisor(
                () -> List.copyOf(stages),
                dumps,
                InstantSource.fixed(Instant.parse("2026-11-21T19:30:04.123Z")),
                nanos::get,
                ends::incrementAndGet);
    }

    @Test
    void what_has_work_and_stands_still_is_dumped_and_restarted_and_then_ends_the_process() throws Exception {
        watch(restarts::incrementAndGet);
        Thread hanging = Thread.ofVirtual().name("acme-spot-1").start(() -> {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException _) {
                // the test is over
            }
        });
        await().until(() -> hanging.getState() == Thread.State.WAITING);

        look(9);
        assertThat(supervisor.found()).noneMatch(Supervisor.Found::isStuck);
        look(2);
        await().until(() -> restarts.get() == 1);
        assertThat(supervisor.found()).allMatch(Supervisor.Found::isStuck);
        assertThat(supervisor.broken()).isNull();
        assertThat(Files.readString(only())).contains("acme-spot-1", "SupervisorTest");
        hanging.interrupt();

        long progress = supervisor.progress();
        look(11);

        assertThat(restarts).hasValue(1);
        assertThat(supervisor.broken()).contains("writer has done nothing for 2", "threads-20261121-193004.123.txt");
        assertThat(supervisor.progress()).isLessThan(progress + 11);
        assertThat(ends).hasValue(0);
    }

    @Test
    void what_moves_again_after_its_restart_is_forgiven() {
        watch(restarts::incrementAndGet);
        look(11);
        counter = 1;
        look(1);
        assertThat(supervisor.found()).noneMatch(Supervisor.Found::isStuck);

        look(11);

        await().until(() -> restarts.get() == 2);
        assertThat(supervisor.broken()).isNull();
    }

    @Test
    void what_cannot_be_restarted_ends_the_process_and_at_once_when_nobody_ends_it_in_order() {
        watch(null);
        look(11);
        assertThat(supervisor.broken()).contains("writer");
        assertThat(ends).hasValue(0);

        look(16);

        assertThat(ends).hasPositiveValue();
    }

    @Test
    void who_has_no_work_or_does_it_is_left_alone_for_ever() {
        watch(null);
        hasWork = false;
        look(1_000);
        hasWork = true;
        for (int second = 0; second < 1_000; second++) {
            counter = second / 9;
            look(1);
        }

        assertThat(supervisor.broken()).isNull();
        assertThat(supervisor.progress()).isEqualTo(2_000);
        assertThat(dumps).isEmptyDirectory();
    }

    @Test
    void a_process_that_was_stopped_for_an_hour_is_not_taken_for_one_that_hangs() {
        watch(null);
        look(5);

        nanos.addAndGet(Duration.ofHours(1).toNanos());
        supervisor.look();
        look(4);
        assertThat(supervisor.broken()).isNull();

        look(3);
        assertThat(supervisor.broken()).isNotNull();
    }

    @Test
    void a_stage_that_goes_and_one_that_comes_are_followed() {
        watch(null);
        look(9);
        stages.clear();
        look(1);
        assertThat(supervisor.found()).isEmpty();

        watch(null);
        look(9);

        assertThat(supervisor.broken()).isNull();
    }

    @Test
    void a_bug_in_a_stage_ends_neither_the_supervisor_nor_the_watch_over_the_others() {
        stages.add(new SupervisedStage(
                "broken",
                () -> {
                    throw new IllegalStateException("a bug");
                },
                TIME_OUT,
                null));
        watch(null);

        look(11);

        assertThat(supervisor.broken()).contains("writer");
    }

    @Test
    void no_more_dumps_are_kept_than_ten() throws Exception {
        for (int i = 0; i < 30; i++) {
            ThreadDump.write(dumps, Instant.parse("2026-11-21T19:30:00Z").plusSeconds(i));
        }
        try (Stream<Path> files = Files.list(dumps)) {
            assertThat(files.map(file -> file.getFileName().toString()).sorted())
                    .hasSize(10)
                    .first()
                    .isEqualTo("threads-20261121-193020.000.txt");
        }
    }

    private void watch(Runnable restart) {
        stages.add(
                new SupervisedStage("writer", () -> new SupervisedStage.Standing(hasWork, counter), TIME_OUT, restart));
    }

    private void look(int seconds) {
        for (int i = 0; i < seconds; i++) {
            nanos.addAndGet(Duration.ofSeconds(1).toNanos());
            supervisor.look();
        }
    }

    private Path only() throws IOException {
        try (Stream<Path> files = Files.list(dumps)) {
            return files.findFirst().orElseThrow();
        }
    }
}

package io.metdc.connectors;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.metdc.connectors.Limits.Rate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BudgetTest {
    private static final Set<Thread.State> WAITING =
            EnumSet.of(Thread.State.WAITING, Thread.State.TIMED_WAITING, Thread.State.TERMINATED);
    private static final Rate RATE = new Rate(10, Duration.ofSeconds(60));

    @TempDir
    private Path folder;

    private Instant now = Instant.parse("2026-11-20T10:00:00Z");

    private Budget open() {
        return Budget.remembering(RATE, folder.resolve("limits/okx-connects"), () -> now);
    }

    @Test
    void no_window_holds_more_than_the_rate_allows() {
        Budget budget = new Budget(RATE);
        assertThat(budget.spend(6, 0)).isZero();
        assertThat(budget.spend(4, SECONDS.toNanos(20))).isZero();
        assertThat(budget.spend(1, SECONDS.toNanos(21))).isEqualTo(SECONDS.toNanos(39));
        assertThat(budget.spend(6, SECONDS.toNanos(60))).isZero();
        assertThat(budget.spend(1, SECONDS.toNanos(61))).isEqualTo(SECONDS.toNanos(19));
    }

    @Test
    void what_weighs_more_than_the_whole_goes_when_nothing_else_counts() {
        Budget budget = new Budget(RATE);
        assertThat(budget.spend(25, 0)).isZero();
        assertThat(budget.spend(1, SECONDS.toNanos(59))).isEqualTo(SECONDS.toNanos(1));
        assertThat(budget.spend(25, SECONDS.toNanos(60))).isZero();
    }

    @Test
    void connects_beyond_the_limit_wait_until_the_window_has_passed() throws Exception {
        Duration window = Duration.ofMillis(300);
        Budget budget = new Budget(new Rate(3, window));
        long begin = System.nanoTime();
        long[] passed = new long[7];
        for (int i = 0; i < passed.length; i++) {
            budget.await(1);
            passed[i] = System.nanoTime() - begin;
        }
        assertThat(passed[3]).isGreaterThanOrEqualTo(window.toNanos());
        assertThat(passed[6]).isGreaterThanOrEqualTo(2 * window.toNanos());
    }

    @Test
    void who_came_first_goes_first() throws Exception {
        Budget budget = new Budget(new Rate(1, Duration.ofMillis(20)));
        List<Integer> order = new CopyOnWriteArrayList<>();
        List<Thread> waiting = new ArrayList<>();
        budget.await(1);
        for (int i = 0; i < 8; i++) {
            int place = i;
            Thread thread = Thread.ofPlatform().start(() -> {
                try {
                    budget.await(1);
                    order.add(place);
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            waiting.add(thread);
            await().pollInterval(Duration.ofMillis(1)).until(() -> WAITING.contains(thread.getState()));
        }
        for (Thread thread : waiting) {
            thread.join();
        }
        assertThat(order).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
    }

    @Test
    void ten_quick_restarts_spend_no_more_than_one_long_run() {
        int spent = 0;
        for (int start = 0; start < 10; start++) {
            Budget budget = open(); // the one before was not closed: it was killed
            while (budget.spend(1, System.nanoTime()) == 0) {
                spent++;
            }
            now = now.plusSeconds(5);
        }
        assertThat(spent).isEqualTo(10);
    }

    @Test
    void what_was_spent_counts_until_its_own_window_is_over() {
        open().spend(4, System.nanoTime());
        now = now.plusSeconds(40);
        open().spend(6, System.nanoTime());
        now = now.plusSeconds(19);
        assertThat(open().spend(1, System.nanoTime())).isBetween(1L, SECONDS.toNanos(1));
        now = now.plusSeconds(1);
        Budget budget = open();
        assertThat(budget.spend(4, System.nanoTime())).isZero();
        assertThat(budget.spend(1, System.nanoTime())).isBetween(MILLISECONDS.toNanos(1), SECONDS.toNanos(40));
    }

    @Test
    void the_newest_are_remembered_however_many_there_were() {
        Budget budget = open();
        long nanos = 0;
        for (int i = 0; i < 57; i++) {
            budget.spend(5, nanos);
            budget.spend(5, nanos);
            nanos += SECONDS.toNanos(60);
            now = now.plusSeconds(60);
        }
        now = now.minusSeconds(1);
        assertThat(open().spend(1, System.nanoTime())).isPositive();
    }

    @Test
    void a_clock_that_was_set_back_frees_nothing() {
        open().spend(10, System.nanoTime());
        now = now.minus(Duration.ofHours(3));
        assertThat(open().spend(1, System.nanoTime())).isGreaterThan(SECONDS.toNanos(59));
    }

    @Test
    void a_file_that_is_none_of_ours_or_broken_off_stops_nothing() throws Exception {
        Path file = folder.resolve("limits/okx-connects");
        Files.createDirectories(file.getParent());
        Files.writeString(file, "something else altogether");
        assertThat(open().spend(10, System.nanoTime())).isZero();
        assertThat(open().spend(1, System.nanoTime())).isPositive();
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length - 3));
        assertThat(open().spend(1, System.nanoTime())).isZero(); // half an entry is none
        Files.delete(file);
        Files.createDirectories(file);
        assertThat(open().spend(10, System.nanoTime())).isZero();
    }
}

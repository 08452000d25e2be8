package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofSeconds(30);

    @Test
    void pauses_double_from_one_second_to_thirty_less_at_most_a_fifth() {
        for (int seed = 0; seed < 1_000; seed++) {
            Backoff backoff = new Backoff(FIRST, LONGEST, new SplittableRandom(seed));
            for (long seconds : new long[] {1, 2, 4, 8, 16, 30, 30, 30}) {
                assertThat(backoff.next()).isBetween(Duration.ofMillis(seconds * 800), Duration.ofSeconds(seconds));
            }
        }
    }

    @Test
    void workers_that_failed_together_do_not_come_back_together() {
        assertThat(new Backoff(FIRST, LONGEST, new SplittableRandom(1)).next())
                .isNotEqualTo(new Backoff(FIRST, LONGEST, new SplittableRandom(2)).next());
    }

    @Test
    void a_proven_link_starts_from_the_first_pause_again() {
        Backoff backoff = new Backoff(FIRST, LONGEST, new SplittableRandom(1));
        for (int i = 0; i < 10; i++) {
            backoff.next();
        }
        backoff.reset();

        assertThat(backoff.next()).isLessThanOrEqualTo(FIRST);
    }

    @Test
    void however_often_it_fails_the_pause_stays_the_longest() {
        Backoff backoff = new Backoff(FIRST, LONGEST, new SplittableRandom(1));
        for (int i = 0; i < 200; i++) {
            assertThat(backoff.next()).isPositive().isLessThanOrEqualTo(LONGEST);
        }
    }

    @Test
    void a_longest_pause_below_the_first_is_refused() {
        assertThatThrownBy(() -> new Backoff(LONGEST, FIRST, new SplittableRandom(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}

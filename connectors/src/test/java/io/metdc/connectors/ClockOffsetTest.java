package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.market.Nanos;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Over generated days: two clocks that run apart, answers that take their time either way, trades, and steps.
class ClockOffsetTest {
    private static final long START = Nanos.of(Instant.parse("2026-11-01T00:00:00Z"));

    private Random random = new Random(1);
    private long monotonic = Long.MIN_VALUE / 4;
    private long passed;
    private long ours = START; // when nothing had passed
    private long theirs = START;
    private double drift; // of theirs against ours
    private final ClockOffset offset = new ClockOffset(() -> Nanos.instant(ourClock()), () -> monotonic + passed);

    private long ourClock() {
        return ours + passed;
    }

    private long theirClock() {
        return theirs + passed + (long) (passed * drift);
    }

    private void pass(long millis) {
        passed += TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private void answer(int mostMillisEachWay) {
        Instant asked = Nanos.instant(ourClock());
        pass(random.nextInt(mostMillisEachWay + 1));
        Instant date = Nanos.instant(theirClock()).truncatedTo(ChronoUnit.SECONDS);
        pass(random.nextInt(mostMillisEachWay + 1));
        offset.answered(asked, Nanos.instant(ourClock()), date);
    }

    private void trade(int mostMillis) {
        long executed = theirClock();
        pass(1 + random.nextInt(mostMillis));
        offset.traded(executed - ourClock());
    }

    private ClockOffset.Estimate estimate() {
        return offset.estimate().orElseThrow();
    }

    private void isRight() {
        ClockOffset.Estimate estimate = estimate();
        long truth = theirClock() - ourClock();
        assertThat(Math.abs(estimate.ahead().toNanos() - truth))
                .as("estimated %s, true %d ns", estimate, truth)
                .isLessThanOrEqualTo(estimate.uncertainty().toNanos() + 1_000);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void the_true_offset_is_always_within_what_is_said_and_soon_known_to_a_fraction_of_a_second(long seed) {
        random = new Random(seed);
        theirs = START + TimeUnit.MILLISECONDS.toNanos(random.nextInt(20_000) - 10_000);
        drift = (random.nextDouble() - 0.5) * 50e-6;
        for (int i = 0; i < 300; i++) {
            answer(200);
            pass(random.nextInt(60_000));
            if (i % 3 == 0) {
                trade(150);
            }
            if (i >= ClockOffset.ENOUGH) {
                isRight();
            }
        }

        assertThat(estimate().uncertainty()).isLessThan(Duration.ofMillis(250));
        assertThat(offset.steps()).isZero();
    }

    @Test
    void trades_narrow_what_answers_leave_open() {
        theirs = START + TimeUnit.MILLISECONDS.toNanos(600);
        for (int i = 0; i < ClockOffset.ENOUGH; i++) {
            pass(1_000);
            answer(0); // always at the same part of a second
        }
        Duration before = estimate().uncertainty();
        for (int i = 0; i < 50; i++) {
            pass(100);
            trade(40);
        }

        assertThat(before).isGreaterThan(Duration.ofMillis(400));
        isRight();
        assertThat(estimate().uncertainty()).isLessThan(before);
    }

    @Test
    void nothing_is_said_before_there_is_enough_and_old_answers_are_forgotten() {
        for (int i = 0; i < ClockOffset.ENOUGH - 1; i++) {
            answer(100);
            assertThat(offset.estimate()).isEmpty();
        }
        answer(100);
        assertThat(offset.estimate()).isPresent();
        pass(TimeUnit.HOURS.toMillis(3));

        assertThat(offset.estimate()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {1_500, -1_500, 3_600_000, -86_400_000})
    void a_step_of_their_clock_is_noticed_within_a_few_answers(long stepMillis) {
        for (int i = 0; i < 40; i++) {
            answer(100);
            pass(1_137);
            trade(50);
        }
        theirs += TimeUnit.MILLISECONDS.toNanos(stepMillis);
        for (int i = 0; i < ClockOffset.ENOUGH; i++) {
            answer(100);
            pass(1_137);
        }

        assertThat(offset.steps()).isEqualTo(1);
        isRight();
    }

    @ParameterizedTest
    @ValueSource(longs = {250, -250, 3_600_000, -3_600_000})
    void a_step_of_our_clock_is_none_of_theirs_and_counts_at_once(long stepMillis) {
        for (int i = 0; i < 40; i++) {
            answer(100);
            pass(1_137);
        }
        ours += TimeUnit.MILLISECONDS.toNanos(stepMillis);
        isRight();
        for (int i = 0; i < 10; i++) {
            answer(100);
            pass(1_137);
            isRight();
        }

        assertThat(offset.steps()).isZero();
    }

    @Test
    void one_answer_that_is_wrong_changes_nothing() {
        for (int i = 0; i < 100; i++) {
            answer(100);
            pass(1_137);
            if (i % 7 == 6) { // from a cache that does not say so
                offset.answered(
                        Nanos.instant(ourClock()),
                        Nanos.instant(ourClock()),
                        Nanos.instant(theirClock()).minusSeconds(500).truncatedTo(ChronoUnit.SECONDS));
            }
        }

        isRight();
        assertThat(offset.steps()).isZero();
    }

    @Test
    void an_answer_without_a_clock_says_nothing() {
        for (int i = 0; i < 20; i++) {
            offset.answered(Nanos.instant(ourClock()), Nanos.instant(ourClock()), Instant.MIN);
        }

        assertThat(offset.estimate()).isEqualTo(Optional.empty());
    }

    @Test
    void only_what_is_surely_off_is_called_so() {
        assertThat(new ClockOffset.Estimate(Duration.ofMillis(1_400), Duration.ofMillis(500))
                        .isBeyond(Duration.ofSeconds(1)))
                .isFalse();
        assertThat(new ClockOffset.Estimate(Duration.ofMillis(-1_600), Duration.ofMillis(500))
                        .isBeyond(Duration.ofSeconds(1)))
                .isTrue();
    }
}

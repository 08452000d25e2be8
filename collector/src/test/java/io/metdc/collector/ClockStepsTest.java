package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ClockStepsTest {
    private static final Instant START = Instant.parse("2026-11-01T00:00:00Z");

    @Test
    void over_a_generated_day_every_step_is_noticed_once_and_nothing_else_is_one() {
        Random random = new Random(11);
        ClockSteps steps = new ClockSteps(Duration.ofMillis(250));
        long nanos = Long.MAX_VALUE - 1_000_000_000L; // runs over, as it may
        Instant wall = START;
        List<Duration> made = new ArrayList<>();
        List<Duration> noticed = new ArrayList<>();
        for (int second = 0; second < 86_400; second++) {
            long passed = 900_000_000L + random.nextLong(200_000_000L);
            nanos += passed;
            wall = wall.plusNanos(passed + (passed / 2_000) * (random.nextInt(3) - 1)); // slewed by 500 ppm
            if (random.nextInt(5_000) == 0) {
                Duration step = Duration.ofMillis((300 + random.nextLong(7_200_000)) * (random.nextBoolean() ? 1 : -1));
                wall = wall.plus(step);
                made.add(step);
            }
            Duration step = steps.look(wall, nanos);
            if (!step.isZero()) {
                noticed.add(step);
            }
        }

        assertThat(made).hasSizeGreaterThan(5);
        assertThat(noticed).hasSameSizeAs(made);
        for (int i = 0; i < made.size(); i++) {
            assertThat(noticed.get(i).minus(made.get(i)).abs()).isLessThan(Duration.ofMillis(2));
        }
        assertThat(steps.steps()).isEqualTo(made.size());
    }
}

package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.market.Failure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RecoveryTest {
    private static final Failure CLOSED = new Failure.Recoverable("closed");
    private static final Duration COOL_DOWN = Duration.ofMinutes(3);

    private final Recovery recovery =
            new Recovery(Duration.ofSeconds(1), Duration.ofSeconds(30), COOL_DOWN, new SplittableRandom(7));

    @Test
    void every_third_failure_in_a_row_cools_down_and_the_pauses_between_go_on_doubling() {
        List<String> states = new ArrayList<>();
        List<Long> longest = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            Recovery.Pause pause = recovery.after(CLOSED);
            states.add(pause.state().id());
            longest.add(pause.length().plusMillis(999).toSeconds());
        }
        assertThat(states)
                .containsExactly(
                        "backing_off",
                        "backing_off",
                        "cooling_down",
                        "backing_off",
                        "backing_off",
                        "cooling_down",
                        "backing_off",
                        "backing_off",
                        "cooling_down");
        assertThat(longest.get(0)).isEqualTo(1);
        assertThat(longest.get(1)).isEqualTo(2);
        assertThat(longest.get(2)).isEqualTo(180);
        assertThat(longest.get(3)).isEqualTo(4);
        assertThat(longest.get(4)).isBetween(7L, 8L);
        assertThat(longest.get(6)).isBetween(13L, 16L);
        assertThat(longest.get(7)).isBetween(24L, 30L);
    }

    @Test
    void a_proven_link_begins_with_the_first_pause_again() {
        recovery.after(CLOSED);
        recovery.after(CLOSED);
        recovery.reset();

        assertThat(recovery.after(CLOSED).length()).isLessThanOrEqualTo(Duration.ofSeconds(1));
        assertThat(recovery.after(CLOSED).state()).isEqualTo(WorkerStatus.State.BACKING_OFF);
        assertThat(recovery.after(CLOSED).state()).isEqualTo(WorkerStatus.State.COOLING_DOWN);
    }

    @Test
    void a_listing_that_fires_in_the_midst_of_a_cool_down_ends_it_after_thirty_seconds_but_never_a_ban() {
        recovery.after(CLOSED);
        recovery.after(CLOSED);
        Recovery.Pause coolDown = recovery.after(CLOSED);
        assertThat(coolDown.left(Duration.ofSeconds(20), false)).isEqualTo(Duration.ofSeconds(160));
        assertThat(coolDown.left(Duration.ofSeconds(20), true)).isEqualTo(Duration.ofSeconds(10));
        assertThat(coolDown.left(Duration.ofSeconds(31), true)).isNegative();

        Recovery.Pause ban = recovery.after(new Failure.Ban("418", Duration.ofMinutes(2)));
        assertThat(ban.state()).isEqualTo(WorkerStatus.State.BANNED);
        assertThat(ban.left(Duration.ofSeconds(31), true)).isEqualTo(Duration.ofSeconds(89));
    }

    /// A generated month: whatever fails when, no worker is away for longer than a cool-down, and what fails all the
    /// time is asked for less than thrice in a cool-down.
    @Test
    void over_a_month_of_random_weather_nothing_is_away_for_long_and_nothing_is_hammered() {
        Random random = new Random(31);
        long second = 0;
        long attempts = 0;
        boolean isUp = true;
        long changes = 0;
        while (second < Duration.ofDays(30).toSeconds()) {
            if (second >= changes) {
                isUp = !isUp;
                changes = second + 1 + (long) (Math.pow(random.nextDouble(), 3) * 40_000);
            }
            attempts++;
            if (isUp) {
                recovery.reset();
                second = Math.max(changes, second + 1);
            } else {
                Recovery.Pause pause = recovery.after(CLOSED);
                assertThat(pause.length()).isBetween(Duration.ofMillis(800), COOL_DOWN);
                second += Math.max(1, pause.length().toSeconds());
            }
        }
        assertThat(attempts).isLessThan(30L * 24 * 60);
    }
}

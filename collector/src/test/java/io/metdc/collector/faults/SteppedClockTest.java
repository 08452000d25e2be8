package io.metdc.collector.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SteppedClockTest {
    @TempDir
    private Path folder;

    @Test
    void who_sets_it_in_one_place_steps_it_in_all() {
        SteppedClock here = SteppedClock.at(folder.resolve("clock"));
        SteppedClock there = SteppedClock.at(folder.resolve("clock"));
        assertThat(Duration.between(Instant.now(), there.instant()).abs()).isLessThan(Duration.ofSeconds(5));
        here.set(Duration.ofHours(-3));
        assertThat(Duration.between(there.instant(), Instant.now()))
                .isBetween(Duration.ofHours(3), Duration.ofHours(4));
        assertThat(SteppedClock.at(folder.resolve("clock")).offset()).isEqualTo(Duration.ofHours(-3));
    }
}

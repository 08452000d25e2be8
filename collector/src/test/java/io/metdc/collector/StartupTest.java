package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metdc.connectors.Limits;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StartupTest {
    @Test
    void a_stage_that_hangs_is_named_and_interrupted() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);

        assertThatThrownBy(() -> Startup.stage("database", Duration.ofMillis(50), () -> {
                    try {
                        return new CountDownLatch(1).await(1, TimeUnit.HOURS);
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                        throw e;
                    }
                }))
                .isInstanceOf(StartFailed.class)
                .hasMessageContaining("hangs")
                .hasMessageContaining("'database'");
        assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void a_stage_that_fails_is_named_with_its_reason() {
        assertThatThrownBy(() -> Startup.stage("journal", Duration.ofSeconds(10), () -> {
                    throw new IOException("the disk is gone");
                }))
                .isInstanceOf(StartFailed.class)
                .hasMessage("stage 'journal' failed: the disk is gone");
    }

    @Test
    void connects_beyond_the_limit_wait_until_the_window_has_passed() throws Exception {
        Duration window = Duration.ofMillis(300);
        ConnectGate gate = new ConnectGate(new Limits.Rate(3, window));
        long begin = System.nanoTime();
        long[] passed = new long[7];
        for (int i = 0; i < passed.length; i++) {
            gate.pass();
            passed[i] = System.nanoTime() - begin;
        }
        assertThat(passed[3]).isGreaterThanOrEqualTo(window.toNanos());
        assertThat(passed[6]).isGreaterThanOrEqualTo(2 * window.toNanos());
    }
}

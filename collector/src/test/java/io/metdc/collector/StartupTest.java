package io.metdc.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
}

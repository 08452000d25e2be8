package io.metdc.listings.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PausesTest {
    private final Pauses pauses = new Pauses(NoticePoller.Settings.BACKOFF);

    @Test
    void failures_in_a_row_are_answered_with_10_20_40_and_60_seconds() {
        assertThat(failed()).isEqualTo(10);
        assertThat(failed()).isEqualTo(20);
        assertThat(failed()).isEqualTo(40);
        assertThat(failed()).isEqualTo(60);
        assertThat(failed()).isEqualTo(60);
    }

    @Test
    void three_good_answers_end_it_and_the_way_there_is_shorter_each_time() {
        for (int i = 0; i < 5; i++) {
            failed();
        }

        assertThat(pauses.good()).isEqualTo(Duration.ofSeconds(10));
        assertThat(pauses.isFailing()).isFalse();
        assertThat(pauses.good()).isEqualTo(Duration.ofSeconds(5));
        assertThat(pauses.good()).isZero();
        assertThat(pauses.good()).isZero();
        assertThat(failed()).isEqualTo(10);
    }

    @Test
    void a_failure_before_the_third_good_answer_goes_on_where_it_was() {
        failed();
        failed();
        pauses.good();
        pauses.good();

        assertThat(failed()).isEqualTo(40);
        assertThat(pauses.isFailing()).isTrue();
    }

    private long failed() {
        return pauses.failed().toSeconds();
    }
}

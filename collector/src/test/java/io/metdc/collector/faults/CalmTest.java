package io.metdc.collector.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class CalmTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final long MARGIN = Calm.MARGIN.toNanos();

    @Test
    void who_is_left_alone_has_the_margin_from_then_on() {
        assertThat(new Calm(List.of()).after(10 * SECOND)).isEqualTo(10 * SECOND + MARGIN);
        Calm later = new Calm(List.of(new Span(10 * SECOND + MARGIN, 100 * SECOND)));
        assertThat(later.after(10 * SECOND)).isEqualTo(10 * SECOND + MARGIN);
    }

    @Test
    void what_happens_within_the_margin_begins_it_anew() {
        Calm calm = new Calm(List.of(
                new Span(25 * SECOND, 30 * SECOND),
                new Span(12 * SECOND, 22 * SECOND),
                new Span(14 * SECOND, 15 * SECOND)));
        assertThat(calm.after(10 * SECOND)).isEqualTo(30 * SECOND + MARGIN);
        assertThat(calm.after(26 * SECOND)).isEqualTo(30 * SECOND + MARGIN);
        assertThat(calm.after(31 * SECOND)).isEqualTo(31 * SECOND + MARGIN);
    }

    @Test
    void what_never_ends_leaves_no_time() {
        assertThat(new Calm(List.of(new Span(11 * SECOND, Long.MAX_VALUE))).after(10 * SECOND))
                .isEqualTo(Long.MAX_VALUE);
    }
}

package io.metdc.listings.recorder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class WindowsTest {
    private static final Instant T0 = Invented.T0;

    /// Minutes since the announcement.
    private static Window window(long from, long to) {
        return new Window(T0.plus(Duration.ofMinutes(from)), T0.plus(Duration.ofMinutes(to)));
    }

    @Test
    void a_window_has_its_beginning_and_lacks_its_end() {
        Window core = new Window(T0.minusSeconds(20), T0.plusSeconds(20));

        assertThat(Windows.DEFAULT.of(Stage.CORE, T0, null)).isEqualTo(core);
        assertThat(core.contains(T0.minusSeconds(20))).isTrue();
        assertThat(core.contains(T0.plusSeconds(20))).isFalse();
        assertThat(core.overlaps(new Window(T0.plusSeconds(20), T0.plusSeconds(21))))
                .isFalse();
        assertThatThrownBy(() -> new Window(T0, T0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void the_opening_long_after_the_announcement_is_archived_apart() {
        Instant opens = T0.plus(Duration.ofHours(5));

        assertThat(Windows.DEFAULT.archived(Stage.WIDE, T0, opens)).containsExactly(window(-10, 60));
        assertThat(Windows.DEFAULT.archived(Stage.OPEN, T0, opens)).containsExactly(window(-10, 60), window(290, 360));
        assertThat(Windows.DEFAULT.archived(Stage.FINAL, T0, opens))
                .isEqualTo(Windows.DEFAULT.archived(Stage.OPEN, T0, opens));
    }

    @Test
    void the_opening_soon_after_the_announcement_is_archived_with_it_and_no_trade_twice() {
        assertThat(Windows.DEFAULT.archived(Stage.FINAL, T0, T0.plus(Duration.ofMinutes(30))))
                .containsExactly(window(-10, 90));
    }

    @Test
    void while_nobody_knows_when_it_opens_there_is_no_window_of_the_opening() {
        assertThat(Windows.DEFAULT.of(Stage.OPEN, T0, null)).isNull();
        assertThat(Windows.DEFAULT.archived(Stage.FINAL, T0, null)).containsExactly(window(-10, 60));
    }

    @Test
    void a_core_window_that_somebody_made_longer_than_the_next_one_is_never_cut() {
        Windows windows = new Windows(
                new Windows.Reach(Duration.ofMinutes(5), Duration.ofMinutes(5)),
                Windows.DEFAULT.near(),
                new Windows.Reach(Duration.ZERO, Duration.ofMinutes(1)),
                Windows.DEFAULT.open(),
                Windows.DEFAULT.kept());

        assertThat(windows.archived(Stage.WIDE, T0, null)).containsExactly(window(-5, 5));
    }

    @Test
    void what_is_archived_is_never_dropped_before() {
        Instant opens = T0.plus(Duration.ofDays(3));

        assertThat(Windows.DEFAULT.kept(T0, null)).isEqualTo(window(-1440, 1440));
        assertThat(Windows.DEFAULT.kept(T0, opens)).isEqualTo(window(-1440, 3 * 1440 + 60));
    }

    @Test
    void stretches_that_touch_are_one() {
        assertThat(Window.united(List.of(window(5, 9), window(0, 5), window(7, 8), window(20, 21))))
                .containsExactly(window(0, 9), window(20, 21));
    }

    @Test
    void what_is_left_of_windows_that_others_cover() {
        List<Window> windows = List.of(window(0, 10), window(20, 30));

        assertThat(Window.without(windows, List.of())).isEqualTo(windows);
        assertThat(Window.without(windows, List.of(window(-5, 40)))).isEmpty();
        assertThat(Window.without(windows, List.of(window(2, 3), window(8, 22))))
                .containsExactly(window(0, 2), window(3, 8), window(22, 30));
        assertThat(Window.within(List.of(window(2, 3), window(8, 22)), windows))
                .containsExactly(window(2, 3), window(8, 10), window(20, 22));
    }
}

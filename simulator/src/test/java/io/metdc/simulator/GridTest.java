package io.metdc.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class GridTest {
    private static String written(Grid grid, long steps) {
        byte[] out = new byte[64];
        return new String(out, 3, grid.write(out, 3, steps) - 3, StandardCharsets.US_ASCII);
    }

    @Test
    void trailing_zeros_are_kept_as_the_exchange_writes_them() {
        assertThat(written(Grid.of("0.01", 8), 8_303_429)).isEqualTo("83034.29000000");
        assertThat(written(Grid.of("0.10", 2), 836_800)).isEqualTo("83680.00");
        assertThat(written(Grid.of("1", 0), 10_403)).isEqualTo("10403");
        assertThat(written(Grid.of("1", 0), 0)).isEqualTo("0");
        assertThat(written(Grid.of("0.001", 3), 1)).isEqualTo("0.001");
    }

    @Test
    void twelve_decimals_and_twenty_digits_are_exact() {
        assertThat(written(Grid.of("0.000000000001", 12), 3217)).isEqualTo("0.000000003217");
        assertThat(written(new Grid(7, 8), 1_500_000_000_000_000_001L)).isEqualTo("105000000000.00000007");
    }

    @Test
    void what_is_written_is_the_decimal_for_any_number_of_steps() {
        SplitMix random = new SplitMix(11);
        for (int i = 0; i < 20_000; i++) {
            Grid grid = new Grid(1 + random.below(1_000_000), random.below(13));
            long steps = random.next() >>> (1 + random.below(63));
            assertThat(written(grid, steps)).isEqualTo(grid.text(steps));
            assertThat(grid.decimal(steps))
                    .isEqualByComparingTo(BigDecimal.valueOf(steps)
                            .multiply(BigDecimal.valueOf(grid.step()))
                            .movePointLeft(grid.scale()));
        }
    }

    @Test
    void exchanges_that_leave_zeros_out_write_the_same_number() {
        SplitMix random = new SplitMix(12);
        for (int i = 0; i < 20_000; i++) {
            Grid grid = new Grid(1 + random.below(1_000), random.below(13));
            long steps = random.next() >>> (1 + random.below(63));
            byte[] out = new byte[64];
            String plain = new String(out, 0, grid.writePlain(out, 0, steps), StandardCharsets.US_ASCII);
            assertThat(plain).isEqualTo(grid.plain(steps));
            assertThat(Recorded.isPadded(plain)).isFalse();
            assertThat(new BigDecimal(plain)).isEqualByComparingTo(grid.decimal(steps));
        }
    }
}

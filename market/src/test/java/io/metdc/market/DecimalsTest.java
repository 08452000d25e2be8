package io.metdc.market;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecimalsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0", "7", "-7", "42219.9", "0.0044478", "10403", "83680.00",
                        "12345678901234567890.12345678901234567890",
                "0.000000000001", "999999999999999999", "1000000000000000000", "1.0E-4", "1e5", "2E+3", "007", "0.10"
            })
    void a_decimal_is_read_exactly_as_it_was_written(String written) {
        assertThat(Decimals.parse(written)).isEqualTo(new BigDecimal(written));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                ".",
                "1.",
                "1.e2",
                "-1.E2",
                "1234567890123456789.",
                ".5",
                "+5",
                " 5",
                "5 ",
                "1,000",
                "0x10",
                "NaN",
                "Infinity",
                "1e",
                "e5",
                "1..2",
                "1.2.3",
                "--1",
                "１２",
                "1_000",
                "null",
                "1E99999999999"
            })
    void what_is_no_decimal_is_refused(String written) {
        assertThat(Decimals.parse(written)).isNull();
    }

    @Test
    void an_endless_number_is_refused_before_it_costs_anything() {
        assertThat(Decimals.parse("9".repeat(Decimals.MAX_LENGTH + 1))).isNull();
        assertThat(Decimals.parse("9".repeat(Decimals.MAX_LENGTH))).isNotNull();
    }

    @Test
    void a_gigantic_exponent_is_a_number_that_is_not_plausible() {
        BigDecimal huge = Decimals.parse("1E999999999");

        assertThat(huge).isNotNull();
        assertThat(Plausibility.isPlausible(huge)).isFalse();
        assertThat(Plausibility.isPlausible(Decimals.parse("1E-999999999"))).isFalse();
    }

    @Test
    void generated_decimals_are_read_as_the_library_reads_them() {
        SplittableRandom random = new SplittableRandom(20261120);
        for (int i = 0; i < 200_000; i++) {
            StringBuilder text = new StringBuilder();
            if (random.nextInt(10) == 0) {
                text.append('-');
            }
            text.append(digits(random, 1 + random.nextInt(24)));
            if (random.nextInt(3) > 0) {
                text.append('.').append(digits(random, 1 + random.nextInt(24)));
            }
            if (random.nextInt(8) == 0) {
                text.append('E').append(random.nextInt(60) - 30);
            }
            assertThat(Decimals.parse(text.toString())).isEqualTo(new BigDecimal(text.toString()));
        }
    }

    private static String digits(SplittableRandom random, int count) {
        StringBuilder digits = new StringBuilder(count);
        for (int i = 0; i < count; i++) {
            digits.append((char) ('0' + random.nextInt(10)));
        }
        return digits.toString();
    }

    @ParameterizedTest
    @CsvSource({
        "25.00, 25",
        "0.50, 0.5",
        "25, 25",
        "100, 100",
        "1E+2, 100",
        "1.0E-4, 0.0001",
        "0.012287, 0.012287",
        "0.00000000, 0",
        "1000.0001000, 1000.0001",
        "999999999999999999, 999999999999999999",
        "0.999999999999999999, 0.999999999999999999",
        "0.0000000000000000010, 0.000000000000000001",
        "12345678901234567890.123400, 12345678901234567890.1234",
        "-1.50, -1.5"
    })
    void all_ways_to_write_a_number_have_one_canonical_form(BigDecimal number, String canonical) {
        assertThat(canonical(number)).isEqualTo(canonical);
    }

    @Test
    void the_canonical_form_is_the_plain_one_without_trailing_zeros() {
        var random = new SplittableRandom(20261121);
        for (int i = 0; i < 100_000; i++) {
            long unscaled = random.nextLong(Long.MAX_VALUE) >>> random.nextInt(63);
            BigDecimal number = BigDecimal.valueOf(unscaled, random.nextInt(-4, 22));
            assertThat(canonical(number)).isEqualTo(number.stripTrailingZeros().toPlainString());
        }
    }

    private static String canonical(BigDecimal number) {
        var out = new StringBuilder();
        Decimals.appendCanonical(out, number);
        return out.toString();
    }
}

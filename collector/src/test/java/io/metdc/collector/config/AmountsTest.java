package io.metdc.collector.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AmountsTest {
    @ParameterizedTest
    @CsvSource({"500ms,500", "10s,10000", "30m,1800000", "24h,86400000", "7d,604800000", "0s,0", "007s,7000"})
    void a_length_of_time_is_a_number_and_a_unit(String text, long millis) {
        assertThat(Amounts.duration(text)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "10",
                "s",
                "-1s",
                "+1s",
                "1.5s",
                "1 s",
                "1S",
                "1sec",
                "1h30m",
                "1w",
                "99999999999999999999s",
                "999999999d",
                "１s"
            })
    void anything_else_is_no_length_of_time(String text) {
        assertThat(Amounts.duration(text)).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "1B,1",
        "1KB,1000",
        "512MB,512000000",
        "20GB,20000000000",
        "1TB,1000000000000",
        "1KiB,1024",
        "1MiB,1048576",
        "2GiB,2147483648",
        "1TiB,1099511627776",
        "0B,0"
    })
    void a_MB_is_a_million_bytes_and_a_MiB_is_1048576(String text, long bytes) {
        assertThat(Amounts.bytes(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "5",
                "MB",
                "-1MB",
                "1mb",
                "1 MB",
                "1.5GB",
                "1PB",
                "1BiB",
                "99999999TB",
                "9223372036854775808B"
            })
    void anything_else_is_no_size(String text) {
        assertThat(Amounts.bytes(text)).isEqualTo(-1);
    }

    @Test
    void what_is_written_reads_back_the_same() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            Duration duration = Duration.ofMillis(random.nextLong(1L << (1 + random.nextInt(40))));
            assertThat(Amounts.duration(Amounts.text(duration))).isEqualTo(duration);
            long bytes = random.nextLong(1L << (1 + random.nextInt(50)));
            assertThat(Amounts.bytes(Amounts.text(bytes))).isEqualTo(bytes);
        }
    }

    @Test
    void the_largest_unit_that_is_exact_is_written() {
        assertThat(Amounts.text(Duration.ofDays(7))).isEqualTo("7d");
        assertThat(Amounts.text(Duration.ofMinutes(90))).isEqualTo("90m");
        assertThat(Amounts.text(Duration.ofMillis(1_500))).isEqualTo("1500ms");
        assertThat(Amounts.text(20_000_000_000L)).isEqualTo("20GB");
        assertThat(Amounts.text(1L << 30)).isEqualTo("1GiB");
        assertThat(Amounts.text(1_234_567L)).isEqualTo("1234567B");
    }
}

package io.metdc.completeness;

import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.market.Nanos;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A silence is too long for the instrument itself: nights, bursts and rare trades are none.
class RhythmTest {
    private static final long DAY = 86_400;

    /// What a day is like: calm by night, busy by day, and now and then a burst in which trades follow each other.
    private static final class Market {
        private final RandomGenerator random =
                RandomGeneratorFactory.of("L64X128MixRandom").create(7);
        private final double perHour;
        private double second;
        private int burst;

        Market(double perHour) {
            this.perHour = perHour;
        }

        /// When the next trade comes.
        long next() {
            double calm = 0.55 + 0.45 * Math.sin(2 * Math.PI * second / DAY);
            burst = burst > 0 ? burst - 1 : random.nextInt(200) == 0 ? random.nextInt(100) : 0;
            double rate = perHour / 3600 * calm * (burst > 0 ? 30 : 1);
            second += -Math.log(1 - random.nextDouble()) / rate;
            return (long) (second * Nanos.PER_SECOND);
        }
    }

    private static int falseAlarms(double perHour, int days) {
        Market market = new Market(perHour);
        Rhythm rhythm = new Rhythm();
        int alarms = 0;
        long at = market.next();
        while (at < days * DAY * Nanos.PER_SECOND) {
            rhythm.traded(at);
            long next = market.next();
            alarms += rhythm.isTooLong(next) ? 1 : 0;
            at = next;
        }
        return alarms;
    }

    @ParameterizedTest
    @ValueSource(doubles = {2, 20, 200, 2_000, 20_000})
    void thirty_days_of_trading_have_hardly_a_false_alarm(double perHour) {
        assertThat(falseAlarms(perHour, 30)).isLessThanOrEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource({"20, 21600", "200, 2400", "2000, 300", "20000, 61"})
    void a_stream_that_dies_is_noticed(double perHour, long withinSeconds) {
        Market market = new Market(perHour);
        Rhythm rhythm = new Rhythm();
        long last = 0;
        for (int i = 0; i < 20_000; i++) {
            last = market.next();
            rhythm.traded(last);
        }
        assertThat(rhythm.isTooLong(last + withinSeconds * Nanos.PER_SECOND)).isTrue();
        assertThat(rhythm.isTooLong(last + Rhythm.SHORTEST_NANOS)).isFalse();
    }

    @Test
    void nothing_is_said_of_what_has_hardly_traded() {
        Rhythm rhythm = new Rhythm();
        for (int i = 1; i < Rhythm.LEARNING; i++) {
            rhythm.traded(i * Nanos.PER_SECOND);
        }
        assertThat(rhythm.isTooLong(DAY * Nanos.PER_SECOND)).isFalse();
        rhythm.traded(Rhythm.LEARNING * Nanos.PER_SECOND);
        assertThat(rhythm.isTooLong(DAY * Nanos.PER_SECOND)).isTrue();
    }

    @Test
    void the_time_without_a_connection_is_no_silence() {
        Rhythm rhythm = new Rhythm();
        for (int i = 1; i <= 100; i++) {
            rhythm.traded(i * Nanos.PER_SECOND);
        }
        rhythm.interrupted(DAY * Nanos.PER_SECOND);
        assertThat(rhythm.isTooLong((DAY + 59) * Nanos.PER_SECOND)).isFalse();
        assertThat(rhythm.isTooLong((DAY + 61) * Nanos.PER_SECOND)).isTrue();
    }
}

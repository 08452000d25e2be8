package io.metdc.completeness;

import static io.metdc.completeness.Samples.BTC;
import static io.metdc.completeness.Samples.ETH;
import static io.metdc.completeness.Samples.JOURNAL;
import static io.metdc.completeness.Samples.PEPE;
import static io.metdc.completeness.Samples.drain;
import static io.metdc.completeness.Samples.ids;
import static io.metdc.completeness.Samples.sum;
import static io.metdc.completeness.Samples.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.metdc.market.Instrument;
import io.metdc.market.Nanos;
import io.metdc.market.TradeId;
import io.metdc.storage.journal.Entry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Our clock is set forward and back by hours while trades come, and over restarts. Those that come again
/// are repeats all the same, the counts of each second meet, and nobody is told that something is there
/// before it is.
class ClockStepsTest {
    private static final int EACH = 50;

    @TempDir
    private Path directory;

    private volatile Duration ahead = Duration.ZERO;
    private final InstantSource clock = () -> Instant.now().plus(ahead);

    private Intake open() throws IOException {
        return Intake.open(directory, JOURNAL, IntakeSettings.defaults(), Samples::evidence, clock);
    }

    @Test
    void a_clock_that_jumps_by_hours_doubles_nothing_and_every_count_meets() throws Exception {
        Duration[] steps = {
            Duration.ofHours(5), Duration.ofHours(-7), Duration.ofHours(-8), Duration.ofHours(30), Duration.ZERO
        };
        long next = 1;
        for (int run = 0; run < 2; run++) { // the second one begins with what the first remembered
            try (Intake intake = open();
                    Ring ring = intake.open("one")) {
                for (Duration step : steps) {
                    give(ring, next, next + EACH); // the last of them come again after the step
                    ahead = step;
                    give(ring, next + EACH / 2, next + 2 * EACH);
                    next += 2 * EACH;
                }
            }
        }
        List<Entry> all = Samples.entries(directory);
        List<Long> expected = LongStream.range(1, next).boxed().toList();
        for (Instrument instrument : List.of(BTC, ETH)) {
            assertThat(ids(all, instrument)).isEqualTo(expected);
            Entry.Counted sum = sum(all, instrument);
            assertThat(sum.duplicate()).isEqualTo(10L * EACH / 2);
            assertThat(sum.received()).isEqualTo(expected.size() + sum.duplicate());
        }
        assertThat(Samples.only(Entry.HoleOpened.class, all)).isEmpty();
        Entry.Counted random = sum(all, PEPE);
        assertThat(random.received()).isEqualTo(expected.size() + random.duplicate());
        assertThat(random.duplicate()).isEqualTo(10L * EACH / 2);
    }

    private void give(Ring ring, long from, long to) {
        for (long id = from; id < to; id++) {
            ring.accept(trade(BTC, TradeId.of(id), id, now()));
            ring.accept(trade(ETH, TradeId.of(id), id, now()));
            ring.accept(trade(PEPE, TradeId.of(new UUID(7, id).toString()), id, now()));
        }
    }

    private long now() {
        return Nanos.of(clock.instant());
    }

    @Test
    void the_counts_of_an_instrument_that_falls_silent_do_not_wait_until_the_clock_has_caught_up() throws Exception {
        try (Intake intake = open();
                Ring ring = intake.open("one")) {
            ring.accept(trade(BTC, TradeId.of(1), 1, now()));
            await().until(() -> intake.progress().journaled() == 1);
            ahead = Duration.ofHours(-3);

            await().atMost(Duration.ofSeconds(3))
                    .until(() -> !Samples.only(Entry.Counted.class, drain(intake.tail()))
                            .isEmpty());
        }
    }

    @Test
    void nothing_is_called_journaled_by_a_time_that_is_still_to_come() throws Exception {
        try (Intake intake = open();
                Ring ring = intake.open("one")) {
            ring.accept(trade(BTC, TradeId.of(1), 1, now()));
            Instant before = clock.instant();
            await().until(() -> intake.receivedUntil(Long.MAX_VALUE).isAfter(before));
            ahead = Duration.ofHours(-3);
            Instant back = clock.instant();
            ring.accept(trade(BTC, TradeId.of(2), 2, now()));

            await().atMost(Duration.ofSeconds(3)).until(() -> {
                Instant until = intake.receivedUntil(Long.MAX_VALUE);
                return until.isAfter(back) && until.isBefore(clock.instant());
            });
        }
    }
}

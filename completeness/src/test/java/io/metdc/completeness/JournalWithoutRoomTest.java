package io.metdc.completeness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.metdc.market.Nanos;
import io.metdc.market.Origin;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import io.metdc.market.TradeId;
import io.metdc.storage.journal.Entry;
import io.metdc.storage.journal.JournalSettings;
import io.metdc.storage.journal.JournalTail;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The journal is full again and again, and is emptied again and again.
class JournalWithoutRoomTest {
    private static final JournalSettings SMALL = new JournalSettings(
            64 * 1024,
            Duration.ofMinutes(10),
            Duration.ofMillis(5),
            Duration.ofMillis(200),
            4 * 64 * 1024,
            Duration.ZERO);
    private static final IntakeSettings PATIENT =
            new IntakeSettings(1024, Duration.ofSeconds(30), 1024, 20, Duration.ofSeconds(5));

    private static final int GIVEN = 40_000;

    @TempDir
    private Path directory;

    @Test
    void a_row_that_finds_no_room_is_offered_again_and_never_taken_for_journaled() throws Exception {
        try (Intake intake = Intake.open(directory, SMALL, PATIENT, Samples::evidence, InstantSource.system());
                JournalTail tail = intake.tail();
                Ring ring = intake.open("one")) {
            Thread reader = Thread.ofPlatform().start(() -> {
                for (int id = 1; id <= GIVEN; id++) {
                    ring.accept(trade(id)); // each in a second of its own, so that a count comes before it
                }
            });
            long read = 0;
            int refusals = 0;
            while (read < GIVEN) {
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> intake.progress().refusal() != null || !reader.isAlive());
                refusals += reader.isAlive() ? 1 : 0;
                long taken;
                do {
                    taken = drain(tail);
                    read += taken;
                } while (taken > 0);
                assertThat(intake.progress().rejected()).isZero();
                if (!reader.isAlive() && intake.progress().journaled() == GIVEN) {
                    await().atMost(Duration.ofSeconds(10)).until(() -> tail.newest() >= 0);
                    read += drain(tail);
                    break;
                }
            }
            assertThat(refusals).isPositive();
            assertThat(read).isEqualTo(GIVEN);
        }
    }

    /// @return how many trades were read
    private static long drain(JournalTail tail) throws Exception {
        JournalTail.Batch batch = tail.read(5_000, Duration.ofMillis(200));
        tail.committed(batch.to());
        return batch.entries().stream().filter(Entry.Traded.class::isInstance).count();
    }

    private static Trade trade(int id) {
        long second = (1_700_000_000L + id) * Nanos.PER_SECOND;
        return new Trade(
                Samples.BTC,
                TradeId.of(id),
                BigDecimal.ONE,
                BigDecimal.ONE,
                TakerSide.BUY,
                second,
                second,
                id,
                Origin.STREAM,
                Set.of());
    }
}

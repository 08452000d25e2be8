package io.metdc.completeness;

import static io.metdc.completeness.Samples.BTC;
import static io.metdc.completeness.Samples.ETH;
import static io.metdc.completeness.Samples.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.metdc.market.Nanos;
import io.metdc.market.Trade;
import io.metdc.storage.journal.Entry;
import io.metdc.storage.journal.JournalSettings;
import io.metdc.storage.journal.JournalTail;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class MilestonesTest {
    private static final long NOTHING = Long.MIN_VALUE;
    private static final int ROOM = 8;

    @TempDir
    private Path directory;

    @Test
    void a_time_is_passed_when_all_that_was_journaled_by_then_is_stored() {
        var milestones = new Milestones();
        milestones.reached(1_000, 50);
        milestones.reached(2_000, 50);
        milestones.reached(3_000, 90);
        assertThat(milestones.before(-1)).isEqualTo(NOTHING);
        assertThat(milestones.before(49)).isEqualTo(NOTHING);
        assertThat(milestones.before(50)).isEqualTo(2_000);
        assertThat(milestones.before(89)).isEqualTo(2_000);
        assertThat(milestones.before(120)).isEqualTo(3_000);
    }

    @Test
    void times_that_come_again_since_the_clock_was_set_back_are_not_passed() {
        var milestones = new Milestones();
        milestones.reached(5_000, 10);
        milestones.reached(6_000, 20);
        assertThat(milestones.before(10)).isEqualTo(5_000);
        milestones.reached(4_000, 30);
        assertThat(milestones.before(25)).isEqualTo(NOTHING);
        assertThat(milestones.before(30)).isEqualTo(4_000);
        milestones.reached(4_500, 40);
        assertThat(milestones.before(39)).isEqualTo(4_000);
        assertThat(milestones.before(40)).isEqualTo(4_500);
    }

    @Test
    void a_milestone_that_was_begun_before_the_clock_was_set_back_is_given_up() throws Exception {
        long hour = 3_600_000_000_000L;
        var milestones = new Milestones();
        milestones.reached(9 * hour, 5);
        try (Intake intake = Samples.open(directory);
                Ring ring = intake.open("one")) {
            milestones.begin(10 * hour, List.of(ring));
            milestones.begin(3 * hour, List.of(ring)); // seven hours earlier
            assertThat(milestones.before(5)).isEqualTo(NOTHING);
            assertThat(milestones.isReached()).isTrue();
            milestones.reached(20);
            assertThat(milestones.before(20)).isLessThan(3 * hour);
        }
    }

    @Test
    void hours_without_a_database_make_the_answer_coarser_and_never_too_early() {
        var milestones = new Milestones();
        int many = 20 * Milestones.MOST;
        for (int i = 1; i <= many; i++) {
            milestones.reached(i * 1_000L, i * 10L);
        }
        long last = NOTHING;
        for (int i = 1; i <= many; i++) {
            long passed = milestones.before(i * 10L);
            assertThat(passed).isLessThanOrEqualTo(i * 1_000L).isGreaterThanOrEqualTo(last);
            last = passed;
        }
        assertThat(last).isEqualTo(many * 1_000L);
        assertThat(milestones.before((many - 2) * 10L)).isGreaterThanOrEqualTo((many - 4) * 1_000L);
    }

    @Test
    void a_row_that_waits_in_its_ring_is_not_taken_for_journaled() throws Exception {
        JournalSettings small = new JournalSettings(
                64 * 1024,
                Duration.ofMinutes(10),
                Duration.ofMillis(5),
                Duration.ofMillis(200),
                4 * 64 * 1024,
                Duration.ZERO);
        try (Intake intake = Intake.open(
                        directory, small, IntakeSettings.defaults(), Samples::evidence, InstantSource.system());
                JournalTail tail = intake.tail();
                Ring busy = intake.open("busy");
                Ring quiet = intake.open("quiet")) {
            int id = 0;
            while (intake.progress().refusal() == null) {
                busy.accept(trade(BTC, ++id));
            }
            Trade waiting = trade(ETH, 1);
            quiet.accept(waiting);
            Instant received = Nanos.instant(waiting.receivedAtNanos());

            await().until(() -> Instant.now().isAfter(received.plusMillis(400)));
            assertThat(quiet.size()).isEqualTo(1);
            assertThat(intake.receivedUntil(Long.MAX_VALUE)).isBefore(received);

            boolean found = false;
            while (!found) { // makes room
                JournalTail.Batch batch = tail.read(10_000, Duration.ofSeconds(1));
                tail.committed(batch.to());
                found = holds(batch.entries(), waiting);
                if (!found) { // what is passed is passed by what was read alone
                    assertThat(intake.receivedUntil(batch.to())).isBeforeOrEqualTo(received);
                }
            }
            await().until(() -> {
                JournalTail.Batch batch = tail.read(10_000, Duration.ofMillis(50));
                tail.committed(batch.to());
                return intake.receivedUntil(batch.to()).isAfter(received);
            });
        }
    }

    @Test
    void a_row_that_finds_no_room_in_its_ring_is_waited_for() throws Exception {
        var ring = new Ring("full", Ring.Way.STREAM, ROOM, Duration.ofSeconds(30), _ -> {});
        fill(ring);
        Trade last = trade(BTC, 10);
        Thread reader = Thread.ofPlatform().start(() -> ring.accept(last));
        await().until(() -> reader.getState() == Thread.State.TIMED_WAITING);

        long after = last.receivedAtNanos() + 1;
        assertThat(ring.isPast(after)).isFalse();
        empty(ring);
        reader.join();
        assertThat(ring.isPast(after)).isFalse();
        assertThat(ring.isPast(last.receivedAtNanos())).isTrue();
        ring.remove();
        assertThat(ring.isPast(after)).isTrue();
    }

    @Test
    void a_row_that_was_given_up_is_waited_for_until_it_is_in_the_ledger() {
        var ring = new Ring("full", Ring.Way.STREAM, ROOM, Duration.ZERO, _ -> {});
        fill(ring);
        Trade last = trade(BTC, 10);
        ring.accept(last);
        empty(ring);
        assertThat(ring.isPast(last.receivedAtNanos() + 1)).isFalse();
        assertThat(ring.isPast(last.receivedAtNanos())).isTrue();
        assertThat(ring.takeOverflows()).hasSize(1);
        assertThat(ring.isPast(last.receivedAtNanos() + 1)).isTrue();
    }

    @Test
    void after_the_end_all_that_was_received_is_journaled() throws Exception {
        Instant received;
        Intake intake = Samples.open(directory);
        try (Ring ring = intake.open("one")) {
            Trade last = trade(BTC, 1);
            ring.accept(last);
            received = Nanos.instant(last.receivedAtNanos());
        }
        intake.stop();
        assertThat(intake.receivedUntil(Long.MAX_VALUE)).isAfter(received);
        assertThat(intake.receivedUntil(Long.MAX_VALUE))
                .isBeforeOrEqualTo(Instant.now().plusNanos(TimeUnit.SECONDS.toNanos(1)));
    }

    private static void fill(Ring ring) {
        for (int id = 0; id < ROOM; id++) {
            ring.accept(trade(BTC, id));
        }
    }

    private static void empty(Ring ring) {
        for (int id = 0; id < ROOM; id++) {
            ring.remove();
        }
    }

    private static boolean holds(List<Entry> entries, Trade trade) {
        return entries.stream()
                .anyMatch(entry -> entry instanceof Entry.Traded(Trade one)
                        && one.instrument().equals(trade.instrument()));
    }
}

package io.metdc.completeness;

import static io.metdc.completeness.Samples.BTC;
import static io.metdc.completeness.Samples.SOL;
import static io.metdc.completeness.Samples.consumed;
import static io.metdc.completeness.Samples.ids;
import static io.metdc.completeness.Samples.only;
import static io.metdc.completeness.Samples.rejected;
import static io.metdc.completeness.Samples.sum;
import static io.metdc.completeness.Samples.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.metdc.market.RejectReason;
import io.metdc.storage.journal.Entry;
import io.metdc.storage.journal.JournalSettings;
import io.metdc.storage.journal.JournalTail;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A journal that takes nothing for a while, and what becomes of the rows meanwhile.
class OverflowTest {
    private static final JournalSettings SMALL = new JournalSettings(
            64 * 1024,
            Duration.ofMinutes(10),
            Duration.ofMillis(1),
            Duration.ofMillis(200),
            256 * 1024,
            Duration.ofHours(1));
    private static final IntakeSettings TIGHT =
            new IntakeSettings(64, Duration.ofMillis(30), 1024, 20, Duration.ofMillis(300));

    @TempDir
    Path directory;

    private Intake open() throws Exception {
        return Intake.open(directory, SMALL, TIGHT, Samples::evidence, InstantSource.system());
    }

    /// Reads on and says that it is committed, which makes room.
    private static void commit(JournalTail tail, List<Entry> all) throws Exception {
        JournalTail.Batch batch = tail.read(1_000, Duration.ofMillis(10));
        all.addAll(batch.entries());
        tail.committed(batch.to());
    }

    @Test
    void what_found_no_room_is_counted_to_the_row_and_entered_as_a_hole_to_refill() throws Exception {
        int count = 20_000;
        List<Entry> all = new ArrayList<>();
        Intake intake = open();
        try (JournalTail tail = intake.tail()) {
            Ring first = intake.open("first");
            Ring second = intake.open("second");
            for (int id = 1; id <= count; id++) {
                first.accept(trade(BTC, id));
                second.accept(trade(SOL, id));
            }
            second.accept(rejected(SOL, RejectReason.MALFORMED)); // finds no room either
            await().until(() -> String.valueOf(intake.progress().refusal()).contains("journal.max_size"));
            await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(2)).until(() -> {
                commit(tail, all);
                return intake.progress().waiting() == 0 && sum(all, SOL).received() == count + 1;
            });
            first.accept(trade(BTC, count + 1));
            await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(2)).until(() -> {
                commit(tail, all);
                return intake.progress().journaled()
                                == ids(all, BTC).size() + ids(all, SOL).size()
                        && ids(all, BTC).contains(count + 1L);
            });
            intake.stop();
            commit(tail, all);
            assertThat(intake.progress().refusal()).isNull();
            assertThat(intake.progress().received()).isEqualTo(2 * count + 2);
            assertThat(intake.progress().journaled() + intake.progress().rejected())
                    .isEqualTo(2 * count + 2);
        } finally {
            intake.stop();
        }
        Entry.Counted btc = sum(all, BTC);
        Entry.Counted sol = sum(all, SOL);
        long overflowed = btc.rejected().get(RejectReason.OVERFLOW);
        assertThat(overflowed).isGreaterThan(5_000);
        assertThat(btc.received()).isEqualTo(count + 1);
        assertThat(ids(all, BTC)).doesNotHaveDuplicates().hasSize((int) (count + 1 - overflowed));
        assertThat(ids(all, SOL)).hasSize((int) (count - sol.rejected().get(RejectReason.OVERFLOW)));
        assertThat(sol.rejected().get(RejectReason.MALFORMED)).isEqualTo(1);

        Set<Long> missing = LongStream.rangeClosed(1, count).boxed().collect(Collectors.toCollection(HashSet::new));
        ids(all, BTC).forEach(missing::remove);
        Set<Long> holes = new HashSet<>();
        long expected = 0;
        long unnumbered = 0;
        for (Entry.HoleOpened hole : only(Entry.HoleOpened.class, all)) {
            assertThat(hole.cause()).isEqualTo("overflow");
            if (hole.instrument().equals(BTC)) {
                LongStream.rangeClosed(hole.fromId(), hole.toId()).forEach(holes::add);
                expected += hole.expected();
            } else {
                assertThat(hole.fromId()).isEqualTo(-1);
                assertThat(hole.fromNanos()).isPositive().isLessThanOrEqualTo(hole.toNanos());
                unnumbered += hole.expected();
            }
        }
        assertThat(holes).isEqualTo(missing);
        assertThat(expected).isEqualTo(missing.size());
        assertThat(unnumbered).isEqualTo(sol.rejected().get(RejectReason.OVERFLOW));
    }

    @Test
    void a_kill_soon_after_an_overflow_does_not_take_it_along(@TempDir Path killed) throws Exception {
        IntakeSettings hasty = new IntakeSettings(64, Duration.ZERO, 1024, 20, Duration.ofMillis(300));
        try (Intake intake =
                Intake.open(directory, Samples.JOURNAL, hasty, Samples::evidence, InstantSource.system())) {
            Ring ring = intake.open("ring");
            Instant opened = Instant.now();
            await().until(() -> Instant.now().isAfter(opened.plusMillis(100))); // it has looked for overflows by now
            for (int id = 1; id <= 5_000; id++) {
                ring.accept(trade(SOL, id));
            }
            await().until(() -> Instant.now().isAfter(opened.plusMillis(500))); // and would look again after a second
            Samples.copySegments(directory, killed);
        }
        assertThat(only(Entry.HoleOpened.class, Samples.entries(killed)))
                .extracting(Entry.HoleOpened::cause)
                .contains("overflow");
    }

    @Test
    void a_refill_of_what_found_no_room_is_taken_and_found() throws Exception {
        int count = 12_000;
        List<Entry> all = new ArrayList<>();
        Intake intake = open();
        try (JournalTail tail = intake.tail()) {
            Ring ring = intake.open("stream");
            for (int id = 1; id <= count; id++) {
                ring.accept(trade(BTC, id));
            }
            ring.accept(consumed(BTC, count + 1));
            await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(2)).until(() -> {
                commit(tail, all);
                return !only(Entry.HoleOpened.class, all).isEmpty()
                        && intake.progress().waiting() == 0;
            });
            Ring refill = intake.open("refill");
            for (int id = 1; id <= count; id++) {
                refill.accept(trade(BTC, id));
                if (id % 32 == 0) {
                    await().pollDelay(Duration.ZERO)
                            .pollInterval(Duration.ofMillis(2))
                            .until(() -> {
                                commit(tail, all);
                                return refill.size() == 0;
                            });
                }
            }
            await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(2)).until(() -> {
                commit(tail, all);
                return ids(all, BTC).size() == count;
            });
        } finally {
            intake.stop();
        }
        assertThat(ids(all, BTC)).doesNotHaveDuplicates();
        assertThat(only(Entry.HoleFound.class, all)).isNotEmpty();
    }

    @Test
    void a_reader_waits_for_room_and_nothing_is_lost_when_it_comes_in_time() throws Exception {
        int count = 9_000;
        List<Entry> all = new ArrayList<>();
        IntakeSettings patient = new IntakeSettings(64, Duration.ofSeconds(20), 1024, 20, Duration.ofMillis(300));
        Intake intake = Intake.open(directory, SMALL, patient, Samples::evidence, InstantSource.system());
        try (JournalTail tail = intake.tail()) {
            Ring ring = intake.open("ring");
            Thread reader = Thread.ofPlatform().start(() -> {
                for (int id = 1; id <= count; id++) {
                    ring.accept(trade(BTC, id));
                }
            });
            await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(2))
                    .until(() ->
                            intake.progress().refusal() != null && reader.getState() == Thread.State.TIMED_WAITING);
            reader.interrupt(); // it still waits
            await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(2)).until(() -> {
                commit(tail, all);
                return !reader.isAlive() && ids(all, BTC).size() == count;
            });
        } finally {
            intake.stop();
        }
        assertThat(intake.progress().rejected()).isZero();
    }

    @Test
    void a_stop_does_not_wait_for_ever_for_a_journal_that_takes_nothing() throws Exception {
        Intake intake = open();
        Ring ring = intake.open("ring");
        for (int id = 1; intake.progress().refusal() == null; id++) {
            ring.accept(trade(BTC, id));
        }
        long start = System.nanoTime();
        intake.stop();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
        assertThat(intake.progress().running()).isFalse();
    }
}

package io.metdc.storage.journal;

import static io.metdc.storage.journal.Samples.BTC;
import static io.metdc.storage.journal.Samples.drain;
import static io.metdc.storage.journal.Samples.ids;
import static io.metdc.storage.journal.Samples.segments;
import static io.metdc.storage.journal.Samples.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is kept and what is deleted, a journal that is full, and a disk that is.
class JournalSpaceTest {
    private static final long SEGMENT = 64 * 1024;

    @TempDir
    Path directory;

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
    private final InstantSource clock = now::get;
    private long appended;

    private Journal open(long maxBytes) throws IOException {
        return open(maxBytes, Journal.Writes.TO_FILE);
    }

    private Journal open(long maxBytes, Journal.Writes writes) throws IOException {
        JournalSettings settings = new JournalSettings(
                SEGMENT, Duration.ofMinutes(10), Duration.ZERO, Duration.ofSeconds(1), maxBytes, Duration.ofHours(1));
        return Journal.open(directory, settings, clock, JournalState.NONE, writes);
    }

    /// Appends until there are so many segments.
    private void fill(Journal journal, int segments) throws IOException {
        while (segments(directory).size() < segments) {
            for (int i = 0; i < 100; i++) {
                assertThat(journal.append(trade(BTC, ++appended))).isTrue();
            }
            journal.force();
        }
    }

    @Test
    void a_segment_goes_an_hour_after_all_of_it_was_committed_and_not_before() throws Exception {
        try (Journal journal = open(1L << 30);
                JournalTail tail = journal.tail()) {
            fill(journal, 4);
            List<Path> all = segments(directory);
            now.set(now.get().plus(Duration.ofDays(1)));
            tail.committed(tail.oldest());
            assertThat(segments(directory)).isEqualTo(all); // old, but not committed
            long third = position(all.get(2));
            tail.committed(third);
            assertThat(segments(directory)).isEqualTo(all); // committed just now
            now.set(now.get().plus(Duration.ofMinutes(59)));
            tail.committed(third + 1);
            assertThat(segments(directory)).isEqualTo(all);
            now.set(now.get().plus(Duration.ofMinutes(2)));
            tail.committed(third + 2);
            assertThat(segments(directory)).isEqualTo(all.subList(2, 4));
            assertThat(tail.oldest()).isEqualTo(third);
            assertThatThrownBy(() -> tail.seek(0)).isInstanceOf(IOException.class);
            tail.seek(third);
            assertThat(ids(drain(tail)).getLast()).isEqualTo(appended);
        }
    }

    @Test
    void the_hour_goes_on_over_a_restart() throws Exception {
        List<Path> all;
        try (Journal journal = open(1L << 30);
                JournalTail tail = journal.tail()) {
            fill(journal, 4);
            all = segments(directory);
            tail.committed(position(all.get(2)));
        }
        now.set(now.get().plus(Duration.ofMinutes(61)));
        try (Journal journal = open(1L << 30);
                JournalTail tail = journal.tail()) {
            assertThat(journal.bytes()).isGreaterThan(3 * SEGMENT);
            tail.committed(position(all.get(3)));
            assertThat(segments(directory))
                    .doesNotContain(all.get(0), all.get(1))
                    .contains(all.get(3));
        }
    }

    @Test
    void what_a_database_lost_again_stays_however_long_ago_it_was_committed() throws Exception {
        try (Journal journal = open(1L << 30);
                JournalTail tail = journal.tail()) {
            fill(journal, 5);
            List<Path> all = segments(directory);
            tail.committed(position(all.get(4)));
            now.set(now.get().plus(Duration.ofMinutes(59)));
            tail.committed(position(all.get(1))); // a backup was put in its place
            now.set(now.get().plus(Duration.ofHours(2)));
            tail.committed(position(all.get(1)) + 1);
            assertThat(segments(directory)).isEqualTo(all.subList(1, 5));
            assertThat(journal.fill().heldBytes()).isEqualTo(journal.bytes());
            tail.seek(position(all.get(1)));
            assertThat(ids(drain(tail)).getLast()).isEqualTo(appended);
            tail.committed(position(all.get(3)));
            now.set(now.get().plus(Duration.ofMinutes(61)));
            tail.committed(position(all.get(3)) + 1);
            assertThat(segments(directory)).isEqualTo(all.subList(3, 5));
        }
    }

    @Test
    void a_clock_that_is_set_back_keeps_what_is_committed_no_longer_than_usual() throws Exception {
        try (Journal journal = open(1L << 30);
                JournalTail tail = journal.tail()) {
            fill(journal, 4);
            List<Path> all = segments(directory);
            tail.committed(position(all.get(2)));
            now.set(now.get().minus(Duration.ofHours(7)));
            tail.committed(position(all.get(2)) + 1);
            assertThat(segments(directory)).isEqualTo(all);
            now.set(now.get().plus(Duration.ofMinutes(61)));
            tail.committed(position(all.get(2)) + 2);
            assertThat(segments(directory)).isEqualTo(all.subList(2, 4));
        }
    }

    @Test
    void a_clock_that_is_set_forward_costs_nothing_that_is_not_in_the_database() throws Exception {
        try (Journal journal = open(1L << 30);
                JournalTail tail = journal.tail()) {
            fill(journal, 4);
            List<Path> all = segments(directory);
            tail.committed(position(all.get(1)));
            now.set(now.get().plus(Duration.ofDays(400)));
            fill(journal, 6);
            tail.committed(position(all.get(1)) + 1);
            assertThat(segments(directory)).containsAll(all.subList(1, 4));
            tail.seek(tail.oldest());
            assertThat(ids(drain(tail))).contains(appended);
        }
    }

    @Test
    void the_newest_segment_stays_whatever_is_committed() throws Exception {
        try (Journal journal = open(1L << 30);
                JournalTail tail = journal.tail()) {
            fill(journal, 2);
            tail.committed(tail.newest());
            now.set(now.get().plus(Duration.ofHours(2)));
            tail.committed(tail.newest() + 1);
            assertThat(segments(directory)).hasSize(1);
            journal.append(trade(BTC, ++appended));
            journal.force();
            assertThat(ids(drain(journal)).getLast()).isEqualTo(appended);
        }
    }

    @Test
    void where_space_is_short_what_is_committed_goes_before_its_hour() throws Exception {
        try (Journal journal = open(4 * SEGMENT);
                JournalTail tail = journal.tail()) {
            for (int round = 0; round < 20; round++) {
                for (int i = 0; i < 1_000; i++) {
                    assertThat(journal.append(trade(BTC, ++appended))).isTrue();
                }
                assertThat(journal.force()).isTrue();
                tail.committed(tail.newest());
                assertThat(journal.bytes()).isLessThanOrEqualTo(4 * SEGMENT);
            }
        }
    }

    @Test
    void a_full_journal_takes_nothing_says_so_once_and_goes_on_when_the_database_does() throws Exception {
        try (LogCapture log = LogCapture.of(Journal.class);
                Journal journal = open(4 * SEGMENT);
                JournalTail tail = journal.tail()) {
            while (journal.append(trade(BTC, appended + 1))) {
                if (++appended % 200 == 0) {
                    journal.force();
                }
            }
            assertThat(journal.bytes()).isBetween(3 * SEGMENT, 4 * SEGMENT);
            for (int i = 0; i < 100; i++) {
                assertThat(journal.append(trade(BTC, appended + 1))).isFalse();
                assertThat(journal.hasRoom()).isFalse();
            }
            assertThat(journal.refusal()).contains("journal.max_size");
            List<Long> inTime = ids(drain(tail));
            tail.committed(tail.newest());
            await().until(() -> journal.append(trade(BTC, appended + 1))); // when the disk has the segment before
            appended++;
            for (int i = 0; i < 500; i++) {
                assertThat(journal.append(trade(BTC, ++appended))).isTrue();
            }
            await().until(journal::force);
            assertThat(journal.refusal()).isNull();
            List<Long> all = new ArrayList<>(inTime);
            all.addAll(ids(drain(tail)));
            assertThat(all)
                    .isEqualTo(LongStream.rangeClosed(1, appended).boxed().toList());
            assertThat(log.messages()).hasSize(2);
            assertThat(log.messages().getFirst()).startsWith("WARN").contains("takes nothing more for now");
            assertThat(log.messages().getLast()).startsWith("INFO").contains("goes on");
        }
    }

    /// A disk that is full at times: it takes a part of what is written, then nothing.
    private static final class Disk implements Journal.Writes {
        long free = Long.MAX_VALUE;

        @Override
        public int write(FileChannel to, ByteBuffer bytes, long at) throws IOException {
            if (free <= 0) {
                throw new IOException("No space left on device");
            }
            int taken = (int) Math.min(free, bytes.remaining());
            ByteBuffer part = bytes.slice(bytes.position(), taken);
            while (part.hasRemaining()) {
                to.write(part, at + part.position());
            }
            bytes.position(bytes.position() + taken);
            free -= taken;
            return taken;
        }
    }

    @Test
    void a_full_disk_holds_back_and_loses_and_doubles_nothing() throws Exception {
        Disk disk = new Disk();
        try (LogCapture log = LogCapture.of(Journal.class);
                Journal journal = open(1L << 30, disk);
                JournalTail tail = journal.tail()) {
            for (int round = 0; round < 5; round++) {
                disk.free = 100_000L + round * 7_777L;
                while (journal.append(trade(BTC, appended + 1))) {
                    appended++;
                }
                long written = journal.written();
                for (int i = 0; i < 10; i++) {
                    assertThat(journal.append(trade(BTC, appended + 1))).isFalse();
                }
                assertThat(journal.force()).isFalse();
                assertThat(journal.written()).isEqualTo(written);
                assertThat(journal.refusal()).contains("No space left on device");
                disk.free = Long.MAX_VALUE;
                journal.writeOutIfDue(System.nanoTime());
                assertThat(journal.refusal()).isNull();
                assertThat(journal.written()).isGreaterThan(written);
            }
            assertThat(ids(drain(tail)))
                    .isEqualTo(LongStream.rangeClosed(1, appended).boxed().toList());
            assertThat(log.messages().stream().filter(message -> message.contains("takes nothing more")))
                    .hasSize(5);
            assertThat(log.messages().stream()
                            .filter(message -> message.contains("goes on") && message.startsWith("INFO")))
                    .hasSize(5);
        }
    }

    @Test
    void how_full_it_is_counts_what_must_stay_and_not_what_may_go() throws Exception {
        try (Journal journal = open(10 * SEGMENT);
                JournalTail tail = journal.tail()) {
            fill(journal, 4);
            List<Path> all = segments(directory);
            Fill before = journal.fill();
            assertThat(before.heldBytes()).isEqualTo(journal.bytes());
            assertThat(before.journalPercent()).isBetween(30, 40);
            assertThat(before.hasRoom()).isTrue();
            assertThat(before.diskUsedBytes()).isPositive();
            assertThat(before.diskFreeBytes()).isPositive().isLessThan(Long.MAX_VALUE);
            tail.committed(position(all.get(3)));
            assertThat(segments(directory)).hasSize(4); // for an hour
            assertThat(journal.fill().journalPercent()).isLessThan(10);
            assertThat(journal.fill().inWords()).isNull();
        }
    }

    @Test
    void a_full_journal_has_room_again_when_one_more_segment_fits() throws Exception {
        try (Journal journal = open(4 * SEGMENT);
                JournalTail tail = journal.tail()) {
            while (journal.append(trade(BTC, appended + 1))) {
                if (++appended % 200 == 0) {
                    journal.force();
                }
            }
            assertThat(journal.fill().hasRoom()).isFalse();
            assertThat(journal.fill().journal()).isEqualTo(Fill.Level.CRITICAL);
            assertThat(journal.fill().inWords()).contains("the journal is full to 9", "not in the database");
            drain(tail);
            tail.committed(tail.newest());
            assertThat(journal.fill().hasRoom()).isTrue();
        }
    }

    @Test
    void where_the_disk_is_full_what_is_committed_gives_way_before_anything_is_refused() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(directory, 40);
                LogCapture log = LogCapture.of(Journal.class);
                Journal journal = Journal.open(
                        disk.path(),
                        new JournalSettings(
                                SEGMENT,
                                Duration.ofMinutes(10),
                                Duration.ZERO,
                                Duration.ofSeconds(1),
                                1L << 30,
                                Duration.ofHours(1)),
                        clock,
                        JournalState.NONE);
                JournalTail tail = journal.tail()) {
            for (int round = 0; round < 60; round++) { // twice what the disk has
                for (int i = 0; i < 500; i++) {
                    assertThat(journal.append(trade(BTC, ++appended))).isTrue();
                }
                assertThat(journal.force()).isTrue();
                tail.committed(journal.written());
            }
            assertThat(journal.refusal()).isNull();
            assertThat(log.messages()).isEmpty();
            assertThat(journal.fill().diskPercent()).isGreaterThan(50);
        }
    }

    @Test
    void a_disk_that_is_really_full_is_refused_and_goes_on_when_there_is_room() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(directory, 40);
                Journal journal = Journal.open(disk.path(), Samples.SETTINGS, clock, JournalState.NONE);
                JournalTail tail = journal.tail()) {
            Path ballast = disk.fillBut(5 * SEGMENT);
            while (journal.append(trade(BTC, appended + 1))) {
                appended++;
            }
            assertThat(journal.refusal()).contains("No space left");
            assertThat(journal.fill().hasRoom()).isFalse();
            assertThat(journal.fill().disk()).isEqualTo(Fill.Level.CRITICAL);
            assertThat(journal.fill().inWords()).contains("the journal's disk is full to");
            java.nio.file.Files.delete(ballast);
            journal.writeOutIfDue(System.nanoTime());
            assertThat(journal.refusal()).isNull();
            assertThat(journal.fill().hasRoom()).isTrue();
            assertThat(ids(drain(tail)))
                    .isEqualTo(LongStream.rangeClosed(1, appended).boxed().toList());
        }
    }

    @Test
    void a_folder_on_a_disk_that_is_read_only_or_full_is_named_with_the_way_out() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(directory, 4)) {
            disk.fillBut(0);
            assertThatThrownBy(() -> Samples.open(disk.path()))
                    .hasMessageContaining("no new segment can be begun")
                    .hasMessageContaining("No space left")
                    .hasMessageContaining("journal.directory");
            disk.readOnly();
            assertThatThrownBy(() -> Samples.open(disk.path()))
                    .hasMessageContaining("not writable")
                    .hasMessageContaining("Read-only file system")
                    .hasMessageContaining("journal.directory");
        }
    }

    @Test
    void the_level_is_told_once_while_it_lingers_at_its_boundary() {
        Fill.Level level = Fill.Level.LOW;
        List<Fill.Level> told = new ArrayList<>();
        for (int percent : new int[] {79, 80, 79, 81, 78, 80, 89, 90, 88, 91, 100, 87, 90, 77, 80, 10}) {
            Fill.Level next = Fill.next(level, percent);
            if (next != level) {
                told.add(next);
            }
            level = next;
        }
        assertThat(told)
                .containsExactly(
                        Fill.Level.HIGH, // 80
                        Fill.Level.CRITICAL, // 90
                        Fill.Level.HIGH, // 87
                        Fill.Level.CRITICAL, // 90
                        Fill.Level.LOW, // 77
                        Fill.Level.HIGH, // 80
                        Fill.Level.LOW); // 10
    }

    @Test
    void what_a_full_disk_does_not_take_at_the_end_is_said() throws Exception {
        Disk disk = new Disk();
        try (LogCapture log = LogCapture.of(Journal.class)) {
            try (Journal journal = open(1L << 30, disk)) {
                journal.append(trade(BTC, 1));
                journal.force();
                disk.free = 10;
                journal.append(trade(BTC, 2));
            }
            assertThat(log.messages())
                    .anyMatch(message -> message.startsWith("ERROR") && message.contains("last 1 trades"));
        }
        try (Journal journal = open(1L << 30)) {
            assertThat(ids(drain(journal))).containsExactly(1L);
        }
    }

    @Test
    void an_interrupt_does_not_end_the_journal() throws Exception {
        try (Journal journal = open(1L << 30)) {
            for (int round = 1; round <= 5; round++) {
                Thread.currentThread().interrupt();
                journal.append(trade(BTC, round));
                journal.writeOutIfDue(System.nanoTime());
                assertThat(journal.refusal()).isNull();
                assertThat(Thread.interrupted()).isFalse();
            }
            Thread.currentThread().interrupt();
            journal.append(trade(BTC, 6));
        } finally {
            Thread.interrupted();
        }
        try (Journal journal = open(1L << 30)) {
            assertThat(ids(drain(journal))).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
        }
    }

    @Test
    void a_segment_ends_at_its_time_too_but_never_empty() throws Exception {
        try (Journal journal = open(1L << 30)) {
            long start = System.nanoTime();
            journal.append(trade(BTC, 1));
            journal.writeOutIfDue(start + Duration.ofMinutes(9).toNanos());
            assertThat(segments(directory)).hasSize(1);
            journal.append(trade(BTC, 2));
            journal.writeOutIfDue(start + Duration.ofMinutes(11).toNanos());
            assertThat(segments(directory)).hasSize(2);
            journal.writeOutIfDue(start + Duration.ofMinutes(60).toNanos());
            assertThat(segments(directory)).hasSize(2);
            assertThat(ids(drain(journal))).containsExactly(1L, 2L);
        }
    }

    @Test
    void settings_that_cannot_work_are_refused() {
        JournalSettings good = JournalSettings.defaults();

        assertThatThrownBy(() -> good.withMaxBytes(100_000)).hasMessageContaining("at least four segments");
        assertThatThrownBy(() ->
                        new JournalSettings(1, good.segmentTime(), good.writeOut(), good.force(), 1 << 30, good.keep()))
                .hasMessageContaining("64 KiB");
        assertThatThrownBy(() -> new JournalSettings(
                        1 << 20, Duration.ZERO, good.writeOut(), good.force(), 1 << 30, good.keep()))
                .hasMessageContaining("time is positive");
        assertThat(good.withMaxBytes(10 << 20).segmentBytes()).isEqualTo((10 << 20) / 4);
    }

    private static long position(Path segment) {
        return Long.parseLong(segment.getFileName().toString().substring(0, 20));
    }
}

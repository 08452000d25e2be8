package io.metdc.storage.journal;

import static io.metdc.storage.journal.Samples.BTC;
import static io.metdc.storage.journal.Samples.PEPE;
import static io.metdc.storage.journal.Samples.drain;
import static io.metdc.storage.journal.Samples.ids;
import static io.metdc.storage.journal.Samples.open;
import static io.metdc.storage.journal.Samples.segments;
import static io.metdc.storage.journal.Samples.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.metdc.market.Consumed;
import io.metdc.market.Instrument;
import io.metdc.market.Nanos;
import io.metdc.market.Trade;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecoveryTest {
    @TempDir
    Path directory;

    @Test
    void a_write_torn_at_any_byte_costs_only_what_was_not_acknowledged() throws Exception {
        Path whole = directory.resolve("whole");
        long lastBlock;
        long end;
        try (Journal journal = open(whole)) {
            blocks(journal, 1, 3, 5);
            lastBlock = Files.size(segments(whole).getLast());
            blocks(journal, 16, 1, 2);
            end = Files.size(segments(whole).getLast());
            copy(whole, directory.resolve("killed")); // not closed: as kill -9 leaves it
        }
        Path segment = segments(directory.resolve("killed")).getLast();
        assertThat(end - lastBlock).isBetween(100L, 200L);
        for (long cut = lastBlock; cut <= end; cut++) {
            Path torn = directory.resolve("torn-" + cut);
            copy(directory.resolve("killed"), torn);
            try (RandomAccessFile file =
                    new RandomAccessFile(torn.resolve(segment.getFileName()).toFile(), "rw")) {
                file.setLength(cut);
            }
            goesOn(torn, cut == end ? 17 : 15);
        }
    }

    @Test
    void rubbish_in_the_place_of_the_last_block_is_not_taken_for_one() throws Exception {
        Random random = new Random(7);
        Path whole = directory.resolve("whole");
        long lastBlock;
        try (Journal journal = open(whole)) {
            blocks(journal, 1, 3, 5);
            lastBlock = Files.size(segments(whole).getLast());
            blocks(journal, 16, 1, 5);
            copy(whole, directory.resolve("killed"));
        }
        Path segment = segments(directory.resolve("killed")).getLast();
        int length = (int) (Files.size(segment) - lastBlock);
        for (int round = 0; round < 40; round++) {
            Path torn = directory.resolve("torn-" + round);
            copy(directory.resolve("killed"), torn);
            try (RandomAccessFile file =
                    new RandomAccessFile(torn.resolve(segment.getFileName()).toFile(), "rw")) {
                int from = random.nextInt(length);
                byte[] rubbish = new byte[length - from];
                if (round % 2 == 0) { // else zeros, as a file system leaves them after a power failure
                    random.nextBytes(rubbish);
                }
                file.seek(lastBlock + from);
                file.write(rubbish);
            }
            goesOn(torn, 15);
        }
    }

    /// Opens what a kill left, and expects trades 1 to `kept`, and that it goes on.
    private static void goesOn(Path folder, long kept) throws Exception {
        List<Long> expected =
                new ArrayList<>(LongStream.rangeClosed(1, kept).boxed().toList());
        int before = segments(folder).size();
        try (Journal journal = open(folder)) {
            assertThat(journal.trades()).isEqualTo(kept);
            assertThat(ids(drain(journal))).isEqualTo(expected);
            journal.append(trade(BTC, 1_000));
            journal.append(trade(PEPE, 1_001));
            journal.force();
        }
        assertThat(segments(folder)).hasSize(before + 1); // an old one is never written to again
        expected.add(1_000L);
        expected.add(1_001L);
        try (Journal journal = open(folder)) {
            assertThat(ids(drain(journal))).isEqualTo(expected);
            assertThat(journal.trades()).isEqualTo(kept + 2);
        }
        try (var files = Files.walk(folder)) {
            files.sorted((a, b) -> b.compareTo(a)).forEach(file -> file.toFile().delete());
        }
    }

    @Test
    void a_copy_taken_while_it_is_written_holds_all_that_was_acknowledged_before() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        Path live = directory.resolve("live");
        try (Journal journal = open(live)) {
            Thread appender = Thread.ofPlatform().start(() -> {
                for (long id = 1; !stop.get(); id++) {
                    while (!journal.append(trade(id % 3 == 0 ? PEPE : BTC, id))) {
                        Thread.onSpinWait();
                    }
                    if (id % 10 == 0) {
                        journal.writeOutIfDue(System.nanoTime());
                        LockSupport.parkNanos(100_000);
                    }
                }
            });
            try {
                for (int round = 0; round < 20; round++) {
                    long acknowledged = Acknowledged.read(live).trades();
                    Path copy = directory.resolve("copy-" + round);
                    copy(live, copy);
                    try (Journal recovered = open(copy)) {
                        List<Long> found = ids(drain(recovered));
                        assertThat(found).hasSizeGreaterThanOrEqualTo((int) acknowledged);
                        assertThat(found)
                                .isEqualTo(LongStream.rangeClosed(1, found.size())
                                        .boxed()
                                        .toList());
                        assertThat(recovered.trades()).isEqualTo(found.size());
                    }
                }
            } finally {
                stop.set(true);
                appender.join();
            }
        }
    }

    @Test
    void a_damaged_block_costs_its_own_entries_and_is_named_once() throws Exception {
        long damagedAt;
        try (Journal journal = open(directory)) {
            blocks(journal, 1, 2, 5);
            damagedAt = Files.size(segments(directory).getFirst());
            blocks(journal, 11, 3, 5);
        }
        try (Journal journal = open(directory)) {
            blocks(journal, 26, 1, 5);
        }
        flip(segments(directory).getFirst(), damagedAt + 40);
        try (LogCapture log = LogCapture.of(Segments.class);
                Journal journal = open(directory)) {
            for (int round = 0; round < 2; round++) {
                List<Long> expected =
                        new ArrayList<>(LongStream.rangeClosed(1, 10).boxed().toList());
                expected.addAll(LongStream.rangeClosed(16, 30).boxed().toList());
                assertThat(ids(drain(journal))).isEqualTo(expected);
            }
            assertThat(log.messages())
                    .singleElement()
                    .asString()
                    .startsWith("ERROR")
                    .contains(segments(directory).getFirst().toString())
                    .contains("offset " + damagedAt);
            assertThat(journal.damage().stretches()).isOne();
            assertThat(journal.damage().bytes()).isBetween(100L, 1_000L);
        }
    }

    @Test
    void a_damaged_block_leaves_a_hole_of_each_instrument_that_may_have_been_in_it_and_of_no_other() throws Exception {
        Instrument sol = Instrument.of(Samples.SPOT, "SOLUSDT", "SOL", "USDT");
        long damagedAt;
        try (Journal journal = open(directory)) {
            append(journal, numbered(BTC, 1), numbered(BTC, 2), numbered(sol, 70), unnumbered(PEPE, 1));
            damagedAt = Files.size(segments(directory).getFirst());
            append(journal, numbered(BTC, 3), numbered(BTC, 4), unnumbered(PEPE, 2));
            append(journal, numbered(BTC, 5), unnumbered(PEPE, 3), numbered(sol, 71));
            append(journal, numbered(BTC, 6), unnumbered(PEPE, 4));
        }
        flip(segments(directory).getFirst(), damagedAt + 40);
        try (Journal journal = open(directory)) {
            for (int round = 0; round < 2; round++) {
                List<Entry> entries = drain(journal);
                assertThat(entries)
                        .filteredOn(Entry.HoleOpened.class::isInstance)
                        .containsExactlyInAnyOrder(
                                new Entry.HoleOpened(
                                        BTC,
                                        "damage",
                                        3,
                                        4,
                                        Samples.NANOS + 2_000,
                                        Samples.NANOS + 5_000,
                                        2,
                                        Nanos.of(Samples.CLOCK.instant())),
                                new Entry.HoleOpened(
                                        PEPE,
                                        "damage",
                                        -1,
                                        -1,
                                        Samples.NANOS + 1_000,
                                        Samples.NANOS + 3_000,
                                        -1,
                                        Nanos.of(Samples.CLOCK.instant())));
                assertThat(entries.subList(4, 6)).allMatch(Entry.HoleOpened.class::isInstance); // in its place
                assertThat(ids(entries)).containsExactly(1L, 2L, 70L, 1L, 5L, 3L, 71L, 6L, 4L);
            }
        }
    }

    private static void append(Journal journal, Trade... trades) {
        for (Trade trade : trades) {
            assertThat(journal.append(trade)).isTrue();
        }
        assertThat(journal.force()).isTrue();
    }

    private static Trade numbered(Instrument instrument, long id) {
        return trade(instrument, id);
    }

    private static Trade unnumbered(Instrument instrument, long id) {
        Trade trade = trade(instrument, id);
        return new Trade(
                instrument,
                trade.id(),
                trade.price(),
                trade.size(),
                trade.takerSide(),
                trade.executedAtNanos(),
                trade.receivedAtNanos(),
                Trade.NO_SEQUENCE,
                trade.origin(),
                trade.flags());
    }

    @Test
    void a_damaged_block_in_the_last_segment_does_not_hide_the_blocks_behind_it() throws Exception {
        long damagedAt;
        try (Journal journal = open(directory)) {
            blocks(journal, 1, 2, 5);
            damagedAt = Files.size(segments(directory).getFirst());
            blocks(journal, 11, 2, 5);
        }
        flip(segments(directory).getFirst(), damagedAt + 3);
        try (Journal journal = open(directory)) {
            assertThat(ids(drain(journal)))
                    .isEqualTo(LongStream.concat(LongStream.rangeClosed(1, 10), LongStream.rangeClosed(16, 20))
                            .boxed()
                            .toList());
        }
    }

    @Test
    void entries_of_an_instrument_whose_definition_is_damaged_are_passed_over_and_counted_in_the_log()
            throws Exception {
        long definition;
        try (Journal journal = open(directory)) {
            definition = Files.size(segments(directory).getFirst());
            journal.append(trade(BTC, 1));
            journal.force();
            journal.append(trade(BTC, 2));
            journal.append(trade(PEPE, 3));
            journal.append(trade(BTC, 4));
            journal.append(trade(PEPE, 5));
        }
        flip(segments(directory).getFirst(), definition + 20);
        try (LogCapture log = LogCapture.of(Segments.class);
                Journal journal = open(directory)) {
            assertThat(ids(drain(journal))).containsExactly(3L, 5L);
            assertThat(log.messages()).anyMatch(message -> message.contains("2 records are passed over"));
        }
    }

    @Test
    void a_segment_whose_head_is_damaged_gives_all_of_its_entries() throws Exception {
        UUID id = null;
        for (int run = 0; run < 3; run++) {
            try (Journal journal = open(directory)) {
                journal.append(trade(BTC, 1 + run));
                id = journal.id();
            }
        }
        flip(segments(directory).get(1), 20);
        try (LogCapture log = LogCapture.of(Segments.class);
                Journal journal = open(directory)) {
            assertThat(ids(drain(journal))).containsExactly(1L, 2L, 3L);
            assertThat(log.messages()).singleElement().asString().startsWith("ERROR");
            assertThat(journal.damage()).isEqualTo(new Damage(1, SegmentHeader.LENGTH));
        }
        for (Path segment : segments(directory)) {
            if (Files.size(segment) > 0) {
                try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
                    file.write(new byte[SegmentHeader.LENGTH]);
                }
            }
        }
        try (Journal journal = open(directory)) {
            assertThat(journal.id()).isEqualTo(id); // else all of it would be stored once more
            assertThat(ids(drain(journal))).containsExactly(1L, 2L, 3L);
        }
    }

    @Test
    void a_segment_without_a_readable_block_is_put_aside_and_the_others_are_used() throws Exception {
        for (int run = 0; run < 3; run++) {
            try (Journal journal = open(directory)) {
                journal.append(trade(BTC, 1 + run));
            }
        }
        Path middle = segments(directory).get(1);
        Files.write(middle, new byte[500]);
        try (Journal journal = open(directory)) {
            assertThat(ids(drain(journal))).containsExactly(1L, 3L);
        }
        assertThat(middle).doesNotExist();
        assertThat(middle.resolveSibling(middle.getFileName() + ".damaged")).exists();
    }

    @Test
    void a_segment_that_is_gone_is_named_and_what_follows_is_used() throws Exception {
        long id = 1;
        try (Journal journal = open(directory)) {
            while (segments(directory).size() < 4) {
                blocks(journal, id, 1, 100);
                id += 100;
            }
        }
        Files.delete(segments(directory).get(1));
        try (LogCapture log = LogCapture.of(Segments.class);
                Journal journal = open(directory)) {
            List<Entry> entries = drain(journal);
            List<Long> found = ids(entries);
            List<Entry.HoleOpened> holes = entries.stream()
                    .filter(Entry.HoleOpened.class::isInstance)
                    .map(Entry.HoleOpened.class::cast)
                    .toList();
            assertThat(LongStream.range(1, id).filter(one -> !found.contains(one)))
                    .isNotEmpty()
                    .allMatch(gone -> holes.stream().anyMatch(hole -> hole.fromId() <= gone && gone <= hole.toId()));
            assertThat(found).startsWith(1L).endsWith(id - 1).doesNotHaveDuplicates();
            assertThat(found).hasSizeLessThan((int) id - 1);
            assertThat(log.messages())
                    .singleElement()
                    .asString()
                    .startsWith("ERROR")
                    .contains("are gone");
            assertThat(journal.damage().stretches()).isOne();
        }
    }

    @Test
    void an_end_that_was_written_and_is_gone_is_named_and_one_that_was_not_is_none() throws Exception {
        Path live = directory.resolve("live");
        Path killed = directory.resolve("killed");
        long whole;
        try (Journal journal = open(live)) {
            blocks(journal, 1, 2, 5);
            whole = Files.size(segments(live).getFirst());
            blocks(journal, 11, 1, 5);
            copy(live, killed);
        }
        Path torn = directory.resolve("torn");
        copy(killed, torn);
        try (RandomAccessFile file =
                new RandomAccessFile(segments(torn).getFirst().toFile(), "rw")) {
            file.seek(file.length());
            file.write(new byte[77]); // of a block that a kill cut off
        }
        try (LogCapture log = LogCapture.of(Segments.class);
                Journal journal = open(torn)) {
            assertThat(ids(drain(journal))).hasSize(15);
            assertThat(log.messages()).isEmpty();
            assertThat(journal.damage()).isEqualTo(Damage.NONE);
        }
        try (RandomAccessFile file =
                new RandomAccessFile(segments(killed).getFirst().toFile(), "rw")) {
            file.setLength(whole + 20);
        }
        try (LogCapture log = LogCapture.of(Segments.class);
                Journal journal = open(killed)) {
            assertThat(ids(drain(journal))).hasSize(10);
            assertThat(log.messages())
                    .singleElement()
                    .asString()
                    .startsWith("ERROR")
                    .contains("are gone");
            assertThat(journal.damage().stretches()).isOne();
        }
    }

    @Test
    void a_newer_format_is_refused_with_the_way_out() throws Exception {
        try (Journal journal = open(directory)) {
            journal.append(trade(BTC, 1));
        }
        try (RandomAccessFile file =
                new RandomAccessFile(segments(directory).getFirst().toFile(), "rw")) {
            byte[] head = new byte[SegmentHeader.LENGTH];
            file.readFully(head);
            ByteBuffer.wrap(head).putInt(8, SegmentHeader.VERSION + 1);
            CRC32C crc = new CRC32C();
            crc.update(head, 0, 60);
            ByteBuffer.wrap(head).putInt(60, (int) crc.getValue());
            file.seek(0);
            file.write(head);
        }
        assertThatThrownBy(() -> open(directory))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("format version 2")
                .hasMessageContaining("newer metdc")
                .hasMessageContaining("journal.directory");
    }

    @Test
    void segments_of_two_journals_in_one_folder_are_refused() throws Exception {
        Path other = directory.resolve("other");
        Path own = directory.resolve("own");
        try (Journal one = open(own);
                Journal two = open(other)) {
            one.append(trade(BTC, 1));
            two.append(trade(BTC, 1));
        }
        Files.copy(segments(other).getFirst(), own.resolve("00000000000000009999.segment"));

        assertThatThrownBy(() -> open(own)).hasMessageContaining("two journals");
    }

    @Test
    void a_journal_in_use_is_refused() throws Exception {
        try (Journal journal = open(directory)) {
            assertThat(journal.refusal()).isNull();
            assertThatThrownBy(() -> open(directory)).hasMessageContaining("in use by another metdc");
        }
        open(directory).close();
    }

    @Test
    void a_folder_that_cannot_be_used_is_named_with_the_way_out() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));

        assertThatThrownBy(() -> open(file))
                .hasMessageContaining(file.toString())
                .hasMessageContaining("journal.directory");
        assertThatThrownBy(() -> open(file.resolve("journal")))
                .hasMessageContaining(file.toString())
                .hasMessageContaining("journal.directory");
    }

    @Test
    void a_folder_without_permission_is_named_with_the_way_out() throws Exception {
        Path closed = Files.createDirectory(
                directory.resolve("closed"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("r-x------")));
        assumeThat(Files.isWritable(closed)).as("root may write anywhere").isFalse();

        assertThatThrownBy(() -> open(closed))
                .hasMessageContaining("not writable")
                .hasMessageContaining("no permission");
    }

    @Test
    void only_the_user_itself_may_read_it() throws Exception {
        Path folder = directory.resolve("data/journal");
        open(folder).close();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx------");
        try (var files = Files.list(folder)) {
            assertThat(files)
                    .hasSize(3)
                    .allSatisfy(file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                            .isEqualTo("rw-------"));
        }
    }

    @Test
    void positions_never_mean_two_things_even_when_the_machine_lost_the_end() throws Exception {
        Path lost = directory.resolve("lost");
        Path live = directory.resolve("live");
        long committed;
        long block;
        try (Journal journal = open(live)) {
            blocks(journal, 1, 2, 5);
            copy(live, lost); // what the disk had when the power failed
            block = journal.written();
            blocks(journal, 11, 4, 5);
            committed = journal.written(); // what a database on another machine has
        }
        try (Journal journal = open(lost);
                JournalTail tail = journal.tail()) {
            blocks(journal, 50, 1, 5);
            assertThat(tail.newest()).isGreaterThan(committed);
            tail.seek(committed);
            assertThat(ids(drain(tail))).containsExactly(50L, 51L, 52L, 53L, 54L);
            tail.seek(block);
            assertThat(ids(drain(tail))).containsExactly(50L, 51L, 52L, 53L, 54L);
        }
    }

    @Test
    void a_clock_that_was_set_back_over_a_restart_gives_no_position_twice() throws Exception {
        Instant now = Instant.parse("2026-11-21T10:00:00Z");
        long end = 0;
        for (int hours : new int[] {0, 5, -7, -7, 4, -2, 100}) {
            InstantSource clock = InstantSource.fixed(now.plus(Duration.ofHours(hours)));
            try (Journal journal = Journal.open(directory, Samples.SETTINGS, clock, JournalState.NONE)) {
                assertThat(journal.written()).isGreaterThan(end);
                blocks(journal, 1, 2, 5);
                end = journal.written();
            }
        }
        try (Journal journal = open(directory);
                JournalTail tail = journal.tail()) {
            assertThat(ids(drain(tail))).hasSize(70);
            assertThat(tail.bytes(0, tail.newest())).isEqualTo(journal.bytes()).isLessThan(100_000);
            assertThat(journal.damage()).isEqualTo(Damage.NONE);
        }
    }

    // ---- the state of the journal's user

    /// Remembers the ids of all trades.
    private static final class Ids implements JournalState {
        final List<Long> ids = new ArrayList<>();
        final List<Long> replayed = new ArrayList<>();
        final List<Long> consumed = new ArrayList<>();
        boolean failing;

        @Override
        public void restore(byte[] saved) {
            ByteBuffer read = ByteBuffer.wrap(saved);
            while (read.hasRemaining()) {
                ids.add(read.getLong());
            }
        }

        @Override
        public void replay(Entry entry) {
            if (entry instanceof Entry.Traded(Trade trade)) {
                ids.add(trade.id().number());
                replayed.add(trade.id().number());
            }
            if (entry instanceof Entry.ConsumedId(Consumed gone)) {
                consumed.add(gone.sequence());
            }
        }

        @Override
        public void save(OutputStream out) throws IOException {
            for (Long id : ids) {
                out.write(ByteBuffer.allocate(Long.BYTES).putLong(id).array());
            }
            if (failing) {
                throw new IOException("no space left on device");
            }
        }

        boolean append(Journal journal, long id) {
            boolean done = journal.append(trade(BTC, id));
            ids.add(id); // after the append, as the repeat filter does
            return done;
        }
    }

    @Test
    void the_state_of_the_newest_segment_and_what_came_after_it_give_everything() throws Exception {
        Ids live = new Ids();
        List<Long> all = LongStream.rangeClosed(1, 20_000).boxed().toList();
        Path killed = directory.resolve("killed");
        try (Journal journal = open(directory.resolve("live"), live)) {
            for (long id : all) {
                live.append(journal, id);
                if (id % 500 == 0) {
                    journal.force();
                }
            }
            copy(directory.resolve("live"), killed);
        }
        assertThat(segments(killed)).hasSizeGreaterThan(5);
        Ids back = new Ids();
        try (Journal journal = open(killed, back)) {
            assertThat(back.ids).isEqualTo(all);
            assertThat(back.replayed).hasSizeBetween(1, 5_000);
            assertThat(journal.trades()).isEqualTo(20_000);
        }
    }

    @Test
    void consumed_ids_are_replayed_and_read() throws Exception {
        try (Journal journal = open(directory)) {
            journal.append(trade(BTC, 1));
            journal.append(new Consumed(BTC, 2, Samples.NANOS, Samples.NANOS, "ADL"));
            journal.append(trade(BTC, 3));
        }
        Ids back = new Ids();
        try (Journal journal = open(directory, back)) {
            assertThat(drain(journal)).hasSize(3);
        }
        assertThat(back.consumed).containsExactly(2L);
    }

    @Test
    void a_state_written_in_half_is_not_used() throws Exception {
        Ids live = new Ids();
        try (Journal journal = open(directory.resolve("live"), live)) {
            for (long id = 1; id <= 1_000; id++) {
                live.append(journal, id);
            }
        }
        Ids second = new Ids();
        long head;
        try (Journal journal = open(directory.resolve("live"), second)) {
            head = Files.size(segments(directory.resolve("live")).getLast());
            assertThat(journal.trades()).isEqualTo(1_000);
            copy(directory.resolve("live"), directory.resolve("killed"));
        }
        Path segment = segments(directory.resolve("killed")).getLast();
        assertThat(head).isGreaterThan(8_000);
        for (long cut = 0; cut < head; cut += cut < 70 || cut > head - 20 ? 1 : 397) {
            Path torn = directory.resolve("torn-" + cut);
            copy(directory.resolve("killed"), torn);
            try (RandomAccessFile file =
                    new RandomAccessFile(torn.resolve(segment.getFileName()).toFile(), "rw")) {
                file.setLength(cut);
            }
            Ids back = new Ids();
            try (Journal journal = open(torn, back)) {
                assertThat(back.ids).isEqualTo(live.ids);
                assertThat(journal.trades()).isEqualTo(1_000);
                back.append(journal, 1_001);
            }
            Ids again = new Ids();
            try (Journal journal = open(torn, again)) {
                assertThat(again.ids).hasSize(1_001);
                assertThat(ids(drain(journal))).hasSize(1_001);
            }
        }
    }

    @Test
    void where_no_new_segment_can_be_begun_the_old_one_goes_on() throws Exception {
        Ids live = new Ids();
        try (Journal journal = open(directory, live)) {
            live.failing = true;
            for (long id = 1; id <= 10_000; id++) {
                assertThat(live.append(journal, id)).isTrue();
            }
            journal.force();
            assertThat(segments(directory)).hasSize(1);
            live.failing = false;
            long later = System.nanoTime() + Duration.ofSeconds(2).toNanos();
            journal.writeOutIfDue(later);
            for (long id = 10_001; id <= 12_000; id++) {
                assertThat(live.append(journal, id)).isTrue();
                journal.writeOutIfDue(later);
            }
            journal.force();
            assertThat(segments(directory)).hasSizeGreaterThan(1);
            assertThat(ids(drain(journal)))
                    .isEqualTo(LongStream.rangeClosed(1, 12_000).boxed().toList());
        }
    }

    /// Appends so many blocks of so many trades each.
    private static void blocks(Journal journal, long firstId, int blocks, int trades) {
        long id = firstId;
        for (int block = 0; block < blocks; block++) {
            for (int i = 0; i < trades; i++, id++) {
                journal.append(trade(id % 2 == 0 ? BTC : PEPE, id));
            }
            assertThat(journal.force()).isTrue();
        }
    }

    private static void flip(Path file, long offset) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(offset);
            int value = bytes.read();
            bytes.seek(offset);
            bytes.write(value ^ 0x10);
        }
    }

    /// The segments that are there now; only the last of them can still grow.
    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (var files = Files.list(from)) {
            for (Path file : files.sorted().toList()) {
                if (!file.endsWith("lock")) {
                    Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }
}

package io.metdc.storage.journal;

import static io.metdc.storage.journal.Samples.BTC;
import static io.metdc.storage.journal.Samples.CLOCK;
import static io.metdc.storage.journal.Samples.NANOS;
import static io.metdc.storage.journal.Samples.PEPE;
import static io.metdc.storage.journal.Samples.SETTINGS;
import static io.metdc.storage.journal.Samples.drain;
import static io.metdc.storage.journal.Samples.ids;
import static io.metdc.storage.journal.Samples.open;
import static io.metdc.storage.journal.Samples.trade;
import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.market.HoleOutcome;
import io.metdc.market.RejectReason;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    @TempDir
    Path directory;

    @Test
    void what_was_appended_is_read_back_in_order() throws Exception {
        List<Entry> entries = List.of(
                new Entry.Traded(trade(BTC, 1)),
                new Entry.Traded(trade(PEPE, 2)),
                new Entry.Counted(BTC, 17, 4, 1, 0, 2, Map.of(RejectReason.OVERFLOW, 3L, RejectReason.MALFORMED, 1L)),
                new Entry.Counted(PEPE, 18, 1, 0, 0, 0, Map.of()),
                new Entry.Counted(PEPE, 19, 5, 1, 0, 0, 4, Map.of(RejectReason.OVERFLOW, 3L)),
                new Entry.RejectedRow(BTC, RejectReason.IMPLAUSIBLE_TIME, NANOS, "executed in 1970"),
                new Entry.HoleOpened(BTC, "missing_ids", 3, 9, NANOS, NANOS + 1, 7, NANOS + 2),
                new Entry.HoleFound(BTC, 4, NANOS + 3),
                new Entry.HoleClosed(BTC, NANOS + 2, 3, 9, HoleOutcome.NEVER_PUBLIC, 6, NANOS + 4),
                new Entry.Collected(PEPE, true, NANOS + 5),
                new Entry.Collected(PEPE, false, NANOS + 6),
                new Entry.Unproven(PEPE));
        try (Journal journal = open(directory)) {
            entries.forEach(journal::append);
            journal.writeOutIfDue(System.nanoTime());

            assertThat(drain(journal)).isEqualTo(entries);
        }
    }

    @Test
    void it_goes_on_behind_what_an_earlier_run_left() throws Exception {
        try (Journal journal = open(directory)) {
            journal.append(trade(BTC, 1));
        }
        try (Journal journal = open(directory)) {
            journal.append(trade(BTC, 2));
            journal.force();

            assertThat(ids(drain(journal))).containsExactly(1L, 2L);
            assertThat(journal.trades()).isEqualTo(2);
        }
    }

    @Test
    void segments_end_at_their_size_and_each_reads_alone() throws Exception {
        try (Journal journal = Journal.open(directory, SETTINGS, CLOCK, JournalState.NONE)) {
            for (int id = 1; id <= 20_000; id++) {
                assertThat(journal.append(trade(id % 2 == 0 ? BTC : PEPE, id))).isTrue();
                if (id % 500 == 0) {
                    journal.force();
                }
            }
            assertThat(Samples.segments(directory)).hasSizeGreaterThan(4);
            List<Entry> all = drain(journal);
            assertThat(all).hasSize(20_000);
            for (int id = 1; id <= 20_000; id++) {
                assertThat(all.get(id - 1)).isEqualTo(new Entry.Traded(trade(id % 2 == 0 ? BTC : PEPE, id)));
            }
            assertThat(all.get(0).instrument()).isSameAs(all.get(19_998).instrument());
        }
    }
}

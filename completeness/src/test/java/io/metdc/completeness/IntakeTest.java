package io.metdc.completeness;

import static io.metdc.completeness.Samples.BTC;
import static io.metdc.completeness.Samples.ETH;
import static io.metdc.completeness.Samples.SOL;
import static io.metdc.completeness.Samples.consumed;
import static io.metdc.completeness.Samples.entries;
import static io.metdc.completeness.Samples.ids;
import static io.metdc.completeness.Samples.only;
import static io.metdc.completeness.Samples.open;
import static io.metdc.completeness.Samples.rejected;
import static io.metdc.completeness.Samples.sum;
import static io.metdc.completeness.Samples.trade;
import static org.assertj.core.api.Assertions.assertThat;

import io.metdc.market.Instrument;
import io.metdc.market.RejectReason;
import io.metdc.storage.journal.Entry;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IntakeTest {
    @TempDir
    Path directory;

    @Test
    void rows_of_all_connections_are_journaled_in_order_and_counted() throws Exception {
        try (Intake intake = open(directory)) {
            Ring first = intake.open("first");
            Ring second = intake.open("second");
            for (int id = 1; id <= 5_000; id++) {
                first.accept(trade(BTC, id));
                second.accept(trade(ETH, 7_000 + id));
            }
            first.accept(rejected(BTC, RejectReason.MALFORMED));
            second.accept(consumed(ETH, 12_001));
        }
        List<Entry> all = entries(directory);
        assertThat(ids(all, BTC))
                .isEqualTo(LongStream.rangeClosed(1, 5_000).boxed().toList());
        assertThat(ids(all, ETH))
                .isEqualTo(LongStream.rangeClosed(7_001, 12_000).boxed().toList());
        assertThat(sum(all, BTC)).isEqualTo(new Entry.Counted(BTC, 0, 5_001, 0, 0, Map.of(RejectReason.MALFORMED, 1L)));
        assertThat(sum(all, ETH)).isEqualTo(new Entry.Counted(ETH, 0, 5_000, 0, 1, Map.of()));
        assertThat(only(Entry.HoleOpened.class, all)).isEmpty();
        assertThat(only(Entry.RejectedRow.class, all)).hasSize(1);
    }

    @Test
    void the_same_trades_on_two_connections_give_one() throws Exception {
        try (Intake intake = open(directory)) {
            Ring first = intake.open("first");
            Ring second = intake.open("second");
            for (int id = 1; id <= 3_000; id++) {
                for (Instrument instrument : List.of(BTC, SOL)) {
                    first.accept(trade(instrument, id));
                    second.accept(trade(instrument, id));
                }
            }
        }
        List<Entry> all = entries(directory);
        for (Instrument instrument : List.of(BTC, SOL)) {
            assertThat(ids(all, instrument)).doesNotHaveDuplicates().hasSize(3_000);
            assertThat(sum(all, instrument)).isEqualTo(new Entry.Counted(instrument, 0, 6_000, 3_000, 0, Map.of()));
        }
        assertThat(only(Entry.HoleOpened.class, all)).isEmpty();
    }
}

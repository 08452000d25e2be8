package io.metdc.completeness;

import static io.metdc.completeness.Samples.BTC;
import static io.metdc.completeness.Samples.ETH;
import static io.metdc.completeness.Samples.JOURNAL;
import static io.metdc.completeness.Samples.PEPE;
import static io.metdc.completeness.Samples.SOL;
import static io.metdc.completeness.Samples.SPOT;
import static io.metdc.completeness.Samples.consumed;
import static io.metdc.completeness.Samples.copySegments;
import static io.metdc.completeness.Samples.drain;
import static io.metdc.completeness.Samples.entries;
import static io.metdc.completeness.Samples.ids;
import static io.metdc.completeness.Samples.only;
import static io.metdc.completeness.Samples.open;
import static io.metdc.completeness.Samples.rejected;
import static io.metdc.completeness.Samples.sum;
import static io.metdc.completeness.Samples.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.metdc.connectors.Evidence;
import io.metdc.market.Instrument;
import io.metdc.market.Nanos;
import io.metdc.market.Origin;
import io.metdc.market.RejectReason;
import io.metdc.market.Rejected;
import io.metdc.market.Trade;
import io.metdc.market.TradeId;
import io.metdc.storage.journal.Entry;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IntakeTest {
    @TempDir
    Path temporary;

    private Path directory;

    @BeforeEach
    void journal() {
        directory = temporary.resolve("journal");
    }

    private static List<Long> numbers(long from, long to) {
        return LongStream.rangeClosed(from, to).boxed().toList();
    }

    private static void awaitJournaled(Intake intake, long trades) {
        await().until(() -> intake.progress().journaled() == trades);
    }

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
        assertThat(ids(all, BTC)).isEqualTo(numbers(1, 5_000));
        assertThat(ids(all, ETH)).isEqualTo(numbers(7_001, 12_000));
        assertThat(sum(all, BTC))
                .isEqualTo(new Entry.Counted(BTC, 0, 5_001, 0, 0, 0, Map.of(RejectReason.MALFORMED, 1L)));
        assertThat(sum(all, ETH)).isEqualTo(new Entry.Counted(ETH, 0, 5_000, 0, 0, 1, Map.of()));
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
                Trade random = trade(PEPE, TradeId.of(new UUID(id * 7L, id).toString()), -1, Samples.now());
                first.accept(random);
                second.accept(random);
            }
        }
        List<Entry> all = entries(directory);
        for (Instrument instrument : List.of(BTC, SOL)) {
            assertThat(ids(all, instrument)).doesNotHaveDuplicates().hasSize(3_000);
        }
        for (Instrument instrument : List.of(BTC, SOL, PEPE)) {
            assertThat(sum(all, instrument)).isEqualTo(new Entry.Counted(instrument, 0, 6_000, 3_000, 0, 0, Map.of()));
        }
        assertThat(only(Entry.HoleOpened.class, all)).isEmpty();
    }

    @Test
    void progress_says_what_became_of_every_row() throws Exception {
        try (Intake intake = open(directory)) {
            Ring ring = intake.open("ring");
            for (long id : new long[] {1, 2, 3, 2, 7}) {
                ring.accept(trade(BTC, id));
            }
            ring.accept(consumed(BTC, 8));
            ring.accept(consumed(BTC, 8));
            ring.accept(rejected(ETH, RejectReason.IMPLAUSIBLE_TIME));
            await().until(() -> intake.progress().holes() == 1);
            Progress progress = intake.progress();

            assertThat(progress.received()).isEqualTo(6);
            assertThat(progress.journaled()).isEqualTo(4);
            assertThat(progress.duplicate()).isEqualTo(1);
            assertThat(progress.rejected()).isEqualTo(1);
            assertThat(progress.consumed()).isEqualTo(1); // the second is the first again
            assertThat(progress.rings()).isEqualTo(1);
            assertThat(progress.waiting()).isZero();
            assertThat(progress.writtenOutAt()).isNotNull();
            assertThat(progress.refusal()).isNull();
            assertThat(progress.running()).isTrue();
            intake.stop();
            assertThat(intake.progress().running()).isFalse();
        }
    }

    @Test
    void counts_are_journaled_with_the_second_of_receipt_when_it_is_over() throws Exception {
        long second = Math.floorDiv(Samples.now(), Nanos.PER_SECOND) - 100;
        try (Intake intake = open(directory)) {
            Ring ring = intake.open("ring");
            for (int id = 1; id <= 30; id++) {
                ring.accept(trade(BTC, TradeId.of(id), id, (second + id / 10) * Nanos.PER_SECOND + id));
            }
            await().until(() -> only(Entry.Counted.class, drain(intake.tail())).size() == 4);
            assertThat(only(Entry.Counted.class, drain(intake.tail())))
                    .containsExactly(
                            new Entry.Counted(BTC, second, 9, 0, 0, 0, Map.of()),
                            new Entry.Counted(BTC, second + 1, 10, 0, 0, 0, Map.of()),
                            new Entry.Counted(BTC, second + 2, 10, 0, 0, 0, Map.of()),
                            new Entry.Counted(BTC, second + 3, 1, 0, 0, 0, Map.of()));
        }
    }

    @Test
    void a_number_that_does_not_come_is_a_hole_and_found_when_it_comes_late() throws Exception {
        try (Intake intake = open(directory)) {
            Ring ring = intake.open("ring");
            ring.accept(trade(BTC, 1));
            ring.accept(trade(BTC, 5));
            await().until(() -> intake.progress().holes() == 1);
            for (long late : new long[] {3, 2, 4}) {
                ring.accept(trade(BTC, late));
            }
            await().until(() -> intake.progress().holes() == 0);
        }
        List<Entry> all = entries(directory);
        assertThat(only(Entry.HoleOpened.class, all)).singleElement().satisfies(hole -> {
            assertThat(hole.instrument()).isEqualTo(BTC);
            assertThat(hole.cause()).isEqualTo("missing_ids");
            assertThat(List.of(hole.fromId(), hole.toId(), hole.expected())).containsExactly(2L, 4L, 3L);
            List<Trade> trades = only(Entry.Traded.class, all).stream()
                    .map(Entry.Traded::trade)
                    .toList();
            assertThat(hole.fromNanos()).isEqualTo(trades.get(0).executedAtNanos());
            assertThat(hole.toNanos()).isEqualTo(trades.get(1).executedAtNanos());
        });
        assertThat(only(Entry.HoleFound.class, all).stream().map(Entry.HoleFound::sequence))
                .containsExactly(3L, 2L, 4L);
        assertThat(ids(all, BTC)).containsExactly(1L, 5L, 3L, 2L, 4L);
    }

    @Test
    void a_rejected_row_keeps_its_number_open_for_a_refill() throws Exception {
        try (Intake intake = open(directory)) {
            Ring ring = intake.open("ring");
            ring.accept(trade(BTC, 1));
            ring.accept(new Rejected(BTC, RejectReason.MALFORMED, 2, Samples.now(), "no price"));
            ring.accept(trade(BTC, 3));
            await().until(() -> intake.progress().holes() == 1);
            ring.accept(trade(BTC, 2));
            await().until(() -> intake.progress().holes() == 0);
        }
        assertThat(ids(entries(directory), BTC)).containsExactly(1L, 3L, 2L);
    }

    @Test
    void consumed_numbers_are_no_hole_also_after_a_restart() throws Exception {
        try (Intake intake = open(directory)) {
            Ring ring = intake.open("ring");
            ring.accept(trade(BTC, 1));
            ring.accept(consumed(BTC, 2));
            ring.accept(trade(BTC, 3));
            ring.accept(consumed(BTC, 4));
        }
        try (Intake intake = open(directory)) {
            Ring ring = intake.open("ring");
            ring.accept(trade(BTC, 5));
            ring.accept(trade(BTC, 2));
            ring.accept(consumed(BTC, 4));
            ring.accept(trade(BTC, 7)); // a hole, to wait for
            await().until(() -> intake.progress().holes() == 1);
        }
        List<Entry> all = entries(directory);
        assertThat(only(Entry.HoleOpened.class, all))
                .singleElement()
                .satisfies(hole -> assertThat(hole.fromId()).isEqualTo(6));
        assertThat(sum(all, BTC)).isEqualTo(new Entry.Counted(BTC, 0, 5, 1, 0, 2, Map.of()));
    }

    @Test
    void a_late_trade_is_kept_and_counted_apart_and_neither_a_repeated_nor_a_refilled_one_is_late() throws Exception {
        try (Intake intake = open(directory)) {
            Ring ring = intake.open("ring");
            ring.accept(trade(BTC, 1));
            ring.accept(trade(BTC, 5));
            ring.accept(trade(BTC, 3));
            ring.accept(trade(BTC, 3));
            ring.accept(refilled(trade(BTC, 4)));
            await().until(() -> intake.progress().received() == 5);
            assertThat(intake.progress().late()).isOne();
        }
        List<Entry> all = entries(directory);
        assertThat(ids(all, BTC)).containsExactly(1L, 5L, 3L, 4L);
        assertThat(sum(all, BTC)).isEqualTo(new Entry.Counted(BTC, 0, 5, 1, 1, 0, Map.of()));
    }

    private static Trade refilled(Trade trade) {
        return new Trade(
                trade.instrument(),
                trade.id(),
                trade.price(),
                trade.size(),
                trade.takerSide(),
                trade.executedAtNanos(),
                trade.receivedAtNanos(),
                trade.sequence(),
                Origin.REFILL,
                trade.flags());
    }

    @Test
    void a_late_trade_that_was_not_counted_before_a_kill_is_counted_as_late_at_the_next_start() throws Exception {
        Path copy = directory.resolveSibling("killed");
        try (Intake intake = open(directory)) {
            Ring ring = intake.open("ring");
            ring.accept(trade(BTC, 1));
            ring.accept(trade(BTC, 3));
            ring.accept(trade(BTC, 2));
            await().until(() -> drain(intake.tail()).stream()
                            .filter(Entry.Traded.class::isInstance)
                            .count()
                    == 3);
            copySegments(directory, copy);
        }
        open(copy).close();
        assertThat(sum(entries(copy), BTC).late()).isOne();
    }

    @Test
    void a_row_of_an_instrument_that_is_not_collected_is_counted_apart() throws Exception {
        try (Intake intake = open(directory)) {
            Ring ring = intake.open("ring");
            ring.accept(rejected(Instrument.unknown(SPOT), RejectReason.UNKNOWN_INSTRUMENT));
            ring.accept(rejected(BTC, RejectReason.MALFORMED));
            await().until(() -> intake.progress().received() == 2);
            assertThat(intake.progress().rejected()).isEqualTo(2);
            assertThat(intake.progress().unknown()).isOne();
        }
    }

    @Test
    void what_was_missed_between_two_runs_is_a_hole_named_restart() throws Exception {
        try (Intake intake = open(directory)) {
            Ring ring = intake.open("ring");
            ring.accept(trade(BTC, 9));
            ring.accept(trade(BTC, 10));
        }
        try (Intake intake = open(directory)) {
            Ring ring = intake.open("ring");
            ring.accept(trade(BTC, 10));
            ring.accept(trade(BTC, 15));
            await().until(() -> intake.progress().holes() == 1);
            assertThat(intake.progress().duplicate()).isEqualTo(1);
        }
        assertThat(only(Entry.HoleOpened.class, entries(directory)))
                .singleElement()
                .satisfies(hole -> {
                    assertThat(hole.cause()).isEqualTo("restart");
                    assertThat(List.of(hole.fromId(), hole.toId(), hole.expected()))
                            .containsExactly(11L, 14L, 4L);
                });
    }

    @Test
    void a_hole_is_reported_once_over_restarts() throws Exception {
        try (Intake intake = open(directory)) {
            Ring ring = intake.open("ring");
            ring.accept(trade(BTC, 1));
            ring.accept(trade(BTC, 3));
            await().until(() -> intake.progress().holes() == 1);
        }
        for (int run = 0; run < 3; run++) {
            try (Intake intake = open(directory)) {
                await().until(() -> intake.progress().holes() == 1);
                Ring ring = intake.open("ring");
                ring.accept(trade(BTC, 4 + run));
                awaitJournaled(intake, 1);
            }
        }
        try (Intake intake = open(directory)) {
            intake.open("ring").accept(trade(BTC, 2));
            awaitJournaled(intake, 1);
        }
        List<Entry> all = entries(directory);
        assertThat(only(Entry.HoleOpened.class, all)).hasSize(1);
        assertThat(only(Entry.HoleFound.class, all)).hasSize(1);
    }

    @Test
    void details_of_rejected_rows_are_bounded_their_counts_are_not() throws Exception {
        long at = Samples.now();
        try (Intake intake = open(directory)) {
            Ring ring = intake.open("ring");
            for (int i = 0; i < 1_000; i++) {
                ring.accept(new Rejected(BTC, RejectReason.MALFORMED, -1, at, "row " + i));
                ring.accept(new Rejected(SOL, RejectReason.TIME_UNIT, -1, at, "row " + i));
            }
        }
        List<Entry> all = entries(directory);
        assertThat(only(Entry.RejectedRow.class, all))
                .hasSize(IntakeSettings.defaults().detailsPerSecond());
        assertThat(sum(all, BTC).rejected()).isEqualTo(Map.of(RejectReason.MALFORMED, 1_000L));
        assertThat(sum(all, SOL).rejected()).isEqualTo(Map.of(RejectReason.TIME_UNIT, 1_000L));
    }

    @Test
    void rows_that_cannot_be_journaled_are_rejected_and_hurt_no_other() throws Exception {
        Instrument longName = Instrument.of(Samples.SPOT, "X".repeat(600), "X", "USDT");
        Instrument unknown = Instrument.unknown(Samples.SPOT);
        try (Intake intake = open(directory)) {
            Ring ring = intake.open("ring");
            ring.accept(trade(BTC, 1));
            ring.accept(trade(BTC, TradeId.of("x".repeat(100_000)), 2, Samples.now()));
            ring.accept(trade(longName, 1));
            ring.accept(rejected(longName, RejectReason.MALFORMED));
            ring.accept(rejected(unknown, RejectReason.UNKNOWN_INSTRUMENT));
            ring.accept(trade(BTC, 2));
        }
        List<Entry> all = entries(directory);
        assertThat(ids(all, BTC)).containsExactly(1L, 2L);
        assertThat(sum(all, BTC).rejected()).isEqualTo(Map.of(RejectReason.MALFORMED, 1L));
        assertThat(sum(all, unknown).rejected())
                .isEqualTo(Map.of(RejectReason.MALFORMED, 2L, RejectReason.UNKNOWN_INSTRUMENT, 1L));
    }

    @Test
    void an_instrument_stays_the_same_when_its_terms_change() throws Exception {
        Instrument changed = new Instrument(
                BTC.market(),
                BTC.symbol(),
                BTC.base(),
                BTC.quote(),
                BTC.settle(),
                new BigDecimal("0.001"),
                BigDecimal.ONE);
        try (Intake intake = open(directory)) {
            Ring ring = intake.open("ring");
            ring.accept(trade(BTC, 1));
            ring.accept(trade(changed, 1));
            ring.accept(trade(changed, 2));
            ring.accept(trade(changed, 4));
            await().until(() -> intake.progress().holes() == 1);
        }
        try (Intake intake = open(directory)) {
            Ring ring = intake.open("ring");
            ring.accept(trade(changed, 2));
            ring.accept(trade(changed, 3));
            awaitJournaled(intake, 1);
        }
        List<Entry> all = entries(directory);
        assertThat(ids(all, BTC)).containsExactly(1L);
        assertThat(ids(all, changed)).containsExactly(2L, 4L, 3L);
    }

    @Test
    void a_ring_that_was_closed_is_emptied_and_goes() throws Exception {
        try (Intake intake = open(directory)) {
            Ring ring = intake.open("ring");
            for (int id = 1; id <= 8_000; id++) {
                ring.accept(trade(BTC, id));
            }
            ring.close();
            awaitJournaled(intake, 8_000);
            await().until(() -> intake.progress().rings() == 0);
            assertThatThrownBy(() -> ring.accept(trade(BTC, 9_000))).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void what_is_in_the_rings_at_the_stop_is_journaled() throws Exception {
        Intake intake = open(directory);
        Ring ring = intake.open("ring");
        for (int id = 1; id <= 50_000; id++) {
            ring.accept(trade(BTC, id));
        }
        intake.stop();
        intake.stop();
        assertThat(ids(entries(directory), BTC)).isEqualTo(numbers(1, 50_000));
        assertThatThrownBy(() -> ring.accept(trade(BTC, 50_001))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> intake.open("late")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void another_kind_of_evidence_than_before_begins_anew() throws Exception {
        try (Intake intake = open(directory)) {
            Ring ring = intake.open("ring");
            ring.accept(trade(BTC, 1));
            ring.accept(trade(SOL, 1));
        }
        try (Intake intake = Intake.open(
                directory,
                JOURNAL,
                IntakeSettings.defaults(),
                market -> market.equals(Samples.SPOT)
                        ? new Evidence.ByUnbrokenConnection(true)
                        : new Evidence.ByIds(Duration.ofSeconds(1)),
                InstantSource.system())) {
            Ring ring = intake.open("ring");
            ring.accept(trade(BTC, 2));
            ring.accept(trade(SOL, 2));
            awaitJournaled(intake, 2);
        }
        List<Entry> all = entries(directory);
        assertThat(sum(all, BTC).received()).isEqualTo(2);
        assertThat(sum(all, SOL).received()).isEqualTo(2);
    }
}

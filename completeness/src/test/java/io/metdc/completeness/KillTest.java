package io.metdc.completeness;

import static io.metdc.completeness.Samples.BTC;
import static io.metdc.completeness.Samples.ETH;
import static io.metdc.completeness.Samples.PEPE;
import static io.metdc.completeness.Samples.SOL;
import static io.metdc.completeness.Samples.consumed;
import static io.metdc.completeness.Samples.entries;
import static io.metdc.completeness.Samples.only;
import static io.metdc.completeness.Samples.open;
import static io.metdc.completeness.Samples.rejected;
import static io.metdc.completeness.Samples.sum;
import static io.metdc.completeness.Samples.trade;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.metdc.market.Instrument;
import io.metdc.market.RejectReason;
import io.metdc.market.Trade;
import io.metdc.market.TradeId;
import io.metdc.storage.journal.Acknowledged;
import io.metdc.storage.journal.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a kill at any instant leaves is what the folder holds at that instant.
class KillTest {
    private static final List<Instrument> ALL = List.of(BTC, ETH, SOL, PEPE);

    @TempDir
    Path directory;

    private static TradeId id(Instrument instrument, long number) {
        return instrument.equals(PEPE) ? TradeId.of(new UUID(number * 31 + 1, number).toString()) : TradeId.of(number);
    }

    private static Trade numbered(Instrument instrument, long number) {
        return trade(instrument, id(instrument, number), number, Samples.now());
    }

    /// Sends everything on two connections, with repeats, rows that are rejected and consumed numbers.
    private static void feed(Ring ring, long seed, AtomicBoolean stop) {
        Random random = new Random(seed);
        for (long number = 1; !stop.get(); number++) {
            for (Instrument instrument : ALL) {
                if (instrument.equals(ETH) && number % 50 == 0) {
                    ring.accept(consumed(ETH, number));
                } else {
                    ring.accept(numbered(instrument, number));
                }
                if (random.nextInt(20) == 0) {
                    ring.accept(numbered(instrument, Math.max(1, number - random.nextInt(30))));
                }
                if (random.nextInt(40) == 0) {
                    ring.accept(rejected(instrument, RejectReason.MALFORMED));
                }
            }
            if (number % 10 == 0) {
                LockSupport.parkNanos(200_000);
            }
        }
    }

    @Test
    void received_is_stored_plus_duplicate_plus_rejected_after_a_kill_at_any_instant() throws Exception {
        Path live = directory.resolve("live");
        AtomicBoolean stop = new AtomicBoolean();
        int kills = 8;
        try (Intake intake = open(live)) {
            Ring first = intake.open("first");
            Ring second = intake.open("second");
            List<Thread> feeders = List.of(
                    Thread.ofPlatform().start(() -> feed(first, 1, stop)),
                    Thread.ofPlatform().start(() -> feed(second, 2, stop)));
            try {
                await().until(() -> intake.progress().journaled() > 1_000);
                for (int kill = 0; kill < kills; kill++) {
                    LockSupport.parkNanos(60_000_000L + kill * 7_000_000L);
                    killed(live, directory.resolve("killed-" + kill));
                }
            } finally {
                stop.set(true);
                for (Thread feeder : feeders) {
                    feeder.join();
                }
            }
        }
        for (int kill = 0; kill < kills; kill++) {
            Path killed = directory.resolve("killed-" + kill);
            long acknowledged = Acknowledged.read(directory.resolve("killed-" + kill + "-acknowledged"))
                    .trades();
            sumsMeet(killed, acknowledged);
        }
        sumsMeet(live, 1);
    }

    /// Starts on what was left, sends everything again and some more, and looks at all of it.
    private static void sumsMeet(Path folder, long acknowledged) throws Exception {
        open(folder).stop();
        List<Entry> left = entries(folder);
        List<Trade> trades = trades(left);
        assertThat(trades).hasSizeGreaterThanOrEqualTo((int) acknowledged);
        long rejectedCounted = 0;
        for (Instrument instrument : ALL) {
            Entry.Counted sum = sum(left, instrument);
            long stored = trades.stream()
                    .filter(t -> t.instrument().equals(instrument))
                    .count();
            long rejected = sum.rejected().getOrDefault(RejectReason.MALFORMED, 0L);
            rejectedCounted += rejected;
            assertThat(sum.received()).isEqualTo(stored + sum.duplicate() + rejected);
        }
        assertThat(only(Entry.RejectedRow.class, left)).hasSizeLessThanOrEqualTo((int) rejectedCounted);
        Set<Long> numbers = trades.stream()
                .filter(t -> t.instrument().equals(ETH))
                .map(Trade::sequence)
                .collect(Collectors.toSet());
        long highest = numbers.stream().max(Long::compare).orElseThrow();
        assertThat(sum(left, ETH).consumed()).isBetween(highest / 50, highest / 50 + 1);

        try (Intake intake = open(folder)) {
            Ring again = intake.open("again");
            for (long number = 1; number <= highest + 2_000; number++) {
                for (Instrument instrument : ALL) {
                    if (instrument.equals(ETH) && number % 50 == 0) {
                        again.accept(consumed(ETH, number));
                    } else {
                        again.accept(numbered(instrument, number));
                    }
                }
            }
        }
        List<Entry> all = entries(folder);
        for (Instrument instrument : List.of(BTC, ETH)) { // by ids: nothing twice and nothing missing
            List<Long> stored = trades(all).stream()
                    .filter(t -> t.instrument().equals(instrument))
                    .map(Trade::sequence)
                    .toList();
            assertThat(stored).doesNotHaveDuplicates();
            assertThat((long) stored.size())
                    .isEqualTo(highest + 2_000 - (instrument.equals(ETH) ? (highest + 2_000) / 50 : 0));
            Entry.Counted sum = sum(all, instrument);
            assertThat(sum.received() - sum.duplicate() - sum.rejected().getOrDefault(RejectReason.MALFORMED, 0L))
                    .isEqualTo(stored.size());
        }
        assertThat(sum(all, ETH).consumed()).isEqualTo((highest + 2_000) / 50);
        assertThat(only(Entry.HoleOpened.class, all)).isEmpty();
    }

    private static List<Trade> trades(List<Entry> entries) {
        return only(Entry.Traded.class, entries).stream()
                .map(Entry.Traded::trade)
                .toList();
    }

    private static void killed(Path from, Path to) throws IOException {
        Files.copy(from.resolve(Acknowledged.FILE), to.resolveSibling(to.getFileName() + "-acknowledged"));
        Samples.copySegments(from, to);
    }
}

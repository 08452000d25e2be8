package io.metdc.storage.journal;

import io.metdc.market.Exchange;
import io.metdc.market.Flag;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Origin;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import io.metdc.market.TradeId;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Instruments, trades and short cuts for tests of the journal.
final class Samples {
    static final Market SPOT = new Market(Exchange.BINANCE, MarketType.SPOT);
    static final Market SWAP = new Market(Exchange.OKX, MarketType.FUTURES);
    static final Instrument BTC = Instrument.of(SPOT, "BTCUSDT", "BTC", "USDT");
    static final Instrument PEPE = new Instrument(
            SWAP, "1000PEPE-USDT-SWAP", "1000PEPE", "USDT", "USDT", new BigDecimal("0.10"), new BigDecimal("1000"));

    static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-11-21T10:00:00Z"));
    static final long NANOS = 1_800_000_000_000_000_000L;

    static final JournalSettings SETTINGS = new JournalSettings(
            64 * 1024, Duration.ofMinutes(10), Duration.ZERO, Duration.ofMillis(200), 1L << 30, Duration.ofHours(1));

    private Samples() {}

    static Trade trade(Instrument instrument, long id) {
        return new Trade(
                instrument,
                TradeId.of(id),
                BigDecimal.valueOf(4221990 + id % 1000, 2),
                BigDecimal.valueOf(1 + id % 97, 5),
                id % 3 == 0 ? TakerSide.SELL : TakerSide.BUY,
                NANOS + id * 1_000,
                NANOS + id * 1_000 + 7_654_321,
                id,
                Origin.STREAM,
                id % 5 == 0 ? Set.of(Flag.RPI) : Set.of());
    }

    static Journal open(Path directory) throws IOException {
        return open(directory, JournalState.NONE);
    }

    static Journal open(Path directory, JournalState state) throws IOException {
        return Journal.open(directory, SETTINGS, CLOCK, state);
    }

    /// All entries from here on that are written out.
    static List<Entry> drain(JournalTail tail) throws IOException, InterruptedException {
        List<Entry> all = new ArrayList<>();
        while (true) {
            JournalTail.Batch batch = tail.read(1000, Duration.ZERO);
            if (batch.entries().isEmpty()) {
                return all;
            }
            all.addAll(batch.entries());
        }
    }

    static List<Entry> drain(Journal journal) throws IOException, InterruptedException {
        try (JournalTail tail = journal.tail()) {
            return drain(tail);
        }
    }

    /// The ids of all trades among them.
    static List<Long> ids(List<Entry> entries) {
        List<Long> ids = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry instanceof Entry.Traded(Trade trade)) {
                ids.add(trade.id().number());
            }
        }
        return ids;
    }

    static List<Path> segments(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".segment"))
                    .sorted()
                    .toList();
        }
    }
}

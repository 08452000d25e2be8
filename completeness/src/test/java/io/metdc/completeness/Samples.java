package io.metdc.completeness;

import io.metdc.connectors.Evidence;
import io.metdc.market.Consumed;
import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Nanos;
import io.metdc.market.Origin;
import io.metdc.market.RejectReason;
import io.metdc.market.Rejected;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import io.metdc.market.TradeId;
import io.metdc.storage.journal.Entry;
import io.metdc.storage.journal.Journal;
import io.metdc.storage.journal.JournalSettings;
import io.metdc.storage.journal.JournalState;
import io.metdc.storage.journal.JournalTail;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Instruments, trades and short cuts for tests of completeness.
final class Samples {
    /// By ids.
    static final Market SPOT = new Market(Exchange.BINANCE, MarketType.SPOT);

    /// By unbroken connection, ids rise.
    static final Market RISING = new Market(Exchange.BYBIT, MarketType.SPOT);

    /// By unbroken connection, ids are UUIDs.
    static final Market RANDOM = new Market(Exchange.BYBIT, MarketType.FUTURES);

    static final Instrument BTC = Instrument.of(SPOT, "BTCUSDT", "BTC", "USDT");
    static final Instrument ETH = Instrument.of(SPOT, "ETHUSDT", "ETH", "USDT");
    static final Instrument SOL = Instrument.of(RISING, "SOLUSDT", "SOL", "USDT");
    static final Instrument PEPE = Instrument.of(RANDOM, "1000PEPEUSDT", "1000PEPE", "USDT");

    static final Duration PATIENCE = Duration.ofMillis(100);
    static final JournalSettings JOURNAL = new JournalSettings(
            256 * 1024,
            Duration.ofMinutes(10),
            Duration.ofMillis(5),
            Duration.ofMillis(200),
            1L << 30,
            Duration.ofHours(1));

    /// When number 0 was executed.
    private static final long EXECUTED = now() - 60 * Nanos.PER_SECOND;

    private Samples() {}

    static Evidence evidence(Market market) {
        if (market.equals(SPOT)) {
            return new Evidence.ByIds(PATIENCE);
        }
        return new Evidence.ByUnbrokenConnection(market.equals(RISING));
    }

    static Intake open(Path directory) throws IOException {
        return Intake.open(directory, JOURNAL, IntakeSettings.defaults(), Samples::evidence, InstantSource.system());
    }

    static Trade trade(Instrument instrument, long id) {
        return trade(instrument, TradeId.of(id), id, now());
    }

    static Trade trade(Instrument instrument, TradeId id, long sequence, long receivedAtNanos) {
        return new Trade(
                instrument,
                id,
                BigDecimal.valueOf(4221990, 2),
                BigDecimal.valueOf(12345, 5),
                TakerSide.BUY,
                EXECUTED + sequence * Nanos.PER_MICRO, // the same trade has the same time, however often it comes
                receivedAtNanos,
                instrument.market().equals(SPOT) ? sequence : Trade.NO_SEQUENCE,
                Origin.STREAM,
                Set.of());
    }

    static Consumed consumed(Instrument instrument, long id) {
        return new Consumed(instrument, id, now(), now(), "INSURANCE_FUND");
    }

    static Rejected rejected(Instrument instrument, RejectReason reason) {
        return new Rejected(instrument, reason, Trade.NO_SEQUENCE, now(), "as the exchange sent it");
    }

    static long now() {
        return Nanos.of(InstantSource.system().instant());
    }

    /// All entries that are written out.
    static List<Entry> drain(JournalTail tail) {
        try (tail) {
            List<Entry> all = new ArrayList<>();
            while (true) {
                List<Entry> some = tail.read(1000, Duration.ZERO).entries();
                if (some.isEmpty()) {
                    return all;
                }
                all.addAll(some);
            }
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /// All entries of a journal that nobody has open; it stays as it is.
    static List<Entry> entries(Path directory) throws IOException {
        Path copy = Files.createTempDirectory(directory.getParent(), "copy");
        copySegments(directory, copy);
        try (Journal journal = Journal.open(copy, JOURNAL, InstantSource.system(), JournalState.NONE)) {
            return drain(journal.tail());
        }
    }

    /// What a kill would leave of it now.
    static void copySegments(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (var files = Files.list(from)) {
            for (Path file : files.sorted().toList()) {
                if (file.toString().endsWith(".segment")) {
                    Files.copy(file, to.resolve(file.getFileName()));
                }
            }
        }
    }

    static List<Long> ids(List<Entry> entries, Instrument instrument) {
        List<Long> ids = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry instanceof Entry.Traded(Trade trade) && trade.instrument().equals(instrument)) {
                ids.add(trade.id().number());
            }
        }
        return ids;
    }

    static <E extends Entry> List<E> only(Class<E> kind, List<Entry> entries) {
        return entries.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /// All counts of an instrument, added up.
    static Entry.Counted sum(List<Entry> entries, Instrument instrument) {
        long received = 0;
        long duplicate = 0;
        long late = 0;
        long consumed = 0;
        Map<RejectReason, Long> rejected = new EnumMap<>(RejectReason.class);
        for (Entry.Counted counted : only(Entry.Counted.class, entries)) {
            if (counted.instrument().equals(instrument)) {
                received += counted.received();
                duplicate += counted.duplicate();
                late += counted.late();
                consumed += counted.consumed();
                counted.rejected().forEach((reason, count) -> rejected.merge(reason, count, Long::sum));
            }
        }
        return new Entry.Counted(instrument, 0, received, duplicate, late, consumed, rejected);
    }
}

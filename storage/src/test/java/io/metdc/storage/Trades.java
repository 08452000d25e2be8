package io.metdc.storage;

import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Nanos;
import io.metdc.market.Origin;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import io.metdc.market.TradeId;
import io.metdc.storage.journal.Entry;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Trades and what the journal says about them.
final class Trades {
    static final Market SPOT = new Market(Exchange.BINANCE, MarketType.SPOT);
    static final Market FUTURES = new Market(Exchange.OKX, MarketType.FUTURES);
    static final Instrument BTC = Instrument.of(SPOT, "BTCUSDT", "BTC", "USDT");
    static final Instrument ETH = Instrument.of(SPOT, "ETHUSDT", "ETH", "USDT");
    static final Instrument SWAP =
            new Instrument(FUTURES, "BTC-USDT-SWAP", "BTC", "USDT", "USDT", new BigDecimal("0.01"), BigDecimal.ONE);

    static final Instant NOW = Instant.parse("2026-11-21T10:30:00Z");
    static final InstantSource CLOCK = InstantSource.fixed(NOW);
    static final long NANOS = Nanos.of(NOW);

    private Trades() {}

    static Trade trade(Instrument instrument, long id) {
        return trade(instrument, TradeId.of(id), NANOS + id * 1_000, "42219.90", "0.00120");
    }

    static Trade trade(Instrument instrument, TradeId id, long executedAtNanos, String price, String size) {
        return new Trade(
                instrument,
                id,
                new BigDecimal(price),
                new BigDecimal(size),
                id.number() % 2 == 0 ? TakerSide.BUY : TakerSide.SELL,
                executedAtNanos,
                executedAtNanos + 5_000_000,
                id.isNumber() ? id.number() : Trade.NO_SEQUENCE,
                Origin.STREAM,
                Set.of());
    }

    /// So many trades of each instrument, interleaved, with ids from `first` on, followed by the counters that go
    /// with them.
    static List<Entry> journal(long first, int count, Instrument... instruments) {
        List<Entry> entries = new ArrayList<>();
        for (long id = first; id < first + count; id++) {
            for (Instrument instrument : instruments) {
                entries.add(new Entry.Traded(trade(instrument, id)));
            }
        }
        for (Instrument instrument : instruments) {
            entries.add(received(instrument, count));
        }
        return entries;
    }

    static Entry received(Instrument instrument, int count) {
        return new Entry.Counted(instrument, NOW.getEpochSecond(), count, 0, 0, 0, Map.of());
    }
}

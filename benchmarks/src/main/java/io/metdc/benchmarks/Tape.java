package io.metdc.benchmarks;

import io.metdc.market.Exchange;
import io.metdc.market.Flag;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Nanos;
import io.metdc.market.Origin;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import io.metdc.market.TradeId;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/// Invented trades of many instruments, the same for the same seed, as values and as the frames that Binance would
/// send.
final class Tape {
    static final Market SPOT = new Market(Exchange.BINANCE, MarketType.SPOT);
    static final Market FUTURES = new Market(Exchange.BINANCE, MarketType.FUTURES);

    private static final long FIRST_ID = 4_100_000_000L;
    private static final long STEP_NANOS = 40_000; // 25,000 trades a second
    private static final long WAY_NANOS = 5_000_000; // from the exchange to us
    private static final int MIDDLE_DIGITS = 5;

    private final List<Instrument> instruments;
    private final List<Trade> trades;

    private Tape(List<Instrument> instruments, List<Trade> trades) {
        this.instruments = instruments;
        this.trades = trades;
    }

    /// @param endNanos when the last trade was executed, nanoseconds since the epoch
    static Tape of(Market market, int instruments, int trades, long endNanos) {
        Random random = new Random(7);
        List<Instrument> listed = new ArrayList<>();
        long[] prices = new long[instruments];
        for (int i = 0; i < instruments; i++) {
            String base = "C" + Integer.toString(i + 36, 36).toUpperCase(Locale.ROOT) + "X";
            listed.add(Instrument.of(market, base + "USDT", base, "USDT"));
            prices[i] = (long) Math.pow(10, MIDDLE_DIGITS + random.nextInt(3)) + random.nextInt(50_000);
        }
        long[] ids = new long[instruments];
        List<Trade> rows = new ArrayList<>(trades);
        for (int i = 0; i < trades; i++) {
            int which = Math.min(random.nextInt(instruments), random.nextInt(instruments)); // some are more popular
            prices[which] = Math.max(1_000, prices[which] + random.nextInt(21) - 10);
            long unit = market.type() == MarketType.SPOT ? Nanos.PER_MICRO : Nanos.PER_MILLI;
            long executed = (endNanos - (trades - 1L - i) * STEP_NANOS) / unit * unit;
            long id = FIRST_ID + ids[which]++;
            rows.add(new Trade(
                    listed.get(which),
                    TradeId.of(id),
                    BigDecimal.valueOf(prices[which], which % 4 + 2),
                    BigDecimal.valueOf(1 + random.nextInt(900_000), which % 3 + 2),
                    random.nextBoolean() ? TakerSide.BUY : TakerSide.SELL,
                    executed,
                    executed + WAY_NANOS + random.nextInt(2_000_000),
                    id,
                    Origin.STREAM,
                    Flag.set(false, false)));
        }
        return new Tape(listed, rows);
    }

    List<Instrument> instruments() {
        return instruments;
    }

    /// In the order in which they were executed.
    List<Trade> trades() {
        return trades;
    }

    /// One frame for each trade.
    byte[][] frames() {
        byte[][] frames = new byte[trades.size()][];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = frame(trades.get(i)).getBytes(StandardCharsets.UTF_8);
        }
        return frames;
    }

    private static String frame(Trade trade) {
        Instrument instrument = trade.instrument();
        String symbol = instrument.symbol();
        String stream = symbol.toLowerCase(Locale.ROOT) + "@trade";
        boolean sold = trade.takerSide() == TakerSide.SELL;
        return switch (instrument.market().type()) {
            case SPOT -> // with the eight decimals that spot always writes
                "{\"stream\":\"" + stream + "\",\"data\":{\"e\":\"trade\",\"E\":"
                        + (trade.executedAtNanos() / Nanos.PER_MICRO + 150) + ",\"s\":\"" + symbol + "\",\"t\":"
                        + trade.id() + ",\"p\":\"" + trade.price().setScale(8) + "\",\"q\":\""
                        + trade.size().setScale(8) + "\",\"T\":" + trade.executedAtNanos() / Nanos.PER_MICRO
                        + ",\"m\":" + sold + ",\"M\":true}}";
            case FUTURES -> {
                long millis = trade.executedAtNanos() / Nanos.PER_MILLI;
                yield "{\"stream\":\"" + stream + "\",\"data\":{\"e\":\"trade\",\"E\":" + (millis + 1) + ",\"T\":"
                        + millis + ",\"s\":\"" + symbol + "\",\"t\":" + trade.id() + ",\"p\":\"" + trade.price()
                        + "\",\"q\":\"" + trade.size() + "\",\"X\":\"MARKET\",\"m\":" + sold + ",\"st\":1}}";
            }
        };
    }
}

package io.metdc.symbols;

import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Instruments and lists with real names and invented terms.
final class Invented {
    static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
    static final Market BINANCE_SPOT = new Market(Exchange.BINANCE, MarketType.SPOT);
    static final Market BINANCE_FUTURES = new Market(Exchange.BINANCE, MarketType.FUTURES);
    static final Market BYBIT_FUTURES = new Market(Exchange.BYBIT, MarketType.FUTURES);
    static final Market GATE_SPOT = new Market(Exchange.GATE, MarketType.SPOT);

    private static final int ROWS = 720;

    private Invented() {}

    static Instrument instrument(Market market, String base, long multiplier) {
        return instrument(market, base + "USDT", base, multiplier);
    }

    static Instrument instrument(Market market, String symbol, String base, long multiplier) {
        return new Instrument(market, symbol, base, "USDT", "USDT", BigDecimal.ONE, BigDecimal.valueOf(multiplier));
    }

    /// One that counts coins.
    static Instrument instrument(String base) {
        return instrument(BINANCE_SPOT, base, 1);
    }

    static InstrumentList list(Market market, Instant takenAt, Instrument... instruments) {
        return new InstrumentList(
                market, List.of(instruments), instruments.length + 1, Map.of("OLDUSDT", "status BREAK"), takenAt, null);
    }

    static KrwList krw(String... coins) {
        return new KrwList(new TreeSet<>(List.of(coins)), ROWS, NOW, null);
    }

    /// Upbit's answer with these coins.
    static InstrumentList upbits(Instant takenAt, String... coins) {
        List<Instrument> instruments = Arrays.stream(coins)
                .sorted()
                .map(coin -> Instrument.of(KrwList.MARKET, "KRW-" + coin, coin, "KRW"))
                .toList();
        return new InstrumentList(KrwList.MARKET, instruments, ROWS, Map.of(), takenAt, null);
    }

    /// What a market answers when it is asked for its list: the lists in the test resources, and these coins of Upbit.
    static byte[] answer(Market market, Collection<String> krw) throws IOException {
        if (market.equals(KrwList.MARKET)) {
            List<String> markets = new ArrayList<>();
            krw.forEach(coin -> markets.add("KRW-" + coin));
            for (int i = 1; markets.size() < 3 * KrwList.LEAST_ROWS; i++) {
                markets.add("BTC-C" + i);
            }
            return markets.stream()
                    .map(name -> "{\"market\":\"" + name + "\"}")
                    .collect(Collectors.joining(",", "[", "]"))
                    .getBytes(StandardCharsets.UTF_8);
        }
        byte[] own = resource("lists/" + market + ".json");
        return own.length > 0 ? own : resource("lists/" + market.exchange() + ".json");
    }

    /// Empty where there is none.
    static byte[] resource(String name) throws IOException {
        try (InputStream in = Invented.class.getResourceAsStream("/" + name)) {
            return in == null ? new byte[0] : in.readAllBytes();
        }
    }
}

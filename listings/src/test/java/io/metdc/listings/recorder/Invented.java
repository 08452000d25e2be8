package io.metdc.listings.recorder;

import io.metdc.listings.Listing;
import io.metdc.listings.Sighting;
import io.metdc.listings.Source;
import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Nanos;
import io.metdc.market.Origin;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import io.metdc.market.TradeId;
import io.metdc.symbols.Aliases;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A coin that does not exist, and its trades.
final class Invented {
    static final Instant T0 = Instant.parse("2026-08-21T02:22:40Z");
    static final String VERSION = "1.2.3";

    static final Market BINANCE_SPOT = new Market(Exchange.BINANCE, MarketType.SPOT);
    static final Market BINANCE_FUTURES = new Market(Exchange.BINANCE, MarketType.FUTURES);
    static final Market BYBIT_SPOT = new Market(Exchange.BYBIT, MarketType.SPOT);
    static final Market OKX_FUTURES = new Market(Exchange.OKX, MarketType.FUTURES);
    static final Market GATE_SPOT = new Market(Exchange.GATE, MarketType.SPOT);

    static final Instrument ON_BINANCE = Instrument.of(BINANCE_SPOT, "SKYNUSDT", "SKYN", "USDT");
    static final Instrument ON_BYBIT = Instrument.of(BYBIT_SPOT, "SKYNUSDT", "SKYN", "USDT");
    static final Instrument ON_GATE = Instrument.of(GATE_SPOT, "SKYN_USDT", "SKYN", "USDT");
    static final Instrument ON_OKX =
            new Instrument(OKX_FUTURES, "SKYN-USDT-SWAP", "SKYN", "USDT", "USDT", BigDecimal.TEN, BigDecimal.ONE);
    static final Instrument THOUSAND = new Instrument(
            BINANCE_FUTURES, "1000SKYNUSDT", "1000SKYN", "USDT", "USDT", BigDecimal.ONE, BigDecimal.valueOf(1000));

    private Invented() {}

    static Listing listing(String title) {
        return new Listing(
                "898944907",
                "SKYN",
                List.of("KRW", "USDT"),
                title,
                "거래",
                URI.create("https://upbit.com/service_center/notice?id=898944907"),
                T0,
                T0.plusMillis(1_600),
                false,
                List.of(
                        new Sighting(Source.NOTICE_LIST, T0.minusMillis(400), T0.plusMillis(1_500)),
                        new Sighting(Source.MARKET_LIST, T0.plusSeconds(60), T0.plusSeconds(70))));
    }

    static Event event() {
        return event(listing("스카인(SKYN) KRW, USDT 마켓 디지털 자산 추가"));
    }

    static Event event(Listing listing) {
        return new Event(
                listing,
                "listing",
                T0.plus(Duration.ofHours(2)),
                null,
                List.of(),
                Duration.ofMillis(-137),
                Windows.DEFAULT,
                VERSION,
                "c0ffee");
    }

    /// All twelve markets with these instruments, and Upbit's.
    static Map<Market, Offer> offers(Instrument... instruments) {
        Map<Market, List<Instrument>> lists = new HashMap<>();
        for (Exchange exchange : EnumSet.complementOf(EnumSet.of(Exchange.UPBIT))) {
            for (MarketType type : MarketType.values()) {
                lists.put(new Market(exchange, type), new ArrayList<>());
            }
        }
        lists.put(Venues.HOME, new ArrayList<>());
        for (Instrument instrument : instruments) {
            lists.computeIfAbsent(instrument.market(), _ -> new ArrayList<>()).add(instrument);
        }
        Map<Market, Offer> offers = new HashMap<>();
        lists.forEach((market, list) -> offers.put(market, new Offer.Listed(list)));
        return offers;
    }

    static List<Venue> venues(Instrument... instruments) {
        return Venues.of(event().listing(), offers(instruments), Aliases.NONE);
    }

    /// @param after since the announcement
    static Trade trade(Instrument instrument, long id, Duration after, String price, String size) {
        return trade(instrument, TradeId.of(id), id, T0.plus(after), price, size);
    }

    static Trade trade(Instrument instrument, TradeId id, long sequence, Instant at, String price, String size) {
        return new Trade(
                instrument,
                id,
                new BigDecimal(price),
                new BigDecimal(size),
                sequence % 2 == 0 ? TakerSide.BUY : TakerSide.SELL,
                Nanos.of(at),
                Nanos.of(at.plusMillis(25)),
                sequence,
                Origin.STREAM,
                Set.of());
    }
}

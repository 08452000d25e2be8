package io.metdc.symbols;

import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Names instruments in the configuration: all of a coin or a base (`PEPE` takes 1000PEPE too, `1000PEPE` no other),
/// all
/// of a symbol as the exchange spells it (`PEPE-USDT`), or one alone (`binance/futures:1000PEPEUSDT`).
///
/// @param market null: on any
/// @param name   of a coin, a base or a symbol; of a symbol where the market is given
public record Selector(@Nullable Market market, String name) {
    public Selector {
        if (name.isBlank()) {
            throw new IllegalArgumentException("names no instrument");
        }
    }

    /// Reads one as it is written in the configuration.
    ///
    /// @throws IllegalArgumentException when the market is none: continues a sentence that begins with the text
    public static Selector parse(String text) {
        int colon = text.indexOf(':');
        int slash = text.indexOf('/');
        if (colon < 0 || slash < 0 || slash > colon) {
            return new Selector(null, text);
        }
        Optional<Exchange> exchange = Exchange.of(text.substring(0, slash));
        Optional<MarketType> type = MarketType.of(text.substring(slash + 1, colon));
        if (exchange.isEmpty() || type.isEmpty()) {
            throw new IllegalArgumentException("names the market '" + text.substring(0, colon)
                    + "', which is none: it is written exchange/spot or exchange/futures");
        }
        return new Selector(new Market(exchange.get(), type.get()), text.substring(colon + 1));
    }

    boolean matches(Instrument instrument) {
        if (market != null) {
            return market.equals(instrument.market()) && name.equals(instrument.symbol());
        }
        String coin = CoinName.canonical(name);
        return name.equals(instrument.symbol())
                || coin.equals(CoinName.canonical(instrument.base()))
                || coin.equals(CoinName.of(instrument));
    }

    /// Whether it names this instrument by its symbol, and not by its coin.
    boolean matchesSymbol(Instrument instrument) {
        return name.equals(instrument.symbol()) && (market == null || market.equals(instrument.market()));
    }

    @Override
    public String toString() {
        return market == null ? name : market.exchange() + "/" + market.type() + ":" + name;
    }
}

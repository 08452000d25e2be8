package io.metdc.market;

/// One market of one exchange. Symbols are unique within a market, never beyond it.
public record Market(Exchange exchange, MarketType type) implements Comparable<Market> {
    @Override
    public int compareTo(Market other) {
        int byExchange = exchange.compareTo(other.exchange);
        return byExchange != 0 ? byExchange : type.compareTo(other.type);
    }

    /// `binance-spot`: the form used in worker names and logs.
    @Override
    public String toString() {
        return exchange.id() + "-" + type.id();
    }
}

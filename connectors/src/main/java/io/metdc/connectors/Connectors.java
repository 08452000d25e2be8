package io.metdc.connectors;

import io.metdc.market.Market;
import io.metdc.market.MarketType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// All markets that can be collected. A new exchange is a new file and a line here.
public final class Connectors {
    private static final List<Connector> ALL = make(false);
    private static final List<Connector> FOR_DECODING = make(true);

    private Connectors() {}

    private static List<Connector> make(boolean lenient) {
        List<Connector> made = new ArrayList<>();
        for (MarketType type : MarketType.values()) {
            made.add(new Binance(type, type == MarketType.SPOT, lenient));
            made.add(new Bybit(type));
            made.add(new Okx(type, lenient));
            made.add(new Gate(type, lenient));
            made.add(new Kucoin(type));
            made.add(new Phemex(type));
        }
        made.add(new Upbit());
        return List.copyOf(made);
    }

    /// One connector per market, as the collector runs them.
    public static List<Connector> all() {
        return ALL;
    }

    /// The connector of a market, if there is one.
    public static Optional<Connector> of(Market market) {
        return find(ALL, market);
    }

    /// A connector that reads whatever its exchange may have written: both time units, and trades of other id
    /// spaces, which a running collector must keep apart.
    public static Optional<Connector> forDecoding(Market market) {
        return find(FOR_DECODING, market);
    }

    private static Optional<Connector> find(List<Connector> connectors, Market market) {
        return connectors.stream()
                .filter(connector -> connector.market().equals(market))
                .findFirst();
    }
}

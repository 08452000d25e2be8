package io.metdc.collector.faults;

import io.metdc.collector.faults.Fault.Place;
import io.metdc.collector.faults.Fault.Side;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.simulator.Address;
import io.metdc.simulator.Simulator;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToIntFunction;

/// A wire to every address of the simulated exchanges, and the configuration that leads the program over
/// them.
final class Wires implements AutoCloseable {
    private final Map<Market, Map<Side, Wire>> wires = new LinkedHashMap<>();
    private final String configuration;

    private Wires(Simulator simulator) throws IOException {
        String yaml = simulator.configuration();
        for (Market market : simulator.markets()) {
            Address address = simulator.address(market);
            Wire stream = new Wire(address.websocket().getPort());
            Wire rest = new Wire(address.rest().getPort());
            wires.put(market, new EnumMap<>(Map.of(Side.STREAM, stream, Side.REST, rest)));
            yaml = over(over(yaml, address.websocket(), stream), address.rest(), rest);
        }
        for (Market market : simulator.markets()) {
            if (market.exchange() == Exchange.KUCOIN) { // whose token tells the address, which no wire is on
                URI websocket = simulator.address(market).websocket();
                String rest =
                        "rest_url: \"" + over(simulator.address(market).rest().toString(), market, Side.REST);
                yaml = yaml.replace(
                        rest,
                        "websocket_url: \"" + over(websocket.toString(), market, Side.STREAM) + "\"\n      " + rest);
            }
        }
        configuration = yaml;
    }

    static Wires to(Simulator simulator) throws IOException {
        return new Wires(simulator);
    }

    private String over(String url, Market market, Side side) {
        URI address = URI.create(url);
        return over(url, address, wire(market, side));
    }

    private static String over(String text, URI address, Wire wire) {
        return text.replaceAll("(127\\.0\\.0\\.1:)" + address.getPort() + "\\b", "$1" + wire.port());
    }

    private Wire wire(Market market, Side side) {
        return wires.get(market).get(side);
    }

    /// As the simulator's own, over the wires.
    String configuration() {
        return configuration;
    }

    /// Resets connections; how many there were, by market.
    Map<Market, Integer> cut(Place place) {
        return each(place, Wire::cut);
    }

    void hold(Place place, Duration span) {
        each(place, wire -> {
            wire.hold(span);
            return 0;
        });
    }

    /// Lets connections carry nothing any more; how many there were, by market.
    Map<Market, Integer> swallow(Place place) {
        return each(place, Wire::swallow);
    }

    void forget(Place place) {
        each(place, wire -> {
            wire.forget();
            return 0;
        });
    }

    private Map<Market, Integer> each(Place place, ToIntFunction<Wire> what) {
        Map<Market, Integer> touched = new LinkedHashMap<>();
        wires.forEach((market, ofMarket) -> {
            if (place.touches(market)) {
                touched.put(market, what.applyAsInt(ofMarket.get(place.side())));
            }
        });
        return touched;
    }

    @Override
    public void close() throws IOException {
        for (Map<Side, Wire> ofMarket : wires.values()) {
            for (Wire wire : ofMarket.values()) {
                wire.close();
            }
        }
    }
}

package io.metdc.collector.config;

import io.metdc.connectors.Connector;
import io.metdc.connectors.Connectors;
import io.metdc.market.Market;
import io.metdc.symbols.SymbolsFile;
import java.net.URI;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One market of one exchange: `exchanges.<exchange>.<spot|futures>`.
///
/// @param enabled                 whether it is collected; false too when its exchange is switched off
/// @param websocketUrl            the whole address, as the protocol document prints it; null where only the
///                                exchange tells it
/// @param restUrl                 scheme, host and base path, to which the documented paths are joined
/// @param maxSymbolsPerConnection how many instruments share a connection at most
/// @param connectionsPerShard     how many connections carry each instrument: two, and a break of either loses nothing
/// @param caFile                  certificates, PEM, that are trusted beside those of the JDK; null for
///                                none
/// @param businessUrl             takes the place of `websocketUrl` where the exchange has trades on a socket of
///                                their own; null when it follows from `websocketUrl`
/// @param timeUnit                the unit of the market's times; null for the one that its connector
///                                prefers
public record MarketSettings(
        Market market,
        boolean enabled,
        @Nullable URI websocketUrl,
        URI restUrl,
        int maxSymbolsPerConnection,
        int connectionsPerShard,
        @Nullable Path caFile,
        @Nullable URI businessUrl,
        @Nullable ChronoUnit timeUnit) {

    /// More would cost as much again, and two are seldom away at once.
    private static final int MOST_PER_SHARD = 2;

    /// The units that an exchange may offer, by their names in the configuration.
    private static final Map<String, ChronoUnit> UNITS = units();

    public MarketSettings {
        if (maxSymbolsPerConnection < 1) {
            throw new IllegalArgumentException(market + " with " + maxSymbolsPerConnection + " symbols a connection");
        }
        if (connectionsPerShard < 1 || connectionsPerShard > MOST_PER_SHARD) {
            throw new IllegalArgumentException(market + " with " + connectionsPerShard + " connections a shard");
        }
    }

    static MarketSettings read(Section section, Connector connector, boolean exchangeEnabled) {
        boolean enabled = section.flag("enabled", true);
        return new MarketSettings(
                connector.market(),
                exchangeEnabled && enabled,
                address(section, connector.defaultWebsocketUrl()),
                section.address("rest_url", connector.defaultRestUrl(), "https", "http"),
                section.number(
                        "max_symbols_per_connection",
                        connector.limits().instrumentsPerConnection(),
                        1,
                        connector.limits().maxInstrumentsPerConnection()),
                section.number("connections_per_shard", 1, 1, MOST_PER_SHARD),
                section.optionalPath("ca_file"),
                (connector.addressKeys().contains("business_url") ? section : section.withoutEffect())
                        .optionalAddress("business_url", "wss", "ws"),
                timeUnit(section, connector));
    }

    private static @Nullable URI address(Section section, @Nullable URI production) {
        return production == null
                ? section.optionalAddress("websocket_url", "wss", "ws")
                : section.address("websocket_url", production, "wss", "ws");
    }

    /// Where list and trades come from, as symbols.yaml says it.
    public SymbolsFile.Place place() {
        return new SymbolsFile.Place(market, address(), restUrl, maxSymbolsPerConnection);
    }

    /// The address to connect to; null where only the exchange tells it.
    public @Nullable URI address() {
        return businessUrl == null ? websocketUrl : businessUrl;
    }

    /// The connector, as it is to be used.
    public Connector connector() {
        Connector connector = Connectors.of(market).orElseThrow();
        return timeUnit == null ? connector : connector.withTimeUnit(timeUnit);
    }

    private static @Nullable ChronoUnit timeUnit(Section section, Connector connector) {
        ChronoUnit unit = section.optionalOneOf("time_unit", UNITS);
        if (unit != null) {
            try {
                connector.withTimeUnit(unit);
            } catch (IllegalArgumentException e) {
                section.refuse("time_unit", "does not fit: " + e.getMessage());
                return null;
            }
        }
        return unit;
    }

    private static Map<String, ChronoUnit> units() {
        Map<String, ChronoUnit> units = new LinkedHashMap<>();
        units.put("millisecond", ChronoUnit.MILLIS);
        units.put("microsecond", ChronoUnit.MICROS);
        units.put("nanosecond", ChronoUnit.NANOS);
        return units;
    }
}

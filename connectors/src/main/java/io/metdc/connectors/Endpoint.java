package io.metdc.connectors;

import java.net.URI;
import java.time.Duration;
import java.util.Map;

/// Where a connection goes, and how it is kept alive.
///
/// @param headers   sent with the upgrade request
/// @param heartbeat how often [Connector#heartbeat] is sent; zero where the exchange wants none
/// @param silence   a connection on which nothing at all arrived for so long is dead
public record Endpoint(URI address, Map<String, String> headers, Duration heartbeat, Duration silence) {
    public Endpoint {
        if (heartbeat.isNegative() || !silence.isPositive()) {
            throw new IllegalArgumentException("a heartbeat every " + heartbeat + ", silence of " + silence);
        }
    }

    /// Without headers and heartbeat.
    Endpoint(URI address, Duration silence) {
        this(address, Map.of(), Duration.ZERO, silence);
    }

    /// The configured address, with this path if it has none and this parameter if it does not set it itself.
    ///
    /// @param parameter `name=value`, or "" for none
    static URI address(URI configured, String path, String parameter) {
        String there = configured.getRawPath() == null ? "" : configured.getRawPath();
        String query = configured.getRawQuery() == null ? "" : configured.getRawQuery();
        boolean isSet = query.startsWith(parameterName(parameter)) || query.contains("&" + parameterName(parameter));
        if (!parameter.isEmpty() && !isSet) {
            query += (query.isEmpty() ? "" : "&") + parameter;
        }
        return URI.create(configured.getScheme() + "://" + configured.getRawAuthority()
                + (there.isEmpty() || there.equals("/") ? path : there)
                + (query.isEmpty() ? "" : "?" + query));
    }

    private static String parameterName(String parameter) {
        return parameter.substring(0, parameter.indexOf('=') + 1);
    }
}

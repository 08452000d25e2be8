package io.metdc.connectors;

import java.net.URI;
import java.util.Map;

/// Where a connection goes.
///
/// @param headers sent with the upgrade request
public record Endpoint(URI address, Map<String, String> headers) {
    /// The configured address, with this path if it has none and this parameter if it does not set it itself.
    ///
    /// @param parameter `name=value`, or "" for none
    static Endpoint of(URI configured, String path, String parameter) {
        String there = configured.getRawPath() == null ? "" : configured.getRawPath();
        String query = configured.getRawQuery() == null ? "" : configured.getRawQuery();
        boolean isSet = query.startsWith(parameterName(parameter)) || query.contains("&" + parameterName(parameter));
        if (!parameter.isEmpty() && !isSet) {
            query += (query.isEmpty() ? "" : "&") + parameter;
        }
        String address = configured.getScheme() + "://" + configured.getRawAuthority()
                + (there.isEmpty() || there.equals("/") ? path : there)
                + (query.isEmpty() ? "" : "?" + query);
        return new Endpoint(URI.create(address), Map.of());
    }

    private static String parameterName(String parameter) {
        return parameter.substring(0, parameter.indexOf('=') + 1);
    }
}

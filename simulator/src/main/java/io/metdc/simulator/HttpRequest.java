package io.metdc.simulator;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// A REST request.
///
/// @param method     `GET`, `POST`
/// @param parameters of the query, decoded
/// @param headers    by lower-case name
/// @param address    of the client
/// @param sockets    where the WebSockets of the market are
record HttpRequest(
        String method,
        String path,
        Map<String, String> parameters,
        Map<String, String> headers,
        String address,
        URI sockets,
        long nowNanos) {

    /// Reads `a=1&b=2`.
    ///
    /// @throws IllegalArgumentException when it is wrongly percent-encoded
    static Map<String, String> parameters(String query) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                parameters.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
            }
        }
        return parameters;
    }

    static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}

package io.metdc.connectors;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// One REST request, described.
///
/// @param method  `GET`, or `POST` with an empty body
/// @param path    joined to the configured `rest_url`, with its query, percent-encoded:
///                `/api/v3/trades?symbol=BTCUSDT`
/// @param headers beside those that every request has
/// @param weight  what it costs of [Limits#rest()]
public record RestRequest(String method, String path, Map<String, String> headers, int weight) {
    RestRequest(String path, int weight) {
        this("GET", path, Map.of(), weight);
    }

    RestRequest(String path, Map<String, String> headers, int weight) {
        this("GET", path, headers, weight);
    }

    /// A value as a query has it.
    static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }
}

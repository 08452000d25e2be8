package io.metdc.connectors;

import java.util.Map;

/// One REST request, described.
///
/// @param path    joined to the configured `rest_url`, with its query, percent-encoded:
///                `/api/v3/trades?symbol=BTCUSDT`
/// @param headers beside those that every request has
/// @param weight  what it costs of the exchange's quota
public record RestRequest(String path, Map<String, String> headers, int weight) {
    RestRequest(String path, int weight) {
        this(path, Map.of(), weight);
    }
}

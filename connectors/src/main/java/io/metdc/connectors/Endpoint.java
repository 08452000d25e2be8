package io.metdc.connectors;

import java.net.URI;
import java.util.Map;

/// Where a connection goes.
///
/// @param headers sent with the upgrade request
public record Endpoint(URI address, Map<String, String> headers) {}

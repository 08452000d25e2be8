package io.metdc.simulator;

import java.util.Map;

/// A client's request to open a WebSocket.
///
/// @param path       as sent, percent-decoded
/// @param parameters of the query, decoded
/// @param headers    by lower-case name
/// @param address    of the client
record Handshake(String path, Map<String, String> parameters, Map<String, String> headers, String address) {}

package io.metdc.simulator;

import io.metdc.market.Market;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/// Where a simulated market is reached.
///
/// @param websocket in the form in which the exchange prints its own address: `ws://127.0.0.1:40001/public/stream`
/// @param rest      scheme, host and port, to which the documented paths are joined
/// @param caFile    the certificate authority to trust (PEM), when it speaks TLS
public record Address(Market market, URI websocket, URI rest, Optional<Path> caFile) {}

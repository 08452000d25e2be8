package io.metdc.collector.config;

import io.metdc.connectors.Network;
import java.net.InetAddress;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/// How the exchanges are reached.
///
/// @param proxy       an HTTP proxy, `http://host:port`; null for none
/// @param bindAddress the address of this machine that connections leave from; null for the one that the
///                    system chooses
public record NetworkSettings(@Nullable URI proxy, @Nullable InetAddress bindAddress) {
    static NetworkSettings read(Section section) {
        return new NetworkSettings(
                section.optionalAddress("proxy", "http"), section.optionalInetAddress("bind_address"));
    }

    /// How a market is reached.
    public Network to(MarketSettings market) {
        return new Network(
                Network.DEFAULT.connectTimeout(), Network.DEFAULT.readTimeout(), proxy, bindAddress, market.caFile());
    }
}

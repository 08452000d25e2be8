package io.metdc.collector;

import io.metdc.completeness.Intake;
import io.metdc.completeness.Ring;
import io.metdc.connectors.Connector;
import io.metdc.connectors.Endpoint;
import io.metdc.connectors.FeedException;
import io.metdc.connectors.Instruments;
import io.metdc.connectors.Network;
import io.metdc.connectors.RestClient;
import io.metdc.connectors.Session;
import io.metdc.connectors.UnreadableAnswer;
import io.metdc.market.Failure;
import java.net.URI;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// What the workers of one market share: where to connect, and where the rows go.
///
/// @param address     as configured; null where only the exchange tells it
/// @param rest        asks what has to be known before a connect
/// @param instruments those of the whole market, so that a row is recognised on whatever connection it comes
record Feed(
        Connector connector,
        @Nullable URI address,
        RestClient rest,
        Network network,
        ConnectGate gate,
        Instruments instruments,
        Intake intake,
        InstantSource clock) {

    /// The place for one connection's rows.
    Ring ring(String connection) {
        return intake.open(connection);
    }

    /// Waits for its turn, then connects.
    Session connect(String name, Ring ring) throws FeedException, InterruptedException {
        gate.pass();
        byte[] ticket = rest.ticket();
        Endpoint endpoint;
        try {
            endpoint = connector.endpoint(address, name + "-" + clock.millis(), ticket);
        } catch (UnreadableAnswer e) {
            throw new FeedException(new Failure.Recoverable(name + ": no address: " + e.getMessage(), e));
        }
        return Session.open(name, connector, endpoint, network, instruments, ring, clock, null);
    }
}

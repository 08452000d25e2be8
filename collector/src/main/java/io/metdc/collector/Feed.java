package io.metdc.collector;

import io.metdc.completeness.Intake;
import io.metdc.completeness.Ring;
import io.metdc.connectors.Connector;
import io.metdc.connectors.FeedException;
import io.metdc.connectors.Instruments;
import io.metdc.connectors.Network;
import io.metdc.connectors.Session;
import java.net.URI;
import java.time.InstantSource;

/// What the workers of one market share: where to connect, and where the rows go.
///
/// @param instruments those of the whole market, so that a row is recognised on whatever connection it comes
record Feed(
        Connector connector,
        URI address,
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
        return Session.open(name, connector, address, network, instruments, ring, clock, null);
    }
}

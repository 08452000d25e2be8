package io.metdc.collector;

import io.metdc.collector.frames.FrameRecording;
import io.metdc.completeness.Intake;
import io.metdc.completeness.Ring;
import io.metdc.connectors.Bans;
import io.metdc.connectors.Budget;
import io.metdc.connectors.ClockOffset;
import io.metdc.connectors.Connector;
import io.metdc.connectors.Endpoint;
import io.metdc.connectors.FeedException;
import io.metdc.connectors.FrameTap;
import io.metdc.connectors.Instruments;
import io.metdc.connectors.Network;
import io.metdc.connectors.RestClient;
import io.metdc.connectors.Session;
import io.metdc.connectors.Sink;
import io.metdc.connectors.UnreadableAnswer;
import io.metdc.market.DisconnectCause;
import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import io.metdc.storage.Connections;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// What the workers of one market share: where to connect, in which time unit, and where the rows go. Thread-safe.
final class Feed {
    private final @Nullable URI address;
    private final RestClient rest;
    private final Network network;
    private final Budget connects;
    private final Bans bans;
    private final Instruments instruments;
    private final Intake intake;
    private final JournalWatch journal;
    private final Connections connections;
    private final InstantSource clock;
    private final @Nullable FrameRecording recording;
    private final LookBack lookBack;
    private final BooleanSupplier windowOpen;
    private final Set<Session> sessions = ConcurrentHashMap.newKeySet(); // ended ones, too, for a while
    private volatile boolean hasWorked;
    private Connector connector; // under the lock

    /// @param address     as configured; null where only the exchange tells it
    /// @param rest        asks what has to be known before a connect
    /// @param bans        of the exchange, which are kept to and told
    /// @param instruments those of the whole market, so that a row is recognised on whatever
    ///                    connection it comes
    /// @param journal     says whether there is room for what is read
    /// @param connections enters the life of each connection
    /// @param recording   keeps every frame as it came; null for none
    /// @param lookBack    asks what new instruments traded before they were subscribed
    /// @param windowOpen  whether a listing is recorded just now
    Feed(
            Connector connector,
            @Nullable URI address,
            RestClient rest,
            Network network,
            Budget connects,
            Bans bans,
            Instruments instruments,
            Intake intake,
            JournalWatch journal,
            Connections connections,
            InstantSource clock,
            @Nullable FrameRecording recording,
            LookBack lookBack,
            BooleanSupplier windowOpen) {
        this.connector = connector;
        this.address = address;
        this.rest = rest;
        this.network = network;
        this.connects = connects;
        this.bans = bans;
        this.instruments = instruments;
        this.intake = intake;
        this.journal = journal;
        this.connections = connections;
        this.clock = clock;
        this.recording = recording;
        this.lookBack = lookBack;
        this.windowOpen = windowOpen;
    }

    /// Describes the market, in the time unit that it is collected in now.
    synchronized Connector connector() {
        return connector;
    }

    /// Collects the market in its other time unit from now on, since a stream turned out to keep to it: one unit for
    /// the whole market, or a trade could be stored twice.
    ///
    /// @return false when it is so already
    synchronized boolean fallBack(Connector other) {
        boolean isNew = !connector.equals(other);
        connector = other;
        return isNew;
    }

    /// The place for one connection's rows.
    Ring ring(String connection) {
        return intake.open(connection);
    }

    /// Where it is asked whether there is room for what is read.
    JournalWatch journal() {
        return journal;
    }

    /// Enters that a connection is there for these instruments.
    Connections.Life connected(String name, List<Instrument> carried) {
        return connections.connected(connector().market(), name, carried);
    }

    /// Enters each change of state of a worker.
    Connections.States states(String worker) {
        return connections.states(connector().market(), worker);
    }

    /// Whether a listing is recorded just now, so that nobody stays away for long.
    boolean isWindowOpen() {
        return windowOpen.getAsBoolean();
    }

    /// These are subscribed.
    void acknowledged(List<Instrument> subscribed) {
        lookBack.subscribed(subscribed);
    }

    /// Whether any connection of the market was ever there: what then looks as if it could not be mended passes.
    boolean hasWorked() {
        return hasWorked;
    }

    /// Waits for its turn, then connects.
    ///
    /// @throws FeedException also, without a connect, while a ban lasts that somebody was told of
    Session connect(String name, Ring ring) throws FeedException, InterruptedException {
        bans.check(Bans.Doing.CONNECT, connector().market());
        return open(name, ring);
    }

    private Session open(String name, Ring ring) throws FeedException, InterruptedException {
        Connector described = connector();
        FrameTap tap = recording == null ? null : recording.tap(described.market(), name);
        Session opened = open(described, name, ring, tap);
        hasWorked = true;
        sessions.removeIf(Session::hasEnded);
        sessions.add(opened);
        Connector now = connector(); // which may have changed meanwhile; its time unit is the worker's to see to
        if (now.equals(described.substitute()) || described.equals(now.substitute())) {
            opened.end(new Failure.Recoverable(name + ": the market goes by another stream", DisconnectCause.REPLACED));
        }
        return opened;
    }

    /// How far the exchange's clock is ahead of ours; empty before enough is known.
    Optional<ClockOffset.Estimate> clock() {
        for (Session session : sessions()) {
            long lead = session.takeLead();
            if (lead != Session.NO_LEAD) {
                rest.offset().traded(lead);
            }
        }
        return rest.offset().estimate();
    }

    /// The connections that there are.
    List<Session> sessions() {
        sessions.removeIf(Session::hasEnded);
        return List.copyOf(sessions);
    }

    /// Waits for its turn, then opens a connection beside those of the workers, to see what comes.
    Session open(Connector described, String name, Sink sink) throws FeedException, InterruptedException {
        bans.check(Bans.Doing.CONNECT, described.market());
        return open(described, name, sink, null);
    }

    private Session open(Connector described, String name, Sink sink, @Nullable FrameTap tap)
            throws FeedException, InterruptedException {
        byte[] ticket = rest.ticket();
        Endpoint endpoint;
        try {
            endpoint = described.endpoint(address, name + "-" + clock.millis(), ticket);
        } catch (UnreadableAnswer e) {
            throw new FeedException(new Failure.Recoverable(name + ": no address: " + e.getMessage(), e));
        }
        connects.await(1); // only now: what is asked beforehand may take long
        bans.check(Bans.Doing.CONNECT, described.market());
        try {
            return Session.open(name, described, endpoint, network, instruments, sink, clock, tap);
        } catch (FeedException e) {
            throw new FeedException(bans.told(Bans.Doing.CONNECT, described.market(), e.failure()));
        }
    }
}

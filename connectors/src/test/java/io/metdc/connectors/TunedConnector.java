package io.metdc.connectors;

import io.metdc.connectors.Limits.Rate;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.Origin;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A real connector with limits that a test has time for.
///
/// @param broken what reading fails with, or null
record TunedConnector(
        Connector real,
        Limits limits,
        Duration silence,
        Map<String, String> headers,
        @Nullable RuntimeException broken) implements Connector {

    static TunedConnector of(Connector real, int instrumentsPerFrame, Rate rate, Duration silence, Duration answer) {
        Limits limits = new Limits(
                Limits.NO_LIMIT, 200, 1024, instrumentsPerFrame, 3499, rate, rate, answer, Duration.ofHours(24), rate);
        return new TunedConnector(real, limits, silence, Map.of(), null);
    }

    TunedConnector withHeaders(Map<String, String> more) {
        return new TunedConnector(real, limits, silence, more, broken);
    }

    TunedConnector failing(RuntimeException failure) {
        return new TunedConnector(real, limits, silence, headers, failure);
    }

    @Override
    public Market market() {
        return real.market();
    }

    @Override
    public @Nullable Connector fallback() {
        return real.fallback();
    }

    @Override
    public Codes codes() {
        return real.codes();
    }

    @Override
    public String errorCode(byte[] answer) {
        return real.errorCode(answer);
    }

    @Override
    public Evidence evidence() {
        return real.evidence();
    }

    @Override
    public Endpoint endpoint(@Nullable URI configured, String connection, byte[] ticket) throws UnreadableAnswer {
        return new Endpoint(real.endpoint(configured, connection, ticket).address(), headers, Duration.ZERO, silence);
    }

    @Override
    public @Nullable URI defaultWebsocketUrl() {
        return real.defaultWebsocketUrl();
    }

    @Override
    public URI defaultRestUrl() {
        return real.defaultRestUrl();
    }

    @Override
    public String subscribe(long request, List<Instrument> instruments, Instant now) {
        return real.subscribe(request, instruments, now);
    }

    @Override
    public String unsubscribe(long request, List<Instrument> instruments, Instant now) {
        return real.unsubscribe(request, instruments, now);
    }

    @Override
    public Message read(Frame frame, Instruments instruments) {
        if (broken != null) {
            throw broken;
        }
        return real.read(frame, instruments);
    }

    @Override
    public RestRequest instruments() {
        return real.instruments();
    }

    @Override
    public InstrumentPage readInstruments(byte[] answer) throws UnreadableAnswer {
        return real.readInstruments(answer);
    }

    @Override
    public Reach reach() {
        return real.reach();
    }

    @Override
    public RestRequest trades(Stretch wanted) {
        return real.trades(wanted);
    }

    @Override
    public TradePage readTrades(byte[] answer, Stretch wanted, RestRequest asked, Origin origin, long receivedAtNanos)
            throws UnreadableAnswer {
        return real.readTrades(answer, wanted, asked, origin, receivedAtNanos);
    }
}

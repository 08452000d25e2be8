package io.metdc.connectors;

import io.metdc.connectors.Limits.Rate;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.Origin;
import io.metdc.market.Row;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A real connector with limits that a test has time for.
///
/// @param broken what reading fails with, or null
record TunedConnector(
        Connector real,
        Limits limits,
        Map<String, String> headers,
        @Nullable RuntimeException broken) implements Connector {

    static TunedConnector of(Connector real, int instrumentsPerFrame, Rate rate, Duration silence, Duration answer) {
        Limits limits =
                new Limits(200, 1024, instrumentsPerFrame, 3499, rate, rate, silence, answer, Duration.ofHours(24));
        return new TunedConnector(real, limits, Map.of(), null);
    }

    TunedConnector withHeaders(Map<String, String> more) {
        return new TunedConnector(real, limits, more, broken);
    }

    TunedConnector failing(RuntimeException failure) {
        return new TunedConnector(real, limits, headers, failure);
    }

    @Override
    public Market market() {
        return real.market();
    }

    @Override
    public Evidence evidence() {
        return real.evidence();
    }

    @Override
    public Endpoint endpoint(URI configured) {
        return new Endpoint(real.endpoint(configured).address(), headers);
    }

    @Override
    public URI defaultWebsocketUrl() {
        return real.defaultWebsocketUrl();
    }

    @Override
    public URI defaultRestUrl() {
        return real.defaultRestUrl();
    }

    @Override
    public String subscribe(long request, List<Instrument> instruments) {
        return real.subscribe(request, instruments);
    }

    @Override
    public String unsubscribe(long request, List<Instrument> instruments) {
        return real.unsubscribe(request, instruments);
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
    public RestRequest trades(Instrument instrument, @Nullable Long fromId) {
        return real.trades(instrument, fromId);
    }

    @Override
    public List<Row> readTrades(byte[] answer, Instrument instrument, Origin origin, long receivedAtNanos)
            throws UnreadableAnswer {
        return real.readTrades(answer, instrument, origin, receivedAtNanos);
    }
}

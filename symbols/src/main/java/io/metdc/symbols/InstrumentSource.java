package io.metdc.symbols;

import io.metdc.connectors.Connector;
import io.metdc.connectors.FeedException;
import io.metdc.connectors.InstrumentPage;
import io.metdc.connectors.RestClient;
import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks one exchange which instruments a market has, and is not easily fooled: an answer that is empty, unreadable or
/// suddenly half as long leaves the last good list in use. Used by one thread at a time.
public final class InstrumentSource {
    private static final Logger LOG = LoggerFactory.getLogger(InstrumentSource.class);

    private final Connector connector;
    private final RestClient rest;
    private final LastGoodList lastGood;
    private final InstantSource clock;
    private @Nullable InstrumentList doubted;

    /// @param folder where the last good lists are kept, one file per market
    public InstrumentSource(Connector connector, RestClient rest, Path folder, InstantSource clock) {
        this.connector = connector;
        this.rest = rest;
        this.lastGood = new LastGoodList(connector.market(), folder);
        this.clock = clock;
    }

    /// The list as the exchange gives it now, else the last good one with the trouble in it.
    ///
    /// @throws FeedException when neither is to be had
    public InstrumentList load() throws FeedException, InterruptedException {
        Optional<InstrumentList> kept = lastGood.read(new Failure.Recoverable("not asked yet"));
        try {
            InstrumentList fresh = believe(ask(), kept.orElse(null));
            lastGood.write(fresh);
            return fresh;
        } catch (FeedException e) {
            Optional<InstrumentList> old = lastGood.read(e.failure());
            if (old.isEmpty()) {
                throw e;
            }
            LOG.warn(
                    "{}: the list of instruments of {} stays in use: {}",
                    connector.market(),
                    old.get().takenAt(),
                    e.failure().what());
            return old.get();
        }
    }

    /// A list under half as long as the last one is believed only when a later answer says the same: caches repeat
    /// themselves within seconds.
    private InstrumentList believe(InstrumentList fresh, @Nullable InstrumentList kept) throws FeedException {
        if (kept == null
                || fresh.instruments().size() * 2 >= kept.instruments().size()
                || (doubted != null && doubted.instruments().equals(fresh.instruments()))) {
            doubted = null;
            return fresh;
        }
        doubted = fresh;
        throw doubt("lists " + fresh.instruments().size() + " instruments where there were "
                + kept.instruments().size() + "; believed when the next answer says the same");
    }

    private InstrumentList ask() throws FeedException, InterruptedException {
        List<InstrumentPage.Listing> listings = rest.instruments();
        List<Instrument> instruments = new ArrayList<>();
        for (InstrumentPage.Listing listing : listings) {
            Instrument instrument = listing.instrument();
            if (instrument != null) {
                instruments.add(instrument);
            }
        }
        if (instruments.isEmpty()) {
            throw doubt("lists " + listings.size() + " instruments and none that is to be collected");
        }
        instruments.sort(Comparator.comparing(Instrument::symbol));
        return new InstrumentList(connector.market(), instruments, listings.size(), clock.instant(), null);
    }

    private FeedException doubt(String what) {
        return new FeedException(new Failure.Recoverable(
                connector.market() + " (" + connector.instruments().path() + ") " + what));
    }
}

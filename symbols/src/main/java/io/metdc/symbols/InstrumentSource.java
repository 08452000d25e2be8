package io.metdc.symbols;

import io.metdc.connectors.Connector;
import io.metdc.connectors.FeedException;
import io.metdc.connectors.InstrumentPage;
import io.metdc.connectors.RestClient;
import io.metdc.market.Failure;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks one exchange which instruments a market has, and is not easily fooled: an answer that is empty, unreadable or
/// suddenly half as long leaves the last good list in use. Used by one thread at a time.
public final class InstrumentSource {
    private static final Logger log = LoggerFactory.getLogger(InstrumentSource.class);

    /// So many may go at once without a doubt.
    private static final int FEW = 3;

    private final Connector connector;
    private final RestClient rest;
    private final LastGoodList lastGood;
    private final Duration askAgain;
    private final InstantSource clock;
    private boolean isTroubled;

    /// @param restUrl  where the exchange is asked: a list from another address is none of ours
    /// @param folder   where the last good lists are kept, one file per market
    /// @param askAgain how long to wait before a doubtful answer is asked for again: caches repeat themselves
    public InstrumentSource(
            Connector connector, RestClient rest, URI restUrl, Path folder, Duration askAgain, InstantSource clock) {
        this.connector = connector;
        this.rest = rest;
        this.lastGood = new LastGoodList(connector.market(), restUrl, folder);
        this.askAgain = askAgain;
        this.clock = clock;
    }

    /// The last good list of a market as it was kept; nobody is asked.
    ///
    /// @param restUrl where the exchange was asked: a list from another address is none of ours
    /// @param folder  where the last good lists are kept
    public static Optional<InstrumentList> kept(Market market, URI restUrl, Path folder) {
        return new LastGoodList(market, restUrl, folder).read(new Failure.Recoverable("not asked now"));
    }

    /// The list as the exchange gives it now, else the last good one with the trouble in it.
    ///
    /// @throws FeedException when neither is to be had
    public InstrumentList load() throws FeedException, InterruptedException {
        Optional<InstrumentList> kept = lastGood.read(new Failure.Recoverable("not asked yet"));
        try {
            InstrumentList fresh = believe(ask(), kept.orElse(null));
            lastGood.write(fresh);
            if (isTroubled) {
                log.info("{}: the list of instruments is fresh again", connector.market());
                isTroubled = false;
            }
            return fresh;
        } catch (FeedException e) {
            Optional<InstrumentList> old = lastGood.read(e.failure());
            if (old.isEmpty()) {
                throw e;
            }
            if (!isTroubled) { // once, not at each refresh
                isTroubled = true;
                log.warn(
                        "{}: the list of instruments of {} stays in use: {}",
                        connector.market(),
                        old.get().takenAt(),
                        e.failure().what());
            }
            return old.get();
        }
    }

    /// A list that lacks much of the last one is believed only when the exchange says the same again a little later;
    /// Upbit's never is, since every coin that it lacks would pass for a candidate.
    private InstrumentList believe(InstrumentList fresh, @Nullable InstrumentList kept)
            throws FeedException, InterruptedException {
        if (kept == null || !isDoubtful(fresh, kept)) {
            return fresh;
        }
        boolean isUnderHalf =
                fresh.instruments().size() * 2 < kept.instruments().size();
        if (isUnderHalf && connector.market().equals(KrwList.MARKET)) {
            throw doubt("lists " + fresh.instruments().size() + " coins for KRW where there were "
                    + kept.instruments().size() + "; if that is right, delete " + lastGood.file());
        }
        Thread.sleep(askAgain);
        InstrumentList again = ask();
        if (again.instruments().equals(fresh.instruments())) {
            log.warn(
                    "{}: {} instruments are left of {}; asked again, the exchange says the same",
                    connector.market(),
                    fresh.instruments().size(),
                    kept.instruments().size());
            return again;
        }
        throw doubt("lists " + fresh.instruments().size() + " instruments where there were "
                + kept.instruments().size() + ", and others when asked again");
    }

    /// Whether half of what was there is gone, or more than a tenth and more than a few: a page may be missing.
    private static boolean isDoubtful(InstrumentList fresh, InstrumentList kept) {
        Set<String> gone = new HashSet<>();
        kept.instruments().forEach(instrument -> gone.add(instrument.symbol()));
        fresh.instruments().forEach(instrument -> gone.remove(instrument.symbol()));
        int tenths = 10 * gone.size() / kept.instruments().size();
        return fresh.instruments().size() * 2 < kept.instruments().size() || (gone.size() > FEW && tenths >= 1);
    }

    private InstrumentList ask() throws FeedException, InterruptedException {
        List<InstrumentPage.Listing> listings = rest.instruments();
        if (!KrwList.canBeWhole(connector.market(), listings.size())) {
            throw doubt("lists " + listings.size() + " markets, which is not the whole list");
        }
        List<Instrument> instruments = new ArrayList<>();
        Map<String, String> dropped = new HashMap<>();
        Set<String> seen = new HashSet<>();
        for (InstrumentPage.Listing listing : listings) {
            Instrument instrument = listing.instrument();
            if (instrument != null && seen.add(instrument.symbol())) {
                instruments.add(instrument);
            } else if (instrument != null) {
                log.warn("{} lists {} twice; the first row counts", connector.market(), instrument.symbol());
            } else {
                dropped.put(listing.symbol(), listing.dropped());
            }
        }
        if (instruments.isEmpty()) {
            throw doubt("lists " + listings.size() + " instruments and none that is to be collected");
        }
        instruments.sort(Comparator.comparing(Instrument::symbol));
        return new InstrumentList(connector.market(), instruments, listings.size(), dropped, clock.instant(), null);
    }

    private FeedException doubt(String what) {
        return new FeedException(new Failure.Recoverable(
                connector.market() + " (" + connector.instruments().path() + ") " + what));
    }
}

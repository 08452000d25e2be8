package io.metdc.listings.recorder;

import io.metdc.listings.Listing;
import io.metdc.listings.recorder.Venue.Match;
import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.symbols.Aliases;
import io.metdc.symbols.CoinName;
import io.metdc.symbols.KrwList;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Finds a coin on all markets: by the base of an instrument, never by a part of its symbol.
public final class Venues {
    /// Where the announced coin is traded for won.
    public static final Market HOME = KrwList.MARKET;

    private static final String WON = "KRW";

    private Venues() {}

    /// Every market with what it has of the coin, in the order of markets and symbols: those of all exchanges, whether
    /// they are collected or not, and Upbit's own.
    ///
    /// @param offers  what the markets trade; one that is missing is switched off
    /// @param aliases coins with another name at Upbit, as it was at the time of the announcement
    public static List<Venue> of(Listing listing, Map<Market, Offer> offers, Aliases aliases) {
        Instant at = listing.announcedAt();
        String coin = CoinName.canonical(listing.coin());
        List<Venue> venues = new ArrayList<>();
        for (Market market : markets(offers)) {
            if (market.equals(HOME)) {
                venues.add(home(listing, offers.getOrDefault(HOME, new Offer.SwitchedOff())));
                continue;
            }
            switch (offers.getOrDefault(market, new Offer.SwitchedOff())) {
                case Offer.Listed listed -> venues.addAll(found(market, coin, listed.instruments(), aliases, at));
                case Offer.Unknown unknown -> venues.add(Venue.without(market, Match.UNKNOWN, unknown.why()));
                case Offer.SwitchedOff _ -> venues.add(Venue.without(market, Match.SWITCHED_OFF, "switched off"));
            }
        }
        return List.copyOf(venues);
    }

    private static SortedSet<Market> markets(Map<Market, Offer> offers) {
        SortedSet<Market> markets = new TreeSet<>(offers.keySet());
        for (Exchange exchange : Exchange.values()) {
            for (MarketType type : MarketType.values()) {
                Market market = new Market(exchange, type);
                if (exchange != Exchange.UPBIT || market.equals(HOME)) {
                    markets.add(market);
                }
            }
        }
        return markets;
    }

    /// A coin announced for won has its market, also before the list shows it.
    private static Venue home(Listing listing, Offer offer) {
        if (offer instanceof Offer.Listed(List<Instrument> instruments)) {
            for (Instrument instrument : instruments) {
                if (instrument.base().equals(listing.coin())
                        && instrument.quote().equals(WON)) {
                    return Venue.listed(instrument);
                }
            }
        }
        if (listing.isKrw()) {
            return Venue.listed(krw(listing.coin()));
        }
        return switch (offer) {
            case Offer.Listed _ -> Venue.without(HOME, Match.NOT_LISTED, "no market for won");
            case Offer.Unknown unknown -> Venue.without(HOME, Match.UNKNOWN, unknown.why());
            case Offer.SwitchedOff _ -> Venue.without(HOME, Match.SWITCHED_OFF, "switched off");
        };
    }

    /// These, and what was found earlier and is not among them: a coin that left the list of an exchange, or whose list
    /// is not known at the moment, was traded there all the same.
    ///
    /// @param earlier venues with an instrument
    static List<Venue> together(List<Venue> now, List<Venue> earlier) {
        Set<Instrument.Key> known = new HashSet<>();
        for (Venue venue : now) {
            if (venue.instrument() != null) {
                known.add(venue.instrument().key());
            }
        }
        List<Venue> more = earlier.stream()
                .filter(venue -> venue.instrument() != null
                        && !known.contains(venue.instrument().key()))
                .toList();
        Set<Market> found = more.stream().map(Venue::market).collect(Collectors.toSet());
        return Stream.concat(
                        now.stream().filter(venue -> venue.instrument() != null || !found.contains(venue.market())),
                        more.stream())
                .sorted(Comparator.comparing(Venue::market).thenComparing(Venue::toString))
                .toList();
    }

    /// The market on which a coin is traded for won: `KRW-CRV`.
    ///
    /// @param coin as [Listing#isCoin(String)] has it
    public static Instrument krw(String coin) {
        return Instrument.of(HOME, WON + "-" + coin, coin, WON);
    }

    private static List<Venue> found(
            Market market, String coin, List<Instrument> instruments, Aliases aliases, Instant at) {
        List<Venue> found = new ArrayList<>();
        for (Instrument instrument : instruments) {
            if (aliases.upbits(instrument, at).contains(coin)) {
                found.add(Venue.listed(instrument));
                continue;
            }
            CoinName.counted(CoinName.of(instrument))
                    .filter(counted -> aliases.upbits(counted.coin(), market.exchange(), at)
                            .equals(coin))
                    .ifPresent(counted -> found.add(Venue.candidate(instrument, counted.factor(), coin)));
        }
        if (found.isEmpty()) {
            found.add(Venue.without(market, Match.NOT_LISTED, ""));
        }
        found.sort(Comparator.comparing(Venue::toString));
        return found;
    }
}

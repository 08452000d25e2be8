package io.metdc.listings.recorder;

import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/// A market and what it has of a coin. A market that trades it under several symbols is several of these.
///
/// @param instrument what trades the coin, or may do so; null where nothing does
/// @param factor     coins in one coin of the instrument by its name alone: 100 of a [Match#CANDIDATE] `100SYM`,
///                   otherwise 1
/// @param why        why there is no instrument, or why it is doubtful; "" otherwise
public record Venue(Market market, @Nullable Instrument instrument, Match match, BigDecimal factor, String why) {

    /// Whether a market has a coin.
    public enum Match {
        /// By the name of the base, with the multiplier that the exchange is known to have.
        LISTED,
        /// Only if some digits of the name count it: the price has to say so.
        CANDIDATE,
        NOT_LISTED,
        /// It is not collected.
        SWITCHED_OFF,
        /// Nobody knows what it trades.
        UNKNOWN
    }

    public Venue {
        boolean hasInstrument = match == Match.LISTED || match == Match.CANDIDATE;
        if (hasInstrument != (instrument != null)) {
            throw new IllegalArgumentException(market + " is " + match + " with the instrument " + instrument);
        }
    }

    static Venue listed(Instrument instrument) {
        return new Venue(instrument.market(), instrument, Match.LISTED, BigDecimal.ONE, "");
    }

    static Venue candidate(Instrument instrument, BigDecimal factor, String coin) {
        String why = instrument.symbol() + " is " + factor.toPlainString() + " " + coin + " if its price says so";
        return new Venue(instrument.market(), instrument, Match.CANDIDATE, factor, why);
    }

    static Venue without(Market market, Match match, String why) {
        return new Venue(market, null, match, BigDecimal.ONE, why);
    }

    /// Whether it is the market that the coin is announced for, whose prices are in won.
    public boolean isHome() {
        return market.exchange() == Exchange.UPBIT;
    }

    /// Coins in one base unit.
    public BigDecimal multiplier() {
        return instrument == null ? factor : instrument.multiplier().multiply(factor);
    }

    /// `binance-spot CRVUSDT`, or the market alone.
    @Override
    public String toString() {
        return instrument == null ? market.toString() : instrument.toString();
    }
}

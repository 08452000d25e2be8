package io.metdc.collector.audit;

import java.time.Instant;
import java.time.LocalDate;
import java.util.Locale;

/// Something of one instrument that is not fine, or not fine yet.
///
/// @param day    UTC, on which it begins
/// @param count  how many holes, hours or stretches it is
/// @param trades how many trades they lack, as far as that is known
/// @param isLeast whether there may be more of them, since of some nobody knows the number
/// @param from   when the first of them begins
/// @param to     when the last of them ends
/// @param detail what else there is to say: causes, numbers
public record Finding(
        Kind kind,
        String exchange,
        String market,
        String symbol,
        LocalDate day,
        long count,
        long trades,
        boolean isLeast,
        Instant from,
        Instant to,
        String detail) {

    /// What it is; the unexplained ones first.
    public enum Kind {
        /// Holes whose outcome is still not known although there was time to refill them.
        OPEN_HOLES(true),
        /// Hours in which received is not stored + duplicate + rejected.
        SUMS(true),
        /// Where an unbroken connection is the evidence: stretches in which there was none, and which no hole of the
        /// ledger names.
        BREAKS(true),
        /// Numbers between stored ones that are neither stored nor consumed nor in the ledger.
        NUMBERS(true),
        /// Holes that were noticed just now.
        BEING_REFILLED(false),
        /// Holes that the exchange does not tell of any more.
        BEYOND_REACH(false),
        /// Holes given up since the exchange gave no answer for a day.
        OUTAGE(false);

        private final boolean unexplained;

        Kind(boolean unexplained) {
            this.unexplained = unexplained;
        }

        boolean isUnexplained() {
            return unexplained;
        }

        /// `open_holes`.
        String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    boolean isUnexplained() {
        return kind.isUnexplained();
    }

    /// Both as one, of one instrument and kind; of the day of the first.
    Finding and(Finding other) {
        return new Finding(
                kind,
                exchange,
                market,
                symbol,
                day.isBefore(other.day) ? day : other.day,
                count + other.count,
                trades + other.trades,
                isLeast || other.isLeast,
                from.isBefore(other.from) ? from : other.from,
                to.isAfter(other.to) ? to : other.to,
                detail);
    }

    /// Whether it belongs to this market, or to the sum of all.
    boolean isOf(MarketAudit audited) {
        return audited.market().isEmpty() || (exchange.equals(audited.exchange()) && market.equals(audited.market()));
    }
}

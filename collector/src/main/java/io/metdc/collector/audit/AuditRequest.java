package io.metdc.collector.audit;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What is to be audited. Counters are kept by the hour, so that the stretch begins with one.
///
/// @param from      the beginning of an hour
/// @param to        after `from`
/// @param exchanges only these; empty for all
/// @param symbol    only this one, as the exchange spells it; null for all
/// @param deep      whether the numbers of the stored trades are looked at too
public record AuditRequest(
        Instant from,
        Instant to,
        Set<String> exchanges,
        @Nullable String symbol,
        boolean deep) {
    private static final long HOUR = Duration.ofHours(1).toSeconds();

    public AuditRequest {
        exchanges = Set.copyOf(exchanges);
        if (!from.isBefore(to) || from.getEpochSecond() % HOUR != 0 || from.getNano() != 0) {
            throw new IllegalArgumentException("from " + from + " to " + to);
        }
    }

    /// The stretch widened to whole hours, as far as they have begun.
    public static AuditRequest of(
            Instant from, Instant to, Instant now, Set<String> exchanges, @Nullable String symbol, boolean deep) {
        Instant begin = Instant.ofEpochSecond(Math.floorDiv(from.getEpochSecond(), HOUR) * HOUR);
        Instant end =
                Instant.ofEpochSecond(Math.ceilDiv(to.getEpochSecond() + (to.getNano() > 0 ? 1 : 0), HOUR) * HOUR);
        Instant known = now.isAfter(to) ? now : to;
        return new AuditRequest(begin, end.isAfter(known) ? known : end, exchanges, symbol, deep);
    }

    boolean concerns(String exchange, String ofSymbol) {
        return (exchanges.isEmpty() || exchanges.contains(exchange)) && (symbol == null || symbol.equals(ofSymbol));
    }
}

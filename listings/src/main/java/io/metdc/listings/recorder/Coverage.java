package io.metdc.listings.recorder;

import io.metdc.listings.recorder.Facts.Hole;
import io.metdc.listings.recorder.Facts.Subscription;
import io.metdc.listings.recorder.Venue.Match;
import io.metdc.market.Instrument;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What was recorded of a listing's coin, and what was not: every market, whether it has the coin or not.
///
/// @param windows   what it is about, apart where they do not touch
/// @param complete  whether no market that has the coin has a gap in the core window or lost a row there, won
///                  aside: that market opens later
/// @param openHoles holes in the windows whose outcome is not known yet
/// @param firstWon  when the coin was first traded for won within the windows; null when it was not
public record Coverage(
        Stage stage,
        List<Window> windows,
        boolean complete,
        long openHoles,
        @Nullable Instant firstWon,
        List<OfVenue> venues) {

    private static final MathContext DIGITS = new MathContext(9, RoundingMode.HALF_EVEN);
    private static final BigDecimal LEAST_RATIO = new BigDecimal("0.8");
    private static final BigDecimal MOST_RATIO = new BigDecimal("1.25");
    private static final BigDecimal LEAST_FACTOR = new BigDecimal("0.95");
    private static final BigDecimal MOST_FACTOR = new BigDecimal("1.05");
    private static final String NOT_SUBSCRIBED = "not_subscribed";

    /// What became of a market.
    public enum Status {
        RECORDED,
        /// Connected all the time, and there was no trade.
        NO_TRADES,
        NOT_LISTED,
        /// At least for a part of the windows; also where it is switched off or nobody knows what it trades.
        DISCONNECTED,
        /// From some instant in the windows on.
        SUBSCRIBED_LATE,
        /// A name that may be the coin's, and no price that says so.
        UNMATCHED_SYMBOL,
        /// The name is the same and the price says that it is another coin.
        COLLISION;

        /// As written in files and tables: `no_trades`.
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// A stretch that may lack trades.
    ///
    /// @param to     not before `from`; a single missing trade can be without length
    /// @param filled whether it is known by now that it lacks none: by contiguous numbers, or by a refill
    public record Gap(Instant from, Instant to, String cause, boolean filled) {
        boolean touches(Window window) {
            return from.isBefore(window.to()) && !to.isBefore(window.from());
        }
    }

    /// A market in it.
    ///
    /// @param price          of one coin before the announcement; null when there is none nearby
    /// @param priceRatio     that price by the median of all markets; null where it cannot be said
    /// @param detail         why it has this status; "" where there is nothing to say
    /// @param connected      when it was subscribed, within the windows
    /// @param delay50        receipt after execution, of what came by the stream: median, microseconds
    /// @param delay99        what 99 of 100 of these do not exceed
    /// @param sequenceBreaks places where contiguous numbers are interrupted and no trade was found; null where the
    ///                       exchange has none
    /// @param rejected       rows that were received and not stored although they were no repetition
    /// @param lost           of those the ones of the core window that come by no other way
    /// @param complete       whether nothing is known to be missing in the windows, nor lost in the core
    public record OfVenue(
            Venue venue,
            Status status,
            String detail,
            @Nullable BigDecimal price,
            @Nullable BigDecimal priceRatio,
            List<Window> connected,
            List<Gap> gaps,
            long trades,
            @Nullable Instant firstAt,
            @Nullable Instant lastAt,
            @Nullable Long delay50,
            @Nullable Long delay99,
            @Nullable Integer sequenceBreaks,
            long rejected,
            long lost,
            boolean complete) {

        /// Whether its trades are surely the coin's.
        public boolean isCoin() {
            return venue.instrument() != null && status != Status.COLLISION && status != Status.UNMATCHED_SYMBOL;
        }
    }

    /// Judges.
    ///
    /// @throws SQLException as a proof throws it
    static Coverage of(Event event, Stage stage, List<Facts> facts) throws SQLException {
        List<Window> windows = event.archived(stage);
        BigDecimal reference = median(unitPrices(facts, Match.LISTED));
        List<Facts> accepted = new ArrayList<>();
        for (Facts one : facts) {
            if (one.venue().match() == Match.LISTED || isConfirmed(one, reference)) {
                accepted.add(one);
            }
        }
        List<BigDecimal> prices = new ArrayList<>();
        for (Facts one : accepted) {
            BigDecimal price = unitPrice(one);
            if (price != null && !one.venue().isHome()) {
                prices.add(price);
            }
        }
        BigDecimal median = prices.size() < 2 ? null : median(prices);
        List<OfVenue> venues = new ArrayList<>();
        for (Facts one : facts) {
            venues.add(judged(event, one, windows, accepted.contains(one), median));
        }
        return new Coverage(
                stage,
                windows,
                venues.stream().allMatch(venue -> isWhole(venue, event.core())),
                facts.stream()
                        .flatMap(one -> one.holes().stream())
                        .filter(hole -> hole.outcome() == null && isWithin(hole, windows))
                        .count(),
                venues.stream()
                        .filter(venue -> venue.venue().isHome())
                        .map(OfVenue::firstAt)
                        .filter(Objects::nonNull)
                        .findFirst()
                        .orElse(null),
                List.copyOf(venues));
    }

    private static boolean isWhole(OfVenue venue, Window core) {
        return switch (venue.venue().match()) {
            case NOT_LISTED, SWITCHED_OFF -> true;
            case UNKNOWN -> venue.venue().isHome();
            case LISTED, CANDIDATE ->
                venue.venue().isHome()
                        || !venue.isCoin()
                        || (venue.lost() == 0
                                && venue.gaps().stream().noneMatch(gap -> !gap.filled() && gap.touches(core)));
        };
    }

    // ---- is it the coin?

    /// Of one coin; null without a price.
    private static @Nullable BigDecimal unitPrice(Facts facts) {
        BigDecimal price = facts.price();
        return price == null ? null : price.divide(facts.venue().multiplier(), MathContext.DECIMAL64);
    }

    private static List<BigDecimal> unitPrices(List<Facts> facts, Match match) {
        List<BigDecimal> prices = new ArrayList<>();
        for (Facts one : facts) {
            BigDecimal price = unitPrice(one);
            if (price != null && one.venue().match() == match && !one.venue().isHome()) {
                prices.add(price);
            }
        }
        return prices;
    }

    private static boolean isConfirmed(Facts facts, @Nullable BigDecimal reference) {
        BigDecimal price = unitPrice(facts);
        if (facts.venue().match() != Match.CANDIDATE || price == null || reference == null) {
            return false;
        }
        return isBetween(LEAST_FACTOR, price.divide(reference, MathContext.DECIMAL64), MOST_FACTOR);
    }

    private static @Nullable BigDecimal median(List<BigDecimal> prices) {
        if (prices.isEmpty()) {
            return null;
        }
        List<BigDecimal> sorted = prices.stream().sorted().toList();
        BigDecimal upper = sorted.get(sorted.size() / 2);
        return sorted.size() % 2 == 1
                ? upper
                : sorted.get(sorted.size() / 2 - 1).add(upper).divide(BigDecimal.TWO, MathContext.DECIMAL64);
    }

    private static boolean isBetween(BigDecimal least, BigDecimal value, BigDecimal most) {
        return value.compareTo(least) >= 0 && value.compareTo(most) <= 0;
    }

    // ---- a venue

    private static OfVenue judged(
            Event event, Facts facts, List<Window> windows, boolean accepted, @Nullable BigDecimal median)
            throws SQLException {
        Venue venue = facts.venue();
        Instrument instrument = venue.instrument();
        if (instrument == null) {
            return switch (venue.match()) {
                case NOT_LISTED -> without(venue, Status.NOT_LISTED, true);
                case SWITCHED_OFF -> without(venue, Status.DISCONNECTED, false);
                case UNKNOWN, LISTED, CANDIDATE -> without(venue, Status.DISCONNECTED, false);
            };
        }
        BigDecimal price = venue.isHome() ? null : unitPrice(facts);
        BigDecimal ratio = price == null || median == null ? null : price.divide(median, DIGITS);
        List<Window> subscribed =
                facts.connections().stream().map(Subscription::window).toList();
        List<Window> judged = venue.isHome() ? open(event, windows) : windows;
        List<Gap> bare = bare(facts, Window.without(judged, subscribed));
        List<Gap> holes = facts.holes().stream()
                .filter(hole -> isWithin(hole, windows))
                .map(Coverage::gap)
                .toList();
        List<Gap> missing = bare.stream().filter(gap -> !gap.filled()).toList();
        Status status;
        String detail = "";
        if (!accepted) {
            status = Status.UNMATCHED_SYMBOL;
            detail = venue.why();
        } else if (ratio != null && !isBetween(LEAST_RATIO, ratio, MOST_RATIO)) {
            status = Status.COLLISION;
            detail = "a coin of " + instrument.symbol() + " cost " + ratio.toPlainString()
                    + " times the median of all markets";
        } else if (!missing.isEmpty()) {
            boolean neverBefore = missing.stream().allMatch(gap -> gap.cause().equals(NOT_SUBSCRIBED));
            boolean later = !Window.within(subscribed, windows).isEmpty();
            status = neverBefore && later ? Status.SUBSCRIBED_LATE : Status.DISCONNECTED;
            detail = "not connected from " + missing.getFirst().from() + ": "
                    + missing.getFirst().cause();
        } else {
            status = facts.tally().trades() == 0 ? Status.NO_TRADES : Status.RECORDED;
        }
        if (facts.lost() > 0) {
            String lost = facts.lost() + (facts.lost() == 1 ? " row" : " rows")
                    + " received in the core window could not be stored: see rejected_trades";
            detail = detail.isEmpty() ? lost : detail + "; " + lost;
        }
        return new OfVenue(
                venue,
                status,
                detail,
                price,
                ratio,
                Window.within(subscribed, windows),
                Stream.concat(bare.stream(), holes.stream())
                        .sorted(Comparator.comparing(Gap::from)
                                .thenComparing(Gap::to)
                                .thenComparing(Gap::cause))
                        .toList(),
                facts.tally().trades(),
                facts.tally().first(),
                facts.tally().last(),
                facts.tally().delay50(),
                facts.tally().delay99(),
                facts.numbered() ? breaks(facts, windows) : null,
                facts.rejected(),
                facts.lost(),
                facts.lost() == 0 && missing.isEmpty() && holes.stream().allMatch(Gap::filled));
    }

    /// A market for won can only lack what was traded since it is there.
    private static List<Window> open(Event event, List<Window> windows) {
        Instant opens = event.opensAt();
        Instant seen = event.marketSeenAt();
        if (opens == null && seen == null) {
            return List.of();
        }
        Instant since = opens == null || (seen != null && seen.isBefore(opens)) ? seen : opens;
        return Window.within(windows, List.of(new Window(Objects.requireNonNull(since), Instant.MAX)));
    }

    private static OfVenue without(Venue venue, Status status, boolean complete) {
        return new OfVenue(
                venue,
                status,
                venue.why(),
                null,
                null,
                List.of(),
                List.of(),
                0,
                null,
                null,
                null,
                null,
                null,
                0,
                0,
                complete);
    }

    private static int breaks(Facts facts, List<Window> windows) {
        return (int) facts.holes().stream()
                .filter(hole -> hole.byNumber() && !hole.isFilled() && isWithin(hole, windows))
                .count();
    }

    private static boolean isWithin(Hole hole, List<Window> windows) {
        return windows.stream().anyMatch(gap(hole)::touches);
    }

    private static Gap gap(Hole hole) {
        return new Gap(hole.from(), hole.to(), hole.cause(), hole.isFilled());
    }

    /// What no connection covers.
    private static List<Gap> bare(Facts facts, List<Window> stretches) throws SQLException {
        List<Gap> gaps = new ArrayList<>();
        for (Window stretch : stretches) {
            boolean filled = isRefilled(facts.holes(), stretch) || facts.proof().lacksNothing(stretch);
            gaps.add(new Gap(stretch.from(), stretch.to(), cause(facts.connections(), stretch), filled));
        }
        return gaps;
    }

    /// A hole that was filled begins with the last trade that came, which may be younger than the last sign of life of
    /// its connection that is in the database.
    private static boolean isRefilled(List<Hole> holes, Window stretch) {
        return holes.stream()
                .anyMatch(hole -> !hole.byNumber()
                        && hole.isFilled()
                        && hole.from().isBefore(stretch.to())
                        && !hole.to().isBefore(stretch.to()));
    }

    /// Why the last connection before a stretch ended.
    private static String cause(List<Subscription> connections, Window stretch) {
        return connections.stream()
                .filter(connection -> !connection.window().to().isAfter(stretch.from()))
                .max(Comparator.comparing(connection -> connection.window().to()))
                .map(Subscription::cause)
                .orElse(NOT_SUBSCRIBED);
    }
}

package io.metdc.symbols;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/// The days on which an entry of a hand-kept table holds, in UTC.
///
/// @param since the first day; null: from ever
/// @param until the first day on which it no longer holds; null: for ever
public record DateRange(@Nullable LocalDate since, @Nullable LocalDate until) {
    public static final DateRange ALWAYS = new DateRange(null, null);

    public DateRange {
        if (since != null && until != null && !since.isBefore(until)) {
            throw new IllegalArgumentException("since " + since + " until " + until + " is no day at all");
        }
    }

    public boolean contains(Instant instant) {
        LocalDate day = LocalDate.ofInstant(instant, ZoneOffset.UTC);
        return (since == null || !day.isBefore(since)) && (until == null || day.isBefore(until));
    }

    boolean overlaps(DateRange other) {
        return (since == null || other.until == null || since.isBefore(other.until))
                && (until == null || other.since == null || other.since.isBefore(until));
    }

    /// `since 2025-02-01 until 2026-01-01`, "" for always.
    @Override
    public String toString() {
        String from = since == null ? "" : "since " + since;
        String to = until == null ? "" : "until " + until;
        return from.isEmpty() || to.isEmpty() ? from + to : from + " " + to;
    }
}

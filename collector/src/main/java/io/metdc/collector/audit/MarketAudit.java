package io.metdc.collector.audit;

/// What the ledger says of one market, or of all.
///
/// @param exchange         `binance`; `all` for the sum
/// @param market           `spot` or `futures`; empty for the sum
/// @param evidence         `ids` or `connection`; empty for the sum
/// @param instruments      those of which there was a row, a hole or a connection
/// @param unaccounted      received - stored - duplicate - rejected, with rows that are on their way
/// @param missing          trades known to be missing for good, as far as their number is known
/// @param connectedSeconds for how long connections had its instruments, summed up over these
/// @param expectedSeconds  for how long they should have had them
public record MarketAudit(
        String exchange,
        String market,
        String evidence,
        long instruments,
        long received,
        long stored,
        long duplicate,
        long rejected,
        long consumed,
        long unaccounted,
        long holes,
        long openHoles,
        long refilled,
        long neverPublic,
        long beyondReach,
        long outage,
        long missing,
        double connectedSeconds,
        double expectedSeconds) {

    boolean isByIds() {
        return evidence.equals("ids");
    }

    /// The part of the time in which its instruments were connected, 0 to 1; 1 where there was no time.
    double connectedShare() {
        return expectedSeconds <= 0 ? 1 : Math.min(1, connectedSeconds / expectedSeconds);
    }
}

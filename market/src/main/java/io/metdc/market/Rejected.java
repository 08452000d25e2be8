package io.metdc.market;

/// A trade row that cannot be stored.
///
/// @param sequence the contiguous number of the row when it could be read, otherwise [Trade#NO_SEQUENCE]
/// @param detail   what was wrong with it and the row as far as it could be read, at most [#MAX_DETAIL] characters
public record Rejected(Instrument instrument, RejectReason reason, long sequence, long receivedAtNanos, String detail)
        implements Row {

    public static final int MAX_DETAIL = 500;

    public Rejected {
        if (detail.length() > MAX_DETAIL) {
            detail = detail.substring(0, MAX_DETAIL);
        }
    }

    /// A trade that was read but cannot be stored.
    public static Rejected of(Trade trade, RejectReason reason, String what) {
        return new Rejected(
                trade.instrument(),
                reason,
                trade.sequence(),
                trade.receivedAtNanos(),
                what + ": id " + trade.id() + ", price " + trade.price() + ", size " + trade.size() + ", "
                        + trade.takerSide() + ", executed at " + trade.executedAtNanos() + " ns");
    }
}

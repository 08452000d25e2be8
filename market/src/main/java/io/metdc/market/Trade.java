package io.metdc.market;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Set;

/// One public trade, as the exchange reported it.
///
/// Times are primitives because a record of this kind is made for every trade; see [#executedAt()] for the readable
/// form.
///
/// @param price           quote asset per 1 base asset, positive
/// @param size            as the exchange counts it, positive: base asset, or contracts where it trades contracts
/// @param takerSide       the side that crossed the spread
/// @param executedAtNanos the exchange's clock, nanoseconds since the epoch, in the unit that its market uses
/// everywhere
/// @param receivedAtNanos our clock, when the frame was complete, nanoseconds since the epoch
/// @param sequence        the contiguous number of this trade within its instrument, or [#NO_SEQUENCE]
public record Trade(
        Instrument instrument,
        TradeId id,
        BigDecimal price,
        BigDecimal size,
        TakerSide takerSide,
        long executedAtNanos,
        long receivedAtNanos,
        long sequence,
        Origin origin,
        Set<Flag> flags)
        implements Row {

    /// Where the exchange gives no contiguous number.
    public static final long NO_SEQUENCE = -1;

    public Trade {
        if (price.signum() <= 0 || size.signum() <= 0) {
            throw new IllegalArgumentException("price and size of a trade are positive, not " + price + " and " + size);
        }
    }

    /// Base asset: `size` × contract size.
    public BigDecimal quantity() {
        BigDecimal contractSize = instrument.contractSize();
        return contractSize.compareTo(BigDecimal.ONE) == 0 ? size : size.multiply(contractSize);
    }

    /// The same trade, come by another way.
    public Trade withOrigin(Origin other) {
        return new Trade(
                instrument, id, price, size, takerSide, executedAtNanos, receivedAtNanos, sequence, other, flags);
    }

    public Instant executedAt() {
        return Nanos.instant(executedAtNanos);
    }

    public Instant receivedAt() {
        return Nanos.instant(receivedAtNanos);
    }
}

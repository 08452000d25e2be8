package io.metdc.collector;

import io.metdc.completeness.Pulse;
import io.metdc.completeness.Ring;
import io.metdc.market.Instrument;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What one connection carries.
///
/// @param since for each instrument when it was acknowledged, our clock, in nanoseconds since the epoch
record Carrying(Ring ring, Map<Instrument, Long> since) {
    Carrying {
        since = Map.copyOf(since);
    }

    /// What an instrument gave on it; null before the first trade.
    @Nullable
    Pulse pulse(Instrument instrument) {
        return ring.pulse(instrument.key());
    }

    /// When an instrument last gave a trade on it, our clock; 0 if never.
    long lastNanos(Instrument instrument) {
        Pulse pulse = pulse(instrument);
        return pulse == null ? 0 : pulse.receivedNanos();
    }
}

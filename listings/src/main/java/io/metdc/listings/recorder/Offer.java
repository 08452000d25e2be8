package io.metdc.listings.recorder;

import io.metdc.market.Instrument;
import java.util.List;

/// What a market offers, as far as it is known when a coin is looked for there.
public sealed interface Offer {
    /// The instruments of its list.
    record Listed(List<Instrument> instruments) implements Offer {
        public Listed {
            instruments = List.copyOf(instruments);
        }
    }

    /// It should be collected and its list is not known.
    ///
    /// @param why in words for a person
    record Unknown(String why) implements Offer {}

    /// It is not collected, because somebody wants it so.
    record SwitchedOff() implements Offer {}
}

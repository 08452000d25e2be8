package io.metdc.collector;

import io.metdc.connectors.Instruments;
import io.metdc.connectors.SymbolTable;
import io.metdc.market.Instrument;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The instruments of one market that are collected, as they are at the moment. Thread-safe: readers find an instrument
/// without a lock while another thread changes the set.
final class CollectedSymbols implements Instruments {
    private final Map<String, Instrument> bySymbol = new LinkedHashMap<>(); // under the lock
    private volatile SymbolTable table = new SymbolTable(List.of());

    @Override
    public @Nullable Instrument find(char[] text, int offset, int length) {
        return table.find(text, offset, length);
    }

    /// From now on their rows are known. They stay so: late ones come after the end of a subscription.
    synchronized void add(Collection<Instrument> instruments) {
        boolean isOther = false;
        for (Instrument instrument : instruments) {
            isOther |= !instrument.equals(bySymbol.put(instrument.symbol(), instrument));
        }
        if (isOther) {
            table = new SymbolTable(bySymbol.values());
        }
    }
}

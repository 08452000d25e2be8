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
    private volatile SymbolTable table;

    CollectedSymbols(Collection<Instrument> instruments) {
        table = new SymbolTable(instruments);
        instruments.forEach(instrument -> bySymbol.put(instrument.symbol(), instrument));
    }

    @Override
    public @Nullable Instrument find(char[] text, int offset, int length) {
        return table.find(text, offset, length);
    }

    /// From now on its rows are known. They stay so: late ones come after the end of a subscription.
    synchronized void add(Instrument instrument) {
        if (!instrument.equals(bySymbol.put(instrument.symbol(), instrument))) {
            table = new SymbolTable(bySymbol.values());
        }
    }

    synchronized List<Instrument> all() {
        return List.copyOf(bySymbol.values());
    }
}

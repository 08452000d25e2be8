package io.metdc.connectors;

import io.metdc.market.Instrument;
import io.metdc.market.Market;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The instruments of one market that are collected, found by the characters of their symbol: exactly, letter case
/// included, and without making a `String`. Immutable.
public final class SymbolTable implements Instruments {
    private static final int MAX_SYMBOL = 64;
    private static final int MAX_ANY = 100_000;

    private final List<Instrument> instruments;
    private final @Nullable Instrument[] slots; // open addressing, at most half full
    private final char[] @Nullable [] symbols; // of the instruments in these slots, near at hand

    /// @throws IllegalArgumentException when two instruments have the same symbol
    public SymbolTable(Collection<Instrument> instruments) {
        this.instruments = List.copyOf(instruments);
        int size = Integer.highestOneBit(Math.max(4, instruments.size() * 4 - 1));
        slots = new @Nullable Instrument[size];
        symbols = new char[size] @Nullable [];
        for (Instrument instrument : this.instruments) {
            char[] symbol = instrument.symbol().toCharArray();
            int at = slot(symbol, 0, symbol.length);
            if (slots[at] != null) {
                throw new IllegalArgumentException("two instruments with the symbol " + instrument);
            }
            slots[at] = instrument;
            symbols[at] = symbol;
        }
    }

    /// Takes every symbol of a market, for reading frames without a list of instruments: the size counts base
    /// units, and the symbol stands in for the base, which nobody knows.
    public static Instruments any(Market market) {
        var seen = new ConcurrentHashMap<String, Instrument>();
        return (text, offset, length) -> {
            if (length == 0 || length > MAX_SYMBOL) {
                return null;
            }
            String symbol = new String(text, offset, length);
            Instrument known = seen.get(symbol);
            if (known != null) {
                return known;
            }
            if (symbol.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
                return null; // Jackson reads some bytes that are no UTF-8 as half a character
            }
            Instrument instrument = Instrument.of(market, symbol, symbol, "?");
            if (seen.size() < MAX_ANY) {
                seen.put(symbol, instrument);
            }
            return instrument;
        };
    }

    @Override
    public @Nullable Instrument find(char[] text, int offset, int length) {
        return slots[slot(text, offset, length)];
    }

    /// The instruments in it.
    public List<Instrument> instruments() {
        return new ArrayList<>(instruments);
    }

    /// Where this symbol is, or the free slot where it would be.
    private int slot(char[] text, int offset, int length) {
        int hash = length;
        for (int i = offset; i < offset + length; i++) {
            hash = hash * 31 + text[i];
        }
        int mask = symbols.length - 1;
        for (int at = (hash ^ (hash >>> 15)) & mask; ; at = (at + 1) & mask) {
            char[] symbol = symbols[at];
            if (symbol == null || Arrays.equals(symbol, 0, symbol.length, text, offset, offset + length)) {
                return at;
            }
        }
    }
}

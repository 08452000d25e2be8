package io.metdc.simulator;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What one market lists: its instruments, each at a place that stays its own whatever becomes of it, which
/// of them a client may ask for, and the rows of the exchange's own list, those of what never trades here
/// included. It grows and never shrinks. Any thread may call it; one at a time changes it.
final class Catalogue {
    private final List<Listing> listings = new CopyOnWriteArrayList<>();
    private final List<Listing> view = Collections.unmodifiableList(listings);
    private final Map<String, Integer> places = new ConcurrentHashMap<>();
    private final Map<String, Integer> known = new ConcurrentHashMap<>();
    /// By symbol, in the order of the list; a row is never changed, but replaced. Guarded by itself.
    private final Map<String, ObjectNode> rows = new LinkedHashMap<>();

    /// Gives an instrument its place. Nobody can ask for it yet.
    int add(Listing listing) {
        int place = listings.size();
        if (places.putIfAbsent(listing.symbol(), place) != null) {
            throw new IllegalArgumentException(listing.symbol() + " has a place");
        }
        listings.add(listing);
        return place;
    }

    /// An instrument that trades from the beginning.
    void add(Listing listing, ObjectNode row) {
        add(listing);
        put(listing.symbol(), row);
        admit(listing.symbol());
    }

    /// Every instrument there is or was, by place.
    List<Listing> listings() {
        return view;
    }

    int size() {
        return listings.size();
    }

    Listing listing(int place) {
        return listings.get(place);
    }

    /// Says what an instrument is from now on; its symbol stays.
    void replace(int place, Listing listing) {
        listings.set(place, listing);
    }

    /// The place of what has this symbol or had it, or null.
    @Nullable
    Integer place(String symbol) {
        return places.get(symbol);
    }

    /// The place of what a client may ask for by this symbol, or null.
    @Nullable
    Integer known(String symbol) {
        return known.get(symbol);
    }

    /// Lets clients ask for a symbol.
    void admit(String symbol) {
        Integer place = places.get(symbol);
        if (place == null) {
            throw new IllegalArgumentException(symbol + " has no place");
        }
        known.put(symbol, place);
    }

    /// Lets a symbol be unknown to whoever asks for it from now on.
    void withdraw(String symbol) {
        known.remove(symbol);
    }

    // ---- the exchange's list

    /// Puts a row on the list, in the place of what was there.
    void put(String symbol, ObjectNode row) {
        synchronized (rows) {
            rows.put(symbol, row);
        }
    }

    /// Changes a row, if there is one.
    ///
    /// @param change gets a copy; what it gives takes the place of the row, or nothing where it gives null
    void amend(String symbol, Function<ObjectNode, @Nullable ObjectNode> change) {
        synchronized (rows) {
            rows.computeIfPresent(symbol, (_, row) -> change.apply(row.deepCopy()));
        }
    }

    /// A row to be changed.
    Optional<ObjectNode> copy(String symbol) {
        synchronized (rows) {
            return Optional.ofNullable(rows.get(symbol)).map(ObjectNode::deepCopy);
        }
    }

    boolean lists(String symbol) {
        synchronized (rows) {
            return rows.containsKey(symbol);
        }
    }

    /// The list as it is now; its rows must not be changed.
    List<ObjectNode> rows() {
        synchronized (rows) {
            return new ArrayList<>(rows.values());
        }
    }

    // ---- what others keep by place

    /// An array by place that has room for every instrument there is now.
    long[] room(long[] byPlace, long otherwise) {
        int size = size();
        if (byPlace.length >= size) {
            return byPlace;
        }
        long[] grown = Arrays.copyOf(byPlace, size);
        Arrays.fill(grown, byPlace.length, size, otherwise);
        return grown;
    }

    /// The same of bytes, which are 0 at first.
    byte[] room(byte[] byPlace) {
        int size = size();
        return byPlace.length >= size ? byPlace : Arrays.copyOf(byPlace, size);
    }
}

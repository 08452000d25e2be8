package io.metdc.simulator;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/// Something that is made of each listing of a catalogue, once it is wanted. Any thread.
final class ByPlace<T> {
    private final Catalogue catalogue;
    private final Function<Listing, T> maker;
    private final List<T> made = new CopyOnWriteArrayList<>();

    /// @param maker whatever it makes must hold for as long as the listing keeps its symbol and its grids
    ByPlace(Catalogue catalogue, Function<Listing, T> maker) {
        this.catalogue = catalogue;
        this.maker = maker;
    }

    T of(int place) {
        if (place >= made.size()) {
            grow();
        }
        return made.get(place);
    }

    private synchronized void grow() {
        List<Listing> listings = catalogue.listings();
        made.addAll(listings.subList(made.size(), listings.size()).stream()
                .map(maker)
                .toList());
    }
}

package io.metdc.listings;

import java.util.Locale;

/// Who told of a listing.
public enum Source {
    /// The list of notices, polled.
    NOTICE_LIST,
    /// The official WebSocket of notices.
    NOTICE_SOCKET,
    /// The market list, in which a new KRW market stands.
    MARKET_LIST,
    /// A person.
    HAND;

    /// As written in files and tables: `notice_list`.
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The source with this id.
    ///
    /// @throws IllegalArgumentException when there is none
    public static Source of(String id) {
        return valueOf(id.toUpperCase(Locale.ROOT));
    }

    @Override
    public String toString() {
        return id();
    }
}

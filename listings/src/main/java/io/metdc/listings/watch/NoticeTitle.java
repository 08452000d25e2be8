package io.metdc.listings.watch;

import java.util.List;
import java.util.Locale;

/// What the title of a notice says.
///
/// @param kind     what it is about
/// @param listings the coins whose trading support it announces, in its order; empty where it announces none
/// @param unclear  whether it has a word of a listing and fits no rule, so that a person has to look
public record NoticeTitle(Kind kind, List<Coin> listings, boolean unclear) {
    /// What a notice is about.
    public enum Kind {
        /// New trading support.
        LISTING,
        /// New trading support whose opening time was changed since.
        POSTPONED,
        DELISTING,
        /// Designated, extended, lifted or warned of.
        CAUTION,
        /// Deposits, withdrawals, networks.
        WALLET,
        MAINTENANCE,
        EVENT,
        RENAME,
        OTHER;

        /// As written in files and on the command line: `listing`.
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// A coin and the quote assets of its new markets: `KRW`, `BTC`, `USDT`, `ETH`.
    public record Coin(String symbol, List<String> markets) {
        public Coin {
            markets = List.copyOf(markets);
        }
    }

    public NoticeTitle {
        listings = List.copyOf(listings);
    }
}

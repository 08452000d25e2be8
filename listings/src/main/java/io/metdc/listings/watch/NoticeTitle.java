package io.metdc.listings.watch;

import io.metdc.listings.Listing;
import java.util.List;
import java.util.Locale;

/// What the title of a notice says.
///
/// @param kind     what it is about
/// @param listings the coins whose trading support it announces, in its order, without those whose support it says is
///                 cancelled; empty where it announces none or names them without ticker
/// @param unclear  whether a person has to look: it has a word of a listing and no rule decides, or it is a listing of
///                 which not every coin or not every market can be read
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
    ///
    /// @param markets in the title's order; empty where the title names none, which makes it unclear
    public record Coin(String symbol, List<String> markets) {
        public Coin {
            if (!Listing.isCoin(symbol)) {
                throw new IllegalArgumentException("a coin is 1 to 12 of A-Z and 0-9");
            }
            markets = List.copyOf(markets);
        }
    }

    public NoticeTitle {
        listings = List.copyOf(listings);
    }

    /// Reads a title by itself.
    ///
    /// @param title as published, or anything: nothing makes it throw
    public static NoticeTitle parse(String title) {
        return parse(title, "");
    }

    /// Reads a title whose category is known.
    ///
    /// @param category as the source gives it: `거래`, `Trade`, `trade`; "" if unknown. Where it is another than that
    ///                 of listings, the title is none, whatever it says
    public static NoticeTitle parse(String title, String category) {
        return TitleReader.read(title, category);
    }
}

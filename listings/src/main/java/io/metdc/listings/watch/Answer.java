package io.metdc.listings.watch;

import io.metdc.listings.Source;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/// What a source said. Each kind but [Pong] is a proof of what stood there at that time.
public sealed interface Answer {
    Source source();

    /// Which of the source's hosts spoke; sources of one kind on several hosts are told apart by it.
    String host();

    /// Our clock, when what it says was so: when it was asked for, less the age of a copy that somebody on the way had
    /// kept; the time of receipt where it came unasked.
    Instant askedAt();

    /// Our clock, when it was complete.
    Instant receivedAt();

    /// Notices, in the source's order.
    ///
    /// @param wholePage whether what is not among them did not stand on the newest page; false for a push
    /// @param serverAt  what the source's clock said (the `Date` header), whole seconds; [Instant#MIN] if nothing
    record Notices(
            Source source,
            String host,
            Instant askedAt,
            Instant receivedAt,
            List<Notice> notices,
            boolean wholePage,
            Instant serverAt)
            implements Answer {
        public Notices {
            notices = List.copyOf(notices);
        }
    }

    /// The same as in the last answer of this source and host.
    record Unchanged(Source source, String host, Instant askedAt, Instant receivedAt, Instant serverAt)
            implements Answer {}

    /// The coins that have a KRW market.
    record KrwMarkets(Source source, String host, Instant askedAt, Instant receivedAt, Set<String> coins)
            implements Answer {
        public KrwMarkets {
            coins = Set.copyOf(coins);
        }
    }

    /// The source is alive and has nothing to say.
    record Pong(Source source, String host, Instant askedAt, Instant receivedAt) implements Answer {}
}

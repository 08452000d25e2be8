package io.metdc.dashboard;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the service is at: a moment's view.
///
/// @param at        when it was so, our clock
/// @param health    the share of the instruments that is recorded now, 0 to 1
/// @param missing   what is not recorded now, by name; with none of these the service is ready
/// @param remarks   what else is worth a person's look: nothing is lost by it yet
/// @param collected null while it starts
public record Situation(
        String version,
        Instant startedAt,
        Instant at,
        Pulse.Phase phase,
        double health,
        List<Remark> missing,
        List<Remark> remarks,
        List<Stage> stages,
        @Nullable Collected collected) {

    public Situation {
        missing = List.copyOf(missing);
        remarks = List.copyOf(remarks);
        stages = List.copyOf(stages);
    }

    public boolean isReady() {
        return phase == Pulse.Phase.RUNNING && missing.isEmpty();
    }

    /// A part of metdc that is watched for progress.
    ///
    /// @param hasWork whether there is anything for it to do
    /// @param counter grows when it does something
    /// @param still   for how long it had work and did nothing
    /// @param isStuck whether that is too long
    public record Stage(String name, boolean hasWork, long counter, Duration still, boolean isStuck) {}

    /// What came in and what became of it.
    ///
    /// @param holes     open ones
    /// @param receipt   from the exchange's time of a trade to our receipt, by market; of streams only
    /// @param commits   of a transaction, from its first byte to the answer to COMMIT
    public record Collected(
            Trades trades,
            Journal journal,
            DatabaseState database,
            long holes,
            List<MarketState> markets,
            List<Recording> listings,
            List<Latency> receipt,
            Latency commits) {
        public Collected {
            markets = List.copyOf(markets);
            listings = List.copyOf(listings);
            receipt = List.copyOf(receipt);
        }
    }

    /// Since the start: received = stored + duplicate + rejected + what is on its way.
    ///
    /// @param perSecond received, over the last seconds
    /// @param duplicate the same trade again, found by the repeat filter or by the database
    /// @param unknown   those of the rejected whose instrument is not collected
    /// @param consumed  numbers that were no public trade
    /// @param late      came after one with a higher number
    public record Trades(
            long received,
            double perSecond,
            long stored,
            long duplicate,
            long rejected,
            long unknown,
            long consumed,
            long late) {}

    /// What is on disk and not in the database yet.
    ///
    /// @param lagBytes    so much of it
    /// @param behind      how old the oldest trade in it may be; null while that is not known
    /// @param waiting     rows that wait for the journal
    /// @param percent     of what it may hold
    /// @param diskPercent of its disk
    /// @param isReading   false while connections are ended since there is no room
    /// @param refusal     why it takes nothing; null when it does
    public record Journal(
            long lagBytes,
            @Nullable Duration behind,
            int waiting,
            int percent,
            int diskPercent,
            boolean isReading,
            @Nullable String refusal) {}

    /// What the writer is at.
    ///
    /// @param state   `absent`, `starting`, `writing`, `waiting`, `blocked` or `stopped`
    /// @param trouble what keeps trades from being stored; null when nothing does
    public record DatabaseState(
            String state,
            long batches,
            Duration lastCommit,
            @Nullable Instant lastAt,
            @Nullable String trouble) {}

    /// One market of one exchange.
    ///
    /// @param health       the share of its instruments that is recorded now, 0 to 1
    /// @param instruments  to be collected
    /// @param acknowledged those of them that the exchange has confirmed
    /// @param delivering   those of them whose trades come
    /// @param quiet        those of them that do not trade, as REST confirms: nothing is missing
    /// @param silent       those of them that trade, as REST says, and give nothing
    /// @param resets       connections that were replaced without a gap
    /// @param clockAhead   how far the exchange's clock is ahead of ours; null before enough is known
    /// @param received    trade rows of it since the start
    /// @param perSecond   the same over the last seconds
    /// @param trouble     why it is not collected, or not all of it; null when it is
    public record MarketState(
            String exchange,
            String market,
            double health,
            int instruments,
            int acknowledged,
            int delivering,
            int quiet,
            int silent,
            long resets,
            @Nullable Duration clockAhead,
            long received,
            double perSecond,
            @Nullable String trouble,
            List<Worker> workers) {
        public MarketState {
            workers = List.copyOf(workers);
        }
    }

    /// One connection.
    ///
    /// @param state   `connecting`, `delivering` …
    /// @param since   when it entered that
    /// @param refused instruments that the exchange refused on it
    /// @param failure what ended its last predecessor; null when none was ended
    public record Worker(
            String name,
            String state,
            Instant since,
            boolean isDelivering,
            int instruments,
            int refused,
            long frames,
            long rows,
            long unreadable,
            int connects,
            @Nullable String failure) {}

    /// A listing that is being recorded.
    ///
    /// @param window    the innermost of its windows that is open: `core`, `near` …; null between them
    /// @param published the last stage that can be read; null before the first
    public record Recording(
            String id,
            Instant announcedAt,
            @Nullable String window,
            @Nullable String published,
            @Nullable String trouble) {}
}

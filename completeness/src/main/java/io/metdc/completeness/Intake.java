package io.metdc.completeness;

import io.metdc.connectors.Evidence;
import io.metdc.market.Consumed;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.Nanos;
import io.metdc.market.Origin;
import io.metdc.market.RejectReason;
import io.metdc.market.Rejected;
import io.metdc.market.Row;
import io.metdc.market.Trade;
import io.metdc.storage.journal.Damage;
import io.metdc.storage.journal.Entry;
import io.metdc.storage.journal.Fill;
import io.metdc.storage.journal.Journal;
import io.metdc.storage.journal.JournalSettings;
import io.metdc.storage.journal.JournalTail;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The journal thread: takes the rows of all rings, tells new trades from repeated ones, journals them,
/// counts everything and watches for numbers that do not come.
///
/// Each row ends as exactly one of journaled, duplicate, rejected or consumed, and is counted as that; the
/// counts of an instrument's second follow its trades into the journal, so that both survive, or neither.
/// When the journal takes nothing, the rows stay in their rings, and what finds no room there is counted as
/// rejected.
public final class Intake implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Intake.class);

    private static final int BATCH = 256;
    private static final long IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long CARE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long PROGRESS_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(1);
    /// Overflows are entered at most so often, so that one that lasts does not become a hole per row.
    private static final long OVERFLOW_NANOS = TimeUnit.SECONDS.toNanos(1);
    /// A second is over only when rows that were received in it had the time to get here.
    private static final long SECOND_OVER_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    /// A closed ring stays so much longer than a reader can be waiting at it.
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final IntakeSettings settings;
    private final InstantSource clock;
    private final Accounts accounts;
    private final Journal journal;
    private final Thread thread;
    private final CopyOnWriteArrayList<Ring> rings = new CopyOnWriteArrayList<>();
    private final Milestones milestones = new Milestones();
    private final ConcurrentMap<Instrument.Key, LongAdder> receivedOf = new ConcurrentHashMap<>();
    private final ConcurrentMap<Instrument.Key, Pulse> pulseOf = new ConcurrentHashMap<>();
    private volatile Progress progress = new Progress(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, null, null, true);
    private final ConcurrentLinkedQueue<Told> told = new ConcurrentLinkedQueue<>();
    private final ConcurrentMap<Market, Consumer<Entry.HoleOpened>> watches = new ConcurrentHashMap<>();
    private volatile boolean stopping;
    private final AtomicLong turns = new AtomicLong();
    private final ConcurrentMap<Market, LatencyCounts> receipt = new ConcurrentHashMap<>();

    // All that follows belongs to the journal thread.
    private final List<Account> counting = new ArrayList<>();
    private final List<Account> watched = new ArrayList<>();
    private final ArrayDeque<Overflow> overflows = new ArrayDeque<>();
    private long ticks = System.nanoTime();
    private long nextCare = ticks;
    private long nextProgress = ticks;
    private long nextOverflow = ticks;
    private long nextSilence = ticks;
    private long detailSecond;
    private int detailsLeft;
    private long received;
    private long journaled;
    private long duplicate;
    private long rejected;
    private long unknown;
    private long late;
    private long consumed;
    private long holes;
    private long spoiled;
    private long writtenPosition;
    private @Nullable Instant writtenOutAt;

    /// Opens the journal, takes up where an earlier run left off, and starts the journal thread.
    ///
    /// @param evidence what proves completeness on a market, for every market that was ever collected
    /// @throws IOException as [Journal#open]
    public static Intake open(
            Path directory,
            JournalSettings journal,
            IntakeSettings settings,
            Function<Market, Evidence> evidence,
            InstantSource clock)
            throws IOException {
        Accounts accounts = new Accounts(evidence, settings.recentIds(), clock);
        Intake intake = new Intake(Journal.open(directory, journal, clock, accounts), accounts, settings, clock);
        intake.thread.start();
        return intake;
    }

    private Intake(Journal journal, Accounts accounts, IntakeSettings settings, InstantSource clock) {
        this.journal = journal;
        this.accounts = accounts;
        this.settings = settings;
        this.clock = clock;
        this.writtenPosition = journal.written();
        accounts.restarted();
        for (Account account : accounts.all()) {
            count(account);
            watch(account);
        }
        this.thread = Thread.ofPlatform().name("journal").daemon().unstarted(this::run);
    }

    /// A ring for one connection.
    ///
    /// @param connection its name, for messages: `binance-spot-3`
    public Ring open(String connection) {
        return open(connection, Ring.Way.STREAM);
    }

    /// A ring for rows that are asked for by REST.
    ///
    /// @param name for messages: `binance-spot-refill`
    public Ring openAsked(String name) {
        return open(name, Ring.Way.ASKED);
    }

    /// A ring for rows that are asked for since the database has not got them: whatever the repeat filter knows of
    /// them, they are journaled, and the database decides.
    Ring openMissed(String name) {
        return open(name, Ring.Way.MISSED);
    }

    private Ring open(String connection, Ring.Way way) {
        if (stopping) {
            throw new IllegalStateException("the intake is stopped; no ring for " + connection);
        }
        Ring ring = new Ring(connection, way, settings.ringRows(), settings.ringWait(), told::add);
        rings.add(ring);
        return ring;
    }

    /// Each hole of a market is told from now on, when it is journaled. Any thread may call it; the journal thread
    /// tells.
    void watch(Market market, Consumer<Entry.HoleOpened> watch) {
        watches.put(market, watch);
    }

    /// It is known what became of a hole: that is journaled, and so reaches the ledger. Any thread may call it.
    void close(Entry.HoleClosed hole) {
        told.add(new Told.Closed(hole));
    }

    /// Whether contiguous numbers prove completeness on a market. Any thread may ask.
    boolean isByIds(Market market) {
        return accounts.isByIds(market);
    }

    /// A reader of the journal, at its oldest entry.
    public JournalTail tail() {
        return journal.tail();
    }

    /// How full the journal and its disk are. Asks the operating system; any thread may ask.
    public Fill fill() {
        return journal.fill();
    }

    /// What of the journal could not be read since the start. Any thread may ask.
    public Damage damage() {
        return journal.damage();
    }

    /// Any thread may ask.
    public Progress progress() {
        return progress;
    }

    /// How many rows of each instrument were received since the start, but for those of the last seconds. Any thread
    /// may ask.
    public Map<Instrument.Key, Long> receivedOf() {
        Map<Instrument.Key, Long> received = new HashMap<>();
        receivedOf.forEach((key, count) -> received.put(key, count.sum()));
        return received;
    }

    /// What an instrument gave on all connections since the start; null before its first trade. A snapshot proves
    /// nothing and does not count. Any thread may ask.
    public @Nullable Pulse pulse(Instrument.Key instrument) {
        return pulseOf.get(instrument);
    }

    /// How long trades of streams took from the exchange's time to our receipt, both clocks as they are, since the
    /// start. Any thread may ask.
    public Map<Market, LatencyCounts> receipt() {
        return Map.copyOf(receipt);
    }

    /// Grows all the time, some hundred times a second when there is nothing to do: whoever sees it stand still knows
    /// that the journal thread hangs. Any thread may ask.
    public long turns() {
        return turns.getAcquire();
    }

    /// Up to when, by our clock, every row that was received is in the journal before a position; the counts and
    /// the holes that belong to it follow within seconds. [Instant#MIN] when that cannot be said yet. A tenth of
    /// a second behind the clock at best. Cheap; any thread may ask.
    ///
    /// @param position of the journal: how far it is stored
    public Instant receivedUntil(long position) {
        long nanos = milestones.before(position);
        return nanos == Long.MIN_VALUE ? Instant.MIN : Nanos.instant(nanos);
    }

    /// Ends in order: empties all rings, journals all counts, forces the journal to the disk and closes it.
    /// The sessions must have ended before; a row that comes later is refused with an exception.
    public void stop() {
        stopping = true;
        LockSupport.unpark(thread);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /// As [#stop()].
    @Override
    public void close() {
        stop();
    }

    private void run() {
        try {
            while (!stopping) {
                if (turn() == 0) {
                    LockSupport.parkNanos(this, IDLE_NANOS);
                    Thread.interrupted(); // else it would no longer park; it is stopped in another way
                }
            }
            finish();
        } catch (IOException | RuntimeException | Error e) {
            log.error("The journal thread has ended; nothing is taken in any more", e);
        } finally {
            publish(false);
        }
    }

    /// Takes in a batch of each ring, and does what is due.
    ///
    /// @return how many rows were taken in
    private int turn() {
        ticks = System.nanoTime();
        turns.setRelease(turns.getPlain() + 1); // this thread alone
        takeTold();
        int taken = 0;
        for (Ring ring : rings) {
            taken += take(ring);
        }
        journal.writeOutIfDue(ticks);
        if (ticks - nextCare >= 0) {
            nextCare = ticks + CARE_NANOS;
            care(Nanos.of(clock.instant()));
        }
        if (milestones.isReached() && overflows.isEmpty()) {
            milestones.reached(journal.end());
        }
        return taken;
    }

    private int take(Ring ring) {
        int taken = 0;
        Row row;
        while (taken < BATCH && (row = ring.peek()) != null) {
            if (!told.isEmpty()) {
                takeTold(); // what was said before the row came counts for it
            }
            if (!takeSafely(ring, row)) {
                break;
            }
            ring.remove();
            taken++;
        }
        return taken;
    }

    /// One bad row must not end the thread that all others need.
    private boolean takeSafely(Ring ring, Row row) {
        try {
            return take(ring, row);
        } catch (RuntimeException e) {
            if (spoiled++ == 0) {
                log.error(
                        "A row of {} could not be taken in and is counted as malformed; further ones are only counted",
                        row.instrument().market(),
                        e);
            }
            Account account = account(Instrument.unknown(row.instrument().market())); // its own may be what is wrong
            begin(account, row.receivedAtNanos());
            account.rejected(RejectReason.MALFORMED, 1);
            received++;
            rejected++;
            return true;
        }
    }

    /// @return false when the journal has no room now: the row is to be offered again
    private boolean take(Ring ring, Row row) {
        if (!journal.hasRoom()) { // for a count, a trade, and a word before or behind it
            return false;
        }
        Account account = account(row.instrument());
        begin(account, row.receivedAtNanos());
        switch (row) {
            case Trade trade -> {
                take(ring, account, trade);
                if (trade.origin() == Origin.STREAM) {
                    receipt(account).add(trade.receivedAtNanos() - trade.executedAtNanos());
                }
            }
            case Consumed gone -> take(ring, account, gone);
            case Rejected refused -> reject(ring, account, refused);
        }
        return true;
    }

    private void take(Ring ring, Account account, Trade trade) {
        if (trade.origin() == Origin.STREAM) {
            beat(ring, account, trade);
        }
        Verdict verdict = account.filter.check(trade);
        if (verdict == Verdict.DUPLICATE && ring.way != Ring.Way.MISSED) {
            account.duplicate();
            account.byRest(ring.byRest());
            received++;
            duplicate++;
            return;
        }
        // Of a connection that does not carry it yet nobody knows since when it gives everything.
        boolean isProven = account.filter instanceof RecentFilter && ring.carries(account);
        if (account.filter instanceof RecentFilter && !isProven && account.delivery.isFirstUnproven(trade)) {
            appended(journal.append(new Entry.Unproven(account.instrument)));
        }
        try {
            appended(journal.append(trade));
        } catch (IllegalArgumentException e) {
            reject(ring, account, Rejected.of(trade, RejectReason.MALFORMED, String.valueOf(e.getMessage())));
            return;
        }
        boolean isLate = verdict == Verdict.LATE && trade.origin() == Origin.STREAM;
        if (isProven) {
            long silentSince = account.delivery.traded(trade);
            if (silentSince > 0) {
                suspect(account, Gap.SILENCE, silentSince, trade.receivedAtNanos());
            }
        }
        account.journaled(isLate); // before anything more is appended: the state may be saved there
        account.byRest(ring.byRest());
        received++;
        journaled++;
        late += isLate ? 1 : 0;
        if (account.filter.seen(trade, ticks)) {
            found(account, trade.sequence());
        }
        watch(account);
    }

    private void beat(Ring ring, Account account, Trade trade) {
        ring.pulse(account).traded(trade);
        Pulse pulse = account.pulse;
        if (pulse == null) {
            pulse = pulseOf.computeIfAbsent(account.instrument.key(), _ -> new Pulse());
            account.pulse = pulse;
        }
        pulse.traded(trade);
    }

    private void take(Ring ring, Account account, Consumed gone) {
        if (ring.way != Ring.Way.MISSED && account.filter.check(gone) == Verdict.DUPLICATE) {
            return; // it was counted when it came first
        }
        appended(journal.append(gone));
        account.consumed(1);
        consumed++;
        if (account.filter.seen(gone, ticks)) {
            found(account, gone.sequence());
        }
        watch(account);
    }

    /// Its number stays open: a refill may bring it in order.
    private void reject(Ring ring, Account account, Rejected refused) {
        long second = Math.floorDiv(refused.receivedAtNanos(), Nanos.PER_SECOND);
        if (second != detailSecond) {
            detailSecond = second;
            detailsLeft = settings.detailsPerSecond();
        }
        if (detailsLeft > 0) {
            detailsLeft--;
            journal.append(new Entry.RejectedRow(
                    refused.instrument(), refused.reason(), refused.receivedAtNanos(), refused.detail()));
        }
        account.rejected(refused.reason(), 1);
        account.byRest(ring.byRest());
        received++;
        rejected++;
        unknown += refused.reason() == RejectReason.UNKNOWN_INSTRUMENT ? 1 : 0;
    }

    /// A row that is not in the journal must never pass for one that is.
    private static void appended(boolean done) {
        if (!done) {
            throw new IllegalStateException("the journal had room and took nothing");
        }
    }

    private void found(Account account, long sequence) {
        journal.append(new Entry.HoleFound(account.instrument, sequence, Nanos.of(clock.instant())));
    }

    private Account account(Instrument instrument) {
        return accounts.of(instrument);
    }

    private LatencyCounts receipt(Account account) {
        LatencyCounts known = account.receipt;
        if (known == null) {
            known = receipt.computeIfAbsent(account.instrument.market(), _ -> new LatencyCounts());
            account.receipt = known;
        }
        return known;
    }

    /// What is counted next was received then. Room for one append must be there.
    private void begin(Account account, long receivedAtNanos) {
        long second = Math.floorDiv(receivedAtNanos, Nanos.PER_SECOND);
        account.lastReceivedAtNanos = receivedAtNanos;
        if (account.second() != second) {
            if (account.hasCounts()) {
                journalCounts(account);
            }
            account.begin(second);
        }
        if (!account.counting) {
            account.counting = true;
            counting.add(account);
        }
    }

    private void journalCounts(Account account) {
        Entry.Counted counts = account.counted();
        journal.append(counts);
        receivedOf
                .computeIfAbsent(account.instrument.key(), _ -> new LongAdder())
                .add(counts.received());
        account.clearCounts();
    }

    private void count(Account account) {
        if (account.hasCounts() && !account.counting) {
            account.counting = true;
            counting.add(account);
        }
    }

    private void watch(Account account) {
        if (!account.watched && account.filter instanceof ContiguousFilter filter && filter.hasUnreported()) {
            account.watched = true;
            watched.add(account);
        }
    }

    /// What need not be done for every row.
    private void care(long nowNanos) {
        takeOverflows();
        lookForSilence(nowNanos);
        milestones.begin(nowNanos, rings);
        journalCounts(nowNanos - SECOND_OVER_NANOS);
        reportGaps(nowNanos, false);
        for (Ring ring : rings) {
            if (ring.isOver(ticks, settings.ringWait().toNanos() + LINGER_NANOS)) {
                ring.gone();
                take(ring);
                boolean told = broke(ring, nowNanos); // where nobody said so
                if (told && ring.size() == 0) {
                    rings.remove(ring);
                }
            }
        }
        if (ticks - nextProgress >= 0) {
            nextProgress = ticks + PROGRESS_NANOS;
            publish(true);
        }
    }

    /// Journals the counts of all seconds that were over at this time.
    ///
    /// @return false when there was no room for all
    private boolean journalCounts(long overAtNanos) {
        long current = Math.floorDiv(overAtNanos, Nanos.PER_SECOND);
        for (int i = counting.size() - 1; i >= 0; i--) {
            Account account = counting.get(i);
            boolean isToCome = account.second() > current + 1; // the clock was set back
            if (account.second() >= current && !isToCome) {
                continue;
            }
            if (account.hasCounts()) {
                if (!journal.hasRoom()) {
                    return false;
                }
                journalCounts(account);
            }
            account.counting = false;
            counting.set(i, counting.getLast());
            counting.removeLast();
        }
        return true;
    }

    /// @param last whether nothing more will come
    /// @return false when there was no room for all
    private boolean reportGaps(long nowNanos, boolean last) {
        for (int i = watched.size() - 1; i >= 0; i--) {
            Account account = watched.get(i);
            if (account.filter instanceof ContiguousFilter filter) {
                Gap gap;
                while ((gap = last ? filter.dueAtLast(ticks) : filter.due(ticks)) != null) {
                    if (!journal.hasRoom()) {
                        return false;
                    }
                    open(new Entry.HoleOpened(
                            account.instrument,
                            gap.cause,
                            gap.from,
                            gap.to,
                            gap.beforeNanos,
                            gap.afterNanos,
                            gap.missing,
                            nowNanos));
                    filter.reported(gap);
                }
                if (filter.hasUnreported()) {
                    continue;
                }
            }
            account.watched = false;
            watched.set(i, watched.getLast());
            watched.removeLast();
        }
        return true;
    }

    private void takeTold() {
        Told next;
        while ((next = told.peek()) != null && journal.hasRoom() && take(next)) { // for an entry and a hole
            told.remove();
        }
    }

    /// @return false when it is to be taken later
    private boolean take(Told said) {
        switch (said) {
            case Told.Carried(Ring ring, Instrument instrument, long atNanos) -> {
                if (isProvenByConnection(instrument)) {
                    carried(ring, account(instrument), atNanos);
                }
            }
            case Told.Left(Ring ring, Instrument instrument) -> {
                if (isProvenByConnection(instrument)) {
                    Account account = account(instrument);
                    ring.carried().remove(account);
                    left(account, ring);
                }
            }
            case Told.Silent(Ring ring, Instrument instrument) -> {
                Account account = account(instrument);
                if (isProvenByConnection(instrument) && ring.carries(account)) {
                    silent(account, Nanos.of(clock.instant()));
                }
            }
            case Told.Broke(Ring ring, long atNanos) -> {
                if (ring.size() > 0 || ring.isOverflowing()) {
                    return false; // what it gave before counts
                }
                return broke(ring, atNanos);
            }
            case Told.Closed(Entry.HoleClosed hole) -> {
                journal.append(hole);
                if (account(hole.instrument()).filter instanceof ContiguousFilter filter) {
                    filter.closed(hole.fromId(), hole.toId());
                }
            }
        }
        return true;
    }

    private boolean isProvenByConnection(Instrument instrument) {
        return account(instrument).filter instanceof RecentFilter;
    }

    private void carried(Ring ring, Account account, long atNanos) {
        if (!ring.carried().add(account)) {
            return;
        }
        Delivery delivery = account.delivery;
        if (delivery.isNew()) {
            journal.append(new Entry.Collected(account.instrument, true, atNanos));
            delivery.collected(true, atNanos);
        }
        account.lastReceivedAtNanos = Math.max(account.lastReceivedAtNanos, atNanos);
        if (delivery.isSilent() && delivery.lastExecutedNanos() > 0) { // what another connection did not give
            suspect(account, Gap.SILENCE, delivery.lastExecutedNanos(), atNanos);
        }
        if (delivery.carried(ring, atNanos)) {
            suspect(account, delivery.cause(), delivery.suspectSinceNanos(), atNanos);
        } else if (delivery.isUnproven()) {
            journal.append(new Entry.Collected(account.instrument, true, atNanos));
        }
        delivery.unproven(false);
    }

    private void left(Account account, Ring ring) {
        long now = Nanos.of(clock.instant());
        Delivery delivery = account.delivery;
        if (delivery.isBroken()) {
            suspect(account, delivery.cause(), delivery.suspectSinceNanos(), now);
        }
        boolean wasCollected = !delivery.isNew();
        delivery.left(ring);
        if (wasCollected && delivery.isNew()) {
            journal.append(new Entry.Collected(account.instrument, false, now));
        }
    }

    /// @return false when there was no room for all
    private boolean broke(Ring ring, long atNanos) {
        for (Iterator<Account> carried = ring.carried().iterator(); carried.hasNext(); carried.remove()) {
            if (!journal.hasRoom()) {
                return false;
            }
            Account account = carried.next();
            long since = account.delivery.broke(ring, atNanos);
            if (since > 0) {
                suspect(account, Gap.DISCONNECT, account.delivery.executedBefore(atNanos), since);
            }
        }
        return true;
    }

    /// A stretch that may lack trades, where numbers prove nothing.
    private void suspect(Account account, String cause, long fromNanos, long toNanos) {
        open(new Entry.HoleOpened(
                account.instrument, cause, -1, -1, fromNanos, toNanos, -1, Nanos.of(clock.instant())));
    }

    private void silent(Account account, long nowNanos) {
        if (account.delivery.isSilencedNow()) {
            long last = account.delivery.lastExecutedNanos();
            suspect(account, Gap.SILENCE, last > 0 ? last : account.delivery.aliveNanos(), nowNanos);
        }
    }

    private void open(Entry.HoleOpened hole) {
        journal.append(hole);
        Consumer<Entry.HoleOpened> watch = watches.get(hole.instrument().market());
        if (watch != null) {
            watch.accept(hole);
        }
    }

    private void lookForSilence(long nowNanos) {
        if (ticks - nextSilence < 0) {
            return;
        }
        nextSilence = ticks + SILENCE_NANOS;
        for (Account account : accounts.all()) {
            if (account.filter instanceof RecentFilter && journal.hasRoom() && account.delivery.fellSilent(nowNanos)) {
                suspect(account, Gap.SILENCE, account.delivery.lastExecutedNanos(), nowNanos);
            }
        }
    }

    private void takeOverflows() {
        if (ticks - nextOverflow >= 0 && overflows.isEmpty()) {
            for (Ring ring : rings) {
                if (ring.isOverflowing()) {
                    overflows.addAll(ring.takeOverflows());
                    nextOverflow = ticks + OVERFLOW_NANOS; // the first one at once: a kill would take it along
                }
            }
        }
        while (!overflows.isEmpty() && journal.hasRoom()) { // for a count and a hole
            enter(overflows.removeFirst());
        }
    }

    private void enter(Overflow overflow) {
        Account account = account(overflow.instrument);
        begin(account, overflow.receivedAtNanos);
        overflow.rejected.forEach(account::rejected);
        account.consumed(overflow.consumed);
        received += overflow.received();
        rejected += overflow.received();
        unknown += overflow.rejected.getOrDefault(RejectReason.UNKNOWN_INSTRUMENT, 0L);
        consumed += overflow.consumed;
        long missing = overflow.trades + overflow.consumed;
        if (missing == 0) {
            return;
        }
        if (account.filter instanceof ContiguousFilter filter && overflow.lastSequence >= 0) {
            filter.lost(overflow.firstSequence, overflow.lastSequence, overflow.firstNanos, overflow.lastNanos, ticks);
            watch(account);
        } else {
            open(new Entry.HoleOpened(
                    account.instrument,
                    Gap.OVERFLOW,
                    -1,
                    -1,
                    overflow.firstNanos,
                    overflow.lastNanos,
                    missing,
                    Nanos.of(clock.instant())));
        }
    }

    /// Everything that is in the rings, and everything that is counted, into the journal.
    private void finish() throws IOException {
        long deadline = System.nanoTime() + settings.stopWait().toNanos();
        boolean done;
        do {
            nextOverflow = System.nanoTime();
            nextCare = nextOverflow;
            boolean idle = turn() == 0;
            done = waiting() == 0
                    && told.isEmpty()
                    && overflows.isEmpty()
                    && rings.stream().noneMatch(Ring::isOverflowing);
            if (idle && !done) {
                LockSupport.parkNanos(this, IDLE_NANOS);
            }
        } while (!done && System.nanoTime() - deadline < 0);
        for (Ring ring : rings) {
            ring.gone();
        }
        turn();
        boolean counted = done && journalCounts(Long.MAX_VALUE) && reportGaps(Nanos.of(clock.instant()), true);
        if (counted) {
            milestones.reached(Nanos.of(clock.instant()), journal.end());
        } else {
            log.error(
                    "The journal did not take everything before the stop: {} rows are lost ({})",
                    waiting(),
                    journal.refusal());
        }
        journal.close();
    }

    private int waiting() {
        int waiting = 0;
        for (Ring ring : rings) {
            waiting += ring.size();
        }
        return waiting;
    }

    private void publish(boolean running) {
        if (writtenPosition != journal.written()) {
            writtenPosition = journal.written();
            writtenOutAt = clock.instant();
        }
        holes = accounts.holes();
        progress = new Progress(
                received,
                journaled,
                duplicate,
                late,
                rejected,
                unknown,
                consumed,
                holes,
                rings.size(),
                waiting(),
                writtenOutAt,
                journal.refusal(),
                running);
    }
}
